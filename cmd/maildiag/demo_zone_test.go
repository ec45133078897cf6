package main

import (
	"strings"
	"testing"
)

// TestDemoNameServers asks the name servers of each demo world's domains directly.
func TestDemoNameServers(t *testing.T) {
	for _, d := range demoWorlds() {
		for _, name := range d.domains {
			out, errs, code := maildiag(t, "", "consistency", name, "--demo", d.name)
			if !strings.Contains(out, "\nCONSISTENT ") {
				t.Errorf("%s: exit code %d\n%s%s", d.name, code, out, errs)
			}
		}
	}
}

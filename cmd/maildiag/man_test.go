package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestManual: each command has a page with the sections that readers look for, and
// mandoc finds nothing wrong, where there is a mandoc.
func TestManual(t *testing.T) {
	root := (&app{}).rootCmd()
	pages := manual(root, "2026-11-26")
	for _, c := range root.Commands() {
		if _, ok := pages["maildiag-"+c.Name()+".1"]; ok != c.IsAvailableCommand() {
			t.Errorf("%s: page %v, offered %v", c.Name(), ok, c.IsAvailableCommand())
		}
	}
	mandoc, err := exec.LookPath("mandoc")
	if err != nil && os.Getenv("MAILDIAG_MANDOC") == "required" {
		t.Fatal(err)
	}
	for name, page := range pages {
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"} {
			if !bytes.Contains(page, []byte("\n.SH "+section+"\n")) {
				t.Errorf("%s has no section %s", name, section)
			}
		}
		if err != nil {
			continue
		}
		lint := exec.Command(mandoc, "-Tlint", "-W", "warning")
		lint.Stdin = bytes.NewReader(page)
		if out, err := lint.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestRoff: no text becomes a request.
func TestRoff(t *testing.T) {
	for in, want := range map[string]string{
		"": "", ".SH X": `\&.SH X`, "'x": `\&'x`, `a\b`: `a\eb`, "--as-of": `\-\-as\-of`, "a.b": "a.b",
	} {
		if got := roff(in); got != want || strings.HasPrefix(got, ".") {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

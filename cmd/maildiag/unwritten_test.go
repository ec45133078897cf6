package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// Row 18 of issue 16: whatever cannot be written, the exit code is 3, with one
// line that says so.
func TestRow18_FullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	for _, args := range []string{"checks", "checks mx", "--help", "smtp --help", "version", "--version", "demo --list", "demo", "demo broken --json", "explain 5.7.1",
		"explain --list", "completion bash", "plan --demo broken", "plan --demo broken --to zone", "migrate --demo migrate-before", "migrate --demo migrate-before --json", "migrate --demo migrate-before --to zone",
		"demo migrate before --format html", "dmarc --demo broken", "spf --demo broken --json", "smtp --demo firewall --format nagios"} {
		var errs bytes.Buffer
		code := run(t.Context(), strings.Fields(args), strings.NewReader(""), full, &errs)
		if code != exitUnknown || strings.Count(errs.String(), "maildiag: error:") != 1 {
			t.Errorf("%s: exit %d, %s", args, code, errs.String())
		}
	}
}

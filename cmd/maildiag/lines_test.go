package main

import (
	"strings"
	"testing"
)

// TestReportLines holds what a report costs a reader: a correct domain a glance, and
// one in the middle of its migration a page of 80 columns.
func TestReportLines(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	for world, most := range map[string]int{"": 20, "migrating": 45} {
		args := []string{"demo"}
		if world != "" {
			args = append(args, world)
		}
		out, errs, _ := maildiag(t, "", args...)
		if n := strings.Count(out, "\n"); n > most || n < 10 {
			t.Errorf("demo %s: %d lines, at most %d:\n%s%s", world, n, most, out, errs)
		}
		for l := range strings.Lines(out) {
			if n := len([]rune(strings.TrimRight(l, "\n"))); n > 80 {
				t.Errorf("demo %s: a line of %d columns: %s", world, n, l)
			}
		}
	}
}

package main

import "testing"

// Several files are not read as one text; words that hold a path are.
func TestExplainSeveralFiles(t *testing.T) {
	for _, args := range [][]string{{"a.eml", "b.eml"}, {"./spam/full.eml", "missing.msg"}, {"x.txt", "y.txt", "z.txt"}} {
		if out, _, code := maildiag(t, "", append([]string{"explain"}, args...)...); code != exitUsage || out != "" {
			t.Errorf("%v: exit code %d, %q", args, code, out)
		}
	}
	if _, stderr, code := maildiag(t, "", "explain", "550", "5.1.1", "user", "unknown"); code != exitOK {
		t.Errorf("words: exit code %d: %s", code, stderr)
	}
}

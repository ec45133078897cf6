package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the README's transcripts anew")

// steady replaces what differs from run to run.
func steady(s string) string {
	s = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC`).ReplaceAllString(s, "2026-11-23 10:31 UTC")
	s = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(s, "127.0.0.1:53053")
	s = regexp.MustCompile(`time=[0-9.]+`).ReplaceAllString(s, "time=0.008")
	return regexp.MustCompile(`\b[0-9.]+ m?s\b`).ReplaceAllString(s, "8 ms")
}

// TestREADME runs the commands of the README's transcripts and compares.
func TestREADME(t *testing.T) {
	t.Setenv("LANG", "C.UTF-8")
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```console\n\\$ go run ./cmd/maildiag ([^\n]*)\n(.*?)```")
	found := block.FindSubmatchIndex(raw)
	if found == nil {
		t.Fatal("the README has no transcript")
	}
	if line := bytes.Count(raw[:found[0]], []byte("\n")) + 1; line >= 20 {
		t.Errorf("the first transcript is at line %d, want it above 20", line)
	}
	made := block.ReplaceAllFunc(raw, func(b []byte) []byte {
		m := block.FindSubmatch(b)
		var out, errs bytes.Buffer
		run(t.Context(), strings.Fields(string(m[1])), strings.NewReader(""), &out, &errs)
		if errs.Len() > 0 {
			t.Errorf("%s: %s", m[1], errs.String())
		}
		return []byte("```console\n$ go run ./cmd/maildiag " + string(m[1]) + "\n" + steady(out.String()) + "```")
	})
	if bytes.Equal(raw, made) {
		return
	}
	if *update {
		if err := os.WriteFile("../../README.md", made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the README's transcript is not what the command prints; -update writes it:\n%s", made[found[0]:])
}

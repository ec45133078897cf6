package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// findingsDoc returns docs/findings.md as the code has it.
func findingsDoc() string {
	var b strings.Builder
	b.WriteString("# Findings\n\nEvery finding of maildiag has a code. `maildiag checks CODE` prints the same text as this page.\n" +
		"This file is generated: `go test ./cmd/maildiag -run TestFindingsDoc -update` writes it again.\n")
	check := ""
	for _, p := range codePages() {
		if c, _, _ := strings.Cut(p.Code, "."); c != check {
			check = c
			fmt.Fprintf(&b, "\n## %s\n", check)
		}
		fmt.Fprintf(&b, "\n### %s\n\n", p.Code)
		for _, part := range codeParts(p) {
			fmt.Fprintf(&b, "**%s.** %s\n\n", part.head, part.text)
		}
		fmt.Fprintf(&b, "**Sources.** %s\n", strings.Join(p.Sources, ", "))
	}
	return b.String()
}

// TestFindingsDoc holds docs/findings.md to the table in the code.
func TestFindingsDoc(t *testing.T) {
	const file = "../../docs/findings.md"
	want := findingsDoc()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the code says; run go test ./cmd/maildiag -run TestFindingsDoc -update", file)
	}
}

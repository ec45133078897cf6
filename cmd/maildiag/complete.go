package main

import (
	"github.com/spf13/cobra"

	"maildiag/checks"
)

// checkCompletions offers the checks with their titles.
func checkCompletions() (out []cobra.Completion) {
	for _, c := range checks.All() {
		out = append(out, cobra.CompletionWithDesc(c.ID, c.Title))
	}
	return out
}

// codeCompletions offers the codes of findings with what they mean.
func codeCompletions() (out []cobra.Completion) {
	for _, p := range codePages() {
		out = append(out, cobra.CompletionWithDesc(p.Code, p.Means))
	}
	return out
}

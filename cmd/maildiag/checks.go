package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/report"
)

func (a *app) checksCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "checks [CHECK|CODE]",
		Short: "List the checks, or explain a check or a finding",
		Long: `Without an argument, lists the checks. With a check (mx), explains it and lists the
codes of its findings. With a code (mx.leftover), explains the finding: what it
means, why it matters, when it is wrong to follow it, and how to fix it.`,
		Example:           "  maildiag checks\n  maildiag checks mx\n  maildiag checks mx.leftover",
		Args:              atMostOne,
		ValidArgsFunction: offer(idValues),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listChecks(a.out)
			}
			return explainID(a.out, strings.ToLower(args[0]))
		},
	}
}

// explainID writes the page of a check or of a finding code.
func explainID(w io.Writer, id string) error {
	if i := slices.IndexFunc(checks.Known(), func(c kit.Check) bool { return c.ID == id }); i >= 0 {
		return explainCheck(w, checks.Known()[i])
	}
	pages := codePages()
	if i := slices.IndexFunc(pages, func(p kit.CodeDoc) bool { return p.Code == id }); i >= 0 {
		return explainCode(w, pages[i])
	}
	if strings.Contains(id, ".") {
		return usage(cmp.Or(didYouMean(id, codeNames()), "maildiag checks mx lists the codes of a check"),
			"there is no finding %q", id)
	}
	return usage(cmp.Or(didYouMean(id, knownIDs()), "maildiag checks lists the checks"), "there is no check %q", id)
}

// codePages returns the pages of all findings, also of those that no check makes.
func codePages() []kit.CodeDoc { return append(checks.Codes(), changeCodes()...) }

// changeCodes returns the pages of the findings of --baseline and --accept.
func changeCodes() []kit.CodeDoc {
	const noProblem = "It is information: nothing needs to be fixed."
	sources := []string{"maildiag check --help"}
	return []kit.CodeDoc{
		{
			Code:    report.BaselineCheck + ".compared",
			Means:   "How many findings are new, fixed or unchanged since the run that --baseline names.",
			Why:     "It shows what a change of the records did.",
			Wrong:   noProblem,
			Fix:     "Look at the findings that are marked as new.",
			Sources: sources,
		},
		{
			Code:    report.BaselineCheck + ".missing",
			Means:   "The run that --baseline names did not check this domain.",
			Why:     "All findings count as new.",
			Wrong:   noProblem,
			Fix:     "Save a run that contains the domain: --format ndjson -o FILE.",
			Sources: sources,
		},
		{
			Code:    acceptCheck + ".active",
			Means:   "Which exceptions of the file of --accept apply to this domain.",
			Why:     "The problems that they accept do not count in the verdict.",
			Wrong:   noProblem,
			Fix:     "Nothing is to be done.",
			Sources: sources,
		},
		{
			Code:    acceptCheck + ".expired",
			Means:   "A finding was accepted until a day that has passed, and it is still there.",
			Why:     "It counts again, as long as it is not fixed or accepted anew.",
			Wrong:   "If the reason still applies, set a later day instead of fixing it.",
			Fix:     "Fix the finding, or set a later day in the file of --accept.",
			Sources: sources,
		},
		{
			Code:    acceptCheck + ".unused",
			Means:   "An accepted finding no longer exists.",
			Why:     "An exception that is not needed would hide the finding if it came back.",
			Wrong:   "Keep the line if the finding comes and goes.",
			Fix:     "Delete the line from the file of --accept.",
			Sources: sources,
		},
	}
}

func codeNames() (names []string) {
	for _, p := range codePages() {
		names = append(names, p.Code)
	}
	return names
}

// checkIDs returns the checks that every run has.
func checkIDs() []string { return kit.IDs(checks.All()) }

// knownIDs returns all checks.
func knownIDs() []string { return kit.IDs(checks.Known()) }

func listChecks(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "ID\tTITLE\tNEEDS")
	for _, c := range checks.All() {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", c.ID, c.Title, strings.Join(c.Needs, ", "))
	}
	return tw.Flush()
}

// part is a section of a page.
type part struct{ head, text string }

func explainCheck(w io.Writer, c kit.Check) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", c.ID, c.Title)
	if len(c.Needs) > 0 {
		fmt.Fprintf(&b, "needs: %s\n", strings.Join(c.Needs, ", "))
	}
	writeParts(&b, []part{{"What it means", c.Doc.Means}, {"Why it matters", c.Doc.Why}, {"How to fix it", c.Doc.Fix}})
	b.WriteString("\nFindings\n")
	listCodes(&b, c.ID)
	writeSources(&b, c.Doc.Sources)
	_, err := io.WriteString(w, b.String())
	return err
}

// listCodes lists the findings of a check, each with the first sentence of its page.
func listCodes(b *strings.Builder, check string) {
	const column = 26 // where the sentences begin
	for _, p := range checks.Codes() {
		if c, _, _ := strings.Cut(p.Code, "."); c == check {
			means, _, _ := strings.Cut(p.Means, ". ")
			lines := report.Wrap(strings.TrimSuffix(means, ".")+".", strings.Repeat(" ", column), textWidth)
			fmt.Fprintf(b, "  %-*s%s", column-2, p.Code, lines[column:])
		}
	}
}

func explainCode(w io.Writer, p kit.CodeDoc) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", p.Code)
	writeParts(&b, codeParts(p))
	writeSources(&b, p.Sources)
	_, err := io.WriteString(w, b.String())
	return err
}

// codeParts returns the sections of the page of a finding.
func codeParts(p kit.CodeDoc) []part {
	return []part{
		{"What it means", p.Means},
		{"Why it matters", p.Why},
		{"When it is wrong to follow it", p.Wrong},
		{"How to fix it", p.Fix},
	}
}

func writeParts(b *strings.Builder, parts []part) {
	for _, p := range parts {
		fmt.Fprintf(b, "\n%s\n%s", p.head, report.Wrap(p.text, "  ", textWidth))
	}
}

func writeSources(b *strings.Builder, sources []string) {
	b.WriteString("\nSources\n")
	for _, s := range sources {
		fmt.Fprintf(b, "  %s\n", s)
	}
}

const textWidth = 80 // columns of prose that is not a report

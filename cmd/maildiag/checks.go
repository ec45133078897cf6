package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"maildiag/checks"
	"maildiag/checks/kit"
)

func (a *app) checksCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "checks [ID]",
		Short: "List the checks, or explain one",
		Args:  cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return checkIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listChecks(a.out)
			}
			id, _, _ := strings.Cut(strings.ToLower(args[0]), ".")
			all := checks.All()
			i := slices.IndexFunc(all, func(c kit.Check) bool { return c.ID == id })
			if i < 0 {
				return usage("maildiag checks lists them", "there is no check %q", args[0])
			}
			return explainCheck(a.out, all[i])
		},
	}
}

func checkIDs() (ids []string) {
	for _, c := range checks.All() {
		ids = append(ids, c.ID)
	}
	return ids
}

func listChecks(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "ID\tTITLE\tNEEDS")
	for _, c := range checks.All() {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", c.ID, c.Title, strings.Join(c.Needs, ", "))
	}
	return tw.Flush()
}

func explainCheck(w io.Writer, c kit.Check) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", c.ID, c.Title)
	if len(c.Needs) > 0 {
		fmt.Fprintf(&b, "needs: %s\n", strings.Join(c.Needs, ", "))
	}
	for _, part := range []struct{ head, text string }{
		{"What it means", c.Doc.Means}, {"Why it matters", c.Doc.Why}, {"How to fix it", c.Doc.Fix},
	} {
		fmt.Fprintf(&b, "\n%s\n%s", part.head, wrap(part.text, "  ", textWidth))
	}
	fmt.Fprintf(&b, "\nSources\n")
	for _, s := range c.Doc.Sources {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const textWidth = 80 // columns of prose that is not a report

// wrap breaks text at blanks into lines of at most width columns (ASCII text
// of our own), each after indent.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line)+len(word) > width && line != indent {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += word + " "
	}
	return b.String() + strings.TrimRight(line, " ") + "\n"
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"maildiag/checks/facts"
	"maildiag/report"
)

// factsSchema names the form of the JSON document. What it holds is API.
const factsSchema = "maildiag.facts/v1"

func (a *app) factsCmd() *cobra.Command {
	var day string
	var asJSON bool
	c := &cobra.Command{
		Use:   "facts",
		Short: "List the facts that may change, with their source and age",
		Long: `facts lists what maildiag knows about Microsoft and others and what may change: the
fact, its source, and the day on which the source was last read. Facts that were
read more than a year before today (or --as-of) are marked.`,
		Example: "  maildiag facts\n  maildiag facts --as-of 2028-01-01\n  maildiag facts --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			now, err := asOf(day, time.Now())
			if err != nil {
				return err
			}
			if asJSON {
				return writeFactsJSON(a.out, now)
			}
			return writeFacts(a.out, now)
		},
	}
	c.Flags().StringVar(&day, "as-of", "", "judge ages as of `YYYY-MM-DD` instead of today")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON document")
	return c
}

const oneDay = 24 * time.Hour

func writeFactsJSON(w io.Writer, now time.Time) error {
	type row struct {
		facts.Fact
		AgeDays int  `json:"age_days"`
		Aged    bool `json:"aged"`
	}
	var rows []row
	for _, f := range facts.All() {
		rows = append(rows, row{f, int(f.Age(now) / oneDay), f.Aged(now)})
	}
	enc := json.NewEncoder(report.EscapedJSON(w))
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Schema string `json:"schema"`
		AsOf   string `json:"as_of"`
		Facts  []row  `json:"facts"`
	}{factsSchema, now.UTC().Format(time.DateOnly), rows})
}

func writeFacts(w io.Writer, now time.Time) error {
	aged := 0
	for _, f := range facts.All() {
		mark := ""
		if f.Aged(now) {
			mark = "  READ AGAIN"
			aged++
		}
		if f.Unsure {
			mark += "  not confirmed"
		}
		if _, err := fmt.Fprintf(w, "%s  read %s (%d days ago)%s\n%s\n  %s\n", f.ID, f.Read, int(f.Age(now)/oneDay), mark,
			strings.TrimRight(report.Wrap(f.Fact, "  ", textWidth), "\n"), f.Source); err != nil {
			return err
		}
	}
	if aged == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%d facts may have changed since they were read. Install a newer version, or check their sources.\n", aged)
	return err
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"maildiag/report"
	"maildiag/report/planfmt"
)

// planFlags are the flags of maildiag plan.
type planFlags struct {
	checkFlags
	to      string
	done    []int
	reports []string
}

func (a *app) planCmd() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "plan DOMAIN",
		Short: "Print what to change, for people or for the tool that changes it",
		Long: `Checks a domain and prints only what to do: one change a record set, in an order
in which it is safe to stop after each step. Every record that it prints has been
tried: the checks were run again over the changed answers.

--to writes the plan for the tool that you change DNS with:

` + planFormats() + `
--reports reads DMARC aggregate reports, as maildiag reports does, and says in the
step about the DMARC policy what a stricter one would have done to the mail of
your senders.

Exit code: 0 if there is nothing to do, 1 if there is, 3 if the domain could not
be checked.`,
		Example: `  maildiag plan contoso.com
  maildiag plan contoso.com --to nsupdate | nsupdate -k key
  maildiag plan contoso.com --to ticket -o ticket.txt
  maildiag plan contoso.com --reports ~/dmarc-reports`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			args = f.names(args)
			if len(args) == 0 {
				return usage("maildiag plan contoso.com", "no domain given")
			}
			if f.json && c.Flags().Changed("to") && f.to != "json" {
				return usage("leave out one of them", "--json and --to %s contradict each other", f.to)
			} else if f.json {
				f.to = "json"
			}
			if !slices.Contains(planfmt.FormatNames(), f.to) {
				return usage(cmp.Or(didYouMean(f.to, planfmt.FormatNames()), "--to "+orList(planfmt.FormatNames())), "there is no format %q", f.to)
			}
			args, err := f.zone.split(args)
			if err != nil {
				return err
			}
			w, err := f.openWith(&f.zone, args)
			if err != nil {
				return err
			}
			return closing(w, a.plan(c.Context(), args[0], &f, w))
		},
	}
	fs := c.Flags()
	fs.StringVar(&f.to, "to", "text", "`FORMAT` of the plan: "+strings.Join(planfmt.FormatNames(), ", "))
	fs.BoolVar(&f.json, "json", false, "the same as --to json")
	fs.IntSliceVar(&f.done, "done", nil, "steps that are finished: `N,...`; what waits for them is written too")
	fs.StringArrayVar(&f.reports, "reports", nil, "`FILE` or folder of DMARC reports, as evidence for the step about the policy (repeatable)")
	fs.StringVarP(&f.output, "output", "o", "", "write the plan to `FILE` instead of stdout, whole or not at all")
	f.netFlags.add(fs)
	f.domainFlags.add(fs)
	f.zone.add(fs)
	return c
}

// planFormats lists the formats of --to, one a line.
func planFormats() string {
	var b strings.Builder
	for _, f := range planfmt.Formats() {
		b.WriteString("  " + f.Name + strings.Repeat(" ", max(1, 12-len(f.Name))) + f.About + "\n")
	}
	return b.String()
}

// plan checks a domain and writes its plan.
func (a *app) plan(ctx context.Context, name string, f *planFlags, w *world) error {
	envs, err := f.envs([]string{name}, w)
	if err != nil {
		return err
	}
	rows, err := f.rows()
	if err != nil {
		return err
	}
	var reports *evidence
	if len(f.reports) > 0 {
		if reports, err = a.readEvidence(ctx, envs[0].Domain, f, w); err != nil {
			return err
		}
	}
	tally := new(report.Tally)
	var end *report.End
	sink := report.Tee(tally, sinkFunc(func(e report.Event) error {
		if e.End != nil {
			end = e.End
		}
		return nil
	}))
	if err := lookAt(ctx, envs, rows, f.timeout, f.start(w, rows, 1), sink); err != nil {
		return err
	}
	if end == nil || end.Cut {
		return errors.Join(failed("run again; --timeout 90s gives slow servers more time", "the check is not finished, so there is no plan"), context.Cause(ctx))
	}
	p := end.PlanFor(tally.Verdict())
	if reports != nil {
		if err := reports.support(ctx, p); err != nil {
			return err
		}
	}
	if err := checkDone(f.done, p); err != nil {
		return err
	}
	if err := a.writePlan(f, *p, planfmt.Meta{Domain: envs[0].Domain, Version: version(), Done: f.done, Zones: f.survey(ctx, w, p)}); err != nil {
		return err
	}
	if code := tally.ExitCode(); code != exitOK {
		return codeError(code)
	}
	if len(p.Steps) > 0 {
		return codeError(exitFound)
	}
	return nil
}

// checkDone reports numbers of steps that the plan does not have.
func checkDone(done []int, p *report.Plan) error {
	for _, n := range done {
		if slices.ContainsFunc(p.Steps, func(s report.Step) bool { return s.Step == n }) {
			continue
		}
		hint := fmt.Sprintf("the plan has the steps 1 to %d. Run without --done to see them", len(p.Steps))
		if len(p.Steps) == 0 {
			hint = "the plan has no steps: run without --done"
		}
		return usage(hint, "there is no step %d", n)
	}
	return nil
}

// survey finds the zones of the records, and their TTLs, where the format needs
// them.
func (f *planFlags) survey(ctx context.Context, w *world, p *report.Plan) []string {
	g := ground{dns: w.DNS}
	if f.demo == "" && f.replay == "" && f.to != "text" {
		g.open = live
	}
	return g.survey(ctx, p)
}

// writePlan writes a plan to stdout or to the file that is named.
func (a *app) writePlan(f *planFlags, p report.Plan, meta planfmt.Meta) error {
	if f.output == "" || f.output == "-" {
		return planfmt.Write(unguarded(a.out), f.to, p, meta)
	}
	file, err := report.CreateAtomic(f.output)
	if err != nil {
		return usage("name a file in a folder that can be written", "cannot write the plan: %v", err)
	}
	defer file.Discard()
	if err := planfmt.Write(file, f.to, p, meta); err != nil {
		return err
	}
	return file.Commit()
}

// sinkFunc is a sink of one function.
type sinkFunc func(report.Event) error

// Emit implements [report.Sink].
func (f sinkFunc) Emit(e report.Event) error { return f(e) }

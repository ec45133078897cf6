package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/service/api"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/client"
)

func statusCmd(stdout io.Writer) *cobra.Command {
	var f clientFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "status --server URL",
		Short: "List the runs of a server, and who works on them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cl, err := f.client()
			if err != nil {
				return err
			}
			s, err := cl.Fleet(c.Context())
			if err != nil {
				return f.explain(err)
			}
			if asJSON {
				e := json.NewEncoder(stdout)
				e.SetIndent("", "  ")
				return e.Encode(s)
			}
			return writeStatus(stdout, &s)
		},
	}
	f.add(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON (maildiag.fleet/1)")
	return c
}

func writeStatus(w io.Writer, s *api.FleetStatus) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	if len(s.Runs) == 0 {
		fmt.Fprintln(t, "No runs.")
	} else {
		fmt.Fprintln(t, "RUN\tSUBMITTED\tSTATE\tDOMAINS\tCHECKED\tPACE")
	}
	left := 0
	for _, r := range s.Runs {
		left += max(r.Domains-r.Checked, 0)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\n", report.Clean(r.ID), r.Submitted.Format(time.RFC3339), report.Clean(r.State), domainsOf(&r), r.Checked,
			strings.TrimPrefix(paceOf(&r), ", "))
	}
	fmt.Fprintln(t)
	if len(s.Workers) == 0 {
		fmt.Fprintln(t, "No workers. Start maildiagd worker, or the server without --fleet-concurrency 0.")
	} else {
		fmt.Fprintln(t, "SITE\tWORKER\tVERSION\tDOMAINS\tSTATE")
	}
	for _, x := range s.Workers {
		state := "works"
		switch {
		case x.Trouble != "":
			state = "takes no work: " + report.CleanTo(x.Trouble, 100)
		case slices.Contains(s.Drained, x.Site):
			state = "drained"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", report.Clean(x.Site), report.Clean(x.ID), report.Clean(x.Version), x.Domains, state)
	}
	fmt.Fprintf(t, "\nDomains that are not checked yet: %d\n", left)
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// domainsOf returns how many domains a run has.
func domainsOf(r *api.RunStatus) string {
	if r.State == api.StateOpen {
		return "?"
	}
	return fmt.Sprint(r.Domains)
}

// paceOf says how fast a run is, and when it may end.
func paceOf(r *api.RunStatus) string {
	switch {
	case r.State != api.StateRunning:
		return ""
	case r.Checked == 0:
		return ", no results yet"
	case r.Rate == 0:
		return ", no results in the last minute"
	}
	return fmt.Sprintf(", %.3g/s, about %v left", r.Rate, time.Duration(r.Left)*time.Second)
}

func drainCmd(stderr io.Writer) *cobra.Command {
	var f clientFlags
	var site string
	var undo, force bool
	c := &cobra.Command{
		Use:   "drain --server URL --site NAME",
		Short: "Let the workers of a site finish, and take no more work",
		Long: `Lets the workers of a site finish what they do and take no more, until the same
command with --undo. maildiagd status shows when they are idle. What waits is left
to the other sites. A site without workers is refused, as a mistyped name would
be; --force drains it before its workers start.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !bus.ValidName(site) {
				return usage("--site fra; maildiagd status lists the sites", "drain needs --site, the name of a site: 1 to 64 letters, digits, - and _")
			}
			cl, err := f.client()
			if err != nil {
				return err
			}
			if undo {
				err = cl.Undrain(c.Context(), site)
			} else {
				err = cl.Drain(c.Context(), site, force)
			}
			if err != nil {
				return f.explain(err)
			}
			if undo {
				fmt.Fprintf(stderr, "maildiagd: the workers of %s take work again\n", site)
			} else {
				fmt.Fprintf(stderr, "maildiagd: the workers of %s take no more work\n", site)
			}
			return nil
		},
	}
	f.add(c.Flags())
	c.Flags().StringVar(&site, "site", "", "`NAME` of the site")
	c.Flags().BoolVar(&undo, "undo", false, "let them take work again")
	c.Flags().BoolVar(&force, "force", false, "drain a site that has no worker yet")
	return c
}

// resultsFlags are the flags of results.
type resultsFlags struct {
	clientFlags
	run  string
	wait bool
}

func resultsCmd(stdout, stderr io.Writer) *cobra.Command {
	var f resultsFlags
	c := &cobra.Command{
		Use:   "results --server URL --run ID",
		Short: "Write the results of a run",
		Long: `Writes one JSON report a line, as maildiag bulk does, in no order; maildiag render
makes other formats of them. A run that is not done has the reports that are
there, and the exit code 1; with --wait, results waits until it is done.`,
		Example: `  maildiagd results --server http://127.0.0.1:8587 --run ID --wait > result.jsonl`,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.results(c.Context(), stdout, stderr) },
	}
	f.add(c.Flags())
	c.Flags().StringVar(&f.run, "run", "", "`ID` of the run, as maildiagd submit printed it")
	c.Flags().BoolVar(&f.wait, "wait", false, "wait until the run is done")
	return c
}

// results writes what is there.
func (f *resultsFlags) results(ctx context.Context, stdout, stderr io.Writer) error {
	if !bus.ValidName(f.run) {
		return usage("--run ID, as maildiagd submit printed it; maildiagd status lists the runs", "results needs --run, the ID of a run: 1 to 64 letters, digits, - and _")
	}
	c, err := f.client()
	if err != nil {
		return err
	}
	s, err := f.await(ctx, c, stderr)
	if err != nil {
		return f.explain(err)
	}
	lines := &lineCounter{w: stdout}
	if err := c.Results(ctx, f.run, lines); err != nil {
		return failed("the same command starts from the beginning", "the results are not complete: %v", err)
	}
	if lines.shut > 0 {
		fmt.Fprintf(stderr, "maildiagd: nothing is known about the mail servers of %s: where they were checked, port 25 is blocked or changed; /sites shows where\n",
			kit.Plural(lines.shut, "domain", "domains"))
	}
	switch {
	case s.State == api.StateOpen:
		return failed("give the command maildiagd submit --run ID again to complete the list", "the list of this run is not complete; %d reports are there", lines.n)
	case s.State != api.StateDone:
		return failed("--wait waits for the rest", "the run is not done: %d of %d domains", lines.n, s.Domains)
	case lines.n != s.Domains:
		return failed("results are kept for 7 days", "%d reports of %d domains: some have expired", lines.n, s.Domains)
	}
	return nil
}

// lineCounter counts the reports that it writes, and those of networks from which no
// mail server can be reached.
type lineCounter struct {
	w    io.Writer
	n    int
	shut int
	tail []byte // of what was written, shorter than shutCode
}

// shutCode is in a report once at most.
const shutCode = `"code":"mxserver.path"`

func (l *lineCounter) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	l.n += bytes.Count(p[:n], []byte("\n"))
	l.tail = append(l.tail, p[:n]...)
	l.shut += bytes.Count(l.tail, []byte(shutCode))
	l.tail = append(l.tail[:0], l.tail[max(0, len(l.tail)-len(shutCode)+1):]...)
	return n, err
}

// pollTime is how often to ask how far a run is.
const pollTime = time.Second

// await returns how far the run is; with --wait, when it is done.
func (f *resultsFlags) await(ctx context.Context, c *client.Client, stderr io.Writer) (s api.RunStatus, err error) {
	var lost client.Patience
	for last := -1; ; {
		next, err := c.Run(ctx, f.run)
		pause := pollTime
		switch {
		case ctx.Err() != nil:
			return s, context.Cause(ctx)
		case err != nil && last < 0 && !(f.wait && client.IsFault(err)): // it was never there
			return s, err
		case err != nil: // it may be back soon
			if pause, err = lost.After(err); err != nil {
				return s, err
			}
		case !f.wait || next.State == api.StateDone:
			return next, nil
		default:
			if lost.Works(); next.Checked != last {
				fmt.Fprintf(stderr, "maildiagd: %s: %d of %s domains%s\n", next.State, next.Checked, domainsOf(&next), paceOf(&next))
			}
			last = next.Checked
		}
		if err := c.Pause(ctx, pause); err != nil {
			return s, err
		}
	}
}

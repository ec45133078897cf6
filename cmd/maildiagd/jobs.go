package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"maildiag/checks/kit/pause"
	"maildiag/report"
	"maildiag/service/api"
	"maildiag/service/fleet/client"
)

// clientFlags say which server to talk to.
type clientFlags struct {
	server   string
	user     string
	password string
	ca       string
}

func (f *clientFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.server, "server", "http://127.0.0.1:8587", "`URL` of maildiagd")
	fs.StringVar(&f.user, "user", "", "`NAME` to sign in with; needs --password-file")
	fs.StringVar(&f.password, "password-file", "", "`FILE` with the password of --user")
	fs.StringVar(&f.ca, "ca-file", "", "`FILE` with the authorities that sign the certificate of the server (default: the system's)")
}

// maxPassword bounds the file of the password.
const maxPassword = 4096

// client returns a client of the server.
func (f *clientFlags) client() (*client.Client, error) {
	password := ""
	if (f.user == "") != (f.password == "") {
		return nil, usage("--user helpdesk --password-file secret", "--user and --password-file go together")
	}
	if f.password != "" {
		file, err := os.Open(f.password)
		if err != nil {
			return nil, usage("name a file with the password", "--password-file: %v", err)
		}
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, maxPassword))
		if err != nil {
			return nil, usage("name a file with the password", "--password-file: %v", err)
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	c, err := client.New(f.server, f.user, password, f.ca)
	if err != nil {
		return nil, usage("--server https://mailcheck.contoso.com", "--server %s: %v", f.server, err)
	}
	return c, nil
}

// explain says what to do about an error of a request.
func (f *clientFlags) explain(err error) error {
	refused, ok := errors.AsType[*client.Error](err)
	switch {
	case !ok:
		return failed("is maildiagd running there?", "no answer from %s: %v", f.server, err)
	case refused.Status == 401:
		return failed("give --user and --password-file", "%v", err)
	case refused.Status == 404:
		return failed("maildiagd must run there with --fleet; maildiagd status lists the runs", "%v", err)
	}
	return failed("", "%v", err)
}

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
		fmt.Fprintln(t, "RUN\tSUBMITTED\tSTATE\tCHECKED\tDOMAINS")
	}
	for _, r := range s.Runs {
		domains := fmt.Sprint(r.Domains)
		if r.State == api.StateOpen {
			domains = "?"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", report.Clean(r.ID), r.Submitted.Format(time.RFC3339), report.Clean(r.State), r.Checked, domains)
	}
	fmt.Fprintln(t)
	if len(s.Workers) == 0 {
		fmt.Fprintln(t, "No workers. Start maildiagd worker, or the server without --fleet-concurrency 0.")
	} else {
		fmt.Fprintln(t, "SITE\tWORKER\tVERSION\tITEMS\tSTATE")
	}
	for _, x := range s.Workers {
		state := "works"
		switch {
		case x.Trouble != "":
			state = "takes no work: " + report.CleanTo(x.Trouble, 100)
		case slices.Contains(s.Drained, x.Site):
			state = "drained"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", report.Clean(x.Site), report.Clean(x.ID), report.Clean(x.Version), x.Items, state)
	}
	fmt.Fprintf(t, "\nItems in the queue, with those under way: %d\n", s.Waiting)
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

func drainCmd(stderr io.Writer) *cobra.Command {
	var f clientFlags
	var site string
	var undo bool
	c := &cobra.Command{
		Use:   "drain --server URL --site NAME",
		Short: "Let the workers of a site finish, and take no more work",
		Long: `Lets the workers of a site finish what they do and take no more, until the same
command with --undo. maildiagd status shows when they are idle. What waits is left
to the other sites.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if site == "" {
				return usage("--site fra; maildiagd status lists the sites", "drain needs --site")
			}
			cl, err := f.client()
			if err != nil {
				return err
			}
			if err := cl.Drain(c.Context(), site, undo); err != nil {
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
	if f.run == "" {
		return usage("--run ID, as maildiagd submit printed it", "results needs --run")
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

// lineCounter counts the lines that it writes.
type lineCounter struct {
	w io.Writer
	n int
}

func (l *lineCounter) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	l.n += bytes.Count(p[:n], []byte("\n"))
	return n, err
}

// pollTime is how often to ask how far a run is.
const pollTime = time.Second

// await returns how far the run is; with --wait, when it is done.
func (f *resultsFlags) await(ctx context.Context, c *client.Client, stderr io.Writer) (s api.RunStatus, err error) {
	last := -1
	for {
		next, err := c.Run(ctx, f.run)
		refused, ok := errors.AsType[*client.Error](err)
		lost := err != nil && last >= 0 && (!ok || refused.Status >= 500) // the server may be back soon
		switch {
		case err != nil && !lost, ctx.Err() != nil:
			return s, errors.Join(ctx.Err(), err)
		case err == nil && (!f.wait || next.State == api.StateDone):
			return next, nil
		case err == nil && next.Checked != last:
			last = next.Checked
			fmt.Fprintf(stderr, "maildiagd: %s: %d of %d domains\n", next.State, next.Checked, next.Domains)
		}
		if err := pause.For(ctx, pollTime); err != nil {
			return s, err
		}
	}
}

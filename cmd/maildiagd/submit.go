package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/cmd/internal/domainlist"
	"maildiag/dnsrec"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/client"
	"maildiag/service/fleet/job"
)

// submitFlags are the flags of a submission: those of maildiag bulk that say what
// is asked.
type submitFlags struct {
	clientFlags
	job.Options
	timeout time.Duration
	column  string
	run     string
}

func submitCmd(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	var f submitFlags
	c := &cobra.Command{
		Use:   "submit --server URL FILE|-",
		Short: "Hand a list of domains to a server, to be checked",
		Long: `Reads a list of domains from FILE or stdin, as maildiag bulk does, and hands it to
a server that was started with --fleet. The last line of the output is the ID of
the run, for maildiagd status and maildiagd results.

Lines that name no domain are left out, and lead to exit code 3.

--dial-mx adds what maildiag DOMAIN --dial-mx finds about the mail servers. Each site
connects to each address once an hour at most, whatever the number of domains.

While the queue of the server is full, submit waits, and says so. If it is
interrupted, the same command with --run ID continues.`,
		Example: `  maildiagd submit --server http://127.0.0.1:8587 domains.txt
  maildiagd submit --server https://mailcheck.contoso.com --user helpdesk --password-file secret --only mx,spf domains.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("maildiagd submit --server URL domains.txt, or - for stdin", "submit takes one list")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return f.submit(c.Context(), args[0], stdin, stdout, stderr)
		},
	}
	fs := c.Flags()
	f.clientFlags.add(fs)
	fs.StringVar(&f.Expect, "expect", "auto", "what `STATE` the domains must be in: auto, m365 or any")
	fs.StringVar(&f.Cloud, "cloud", "auto", "Microsoft `CLOUD`: auto, worldwide, gcc, gcc-high, dod or china")
	fs.StringSliceVar(&f.Selectors, "selector", nil, "further DKIM `SELECTOR` that must exist (repeatable)")
	fs.StringSliceVar(&f.Gateways, "gateway", nil, "`HOST` of a mail filter in front of the mailboxes, as in the MX record (repeatable)")
	fs.StringVar(&f.CertDays, "cert-days", "", "warn of a certificate `WARN,FAIL` days before its end, and fail then")
	fs.StringSliceVar(&f.Only, "only", nil, "run only these checks: `ID,...`")
	fs.StringSliceVar(&f.Skip, "skip", nil, "leave out these checks: `ID,...`")
	fs.BoolVar(&f.WithSubmission, "with-submission", false, "examine the submission host too")
	fs.BoolVar(&f.DialMX, "dial-mx", false, "connect to the mail servers of the domains on port 25 too, once an hour to each from each site")
	fs.BoolVar(&f.NoPlan, "no-plan", false, "report findings only: do not compose and prove a plan")
	fs.StringVar(&f.AsOf, "as-of", "", "judge dates as of `YYYY-MM-DD` instead of today")
	fs.StringVar(&f.FailOn, "fail-on", "fail", "lowest `STATUS` that leads to exit code 1 of a report: warn or fail")
	fs.DurationVar(&f.timeout, "timeout", 30*time.Second, "time limit for each domain: a `DURATION` such as 90s")
	fs.StringVar(&f.column, "column", "", "the list is CSV: take the column of this `NAME` in the first row, or number (from 1; no header)")
	fs.StringVar(&f.run, "run", "", "`ID` of the run, to go on with a submission that was interrupted (default: a new one)")
	return c
}

// submit hands the list over.
func (f *submitFlags) submit(ctx context.Context, name string, stdin io.Reader, stdout, stderr io.Writer) error {
	f.Timeout = int((f.timeout + time.Second - 1) / time.Second)
	if err := f.Validate(); err != nil {
		return usage(optionHint(err), "%v", err)
	}
	if f.run == "" {
		f.run = rand.Text()
	} else if !bus.ValidName(f.run) {
		return usage("leave --run out", "--run must have 1 to 64 letters, digits, - and _")
	}
	c, err := f.client()
	if err != nil {
		return err
	}
	c.Waiting = func(why string) { fmt.Fprintf(stderr, "maildiagd: waiting: %s\n", why) }
	in := io.NopCloser(stdin)
	if name != "-" {
		if in, err = os.Open(name); err != nil {
			return unreadable(name, err)
		}
	}
	defer in.Close()
	list, err := domainlist.New(in, f.column)
	if err != nil {
		return unreadable(name, err)
	}
	s := &submitter{f: f, client: c, list: list, seen: domainlist.NewNameSet(), name: name, stderr: stderr}
	err = s.all(ctx)
	if err == nil && s.to == nil {
		return usage("write one domain a line", "there is no domain in the list %s", name)
	}
	if s.to != nil {
		fmt.Fprintf(stderr, "maildiagd: %d domains; twice in the list: %d; not a domain name: %d\n", s.to.Domains(), s.repeated, s.bad)
	}
	if err != nil {
		return s.explain(err)
	}
	if _, err = fmt.Fprintln(stdout, f.run); err == nil && s.bad > 0 {
		return &failure{exitPart, fmt.Errorf("left out: %s", kit.Plural(s.bad, "line that names no domain", "lines that name no domain")),
			"the run has all others"}
	}
	return err
}

// optionHint says what an option may be.
func optionHint(err error) string {
	if o, ok := errors.AsType[*job.OptionError](err); ok && (o.Flag == "--only" || o.Flag == "--skip") {
		return "the checks of lists are: " + strings.Join(kit.IDs(checks.BulkRows(nil, nil, true)), ", ")
	}
	return "maildiagd submit --help lists the values"
}

func unreadable(name string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return usage("name a file with one domain a line, or - for stdin", "cannot read the list %s: %v", name, err)
}

// submitter reads a list and hands it over.
type submitter struct {
	f      *submitFlags
	client *client.Client
	list   *domainlist.Reader
	seen   *domainlist.NameSet
	to     *client.Submission // nil: there was no domain yet
	name   string
	stderr io.Writer

	bad, repeated int
}

// listError is an error of the list itself.
type listError struct{ error }

// all hands all domains over, each once.
func (s *submitter) all(ctx context.Context) error {
	for ctx.Err() == nil {
		e, err := s.list.Next()
		if errors.Is(err, io.EOF) {
			if s.to == nil {
				return nil
			}
			return s.to.Seal(ctx)
		}
		if err != nil {
			return listError{err}
		}
		ascii := ""
		if e.Err == nil {
			ascii, _, e.Err = kit.MailDomain(e.Text)
		}
		switch {
		case e.Err != nil:
			s.bad++
			fmt.Fprintf(s.stderr, "maildiagd: %s line %d is left out: %s\n", s.name, e.Line, dnsrec.NameFault(e.Err))
		case !s.seen.Add(ascii):
			s.repeated++
		default:
			if err := s.add(ctx, ascii); err != nil {
				return err
			}
		}
	}
	return context.Cause(ctx)
}

// add hands a domain over.
func (s *submitter) add(ctx context.Context, domain string) (err error) {
	if s.to == nil {
		if s.to, err = s.client.Submit(ctx, s.f.run, &s.f.Options); err != nil {
			s.to = nil
			return err
		}
	}
	return s.to.Add(ctx, domain)
}

// explain says what to do about an error.
func (s *submitter) explain(err error) error {
	if list, ok := errors.AsType[listError](err); ok {
		return unreadable(s.name, list.error)
	}
	if s.to == nil {
		return s.f.explain(err)
	}
	if refused, ok := errors.AsType[*client.Error](err); ok && refused.Status == http.StatusConflict {
		return s.f.explain(err)
	}
	return failed("to go on, give the same command with --run "+s.f.run, "the list is not complete: %v", err)
}

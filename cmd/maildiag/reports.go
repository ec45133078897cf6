package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"maildiag/checks/kit"
	"maildiag/checks/senders"
	"maildiag/checks/senders/intake"
	"maildiag/checks/senders/tlslive"
	"maildiag/checks/senders/tlsreport"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
)

// reportsFlags are the flags of maildiag reports.
type reportsFlags struct {
	netFlags
	domains       []string
	since, until  string
	policy        string
	with, without []string
	notMine       []string
	live          bool
	addresses     bool
	verbose       bool
	format        string
	json          bool
	output        string
	baseline      string

	from, to time.Time
	others   []netip.Prefix // of notMine
	strange  []string       // domains of notMine
}

const reportsHint = "maildiag reports FILE, a folder of reports, or - for stdin"

func (a *app) reportsCmd() *cobra.Command {
	var f reportsFlags
	c := &cobra.Command{
		Use:   "reports FILE|FOLDER|-...",
		Short: "Read DMARC and TLS reports: who sends as a domain, and is p=reject safe",
		Long: `Reads DMARC aggregate reports (RFC 9990, RFC 7489), failure reports (RFC 9991)
and TLS reports (RFC 8460): plain, .gz, .zip, or attached to .eml, .msg and mbox
files. It names the sources of mail From each domain, distinguishes your own
senders from forwarders, mailing lists and spoofing, and shows what p=reject
would do to each.

Without --live nothing is asked of the network: sources are named by Microsoft's
networks and by the domains that passed SPF and DKIM. --live also looks up SPF,
DMARC and host names, and lets --with and --without try a changed SPF record;
--resolver, --demo and --replay do the same. For domains with failures in TLS
reports, it looks up MX, MTA-STS with its policy, and DANE, and says which
failures these still explain.

Exit code: 0 if the policy is safe for all domains, 1 if it would cost mail of
your own, 2 if nothing could be read, 3 if the reports are not enough to decide.
If there are only TLS reports: 1 if sessions failed.`,
		Example: `  maildiag reports ~/dmarc-reports
  maildiag reports --since 2026-10-01 --format html -o dmarc.html reports.mbox
  maildiag reports DIR --live --without google \
    --with include:spf.protection.outlook.com`,
		RunE: func(c *cobra.Command, args []string) error {
			f.live = f.live || typed(c.Flags(), "resolver") // not one of the configuration, which is for all commands
			return a.reports(c.Context(), args, &f)
		},
	}
	fs := c.Flags()
	fs.StringSliceVar(&f.domains, "domain", nil, "report only on this `DOMAIN` and those below it (repeatable)")
	fs.StringVar(&f.since, "since", "", "only reports of this `DAY` and later: 2026-10-01, or 30d for the last 30 days")
	fs.StringVar(&f.until, "until", "", "only reports up to this `DAY`")
	fs.StringVar(&f.policy, "policy", "reject", "`POLICY` to try: none, quarantine or reject")
	fs.StringArrayVar(&f.with, "with", nil, "with --live: what if this `TERM` were added to the SPF record (repeatable)")
	fs.StringArrayVar(&f.without, "without", nil,
		"with --live: what if this `TERM`, or the include of this sender, were removed (repeatable)")
	fs.BoolVar(&f.live, "live", false, "look up SPF, DMARC and host names; for TLS reports MX, MTA-STS and DANE")
	fs.StringSliceVar(&f.notMine, "not-mine", nil, "`ADDR` or network that certainly sends nothing for the domains, or the domain of envelope senders that do not send for you (repeatable)")
	fs.BoolVar(&f.addresses, "addresses", false, "show whole mail addresses of failure reports, not only their domains")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "the rule behind each source, all addresses of failures, all files not read")
	fs.StringVar(&f.format, "format", "text", "`FORMAT` of the result: text, json, csv, html or prometheus")
	fs.BoolVar(&f.json, "json", false, "the same as --format json (schema "+reportsSchema+")")
	fs.StringVarP(&f.output, "output", "o", "", "write the result to `FILE` instead of stdout, whole or not at all")
	fs.StringVar(&f.baseline, "baseline", "", "compare with the JSON of an earlier run in `FILE`")
	f.netFlags.add(fs)
	return c
}

func reportsFormats() []value {
	return []value{{"text", "for people"}, {"json", "one document (schema " + reportsSchema + ")"},
		{"csv", "one line a source"}, {"html", "a page with a chart"}, {"prometheus", "numbers for the textfile collector"}}
}

func policies() []value {
	return []value{{"none", "monitoring only"}, {"quarantine", "mail that fails goes to junk"}, {"reject", "mail that fails is rejected"}}
}

// settle checks the flags before anything is read.
func (f *reportsFlags) settle(now time.Time) (err error) {
	if f.json {
		f.format = "json"
	}
	if err = oneOf("--format", f.format, valueNames(reportsFormats())); err != nil {
		return err
	}
	if err = oneOf("--policy", f.policy, valueNames(policies())); err != nil {
		return err
	}
	f.live = f.live || f.replay != "" || f.demo != ""
	if len(f.with)+len(f.without) > 0 && !f.live {
		return usage("add --live", "--with and --without need the SPF record of the domain")
	}
	for i, d := range f.domains {
		if f.domains[i], _, err = kit.MailDomain(d); err != nil {
			return usage("--domain contoso.com", "--domain: %w", err)
		}
	}
	if err = f.settleNotMine(); err != nil {
		return err
	}
	if f.from, err = dayOf("--since", f.since, now); err != nil {
		return err
	}
	if f.to, err = dayOf("--until", f.until, now); err == nil && !f.to.IsZero() {
		f.to = f.to.AddDate(0, 0, 1)
	}
	return err
}

// settleNotMine separates networks from domains.
func (f *reportsFlags) settleNotMine() error {
	for _, n := range f.notMine {
		p, err := networkOf(n)
		if err == nil {
			f.others = append(f.others, p)
			continue
		}
		d, _, err := dnsrec.ParseDomain(n)
		if err != nil {
			return usage("--not-mine 192.0.2.7, --not-mine 192.0.2.0/24 or --not-mine fabrikam.com", "--not-mine: %q is neither an address, a network nor a domain", n)
		}
		f.strange = append(f.strange, d)
	}
	return nil
}

// networkOf reads a network, or an address as the network of it alone.
func networkOf(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), err
}

// dayOf reads a day, or a number of days before now.
func dayOf(flag, s string, now time.Time) (time.Time, error) {
	if n, err := strconv.Atoi(strings.TrimSuffix(s, "d")); err == nil && strings.HasSuffix(s, "d") && n >= 0 {
		return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -n), nil
	}
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, usage(flag+" 2026-10-01, or "+flag+" 30d", "%s %s is not a day", flag, s)
	}
	return t, nil
}

// reported is all that was read and found out.
type reported struct {
	policy    dmarc.Policy
	domains   []*senders.Domain
	tls       []*tlsreport.Domain
	tlsNow    map[string]*tlslive.Now // with --live, by the name of the domain
	failures  []*failureGroup
	collector *senders.Collector
	intake    *intake.Intake
	again     []intake.Problem // duplicates
	reused    []intake.Problem // counted, with the ID of another report
	broken    []intake.Problem
	base      *reportsBaseline
}

func (a *app) reports(ctx context.Context, args []string, f *reportsFlags) error {
	if err := f.settle(time.Now()); err != nil {
		return err
	}
	base, err := readReportsBaseline(f.baseline)
	if err != nil {
		return err
	}
	in := &reportsInput{collector: senders.NewCollector(f.from, f.to), flags: f}
	if err := a.readReports(ctx, args, in); err != nil {
		return err
	}
	r, err := in.judge(ctx, f)
	if err != nil {
		return err
	}
	r.base = base
	err = a.writeTo(f.output, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		if err := writeReports(out, r, f); err != nil {
			return err
		}
		return out.Flush()
	})
	if err != nil {
		return notWritten(err)
	}
	if code := r.exitCode(); code != exitOK {
		return codeError(code)
	}
	return nil
}

func writeReports(w *bufio.Writer, r *reported, f *reportsFlags) error {
	switch f.format {
	case "json":
		return writeReportsJSON(w, r)
	case "csv":
		writeReportsCSV(w, r)
	case "html":
		writeReportsHTML(w, r)
	case "prometheus":
		writeReportsPrometheus(w, r)
	default:
		(&reportsText{w: w, verbose: f.verbose, addresses: f.addresses}).all(r)
	}
	return nil
}

// answer is that of the worst domain; "" if there are only TLS reports. Reports
// without a domain, or without a session, are not enough to tell.
func (r *reported) answer() senders.Answer {
	if len(r.domains) == 0 {
		if r.collector.Reports == 0 && slices.ContainsFunc(r.tls, func(d *tlsreport.Domain) bool { return d.Succeeded+d.Failed > 0 }) {
			return ""
		}
		return senders.NotEnoughData
	}
	worst := senders.Safe
	for _, d := range r.domains {
		switch {
		case d.Verdict.Answer == senders.NotSafe:
			return senders.NotSafe
		case d.Verdict.Answer == senders.NotEnoughData:
			worst = senders.NotEnoughData
		}
	}
	return worst
}

// nothingJudged is the reason of an answer without a domain.
const nothingJudged = "no report has mail or sessions of a domain that could be judged"

// exitCode is that of the answer. Without a domain the TLS reports decide.
func (r *reported) exitCode() int {
	failed := func(d *tlsreport.Domain) bool { return d.Failed > 0 }
	switch answer := r.answer(); {
	case answer == senders.NotSafe, len(r.domains) == 0 && slices.ContainsFunc(r.tls, failed):
		return exitFound
	case answer == senders.NotEnoughData:
		return exitUnknown
	}
	return exitOK
}

// readReports reads all inputs.
func (a *app) readReports(ctx context.Context, args []string, in *reportsInput) error {
	in.intake.Handler = in
	if len(args) == 0 {
		if file, ok := a.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
			return usage(reportsHint, "no reports given")
		}
		args = []string{"-"}
	}
	for _, arg := range args {
		if arg == "-" {
			in.intake.Stream(ctx, "stdin", a.in)
			continue
		}
		switch err := in.intake.Path(ctx, arg); {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, fs.ErrNotExist):
			return usage(reportsHint, "there is no file or folder %s", arg)
		case err != nil:
			return usage(reportsHint, "cannot read %s: %v", arg, withoutPath(err))
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// judge works out the result.
func (in *reportsInput) judge(ctx context.Context, f *reportsFlags) (*reported, error) {
	r := &reported{policy: dmarc.Policy(f.policy), collector: in.collector, intake: &in.intake, tls: in.tls.Domains(),
		failures: in.failures.groups(), reused: in.reused}
	r.sortProblems()
	if in.collector.Reports+in.tls.Reports+len(r.failures) == 0 {
		return nil, in.nothing(r)
	}
	opt := senders.Options{Policy: r.policy, With: f.with, Without: f.without, Domains: f.domains, NotMine: f.others, NotMineFor: f.strange}
	if f.live {
		w, err := f.open()
		if err != nil {
			return nil, err
		}
		defer w.Close()
		opt.Live, opt.Timeout = w.DNS, f.timeout
		if r.tlsNow, err = f.tlsNow(ctx, w, r.tls); err != nil {
			return nil, err
		}
	}
	var err error
	if r.domains, err = in.collector.Judge(ctx, opt); err != nil {
		var change *senders.ChangeError
		if errors.As(err, &change) {
			return nil, usage("maildiag spf DOMAIN shows its record", "--with or --without: %s", strings.TrimPrefix(change.Error(), "spf: "))
		}
		return nil, failed("maildiag spf DOMAIN shows its record", "%v", err)
	}
	if len(f.domains) > 0 && len(r.domains) == 0 && in.collector.Reports > 0 {
		return nil, usage("leave out --domain to see the domains that there are", "no report is about %s", strings.Join(f.domains, ", "))
	}
	return r, nil
}

// nothing is the error of an input without a report.
func (in *reportsInput) nothing(r *reported) error {
	switch {
	case in.collector.Outside+in.outside > 0:
		return usage("choose other days with --since and --until", "all %d reports are of other days", in.collector.Outside+in.outside)
	case len(r.broken) > 0:
		p := r.broken[0]
		return usage(reportsHint, "no report could be read: %s: %v", p.File, p.Err)
	}
	return usage(reportsHint, "there is no report in %s", cmp.Or(countOf(in.intake.Files, "file", "files"), "the input"))
}

// sortProblems separates reports that were read before from files that could not
// be read.
func (r *reported) sortProblems() {
	for _, p := range r.intake.Problems {
		var again *senders.DuplicateError
		if errors.As(p.Err, &again) {
			r.again = append(r.again, p)
		} else {
			r.broken = append(r.broken, p)
		}
	}
}

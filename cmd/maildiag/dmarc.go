package main

import (
	"bufio"
	"context"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
)

// dmarcFlags are the flags of maildiag dmarc.
type dmarcFlags struct {
	netFlags
	dkim   []string
	spf    string
	json   bool
	output string
}

func (a *app) dmarcCmd() *cobra.Command {
	var f dmarcFlags
	c := &cobra.Command{
		Use:   "dmarc NAME",
		Short: "Show which DMARC policy applies to a name, and what becomes of a message",
		Long: `Shows where the DMARC policy for mail From a name was found, what it is for this
very name, and the organizational domain: by RFC 9989 (tree walk), and by RFC 7489
(Public Suffix List) where receivers that still follow it come to another result.

--dkim and --spf name the domains for which a message passed DKIM and SPF: would
it be aligned, and what becomes of it?

Exit code: 0 if a policy applies (with --dkim or --spf: if the message passes),
1 if not, 3 if the DNS did not answer.`,
		Example: `  maildiag dmarc contoso.com
  maildiag dmarc news.contoso.com --dkim contoso.com --spf bounces.example.net`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			args = f.names(args)
			if len(args) == 0 {
				return usage("maildiag dmarc contoso.com", "no name given")
			}
			q, err := f.question(args[0])
			if err != nil {
				return err
			}
			w, err := f.open()
			if err != nil {
				return err
			}
			return closing(w, a.dmarc(c.Context(), q, &f, w))
		},
	}
	fs := c.Flags()
	fs.StringArrayVar(&f.dkim, "dkim", nil, "the message has a good signature of this `DOMAIN` (d=; "+
		"repeatable)")
	fs.StringVar(&f.spf, "spf", "", "the message passed SPF for this `DOMAIN` (of the envelope sender)")
	fs.BoolVar(&f.json, "json", false, "write JSON (schema "+dmarcSchema+")")
	fs.StringVarP(&f.output, "output", "o", "", "write the result to `FILE` instead of stdout, whole or not "+
		"at all")
	f.netFlags.add(fs)
	return c
}

// dmarcQuestion is what the user asks, checked before anything is sent.
type dmarcQuestion struct {
	domain, unicode string
	dkim            []string
	spf             string
}

// message reports whether the user describes a message.
func (q *dmarcQuestion) message() bool { return len(q.dkim) > 0 || q.spf != "" }

func (f *dmarcFlags) question(name string) (q dmarcQuestion, err error) {
	const hint = "type a domain such as contoso.com; an address or a URL works too"
	if q.domain, q.unicode, err = dnsrec.ParseDomain(name); err != nil {
		return q, usage(hint, "%v", err)
	}
	for _, d := range f.dkim {
		ascii, _, err := dnsrec.ParseDomain(d)
		if err != nil {
			return q, usage(hint, "--dkim: %v", err)
		}
		q.dkim = append(q.dkim, ascii)
	}
	if f.spf != "" {
		if q.spf, _, err = dnsrec.ParseDomain(f.spf); err != nil {
			return q, usage(hint, "--spf: %v", err)
		}
	}
	return q, nil
}

// dmarcResult is all that was found out.
type dmarcResult struct {
	q        dmarcQuestion
	res      *dmarc.Result
	verdict  dmarc.Verdict
	wildcard bool
	reports  []dmarcReport
	skipped  []string // outside domains that were not asked for their consent
}

// dmarcReport is one address that reports go to.
type dmarcReport struct {
	tag, address, host string
	consent            string // "not needed", "yes", "no", "unknown"
	mx                 string // "yes", "no", "unknown", or "" for other than mail
}

func (a *app) dmarc(ctx context.Context, q dmarcQuestion, f *dmarcFlags, w *world) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	r := dmarcResult{q: q, res: dmarc.Discover(ctx, w.DNS, q.domain)}
	r.verdict = r.res.Evaluate(ctx, w.DNS, q.dkim, q.spf)
	if t := &r.res.Tree; t.Record != nil {
		r.wildcard = dmarc.Wildcard(ctx, w.DNS, r.res.Step(t.At))
		r.askReports(ctx, w.DNS, t)
	}
	if err := a.writeDMARC(&r, f); err != nil {
		return failed("is the disk full, or the reader gone?", "cannot write the result: %v", err)
	}
	if code := r.exitCode(); code != exitOK {
		return codeError(code)
	}
	return nil
}

// askReports finds out whether reports can arrive: outside domains must
// consent, and a mail domain must receive mail.
func (r *dmarcResult) askReports(ctx context.Context, dns dnsrec.Resolver, t *dmarc.Reading) {
	auths, skipped := dmarc.Authorizations(ctx, dns, t.At, t.Record)
	r.skipped = skipped
	add := func(tag string, uris []dmarc.URI) {
		for _, u := range uris {
			x := dmarcReport{tag: tag, address: u.String(), host: u.Host(), consent: "not needed"}
			if i := slices.IndexFunc(auths,
				func(a dmarc.Authorization) bool { return a.Host == x.host }); i >= 0 {
				x.consent = consentOf(auths[i])
			} else if slices.Contains(skipped, x.host) {
				x.consent = "unknown"
			}
			r.reports = append(r.reports, x)
		}
	}
	add("rua", t.Record.RUA)
	add("ruf", t.Record.RUF)
	r.askMX(ctx, dns)
}

func consentOf(a dmarc.Authorization) string {
	switch {
	case a.OK:
		return "yes"
	case a.Err != nil:
		return "unknown"
	}
	return "no"
}

// askMX reports whether the domains of the first addresses receive mail.
func (r *dmarcResult) askMX(ctx context.Context, dns dnsrec.Resolver) {
	var wg sync.WaitGroup
	for i := range r.reports[:min(len(r.reports), dmarc.MaxAuthorizations)] {
		x := &r.reports[i]
		if !strings.HasPrefix(strings.ToLower(x.address), "mailto:") {
			continue
		}
		wg.Go(func() { x.mx = receives(ctx, dns, x.host) })
	}
	wg.Wait()
}

// receives reports whether a domain has an MX record that is not null; without
// one mail goes to its address (RFC 5321 5.1).
func receives(ctx context.Context, dns dnsrec.Resolver, host string) string {
	var last error
	for _, t := range []dnsrec.Type{dnsrec.TypeMX, dnsrec.TypeA, dnsrec.TypeAAAA} {
		a, err := dns.Lookup(ctx, dnsrec.Q(host, t))
		switch {
		case err != nil && t == dnsrec.TypeMX:
			return "unknown"
		case err != nil:
			last = err
		case len(a.Values) == 0:
		case t == dnsrec.TypeMX && strings.HasSuffix(a.Values[0], " ."): // RFC 7505 3
			return "no"
		default:
			return "yes"
		}
	}
	if last != nil {
		return "unknown"
	}
	return "no"
}

func (r *dmarcResult) exitCode() int {
	switch r.verdict.Tree.Result {
	case "pass":
		return exitOK
	case "temperror":
		return exitUnknown
	case "fail":
		if !r.q.message() { // a policy applies, and nobody asked about a message
			return exitOK
		}
	}
	return exitFound
}

// writeDMARC writes the result in the form that the flags ask for.
func (a *app) writeDMARC(r *dmarcResult, f *dmarcFlags) error {
	return a.writeTo(f.output, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		if f.json {
			writeDMARCJSON(out, r)
		} else {
			(&dmarcText{w: out}).result(r)
		}
		return out.Flush()
	})
}

package inspect

import (
	"bufio"
	"context"
	"io"
	"slices"
	"strings"
	"sync"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// DMARCQuestion is what is asked about the policy for mail from a name.
type DMARCQuestion struct {
	Domain, Unicode string
	DKIM            []string // domains of good signatures of a message
	SPF             string   // domain for which it passed SPF
}

// message reports whether a message is described.
func (q *DMARCQuestion) message() bool { return len(q.DKIM) > 0 || q.SPF != "" }

// DMARC answers the question.
func DMARC(ctx context.Context, dns dnsrec.Resolver, q DMARCQuestion) *DMARCResult {
	r := &DMARCResult{q: q, res: dmarc.Discover(ctx, dns, q.Domain)}
	r.verdict = r.res.Evaluate(ctx, dns, q.DKIM, q.SPF)
	if t := &r.res.Tree; t.Record != nil {
		r.wildcard = dmarc.Wildcard(ctx, dns, r.res.Step(t.At))
		r.askReports(ctx, dns, t)
	}
	return r
}

// DMARCResult is all that was found out.
type DMARCResult struct {
	q        DMARCQuestion
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

// askReports finds out whether reports can arrive: outside domains must
// consent, and a mail domain must receive mail.
func (r *DMARCResult) askReports(ctx context.Context, dns dnsrec.Resolver, t *dmarc.Reading) {
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
func (r *DMARCResult) askMX(ctx context.Context, dns dnsrec.Resolver) {
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

// ExitCode returns [report.ExitOK] if a policy applies, or if the message that
// is described passes.
func (r *DMARCResult) ExitCode() int {
	switch r.verdict.Tree.Result {
	case "pass":
		return report.ExitOK
	case "temperror":
		return report.ExitUnknown
	case "fail":
		if !r.q.message() { // a policy applies, and nobody asked about a message
			return report.ExitOK
		}
	}
	return report.ExitFound
}

// WriteText writes for people.
func (r *DMARCResult) WriteText(w io.Writer) error {
	out := bufio.NewWriter(w)
	(&dmarcText{w: out}).result(r)
	return out.Flush()
}

// WriteJSON writes JSON of [DMARCSchema].
func (r *DMARCResult) WriteJSON(w io.Writer) error { return writeJSON(w, r.json()) }

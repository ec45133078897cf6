package checks

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/bimi"
	"maildiag/dnsrec/dkim/taglist"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

var bimiDoc = Doc{
	Means: "Whether the domain publishes a logo for its mail, and whether mailbox providers can use it: " +
		"the record, the DMARC policy that it needs, " +
		"the image and the mark certificate. Never more than information: BIMI has no part in delivery.",
	Why: "Gmail, Yahoo, Apple Mail and others show the logo of a domain that enforces DMARC. Outlook and " +
		"Exchange Online do not (as of 2026-11).",
	Fix: "Bring DMARC to p=quarantine or p=reject first. Then publish default._bimi.DOMAIN TXT v=BIMI1; " +
		"l=URL of the SVG; a=URL of the certificate. " +
		"Gmail and Apple Mail ask for a certificate (VMC or CMC).",
	Sources: []string{bimi.Draft, "https://bimigroup.org/implementation-guide/"},
}

// bimiFacts are the record and, if there is one, all that it leads to.
type bimiFacts struct {
	domain string
	now    time.Time
	txt    dnsrec.Answer
	err    error
	dmarc  dnsrec.Answer      // TXT at _dmarc of the domain itself
	logo   *httpsget.Response // nil: not fetched
	mark   *httpsget.Response
}

func runBIMI(ctx context.Context, env *Env) []report.Finding { return judgeBIMI(fetchBIMI(ctx, env)) }

func fetchBIMI(ctx context.Context, env *Env) bimiFacts {
	f := bimiFacts{domain: env.Domain, now: env.Now}
	f.txt, f.err = env.Lookup(ctx, bimi.RecordName(env.Domain), dnsrec.TypeTXT)
	rec, err := oneBIMI(f.txt.Values)
	if rec == nil || err != nil {
		return f
	}
	var wg sync.WaitGroup
	wg.Go(func() { f.dmarc, _ = env.Lookup(ctx, "_dmarc."+env.Domain, dnsrec.TypeTXT) })
	if env.HTTPS != nil && rec.Logo != "" {
		wg.Go(func() { f.logo = env.HTTPS(ctx, rec.Logo) })
	}
	if env.HTTPS != nil && rec.Authority != "" && rec.Authority != "self" {
		wg.Go(func() { f.mark = env.HTTPS(ctx, rec.Authority) })
	}
	wg.Wait()
	return f
}

// oneBIMI gives the record if there is exactly one. Both results are nil if
// there is none; the error tells of several, or of a broken one.
func oneBIMI(values []string) (*bimi.Record, error) {
	var found *bimi.Record
	for _, v := range values {
		rec, ours, err := bimi.Parse(v)
		switch {
		case !ours:
		case err != nil:
			return nil, err
		case found != nil:
			return nil, fmt.Errorf("bimi: there are several records")
		default:
			found = &rec
		}
	}
	return found, nil
}

func judgeBIMI(f bimiFacts) []report.Finding {
	rec, err := oneBIMI(f.txt.Values)
	x := find(report.Info, "bimi.record", f.domain, "")
	x.Evidence = []report.Evidence{seen(f.txt)}
	switch {
	case f.err != nil:
		return []report.Finding{optional(undecided("bimi.record", f.domain, f.err))}
	case err != nil:
		x.Summary = "the BIMI record is not usable: " + strings.TrimPrefix(err.Error(), "bimi: ")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish one record, of the form v=BIMI1; " +
			"l=https://...; a=https://...", Links: []string{bimi.Draft}}
	case rec == nil:
		x.Summary = "no BIMI logo; it has no part in delivery, and Outlook does not show it"
	case rec.Declines():
		x.Summary = "the BIMI record declines: no logo is to be shown"
	default:
		x.Summary = "a BIMI logo is published; Outlook does not show it, Gmail and others may"
		return append([]report.Finding{x}, judgeBIMIParts(f, *rec)...)
	}
	return []report.Finding{x}
}

func judgeBIMIParts(f bimiFacts, rec bimi.Record) (fs []report.Finding) {
	if x, short := judgeBIMIPolicy(f); short {
		fs = append(fs, x)
	}
	if f.logo != nil {
		fs = append(fs, judgeLogo(f.logo))
	}
	switch {
	case f.mark != nil:
		fs = append(fs, judgeMark(f))
	case rec.Authority == "":
		fs = append(fs, find(report.Info, "bimi.certificate", f.domain,
			"no mark certificate; Gmail and Apple Mail show no logo without one"))
	}
	return fs
}

// judgeBIMIPolicy tells if the domain's own DMARC record is too weak. A policy
// that is inherited is not looked at here.
func judgeBIMIPolicy(f bimiFacts) (x report.Finding, short bool) {
	for _, v := range f.dmarc.Values {
		tags := map[string]string{}
		for _, t := range taglist.Split(v) {
			tags[t.Name] = strings.ToLower(t.Value)
		}
		if tags["v"] != "dmarc1" {
			continue
		}
		why := ""
		switch {
		case tags["p"] != "quarantine" && tags["p"] != "reject":
			why = "p=" + clip(tags["p"], 20)
		case tags["p"] == "quarantine" && tags["pct"] != "" && tags["pct"] != "100":
			why = "pct=" + clip(tags["pct"], 20)
		case tags["sp"] == "none":
			why = "sp=none"
		}
		if why == "" {
			return report.Finding{}, false
		}
		x = find(report.Info, "bimi.dmarc", f.domain,
			"the DMARC policy is too weak for BIMI (%s), so no logo is shown", why)
		x.Evidence = []report.Evidence{seen(f.dmarc)}
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Bring DMARC to p=quarantine or p=reject, for all " +
			"mail and for subdomains too.", Links: []string{bimi.Draft}}
		return x, true
	}
	return report.Finding{}, false
}

// informational makes the outcome of a fetch or a parse an Info: BIMI is never
// a fault.
func informational(x report.Finding) report.Finding {
	if x.Status == report.Unknown {
		return optional(x)
	}
	x.Status, x.Cause = report.Info, ""
	return x
}

func judgeLogo(r *httpsget.Response) report.Finding {
	subject := clip(r.URL, 120)
	if x, ok := fetchFault(r, "bimi.logo", "bimi.logo", subject); !ok {
		return relabel(informational(x), "the logo", r.URL)
	}
	problems := bimi.CheckSVG(r.Body)
	if len(problems) == 0 {
		x := find(report.Info, "bimi.logo", subject,
			"the logo is there, and as far as checked of the profile SVG Tiny PS (%d bytes)", len(r.Body))
		x.Data = map[string]any{"bytes": len(r.Body)}
		return x
	}
	x := find(report.Info, "bimi.logo", subject, "the logo will probably be shown, but %s", problems[0])
	if !bimi.Shown(problems) {
		x.Summary = fmt.Sprintf("mailbox providers refuse the logo: %s", problems[0])
	}
	x.Evidence = []report.Evidence{shown(r)}
	for _, p := range problems {
		x.Evidence = append(x.Evidence, report.Evidence{Kind: "rule", Text: p.String(), Note: string(p.Rule)})
	}
	x.Fix = &report.Fix{Owner: ownerWeb, Text: "Convert the logo to SVG Tiny PS.",
		Links: []string{"https://bimigroup.org/creating-bimi-svg-logo-files/"}}
	return x
}

func judgeMark(f bimiFacts) report.Finding {
	subject := clip(f.mark.URL, 120)
	if x, ok := fetchFault(f.mark, "bimi.certificate", "bimi.certificate", subject); !ok {
		return relabel(informational(x), "the mark certificate", f.mark.URL)
	}
	x := find(report.Info, "bimi.certificate", subject, "")
	x.Evidence = []report.Evidence{shown(f.mark)}
	m, err := bimi.ParseMark(f.mark.Body)
	if err != nil {
		x.Summary = "the mark certificate is not usable: " + strings.TrimPrefix(err.Error(), "bimi: ")
		return x
	}
	days := int(m.NotAfter.Sub(f.now).Hours() / 24)
	x.Summary = fmt.Sprintf("mark certificate of %s for %d days more; who issued it is not verified here",
		m.Issuer, days)
	switch {
	case f.now.After(m.NotAfter):
		x.Summary = fmt.Sprintf("the mark certificate has expired, on %s", m.NotAfter.Format(dayFormat))
	case f.now.Before(m.NotBefore):
		x.Summary = fmt.Sprintf("the mark certificate is not valid before %s", m.NotBefore.Format(dayFormat))
	case !m.Covers(f.domain):
		x.Summary = fmt.Sprintf("the mark certificate is for %s, not for %s", shortList(m.Names, 4), f.domain)
	case !m.ForMarks:
		x.Summary = "the certificate is an ordinary one, not a mark certificate (VMC or CMC)"
	case !m.Logo:
		x.Summary = "the mark certificate holds no logo"
	}
	x.Data = map[string]any{"days_left": days, "certificates": m.Certificates}
	x.Evidence = append(x.Evidence, report.Evidence{Kind: "certificate",
		Text: fmt.Sprintf("subject %s\nissuer %s\nnames %s\nvalid %s to %s",
			m.Subject, m.Issuer, shortList(m.Names, 10), m.NotBefore.Format(dayFormat), m.NotAfter.Format(dayFormat))})
	return x
}

// relabel makes a finding about "the file" speak of what it is, and drops the
// advice that is for policies only.
func relabel(x report.Finding, what, rawURL string) report.Finding {
	x.Summary = what + ": " + x.Summary
	if x.Fix != nil {
		x.Fix.Links = []string{bimi.Draft}
	}
	if u, err := url.Parse(rawURL); err == nil && u.Hostname() != "" {
		x.Subject = clip(u.Hostname(), 120)
	}
	return x
}

package records

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/bimi"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// BIMIDoc explains the check.
var BIMIDoc = kit.Doc{
	Means: "Whether the domain publishes a logo for its mail, and whether mailbox providers can use it: " +
		"the record, the DMARC policy that it requires, " +
		"the image and the mark certificate. Information only: BIMI does not affect delivery.",
	Why: "Gmail, Yahoo, Apple Mail and others show the logo of a domain that enforces DMARC. Outlook and " +
		"Exchange Online do not (as of 2026-11).",
	Fix: "Bring DMARC to p=quarantine or p=reject first. Then publish default._bimi.DOMAIN TXT v=BIMI1; " +
		"l=URL of the SVG; a=URL of the certificate. " +
		"Gmail and Apple Mail require a certificate (VMC or CMC).",
	Sources: []string{bimi.Draft, "https://bimigroup.org/implementation-guide/"},
}

// bimiFacts are the record and, if there is one, all that it leads to.
type bimiFacts struct {
	domain string
	now    time.Time
	txt    dnsrec.Answer
	err    error
	dmarc  *dmarc.Result
	vain   bool               // not asked in a list, for no record would show a logo
	logo   *httpsget.Response // nil: not fetched
	mark   *httpsget.Response
}

// BIMI checks the BIMI record.
func BIMI(k *kit.Known) []report.Finding { return kit.Judge(k, gatherBIMI(k), judgeBIMI) }

func gatherBIMI(k *kit.Known) bimiFacts {
	f := bimiFacts{domain: k.Domain, now: k.Now}
	name := k.Under(bimi.Label)
	asked := k.Want(name, dnsrec.TypeTXT)
	if !asked {
		var ok bool
		if f.dmarc, ok = discovered.Of(k); !ok {
			return f
		}
		if _, f.vain = judgeBIMIPolicy(f); f.vain {
			return f
		}
	}
	txt, ok := k.Need(name, dnsrec.TypeTXT)
	f.txt, f.err = txt.Answer, txt.Err
	if !ok {
		return f
	}
	rec, err := oneBIMI(f.txt.Values)
	if rec == nil || err != nil {
		return f
	}
	f.dmarc, _ = discovered.Of(k)
	if k.HTTPS != nil && rec.Logo != "" {
		f.logo, _ = k.Get(rec.Logo)
	}
	if k.HTTPS != nil && rec.Authority != "" && rec.Authority != "self" {
		f.mark, _ = k.Get(rec.Authority)
	}
	return f
}

// oneBIMI returns the record if there is exactly one. Both results are nil if
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
	x := kit.Find(report.Info, "bimi.record", f.domain, "")
	x.Evidence = kit.Shown(f.txt)
	switch {
	case f.vain:
		x.Evidence = nil
		x.Summary = "not checked: mailbox providers show no logo without an enforced DMARC policy"
	case f.err != nil:
		x = kit.Lesser(kit.Undecided("bimi.record", f.domain, f.err))
		if x.Status == report.Warn { // never more than information
			x.Status = report.Info
		}
		return []report.Finding{x}
	case err != nil:
		x.Summary = "the BIMI record is not usable: " + strings.TrimPrefix(err.Error(), "bimi: ")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish one record of the form v=BIMI1; " +
			"l=https://...; a=https://...", Links: []string{bimi.Draft}}
		kit.Behind(f.txt, f.domain, x.Fix)
	case rec == nil:
		x.Summary = "no BIMI logo; it does not affect delivery, and Outlook does not show logos"
	case rec.Declines():
		x.Summary = "the BIMI record asks receivers to show no logo"
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
		fs = append(fs, kit.Find(report.Info, "bimi.certificate", f.domain,
			"no mark certificate: Gmail and Apple Mail show no logo without one"))
	}
	return fs
}

// judgeBIMIPolicy reports whether the DMARC policy that applies to the domain is too
// weak for BIMI.
func judgeBIMIPolicy(f bimiFacts) (x report.Finding, short bool) {
	p := f.dmarc.Tree
	why := ""
	switch {
	case p.Err != nil:
		return report.Finding{}, false // said by the row of DMARC
	case !p.Found():
		why = "there is none"
	case p.Policy != dmarc.Quarantine && p.Policy != dmarc.Reject:
		why = "it amounts to p=" + string(p.Policy)
	case f.dmarc.List.Found() && f.dmarc.List.Percent < 100: // the draft builds on RFC 7489
		why = fmt.Sprintf("pct=%d", f.dmarc.List.Percent)
	case p.Record.SP == dmarc.None:
		why = "sp=none"
	default:
		return report.Finding{}, false
	}
	x = kit.Find(report.Info, "bimi.dmarc", f.domain,
		"the DMARC policy is too weak for BIMI (%s), so no logo is shown", why)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{bimi.Draft},
		Text: "Bring DMARC to p=quarantine or p=reject, for all mail and for subdomains too."}
	return x, true
}

// informational makes the outcome of a fetch or a parse an Info: BIMI is never
// a fault.
func informational(x report.Finding) report.Finding {
	if x.Status == report.Unknown {
		return kit.Optional(x)
	}
	x.Status, x.Cause = report.Info, ""
	return x
}

func judgeLogo(r *httpsget.Response) report.Finding {
	subject := kit.Clip(r.URL, 120)
	if x, ok := fetchFault(r, "bimi.logo", "bimi.logo", subject); !ok {
		return relabel(informational(x), "the logo", r.URL)
	}
	problems := bimi.CheckSVG(r.Body)
	if len(problems) == 0 {
		x := kit.Find(report.Info, "bimi.logo", subject,
			"the logo exists and, as far as checked, follows the SVG Tiny PS profile (%d bytes)", len(r.Body))
		x.Data = map[string]any{"bytes": len(r.Body)}
		return x
	}
	x := kit.Find(report.Info, "bimi.logo", subject, "the logo will probably be shown, but %s", problems[0])
	if !bimi.Shown(problems) {
		x.Summary = fmt.Sprintf("mailbox providers reject the logo: %s", problems[0])
	}
	x.Evidence = []report.Evidence{shown(r)}
	for _, p := range problems {
		x.Evidence = append(x.Evidence, report.Evidence{Kind: "rule", Text: p.String(), Note: string(p.Rule)})
	}
	x.Fix = &report.Fix{Owner: OwnerWeb, Text: "Convert the logo to SVG Tiny PS.",
		Links: []string{"https://bimigroup.org/creating-bimi-svg-logo-files/"}}
	return x
}

func judgeMark(f bimiFacts) report.Finding {
	subject := kit.Clip(f.mark.URL, 120)
	if x, ok := fetchFault(f.mark, "bimi.certificate", "bimi.certificate", subject); !ok {
		return relabel(informational(x), "the mark certificate", f.mark.URL)
	}
	x := kit.Find(report.Info, "bimi.certificate", subject, "")
	x.Evidence = []report.Evidence{shown(f.mark)}
	m, err := bimi.ParseMark(f.mark.Body)
	if err != nil {
		x.Summary = "the mark certificate is not usable: " + strings.TrimPrefix(err.Error(), "bimi: ")
		return x
	}
	days := int(m.NotAfter.Sub(f.now).Hours() / 24)
	x.Summary = fmt.Sprintf("mark certificate of %s, expires in %d days; its issuer is not verified here",
		m.Issuer, days)
	switch {
	case f.now.After(m.NotAfter):
		x.Summary = fmt.Sprintf("the mark certificate expired on %s", m.NotAfter.Format(dayFormat))
	case f.now.Before(m.NotBefore):
		x.Summary = fmt.Sprintf("the mark certificate is not valid before %s", m.NotBefore.Format(dayFormat))
	case !m.Covers(f.domain):
		x.Summary = fmt.Sprintf("the mark certificate is for %s, not for %s", kit.ShortList(m.Names, 4), f.domain)
	case !m.ForMarks:
		x.Summary = "this is an ordinary certificate, not a mark certificate (VMC or CMC)"
	case !m.Logo:
		x.Summary = "the mark certificate contains no logo"
	}
	x.Data = map[string]any{"days_left": days, "certificates": m.Certificates}
	x.Evidence = append(x.Evidence, report.Evidence{Kind: "certificate",
		Text: fmt.Sprintf("subject %s\nissuer %s\nnames %s\nvalid %s to %s",
			m.Subject, m.Issuer, kit.ShortList(m.Names, 10), m.NotBefore.Format(dayFormat), m.NotAfter.Format(dayFormat))})
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
		x.Subject = kit.Clip(u.Hostname(), 120)
	}
	return x
}

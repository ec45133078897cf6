package records

import (
	"fmt"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// fullPercent is the pct= that says nothing.
const fullPercent = 100

// policyWords says what a policy does.
var policyWords = map[dmarc.Policy]string{
	dmarc.None:       "mail that fails is delivered as if nothing were",
	dmarc.Quarantine: "mail that fails is put into junk",
	dmarc.Reject:     "mail that fails is refused",
}

// usualRUA is the address that is proposed for reports.
func usualRUA(domain string) []dmarc.URI {
	return []dmarc.URI{{Address: "mailto:dmarc-reports@" + domain}}
}

// change gives the DMARC change of a Fix: the record that applies, with edits.
// What else is to be mended in any case is in each of them, so that the change
// that is made last does not undo the others: an address for reports, and no
// tags without effect.
func (f dmarcFacts) change(edit func(*dmarc.Record)) report.Edit {
	t := &f.res.Tree
	step := f.res.Step(t.At)
	rec := *t.Record
	if len(rec.RUA) == 0 && !f.profile.Parked {
		rec.RUA = usualRUA(t.At)
	}
	rec.RF, rec.RI = "", ""
	if rec.Pct != nil && (*rec.Pct == fullPercent || t.Declared == dmarc.None) {
		rec.Pct = nil
	}
	edit(&rec)
	return kit.Replace(step.Name, dnsrec.TypeTXT, step.Records()[0].Value, rec.String())
}

// judgeEffective tells the effective policy for this very name, and the next step
// on the ladder none, quarantine, reject.
func judgeEffective(f dmarcFacts) report.Finding {
	t := &f.res.Tree
	x := kit.Find(report.Pass, "dmarc.policy", f.domain, "%s: %s", policySource(t), policyWords[t.Policy])
	x.Data = map[string]any{"policy": string(t.Policy), "declared": string(t.Declared), "tag": t.Tag,
		"found_at": t.At}
	next := dmarc.Reject
	switch {
	case t.Declared == dmarc.Reject:
		return x
	case f.profile.Parked:
		x.Status = report.Warn
		x.Fix = &report.Fix{Text: "The domain says that it sends nothing, so ask for p=reject at once."}
	case t.Declared == dmarc.None:
		x.Status, next = report.Warn, dmarc.Quarantine
		x.Fix = &report.Fix{Text: "When the reports show that all own senders pass (some weeks of them), " +
			"take the next step: quarantine. Add t=y for the time of trial: receivers of RFC 9989 then " +
			"still apply none."}
	default:
		x.Fix = &report.Fix{Text: "The last step is reject, when no own mail has landed in junk for some " +
			"weeks."}
	}
	x.Fix.Owner, x.Fix.Links = report.OwnerDNS, []string{dmarcArticle, "RFC 9989 5.1"}
	if t.Declared == dmarc.None && len(t.Record.RUA) == 0 && !f.profile.Parked {
		x.Fix.Text = "First have reports sent to you (dmarc.rua). When they show that all own senders pass (some " +
			"weeks of them), take the next step: p=quarantine."
		return x
	}
	if t.Record.Standing() == dmarc.Applied {
		x.Fix.Edits = []report.Edit{f.change(func(r *dmarc.Record) {
			switch t.Tag {
			case "np":
				r.NP = next
			case "sp":
				r.SP = next
			default:
				r.P = next
			}
		})}
	}
	return x
}

// policySource says where the policy comes from, such as "sp=reject".
func policySource(t *dmarc.Reading) string {
	s := t.Tag + "=" + string(t.Declared)
	switch {
	case t.Tag == "":
		s = "read as p=none, for the record has no valid policy"
	case t.Tag == "np":
		s += " (the name does not exist)"
	case t.Tag == "sp":
		s += " (for subdomains)"
	}
	if t.Policy != t.Declared {
		s += fmt.Sprintf(" in test mode, applied as %s", t.Policy)
	}
	return s
}

// judgeSubdomains judges what the record says of the names below.
func judgeSubdomains(f dmarcFacts) (fs []report.Finding) {
	t := &f.res.Tree
	rec := t.Record
	if t.At != f.domain || rec.Standing() != dmarc.Applied {
		return nil
	}
	if t.Org != t.At {
		if rec.SP != "" || rec.NP != "" { // RFC 9989 4.7
			x := kit.Find(report.Info, "dmarc.subdomains", f.domain, "sp= and np= have no effect here: names "+
				"below take their policy from %s", t.Org)
			return []report.Finding{x}
		}
		return nil
	}
	sub := rec.P
	if rec.SP != "" {
		sub = rec.SP
	}
	if sub.Strength() < rec.P.Strength() {
		x := kit.Find(report.Warn, "dmarc.subdomains", f.domain, "subdomains are less protected than the "+
			"domain: sp=%s beside p=%s", sub, rec.P)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 9989 4.7"},
			Text: "Remove sp= once mail from subdomains passes too. If that takes long, np= protects at " +
				"least the subdomains that do not exist.",
			Edits: []report.Edit{f.change(func(r *dmarc.Record) { r.SP = ""; r.NP = "" })}}
		if rec.NP == rec.P {
			x.Fix.Text = "Remove sp= once mail from subdomains passes too. Those that do not exist are " +
				"protected by np= already."
		}
		return []report.Finding{x}
	}
	if rec.NP != "" && rec.NP.Strength() < sub.Strength() {
		x := kit.Find(report.Warn, "dmarc.subdomains", f.domain, "names that do not exist are less protected "+
			"than those that do: np=%s", rec.NP)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Remove np=: nobody sends from a name that does " +
			"not exist.", Links: []string{"RFC 9989 4.7"},
			Edits: []report.Edit{f.change(func(r *dmarc.Record) { r.NP = "" })}}
		return []report.Finding{x}
	}
	return nil
}

// judgeTestMode judges t=y.
func judgeTestMode(f dmarcFacts) []report.Finding {
	t := &f.res.Tree
	if !t.Record.Testing() || t.Declared == dmarc.None {
		return nil
	}
	x := kit.Find(report.Warn, "dmarc.test", f.domain, "t=y asks for a trial: receivers of RFC 9989 apply %s in "+
		"place of %s, those of RFC 7489 do not know the tag and apply %s",
		t.Policy, t.Declared, t.Declared)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "When the reports show that all own senders pass, " +
		"remove t=y.", Links: []string{"RFC 9989 4.7"},
		Edits: []report.Edit{f.change(func(r *dmarc.Record) { r.T = "" })}}
	return []report.Finding{x}
}

// judgeRemoved judges the tags that RFC 9989 took away.
func judgeRemoved(f dmarcFacts) []report.Finding {
	t := &f.res.Tree
	rec := t.Record
	var tags []string
	if rec.Pct != nil {
		tags = append(tags, fmt.Sprintf("pct=%d", *rec.Pct))
	}
	if rec.RF != "" {
		tags = append(tags, "rf")
	}
	if rec.RI != "" {
		tags = append(tags, "ri")
	}
	if len(tags) == 0 {
		return nil
	}
	x := kit.Find(report.Info, "dmarc.removed", f.domain, "%s: removed from DMARC in 2026, and without effect",
		strings.Join(tags, ", "))
	text := "Remove it with the next change of the record."
	if rec.Pct != nil && *rec.Pct < fullPercent && t.Declared != dmarc.None {
		x.Status = report.Warn
		x.Summary = fmt.Sprintf("pct=%d: receivers of RFC 9989 apply %s to all mail that fails, those of "+
			"RFC 7489 only to %d%% of it", *rec.Pct, t.Declared, *rec.Pct)
		text = "Remove pct=. To go gently, publish the policy with t=y first, which receivers of RFC 9989 " +
			"apply a level lower."
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: text, Links: []string{"RFC 9989 A.6", "RFC 7489 6.6.4"},
		Edits: []report.Edit{f.change(func(r *dmarc.Record) { r.Pct, r.RF, r.RI = nil, "", "" })}}
	return []report.Finding{x}
}

// judgeReports judges whether anybody gets reports.
func judgeReports(f dmarcFacts) []report.Finding {
	t := &f.res.Tree
	if len(t.Record.RUA) > 0 || f.profile.Parked {
		return nil
	}
	x := kit.Find(report.Warn, "dmarc.rua", f.res.Step(t.At).Name, "nobody gets reports (no valid rua=), so "+
		"nobody sees who sends in the domain's name, or which own mail fails")
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{dmarcArticle, "RFC 9989 4.7"},
		Text: "Add an address at which somebody reads the reports: a shared mailbox, or a service that " +
			"evaluates them."}
	if t.Record.Standing() == dmarc.Applied {
		x.Fix.Edits = []report.Edit{f.change(func(r *dmarc.Record) {
			r.RUA = usualRUA(t.At)
		})}
	}
	return []report.Finding{x}
}

// judgeConsent judges whether outside domains take the reports.
func judgeConsent(f dmarcFacts) (fs []report.Finding) {
	var good []string
	var refused []dmarc.Authorization
	for _, a := range f.auths {
		switch {
		case a.OK:
			good = append(good, a.Host)
		case a.Err != nil:
			x := kit.Lesser(kit.Undecided("dmarc.rua-auth", a.Host, a.Err))
			if x.Status == report.Warn { // a fault of that domain's zone
				x.Cause, x.Fix.Owner = report.CauseRemote, report.OwnerRemote
			}
			fs = append(fs, x)
		default:
			refused = append(refused, a)
		}
	}
	if len(refused) > 0 {
		fs = append(fs, noConsent(f, refused))
	}
	if len(good) > 0 && len(fs) == 0 {
		fs = append(fs, kit.Find(report.Pass, "dmarc.rua-auth", f.domain, "reports go outside, with consent: %s",
			strings.Join(good, ", ")))
	}
	if n := len(f.unchecked); n > 0 {
		fs = append(fs, kit.Find(report.Info, "dmarc.rua-auth", f.domain,
			"%d more outside domains were not asked for their consent: %s",
			n, strings.Join(f.unchecked[:min(n, kit.MaxShown)], ", ")))
	}
	return fs
}

func noConsent(f dmarcFacts, refused []dmarc.Authorization) report.Finding {
	var hosts []string
	x := kit.Find(report.Warn, "dmarc.rua-auth", f.domain, "")
	x.Fix = &report.Fix{Owner: report.OwnerRemote, Links: []string{"RFC 9990 4", "RFC 7489 7.1"},
		Text: "Whoever runs the address must publish this record. A report service does so when the domain " +
			"is registered there; if you have left it, take the address out of your record."}
	for _, a := range refused {
		hosts = append(hosts, a.Host)
		x.Evidence = append(x.Evidence, kit.Seen(a.Answer))
		x.Fix.Edits = append(x.Fix.Edits, kit.Add(a.Name, dnsrec.TypeTXT, a.Want))
	}
	x.Subject = strings.Join(hosts, ", ")
	x.Summary = "has not consented to reports about " + f.res.Tree.At + ", so receivers send none there"
	if len(hosts) > 1 {
		x.Summary = "have not consented to reports about " + f.res.Tree.At + ", so receivers send none there"
	}
	return x
}

// judgeReadings tells where the two generations of receivers part. What t and
// pct do is told by their own findings.
func judgeReadings(f dmarcFacts) (fs []report.Finding) {
	for _, d := range f.res.Differences() {
		if d.About == "policy" && f.res.Tree.Declared == f.res.List.Declared {
			continue
		}
		status := report.Info
		if d.About == "record" {
			status = report.Warn
		}
		x := kit.Find(status, "dmarc.readings", f.domain, "receivers differ: %s", d.Text)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 9989 4.10", "RFC 7489 6.6.3"},
			Text: "To be read alike by all, publish a record with a valid p= at the organizational domain " +
				"" + f.res.List.Org + ", and one of its own for each name that needs another policy."}
		fs = append(fs, x)
	}
	return fs
}

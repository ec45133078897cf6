package records

import (
	"cmp"
	"fmt"
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file judges whether mail from Microsoft 365 passes the policy in force.

// gatherCover finds out whether SPF or DKIM covers mail from Microsoft 365. It
// asks only where a policy is in force, or may come into force by a correction, and
// mail is received there.
func gatherCover(k *kit.Known, f *dmarcFacts) {
	t := &f.res.Tree
	enforced := t.Found() && t.Declared != dmarc.None // also with t=y, which older receivers do not know
	if !f.profile.Microsoft || f.profile.Initial || !enforced && !f.damaged() || !slices.ContainsFunc(k.MXTargets(), isMicrosoft) {
		return
	}
	f.spf = gatherSPF(k)
	if k.Missing() {
		return
	}
	if f.aligned = f.spf.tree.Passes(f.profile.Cloud.SPF); f.aligned {
		return
	}
	f.signs, f.enableable = microsoftSigns(k)
	f.aligned = f.signs == coverYes
	if enforced && !k.Missing() {
		f.uncovered = gravity(f.spf.covers(), f.signs)
	}
}

// cover is what is known of whether mail passes a check.
type cover int

const (
	coverUnknown cover = iota // an answer is missing
	coverNo
	coverMaybe // it depends on what the DNS does not show
	coverYes
)

// gravity returns how grave it is that mail may pass neither SPF nor DKIM: Unset
// if it passes one of them, or if that could not be checked.
func gravity(passes, signs cover) report.Status {
	switch {
	case passes == coverYes || signs == coverYes || passes == coverUnknown || signs == coverUnknown:
		return report.Unset
	case passes == coverNo && signs == coverNo:
		return report.Fail
	}
	return report.Warn
}

// damaged reports whether the record at the name, or the one that it inherits, has a
// fault.
func (f dmarcFacts) damaged() bool {
	return slices.ContainsFunc(f.res.Steps, func(s *dmarc.Step) bool {
		return slices.ContainsFunc(s.Texts, func(t dmarc.Text) bool { return len(t.Problems) > 0 })
	})
}

// covers reports whether mail from Microsoft 365, whose include receivers do not come
// to, passes SPF by other terms. It may leave through another service that the record
// allows.
func (f spfFacts) covers() cover {
	switch {
	case f.tree.Root.Err != nil || f.tree.Result() == spf.TempError:
		return coverUnknown
	case len(f.tree.Root.Records) == 0 || f.discarded() != "":
		return coverNo
	case f.open || f.tree.Opens() || judgeOtherWays(f, f.profile.Cloud.SPF).Status != report.Unset:
		return coverYes
	case f.includesKind(spf.Gateway) || f.includesKind(spf.Signature) || f.unclear() != nil:
		return coverMaybe
	}
	return coverNo
}

// microsoftSigns reports whether receivers find a key of Microsoft at one of the
// selectors of Microsoft 365. Whose key stands in a TXT record, and whether another
// signer signs all mail, the DNS does not show. ready reports whether no record keeps
// Microsoft 365 from signing: both lead to it, and have no key yet.
func microsoftSigns(k *kit.Known) (signs cover, ready bool) {
	f := dkimFacts{domain: k.Domain}
	f.look(k, pairSelectors[:]...)
	if k.Missing() {
		return coverUnknown, false
	}
	f.askProbe(k)
	f.askOwn(k)
	if k.Missing() {
		return coverUnknown, false
	}
	one, two := readHalf(&f, "1"), readHalf(&f, "2")
	halves := [2]cover{one.signs(), two.signs()}
	ready = one.state == pairNoKey && two.state == pairNoKey && one.ofDomain() && two.ofDomain()
	switch best := max(halves[0], halves[1]); {
	case best == coverYes && (one.own == ownOther || two.own == ownOther): // it may sign with that one
		return coverMaybe, ready
	case best != coverYes && (slices.Contains(halves[:], coverUnknown) || f.probe != nil && f.probe.Err != nil):
		return coverUnknown, ready
	default:
		return best, ready
	}
}

// signs reports whether receivers find at the selector a key with which Microsoft
// 365 signs for the domain.
func (h *pairHalf) signs() cover {
	switch {
	case h.state == pairUnknown:
		return coverUnknown
	case (h.state == pairKey || h.own == ownSame) && h.works():
		return coverYes
	case h.leads(), h.elsewhere() && signable(h.r):
		return coverMaybe
	}
	return coverNo
}

// judgeCover judges a policy in force that mail from Microsoft 365 fails, or may fail.
func judgeCover(f dmarcFacts) []report.Finding {
	if f.uncovered == report.Unset {
		return nil
	}
	t := &f.res.Tree
	policy := t.Tag + "=" + string(t.Declared)
	x := kit.Find(report.Fail, "dmarc.m365", f.domain, "mail from Microsoft 365 passes neither SPF nor DKIM. Under %s, receivers %s", policy, consequence(t.Declared, "it"))
	if f.uncovered == report.Warn {
		x = kit.Find(report.Warn, "dmarc.m365", f.domain, "mail from Microsoft 365 may pass neither SPF nor DKIM: %s. Under %s, receivers then %s",
			f.doubt(), policy, consequence(t.Declared, "it"))
	}
	if t.Policy != t.Declared {
		x.Summary += fmt.Sprintf(" (those that implement RFC 9989 apply %s, because of t=y)", t.Policy)
	}
	x.Data = map[string]any{"policy": string(t.Policy), "declared": string(t.Declared)}
	x.Fix = f.coverFix()
	return []report.Finding{x}
}

// doubt says why it is not known whether mail from Microsoft 365 passes.
func (f dmarcFacts) doubt() string {
	if f.signs == coverMaybe {
		return "selector1 or selector2 may not lead to Microsoft's key"
	}
	if b := f.spf.unclear(); b != nil {
		return "it passes only if " + b.Text + " allows it, which receivers evaluate for each message"
	}
	return "it passes only if all of it leaves through another service that the SPF record allows"
}

// coverFix returns the decision about a policy that rejects the domain's own mail:
// to repair SPF or DKIM at once, or to suspend the policy until that is done.
func (f dmarcFacts) coverFix() *report.Fix {
	spfStep := "Allow Microsoft 365 in the SPF record (include:" + f.profile.Cloud.SPF + ")"
	if code := f.spf.discarded(); code != "" {
		spfStep = "Correct the SPF record, which receivers ignore (see " + code + ")"
	} else if code := f.broken(); code != "" && len(f.spf.tree.Reaches(f.profile.Cloud.SPF)) > 0 {
		spfStep = "Correct the SPF record, at which receivers give up (see " + code + ")"
	}
	t := &f.res.Tree
	if f.spf.sendsNone() { // to suspend the policy would only let others forge its mail
		return &report.Fix{Owner: report.OwnerDNS, Links: []string{dmarcArticle, linkSPFMicrosoft}, Text: sendQuestion(f.domain),
			Alternatives: ifItSends(f.domain, spfStep+", then enable DKIM. Keep the policy.", "Keep the policy: it stops forged mail only.")}
	}
	suspend := []report.Edit{kit.SetTag(f.at(), cmp.Or(t.Tag, "p"), string(dmarc.None))}
	if f.damaged() {
		suspend = append(suspend, kit.RepairDMARC(f.at()))
	}
	slow := report.Choice{Label: "if SPF and DKIM take time", Edits: suspend, Text: fmt.Sprintf("Suspend the policy with %s=none. %s, then enable DKIM. Restore %s when "+
		"the reports show that all your senders pass.", cmp.Or(t.Tag, "p"), spfStep, policySource(t))}
	now := report.Choice{Label: "if you can repair SPF or DKIM now", Text: spfStep + ", then enable DKIM. Keep the policy."}
	if f.enableable {
		now.Text = "Enable DKIM at once: its CNAME records are published, and DKIM alone lets the mail pass DMARC. " + spfStep + " afterwards. Keep the policy."
	}
	fix := &report.Fix{Owner: report.OwnerDNS, Links: []string{dmarcArticle, linkSPFMicrosoft}, Alternatives: []report.Choice{slow, now},
		Text: fmt.Sprintf("Receivers %s today. Decide this before all else.", consequence(t.Declared, "mail that Microsoft 365 sends for "+f.domain))}
	if f.uncovered == report.Warn {
		fix.Text = fmt.Sprintf("Send a message from Microsoft 365 to a mailbox elsewhere, and read its Authentication-Results header. If it says dmarc=fail, "+
			"receivers %s today: decide this before all else.", consequence(t.Declared, "such mail"))
		fix.Alternatives[0].Label = "if mail from Microsoft 365 fails DMARC, and SPF and DKIM take time"
		fix.Alternatives[1].Label = "if it passes, or you can repair SPF or DKIM now"
	}
	return fix
}

// broken returns the code of the finding that says why receivers give up at the SPF
// record; "" if they do not.
func (f dmarcFacts) broken() string {
	switch tree := f.spf.tree; {
	case tree.Result() != spf.PermError:
		return ""
	case tree.Lookups > spf.MaxLookups:
		return "spf.lookups"
	case tree.Voids > spf.MaxVoids:
		return "spf.voids"
	}
	return "spf.include"
}

// maxReportAddresses is how many addresses every receiver must be able to report
// to (RFC 7489 6.2).
const maxReportAddresses = 2

// judgeMailboxes judges whether the addresses for reports receive mail.
func judgeMailboxes(f dmarcFacts) (fs []report.Finding) {
	if n := len(f.res.Tree.Record.RUA); n > maxReportAddresses {
		x := kit.Find(report.Info, "dmarc.rua", f.at(), "%d addresses for reports: receivers need to send reports to %d only", n, maxReportAddresses)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Keep the two most important addresses first.", Links: []string{"RFC 7489 6.2"}}
		fs = append(fs, x)
	}
	for _, host := range f.deaf {
		x := kit.Find(report.Warn, "dmarc.rua", f.at(), "reports are sent to an address at %s, which receives no mail", host)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 9989 4.7"},
			Text: "Replace the address with one where somebody reads the reports."}
		fs = append(fs, x)
	}
	return fs
}

// deafHosts returns the hosts of report addresses in the organization itself that
// publish that they receive no mail (RFC 7505). Those of others are asked for their consent instead.
func deafHosts(k *kit.Known, t *dmarc.Reading) (hosts []string) {
	for _, u := range t.Record.RUA {
		host := u.Host()
		if host != k.Domain && host != t.Org || slices.Contains(hosts, host) {
			continue
		}
		mx, ok := k.Need(host, dnsrec.TypeMX)
		if !ok || mx.Err != nil {
			continue
		}
		if len(mx.Values) == 1 && kit.ReadMX(mx.Values[0]).Kind == kit.MXNull {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

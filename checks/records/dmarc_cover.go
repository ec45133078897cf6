package records

import (
	"cmp"
	"fmt"
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
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
	enforced := t.Found() && t.Policy != dmarc.None
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
	signs, known := microsoftKey(k)
	f.aligned, f.uncovered = signs, enforced && !f.spf.covers() && !signs && known
}

// damaged reports whether the record at the name, or the one that it inherits, has a
// fault.
func (f dmarcFacts) damaged() bool {
	return slices.ContainsFunc(f.res.Steps, func(s *dmarc.Step) bool {
		return slices.ContainsFunc(s.Texts, func(t dmarc.Text) bool { return len(t.Problems) > 0 })
	})
}

// covers reports whether mail from Microsoft 365 passes SPF, or may leave through
// another service, or that is not known.
func (f spfFacts) covers() bool {
	switch {
	case f.tree.Root.Err != nil || f.tree.Result() == spf.TempError:
		return true
	case len(f.tree.Root.Records) == 0 || f.discarded() != "":
		return false
	case len(f.tree.Everyone()) > 0:
		return true
	case f.includesKind(spf.Gateway) || f.includesKind(spf.Signature):
		return true
	}
	return f.tree.Passes(f.profile.Cloud.SPF) ||
		judgeOtherWays(f, f.profile.Cloud.SPF).Status != report.Unset
}

// microsoftKey reports whether one of the selectors of Microsoft 365 has a key, and
// whether that is known. An alias for a key of somebody else is none of Microsoft's;
// whether that service signs all mail is not known.
func microsoftKey(k *kit.Known) (found, known bool) {
	known = true
	for _, s := range []string{"selector1", "selector2"} {
		a, ok := k.Need(dkim.Name(s, k.Domain), dnsrec.TypeTXT)
		elsewhere := len(a.CNAMEs) > 0 && len(a.Values) > 0 && readDKIMTarget(a.CNAMEs[0]).Form == targetElse
		known = known && ok && a.Err == nil && !elsewhere
		found = found || ok && a.Err == nil && len(a.Values) > 0 && !elsewhere
	}
	return found, known
}

// judgeCover judges a policy in force that mail from Microsoft 365 fails.
func judgeCover(f dmarcFacts) []report.Finding {
	if !f.uncovered {
		return nil
	}
	what := "reject it"
	if f.res.Tree.Policy == dmarc.Quarantine {
		what = "send it to junk"
	}
	x := kit.Find(report.Fail, "dmarc.m365", f.domain,
		"mail from Microsoft 365 passes neither SPF nor DKIM, and %s asks receivers to %s", policySource(&f.res.Tree), what)
	x.Data = map[string]any{"policy": string(f.res.Tree.Policy)}
	x.Fix = f.coverFix()
	return []report.Finding{x}
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
	suspend := []report.Edit{kit.SetTag(f.at(), cmp.Or(t.Tag, "p"), string(dmarc.None))}
	if f.damaged() {
		suspend = append(suspend, kit.RepairDMARC(f.at()))
	}
	return &report.Fix{Owner: report.OwnerDNS, Links: []string{dmarcArticle, linkSPFMicrosoft},
		Text: fmt.Sprintf("Receivers %s mail that Microsoft 365 sends for %s today. Decide this before all else.", consequence(t.Policy), f.domain),
		Alternatives: []report.Choice{
			{Label: "if SPF and DKIM take time", Edits: suspend, Text: fmt.Sprintf("Suspend the policy with %s=none. %s, then enable DKIM. Restore %s when the "+
				"reports show that all your senders pass.", cmp.Or(t.Tag, "p"), spfStep, policySource(t))},
			{Label: "if you can repair SPF or DKIM now", Text: spfStep + ", then enable DKIM. Keep the policy."},
		}}
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
			Text: "Replace the address by one at which somebody reads the reports."}
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

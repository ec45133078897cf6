package records

import (
	"fmt"
	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
	"slices"
)

// This file judges whether mail from Microsoft 365 passes the policy in force.

// gatherCover finds out whether SPF or DKIM covers mail from Microsoft 365. It
// asks only where a policy is in force and mail is received there.
func gatherCover(k *kit.Known, f *dmarcFacts) {
	t := &f.res.Tree
	if !f.profile.Microsoft || f.profile.Initial || !t.Found() || t.Policy == dmarc.None ||
		!slices.ContainsFunc(k.MXTargets(), isMicrosoft) {
		return
	}
	f.spf = gatherSPF(k)
	if k.Missing() || f.spf.covers() || hasMicrosoftKey(k) {
		return
	}
	f.uncovered = true
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
	passes := func(r spf.Reach) bool { return r.Result == spf.Pass }
	return slices.ContainsFunc(f.tree.Reaches(f.profile.Cloud.SPF), passes) ||
		judgeOtherWays(f, f.profile.Cloud.SPF).Status != report.Unset
}

// hasMicrosoftKey reports whether one of the selectors of Microsoft 365 has a key,
// or that is not known.
func hasMicrosoftKey(k *kit.Known) bool {
	for _, s := range []string{"selector1", "selector2"} {
		a, ok := k.Need(dkim.Name(s, k.Domain), dnsrec.TypeTXT)
		if !ok || a.Err != nil || len(a.Values) > 0 {
			return true
		}
	}
	return false
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
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{dmarcArticle, linkSPFMicrosoft},
		Text: fmt.Sprintf("Allow Microsoft 365 in the SPF record (include:%s), then enable DKIM. If that takes time, set p=none until then.",
			f.profile.Cloud.SPF)}
	if len(f.spf.tree.Owned().Records) == 1 && f.spf.discarded() == "" {
		x.Fix.Edits = f.spf.includeFix(f.profile.Cloud.SPF, "", false).Edits
	}
	return []report.Finding{x}
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

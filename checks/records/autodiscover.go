package records

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// AutodiscoverDoc explains the check.
var AutodiscoverDoc = kit.Doc{
	Means: "Where Outlook and phones look for the mailbox: the CNAME autodiscover.DOMAIN must lead to Microsoft's autodiscover host.",
	Why:   "Outlook that finds the old server keeps connecting to it after the migration, asks for passwords again and again, or sets up the wrong mailbox.",
	Fix:   "Publish autodiscover as a CNAME to the host of the domain's cloud, once no mailbox is left on premises. In a hybrid organization it stays on premises until then.",
	Sources: []string{
		"https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records",
		"https://learn.microsoft.com/exchange/client-developer/exchange-web-services/autodiscover-for-exchange",
	},
}

type autodiscoverFacts struct {
	domain   string
	expect   kit.Expectation
	profile  kit.Profile
	migrated bool // mail is received by Microsoft 365 or by a filter in front of it
	host     dnsrec.Answer
	err      error
	srv      dnsrec.Answer
}

// Autodiscover checks the autodiscover record.
func Autodiscover(k *kit.Known) []report.Finding {
	return kit.Judge(k, gatherAutodiscover(k), judgeAutodiscover)
}

// gatherAutodiscover needs the host, which also shows whether a domain is on
// Microsoft 365 where nothing else does.
func gatherAutodiscover(k *kit.Known) (f autodiscoverFacts) {
	f.domain, f.expect = k.Domain, k.Expect
	name := "autodiscover." + k.Domain
	if k.Expect != kit.ExpectAny {
		k.Need(name, dnsrec.TypeA)
	}
	var ok bool
	if f.profile, ok = k.Profile(); !ok || !f.profile.Microsoft {
		return f
	}
	host, ok := k.Need(name, dnsrec.TypeA)
	f.host, f.err = host.Answer, host.Err
	f.migrated = slices.ContainsFunc(k.MXTargets(), func(m kit.MXTarget) bool { return m.Kind == kit.MXMicrosoft || m.Kind == kit.MXGateway })
	if ok && f.err == nil && len(f.host.Values) == 0 && len(f.host.CNAMEs) == 0 {
		srv, _ := k.Need("_autodiscover._tcp."+k.Domain, dnsrec.TypeSRV)
		f.srv = srv.Answer
	}
	return f
}

func judgeAutodiscover(f autodiscoverFacts) []report.Finding {
	if skip := kit.NotMicrosoft(f.profile, "autodiscover"); skip != nil {
		return skip
	}
	const code = "autodiscover.target"
	name := "autodiscover." + f.domain
	want := f.profile.Cloud.Autodiscover
	if f.err != nil {
		return []report.Finding{kit.Mild(kit.Undecided(code, name, f.err))}
	}
	var x report.Finding
	publish := kit.Add(name, dnsrec.TypeCNAME, want+".")
	switch {
	case slices.Contains(f.host.CNAMEs, want):
		x = kit.Find(report.Pass, code, name, "leads to %s", want)
	case len(f.host.CNAMEs) > 0 && isCloudAutodiscover(f.host.CNAMEs):
		x = kit.Find(report.Warn, code, name, "leads to %s, the host of another Microsoft cloud", f.host.CNAMEs[0])
		publish = kit.Replace(name, dnsrec.TypeCNAME, f.host.CNAMEs[0]+".", want+".")
	case len(f.host.CNAMEs) > 0:
		x = kit.Find(report.Warn, code, name, "is an alias for %s, not for %s: Outlook looks for its mailbox there", f.host.CNAMEs[0], want)
		publish = kit.Replace(name, dnsrec.TypeCNAME, f.host.CNAMEs[0]+".", want+".")
	case len(f.host.Values) > 0:
		x = kit.Find(report.Warn, code, name, "has the address %s (a server of your own), not the CNAME of Microsoft 365", kit.ShortList(f.host.Values, 2))
		publish = kit.Replace(name, dnsrec.TypeA, f.host.Values[0], "")
	case len(f.srv.Values) > 0:
		x = kit.Find(report.Warn, code, name, "is not there; an SRV record leads Outlook to %s instead", srvTarget(f.srv.Values[0]))
	default:
		x = kit.Find(report.Warn, code, name, "is not there: phones, and Outlook where it relies on it, cannot set themselves up")
	}
	x.Evidence = []report.Evidence{kit.Seen(f.host)}
	if x.Status == report.Pass {
		return []report.Finding{x}
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: AutodiscoverDoc.Sources[:1],
		Text:  "Publish the CNAME. In a hybrid organization wait until the last mailbox has moved.",
		Edits: []report.Edit{publish}}
	if publish.New == "" {
		x.Fix.Edits = append(x.Fix.Edits, kit.Add(name, dnsrec.TypeCNAME, want+"."))
	}
	if len(f.srv.Values) > 0 {
		x.Evidence = append(x.Evidence, kit.Seen(f.srv))
		x.Fix.Edits = append(x.Fix.Edits, kit.Remove(f.srv.Name, dnsrec.TypeSRV, f.srv.Values[0]))
	}
	if f.profile.Initial || !f.profile.Receives {
		x.Status, x.Fix = report.Info, nil // Microsoft's zone, or no mailbox to find
	}
	return []report.Finding{x}
}

func isCloudAutodiscover(chain []string) bool {
	return slices.ContainsFunc(kit.Clouds(), func(c kit.Cloud) bool { return slices.Contains(chain, c.Autodiscover) })
}

func srvTarget(value string) string {
	if i := strings.LastIndexByte(value, ' '); i >= 0 {
		return value[i+1:]
	}
	return value
}

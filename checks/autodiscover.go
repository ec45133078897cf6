package checks

import (
	"context"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/report"
)

var autodiscoverDoc = Doc{
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
	expect   Expectation
	profile  Profile
	migrated bool // mail is received by Microsoft 365 or by a filter in front of it
	host     dnsrec.Answer
	err      error
	srv      dnsrec.Answer
}

func runAutodiscover(ctx context.Context, env *Env) []report.Finding {
	asked := dnsrec.NewGroup(ctx)
	if env.Expect != ExpectAny && !env.Thrift { // Profile may ask the same; the cache makes it one question
		asked.Go(func() { _, _ = env.Lookup(ctx, "autodiscover."+env.Domain, dnsrec.TypeA) })
	}
	defer asked.Wait()
	p := env.Profile(ctx)
	if skip := notMicrosoft(p, "autodiscover"); skip != nil {
		return skip
	}
	return judgeAutodiscover(fetchAutodiscover(ctx, env, p))
}

// aheadAutodiscover names the host, which shows whether a domain is on
// Microsoft 365 where nothing else does.
func aheadAutodiscover(_ context.Context, env *Env) []dnsrec.Query {
	if env.Expect == ExpectAny {
		return nil
	}
	return dnsrec.Queries(dnsrec.TypeA, "autodiscover."+env.Domain)
}

func fetchAutodiscover(ctx context.Context, env *Env, p Profile) autodiscoverFacts {
	f := autodiscoverFacts{domain: env.Domain, expect: env.Expect, profile: p}
	f.host, f.err = env.Lookup(ctx, "autodiscover."+env.Domain, dnsrec.TypeA)
	f.migrated = slices.ContainsFunc(env.mxTargets(ctx), func(m mxTarget) bool { return m.Kind == mxMicrosoft || m.Kind == mxGateway })
	if f.err == nil && len(f.host.Values) == 0 && len(f.host.CNAMEs) == 0 {
		f.srv, _ = env.Lookup(ctx, "_autodiscover._tcp."+env.Domain, dnsrec.TypeSRV)
	}
	return f
}

func judgeAutodiscover(f autodiscoverFacts) []report.Finding {
	const code = "autodiscover.target"
	name := "autodiscover." + f.domain
	want := f.profile.Cloud.Autodiscover
	if f.err != nil {
		return []report.Finding{mild(undecided(code, name, f.err))}
	}
	var x report.Finding
	publish := add(name, dnsrec.TypeCNAME, want+".")
	switch {
	case slices.Contains(f.host.CNAMEs, want):
		x = find(report.Pass, code, name, "leads to %s", want)
	case len(f.host.CNAMEs) > 0 && isCloudAutodiscover(f.host.CNAMEs):
		x = find(report.Warn, code, name, "leads to %s, the host of another Microsoft cloud", f.host.CNAMEs[0])
		publish = replace(name, dnsrec.TypeCNAME, f.host.CNAMEs[0]+".", want+".")
	case len(f.host.CNAMEs) > 0:
		x = find(report.Warn, code, name, "is an alias for %s, not for %s: Outlook looks for its mailbox there", f.host.CNAMEs[0], want)
		publish = replace(name, dnsrec.TypeCNAME, f.host.CNAMEs[0]+".", want+".")
	case len(f.host.Values) > 0:
		x = find(report.Warn, code, name, "has the address %s (a server of your own), not the CNAME of Microsoft 365", shortList(f.host.Values, 2))
		publish = replace(name, dnsrec.TypeA, f.host.Values[0], "")
	case len(f.srv.Values) > 0:
		x = find(report.Warn, code, name, "is not there; an SRV record leads Outlook to %s instead", srvTarget(f.srv.Values[0]))
	default:
		x = find(report.Warn, code, name, "is not there: phones, and Outlook where it relies on it, cannot set themselves up")
	}
	x.Evidence = []report.Evidence{seen(f.host)}
	if x.Status == report.Pass {
		return []report.Finding{x}
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: autodiscoverDoc.Sources[:1],
		Text:    "Publish the CNAME. In a hybrid organization wait until the last mailbox has moved.",
		Records: []report.Record{publish}}
	if publish.After == "" {
		x.Fix.Records = append(x.Fix.Records, add(name, dnsrec.TypeCNAME, want+"."))
	}
	if len(f.srv.Values) > 0 {
		x.Evidence = append(x.Evidence, seen(f.srv))
		x.Fix.Records = append(x.Fix.Records, remove(f.srv.Name, dnsrec.TypeSRV, f.srv.Values[0]))
	}
	if f.profile.Initial || !f.profile.Receives {
		x.Status, x.Fix = report.Info, nil // Microsoft's zone, or no mailbox to find
	}
	return []report.Finding{x}
}

func isCloudAutodiscover(chain []string) bool {
	return slices.ContainsFunc(clouds, func(c Cloud) bool { return slices.Contains(chain, c.Autodiscover) })
}

func srvTarget(value string) string {
	if i := strings.LastIndexByte(value, ' '); i >= 0 {
		return value[i+1:]
	}
	return value
}

// notMicrosoft gives the one Skip finding of a check that is about Microsoft
// 365 only, or nil if the check applies.
func notMicrosoft(p Profile, check string) []report.Finding {
	if p.Microsoft {
		return nil
	}
	why := "does not apply: nothing of this domain points at Microsoft 365"
	if len(p.Signs) > 0 {
		why = "not looked at: any provider will do (--expect any)"
	}
	return []report.Finding{find(report.Skip, check+".skipped", "", "%s", why)}
}

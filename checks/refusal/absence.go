package refusal

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// unsure returns a finding if an empty answer about a domain may be the
// resolver's doing: it answers nothing, it does not know the domain, which has
// sent mail, or it serves an internal view. A record that is missing there may
// be published on the Internet. domain may be "".
func unsure(k *kit.Known, code, domain string) (report.Finding, bool) {
	control := dnsrec.Q(kit.Clouds()[0].SPF, dnsrec.TypeTXT)
	a, err := k.Lookup(context.Background(), control)
	switch {
	case err != nil:
		return kit.Undecided(code, domain, err), true
	case !slices.ContainsFunc(a.Values, func(v string) bool { return strings.HasPrefix(strings.ToLower(v), "v=spf1") }):
		return emptyAnswers(code, domain, a, "the resolver returns no record for "+control.Name+
			" either, so it does not return public records"), true
	case domain == "":
		return report.Finding{}, false
	}
	return internal(k, code, domain)
}

// internal looks at what the resolver says of the domain itself.
func internal(k *kit.Known, code, domain string) (report.Finding, bool) {
	for _, q := range []dnsrec.Query{dnsrec.Q(domain, dnsrec.TypeA), dnsrec.Q("_ldap._tcp.dc._msdcs."+domain, dnsrec.TypeSRV)} {
		a, err := k.Lookup(context.Background(), q)
		private := func(v string) bool {
			ip, err := netip.ParseAddr(v)
			return err == nil && !kit.Public(ip)
		}
		switch {
		case err != nil && dnsrec.KindOf(err) == dnsrec.KindNotKnown:
			return kit.Undecided(code, domain, err), true
		case err != nil:
		case q.Type == dnsrec.TypeA && a.NXDomain():
			return emptyAnswers(code, domain, a, "the resolver says that "+domain+" does not exist"), true
		case q.Type == dnsrec.TypeA && slices.ContainsFunc(a.Values, private), q.Type == dnsrec.TypeSRV && len(a.Values) > 0:
			return emptyAnswers(code, domain, a, "the resolver serves an internal view of "+domain+", not its public records"), true
		}
	}
	return report.Finding{}, false
}

func emptyAnswers(code, domain string, a dnsrec.Answer, why string) report.Finding {
	f := kit.Find(report.Unknown, code, domain, "could not be checked: %s", why)
	f.Cause = report.CauseResolver
	f.Evidence = kit.Shown(a)
	f.Fix = &report.Fix{Owner: report.OwnerYou,
		Text: "Use a public resolver with --resolver: records that this one does not return may be published on the Internet."}
	return f
}

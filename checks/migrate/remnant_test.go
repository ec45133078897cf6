package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

// moved is a world after the cut-over in which nothing is left to do.
func moved() *simulated {
	w, _ := spec{origin: FromNothing, prepared: true}.build()
	w.set(domain, "MX", 300, "0 "+target)
	w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.outlook.com")
	w.set("_dmarc."+domain, "TXT", 3600, "v=DMARC1; p=reject; rua=mailto:d@"+domain)
	return w
}

// codes lists the codes of the reasons of a report.
func (r *Report) codes() (out []string) {
	for _, x := range r.Reasons {
		out = append(out, x.Code)
	}
	return out
}

// A selector of Microsoft 365 that a step corrects or decides about is not listed as
// left over, whatever is wrong with it.
func TestRepairedSelectorIsNoRemnant(t *testing.T) {
	for name, publish := range map[string]func(w *simulated, name string){
		"another key": func(w *simulated, name string) { w.set(name, "TXT", 300, key) },
		"a copy":      func(w *simulated, name string) { w.set(name, "TXT", 300, key+";") },
		"suffixed": func(w *simulated, name string) {
			w.set(name, "CNAME", 300, "selector2-contoso-test._domainkey.contoso.onmicrosoft.com."+domain)
		},
		"another service": func(w *simulated, name string) {
			w.set("k.hoster.test", "TXT", 300, key)
			w.set(name, "CNAME", 300, "k.hoster.test")
		},
		"no key": func(w *simulated, name string) { w.set(name, "TXT", 300, "v=DKIM1; p=") },
	} {
		w := moved()
		at := "selector2._domainkey." + domain
		w.set(at, "CNAME", 300)
		publish(w, at)
		r := w.assessWith(t, Options{Unasked: true}, nil)
		for _, x := range r.Remnants {
			if x.Name == at {
				t.Errorf("%s: %+v\n%s", name, x, strings.Join(steps(r), "\n"))
			}
		}
		if len(r.Steps(PhaseNow)) == 0 || r.ExitCode() == 0 {
			t.Errorf("%s: nothing is due now: %s", name, strings.Join(steps(r), "\n"))
		}
	}
}

// A move is not finished while a record may name the old mail system, however it
// does; what the user keeps, and what is of others, does not count.
func TestNotFinishedWhileOldIsNamed(t *testing.T) {
	const ms = "include:spf.protection.outlook.com "
	txt := func(terms string) func(*simulated) {
		return func(w *simulated) { w.set(domain, "TXT", 3600, "v=spf1 "+terms+"-all") }
	}
	set := func(name, typ string, values ...string) func(*simulated) {
		return func(w *simulated) { w.set(name, typ, 300, values...) }
	}
	for name, c := range map[string]struct {
		set  func(*simulated)
		keep string // that answers the question; empty: there is none
		left bool
	}{
		"nothing":            {func(*simulated) {}, "", false},
		"address":            {txt(ms + "ip4:" + oldIP + " "), "ip4:" + oldIP, true},
		"network":            {txt(ms + "+ip6:2001:db8::/32 "), "+ip6:2001:db8::/32", true},
		"a host":             {txt("a:out.hoster.test " + ms), "a:out.hoster.test", true},
		"the web server":     {txt("a " + ms), "a", true},
		"mx":                 {txt("mx " + ms), "mx", true},
		"mx of others":       {txt("mx:hoster.test " + ms), "mx:hoster.test", true},
		"exists":             {txt(ms + "exists:%{i}.spf.hoster.test "), "exists:%{i}.spf.hoster.test", true},
		"an unknown service": {txt(ms + "include:spf.hoster.test "), "include:spf.hoster.test", true},
		"the old provider":   {txt(ms + "include:_spf.google.com "), "", true},
		"a redirect":         {set(domain, "TXT", "v=spf1 "+ms+"redirect=_spf.google.com"), "redirect=_spf.google.com", true},
		"nobody else":        {txt(ms + "-ip4:" + oldIP + " "), "", false},
		"a sending service": {func(w *simulated) {
			w.set("sendgrid.net", "TXT", 300, "v=spf1 ip4:192.0.2.77 -all")
			txt(ms + "include:sendgrid.net ")(w)
		}, "", false},
		"a mail host":         {set("mail."+domain, "A", oldIP), "mail." + domain, true},
		"a mail alias":        {set("imap."+domain, "CNAME", "mx.hoster.test"), "imap." + domain, true},
		"a setup host":        {set("autoconfig."+domain, "A", oldIP), "autoconfig." + domain, true},
		"an IMAP service":     {set("_imaps._tcp."+domain, "SRV", "0 0 993 mx.hoster.test"), "_imaps._tcp." + domain, true},
		"a host of Microsoft": {set("mail."+domain, "CNAME", "outlook.office365.com"), "", false},
		"a key of a web host": {set("default._domainkey."+domain, "TXT", key), "default", true},
		"a key of a provider": {set("s1-ionos._domainkey."+domain, "TXT", key), "", true},
		"an alias of a key": {func(w *simulated) {
			w.set("k.hoster.test", "TXT", 300, key)
			w.set("dkim._domainkey."+domain, "CNAME", 300, "k.hoster.test")
		}, "dkim", true},
		"subdomains":           {set("*."+domain, "MX", "10 mx.hoster.test"), "*." + domain, true},
		"a filter as a backup": {set(domain, "MX", "0 "+target, "10 mx1.eu.pphosted.com"), "", true},
	} {
		w := moved()
		c.set(w)
		r := w.assessWith(t, Options{Unasked: true}, nil)
		if done := r.Stage == Finished && r.ExitCode() == 0; done == c.left || !r.Stage.Moved() {
			t.Errorf("%s: stage %s, exit code %d, %v\n%s", name, r.Stage, r.ExitCode(), r.Remnants, strings.Join(steps(r), "\n"))
		}
		if c.keep == "" {
			continue
		}
		if r = w.assessWith(t, Options{Unasked: true, Keep: []string{c.keep}}, nil); r.Stage != Finished || len(r.Remnants) > 0 {
			t.Errorf("%s is kept: stage %s, %v\n%s", name, r.Stage, r.Remnants, strings.Join(steps(r), "\n"))
		}
	}
}

// A pinned key of the old server is named with the host.
func TestPinnedKeyOfOldHost(t *testing.T) {
	w := moved()
	w.set("mail."+domain, "A", 300, oldIP)
	w.set("_25._tcp.mail."+domain, "TLSA", 300, "3 1 1 "+strings.Repeat("ab", 32))
	r := w.assessWith(t, Options{Unasked: true}, nil)
	if !slices.ContainsFunc(r.Remnants, func(x Remnant) bool { return x.Type == dnsrec.TypeTLSA }) {
		t.Errorf("%v", r.Remnants)
	}
}

// Where a server in front delivers mail is not known: neither GO nor finished.
func TestServerInFrontHidesTheMove(t *testing.T) {
	for name, c := range map[string]struct {
		mx     string
		hybrid bool
		named  bool
	}{
		"a filter that stays":    {"10 mx1.eu.pphosted.com", false, true},
		"a filter":               {"10 mx1.eu.pphosted.com", false, false},
		"a filter by its name":   {"10 filter.hoster.test", false, true},
		"own servers that stay":  {"10 mail." + domain, true, false},
		"own servers, no filter": {"10 mx.hoster.test", true, false},
	} {
		w := moved()
		w.set("filter.hoster.test", "A", 300, oldIP)
		w.set(domain, "MX", 300, c.mx)
		gateway := func(e *kit.Env) {
			if c.named {
				e.Gateways = []string{"pphosted.com", "filter.hoster.test"}
			}
		}
		r := w.assessWith(t, Options{Unasked: true, Hybrid: c.hybrid}, gateway)
		if r.Stage == Finished || r.ExitCode() == 0 || !slices.Contains(r.codes(), "mx.behind") {
			t.Errorf("%s: stage %s, exit code %d\n%s", name, r.Stage, r.ExitCode(), strings.Join(steps(r), "\n"))
		}
		if c.named && r.ExitCode() != 3 {
			t.Errorf("%s: exit code %d\n%s", name, r.ExitCode(), strings.Join(steps(r), "\n"))
		}
		if r = w.assessWith(t, Options{Unasked: true, Hybrid: c.hybrid, Stage: Cleanup}, gateway); slices.Contains(r.codes(), "mx.behind") {
			t.Errorf("%s: asks what the user said\n%s", name, strings.Join(steps(r), "\n"))
		}
	}
}

// The records of two tenants look alike: only what the new one expects shows which
// of them serves the domain.
func TestTenantIsNotGuessed(t *testing.T) {
	proof := func(v string) Expected { return Expected{Name: domain, Type: "TXT", Value: v} }
	selector := func(tenant string) Expected {
		return Expected{Name: "selector1._domainkey." + domain, Type: "CNAME", Value: "selector1-contoso-test._domainkey." + tenant}
	}
	const mine, other = "contoso.n-v1.dkim.mail.microsoft", "fabrikam.onmicrosoft.com"
	for name, c := range map[string]struct {
		expected []Expected
		stage    Stage
		code     int
	}{
		"nothing given":        {nil, NotKnown, 3},
		"the same MX record":   {[]Expected{{Name: domain, Type: "MX", Value: "0 " + target}}, NotKnown, 3},
		"another proof":        {[]Expected{proof("MS=ms87654321")}, Before, 1},
		"other keys":           {[]Expected{proof("MS=ms12345678"), selector(other)}, Prepared, 0},
		"other keys and proof": {[]Expected{proof("MS=ms87654321"), selector(other)}, Before, 1},
		"all of them":          {[]Expected{proof("MS=ms12345678"), selector(mine)}, Finished, 0},
	} {
		w := moved()
		if name == "other keys" { // nobody signs: the keys of the new tenant come with the domain
			for _, s := range []string{"selector1", "selector2"} {
				w.set(s+"-contoso-test._domainkey."+mine, "TXT", 300)
			}
		}
		w.set(domain, "TXT", 300, "MS=ms12345678", "v=spf1 include:spf.protection.outlook.com -all")
		r := w.assessWith(t, Options{Unasked: true, Tenant: true, Expected: c.expected}, nil)
		if r.Stage != c.stage || r.ExitCode() != c.code {
			t.Errorf("%s: stage %s, exit code %d\n%s", name, r.Stage, r.ExitCode(), strings.Join(steps(r), "\n"))
		}
		if moves := len(r.Steps(PhaseCutover)) > 0; moves == (c.stage == Finished) {
			t.Errorf("%s: steps of the cut-over: %v\n%s", name, moves, strings.Join(steps(r), "\n"))
		}
	}
}

package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// An MX record that names no host because of a slip is repaired before all else, and
// the domain counts as one that was cut over.
func TestLostMailIsRepairedFirst(t *testing.T) {
	for host, code := range map[string]string{
		target + "." + domain:                      "mx.suffix",
		target + ".other.test":                     "mx.suffix",
		"contoso-test.mail.protection.outlok.com":  "mx.misspelled",
		"contoso-test.mail.protecton.outlook.com":  "mx.misspelled",
		"contoso-test.mail.protection.outlook.con": "mx.misspelled",
	} {
		w := moved()
		w.set("selector1._domainkey."+domain, "CNAME", 300) // so that there is more to do
		w.set(domain, "MX", 300, "5 "+host)
		r := w.assessWith(t, Options{Unasked: true}, nil)
		s := r.Plan.Steps[0]
		if r.Stage != Cutover || s.Type != "MX" || !slices.Equal(s.Add, []string{"5 " + target + "."}) || !slices.Equal(s.Fixes, []string{code}) {
			t.Errorf("%s: stage %s\n%s", host, r.Stage, strings.Join(steps(r), "\n"))
		}
		if !slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Code == code && x.Step == 1 }) {
			t.Errorf("%s: %+v", host, r.Reasons)
		}
	}
}

// stepsOf returns the steps of a phase.
func (r *Report) stepsOf(p Phase) (out []report.Step) {
	for _, n := range r.Steps(p) {
		out = append(out, r.Plan.Steps[n-1])
	}
	return out
}

// A move is not finished while an old server still receives mail as a backup. (With
// the same preference, it is not cut over: TestSharedPreference.)
func TestOldBackupIsNotFinished(t *testing.T) {
	for _, old := range []string{"20 mx.hoster.test", "1 mx.hoster.test", "30 mail." + domain, "10 alt1.aspmx.l.google.com"} {
		w, _ := spec{origin: FromNothing, prepared: true}.build()
		w.set("alt1.aspmx.l.google.com", "A", 300, oldIP)
		w.set("mail."+domain, "A", 300, oldIP)
		w.set(domain, "MX", 300, "0 "+target, old)
		w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.outlook.com")
		r := w.assess(t, Options{})
		if r.Stage == Finished || r.ExitCode() != 1 || !slices.ContainsFunc(r.stepsOf(PhaseNow), func(s report.Step) bool { return s.Type == "MX" }) {
			t.Errorf("%s: stage %s, exit code %d\n%s", old, r.Stage, r.ExitCode(), strings.Join(steps(r), "\n"))
		}
	}
}

// Which of two hosts of the same preference comes first in the alphabet decides
// nothing: senders choose among them at random.
func TestNameOfSharedHostDecidesNothing(t *testing.T) {
	for _, old := range []string{"a.hoster.test", "mx.hoster.test", "zz.hoster.test", "a." + domain, "z." + domain} {
		w, _ := spec{origin: FromNothing, prepared: true}.build()
		w.set(old, "A", 300, oldIP)
		w.set(domain, "MX", 300, "0 "+target, "0 "+old)
		w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.outlook.com")
		r := w.assess(t, Options{})
		cut := r.stepsOf(PhaseCutover)
		if r.Stage != Prepared || len(cut) == 0 || cut[0].Type != "MX" || !slices.Equal(cut[0].Keep, []string{"0 " + target + "."}) {
			t.Errorf("%s: stage %s\n%s", old, r.Stage, strings.Join(steps(r), "\n"))
		}
	}
}

// The cut-over behind a filter that stays is a setting of the filter.
func TestFilterIsRedirected(t *testing.T) {
	for _, stays := range []bool{true, false} {
		w, _ := spec{origin: FromGateway, prepared: true}.build()
		r := w.assessWith(t, Options{Unasked: true}, func(e *kit.Env) {
			if stays {
				e.Gateways = []string{"pphosted.com"}
			}
		})
		redirects := slices.ContainsFunc(r.stepsOf(PhaseCutover), func(s report.Step) bool { return strings.Contains(s.Text, target) && s.Type == "" })
		asks := slices.ContainsFunc(r.Watch, func(w string) bool { return strings.Contains(w, "--gateway") })
		if redirects != stays || asks == stays {
			t.Errorf("stays %v: %v\n%s", stays, r.Watch, strings.Join(steps(r), "\n"))
		}
	}
}

// The TTL is lowered though only a resolver shows it.
func TestLowersTTLOfResolver(t *testing.T) {
	w, _ := spec{origin: FromGoogle, prepared: true, fault: "long TTL"}.build()
	r := w.assessWith(t, Options{Unasked: true}, nil)
	now := r.stepsOf(PhaseNow)
	if *orFalse(r.Go) || len(now) != 1 || !strings.Contains(now[0].Text, "86400") {
		t.Errorf("go %v\n%s", r.Go, strings.Join(steps(r), "\n"))
	}
}

// A host that the user gives after the cut-over is published, and if it is there,
// it is not asked about again.
func TestGivenHostAfterCutover(t *testing.T) {
	const other, dnssec = "fabrikam-test.mail.protection.outlook.com", "contoso-test.a-v1.mx.microsoft"
	for _, c := range []struct {
		published, given string
		exists           bool
		code             string // of the reason or the step; empty: nothing is left
	}{
		{other, "", true, "mx.label"},
		{other, other, true, ""},
		{target, target, true, ""},
		{target, dnssec, true, "mx.host"},
		{other, target, true, "mx.host"},
		{target, other, false, "mx.host"},
	} {
		w, _ := spec{origin: FromNothing, prepared: true}.build()
		w.set(domain, "MX", 300, "0 "+c.published)
		w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.outlook.com")
		w.set(c.published, "A", 300, "192.0.2.11")
		if c.given != "" && c.exists {
			w.set(c.given, "A", 300, "192.0.2.12")
		}
		r := w.assess(t, Options{MX: c.given})
		codes := []string{}
		for _, x := range r.Reasons {
			codes = append(codes, x.Code)
		}
		for _, s := range r.stepsOf(PhaseNow) {
			codes = append(codes, s.Fixes...)
		}
		if c.code == "" && len(codes) > 0 || c.code != "" && !slices.Contains(codes, c.code) || (r.ExitCode() == 0) != (c.code == "") {
			t.Errorf("%+v: exit code %d, %v\n%s", c, r.ExitCode(), codes, strings.Join(steps(r), "\n"))
		}
	}
}

// Every way in which the SPF record names the old server is remembered.
func TestOldServerInSPF(t *testing.T) {
	for term, want := range map[string]bool{"ip4:" + oldIP: true, "ip4:198.51.100.0/24": true, "a:mail." + domain: true, "a": false,
		"ip4:203.0.113.0/24": false, "a:web." + domain: false} {
		w, _ := spec{origin: FromOnPrem, prepared: true}.build()
		w.set(domain, "A", 300, "203.0.113.80")
		w.set("web."+domain, "A", 300, "203.0.113.80")
		w.set("mail."+domain, "A", 300, oldIP)
		w.set(domain, "MX", 300, "10 mail."+domain)
		w.set(domain, "TXT", 3600, "v=spf1 "+term+" include:spf.protection.outlook.com ~all")
		r := w.assess(t, Options{})
		got := slices.ContainsFunc(r.stepsOf(PhaseKeep), func(s report.Step) bool { return strings.Contains(s.Text, "remove "+term+" from") })
		if got != want {
			t.Errorf("%s: %v\n%s", term, got, strings.Join(steps(r), "\n"))
		}
	}
}

// A move from another tenant shows in the records that name a tenant.
func TestTenantShowsInRecords(t *testing.T) {
	const mine = "selector1-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft"
	for _, c := range []struct {
		expected Expected
		want     bool
	}{
		{Expected{Name: domain, Type: "TXT", Value: "MS=ms12345678"}, false},
		{Expected{Name: domain, Type: "TXT", Value: "MS=ms87654321"}, true},
		{Expected{Name: "selector1._domainkey." + domain, Type: "CNAME", Value: mine}, false},
		{Expected{Name: "selector1._domainkey." + domain, Type: "CNAME", Value: "selector1-contoso-test._domainkey.fabrikam.onmicrosoft.com"}, true},
	} {
		w, _ := spec{origin: FromNothing, prepared: true}.build()
		w.set(domain, "MX", 300, "0 "+target)
		w.set(domain, "TXT", 300, "MS=ms12345678", "v=spf1 include:spf.protection.outlook.com -all")
		r := w.assess(t, Options{Expected: []Expected{c.expected}})
		if got := r.From.Kind == FromTenant; got != c.want {
			t.Errorf("%v: from %v", c.expected, r.From)
		}
	}
}

// Own servers that stay keep all records of theirs, and no step is there twice.
func TestHybridKeepsAutodiscover(t *testing.T) {
	for _, set := range []func(*simulated){
		func(w *simulated) { w.set("_autodiscover._tcp."+domain, "SRV", 300, "0 0 443 mail."+domain) },
		func(w *simulated) { w.set("autodiscover."+domain, "A", 300, oldIP) },
		func(w *simulated) { w.set("autodiscover."+domain, "CNAME", 300, "mail."+domain) },
	} {
		for _, prepared := range []bool{true, false} {
			w, _ := spec{origin: FromOnPrem, prepared: prepared}.build()
			set(w)
			r := w.assess(t, Options{Hybrid: true})
			if slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return strings.Contains(s.Name, "autodiscover") }) {
				t.Errorf("prepared %v:\n%s", prepared, strings.Join(steps(r), "\n"))
			}
		}
	}
}

// Subdomains that carry mail are found, by name or because they are usual; a
// wildcard is none.
func TestSubdomains(t *testing.T) {
	w, _ := spec{origin: FromGoogle, prepared: true}.build()
	w.set("news."+domain, "MX", 300, "10 mx.hoster.test")
	w.set("news."+domain, "TXT", 300, "v=spf1 include:spf.hoster.test -all")
	w.set("shop."+domain, "TXT", 300, "v=spf1 include:spf.hoster.test -all")
	w.set("eu."+domain, "MX", 300, "0 eu-"+target)
	w.set("parked."+domain, "MX", 300, "0 .")
	w.set("parked."+domain, "TXT", 300, "v=spf1 -all")
	names := func(r *Report) (out []string) {
		for _, s := range r.Inventory.Subdomains {
			out = append(out, strings.TrimSuffix(s.Name, "."+domain))
		}
		slices.Sort(out)
		return out
	}
	for _, c := range []struct {
		given, want, watch []string
		silent             string
	}{
		{nil, []string{"news"}, []string{"news"}, ""},
		{[]string{"shop", "eu", "parked", "none", "news"}, []string{"eu", "news", "shop"}, []string{"news"}, ""},
		{[]string{"shop"}, []string{"news", "shop"}, []string{"news", "shop"}, "shop"},
	} {
		o := Options{Unasked: true}
		for _, g := range c.given {
			o.Names = append(o.Names, g+"."+domain)
		}
		r := w.assessWith(t, o, func(e *kit.Env) {
			if c.silent != "" {
				e.DNS = kittest.Silent(e.DNS, c.silent+"."+domain)
			}
		})
		if got := names(r); !slices.Equal(got, c.want) {
			t.Errorf("%v: found %v", c.given, got)
		}
		for _, name := range []string{"news", "shop", "eu", "parked", "none"} {
			told := slices.ContainsFunc(r.Watch, func(l string) bool { return strings.Contains(l, name+"."+domain) })
			if told != slices.Contains(c.watch, name) {
				t.Errorf("%v: %s is told %v: %v", c.given, name, told, r.Watch)
			}
		}
	}
}

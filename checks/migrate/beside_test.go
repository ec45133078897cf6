package migrate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/report"
)

// mx in the SPF record changes its meaning at the cut-over, whether Microsoft 365 is
// among the MX hosts before it or not.
func TestMXTermBesideMicrosoft(t *testing.T) {
	for _, mx := range [][]string{{"10 mail." + domain}, {"10 mail." + domain, "20 " + target}} {
		for record, safe := range map[string]bool{
			"mx include:spf.protection.outlook.com -all":                        false,
			"mx:" + domain + " include:spf.protection.outlook.com -all":         false,
			"mx/29 include:spf.protection.outlook.com -all":                     false,
			"mx include:spf.protection.outlook.com ~all":                        true,
			"include:spf.protection.outlook.com -all":                           true,
			"ip4:" + oldIP + " include:spf.protection.outlook.com -all":         true,
			"mx:other.test include:spf.protection.outlook.com ip4:1.2.3.4 -all": true,
		} {
			w, _ := spec{origin: FromOnPrem, prepared: true, fault: "fine"}.build()
			w.set("other.test", "MX", 300, "10 mail."+domain)
			w.set(domain, "MX", 300, mx...)
			w.set(domain, "TXT", 3600, "v=spf1 "+record, "MS=ms12345678")
			r := w.assess(t, Options{})
			if *orFalse(r.Go) != safe {
				t.Errorf("%v, %q: go %v, %v\n%s", mx, record, *orFalse(r.Go), r.Reasons, strings.Join(steps(r), "\n"))
			}
			for _, x := range r.Reasons {
				if x.Code == "spf.cutover" && x.Step == 0 {
					t.Errorf("%v, %q: no step ends %s", mx, record, x.Code)
				}
			}
		}
	}
}

// The addresses of the old servers take the place of mx, or are known to cover them:
// the steps end the reason, also where the mail server has several addresses. What
// they do not cover stays a question.
func TestAddressesReplaceMX(t *testing.T) {
	const ms, six = "include:spf.protection.outlook.com", "2001:db8::25"
	for _, c := range []struct {
		terms string
		aaaa  bool
		open  bool // the reason stands today
	}{
		{"mx " + ms + " -all", false, true},
		{"mx " + ms + " -all", true, true},
		{"+mx " + ms + " ~all", false, true},
		{"mx ip4:" + oldIP + " " + ms + " -all", false, false},
		{"mx ip4:198.51.100.0/24 " + ms + " -all", false, false},
		{"mx a:mail." + domain + " " + ms + " -all", true, false},
		{"mx ip4:" + oldIP + " " + ms + " -all", true, true},
		{"mx ip4:" + oldIP + " ip6:" + six + " " + ms + " -all", true, false},
		{"mx ip4:203.0.113.1 " + ms + " -all", false, true},
		{"mx -ip4:" + oldIP + " " + ms + " -all", false, true},
		{"mx/29 ip4:" + oldIP + " " + ms + " -all", false, true},
	} {
		w, _ := spec{origin: FromOnPrem, prepared: true, fault: "fine p=reject"}.build()
		w.set(domain, "MX", 300, "10 mail."+domain, "20 "+target)
		w.set(domain, "TXT", 300, "v=spf1 "+c.terms)
		if c.aaaa {
			w.set("mail."+domain, "AAAA", 300, six)
		}
		r := w.assess(t, Options{})
		i := slices.IndexFunc(r.Reasons, func(x Reason) bool { return x.Code == "spf.cutover" })
		if (i >= 0) != c.open || i >= 0 && r.Reasons[i].Step == 0 {
			t.Errorf("%s: %+v\n%s", c.terms, r.Reasons, strings.Join(steps(r), "\n"))
			continue
		}
		if i < 0 || !r.Plan.Steps[r.Reasons[i].Step-1].HasValues() {
			continue
		}
		w.take(r, PhaseNow)
		w.now = w.now.Add(time.Hour)
		if next := w.assess(t, Options{}); !*orFalse(next.Go) || slices.Contains(next.codes(), "spf.cutover") {
			t.Errorf("%s: never GO\n%s", c.terms, strings.Join(steps(next), "\n"))
		}
		w.take(r, PhaseCutover)
		w.now = w.now.Add(time.Hour)
		if why := w.passes(oldIP, false, w.now); why != "" {
			t.Errorf("%s: %s", c.terms, why)
		}
	}
}

// What arrives at Microsoft 365 before the cut-over depends on the preferences.
func TestSharedPreference(t *testing.T) {
	for _, c := range []struct {
		mx   []string
		want string
	}{
		{[]string{"10 mail." + domain, "20 " + target}, "lower priority"},
		{[]string{"10 aspmx.l.google.com", "10 " + target}, "about half"},
		{[]string{"10 aspmx.l.google.com", "10 " + target, "20 mail." + domain}, "about half"},
		{[]string{"0 aspmx.l.google.com", "0 alt1.aspmx.l.google.com", "0 " + target}, "about 1 of 3"},
		{[]string{"10 aspmx.l.google.com", "10 " + target, "10 other-test.mail.protection.outlook.com"}, "about 2 of 3"},
		{[]string{"0 aspmx.l.google.com", "0 gone." + domain, "0 " + target}, "about half"},
		{[]string{"0 gone." + domain, "10 aspmx.l.google.com", "10 " + target}, "about half"},
		{[]string{"10 mail." + domain}, ""},
	} {
		w, _ := spec{origin: FromOnPrem, prepared: true, fault: "fine"}.build()
		w.set("alt1.aspmx.l.google.com", "A", 300, "192.0.2.31")
		w.set(domain, "MX", 300, c.mx...)
		r := w.assess(t, Options{})
		said := slices.IndexFunc(r.Watch, func(l string) bool { return strings.Contains(l, "is an MX host already") })
		if r.Stage.Moved() || (said >= 0) != (c.want != "") || said >= 0 && !strings.Contains(r.Watch[said], c.want) {
			t.Errorf("%v: stage %s, %q", c.mx, r.Stage, r.Watch)
		}
	}
}

// Senders keep an old policy, also where Microsoft 365 is among the MX hosts before
// the cut-over.
func TestPolicyBesideMicrosoft(t *testing.T) {
	const age = 7 * 24 * time.Hour
	for mx, safe := range map[string]bool{"mx: aspmx.l.google.com\r\n": false, "mx: aspmx.l.google.com\r\nmx: *.mail.protection.outlook.com\r\n": true} {
		for _, since := range []time.Duration{time.Hour, age} {
			w, _ := spec{origin: FromGoogle, prepared: true, fault: "MTA-STS enforces the old MX"}.build()
			w.set(domain, "MX", 300, "10 aspmx.l.google.com", "20 "+target)
			w.policy = "version: STSv1\r\nmode: enforce\r\n" + mx + "max_age: 604800\r\n"
			r := w.assess(t, Options{Since: start.Add(-since)})
			if *orFalse(r.Go) != (safe && since == age) {
				t.Errorf("%q since %v: go %v\n%s", mx, since, *orFalse(r.Go), strings.Join(steps(r), "\n"))
			}
		}
	}
}

// A step that deletes MX records of the old mail system is a decision: no program is to
// take it.
func TestLeftoverMXKeepsCondition(t *testing.T) {
	for _, origin := range []OriginKind{FromGoogle, FromHoster} {
		w, _ := spec{origin: origin, prepared: true, fault: "fine"}.build()
		w.set(domain, "MX", 300, "0 "+target, "10 aspmx.l.google.com")
		r := w.assess(t, Options{})
		i := slices.IndexFunc(r.Plan.Steps, func(s report.Step) bool { return s.Type == "MX" && s.Action == report.ActionDecide })
		if i < 0 || len(r.Plan.Steps[i].Alternatives) != 2 || len(r.Plan.Steps[i].Alternatives[0].Remove) != 1 || !r.Plan.Steps[i].Alternatives[1].Stay {
			t.Errorf("%s: %s", origin, strings.Join(steps(r), "\n"))
		}
	}
}

// What is asked of a filter names the filter, not the mail system behind it.
func TestFilterIsNamed(t *testing.T) {
	w, _ := spec{origin: FromGateway, prepared: true}.build()
	r := w.assess(t, Options{})
	if !slices.ContainsFunc(r.Watch, func(s string) bool { return strings.HasPrefix(s, "If Proofpoint stays ") }) {
		t.Errorf("%q", r.Watch)
	}
}

// Wherever autodiscover may still lead to an old server, no step changes it without
// the condition that check puts on it; where it was meant for Microsoft 365, or there
// was no mail system, there is nothing to wait for.
func TestAutodiscoverWaitsForMailboxes(t *testing.T) {
	const condition = "Do this when "
	for name, c := range map[string]struct {
		set   func(*simulated)
		waits bool
	}{
		"alias":         {func(w *simulated) { w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.hoster.test") }, true},
		"addresses":     {func(w *simulated) { w.set("autodiscover."+domain, "A", 300, oldIP) }, true},
		"service":       {func(w *simulated) { w.set("_autodiscover._tcp."+domain, "SRV", 300, "0 0 443 mail."+domain) }, true},
		"nothing":       {func(*simulated) {}, true},
		"misspelling":   {func(w *simulated) { w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.outlok.com") }, false},
		"another cloud": {func(w *simulated) { w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.office365.us") }, false},
		"a new domain":  {func(w *simulated) { w.set(domain, "MX", 300) }, false},
	} {
		for _, at := range []string{"", target} {
			w, _ := spec{origin: FromOnPrem, prepared: true}.build()
			c.set(w)
			if at != "" {
				w.set(domain, "MX", 300, "0 "+at)
			}
			r := w.assess(t, Options{})
			n := 0
			for _, s := range r.Plan.Steps {
				decides := s.Action == report.ActionDecide && len(s.Alternatives) == 2 && s.Alternatives[1].Stay
				if (decides || s.ChangesRecords()) && strings.Contains(s.Name, "autodiscover.") {
					n++
					if waits := decides || strings.HasPrefix(s.Text, condition); waits != (c.waits && !(name == "nothing" && at != "")) {
						t.Errorf("%s, moved %v: %s", name, r.Stage.Moved(), s.Text)
					}
				}
			}
			if n == 0 {
				t.Errorf("%s, moved %v: no step\n%s", name, r.Stage.Moved(), strings.Join(steps(r), "\n"))
			}
		}
	}
}

package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// fresh returns a world of a domain without mailboxes, whose host at Microsoft 365
// exists.
func fresh(mx string, txt ...string) *simulated {
	w := newWorld()
	w.set(target, "A", 300, "192.0.2.11")
	if mx != "" {
		w.set(domain, "MX", 300, mx)
	}
	if len(txt) > 0 {
		w.set(domain, "TXT", 300, txt...)
	}
	w.now = start
	return w
}

// A domain that receives nothing today gets mailboxes, which send: what it
// publishes about sending none does not take the steps about SPF and DKIM away.
func TestDomainWithoutMailboxes(t *testing.T) {
	for _, c := range []struct {
		mx     string
		txt    []string
		dmarc  string
		apex   bool
		silent bool // the records say that it sends nothing
	}{
		{"", nil, "", false, false},
		{"", nil, "reject", true, false},
		{"", []string{"v=spf1 -all"}, "", false, true},
		{"", []string{"v=spf1 -all"}, "reject", true, true},
		{"0 .", []string{"v=spf1 -all"}, "reject", false, true},
		{"0 .", []string{"v=spf1 -all", "other=1"}, "quarantine", true, true},
		{"0 .", nil, "", false, false},
		{"0 .", []string{"v=spf1 include:spf.hoster.test -all"}, "quarantine", false, false},
		{"", []string{"v=spf1 ip4:203.0.113.9 ~all"}, "none", true, false},
	} {
		w := fresh(c.mx, c.txt...)
		w.set("microsoft.com", "A", 300, "192.0.2.81") // a domain without any records is believed only with it
		if c.apex {
			w.set(domain, "A", 300, "192.0.2.80")
		}
		if c.dmarc != "" {
			w.set("_dmarc."+domain, "TXT", 300, "v=DMARC1; p="+c.dmarc)
		}
		r := w.assess(t, Options{})
		allows, enables := false, false
		for _, s := range r.stepsOf(PhaseNow) {
			allows = allows || s.Type == "TXT" && strings.Contains(strings.Join(s.Add, " "), "include:spf.protection.outlook.com")
			enables = enables || kit.EnablesDKIM(s.Commands)
		}
		if !allows || !enables || *orFalse(r.Go) {
			t.Errorf("%+v: SPF %v, DKIM %v, go %v\n%s", c, allows, enables, r.Go, strings.Join(steps(r), "\n"))
		}
		for _, o := range r.Outlooks {
			if slices.Contains(o.Remaining, "spf.m365") || slices.Contains(o.Remaining, "dmarc.m365") {
				t.Errorf("%+v: after %s: %v", c, o.Phase, o.Remaining)
			}
		}
		if slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Step == 0 && strings.HasPrefix(x.Code, "dmarc.") }) {
			t.Errorf("%+v: no step ends a reason: %+v", c, r.Reasons)
		}
		if want := c.silent && (c.mx != "" || !c.apex); r.Parked != want {
			t.Errorf("%+v: parked %v", c, r.Parked)
		}
		if said := slices.ContainsFunc(r.Watch, func(l string) bool { return strings.Contains(l, "only receive") }); said != c.silent {
			t.Errorf("%+v: %v", c, r.Watch)
		}
	}
}

// A domain that only receives mail today may go on doing so: a person decides, and
// at once where mail of Microsoft 365 would be rejected.
func TestReceivesOnlyIsDecided(t *testing.T) {
	for mx, phase := range map[string]Phase{"10 mx.hoster.test": PhaseNow, "0 " + target: PhaseNow} {
		w := fresh(mx, "v=spf1 -all")
		w.set("_dmarc."+domain, "TXT", 300, "v=DMARC1; p=reject")
		w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.outlook.com")
		r := w.assess(t, Options{})
		if !slices.ContainsFunc(r.stepsOf(phase), func(s report.Step) bool {
			return s.Action == report.ActionDecide && slices.Contains(s.Fixes, "spf.m365")
		}) {
			t.Errorf("%s:\n%s", mx, strings.Join(steps(r), "\n"))
		}
	}
}

// Before the move, Microsoft 365 sends nothing: no step suspends a policy for its
// mail, and a note says what must come first.
func TestNoPolicyIsSuspendedBeforeTheMove(t *testing.T) {
	decisions := 0
	for _, policy := range []string{"none", "quarantine", "reject"} {
		for _, txt := range []string{"v=spf1 ip4:203.0.113.9 -all", "v=spf1 include:_spf.google.com ~all", "v=spf1 exists:%{i}.hoster.test -all", "v=spf1 -all"} {
			for _, moved := range []bool{false, true} {
				w := fresh("10 mx.hoster.test", txt)
				if moved {
					w.set(domain, "MX", 300, "0 "+target)
				}
				w.set("_dmarc."+domain, "TXT", 300, "v=DMARC1; p="+policy)
				r := w.assess(t, Options{})
				suspends := slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool {
					return s.Action == report.ActionDecide && slices.Contains(s.Fixes, "dmarc.m365")
				})
				warned := slices.ContainsFunc(r.Watch, func(l string) bool { return strings.HasPrefix(l, "Do not cut over") })
				strict := policy != "none"
				if moved && suspends {
					decisions++
				}
				if !moved && suspends || warned != (!moved && strict) {
					t.Errorf("p=%s, %q, moved %v, stage %s: decision %v, note %v\n%s", policy, txt, moved, r.Stage, suspends, warned, strings.Join(steps(r), "\n"))
				}
			}
		}
	}
	if decisions == 0 {
		t.Error("no policy is decided about after the move either")
	}
}

// What is left over is named by the record that exists.
func TestRemnantIsNamedAsPublished(t *testing.T) {
	w := moved()
	w.set("mail."+domain, "CNAME", 300, "mx.hoster.test")
	w.set("imap."+domain, "A", 300, oldIP)
	w.set("s1-ionos._domainkey."+domain, "CNAME", 300, "s1.dkim.hoster.test")
	w.set("s1.dkim.hoster.test", "TXT", 300, key)
	got := map[string]string{}
	for _, x := range w.assess(t, Options{}).Remnants {
		got[strings.TrimSuffix(x.Name, "."+domain)] = string(x.Type)
	}
	if got["mail"] != "CNAME" || got["imap"] != "A" {
		t.Error(got)
	}
}

// Own servers that stay keep their records: the move is finished with them.
func TestHybridIsFinishedWithItsRecords(t *testing.T) {
	w := moved()
	w.set("_autodiscover._tcp."+domain, "SRV", 300, "0 0 443 mail."+domain)
	w.set("autodiscover."+domain, "CNAME", 300, "mail."+domain)
	w.set("mail."+domain, "A", 300, oldIP)
	if r := w.assess(t, Options{Hybrid: true}); r.Stage != Finished || r.ExitCode() != 0 {
		t.Errorf("stage %s, exit code %d\n%s", r.Stage, r.ExitCode(), strings.Join(steps(r), "\n"))
	}
}

// A TTL that was lowered for the cut-over is raised again when the move is over.
func TestTTLIsRaisedAgain(t *testing.T) {
	for ttl, want := range map[int]bool{60: true, 300: true, 3600: false, 86400: false} {
		w := moved()
		w.set(domain, "MX", ttl, "0 "+target)
		r := w.assess(t, Options{})
		if got := slices.ContainsFunc(r.Watch, func(l string) bool { return strings.Contains(l, "raise it") }); got != want || r.Stage != Finished {
			t.Errorf("TTL %d: stage %s, %v", ttl, r.Stage, r.Watch)
		}
	}
}

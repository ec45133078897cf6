package migrate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
)

// A policy that is enforced lists the servers of before and after the cut-over, or
// it is NO-GO, and senders that keep one without the new servers are waited for.
func TestPolicyListsBoth(t *testing.T) {
	const old, ms = "mx: aspmx.l.google.com\r\n", "mx: *.mail.protection.outlook.com\r\n"
	const age = 7 * 24 * time.Hour
	for _, c := range []struct {
		mode, mx  string
		safe      bool
		waits     bool // for max_age
		now, keep bool // steps that publish a policy
	}{
		{"enforce", old, false, true, true, true},
		{"enforce", ms, false, false, true, false},
		{"enforce", old + ms, true, false, false, true},
		{"enforce", "mx: *.l.google.com\r\n" + ms, true, false, false, true},
		{"enforce", "mx: mx.other.test\r\n", false, true, true, true},
		{"testing", old, true, false, true, true},
		{"none", old, true, false, false, false},
	} {
		w, _ := spec{origin: FromGoogle, prepared: true, fault: "MTA-STS enforces the old MX"}.build()
		w.policy = "version: STSv1\r\nmode: " + c.mode + "\r\n" + c.mx + "max_age: 604800\r\n"
		r := w.assess(t, Options{Since: start.Add(-age)})
		w.harmless(t, r)
		if *orFalse(r.Go) != c.safe || r.Timing.Earliest.Before(w.now.Add(age)) == c.waits {
			t.Errorf("%s %q: go %v, earliest %v\n%s", c.mode, c.mx, *orFalse(r.Go), r.Timing.Earliest, strings.Join(steps(r), "\n"))
		}
		for phase, want := range map[Phase]bool{PhaseNow: c.now, PhaseKeep: c.keep} {
			if got := len(policies(r, phase)) > 0; got != want {
				t.Errorf("%s %q: publishes a policy %s: %v", c.mode, c.mx, phase, got)
			}
		}
		for _, p := range policies(r, PhaseKeep) {
			if strings.Contains(p, "google") || !strings.Contains(p, "mx: *.mail.protection.outlook.com") {
				t.Errorf("%s %q: at the end: %s", c.mode, c.mx, p)
			}
		}
	}
}

// Since when a policy lists the new servers is not known from the records: an id
// that is a time can only show that it is too early.
func TestAgeOfPolicy(t *testing.T) {
	const age = 7 * 24 * time.Hour
	for name, c := range map[string]struct {
		id    string
		since time.Time
		code  int // exit code
	}{
		"nothing known":        {"1", time.Time{}, 3},
		"an old id":            {"20250101T000000", time.Time{}, 3},
		"a new id":             {"20261122T000000", time.Time{}, 1},
		"a new id of digits":   {"20261122093000", time.Time{}, 1},
		"a new id with a zone": {"20261122093000Z", time.Time{}, 1},
		"known, too early":     {"1", start.Add(-age + time.Hour), 1},
		"known, in time":       {"1", start.Add(-age), 0},
		"known, with a new id": {"20261122T000000", start.Add(-age), 0},
	} {
		w, _ := spec{origin: FromGoogle, prepared: true, fault: "MTA-STS enforces the old MX"}.build()
		w.policy = "version: STSv1\r\nmode: enforce\r\nmx: aspmx.l.google.com\r\nmx: " + target + "\r\nmax_age: 604800\r\n"
		w.set("_mta-sts."+domain, "TXT", 300, "v=STSv1; id="+c.id)
		r := w.assess(t, Options{Since: c.since})
		if r.ExitCode() != c.code || slices.Contains(r.codes(), "time.policy") == (c.code == 0) || r.Timing.Unknown != (c.code == 3) {
			t.Errorf("%s: exit code %d, no date %v\n%s", name, r.ExitCode(), r.Timing.Unknown, strings.Join(steps(r), "\n"))
		}
		if c.code == 1 && !r.Timing.Earliest.After(w.now.Add(time.Minute)) {
			t.Errorf("%s: earliest %v", name, r.Timing.Earliest)
		}
	}
}

// Senders may have a policy that cannot be read today: nobody can say when mail may
// move. Without a record, or where mode testing can be read, it may.
func TestPolicyThatCannotBeRead(t *testing.T) {
	for policy, code := range map[string]int{"": 3, "<html>hello</html>": 3, "version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\n": 3,
		"version: STSv1\r\nmode: testing\r\nmx: aspmx.l.google.com\r\nmx: " + target + "\r\nmax_age: 604800\r\n": 0} {
		w, _ := spec{origin: FromGoogle, prepared: true}.build()
		w.policy = policy
		w.set("_mta-sts."+domain, "TXT", 300, "v=STSv1; id=20250101T000000")
		r := w.assess(t, Options{})
		if got := slices.Contains(r.codes(), "time.policy"); got != (code == 3) || code == 0 && r.ExitCode() != 0 || code > 0 && r.ExitCode() == 0 {
			t.Errorf("%q: exit code %d, %v", policy, r.ExitCode(), r.codes())
		}
	}
}

// policies returns the commands of the steps of a phase that write a policy.
func policies(r *Report, p Phase) (out []string) {
	for _, n := range r.Steps(p) {
		if text := strings.Join(r.Plan.Steps[n-1].Commands, "\n"); strings.Contains(text, "mode: ") {
			out = append(out, text)
		}
	}
	return out
}

// It is NO-GO while a step is open that mail depends on.
func TestOpenStepIsNoGo(t *testing.T) {
	const include = "include:spf.protection.outlook.com "
	for _, c := range []struct {
		spf, dmarc string
		alias      string // of selector1; empty: right
		code       string // of the reason; empty: GO
	}{
		{"mx " + include + "-all", "none", "", "spf.cutover"},
		{"mx " + include + "~all", "reject", "", "spf.cutover"},
		{"mx " + include + "~all", "quarantine", "", "spf.cutover"},
		{"mx " + include + "~all", "none", "", ""},
		{"ip4:" + oldIP + " " + include + "-all", "reject", "", ""},
		{"ip4:" + oldIP + " " + include + "~all", "none", "selector1-other-test._domainkey.contoso.n-v1.dkim.mail.microsoft", "dkim.token"},
	} {
		w, _ := spec{origin: FromOnPrem, prepared: true}.build()
		w.set(domain, "TXT", 3600, "v=spf1 "+c.spf)
		w.set("_dmarc."+domain, "TXT", 3600, "v=DMARC1; p="+c.dmarc+"; rua=mailto:d@"+domain)
		if c.alias != "" {
			w.set("selector1._domainkey."+domain, "CNAME", 3600, c.alias)
			w.set(c.alias, "TXT", 3600, key)
		}
		r := w.assess(t, Options{})
		w.harmless(t, r)
		i := slices.IndexFunc(r.Reasons, func(x Reason) bool { return x.Code == c.code })
		switch {
		case r.Unknown || *orFalse(r.Go) != (c.code == ""):
			t.Errorf("%v: go %v\n%s", c, *orFalse(r.Go), strings.Join(steps(r), "\n"))
		case c.code != "" && (i < 0 || r.Reasons[i].Step == 0 || r.ExitCode() != 1):
			t.Errorf("%v: exit code %d\n%s", c, r.ExitCode(), strings.Join(steps(r), "\n"))
		}
	}
}

// A server that the SPF record of today names and that could not be looked up
// keeps the decision open.
func TestUnansweredSender(t *testing.T) {
	for _, term := range []string{"a:out.sender.test ", "include:spf.sender.test ", "mx "} {
		w, _ := spec{origin: FromOnPrem, prepared: true}.build()
		w.set(domain, "TXT", 3600, "v=spf1 "+term+"include:spf.protection.outlook.com ~all")
		r := w.assessWith(t, Options{Unasked: true}, func(e *kit.Env) {
			e.DNS = kittest.Silent(e.DNS, "out.sender.test", "spf.sender.test", "mail."+domain)
		})
		if r.Go != nil || !r.Unknown || r.ExitCode() != 3 {
			t.Errorf("%s: exit code %d\n%s", term, r.ExitCode(), strings.Join(steps(r), "\n"))
		}
	}
}

// A reason names a step that is due now, whatever the records are.
func TestReasonsNameStepsOfNow(t *testing.T) {
	ten := "include:_spf.google.com "
	for _, s := range strings.Fields("0 1 2 3 4 5 6 7 8") {
		ten += "include:s" + s + ".spf.test "
	}
	for name, set := range map[string]func(*simulated){
		"ten lookups": func(w *simulated) { w.set(domain, "TXT", 3600, "v=spf1 "+ten+"~all") },
		"null MX": func(w *simulated) {
			w.set(domain, "MX", 300, "0 .")
			w.set(domain, "TXT", 3600, "v=spf1 -all")
			w.set("_dmarc."+domain, "TXT", 3600, "v=DMARC1; p=reject")
		},
		"gateway": func(w *simulated) {
			w.set(domain, "MX", 300, "10 mx1.eu.pphosted.com")
			w.set(domain, "TXT", 3600, "v=spf1 ip4:"+oldIP+" -all")
		},
		"both": func(w *simulated) { w.set(domain, "MX", 300, "5 aspmx.l.google.com", "10 "+target) },
	} {
		w, _ := spec{origin: FromGoogle}.build()
		set(w)
		r := w.assess(t, Options{})
		w.harmless(t, r)
		for _, s := range r.Plan.Steps {
			if name == "ten lookups" && s.Type == "TXT" && s.Name == domain+"." && len(s.Add) > 0 {
				t.Errorf("%s: undoes the decision: %v", name, s)
			}
		}
		i := slices.IndexFunc(r.Reasons, func(x Reason) bool { return x.Step > 0 })
		if r.Go == nil || *r.Go || i < 0 {
			t.Errorf("%s:\n%s", name, strings.Join(steps(r), "\n"))
		}
	}
}

// A resolver that denies everything knows nothing about the domain.
func TestDenyingResolver(t *testing.T) {
	w, _ := spec{origin: FromGoogle, prepared: true}.build()
	for _, o := range []Options{{Unasked: true}, {Unasked: true, Stage: Before}, {Unasked: true, Stage: Finished}} {
		r := w.assessWith(t, o, func(e *kit.Env) { e.DNS = empty })
		if r.Go != nil || r.ExitCode() != 3 || len(r.Plan.Steps) > 0 || len(r.Reasons) == 0 {
			t.Errorf("%v: exit code %d\n%s", o, r.ExitCode(), strings.Join(steps(r), "\n"))
		}
	}
}

package migrate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// What follows from the MX change does not depend on the name of the host: the forecast
// is the same whether it is known yet or not.
func TestForecastWithoutHost(t *testing.T) {
	t.Parallel()
	for _, origin := range origins {
		for _, prepared := range []bool{false, true} {
			for _, fault := range faults {
				if fault == "not added to the tenant" || strings.Contains(fault, "MTA-STS") || strings.Contains(fault, "policy") { // a policy lists hosts by name
					continue
				}
				s := spec{origin: origin, prepared: prepared, fault: fault}
				known, _ := s.build()
				unknown, _ := s.build()
				delete(unknown.sets, q(target, "A"))
				want := atCutoverOf(known.assess(t, Options{Unasked: true}))
				r := unknown.assess(t, Options{Unasked: true})
				got := atCutoverOf(r)
				if got.Verdict != want.Verdict || !slices.Equal(got.Remaining, want.Remaining) {
					t.Errorf("%s: %v %v, known: %v %v\n%s", s, got.Verdict, got.Remaining, want.Verdict, want.Remaining, strings.Join(steps(r), "\n"))
				}
				for _, step := range r.Plan.Steps {
					if fmt.Sprint(step) != strings.ReplaceAll(fmt.Sprint(step), target, "") {
						t.Errorf("%s: a step names a host that does not exist: %v", s, step)
					}
				}
			}
		}
	}
}

// atCutoverOf returns the outlook at the cut-over.
func atCutoverOf(r *Report) (o Outlook) {
	for _, x := range r.Outlooks {
		if x.Phase == PhaseCutover {
			o = x
		}
	}
	return o
}

// A forecast counts the steps that it takes, and names the decisions that it does not.
func TestForecastCountsWhatItTakes(t *testing.T) {
	t.Parallel()
	decisions := 0
	for _, origin := range origins {
		for _, second := range []string{"", "20 " + target, "20 mx.hoster.test", "20 eu-smtp-inbound-1.mimecast.com"} {
			for _, txt := range []string{"", "v=spf1 -all", "v=spf1 include:gone.test include:spf.protection.outlook.com -all"} {
				w, _ := spec{origin: origin, prepared: true}.build()
				if old, ok := latest(w.sets[q(domain, "MX")], w.now); ok && second != "" {
					w.set(domain, "MX", 300, append(slices.Clone(old.values), second)...)
				}
				if txt != "" {
					w.set(domain, "TXT", 300, txt)
				}
				r := w.assess(t, Options{Unasked: true})
				for _, o := range r.Outlooks {
					decisions += len(o.Undecided)
					for _, n := range slices.Concat(o.Steps, o.Undecided) {
						decide := r.Plan.Steps[n-1].Action == report.ActionDecide
						if decide != slices.Contains(o.Undecided, n) || slices.Index(Phases(), r.Phases[n-1]) > slices.Index(Phases(), o.Phase) {
							t.Errorf("%s %q %q: step %d in %+v\n%s", origin, second, txt, n, o, strings.Join(steps(r), "\n"))
						}
					}
				}
			}
		}
	}
	if decisions == 0 {
		t.Error("no world has a decision")
	}
}

// A decision about MX records that the cut-over takes away anyway is no step.
func TestCutoverSettlesBypass(t *testing.T) {
	t.Parallel()
	w, _ := spec{origin: FromGateway, prepared: true}.build()
	w.set(domain, "MX", 300, "10 mx1.eu.pphosted.com", "50 mx.hoster.test")
	r := w.assess(t, Options{Unasked: true})
	if slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, "mx.bypass") }) {
		t.Errorf("decides about records that the cut-over deletes\n%s", strings.Join(steps(r), "\n"))
	}
}

// The cut-over between tenants names a host that the new tenant serves: no other one
// stays, and nothing says GO before it is known.
func TestTenantMoveChangesMX(t *testing.T) {
	t.Parallel()
	const own, other, us = target, "holding-test.mail.protection.outlook.com", "oldco.mail.protection.office365.us"
	for _, c := range []struct {
		published, given string
		missing          bool   // the host of the cut-over has no address
		want             string // host of the MX step; "": no step, "?": not known
	}{
		{own, "", false, ""},
		{own, own, false, ""},
		{own, "contoso-test.q-v1.mx.microsoft", false, "contoso-test.q-v1.mx.microsoft"},
		{own, "contoso-test.q-v1.mx.microsoft", true, "?"},
		{other, "", false, own},
		{other, "", true, "?"},
		{other, own, false, own},
		{other, other, false, ""}, // the user confirms it
		{"contoso-test.e-v1.mx.microsoft", "contoso-test.q-v1.mx.microsoft", false, "contoso-test.q-v1.mx.microsoft"},
		{us, "", false, "?"},
		{us, "newco.mail.protection.office365.us", false, "newco.mail.protection.office365.us"},
	} {
		w, _ := spec{origin: FromNothing, prepared: true}.build()
		w.set(domain, "MX", 300, "0 "+c.published)
		delete(w.sets, q(target, "A"))
		w.set(c.published, "A", 300, "52.101.1.1")
		if host := c.given; !c.missing && host != "" {
			w.set(host, "A", 300, "52.101.1.2")
		} else if !c.missing {
			w.set(own, "A", 300, "52.101.1.2")
		}
		o := Options{Unasked: true, Tenant: true, Stage: Before}
		if c.given != "" {
			o.Expected = []Expected{{Name: domain, Type: "MX", Value: "0 " + c.given}}
		}
		r := w.assess(t, o)
		got, verified := "", 0
		for i, s := range r.Plan.Steps {
			if strings.Contains(s.Text, "verify ") {
				verified = s.Step
			}
			if s.Type != "MX" {
				continue
			}
			got = "?"
			if len(s.Add) > 0 {
				got = strings.TrimSuffix(strings.TrimPrefix(s.Add[0], "0 "), ".")
			}
			if r.Phases[i] != PhaseCutover || !slices.Equal(s.After, []int{verified}) || verified == 0 || !strings.Contains(s.Remove[0], c.published) {
				t.Errorf("%+v: %+v", c, s)
			}
		}
		if got != c.want {
			t.Errorf("%+v: MX step to %q\n%s", c, got, strings.Join(steps(r), "\n"))
		}
		if c.want == "?" && r.Go != nil && *r.Go {
			t.Errorf("%+v: GO without a host", c)
		}
	}
}

// The host that the user names replaces another one of Microsoft 365 beside the old
// mail system.
func TestGivenHostReplacesPublished(t *testing.T) {
	t.Parallel()
	const given = "contoso-test.q-v1.mx.microsoft"
	for _, exists := range []bool{true, false} {
		w, _ := spec{origin: FromHoster, prepared: true}.build()
		w.set(domain, "MX", 300, "10 mx.hoster.test", "20 "+target)
		if exists {
			w.set(given, "A", 300, "52.101.1.2")
		}
		r := w.assess(t, Options{Unasked: true, MX: given})
		i := slices.IndexFunc(r.Plan.Steps, func(s report.Step) bool { return s.Type == "MX" })
		if i < 0 || slices.Contains(r.Plan.Steps[i].Add, "0 "+given+".") != exists {
			t.Errorf("exists %v: %s", exists, strings.Join(steps(r), "\n"))
		}
	}
}

// Between clouds, too, the domain is in one tenant: nothing of the new cloud is published
// before the cut-over but what lets it send, and the wrong cloud is no reason to change
// the MX record now.
func TestMoveBetweenClouds(t *testing.T) {
	t.Parallel()
	hosts := map[string]string{"worldwide": target, "gcc-high": "newco.mail.protection.office365.us", "dod": "newco.mail.protection.office365.us",
		"china": "contoso-test.mail.protection.partner.outlook.cn"}
	for from, published := range hosts {
		for to, given := range hosts {
			for _, file := range []bool{false, true} {
				if published == given || from == "worldwide" && to == "worldwide" {
					continue
				}
				c := kit.CloudByID(to)
				w, _ := spec{origin: FromNothing, prepared: true}.build()
				old := kit.CloudByID(from)
				w.set(domain, "MX", 300, "0 "+published)
				w.set(domain, "TXT", 300, "v=spf1 include:"+old.SPF+" -all")
				w.set("autodiscover."+domain, "CNAME", 300, old.Autodiscover)
				w.set(published, "A", 300, "52.101.1.1")
				w.set(given, "A", 300, "52.101.1.2")
				for _, x := range kit.Clouds() {
					w.set(x.SPF, "TXT", 300, "v=spf1 ip4:40.92.0.0/15 -all")
					w.set(x.Autodiscover, "A", 300, "192.0.2.3")
				}
				for _, sel := range []string{"selector1", "selector2"} {
					w.set(sel+"._domainkey."+domain, "CNAME", 300, sel+"-contoso-test._domainkey.old"+old.DKIM[0])
					w.set(sel+"-contoso-test._domainkey.old"+old.DKIM[0], "TXT", 300, key)
				}
				o := Options{Unasked: true, MX: given, Stage: Before}
				if file {
					o.MX, o.Expected = "", []Expected{{Name: domain, Type: "MX", Value: "0 " + given}, {Name: "autodiscover." + domain, Type: "CNAME", Value: c.Autodiscover}}
				}
				r := w.assessWith(t, o, func(e *kit.Env) {
					if !file {
						e.Cloud = to
					}
				})
				moved := false
				for i, s := range r.Plan.Steps {
					switch {
					case s.Type == "MX":
						moved = r.Phases[i] == PhaseCutover && slices.Equal(s.Add, []string{"0 " + given + "."})
					case r.Phases[i] == PhaseNow && (strings.Contains(s.Text, "MX record") && !strings.Contains(s.Text, "MS=") || s.Type == "CNAME"):
						t.Errorf("%s to %s, file %v: now %+v", from, to, file, s)
					}
					for j, other := range r.Plan.Steps[:i] {
						if s.HasValues() && s.Name == other.Name && s.Type == other.Type && slices.Equal(s.Remove, other.Remove) && slices.Equal(s.Add, other.Add) {
							t.Errorf("%s to %s: steps %d and %d are the same", from, to, j+1, i+1)
						}
					}
				}
				if !moved || r.From.Kind != FromTenant || r.Cloud.SPF != c.SPF || file && r.Cloud.ID != to {
					t.Errorf("%s to %s, file %v: from %s, cloud %s\n%s", from, to, file, r.From.Kind, r.Cloud.ID, strings.Join(steps(r), "\n"))
				}
			}
		}
	}
}

// A forecast counts no finding as ended by a command of a later phase.
func TestForecastLeavesLaterCommands(t *testing.T) {
	t.Parallel()
	w, _ := spec{origin: FromNothing, prepared: true, fault: "DKIM not enabled"}.build()
	w.set(domain, "MX", 300, "0 "+target)
	for _, sel := range []string{"selector1", "selector2"} {
		w.set(sel+"._domainkey."+domain, "CNAME", 300, sel+"-contoso-test._domainkey.old.onmicrosoft.com")
	}
	r := w.assess(t, Options{Unasked: true, Tenant: true, Stage: Before})
	for _, o := range r.Outlooks {
		enables := slices.ContainsFunc(o.Steps, func(n int) bool { return kit.EnablesDKIM(r.Plan.Steps[n-1].Commands) })
		if o.Phase == PhaseCutover && !enables && (o.Fail == 0 || !slices.ContainsFunc(o.Remaining, func(c string) bool { return strings.HasPrefix(c, "dkim.") })) {
			t.Errorf("%+v\n%s", o, strings.Join(steps(r), "\n"))
		}
	}
}

// The keys of the old tenant sign until the cut-over and are gone after it, whatever is
// wrong with them today: no step points to the keys of the new tenant before.
func TestTenantKeysMoveAtCutover(t *testing.T) {
	t.Parallel()
	alias := func(sel string) string { return sel + "-contoso-test._domainkey.old.onmicrosoft.com" }
	for name, c := range map[string][2]string{"right": {alias("selector1"), alias("selector2")}, "swapped": {alias("selector2"), alias("selector1")},
		"one": {alias("selector1"), ""}, "none": {"", ""}, "same": {alias("selector1"), alias("selector1")}} {
		for _, expected := range []bool{true, false} {
			for _, policy := range []string{"none", "reject"} {
				w, _ := spec{origin: FromNothing, prepared: true}.build()
				w.set(domain, "MX", 300, "0 "+target)
				w.set("_dmarc."+domain, "TXT", 300, "v=DMARC1; p="+policy+"; rua=mailto:d@"+domain)
				o := Options{Unasked: true, Tenant: true, Stage: Before}
				for i, sel := range []string{"selector1", "selector2"} {
					w.set(alias(sel), "TXT", 300, key)
					w.set(sel+"._domainkey."+domain, "CNAME", 300)
					if c[i] != "" {
						w.set(sel+"._domainkey."+domain, "CNAME", 300, c[i])
					}
					if expected {
						o.Expected = append(o.Expected, Expected{Name: sel + "._domainkey." + domain, Type: "CNAME", Value: sel + "-contoso-test._domainkey.new.onmicrosoft.com"})
					}
				}
				r := w.assess(t, o)
				for i, s := range r.Plan.Steps {
					if r.Phases[i] == PhaseNow && (strings.Contains(s.Name, "_domainkey") || kit.EnablesDKIM(s.Commands)) {
						t.Errorf("%s, expected %v, p=%s: now %+v", name, expected, policy, s)
					}
				}
				if o := atCutoverOf(r); o.Fail == 0 || !slices.ContainsFunc(o.Remaining, func(c string) bool { return strings.HasPrefix(c, "dkim.") }) {
					t.Errorf("%s, expected %v, p=%s: %+v\n%s", name, expected, policy, o, strings.Join(steps(r), "\n"))
				}
			}
		}
	}
}

// A misspelt host is corrected to one that exists, or not at all.
func TestCorrectedHostExists(t *testing.T) {
	for _, host := range []string{target + "." + domain, target + ".other.test", "contoso-test.mail.protection.outlok.com", "contoso-test.mail.protecton.outlook.com"} {
		for _, exists := range []bool{true, false} {
			w := moved()
			w.set(domain, "MX", 300, "5 "+host)
			if !exists {
				delete(w.sets, q(target, "A"))
			}
			r := w.assessWith(t, Options{Unasked: true}, nil)
			published := slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return slices.Contains(s.Add, "5 "+target+".") })
			told := slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool {
				return slices.Contains(s.Fixes, "mx.suffix") || slices.Contains(s.Fixes, "mx.misspelled")
			})
			if published != exists || !told {
				t.Errorf("%s, exists %v: published %v\n%s", host, exists, published, strings.Join(steps(r), "\n"))
			}
		}
	}
}

// Names that Microsoft has retired are no mail system to move from.
func TestRetiredHostsHaveMoved(t *testing.T) {
	for _, mx := range [][]string{{"10 mail.messaging.microsoft.com"}, {"10 mail.messaging.microsoft.com", "20 contoso-test.mail.eo.outlook.com"}, {"0 contoso-test.mail.protection.outlook.de", "10 " + target}} {
		w := moved()
		w.set(domain, "MX", 300, mx...)
		w.set("mail.messaging.microsoft.com", "A", 300, "192.0.2.80")
		r := w.assessWith(t, Options{Unasked: true}, nil)
		changes := 0
		for _, s := range r.Plan.Steps {
			if s.Type == "MX" {
				changes++
			}
			if strings.Contains(s.Text, "publish its address instead") {
				t.Errorf("%v: %s", mx, s.Text)
			}
		}
		if !r.Stage.Moved() || changes != 1 || strings.Contains(r.From.Name, "microsoft.com") {
			t.Errorf("%v: stage %s from %s, %d changes\n%s", mx, r.Stage, r.From.Name, changes, strings.Join(steps(r), "\n"))
		}
	}
}

// The proof of ownership by an MX record is one, and is left alone by the cut-over.
func TestVerificationByMX(t *testing.T) {
	w, _ := spec{origin: FromHoster, prepared: true}.build()
	w.set(domain, "MX", 300, "10 mx.hoster.test", "32767 ms12345678.msv1.invalid")
	r := w.assess(t, Options{Unasked: true})
	named := func(list []string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, "ms12345678.msv1.invalid") })
	}
	if !named(r.Done) || !named(r.Watch) {
		t.Errorf("done %q, watch %q", r.Done, r.Watch)
	}
	for _, s := range r.stepsOf(PhaseCutover) {
		if s.Type == "MX" && (!named(s.Keep) || named(s.Remove)) {
			t.Errorf("%+v", s)
		}
	}
}

// An MX host in the domain's own name that is an alias of one of Microsoft is read by
// what it is an alias of, also between tenants and clouds.
func TestAliasOfMicrosoftHost(t *testing.T) {
	for _, end := range []string{target, "holding-test.mail.protection.outlook.com", "newco.mail.protection.office365.us"} {
		for _, tenant := range []bool{false, true} {
			for _, cloud := range []string{"auto", "worldwide", "gcc-high", "china"} {
				w := moved()
				w.set(domain, "MX", 300, "10 mail."+domain)
				w.set("mail."+domain, "CNAME", 300, end)
				w.set(end, "A", 300, "52.101.1.1")
				o := Options{Unasked: true, Tenant: tenant}
				if tenant {
					o.Stage = Before
				}
				r := w.assessWith(t, o, func(e *kit.Env) { e.Cloud = cloud })
				if tenant && (end != target || cloud == "china") && !slices.ContainsFunc(r.stepsOf(PhaseCutover), func(s report.Step) bool { return s.Type == "MX" }) {
					t.Errorf("%s to %s: the MX record stays\n%s", end, cloud, strings.Join(steps(r), "\n"))
				}
			}
		}
	}
}

// Each step begins with what the steps before it leave: none changes again what an
// earlier one has changed otherwise.
func TestStepsFollowOnEachOther(t *testing.T) {
	t.Parallel()
	const given = "contoso-test.q-v1.mx.microsoft"
	for _, mx := range [][]string{{"0 " + target}, {"0 contoso-tset.mail.protection.outlook.com"}, {"0 holding-test.mail.protection.outlook.com", "20 mx.hoster.test"},
		{"10 mail." + domain, "20 192.0.2.9"}, {"0 " + target + "." + domain}, {"10 mail.messaging.microsoft.com"}, {"10 " + target, "10 mx.hoster.test"},
		{"10 mx.hoster.test", "20 dead.hoster.test"}, {"10 mx1.eu.pphosted.com", "20 " + target}, {"0 .", "10 " + target}, {"10 aspmx.l.google.com"}} {
		for _, o := range []Options{{}, {MX: given}, {MX: target}, {Stage: Before}, {Stage: Before, MX: given}, {Stage: Cleanup, MX: given}, {Tenant: true, Stage: Before, MX: given}} {
			w, _ := spec{origin: FromHoster, prepared: true}.build()
			w.set(domain, "MX", 300, mx...)
			w.set(given, "A", 300, "52.101.1.2")
			w.set("holding-test.mail.protection.outlook.com", "A", 300, "52.101.1.3")
			w.set("mail."+domain, "CNAME", 300, target)
			w.set("mail.messaging.microsoft.com", "A", 300, "192.0.2.80")
			o.Unasked = true
			r := w.assess(t, o)
			state := map[string][]string{}
			for _, s := range r.Plan.Steps {
				if !s.HasValues() {
					continue
				}
				before := slices.Sorted(slices.Values(append(slices.Clone(s.Keep), s.Remove...)))
				if left, changed := state[s.Name+s.Type]; changed && !slices.Equal(left, before) {
					t.Errorf("%v, %+v: step %d begins with %v, not %v\n%s", mx, o, s.Step, before, left, strings.Join(steps(r), "\n"))
				}
				state[s.Name+s.Type] = slices.Sorted(slices.Values(append(slices.Clone(s.Keep), s.Add...)))
			}
		}
	}
}

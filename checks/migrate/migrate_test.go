package migrate

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
)

// assessWith looks at a domain with more flags, and with faults of the resolver.
func (w *simulated) assessWith(t *testing.T, o Options, change func(*kit.Env)) *Report {
	t.Helper()
	env := &kit.Env{Domain: domain, Expect: kit.ExpectM365, Cloud: "auto", Now: w.now, World: kit.World{DNS: dnsrec.NewCache(w.resolver(), dnsrec.CacheOptions{}), HTTPS: w.fetch}}
	if change != nil {
		change(env)
	}
	return Assess(t.Context(), env, o)
}

// What could not be checked is neither GO nor NO-GO.
func TestUnknownIsNoDecision(t *testing.T) {
	w, _ := spec{origin: FromGoogle, prepared: true}.build()
	if r := w.assessWith(t, Options{}, nil); r.Go != nil || !r.Unknown || r.ExitCode() != 3 {
		t.Errorf("name servers not asked: go %v, exit code %d", r.Go, r.ExitCode())
	}
	if r := w.assessWith(t, Options{Unasked: true}, nil); r.Go == nil || !*r.Go || r.ExitCode() != 0 {
		t.Errorf("name servers not wanted: %s", strings.Join(steps(r), "\n"))
	}
	for _, name := range []string{domain, target, "spf.protection.outlook.com", "selector1._domainkey." + domain, "_mta-sts." + domain} {
		r := w.assessWith(t, Options{Unasked: true}, func(e *kit.Env) { e.DNS = kittest.Silent(e.DNS, name) })
		if r.Go != nil && *r.Go {
			t.Errorf("%s does not answer, and it is GO", name)
		}
	}
	r := w.assessWith(t, Options{Unasked: true}, func(e *kit.Env) { e.DNS = kittest.Silent(e.DNS, domain) })
	if r.Stage != NotKnown || len(r.Plan.Steps) > 0 || r.ExitCode() != 3 {
		t.Errorf("the domain does not answer: stage %s, exit code %d\n%s", r.Stage, r.ExitCode(), strings.Join(steps(r), "\n"))
	}
	r = w.assessWith(t, Options{Unasked: true}, func(e *kit.Env) { e.DNS = kittest.Silent(e.DNS) })
	if r.Go != nil && *r.Go || r.ExitCode() == 0 {
		t.Errorf("nothing answers: exit code %d, %s", r.ExitCode(), strings.Join(steps(r), "\n"))
	}
}

// Own servers that stay are left alone.
func TestHybrid(t *testing.T) {
	w, _ := spec{origin: FromOnPrem, prepared: true}.build()
	w.set("autodiscover."+domain, "A", 300, oldIP)
	r := w.assessWith(t, Options{Unasked: true, Hybrid: true}, nil)
	for i, s := range r.Plan.Steps {
		if r.Phases[i] == PhaseCutover || strings.HasPrefix(s.Name, "autodiscover.") || len(s.Remove) > 0 {
			t.Errorf("hybrid: %s", strings.Join(steps(r), "\n"))
			break
		}
	}
	if !r.Stays {
		t.Error("the own servers do not stay")
	}
	if r := w.assessWith(t, Options{Unasked: true}, nil); len(r.Steps(PhaseCutover)) < 3 {
		t.Errorf("not hybrid: %s", strings.Join(steps(r), "\n"))
	}
}

// A filter that stays keeps the MX record.
func TestGatewayThatStays(t *testing.T) {
	w, _ := spec{origin: FromGateway, prepared: true}.build()
	gateway := func(e *kit.Env) { e.Gateways = []string{"pphosted.com"} }
	r := w.assessWith(t, Options{Unasked: true}, gateway)
	if slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return s.Type == "MX" }) || r.Stage != Prepared || !*orFalse(r.Go) {
		t.Errorf("stage %s\n%s", r.Stage, strings.Join(steps(r), "\n"))
	}
	w.take(r, PhaseCutover)
	if r = w.assessWith(t, Options{Unasked: true}, gateway); !r.Stage.Moved() {
		t.Errorf("after the cut-over: stage %s", r.Stage)
	}
}

// From another tenant, the records look finished; the user knows better.
func TestOtherTenant(t *testing.T) {
	w, _ := spec{origin: FromNothing, prepared: true}.build()
	w.set(domain, "MX", 300, "0 "+target)
	w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.outlook.com")
	r := w.assessWith(t, Options{Unasked: true, Tenant: true, Stage: Prepared}, nil)
	if r.From.Kind != FromTenant || r.Stage != Prepared || len(r.Watch) == 0 {
		t.Errorf("from %s, stage %s, watch %v", r.From.Kind, r.Stage, r.Watch)
	}
}

// The letter in a name under mx.microsoft is never computed.
func TestLetterIsNotComputed(t *testing.T) {
	w, _ := spec{origin: FromGoogle, prepared: true, fault: "not added to the tenant"}.build()
	r := w.assessWith(t, Options{Unasked: true}, nil)
	for _, line := range steps(r) {
		if strings.Contains(line, "mx.microsoft") {
			t.Error(line)
		}
	}
	w.set("contoso-test.q-v1.mx.microsoft", "A", 300, "192.0.2.11")
	if r = w.assessWith(t, Options{Unasked: true, MX: "contoso-test.q-v1.mx.microsoft"}, nil); !*orFalse(r.Go) {
		t.Errorf("given: %s", strings.Join(steps(r), "\n"))
	}
}

// A wildcard at the domain is not removed to make room for autodiscover.
func TestWildcardStays(t *testing.T) {
	w, _ := spec{origin: FromGoogle, prepared: true}.build()
	w.set("*."+domain, "A", 300, "203.0.113.80")
	r := w.assessWith(t, Options{Unasked: true}, nil)
	for _, s := range r.Plan.Steps {
		if s.Type == "A" || s.Name == "*."+domain+"." {
			t.Errorf("%s", strings.Join(steps(r), "\n"))
		}
	}
}

// A TTL that is only seen in a cache is a lower bound, and the clock decides when
// the cut-over is safe.
func TestEarliest(t *testing.T) {
	w, _ := spec{origin: FromGoogle, prepared: true, fault: "long TTL"}.build()
	r := w.assess(t, Options{})
	if want := start.Add(24 * time.Hour); !r.Timing.Earliest.Equal(want) || !r.Timing.Waits {
		t.Errorf("earliest %v, want %v", r.Timing.Earliest, want)
	}
	if want := 24*time.Hour + giveUp; r.Timing.OldServer != want || !r.Timing.KeepUntil.Equal(start.Add(24*time.Hour+want)) {
		t.Errorf("old server %v until %v", r.Timing.OldServer, r.Timing.KeepUntil)
	}
	if r.Timing.Negative != negative {
		t.Errorf("negative %v", r.Timing.Negative)
	}
}

// A run that is stopped decides nothing.
func TestStopped(t *testing.T) {
	w, _ := spec{origin: FromGoogle, prepared: true}.build()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	env := &kit.Env{Domain: domain, Cloud: "auto", Now: w.now, World: kit.World{DNS: w.resolver(), HTTPS: w.fetch}}
	if r := Assess(ctx, env, Options{Unasked: true}); r.Go != nil && *r.Go || r.ExitCode() == 0 {
		t.Errorf("exit code %d", r.ExitCode())
	}
}

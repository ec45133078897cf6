package migrate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
)

// spec is one synthetic migration.
type spec struct {
	origin   OriginKind
	prepared bool
	fault    string
}

func (s spec) String() string { return fmt.Sprintf("%s prepared=%v %s", s.origin, s.prepared, s.fault) }

// faults of migrations; each is one reason against a cut-over of a prepared domain,
// but for those that begin with "fine".
var faults = []string{"fine", "fine p=reject", "fine testing policy", "fine TTL of one hour", "fine other TXT records",
	"fine selector2 missing", "fine lame secondary", "silent secondary",
	"stale secondary", "edited at the wrong DNS host", "old records in the resolver", "DS without a key", "long TTL", "long TTL of autodiscover", "p=reject without keys", "MTA-STS enforces the old MX",
	"SPF over the limit", "not added to the tenant", "DKIM not enabled", "two SPF records",
	"SPF without Microsoft", "include with a minus"}

// origins of migrations.
var origins = []OriginKind{FromGoogle, FromOnPrem, FromHosting, FromHoster, FromGateway, FromNothing}

// build makes the world of a migration. go is whether its cut-over is safe now.
func (s spec) build() (w *simulated, safe bool) {
	w = newWorld()
	mx, sender := s.old(w)
	w.set(target, "A", 300, "192.0.2.11")
	ttl := 300
	policy := "none"
	include := ""
	if s.prepared {
		include = "include:spf.protection.outlook.com "
		for _, sel := range []string{"selector1", "selector2"} {
			w.set(sel+"._domainkey."+domain, "CNAME", 3600, sel+"-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft")
		}
		w.signs()
	}
	record := []string{"v=spf1 " + sender + include + "~all"}
	safe = s.prepared && strings.HasPrefix(s.fault, "fine")
	dkim := "selector2-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft"
	drop := func(name, typ string) {
		for q := range w.sets {
			if q.Name == name && string(q.Type) == typ {
				delete(w.sets, q)
			}
		}
	}
	switch s.fault {
	case "fine p=reject":
		policy = "reject"
	case "fine testing policy":
		w.policy = "version: STSv1\r\nmode: testing\r\nmx: " + mx + "\r\nmax_age: 604800\r\n"
	case "fine TTL of one hour":
		ttl = 3600
	case "fine other TXT records":
		record = append(record, "site-verification=1", "MS=ms12345678")
	case "long TTL":
		ttl = 86400
		safe = safe && mx != ""
	case "long TTL of autodiscover":
		w.set("autodiscover."+domain, "CNAME", 86400, "autodiscover.hoster.test")
	case "p=reject without keys":
		policy = "reject"
		drop("selector1._domainkey."+domain, "CNAME")
		drop("selector2._domainkey."+domain, "CNAME")
	case "MTA-STS enforces the old MX":
		w.policy = "version: STSv1\r\nmode: enforce\r\nmx: " + mx + "\r\nmax_age: 604800\r\n"
	case "SPF over the limit":
		over := "v=spf1 "
		for i := range 11 {
			over += fmt.Sprintf("include:s%d.spf.test ", i)
		}
		record = []string{over + sender + include + "~all"}
	case "not added to the tenant":
		drop(target, "A")
	case "fine selector2 missing":
		drop("selector2._domainkey."+domain, "CNAME")
	case "DKIM not enabled":
		drop(dkim, "TXT")
		drop(strings.Replace(dkim, "selector2", "selector1", 1), "TXT")
	case "two SPF records":
		record = append(record, "v=spf1 mx -all")
	case "SPF without Microsoft":
		record = []string{"v=spf1 " + sender + "~all"}
	case "include with a minus":
		record = []string{"v=spf1 " + sender + strings.Replace(include, "include", "-include", 1) + "~all"}
	}
	if w.policy != "" {
		w.set("_mta-sts."+domain, "TXT", 300, "v=STSv1; id=20261101T000000")
		w.set("mta-sts."+domain, "A", 300, "192.0.2.50")
	}
	if mx != "" {
		w.set(domain, "MX", ttl, "10 "+mx)
	}
	w.set(domain, "TXT", 3600, record...)
	w.set("_dmarc."+domain, "TXT", 3600, "v=DMARC1; p="+policy+"; rua=mailto:d@"+domain)
	w.now = start
	w.disturb(s.fault, record)
	return w, safe
}

// disturb makes a fault of name servers and caches.
func (w *simulated) disturb(fault string, record []string) {
	change := func(at time.Time) {
		w.now = at
		w.set(domain, "TXT", 3600, append(slices.Clone(record), "changed=1")...)
		w.now = start
	}
	switch fault {
	case "stale secondary":
		w.frozen = start.Add(-24 * time.Hour)
		change(start.Add(-time.Hour))
	case "edited at the wrong DNS host":
		w.elsewhere = start.Add(-time.Hour)
		change(start.Add(-2 * time.Hour))
		w.set(domain, "NS", 86400, "ns1.dns.test", "ns2.dns.test", "ns3.dns.test")
		w.set("ns3.dns.test", "A", 300, "192.0.2.55")
	case "old records in the resolver":
		w.cached = start.Add(-20 * time.Minute)
		change(start.Add(-10 * time.Minute))
	case "DS without a key":
		w.ds = true
	case "silent secondary":
		w.second = "silent"
	case "fine lame secondary":
		w.second = "lame"
	}
}

// old publishes the mail system before the move, and returns its MX host and its
// term in the SPF record.
func (s spec) old(w *simulated) (mx, sender string) {
	switch s.origin {
	case FromGoogle:
		w.set("google._domainkey."+domain, "TXT", 3600, key)
		return "aspmx.l.google.com", "include:_spf.google.com "
	case FromOnPrem:
		w.set("mail."+domain, "A", 3600, oldIP)
		return "mail." + domain, "ip4:" + oldIP + " "
	case FromHosting:
		w.set(domain, "A", 3600, oldIP)
		w.set("_autodiscover._tcp."+domain, "SRV", 300, "0 0 443 cpanelemaildiscovery.cpanel.net")
		w.set("autodiscover."+domain, "A", 300, oldIP)
		return domain, "a "
	case FromHoster:
		w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.hoster.test")
		return "mx.hoster.test", "include:spf.hoster.test "
	case FromGateway:
		return "mx1.eu.pphosted.com", "ip4:" + oldIP + " "
	}
	return "", ""
}

// applies reports whether a fault can occur in a migration.
func (s spec) applies() bool {
	none := s.origin == FromNothing
	switch s.fault {
	case "long TTL", "fine TTL of one hour", "MTA-STS enforces the old MX", "fine testing policy":
		return !none
	case "long TTL of autodiscover":
		return s.origin != FromHosting && s.origin != FromHoster
	}
	return s.prepared || strings.HasPrefix(s.fault, "fine") || s.fault == "stale secondary" || s.fault == "silent secondary" || s.fault == "DS without a key" || s.fault == "not added to the tenant"
}

// TestMigrations runs through synthetic migrations: no wrong "go", no wrong
// "no-go", and no message is lost at any time by who takes the steps as printed.
func TestMigrations(t *testing.T) {
	t.Parallel()
	var specs []spec
	for _, o := range origins {
		for _, p := range []bool{true, false} {
			for _, f := range faults {
				if s := (spec{o, p, f}); s.applies() {
					specs = append(specs, s)
				}
			}
		}
	}
	counts := map[string]int{}
	for _, s := range specs {
		t.Run(s.String(), func(t *testing.T) {
			counts[s.run(t)]++
		})
	}
	t.Logf("%d migrations: %v", len(specs), counts)
	const least = 200
	if len(specs) < least {
		t.Errorf("only %d migrations", len(specs))
	}
}

// run goes through one migration.
func (s spec) run(t *testing.T) string {
	w, safe := s.build()
	r := w.assess(t, Options{})
	if s.fault == "silent secondary" && s.prepared && r.Unknown && r.Go == nil { // nobody knows what it has
		w.second = ""
		r = w.assess(t, Options{})
		safe = true
	}
	if r.Unknown || r.Go == nil || *r.Go != safe {
		t.Errorf("go %v, unknown %v, want %v\n%s", *orFalse(r.Go), r.Unknown, safe, strings.Join(steps(r), "\n"))
		return "wrong"
	}
	if want := s.origin; r.From.Kind != want {
		t.Errorf("from %s, want %s", r.From.Kind, want)
	}
	if want := map[bool]Stage{true: Prepared, false: Before}[s.prepared]; r.Stage != want && !strings.Contains(s.fault, "SPF") && !strings.Contains(s.fault, "include") {
		t.Errorf("stage %s, want %s", r.Stage, want)
	}
	w.harmless(t, r)
	r, rounds := s.prepare(t, w, r)
	if t.Failed() {
		return "failed"
	}
	s.cutOver(t, w, r)
	return fmt.Sprintf("safe after %d rounds", rounds)
}

func orFalse(b *bool) *bool {
	if b == nil {
		return new(bool)
	}
	return b
}

// harmless checks what is due now: it ends the reasons against the cut-over, leaves
// the MX records alone, and covers the servers of today.
func (w *simulated) harmless(t *testing.T, r *Report) {
	t.Helper()
	for _, x := range r.Reasons {
		if x.Step > 0 && x.Code != "mx.host" && r.Phases[x.Step-1] != PhaseNow {
			t.Errorf("reason %s names step %d, which is due %s", x.Code, x.Step, r.Phases[x.Step-1])
		}
	}
	mx, _ := latest(w.sets[q(domain, "MX")], w.now)
	for i, s := range r.Plan.Steps {
		if r.Phases[i] != PhaseNow {
			continue
		}
		if s.Type == "MX" || slices.ContainsFunc(s.Fixes, func(c string) bool { return strings.HasPrefix(c, "mx.") && c != "mx.address" }) {
			t.Errorf("now: %v", s)
		}
		if policy := strings.Join(s.Commands, "\n") + "\n"; strings.Contains(policy, "\nmode: ") {
			for _, m := range kit.ReadMXs(mx.values) {
				if !strings.Contains(policy, "\nmx: "+m.Host+"\n") {
					t.Errorf("%s is not in the policy: %s", m.Host, policy)
				}
			}
			if !strings.Contains(policy, "\nmx: *.mail.protection.outlook.com\n") {
				t.Errorf("Microsoft 365 is not in the policy: %s", policy)
			}
		}
	}
}

// prepare takes steps until the cut-over is safe, and returns the report that says
// so, and after how many rounds.
func (s spec) prepare(t *testing.T, w *simulated, r *Report) (*Report, int) {
	before := w.passes(oldIP, false, w.now) == "" && s.origin != FromNothing
	for round := range 6 {
		if r.Go != nil && *r.Go {
			return r, round
		}
		w.take(r, PhaseNow)
		w.heal(r)
		end := w.now.Add(r.Timing.Settle)
		if r.Timing.Earliest.After(end) {
			end = r.Timing.Earliest
		}
		for gap := end.Sub(w.now) / 5; w.now.Before(end); w.now = w.now.Add(gap) {
			w.check(t, before, false)
		}
		w.now = end
		r = w.assess(t, Options{})
	}
	t.Errorf("never safe\n%s", strings.Join(steps(r), "\n"))
	return r, -1
}

// heal does what the reasons ask for and the DNS does not show.
func (w *simulated) heal(r *Report) {
	for _, x := range r.Reasons {
		switch {
		case strings.HasPrefix(x.Code, "nameservers."):
			w.frozen, w.elsewhere, w.ds, w.second = time.Time{}, time.Time{}, false, ""
		case x.Code == "mx.host":
			w.set(target, "A", 300, "192.0.2.11")
		case x.Code == "spf.lookups" && !r.Plan.Steps[x.Step-1].HasValues():
			v, _ := latest(w.sets[q(domain, "TXT")], w.now)
			values := slices.Clone(v.values)
			for i := range values {
				for n := range 11 {
					values[i] = strings.Replace(values[i], fmt.Sprintf("include:s%d.spf.test ", n), "", 1)
				}
			}
			w.set(domain, "TXT", 3600, values...)
		}
	}
}

// check sends messages of both directions.
func (w *simulated) check(t *testing.T, old, moved bool) {
	t.Helper()
	if why := w.arrives(w.now); why != "" {
		t.Fatal(why)
	}
	if why := w.passes(oldIP, false, w.now); old && why != "" {
		t.Fatal(why)
	}
	if why := w.passes(msIP, true, w.now); moved && why != "" {
		t.Fatal(why)
	}
}

// cutOver cuts over, keeps the old server as long as it says, and cleans up.
func (s spec) cutOver(t *testing.T, w *simulated, r *Report) {
	before := w.passes(oldIP, false, w.now) == "" && s.origin != FromNothing
	w.take(r, PhaseCutover)
	w.offline = w.now.Add(r.Timing.OldServer)
	for i := 0; w.now.Before(w.offline); i, w.now = i+1, w.now.Add(5*time.Hour) {
		w.check(t, before, true)
		if i%20 > 0 {
			continue
		}
		if next := w.assess(t, Options{}); !next.Stage.Moved() {
			t.Fatalf("stage %s after the cut-over", next.Stage)
		} else if s.origin != FromNothing && (next.Stage == Finished || next.ExitCode() == 0) {
			t.Fatalf("stage %s while the old server is still named\n%s", next.Stage, strings.Join(steps(next), "\n"))
		} else if len(next.Steps(PhaseNow)) > 0 {
			w.take(next, PhaseNow, PhaseThen)
		}
	}
	w.now = w.offline.Add(time.Minute)
	w.check(t, before, true)
	w.take(w.assess(t, Options{}), PhaseKeep)
	w.check(t, false, true)
	end := w.assess(t, Options{})
	if end.Stage != Finished || end.ExitCode() != 0 {
		t.Errorf("at the end: stage %s, exit code %d\n%s", end.Stage, end.ExitCode(), strings.Join(steps(end), "\n"))
	}
}

package migrate

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A fault of a name server is always told, and where it can matter it is a reason;
// where different records are a matter of the servers, no date is promised, and no
// step repeats what one of them has.
func TestServerFaultsAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(*simulated)
		reason string // empty: it is only told
		code   int
	}{
		"silent": {func(w *simulated) { w.second = "silent" }, "nameservers.silent", 3},
		"lame":   {func(w *simulated) { w.second = "lame" }, "", 0},
		"stale": {func(w *simulated) {
			w.frozen = start.Add(-time.Hour)
			w.behind = true
			w.appears("selector2._domainkey." + domain)
		}, "nameservers.stale", 1},
		"signed, no key": {func(w *simulated) { w.ds = true }, "nameservers.dnssec", 1},
		"names a dead host": {func(w *simulated) {
			w.set(domain, "NS", 300, "ns9.dns.test")
			w.set("ns9.dns.test", "A", 300, "192.0.2.59")
		}, "nameservers.delegation", 1},
		"names one more": {func(w *simulated) {
			w.set(domain, "NS", 300, "ns1.dns.test", "ns2.dns.test", "ns9.dns.test")
			w.set("ns9.dns.test", "A", 300, "192.0.2.59")
		}, "", 0},
	} {
		for _, after := range []bool{false, true} {
			w, _ := spec{origin: FromGoogle, prepared: true}.build()
			if after {
				w = moved()
				w.now = start
			}
			c.set(w)
			w.now = w.now.Add(time.Second)
			r := w.assess(t, Options{})
			told := slices.ContainsFunc(slices.Concat(r.Watch, reasonTexts(r)), func(l string) bool { return strings.Contains(l, "ns") && strings.Contains(l, ".dns.test") })
			if !told || c.reason != "" && !slices.Contains(r.codes(), c.reason) || r.ExitCode() != c.code {
				t.Errorf("%s, moved %v: told %v, exit code %d\n%s\n%v", name, after, told, r.ExitCode(), strings.Join(steps(r), "\n"), r.Watch)
			}
			if c.reason != "" && !after && !r.Timing.Unknown {
				t.Errorf("%s: a date is promised", name)
			}
			for _, s := range r.Plan.Steps {
				if name == "stale" && !after && (strings.HasPrefix(s.Name, "selector") || s.Name == domain+"." && s.Type == "TXT" && len(s.Add) > 0 && len(s.Remove) == 0) {
					t.Errorf("%s: repeats what one server has: %v", name, s)
				}
			}
		}
	}
}

func reasonTexts(r *Report) (out []string) {
	for _, x := range r.Reasons {
		out = append(out, x.Text)
	}
	return out
}

// What is lost now is said first, and with the step that ends it.
func TestLossesAreReasons(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*simulated)
		code string
	}{
		"a policy of before": {func(w *simulated) {
			w.policy = "version: STSv1\r\nmode: enforce\r\nmx: aspmx.l.google.com\r\nmax_age: 604800\r\n"
			w.set("_mta-sts."+domain, "TXT", 300, "v=STSv1; id=1")
			w.set("mta-sts."+domain, "A", 300, "192.0.2.50")
		}, "mtasts.mx"},
		"SPF of before":  {func(w *simulated) { w.set(domain, "TXT", 300, "v=spf1 ip4:"+oldIP+" -all") }, "spf.m365"},
		"no SPF":         {func(w *simulated) { w.set(domain, "TXT", 300, "x") }, "spf.record"},
		"a host in vain": {func(w *simulated) { w.set(domain, "MX", 300, "0 "+target+"."+domain) }, ""},
	} {
		w := moved()
		c.set(w)
		r := w.assess(t, Options{})
		if r.ExitCode() != 1 || c.code != "" && !slices.Contains(r.codes(), c.code) {
			t.Errorf("%s: exit code %d\n%s", name, r.ExitCode(), strings.Join(steps(r), "\n"))
		}
	}
}

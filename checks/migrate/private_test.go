package migrate

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
)

// A name server that is not asked because its address is not a public one is neither
// silent, nor is the resolver out of reach: the reason says what it is.
func TestPrivateNameServers(t *testing.T) {
	for name, c := range map[string]struct {
		private []string
		say     string
	}{
		"the parent":  {[]string{"192.0.2.1"}, "not a public one"},
		"all":         {[]string{"192.0.2.53", "192.0.2.54"}, "public address"},
		"one":         {[]string{"192.0.2.54"}, "not a public one"},
		"none silent": {nil, ""},
	} {
		for _, stage := range []Stage{"", Finished} {
			w, _ := spec{origin: FromGoogle, prepared: true}.build()
			cache := dnsrec.NewCache(w.resolver(), dnsrec.CacheOptions{})
			ask := func(ctx context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
				if slices.Contains(c.private, server.String()) {
					return dnsrec.Reply{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindNetwork, Server: server.String(), Err: dnsrec.ErrNotPublic}
				}
				return w.ask(ctx, server, q)
			}
			r := w.assessWith(t, Options{Stage: stage, Look: func(ctx context.Context) *authority.Report {
				return authority.Look(ctx, cache, ask, domain, authority.Options{Questions: Questions(domain, nil)})
			}}, nil)
			var texts []string
			for _, x := range r.Reasons {
				if strings.HasPrefix(x.Code, "nameservers.") {
					texts = append(texts, x.Text)
				}
			}
			all := strings.Join(texts, "\n")
			if (c.say == "") != (all == "") || !strings.Contains(all, c.say) || strings.Contains(all, "could not be reached") || strings.Contains(all, "does not reply") {
				t.Errorf("%s, stage %q: %q", name, stage, all)
			}
		}
	}
}

// The age of a policy is said in days or hours, never less than it is.
func TestAgeInWords(t *testing.T) {
	for seconds, want := range map[string]string{"1209600": "14 days", "604800": "7 days", "100000": "28 hours", "86400": "24 hours", "216001": "3 days"} {
		w, _ := spec{origin: FromGoogle, prepared: true, fault: "MTA-STS enforces the old MX"}.build()
		w.policy = "version: STSv1\r\nmode: enforce\r\nmx: aspmx.l.google.com\r\nmx: " + target + "\r\nmax_age: " + seconds + "\r\n"
		r := w.assessWith(t, Options{Unasked: true, Since: start.Add(-time.Minute)}, func(*kit.Env) {})
		if !slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Code == "time.policy" && strings.Contains(x.Text, "for "+want+" ") }) {
			t.Errorf("%s: %+v", seconds, r.Reasons)
		}
	}
}

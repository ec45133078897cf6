package migrate

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// A small world of one domain that moves: every version of every record set with
// the time from which it is published, so that a sender with an old cache can be
// played at any time.

const (
	domain = "contoso.test"
	target = "contoso-test.mail.protection.outlook.com"
	oldIP  = "198.51.100.25"
	msIP   = "40.92.0.9"
	key    = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmmUlH8rb+xUa2PYTbGAaj9cp8Mavr2HJcCX8RvQez6dWYaWjxVFF0bNbqaMUDsHf8POS0HjTmedg6dNusYGc4SeRPpbQf6k6JIPHJjy0zvjwVgdK6LVg2+CZ8/SJoRDu5IP/lG3zA4xkbeiQFAhbmGmWSktxszbegAzIcCvyxSy6Lsl1Dp4CLEISrebmRjjfSGyanZ486QkH5FbfewFTIrQiBZ59yJsyIXwKdLMaxFxur2JdEROghli4cVPjHOJ4hprlOc6Fzc6aNOLIq4KKp+pZABNB3a1I2CO0bNt9tvYkpDxuncnETYWbR7LemenE1KDL5UpYv4z1ga9tCisWxQIDAQAB"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// version is a record set from a time on.
type version struct {
	from   time.Time
	values []string
	ttl    time.Duration
}

type simulated struct {
	now       time.Time
	sets      map[dnsrec.Query][]version
	policy    string    // of MTA-STS
	frozen    time.Time // the second name server has the zone of then; zero: it is up to date
	second    string    // the second name server is "silent" or "lame"
	behind    bool      // the resolver asks the second name server
	ds        bool      // the parent has a DS record
	cached    time.Time // the resolver has the records of then
	elsewhere time.Time // a server that the parent does not name has the zone from then on
	since     time.Time // when the policy began to list the new server; zero: it does not
	offline   time.Time // from when the old server takes no mail; zero: it does
}

func newWorld() *simulated {
	w := &simulated{now: start.Add(-30 * 24 * time.Hour), sets: map[dnsrec.Query][]version{}}
	w.set("spf.protection.outlook.com", "TXT", 3600, "v=spf1 ip4:40.92.0.0/15 -all")
	w.set("_spf.google.com", "TXT", 3600, "v=spf1 ip4:198.51.100.0/24 ~all")
	w.set("spf.hoster.test", "TXT", 3600, "v=spf1 ip4:198.51.100.0/24 ~all")
	w.set("autodiscover.outlook.com", "A", 300, "192.0.2.3")
	w.set("aspmx.l.google.com", "A", 300, oldIP)
	w.set("mx.hoster.test", "A", 300, oldIP)
	w.set("mx1.eu.pphosted.com", "A", 300, oldIP)
	for i := range 12 {
		w.set(fmt.Sprintf("s%d.spf.test", i), "TXT", 3600, fmt.Sprintf("v=spf1 ip4:203.0.113.%d -all", i))
	}
	w.set(domain, "SOA", 3600, "ns1.dns.test h.dns.test 1 7200 900 1209600 900")
	w.set(domain, "NS", 86400, "ns1.dns.test", "ns2.dns.test")
	w.set("ns1.dns.test", "A", 300, "192.0.2.53")
	w.set("ns2.dns.test", "A", 300, "192.0.2.54")
	w.set("test", "NS", 86400, "a.nic.test")
	w.set("a.nic.test", "A", 300, "192.0.2.1")
	return w
}

// set publishes a record set.
func (w *simulated) set(name, typ string, ttl int, values ...string) {
	q := dnsrec.Q(name, dnsrec.Type(typ))
	w.sets[q] = append(w.sets[q], version{w.now, values, time.Duration(ttl) * time.Second})
}

// appears makes an alias new: no server had it before the start.
func (w *simulated) appears(name string) {
	q := dnsrec.Q(name, dnsrec.TypeCNAME)
	for i := range w.sets[q] {
		w.sets[q][i].from = start
	}
}

// latest returns the version at a time.
func latest(versions []version, at time.Time) (v version, ok bool) {
	for _, x := range versions {
		if !x.from.After(at) {
			v, ok = x, true
		}
	}
	return v, ok
}

// negative is how long a cache remembers that there is no record.
const negative = 15 * time.Minute

// visible lists the versions that a cache may have at a time.
func (w *simulated) visible(q dnsrec.Query, at time.Time) (out []version) {
	list := w.sets[q]
	for i, v := range list {
		until := time.Time{}
		ttl := v.ttl
		if len(v.values) == 0 {
			ttl = negative
		}
		if i+1 < len(list) {
			until = list[i+1].from.Add(ttl)
		}
		if !v.from.After(at) && (until.IsZero() || until.After(at)) {
			out = append(out, v)
		}
	}
	if len(list) > 0 && list[0].from.After(at.Add(-negative)) && !list[0].from.After(at) {
		out = append(out, version{ttl: negative}) // the name that was not there
	}
	if !w.frozen.IsZero() && dnsrec.Within(q.Name, domain) {
		if v, ok := latest(list, w.frozen); ok {
			out = append(out, v)
		} else {
			out = append(out, version{ttl: negative})
		}
	}
	return out
}

// empty is a DNS without any name.
var empty = kit.ResolverFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return dnsrec.Answer{Query: q, Rcode: "NXDOMAIN", TTL: negative, Server: "test"}, nil
})

// at returns the DNS of a time, with some sets as in an old cache.
func (w *simulated) at(t time.Time, cached map[dnsrec.Query]version) dnsrec.Resolver {
	var changes []dnsrec.Change
	for q, list := range w.sets {
		v, ok := latest(list, t)
		if c, old := cached[q]; old {
			v, ok = c, true
		}
		if ok && len(v.values) > 0 {
			changes = append(changes, dnsrec.Change{Name: q.Name, Type: q.Type, Values: v.values, TTL: v.ttl})
		}
	}
	return dnsrec.NewChanged(empty, changes...)
}

// ask plays the name servers.
func (w *simulated) ask(_ context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
	r := dnsrec.Reply{Query: q, Rcode: "NOERROR", Authoritative: true}
	at := w.now
	switch server.String() {
	case "192.0.2.1":
		if w.ds && q.Type == dnsrec.TypeDS {
			r.Answer = []dnsrec.Record{{Name: domain, Type: dnsrec.TypeDS, Value: "1 13 2 AB"}}
		}
		if q.Type == dnsrec.TypeDS || !dnsrec.Within(q.Name, domain) {
			return r, nil
		}
		r.Authoritative = false
		for _, ns := range []string{"ns1.dns.test", "ns2.dns.test"} {
			r.Authority = append(r.Authority, dnsrec.Record{Name: domain, Type: dnsrec.TypeNS, Value: ns})
		}
		return r, nil
	case "192.0.2.54":
		switch {
		case w.second == "silent":
			return r, &dnsrec.Error{Query: q, Kind: dnsrec.KindTimeout}
		case w.second == "lame":
			return dnsrec.Reply{Query: q, Rcode: "REFUSED"}, nil
		case !w.frozen.IsZero():
			at = w.frozen
		}
	case "192.0.2.59": // a server without the zone
		return dnsrec.Reply{Query: q, Rcode: "REFUSED"}, nil
	case "192.0.2.55":
		if !w.elsewhere.IsZero() && q.Type == dnsrec.TypeMX {
			r.Answer = []dnsrec.Record{{Name: domain, Type: dnsrec.TypeMX, TTL: 300, Value: "0 " + target}}
			return r, nil
		}
	}
	for _, t := range []dnsrec.Type{q.Type, dnsrec.TypeCNAME} {
		if v, ok := latest(w.sets[dnsrec.Query{Name: q.Name, Type: t}], at); ok && len(r.Answer) == 0 {
			for _, x := range v.values {
				r.Answer = append(r.Answer, dnsrec.Record{Name: q.Name, Type: t, TTL: v.ttl, Value: x})
			}
		}
	}
	if q.Type == dnsrec.TypeSOA && len(r.Answer) > 0 { // the serial follows the time
		r.Answer[0].Value = fmt.Sprintf("ns1.dns.test h.dns.test %d 7200 900 1209600 900", at.Unix())
	}
	return r, nil
}

// fetch plays the web server of the policy.
func (w *simulated) fetch(_ context.Context, url string) *httpsget.Response {
	if w.policy == "" {
		return &httpsget.Response{URL: url, Err: &httpsget.Error{Kind: httpsget.KindRefused, Phase: httpsget.PhaseConnect}}
	}
	return &httpsget.Response{URL: url, Status: 200, ContentType: "text/plain", Body: []byte(w.policy)}
}

// resolver is the one of the user, which may have old records until their TTL is
// over.
func (w *simulated) resolver() dnsrec.Resolver {
	txt := dnsrec.Q(domain, dnsrec.TypeTXT)
	if w.behind {
		return w.at(w.frozen, nil)
	}
	if old, ok := latest(w.sets[txt], w.cached); ok && !w.cached.IsZero() {
		if left := w.cached.Add(old.ttl).Sub(w.now); left > 0 {
			old.ttl = left
			return w.at(w.now, map[dnsrec.Query]version{txt: old})
		}
	}
	return w.at(w.now, nil)
}

// assess looks at the domain as the command does.
func (w *simulated) assess(t *testing.T, o Options) *Report {
	t.Helper()
	return w.assessIn(t, "auto", o)
}

// assessIn looks at a domain that is to be in a cloud.
func (w *simulated) assessIn(t *testing.T, cloud string, o Options) *Report {
	t.Helper()
	cache := dnsrec.NewCache(w.resolver(), dnsrec.CacheOptions{})
	env := &kit.Env{Domain: domain, Expect: kit.ExpectM365, Cloud: cloud, Now: w.now, World: kit.World{DNS: cache, HTTPS: w.fetch}}
	if o.Since.IsZero() {
		o.Since = w.since
	}
	o.Look = func(ctx context.Context) *authority.Report {
		return authority.Look(ctx, cache, w.ask, domain, authority.Options{Questions: Questions(domain, nil),
			Resolvers: []authority.Resolver{{Name: "test", Resolver: cache}}})
	}
	return Assess(t.Context(), env, o)
}

// take takes the steps of some phases, as an admin does who has the values that
// Microsoft assigns.
func (w *simulated) take(r *Report, phases ...Phase) {
	for i, s := range r.Plan.Steps {
		if !slices.Contains(phases, r.Phases[i]) || s.Action == report.ActionRun && r.undecided(s, len(r.Plan.Steps)) {
			continue
		}
		switch {
		case s.HasValues():
			for _, o := range s.Sets {
				c := changeOf(report.Step{Name: o.Name, Type: o.Type, Keep: o.Keep, Add: o.Add})
				w.set(c.Name, o.Type, 300, c.Values...)
			}
			c := changeOf(s)
			w.set(c.Name, string(c.Type), max(s.TTL, 300), c.Values...)
		case s.ChangesRecords() && s.Type == "CNAME":
			label, _, _ := strings.Cut(s.Name, ".")
			w.set(s.Name, "CNAME", 3600, label+"-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft")
		}
		if slices.ContainsFunc(s.Fixes, func(c string) bool { return strings.HasPrefix(c, "mtasts.") }) {
			w.updatePolicy()
		}
		if slices.ContainsFunc(s.Commands, func(c string) bool { return strings.HasPrefix(c, "Set-Dkim") }) {
			w.signs()
		}
	}
	if slices.Contains(phases, PhaseKeep) {
		w.forget(r.Remnants)
	}
	if slices.Contains(phases, PhaseNow) {
		for _, set := range r.Timing.Sets {
			if v, ok := latest(w.sets[set.Query], w.now); ok && v.ttl > highTTL {
				w.set(set.Name, string(set.Type), 300, v.values...)
			}
		}
	}
}

// forget deletes what names the old mail system.
func (w *simulated) forget(list []Remnant) {
	for _, x := range list {
		t := x.Type
		if _, ok := w.sets[dnsrec.Query{Name: x.Name, Type: t}]; !ok {
			t = dnsrec.TypeCNAME
		}
		v, _ := latest(w.sets[dnsrec.Query{Name: x.Name, Type: t}], w.now)
		var values []string
		if x.Name == domain && x.Type == dnsrec.TypeTXT {
			for _, record := range v.values {
				values = append(values, strings.Join(slices.DeleteFunc(strings.Fields(record), func(term string) bool { return strings.TrimPrefix(term, "+") == x.Value }), " "))
			}
		}
		w.set(x.Name, string(t), 300, values...)
	}
}

// updatePolicy adds the new server to the policy, and at the next time takes the
// old one out.
func (w *simulated) updatePolicy() {
	if !strings.Contains(w.policy, "mx: "+target) {
		w.policy, w.since = strings.Replace(w.policy, "mx: ", "mx: "+target+"\r\nmx: ", 1), w.now
		return
	}
	lines := strings.SplitAfter(w.policy, "\r\n")
	w.policy = strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "mx: ") && !strings.Contains(l, target) }), "")
}

// signs switches DKIM on: Microsoft publishes the keys.
func (w *simulated) signs() {
	for _, s := range []string{"selector1", "selector2"} {
		w.set(s+"-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft", "TXT", 3600, key)
	}
}

// accepts reports whether a server takes mail for the domain.
func (w *simulated) accepts(host string, at time.Time) bool {
	if host == target {
		v, ok := latest(w.sets[dnsrec.Q(target, dnsrec.TypeA)], at)
		return ok && len(v.values) > 0
	}
	return w.offline.IsZero() || at.Before(w.offline)
}

// allowed reports whether a sender that honors MTA-STS delivers to a host.
func (w *simulated) allowed(host string) bool {
	return !strings.Contains(w.policy, "mode: enforce") || strings.Contains(w.policy, "mx: "+host+"\r\n")
}

// arrives sends a message to the domain from the sender with the worst cache, and
// returns why it is lost.
func (w *simulated) arrives(at time.Time) string {
	for _, v := range w.visible(dnsrec.Q(domain, dnsrec.TypeMX), at) {
		if len(v.values) == 0 {
			continue
		}
		taken := slices.ContainsFunc(kit.ReadMXs(v.values), func(m kit.MXTarget) bool { return w.accepts(m.Host, at) && w.allowed(m.Host) })
		if !taken {
			return fmt.Sprintf("incoming, %v after the start: no server of %v takes it", at.Sub(start), v.values)
		}
	}
	return ""
}

// passes sends a message from an address, and returns why a receiver with the
// worst cache rejects it.
func (w *simulated) passes(ip string, signed bool, at time.Time) string {
	txt, dmarc := dnsrec.Q(domain, dnsrec.TypeTXT), dnsrec.Q("_dmarc."+domain, dnsrec.TypeTXT)
	policies := append(w.visible(dmarc, at), version{})
	for _, record := range append(w.visible(txt, at), version{}) {
		if record.from.IsZero() && len(w.visible(txt, at)) > 0 {
			continue
		}
		view := w.at(at, map[dnsrec.Query]version{txt: record})
		c := spf.Checker{Resolver: view, Now: at}
		result := c.Check(context.Background(), netip.MustParseAddr(ip), "", "u@"+domain).Result
		if result == spf.Pass || signed && w.keys(at) {
			continue
		}
		for _, p := range policies {
			strict := len(p.values) > 0 && !strings.Contains(p.values[0], "p=none")
			if strict || result == spf.Fail || result == spf.PermError {
				return fmt.Sprintf("outgoing from %s, %v after the start: SPF %s by %v, policy %v", ip, at.Sub(start), result, record.values, p.values)
			}
		}
	}
	return ""
}

// keys reports whether every receiver sees the keys of Microsoft 365.
func (w *simulated) keys(at time.Time) bool {
	for _, s := range []string{"selector1", "selector2"} {
		a, err := w.at(at, nil).Lookup(context.Background(), dnsrec.Q(s+"._domainkey."+domain, dnsrec.TypeTXT))
		if err != nil || len(a.Values) == 0 || slices.ContainsFunc(w.visible(dnsrec.Q(s+"._domainkey."+domain, dnsrec.TypeCNAME), at), func(v version) bool { return len(v.values) == 0 }) {
			return false
		}
	}
	return true
}

// steps lists what a report asks for, for messages of tests.
func steps(r *Report) (out []string) {
	for i, s := range r.Plan.Steps {
		out = append(out, fmt.Sprintf("%d %s %s %s %s -%v +%v %v", s.Step, r.Phases[i], s.Action, s.Name, s.Type, s.Remove, s.Add, s.Fixes))
	}
	for _, x := range r.Reasons {
		out = append(out, fmt.Sprintf("reason %s %v %s", x.Code, x.Unknown, x.Text))
	}
	return out
}

func q(name, typ string) dnsrec.Query { return dnsrec.Q(name, dnsrec.Type(typ)) }

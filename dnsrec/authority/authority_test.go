package authority_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/dnsrec/dnstest"
)

// net is a small Internet: name servers at addresses, and a resolver.
type internet struct {
	servers  map[netip.Addr]*dnstest.Server
	resolver dnsrec.Resolver
}

const (
	tld    = "192.0.2.1"
	first  = "192.0.2.53"
	second = "192.0.2.54"
	other  = "192.0.2.99"
)

const tldZone = `
test. 3600 SOA ns.test. h.test. 1 3600 600 86400 300
test. NS ns.test.
ns.test. A 192.0.2.1
contoso.test. NS ns1.contoso.test.
contoso.test. NS ns2.contoso.test.
ns1.contoso.test. A 192.0.2.53
ns2.contoso.test. A 192.0.2.54
`

// zoneOf returns the zone of contoso.test.
func zoneOf(serial int, more string) string {
	return fmt.Sprintf(`
contoso.test. 3600 SOA ns1.contoso.test. h.contoso.test. %d 3600 600 86400 900
contoso.test. NS ns1.contoso.test.
contoso.test. NS ns2.contoso.test.
ns1.contoso.test. A 192.0.2.53
ns2.contoso.test. A 192.0.2.54
autodiscover.contoso.test. 7200 CNAME autodiscover.outlook.com.
`, serial) + more
}

const goodMX = "contoso.test. 600 MX 0 mx.contoso.test.\n"

// world starts name servers with the zones at the addresses. A zone of "" is a
// server that does not have it.
func world(t *testing.T, zones map[string]string) *internet {
	t.Helper()
	w := &internet{servers: map[netip.Addr]*dnstest.Server{}}
	all := tldZone
	for addr, zone := range zones {
		w.servers[netip.MustParseAddr(addr)] = dnstest.New(t, zone, dnstest.Authoritative())
	}
	if _, ok := zones[tld]; !ok {
		w.servers[netip.MustParseAddr(tld)] = dnstest.New(t, tldZone, dnstest.Authoritative())
	} else {
		all = zones[tld]
	}
	all += zones[first]
	w.resolver = client(t, dnstest.New(t, all))
	return w
}

func client(t *testing.T, s *dnstest.Server) dnsrec.Resolver {
	t.Helper()
	server, err := dnsrec.ParseServer(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server}})
	t.Cleanup(c.Close)
	return c
}

// ask is the world's [authority.Asker].
func (w *internet) ask(ctx context.Context, addr netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
	s := w.servers[addr]
	if s == nil {
		return dnsrec.Reply{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindTimeout}
	}
	return dnsrec.Direct(ctx, netip.MustParseAddrPort(s.Addr), q)
}

func (w *internet) look(t *testing.T, domain string, o authority.Options) *authority.Report {
	t.Helper()
	if o.Questions == nil {
		o.Questions = []dnsrec.Query{dnsrec.Q("contoso.test", dnsrec.TypeMX), dnsrec.Q("autodiscover.contoso.test", dnsrec.TypeA),
			dnsrec.Q("contoso.test", dnsrec.TypeTXT)}
	}
	return authority.Look(t.Context(), w.resolver, w.ask, domain, o)
}

func kinds(r *authority.Report) (out []string) {
	for _, p := range r.Problems {
		out = append(out, string(p.Kind))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Each fault of the name servers is found, and nothing else.
func TestFaults(t *testing.T) {
	good := zoneOf(7, goodMX)
	listed := strings.Replace(good, "contoso.test. NS ns2.contoso.test.", "contoso.test. NS ns9.contoso.test.", 1) + "ns9.contoso.test. A 192.0.2.99\n"
	signed := tldZone + "contoso.test. DS 12345 13 2 9F4DB9E7A8C7B2D16A7A5C3E2F1B0D9E8C7A6B5D4E3F2A1B0C9D8E7F6A5B4C3D\n"
	for name, c := range map[string]struct {
		zones map[string]string
		want  string
		agree bool
	}{
		"all agree":                   {map[string]string{first: good, second: good}, "", true},
		"another serial alone":        {map[string]string{first: good, second: zoneOf(6, goodMX)}, "", true},
		"order of records":            {map[string]string{first: zoneOf(7, goodMX+"contoso.test. MX 5 b.contoso.test.\n"), second: zoneOf(7, "contoso.test. 600 MX 5 b.contoso.test.\n"+goodMX)}, "", true},
		"silent secondary":            {map[string]string{first: good}, "silent", true},
		"lame secondary":              {map[string]string{first: good, second: "other.test. SOA a. b. 1 1 1 1 1\n"}, "lame", true},
		"stale secondary":             {map[string]string{first: good, second: zoneOf(6, "contoso.test. 600 MX 9 old.contoso.test.\n")}, "stale", false},
		"serial wrapped around":       {map[string]string{first: zoneOf(3, goodMX), second: zoneOf(4294967290, "contoso.test. 600 MX 9 old.contoso.test.\n")}, "stale", false},
		"same serial, others records": {map[string]string{first: good, second: zoneOf(7, "contoso.test. 600 MX 9 old.contoso.test.\n")}, "differ", false},
		"none works":                  {map[string]string{}, "no-server silent", false},
		"another list of servers":     {map[string]string{first: listed, second: listed, other: listed}, "delegation", true},
		"edited at the wrong host":    {map[string]string{first: listed, second: listed, other: strings.Replace(listed, goodMX, "contoso.test. 600 MX 9 new.contoso.test.\n", 1)}, "delegation wrong-host", false},
		"signed without a key":        {map[string]string{tld: signed, first: good, second: good}, "dnssec", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := world(t, c.zones).look(t, "contoso.test", authority.Options{})
			if got := strings.Join(kinds(r), " "); got != c.want || r.Agree() != c.agree || r.Err != nil {
				t.Errorf("got %q, agree %v, want %q, %v: %v %+v", got, r.Agree(), c.want, c.agree, r.Err, r.Problems)
			}
			if r.Zone != "contoso.test" || r.Parent != "test" {
				t.Errorf("zone %q below %q", r.Zone, r.Parent)
			}
		})
	}
}

// A name server has no address only if the lookups say so. One that was not looked
// up, or whose lookup failed, may have one.
func TestNoAddress(t *testing.T) {
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "contoso.test. NS ns%d.contoso.test.\nns%d.contoso.test. A 192.0.2.53\n", i, i)
	}
	for name, c := range map[string]struct {
		delegated string
		families  []dnsrec.Type
		fails     bool
		want      bool
	}{
		"none":               {delegated: "contoso.test. NS ns9.other.test.\n", want: true},
		"lookup fails":       {delegated: "contoso.test. NS ns9.other.test.\n", fails: true},
		"family left out":    {delegated: "contoso.test. NS ns9.other.test.\n", families: []dnsrec.Type{dnsrec.TypeA}},
		"more than are read": {delegated: many.String()},
	} {
		w := world(t, map[string]string{tld: tldZone + c.delegated, first: zoneOf(7, goodMX), second: zoneOf(7, goodMX)})
		if c.fails {
			w.resolver = failing{w.resolver, "ns9.other.test"}
		}
		r := w.look(t, "contoso.test", authority.Options{Families: c.families})
		if got := slices.Contains(kinds(r), "no-address"); got != c.want || r.Err != nil {
			t.Errorf("%s: %v, want %v: %v %v", name, got, c.want, r.Err, r.Problems)
		}
	}
}

// failing is a resolver that has no answer about one name.
type failing struct {
	dnsrec.Resolver
	name string
}

func (f failing) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	if q.Name == f.name {
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindTimeout}
	}
	return f.Resolver.Lookup(ctx, q)
}

func TestTimes(t *testing.T) {
	good := zoneOf(7, goodMX)
	r := world(t, map[string]string{first: good, second: good}).look(t, "contoso.test", authority.Options{})
	if ttl, ok := r.TTL(dnsrec.Q("contoso.test", dnsrec.TypeMX)); ttl != 10*time.Minute || !ok {
		t.Errorf("TTL of MX %v %v", ttl, ok)
	}
	if ttl, ok := r.TTL(dnsrec.Q("autodiscover.contoso.test", dnsrec.TypeA)); ttl != 2*time.Hour || !ok {
		t.Errorf("TTL of an alias %v %v", ttl, ok)
	}
	if _, ok := r.TTL(dnsrec.Q("contoso.test", dnsrec.TypeTXT)); ok {
		t.Error("a record that does not exist has a TTL")
	}
	if r.Negative != 15*time.Minute {
		t.Errorf("negative %v", r.Negative)
	}
	if got := r.Serials(); !slices.Equal(got, []uint32{7}) {
		t.Errorf("serials %v", got)
	}
}

// A name within a zone is in the zone of its parent, and a zone below is its own.
func TestZoneOfSubdomain(t *testing.T) {
	sub := "sub.contoso.test. SOA ns1.sub.contoso.test. h. 4 1 1 1 60\nsub.contoso.test. NS ns1.sub.contoso.test.\nns1.sub.contoso.test. A 192.0.2.99\n"
	cut := "sub.contoso.test. NS ns1.sub.contoso.test.\nns1.sub.contoso.test. A 192.0.2.99\n"
	zones := map[string]string{first: zoneOf(7, goodMX+cut), second: zoneOf(7, goodMX+cut), other: sub}
	w := world(t, zones)
	for domain, want := range map[string]string{"mail.contoso.test": "contoso.test", "contoso.test": "contoso.test",
		"sub.contoso.test": "sub.contoso.test", "x.y.sub.contoso.test": "sub.contoso.test", "a.b.c.contoso.test": "contoso.test"} {
		if r := w.look(t, domain, authority.Options{}); r.Zone != want || r.Err != nil {
			t.Errorf("%s: zone %q, want %q: %v", domain, r.Zone, want, r.Err)
		}
	}
	both := zoneOf(7, goodMX) + sub // one server with parent and child
	if r := world(t, map[string]string{first: both, second: both, other: both}).look(t, "sub.contoso.test", authority.Options{}); r.Zone != "sub.contoso.test" || !r.Agree() {
		t.Errorf("shared servers: zone %q %+v", r.Zone, r.Problems)
	}
}

// A resolver that still has the old records is no fault of the zone.
func TestResolverWithOldRecords(t *testing.T) {
	good := zoneOf(7, goodMX)
	w := world(t, map[string]string{first: good, second: good})
	old := client(t, dnstest.New(t, zoneOf(6, "contoso.test. 450 MX 9 old.contoso.test.\n")))
	r := w.look(t, "contoso.test", authority.Options{Resolvers: []authority.Resolver{{Name: "fresh", Resolver: w.resolver}, {Name: "old", Resolver: old}}})
	if got := kinds(r); !slices.Equal(got, []string{"cached"}) || !r.Agree() || r.Problems[0].For != 450 {
		t.Errorf("%v %+v", got, r.Problems)
	}
}

// A server that the user names is compared although nobody is sent there.
func TestServerThatTheUserNames(t *testing.T) {
	good := zoneOf(7, goodMX)
	w := world(t, map[string]string{first: good, second: good, other: zoneOf(9, "contoso.test. MX 0 new.contoso.test.\n")})
	if r := w.look(t, "contoso.test", authority.Options{Also: []string{other}}); !slices.Equal(kinds(r), []string{"wrong-host"}) {
		t.Errorf("%v", kinds(r))
	}
}

// What cannot be found out is not called a fault.
func TestNoParent(t *testing.T) {
	w := world(t, nil)
	w.servers = nil
	if r := w.look(t, "contoso.test", authority.Options{}); r.Err == nil || len(r.Problems) > 0 {
		t.Errorf("%v %+v", r.Err, r.Problems)
	}
}

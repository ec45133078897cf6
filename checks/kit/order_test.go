package kit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// told is what the world answered to the questions of one domain.
type told map[dnsrec.Query]kit.Answer

// asking is a resolver that notes what it is asked and what it answers. A question
// that the end of a run cuts short has no answer.
type asking struct {
	next dnsrec.Resolver

	mu    sync.Mutex
	asked map[dnsrec.Query]bool
	told  told
}

func newAsking(next dnsrec.Resolver) *asking {
	return &asking{next: next, asked: map[dnsrec.Query]bool{}, told: told{}}
}

func (r *asking) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	r.mu.Lock()
	r.asked[q] = true
	r.mu.Unlock()
	a, err := r.next.Lookup(ctx, q)
	r.mu.Lock()
	defer r.mu.Unlock()
	if dnsrec.KindOf(err) != dnsrec.KindCanceled {
		r.told[q] = kit.Answer{Answer: a, Err: err}
	}
	return a, err
}

// questions returns what was asked so far.
func (r *asking) questions() map[dnsrec.Query]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.asked)
}

// addTo adds the answers so far to others.
func (r *asking) addTo(all told) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.Copy(all, r.told)
}

// shuffled returns a resolver that knows the answers and gives them in an order
// of its own: each after a time that the seed decides.
func (t told) shuffled(seed uint64) dnsrec.Resolver {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 11))
	return kit.ResolverFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		mu.Lock()
		wait := time.Duration(rng.IntN(100)) * time.Millisecond
		mu.Unlock()
		time.Sleep(wait) // of virtual time
		a, known := t[q]
		if !known {
			return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindNotKnown}
		}
		return a.Answer, a.Err
	})
}

// refusing is a network in which every connection is refused.
type refusing struct{}

func (refusing) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

// inOrder returns an environment in which questions go to r.
func inOrder(domain string, list bool, r dnsrec.Resolver) *kit.Env {
	return &kit.Env{Domain: domain, NoPlan: true, Expect: kit.ExpectAuto, Cloud: "auto", Now: kittest.TestDay, TrustAD: true, List: list,
		World: kit.World{DNS: r, HTTPS: kittest.NoHTTPS,
			SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
				return smtpprobe.Probe(ctx, refusing{}, cfg)
			}}}
}

// run examines a domain with the engine, and returns what it found.
func run(t *testing.T, env *kit.Env) []string {
	t.Helper()
	var found []string
	err := checks.Run(t.Context(), env, checks.All(), kittest.SinkFunc(func(e report.Event) error {
		if f := e.Finding; f != nil {
			found = append(found, line(t, *f))
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func line(t *testing.T, f report.Finding) string {
	t.Helper()
	f.Elapsed = 0
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// oneByOne gathers every row so that each question is asked only once all that
// was asked before it has its answer: nothing is decided by what is missing.
func oneByOne(t *testing.T, env *kit.Env) {
	t.Helper()
	a := kit.NewAnswers(t.Context(), env)
	defer a.Close()
	known := a.World(env)
	rows := checks.All()
	for i := range rows {
		for m := new(kit.Missed); ; {
			known.RunCheck(&rows[i], m)
			if !m.Any() {
				a.Ask(m) // what is only asked beside
				break
			}
			first := m.First()
			a.Ask(first)
			for !known.Landed(first) {
				a.Wait()
			}
		}
	}
}

// ordersEach is in how many orders the answers of a domain arrive.
const ordersEach = 4

// checkOrders examines a domain over the same answers in several orders.
func checkOrders(t *testing.T, live dnsrec.Resolver, domain string) {
	t.Helper()
	for _, list := range []bool{false, true} {
		all, world := told{}, newAsking(live)
		run(t, inOrder(domain, list, world))
		oneByOne(t, inOrder(domain, list, world))
		world.addTo(all)
		synctest.Test(t, func(t *testing.T) {
			first := newAsking(all.shuffled(0))
			oneByOne(t, inOrder(domain, list, first))
			synctest.Wait()
			needed := first.questions()
			var before []string
			for seed := range uint64(ordersEach) {
				world := newAsking(all.shuffled(seed))
				found := run(t, inOrder(domain, list, world))
				synctest.Wait()
				for q := range world.questions() {
					if !needed[q] {
						t.Errorf("%s, list %v, order %d: asked %s, which nothing needs", domain, list, seed, q)
					}
				}
				if seed == 0 {
					before = found
				} else if !slices.Equal(found, before) {
					t.Errorf("%s, list %v, order %d: found\n  %s\nin order 0\n  %s", domain, list, seed,
						strings.Join(found, "\n  "), strings.Join(before, "\n  "))
				}
			}
		})
	}
}

// liveIn returns a resolver that asks a real server on loopback.
func liveIn(t *testing.T, zone string) dnsrec.Resolver {
	t.Helper()
	srv := dnstest.New(t, zone, dnstest.Unlogged())
	s, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}})
	t.Cleanup(client.Close)
	return client
}

// No row asks a question more, nor finds anything else, in whatever order the
// answers arrive: no gather decides by an answer that is missing.
func TestOrderOfArrival(t *testing.T) {
	zones, err := filepath.Glob("../../cmd/maildiag/demo/*.zone")
	if err != nil || len(zones) == 0 {
		t.Fatal(err, "no demo worlds")
	}
	common, err := os.ReadFile("../../cmd/maildiag/demo/common.zone")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range zones {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			live := liveIn(t, string(common)+string(text))
			for _, domain := range mailDomains(string(text)) {
				checkOrders(t, live, domain)
			}
		})
	}
	t.Run("made up", func(t *testing.T) {
		live := liveIn(t, oddZone)
		for _, domain := range append(mailDomains(oddZone), "bare.example", "missing.example") {
			checkOrders(t, live, domain)
		}
	})
}

// mailDomains returns the names that have MX records in the text of a zone.
func mailDomains(zone string) (names []string) {
	for l := range strings.Lines(zone) {
		if f := strings.Fields(l); slices.Contains(f, "MX") {
			names = append(names, strings.TrimSuffix(f[0], "."))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// oddZone has what makes gathers ask more: macros, chains of includes, nothing
// below _domainkey, the domain appended twice, a wildcard, IPv6 alone.
const oddZone = `. SOA ns.test. h.test. 1 3600 600 86400 60
macro.example. MX 0 macro-example.mail.protection.outlook.com.
macro-example.mail.protection.outlook.com. A 192.0.2.1
macro.example. TXT "v=spf1 include:%{ir}.%{v}._spf.macro.example a:%{d2}.host.example exists:%{i}.ok.example include:one.example -all"
*._spf.macro.example. TXT "v=spf1 include:two.example exp=why.macro.example -all"
one.example. TXT "v=spf1 include:two.example include:three.example ~all"
two.example. TXT "v=spf1 mx a ip4:192.0.2.0/24 ?all"
two.example. MX 10 six.example.
three.example. TXT "v=spf1 include:four.example redirect=two.example"
four.example. TXT "v=spf1 ptr exists:%{h}.four.example -all"
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 ip6:2a01:111:f400::/48 include:spfd.protection.outlook.com -all"
spfd.protection.outlook.com. TXT "v=spf1 ip4:51.4.72.0/24 -all"
1.0.92.40.in-addr.arpa. PTR a.outbound.example.
1.0.92.40.in-addr.arpa. PTR b.outbound.example.
b.outbound.example. A 40.92.0.1
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.f.1.1.1.0.1.0.a.2.ip6.arpa. PTR c.outbound.example.
c.outbound.example. AAAA 2a01:111:f400::1
pointer.example. MX 0 pointer-example.mail.protection.outlook.com.
pointer-example.mail.protection.outlook.com. A 192.0.2.1
pointer.example. TXT "v=spf1 ptr:outbound.example a:after-ptr.example exists:%{p}.ok.example a:after-p.example -all"
doubled.example. MX 0 doubled-example.mail.protection.outlook.com.
selector1._domainkey.doubled.example.doubled.example. CNAME selector1-doubled-example._domainkey.d.onmicrosoft.com.
selector2._domainkey.doubled.example.doubled.example. CNAME selector2-doubled-example._domainkey.d.onmicrosoft.com.
second.example. MX 0 second-example.mail.protection.outlook.com.
selector2._domainkey.second.example. CNAME selector2-second-example._domainkey.s.onmicrosoft.com.
_dmarc.second.example. TXT "v=DMARC1; p=quarantine; rua=mailto:x@reports.example"
_mta-sts.second.example. TXT "v=STSv1; id=1"
default._bimi.second.example. TXT "v=BIMI1; l=https://x.example/l.svg"
six.example. MX 10 mail.six.example.
mail.six.example. AAAA 2001:db8::3
alias.example. MX 10 mx1.alias.example.
alias.example. MX 20 mx2.alias.example.
mx1.alias.example. CNAME mail.six.example.
mx2.alias.example. A 10.0.0.1
wild.example. MX 1 mail.wild.example.
*.wild.example. TXT "v=spf1 -all"
null.example. MX 0 .
null.example. TXT "v=spf1 -all"
bare.example. A 192.0.2.1
`

// The same over real domains.
func TestOrderOfArrivalCorpus(t *testing.T) {
	bodies := kittest.ReadBodies(t)
	rng := rand.New(rand.NewPCG(7, 11))
	rng.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	var zone strings.Builder
	fmt.Fprintln(&zone, ". SOA ns.test. h.test. 1 3600 600 86400 60")
	kittest.IncludeZone(t, &zone)
	const sample = 200
	for i := range sample {
		bodies[i].Zone(&zone)
	}
	live := liveIn(t, zone.String())
	for i := range sample {
		checkOrders(t, live, bodies[i].Domain)
	}
}

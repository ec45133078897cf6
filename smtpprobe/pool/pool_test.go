package pool

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// lab is a few networks of mail servers, and counts the connections.
type lab struct {
	net   *smtptest.Net
	meter *smtptest.Meter // connections at a time, by partition
	ca    *smtptest.CA
	mu    sync.Mutex
	dials map[string]int // by address
}

// personas are kinds of servers, by the last number of their address.
var personas = []func(l *lab) smtptest.Persona{
	func(l *lab) smtptest.Persona { return l.persona(l.cert("*.provider.test")) },
	func(l *lab) smtptest.Persona { return l.persona(nil) },
	func(l *lab) smtptest.Persona {
		p := l.persona(l.cert("*.provider.test"))
		p.Greeting = "554 5.7.1 not from there"
		return p
	},
	func(l *lab) smtptest.Persona { return l.persona(l.cert("other.test")) },
	func(l *lab) smtptest.Persona {
		var mu sync.Mutex
		byName := map[string]*tls.Config{}
		return l.persona(&tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			mu.Lock()
			defer mu.Unlock()
			if byName[h.ServerName] == nil {
				byName[h.ServerName] = l.cert(h.ServerName)
			}
			return byName[h.ServerName], nil
		}})
	},
}

func newLab(t *testing.T, networks, servers int) *lab {
	t.Helper()
	ca, err := smtptest.NewCA("Lab CA")
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{ca: ca, net: &smtptest.Net{Routes: map[string]smtptest.Route{}}, dials: map[string]int{}}
	l.meter = &smtptest.Meter{Net: l.net, Group: Partition}
	for n := range networks {
		for i := range servers {
			address, p := address(n, i), personas[i%len(personas)](l)
			srv, err := smtptest.Start(smtptest.HandlerFunc(func(c *smtptest.Conn) {
				l.mu.Lock()
				l.dials[address]++
				l.mu.Unlock()
				p.Serve(c)
			}))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(srv.Close)
			l.net.Routes[address+":25"] = smtptest.Route{Server: srv}
		}
	}
	return l
}

func address(network, server int) string { return fmt.Sprintf("198.51.%d.%d", network, server+1) }

func (l *lab) cert(name string) *tls.Config {
	c, err := l.ca.Issue(smtptest.Spec{Names: []string{name}})
	if err != nil {
		panic(err)
	}
	return smtptest.Config(c)
}

func (l *lab) persona(c *tls.Config) smtptest.Persona {
	p := smtptest.Persona{Greeting: "220 mx ESMTP", Name: "mx", EHLO: []string{"SIZE"}, TLS: c}
	if c != nil {
		p.EHLO = []string{"STARTTLS"}
	}
	return p
}

func (l *lab) pool(b Beside) *Pool {
	return &Pool{Beside: b, Probe: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
		cfg.Roots = l.ca.Roots()
		return smtpprobe.Probe(ctx, l.meter, cfg)
	}}
}

func ask(host, address string) smtpprobe.Config {
	return smtpprobe.Config{Host: host, Address: address, Port: 25, Until: smtpprobe.PhaseStartTLS}
}

// said is what a conversation says about the server, in one line.
func said(t *testing.T, s *smtpprobe.Session) string {
	t.Helper()
	text := s.Transcript()
	if s.TLS != nil {
		c, err := json.Marshal([]any{s.TLS.Verified, s.TLS.Host, s.TLS.Problems})
		if err != nil {
			t.Fatal(err)
		}
		text += string(c)
	}
	return text
}

// together is what programs share, in the memory of a test.
type together struct {
	turns [Partitions]sync.Mutex
	mu    sync.Mutex
	kept  map[string][]byte
}

func (b *together) Lease(_ context.Context, part int) (func(), error) {
	b.turns[part].Lock()
	return b.turns[part].Unlock, nil
}

func (b *together) Load(_ context.Context, server string, _ bool) (out []*smtpprobe.Session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = json.Unmarshal(b.kept[server], &out) // what is not there is nothing
	return out
}

func (b *together) Store(_ context.Context, server string, _ bool, said []*smtpprobe.Session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept[server], _ = json.Marshal(said) // it survives JSON
}

// Whatever the servers are, and in whatever order they are asked for by one program or
// several: everybody hears what a conversation of their own would have said, no network
// has two connections at a time, and each server has one, or one for each name if its
// certificate is not for all.
func TestPool(t *testing.T) {
	const networks, names = 3, 6
	for _, pools := range []int{1, 3} {
		l := newLab(t, networks, len(personas))
		var all []smtpprobe.Config
		for n := range networks {
			for i := range personas {
				for j := range names {
					all = append(all, ask(fmt.Sprintf("mx%d.provider.test", j), address(n, i)))
				}
			}
		}
		want := map[string]string{}
		for _, cfg := range all {
			want[cfg.Key()] = said(t, l.pool(nil).Probe(t.Context(), cfg))
		}
		l.mu.Lock()
		clear(l.dials)
		l.mu.Unlock()
		l.meter = &smtptest.Meter{Net: l.net, Group: Partition}
		var beside Beside
		if pools > 1 {
			beside = &together{kept: map[string][]byte{}}
		}
		var wg sync.WaitGroup
		for range pools {
			p := l.pool(beside)
			asked := slices.Concat(all, all)
			rand.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
			for _, cfg := range asked {
				wg.Go(func() {
					if got := said(t, p.Talk(t.Context(), cfg)); got != want[cfg.Key()] {
						t.Errorf("%s:\n%s\nwant\n%s", cfg.Key(), got, want[cfg.Key()])
					}
				})
			}
		}
		wg.Wait()
		for n := range networks {
			for i, most := range []int{1, 1, 1, names, names} {
				if got := l.dials[address(n, i)]; got != most {
					t.Errorf("%d programs, server %d: %d connections, want %d", pools, i, got, most)
				}
			}
		}
		for part, most := range l.meter.Most() {
			if most > 1 {
				t.Errorf("%d programs: %d connections at a time in partition %d", pools, most, part)
			}
		}
		if want := slices.Sorted(maps.Keys(l.meter.Most())); len(want) < 2 {
			t.Errorf("all networks are in partition %v: the test shows nothing", want)
		}
	}
}

// A server with a certificate for each of thousands of names is left alone after some.
func TestPoolManyNames(t *testing.T) {
	l := newLab(t, 1, len(personas))
	p, at := l.pool(nil), address(0, 3)
	refused := 0
	for i := range 3 * maxNames {
		s := p.Talk(t.Context(), ask(fmt.Sprintf("mx.d%d.test", i), at))
		if failed := s.Failed(); failed != nil && failed.Err.Class == smtpprobe.ClassDeclined {
			refused++
		}
	}
	if l.dials[at] != maxNames || refused != 2*maxNames {
		t.Errorf("%d connections, %d refused", l.dials[at], refused)
	}
}

// What a server said is told as long as it is kept. What says nothing about the server
// is not kept, nor is a conversation that was ended.
func TestPoolKeeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials, fault := 0, smtpprobe.Class("")
		p := &Pool{Keep: time.Hour, Brief: time.Minute, IsBrief: func(host string) bool { return host == "brief.test" },
			Probe: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
				dials++
				s := &smtpprobe.Session{Host: cfg.Host, Started: time.Now().Add(-99 * time.Hour)} // by a wrong clock
				if fault != "" {
					s.Steps = []smtpprobe.Step{{Phase: smtpprobe.PhaseConnect, Err: &smtpprobe.Error{Class: fault}}}
				}
				return s
			}}
		talk := func(host, address string) { p.Talk(t.Context(), ask(host, address)) }
		check := func(what string, want int) {
			t.Helper()
			if dials != want {
				t.Errorf("%s: %d connections, want %d", what, dials, want)
			}
			dials = 0
		}
		for range 61 {
			talk("long.test", "192.0.2.1")
			talk("brief.test", "192.0.2.2")
			time.Sleep(time.Minute)
		}
		check("an hour", 2+61)
		for class, want := range map[smtpprobe.Class]int{smtpprobe.ClassRefused: 1, smtpprobe.ClassTimeout: 1, smtpprobe.ClassNoRoute: 1,
			smtpprobe.ClassDeclined: 2, smtpprobe.ClassCanceled: 2, smtpprobe.ClassLocal: 2} {
			fault = class
			talk("x.test", "203.0.113."+fmt.Sprint(len(class)*10))
			talk("x.test", "203.0.113."+fmt.Sprint(len(class)*10))
			check(string(class), want)
			p.servers, p.past = nil, nil
		}
		for i := range 3 * maxServers {
			talk("x.test", fmt.Sprintf("2001:db8::%x", i))
		}
		if n := len(p.servers) + len(p.past); n > maxServers {
			t.Errorf("%d servers are remembered", n)
		}
	})
}

// Who waits for a turn too long, or is stopped, gets an answer; the clock of who waits
// is held.
func TestPoolWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var held atomic.Int64
		p := &Pool{Probe: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
			<-ctx.Done()
			return smtpprobe.Probe(ctx, refusal{context.Cause(ctx)}, cfg)
		}, Hold: func(context.Context) func() { held.Add(1); return func() { held.Add(-1) } }}
		const askers = 20
		classes := map[smtpprobe.Class]int{}
		results := make(chan smtpprobe.Class, askers)
		for i := range askers {
			go func() {
				results <- p.Talk(t.Context(), ask("x.test", fmt.Sprintf("192.0.2.%d", i))).Failed().Err.Class
			}()
		}
		synctest.Wait()
		if held.Load() != askers {
			t.Errorf("%d clocks are held", held.Load())
		}
		for range askers {
			classes[<-results]++
		}
		synctest.Wait()
		if served := int(maxWait / maxTalk); held.Load() != 0 || classes[smtpprobe.ClassTimeout] < served || classes[smtpprobe.ClassDeclined] < askers-served-2 {
			t.Errorf("%v, %d clocks are held", classes, held.Load())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if c := p.Talk(ctx, ask("x.test", "192.0.2.99")).Failed().Err.Class; c != smtpprobe.ClassCanceled {
			t.Errorf("stopped: %s", c)
		}
	})
}

// Other ports are those of few hosts, which are asked side by side, but each once.
func TestPoolOtherPorts(t *testing.T) {
	const hosts, askers = 8, 50
	var dials atomic.Int64
	all := make(chan struct{})
	p := &Pool{Probe: func(_ context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
		if dials.Add(1) == hosts {
			close(all)
		}
		<-all
		return &smtpprobe.Session{Host: cfg.Host}
	}}
	var wg sync.WaitGroup
	for i := range hosts * askers {
		cfg := ask("smtp.office365.com", fmt.Sprintf("192.0.2.%d", i%hosts))
		cfg.Port = 587
		wg.Go(func() { p.Talk(t.Context(), cfg) })
	}
	wg.Wait()
	if n := dials.Load(); n != hosts {
		t.Errorf("%d connections to %d hosts", n, hosts)
	}
}

// Neighbors are in one partition, and the partitions fill alike.
func TestPartition(t *testing.T) {
	for _, same := range [][2]string{{"192.0.2.1", "192.0.2.254"}, {"2001:db8::1", "2001:db8::ffff:1"}, {"::ffff:192.0.2.1", "192.0.2.9"}, {"fe80::1%a", "fe80::2%b"}} {
		if Partition(same[0]) != Partition(same[1]) {
			t.Errorf("%s and %s are apart", same[0], same[1])
		}
	}
	var of [Partitions]int
	for i := range 256 * Partitions {
		of[Partition(fmt.Sprintf("%d.%d.%d.1", 20+i>>16, i>>8&255, i&255))]++
	}
	if low, high := slices.Min(of[:]), slices.Max(of[:]); low < 128 || high > 512 {
		t.Errorf("from %d to %d networks in a partition", low, high)
	}
}

package admission

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// listed is a domain of a list in a test.
type listed struct {
	name string
	dns  dnsrec.Resolver
	env  *kit.Env
}

func (l *listed) Domain() string { return l.name }

func (l *listed) Env() *kit.Env {
	if l.env == nil {
		l.env = &kit.Env{Domain: l.name, List: true, World: kit.World{DNS: l.dns}}
	}
	return l.env
}

func (l *listed) Rest() { l.env = nil }

// examined gathers what an examination would.
func (l *listed) examined(ctx context.Context) (mx, txt kit.Answer) {
	answers := kit.Gather(ctx, l.Env(), func(k *kit.Known) [2]kit.Answer {
		mx, _ := k.Need(l.name, dnsrec.TypeMX)
		txt, _ := k.Need(l.name, dnsrec.TypeTXT)
		return [2]kit.Answer{mx, txt}
	})
	return answers[0], answers[1]
}

func opening(env *kit.Env) []dnsrec.Query {
	return []dnsrec.Query{dnsrec.Q("other.test", "A"), dnsrec.Q(env.Domain, "MX"), dnsrec.Q(env.Domain, "TXT"), dnsrec.Q(env.Domain, "A")}
}

// sorts are what becomes of the questions about a domain, by the end of its name.
var sorts = map[string]map[string]dnstest.Fault{
	"well":   nil,
	"silent": {"MX": {Drop: true}, "TXT": {Drop: true}},
	"late":   {"MX": {Delay: 150 * time.Millisecond}, "TXT": {Delay: 150 * time.Millisecond}},
	"lost":   {"MX": {Drop: true, Times: 1}},
	"broken": {"MX": {Rcode: "SERVFAIL"}, "TXT": {Rcode: "SERVFAIL"}},
	"half":   {"TXT": {Drop: true}},
	"mute":   {"MX": {Drop: true}},
}

// list makes a list with so many domains of each sort, in random order, and a server of them.
func list(t *testing.T, cached bool, of map[string]int) (jobs []*listed, dns dnsrec.Resolver) {
	zone := "warm.test. A 192.0.2.1\n"
	var names []string
	for sort, n := range of {
		for i := range n {
			name := fmt.Sprintf("d%d.%s.test", i, sort)
			names = append(names, name)
			zone += name + ". MX 10 mx.test.\n" + name + ". TXT \"one\"\n"
		}
	}
	srv := dnstest.New(t, zone, dnstest.Unlogged())
	for _, name := range names {
		for typ, f := range sorts[sortOf(name)] {
			srv.Fault(name, typ, f)
		}
	}
	s, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}, Timeout: 200 * time.Millisecond})
	t.Cleanup(c.Close)
	dns = c
	if cached {
		dns = dnsrec.NewCache(c, dnsrec.CacheOptions{})
	}
	if _, err := dns.Lookup(t.Context(), dnsrec.Q("warm.test", "A")); err != nil {
		t.Fatal(err)
	}
	for _, i := range rand.Perm(len(names)) {
		jobs = append(jobs, &listed{name: names[i], dns: dns})
	}
	return jobs, dns
}

func sortOf(name string) string { return strings.Split(name, ".")[1] }

// admit runs a queue over a list, and returns its output.
func admit(ctx context.Context, jobs []*listed, dns dnsrec.Resolver, places int) <-chan *listed {
	in, out := make(chan *listed), make(chan *listed)
	go func() {
		defer close(in)
		for _, j := range jobs {
			in <- j
		}
	}()
	q := &Queue[*listed]{DNS: dns, Places: places, Opening: opening}
	go q.Run(ctx, in, out)
	return out
}

// Every domain is admitted once, whatever is wrong with it, and its examination finds what
// one without anything asked ahead does.
func TestQueueAdmitsAllOnce(t *testing.T) {
	of := map[string]int{}
	for sort := range sorts {
		of[sort] = 6
	}
	for _, cached := range []bool{true, false} {
		jobs, dns := list(t, cached, of)
		seen := map[string]bool{}
		var examinations sync.WaitGroup
		for j := range admit(t.Context(), jobs, dns, 4) {
			if seen[j.name] {
				t.Errorf("%s is admitted twice", j.name)
			}
			seen[j.name] = true
			if ahead := j.Env().Prefetch != nil; ahead != cached {
				t.Errorf("%s: asked ahead is %v, with a cache %v", j.name, ahead, cached)
			}
			examinations.Go(func() {
				if mx, txt := j.examined(t.Context()); sortOf(j.name) == "silent" && (mx.Err == nil || txt.Err == nil) ||
					sortOf(j.name) == "lost" && (mx.Err != nil || txt.Err != nil) {
					t.Errorf("%s: %v, %v", j.name, mx.Err, txt.Err)
				}
			})
		}
		examinations.Wait()
		if len(seen) != len(jobs) {
			t.Errorf("%d of %d domains are admitted", len(seen), len(jobs))
		}
	}
}

// Silent domains, be they nine of ten, hold no place: the others are admitted before them.
func TestQueueSilentDomainsHoldNobodyUp(t *testing.T) {
	const well, silent, places = 40, 360, 8
	jobs, dns := list(t, true, map[string]int{"well": well, "silent": silent})
	got, before := 0, 0
	for j := range admit(t.Context(), jobs, dns, places) {
		if sortOf(j.name) == "silent" {
			before++
		} else if got++; got == well*9/10 && before > silent/2 {
			t.Errorf("%d silent domains are admitted before %d of the others", before, got)
		}
	}
	if got != well || before != silent {
		t.Errorf("%d and %d are admitted", got, before)
	}
}

// The end of the context sends all on at once, and leaves no question behind.
func TestQueueEndsWithItsContext(t *testing.T) {
	jobs, dns := list(t, true, map[string]int{"well": 30, "silent": 100})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	for range admit(ctx, jobs, dns, 8) {
		if seen++; seen == 10 {
			cancel()
		}
	}
	if seen != len(jobs) {
		t.Errorf("%d of %d domains come out", seen, len(jobs))
	}
}

// A list of which no row asks about the domain itself is examined as it comes.
func TestQueueWithoutAQuestion(t *testing.T) {
	jobs, dns := list(t, true, map[string]int{"well": 20})
	in, out := make(chan *listed, len(jobs)), make(chan *listed)
	for _, j := range jobs {
		in <- j
	}
	close(in)
	q := &Queue[*listed]{DNS: dns, Places: 2, Opening: func(*kit.Env) []dnsrec.Query { return nil }}
	go q.Run(t.Context(), in, out)
	for _, want := range jobs {
		if got := <-out; got != want {
			t.Fatalf("%s, want %s", got.name, want.name)
		}
	}
	if _, more := <-out; more {
		t.Error("more come out than went in")
	}
}

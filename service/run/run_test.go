package run

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
	"maildiag/service/limit"
	"maildiag/smtpprobe"
)

// gate is a world whose DNS answers nothing before it is opened.
type gate struct {
	open  chan struct{}
	mu    sync.Mutex
	asked map[dnsrec.Query]int
}

func newGate() *gate { return &gate{open: make(chan struct{}), asked: map[dnsrec.Query]int{}} }

func (g *gate) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	g.mu.Lock()
	g.asked[q]++
	g.mu.Unlock()
	select {
	case <-g.open:
		return dnsrec.Answer{Query: q, Rcode: "NXDOMAIN"}, nil
	case <-ctx.Done():
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindCanceled}
	}
}

func (g *gate) world(bool) kit.World {
	return kit.World{DNS: g,
		SMTP: func(ctx context.Context, c smtpprobe.Config) *smtpprobe.Session {
			panic("no server was named")
		},
		HTTPS: func(context.Context, string) *httpsget.Response { panic("no policy was named") },
	}
}

func runner(t *testing.T, g *gate, change func(*Config)) *Runner {
	cfg := Config{World: g.world, Resolver: "test", Timeout: time.Minute, Slots: 2, Places: 2}
	if change != nil {
		change(&cfg)
	}
	r := New(cfg)
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		r.Close(ended)
	})
	return r
}

func request(t *testing.T, domain string) Request {
	t.Helper()
	req, err := ParseRequest(domain, "", "domain,mx")
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// Two who ask the same share one run; the first one leaving does not end it.
func TestShared(t *testing.T) {
	g := newGate()
	r := runner(t, g, nil)
	first, err := r.Start(request(t, "contoso.com"), false)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.Start(request(t, "CONTOSO.com."), false)
	if err != nil || first != second {
		t.Fatalf("%p and %p, %v", first, second, err)
	}
	if other, err := r.Start(request(t, "fabrikam.com"), false); err != nil || other == first {
		t.Errorf("another domain shares the run: %v", err)
	} else {
		defer other.Release()
	}
	first.Release()
	close(g.open)
	rep, err := second.Wait(t.Context())
	if err != nil || rep.Begin.Domain != "contoso.com" || rep.End.Cut || len(rep.Findings) == 0 {
		t.Errorf("%v, %+v", err, rep)
	}
	second.Release()
	g.mu.Lock()
	defer g.mu.Unlock()
	for q, n := range g.asked {
		if dnsrec.Within(q.Name, "contoso.com") && n > 1 {
			t.Errorf("%v was asked %d times", q, n)
		}
	}
}

// The last one leaving ends the run, unless it has a permalink.
func TestReleased(t *testing.T) {
	g := newGate()
	kept := make(chan string, 1)
	r := runner(t, g, func(c *Config) { c.Keep = func(id string, _ []report.Event) { kept <- id } })
	lost, err := r.Start(request(t, "contoso.com"), false)
	if err != nil {
		t.Fatal(err)
	}
	lost.Release()
	if _, err := lost.Wait(t.Context()); !errors.Is(err, errNobody) {
		t.Errorf("the run of nobody: %v", err)
	}
	again, err := r.Start(request(t, "contoso.com"), true)
	if err != nil || again == lost {
		t.Fatalf("joined a run that has ended: %v", err)
	}
	again.Release()
	if r.ByID(again.ID) != again {
		t.Error("the run cannot be found by its ID")
	}
	close(g.open)
	if _, err := again.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if id := <-kept; id != again.ID || len(id) != 22 {
		t.Errorf("kept %q", id)
	}
}

// So many run at once, so many wait and know their place, and the others are
// told at once.
func TestQueued(t *testing.T) {
	g := newGate()
	r := runner(t, g, func(c *Config) { c.Slots, c.Places = 1, 1 })
	var runs []*Run
	for _, d := range []string{"a.example", "b.example"} {
		one, err := r.Start(request(t, d), false)
		if err != nil {
			t.Fatal(err)
		}
		defer one.Release()
		runs = append(runs, one)
		for { // until it runs or waits
			if running, waiting := r.Load(); running+waiting == len(runs) {
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
	if _, state, _ := runs[1].After(0); state.Place != 1 {
		t.Errorf("place %d", state.Place)
	}
	if _, err := r.Start(request(t, "c.example"), false); !errors.Is(err, limit.ErrFull) {
		t.Errorf("a third one: %v", err)
	}
	close(g.open)
	for _, one := range runs {
		if _, err := one.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// The names of one organization count together.
func TestVictims(t *testing.T) {
	g := newGate()
	close(g.open)
	r := runner(t, g, func(c *Config) { c.Victims = limit.NewBuckets(2, time.Hour, 10); c.Places = 100 })
	for i, d := range []string{"contoso.co.uk", "a.contoso.co.uk", "b.a.contoso.co.uk", "fabrikam.co.uk"} {
		one, err := r.Start(request(t, d), false)
		var busy *BusyError
		if i == 2 {
			if !errors.As(err, &busy) || busy.Wait <= 0 {
				t.Errorf("%s: %v", d, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", d, err)
			continue
		}
		_, _ = one.Wait(t.Context())
		one.Release()
	}
}

// A panic outside of the checks ends that run alone.
func TestPanic(t *testing.T) {
	stacks := make(chan string, 1)
	r := runner(t, newGate(), func(c *Config) {
		c.World = func(bool) kit.World { panic("out of order") }
		c.Over = func(o Outcome) { stacks <- o.Panicked }
	})
	one, err := r.Start(request(t, "contoso.com"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Release()
	if _, err := one.Wait(t.Context()); err == nil || strings.Contains(err.Error(), "out of order") {
		t.Errorf("clients are told %v", err)
	}
	if s := <-stacks; !strings.Contains(s, "out of order") {
		t.Errorf("the log is told %q", s)
	}
}

// Close lets runs finish while there is time, and leaves none.
func TestClose(t *testing.T) {
	g := newGate()
	r := New(Config{World: g.world, Timeout: time.Minute, Slots: 1, Places: 1})
	one, err := r.Start(request(t, "contoso.com"), true)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() { r.Close(context.Background()); close(closed) }()
	for {
		if _, err := r.Start(request(t, "fabrikam.com"), false); errors.Is(err, ErrStopping) {
			break
		}
	}
	close(g.open)
	<-closed
	if rep, err := one.Wait(t.Context()); err != nil || rep.End.Cut {
		t.Errorf("%v", err)
	}
}

// A target is the canonical name of a domain; nothing else reaches a resolver.
func TestTarget(t *testing.T) {
	for _, s := range []string{"", ".", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "::1", "localhost", "localhost:587", "user@host.example",
		"http://x.example", "https://x.example/y", "unix:/x", "a b.example", "a,b.example", "contoso.com:25", "contoso.com/", "contoso.com\r\nX: y",
		"contoso.com\x00", "-rf.example", "@list", "$(id).example", "xn--example-.com", "xn--go-", "example.com.xn--",
		strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 130) + "example", strings.Repeat("a", 1<<20), "co%2euk", "a;b.example", "a#b.example"} {
		if ascii, _, err := Target(s); err == nil {
			t.Errorf("%.60q is taken as %q", s, ascii)
		}
	}
	for s, want := range map[string]string{"contoso.com": "contoso.com", "CONTOSO.COM.": "contoso.com", "bücher.example": "xn--bcher-kva.example",
		"xn--bcher-kva.example": "xn--bcher-kva.example", "BÜCHER.example": "xn--bcher-kva.example"} {
		if got, _, err := Target(s); got != want {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
}

// One conversation serves all who ask, and ends when all of them are gone.
func TestPolite(t *testing.T) {
	calls, ended := make(chan string, 10), make(chan struct{})
	w := Polite(kit.World{SMTP: func(ctx context.Context, c smtpprobe.Config) *smtpprobe.Session {
		if ctx.Err() == nil {
			calls <- c.Host
		}
		if c.Host == "slow" {
			<-ctx.Done()
			select {
			case <-ended:
			default:
				close(ended)
			}
		}
		return &smtpprobe.Session{Host: c.Host}
	}}, time.Hour)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if s := w.SMTP(t.Context(), smtpprobe.Config{Host: "a"}); s.Host != "a" {
				t.Error(s.Host)
			}
		})
	}
	wg.Wait()
	if len(calls) != 1 {
		t.Errorf("%d conversations", len(calls))
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-calls; <-calls; cancel() }() // that of a, and that of slow
	if s := w.SMTP(ctx, smtpprobe.Config{Host: "slow"}); s == nil {
		t.Error("no session")
	}
	<-ended
}

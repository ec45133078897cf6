package worker

import (
	"context"
	"net"
	"testing"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// A resolver that answers and yet resolves nothing does not work. One name that it
// cannot resolve, or the root, says nothing about it.
func TestResolves(t *testing.T) {
	fail := func(code string) dnstest.Fault { return dnstest.Fault{Rcode: code} }
	for name, x := range map[string]struct {
		fault func(*dnstest.Server)
		works bool
	}{
		"works":                   {func(*dnstest.Server) {}, true},
		"SERVFAIL":                {func(s *dnstest.Server) { s.Fault("", "", fail("SERVFAIL")) }, false},
		"REFUSED":                 {func(s *dnstest.Server) { s.Fault("", "", fail("REFUSED")) }, false},
		"NOTIMP":                  {func(s *dnstest.Server) { s.Fault("", "", fail("NOTIMP")) }, false},
		"the root from its cache": {func(s *dnstest.Server) { s.Fault("", "A", fail("SERVFAIL")) }, false},
		"no root":                 {func(s *dnstest.Server) { s.Fault(".", "", fail("REFUSED")) }, true},
		"one operator fails":      {func(s *dnstest.Server) { s.Fault("", "A", dnstest.Fault{Rcode: "SERVFAIL", Times: 1}) }, true},
	} {
		s := dnstest.New(t, ". 300 IN SOA ns.test. h.test. 1 3600 600 86400 60\n. NS ns.test.\n", dnstest.Unlogged())
		x.fault(s)
		if err := Resolves(t.Context(), client(t, s.Addr)); (err == nil) != x.works {
			t.Errorf("%s: %v", name, err)
		}
	}
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	if Resolves(t.Context(), client(t, free.LocalAddr().String())) == nil {
		t.Error("nobody answers, and it works")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if Resolves(ended, client(t, free.LocalAddr().String())) == nil {
		t.Error("it works although nothing was asked")
	}
}

func client(t *testing.T, addr string) *dnsrec.Client {
	t.Helper()
	server, err := dnsrec.ParseServer(addr)
	if err != nil {
		t.Fatal(err)
	}
	c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server}})
	t.Cleanup(c.Close)
	return c
}

// timed notes which questions have a time limit that goes on while they wait for
// the pace of the resolver.
type timed struct {
	delegations
	asked, fixed int
}

func (r *timed) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	r.asked++
	if _, ok := ctx.Deadline(); ok {
		r.fixed++
	}
	return r.delegations.Lookup(ctx, q)
}

// The time that a question waits for the pace counts nowhere: a worker that is busy
// has no trouble, and knows the operators.
func TestPaceDoesNotCount(t *testing.T) {
	for name, ask := range map[string]func(dnsrec.Resolver){
		"ready":    func(r dnsrec.Resolver) { _ = Resolves(t.Context(), r) },
		"operator": func(r dnsrec.Resolver) { operatorOf(t.Context(), r, "a.b.example") },
	} {
		r := &timed{}
		if ask(r); r.asked < 2 || r.fixed > 0 {
			t.Errorf("%s: %d of %d questions have a fixed limit", name, r.fixed, r.asked)
		}
	}
}

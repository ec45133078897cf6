package dnsrec_test

import (
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// prefetch asks about a domain ahead, as often as is worth it, and then the rest as its
// examination does. It returns the kinds of what came of the questions; "" is an answer.
func prefetch(t *testing.T, cache *dnsrec.Cache, qs []dnsrec.Query) (kinds []dnsrec.Kind, queries int) {
	t.Helper()
	heard := make(chan struct{}, 10)
	p := cache.Prefetch(func() { heard <- struct{}{} }, qs[:2]...)
	for p.Send() > 0 {
		select {
		case <-heard:
			p.Pause()
		case <-time.After(cache.Patience() * 5 / 4):
			if p.Recall(); p.Worth() {
				continue
			}
		}
		break
	}
	b := dnsrec.NewBudget(t.Context(), cache, 0, 0)
	defer b.Close()
	b.Take(p)
	b.Ask(qs...)
	settle(b, 10*time.Millisecond)
	for _, q := range qs {
		_, err := known(t, b, q)
		kinds = append(kinds, dnsrec.KindOf(err))
	}
	return kinds, b.Queries()
}

// What is asked ahead has the outcome of a question that is not, for every sort of
// domain, and is asked no more often. Only a domain from which nothing comes is called
// silent.
func TestPrefetchChangesNoAnswer(t *testing.T) {
	const zone = "warm.test. A 192.0.2.1\nd.test. MX 10 mx.test.\nd.test. TXT \"one\"\n_dmarc.d.test. TXT \"two\"\n" +
		"long.test. CNAME other.test.\nother.test. MX 10 mx.test.\nother.test. TXT \"three\"\n"
	drop := dnstest.Fault{Drop: true}
	lost := dnstest.Fault{Drop: true, Times: 1}
	broken := dnstest.Fault{Rcode: "SERVFAIL"}
	for what, tc := range map[string]struct {
		domain  string
		faults  map[string]dnstest.Fault // by type
		want    []dnsrec.Kind            // of MX and TXT
		queries int                      // at the most; 0: not looked at
	}{
		"answers":            {"d.test", nil, []dnsrec.Kind{"", ""}, 2},
		"does not exist":     {"none.test", nil, []dnsrec.Kind{"", ""}, 2},
		"is an alias":        {"long.test", nil, []dnsrec.Kind{"", ""}, 0},
		"one packet is lost": {"d.test", map[string]dnstest.Fault{"MX": lost}, []dnsrec.Kind{"", ""}, 3},
		"both are lost":      {"d.test", map[string]dnstest.Fault{"MX": lost, "TXT": lost}, []dnsrec.Kind{"", ""}, 0},
		"fails":              {"d.test", map[string]dnstest.Fault{"MX": broken, "TXT": broken}, []dnsrec.Kind{dnsrec.KindServFail, dnsrec.KindServFail}, 0},
		"drops one type":     {"d.test", map[string]dnstest.Fault{"MX": drop}, []dnsrec.Kind{dnsrec.KindTimeout, ""}, 0},
		"drops the other":    {"d.test", map[string]dnstest.Fault{"TXT": drop}, []dnsrec.Kind{"", dnsrec.KindTimeout}, 0},
		"is silent":          {"d.test", map[string]dnstest.Fault{"MX": drop, "TXT": drop}, []dnsrec.Kind{dnsrec.KindTimeout, dnsrec.KindTimeout}, 3},
		"is cut off":         {"d.test", map[string]dnstest.Fault{"MX": {Truncate: true}}, []dnsrec.Kind{"", ""}, 0},
	} {
		t.Run(what, func(t *testing.T) {
			srv := dnstest.New(t, zone)
			c := client(t, dnsrec.Options{Timeout: 100 * time.Millisecond}, srv.Addr)
			if _, err := c.Lookup(t.Context(), dnsrec.Q("warm.test", "A")); err != nil {
				t.Fatal(err)
			}
			for typ, f := range tc.faults {
				srv.Fault(tc.domain, typ, f)
			}
			got, n := prefetch(t, dnsrec.NewCache(c, dnsrec.CacheOptions{}), []dnsrec.Query{dnsrec.Q(tc.domain, "MX"), dnsrec.Q(tc.domain, "TXT")})
			for i := range got {
				if got[i] != tc.want[i] {
					t.Errorf("question %d: %q, want %q", i+1, got[i], tc.want[i])
				}
			}
			if tc.queries > 0 && n > tc.queries {
				t.Errorf("%d questions, want at most %d", n, tc.queries)
			}
			if c.InFlight() != 0 {
				t.Errorf("%d calls are left", c.InFlight())
			}
		})
	}
}

// A domain is called silent only after each resolver was asked: the first may be the one
// that is.
func TestPrefetchAsksEachServer(t *testing.T) {
	const zone = "warm.test. A 192.0.2.1\nd.test. MX 10 mx.test.\nd.test. TXT \"one\"\n"
	first, second := dnstest.New(t, zone), dnstest.New(t, zone)
	for _, typ := range []string{"MX", "TXT"} {
		first.Fault("d.test", typ, dnstest.Fault{Drop: true})
	}
	c := client(t, dnsrec.Options{Timeout: 100 * time.Millisecond}, first.Addr, second.Addr)
	if _, err := c.Lookup(t.Context(), dnsrec.Q("warm.test", "A")); err != nil {
		t.Fatal(err)
	}
	got, _ := prefetch(t, dnsrec.NewCache(c, dnsrec.CacheOptions{}), []dnsrec.Query{dnsrec.Q("d.test", "MX"), dnsrec.Q("d.test", "TXT")})
	if got[0] != "" || got[1] != "" {
		t.Errorf("%q, where the second server answers", got)
	}
}

// A question that someone else asks already, or that is known, is not asked ahead, and a
// cache without a client asks nothing.
func TestPrefetchNothingToWaitFor(t *testing.T) {
	srv := dnstest.New(t, "d.test. MX 10 mx.test.\n")
	cache := dnsrec.NewCache(client(t, dnsrec.Options{}, srv.Addr), dnsrec.CacheOptions{})
	q := dnsrec.Q("d.test", "MX")
	if _, err := cache.Lookup(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if n := cache.Prefetch(func() {}, q).Send(); n != 0 {
		t.Errorf("%d replies for what is known", n)
	}
	if d := dnsrec.NewCache(cache, dnsrec.CacheOptions{}); d.Patience() != 0 || d.Prefetch(func() {}, q).Send() != 0 {
		t.Error("a cache without a client asks ahead")
	}
}

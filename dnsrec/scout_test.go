package dnsrec_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// aDomain is the questions about a domain that go out at once.
func aDomain(name string) []dnsrec.Query {
	return []dnsrec.Query{
		dnsrec.Q(name, "MX"), dnsrec.Q(name, "TXT"), dnsrec.Q("_dmarc."+name, "TXT"), dnsrec.Q("_mta-sts."+name, "TXT"),
		dnsrec.Q("selector1._domainkey."+name, "TXT"), dnsrec.Q("selector2._domainkey."+name, "TXT"), dnsrec.Q("autodiscover."+name, "A"),
	}
}

// Of a domain that answers nothing, one question is asked again, not all of them, and
// all end as if each had been. One that answers a single question, or late, or fails
// as a resolver says, is asked in full.
func TestOneQuestionOfASilentDomainIsAskedAgain(t *testing.T) {
	const zone = "late.test. MX 10 mx.test.\nlate.test. TXT \"one\"\n_dmarc.late.test. TXT \"two\"\n" +
		"warm.test. A 192.0.2.1\nlost.test. MX 10 mx.test.\nhalf.test. MX 10 mx.test.\n"
	for name, tc := range map[string]struct {
		fault  func(q dnsrec.Query) dnstest.Fault
		most   int // questions at the server
		failed int
		kind   dnsrec.Kind
	}{
		"silent.test": {func(dnsrec.Query) dnstest.Fault { return dnstest.Fault{Drop: true} }, 8, 7, dnsrec.KindTimeout},
		"broken.test": {func(dnsrec.Query) dnstest.Fault { return dnstest.Fault{Rcode: "SERVFAIL"} }, 8, 7, dnsrec.KindServFail},
		"half.test": {func(q dnsrec.Query) dnstest.Fault {
			return dnstest.Fault{Drop: q.Name != "half.test" || q.Type != "MX"}
		}, 1 + 6*5, 6, dnsrec.KindTimeout},
		"late.test": {func(dnsrec.Query) dnstest.Fault { return dnstest.Fault{Delay: 60 * time.Millisecond} }, 7, 0, ""},
		"lost.test": {func(dnsrec.Query) dnstest.Fault { return dnstest.Fault{Drop: true, Times: 1} }, 14, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv := dnstest.New(t, zone)
			c := client(t, dnsrec.Options{Timeout: 200 * time.Millisecond}, srv.Addr)
			if _, err := c.Lookup(t.Context(), dnsrec.Q("warm.test", "A")); err != nil {
				t.Fatal(err)
			}
			qs := aDomain(name)
			for _, q := range qs {
				srv.Fault(q.Name, string(q.Type), tc.fault(q))
			}
			b := dnsrec.NewBudget(t.Context(), dnsrec.NewCache(c, dnsrec.CacheOptions{}), 0, 0)
			defer b.Close()
			srv.Forget()
			b.Ask(qs...)
			settle(b, 10*time.Millisecond)
			failed := 0
			for _, q := range qs {
				if _, err := known(t, b, q); err != nil {
					failed++
					if dnsrec.KindOf(err) != tc.kind {
						t.Errorf("%s: %v, want %s", q, err, tc.kind)
					}
				}
			}
			if n := len(srv.Queries()); failed != tc.failed || n > tc.most || n < len(qs) {
				t.Errorf("%d of %d failed after %d questions, want %d and at most %d", failed, len(qs), n, tc.failed, tc.most)
			}
		})
	}
}

// Those who wait for a question of a silent domain that is put off are not left
// waiting when its budget is closed.
func TestCloseWhilePutOff(t *testing.T) {
	srv := dnstest.New(t, "warm.test. A 192.0.2.1\n")
	c := client(t, dnsrec.Options{Timeout: time.Minute}, srv.Addr)
	cache := dnsrec.NewCache(c, dnsrec.CacheOptions{})
	if _, err := c.Lookup(t.Context(), dnsrec.Q("warm.test", "A")); err != nil {
		t.Fatal(err)
	}
	qs := aDomain("silent.test")
	for _, q := range qs {
		srv.Fault(q.Name, string(q.Type), dnstest.Fault{Drop: true, Times: 1})
	}
	first := dnsrec.NewBudget(t.Context(), cache, 0, 0)
	first.Ask(qs...)
	first.Wait(time.Millisecond, make(chan func()))
	answers := make(chan error, len(qs))
	for _, q := range qs {
		go func() { _, err := cache.Lookup(context.Background(), q); answers <- err }()
	}
	first.Close()
	for range qs {
		if err := <-answers; err != nil && !errors.As(err, new(*dnsrec.Error)) {
			t.Error(err)
		}
	}
	if c.InFlight() != 0 {
		t.Errorf("%d calls are left", c.InFlight())
	}
}

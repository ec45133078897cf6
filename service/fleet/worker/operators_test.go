package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/dnsrec"
)

// delegations answers with name servers.
type delegations map[string]string

func (d delegations) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	host, ok := d[q.Name]
	switch {
	case host == "SERVFAIL":
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Kind: dnsrec.KindServFail}
	case !ok || q.Type != dnsrec.TypeNS:
		return dnsrec.Answer{Query: q, Rcode: "NXDOMAIN"}, nil
	}
	return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: []string{host}}, nil
}

// The operator is that of the name servers of the zone, by whatever number or top
// level domain they are called.
func TestOperatorOf(t *testing.T) {
	zones := delegations{"a.example": "ns2.hoster.com", "lame.example": "SERVFAIL", "own.example": "ns1.own.example"}
	for domain, want := range map[string]string{
		"a.example": "hoster", "mail.b.a.example": "hoster", "lame.example": "", "x.lame.example": "", "none.example": "", "own.example": "own", "com": "", "": "",
	} {
		if got := operatorOf(t.Context(), zones, domain); got != want {
			t.Errorf("%s: %q, want %q", domain, got, want)
		}
	}
	for host, want := range map[string]string{
		"ns-1.awsdns-01.com": "awsdns-", "ns-2000.awsdns-57.co.uk": "awsdns-", "ns01.domaincontrol.com": "domaincontrol", "kim.ns.cloudflare.com": "cloudflare",
		"ns1-03.azure-dns.com": "azure-dns", "ns.163.com": "163", "co.uk": "co", "localhost": "localhost", ".": "", "": "",
	} {
		if got := operatorName(host); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}

// Domains of one operator begin at their rate, and those of others do not wait for
// them.
func TestOperators(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zones := delegations{}
		for i := range 200 {
			zones[name(i)] = "ns1.large.com"
			if i >= 100 {
				zones[name(i)] = fmt.Sprintf("ns1.own%s.com", string(rune('a'+i-100)))
			}
		}
		delete(zones, name(199)) // it has none
		var o operators
		o.allow(10)
		var mu sync.Mutex
		ends := map[int]time.Duration{}
		var wg sync.WaitGroup
		began := time.Now()
		for i := range 200 {
			wg.Go(func() {
				if err := o.wait(t.Context(), zones, name(i)); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				ends[i] = time.Since(began)
			})
		}
		wg.Wait()
		seconds := map[int]int{}
		for i, end := range ends {
			if i >= 100 && end > 0 {
				t.Errorf("%s waits for %v", name(i), end)
			}
			if i < 100 {
				seconds[int(end/time.Second)]++
			}
		}
		for s, n := range seconds {
			if n > 11 || s > 10 {
				t.Errorf("%d domains in second %d", n, s)
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if o.wait(ended, zones, name(0)) == nil {
			t.Error("it does not end")
		}
		o.allow(0)
		if began := time.Now(); o.wait(t.Context(), zones, name(0)) != nil || time.Since(began) > 0 {
			t.Error("there is a limit")
		}
	})
}

// What a site may ask is divided by the workers that live there.
func TestShare(t *testing.T) {
	f := newFleet(t, 0)
	shares := map[string]int{}
	worker := func(id, site string) *Worker {
		return &Worker{Bus: f.Bus, ID: id, Site: site, Log: slog.New(slog.DiscardHandler), PerOperator: 12, Share: func(n int) { shares[id] = n }}
	}
	a, b, c, far := worker("a", "fra"), worker("b", "fra"), worker("c", "fra"), worker("far", "ams")
	check := func(w *Worker, want int) {
		t.Helper()
		if w.share(t.Context()); shares[w.ID] != want {
			t.Errorf("%s has a share of %d, want %d", w.ID, shares[w.ID], want)
		}
	}
	check(a, 1)
	check(b, 2)
	check(far, 1)
	check(c, 3)
	check(a, 3)
	if err := f.Gone(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	check(a, 2)
	f.Close()
	check(a, 2) // nobody knows
}

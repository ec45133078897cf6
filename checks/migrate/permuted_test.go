package migrate

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/dnsrec/dnstest"
)

// zone returns the records of a world, line by line.
func (w *simulated) zone() (lines []string) {
	for q, list := range w.sets {
		v, _ := latest(list, w.now)
		for _, value := range v.values {
			switch q.Type {
			case dnsrec.TypeTXT:
				value = kittest.QuoteTXT(value)
			case dnsrec.TypeMX, dnsrec.TypeCNAME, dnsrec.TypeNS, dnsrec.TypeSRV:
				value += "."
			case dnsrec.TypeSOA:
				value = "ns1.dns.test. h.dns.test. 1 7200 900 1209600 900"
			}
			lines = append(lines, fmt.Sprintf("%s. %d IN %s %s", q.Name, int(v.ttl.Seconds()), q.Type, value))
		}
	}
	slices.Sort(lines)
	return lines
}

// permuted assesses a world whose servers, which are real ones, give the records of a
// set in an order of their own, and returns the document.
func (w *simulated) permuted(t *testing.T, seed uint64) string {
	t.Helper()
	order := rand.New(rand.NewPCG(seed, 18))
	lines := w.zone()
	order.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	env, srv := kittest.NewEnv(t, domain, strings.Join(lines, "\n")+"\n", dnstest.Unlogged())
	defer srv.Close()
	env.DNS, env.Now, env.HTTPS = dnsrec.NewCache(env.DNS, dnsrec.CacheOptions{}), w.now, w.fetch
	var mu sync.Mutex
	ask := func(ctx context.Context, s netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
		r, err := w.ask(ctx, s, q)
		mu.Lock()
		defer mu.Unlock()
		for _, part := range [][]dnsrec.Record{r.Answer, r.Authority} {
			order.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
		}
		return r, err
	}
	r := Assess(t.Context(), env, Options{Look: func(ctx context.Context) *authority.Report {
		return authority.Look(ctx, env.DNS, ask, domain, authority.Options{Questions: Questions(domain, nil)})
	}})
	var b bytes.Buffer
	if err := r.Document(r.Authority).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// mixed sets MX records in all combinations of where mail can arrive.
func mixed() (sets [][]string) {
	hosts := []string{target, "aspmx.l.google.com", "zz.hoster.test", "mx1.eu.pphosted.com", "gone.hoster.test", "a." + domain}
	for i := range hosts {
		for j := range i {
			sets = append(sets, []string{"10 " + hosts[i], "10 " + hosts[j]}, []string{"10 " + hosts[i], "10 " + hosts[j], "20 " + hosts[(i+j)%len(hosts)]})
		}
	}
	return sets
}

// The order in which servers give records decides nothing, in no part of the report.
func TestOrderOfAnswersDecidesNothing(t *testing.T) {
	t.Parallel()
	for _, prepared := range []bool{false, true} {
		for _, mx := range mixed() {
			w, _ := spec{origin: FromHosting, prepared: prepared, fault: "fine other TXT records"}.build()
			for _, host := range []string{"zz.hoster.test", "a." + domain} {
				w.set(host, "A", 300, oldIP, "198.51.100.26", "203.0.113.7")
			}
			w.set("mail."+domain, "A", 300, oldIP, "203.0.113.7")
			w.set("_imaps._tcp."+domain, "SRV", 300, "0 1 993 a."+domain, "5 1 993 b."+domain)
			w.set("_autodiscover._tcp."+domain, "SRV", 300, "0 0 443 a."+domain, "1 0 443 b."+domain)
			w.set("autodiscover."+domain, "A", 300, oldIP, "198.51.100.26")
			w.set("*."+domain, "MX", 300, "10 b.hoster.test", "10 a.hoster.test")
			w.set(domain, "MX", 300, mx...)
			want := w.permuted(t, 0)
			for seed := uint64(1); seed < 3; seed++ {
				if got := w.permuted(t, seed); got != want {
					t.Fatalf("%v, prepared %v, seed %d: %s", mx, prepared, seed, firstDifference(want, got))
				}
			}
		}
	}
}

// firstDifference returns the first line that differs, both ways.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return strings.Join(x[max(0, i-3):i+1], "\n") + "\nor\n" + y[i]
		}
	}
	return "one is longer"
}

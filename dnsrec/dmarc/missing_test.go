package dmarc

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"maildiag/dnsrec"
)

// arriving is a resolver whose answers arrive one by one.
type arriving struct {
	next  dnsrec.Resolver
	known map[dnsrec.Query]bool
	asked map[dnsrec.Query]bool
}

func (a *arriving) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a.asked[q] = true
	if !a.known[q] {
		return dnsrec.Answer{Query: q}, dnsrec.ErrMissing
	}
	return a.next.Lookup(ctx, q)
}

// arrive makes one more answer known, and reports whether there was one.
func (a *arriving) arrive(r *rand.Rand) bool {
	var waiting []dnsrec.Query
	for q := range a.asked {
		if !a.known[q] {
			waiting = append(waiting, q)
		}
	}
	if len(waiting) == 0 {
		return false
	}
	slices.SortFunc(waiting, func(a, b dnsrec.Query) int { return slices.Compare([]byte(a.String()), []byte(b.String())) })
	a.known[waiting[r.IntN(len(waiting))]] = true
	return true
}

// In whatever order the answers arrive, the result is the same, and no question
// is put that is not put when all answers are known.
func TestOrdersOfArrival(t *testing.T) {
	for i, zone := range [][]string{
		{},
		{"example.com v=DMARC1; p=none; sp=none; np=reject; rua=mailto:a@other.test,mailto:b@third.test"},
		{"a.example.com v=DMARC1; p=none; ruf=mailto:a@other.test", "example.com v=DMARC1; p=reject; np=reject"},
		{"example.com v=DMARC1; p=none; np=reject", "com v=DMARC1; p=reject; psd=y"},
		{"a.example.com SERVFAIL", "example.com v=DMARC1; p=none; np=reject"},
	} {
		dns, _ := world(t, zone...)
		run := func(r dnsrec.Resolver) string {
			res := Discover(t.Context(), r, "a.example.com")
			v := res.Evaluate(t.Context(), r, []string{"x.example.com", "other.test"}, "b.example.com")
			var auths []Authorization
			if res.Tree.Found() {
				auths, _ = Authorizations(t.Context(), r, res.Tree.At, res.Tree.Record)
			}
			s := fmt.Sprint(res.Exists, summary(&res.Tree), summary(&res.List), v.Tree, v.List)
			for _, a := range auths {
				s += fmt.Sprint(a.Host, a.OK, dnsrec.KindOf(a.Err))
			}
			return s
		}
		want := run(dns)
		all := allKnown(dns, run)
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			a := &arriving{next: dns, known: map[dnsrec.Query]bool{}, asked: map[dnsrec.Query]bool{}}
			got := run(a)
			for a.arrive(r) {
				got = run(a)
			}
			if got != want || !maps.Equal(a.asked, all) {
				t.Fatalf("zone %d, seed %d: %s, want %s; asked %d, want %d", i, seed, got, want, len(a.asked), len(all))
			}
		}
	}
}

// allKnown returns the questions of a run in which every answer is known.
func allKnown(dns dnsrec.Resolver, run func(dnsrec.Resolver) string) map[dnsrec.Query]bool {
	log := logged{dns, map[dnsrec.Query]bool{}}
	run(log)
	return log.asked
}

type logged struct {
	dnsrec.Resolver
	asked map[dnsrec.Query]bool
}

func (l logged) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	l.asked[q] = true
	return l.Resolver.Lookup(ctx, q)
}

package spf

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec"
)

// dumpTree writes all that a walk found.
func dumpTree(t *Tree) string {
	var s strings.Builder
	fmt.Fprintln(&s, t.Domain, t.Lookups, t.Voids, t.Cut, t.Root.Err, len(t.Root.Records), t.Root.Alike)
	t.Walk(func(b *Branch) bool {
		twin := ""
		if b.Earlier != nil {
			twin = strings.Join(b.Earlier.Path(), ">")
		}
		fmt.Fprintln(&s, b.Via(), b.Text, b.State, b.Target, b.Lookups, b.Total, b.Voids, b.LookupsBefore, b.Hosts, b.Addrs,
			dnsrec.KindOf(b.Err), b.Loop, twin)
		return true
	})
	return s.String()
}

// arriving is a resolver whose answers arrive one by one, in any order.
type arriving struct {
	next  dnsrec.Resolver
	known map[dnsrec.Query]bool
	asked []dnsrec.Query // and not known
}

func (a *arriving) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	if a.known[q] {
		return a.next.Lookup(ctx, q)
	}
	if !slices.Contains(a.asked, q) {
		a.asked = append(a.asked, q)
	}
	return dnsrec.Answer{Query: q}, dnsrec.ErrMissing
}

// arrive makes one of the answers known.
func (a *arriving) arrive(r *rand.Rand) {
	i := r.IntN(len(a.asked))
	a.known[a.asked[i]] = true
	a.asked = slices.Delete(a.asked, i, i+1)
}

// randomWorld makes a zone whose tree often comes to the bounds.
func randomWorld(seed uint64) *fakeDNS {
	g := &generator{r: rand.New(rand.NewPCG(seed, 9)), faults: seed%2 == 0, full: seed%5 == 0}
	f := g.world()
	if seed%7 == 0 {
		f.timeout("n3.test")
	}
	for i := 0; seed%3 == 0 && i < genNames/2; i++ {
		terms := []string{"v=spf1", "a", "mx"}
		for range 5 {
			terms = append(terms, g.pick("include:", "include:", "mx:")+fmt.Sprintf("n%d.test", i+1+g.r.IntN(genNames/2)))
		}
		f.values[dnsrec.Q(fmt.Sprintf("n%d.test", i), dnsrec.TypeTXT)] = []string{strings.Join(terms, " ")}
	}
	return f
}

// In whatever order the answers arrive, the tree is the same, and no question is
// put that is not put when all answers are known.
func TestWalkInAnyOrder(t *testing.T) {
	bounded := 0
	for seed := range uint64(400) {
		f := randomWorld(seed)
		all := NewWalk("n0.test", nil)
		if !all.Advance(t.Context(), f) {
			t.Fatal("not done although all is known")
		}
		want := dumpTree(all.Tree())
		if all.Tree().Cut {
			bounded++
		}
		for order := range uint64(3) {
			r := rand.New(rand.NewPCG(seed, order))
			a := &arriving{next: f, known: map[dnsrec.Query]bool{}}
			w := NewWalk("n0.test", new(RecordCache))
			for !w.Advance(t.Context(), a) {
				if w.Tree() != nil || len(a.asked) == 0 {
					t.Fatalf("seed %d: a tree, or no question, before the walk is done", seed)
				}
				a.arrive(r)
			}
			if got := dumpTree(w.Tree()); got != want {
				t.Fatalf("seed %d:\n%s\nwant\n%s", seed, got, want)
			}
			for q := range a.known {
				if f.asked[q] == 0 {
					t.Fatalf("seed %d: %s is put only when others are missing", seed, q)
				}
			}
			if len(a.asked) > 0 {
				t.Fatalf("seed %d: %v are put in vain", seed, a.asked)
			}
		}
	}
	if bounded < 10 {
		t.Errorf("only %d trees come to a bound", bounded)
	}
}

package dnsrec

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// answers is a Resolver that holds some names, keeps a log, and fails for
// "broken.example".
type answers struct {
	there []string
	log   []string
}

func (a *answers) Lookup(_ context.Context, q Query) (Answer, error) {
	a.log = append(a.log, q.Name)
	ans := Answer{Query: q, Rcode: "NXDOMAIN", Server: "s"}
	switch {
	case q.Name == "k.broken.example":
		return ans, &Error{Query: q, Kind: KindServFail, Err: errors.New("x")}
	case slices.Contains(a.there, q.Name):
		ans.Rcode, ans.Values = "NOERROR", []string{"v"}
	}
	return ans, nil
}

func TestCut(t *testing.T) {
	for name, c := range map[string]struct {
		parent string
		there  []string
		ask    []string
		want   []string // what reaches the next resolver
	}{
		"nothing below":  {"k.example", nil, []string{"a.k.example", "b.k.example", "c.k.example"}, []string{"a.k.example", "k.example"}},
		"parent there":   {"k.example", []string{"k.example"}, []string{"a.k.example", "b.k.example"}, []string{"a.k.example", "k.example", "b.k.example"}},
		"child there":    {"k.example", []string{"a.k.example"}, []string{"a.k.example", "b.k.example"}, []string{"a.k.example", "b.k.example"}},
		"other names":    {"k.example", nil, []string{"a.k.example", "b.example", "xk.example", "k.example"}, []string{"a.k.example", "k.example", "b.example", "xk.example", "k.example"}},
		"parent unknown": {"k.broken.example", nil, []string{"a.k.broken.example", "b.k.broken.example"}, []string{"a.k.broken.example", "k.broken.example", "b.k.broken.example"}},
	} {
		next := &answers{there: c.there}
		cut := NewCut(next, c.parent)
		for _, q := range c.ask {
			a, err := cut.Lookup(t.Context(), Q(q, TypeTXT))
			if err != nil || a.Name != q || a.NXDomain() == slices.Contains(c.there, q) {
				t.Errorf("%s: %s: %+v, %v", name, q, a, err)
			}
		}
		if !slices.Equal(next.log, c.want) {
			t.Errorf("%s: asked %q, want %q", name, next.log, c.want)
		}
	}
}

// partly knows some answers of a resolver and notes what it misses.
type partly struct {
	next  Resolver
	known map[Query]bool
	asked map[Query]bool
}

func (p *partly) Lookup(ctx context.Context, q Query) (Answer, error) {
	p.asked[q] = true
	if !p.known[q] {
		return Answer{Query: q}, ErrMissing
	}
	return p.next.Lookup(ctx, q)
}

// Over known answers a Cut puts no question that it would not put with all
// answers known, whatever is missing.
func TestCutMissing(t *testing.T) {
	for name, there := range map[string][]string{
		"nothing": nil, "parent": {"k.example"}, "first": {"a.k.example"}, "second": {"b.k.example"},
	} {
		ask := func(r Resolver) {
			for _, q := range Queries(TypeTXT, "a.k.example", "b.k.example", "c.k.example") {
				r.Lookup(t.Context(), q)
			}
		}
		next := &answers{there: there}
		ask(NewCut(next, "k.example"))
		want := len(next.log)
		p := &partly{next: next, known: map[Query]bool{}, asked: map[Query]bool{}}
		reused := NewCut(p, "k.example")
		for rounds := 0; len(p.known) < len(p.asked) || rounds == 0; rounds++ {
			for q := range p.asked {
				p.known[q] = true
			}
			ask(reused)
			ask(NewCut(p, "k.example"))
		}
		if len(p.asked) != want {
			t.Errorf("%s: asked %v, want %d", name, p.asked, want)
		}
	}
}

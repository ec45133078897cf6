package dnsrec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// rrsets is a small zone without wildcards.
type rrsets map[dnsrec.Query][]string

var changedNames = []string{"a.test", "b.test", "c.test", "d.c.test", "e.d.c.test", "f.test"}

func (z rrsets) text() string {
	var s strings.Builder
	s.WriteString(". SOA ns.test. h.test. 1 3600 600 86400 60\ntest. NS ns.test.\n")
	for q, values := range z {
		for _, v := range values {
			switch q.Type {
			case dnsrec.TypeTXT:
				v = fmt.Sprintf("%q", v)
			case dnsrec.TypeCNAME, dnsrec.TypeMX:
				v += "."
			}
			fmt.Fprintf(&s, "%s. %s %s\n", q.Name, q.Type, v)
		}
	}
	return s.String()
}

// randomSet makes an RRset; none of them is at a name twice.
func randomSet(r *rand.Rand, t dnsrec.Type) []string {
	name := changedNames[r.IntN(len(changedNames))]
	switch t {
	case dnsrec.TypeCNAME:
		return []string{name}
	case dnsrec.TypeMX:
		return []string{fmt.Sprintf("%d %s", r.IntN(50), name)}
	case dnsrec.TypeA:
		return []string{fmt.Sprintf("192.0.2.%d", r.IntN(250))}
	}
	return []string{strings.Repeat("t", r.IntN(400)), fmt.Sprintf("u%d", r.IntN(9))}
}

// randomize puts records at a name: an alias, or others.
func (z rrsets) randomize(r *rand.Rand, name string) {
	for _, t := range changedTypes {
		delete(z, dnsrec.Q(name, t))
	}
	if r.IntN(3) == 0 {
		z[dnsrec.Q(name, dnsrec.TypeCNAME)] = randomSet(r, dnsrec.TypeCNAME)
		return
	}
	for _, t := range changedTypes[1:] {
		if r.IntN(3) == 0 {
			z[dnsrec.Q(name, t)] = randomSet(r, t)
		}
	}
}

var changedTypes = []dnsrec.Type{dnsrec.TypeCNAME, dnsrec.TypeTXT, dnsrec.TypeA, dnsrec.TypeMX}

// changes lists what makes z of old.
func (z rrsets) changes(old rrsets) (list []dnsrec.Change) {
	for q, values := range z {
		if !slices.Equal(old[q], values) {
			list = append(list, dnsrec.Change{Name: q.Name, Type: q.Type, Values: values, TTL: time.Minute})
		}
	}
	for q := range old {
		if z[q] == nil {
			list = append(list, dnsrec.Change{Name: q.Name, Type: q.Type})
		}
	}
	return list
}

// seen is what must be equal of an answer. Whether a name without data exists
// cannot always be told, see [dnsrec.Changed].
func seen(a dnsrec.Answer, err error) string {
	values := slices.Sorted(slices.Values(a.Values))
	return fmt.Sprint(dnsrec.KindOf(err), a.CNAMEs, values, len(a.Strings))
}

// lostAlias reports whether a CNAME was removed: below its name there may be
// others, which a Changed does not see.
func lostAlias(old, z rrsets) bool {
	for q := range old {
		if q.Type == dnsrec.TypeCNAME && z[q] == nil {
			return true
		}
	}
	return false
}

// A changed zone answers as the zone would that has the changes made.
func TestChangedIsTheNewZone(t *testing.T) {
	before, after := dnstest.New(t, aheadZone, dnstest.Unlogged()), dnstest.New(t, aheadZone, dnstest.Unlogged())
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		old, z := rrsets{}, rrsets{}
		for _, name := range changedNames {
			old.randomize(r, name)
		}
		for q, values := range old {
			z[q] = values
		}
		for range 1 + r.IntN(3) {
			z.randomize(r, changedNames[r.IntN(len(changedNames))])
		}
		before.SetZone(old.text())
		after.SetZone(z.text())
		base := client(t, dnsrec.Options{Timeout: 3 * time.Second}, before.Addr)
		world := client(t, dnsrec.Options{Timeout: 3 * time.Second}, after.Addr)
		changed := dnsrec.NewChanged(base, z.changes(old)...)
		for _, name := range append(changedNames, "test", "x.f.test") {
			for _, typ := range changedTypes {
				q := dnsrec.Q(name, typ)
				a, err := changed.Lookup(t.Context(), q)
				b, err2 := world.Lookup(t.Context(), q)
				if got, want := seen(a, err), seen(b, err2); got != want {
					t.Fatalf("seed %d: %s: %s, want %s\nold\n%s\nnew\n%s", seed, q, got, want, old.text(), z.text())
				}
				if err == nil && a.NXDomain() && !b.NXDomain() && !lostAlias(old, z) {
					t.Fatalf("seed %d: %s does not exist\nold\n%s\nnew\n%s", seed, q, old.text(), z.text())
				}
			}
		}
		base.Close()
		world.Close()
	}
}

func TestChanged(t *testing.T) {
	srv := dnstest.New(t, `. SOA ns.test. h.test. 1 3600 600 86400 60
*.w.test. CNAME host.test.
host.test. A 192.0.2.1
alias.test. CNAME middle.test.
middle.test. CNAME host.test.
loop.test. CNAME pool.test.
pool.test. CNAME loop.test.
txt.test. TXT old
`)
	base := client(t, dnsrec.Options{}, srv.Addr)
	set := func(name string, typ dnsrec.Type, values ...string) dnsrec.Change {
		return dnsrec.Change{Name: name, Type: typ, Values: values, TTL: time.Minute}
	}
	for name, c := range map[string]struct {
		q       dnsrec.Query
		changes []dnsrec.Change
		want    string
	}{
		"nothing":              {dnsrec.Q("alias.test", "A"), nil, "NOERROR|middle.test|host.test|192.0.2.1"},
		"replaced":             {dnsrec.Q("txt.test", "TXT"), []dnsrec.Change{set("txt.test", "TXT", "new")}, "NOERROR|new"},
		"removed":              {dnsrec.Q("txt.test", "TXT"), []dnsrec.Change{set("txt.test", "TXT")}, "NOERROR"},
		"removed, other type":  {dnsrec.Q("txt.test", "A"), []dnsrec.Change{set("txt.test", "TXT")}, "NOERROR"},
		"removed, not there":   {dnsrec.Q("none.test", "TXT"), []dnsrec.Change{set("none.test", "TXT")}, "NXDOMAIN"},
		"in the midst":         {dnsrec.Q("alias.test", "A"), []dnsrec.Change{set("middle.test", "CNAME", "x.test"), set("x.test", "A", "192.0.2.9")}, "NOERROR|middle.test|x.test|192.0.2.9"},
		"midst has data":       {dnsrec.Q("alias.test", "A"), []dnsrec.Change{set("middle.test", "A", "192.0.2.9")}, "NOERROR|middle.test|192.0.2.9"},
		"midst removed":        {dnsrec.Q("alias.test", "A"), []dnsrec.Change{set("middle.test", "CNAME")}, "NXDOMAIN|middle.test"},
		"new alias":            {dnsrec.Q("n.test", "A"), []dnsrec.Change{set("n.test", "CNAME", "alias.test")}, "NOERROR|alias.test|middle.test|host.test|192.0.2.1"},
		"under a wildcard":     {dnsrec.Q("a.w.test", "TXT"), []dnsrec.Change{set("a.w.test", "TXT", "v")}, "NOERROR|v"},
		"beside, other type":   {dnsrec.Q("a.w.test", "A"), []dnsrec.Change{set("a.w.test", "TXT", "v")}, "NOERROR"},
		"exists now":           {dnsrec.Q("new.test", "A"), []dnsrec.Change{set("new.test", "TXT", "v")}, "NOERROR"},
		"its parent too":       {dnsrec.Q("up.test", "A"), []dnsrec.Change{set("a.b.up.test", "TXT", "v")}, "NOERROR"},
		"a loop is cut":        {dnsrec.Q("loop.test", "A"), []dnsrec.Change{set("pool.test", "CNAME", "host.test")}, "NOERROR|pool.test|host.test|192.0.2.1"},
		"a loop is made":       {dnsrec.Q("alias.test", "A"), []dnsrec.Change{set("middle.test", "CNAME", "alias.test")}, "chain"},
		"a new wildcard":       {dnsrec.Q("x.y.test", "TXT"), []dnsrec.Change{set("*.y.test", "TXT", "v")}, "NOERROR|v"},
		"a new wildcard alias": {dnsrec.Q("x.y.test", "A"), []dnsrec.Change{set("*.y.test", "CNAME", "alias.test")}, "NOERROR|alias.test|middle.test|host.test|192.0.2.1"},
		"wildcard, other type": {dnsrec.Q("x.y.test", "A"), []dnsrec.Change{set("*.y.test", "TXT", "v")}, "NOERROR"},
		"alias of the asked":   {dnsrec.Q("alias.test", "CNAME"), []dnsrec.Change{set("alias.test", "CNAME", "host.test")}, "NOERROR|host.test"},
	} {
		a, err := dnsrec.NewChanged(base, c.changes...).Lookup(t.Context(), c.q)
		got := show(a, err)
		if c.want == "chain" {
			got = string(dnsrec.KindOf(err))
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// missing knows nothing.
type missing struct{}

func (missing) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return dnsrec.Answer{Query: q}, dnsrec.ErrMissing
}

func TestChangedMissing(t *testing.T) {
	c := dnsrec.NewChanged(missing{}, dnsrec.Change{Name: "a.test", Type: dnsrec.TypeCNAME, Values: []string{"b.test"}})
	for _, name := range []string{"a.test", "b.test"} {
		if _, err := c.Lookup(t.Context(), dnsrec.Q(name, "A")); err != dnsrec.ErrMissing {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a, err := c.Lookup(t.Context(), dnsrec.Q("a.test", "CNAME")); err != nil || a.Server != dnsrec.WhatIf {
		t.Errorf("%+v, %v", a, err)
	}
}

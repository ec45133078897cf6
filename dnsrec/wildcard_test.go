package dnsrec_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// servedNames are names of which some have records, and a wildcard answers for others.
var servedNames = []string{"z.test", "a.z.test", "b.z.test", "c.a.z.test", "d.c.a.z.test", "_k.a.z.test", "*.z.test", "*.a.z.test", "*.c.a.z.test"}

// randomServed makes a zone whose wildcards have records of each type, and whose changes
// are of other names.
func randomServed(r *rand.Rand) (old, after rrsets) {
	old, after = rrsets{dnsrec.Q("z.test", dnsrec.TypeA): {"192.0.2.1"}}, rrsets{}
	for i, name := range servedNames[1:] {
		if r.IntN(2) == 0 {
			old.randomize(r, name)
		}
		if name[0] == '*' { // by its own label, each record is told from those of names
			for q, values := range old {
				switch {
				case q.Name == name && q.Type == dnsrec.TypeA:
					old[q] = append(values, "198.51.100."+string(rune('1'+i)))
				case q.Name == name && q.Type == dnsrec.TypeCNAME:
					old[q] = []string{"w" + string(rune('1'+i)) + ".test"}
				}
			}
		}
	}
	for q, values := range old {
		after[q] = values
	}
	for range 1 + r.IntN(2) {
		name := servedNames[1+r.IntN(5)]
		t := changedTypes[r.IntN(len(changedTypes))]
		for _, o := range changedTypes {
			if o == dnsrec.TypeCNAME || t == dnsrec.TypeCNAME {
				delete(after, dnsrec.Q(name, o))
			}
		}
		after[dnsrec.Q(name, t)] = randomSet(r, t)
	}
	return old, after
}

// A name that a wildcard answers for loses that with the first record at or below it
// (RFC 4592 2.2.2), in the changed world as in the zone.
func TestChangedTakesWildcardsAway(t *testing.T) {
	before, after := dnstest.New(t, aheadZone, dnstest.Unlogged()), dnstest.New(t, aheadZone, dnstest.Unlogged())
	lost := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		old, z := randomServed(r)
		before.SetZone(old.text())
		after.SetZone(z.text())
		base := client(t, dnsrec.Options{Timeout: 3 * time.Second}, before.Addr)
		world := client(t, dnsrec.Options{Timeout: 3 * time.Second}, after.Addr)
		changed := dnsrec.NewChanged(base, z.changes(old)...)
		for _, name := range append(slices.Clone(servedNames[:6]), "x.z.test", "x.a.z.test", "x.c.a.z.test") {
			for _, typ := range changedTypes {
				q := dnsrec.Q(name, typ)
				a, err := changed.Lookup(t.Context(), q)
				b, err2 := world.Lookup(t.Context(), q)
				if got, want := seen(a, err), seen(b, err2); got != want {
					t.Fatalf("seed %d: %s: %s, want %s\nold\n%s\nnew\n%s", seed, q, got, want, old.text(), z.text())
				}
				if was, err := base.Lookup(t.Context(), q); err == nil && len(was.Values) > 0 && len(b.Values) == 0 {
					lost++
				}
			}
		}
		base.Close()
		world.Close()
	}
	if lost < 100 {
		t.Errorf("only %d answers were lost", lost)
	}
}

func TestServed(t *testing.T) {
	srv := dnstest.New(t, `. SOA ns.test. h.test. 1 3600 600 86400 60
contoso.test. MX 10 mail.contoso.test.
*.contoso.test. MX 10 mail.contoso.test.
*.contoso.test. TXT text
mail.contoso.test. A 192.0.2.1
same.contoso.test. MX 10 mail.contoso.test.
below.here.contoso.test. A 192.0.2.1
www.fabrikam.test. A 192.0.2.1
*.fabrikam.test. CNAME www.fabrikam.test.
own.fabrikam.test. TXT text
none.tailspin.test. A 192.0.2.1
`)
	base := client(t, dnsrec.Options{}, srv.Addr)
	for name, want := range map[string][]string{
		"contoso.test":          nil, // it was registered
		"test":                  nil,
		"lists.contoso.test":    {"10 mail.contoso.test", "text"},
		"x.lists.contoso.test":  {"10 mail.contoso.test", "text"},
		"mail.contoso.test":     nil,
		"same.contoso.test":     nil, // it lacks the text
		"here.contoso.test":     nil, // a name below it has records (RFC 4592 2.2.2)
		"shop.fabrikam.test":    {"www.fabrikam.test"},
		"own.fabrikam.test":     nil,
		"other.tailspin.test":   nil,
		"none.tailspin.test":    nil,
		"x.other.tailspin.test": nil,
	} {
		var got []string
		given, err := dnsrec.Served(context.Background(), base, name)
		for _, a := range given {
			if got = append(got, a.Values...); len(a.CNAMEs) > 0 {
				got = a.CNAMEs
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

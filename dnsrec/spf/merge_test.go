package spf

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
)

// pooled are the terms that random records are made of.
var pooled = []string{"ip4:192.0.2.1", "ip4:192.0.2.2", "ip4:192.0.2.3", "ip4:192.0.2.0/30", "a:four.test", "include:five.test", "include:six.test",
	"-all", "~all", "?all", "redirect=five.test", "redirect=six.test", "exp=why.test", "x=y"}

func randomRecord(r *rand.Rand) string {
	words := []string{"v=spf1"}
	redirected := false
	for range 1 + r.IntN(6) {
		w := pooled[r.IntN(len(pooled))]
		if strings.HasPrefix(w, "redirect") || strings.HasPrefix(w, "exp") {
			if redirected {
				continue
			}
			redirected = true
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

// passing returns which of a few addresses pass by a record.
func passing(t *testing.T, zone *fakeDNS, record string) (pass [8]bool) {
	t.Helper()
	zone.values[dnsrec.Q("d.test", dnsrec.TypeTXT)] = []string{record}
	c := Checker{Resolver: zone, Now: time.Unix(0, 0)}
	for i := range pass {
		o := c.Check(t.Context(), netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), "", "a@d.test")
		pass[i] = o.Result == Pass
	}
	return pass
}

// A record made of two lets those pass who pass by one of them, and nobody else: what
// receivers never came to stays so. So does the repair of a record, and of two that are
// glued together.
func TestMergedRecordsAllowNobodyNew(t *testing.T) {
	zone := fakeZone(`four.test A 192.0.2.4
five.test TXT v=spf1 ip4:192.0.2.5 -all
six.test TXT v=spf1 ip4:192.0.2.6 ~all
d.test TXT v=spf1 -all`)
	r := rand.New(rand.NewPCG(12, 2))
	for range 4000 {
		one, two := randomRecord(r), randomRecord(r)
		first, second := passing(t, zone, one), passing(t, zone, two)
		glued := one + " " + two
		for how, edit := range map[string]func() (string, error){
			"merged":   func() (string, error) { return Apply(one, MergeRecord(two)) },
			"repaired": func() (string, error) { return Apply(one, append(RepairSyntax(), MergeRecord(two))...) },
			"glued":    func() (string, error) { return Apply(glued, RepairSyntax()...) },
		} {
			text, err := edit()
			if err != nil {
				t.Fatalf("%s %q, %q: %v", how, one, two, err)
			}
			for i, pass := range passing(t, zone, text) {
				lost := !pass && (first[i] || second[i])
				if pass && !first[i] && !second[i] || lost {
					t.Fatalf("%s: %q and %q became %q: 192.0.2.%d: %v, was %v and %v", how, one, two, text, i, pass, first[i], second[i])
				}
			}
		}
		fixed, err := Apply(one, RepairSyntax()...)
		if rec, _, _ := Parse(one); err != nil || passing(t, zone, fixed) != first {
			t.Fatalf("%q was repaired to %q, %v", one, fixed, err)
		} else if corrected, _ := rec.Corrected(); passing(t, zone, corrected) != first {
			t.Fatalf("%q was corrected to %q", one, corrected)
		}
	}
}

func TestTermsBehindAllStayThere(t *testing.T) {
	for _, c := range []struct{ one, two, want string }{
		{"v=spf1 mx -all", "v=spf1 a ~all ip4:192.0.2.1", "v=spf1 mx a ~all ip4:192.0.2.1"},
		{"v=spf1 mx -all ip4:192.0.2.1", "v=spf1 a ~all", "v=spf1 mx a ~all ip4:192.0.2.1"},
		{"v=spf1 mx -all ip4:192.0.2.1", "v=spf1 ip4:192.0.2.1 -all", "v=spf1 mx ip4:192.0.2.1 -all"},
		{"v=spf1 mx -all", "v=spf1 redirect=x.test -all", "v=spf1 mx -all redirect=x.test"},
		{"v=spf1 redirect=x.test -all", "v=spf1 a -all", "v=spf1 a -all redirect=x.test"},
		{"v=spf1 mx -all", "v=spf1 a -all include:x.test ~all", "v=spf1 mx a -all include:x.test"},
		{"v=spf1 mx", "v=spf1 -all a", "v=spf1 mx -all a"},
	} {
		if got, err := Apply(c.one, MergeRecord(c.two)); got != c.want || err != nil {
			t.Errorf("%s + %s = %s, %v; want %s", c.one, c.two, got, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"v=spf1 ip:192.0.2.1 -all mx":            "v=spf1 ip4:192.0.2.1 -all mx",
		"v=spf1 a -all mx v=spf1 include:x ~all": "v=spf1 a include:x ~all mx",
		"v=spf1 a -all v=spf1 mx -all":           "v=spf1 a mx -all",
	} {
		if got, err := Apply(text, RepairSyntax()...); got != want || err != nil {
			t.Errorf("%s was repaired to %s, %v; want %s", text, got, err, want)
		}
	}
}

// Where the records of a domain contradict each other, what one of them refuses can be
// put first: with the exceptions that it makes. Whom a record allows, and none refuses,
// passes as before.
func TestRefusingFirstKeepsExceptions(t *testing.T) {
	zone := fakeZone(`four.test A 192.0.2.4
five.test TXT v=spf1 ip4:192.0.2.5 -all
d.test TXT v=spf1 -all`)
	terms := []string{"ip4:192.0.2.1", "ip4:192.0.2.2", "ip4:192.0.2.0/30", "-ip4:192.0.2.0/29", "-ip4:192.0.2.1", "?ip4:192.0.2.4/31", "a:four.test", "include:five.test", "~ip4:192.0.2.5"}
	r := rand.New(rand.NewPCG(7, 2))
	decided := 0
	for range 4000 {
		var texts []string
		for range 2 {
			words := "v=spf1"
			for range 1 + r.IntN(4) {
				words += " " + terms[r.IntN(len(terms))]
			}
			texts = append(texts, words+" ~all")
		}
		one, _, _ := Parse(texts[0])
		two, _, _ := Parse(texts[1])
		if len(Refusals([]*Record{one, two})) == 0 {
			continue
		}
		text, err := RefusingFirst([]*Record{one, two})
		if err != nil {
			continue
		}
		decided++
		for i, pass := range passing(t, zone, text) {
			passes, refused := false, false
			for _, own := range texts {
				is := passing(t, zone, own)[i]
				passes = passes || is
				refused = refused || !is && passing(t, zone, strings.ReplaceAll(own, "~all", "+all"))[i] == false
			}
			if pass != (passes && !refused) {
				t.Fatalf("%q became %q: 192.0.2.%d: %v; passes by one: %v, refused by one: %v", texts, text, i, pass, passes, refused)
			}
		}
	}
	if decided < 500 {
		t.Errorf("only %d pairs", decided)
	}
}

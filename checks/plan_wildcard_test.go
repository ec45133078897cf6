package checks

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
)

// published is a zone by its RRsets, with the wildcards under their own names.
type published map[dnsrec.Query][]string

func (z published) text() string {
	var lines []string
	for q, values := range z {
		for _, v := range values {
			if q.Type == dnsrec.TypeTXT {
				v = fmt.Sprintf("%q", v)
			}
			lines = append(lines, fmt.Sprintf("%s. %s %s\n", q.Name, q.Type, v))
		}
	}
	slices.Sort(lines)
	return "contoso.com. SOA ns.contoso.com. h.contoso.com. 1 3600 600 86400 60\n" + strings.Join(lines, "")
}

// change changes an RRset as a server does that has it: it must be what the plan says
// that it is, and nothing that a wildcard gives.
func (z published) change(t *testing.T, where, name, typ string, before, after []string) {
	t.Helper()
	q := dnsrec.Q(name, dnsrec.Type(typ))
	if !slices.Equal(slices.Sorted(slices.Values(z[q])), slices.Sorted(slices.Values(before))) {
		t.Errorf("%s: %s is %q in the zone, not %q", where, q, z[q], before)
	}
	if delete(z, q); len(after) > 0 {
		z[q] = after
	}
	for o := range z {
		if o.Name == q.Name && o.Type != q.Type && (z[q] != nil && q.Type == dnsrec.TypeCNAME || o.Type == dnsrec.TypeCNAME) {
			t.Errorf("%s: %s stands beside %s", where, q, o)
		}
	}
}

// take takes a step with values, and returns the RRsets that it changes.
func (z published) take(t *testing.T, where string, s report.Step) (sets []dnsrec.Query) {
	t.Helper()
	for _, o := range s.Sets {
		z.change(t, where, o.Name, o.Type, slices.Concat(o.Keep, o.Remove), slices.Concat(o.Keep, o.Add))
		sets = append(sets, dnsrec.Q(o.Name, dnsrec.Type(o.Type)))
	}
	after := s.Published()
	if !s.HasValues() {
		after = []string{"assigned.contoso.onmicrosoft.com."}
	}
	z.change(t, where, s.Name, s.Type, s.Before(), after)
	return append(sets, dnsrec.Q(s.Name, dnsrec.Type(s.Type)))
}

// served is what a name has, by its own records or by a wildcard.
func served(t *testing.T, env *kit.Env, name string) map[dnsrec.Query]string {
	t.Helper()
	out := map[dnsrec.Query]string{}
	for _, typ := range []dnsrec.Type{dnsrec.TypeMX, dnsrec.TypeTXT, dnsrec.TypeA, dnsrec.TypeAAAA} {
		q := dnsrec.Q(name, typ)
		if a, err := env.DNS.Lookup(t.Context(), q); err == nil && len(a.Values) > 0 {
			out[q] = fmt.Sprint(slices.Sorted(slices.Values(a.Values)))
		}
	}
	return out
}

// wildcardWorld makes a zone in which wildcards give names what they have.
func wildcardWorld(r *rand.Rand) published {
	z := published{
		dnsrec.Q("contoso.com", "MX"):                 {"0 " + cloudMX},
		dnsrec.Q("contoso.com", "A"):                  {"192.0.2.80"},
		dnsrec.Q("contoso.com", "TXT"):                {"v=spf1 include:spf.protection.outlook.com -all"},
		dnsrec.Q("www.contoso.com", "A"):              {"192.0.2.80"},
		dnsrec.Q("mail.contoso.com", "A"):             {"192.0.2.9"},
		dnsrec.Q(cloudMX, "A"):                        {"192.0.2.11"},
		dnsrec.Q("lists-"+cloudMX, "A"):               {"192.0.2.12"},
		dnsrec.Q("spf.protection.outlook.com", "TXT"): {"v=spf1 ip4:192.0.2.0/28 -all"},
		dnsrec.Q("autodiscover.outlook.com", "A"):     {"192.0.2.3"},
	}
	pick := func(list ...string) []string {
		if v := list[r.IntN(len(list))]; v != "" {
			return strings.Split(v, "|")
		}
		return nil
	}
	put := func(name, typ string, values []string) {
		if len(values) > 0 {
			z[dnsrec.Q(name, dnsrec.Type(typ))] = values
		}
	}
	put("_dmarc.contoso.com", "TXT", pick("", "v=DMARC1; p=reject; rua=mailto:d@contoso.com", "v=DMARC1; p=none"))
	for _, wild := range []string{"*.contoso.com", "*.b.contoso.com"}[:1+r.IntN(2)] {
		if r.IntN(4) == 0 {
			put(wild, "CNAME", pick("www.contoso.com.", "contoso.com.", "pages.hoster.example."))
			continue
		}
		put(wild, "MX", pick("", "0 lists-"+cloudMX, "10 mail.contoso.com.", "0 "+cloudMX, "0 lists-"+cloudMX+"|10 mail.contoso.com."))
		put(wild, "TXT", pick("", "v=spf1 mx ?all", "v=spf1 -all", "site-verification=1", "v=spf1 include:spf.protection.outlook.com -all|site-verification=1"))
		put(wild, "A", pick("", "192.0.2.80"))
		put(wild, "AAAA", pick("", "2001:db8::80"))
	}
	return z
}

// wildcardNames are names that may have records from a wildcard, at each level.
var wildcardNames = []string{"lists.contoso.com", "a.b.contoso.com", "b.contoso.com", "x.y.z.contoso.com"}

// What a wildcard gives the domain, or a name above it, is there after each step of a plan
// that is taken literally (RFC 4592), unless the step says what becomes of it.
func TestPlanKeepsWhatWildcardsGive(t *testing.T) {
	t.Parallel()
	kept := 0
	for seed := range uint64(160) {
		r := rand.New(rand.NewPCG(seed, 12))
		z := wildcardWorld(r)
		domain := wildcardNames[r.IntN(len(wildcardNames))]
		if r.IntN(5) == 0 { // it has records of its own
			z[dnsrec.Q(domain, "A")] = []string{"192.0.2.81"}
		}
		env, srv := kittest.NewEnv(t, domain, z.text())
		if r.IntN(2) == 0 {
			env.Expect = kit.ExpectM365
		}
		p := planFor(t, env)
		if p.plan == nil {
			continue
		}
		names := []string{domain}
		for _, parent, _ := strings.Cut(domain, "."); parent != "contoso.com"; _, parent, _ = strings.Cut(parent, ".") {
			names = append(names, parent)
		}
		was := map[dnsrec.Query]string{}
		for _, name := range names {
			maps.Copy(was, served(t, env, name))
		}
		told := []dnsrec.Query{}
		same := func(where string) {
			t.Helper()
			is := map[dnsrec.Query]string{}
			for _, name := range names {
				maps.Copy(is, served(t, env, name))
			}
			for q, values := range was {
				if is[q] != values && !slices.Contains(told, q) {
					t.Errorf("%s: %s was %s, is %s\n%s", where, q, values, is[q], z.text())
				}
			}
		}
		for _, s := range p.plan.Steps {
			where := fmt.Sprintf("seed %d, %s, step %d (%s %s)", seed, domain, s.Step, s.Name, s.Type)
			for i, a := range s.Alternatives {
				tried, before := maps.Clone(z), told
				sets := a.Sets
				if len(a.Add)+len(a.Remove) > 0 {
					sets = append(slices.Clone(sets), report.Set{Name: s.Name, Type: s.Type, Keep: s.Keep, Remove: a.Remove, Add: a.Add})
				}
				for _, o := range sets {
					tried.change(t, where, o.Name, o.Type, slices.Concat(o.Keep, o.Remove), slices.Concat(o.Keep, o.Add))
					told = append(told, dnsrec.Q(o.Name, dnsrec.Type(o.Type)))
				}
				srv.SetZone(tried.text())
				same(fmt.Sprintf("%s, alternative %d", where, i))
				told = before
			}
			if !s.ChangesRecords() {
				continue
			}
			told = append(told, z.take(t, where, s)...)
			if len(s.Sets) > 0 {
				kept++
			}
			srv.SetZone(z.text())
			same(where)
		}
	}
	if kept < 30 {
		t.Errorf("only %d steps publish what a wildcard gives", kept)
	}
}

// The rules of a plan hold for a world with wildcards.
func TestPlanRulesWithWildcards(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 13))
		env, _ := kittest.NewEnv(t, wildcardNames[r.IntN(len(wildcardNames))], wildcardWorld(r).text())
		planFor(t, env).hold(t)
	}
}

// A domain that was registered has records of its own: no question is asked about it, in
// a list or not.
func TestWildcardsCostNothing(t *testing.T) {
	t.Parallel()
	for _, list := range []bool{false, true} {
		env, srv := kittest.NewEnv(t, "contoso.com", mailAtMicrosoft+"contoso.com. TXT \"v=spf1 ?all\"\n")
		env.List = list
		if p := planFor(t, env); p.plan == nil {
			t.Error("no plan")
		}
		for _, q := range srv.Queries() {
			if strings.Contains(fmt.Sprint(q), "_maildiag-wildcard-test.com") {
				t.Errorf("list %v: asked %v", list, q)
			}
		}
	}
}

package checks

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

var spfWorlds = flag.Int("spfworlds", 300, "how many domains with faulty SPF records TestPlansOfFaultySPF makes")

// zoneRecord is one record of a made world.
type zoneRecord struct {
	name string
	typ  dnsrec.Type
	text string
}

// spfWorld makes domains with faulty SPF records, and the senders that they name.
type spfWorld struct {
	rng     *rand.Rand
	records []zoneRecord
	domains []string
}

const (
	cloudSPF = "spf.protection.outlook.com"
	vendors  = 12 // sN.vendor.test, each of one lookup
)

func newSPFWorld(n int) *spfWorld {
	w := &spfWorld{rng: rand.New(rand.NewPCG(12, 7208))}
	w.add(".", "SOA", "ns.test. h.test. 1 3600 600 86400 60")
	w.add(cloudSPF, "TXT", "v=spf1 ip4:40.92.0.0/15 ip4:52.100.0.0/14 ip6:2a01:111:f400::/48 -all")
	w.add("_spf.google.com", "TXT", "v=spf1 ip4:74.125.0.0/16 ~all")
	for i := range vendors {
		w.add(vendor(i), "TXT", fmt.Sprintf("v=spf1 ip4:198.51.%d.0/24 -all", i))
	}
	w.add("deep.vendor.test", "TXT", "v=spf1 include:s0.vendor.test include:s1.vendor.test include:s2.vendor.test -all")
	w.add("aspmx.l.google.com", "A", "74.125.1.1")
	w.add("autodiscover.outlook.com", "A", "40.97.1.1")
	for i := range n {
		w.domain(fmt.Sprintf("d%d.test", i))
	}
	return w
}

func vendor(i int) string { return fmt.Sprintf("s%d.vendor.test", i) }

func (w *spfWorld) add(name string, t dnsrec.Type, text string) {
	w.records = append(w.records, zoneRecord{name, t, text})
}

func (w *spfWorld) pick(options ...string) string { return options[w.rng.IntN(len(options))] }

// domain adds a domain with one to three faults in its SPF records.
func (w *spfWorld) domain(d string) {
	w.domains = append(w.domains, d)
	token := strings.ReplaceAll(d, ".", "-")
	host := token + ".mail.protection.outlook.com"
	w.add(host, "A", "52.101.1.1")
	w.add("mail."+d, "A", "203.0.113.25")
	w.add(d, "A", "203.0.113.80")
	w.add("autodiscover."+d, "CNAME", "autodiscover.outlook.com.")
	w.add("_dmarc."+d, "TXT", "v=DMARC1; p=quarantine; rua=mailto:d@"+d)
	switch w.rng.IntN(6) {
	case 0:
		w.add(d, "MX", "10 mail."+d+".")
	case 1:
		w.add(d, "MX", "1 aspmx.l.google.com.")
	case 2:
		w.add(d, "MX", "0 "+host+".")
		w.add(d, "MX", "10 aspmx.l.google.com.")
	default:
		w.add(d, "MX", "0 "+host+".")
	}
	terms := w.terms(d)
	text := "v=spf1 " + strings.Join(terms, " ") + " " + w.pick("-all", "-all", "~all", "?all", "")
	for range w.rng.IntN(3) {
		text = w.spoil(d, text)
	}
	w.add(d, "TXT", w.version(strings.TrimSpace(text)))
	if w.rng.IntN(6) == 0 {
		w.add(d, "TXT", w.version("v=spf1 include:"+vendor(w.rng.IntN(vendors))+w.pick(" -all", " ~all", " +all", "")))
	}
}

// terms are the terms of a record: senders, and what may stand for the cloud.
func (w *spfWorld) terms(d string) (terms []string) {
	few := 1 + w.rng.IntN(4)
	if w.rng.IntN(4) == 0 {
		few = 6 + w.rng.IntN(6)
	}
	for _, i := range w.rng.Perm(vendors)[:few] {
		terms = append(terms, "include:"+vendor(i))
	}
	for _, t := range []string{"mx", "a", "ip4:203.0.113.7", "ip4:203.0.113.8", "include:_spf.google.com", "include:deep.vendor.test", "a:gone." + d,
		"include:gone.vendor.test", "ptr"} {
		if w.rng.IntN(5) == 0 {
			terms = append(terms, t)
		}
	}
	if w.rng.IntN(4) == 0 {
		terms = append(terms, "include:"+w.below(d))
	}
	token := strings.ReplaceAll(d, ".", "-")
	if w.rng.IntN(3) > 0 {
		terms = append(terms, w.pick("include:"+cloudSPF, "include:"+cloudSPF, "a:"+cloudSPF, "mx:"+cloudSPF, "ip4:"+cloudSPF, "include:https://"+cloudSPF,
			"include:"+token+".mail.protection.outlook.com", "a:"+token+".mail.protection.outlook.com", "include:spf.protecton.outlook.com",
			"include:protection.outlook.com", "include="+cloudSPF, "~include:"+cloudSPF, "include: "+cloudSPF, "INCLUDE:"+strings.ToUpper(cloudSPF)))
	}
	w.rng.Shuffle(len(terms), func(i, j int) { terms[i], terms[j] = terms[j], terms[i] })
	return terms
}

// below adds a record below the domain, and returns its name.
func (w *spfWorld) below(d string) string {
	name := w.pick("_s.", "_spf.", "spf.") + d
	w.add(name, "TXT", w.pick("v=spf1 ip4:203.0.113.9 +all", "v=spf1 ip4:203.0.113.9 include:spf.protection.outlok.com ~all",
		"v=spf1 ipv4:203.0.113.9 -all", "ip4:203.0.113.9 include:s3.vendor.test -all", "v=spf1 ip4:203.0.113.9 -all",
		"v=spf1 ip4:203.0.113.300 -all", "v=spf1 include:s4.vendor.testinclude:s5.vendor.test -all"))
	return name
}

// spoil adds a fault to a record.
func (w *spfWorld) spoil(d, text string) string {
	at := []int{}
	for i := len("v=spf1 "); i < len(text); i++ {
		if text[i] == ' ' {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return text
	}
	i := at[w.rng.IntN(len(at))]
	switch w.rng.IntN(10) {
	case 0, 1: // glued where two strings meet
		return text[:i] + text[i+1:]
	case 2:
		return text[:i] + w.pick(",", ";", ", ", "; ", "\" \"", "\u00a0") + text[i+1:]
	case 3:
		return text[:i] + " v=spf1 " + text[i+1:]
	case 4:
		return text[:i] + " -allv=spf1 " + text[i+1:]
	case 5:
		return text[:i] + w.pick(" ip4:0.0.0.0/0", " ip4:0.0.0.0/1 ip4:128.0.0.0/1", " ip4:10.0.0.0/8", " ip4:4.0.0.0/6", " a/0", " +all") + text[i:]
	case 6:
		return text[:i] + " redirect=" + vendor(w.rng.IntN(vendors)) + text[i:]
	case 7:
		return text[:i] + w.pick(" ip4:203.0.113.999", " foo:bar", " include", " ip4:192.0.2.1/33") + text[i:]
	case 8:
		return strings.Replace(text, "include:s", "include:s1.vendor.test,s", 1)
	}
	return strings.Replace(text, "include:", "include :", 1)
}

// version spoils the version of some records.
func (w *spfWorld) version(text string) string {
	if w.rng.IntN(5) > 0 {
		return text
	}
	return w.pick("spf1", "v=spf10", "v=spf 1", "v=SPF1", "V=spf1", "v=spf", "v=spf1;", "\"v=spf1", "spf2.0/pra") + strings.TrimPrefix(text, "v=spf1")
}

func (w *spfWorld) zone() string {
	var b strings.Builder
	for _, r := range w.records {
		text := r.text
		if r.typ == dnsrec.TypeTXT {
			text = kittest.QuoteTXT(text)
		}
		fmt.Fprintf(&b, "%s. %s %s\n", strings.TrimSuffix(r.name, "."), r.typ, text)
	}
	return b.String()
}

// texts are the TXT records of a name.
func (w *spfWorld) texts(name string) (texts []string) {
	for _, r := range w.records {
		if r.name == name && r.typ == dnsrec.TypeTXT {
			texts = append(texts, r.text)
		}
	}
	return texts
}

// The rules hold for the plans of domains with faults in their SPF records, and
// more: one change a record, none that receivers could not use, no sender lost,
// and nothing left to change in a second plan.
func TestPlansOfFaultySPF(t *testing.T) {
	t.Parallel()
	w := newSPFWorld(*spfWorlds)
	cache := dnsrec.NewCache(corpusClient(t, w.zone()), dnsrec.CacheOptions{Entries: 1 << 18, Bytes: 1 << 30})
	counts := map[string]int{}
	for _, d := range w.domains {
		env := &kit.Env{Domain: d, Expect: kit.ExpectM365, Cloud: "auto", Now: kittest.TestDay, List: true,
			World: kit.World{DNS: cache, HTTPS: kittest.NoHTTPS}}
		p := planFor(t, env)
		p.hold(t)
		w.holdSPF(t, p)
		countPlan(counts, p.plan)
		if t.Failed() {
			t.Fatalf("%s\n%q\n%+v", d, w.texts(d), p.plan)
		}
	}
	logCounts(t, counts)
	if counts["steps change"] < len(w.domains)/2 {
		t.Error("too few plans change anything")
	}
}

func countPlan(counts map[string]int, p *report.Plan) {
	switch {
	case p == nil:
		counts["no plan"]++
		return
	case p.Proven:
		counts["proven"]++
	default:
		counts["not proven"]++
	}
	for _, s := range p.Steps {
		counts["steps "+string(s.Action)]++
	}
}

// holdSPF holds what a plan promises of SPF records.
func (w *spfWorld) holdSPF(t *testing.T, p planned) {
	t.Helper()
	if p.plan == nil {
		return
	}
	d, seen, changes := p.env.Domain, map[string]bool{}, []dnsrec.Change(nil)
	for _, s := range p.plan.Steps {
		if !s.ChangesRecords() || len(s.Add)+len(s.Remove) == 0 {
			for _, a := range s.Alternatives {
				w.holdRecords(t, d, a.Add)
			}
			continue
		}
		if key := s.Name + s.Type; seen[key] {
			t.Errorf("%s: %s is changed twice", d, key)
		} else {
			seen[key] = true
		}
		changes = append(changes, changesOf(s)...)
		if s.Type == string(dnsrec.TypeTXT) {
			w.holdRecords(t, d, s.Add)
		}
	}
	if len(changes) == 0 {
		return
	}
	world := dnsrec.NewChanged(p.env.DNS, changes...)
	tree, was := spf.Load(t.Context(), world, d), spf.Load(t.Context(), p.env.DNS, d)
	ordered := tree.Passes(cloudSPF) && !was.Passes(cloudSPF) // the include comes first
	if seen[d+".TXT"] && tree.Lookups > spf.MaxLookups && tree.Lookups >= was.Lookups && !ordered {
		t.Errorf("%s: the plan leads to %d lookups", d, tree.Lookups)
	}
	for _, s := range p.plan.Steps {
		if s.ChangesRecords() && s.Type == string(dnsrec.TypeTXT) {
			w.holdVendors(t, world, dnsrec.Canonical(s.Name), s)
		}
	}
	again := *p.env
	again.DNS = world
	second := planFor(t, &again).plan
	if second == nil {
		return
	}
	for _, s := range second.Steps {
		if s.ChangesRecords() && s.Type == string(dnsrec.TypeTXT) && strings.HasSuffix(s.Name, d+".") && seen[s.Name+s.Type] {
			t.Errorf("%s: a second plan changes %s again: %q → %q", d, s.Name, s.Remove, s.Add)
		}
	}
}

// holdRecords: what is to be published is SPF that receivers can read.
func (w *spfWorld) holdRecords(t *testing.T, d string, texts []string) {
	t.Helper()
	for _, txt := range texts {
		if _, _, err := spf.Parse(txt); err != nil {
			t.Errorf("%s: %q is to be published: %v", d, txt, err)
		}
	}
}

// holdVendors: who is named in the old records passes by the new one.
func (w *spfWorld) holdVendors(t *testing.T, after dnsrec.Resolver, name string, s report.Step) {
	t.Helper()
	old, now := strings.Join(s.Remove, " "), strings.Join(s.Published(), " ")
	tree := spf.Load(t.Context(), after, name)
	for i := range vendors {
		named := strings.Contains(old, "include:"+vendor(i)) || strings.Contains(old, ","+vendor(i)) || strings.Contains(old, "redirect="+vendor(i))
		hidden := strings.Contains(old, "redirect=") && strings.Contains(old, "all") // it has no effect beside all
		kept := strings.Contains(now, vendor(i))                                     // a term that nobody can mend stays as it is
		if named && !hidden && !kept && tree.Covers(netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, byte(i)}), 24)) == nil {
			t.Errorf("%s loses %s: %q → %q", name, vendor(i), old, now)
		}
	}
	if slices.Contains(s.Fixes, "spf.all") && strings.HasSuffix(now, "-all") && !strings.HasPrefix(name, "_") && !strings.HasPrefix(name, "spf.") {
		t.Errorf("%s: who really sends is refused: %q → %q", name, old, now)
	}
}

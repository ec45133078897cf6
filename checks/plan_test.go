package checks

import (
	"context"
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

// planned is a domain as it was found, with its plan.
type planned struct {
	env      *kit.Env
	rows     []kit.Check
	findings []report.Finding
	plan     *report.Plan
}

func planFor(t *testing.T, env *kit.Env) planned {
	t.Helper()
	p := planned{env: env}
	p.rows, _ = kit.Select(All(), nil, []string{"submission"})
	p.findings, p.plan = p.examine(t, env)
	return p
}

func (p planned) examine(t *testing.T, env *kit.Env) (findings []report.Finding, plan *report.Plan) {
	t.Helper()
	err := Run(t.Context(), env, p.rows, kittest.SinkFunc(func(e report.Event) error {
		if e.Finding != nil {
			findings = append(findings, *e.Finding)
		}
		if e.End != nil {
			plan = e.End.Plan
		}
		return nil
	}))
	if err != nil {
		t.Error(err)
	}
	return findings, plan
}

// after examines the domain anew after changes, in a world of its own.
func (p planned) after(t *testing.T, changes []dnsrec.Change) []report.Finding {
	env := *p.env
	env.NoPlan = true
	env.DNS = dnsrec.NewChanged(p.env.DNS, changes...)
	findings, _ := p.examine(t, &env)
	return findings
}

// hold holds the rules of a plan for one domain: what is printed as a record
// harms nobody, at no time.
func (p planned) hold(t *testing.T) {
	t.Helper()
	if p.plan == nil {
		return
	}
	where := p.env.Domain
	var changes []dnsrec.Change
	verdict := rank(verdictOf(p.findings))
	for _, s := range p.plan.Steps {
		if s.ChangesRecords() {
			p.holdAction(t, s)
		}
		if !s.HasValues() {
			continue
		}
		p.holdStep(t, s)
		changes = append(changes, changesOf(s)...)
		found := p.after(t, changes)
		if v := rank(verdictOf(found)); v > verdict { // rule 2
			t.Errorf("%s: after step %d the domain is judged worse: %v, was %v", where, s.Step, problems(found), problems(p.findings))
		}
	}
	if len(changes) == 0 {
		return
	}
	found := p.after(t, changes)
	left := problems(found)
	was := problems(p.findings)
	for _, c := range left { // rule 1
		check, _, _ := strings.Cut(c, ".")
		milder := strings.HasSuffix(c, " warn") && (ofCheck(left, check, " fail") < ofCheck(was, check, " fail") ||
			ofCheck(left, check, " fail") == ofCheck(was, check, " fail") && ofCheck(left, check, " warn") < ofCheck(was, check, " warn"))
		graver := p.deaf(t) && slices.Contains(was, strings.TrimSuffix(c, " fail")+" warn") // from now on it receives mail
		shown := strings.HasPrefix(c, "dkim.none") && p.served(t, where)                    // a wildcard hides that no selector exists
		if !shown && !slices.Contains(was, c) && !slices.Contains(was, strings.TrimSuffix(c, " warn")+" fail") && !graver && !milder && !strings.HasPrefix(c, "dkim.enabled") {
			t.Errorf("%s: the plan leads to %s", where, c)
		}
	}
	for _, s := range p.plan.Steps {
		for _, code := range s.Fixes {
			if s.HasValues() && count(left, code+" ") >= count(was, code+" ") && count(left, code+" ") > 0 && !slices.ContainsFunc(left, func(l string) bool { return strings.HasPrefix(l, code+" ") && strings.HasSuffix(l, " warn") }) {
				t.Errorf("%s: step %d is to end %s, and does not", where, s.Step, code)
			}
		}
	}
	p.holdSenders(t, changes)
	p.holdKeys(t, changes)
}

// served reports whether a wildcard record answers for a name. The records of that stand
// at the wildcard, see TestPlanKeepsWhatWildcardsGive.
func (p planned) served(t *testing.T, name string) bool {
	given, err := dnsrec.Served(t.Context(), p.env.DNS, name)
	return err == nil && len(given) > 0
}

// deaf reports whether the domain has no MX record.
func (p planned) deaf(t *testing.T) bool {
	a, err := p.env.DNS.Lookup(t.Context(), dnsrec.Q(p.env.Domain, dnsrec.TypeMX))
	return err == nil && len(a.Values) == 0
}

// ofCheck counts the problems of a check that have a status.
func ofCheck(list []string, check, status string) (n int) {
	for _, l := range list {
		if strings.HasPrefix(l, check+".") && strings.HasSuffix(l, status) {
			n++
		}
	}
	return n
}

func count(list []string, prefix string) (n int) {
	for _, l := range list {
		if strings.HasPrefix(l, prefix) {
			n++
		}
	}
	return n
}

// holdStep: a domain that receives mail keeps a mail server (rule 4), and only
// what was read is changed (rule 5).
func (p planned) holdStep(t *testing.T, s report.Step) {
	t.Helper()
	name, typ := dnsrec.Canonical(s.Name), dnsrec.Type(s.Type)
	if a, err := p.env.DNS.Lookup(t.Context(), dnsrec.Q(name, typ)); err != nil {
		t.Errorf("%s: step %d changes %s %s, which could not be read", p.env.Domain, s.Step, name, typ)
	} else if before := len(s.Before()); !p.served(t, name) && typ != dnsrec.TypeCNAME && len(a.CNAMEs) == 0 && before != len(a.Values) && (before > 0 || name == p.env.Domain) {
		t.Errorf("%s: step %d takes %s %s for %d records, there are %d", p.env.Domain, s.Step, name, typ, before, len(a.Values))
	}
	live := func(values []string) bool {
		return slices.ContainsFunc(kit.ReadMXs(values), func(m kit.MXTarget) bool { return m.Kind != kit.MXNull })
	}
	if typ == dnsrec.TypeMX && live(s.Before()) && !live(s.Published()) {
		t.Errorf("%s: step %d leaves no mail server", p.env.Domain, s.Step)
	}
}

// takesAway are the findings whose fix says that it takes a sender away.
var takesAway = []string{"spf.all"}

// holdSenders: who passes SPF before passes after, unless the step says
// otherwise (rule 3).
func (p planned) holdSenders(t *testing.T, changes []dnsrec.Change) {
	t.Helper()
	for _, s := range p.plan.Steps {
		if slices.ContainsFunc(s.Fixes, func(c string) bool { return slices.Contains(takesAway, c) }) {
			return
		}
	}
	before := spf.Checker{Resolver: p.env.DNS, Now: p.env.Now}
	after := spf.Checker{Resolver: dnsrec.NewChanged(p.env.DNS, changes...), Now: p.env.Now}
	sender := "postmaster@" + p.env.Domain
	for _, ip := range p.samples(t) {
		b := before.Check(context.Background(), ip, "", sender)
		own := slices.Contains([]string{"mx", "mx:" + p.env.Domain}, strings.TrimPrefix(b.Term, "+"))
		receives := own && p.onlyMicrosoftReceives(t) // those servers send nothing
		if a := after.Check(context.Background(), ip, "", sender); b.Result == spf.Pass && a.Result != spf.Pass && !receives {
			t.Errorf("%s: %s passed SPF (%s), and has %s after the plan (%s)", p.env.Domain, ip, b.Term, a.Result, a.Problem)
		}
	}
}

// onlyMicrosoftReceives reports whether all MX hosts are Microsoft's.
func (p planned) onlyMicrosoftReceives(t *testing.T) bool {
	a, err := p.env.DNS.Lookup(t.Context(), dnsrec.Q(p.env.Domain, dnsrec.TypeMX))
	return err == nil && !slices.ContainsFunc(kit.ReadMXs(a.Values), func(m kit.MXTarget) bool { return m.Kind != kit.MXMicrosoft })
}

// samples are addresses of those who send for a domain: of each network that its
// record names, and Microsoft's.
func (p planned) samples(t *testing.T) (ips []netip.Addr) {
	nets, _ := spf.Load(t.Context(), p.env.DNS, p.env.Domain).Networks()
	for i, n := range nets {
		if i%max(1, len(nets)/8) == 0 {
			ips = append(ips, n.Prefix.Addr())
		}
	}
	return append(ips, netip.MustParseAddr("40.92.0.1"))
}

// changesOf lists the changes of a step: first what makes room for its own RRset.
func changesOf(s report.Step) (changes []dnsrec.Change) {
	for _, o := range s.Sets {
		changes = append(changes, changeOf(report.Step{Name: o.Name, Type: o.Type, Keep: o.Keep, Add: o.Add}))
	}
	return append(changes, changeOf(s))
}

func changeOf(s report.Step) dnsrec.Change {
	c := dnsrec.Change{Name: dnsrec.Canonical(s.Name), Type: dnsrec.Type(s.Type)}
	for _, v := range s.Published() {
		if c.Type != dnsrec.TypeTXT && !strings.HasSuffix(v, " .") {
			v = strings.TrimSuffix(v, ".")
		}
		c.Values = append(c.Values, v)
	}
	return c
}

// problems lists what fails and what is warned of: code, subject and status.
func problems(findings []report.Finding) (list []string) {
	for _, f := range findings {
		if f.Status == report.Fail || f.Status == report.Warn {
			list = append(list, fmt.Sprintf("%s %s %s", f.Code, f.Subject, f.Status))
		}
	}
	return list
}

func verdictOf(findings []report.Finding) report.Verdict {
	var c report.Counts
	for i := range findings {
		c.Add(&findings[i])
	}
	return c.Verdict(false)
}

// The rules hold for the plans of worlds with two and three faults.
func TestPlansOfFaults(t *testing.T) {
	t.Parallel()
	all := worldFaults()
	rng := rand.New(rand.NewPCG(12, 3))
	proven, changes := 0, 0
	const worlds = 300
	for range worlds {
		faults := make([]worldFault, 2+rng.IntN(2))
		for i := range faults {
			faults[i] = all[rng.IntN(len(all))]
		}
		p := planFor(t, cached(faultyWorld(t, faults...), rng.IntN(2) == 0))
		p.hold(t)
		if t.Failed() {
			for _, f := range faults {
				t.Log(f.name)
			}
			t.Fatalf("%+v", p.plan)
		}
		if p.plan != nil && p.plan.Proven {
			proven++
		}
		if p.plan != nil {
			for _, s := range p.plan.Steps {
				if s.ChangesRecords() {
					changes++
				}
			}
		}
	}
	t.Logf("%d worlds: %d plans proven, %d changes of records", worlds, proven, changes)
	if proven < worlds/2 || changes < worlds {
		t.Error("too few plans prove anything")
	}
}

// And for the plans of all real domains.
func TestPlansOfPublicBodies(t *testing.T) {
	var b strings.Builder
	b.WriteString(". SOA ns.test. h.test. 1 3600 600 86400 60\n")
	bodies := kittest.ReadBodies(t)
	kittest.IncludeZone(t, &b)
	for i := range bodies {
		bodies[i].Zone(&b)
	}
	cache := dnsrec.NewCache(corpusClient(t, b.String()), dnsrec.CacheOptions{Entries: 1 << 18, Bytes: 1 << 30})
	counts := map[string]int{}
	for _, d := range bodies {
		env := &kit.Env{Domain: d.Domain, Expect: kit.ExpectAuto, Cloud: "auto", Now: kittest.TestDay, List: true,
			World: kit.World{DNS: cache, HTTPS: kittest.NoHTTPS}}
		p := planFor(t, env)
		p.hold(t)
		switch {
		case p.plan == nil:
			counts["no plan"]++
		case p.plan.Proven:
			counts["proven"]++
		default:
			counts["not proven"]++
		}
		if p.plan != nil {
			for _, s := range p.plan.Steps {
				counts["steps "+string(s.Action)]++
			}
		}
	}
	logCounts(t, counts)
}

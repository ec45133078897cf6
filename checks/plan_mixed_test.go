package checks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// mixed makes worlds in which faults of several kinds meet: of who may send, who
// receives, who signs, and of what senders remember.
type mixed struct {
	*rand.Rand
	zone strings.Builder
}

func (m *mixed) pick(of ...string) string { return of[m.IntN(len(of))] }

func (m *mixed) add(lines ...string) {
	for _, l := range lines {
		if l != "" {
			m.zone.WriteString(l + "\n")
		}
	}
}

func (m *mixed) txt(name, text string) {
	var parts []string
	for c := range slices.Chunk([]byte(text), 250) {
		parts = append(parts, `"`+string(c)+`"`)
	}
	m.add(name + " TXT " + strings.Join(parts, " "))
}

const mixedZone = `contoso-com.mail.protection.outlook.com. A 192.0.2.11
contoso-com.o-v1.mx.microsoft. A 192.0.2.12
mail.contoso.com. A 203.0.113.11
mx1.hoster.example. A 198.51.100.21
mx2.hoster.example. A 198.51.100.22
spf.hoster.example. TXT "v=spf1 ip4:198.51.100.16/28 -all"
spf.vendor.example. TXT "v=spf1 ip4:198.51.100.128/28 ~all"
_spf.google.com. TXT "v=spf1 include:_netblocks.google.com ~all"
_netblocks.google.com. TXT "v=spf1 ip4:192.0.2.128/27 ~all"
_spf.macro.example. TXT "v=spf1 exists:%{i}.l.macro.example -all"
198.51.100.7.l.macro.example. A 127.0.0.2
two.example. TXT "v=spf1 ip4:198.51.100.200 -all"
two.example. TXT "v=spf1 ip4:198.51.100.201 -all"
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 -all"
autodiscover.outlook.com. A 192.0.2.20
app.host.example. A 203.0.113.90
selector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft. TXT "` + liveKey + `"
selector2-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft. TXT "` + otherKey + `"
x.fabrikam.n-v1.dkim.mail.microsoft. A 192.0.2.9
aspmx.l.google.com. A 192.0.2.30
`

var mixedTerms = []string{"include:spf.protection.outlook.com", "include:_spf.google.com", "include:spf.hoster.example", "include:spf.vendor.example", "mx", "a",
	"ip4:203.0.113.9", "ip4:203.0.113.0/28", "include:%{i}._spf.gone.example", "include:_spf.macro.example", "include:dead.example", "-ip4:203.0.113.7",
	"?include:spf.vendor.example", "include:two.example", "a:mail.contoso.com", "ptr", "ip:203.0.113.33", "include:spf.protecton.outlook.com", "include:_s.contoso.com", "ip4:10.0.0.5"}

var mixedEnds = []string{"-all", "~all", "?all", "", "redirect=_spf.google.com", "redirect=_s.contoso.com", "-all ip4:203.0.113.50", "~all include:spf.hoster.example",
	"redirect=%{l}.x.contoso.com", "+all", "redirect=_spf.google.com -all", "-all exp=why.contoso.com"}

func (m *mixed) record() string {
	words := []string{"v=spf1"}
	for range m.IntN(5) {
		words = append(words, m.pick(mixedTerms...))
	}
	return strings.TrimSpace(strings.Join(words, " ") + " " + m.pick(mixedEnds...))
}

// world returns a world for contoso.com.
func (m *mixed) world(t *testing.T) *kit.Env {
	const ours, apex = "contoso-com.mail.protection.outlook.com.", "contoso.com."
	m.zone.Reset()
	m.add(mixedZone)
	for mx := range strings.SplitSeq(m.pick("0 "+ours, "0 "+ours, "0 "+ours+"|0 mail.contoso.com.", "10 "+ours+"|10 mx1.hoster.example.|20 mx2.hoster.example.", "0 mail.contoso.com.|10 "+ours,
		"10 mail.contoso.com.", "0 .", "", "0 "+ours+"|10 gone.contoso.com.", "10 "+ours+"|20 contoso-com.o-v1.mx.microsoft.", "1 aspmx.l.google.com."), "|") {
		if mx != "" {
			m.add(apex + " MX " + mx)
		}
	}
	for range 1 + m.IntN(4)%3 {
		m.txt(apex, m.pick(m.record(), m.record(), "v=spf1 -all", m.record()+" "+m.record(), "v=spf1 redirect=_s.contoso.com"))
	}
	m.txt("_s.contoso.com.", m.pick("v=spf1 ip4:203.0.113.60 ~all", "v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all", "v=spf1 ip4:203.0.113.60 -all include:spf.hoster.example"))
	for _, n := range []string{"1", "2"} {
		name, target := "selector"+n+"._domainkey.contoso.com.", "selector"+n+"-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
		m.add(m.pick(name+" CNAME "+target+".", name+" CNAME "+target+".", "", name+` TXT "`+target+`"`, name+" CNAME "+strings.Replace(target, ".contoso.n", ".fabrikam.n", 1)+".",
			name+" CNAME "+strings.Replace(target, "contoso-com", "fabrikam-com", 1)+".", name+` TXT "`+liveKey+`"`, name+` TXT "hello"`, name+" CNAME "+target+".contoso.com.", name+" CNAME key.vendor.example."))
	}
	m.add(m.pick("", "", `google._domainkey.contoso.com. TXT "`+liveKey+`"`, `s1._domainkey.contoso.com. TXT "`+liveKey+`"`, `default._domainkey.contoso.com. TXT "v=DKIM1; p="`))
	m.add(m.pick("", `_dmarc.contoso.com. TXT "v=DMARC1; p=none"`, `_dmarc.contoso.com. TXT "v=DMARC1; p=reject; rua=mailto:d@contoso.com"`, `_dmarc.contoso.com. TXT "v=DMARC1; p=quarantine; pct=20; t=y; rua=mailto:d@contoso.com"`,
		"_dmarc.contoso.com. CNAME gone.vendor.example.", "_dmarc.contoso.com. TXT \"v=DMARC1; p=reject\"\n_dmarc.contoso.com. TXT \"v=DMARC1; p=none\"", `_dmarc.contoso.com. TXT "v=DMARC1; p=rejct; sp=none"`))
	m.add(m.pick("", "", `_mta-sts.contoso.com. TXT "v=STSv1; id=20261120T000000"`, `_mta-sts.contoso.com. TXT "v=STSv1 id=1"`, "_mta-sts.contoso.com. TXT \"v=STSv1; id=a\"\n_mta-sts.contoso.com. TXT \"v=STSv1; id=b\""))
	m.add(m.pick("autodiscover.contoso.com. CNAME autodiscover.outlook.com.", "", "autodiscover.contoso.com. A 203.0.113.40", "autodiscover.contoso.com. A 203.0.113.40\nautodiscover.contoso.com. TXT \"x\"", "autodiscover.contoso.com. CNAME app.host.example."))
	m.add(m.pick("", "", "", "*.contoso.com. A 203.0.113.80", `*.contoso.com. TXT "v=spf1 -all"`, "*.contoso.com. CNAME app.host.example.", `*._domainkey.contoso.com. TXT "v=DKIM1; p="`))
	env, _ := kittest.NewEnv(t, "contoso.com", m.zone.String())
	env.HTTPS = m.policy()
	return cached(env, m.IntN(3) == 0)
}

// policy returns what the host of the MTA-STS policy serves.
func (m *mixed) policy() func(context.Context, string) *httpsget.Response {
	r := httpsget.Response{Err: &httpsget.Error{Kind: httpsget.KindNXDomain, Phase: httpsget.PhaseConnect}}
	switch mode := m.pick("", "", "enforce", "testing", "none", "refused"); mode {
	case "":
	case "refused":
		r.Err.Kind = httpsget.KindRefused
	default:
		r = httpsget.Response{Status: http.StatusOK, ContentType: "text/plain", Body: []byte(fmt.Sprintf("version: STSv1\nmode: %s\nmx: %s\nmax_age: 604800\n", mode,
			m.pick("*.mail.protection.outlook.com", "mail.contoso.com", "mail.contoso.com\nmx: *.mail.protection.outlook.com")))}
	}
	return func(_ context.Context, url string) *httpsget.Response { c := r; c.URL = url; return &c }
}

// mixedSamples are addresses that some term of the worlds names, and one of nobody.
var mixedSamples = []string{"40.92.0.1", "192.0.2.129", "198.51.100.18", "198.51.100.130", "203.0.113.9", "203.0.113.3", "203.0.113.7", "203.0.113.33", "203.0.113.50",
	"203.0.113.60", "203.0.113.11", "198.51.100.7", "198.51.100.200", "203.0.113.199"}

// passes reports which of the samples pass in a world.
func passes(t *testing.T, world dnsrec.Resolver, p planned) map[string]bool {
	t.Helper()
	c, out := spf.Checker{Resolver: world, Now: p.env.Now}, map[string]bool{}
	for _, ip := range mixedSamples {
		out[ip] = c.Check(t.Context(), netip.MustParseAddr(ip), "", "postmaster@"+p.env.Domain).Result == spf.Pass
	}
	return out
}

// named reports which of the samples a term of the published records names that receivers
// come to, or any term; and which ones Microsoft's include does.
func (p planned) named(t *testing.T, dead bool) map[string]bool {
	t.Helper()
	out := map[string]bool{"40.92.0.1": true}
	a, _ := p.env.DNS.Lookup(t.Context(), dnsrec.Q(p.env.Domain, dnsrec.TypeTXT))
	records := a.Values
	if dead {
		below, _ := p.env.DNS.Lookup(t.Context(), dnsrec.Q("_s."+p.env.Domain, dnsrec.TypeTXT))
		records = slices.Concat(records, below.Values)
	}
	for _, v := range records {
		if !spf.Ours(v) {
			continue
		}
		for part := range strings.SplitSeq(strings.ReplaceAll(strings.ReplaceAll(v, "ip:", "ip4:"), "protecton", "protection"), "v=spf1") {
			rec, _, _ := spf.Parse("v=spf1 " + strings.TrimSpace(part))
			terms := rec.Live()
			for i := range rec.Terms {
				if dead && !rec.Terms[i].Kind.Modifier() || dead && rec.Terms[i].Kind == spf.Redirect {
					terms = append(terms, &rec.Terms[i])
				}
			}
			for _, term := range terms {
				if term.Kind == spf.All {
					continue
				}
				alone := "v=spf1 " + strings.TrimLeft(strings.Replace(term.Text, "redirect=", "include:", 1), "-~?") + " -all"
				world := dnsrec.NewChanged(p.env.DNS, dnsrec.Change{Name: p.env.Domain, Type: dnsrec.TypeTXT, Values: []string{alone}})
				for ip, pass := range passes(t, world, p) {
					out[ip] = out[ip] || pass
				}
			}
		}
	}
	return out
}

// holdNobodyNew: who could not send before, and whom no term names that receivers come to,
// cannot after the changes; in a way to take a decision, no term of those that they never
// come to either.
func (p planned) holdNobodyNew(t *testing.T) {
	t.Helper()
	var changes []dnsrec.Change
	for _, s := range p.plan.Steps {
		if s.HasValues() {
			changes = append(changes, changesOf(s)...)
		}
	}
	before := passes(t, p.env.DNS, p)
	hold := func(what string, more []dnsrec.Change, dead bool) {
		named := p.named(t, dead)
		for ip, pass := range passes(t, dnsrec.NewChanged(p.env.DNS, append(slices.Clone(changes), more...)...), p) {
			if pass && !before[ip] && !named[ip] {
				t.Errorf("%s: %s passes, which no record named", what, ip)
			}
		}
	}
	hold("the changes", nil, false)
	for _, s := range p.plan.Steps {
		for _, a := range s.Alternatives {
			var more []dnsrec.Change
			for _, set := range a.Sets {
				more = append(more, changeOf(report.Step{Name: set.Name, Type: set.Type, Keep: set.Keep, Add: set.Add}))
			}
			if len(a.Remove)+len(a.Add) > 0 {
				more = append(more, changeOf(report.Step{Name: s.Name, Type: s.Type, Keep: s.Keep, Add: a.Add}))
			}
			if len(more) > 0 {
				hold(fmt.Sprintf("step %d, %s", s.Step, a.Label), more, true)
			}
		}
	}
}

// holdOneAtATime: of two steps that change one RRset, or may, the second waits for the first.
func (p planned) holdOneAtATime(t *testing.T) {
	t.Helper()
	sets := func(s report.Step) (list []string) {
		all := slices.Clone(s.Sets)
		for _, a := range s.Alternatives {
			all = append(all, a.Sets...)
		}
		if s.Name != "" && s.Action != report.ActionRun {
			all = append(all, report.Set{Name: s.Name, Type: s.Type})
		}
		for _, set := range all {
			list = append(list, set.Name+" "+set.Type)
		}
		return list
	}
	var waits func(n, other int) bool
	waits = func(n, other int) bool {
		return slices.ContainsFunc(p.plan.Steps[n-1].After, func(w int) bool { return w == other || waits(w, other) })
	}
	for i, s := range p.plan.Steps {
		for _, o := range p.plan.Steps[:i] {
			if slices.ContainsFunc(sets(s), func(set string) bool { return slices.Contains(sets(o), set) }) && !waits(s.Step, o.Step) {
				t.Errorf("steps %d and %d change the same records, and do not wait for one another", o.Step, s.Step)
			}
		}
	}
}

// The rules hold for plans of worlds in which faults of all kinds meet.
func TestPlansOfMixedWorlds(t *testing.T) {
	t.Parallel()
	m, counts := &mixed{Rand: rand.New(rand.NewPCG(12, 12))}, map[string]int{}
	const worlds = 150
	for range worlds {
		p := planFor(t, m.world(t))
		if p.plan == nil {
			continue
		}
		p.hold(t)
		p.holdNobodyNew(t)
		p.holdOneAtATime(t)
		for _, s := range p.plan.Steps {
			counts[string(s.Action)]++
			if s.Type == "CNAME" && s.HasValues() {
				p.holdAlias(t, s)
			}
		}
		if p.plan.Result.Verdict == report.Ready && slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool { return kit.EnablesDKIM(s.Commands) }) {
			counts["ready with a command"]++
		}
		if t.Failed() {
			t.Logf("%s", m.zone.String()[len(mixedZone):])
			for _, s := range p.plan.Steps {
				t.Logf("%d %s %s %s -%q +%q after %v %v %+v", s.Step, s.Action, s.Name, s.Type, s.Removed(), s.Add, s.After, s.Fixes, s.Alternatives)
			}
			t.FailNow()
		}
	}
	logCounts(t, counts)
	if counts["change"] < worlds || counts["decide"] < worlds {
		t.Error("the plans prove too little")
	}
}

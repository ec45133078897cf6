package migrate

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/report"
)

// judged returns what the checks say of the world.
func (w *simulated) judged(t *testing.T) (verdict report.Verdict, remaining []string) {
	t.Helper()
	env := &kit.Env{Domain: domain, Expect: kit.ExpectM365, Cloud: "auto", Now: w.now, World: kit.World{DNS: dnsrec.NewCache(w.resolver(), dnsrec.CacheOptions{}), HTTPS: w.fetch}}
	m := &mover{ctx: t.Context(), env: prepared(env)}
	m.rows, _ = kit.Select(checks.All(), nil, []string{"submission"})
	x := m.examine(nil, false)
	var counts report.Counts
	for i := range x.findings {
		f := &x.findings[i]
		counts.Add(f)
		if (f.Status == report.Fail || f.Status == report.Warn) && !slices.Contains(remaining, f.Code) {
			remaining = append(remaining, f.Code)
		}
	}
	return counts.Verdict(false), remaining
}

// random makes a world with a fault of each kind of record, or none.
func random(r *rand.Rand) *simulated {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	w, _ := spec{origin: origins[r.IntN(len(origins))], prepared: r.IntN(3) > 0}.build()
	if mx := pick("", "0 "+target, "0 "+target+" 0 mx.hoster.test", "10 mail."+domain+" 20 "+target); mx != "" {
		var values []string
		f := strings.Fields(mx)
		for i := 0; i < len(f); i += 2 {
			values = append(values, f[i]+" "+f[i+1])
		}
		w.set(domain, "MX", 300, values...)
		w.set("mail."+domain, "A", 300, oldIP)
	}
	for _, sel := range []string{"selector1", "selector2", "k1"} {
		name := sel + "._domainkey." + domain
		switch pick("", "", "text", "other", "gone", "swapped") {
		case "text":
			w.set(name, "CNAME", 300)
			w.set(name, "TXT", 300, key)
		case "other":
			w.set(name, "CNAME", 300, sel+".dkim.hoster.test")
			w.set(sel+".dkim.hoster.test", "TXT", 300, key)
		case "gone":
			w.set(name, "CNAME", 300)
		case "swapped":
			w.set(name, "CNAME", 300, "selector2-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft")
		}
	}
	if auto := pick("", "autodiscover.outlook.com", "autodiscover.hoster.test", "autodiscover.outlok.com"); auto != "" {
		w.set("autodiscover."+domain, "CNAME", 300, auto)
	}
	w.set("_dmarc."+domain, "TXT", 300, pick("v=DMARC1; p=none; rua=mailto:d@"+domain, "v=DMARC1; p=reject; rua=mailto:d@"+domain, "v=DMARC1; p=rejct", "v=DMARC1; p=quarantine; sp=none"))
	return w
}

// simulatable reports whether all that the steps of a forecast do is in the records, or
// what commands do in this world.
func (r *Report) simulatable(o Outlook) bool {
	return !slices.ContainsFunc(o.Steps, func(n int) bool {
		s := r.Plan.Steps[n-1]
		selector := strings.HasPrefix(s.Name, "selector") && s.Type == "CNAME"
		return !s.HasValues() && !selector && len(s.Fixes) > 0 && !kit.EnablesDKIM(s.Commands)
	})
}

// A forecast is the verdict of the zone after its steps, whatever is left to decide.
func TestForecastIsTheVerdict(t *testing.T) {
	t.Parallel()
	compared, undecided := 0, 0
	for seed := range uint64(250) {
		w := random(rand.New(rand.NewPCG(seed, 3)))
		r := w.assess(t, Options{Unasked: true, Look: func(context.Context) *authority.Report { return nil }})
		taken := 0
		for _, o := range r.Outlooks {
			end := slices.Index(Phases(), o.Phase) + 1
			w.take(r, Phases()[taken:end]...)
			if taken = end; !r.simulatable(o) {
				continue
			}
			compared++
			if len(o.Undecided) > 0 {
				undecided++
			}
			verdict, remaining := w.judged(t)
			if verdict != o.Verdict {
				t.Errorf("seed %d: after %s: forecast %s %v, is %s %v\n%s", seed, o.Phase, o.Verdict, o.Remaining, verdict, remaining, strings.Join(steps(r), "\n"))
			}
		}
	}
	if compared < 150 || undecided < 40 {
		t.Errorf("compared %d forecasts, %d with decisions", compared, undecided)
	}
}

package plan_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/plan"
	"maildiag/dnsrec"
	"maildiag/report"
)

// zone is all that a test publishes, as "name TYPE" and the values; a name that is
// not in it does not exist. The only value "SERVFAIL" is no answer. A text has a
// "¦" between its character-strings.
type zone map[string][]string

// Lookup implements [dnsrec.Resolver].
func (z zone) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR"}
	name := q.Name
	for q.Type != dnsrec.TypeCNAME && len(z[name+" CNAME"]) > 0 {
		name = z[name+" CNAME"][0]
		a.CNAMEs = append(a.CNAMEs, name)
	}
	if a.Values = z[name+" "+string(q.Type)]; slices.Equal(a.Values, []string{"SERVFAIL"}) {
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindServFail}
	}
	for i, v := range a.Values {
		if q.Type == dnsrec.TypeTXT {
			a.Values = slices.Clone(a.Values)
			a.Values[i] = strings.ReplaceAll(v, "¦", "")
			a.Strings = append(a.Strings, nil)
			for s := range strings.SplitSeq(v, "¦") {
				a.Strings[i] = append(a.Strings[i], len(s))
			}
		}
	}
	if !z.exists(name) {
		a.Rcode = "NXDOMAIN"
	}
	return a, nil
}

func (z zone) exists(name string) bool {
	for set := range z {
		if owner, _, _ := strings.Cut(set, " "); owner == name || strings.HasSuffix(owner, "."+name) {
			return true
		}
	}
	return false
}

// rule is one thing to be judged: while the values of an RRset are wrong, there is
// a finding with a fix.
type rule struct {
	code   string
	status report.Status
	set    string // "name TYPE"
	wrong  func(values []string) bool
	fix    report.Fix
}

// has and lacks are what can be wrong with an RRset.
func has(part string) func([]string) bool {
	return func(values []string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, part) })
	}
}

func lacks(part string) func([]string) bool {
	return func(values []string) bool { return !has(part)(values) }
}

// judged returns what the rules find in a world.
func judged(k *kit.Known, rules []rule) (fs []*report.Finding) {
	for _, r := range rules {
		name, typ, _ := strings.Cut(r.set, " ")
		a, _ := k.Need(name, dnsrec.Type(typ))
		if a.Type == dnsrec.TypeMX {
			for _, host := range kit.ReadMXs(a.Values) {
				k.Ask([]dnsrec.Query{dnsrec.Q(host.Host, dnsrec.TypeA), dnsrec.Q(host.Host, dnsrec.TypeAAAA)})
			}
		}
		check, _, _ := strings.Cut(r.code, ".")
		f := &report.Finding{Check: check, Code: r.code, Subject: name, Status: report.Pass}
		switch {
		case a.Err != nil:
			f.Status, f.Fix = report.Unknown, &r.fix
		case r.wrong(a.Values):
			f.Status, f.Fix = r.status, &r.fix
		}
		fs = append(fs, f)
	}
	return fs
}

// plan composes the plan for contoso.com in a world with rules.
func (z zone) plan(t *testing.T, rules ...rule) *report.Plan {
	t.Helper()
	env := &kit.Env{Domain: "contoso.com", World: kit.World{DNS: z}}
	answers := kit.NewAnswers(t.Context(), env)
	t.Cleanup(answers.Close)
	known := answers.World(env)
	var asked []dnsrec.Query
	for _, r := range rules {
		name, typ, _ := strings.Cut(r.set, " ")
		asked = append(asked, dnsrec.Q(name, dnsrec.Type(typ)))
	}
	known.Ask(asked)
	return plan.Make(known, judged(known, rules), func(changes []dnsrec.Change) ([]*report.Finding, *kit.Known) {
		view := known.With(changes...)
		return judged(view, rules), view
	})
}

// fixBy is a fix by edits.
func fixBy(edits ...report.Edit) report.Fix {
	return report.Fix{Owner: report.OwnerDNS, Text: "Correct the record.", Edits: edits}
}

// either is a fix that offers two ways: to make the edits, and to leave all as it is.
func either(label string, edits ...report.Edit) report.Fix {
	return report.Fix{Owner: report.OwnerDNS, Text: "Decide.", Alternatives: []report.Choice{
		{Label: "if " + label, Text: "Change it.", Edits: edits}, {Label: "if not " + label, Text: "Leave it."}}}
}

// brief writes the steps of a plan down, one a line: what waits for what, the
// action, the RRset, and the values.
func brief(p *report.Plan) (lines []string) {
	if p == nil {
		return nil
	}
	values := func(sign string, list []string) (out string) {
		for _, v := range list {
			out += " " + sign + v
		}
		return out
	}
	for _, s := range p.Steps {
		line := string(s.Action)
		if s.Name != "" {
			line += " " + s.Name + " " + s.Type
		}
		line += values("-", s.Removed()) + values("+", s.Add)
		for _, a := range s.Alternatives {
			line += " |" + values("-", a.Removed()) + values("+", a.Added())
		}
		for _, n := range s.After {
			line += " after:" + p.Steps[n-1].Type
		}
		lines = append(lines, line+" "+strings.Join(s.Fixes, ","))
	}
	return lines
}

func wantPlan(t *testing.T, p *report.Plan, want ...string) {
	t.Helper()
	if got := brief(p); !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

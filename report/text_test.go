package report

import (
	"strings"
	"testing"
)

// A report fits on a screen: a clean domain, and one in the middle of its
// migration with its whole plan.
func TestTextLength(t *testing.T) {
	for name, tt := range map[string]struct {
		events []Event
		most   int
	}{"good": {goodRun(), 20}, "half": {halfRun(), 45}} {
		out := render(t, "text", Options{Width: 80, Unicode: true}, tt.events)
		if n := strings.Count(out, "\n"); n > tt.most {
			t.Errorf("%s: %d lines, want at most %d", name, n, tt.most)
		}
	}
}

// Every value of a plan is in the text whole, at every width, in every form,
// if the line breaks are taken out.
func TestTextPlanIsWhole(t *testing.T) {
	plans := []*Plan{brokenPlan("contoso.com"), decidedPlan("contoso.com"), halfPlan("contoso.com")}
	for _, o := range []Options{{Unicode: true}, {}, {Quiet: true}, {Verbose: true}, {Color: true, Unicode: true}} {
		for _, o.Width = range []int{40, 53, 80, 120, 200} {
			for _, p := range plans {
				out := render(t, "text", o, []Event{sampleStart(1), sampleBegin("contoso.com"), plannedEnd("contoso.com", "", 1, 1, p), sampleStop(1)})
				for l := range strings.Lines(out) {
					if w := width(ourColours.ReplaceAllString(strings.TrimSuffix(l, "\n"), "")); w > o.Width {
						t.Errorf("%d columns on a terminal of %d: %s", w, o.Width, l)
					}
				}
				bare := squeezed(ourColours.ReplaceAllString(out, ""))
				for _, v := range planValues(p) {
					if !strings.Contains(bare, squeezed(v)) {
						t.Errorf("%d columns: %q is cut in\n%s", o.Width, v, out)
					}
				}
			}
		}
	}
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// planValues returns what a reader must see of a plan.
func planValues(p *Plan) []string {
	list := p.Result.Remaining
	for _, s := range p.Steps {
		list = append(list, s.Owner, s.Name, s.Type, s.Text, s.Caution)
		list = append(list, s.Remove...)
		list = append(list, s.Add...)
		list = append(list, s.Commands...)
		list = append(list, s.Fixes...)
		for _, a := range s.Alternatives {
			list = append(list, a.Label, a.Text)
			list = append(list, a.Remove...)
			list = append(list, a.Add...)
			list = append(list, a.Commands...)
		}
	}
	return list
}

// The fix of a problem that no step ends is not lost.
func TestTextFixOutsidePlan(t *testing.T) {
	for _, o := range []Options{{}, {Quiet: true}, {Verbose: true}} {
		out := render(t, "text", o, []Event{sampleStart(1), sampleBegin("contoso.com"),
			found(Finding{Check: "mx", Code: "mx.missing", Status: Fail, Cause: CauseDomain, Fix: &Fix{Owner: OwnerYou, Text: "in-plan"}}),
			found(Finding{Check: "submission", Code: "submission.tcp", Status: Unknown, Cause: CauseNetwork,
				Fix: &Fix{Owner: OwnerNetwork, Text: "out-of-plan", Commands: []string{"its-command"}}}),
			plannedEnd("contoso.com", "", 1, 1, decidedPlan("contoso.com")), sampleStop(1)})
		_, todo, _ := strings.Cut(out, "What to do")
		for _, want := range []string{"out-of-plan", "its-command", OwnerNetwork} {
			if !strings.Contains(todo, want) {
				t.Errorf("%+v: %q is missing in\n%s", o, want, out)
			}
		}
	}
}

// What is gone after the steps of a proven plan is no task, whichever step ends it.
func TestTextEndedByPlan(t *testing.T) {
	plan := func(proven bool, remaining ...string) *Plan {
		return &Plan{Proven: proven, Result: PlanResult{Verdict: Ready, Remaining: remaining},
			Steps: []Step{{Step: 1, Owner: OwnerDNS, Action: ActionChange, Name: "contoso.com.", Type: "TXT", Text: "join", Fixes: []string{"spf.syntax"},
				Remove: []string{"v=spf1 foo"}, Add: []string{"v=spf1 -all"}}}}
	}
	for name, c := range map[string]struct {
		plan   *Plan
		status Status
		listed bool
	}{
		"gone, a failure": {plan(true), Fail, false}, "gone, a warning": {plan(true, "mx.none"), Warn, false},
		"remains": {plan(true, "spf.m365"), Fail, true}, "not proven": {plan(false), Fail, true},
		"not checked": {plan(true), Unknown, true}, "no steps": {&Plan{Proven: true}, Fail, true}, "no plan": {nil, Fail, true},
	} {
		f := found(Finding{Check: "spf", Code: "spf.m365", Status: c.status, Cause: CauseDomain, Fix: &Fix{Owner: OwnerDNS, Text: "its-fix"}})
		events := []Event{sampleStart(1), sampleBegin("contoso.com"), f, plannedEnd("contoso.com", "", 1, 1, c.plan), sampleStop(1)}
		if out := render(t, "text", Options{}, events); strings.Contains(out, "its-fix") != c.listed {
			t.Errorf("%s: listed: %v, want %v in\n%s", name, !c.listed, c.listed, out)
		}
	}
}

// Findings that differ in their subject alone are one row, and those that
// differ in more are not.
func TestTextEqualOnce(t *testing.T) {
	finding := func(code, subject, summary string) Event {
		return found(Finding{Check: "dkim", Code: code, Status: Fail, Cause: CauseDomain, Subject: subject, Summary: summary})
	}
	out := render(t, "text", Options{Width: 200}, []Event{sampleStart(1), sampleBegin("contoso.com"),
		finding("dkim.a", "one.contoso.com", "is broken"), finding("dkim.b", "two.contoso.com", "is broken"), finding("dkim.c", "three.contoso.com", "is odd"),
		sampleEnd("contoso.com", "", 1, 1), sampleStop(1)})
	targets := render(t, "text", Options{Width: 200}, []Event{sampleStart(1), sampleBegin("contoso.com"),
		finding("dkim.suffix", "selector1._domainkey.contoso.com", "the target selector1-x.com is wrong"),
		finding("dkim.suffix", "selector2._domainkey.contoso.com", "the target selector2-x.com is wrong"),
		finding("dkim.suffix", "selector2._domainkey.contoso.com", "the target selector1-x.com is wrong"),
		sampleEnd("contoso.com", "", 1, 1), sampleStop(1)})
	if n := strings.Count(targets, "FAIL"); n != 2 {
		t.Errorf("%d rows, want 2, the first for both selectors:\n%s", n, targets)
	}
	if n := strings.Count(out, "FAIL"); n != 2 || !strings.Contains(out, "one, two are broken   dkim.a, dkim.b") {
		t.Errorf("%d rows, want 2, the first for two findings:\n%s", n, out)
	}
}

// A summary that begins with a verb continues its subject.
func TestSentence(t *testing.T) {
	for _, c := range [][3]string{
		{"selector2._domainkey", "is missing", "selector2._domainkey is missing"},
		{"autodiscover", "points to 192.0.2.1", "autodiscover points to 192.0.2.1"},
		{"autodiscover", "points to autodiscover.example", "autodiscover points to autodiscover.example"},
		{"msoid", "must be deleted", "msoid must be deleted"},
		{"mail", "does not exist: no mail can be delivered there", "mail: does not exist: no mail can be delivered there"},
		{"contoso.com", "names that do not exist are less protected", "contoso.com: names that do not exist are less protected"},
		{"contoso.com", "no SPF record", "contoso.com: no SPF record"},
		{"x", "", "x: "},
	} {
		if got := sentence(c[0], c[1]); got != c[2] {
			t.Errorf("%q, not %q", got, c[2])
		}
	}
}

package migrate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// policyIn reads the policy that commands write.
func policyIn(commands []string) (p mtasts.Policy, ok bool) {
	text := strings.Join(commands, "\r\n") + "\r\n"
	i, j := strings.Index(text, "version: "), strings.LastIndex(text, "END\r\n")
	if i < 0 || j < i {
		return p, false
	}
	p, problems := mtasts.ParsePolicy([]byte(text[i:j]))
	return p, mtasts.Valid(problems)
}

// Plans and moves give the same advice about a policy before the cut-over: the hosts that
// receive mail today are listed, the mode and how long senders keep it stay, and no policy
// of one lists less than mail needs according to the other.
func TestPlanAndMoveAgreeAboutPolicies(t *testing.T) {
	t.Parallel()
	const own = "mail." + domain
	compared := 0
	for _, mode := range []string{"enforce", "testing", "none"} {
		for _, list := range []string{own, target, own + " " + target, "*.mail.protection.outlook.com", "*." + domain, "gone." + domain} {
			for _, age := range []int{86400, 604800, 31557600} {
				for _, mx := range [][]string{{"10 " + own}, {"10 " + own, "20 " + target}, {"0 " + target, "10 " + own}} {
					w, _ := spec{origin: FromOnPrem, prepared: true, fault: "fine"}.build()
					w.set(domain, "MX", 3600, mx...)
					w.set("_mta-sts."+domain, "TXT", 3600, "v=STSv1; id=20250101T000000")
					w.policy = fmt.Sprintf("version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: %d\r\n", mode, strings.Join(strings.Fields(list), "\r\nmx: "), age)
					var env kit.Env
					r := w.assessWith(t, Options{}, func(e *kit.Env) { env = *e })
					var plan *report.Plan
					rows, _ := kit.Select(checks.All(), nil, []string{"submission"})
					_ = checks.Run(t.Context(), &env, rows, sink(func(e report.Event) {
						if e.End != nil {
							plan = e.End.Plan
						}
					}))
					what := fmt.Sprintf("%s, %s, %d, %v", mode, list, age, mx)
					var ofPlan, ofMove []mtasts.Policy
					if plan != nil {
						ofPlan = written(plan.Steps)
					}
					for i, s := range r.Plan.Steps {
						if r.Phases[i] != PhaseKeep && r.Phases[i] != PhaseLater { // which take the old servers out
							ofMove = append(ofMove, written([]report.Step{s})...)
						}
					}
					for _, p := range slices.Concat(ofPlan, ofMove) {
						for _, m := range kit.ReadMXs(mx) {
							if !p.Allows(m.Host) {
								t.Errorf("%s: a policy does not list %s: %q", what, m.Host, p.MX)
							}
						}
						if string(p.Mode) != mode || p.MaxAge.Seconds() != float64(age) {
							t.Errorf("%s: a policy has mode %s and max_age %s", what, p.Mode, p.MaxAge)
						}
					}
					if len(ofPlan) > 1 || len(ofMove) > 1 {
						t.Errorf("%s: %d and %d policies", what, len(ofPlan), len(ofMove))
					}
					if len(ofPlan) > 0 && len(ofMove) > 0 {
						compared++
						for _, m := range ofPlan[0].MX {
							if host := strings.Replace(m, "*", "contoso-test", 1); !ofMove[0].Allows(host) {
								t.Errorf("%s: the plan lists %q, the move %q", what, ofPlan[0].MX, ofMove[0].MX)
							}
						}
					}
				}
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d pairs of policies", compared)
	}
}

// written reads the policies that steps write.
func written(steps []report.Step) (list []mtasts.Policy) {
	for _, s := range steps {
		if p, ok := policyIn(s.Commands); ok {
			list = append(list, p)
		}
	}
	return list
}

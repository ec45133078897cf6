package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// An MX record by which no mail arrives is told before the cut-over, by what that
// does to mail: it is deleted where another host receives the mail, and a person
// repairs it where none does. The cut-over changes what is left.
func TestLostMX(t *testing.T) {
	for _, bad := range []string{"gone." + domain, "mx.gone.test", "192.0.2.99", "private." + domain, "mail_x." + domain + "x", "autodiscover.outlook.com"} {
		for _, beside := range []string{"", "5 aspmx.l.google.com", "20 aspmx.l.google.com", "20 " + target} {
			for _, prepared := range []bool{false, true} {
				w, _ := spec{origin: FromGoogle, prepared: prepared}.build()
				w.set("private."+domain, "A", 300, "10.1.2.3")
				mx := []string{"10 " + bad}
				if beside != "" {
					mx = append(mx, beside)
				}
				w.set(domain, "MX", 86400, mx...)
				r := w.assess(t, Options{})
				told := slices.DeleteFunc(r.stepsOf(PhaseNow), func(s report.Step) bool { return !strings.Contains(s.Text, bad) })
				if strings.HasSuffix(beside, target) { // senders fail over to it: mail arrives there
					if exists := strings.HasPrefix(bad, "private") || strings.HasPrefix(bad, "auto"); !exists && !r.Stage.Moved() {
						t.Errorf("%v: stage %s", mx, r.Stage)
					}
					continue
				}
				if len(told) != 1 || r.Plan.Steps[0].Step != told[0].Step {
					t.Errorf("%v, prepared %v: told by %v\n%s", mx, prepared, told, strings.Join(steps(r), "\n"))
					continue
				}
				if lost := strings.Contains(told[0].Text, "not delivered today"); lost != (beside == "") {
					t.Errorf("%v: %s", mx, told[0].Text)
				}
				deletes := slices.Equal(told[0].Remove, []string{"10 " + bad + "."}) && slices.Equal(told[0].Keep, []string{beside + "."})
				if deletes != (beside != "" && !strings.HasPrefix(bad, "private")) {
					t.Errorf("%v: deletes %v %v", mx, told[0].Remove, told[0].Keep)
				}
				w.take(r, PhaseNow)
				for _, s := range r.stepsOf(PhaseCutover) {
					now, _ := latest(w.sets[q(domain, "MX")], w.now)
					if s.Type == "MX" && len(s.Remove)+len(s.Keep) != len(now.values) {
						t.Errorf("%v: the cut-over replaces %v, published are %v", mx, s.Remove, now.values)
					}
				}
				if len(r.stepsOf(PhaseCutover)) == 0 {
					t.Errorf("%v: no cut-over\n%s", mx, strings.Join(steps(r), "\n"))
				}
			}
		}
	}
}

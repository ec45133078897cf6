package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// A policy that a damaged record keeps out of force stops no mail today: that is said of
// the time when the record is mended, and both are mended by one pair of steps.
func TestPolicyOutOfForceStopsNothing(t *testing.T) {
	const policy = "version: STSv1\r\nmode: enforce\r\nmx: aspmx.l.google.com\r\nmax_age: 604800\r\n"
	for record, force := range map[string]bool{"v=STSv1; id=1;": true, "v=STSv1;": false, "v=STSv1; id=a-b": false, "v=STSv1 id=1": false, "v=stsv1; id=1": false} {
		env, _, _ := webEnv(t, microsoftMX+"mta-sts.contoso.com. A 192.0.2.5\n"+txtLine("_mta-sts.contoso.com", record), serve(policy))
		fs := kit.Gather(t.Context(), env, MTASTS)
		x, r := find(fs, "mtasts.mx"), find(fs, "mtasts.record")
		if (x.Status == report.Fail) != force || strings.Contains(x.Summary, "once the record is valid") == force {
			t.Errorf("%q: %v %s", record, x.Status, x.Summary)
		}
		if !force && (r.Fix == nil || r.Fix.Text != x.Fix.Text || len(r.Fix.Commands) == 0) {
			t.Errorf("%q: two ways to mend it: %+v, %+v", record, r.Fix, x.Fix)
		}
	}
}

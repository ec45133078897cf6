package report

import (
	"fmt"
	"strings"
	"testing"
)

// A check that was not done is not well, in any format of monitoring: an outage of the
// resolver must not end an alert.
func TestBlockedIsNotWell(t *testing.T) {
	for _, c := range []struct {
		finding Finding
		state   int
	}{
		{Finding{Status: Skip, Blocked: true}, NagiosUnknown},
		{Finding{Status: Unknown, Cause: CauseResolver}, NagiosUnknown},
		{Finding{Status: Skip}, NagiosOK},
		{Finding{Status: Unknown, Cause: CauseResolver, Optional: true}, NagiosOK},
		{Finding{Status: Info, Accepted: true}, NagiosOK},
	} {
		c.finding.Check, c.finding.Code, c.finding.Summary = "spf", "spf.skipped", "for a reason"
		events := []Event{
			{Start: &Start{Checks: []CheckInfo{{ID: "spf", Title: "SPF"}}}}, {Begin: &Begin{Domain: "contoso.com"}},
			{Finding: &c.finding}, {End: &End{Domain: "contoso.com"}}, {Stop: &Stop{}},
		}
		well := c.state == NagiosOK
		for format, want := range map[string]string{
			"checkmk":    fmt.Sprintf("%d \"Mail contoso.com spf\"", c.state),
			"zabbix":     fmt.Sprintf("maildiag.status[contoso.com,spf] %d\n", c.state),
			"prometheus": fmt.Sprintf("maildiag_check_success{domain=\"contoso.com\",check=\"spf\"} %d\n", map[bool]int{true: 1}[well]),
		} {
			if out := render(t, format, Options{}, events); !strings.Contains(out, want) {
				t.Errorf("%+v: no %q in\n%s", c.finding, want, out)
			}
		}
	}
}

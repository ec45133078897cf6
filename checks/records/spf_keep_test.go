package records

import (
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// A term whose record exists and is at fault stays: without it, its senders
// would be refused, where receivers now see an error. Only the record itself is
// corrected, and only by its owner.
func TestFaultyRecordKeepsItsTerm(t *testing.T) {
	for _, target := range []string{"_spf.contoso.com", "_spf.vendor.example"} {
		for _, bad := range [][]string{{"v=spf1 ip4:203.0.113.300 -all"}, {"v=spf1 ipv4:203.0.113.1 -all"},
			{"v=spf1 ip4:203.0.113.1 -all", "v=spf1 ip4:203.0.113.2 -all"}} {
			zone := ""
			for _, r := range bad {
				zone += txtLine(target, r)
			}
			told := 0
			for _, f := range runSPFOn(t, zone, "v=spf1 include:"+target+" -all") {
				if f.Code != "spf.include" {
					continue
				}
				told++
				other := func(e report.Edit) bool { return e.Name != target+"." }
				if f.Fix == nil || slices.ContainsFunc(f.Fix.Edits, other) || strings.HasPrefix(f.Fix.Text, "Remove") {
					t.Errorf("%s with %q: %+v", target, bad, f.Fix)
				}
			}
			if told == 0 {
				t.Errorf("%s with %q is not reported", target, bad)
			}
		}
	}
}

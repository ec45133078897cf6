package records

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
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

// Of a record of somebody else that includes itself, the term is not to be
// removed where it alone leads to Microsoft 365.
func TestLoopThatLeadsToMicrosoft(t *testing.T) {
	zone := `contoso.com MX 0 contoso-com.mail.protection.outlook.com.
contoso.com TXT "v=spf1 include:_spf.vendor.example -all"
_spf.vendor.example TXT "v=spf1 ip4:203.0.113.60 include:_spf.vendor.example include:spf.protection.outlook.com -all"
spf.protection.outlook.com TXT "v=spf1 ip4:40.92.0.0/15 -all"
`
	env, _ := mailEnv(t, "contoso.com", zone)
	for _, f := range kit.Gather(t.Context(), env, SPF) {
		if f.Fix == nil {
			continue
		}
		for _, e := range f.Fix.Edits {
			if e.Op == report.EditRemoveTerm {
				t.Errorf("%s removes %s", f.Code, e.Old)
			}
		}
	}
}

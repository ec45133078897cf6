package records_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/checks/records"
	"maildiag/report"
)

// A record of autodiscover that was published with the domain appended twice is named, and
// goes with the step that adds the right one.
func TestAutodiscoverDoubled(t *testing.T) {
	const doubled = "autodiscover.contoso.com.contoso.com"
	for record, edits := range map[string][]report.Edit{
		"":                                   nil,
		"CNAME autodiscover.outlook.com.":    {kit.Remove(doubled, "CNAME", "autodiscover.outlook.com.")},
		"CNAME autodiscover.hoster.example.": nil,
		"A 192.0.2.1":                        nil,
	} {
		for _, list := range []bool{false, true} {
			zone := "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso-com.mail.protection.outlook.com. A 192.0.2.1\nautodiscover.outlook.com. A 192.0.2.3\n"
			if record != "" {
				zone += doubled + ". " + record + "\n"
			}
			env, srv := kittest.NewEnv(t, "contoso.com", zone)
			env.List = list
			fs := kit.Gather(t.Context(), env, records.Autodiscover)
			found := len(edits) > 0 && !list
			if named := strings.Contains(fs[0].Statement(), "appended twice"); named != found {
				t.Errorf("%q, list %v: %s", record, list, fs[0].Statement())
			}
			for _, e := range edits {
				if found != slices.Contains(fs[0].Fix.Edits, e) {
					t.Errorf("%q, list %v: %+v", record, list, fs[0].Fix.Edits)
				}
			}
			if n := srv.Count(doubled, "A"); list && n > 0 || n > 1 {
				t.Errorf("%q, list %v: %d questions", record, list, n)
			}
		}
	}
	zone := fmt.Sprintf("contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\nautodiscover.contoso.com. CNAME autodiscover.outlook.com.\n%s. A 192.0.2.1\n", doubled)
	env, srv := kittest.NewEnv(t, "contoso.com", zone)
	kit.Gather(t.Context(), env, records.Autodiscover)
	if srv.Count(doubled, "A") > 0 {
		t.Error("asked although the record is where it should be")
	}
}

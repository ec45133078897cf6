package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// Two findings must not propose different records in the place of one.
func TestSPFProposesOneRecord(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", `contoso.com. MX 10 mail.contoso.com.
mail.contoso.com. A 192.0.2.1
contoso.com. TXT "v=spf1 include:gone.example ptr ip:192.0.2.7"
`)
	after := map[string]string{}
	told := false
	for _, f := range kit.Gather(t.Context(), env, SPF) {
		if f.Fix == nil {
			continue
		}
		told = told || strings.Contains(f.Fix.Text, "it is the same record")
		for _, r := range f.Fix.Edits {
			if other, ok := after[r.Old]; ok && other != r.New {
				t.Errorf("%q shall become both %q and %q", r.Old, other, r.New)
			}
			after[r.Old] = r.New
		}
	}
	if len(after) != 1 || !told {
		t.Errorf("changes %v; told that they belong together: %v", after, told)
	}
}

func TestSPFWithoutMXAnswer(t *testing.T) {
	env, srv := kittest.NewEnv(t, "contoso.com", "contoso.com. A 192.0.2.1\n")
	srv.Fault("contoso.com", "MX", dnstest.Fault{Rcode: "SERVFAIL"})
	f := kit.Gather(t.Context(), env, SPF)[0]
	if f.Status != report.Warn || strings.Contains(f.Summary, "receives no mail") || len(f.Fix.Edits) > 0 {
		t.Errorf("%s: %s %v", f.Status, f.Summary, f.Fix.Edits)
	}
}

package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// Without an MX record mail goes to the address of the domain itself, of
// either family; whether there is one is not known if nobody says.
func TestFault_001_NoMXAndNoAnswerOnAddress(t *testing.T) {
	const six = "contoso.com. AAAA 2001:db8::1"
	env, _ := kittest.NewEnv(t, "contoso.com", six)
	fs := kit.Gather(t.Context(), env, MX)
	kittest.EqualLines(t, kittest.Verdicts(fs, true), "mx.none warn")
	if !strings.Contains(fs[0].Summary, "2001:db8::1") {
		t.Errorf("its IPv6 address is not told: %s", fs[0].Summary)
	}
	for _, typ := range []string{"A", "AAAA"} {
		env, srv := kittest.NewEnv(t, "contoso.com", `contoso.com. TXT "x"`)
		srv.Fault("contoso.com", typ, dnstest.Fault{Rcode: "SERVFAIL"})
		fs := kit.Gather(t.Context(), env, MX)
		kittest.EqualLines(t, kittest.Verdicts(fs, true), "mx.none unknown")
		if fs[0].Cause != report.CauseResolver {
			t.Errorf("%s: cause %q, want resolver", typ, fs[0].Cause)
		}
	}
}

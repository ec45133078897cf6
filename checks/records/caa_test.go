package records

import (
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
)

func TestCAA(t *testing.T) {
	const sts = "_mta-sts.contoso.com. TXT \"v=STSv1; id=1\"\n"
	for zone, want := range map[string]string{
		"contoso.com. A 192.0.2.1\n": "caa.issuers skip",
		sts:                          "caa.issuers info",
		sts + "contoso.com. CAA 0 issue \"letsencrypt.org\"\n":                              "caa.issuers info",
		sts + "contoso.com. CAA 0 issue \";\"\n":                                            "caa.issuers warn",
		sts + "contoso.com. CAA 0 issue \";\"\nmta-sts.contoso.com. CAA 0 issue \"x.ca\"\n": "caa.issuers info",
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", zone)
		kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, CAA), true), want)
	}
}

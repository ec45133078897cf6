package nearmiss_test

import (
	"testing"

	"maildiag/dnsrec/nearmiss"
)

const spf = "spf.protection.outlook.com"

var clouds = []string{spf, "spf.protection.office365.us", "spf.protection.partner.outlook.cn", "autodiscover.outlook.com"}

func TestOf(t *testing.T) {
	for name, want := range map[string]string{
		"spf.protecton.outlook.com":              spf,
		"spf.protection.outlook.con":             spf,
		"spf.protection.outlok.com":              spf,
		"spf.protection.oultook.com":             spf,
		"spf-protection-outlook.com":             spf,
		"spfprotection.outlook.com":              spf,
		"spf.protection.outlook.com.contoso.com": spf,
		"spf.protection.out1ook.com":             spf,
		"autodiscover.outlok.com":                "autodiscover.outlook.com",
		spf:                                      "",
		spf + ".":                                "",
		"SPF.Protection.Outlook.com":             "",
		"a." + spf:                               "",
		"outlook.com":                            "",
		"spf.protection.example.com":             "",
		"spf2.protection.outlook.com":            "",
		"spfa.protection.outlook.com":            "",
		"":                                       "",
	} {
		if got, ok := nearmiss.Of(name, clouds); got != want || ok != (want != "") {
			t.Errorf("Of(%q) = %q, %v; want %q", name, got, ok, want)
		}
	}
}

// TestEveryLetterLeftOut: no single letter is needed to see what was meant.
func TestEveryLetterLeftOut(t *testing.T) {
	for i := range spf {
		if got, ok := nearmiss.Of(spf[:i]+spf[i+1:], clouds); !ok || got != spf {
			t.Errorf("without byte %d: %q, %v", i, got, ok)
		}
	}
}

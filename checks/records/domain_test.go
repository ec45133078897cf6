package records

import (
	"slices"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
)

func TestFault_073_MixedScripts(t *testing.T) {
	for name, warned := range map[string]bool{
		"раураl.example": true, "αpple.example": true, // Cyrillic and Greek beside Latin
		"münchen.example": false, "пример.example": false, "παράδειγμα.example": false, "contoso.com": false,
	} {
		ascii, unicode, err := dnsrec.ParseDomain(name)
		if err != nil {
			t.Fatal(err)
		}
		env, _ := kittest.NewEnv(t, ascii, ascii+". A 192.0.2.1")
		env.Unicode = unicode
		fs := kit.Gather(t.Context(), env, Domain)
		kittest.Sound(t, fs)
		if got := slices.Contains(kittest.Verdicts(fs, false), "domain.script warn"); got != warned {
			t.Errorf("%s: warned %v, want %v", name, got, warned)
		}
	}
}

// --expect any leaves the checks of Microsoft 365 out; it does not make the
// domain another one.
func TestExpectAnySaysWhyItSkips(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com."+ourHost)
	env.Expect = kit.ExpectAny
	if f := kit.Gather(t.Context(), env, Autodiscover)[0]; f.Summary != "does not apply: any provider is accepted (--expect any)" {
		t.Errorf("%s", f.Summary)
	}
}

// A name that does not exist below a domain that does is no matter of the registrar.
func TestNameBelowDomain(t *testing.T) {
	t.Parallel()
	for domain, above := range map[string]bool{"www.contoso.com": true, "a.b.contoso.com": true, "contoso.example": false, "www.contoso.example": false} {
		env, _ := mailEnv(t, domain, "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\ncom NS ns.example.\nexample NS ns.example.\nmicrosoft.com A 192.0.2.1\n")
		fs := kit.Gather(t.Context(), env, Domain)
		if fs[0].Code != "domain.exists" || fs[0].Status != report.Fail {
			t.Fatalf("%s: %v", domain, fs)
		}
		if f := kit.Gather(t.Context(), env, gatherDomain); (f.above == "contoso.com") != above {
			t.Errorf("%s: above %q", domain, f.above)
		}
	}
}

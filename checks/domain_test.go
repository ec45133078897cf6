package checks

import (
	"slices"
	"testing"

	"maildiag/dnsrec"
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
		env, _ := newEnv(t, ascii, ascii+". A 192.0.2.1")
		env.Unicode = unicode
		fs := runDomain(t.Context(), env)
		sound(t, fs)
		if got := slices.Contains(verdicts(fs, false), "domain.script warn"); got != warned {
			t.Errorf("%s: warned %v, want %v", name, got, warned)
		}
	}
}

// --expect any leaves the checks of Microsoft 365 out; it does not make the
// domain another one.
func TestExpectAnySaysWhyItSkips(t *testing.T) {
	env, _ := newEnv(t, "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com."+ourHost)
	env.Expect = ExpectAny
	if f := runAutodiscover(t.Context(), env)[0]; f.Summary != "not looked at: any provider will do (--expect any)" {
		t.Errorf("%s", f.Summary)
	}
}

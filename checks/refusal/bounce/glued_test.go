package bounce

import "testing"

// TestGlued holds that a code is read where no space follows it, after a reply code only:
// alone it may be a version.
func TestGlued(t *testing.T) {
	for text, want := range map[string]string{
		"550 5.7.1Unauthorized":                        "550 5.7.1 Unauthorized",
		"550 5.1.1User unknown":                        "550 5.1.1 User unknown",
		"554 5.7.1Spam message rejected":               "554 5.7.1 Spam message rejected",
		"550-5.7.26Unauthenticated email from contoso": "550 5.7.26 Unauthenticated email from contoso",
		"451 4.7.650Rate limited":                      "451 4.7.650 Rate limited",
		"550 4.7.1User unknown":                        "", // of another class
		"mailer v5.7.1beta":                            "",
		"update to 5.7.1b2 failed":                     "",
		"Linux 5.4.0generic":                           "",
	} {
		got := ""
		if found := Find([]byte(text)); len(found) > 0 {
			got = found[0].String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

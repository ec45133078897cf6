package kit

import "testing"

// The samples are labels that real domains publish.
func TestMXToken(t *testing.T) {
	for domain, want := range map[string]string{
		"contoso.com":              "contoso-com",
		"Contoso.COM.":             "contoso-com",
		"test.example.com":         "test-example-com",
		"1-2.co.uk":                "12-co-uk0c",
		"pi-hf.com":                "pihf-com0e",
		"mcc-hvac.com":             "mcchvac-com0i",
		"octo-bot.io":              "octobot-io01b",
		"heig-vd.ch":               "heigvd-ch01b",
		"weber-wis.com":            "weberwis-com01c",
		"rolls-roycemotorcars.com": "rollsroycemotorcars-com01c",
		"exertis-sap.co.uk":        "exertissap-co-uk01i",
		"practice-labs.com":        "practicelabs-com02b",
		"international-am.com":     "internationalam-com03c",
		"rot-weiss-kemberg.de":     "rotweisskemberg-de0i1c",
	} {
		if got := MXToken(domain); got != want {
			t.Errorf("MXToken(%q) = %q, want %q", domain, got, want)
		}
	}
}

package redact

import (
	"strings"
	"testing"
)

func TestURLs(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"no URL":                "no URL",
		"a@b.example":           "a@b.example",
		"https://dns.example/q": "https://dns.example/q",
		"https://u@h.example":   "https://***@h.example",
		`x "https://u:pw@h" and nats://a:b@c:4222`: `x "https://***@h" and nats://***@c:4222`,
		"https://u:p/w@h/x":                        "https://***@h/x",
		"://@":                                     "://***@",
	} {
		if got := URLs(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// No password gets through, whatever its letters, but for a blank or a quote, which no
// URL has.
func FuzzURLs(f *testing.F) {
	f.Add("secret", "https")
	f.Add("p@ss://x", "nats")
	f.Fuzz(func(t *testing.T, password, scheme string) {
		if len(password) < 4 || strings.ContainsAny(password, " \t\"'") || strings.Contains("***@host.example", password) || strings.Contains(scheme, password) {
			return
		}
		if got := URLs("--server " + scheme + "://user:" + password + "@host.example: refused"); strings.Contains(got, "user:"+password) {
			t.Errorf("%q of %q", got, password)
		}
	})
}

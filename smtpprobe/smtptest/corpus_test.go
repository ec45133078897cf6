package smtptest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The persona says what the real host says, line by line.
func TestExchangeOnlineIsReal(t *testing.T) {
	corpus := os.Getenv("MAILDIAG_CORPUS")
	if corpus == "" {
		t.Skip("MAILDIAG_CORPUS is unset")
	}
	ours := ExchangeOnline(nil, nil)
	for _, name := range []string{"o365_587_xoauth2_success_2025-04-26.txt", "o365_587_senddenied_codeigniter_2025-11-23.txt"} {
		text, err := os.ReadFile(filepath.Join(corpus, "smtp", name))
		if err != nil {
			t.Fatal(err)
		}
		real := FromTranscript(string(text))
		if !slices.Equal(real.EHLO, ours.EHLO) || !slices.Equal(real.EHLOTLS, ours.EHLOTLS) ||
			real.On["STARTTLS"] != ours.On["STARTTLS"] {
			t.Errorf("%s: %q and %q, not %q and %q", name, real.EHLO, real.EHLOTLS, ours.EHLO, ours.EHLOTLS)
		}
	}
}

func TestRefusals(t *testing.T) {
	names := map[string]bool{}
	for _, r := range Refusals() {
		if names[r.Name] || r.Stage == "" || len(r.Reply) < 10 {
			t.Errorf("%+v", r)
		}
		names[r.Name] = true
	}
	if len(names) < 25 {
		t.Errorf("only %d replies", len(names))
	}
}

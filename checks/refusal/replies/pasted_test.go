package replies

import (
	"slices"
	"testing"
)

// TestBothWays holds that two parts of a phrase may stand in any order.
func TestBothWays(t *testing.T) {
	for source, want := range map[string][]string{
		"black & ip":        {"black + ip", "ip + black"},
		"?<a> & of b":       {"?<a> + of b", "?of b + <a>"},
		"user unknown":      {"user unknown"},
		"!relay + disabled": {"!relay + disabled"},
	} {
		if got := bothWays(source); !slices.Equal(got, want) {
			t.Errorf("%q: %q", source, got)
		}
	}
}

// TestSignInStage holds that a command which is not known during AUTH is AUTH.
func TestSignInStage(t *testing.T) {
	for _, code := range []int{500, 502, 503, 504} {
		for text, want := range map[Stage]string{StageAuth: "common.auth-not-offered", "": "common.protocol"} {
			got := Explain(Query{Code: code, Text: "Command not implemented", Stage: text})
			if ids(got) != want || !got[0].Known() {
				t.Errorf("%d %q: %s", code, text, ids(got))
			}
		}
	}
}

// TestServerSaid holds that the words of a server which .NET quotes without a code
// decide, not those of .NET.
func TestServerSaid(t *testing.T) {
	for said, want := range map[string]string{
		"If MAIL FROM is local then you must authenticate": "common.auth-required",
		"Relay access denied":                              "common.relay-denied",
		"Message size violation":                           "common.too-large",
	} {
		text := "System.Net.Mail.SmtpException: Mailbox unavailable. The server response was: " + said + "\n   at System.Net.Mail.MailCommand.Send()"
		if got := ExplainWords(text); ids(got) != want {
			t.Errorf("%s: %s", said, ids(got))
		}
	}
}

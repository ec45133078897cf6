package replies

import (
	"testing"

	"maildiag/report"
)

// relayWords are refusals to relay, of which only what stands around them tells whose
// matter they are.
var relayWords = []string{
	"550 relay not permitted", "550 5.7.1 Relaying denied", "554 5.7.1 <anna@fabrikam.com>: Relay access denied",
	"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "550 we do not relay", "550 not local host fabrikam.com, not a gateway",
	"550 Requested action not taken: Local user only",
}

// TestRelayPaths holds who must act where a server does not relay: the one who submits,
// the recipient's side, or both where nothing shows it.
func TestRelayPaths(t *testing.T) {
	around := map[Path][]string{
		PathSubmission: {"smtplib.SMTPRecipientsRefused: %s", "SERVER -> CLIENT: %s", "javax.mail.SendFailedException: Invalid Addresses; %s",
			"Scan to e-mail failed: %s", "MailKit.Net.Smtp.SmtpCommandException: %s", "Mailbox unavailable. The server response was: %s", "An error occurred while sending mail. The mail server responded: %s",
			"C: RCPT TO:<anna@fabrikam.com>\nS: %s", "status=bounced (host smtp.isp.com[192.0.2.1]:587 said: %s (in reply to RCPT TO command))",
			"Expected response code 250 but got code %s", "Sending reported error (0x800CCC79): %s"},
		PathDelivery: {"(host mx.fabrikam.com[192.0.2.1] said: %s (in reply to RCPT TO command))", "Remote host said: %s", "SMTP error from remote mail server after RCPT TO: %s",
			"Diagnostic-Code: smtp; %s", "Remote Server returned '%s'", "... while talking to mx.fabrikam.com.:\n<<< %s", "The response from the remote server was: %s"},
		PathIncoming: {"NOQUEUE: reject: RCPT from unknown[192.0.2.1]: %s", "H=(printer) [192.0.2.1] rejected RCPT <a@b.com>: %s"},
		"":           {"%s", "we got %s yesterday"},
	}
	owners := map[Path]string{PathSubmission: report.OwnerUser, PathIncoming: report.OwnerUser, PathDelivery: report.OwnerRecipient}
	for want, frames := range around {
		for _, frame := range frames {
			for _, words := range relayWords {
				text := replaceOnce(frame, words)
				path := PathOf(text)
				if path != want {
					t.Errorf("%q: path %q, want %q", text, path, want)
					continue
				}
				q := Query{Code: 550, Text: words, Path: path}
				got := Explain(q)[0].Readings(q)
				if want == "" && (len(got) != 2 || got[0].Row.Owner == got[1].Row.Owner || got[0].Row.Meaning == got[1].Row.Meaning) {
					t.Errorf("%q: not both readings: %s", text, ids(got))
				} else if want != "" && (len(got) != 1 || got[0].Row.Owner != owners[want]) {
					t.Errorf("%q: %s, %s, want %s", text, ids(got), got[0].Row.Owner, owners[want])
				}
			}
		}
	}
}

// TestTLSPaths holds that TLS between two servers is not answered as the settings of a
// program, and the other way round.
func TestTLSPaths(t *testing.T) {
	for _, words := range []string{"Server certificate not verified", "certificate has expired", "Cannot start TLS: handshake failure", "unsupported protocol version, TLS 1.0",
		"certificate verify failed: self-signed certificate", "certificate is valid for a.example, not b.example", "TLS is required, but was not offered"} {
		for path, owner := range map[Path]string{PathDelivery: report.OwnerRecipient, PathSubmission: ""} {
			got := Explain(Query{Text: words, Path: path})
			if len(got) == 0 || !got[0].Known() {
				t.Errorf("%q is not known", words)
				continue
			}
			r := got[0].Row
			if delivered := r.Owner == report.OwnerRecipient; delivered != (owner != "") {
				t.Errorf("%q, %s: %s, %s", words, path, r.ID, r.Owner)
			}
			if r.Confirm.Has(ConfirmSubmission) == (path == PathDelivery) {
				t.Errorf("%q, %s: confirmed by %b", words, path, r.Confirm)
			}
		}
	}
	for path, owner := range map[Path]string{PathDelivery: OwnerSender, PathSubmission: report.OwnerUser, "": report.OwnerUser} {
		q := Query{Code: 530, Enhanced: "5.7.0", Text: "Must issue a STARTTLS command first", Path: path}
		if r := Explain(q)[0].Row; r.Owner != owner {
			t.Errorf("STARTTLS required, %q: %s, %s", path, r.ID, r.Owner)
		}
	}
}

// TestOwnServer holds that the rules of the server to which a program submits are not
// for an administrator of the recipient, and that what is about the recipient stays.
func TestOwnServer(t *testing.T) {
	for text, own := range map[string]bool{
		"Local Policy Violation": true, "Access denied": true, "message rejected by policy": true, "try again later": true,
		"Mailbox full": false, "User unknown": false, "Mailbox disabled": false,
	} {
		for path, changed := range map[Path]bool{PathSubmission: own, PathDelivery: false, "": false} {
			q := Query{Code: 550, Text: text, Path: path}
			if text == "try again later" {
				q.Code = 451
			}
			m := Explain(q)[0]
			if m.Known() && (m.Row.Owner == report.OwnerRemote) != changed {
				t.Errorf("%s, %q: %s, %s", text, path, m.Row.ID, m.Row.Owner)
			}
		}
	}
}

// TestReadingsDiffer holds that each row that reads otherwise on a path says whose it is.
func TestReadingsDiffer(t *testing.T) {
	for _, r := range All() {
		for _, e := range []*Elsewhere{r.readings().Submitted, r.readings().Delivered, r.Elsewhere} {
			if e != nil && (e.Owner == "" || len(e.Fix) == 0 || len(e.Causes) == 0) {
				t.Errorf("%s: %+v", r.ID, e)
			}
		}
		if on := r.readings(); on.Split && (on.Submitted == nil || on.Delivered == nil || on.Submitted.Meaning == on.Delivered.Meaning) {
			t.Errorf("%s is said to be split", r.ID)
		}
		if r.Waits && (len(r.Fix) == 0 || r.Duration == Permanent) {
			t.Errorf("%s waits for %q, %s", r.ID, r.Fix, r.Duration)
		}
	}
}

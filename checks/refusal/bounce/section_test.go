package bounce

import "testing"

// TestSection holds that the number of a section of a document is not a status code,
// and that a code beside the name of a document is.
func TestSection(t *testing.T) {
	for text, want := range map[string]string{
		"rejected RCPT <a@b.example>: Invalid HELO name (See RFC2821 4.1.3)":        "",
		"rejected EHLO or HELO [127.0.0.1]: no loopback address (RFC 5321 4.1.3)":   "",
		"Syntax error in mailbox address, see RFC 5321, section 4.1.2":              "",
		"451 The command order is wrong (section 4.5.2)":                            "",
		"550 Bad HELO, see section 5.1.1 of RFC 5321":                               "",
		"550 Bad sequence, 5.1.1 of RFC 5321":                                       "",
		"450 Malformed message, RFC-5322 4.5.3":                                     "",
		"550 Sender violates §5.7.1":                                                "",
		"550 5.1.1 User unknown":                                                    "5.1.1",
		"550 RFC 7208 check failed (#5.7.1)":                                        "5.7.1",
		"550 The policy of RFC 7489 rejects this message 5.7.1":                     "5.7.1",
		"550 5.7.1 Message does not comply with RFC 5322 2.3.1":                     "5.7.1",
		"550-5.7.1 Not RFC 5322 compliant, section 3.6.\n550 5.7.1 Fix the message": "5.7.1",
	} {
		got := ""
		for _, r := range Find([]byte(text)) {
			got += r.Enhanced
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestSize holds that a size or a time is not a reply code.
func TestSize(t *testing.T) {
	for text, want := range map[string]int{
		"Mail server disk: 550 MB free":             0,
		"550 MiB of mail queue left":                0,
		"mailbox message size: 452 kB":              0,
		"smtp relay answered: 421 ms":               0,
		"550 Mailbox unavailable":                   550,
		"550 MBX001 mailbox unavailable":            550,
		"452 kBps is not a rate, mailbox full":      452,
		"552 Message exceeds the maximum of 25 MB":  552,
		"host mx.b.example said: 421 Msg too large": 421,
	} {
		got := 0
		for _, r := range Find([]byte(text)) {
			got = r.Code
		}
		if got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// TestSenderIsNoRecipient holds that an address which a reply rejects as the sender's is
// not the recipient, and that one of a recipient's is.
func TestSenderIsNoRecipient(t *testing.T) {
	log := "Nov 20 09:12:02 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.1]: "
	for text, want := range map[string]string{
		"554 5.7.1 <a@a.example>: Sender address rejected: blocked using dbl.example":                                   "",
		"450 4.1.8 <a@a.example>: Sender address rejected: Domain not found":                                            "",
		"553 5.1.8 <a@a.example>... Domain of sender address a@a.example does not exist":                                "",
		"550 a@a.example sender verify failed":                                                                          "",
		"550 <a@a.example> Sender domain has no MX":                                                                     "",
		log + "450 4.1.8 <a@a.example>: Sender address rejected: Domain not found; from=<a@a.example> to=<b@b.example>": "b@b.example",
		log + "450 4.1.8 <a@a.example>: Sender address rejected: Domain not found; from=<> to=<>":                       "",
		"550 5.1.1 <b@b.example>: Recipient address rejected: User unknown":                                             "b@b.example",
		"550 5.7.1 <group@b.example>: Sender not authorized for this group":                                             "group@b.example",
		"550 5.7.1 <b@b.example>: Relay access denied":                                                                  "b@b.example",
	} {
		found := Find([]byte(text))
		if len(found) == 0 || found[0].Recipient != want {
			t.Errorf("%s: %+v, want %q", text, found, want)
		}
	}
}

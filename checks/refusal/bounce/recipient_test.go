package bounce

import "testing"

// TestRecipient holds whom a reply is about, whatever stands around the address.
func TestRecipient(t *testing.T) {
	for text, want := range map[string]string{
		"'max@firma.example: 550 5.1.1 User unknown":                                 "max@firma.example",
		"<'max@firma.example'>: 550 5.1.1 User unknown":                              "max@firma.example",
		"to=<o'neill@firma.example>, status=bounced: 550 5.1.1 User unknown":         "o'neill@firma.example",
		"to=max@firma.example host said: 550 5.1.1 User unknown":                     "max@firma.example",
		"rcpt=max@firma.example 550 5.1.1 User unknown":                              "max@firma.example",
		"user=scanner@firma.example host said: 550 5.1.1 User unknown":               "",
		"from=scanner@firma.example to=max@firma.example 550 5.1.1 User unknown":     "max@firma.example",
		"<bounce+max=firma.example@list.example>: 550 5.1.1 User unknown":            "bounce+max=firma.example@list.example",
		"<SRS0=ab=cd=a.example=max@firma.example>: 550 5.1.1 User unknown":           "SRS0=ab=cd=a.example=max@firma.example",
		"Final-Recipient: rfc822; 'max@firma.example\nAction: failed\nStatus: 5.1.1": "max@firma.example",
	} {
		found := Find([]byte(text))
		if len(found) == 0 || found[0].Recipient != want {
			t.Errorf("%s: %+v, want %q", text, found, want)
		}
	}
}

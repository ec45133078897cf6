package bounce

import "testing"

// The fragment of a URL is no code of a reply.
func TestFragment(t *testing.T) {
	for text, want := range map[string]int{
		"see https://community.mimecast.com/docs/DOC-1369#550 about it":                                    0,
		"451 Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#550": 451,
		"https://contoso.com/help 550 5.1.1 User unknown":                                                  550,
		"Remote host said: #550 5.1.1 User unknown":                                                        550,
	} {
		got := Find([]byte(text))
		if want == 0 && len(got) > 0 || want > 0 && (len(got) != 1 || got[0].Code != want) {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// An account that a program names is the sender's.
func TestOwnAccount(t *testing.T) {
	for _, text := range []string{
		"Task 'john@contoso.com - Sending' reported error: 'The server responded: 550 5.7.1 authentication failed'",
		"Account: 'joe@contoso.com', Server: 'mail.contoso.com', Server Response: '550 5.7.1 relay denied', Port: 25",
		"The sender's e-mail address was joe@contoso.com. Subject 'x', Server Response: '451 please authenticate before send', Port: 25",
	} {
		for _, r := range Find([]byte(text)) {
			if r.Recipient != "" {
				t.Errorf("%q: to %s", text, r.Recipient)
			}
		}
	}
}

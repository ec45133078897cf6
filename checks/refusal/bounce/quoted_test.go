package bounce

import (
	"strings"
	"testing"
)

// TestQuoted reads bounces that someone forwards within the text of a message,
// and leaves alone messages that only speak of replies.
func TestQuoted(t *testing.T) {
	const text = "Hi, what is this?\n\n-----Original Message-----\nFrom: postmaster@contoso.com\nSubject: Undeliverable: hello\n\n" +
		"Your message to u@fabrikam.com couldn't be delivered.\n\nRemote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n"
	page := "<html><body><p>Hi</p><hr><b>Subject:</b> Undeliverable: hello<br><p>Your message to u@fabrikam.com couldn&#39;t be delivered.</p>" +
		"<p>Remote Server returned &#39;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found&#39;</p></body></html>\n"
	message := func(subject, kind, body string) string {
		return "From: user@contoso.com\nTo: help@contoso.com\nSubject: " + subject + "\nMIME-Version: 1.0\nContent-Type: " + kind + "; charset=utf-8\n\n" + body
	}
	for name, c := range map[string]struct {
		in   string
		want int
	}{
		"text":              {message("FW: Undeliverable: hello", "text/plain", text), 550},
		"page":              {message("Fwd: Undeliverable: hello", "text/html", page), 550},
		"German":            {message("WG: Unzustellbar: Hallo", "text/plain", text), 550},
		"French":            {message("TR: Non remis : bonjour", "text/plain", text), 550},
		"encoded subject":   {message("=?utf-8?q?FW=3A_Undeliverable=3A_hello?=", "text/plain", text), 550},
		"line ends":         {strings.ReplaceAll(message("FW: Undeliverable: hello", "text/plain", text), "\n", "\r\n"), 550},
		"no reply in it":    {message("FW: Undeliverable: hello", "text/plain", "Hi\n"), 0},
		"another subject":   {message("FW: minutes", "text/plain", text), 0},
		"not forwarded":     {message("About undeliverable mail", "text/plain", text), 0},
		"an empty envelope": {"", 0},
	} {
		r := Read([]byte(c.in))
		list := r.Quoted()
		switch {
		case c.want == 0 && (len(list) > 0 || len(r.Notes) > 0):
			t.Errorf("%s: %+v %q", name, list, r.Notes)
		case c.want != 0 && (len(list) != 1 || list[0].Code != c.want || list[0].Enhanced != "5.1.1" || len(r.Notes) != 1):
			t.Errorf("%s: kind %s, %+v %q", name, r.Kind, list, r.Notes)
		}
	}
	bounce := Read([]byte("From: MAILER-DAEMON@a.example\nTo: a@b.example\nSubject: FW: failure notice\n\n<c@d.example>:\n550 5.1.1 User unknown\n"))
	if len(bounce.Replies) != 1 || bounce.Quoted() != nil {
		t.Errorf("a bounce: %+v", bounce.Replies)
	}
}

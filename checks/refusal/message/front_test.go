package message

import (
	"strings"
	"testing"
)

const dmarcFail = " spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=%s; dkim=fail header.d=contoso.com; dmarc=fail header.from=contoso.com"

// TestLists finds the mailing list that a message came through, if it vouches
// for itself.
func TestLists(t *testing.T) {
	for header, list := range map[string]string{
		"List-Id: <dev.lists.example>\r\n":                                      "dev.lists.example",
		"List-ID: Our list <dev.lists.example>\r\n":                             "dev.lists.example",
		"List-Id: dev.lists.example\r\n":                                        "dev.lists.example",
		"List-Post: <mailto:dev@lists.example>\r\n":                             "lists.example",
		"List-Id: no domain <dev>\r\nList-Post: <mailto:dev@lists.example>\r\n": "lists.example",
		"List-Id: <dev.other.example>\r\n":                                      "", // it does not vouch for that name
		"List-Id: <contoso.com>\r\n":                                            "",
		"List-Id: <dev.lists.example.evil.test>\r\n":                            "",
		"List-Unsubscribe: <mailto:x@lists.example>\r\n":                        "", // newsletters have it, too
		"List-Post: NO\r\n":                                                     "",
		"":                                                                      "",
	} {
		for _, r := range receivers {
			text := r.writeAll("lists.example", "203.0.113.9", strings.Replace(dmarcFail, "%s", "bounces.lists.example", 1))
			a := Analyse(t.Context(), []byte(text+header+"From: me@contoso.com\r\nTo: dev@lists.example\r\n\r\n"), Options{})
			if a.Answer.Verdict != FailsDMARC || a.list() != list || list != "" && !strings.Contains(a.Answer.Text, "mailing list "+list) {
				t.Errorf("%s, %q: %q, %+v", r.name, header, a.list(), a.Answer)
			}
		}
	}
}

// TestConnector holds that mail of a server that Microsoft 365 counts as internal
// is not called forged outright, and that others' mail is.
func TestConnector(t *testing.T) {
	const as = "X-MS-Exchange-Organization-AuthAs: "
	top := receivers[0].write("ex01.contoso.com", "203.0.113.9", strings.Replace(dmarcFail, "%s", "contoso.com", 1))
	for header, connector := range map[string]bool{
		as + "Internal\r\n": true, as + "internal\r\nX-MS-Exchange-CrossTenant-AuthAs: Internal\r\n": true,
		as + "Anonymous\r\n": false, "X-MS-Exchange-CrossTenant-AuthAs: Internal\r\n": false, "": false,
		as + "Internal\r\n" + as + "Anonymous\r\n": false, as + "External\r\n": false,
	} {
		a := Analyse(t.Context(), []byte(strings.Replace(top, "spf=pass", "spf=fail", 1)+header+"From: me@contoso.com\r\n\r\n"), Options{})
		if a.Answer.Verdict != FailsDMARC || a.connector != connector || connector == strings.Contains(a.Answer.Text, forgedOr) {
			t.Errorf("%q: %+v", header, a.Answer)
		}
		b := Analyse(t.Context(), []byte(receivers[3].write("ex01.contoso.com", "203.0.113.9", " dmarc=fail header.from=contoso.com")+header+
			"From: me@contoso.com\r\n\r\n"), Options{})
		if b.connector || b.Answer.Verdict != FailsDMARC {
			t.Errorf("%q, at Postfix: %+v", header, b.Answer)
		}
	}
}

// TestJournal recognizes journal reports and leaves the verdict as it is.
func TestJournal(t *testing.T) {
	top := receivers[0].write("mail.contoso.com", "203.0.113.9", claims["SPF"])
	for header, is := range map[string]bool{
		"X-MS-Journal-Report:\r\n": true, "X-MS-Journal-Report: \r\nMessage-ID: <1@x.example>\r\n": true,
		"Message-Id: <0a1b@journal.report.generator>\r\n": true, "X-MS-Exchange-Generated-Message-Source: Journal Agent\r\n": true,
		"": false, "Message-ID: <journal.report.generator@x.example>\r\n": false, "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\r\n": false,
	} {
		a := Analyse(t.Context(), []byte(top+header+"From: me@contoso.com\r\n\r\n"), Options{})
		if a.Answer.Verdict != Authentic || a.journaled != is || is == strings.HasPrefix(a.Answer.Text, "Not spoofed") {
			t.Errorf("%q: %+v", header, a.Answer)
		}
	}
}

// TestLookalikes holds that no domain whose letters look like those of another
// one passes as authentic, and that others in Unicode do.
func TestLookalikes(t *testing.T) {
	for domain, want := range map[string]Verdict{
		"bаnk.example": AmbiguousWho, "bank.exаmple.com": AmbiguousWho, "аррӏе.com": AmbiguousWho, "еріс-1.com": AmbiguousWho, "xn--80ak6aa92e.com": AmbiguousWho,
		"αυτο.com": AmbiguousWho, "googlе.com": AmbiguousWho, "ցօօց.com": AmbiguousWho, "münchen.example": Authentic, "пример.com": Authentic,
		"παράδειγμα.com": Authentic, "日本語.com": Authentic, "contoso.com": Authentic, "मैक्स.com": Authentic,
	} {
		top := receivers[0].write("mail.contoso.com", "203.0.113.9", strings.ReplaceAll(claims["SPF"], "contoso.com", domain))
		a := Analyse(t.Context(), []byte(top+"From: me@"+domain+"\r\n\r\n"), Options{})
		ascii := domain == "contoso.com"
		if a.Answer.Verdict != want || (a.From.Lookalike == "") != (want == Authentic) || (a.From.Unicode == "") != ascii {
			t.Errorf("%s: %+v %+v", domain, a.From, a.Answer)
		}
		if !ascii && !strings.Contains(a.Answer.Text, a.From.Unicode) {
			t.Errorf("%s: the answer does not show %s", domain, a.From.Unicode)
		}
	}
}

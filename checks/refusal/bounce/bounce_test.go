package bounce

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"maildiag/checks/kit/cputime"
)

// want is a reply as a test expects it; empty fields are not compared.
type want struct {
	reply, to, mta, ip, region string
	inner                      bool
}

const relay = "550 5.7.64 TenantAttribution; Relay Access Denied"

// TestWrappings finds a reply in each of the forms in which people have it.
func TestWrappings(t *testing.T) {
	const trailer = " [DB5EUR01FT088.eop-EUR01.prod.protection.outlook.com 2023-06-22T08:26:31.592Z " +
		"08DB72B25E50380B]"
	for name, c := range map[string]struct {
		in   string
		want []want
	}{
		"plain":           {"550 5.7.1 Unable to relay", []want{{reply: "550 5.7.1 Unable to relay"}}},
		"code only":       {" 5.7.139\n", []want{{reply: "5.7.139"}}},
		"reply code only": {"535", []want{{reply: "535"}}},
		"quoted":          {"'" + relay + trailer + "'", []want{{reply: relay, region: "EUR01"}}},
		"curly":           {"“" + relay + "”", []want{{reply: relay + "”"}}},
		"typed off": {"550 5.7.64 TenantAttribution;\nRelay Access Denied\n" + trailer[1:],
			[]want{{reply: relay, region: "EUR01"}}},
		"lines": {"550-5.7.26 This email has been blocked because the sender is\r\n550-5.7.26 " +
			"unauthenticated.\r\n" +
			"550 5.7.26 https://support.google.com - gsmtp\r\n",
			[]want{{reply: "550 5.7.26 This email has been blocked " +
				"because the sender is unauthenticated. https://support.google.com - gsmtp"}}},
		"postfix": {"Nov 23 10:00:00 mx postfix/smtp[123]: 4ABC: to=<user@contoso.com>, " +
			"relay=contoso-com.mail." +
			"protection.outlook.com[104.47.1.36]:25, delay=1.2, delays=0/0/1/0, dsn=5.7.64, status=bounced " +
			"(host contoso-com." +
			"mail.protection.outlook.com[104.47.1.36] said: " + relay + trailer +
			" (in reply to RCPT TO command))",
			[]want{{reply: relay, to: "user@contoso.com", mta: "contoso-com.mail.protection.outlook.com",
				ip:     "104.47.1.36",
				region: "EUR01"}}},
		"postfix deferred": {"Nov 23 10:00:00 mx postfix/smtp[1]: A: to=<user@contoso.com>, relay=none, " +
			"delay=5, dsn=4.4.1, " +
			"status=deferred (connect to mx.contoso.com[192.0.2.1]:25: Connection timed out)",
			[]want{{reply: "4.4.1 connect to mx.contoso.com[192.0.2.1]:25: Connection timed out",
				to: "user@contoso.com"}}},
		"exim": {"2026-11-23 10:00:00 1abcde-0001-AB ** user@contoso.com R=dnslookup T=remote_smtp " +
			"H=mx.contoso.com " +
			"[192.0.2.1]: SMTP error from remote mail server after RCPT TO:<user@contoso.com>: " + relay +
			trailer,
			[]want{{reply: relay, to: "user@contoso.com", mta: "mx.contoso.com", ip: "192.0.2.1"}}},
		"sendmail": {"Nov 23 10:00:00 mx sendmail[99]: xYZ: to=<user@contoso.com>, mailer=esmtp, " +
			"relay=mx.contoso.com. " +
			"[192.0.2.1], dsn=5.1.1, stat=User unknown", []want{{reply: "5.1.1 User unknown",
			to:  "user@contoso.com",
			mta: "mx.contoso.com", ip: "192.0.2.1"}}},
		"message trace": {"{[{LED=" + relay + trailer +
			"};{MSG=};{FQDN=mx.contoso.com};{IP=192.0.2.1};{LRT=11/23/2026 8:00:00 AM}]}",
			[]want{{reply: relay, mta: "mx.contoso.com", ip: "192.0.2.1", region: "EUR01"}}},
		".NET": {"System.Net.Mail.SmtpException: The SMTP server requires a secure connection or the client " +
			"was not " +
			"authenticated. The server response was: 5.7.57 Client not authenticated to send mail. Error: " +
			"535 5.7.139 " +
			"Authentication unsuccessful, the user credentials were incorrect.\r\n   at " +
			"System.Net.Mail.MailCommand.Check()",
			[]want{{reply: "5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication " +
				"unsuccessful, " +
				"the user credentials were incorrect."},
				{reply: "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.",
					inner: true}}},
		"PHPMailer": {"SMTP ERROR: Password command failed: 535 5.7.3 Authentication unsuccessful\nSMTP " +
			"Error: Could not authenticate.",
			[]want{{reply: "535 5.7.3 Authentication unsuccessful"}}},
		"PHPMailer detail": {"SMTP server error: DATA END command failed Detail: SendAsDenied; SMTP code: " +
			"554 " +
			"Additional SMTP info: 5.2.252", []want{{reply: "554 5.2.252 SendAsDenied"}}},
		"Python": {"smtplib.SMTPAuthenticationError: (535, b'5.7.139 Authentication unsuccessful, account " +
			"locked.')",
			[]want{{reply: "535 5.7.139 Authentication unsuccessful, account locked."}}},
		"Node": {"Error: Invalid login: 535 5.7.3 Authentication unsuccessful",
			[]want{{reply: "535 5.7.3 Authentication unsuccessful"}}},
		"remote server returned": {"Remote Server returned '550 5.7.367 Remote server returned not permitted " +
			"to relay -> " +
			"550 5.7.1 Relaying denied'", []want{{reply: "550 5.7.367 Remote server returned not permitted " +
			"to relay -> " +
			"550 5.7.1 Relaying denied"}, {reply: "550 5.7.1 Relaying denied", inner: true}}},
		"exchange": {"user@contoso.com\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##",
			[]want{{reply: "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", to: "user@contoso.com"}}},
		"pasted report": {"Final-Recipient: rfc822;user@contoso.com\nAction: failed\nStatus: 5.7.64\n" +
			"Diagnostic-Code: smtp;" + relay + "\nRemote-MTA: dns;mx.contoso.com", []want{{reply: relay,
			to: "user@contoso.com", mta: "mx.contoso.com"}}},
		"two faults": {"Mail to a@contoso.com: 550 5.1.10 RESOLVER.ADR.RecipientNotFound\n\nand to " +
			"b@hotmail.com:\n" +
			"550 5.7.515 Access denied, sending domain X does not meet the required authentication level.",
			[]want{{reply: "550 5.1.10 RESOLVER.ADR.RecipientNotFound", to: "a@contoso.com"},
				{to: "b@hotmail.com", reply: "550 5.7.515 Access denied, sending domain X does not meet the " +
					"required authentication level."}}},
		"no reply": {"The meeting at 10:30 in room 550, call 555-1234, 450 people, version 5.7.1, host " +
			"5.7.1.2.", nil},
	} {
		t.Run(name, func(t *testing.T) { compare(t, Find([]byte(c.in)), c.want) })
	}
}

func compare(t *testing.T, got []Reply, wants []want) {
	t.Helper()
	if len(got) != len(wants) {
		t.Fatalf("%d replies, want %d: %+v", len(got), len(wants), got)
	}
	for i, w := range wants {
		g := got[i]
		region := ""
		if g.Trailer != nil {
			region = g.Trailer.Region
		}
		for _, p := range [][2]string{{g.String(), w.reply}, {g.Recipient, w.to}, {g.RemoteMTA, w.mta},
			{g.RemoteIP, w.ip}, {region, w.region}} {
			if p[1] != "" && p[0] != p[1] {
				t.Errorf("reply %d: %q, want %q", i, p[0], p[1])
			}
		}
		if g.Inner != w.inner {
			t.Errorf("reply %d: inner %v", i, g.Inner)
		}
	}
}

// TestEncodings returns the same reply in every encoding of the input.
func TestEncodings(t *testing.T) {
	plain := "user@contoso.com came back:\r\n" + relay + "\r\n"
	var le []byte
	for _, u := range utf16.Encode([]rune(plain)) {
		le = append(le, byte(u), byte(u>>8))
	}
	head := "From: MAILER-DAEMON@x.example\r\nTo: a@b.example\r\nSubject: Undeliverable: x\r\nContent-Type: " +
		"text/plain\r\n"
	for name, in := range map[string]string{
		"CRLF": plain, "LF": strings.ReplaceAll(plain, "\r\n", "\n"), "CR": strings.ReplaceAll(plain, "\r\n",
			"\r"),
		"BOM": "\xef\xbb\xbf" + plain, "UTF-16": string(le), "UTF-16 with BOM": "\xff\xfe" + string(le),
		"quoted-printable": head + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
			strings.Replace(plain, "Relay", "=\r\nRel=61y", 1),
		"base64": head + "Content-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString([]byte(plain)),
		"HTML": "<html><body><style>550 5.1.1 no</style><p>user@contoso.com came back:</p><b>" + relay +
			"</b></body></html>",
	} {
		compareNamed(t, name, Find([]byte(in)))
	}
}

func compareNamed(t *testing.T, name string, got []Reply) {
	t.Helper()
	if len(got) != 1 || got[0].String() != relay || got[0].Recipient != "user@contoso.com" {
		t.Errorf("%s: %+v", name, got)
	}
}

const ndrHTML = `<html><head><style>body { x: 550 5.1.1 no }</style></head><body><table><tr><td>Your message to
<b>user@contoso.com</b> couldn't be delivered.</td></tr></table>
<p>More Info for Email Admins</p><p><i>Status code: 550 5.7.64</i></p>
<div>Original Message Details</div><table><tr><td>Sender Address:</td><td>me@fabrikam.com</td></tr>
<tr><td>Recipient Address:</td><td>user@contoso.com</td></tr></table>
<p>Error Details</p><table><tr><td>Reported error:</td><td>550 5.7.64 TenantAttribution; Relay Access Denied
 [BL2NAM02FT001.eop-nam02.prod.protection.outlook.com]</td></tr></table></body></html>`

func TestHTMLReport(t *testing.T) {
	msg := "From: postmaster@fabrikam.com\nTo: me@fabrikam.com\nSubject: Undeliverable: hello\n" +
		"Content-Type: text/html; charset=utf-8\n\n" + ndrHTML
	compare(t, Find([]byte(msg)), []want{{reply: relay, to: "user@contoso.com", region: "NAM02"}})
}

func TestSeveralRecipients(t *testing.T) {
	msg := "From: MAILER-DAEMON@mx.fabrikam.com\nTo: me@fabrikam.com\nSubject: Undelivered Mail Returned to " +
		"Sender\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: " +
		"text/plain\n\n" +
		"not delivered\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.fabrikam.com\n\n" +
		"Final-Recipient: rfc822; a@contoso.com\nAction: failed\nStatus: 5.1.10\n" +
		"Diagnostic-Code: smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound\n\n" +
		"Final-Recipient: rfc822; b@contoso.com\nAction: delayed\nStatus: 4.4.1\n\n" +
		"Final-Recipient: rfc822; c@contoso.com\nAction: delivered\nStatus: 2.0.0\n--b--\n"
	got := Find([]byte(msg))
	compare(t, got, []want{{reply: "550 5.1.10 RESOLVER.ADR.RecipientNotFound", to: "a@contoso.com"},
		{to: "b@contoso.com"}, {to: "c@contoso.com"}})
	if got[1].Action != "delayed" || got[2].Enhanced != "2.0.0" || got[0].Reporter != "mx.fabrikam.com" {
		t.Errorf("%+v", got)
	}
}

func TestKinds(t *testing.T) {
	for in, want := range map[string]Kind{
		"":                             KindEmpty,
		"From: a@b.c\nTo: d@e.f\n\nhi": KindMessage,
		"From: a@b.c\nTo: d@e.f\nAuto-Submitted: auto-replied\nSubject: Automatic reply: x\n\nI am " +
			"away": KindReply,
		"Received: from x by y\nFrom: a@b.c\nTo: " +
			"d@e.f\n": KindHeader,
		"From: x@y.z\nTo: a@b.c\nContent-Type: multipart/report; report-type=feedback-report; " +
			"boundary=b\n\n--b\n" +
			"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n": KindFeedback,
		"hello": KindText,
	} {
		if got := Read([]byte(in)).Kind; got != want {
			t.Errorf("%.40q: %s, want %s", in, got, want)
		}
	}
}

func TestFault_178_noMessage(t *testing.T) {
	for name, in := range map[string]string{
		"ELF": "\x7fELF\x02\x01\x01\x00\x00\x00", "PDF": "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "empty": "",
		"JPEG": "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "one NUL": "\x00", "a byte short of a header": "From",
	} {
		r := Read([]byte(in))
		if len(r.Replies) != 0 || r.Message != nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestFault_168_noRawEscapes(t *testing.T) {
	for _, in := range []string{
		"From: MAILER-DAEMON\nTo: a@b.c\nSubject: failure notice\nContent-Type: text/plain; " +
			"charset=iso-2022-jp\n\n" +
			"<a@b.example>:\n550 5.1.1 \x1b$B$3$N\x1b(B unknown\n",
		"550 5.1.1 +AGE- utf-7", "550 5.1.1 a\x00b",
		"\xfe\xff\x005\x005\x000\x00 \x005\x00.\x001\x00.\x001\x00 \x00x",
	} {
		if got := Find([]byte(in)); len(got) != 1 || got[0].Enhanced != "5.1.1" {
			t.Errorf("%q: %+v", in, got)
		}
	}
}

// hostile returns a megabyte of each thing that could be slow to look through.
func hostile() map[string]string {
	const mb = 1 << 20
	all := map[string]string{}
	for _, s := range []string{
		"a", " ", "<", "7", "5", "5.", "550 ", "550-", "550 a", "x550 a ", "550 5.7.1 ", "550 5.7.1 x\n",
		"'550 5.7.1 (",
		"<a@b.c>: ", "@", "a@", "a@b.c ", "said: 550", "-> 550 5.1.1 ", "dsn=5.1.1", "[", "{LED=", "\n", "\n ",
		"\r",
		"<script>", "<script></script>", "<!--", "&amp;", "Diagnostic-Code: smtp; 550\n",
		"Final-Recipient: x\n\n",
		"received: from ", "-----", "error: ", "<b", "(#5.1.1)", "5 5 5", "450 4.4.1 x [",
		"From a\nFrom: b\nTo: c\n\n",
		"--b\n", "=?", "\x80", "#550", "550-5.7.1 a\n",
	} {
		all[fmt.Sprintf("%.30q", s)] = strings.Repeat(s, mb/len(s))
	}
	return all
}

// maxSteps is how many times longer than a plain pass over the words of a text
// reading it may take.
const maxSteps = 60

func TestFault_177_linearTime(t *testing.T) {
	wraps := map[string]string{
		"text": "%s", "html": "<html>%s",
		"bounce": "From: MAILER-DAEMON@a.b\nTo: c@d.e\nSubject: failure notice\n\n%s",
		"report": "From: MAILER-DAEMON@a.b\nTo: c@d.e\nContent-Type: multipart/report; boundary=b\n\n--b\n" +
			"Content-Type: message/delivery-status\n\n%s",
	}
	for name, in := range hostile() {
		for wrap, form := range wraps {
			data := []byte(strings.Replace(form, "%s", in, 1))
			if n := steps(data); n > maxSteps {
				t.Errorf("%s as %s: %.0f times the time of one pass", name, wrap, n)
			}
		}
	}
}

// steps returns how many times longer than a plain pass over ordinary words reading
// a text takes. Both are measured by turns, so that a busy machine slows both.
func steps(data []byte) float64 {
	words := strings.Repeat("an ordinary word ", len(data)/17+1)
	read, pass := time.Hour, time.Hour
	for range 8 {
		read = min(read, taken(func() { Find(data) }))
		pass = min(pass, taken(func() { strings.Fields(strings.ToLower(words)) }))
		if read < maxSteps*pass {
			break
		}
	}
	return float64(read) / float64(max(pass, 1))
}

// taken returns the processor time that a function takes.
func taken(f func()) time.Duration {
	began := cputime.Used()
	f()
	return cputime.Used() - began
}

// TestFault_175_shapes reads bounces of many kinds of software with the class of their cause.
func TestFault_175_shapes(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/bounces/*.eml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d bounces in testdata: %v", len(files), err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := Read(data)
		if r.Kind != KindBounce || len(r.Replies) == 0 {
			t.Errorf("%s: kind %s, %d replies", filepath.Base(name), r.Kind, len(r.Replies))
		}
		if slices.ContainsFunc(r.Replies, func(r Reply) bool {
			return r.Code == 0 && r.Enhanced == "" &&
				r.Text == ""
		}) {
			t.Errorf("%s: a reply that says nothing: %+v", filepath.Base(name), r.Replies)
		}
	}
}

func TestTrailer(t *testing.T) {
	_, tr := cutTrailer("x [CH3PEPF00000016.namprd21.prod.outlook.com 2026-03-27T17:08:50.123Z " +
		"08DE8A01A0B45E1B]")
	if tr == nil || tr.Region != "NAMPRD21" || !tr.FrontEnd || tr.ID != "08DE8A01A0B45E1B" ||
		tr.Time.Year() != 2026 {
		t.Errorf("%+v", tr)
	}
	if rest, tr := cutTrailer("messages from [203.0.113.9]"); tr != nil ||
		rest != "messages from [203.0.113.9]" {
		t.Errorf("an address is no trailer: %q %+v", rest, tr)
	}
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(relay))
	f.Add([]byte(ndrHTML))
	f.Add([]byte("a@b.c\n#550 5.1.1 x [y] ##\n(535, b'5.7.139 z')"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, r := range Find(data) {
			if r.Code == 0 && r.Enhanced == "" && r.Source != FromReason && r.Source != FromReport {
				t.Fatalf("a reply without a code: %+v", r)
			}
			if r.Code != 0 && (r.Code < 200 || r.Code > 599) || len(r.Text) > maxReply+maxReason {
				t.Fatalf("bad reply %+v", r)
			}
			if r.Source == FromText && r.Code != 0 && r.Text != "" && letter(r.Text[0]) {
				again(t, r)
			}
		}
	})
}

// again sees that the plain form of a reply, a code and words, is found again.
func again(t *testing.T, r Reply) {
	got := inText(r.String())
	if len(got) == 0 || got[0].Code != r.Code || r.Enhanced != "" && got[0].Enhanced != r.Enhanced {
		t.Fatalf("%q gives %+v", r.String(), got)
	}
}

func FuzzReport(f *testing.F) {
	f.Add([]byte("Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.c\nStatus: 5.7.1 " +
		"(no)\nDiagnostic-Code: smtp; 550\n 5.7.1 x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		replies := fromStatus(string(data))
		if len(replies) > maxGroups {
			t.Fatalf("%d replies", len(replies))
		}
		for _, r := range replies {
			if r.Source != FromReport || len(r.Text) > maxReply+1 {
				t.Fatalf("bad reply %+v", r)
			}
		}
	})
}

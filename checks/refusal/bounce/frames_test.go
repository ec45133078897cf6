package bounce

import (
	"fmt"
	"html"
	"os"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
)

// frame puts a reply into the form in which a screen, a mail program or a
// logger shows it.
type frame struct {
	name string
	put  func(reply string) string
}

// splitReply returns the codes and the words of a reply.
func splitReply(reply string) (codes, words string) {
	f := strings.SplitN(reply, " ", 3)
	if len(f) == 3 && strings.Count(f[1], ".") == 2 {
		return f[0] + " " + f[1], f[2]
	}
	codes, words, _ = strings.Cut(reply, " ")
	return codes, words
}

func wrapAt(width int) func(string) string {
	return func(s string) string {
		var b strings.Builder
		n := 0
		for i, w := range strings.Fields(s) {
			if i > 0 && n+1+len(w) > width {
				b.WriteByte('\n')
				n = 0
			} else if i > 0 {
				b.WriteByte(' ')
				n++
			}
			b.WriteString(w)
			n += len(w)
		}
		return b.String()
	}
}

// cutAt breaks a text at a column, in the middle of words, as a terminal does.
func cutAt(width int) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for i := 0; i < len(s); i += width {
			b.WriteString(s[i:min(len(s), i+width)] + "\n")
		}
		return b.String()
	}
}

func form(format string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(format, "%R", s) }
}

var frames = []frame{
	{"72 columns", wrapAt(72)}, {"50 columns", wrapAt(50)}, {"34 columns", wrapAt(34)},
	{"cut at 80", cutAt(80)}, {"cut at 61", cutAt(61)},
	{"quoted", func(s string) string { return "> " + strings.ReplaceAll(wrapAt(70)(s), "\n", "\n> ") }},
	{"sentence", form("Hello,\nour scanner shows this since Monday:\n%R\n\nThanks, Jo\n")},
	{"HTML", func(s string) string {
		return "<html><body><p>Delivery failed:</p><p>" + html.EscapeString(s) + "</p></body></html>"
	}},
	{"HTML part", func(s string) string { return "<p><b>Error:</b> " + html.EscapeString(s) + "</p><br>" }},
	{"Postfix", form("Nov 23 10:00:00 mx postfix/smtp[123]: 4ABC: to=<u@fabrikam.example>, relay=mx.example[192.0.2.1]:25, delay=1, " +
		"delays=0/0/1/0, dsn=5.0.0, status=bounced (host mx.example[192.0.2.1] said: %R (in reply to RCPT TO command))")},
	{"Exim", form("2026-11-23 10:00:00 1abcde-0001-AB ** u@fabrikam.example R=dnslookup T=remote_smtp H=mx.example [192.0.2.1]: " +
		"SMTP error from remote mail server after RCPT TO:<u@fabrikam.example>: %R")},
	{"Exchange", form("Remote Server returned '%R'")},
	{"message trace", form("Reason: [{LED=%R};{MSG=};{FQDN=mx.example};{IP=192.0.2.1};{LRT=11/23/2026 8:00:00 AM}]")},
	{"PHPMailer", form("SMTP ERROR: RCPT TO command failed: %R\nSMTP Error: data not accepted.")},
	{"SERVER -> CLIENT", form("2026-11-23 10:00:00 CLIENT -> SERVER: RCPT TO:<u@fabrikam.example>\n" +
		"2026-11-23 10:00:00 SERVER -> CLIENT: %R\n2026-11-23 10:00:00 SMTP ERROR: failed")},
	{"Nodemailer", form("Error: Can't send mail - all recipients were rejected: %R\n    at SMTPConnection._formatError " +
		"(/app/node_modules/nodemailer/lib/smtp-connection/index.js:790:19) {\n  code: 'EENVELOPE'\n}")},
	{"smtplib", func(s string) string {
		code, words, _ := strings.Cut(s, " ")
		return fmt.Sprintf("smtplib.SMTPRecipientsRefused: {'u@fabrikam.example': (%s, b'%s')}", code,
			strings.ReplaceAll(words, "'", `\'`))
	}},
	{"JavaMail", form("com.sun.mail.smtp.SMTPAddressFailedException: %R\n\n\tat com.sun.mail.smtp.SMTPTransport.rcptTo(SMTPTransport.java:1862)")},
	{".NET", form("System.Net.Mail.SmtpException: Transaction failed. The server response was: %R\r\n" +
		"   at System.Net.Mail.MailCommand.Check()")},
	{"Symfony", func(s string) string {
		code, _, _ := strings.Cut(s, " ")
		return fmt.Sprintf(`Expected response code "250" but got code "%s", with message "%s".`, code, s)
	}},
	{"SMTP error (code)", func(s string) string {
		code, words, _ := strings.Cut(s, " ")
		return "SMTP error (" + code + ") " + words
	}},
	{"SMTP error", func(s string) string {
		codes, words := splitReply(s)
		code, enhanced, ok := strings.Cut(codes, " ")
		if !ok {
			return "SMTP error: " + s
		}
		return "SMTP error " + code + " (" + enhanced + ") " + words
	}},
	{"multiline", func(s string) string {
		codes, words := splitReply(s)
		dashed := strings.Replace(codes, " ", "-", 1) + " "
		if !strings.Contains(codes, " ") {
			dashed = codes + "-"
		}
		ls := strings.Split(wrapAt(60)(words), "\n")
		for i := range ls {
			if i == len(ls)-1 {
				dashed = codes + " "
			}
			ls[i] = dashed + ls[i]
		}
		return strings.Join(ls, "\r\n")
	}},
	{"Diagnostic-Code", form("Final-Recipient: rfc822;u@fabrikam.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;%R\n")},
}

// every is how many known replies share the frames: each goes into some of
// them, so that the test stays fast.
const every = 3

// TestFrames puts known replies into each frame: at least 98 in 100 keep the
// row that they have alone.
func TestFrames(t *testing.T) {
	var known []string
	for _, name := range []string{"testdata/field-manuals.tsv", "testdata/unseen.tsv", "testdata/unseen2.tsv", "testdata/unseen3.tsv",
		"testdata/unseen4.tsv"} {
		for _, c := range labelledSet(t, name) {
			s := strings.Join(strings.Fields(strings.TrimPrefix(c[1], "smtp;")), " ")
			if code, ok := codeAt(s+" ", 0); ok && code >= 400 && s[3] == ' ' && !strings.Contains(s, "$") {
				known = append(known, s)
			}
		}
	}
	alone := make([]string, len(known))
	for i, reply := range known {
		alone[i] = rowsOf(Find([]byte(reply))[0])
	}
	for n, f := range frames {
		kept, all := 0, 0
		for i, reply := range known {
			if (i+n)%every != 0 {
				continue
			}
			all++
			want := alone[i]
			got := "nothing"
			if found := Find([]byte(f.put(reply))); len(found) > 0 {
				got = rowsOf(found[0])
			}
			if got == want {
				kept++
			} else {
				t.Logf("%s: got %s, want %s: %s", f.name, got, want, reply)
			}
		}
		t.Logf("FRAME %s: %d of %d replies keep their row", f.name, kept, all)
		if kept*100 < all*98 {
			t.Errorf("%s: only %d of %d replies keep their row", f.name, kept, all)
		}
	}
}

func explainReply(r Reply) []replies.Explanation {
	q := replies.Query{Code: r.Code, Enhanced: r.Enhanced, Text: r.Text, Path: r.Path}
	switch {
	case r.SignIn:
		q.Stage = replies.StageAuth
	case r.Submitted:
		q.Stage = replies.StageSubmission
	default:
		q.Stage = replies.Stage(r.Command)
	}
	if ps := replies.Providers(r.RemoteMTA); len(ps) > 0 {
		q.Provider = ps[0]
	}
	return replies.Explain(q)
}

// labelledSet reads a set: [provider,] topic, reply, separated by tabs.
func labelledSet(t *testing.T, name string) [][2]string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all [][2]string
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		all = append(all, [2]string{f[len(f)-2], strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(f[len(f)-1])})
	}
	return all
}

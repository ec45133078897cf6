package bounce

import (
	"strings"
	"testing"
)

// TestCodeShapes reads the codes of one reply in the forms in which servers,
// loggers and people write them.
func TestCodeShapes(t *testing.T) {
	const words = " Unable to relay"
	for _, shape := range []string{
		"550 5.7.1" + words, "550-5.7.1" + words, "SMTP 550 5.7.1" + words, "550,5.7.1" + words, "550, 5.7.1," + words,
		"550 #5.7.1" + words, "550 (#5.7.1)" + words, "(550) 5.7.1" + words, "550 (5.7.1)" + words, "550: 5.7.1:" + words,
		"550 5.7.1:" + words, "550;5.7.1;" + words, "550/5.7.1" + words, "550 - 5.7.1 -" + words, "[550] [5.7.1]" + words,
		"550 [5.7.1]" + words, "550.5.7.1" + words, "550 5.7.1;" + words, "\"550 5.7.1" + words + "\"", "Error 550 5.7.1" + words,
		"SMTP error: 550 5.7.1" + words, "error=550 5.7.1" + words, "550\t5.7.1" + words, "550 5.7.1\n" + words, "５５０　５．７．１" + words,
		"550 5. 7. 1" + words, "Code: 550, Status: 5.7.1, Text:" + words, "5.7.1 (550)" + words, "smtp;550 5.7.1" + words,
		"550_5.7.1" + words, "550\u00a05.7.1" + words, "**550 5.7.1**" + words, "`550 5.7.1" + words + "`", "550-5.7.1-" + words[1:],
		"#550 5.7.1" + words, "#< #5.7.1 smtp;550 5.7.1" + words + "> #SMTP#", "Fehler 550 5.7.1" + words, "erreur 550 5.7.1" + words,
		"SMTP550 5.7.1" + words, "code 550: 5.7.1" + words, "<550 5.7.1" + words + ">", "Reply(550): 5.7.1" + words,
	} {
		found := Find([]byte(shape))
		if len(found) == 0 || found[0].Code != 550 || found[0].Enhanced != "5.7.1" {
			t.Errorf("%q: %+v", shape, found)
		}
	}
}

// TestNoCode reads numbers that are no codes.
func TestNoCode(t *testing.T) {
	for _, s := range []string{
		"ping 5.7.1.10 and 4.4.7.2", "version 5.7.33 of 4.1.2026", "on 5.5.2026 at 5.50", "host 10.5.7.1 answered", "5.7.1-rc2 was released",
		"v5.7.1", "kernel 5.4.0-42-generic", "MySQL 5.7.40 started", "Outlook 4.5.1 crashed", "§ 5.7.1 of the manual", "see chapter 5.7.1",
		"section 4.2.1 explains that", "PHP 5.6.0", "Exim 4.9.4", "call 550 1234", "1.5.7.1", "5.7.1a", "release 4.4.2 is out", "Firmware 4.2.2",
		"nginx/5.7.1", "python-4.3.2.tar.gz", "EUR 550", "room 421",
	} {
		for _, r := range Find([]byte(s)) {
			if r.Code != 0 || r.Enhanced != "" && !r.bare() {
				t.Errorf("%q: %+v", s, r)
			}
		}
	}
}

// TestLongAndOldTexts reads a reply behind megabytes of text, one in Latin-1,
// and a bounce that anybody may have written.
func TestLongAndOldTexts(t *testing.T) {
	long := Read([]byte(strings.Repeat("a", 5<<20) + "\n550 5.1.1 User unknown"))
	if len(long.Replies) != 1 || long.Replies[0].Enhanced != "5.1.1" || len(long.Notes) != 1 {
		t.Errorf("long: %+v %q", long.Replies, long.Notes)
	}
	if got := Find([]byte("552 5.2.2 Bo\xeete pleine")); len(got) != 1 || got[0].Text != "Boîte pleine" {
		t.Errorf("Latin-1: %+v", got)
	}
	forged := Read([]byte("From: MAILER-DAEMON@contoso.com\r\nSubject: Undeliverable\r\nContent-Type: text/html\r\n\r\n" +
		"<p>550 5.2.2 Your mailbox is full. Validate at http://evil.example/</p>"))
	if forged.Kind != KindBounce || len(forged.Notes) != 1 {
		t.Errorf("forged: %s %q", forged.Kind, forged.Notes)
	}
}

// TestQuestions reads texts that ask about a code, and one that quotes a reply.
func TestQuestions(t *testing.T) {
	for text, want := range map[string]int{
		"Is 550 5.7.1 a spam error?":                         0,
		"how to fix 5.7.139 error in a printer":              0,
		"why do I get 550 5.7.1 when I write to her?":        0,
		"What does \"550 5.7.1 Unable to relay\" mean?":      1,
		"550 5.7.1 Unable to relay":                          1,
		"why 550 5.1.1 User unknown in virtual alias table?": 1,
	} {
		if got := Read([]byte(text)); len(got.Replies) != want || (want == 0) != (got.Kind == KindQuestion) {
			t.Errorf("%s: %+v %s", text, got.Replies, got.Kind)
		}
	}
}

// TestForeign names the protocol of a text that is not SMTP, and of nothing else.
func TestForeign(t *testing.T) {
	for text, want := range map[string]string{
		"ssh: connect to host 203.0.113.9 port 22: Connection refused": "SSH", "530 Login incorrect.": "FTP", "550 Failed to change directory.": "FTP", "ftp> put x\n550 Permission denied": "FTP",
		"-ERR [AUTH] failed": "POP3", "a1 NO [AUTHENTICATIONFAILED] failed": "IMAP", "* BYE closing": "IMAP",
		"dovecot: imap-login: Aborted login": "IMAP", "HTTP/1.1 503 Service Unavailable": "HTTP",
		"sshd[1]: Failed password for invalid user x": "SSH", "ERROR 1045 (28000): Access denied (using password: YES)": "MySQL",
		"550 no such user here": "", "550 5.1.1 User unknown": "", "530 5.7.0 Must issue a STARTTLS command first": "",
		"535 Login failed": "", "554 No SMTP service": "", "550 No such recipient": "", "421 Service not available": "",
	} {
		got := Read([]byte(text))
		if got.Protocol != want || (got.Kind == KindForeign) != (want != "") || want != "" && len(got.Replies) > 0 {
			t.Errorf("%q: %+v %s %s", text, got.Replies, got.Kind, got.Protocol)
		}
	}
}

package bounce

import "testing"

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

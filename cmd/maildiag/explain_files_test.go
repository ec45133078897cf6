package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Several files are not read as one text; words that hold a path are.
func TestExplainSeveralFiles(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "bounce")
	if err := os.WriteFile(saved, []byte("550 5.1.1 user unknown\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{saved, saved}, {saved, "b.eml"}, {"a.eml", "b.eml"}, {"./spam/full.eml", "missing.msg"}, {"x.txt", "y.txt", "z.txt"}} {
		if out, _, code := maildiag(t, "", append([]string{"explain"}, args...)...); code != exitUsage || out != "" {
			t.Errorf("%v: exit code %d, %q", args, code, out)
		}
	}
	if _, stderr, code := maildiag(t, "", "explain", "550", "5.1.1", "user", "unknown"); code != exitOK {
		t.Errorf("words: exit code %d: %s", code, stderr)
	}
}

// What the user says of the sender is read before anything is asked.
func TestExplainSender(t *testing.T) {
	const reply = "550 5.7.23 The message was rejected because of Sender Policy Framework violation"
	for _, flags := range [][]string{
		{"--ip", "nonsense"}, {"--ip", "203.0.113"}, {"--ip", "203.0.113.7/32"}, {"--ip", "fe80::1%eth0"}, {"--ip", "mail.contoso.com"},
		{"--from", "@@"}, {"--from", "user@"}, {"--from", "@contoso.com"}, {"--from", "a b@contoso.com"}, {"--from", "a@b@contoso.com"},
		{"--from", "203.0.113.7"}, {"--from", "con toso.com"}, {"--from", "<me@contoso.com>"},
	} {
		if out, _, code := maildiag(t, "", append([]string{"explain", reply, "--check"}, flags...)...); code != exitUsage || out != "" {
			t.Errorf("%v: exit code %d, %q", flags, code, out)
		}
	}
	for _, flags := range [][]string{{"--ip", "203.0.113.7"}, {"--from", "contoso.com"}} {
		if _, _, code := maildiag(t, "", append([]string{"explain", reply}, flags...)...); code != exitUsage {
			t.Errorf("%v without --check: exit code %d", flags, code)
		}
	}
	for given, want := range map[string]explainFlags{
		"203.0.113.7 contoso.com":            {ip: "203.0.113.7", from: "contoso.com"},
		"::ffff:203.0.113.7 Me@CONTOSO.com.": {ip: "203.0.113.7", from: "Me@contoso.com"},
		"2001:DB8:0::7 me@münchen.example":   {ip: "2001:db8::7", from: "me@xn--mnchen-3ya.example"},
	} {
		ip, from, _ := strings.Cut(given, " ")
		f := explainFlags{check: true, ip: ip, from: from}
		if err := f.settleSender(); err != nil || f.ip != want.ip || f.from != want.from {
			t.Errorf("%s: %s %s %v", given, f.ip, f.from, err)
		}
	}
	if _, _, code := maildiag(t, "", "explain", reply, "-o", t.TempDir()); code != exitUsage {
		t.Errorf("a folder as the output: exit code %d", code)
	}
}

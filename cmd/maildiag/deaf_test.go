package main

import (
	"net"
	"regexp"
	"strings"
	"testing"
)

// layerWords are how Go and the packages below word a failure of the network. They are
// not for people.
var layerWords = regexp.MustCompile(`dial (tcp|udp)|(read|write) (tcp|udp)|i/o timeout|recvmmsg|sendmmsg|context (deadline|canceled)|` +
	`\b(dns|dnsrec|spf|dkim|dmarc|authority|httpsget|smtpprobe): |: network\b|network from|connect: `)

// Where no resolver answers, each command says so in words, and that nothing is
// known: never in those of the program's own layers, never "nothing found".
func TestNoResolver(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.Addr().String()
	closed.Close()
	const message = "Return-Path: <a@bank.example>\nReceived: from mail.bank.example (mail.bank.example [203.0.113.9]) by mx.contoso.com (Postfix) " +
		"with ESMTPS id 1; Thu, 26 Nov 2026 10:00:00 +0000\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=bank.example; s=s1; " +
		"h=from:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\nFrom: a@bank.example\nSubject: hi\n\nbody\n"
	for _, command := range []string{
		"check contoso.com", "spf contoso.com", "spf contoso.com --ip 192.0.2.1", "spf contoso.com --add ip4:192.0.2.1",
		"dmarc contoso.com", "dmarc contoso.com --dkim example.com", "plan contoso.com", "consistency contoso.com", "migrate contoso.com",
		"smtp --mx contoso.com", "smtp smtp.contoso.com", "explain --check 550 5.7.1 Unable to relay",
		"explain --check -",
		"check contoso.com --json", "spf contoso.com --json", "spf contoso.com --ip 192.0.2.1 --json", "spf contoso.com --flat --json",
		"dmarc contoso.com --json", "dmarc contoso.com --dkim example.com --json", "plan contoso.com --to json", "consistency contoso.com --json",
		"migrate contoso.com --json", "smtp --mx contoso.com --json", "smtp smtp.contoso.com --json", "explain --check - --json",
	} {
		args := append(strings.Fields(command), "--resolver", "tcp://"+addr)
		if strings.HasSuffix(command, "relay") {
			args = []string{"explain", "--check", "550 5.7.1 <bob@contoso.com>: Unable to relay", "--resolver", "tcp://" + addr}
		}
		out, errs, code := maildiag(t, message, args...)
		text := out + errs
		if words := layerWords.FindString(text); words != "" || strings.Contains(text, "nothing found") {
			t.Errorf("%s: %q in\n%s", command, words, text)
		}
		if !strings.Contains(text, "could not be reached") {
			t.Errorf("%s does not say that the resolver could not be reached:\n%s", command, text)
		}
		if code == exitOK && !strings.HasPrefix(command, "explain") || code == exitFound {
			t.Errorf("%s: exit code %d", command, code)
		}
	}
}

package main

import (
	"net"
	"regexp"
	"strings"
	"testing"
)

// layerWords are how Go and the packages below word a failure of the network. They are
// not for people.
var layerWords = regexp.MustCompile(`dial (tcp|udp)|read (tcp|udp)|recvmmsg|sendmmsg|\bdns: |: network\b|network from|connect: `)

// Where no resolver answers, each command says so in words, and that nothing is
// known: never in those of the program's own layers, never "nothing found".
func TestNoResolver(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.Addr().String()
	closed.Close()
	for _, command := range []string{
		"check contoso.com", "spf contoso.com", "spf contoso.com --ip 192.0.2.1", "spf contoso.com --add ip4:192.0.2.1",
		"dmarc contoso.com", "dmarc contoso.com --dkim example.com", "plan contoso.com", "consistency contoso.com", "migrate contoso.com",
		"smtp --mx contoso.com", "smtp smtp.contoso.com", "explain --check 550 5.7.1 Unable to relay",
	} {
		args := append(strings.Fields(command), "--resolver", "tcp://"+addr)
		if strings.HasPrefix(command, "explain") {
			args = []string{"explain", "--check", "550 5.7.1 <bob@contoso.com>: Unable to relay", "--resolver", "tcp://" + addr}
		}
		out, errs, code := maildiag(t, "", args...)
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

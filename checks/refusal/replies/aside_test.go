package replies

import (
	"strings"
	"testing"
)

// names are things that a reply may name, with a word in them that is no word of the
// reply.
var names = []string{"/var/log/%s/today.log", `C:\mail\%s.txt`, "~/mail/%s/x", "./etc/postfix/%s-map", "%s.contoso.com", "mx1.%s.fabrikam.de", "%s-gw.corp.local",
	"X-%s-Status-Flag:", "<%s@contoso.com>", "<x.%s.1@mail.contoso.com>", "helo=<%s.contoso.com>", "file=/srv/%s/a.db", "(%s.example.net)", "[%s.example.net]"}

// TestNames holds that the words in names of files, hosts, header fields and addresses
// are not those of the reply: neither before, within nor after it.
func TestNames(t *testing.T) {
	for _, name := range names {
		for _, word := range []string{"spam", "virus", "quota", "blocked", "relay", "greylist", "dmarc", "attachment"} {
			named := strings.ReplaceAll(name, "%s", word)
			for _, text := range []string{"Refused at desk " + named, named + " says no", "Go to " + named + " for details"} {
				if m := Match(554, "5.0.0", text)[0]; m.Known() {
					t.Errorf("%q: %s", text, m.Row.ID)
				}
			}
			for said, want := range map[string]string{"User unknown": "common.user-unknown", "Mailbox full": "common.mailbox-full"} {
				if m := Match(550, "", said+" ("+named+")")[0]; !m.Known() || m.Row.ID != want {
					t.Errorf("%s (%s): %s", said, named, m.Row.ID)
				}
			}
		}
	}
}

// TestNotNames holds what is no name: lists that replies give as their reason, and words
// with dots and slashes.
func TestNotNames(t *testing.T) {
	for text, want := range map[string]string{
		"listed at zen.spamhaus.org":            "common.dnsbl",
		"blocked using bl.spamcop.net":          "common.dnsbl",
		"RESOLVER.RST.NotAuthorized":            "exo.rst-not-authorized",
		"spam/virus detected":                   "",
		"mailbox.full":                          "",
		"blocked by b.barracudacentral.org":     "common.dnsbl",
		"Your message is spam. Rejected.":       "",
		"STOREDRV.Deliver; mailbox is full now": "",
	} {
		m := Match(550, "5.7.1", text)[0]
		if !m.Known() || want != "" && m.Row.ID != want {
			t.Errorf("%s: %s, want %s", text, m.Row.ID, want)
		}
	}
}

// TestNetworkOfOthers holds that a name or a connection that failed is a matter of mail
// only where a word, a host or a port of mail stands by.
func TestNetworkOfOthers(t *testing.T) {
	for _, form := range []string{
		"getaddrinfo ENOTFOUND %h", "java.net.UnknownHostException: %h", "java.net.ConnectException: Connection refused: %h%p", "dial tcp: lookup %h: no such host",
		"dial tcp %a%p: connect: connection refused", "dial tcp %a%p: i/o timeout", "Error: connect ECONNREFUSED %a%p", "Error: connect ETIMEDOUT %a%p",
		"System.Net.Sockets.SocketException (11001): No such host is known. (%h%p)", "socket.gaierror: [Errno -2] Name or service not known: '%h'",
		"Could not connect to %h%p: Connection timed out", "x509: certificate is valid for www.contoso.com, not %h",
	} {
		for _, c := range []struct {
			host, port, address string
			mail                bool
		}{
			{"api.contoso.com", ":443", "192.0.2.4", false}, {"db.contoso.com", ":5432", "10.0.0.4", false}, {"vault.contoso.com", "", "10.0.0.4", false},
			{"redis.contoso.com", ":6379", "127.0.0.1", false}, {"smtp.contoso.com", ":587", "192.0.2.4", true}, {"mail.contoso.com", ":25", "192.0.2.4", true},
			{"smtp.office365.com", ":465", "192.0.2.4", true},
		} {
			text := strings.NewReplacer("%h", c.host, "%p", c.port, "%a", c.address).Replace(form)
			if found := ExplainWords(text); (len(found) > 0) != c.mail {
				t.Errorf("%q: %s, mail %v", text, ids(found), c.mail)
			}
		}
	}
}

// replaceOnce puts a text in the place of %s.
func replaceOnce(form, text string) string { return strings.Replace(form, "%s", text, 1) }

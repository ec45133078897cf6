package replies

import (
	"testing"

	"maildiag/report"
)

// TestElsewhere holds that what other programs and people say in words that mail
// servers use too is not explained as a reply.
func TestElsewhere(t *testing.T) {
	for _, text := range []string{
		"kernel: ext4: disk quota exceeded for uid 1000",
		"Error 550: invoice number 5.1.10 not found by lookup; recipient not found",
		"java.net.ConnectException: Connection timed out to db.contoso.com:5432",
		"dig: connection timed out; no servers could be reached",
		"Windows Update 0x80240034 failed; certificate has expired",
		"x509: certificate has expired or is not yet valid: kubelet",
		"disk full: no space left on device",
		"TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)",
		"TLS Error: TLS handshake failed, IKEv2 peer does not answer",
		"TLS Error: cannot locate HMAC in incoming packet, tls-auth is required",
		"spam spam spam eggs",
		"spam, eggs and ham for breakfast",
		"Terraform 5.1.1 failed: user not found",
		"The elevator is blocked, access denied",
		"Jira: user does not exist in this directory",
		"Kafka: message size exceeds maximum message size 1048588",
		"RabbitMQ: queue full, message rejected",
		"MQTT: message queue overloaded, messages dropped",
		"net/http: TLS handshake timeout",
		"The payroll account is locked by policy",
		"telnet: Unable to connect to remote host: Connection refused",
		"kex_exchange_identification: Connection closed by remote host\nConnection refused (111)",
		"ssh_exchange_identification: read: Connection reset by peer",
		"ftp: connect: Connection refused",
		"421 Service not available, remote server has closed connection",
		"too many requests, rate limit exceeded for this API key",
	} {
		if found := ExplainWords(text); len(found) > 0 {
			t.Errorf("%q: %s", text, found[0].Row.ID)
		}
	}
}

// TestAnybodysSignIn holds that a refused sign-in of which nothing shows that it is
// Microsoft's is not for an administrator of Microsoft 365.
func TestAnybodysSignIn(t *testing.T) {
	for _, enhanced := range []string{"5.1.0", "5.0.0", "5.5.1"} {
		got := Match(550, enhanced, "authentication failed")
		if len(got) == 0 || got[0].Row.Owner == report.OwnerM365 {
			t.Errorf("%s: %s", enhanced, ids(got))
		}
	}
}

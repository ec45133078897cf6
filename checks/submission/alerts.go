package submission

import (
	"fmt"

	"maildiag/report"
	"maildiag/smtpprobe"
)

// alert is what one TLS alert of a server means. RFC 8446 6, RFC 5246 7.2
type alert struct {
	name, means string
	fix         string
	input       bool // the name or address that was given is at fault, not the server
}

const (
	clientCertificate = "The server checks certificates of clients, and maildiag sends none. Turn that off for this port, or use a host for clients."
	olderOrNewer      = "Enable TLS 1.2 and 1.3 on the server."
)

// alerts are the alerts by number.
var alerts = map[int]alert{
	40:  {"handshake_failure", "the server and current clients have no cipher or signature algorithm in common", "Enable current ciphers on the server (ECDHE with AES-GCM), and check that its certificate has a key for them.", false},
	42:  {"bad_certificate", "the server rejects the certificate of the client", clientCertificate, false},
	43:  {"unsupported_certificate", "the server cannot use this kind of client certificate", clientCertificate, false},
	44:  {"certificate_revoked", "the server says that the client's certificate is revoked", clientCertificate, false},
	45:  {"certificate_expired", "the server says that the client's certificate has expired", clientCertificate + " Check the server's clock too.", false},
	46:  {"certificate_unknown", "the server does not accept the certificate of the client", clientCertificate, false},
	48:  {"unknown_ca", "the server does not know the authority of the client's certificate", clientCertificate, false},
	49:  {"access_denied", "the server denies access in the TLS handshake", "Ask the server's operator to allow this address.", false},
	51:  {"decrypt_error", "the server could not verify a signature of the handshake", "The server, or a device in between that rewrites TLS, handles keys incorrectly. Update it.", false},
	70:  {"protocol_version", "the server supports no TLS version that current clients use", olderOrNewer, false},
	71:  {"insufficient_security", "the server requires stronger ciphers than this connection offers", "Enable the standard ciphers of RFC 9325 4.2 on the server.", false},
	80:  {"internal_error", "the server has an internal error", "Check the server's log: often its certificate or key cannot be read.", false},
	86:  {"inappropriate_fallback", "the server sees a downgrade of the TLS version", "A device in between lowers the TLS version. Turn off TLS inspection.", false},
	90:  {"user_canceled", "the server canceled the handshake", "Run again. If it stays, look into the server's log.", false},
	109: {"missing_extension", "the server requires a TLS extension that the handshake lacks", "Update the TLS library of the server, or of the device in between.", false},
	112: {"unrecognized_name", "the server has no certificate for this host name", "Check the host name. If it is right, install a certificate for it on the server.", true},
	113: {"bad_certificate_status_response", "the server rejects a certificate status (OCSP)", "Update the TLS library of the server.", false},
	115: {"unknown_psk_identity", "the server expects a key that was shared before", "Turn off TLS-PSK on the server for this port.", false},
	116: {"certificate_required", "the server requires a certificate of the client", clientCertificate, false},
	120: {"no_application_protocol", "the server expects another protocol inside TLS (ALPN)", "This port is not for mail, or a proxy in between expects web traffic. Check host and port.", true},
}

// alerted is the finding of a handshake that the server ended with an alert.
func (v verdict) alerted(e *smtpprobe.Error) report.Finding {
	a, known := alerts[e.Alert]
	if !known {
		a = alert{"unknown", "the server ended the TLS handshake", "Check the server's log.", false}
	}
	y := v.broken("tls", "no TLS: %s (alert %d, %s)", a.means, e.Alert, a.name)
	y.Data = map[string]any{"alert": e.Alert}
	owner, text := v.repairer(), a.fix
	switch {
	case v.cloud != nil:
		text = fmt.Sprintf("Microsoft's hosts do not send this alert to current clients: a device in between answers for them. Exempt %s from TLS inspection.", v.subject())
	case a.input:
		owner = report.OwnerYou
		y.Cause = report.CauseInput
	}
	return advise(y, owner, text, "RFC 8446 6")
}

package tlsreport

// Fault explains a result type of RFC 8460 4.3.
type Fault struct {
	Result string
	Means  string
	Whose  string // who can clear it, "" if that is not certain
	Advice string
}

// Who can clear a fault.
const (
	mailAdmin = "mail server admin"
	webAdmin  = "admin of the policy host"
	dnsAdmin  = "DNS admin"
)

// FaultOf returns what is known of a result type. RFC 8460 4.3 lets others be
// added: they are not known.
func FaultOf(result string) Fault {
	for _, f := range faults() {
		if f.Result == result {
			return f
		}
	}
	return Fault{Result: result, Means: "a result type that RFC 8460 does not define"}
}

// Server reports whether the mail server is at fault, and not a record or the
// policy of the domain.
func (f Fault) Server() bool { return f.Whose == mailAdmin }

func faults() []Fault {
	return []Fault{
		{"starttls-not-supported", "The mail server does not offer STARTTLS, or something on the way removes it.", mailAdmin,
			"Offer STARTTLS on port 25. If it is offered, ask the sender which network the connection crosses."},
		{"certificate-host-mismatch", "The certificate does not name the mail server.", mailAdmin,
			"Install a certificate whose names include the MX host name."},
		{"certificate-expired", "The certificate of the mail server has expired.", mailAdmin,
			"Renew the certificate, and let the renewal reload the mail server."},
		{"certificate-not-trusted", "The certificate does not chain to an authority that senders trust.", mailAdmin,
			"Install a certificate of a public authority together with its intermediate certificates."},
		{"validation-failure", "TLS failed for a reason that the report does not name.", "",
			"Compare the server and the time in the report with the log of the mail server."},
		{"tlsa-invalid", "A TLSA record does not match the certificate, or is malformed.", dnsAdmin,
			"Publish a TLSA record that matches the present certificate (maildiag DOMAIN shows both)."},
		{"dnssec-invalid", "DNSSEC validation failed for a name of the domain.", dnsAdmin,
			"Check the DS record at the registrar and the signatures of the zone."},
		{"dane-required", "The sender requires DANE, and there is no usable TLSA record.", "",
			"The sender chose this. Publish TLSA records, or agree on another way with the sender."},
		{"sts-policy-fetch-error", "The MTA-STS policy could not be fetched.", webAdmin,
			"Serve the policy at https://mta-sts.DOMAIN/.well-known/mta-sts.txt without a redirect."},
		{"sts-policy-invalid", "The MTA-STS policy could not be read.", webAdmin,
			"Correct the policy (maildiag DOMAIN shows the fault)."},
		{"sts-webpki-invalid", "The certificate of the policy host is not valid for mta-sts.DOMAIN.", webAdmin,
			"Install a valid certificate on the policy host."},
	}
}

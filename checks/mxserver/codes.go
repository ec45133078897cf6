package mxserver

import "maildiag/checks/kit"

// Codes returns the pages of the codes of the check.
func Codes() []kit.CodeDoc {
	return []kit.CodeDoc{
		{
			Code:  "mxserver.dns",
			Means: "Whether the MX hosts have addresses that can be connected to.",
			Why:   "A host without a public address receives no mail.",
			Wrong: "An internal resolver may return internal addresses. Use --resolver to ask a public one.",
			Fix:   "Publish the address of the host, or correct the MX record.",
		},
		{
			Code:  "mxserver.tcp",
			Means: "Whether each address accepts a connection on port 25.",
			Why:   "Mail waits at its sender until a server accepts it.",
			Wrong: "The server may reject your network only. Test from another one.",
			Fix:   "Start the mail server, or open port 25 in its firewall.",
		},
		{
			Code:  "mxserver.greeting",
			Means: "Whether the server greets and accepts EHLO.",
			Why:   "Without that no message is accepted.",
			Wrong: "A rejection here is about the address of this computer, not about the domain.",
			Fix:   "Run maildiag on a network that mail servers accept.",
		},
		{
			Code:    "mxserver.starttls",
			Means:   "Whether the server offers STARTTLS, and which TLS version results.",
			Why:     "Without TLS, mail is readable on the way, and senders that require TLS do not deliver.",
			Wrong:   "Your own network may remove STARTTLS. maildiag compares with another host first.",
			Fix:     "Install a certificate on the server and enable STARTTLS.",
			Sources: []string{"RFC 3207 4"},
		},
		{
			Code:    "mxserver.certificate",
			Means:   "Whether the certificate is from a public authority, for the MX host, and current.",
			Why:     "Senders that honor MTA-STS do not deliver to a server with another certificate.",
			Wrong:   "Most senders accept any certificate. With DANE, only the TLSA records count. If this computer's clock is wrong, set it first.",
			Fix:     "Install a certificate for the MX host from a public authority.",
			Sources: []string{"RFC 8461 4.2"},
		},
		{
			Code:    "mxserver.tlsa",
			Means:   "Whether the certificate that the server shows matches its TLSA records.",
			Why:     "If DNSSEC protects the records and none matches, senders that use DANE do not deliver.",
			Wrong:   "After a new certificate is installed, caches may still hold the old records.",
			Fix:     "Publish the TLSA record for a new certificate before you install it.",
			Sources: []string{"RFC 7672 3.1", "RFC 7671 8.1"},
		},
		{
			Code:    "mxserver.ptr",
			Means:   "Whether the address has a name (PTR) that points back to it.",
			Why:     "Receivers reject mail from addresses without one.",
			Wrong:   "It does not matter for a server that only receives.",
			Fix:     "Ask the provider of the address to set the PTR record.",
			Sources: []string{"RFC 1912 2.1"},
		},
		{
			Code:  "mxserver.path",
			Means: "Your network blocks or changes connections on port 25.",
			Why:   "Nothing can be said about the servers of the domain then.",
			Wrong: "It is not a fault of the domain.",
			Fix:   "Run maildiag on another network.",
		},
		{
			Code:  "mxserver.limit",
			Means: "How many addresses were not connected to.",
			Why:   "One run makes few connections, so that it is a burden to nobody.",
			Wrong: "The addresses left out may behave differently.",
			Fix:   "None is needed.",
		},
	}
}

package submission

import (
	"slices"

	"maildiag/checks/kit"
)

// Codes returns the pages of the codes of the checks submission and auth.
func Codes() []kit.CodeDoc {
	return slices.Concat(submissionCodes, authCodes)
}

const exemptHost = "Ask your network admin to exempt the host from SMTP and TLS inspection."

var submissionCodes = []kit.CodeDoc{
	{
		Code:  "submission.dns",
		Means: "Whether the submission host has addresses.",
		Why:   "Without an address no device can connect.",
		Wrong: "If the resolver is at fault, the domain and Microsoft are not.",
		Fix:   "Correct the host name in the device, or use another resolver.",
	},
	{
		Code:  "submission.tcp",
		Means: "Whether the submission port accepts a connection from here.",
		Why:   "A blocked port stops scanners, printers and programs from sending.",
		Wrong: "It says something about this network only. Another network may work.",
		Fix:   "Allow outgoing TCP connections to the host on port 587 in the firewall.",
	},
	{
		Code:  "submission.greeting",
		Means: "Whether the server greets as a mail server, and as the one expected.",
		Why:   "Another greeting shows that a device in between answers or alters the connection.",
		Wrong: "If the certificate proves the host, an unusual greeting is harmless.",
		Fix:   exemptHost,
	},
	{
		Code:    "submission.ehlo",
		Means:   "Whether the server accepts EHLO and lists its extensions.",
		Why:     "Without them there is no TLS and no sign-in.",
		Wrong:   "A server that says try again later is only busy.",
		Fix:     exemptHost,
		Sources: []string{"RFC 5321 4.1.1.1"},
	},
	{
		Code:    "submission.starttls",
		Means:   "Whether the server offers STARTTLS and accepts it.",
		Why:     "Microsoft always offers it. If it is missing, something in between removed it, and nobody can sign in.",
		Wrong:   "Never work around it by sending the password without TLS.",
		Fix:     exemptHost,
		Sources: []string{"RFC 3207 4"},
	},
	{
		Code:    "submission.injection",
		Means:   "Plaintext was injected between STARTTLS and the TLS handshake.",
		Why:     "It is an attack, or a device in between that handles SMTP badly.",
		Wrong:   "Do not sign in from this network until it is explained.",
		Fix:     exemptHost,
		Sources: []string{"RFC 3207 5"},
	},
	{
		Code:    "submission.tls",
		Means:   "Whether the TLS handshake succeeds, and with which version.",
		Why:     "Exchange Online needs TLS 1.2 or newer. Old devices and inspecting firewalls fail here.",
		Wrong:   "It tests this machine, not your device. The device may support older versions only.",
		Fix:     exemptHost + " Update devices that support only old TLS versions.",
		Sources: []string{"RFC 8996"},
	},
	{
		Code:  "submission.certificate",
		Means: "Whether the certificate is valid for the host and comes from a known authority.",
		Why:   "Devices refuse a certificate of an inspecting firewall and report a password problem.",
		Wrong: "If the clock of this machine is wrong, set it first.",
		Fix:   exemptHost,
	},
	{
		Code:  "submission.sni",
		Means: "The server shows another certificate, or none, to clients that do not name the host in the TLS handshake (SNI).",
		Why:   "Old devices and programs do not name it. They reject the certificate and often report a password problem.",
		Wrong: "Current clients name the host. Without old devices there is nothing to do.",
		Fix:   "Make the certificate for this host the server's default.", Sources: []string{"RFC 6066 3"},
	},
	{
		Code:    "submission.auth",
		Means:   "Which sign-in mechanisms the server offers, and whether it offers them only inside TLS.",
		Why:     "A device needs one that it supports.",
		Wrong:   "That a mechanism is offered does not mean that the tenant allows it.",
		Fix:     "Use LOGIN or XOAUTH2, as the server offers.",
		Sources: []string{"RFC 4954 3"},
	},
	{
		Code:  "submission.host",
		Means: "The server is one of Microsoft's with rules of its own: High Volume Email, old devices, consumers, or Azure.",
		Why:   "What is right at smtp.office365.com may be wrong there.",
		Wrong: "It is a remark, not a fault.",
		Fix:   "Check that the device is meant to use this server.",
	},
	{
		Code:    "submission.device",
		Means:   "Whether a device like the one of --device could send through this server.",
		Why:     "Old devices fail at TLS or at sign-in and often report a password problem.",
		Wrong:   "The profiles are generic: your device may be able to do more. Look for its TLS settings first.",
		Fix:     "Update the device, or use the server or relay that the finding names.",
		Sources: []string{"RFC 8996 2", "https://aka.ms/smtp_auth_tls"},
	},
	{
		Code:  "submission.clock",
		Means: "Whether this machine's clock explains why certificates seem expired or not yet valid.",
		Why:   "With a wrong clock every certificate looks expired or not valid yet.",
		Wrong: "If only one host's certificate has expired, the clock is right.",
		Fix:   "Set the clock, then run again.",
	},
	{
		Code:    "submission.protocol",
		Means:   "Whether the replies of the server are well-formed: line ends, and codes that agree.",
		Why:     "Clients and devices read such replies differently, and may retry what failed for good.",
		Wrong:   "At Microsoft's hosts a device in between writes them.",
		Fix:     "Update the mail server, or the device in between.",
		Sources: []string{"RFC 5321 2.3.8", "RFC 2034 4"},
	},
	{
		Code:  "submission.path",
		Means: "The conclusion of comparison connections: whether this network, the server or the domain is at fault.",
		Why:   "It shows who has to act.",
		Wrong: "It is a conclusion from a few connections. Run again before you open a ticket.",
		Fix:   "Do what the finding says. --no-comparison leaves the comparison out.",
	}}

var authCodes = []kit.CodeDoc{
	{
		Code:  "auth.login",
		Means: "Whether the sign-in test succeeded, and if not, what the server's reply means.",
		Why:   "A device with the same settings gets the same reply.",
		Wrong: "Do not enable SMTP AUTH for the whole tenant if one mailbox needs it.",
		Fix:   "Go through the settings that the finding lists, in this order.",
	},
	{
		Code:  "auth.token",
		Means: "Whether the access token is meant for Exchange Online, and when it expires.",
		Why:   "Exchange Online rejects a token with another audience or scope.",
		Wrong: "The token is read, not verified: its signature is not checked.",
		Fix:   "Request a token with the scope that the finding names.",
	},
	{
		Code:    "auth.retirement",
		Means:   "The sign-in uses a password. Microsoft is retiring passwords over SMTP (Basic authentication).",
		Why:     "Devices that sign in with a password stop sending.",
		Wrong:   "Sign-in with OAuth (XOAUTH2) is not affected.",
		Fix:     "Move the device to OAuth. If it cannot do that, use a relay connector or High Volume Email.",
		Sources: []string{retirementSource},
	},
	{
		Code:  "auth.sender",
		Means: "Whether the server accepts the sender address of --from for this account.",
		Why:   "An account may send only from addresses it has permission for.",
		Wrong: "Do not grant Send As to a device for more mailboxes than it needs.",
		Fix:   "Use the account's own address, or grant the account Send As permission.",
	},
	{
		Code:  "auth.recipient",
		Means: "Whether the server accepts the recipient address of --to.",
		Why:   "Mail to this recipient is rejected for the same reason.",
		Wrong: "No mail was sent: the test ends before the message.",
		Fix:   "Check the address. Limits of the account may apply too.",
	}}

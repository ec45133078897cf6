package replies

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/report"
)

// loopback matches the machine itself as the target of a connection, RFC 1122 3.2.1.3 and RFC 4291 2.5.3.
var loopback = kit.Lazily(`(?i)\b127\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|(?:^|[\s\[(])::1\b|\blocalhost\b|\]:1002[456]\b`)

// turnedAway matches what the network says where nothing listens.
var turnedAway = kit.Lazily(`(?i)\bECONNREFUSED\b|\bconnection (?:was )?refused\b|\bactively refused\b|\brefused (?:the |your )?connection\b|\bunable to connect to (?:127\.0\.0\.\d|localhost)|\b10061\b`)

// ownMachine is what a refused connection means that goes to the machine itself.
var ownMachine = Elsewhere{
	Owner:   report.OwnerUser,
	Meaning: "No mail server accepts connections on the machine itself, to which the program connects (localhost).",
	Causes: []string{
		"The program sends through localhost, and no mail server is installed or running there.",
		"In a container, localhost is the container, not its host.",
	},
	Fix: []string{
		"Set the name of a mail server, its port, user name, and password in the settings of the program.",
		"If a mail server should run on this machine, start it and check its port.",
	},
}

// ownFilter is what it means to a mail server that hands messages to a service of its own.
var ownFilter = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "A mail service or filter on the sending server itself (localhost), to which messages are handed, does not accept connections.",
	Causes:  []string{"The mail server, content filter or virus scanner there is stopped, or listens on another port."},
	Fix:     []string{"Start that service on the sending server, and compare its port with the settings. The queue then empties by itself."},
}

// onThisMachine changes a row about a connection that was refused by the machine itself:
// no network and no other server are involved.
func (r *Row) onThisMachine(text string, path Path) {
	if r.ID == "common.auth-required" && path == PathDelivery && senderRejected().MatchString(text) {
		r.take(&senderHosted)
	}
	if !strings.HasPrefix(r.ID, "common.timeout") || !turnedAway().MatchString(text) || !loopback().MatchString(text) {
		return
	}
	to := &ownMachine
	if path == PathDelivery || path == PathIncoming || otherPort(text) {
		to = &ownFilter
	}
	r.take(to)
	r.Next, r.Confirm = nil, 0
}

// onTheWay changes a row that blames the sender or the recipient if the reply shows that the
// cause lies on the way between them.
func (r *Row) onTheWay(q Query) {
	text := q.Text[:min(len(q.Text), maxText)]
	switch {
	case r.cause() == "spf" && q.Onward:
		r.take(&forwarder)
	case r.cause() == "spf" && hiddenClient().MatchString(text):
		r.take(&behindNAT)
	case r.ID == "common.helo" && passedOn().MatchString(text):
		r.take(&nextServer)
	case r.ID == "common.sender-domain" && everyones().MatchString(text):
		r.take(&blindServer)
	case r.ID == "common.domain-not-found" && everyones().MatchString(text):
		r.take(&blindServer)
		r.Owner = OwnerSender
	case r.ID == "common.own-config" && asksList().MatchString(text):
		r.take(&silentList)
	default:
		return
	}
	r.Next, r.Confirm = nil, 0
}

// asksList matches how Postfix warns of a block list that does not answer.
var asksList = kit.Lazily(`(?i)\bdnsblog|\brbl lookup error\b`)

// silentList is what that means.
var silentList = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The own server gets no answer from a block list. The warning alone rejects nothing: mail passes without that check.",
	Causes:  []string{"Its DNS resolver is slow or not reachable, or a public one that the list does not answer."},
	Fix:     []string{"Let the server ask a DNS resolver of your own, and compare the name of the list with its documentation."},
}

// forwarder is what SPF says of a message that was forwarded.
var forwarder = Elsewhere{
	Owner:   OwnerForwarder,
	Meaning: "SPF fails because the message was forwarded: the forwarding server is not one of the sender's domain, and keeps its address.",
	Causes:  []string{"The server that forwards does not rewrite the envelope sender."},
	Fix: []string{
		"Let the forwarding server rewrite the envelope sender (SRS), or fetch the mail from there instead of forwarding it.",
		"Do not add the forwarding server to the sender's SPF record, unless it is the sender's own.",
	},
}

// hiddenClient matches a private address as the one that SPF was checked for, RFC 1918.
var hiddenClient = kit.Lazily(`(?i)\b(?:client-)?ip=(?:10\.\d|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)`)

// behindNAT is what that means.
var behindNAT = Elsewhere{
	Owner:   report.OwnerRecipient,
	Meaning: "The receiving server does not see the address of the client but a private one, so SPF fails for all senders.",
	Causes:  []string{"A proxy, NAT or the network of the containers (Docker) in front of the mail server hides the addresses of clients."},
	Fix: []string{
		"Let the mail server see the real addresses: in Docker, turn off the userland proxy or use the host's network; behind a proxy, use the PROXY protocol.",
		"Until then, take that private address out of the networks that are trusted: everybody comes from it.",
	},
}

// passedOn matches a reply that quotes the one of the server to which a message is passed on.
var passedOn = kit.Lazily(`(?i)\bresponse=\W?[45]\d\d\b`)

// nextServer is what it means if that one rejects a HELO name.
var nextServer = Elsewhere{
	Owner:   report.OwnerRecipient,
	Meaning: "The receiving server passes the message on, and the next server rejects the name with which it introduces itself (HELO).",
	Causes:  []string{"The HELO name of the server that passes messages on is not a fully qualified host name."},
	Fix:     []string{"Send the whole reply to the operator of the server that said it: the HELO name is the one that this server gives."},
}

// everyones matches a domain that surely exists, first of all addresses and names in a text.
var everyones = kit.Lazily(`(?i)^[^@=]*(?:@|\bname=)(?:(?:gmail|googlemail|outlook|hotmail|live|yahoo|icloud|aol)\.com|gmx\.(?:de|net)|web\.de)(?:[^\w.-]|\.?$)`)

// blindServer is what it means that such a domain is not found.
var blindServer = Elsewhere{
	Owner:   report.OwnerRecipient,
	Meaning: "The server that says this does not find a domain in the DNS that surely exists: its own DNS does not work.",
	Causes:  []string{"Its DNS resolver is missing, wrong or not reachable, often in a container or after a change of the network."},
	Fix:     []string{"On that server, correct the DNS resolver (/etc/resolv.conf, also in Postfix's chroot) until it finds the MX of the domain."},
}

// senderRejected matches the words before a demand to sign in that is about the sender.
var senderRejected = kit.Lazily(`(?i)\bsender address rejected\b`)

// senderHosted is what such a demand means between two mail servers.
var senderHosted = Elsewhere{
	Owner:   report.OwnerRecipient,
	Meaning: "The recipient's server hosts the sender's domain, too, and accepts mail with that sender address only from its own users who sign in.",
	Causes: []string{
		"The message was forwarded, or a service sends it with an address of a domain that this server hosts.",
		"The sender's domain moved away, and the server still has it.",
	},
	Fix: []string{
		"The recipient's administrator removes the sender's domain from the server, or allows the sending server to use it.",
		"For forwarding, let the forwarding server rewrite the envelope sender (SRS).",
	},
}

// ofToken changes a row about a sign-in that Exchange Online refused without saying why, if
// the program signed in with a token.
func (r *Row) ofToken(used bool) {
	if used && r.ID == "exo.auth-unsuccessful" {
		r.take(&tokenRefused)
	}
}

// tokenRefused is what it means.
var tokenRefused = Elsewhere{
	Owner:   report.OwnerM365,
	Meaning: "Exchange Online refuses the OAuth token of the program for sending by SMTP.",
	Causes: []string{
		"The token is for another service or permission, such as Microsoft Graph: SMTP needs https://outlook.office.com/SMTP.Send (or, for an app alone, SMTP.SendAsApp).",
		"The user name in the sign-in is not the mailbox of the token, or the app's service principal has no access to that mailbox.",
		"SMTP AUTH is disabled for the mailbox or the organization; that holds for OAuth, too.",
	},
	Fix: []string{
		"Let the program request a token for https://outlook.office.com/SMTP.Send offline_access, and sign in with the mailbox of that token.",
		"For an app alone: register its service principal in Exchange Online, and give it access to the mailbox.",
		"Enable SMTP AUTH for the mailbox.",
	},
	Commands: []string{
		"Get-CASMailbox -Identity user@contoso.com | Format-List SmtpClientAuthenticationDisabled",
		"New-ServicePrincipal -AppId APPID -ObjectId OBJECTID; Add-MailboxPermission -Identity user@contoso.com -User OBJECTID -AccessRights FullAccess",
	},
	Portal: portalMailApps,
}

// consumer matches the address of a personal account of Microsoft or Google, whoever else
// is named after it.
var consumer = kit.Lazily(`(?i)^[^@\s]*[\s;,:'"<(]?[\w.+-]+@(?:(?:outlook|hotmail|live)\.[a-z]{2,3}(?:\.[a-z]{2})?|msn\.com|passport\.com|gmail\.com|googlemail\.com)(?:[^\w.]|$)`)

// ofConsumer changes a row about whom an account may send as, if the account is a personal
// one: it has no administrator, and nobody can give it that right.
func (r *Row) ofConsumer(text string) {
	if !strings.HasPrefix(r.cause(), "send-as-denied") || r.Owner != report.OwnerM365 || !ofConsumer(text) {
		return
	}
	r.Owner, r.Commands, r.Portal, r.Confirm = report.OwnerUser, nil, "", 0
	r.Causes = []string{"The From address is not the address of the account that signs in. It is a personal account: nobody can give it the right to send as another address."}
	r.Fix = slices.Clone(r.Fix[:min(len(r.Fix), 1)])
}

// ofConsumer reports whether the first address of a text is that of a personal account.
func ofConsumer(text string) bool { return consumer().MatchString(text) }

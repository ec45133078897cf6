package replies

import (
	"slices"
	"strings"

	"maildiag/report"
)

// Path says between whom a reply was given.
type Path string

// The paths; "" where nothing shows it.
const (
	// PathSubmission is from a program or device to its own outgoing server, RFC 6409.
	PathSubmission Path = "submission"
	// PathDelivery is from a mail server to the one of the recipient.
	PathDelivery Path = "delivery"
	// PathIncoming is the reader's own server, whose log tells what it rejected.
	PathIncoming Path = "incoming"
)

// submits are what programs, libraries and dialogs show that hand a message to their
// server, in lower case, with bars between them.
const submits = "smtplib|smtprecipientsrefused|smtprecipientrefused|smtpsenderrefused|smtpsenderfailed|smtpaddressfailed|smtpsendfailed|sendfailedexception|" +
	"smtpdataerror|smtpauthenticationerror|smtpconnecterror|smtpserverdisconnected|smtpnotsupportederror|smtpresponseexception|nodemailer|smtp-connection|" +
	"eenvelope|'eauth'|'esocket'|'emessage'|'econnection'|'edns'|command: '|recipients were rejected|can't send mail|javax.mail|jakarta.mail|com.sun.mail|" +
	"angus.mail|springframework.mail|mailkit|net.mail|smtpexception|smtpcommandexception|smtpfailedrecipient|server response was|swift_|swiftmailer|" +
	"symfony\\|transportexception|expected response code|phpmailer|mailer error|smtp error:|smtp -> |server -> client|smtp error (|failed to add recipient|" +
	"failed to set sender|following recipients failed|gomail|net/smtp|net::smtp|0x800ccc|0x80042|0x8004010f|reported error|while sending mail|" +
	"while sending the mail|while sending message|while sending the message|sending of message failed|sending of the message failed|cannot send message|" +
	"cannot send the message|cannot send mail|e-mail kann nicht gesendet|impossible d'envoyer le message|no se puede enviar el correo|impossibile inviare|niet verzenden|msmtp:|ssmtp:|swaks|server responded:|check the message recipient|check the recipient|scan to |scanner|" +
	"lettre|bamboo.|gen_smtp|swoosh|printer|\nc: |\ns: |<** |\n235 |authentication succeeded|/submission/|/submissions/|/smtps/|sasl_username=|:587|:465|port 587|port 465|port: 587|port: 465"

// delivers are what mail servers write of the server to which they hand a message.
const delivers = "(in reply to |smtp error from remote|said: 4|said: 5|host said|remote server returned|remote server responded|remote mail server|" +
	"server for the recipient domain|diagnostic-code:|reporting-mta:|final-recipient:|remote-mta:|generating server:|{led=|{fqdn=|lastattemptedservername=|" +
	"status=bounced|status=deferred|stat=|mailer=esmtp|while talking to|mail system at host|mail delivery system|mail delivery subsystem|" +
	"returning message to sender|postfix/smtp[|the response was:|response from the remote server|delivery has failed|delivery failed to|wasn't delivered|" +
	"wasn't able to deliver| t=remote_smtp|undelivered mail|undeliverable|qmail-send|transcript of session follows|will keep trying until|primary target ip address responded|refused to talk to me|\n<<< |connect to mx"

// receives are what a server logs of a client that it rejected.
const receives = "noqueue: reject: |rejected rcpt |rejected mail |rejected ehlo |rejected helo |rejected after data|ruleset=check_|milter-reject: |) blocked spam |) blocked infected |) blocked banned "

// PathOf returns the path that the text around a reply shows.
func PathOf(text string) Path {
	text = strings.ToLower(text[:min(len(text), maxText)])
	holds := func(marks string) bool {
		for m := range strings.SplitSeq(marks, "|") {
			if strings.Contains(text, m) {
				return true
			}
		}
		return false
	}
	switch in, out := holds(submits), holds(delivers); {
	case holds(receives):
		return PathIncoming
	case in && !out, strings.Contains(text, "mailer=relay") && !loopback().MatchString(text), in && strings.Contains(text, "]:587"), in && strings.Contains(text, "]:465"):
		return PathSubmission
	case out && !in:
		return PathDelivery
	}
	return ""
}

// along returns the row as it reads on the path of the reply.
func (r *Row) along(p Path) {
	on := r.readings()
	switch {
	case p != PathDelivery && on.Submitted != nil && p != "":
		r.take(on.Submitted)
	case p == PathDelivery && on.Delivered != nil:
		r.take(on.Delivered)
	case p == PathSubmission && r.Owner == report.OwnerRecipient && r.ofServer():
		r.take(&ownServer)
	case p == PathSubmission && r.ID == "common.temporary":
		r.take(&serviceStopped)
	case p == PathSubmission && (r.ID == "common.dnsbl" || r.ID == "common.ip-reputation"):
		r.take(&listedClient)
	case p == PathIncoming && slices.Contains([]string{"temporary", "disk-full", "server-misconfigured"}, r.cause()):
		r.take(&ownTrouble)
	case p == PathIncoming && slices.Contains(ofContent, r.cause()):
		r.take(&ownContent)
	}
}

// readings returns what differs on each path.
func (r *Row) readings() Readings {
	if r.On == nil {
		return Readings{}
	}
	return *r.On
}

// take replaces what the row says with what differs.
func (r *Row) take(e *Elsewhere) {
	r.Owner, r.Causes, r.Fix, r.Commands, r.Portal, r.Waits = e.Owner, e.Causes, e.Fix, e.Commands, e.Portal, false
	if e.Meaning != "" {
		r.Meaning = e.Meaning
	}
	if e.Confirm != 0 {
		r.Confirm = e.Confirm
	}
}

// listedClient is what a listed address means where a program submits: servers ask no list
// about users who have signed in.
var listedClient = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The outgoing server blocks the IP address of your connection because it is on a block list, and the program did not sign in.",
	Causes: []string{
		"The program or device does not sign in (SMTP AUTH), so the server treats it as an unknown mail server.",
		"The address is one of a home, mobile or cloud line, which lists name as a matter of course, or spam came from it.",
	},
	Fix: []string{
		"Turn on SMTP authentication: the provider's submission server, port 587 with STARTTLS, user name and password.",
		"If it signs in already, or is a mail server that delivers by itself, look up the address in the list that the reply names and request removal.",
	},
}

// ownTrouble is what a problem of a server means to the reader of its log.
var ownTrouble = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The own mail server, or a service that it uses (filter, database, lookup), has a problem, so it takes no mail for now.",
	Causes: []string{
		"A service that it asks for users or rules, such as MySQL, LDAP or a filter, does not answer.",
		"The disk or the memory is full, or a setting or table is wrong.",
	},
	Fix: []string{"Read the lines of the log just before this one: they name the service, the table or the file. Correct it; the senders try again."},
}

// ofContent lists the causes that are a judgment of the receiver's filter.
var ofContent = []string{"spam", "policy", "content-blocked", "attachment", "virus"}

// ownDeferral is what a code of security says, RFC 3463 3.8, that passes: no part is broken.
var ownDeferral = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The own server's filter defers this message by a rule of its own; nothing is broken.",
	Causes:  []string{"Greylisting, a limit or a score of the filter (Rspamd, postgrey or a policy service). Its own log shows which."},
	Fix:     []string{"Find the message in the log of the filter. If it was wanted, allow the sender or correct the rule: the sending server tries again."},
}

// deferredHere reports whether the reader's own filter put a message off.
func (q Query) deferredHere() bool {
	return q.Path == PathIncoming && strings.HasPrefix(q.Enhanced, "4.7.") && !strings.Contains(strings.ToLower(q.Text), "unavailable")
}

// ownContent is what such a judgment means to the reader of the receiver's log.
var ownContent = Elsewhere{
	Owner:   report.OwnerRecipient,
	Meaning: "Your own server's filter rejected a message that somebody sent to one of its users.",
	Causes:  []string{"The filter (Rspamd, SpamAssassin, ClamAV or a rule) takes the message for spam or for dangerous. Its own log shows the reasons."},
	Fix: []string{
		"If the message was unwanted, nothing needs to be done.",
		"If it was wanted, find it in the log of the filter, and allow the sender or correct the rule that it names.",
	},
}

// ownServer is what rows about a receiver's rules say where a program met the server
// to which it submits: no recipient's administrator has a say there.
var ownServer = Elsewhere{
	Owner:   report.OwnerRemote,
	Meaning: "The outgoing server rejects the message by a rule of its own; the reply does not say which.",
	Causes:  []string{"The account, the address or the network of the sender may not use this server, or the message meets one of its rules."},
	Fix:     []string{"Send the whole reply to the operator of the outgoing mail server that is set in the program or device."},
}

// ofServer reports whether the row is about rules of a server that say nothing about
// the recipient.
func (r *Row) ofServer() bool {
	return slices.ContainsFunc([]string{"policy", "blocked", "geo-blocked", "resolver-refused"}, func(cause string) bool {
		return r.cause() == cause || strings.HasPrefix(r.cause(), cause+"-")
	}) && r.cause() != "blocked-by-recipient"
}

// Readings returns the explanation as it reads on each path, where nothing shows which
// it is and both are as likely; or else alone.
func (m Explanation) Readings(q Query) []Explanation {
	if q.Path != "" && !q.Near || !m.Row.readings().Split {
		return []Explanation{m}
	}
	in, out := m, m
	in.Row.along(PathSubmission)
	out.Row.along(PathDelivery)
	return []Explanation{in, out}
}

// serviceStopped is what a server that takes no mail for now means to a program or device.
var serviceStopped = Elsewhere{
	Owner:   report.OwnerRemote,
	Meaning: "The outgoing server takes no mail at the moment: its mail service is stopped, short of resources or in maintenance.",
	Causes:  []string{"Maintenance, a restart or an overload of the outgoing server."},
	Fix:     []string{"Send the message again later. If it lasts, tell the operator of the outgoing server."},
}

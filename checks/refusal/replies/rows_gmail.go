package replies

import "maildiag/report"

// gmail holds what Google's servers say. Several of its codes mean other
// things elsewhere: 5.7.26, 5.7.30, 5.7.32.
var gmail = []Row{
	{
		ID: "gmail.unauthenticated", Confirm: ConfirmAuthentication, Provider: Gmail,
		Codes: []uint16{550, 421}, Enhanced: []string{"x.7.26"},
		Text: []string{
			"because the sender is unauthenticated", "mail is unauthenticated * security risk", "rate limited because it is unauthenticated",
			"does not have authentication information or fails to pass*authentication checks",
			"does not have authentication information or fails to pass",
			"support.google.com/mail/answer/81126",
		},
		Meaning: "Gmail rejects the message because neither SPF nor DKIM passes for it.",
		Causes: []string{
			"SPF does not list the server that sent this.",
			"The message is not signed with DKIM, or its signature does not verify.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Add the sending server or service to the domain's SPF record.",
			"Switch DKIM on for the domain.",
		},
		Next:     []string{"SPF for the sending address, DKIM selectors of the domain"},
		Duration: Either, Source: gmailRules, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.spf-hardfail", Confirm: ConfirmSPF, Provider: Gmail,
		Codes: []uint16{550}, Enhanced: []string{"5.7.26"},
		Text: []string{
			"has an spf record with a hard fail policy (-all)*fails to pass spf checks",
			"has an spf record with a hard fail",
		},
		Meaning: "SPF of the envelope sender's domain ends in -all and does not list the server that " +
			"sent this.",
		Causes: []string{
			"The server or service is missing from the SPF record.",
			"The message was forwarded without rewriting the envelope sender.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Add the address in the reply to the domain's SPF record, before -all."},
		Next:     []string{"SPF for the sending address"},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.dmarc", Confirm: ConfirmAuthentication, Provider: Gmail,
		Codes: []uint16{550, 451, 421}, Enhanced: []string{"x.7.26", "5.7.1"},
		Text: []string{
			"is not accepted due to domain's dmarc policy", "p=dmarcrejection", "unauthenticated email from",
			"support.google.com/mail/answer/2451690",
		},
		Meaning: "The From domain's DMARC policy says that unauthenticated mail be rejected, and neither " +
			"SPF nor DKIM vouches for this message.",
		Causes: []string{
			"The service that sent this does not sign with the domain's DKIM key.",
			"SPF passes only for another domain, which is not aligned with From.",
			"The message was forwarded and changed on the way.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Sign with DKIM in the name of the From domain.",
			"Add the server to SPF, and send with an envelope sender in the domain.",
		},
		Next:     []string{"SPF, DKIM and DMARC alignment of the From domain"},
		Duration: Either, Source: gmailRules, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.spf", Confirm: ConfirmSPF, Provider: Gmail,
		Codes: []uint16{550, 421}, Enhanced: []string{"x.7.27"},
		Text:    []string{"it didn't pass spf authentication"},
		Meaning: "Gmail rejects the message because SPF does not pass for the server that sent it.",
		Causes:  []string{"The server or service is missing from the SPF record.", "SPF has an error."},
		Owner:   OwnerSender,
		Fix:     []string{"Add the sending server or service to the domain's SPF record."},
		Next:    []string{"SPF for the sending address"},

		Duration: Either, Source: gmailRules, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.dkim", Confirm: ConfirmDKIM, Provider: Gmail,
		Codes: []uint16{550, 421}, Enhanced: []string{"x.7.30"},
		Text:    []string{"it didn't pass dkim authentication"},
		Meaning: "Gmail rejects the message because it carries no DKIM signature that verifies.",
		Causes: []string{
			"DKIM is not turned on for the domain.",
			"The key in the DNS is missing or is not the one that signed.",
			"Something after the signing changed the message.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Switch DKIM on for the domain and publish its selectors."},
		Next:     []string{"the DKIM selector of the signature"},
		Duration: Either, Source: gmailRules, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.dmarc-missing", Confirm: ConfirmDMARC, Provider: Gmail,
		Codes: []uint16{550, 421}, Enhanced: []string{"x.7.40"},
		Text:    []string{"doesn't have a dmarc record or the dmarc record doesn't specify a dmarc policy"},
		Meaning: "Gmail rejects the message because the sending domain has no DMARC record with a policy.",
		Causes:  []string{"No TXT record at _dmarc, or one without p=."},
		Owner:   OwnerSender,
		Fix:     []string{"Publish a TXT record at _dmarc.DOMAIN: v=DMARC1; p=none; rua=mailto:dmarc@DOMAIN"},
		Next:    []string{"DMARC record of the From domain"},

		Duration: Either, Source: gmailRules, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.alignment", Confirm: ConfirmAuthentication, Provider: Gmail,
		Codes: []uint16{550, 421}, Enhanced: []string{"x.7.32"},
		Text:    []string{"isn't aligned with either the authenticated spf or dkim organizational domain"},
		Meaning: "SPF or DKIM passes, but for another domain than the one in From.",
		Causes: []string{
			"A service sends in the domain's name with its own envelope sender and its own DKIM key.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Set the service up to sign with DKIM in the name of the From domain, or to use an " +
				"envelope sender in it.",
		},
		Next: []string{"DMARC alignment of the message"},

		Duration: Either, Source: gmailRules, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.spf-suspicious", Confirm: ConfirmSPF, Provider: Gmail,
		Codes: []uint16{550, 451}, Enhanced: []string{"x.7.24"},
		Text:    []string{"spf record of the sending domain has one or more suspicious entries"},
		Meaning: "Gmail does not trust the domain's SPF record.",
		Causes:  []string{"+all, or ranges of addresses so wide that strangers can send."},
		Owner:   OwnerSender,
		Fix: []string{
			"List only the servers that send for the domain, and end the record with -all or ~all.",
		},
		Next: []string{"SPF of the sending domain"},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.ptr", Confirm: ConfirmPTR, Provider: Gmail,
		Codes: []uint16{550, 421}, Enhanced: []string{"4.7.23", "5.7.25", "4.7.25", "5.7.1"},
		Text: []string{
			"does not have a ptr record", "doesn't have a ptr record", "ptr record setup",
			"ptr record*does not match", "corresponding forward dns entry", "p=ipv6autherror",
		},
		Meaning: "The sending server's IP address has no reverse DNS name, or that name does not lead back " +
			"to the address.",
		Causes: []string{"No PTR record.", "The name in the PTR record has no matching A or AAAA record."},
		Owner:  OwnerSender,
		Fix: []string{
			"Have the provider of the address publish a PTR record, and publish an A or AAAA record " +
				"that points back.",
		},
		Next: []string{"reverse DNS of the sending address"},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.tls", Provider: Gmail,
		Codes: []uint16{550, 421}, Enhanced: []string{"x.7.29"},
		Text:    []string{"tls connection"},
		Meaning: "Gmail takes this mail only over TLS.",
		Causes:  []string{"The sending server does not use STARTTLS."},
		Owner:   OwnerSender,
		Fix:     []string{"Switch STARTTLS on for outgoing mail."},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.rate", Provider: Gmail,
		Codes: []uint16{421, 550}, Enhanced: []string{"x.7.28"},
		Text: []string{"unusual rate of*mail", "unusual rate"},
		Meaning: "Gmail gets unusually much unwanted mail from this address, network or domain, and slows " +
			"it down or rejects it.",
		Causes: []string{
			"A burst of mail, or many complaints.",
			"An account or machine that sends spam.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Send less at a time, stop what people complain about, and watch Google Postmaster Tools.",
		},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.rate-client", Provider: Gmail,
		Codes: []uint16{421}, Enhanced: []string{"4.7.0"},
		Text:    []string{"!try again later closing connection * gsmtp"},
		Meaning: "Gmail closed the connection to this client, and takes no more mail from it for now.",
		Causes: []string{
			"Too many connections or messages in a short time, or mail of a kind that Gmail slows down.",
			"Before MAIL, at smtp-relay.gmail.com: the client greets (EHLO) with a name such as localhost.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Wait, then send less at a time over fewer connections.", "If it comes right after EHLO, set a full name of the sending machine's own as the EHLO name."},
		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.reputation", Provider: Gmail,
		Codes: []uint16{550, 421}, Enhanced: []string{"x.7.1", "4.7.0"},
		Text: []string{
			"likely suspicious due to the very low reputation", "low reputation of the sending",
			"likely unsolicited mail", "support.google.com/mail/answer/188131", "p=unsolicitedmessageerror",
			"p=unsolicitedratelimiterror",
		},
		Meaning: "Gmail takes the message for spam because of the reputation of the sending address or " +
			"domain.",
		Causes: []string{
			"Complaints about, or spam from, this address or domain.",
			"A new address or domain that sends much at once.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Check SPF, DKIM and DMARC; stop mail that people did not ask for; raise the volume " +
				"slowly; watch Google Postmaster Tools.",
		},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.format", Provider: Gmail,
		Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text: []string{
			"is not rfc 5322 compliant", "p=rfcmessagenoncompliant",
			"multiple addresses in from: header are not accepted", "messages with multiple",
			"messages missing a valid message-id", "messages missing a valid address", "duplicate headers",
		},
		Meaning: "Gmail rejects the message because its header breaks RFC 5322.",
		Causes: []string{
			"Missing, doubled or malformed From, Subject, Date or Message-ID, written by an application.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Repair the application: exactly one From with one address, one Subject, one Date, one " +
				"Message-ID.",
		},

		Duration: Permanent, Source: "RFC 5322 3.6", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.content-blocked", Provider: Gmail,
		Codes: []uint16{552}, Enhanced: []string{"5.7.0"},
		Text: []string{
			"blocked because its content presents a potential",
			"support.google.com/mail/answer/6590",
		},
		Meaning: "Gmail rejects the message because of an attachment that could be dangerous.",
		Causes:  []string{"A program, a script or an encrypted archive is attached."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Share the file by a link instead."},

		Duration: Permanent,
		Source:   "https://support.google.com/mail/answer/6590", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.login", Provider: Gmail,
		Codes: []uint16{535}, Enhanced: []string{"5.7.8"},
		Text:    []string{"username and password not accepted"},
		Meaning: "Google does not accept this user name and password for sending.",
		Causes: []string{
			"The normal password was used; Google wants OAuth or an app password.",
			"There is a typing error.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Use OAuth, or create an app password at https://myaccount.google.com/apppasswords.",
		},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.app-password", Provider: Gmail,
		Codes: []uint16{534}, Enhanced: []string{"5.7.9"},
		Text:    []string{"application-specific password required"},
		Meaning: "The Google account has 2-step verification; its normal password cannot be used here.",
		Causes:  []string{"The normal password was entered into a mail program or device."},
		Owner:   report.OwnerUser,
		Fix: []string{
			"Use OAuth, or create an app password at https://myaccount.google.com/apppasswords.",
		},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.web-login", Provider: Gmail,
		Codes: []uint16{534}, Enhanced: []string{"5.7.14"},
		Text:    []string{"please log in through your web browser", "please log in via your web browser"},
		Meaning: "Google wants the user to confirm the sign-in in a browser first.",
		Causes:  []string{"A sign-in from a new place or program."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Sign in to the account in a browser, confirm the sign-in, then retry."},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.login-rate", Provider: Gmail,
		Codes: []uint16{454}, Enhanced: []string{"4.7.0"},
		Text:    []string{"too many login attempts"},
		Meaning: "Too many sign-ins to the Google account within a short time.",
		Causes:  []string{"A device signs in for every message, or keeps trying a wrong password."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Wait some minutes; let the device send several messages over one connection."},

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{common: "common.rate", ID: "gmail.sending-limit", Provider: Gmail, Codes: []uint16{550}, Enhanced: []string{"5.4.5"},
		Text:    []string{"daily user sending limit exceeded\ndaily sending quota exceeded\ndaily smtp relay * limit exceeded\nsending limits"},
		Meaning: "The Google account sent more messages in a day than Gmail allows."},
	{common: "common.domain-listed", ID: "gmail.domain-reputation", Provider: Gmail, Text: []string{"low reputation of the sending domain"},
		Meaning: "Gmail takes the message for spam because the sender's domain has a very low reputation.",
		Fix: []string{
			"Check SPF, DKIM and DMARC, and stop mail that people did not ask for. Reputation recovers slowly: watch Google Postmaster Tools.",
		}},
	{common: "common.spam", ID: "gmail.content", Provider: Gmail, Codes: []uint16{421, 550}, Enhanced: []string{"4.7.0", "5.7.1"},
		Text:    []string{"suspicious due to the nature of the content\nsuspicious due to the nature of the content and or the links"},
		Meaning: "Gmail finds the content of the message or a link in it suspicious."},
	{common: "common.ip-reputation", ID: "gmail.ip-direct", Provider: Gmail, Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text: []string{"ip you are using to send + is not authorized to send message directly\n" +
			"use the smtp relay at your service provider\np notauthorizederror"},
	},
	{common: "common.client-ip", ID: "gmail.relay-ip", Provider: Gmail, Codes: []uint16{550, 421}, Enhanced: []string{"5.7.1", "4.7.0"},
		Text:    []string{"invalid credentials for relay\nnot match the domain of the account this message is being sent from\nmail relay denied\nsmtp relay service"},
		Meaning: "The SMTP relay of Google Workspace does not know the IP address or the sender's domain.",
		Causes:  []string{"The sending server's public IP address is not registered for the relay, or the sender's domain is not one of the organization."},
		Fix:     []string{"In the Google Admin console under Gmail > Routing > SMTP relay service: add the public IP address, and send with an address of a domain of the organization."},
		Source:  "https://support.google.com/a/answer/6140680"},
	{common: "common.auth-failed", ID: "gmail.login-bad", Provider: Gmail, Codes: []uint16{535, 534}, Enhanced: []string{"5.7.8", "5.7.9"},
		Text: []string{"p badcredentials\np invalidsecondfactor"},
		Fix: []string{"Sign in at https://mail.google.com with the same user name and password.",
			"With 2-Step Verification, create an app password at https://myaccount.google.com/apppasswords, or use OAuth."}},
	{
		ID: "gmail.tls-required", Provider: Gmail, Codes: []uint16{421, 550}, Enhanced: []string{"x.7.29"},
		Text:    []string{"sent over a connection without tls", "requires all bulk email senders to use tls"},
		Meaning: "Gmail limits or rejects this mail because the sending server delivers it without TLS.",
		Causes:  []string{"TLS for outgoing mail is off on the sending server, or a firewall in between removes STARTTLS."},
		Owner:   OwnerSender,
		Fix: []string{"Turn on TLS for outgoing mail on the sending server (in Postfix: smtp_tls_security_level = may).",
			"If it is on, run \"maildiag smtp --mx gmail.com\" there: it shows whether STARTTLS arrives."},
		Duration: Either, Source: "https://support.google.com/mail/answer/81126", Date: readOn, Confidence: ThirdParty,
	},
}

// gmailSays are those that only differ in their words.
var gmailSays = []saying{
	{"common.too-large", "gmail.too-large", Gmail, "exceeded google's message size limits\np maxsizeerror"},
	{"common.attachment", "gmail.attachment", Gmail, "illegal attachment\ncontent presents a potential security\np blockedmessage"},
	{"common.mailbox-full", "gmail.mailbox-full", Gmail, "email account that you tried to reach is over quota\nout of storage space\np overquotatemp\np overquotaperm"},
	{"common.mailbox-disabled", "gmail.mailbox-disabled", Gmail, "account that you tried to reach is disabled\naccount that you tried to reach is inactive\np disableduser"},
	{"common.user-unknown", "gmail.user-unknown", Gmail, "account that you tried to reach does not exist\np nosuchuser"},
	{"common.recipient-rate", "gmail.recipient-rate", Gmail, "receiving mail at a rate\nreceiving mail too quickly\np receivingrate~"},
	{"common.too-many-recipients", "gmail.too-many-recipients", Gmail, "too many recipients"},
	{"common.recipient-syntax", "gmail.recipient-syntax", Gmail, "is not a valid rfc-5321 address"},
	{"common.temporary", "gmail.temporary", Gmail, "mail server temporarily rejected message\ntemporary system problem\nserver busy"},
	{"common.dmarc", "gmail.dmarc-alignment", Gmail, "there is no dmarc alignment"},
	{"common.internal-only", "gmail.group-restricted", Gmail, "group you tried to contact * may not exist\nyou may not have permission to post messages to the group"},
}

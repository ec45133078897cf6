package replies

import "maildiag/report"

const yahooCodes = "https://senders.yahooinc.com/smtp-error-codes/"

// gmail holds what Google's servers say. Several of its codes mean other
// things elsewhere: 5.7.26, 5.7.30, 5.7.32.
var gmail = []Row{
	{
		ID: "gmail.unauthenticated", Confirm: ConfirmAuthentication, Provider: Gmail,
		Codes: []int{550, 421}, Enhanced: []string{"x.7.26"},
		Text: []string{
			"because the sender is unauthenticated", "rate limited because it is unauthenticated",
			"does not have authentication information or fails to pass*authentication checks",
			"does not have authentication information or fails to pass",
			"support.google.com/mail/answer/81126",
		},
		Meaning: "Gmail refuses the message because neither SPF nor DKIM passes for it.",
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
		Codes: []int{550}, Enhanced: []string{"5.7.26"},
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
		Codes: []int{550, 451, 421}, Enhanced: []string{"x.7.26", "5.7.1"},
		Text: []string{
			"is not accepted due to domain's dmarc policy", "p=dmarcrejection", "unauthenticated email from",
			"support.google.com/mail/answer/2451690",
		},
		Meaning: "The From domain's DMARC policy says that unauthenticated mail be refused, and neither " +
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
		Codes: []int{550, 421}, Enhanced: []string{"x.7.27"},
		Text:    []string{"it didn't pass spf authentication"},
		Meaning: "Gmail refuses the message because SPF does not pass for the server that sent it.",
		Causes:  []string{"The server or service is missing from the SPF record.", "SPF has an error."},
		Owner:   OwnerSender,
		Fix:     []string{"Add the sending server or service to the domain's SPF record."},
		Next:    []string{"SPF for the sending address"},

		Duration: Either, Source: gmailRules, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.dkim", Confirm: ConfirmDKIM, Provider: Gmail,
		Codes: []int{550, 421}, Enhanced: []string{"x.7.30"},
		Text:    []string{"it didn't pass dkim authentication"},
		Meaning: "Gmail refuses the message because it carries no DKIM signature that verifies.",
		Causes: []string{
			"DKIM is not switched on for the domain.",
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
		Codes: []int{550, 421}, Enhanced: []string{"x.7.40"},
		Text:    []string{"doesn't have a dmarc record or the dmarc record doesn't specify a dmarc policy"},
		Meaning: "Gmail refuses the message because the sending domain has no DMARC record with a policy.",
		Causes:  []string{"No TXT record at _dmarc, or one without p=."},
		Owner:   OwnerSender,
		Fix:     []string{"Publish a TXT record at _dmarc.DOMAIN: v=DMARC1; p=none; rua=mailto:dmarc@DOMAIN"},
		Next:    []string{"DMARC record of the From domain"},

		Duration: Either, Source: gmailRules, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.alignment", Confirm: ConfirmAuthentication, Provider: Gmail,
		Codes: []int{550, 421}, Enhanced: []string{"x.7.32"},
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
		Codes: []int{550, 451}, Enhanced: []string{"x.7.24"},
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
		Codes: []int{550, 421}, Enhanced: []string{"4.7.23", "5.7.25", "4.7.25", "5.7.1"},
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
				"that leads back.",
		},
		Next: []string{"reverse DNS of the sending address"},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.tls", Provider: Gmail,
		Codes: []int{550, 421}, Enhanced: []string{"x.7.29"},
		Text:    []string{"tls connection"},
		Meaning: "Gmail takes this mail only over TLS.",
		Causes:  []string{"The sending server does not use STARTTLS."},
		Owner:   OwnerSender,
		Fix:     []string{"Switch STARTTLS on for outgoing mail."},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.rate", Provider: Gmail,
		Codes: []int{421, 550}, Enhanced: []string{"x.7.28"},
		Text: []string{"unusual rate of*mail", "unusual rate"},
		Meaning: "Gmail gets unusually much unwanted mail from this address, network or domain, and slows " +
			"it down or refuses it.",
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
		ID: "gmail.reputation", Provider: Gmail,
		Codes: []int{550, 421}, Enhanced: []string{"x.7.1", "4.7.0"},
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
		Codes: []int{550}, Enhanced: []string{"5.7.1"},
		Text: []string{
			"is not rfc 5322 compliant", "p=rfcmessagenoncompliant",
			"multiple addresses in from: header are not accepted", "messages with multiple",
			"messages missing a valid", "duplicate headers",
		},
		Meaning: "Gmail refuses the message because its header breaks RFC 5322.",
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
		Codes: []int{552}, Enhanced: []string{"5.7.0"},
		Text: []string{
			"blocked because its content presents a potential",
			"support.google.com/mail/answer/6590",
		},
		Meaning: "Gmail refuses the message because of an attachment that could be dangerous.",
		Causes:  []string{"A program, a script or an encrypted archive is attached."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Share the file by a link instead."},

		Duration: Permanent,
		Source:   "https://support.google.com/mail/answer/6590", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.login", Provider: Gmail,
		Codes: []int{535}, Enhanced: []string{"5.7.8"},
		Text:    []string{"username and password not accepted"},
		Meaning: "Google does not accept this user name and password for sending.",
		Causes: []string{
			"The normal password was used; Google wants OAuth or an app password.",
			"A typing error.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Use OAuth, or create an app password at https://myaccount.google.com/apppasswords.",
		},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.app-password", Provider: Gmail,
		Codes: []int{534}, Enhanced: []string{"5.7.9"},
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
		Codes: []int{534}, Enhanced: []string{"5.7.14"},
		Text:    []string{"please log in through your web browser", "please log in via your web browser"},
		Meaning: "Google wants the user to confirm the sign-in in a browser first.",
		Causes:  []string{"A sign-in from a new place or program."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Sign in to the account in a browser, confirm the sign-in, then try again."},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "gmail.login-rate", Provider: Gmail,
		Codes: []int{454}, Enhanced: []string{"4.7.0"},
		Text:    []string{"too many login attempts"},
		Meaning: "Too many sign-ins to the Google account within a short time.",
		Causes:  []string{"A device signs in for every message, or keeps trying a wrong password."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Wait some minutes; let the device send several messages over one connection."},

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
}

// yahoo holds what Yahoo's and AOL's servers say.
var yahoo = []Row{
	{
		ID: "yahoo.unauthenticated", Confirm: ConfirmAuthentication, Provider: Yahoo,
		Codes: []int{550, 554}, Enhanced: []string{"5.7.9"},
		Text:    []string{"yahoo requires all senders to authenticate with either spf or dkim"},
		Meaning: "Yahoo refuses the message because neither SPF nor DKIM passes for it.",
		Causes:  []string{"SPF does not list the server.", "The message is not signed with DKIM."},
		Owner:   OwnerSender,
		Fix:     []string{"Add the sending server or service to SPF, and switch DKIM on for the domain."},
		Next:    []string{"SPF for the sending address, DKIM selectors of the domain"},

		Duration: Permanent, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.policy", Confirm: ConfirmAuthentication, Provider: Yahoo,
		Codes: []int{554}, Enhanced: []string{"5.7.9"},
		Text:    []string{"message not accepted for policy reasons"},
		Meaning: "Yahoo refuses the message by policy, most often because DMARC of the From domain fails.",
		Causes: []string{
			"The From domain's DMARC policy is reject, and neither SPF nor DKIM is aligned.",
			"A From address at yahoo.com sent from another service.",
			"The content looks dangerous.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Sign with DKIM in the name of the From domain; do not send with a From at yahoo.com or " +
				"aol.com from elsewhere.",
		},
		Next:     []string{"SPF, DKIM and DMARC alignment of the From domain"},
		Duration: Permanent, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.deferred", Provider: Yahoo,
		Codes: []int{421}, Enhanced: []string{"4.7.0", "4.7.1"},
		Text: []string{
			"temporarily deferred due to unexpected volume or user complaints",
			"temporarily deferred due to user complaints",
		},
		Meaning: "Yahoo slows down mail from this IP address because of its volume or of complaints.",
		Causes:  []string{"A burst of mail.", "People mark the mail as spam."},
		Owner:   OwnerSender,
		Fix: []string{
			"Let the server keep trying, send less at a time, and stop mail that people did not ask for.",
		},

		Duration: Temporary, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.blocked", Provider: Yahoo,
		Codes: []int{553, 421}, Enhanced: []string{"5.7.2", "5.7.1"},
		Text:    []string{"will be permanently deferred; retrying will not succeed"},
		Meaning: "Yahoo blocks this IP address.",
		Causes:  []string{"Many complaints about, or spam from, the address."},
		Owner:   OwnerSender,
		Fix:     []string{"Stop what people complain about, then fill in Yahoo's sender support form."},

		Duration: Permanent, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.blocklist", Provider: Yahoo,
		Codes: []int{553}, Enhanced: []string{"5.7.1"},
		Text:    []string{"!bl21", "!bl23"},
		Meaning: "Yahoo refuses the IP address because it is on a list of Spamhaus.",
		Causes:  []string{"Spam left this address, or it belongs to a range of home connections."},
		Owner:   OwnerSender,
		Fix:     []string{"Look up the address at https://check.spamhaus.org/ and follow what it says."},

		Duration: Permanent, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.sender-domain", Confirm: ConfirmSenderDomain, Provider: Yahoo,
		Codes:   []int{451},
		Text:    []string{"temporarily deferred due to unresolvable rfc.5321 from domain"},
		Meaning: "Yahoo cannot resolve the domain of the envelope sender.",
		Causes:  []string{"The domain has neither MX nor address record, or its name servers do not answer."},
		Owner:   OwnerSender,
		Fix:     []string{"Publish an MX record for the envelope sender's domain, or use another one."},
		Next:    []string{"MX and address records of the envelope sender's domain"},

		Duration: Temporary, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
}

// otherProviders holds iCloud, Mimecast and Proofpoint.
var otherProviders = []Row{
	{
		ID: "apple.spf-dkim", Confirm: ConfirmAuthentication, Provider: Apple,
		Codes: []int{550, 554}, Enhanced: []string{"5.7.1"},
		Text:    []string{"blocked for failing both spf and dkim"},
		Meaning: "Apple's iCloud refuses the message because neither SPF nor DKIM passes for it.",
		Causes:  []string{"SPF does not list the server.", "The message is not signed with DKIM."},
		Owner:   OwnerSender,
		Fix:     []string{"Add the sending server or service to SPF, and switch DKIM on for the domain."},
		Next:    []string{"SPF for the sending address, DKIM selectors of the domain"},

		Duration: Permanent,
		Source:   "https://support.apple.com/en-us/102322", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "apple.dmarc", Confirm: ConfirmAuthentication, Provider: Apple,
		Codes: []int{550, 554}, Enhanced: []string{"5.7.1"},
		Text: []string{"message was rejected due to*dmarc policy"},
		Meaning: "Apple's iCloud refuses the message because the From domain's DMARC policy says so and " +
			"neither " +
			"SPF nor DKIM vouches for it.",
		Causes: []string{
			"The service that sent this does not sign with the domain's DKIM key.",
			"The message was forwarded.",
		},
		Owner: OwnerSender,
		Fix:   []string{"Sign with DKIM in the name of the From domain."},
		Next:  []string{"SPF, DKIM and DMARC alignment of the From domain"},

		Duration: Permanent,
		Source:   "https://support.apple.com/en-us/102322", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "apple.local-policy", Provider: Apple,
		Codes: []int{550, 554}, Enhanced: []string{"5.7.1", "5.7.0"},
		Text: []string{
			"[hm08] message rejected due to local policy",
			"message rejected due to local policy*support.apple.com",
		},
		Meaning: "Apple's iCloud refuses the message by its own policy, which is about content and reputation.",
		Causes:  []string{"The content or the sender looks like spam."},
		Owner:   OwnerSender,
		Fix: []string{
			"Check SPF, DKIM and DMARC, then write to icloudadmin@apple.com as the page in the reply says.",
		},

		Duration: Permanent,
		Source:   "https://support.apple.com/en-us/102322", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "apple.too-many-errors", Provider: Apple,
		Codes: []int{421}, Enhanced: []string{"4.7.0"},
		Text:    []string{"error: too many errors"},
		Meaning: "The receiving server closed the session after too many refused commands.",
		Causes:  []string{"Many recipients in one session that do not exist."},
		Owner:   OwnerSender,
		Fix: []string{
			"Remove addresses that do not exist from the list; the server tries the others again.",
		},

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "proofpoint.blocked-ip", Provider: Proofpoint,
		Codes: []int{550, 554, 421}, Enhanced: []string{"5.7.1", "5.7.0"},
		Text: []string{"support.proofpoint.com/dnsbl-lookup.cgi", "ipcheck.proofpoint.com"},
		Meaning: "Proofpoint, which filters for the recipient (iCloud among others), has the sending " +
			"server's IP address on its block list.",
		Causes: []string{"Spam left this address, or it is new and sends much."},
		Owner:  OwnerSender,
		Fix:    []string{"Open the link in the reply and ask for removal."},

		Duration: Permanent, Source: "https://ipcheck.proofpoint.com/", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "proofpoint.refused", Provider: Proofpoint,
		Codes: []int{550, 554}, Enhanced: []string{"5.7.1"},
		Text:    []string{"delivery not authorized, message refused*proofpoint"},
		Meaning: "The recipient's mail filter (Proofpoint) refuses the message by policy.",
		Causes:  []string{"Reputation of the address, or a rule of the recipient's organization."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"Send the whole bounce to the recipient's administrator."},

		Duration: Permanent, Source: "https://ipcheck.proofpoint.com/", Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "mimecast.sender-invalid", Confirm: ConfirmAuthentication, Provider: Mimecast,
		Codes: []int{550},
		Text: []string{
			"spf sender invalid - envelope rejected",
			"dkim sender invalid - envelope rejected",
			"dmarc sender invalid - envelope rejected",
		},
		Meaning: "The recipient's mail filter (Mimecast) refuses the message because SPF, DKIM or DMARC " +
			"fails; the first word says which.",
		Causes: []string{
			"The server or service is missing from SPF, or does not sign with the domain's DKIM key.",
		},
		Owner: OwnerSender,
		Fix:   []string{"Add the server to SPF, and sign with DKIM in the name of the From domain."},
		Next:  []string{"SPF for the sending address, DKIM selector, DMARC alignment"},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.deferred", Provider: Mimecast,
		Codes: []int{451},
		Text: []string{
			"internal resources are temporarily unavailable", "internal resource temporarily unavailable",
			"ip temporarily blacklisted",
		},
		Meaning: "The recipient's mail filter (Mimecast) puts the message off, often on purpose " +
			"(greylisting).",
		Causes: []string{
			"The first message of a sender that the filter does not know.",
			"The address has a bad reputation for the moment.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Let the server try again for some minutes; if it lasts, ask the recipient's administrator.",
		},

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.open-relay", Provider: Mimecast,
		Codes:   []int{451, 550},
		Text:    []string{"open relay not allowed"},
		Meaning: "Mimecast does not take mail for this recipient's domain from this sender.",
		Causes: []string{
			"The domain is not set up in Mimecast.",
			"Outgoing mail from an address that Mimecast does not know.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"The administrator of the Mimecast account adds the domain, or the authorized outbound address.",
		},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.anti-spoofing", Provider: Mimecast,
		Codes: []int{550, 554},
		Text: []string{
			"anti-spoofing policy - inbound not allowed", "rejected by header-based anti-spoofing policy",
			"rejected by header based anti-spoofing policy",
		},
		Meaning: "The recipient's mail filter (Mimecast) refuses mail in the recipient's own name from " +
			"outside.",
		Causes: []string{"A service sends as the recipient's own domain."},
		Owner:  report.OwnerRecipient,
		Fix: []string{
			"The recipient's administrator adds a bypass for this sender to the anti-spoofing policy.",
		},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.blocked", Provider: Mimecast,
		Codes: []int{550, 554, 553},
		Text: []string{
			"administrative prohibition envelope blocked", "administrative prohibition - envelope blocked",
			"local ct ip reputation - (reject)",
		},
		Meaning: "The recipient's mail filter (Mimecast) refuses this sender or address by policy or " +
			"reputation.",
		Causes: []string{
			"The sender is on a block list of the recipient.",
			"The address has a bad reputation.",
			"The content breaks a security policy.",
		},
		Owner: report.OwnerRecipient,
		Fix:   []string{"Send the whole bounce to the recipient's administrator."},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.tls", Provider: Mimecast,
		Codes: []int{550, 553, 554},
		Text: []string{
			"this route requires encryption (tls)",
			"this route requires*tls version 1.2 or greater",
			"this route requires*high-strength ciphers",
		},
		Meaning: "The recipient's mail filter (Mimecast) takes this mail only over strong TLS.",
		Causes:  []string{"The sending server uses no TLS, or a version before 1.2."},
		Owner:   OwnerSender,
		Fix:     []string{"Switch TLS 1.2 or later on for outgoing mail."},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
}

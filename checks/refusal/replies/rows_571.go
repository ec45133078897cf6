package replies

import "maildiag/report"

// general571 holds the meanings of 5.7.1 that only the text tells apart, as
// Exchange Online and Exchange Server word them.
var general571 = []Row{
	{
		ID: "exo.not-authorized", Provider: ExchangeOnline,
		Codes: []int{550}, Enhanced: []string{"5.7.1"},
		Text:    []string{"delivery not authorized"},
		Meaning: "The sender may not write to this recipient or group.",
		Causes: []string{
			"The group or mailbox takes mail only from certain senders.",
			"A mail flow rule of the recipient's organization refuses the message.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Ask the owner of the group or mailbox to allow this sender.",
			"The recipient's administrator looks for the rule or restriction in the message trace.",
		},
		Commands: []string{
			"Get-DistributionGroup -Identity group@contoso.com | Format-List " +
				"AcceptMessagesOnlyFrom*,RequireSenderAuthenticationEnabled",
		},
		Portal: portalDelivery, Duration: Permanent,
		Source: ndrBase + "fix-error-code-550-5-7-1-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.unable-to-relay", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []int{550}, Enhanced: []string{"5.7.1"},
		Text: []string{"unable to relay"},
		Meaning: "The server does not take mail for the recipient's domain from this sender: it would be " +
			"relaying.",
		Causes: []string{
			"The MX record of the recipient's domain points at a server that does not host the domain.",
			"The domain is not an accepted domain there, or its set-up is not finished.",
			"The client should have signed in, or no connector matches its IP address or certificate.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Recipient's side: point the MX at the host shown for the domain in the admin centre, and " +
				"finish the domain's set-up.",
			"A device of your own: sign in on port 587, or create a relay connector for its public " +
				"IP address.",
		},
		Commands: []string{
			"Get-AcceptedDomain | Format-Table DomainName,DomainType",
			"Get-InboundConnector | Format-List Name,Enabled,SenderIPAddresses,TlsSenderCertificateName",
		},
		Portal: portalAccepted,
		Next:   []string{"the MX records of the recipient's domain"}, Duration: Permanent,
		Source: ndrBase + "fix-error-code-550-5-7-1-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.client-not-authenticated", Provider: ExchangeServer,
		Codes: []int{530}, Enhanced: []string{"5.7.1"},
		Text:    []string{"client was not authenticated"},
		Meaning: "The receiving Exchange server takes mail only from those who sign in.",
		Causes:  []string{"The receive connector that answered does not allow anonymous senders."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Allow anonymous users on the receive connector that faces the Internet, and on no other.",
		},
		Commands: []string{
			"Get-ReceiveConnector | Format-Table Identity,Bindings,PermissionGroups",
			"Set-ReceiveConnector \"SERVER\\Default Frontend SERVER\" -PermissionGroups " +
				"ExchangeServers,ExchangeLegacyServers,AnonymousUsers",
		},
		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.auth-required", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []int{550}, Enhanced: []string{"5.7.1"},
		Text:    []string{"resolver.rst.authrequired", "authentication required [stage: createmessage]"},
		Meaning: "The group, mailbox or public folder takes mail only from inside its own organization.",
		Causes: []string{
			"\"Require that all senders are authenticated\" is on for the recipient, as it is by " +
				"default for groups.",
		},
		Owner: report.OwnerRecipient,
		Fix:   []string{"Allow senders from outside for this group or mailbox."},
		Commands: []string{
			"Set-DistributionGroup -Identity group@contoso.com -RequireSenderAuthenticationEnabled $false",
			"Set-Mailbox -Identity user@contoso.com -RequireSenderAuthenticationEnabled $false",
		},
		Portal: portalDelivery, Duration: Permanent,
		Source: ndrBase + "fix-error-code-550-5-7-1-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.rst-not-authorized", Provider: ExchangeOnline,
		Codes: []int{550}, Enhanced: []string{"5.7.1"},
		Text:    []string{"resolver.rst.notauthorized"},
		Meaning: "The recipient accepts mail only from certain senders, and this sender is not one of them.",
		Causes:  []string{"Delivery restrictions (accept from, reject from) of the mailbox or group."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"Add the sender to the list of those who may write, or remove the restriction."},
		Commands: []string{
			"Get-Mailbox -Identity user@contoso.com | Format-List " +
				"AcceptMessagesOnlyFrom*,RejectMessagesFrom*",
			"Set-Mailbox -Identity user@contoso.com -AcceptMessagesOnlyFrom @{Add=\"sender@fabrikam.com\"}",
		},
		Portal: portalDelivery, Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exo.rule-rejected", Provider: ExchangeOnline,
		Codes: []int{550}, Enhanced: []string{"5.7.1", "5.7.900-999"},
		Text: []string{
			"transport.rules.rejectmessage",
			"the message was rejected by organization policy",
		},
		Meaning: "A mail flow rule of an organization refused the message on purpose.",
		Causes: []string{
			"A rule on sender, recipient, attachment, size or words matched.",
			"The rule may be the sender's or the recipient's; who wrote the bounce had it.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"The administrator of the organization that wrote the bounce finds the rule in the " +
				"message trace and changes it.",
			"The sender removes what the rule objects to, if the text says what.",
		},
		Commands: []string{
			"Get-TransportRule | Where-Object RejectMessageReasonText | Format-Table " +
				"Name,State,RejectMessageEnhancedStatusCode",
		},
		Portal: portalRules, Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exo.blocklist-1", Provider: ExchangeOnline,
		Codes: []int{550}, Enhanced: []string{"5.7.1"},
		Text: []string{
			"blocked using blocklist 1", "delist@messaging.microsoft.com",
		},
		Meaning: "Microsoft has the IP address of the sending server on its own block list (old wording).",
		Causes: []string{
			"Spam left this address, perhaps from a machine or account that was taken over.",
			"The address was used by a spammer before.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Find and stop what sent the spam.",
			"Ask for removal at https://sender.office.com/ with the address in the reply.",
		},
		Duration: Permanent, Source: ndrBase + "fix-error-code-550-5-7-1-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.blocked-spamhaus", Provider: ExchangeOnline,
		Codes: []int{550}, Enhanced: []string{"5.7.1", "5.7.512"},
		Text: []string{"blocked using spamhaus"},
		Meaning: "The IP address of the sending server is on a block list of Spamhaus, which the " +
			"receiver uses.",
		Causes: []string{
			"Spam left this address, perhaps from a machine or account that was taken over.",
			"The address belongs to a range of home or dial-up connections, which should not send " +
				"mail directly.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Look up the address at https://check.spamhaus.org/ and follow what it says.",
			"Find and stop what sent the spam before asking for removal.",
		},
		Duration: Permanent, Source: "https://check.spamhaus.org/", Date: readOn, Confidence: Unconfirmed,
	},
}

// consumer holds what only Outlook.com (outlook.com, hotmail.com, live.com,
// msn.com) says.
var consumer = []Row{
	{
		ID: "outlook.ip-blocked", Provider: OutlookConsumer,
		Codes: []int{550}, Enhanced: []string{"5.7.1"},
		Text: []string{
			"part of their network is on our block list", "unfortunately messages from * were not sent",
			"mail.live.com/mail/troubleshooting.aspx",
		},
		Meaning: "Outlook.com has the network of the sending server's IP address on its block list.",
		Causes: []string{
			"Spam or complaints from this address or from its neighbours.",
			"A new address without a history.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Write to Outlook.com's sender support form (https://aka.ms/olcsupport), naming the " +
				"address and the code in brackets.",
			"Enrol the address in SNDS and in the junk mail reporting programme to see why.",
			"If the whole network is named, ask the provider of the address.",
		},
		Next:     []string{"SPF, DKIM and DMARC of the sending domain, and the address's reverse DNS"},
		Duration: Permanent,
		Source:   "https://sendersupport.olc.protection.outlook.com/pm/",
		Date:     readOn, Confidence: ThirdParty,
	},
	{
		ID: "outlook.ip-rate-limited", Provider: OutlookConsumer,
		Codes: []int{451}, Enhanced: []string{"4.7.650"},
		Text:    []string{"temporarily rate limited due to ip reputation"},
		Meaning: "Outlook.com takes less mail from this IP address because of its reputation.",
		Causes: []string{
			"A new address, or one that suddenly sends much more.",
			"Complaints about mail from it.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Let the server keep trying, and send less at a time.",
			"Raise the volume of a new address slowly over some weeks.",
			"Look at SNDS for what Outlook.com thinks of the address.",
		},
		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "outlook.auth-level", Confirm: ConfirmAuthentication, Provider: OutlookConsumer,
		Codes: []int{550}, Enhanced: []string{"5.7.515"},
		Text: []string{"does not meet the required authentication level"},
		Meaning: "Outlook.com refuses mail from this domain because SPF, DKIM and DMARC do not all hold, " +
			"as it requires of senders of over 5,000 messages a day.",
		Causes: []string{
			"SPF or DKIM fails, or the domain has no DMARC record.",
			"A service sends in the domain's name without its own DKIM key for the domain.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Make SPF pass for the server that sent this.",
			"Sign with DKIM in the name of the From domain.",
			"Publish a DMARC record, at least v=DMARC1; p=none, with SPF or DKIM aligned.",
		},
		Next: []string{
			"the words Spf=, Dkim= and DMARC= in the details of the bounce: they name what failed",
		},
		Duration: Permanent,
		Source: "https://support.microsoft.com/en-au/topic/" +
			"fix-ndr-error-550-5-7-515-in-outlook-com-34cfe8f8-6fbf-457e-9e8b-9e4dbaf4e0ef",
		Date: readOn, Confidence: Confirmed,
	},
}

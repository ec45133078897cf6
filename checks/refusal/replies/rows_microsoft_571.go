package replies

import "maildiag/report"

// general571 holds the meanings of 5.7.1 that only the text says which apart, as
// Exchange Online and Exchange Server word them.
var general571 = []Row{
	{
		ID: "exo.not-authorized", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text:    []string{"?delivery not authorized"},
		Meaning: "The sender may not write to this recipient or group.",
		Causes: []string{
			"The group or mailbox accepts mail only from certain senders.",
			"A mail flow rule of the recipient's organization rejects the message.",
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
		Elsewhere: &Elsewhere{
			Owner:   OwnerSender,
			Meaning: "A filter or policy of the receiving server rejects the message; the reply does not say which.",
			Causes: []string{
				"The sending server's address or domain has a poor reputation or no reverse DNS name, or the message looks like spam.",
				"The recipient's organization does not allow this sender.",
			},
			Fix: []string{
				"Check the sending server: its reputation, its reverse DNS name, and SPF, DKIM and DMARC of the domain.",
				"If all is correct, send the whole reply to the recipient's administrator by other means: the log of the filter names the rule.",
			},
			Confirm: ConfirmAuthentication | ConfirmPTR,
		},
		Source: ndrBase + "fix-error-code-550-5-7-1-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.unable-to-relay", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text: []string{"unable to relay"},
		Meaning: "The server does not accept mail for the recipient's domain from this sender: it would be " +
			"relaying.",
		Causes: []string{
			"The MX record of the recipient's domain points at a server that does not host the domain.",
			"The domain is not an accepted domain there, or its setup is not finished.",
			"The client should have signed in, or no connector matches its IP address or certificate.",
		},
		On: &Readings{Split: true,
			Submitted: &Elsewhere{
				Owner:    report.OwnerM365,
				Meaning:  "The server does not relay for this device or program: it did not sign in, and no connector names it.",
				Causes:   []string{"The client should have signed in, or no connector matches its IP address or certificate."},
				Fix:      []string{"Sign in on port 587 (smtp.office365.com), or create a relay connector for the public IP address of the device."},
				Confirm:  ConfirmSubmission,
				Commands: []string{"Get-InboundConnector | Format-List Name,Enabled,SenderIPAddresses,TlsSenderCertificateName"},
				Portal:   portalConnectors,
			},
			Delivered: &Elsewhere{
				Owner:   report.OwnerRecipient,
				Meaning: "The server does not accept mail for the recipient's domain: it would be relaying.",
				Causes: []string{
					"The MX record of the recipient's domain points at a server that does not host the domain.",
					"The domain is not an accepted domain there, or its setup is not finished.",
				},
				Fix:      []string{"Point the MX at the host shown for the domain in the admin center, and finish the domain's setup."},
				Commands: []string{"Get-AcceptedDomain | Format-Table DomainName,DomainType"},
				Portal:   portalAccepted,
			},
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Recipient's side: point the MX at the host shown for the domain in the admin center, and " +
				"finish the domain's setup.",
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
		Codes: []uint16{530}, Enhanced: []string{"5.7.1"},
		Text:    []string{"client was not authenticated"},
		Meaning: "The receiving Exchange server accepts mail only from those who sign in.",
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
		Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text:    []string{"resolver.rst.authrequired", "authentication required [stage: createmessage]"},
		Meaning: "The group, mailbox or public folder accepts mail only from inside its own organization.",
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
		Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
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
		Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text: []string{
			"!transport.rules.rejectmessage",
			"the message was rejected by organization policy",
		},
		Meaning: "A mail flow rule of an organization rejected the message on purpose.",
		Causes: []string{
			"A rule on sender, recipient, attachment, size or words matched.",
			"The rule may be the sender's or the recipient's; the server that wrote the bounce has it.",
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
		Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text: []string{
			"blocked using blocklist 1", "blocked using fblw15", "delist@messaging.microsoft.com",
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
		Codes: []uint16{550}, Enhanced: []string{"5.7.1", "5.7.512"},
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

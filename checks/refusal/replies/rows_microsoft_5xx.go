package replies

import "maildiag/report"

// exchange5 holds the permanent refusals of Exchange Online and Exchange
// Server about addresses, mailboxes, size, routing and format.
var exchange5 = []Row{
	{
		ID: "exo.rtf-header", Provider: ExchangeOnline,
		Codes: []uint16{550, 501}, Enhanced: []string{"5.0.350"},
		Text:    []string{"x-dg-ref header is too long"},
		Meaning: "A header that Outlook adds to the message is too long for the receiving server.",
		Causes: []string{
			"A message in rich text format (RTF), or one with very many attachments or nested messages.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Send it again as HTML or plain text, with fewer attachments, or with the attachments " +
				"in a ZIP file.",
		},

		Duration: Permanent, Source: ndrBase + "fix-error-code-550-5-0-350-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.policy-as345", Provider: ExchangeOnline,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.0.350"},
		Text:    []string{"policy violation detected (as345)"},
		Meaning: "The receiving server rejected the message because of a policy on its content.",
		Causes:  []string{"A kind of attachment that is not allowed.", "Something that looks like spam."},
		Owner:   report.OwnerUser,
		Fix: []string{
			"Send it without the attachment, or share the file by a link.",
			"If it is rejected again, ask the recipient's administrator.",
		},

		Duration: Permanent, Source: ndrBase + "fix-error-code-550-5-0-350-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.remote-error", Provider: ExchangeOnline,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.0.350"},
		Wraps: true,
		Meaning: "The receiving server rejected the message with a reply that Exchange Online has no code " +
			"of its own for.",
		Causes: []string{"The text after \"Remote server returned\" says why."},
		Owner:  report.OwnerRecipient,
		Fix:    []string{"Read, or explain, the reply that is quoted in the bounce."},

		Duration: Permanent, Source: ndrBase + "fix-error-code-550-5-0-350-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.sender-denied", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.1.0"},
		Text: []string{"sender denied"},
		Meaning: "The recipient's address cannot be used as it was typed, or the recipient's side rejects " +
			"this sender.",
		Causes: []string{
			"An old entry of Outlook's auto-complete list, from before a migration.",
			"The sender is on the recipient's list of blocked senders.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Delete the name from the auto-complete list and type the whole address.",
			"If it comes back, ask the recipient's administrator whether the sender is blocked.",
		},
		Duration: Permanent, Source: ndrBase + "fix-error-code-550-5-1-0-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.recipient-missing", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.1.1"},
		Text: []string{
			"bad destination mailbox address", "resolver.adr.exrecipnotfound", "resolver.adr.recipnotfound",
		},
		Meaning: "There is no such recipient in the receiving organization.",
		Causes: []string{
			"There is a typing error, or a mailbox that was deleted.",
			"An old entry of Outlook's auto-complete list (ExRecipNotFound), from before a migration.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Delete the name from the auto-complete list and type the whole address.",
			"If the mailbox was migrated, its administrator adds the old legacyExchangeDN as an " +
				"X500 address.",
		},
		Commands: []string{
			"Set-Mailbox -Identity user@contoso.com -EmailAddresses @{Add=\"X500:/o=OLD/ou=...\"}",
		},
		Duration: Permanent,
		Source:   ndrBase + "fix-error-code-550-5-1-1-through-5-1-20-in-exchange-online",
		Date:     readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.recipient-syntax", Provider: ExchangeServer,
		Codes: []uint16{501, 550}, Enhanced: []string{"5.1.3"},
		Text:    []string{"storedrv.submit; invalid recipient address"},
		Meaning: "The recipient's address is not well-formed.",
		Causes:  []string{"A space, a missing @ or another forbidden character in the address."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Type the address again."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.reserved-domain", Provider: ExchangeServer,
		Codes: []uint16{501, 550}, Enhanced: []string{"5.1.4", "5.1.5"},
		Text: []string{"recipient address reserved by rfc 2606"},
		Meaning: "The recipient's domain is one that is reserved for examples and tests, such as " +
			"example.com.",
		Causes: []string{"A made-up address in a form or a test."},
		Owner:  report.OwnerUser,
		Fix:    []string{"Use a real address."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.single-label", Provider: ExchangeServer,
		Codes: []uint16{501, 550}, Enhanced: []string{"5.1.6"},
		Text:    []string{"single label domains not accepted"},
		Meaning: "The part of the address after the @ has no dot.",
		Causes:  []string{"A host name of the local network was used as a domain."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Use the whole domain, such as user@contoso.com."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.sender-unknown", Provider: ExchangeServer,
		Codes: []uint16{501, 550}, Enhanced: []string{"5.1.7"},
		Text:    []string{"invalid address", "unknown sender address"},
		Meaning: "The sender's address is not valid, or does not exist in the organization that it names.",
		Causes:  []string{"A device or application sends with a made-up or misspelt address."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Set the From address of the device or application to an address that exists."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.restricted-user", Provider: ExchangeOnline,
		Codes: []uint16{501, 550}, Enhanced: []string{"5.1.8"},
		Text: []string{"access denied, bad outbound sender", "as 42003", "as 42004", "ausgehender absender", "expediteur sortant",
			"remitente saliente", "mittente in uscita", "uitgaande afzender", "remetente de saida"},
		Meaning: "Microsoft has stopped this account from sending, because spam came from it.",
		Causes: []string{
			"The account's password was stolen, and it sends spam.",
			"A mailing to very many recipients looked like spam.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Secure the account first: reset the password, revoke its sessions, look for forwarding " +
				"and inbox rules, turn on multi-factor authentication.",
			"Then take it off the list of restricted entities; sending works again within an hour, " +
				"sometimes a day.",
		},
		Commands: []string{
			"Get-InboxRule -Mailbox user@contoso.com",
			"Get-BlockedSenderAddress -SenderAddress user@contoso.com",
			"Remove-BlockedSenderAddress -SenderAddress user@contoso.com",
		},
		Portal: portalRestricted, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-1-8-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.recipient-lookup", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.1.10"},
		Text: []string{
			"resolver.adr.recipientnotfound", "recipient not found by smtp address lookup",
		},
		Meaning: "The recipient's domain is hosted there, but no mailbox or group has this address.",
		Causes: []string{
			"There is a typing error, or a mailbox that was deleted.",
			"A hybrid setup: the mailbox is still on premises, but the domain is Authoritative in " +
				"Exchange Online and the user is not synchronized.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Check the address and delete it from the auto-complete list.",
			"Recipient's administrator, during a migration: synchronize the user, or set the domain " +
				"to Internal Relay.",
		},
		Commands: []string{
			"Get-Recipient -Identity user@contoso.com",
			"Set-AcceptedDomain -Identity contoso.com -DomainType InternalRelay",
		},
		Portal: portalAccepted, Duration: Permanent,
		Source: ndrBase + "fix-error-code-550-5-1-10-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.several-from", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.1.20"},
		Text:    []string{"multiple from addresses are not allowed without sender address"},
		Meaning: "The message has several From addresses, and then it must have one Sender.",
		Causes:  []string{"An application writes several addresses into From."},
		Owner:   OwnerSender,
		Fix:     []string{"Write one address into From, or add a Sender field with one address."},

		Duration: Permanent, Source: "RFC 5322 3.6.2", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.remote-user-unknown", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.1.351"},
		Text:    []string{"remote server returned unknown recipient or mailbox unavailable"},
		Meaning: "The receiving server says that there is no such mailbox.",
		Causes:  []string{"There is a typing error, or a mailbox that was deleted or moved."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Check the address with the recipient by other means."},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exchange.quarantined", Provider: ExchangeServer,
		Codes: []uint16{550}, Enhanced: []string{"5.2.1"},
		Text:    []string{"content filter agent quarantined this message"},
		Meaning: "The receiving Exchange server put the message into its spam quarantine.",
		Causes:  []string{"Its content filter took it for spam."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"The recipient's administrator releases it from the quarantine mailbox."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.mailbox-disabled", Provider: ExchangeServer,
		Codes: []uint16{550}, Enhanced: []string{"5.2.1"},
		Text:    []string{"mailbox cannot be accessed"},
		Meaning: "The recipient's mailbox cannot be opened.",
		Causes:  []string{"It is disabled, offline or being moved."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"The recipient's administrator looks at the state of the mailbox."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.mailbox-full", Provider: ExchangeOnline,
		Codes: []uint16{550, 552, 554, 452}, Enhanced: []string{"5.2.2"},
		Text:    []string{"mailbox full", "quotaexceeded", "mailbox is full", "!mapiexceptionshutoffquotaexceeded", "!quotaexceededexception"},
		Meaning: "The recipient's mailbox is full.",
		Causes:  []string{"It has reached its quota."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"The recipient deletes or archives mail, or the administrator raises the quota.",
			"Then send again.",
		},
		Commands: []string{
			"Get-MailboxStatistics -Identity user@contoso.com | Format-List TotalItemSize,StorageLimitStatus",
		},
		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.recipient-size", Provider: ExchangeServer,
		Codes: []uint16{550}, Enhanced: []string{"5.2.3"},
		Text:    []string{"resolver.rst.recipsizelimit", "message too large for this recipient"},
		Meaning: "The message is larger than the recipient may receive.",
		Causes:  []string{"A large attachment."},
		Owner:   report.OwnerUser,
		Fix: []string{
			"Share the file by a link, or send it in parts.",
			"The recipient's administrator can raise MaxReceiveSize.",
		},
		Commands: []string{
			"Set-Mailbox -Identity user@contoso.com -MaxReceiveSize 150MB",
		},
		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.recipient-rate-sender", Provider: ExchangeOnline,
		Codes: []uint16{550, 450}, Enhanced: []string{"5.2.121"},
		Text:    []string{"per hour message receive limit from specific sender exceeded"},
		Meaning: "The recipient has got too many messages from this sender within an hour.",
		Causes:  []string{"A flood of alerts, or a loop between automatic replies."},
		Owner:   OwnerSender,
		Fix:     []string{"Find what sends so often and stop it, then wait an hour."},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.recipient-rate", Provider: ExchangeOnline,
		Codes: []uint16{550, 450}, Enhanced: []string{"5.2.122"},
		Text: []string{
			"per hour message receive limit exceeded",
			"the recipient has exceeded their limit for",
		},
		Meaning: "The recipient has got too many messages within an hour.",
		Causes:  []string{"A mail storm, a flood of alerts, or an attack on the mailbox."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Wait an hour and send again.",
			"The recipient's administrator looks for the source of the flood.",
		},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.mdb-properties", Provider: ExchangeServer,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.3.2"},
		Text:    []string{"missing or bad storedriver mdb properties", "!there is no mdb", "!recipient + no mdb", "!no mailbox database"},
		Meaning: "The receiving Exchange server does not find the recipient's mailbox database.",
		Causes:  []string{"The mailbox's entry in the directory is damaged, or its database is gone."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"The recipient's administrator checks the mailbox's homeMDB and the database."},
		Stays:   true,

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.unrecognized-command", Provider: ExchangeServer,
		Codes: []uint16{500}, Enhanced: []string{"5.3.3"},
		Text:    []string{"unrecognized command"},
		Meaning: "The server does not know a command that the other one sent.",
		Causes: []string{
			"Exchange authentication (X-EXPS) between two Exchange servers is missing on the connector.",
			"A firewall alters commands (\"XXXX\").",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Check the authentication settings of the receive connector, and turn off SMTP " +
				"inspection on firewalls.",
		},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.too-large", Provider: ExchangeServer,
		Codes: []uint16{552}, Enhanced: []string{"5.3.4"},
		Text:    []string{"message size exceeds fixed maximum message size", "resolver.rst.sendsizelimit"},
		Meaning: "The message is larger than the server takes.",
		Causes:  []string{"A large attachment; attachments grow by a third when they are mailed."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Share the file by a link, or send it in parts."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.misconfigured", Provider: ExchangeServer,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.3.5"},
		Text:    []string{"system incorrectly configured"},
		Meaning: "The receiving server would send the message to itself: a loop.",
		Causes:  []string{"MX record, smart host or connector point back to the server itself."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"The recipient's administrator checks send connectors, smart hosts and MX records.",
		},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.journal-archive", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.3.190"},
		Text: []string{"journaling on-premises messages"},
		Meaning: "Journal reports of on-premises mail come to Exchange Online, but its journaling " +
			"archive is off.",
		Causes: []string{"Journaling on premises points at a mailbox in Microsoft 365."},
		Owner:  report.OwnerM365,
		Fix: []string{
			"Send journal reports to a mailbox outside Exchange Online, or to an archiving service.",
		},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.edge-blocking", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.4.1"},
		Text: []string{
			"recipient address rejected: access denied*as(201806281)",
			"recipient address rejected: access denied",
		},
		Meaning: "Exchange Online does not know this recipient and rejected the message at its door " +
			"(directory-based edge blocking).",
		Causes: []string{
			"There is a typing error, or a mailbox that does not exist.",
			"A migration: the mailbox is still elsewhere, but the domain is Authoritative in " +
				"Exchange Online.",
			"A public folder or a group that is not synchronized to the cloud.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Check the address.",
			"Recipient's administrator: create or synchronize the recipient; while mailboxes are " +
				"still elsewhere, set the domain to Internal Relay.",
		},
		Commands: []string{
			"Get-Recipient -Identity user@contoso.com",
			"Get-AcceptedDomain -Identity contoso.com | Format-List DomainType",
			"Set-AcceptedDomain -Identity contoso.com -DomainType InternalRelay",
		},
		Portal: portalAccepted, Duration: Permanent,
		Source: "https://learn.microsoft.com/exchange/mail-flow-best-practices/use-directory-based-edge-blocking",
		Date:   readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.relay-denied", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.4.1"},
		Text:    []string{"relay access denied"},
		Meaning: "The receiving server does not accept mail for the recipient's domain.",
		Causes: []string{
			"The MX record of the recipient's domain points at a server that does not host the domain.",
			"The domain is not an accepted domain there, or its setup is not finished.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Point the MX at the host that the admin center shows for the domain.",
			"Finish the domain's setup; check that it is an accepted domain.",
		},
		Commands: []string{"Get-AcceptedDomain | Format-Table DomainName,DomainType"},
		Portal:   portalDomains, Next: []string{"the MX records of the recipient's domain"},
		Duration: Permanent,
		Source:   ndrBase + "fix-error-code-550-5-4-1-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.nonexistent-domain", Confirm: ConfirmMX, Provider: ExchangeServer,
		Codes: []uint16{554}, Enhanced: []string{"5.4.4"},
		Text:    []string{"smtpsend.dns.nonexistentdomain"},
		Meaning: "The recipient's domain, or the host of a send connector, does not exist in the DNS.",
		Causes: []string{
			"There is a typing error in the address.",
			"The smart host of a send connector is misspelt.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Check the part of the address after the @; then the smart hosts of the send connectors.",
		},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.loop", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{554}, Enhanced: []string{"5.4.14"},
		Text:    []string{"hop count exceeded - possible mail loop", "routing loop detected"},
		Meaning: "The message went round in a circle between Exchange Online and another server.",
		Causes: []string{
			"The domain is Internal Relay in Exchange Online, and the server behind the connector " +
				"sends its mail back.",
			"The recipient exists on neither side, and each hands the message to the other.",
			"No mailbox in the organization has a license yet.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"If all mailboxes are in Exchange Online: set the domain to Authoritative.",
			"If some are on premises: check that the connector points at that server, and that it " +
				"does not send unknown recipients back.",
			"Check the MX records.",
		},
		Commands: []string{
			"Get-AcceptedDomain -Identity contoso.com | Format-List DomainType",
			"Get-OutboundConnector | Format-List Name,RecipientDomains,SmartHosts,UseMXRecord",
		},
		Portal: portalAccepted,
		Next:   []string{"the Received fields of the message: they show the circle"}, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-4-6-through-5-4-20-in-exchange-online",
		Date:   readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.loop", Confirm: ConfirmMX, Provider: ExchangeServer,
		Codes: []uint16{554}, Enhanced: []string{"5.4.6"},
		Text:    []string{"hop count exceeded - possible mail loop", "routing loop detected"},
		Meaning: "The message went round in a circle between servers.",
		Causes: []string{
			"Two servers each think that the other holds the mailbox.",
			"A forwarding address that forwards back.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Check domain type, connectors and MX records on both sides.",
			"Look for forwarding that points back.",
		},
		Next: []string{"the Received fields of the message: they show the circle"}, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-4-6-through-5-4-20-in-exchange-online",
		Date:   readOn, Confidence: Confirmed,
	},
	{
		ID: "outlook.mailbox-unavailable", Provider: OutlookConsumer,
		Codes: []uint16{550}, Enhanced: []string{"5.5.0"},
		Text:    []string{"?requested action not taken mailbox unavailable"},
		Meaning: "Outlook.com or Hotmail has no such mailbox.",
		Causes:  []string{"There is a typing error, or an account that was closed."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Check the address with the recipient by other means."},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.too-many-recipients", Provider: ExchangeServer,
		Codes: []uint16{452, 550, 554}, Enhanced: []string{"5.5.3"},
		Text:    []string{"too many recipients"},
		Meaning: "The message has more recipients than the server allows.",
		Causes:  []string{"A mailing with very many recipients in one message."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Send in smaller portions, or to a distribution group."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.bare-linefeeds", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.6.11"},
		Text:    []string{"invalid characters", "barelinefeedsareillegal", "bare linefeeds"},
		Meaning: "The message holds line ends (bare line feeds) that the receiving server does not take.",
		Causes: []string{
			"The application that wrote the message ends lines with LF instead of CRLF.",
			"The receiving server does not support CHUNKING (BDAT), by which such messages could be sent.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Repair the application: every line must end with CRLF.",
			"The receiver may enable CHUNKING.",
		},
		Duration: Permanent, Source: ndrBase + "fix-error-code-550-5-6-11-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
}

package replies

import "maildiag/report"

// exchange57 holds the refusals of Exchange Online and Exchange Server for
// reasons of policy and security, x.7.x but 5.7.1.
var exchange57 = []Row{
	{
		ID: "exchange.no-exchange-auth", Provider: ExchangeServer,
		Codes: []uint16{535, 550, 454}, Enhanced: []string{"5.7.3"},
		Text:    []string{"cannot achieve exchange server authentication", "not authorized"},
		Unless:  []string{"spf"},
		Meaning: "Two Exchange servers could not sign in to one another.",
		Causes: []string{
			"A firewall removes the X-EXPS command, or the receive connector does not offer " +
				"Exchange authentication.",
			"Clocks or names of the servers do not match.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Turn off SMTP inspection on firewalls between the servers.",
			"Offer Exchange Server authentication on the receive connector that answers.",
		},
		Commands: []string{"Get-ReceiveConnector | Format-Table Identity,Bindings,AuthMechanism"},
		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.starttls-required", Provider: ExchangeOnline,
		Codes: []uint16{451, 530}, Enhanced: []string{"5.7.3"},
		Text:    []string{"starttls is required to send mail"},
		Meaning: "The receiving server accepts mail only over TLS, and this session was not encrypted.",
		Causes: []string{
			"The sending server has TLS turned off.",
			"A firewall strips STARTTLS.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Turn TLS on for outgoing mail; check with the receiver that STARTTLS works.",
		},
		Commands: []string{"Get-OutboundConnector | Format-List Name,TlsSettings,TlsDomain"},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.not-authenticated-org", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.12"},
		Text:    []string{"sender was not authenticated by organization"},
		Meaning: "The recipient accepts mail only from inside its own organization.",
		Causes:  []string{"The recipient's organization rejects senders from outside for this recipient."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"The recipient's administrator allows senders from outside, or allows this one."},

		Duration: Permanent, Source: ndrBase + "fix-error-code-5-7-12-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.public-folder-internal", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.13", "5.7.135", "5.7.1"},
		Text: []string{
			"sender was not authenticated for public folder", "sendernotauthenticatedforpublicfolder",
		},
		Meaning: "The public folder accepts mail only from inside its own organization.",
		Causes:  []string{"Anonymous users may not create items in the folder."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"Allow anonymous senders for this mail-enabled public folder."},
		Commands: []string{
			"Set-MailPublicFolder -Identity \"\\Folder\" -RequireSenderAuthenticationEnabled $false",
			"Add-PublicFolderClientPermission -Identity \"\\Folder\" -User Anonymous -AccessRights " +
				"CreateItems",
		},
		Duration: Permanent, Source: ndrBase + "fix-error-code-5-7-13-or-5-7-135-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.spf-violation", Confirm: ConfirmSPF, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.23"},
		Text: []string{"rejected because of sender policy framework violation"},
		Meaning: "The recipient's side rejected the message because SPF of the sender's domain does not " +
			"allow the server it came from.",
		Causes: []string{
			"SPF of the sender's domain lacks the server or service that sent this.",
			"SPF has an error (two records, over 10 lookups).",
			"The message was forwarded, or left Microsoft 365 through its high-risk pool.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Add the server or service to the domain's SPF record.",
			"For Microsoft 365: the record must hold include:spf.protection.outlook.com.",
		},
		Next:     []string{"SPF of the sender's domain for the sending address"},
		Duration: Permanent, Source: ndrBase + "fix-error-code-5-7-23-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.ipv6-ptr", Confirm: ConfirmPTR, Provider: ExchangeOnline,
		Codes: []uint16{550, 450}, Enhanced: []string{"5.7.25", "4.7.25"},
		Text:    []string{"the sending ipv6 address*must have a reverse dns record"},
		Meaning: "The server sent over IPv6, and its IPv6 address has no reverse DNS entry.",
		Causes:  []string{"No PTR record for the IPv6 address of the sending server."},
		Owner:   OwnerSender,
		Fix: []string{
			"Have the provider of the address publish a PTR record for it, and an AAAA record that " +
				"points back.",
			"Or let the server send over IPv4.",
		},
		Next:     []string{"reverse DNS of the sending address"},
		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.partner-connector", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.51"},
		Text: []string{
			"partner connector configured that matched the message's recipient domain",
			"restrictdomainstoipaddresses", "restrictdomainstocertificate",
		},
		Meaning: "The recipient's organization accepts mail only through its own gateway, and this message " +
			"bypassed it.",
		Causes: []string{
			"The sender delivered to the Microsoft 365 host directly instead of to the published MX.",
			"The gateway's address or certificate changed, and the connector was not updated.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Sender: deliver to the MX host that the DNS gives, without a fixed smart host.",
			"Recipient's administrator: add the sender's or gateway's address or certificate to the " +
				"inbound connector.",
		},
		Commands: []string{
			"Get-InboundConnector | Format-List " +
				"Name,ConnectorType,SenderDomains,SenderIPAddresses,TlsSenderCertificateName,RestrictDomains*",
		},
		Portal: portalConnectors,
		Next:   []string{"the MX records of the recipient's domain"}, Duration: Permanent,
		Source: "https://learn.microsoft.com/powershell/module/exchange/new-inboundconnector",
		Date:   readOn, Confidence: ThirdParty,
	},
	{
		ID: "exchange.relay-non-accepted", Provider: ExchangeServer,
		Codes: []uint16{550}, Enhanced: []string{"5.7.54"},
		Text:    []string{"unable to relay recipient in non-accepted domain"},
		Meaning: "The Exchange server does not pass mail on to domains of others for this client.",
		Causes: []string{
			"A device or application sends to the outside without signing in, over a connector that " +
				"does not allow relaying.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Let the device sign in, or allow its address on a receive connector made for relaying.",
		},
		Commands: []string{
			"Get-ReceiveConnector | Format-Table Identity,Bindings,RemoteIPRanges,PermissionGroups",
		},
		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exo.tenant-attribution", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.64"},
		Text: []string{"tenantattribution; relay access denied", "tenantattribution;*relay access denied"},
		Meaning: "Exchange Online could not tell which organization this server belongs to, so it does not " +
			"relay for it.",
		Causes: []string{
			"The server's public IP address changed, and the inbound connector still names the old one.",
			"The certificate was renewed with another name, or the server does not present it.",
			"Mail for a domain that is not hosted there was sent to it.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Compare the server's public address and certificate with the inbound connector \"from " +
				"your organization's email server\".",
			"The certificate's name must be, or lie under, an accepted domain of the organization.",
			"In a hybrid setup, run the Hybrid Configuration Wizard again.",
		},
		Commands: []string{
			"Get-InboundConnector | Format-List " +
				"Name,Enabled,ConnectorType,SenderIPAddresses,TlsSenderCertificateName",
			"Set-InboundConnector -Identity \"CONNECTOR\" -SenderIPAddresses 203.0.113.9",
		},
		Portal: portalConnectors, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-7-64-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.direct-send-rejected", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.68"},
		Text: []string{"direct send not allowed for this organization from unauthorized sources"},
		Meaning: "The organization rejects unsigned-in mail in its own name (Reject Direct Send is on), " +
			"and this sender matches no connector.",
		Causes: []string{
			"A printer, application or cloud service sends as the organization's own domain to its MX " +
				"host without signing in.",
			"A forwarder passes the organization's own mail back without rewriting the envelope " +
				"sender (SRS).",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Create an inbound connector for the certificate of the device or service, or for its public IPv4 address.",
			"Leave out -RequireTls $false if the device does TLS. Do not restrict the domain to these addresses " +
				"(-RestrictDomainsToIPAddresses $true): its mail from all others is then rejected.",
			"Or let it sign in on smtp.office365.com port 587.",
			"Message trace does not show these refusals; they happen before it.",
		},
		Commands: []string{
			"Get-OrganizationConfig | Format-List RejectDirectSend",
			"New-InboundConnector -Name \"Printers\" -ConnectorType Partner -SenderDomains " +
				"contoso.com -SenderIPAddresses 203.0.113.9 -RequireTls $false",
		},
		Portal: portalConnectors, Duration: Permanent,
		Source: "https://techcommunity.microsoft.com/blog/exchange/" +
			"introducing-more-control-over-direct-send-in-exchange-online/4408790",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.allowed-senders", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.124"},
		Text:    []string{"sender not in allowed-senders list", "sendernotinallowedsenders"},
		Meaning: "Only certain senders may write to this group, and this one is not among them.",
		Causes:  []string{"The group has a list of allowed senders."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"The owner of the group adds the sender, or allows all senders."},
		Commands: []string{
			"Set-DistributionGroup -Identity group@contoso.com " +
				"-AcceptMessagesOnlyFromSendersOrMembers @{Add=\"sender@contoso.com\"}",
		},
		Portal: portalDelivery, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-7-124-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.sender-restricted", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.129"},
		Meaning: "The sender is restricted for this recipient.",
		Causes: []string{
			"Delivery restrictions of the recipient, sometimes left over from a disabled account in " +
				"the on-premises Active Directory.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"The recipient's administrator looks at the delivery restrictions of the mailbox, on " +
				"premises first if it is synchronized.",
		},
		Commands: []string{
			"Get-Recipient -Identity user@contoso.com | Format-List " +
				"AcceptMessagesOnlyFrom*,RejectMessagesFrom*",
		},
		Duration: Permanent, Source: ndrBase + "fix-error-code-550-5-7-1-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.group-internal", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.133", "5.7.1"},
		Text:    []string{"sender not authenticated for group", "sendernotauthenticatedforgroup"},
		Meaning: "The distribution group accepts mail only from inside its own organization.",
		Causes: []string{
			"\"Only allow messages from people inside my organization\" is on, as it is by default.",
		},
		Owner: report.OwnerRecipient,
		Fix:   []string{"The owner of the group allows senders from outside."},
		Commands: []string{
			"Set-DistributionGroup -Identity group@contoso.com -RequireSenderAuthenticationEnabled $false",
		},
		Portal: portalDelivery, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-7-133-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.mailbox-internal", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.134", "5.7.1"},
		Text:    []string{"sender was not authenticated for mailbox", "sendernotauthenticatedformailbox"},
		Meaning: "The mailbox accepts mail only from inside its own organization.",
		Causes:  []string{"\"Require that all senders are authenticated\" is on for the mailbox."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"The recipient's administrator allows senders from outside for this mailbox."},
		Commands: []string{
			"Set-Mailbox -Identity user@contoso.com -RequireSenderAuthenticationEnabled $false",
		},
		Duration: Permanent, Source: ndrBase + "fix-error-code-5-7-134-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.mailuser-internal", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.136", "5.7.1"},
		Text:    []string{"sendernotauthenticatedformailuser", "sender was not authenticated"},
		Meaning: "The recipient (a mail user) accepts mail only from inside its own organization.",
		Causes:  []string{"\"Require that all senders are authenticated\" is on for the mail user."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"The recipient's administrator allows senders from outside for this mail user."},
		Commands: []string{
			"Set-MailUser -Identity user@contoso.com -RequireSenderAuthenticationEnabled $false",
		},
		Duration: Permanent, Source: ndrBase + "fix-error-code-5-7-136-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.m365-group-internal", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.193"},
		Meaning: "The Microsoft 365 group accepts mail only from inside its own organization.",
		Causes:  []string{"\"Let people outside the organization email this team\" is off."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"The owner of the group allows senders from outside."},
		Commands: []string{
			"Set-UnifiedGroup -Identity group@contoso.com -RequireSenderAuthenticationEnabled $false",
		},
		Portal: "Microsoft 365 admin center > Teams & groups > Active teams and groups > (group) > Settings",

		Duration: Permanent,
		Source: "" +
			"https://learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr/550-5-7-193-when-external-users-send-to-microsoft-365-group",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.onprem-outdated", Provider: ExchangeOnline,
		Codes: []uint16{550, 450}, Enhanced: []string{"x.7.230"},
		Text:    []string{"exchange server version is out of date", "exchange server + version + out of date", "exchange server + outdated", "exchange server version + unsupported"},
		Meaning: "The sender's own Exchange server is too old: Exchange Online delays or blocks mail that it sends over an OnPremises connector.",
		Causes:  []string{"The Exchange server is out of support, or lacks security updates of several months."},
		Owner:   OwnerSender,
		Fix: []string{
			"Install the latest updates on the Exchange server, or replace it by a supported version.",
			"To gain time, pause the enforcement: up to 90 days a year.",
		},
		Commands: []string{"Get-ExchangeServer | Format-Table Name,AdminDisplayVersion",
			"New-TenantExemptionInfo -BlockingScenario UnpatchedOnPremServer"},
		Portal:   "Exchange admin center > Reports > Mail flow > Out-of-date connecting on-premises Exchange servers",
		Duration: Either, Date: readOn, Confidence: ThirdParty,
		Source: "https://techcommunity.microsoft.com/blog/exchange/how-to-pause-throttling-and-blocking-of-out-of-date-on-premises-exchange-servers/4007169",
	},
	{
		ID: "exo.trial-recipient-limit", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.232"},
		Text:    []string{"your trial tenant has exceeded its daily limit"},
		Meaning: "The organization is on trial and has reached its daily number of recipients outside.",
		Causes:  []string{"Trial organizations may write to few outside recipients a day."},
		Owner:   report.OwnerM365,
		Fix:     []string{"Buy licenses, or wait 24 hours.", "Check that no account is abused."},
		Portal:  "Exchange admin center > Reports > Mail flow > Tenant Outbound External Recipients",

		Duration: Permanent,
		Source: "" +
			"https://techcommunity.microsoft.com/blog/exchange/introducing-exchange-online-tenant-outbound-email-limits/4372797",
		Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.tenant-recipient-limit", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.233"},
		Text: []string{
			"your tenant exceeded its daily limit",
			"your tenant has exceeded its daily limit for sending email to external recipients (tenant",
		},
		Meaning: "The organization has reached its daily number of recipients outside (500 × " +
			"licenses^0.7 + 9,500).",
		Causes: []string{
			"Bulk mail is sent through Exchange Online.",
			"One or more accounts were taken over and send spam.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Check that no account is abused.",
			"Wait: the count is a rolling one over 24 hours.",
			"Send bulk mail through a service made for it, such as Azure Communication Services.",
		},
		Portal: "Exchange admin center > Reports > Mail flow > Tenant Outbound External Recipients",

		Duration: Permanent,
		Source: "" +
			"https://techcommunity.microsoft.com/blog/exchange/introducing-exchange-online-tenant-outbound-email-limits/4372797",
		Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.onmicrosoft-limit", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.236"},
		Text: []string{"from your tenant's onmicrosoft.com domains", "from onmicrosoft.com", "onmicrosoft.com domain~"},
		Meaning: "The organization has sent to over 100 outside recipients in a day from its " +
			"onmicrosoft.com addresses.",
		Causes: []string{"Users or applications still send from user@tenant.onmicrosoft.com."},
		Owner:  report.OwnerM365,
		Fix: []string{
			"Add the organization's own domain and make it the primary address of the users.",
			"Until then, wait 24 hours.",
		},
		Commands: []string{
			"Set-Mailbox -Identity user@tenant.onmicrosoft.com -WindowsEmailAddress user@contoso.com",
		},
		Portal: portalDomains, Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.remote-no-relay", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.367"},
		Text: []string{"remote server returned not permitted to relay"},
		Meaning: "The next server rejected to relay the message, most often a forwarded one that left " +
			"through Microsoft's relay pool.",
		Causes: []string{
			"Mail from outside is forwarded to the outside, and it passed neither SPF nor DKIM when " +
				"it came in.",
			"An on-premises server or gateway does not list the addresses of the relay pool.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"See that forwarded mail passes SPF or DKIM when it comes in; with a gateway in front, " +
				"set up enhanced filtering for connectors.",
			"Forward to an accepted domain, or replace forwarding with delivery.",
		},
		Portal: portalConnectors, Duration: Permanent,
		Source: "" +
			"https://learn.microsoft.com/troubleshoot/exchange/email-delivery/ndr/forwarded-message-rejected-5-7-367-ndr",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.spam-abuse", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.501"},
		Text:    []string{"access denied, spam abuse detected"},
		Meaning: "Microsoft has banned the sending account because of spam.",
		Causes:  []string{"The account was taken over and sends spam."},
		Owner:   report.OwnerM365,
		Fix: []string{
			"Secure the account: new password, sessions revoked, rules and forwarding checked.",
			"Then ask Microsoft support to lift the ban.",
		},
		Portal: portalRestricted,

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.banned-sender", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.502", "5.7.503"},
		Text:    []string{"access denied, banned sender"},
		Meaning: "Microsoft has banned the sending account.",
		Causes:  []string{"The account was taken over and sends spam, or mail much like it."},
		Owner:   report.OwnerM365,
		Fix: []string{
			"Secure the account: new password, sessions revoked, rules and forwarding checked.",
			"Then ask Microsoft support to lift the ban.",
		},
		Portal: portalRestricted,

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.recipient-rejected", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.504"},
		Text:    []string{"recipient address rejected: access denied"},
		Meaning: "The recipient's address does not exist there.",
		Causes:  []string{"There is a typing error, or a mailbox that was deleted."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Check the address with the recipient by other means."},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.banned-recipient", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.505"},
		Text:    []string{"access denied, banned recipient"},
		Meaning: "Microsoft does not deliver to this recipient.",
		Causes:  []string{"The recipient is on a ban list."},
		Owner:   report.OwnerUser,
		Fix: []string{
			"Check the address.",
			"If it is right, the recipient's administrator asks Microsoft support.",
		},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.bad-helo", Confirm: ConfirmPTR, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.506"},
		Text:    []string{"access denied, bad helo"},
		Meaning: "The sending server introduced itself with a name that is not its own.",
		Causes:  []string{"The server says the recipient's own name, or an invalid one, in EHLO."},
		Owner:   OwnerSender,
		Fix: []string{
			"Set the server's EHLO name to its own host name, with an address record, equal to its " +
				"reverse DNS.",
		},
		Next: []string{"reverse DNS of the sending address against its EHLO name"},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.ip-rejected-by-recipient", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.507"},
		Text:    []string{"access denied, rejected by recipient"},
		Meaning: "The recipient's organization blocks the IP address of the sending server.",
		Causes:  []string{"The address is on the organization's own block list."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"The recipient's administrator takes the address off the IP block list of the connection filter.",
		},
		Commands: []string{
			"Get-HostedConnectionFilterPolicy Default | Format-List IPBlockList",
		},
		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.ipv6-range-rate", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.508"},
		Text:    []string{"has exceeded permitted limits within*range"},
		Meaning: "Too much mail came from this IPv6 range.",
		Causes:  []string{"A burst from the range of the sending server."},
		Owner:   OwnerSender,
		Fix:     []string{"Send less at a time, or send over IPv4."},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.dmarc-reject", Confirm: ConfirmAuthentication, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.509"},
		Text: []string{"does not pass dmarc verification and has a dmarc policy of reject"},
		Meaning: "The message claims to be from a domain whose DMARC policy says reject, and neither SPF " +
			"nor DKIM vouches for it.",
		Causes: []string{
			"The service that sent this is not in the domain's SPF and does not sign with the " +
				"domain's DKIM key.",
			"It signs, or passes SPF, with another domain that is not aligned with From.",
			"The message was forwarded and changed on the way.",
			"Somebody forges the domain: then the rejection is right.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Sign with DKIM in the name of the From domain (best: it survives forwarding).",
			"Add the server to the domain's SPF record, and send with an envelope sender in the domain.",
		},
		Next:     []string{"SPF for the sending address, DKIM selector, DMARC alignment of the From domain"},
		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.no-ipv6", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.510"},
		Text:    []string{"does not accept email over ipv6"},
		Meaning: "The recipient's domain does not accept mail over IPv6.",
		Causes:  []string{"IPv6 is not enabled for the domain in Exchange Online."},
		Owner:   OwnerSender,
		Fix: []string{
			"Let the server send over IPv4.",
			"The recipient's administrator can enable IPv6 for the domain.",
		},
		Commands: []string{
			"Enable-IPv6ForAcceptedDomain -Domain contoso.com",
		},
		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.banned-ip-delist-mail", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.511"},
		Text:    []string{"access denied, banned sender"},
		Meaning: "Microsoft has banned the IP address of the sending server.",
		Causes:  []string{"Spam left this address, perhaps from a machine or account that was taken over."},
		Owner:   OwnerSender,
		Fix: []string{
			"Find and stop what sent the spam.",
			"Forward the whole bounce to delist@microsoft.com; the portal does not lift this ban.",
		},
		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.from-not-rfc5322", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.512"},
		Text:    []string{"message must be rfc 5322 section 3.6.2 compliant"},
		Meaning: "The From field of the message is missing, doubled or malformed.",
		Causes:  []string{"An application writes its own header fields, and does it wrongly."},
		Owner:   OwnerSender,
		Fix:     []string{"Write exactly one From field with one well-formed address."},

		Duration: Permanent, Source: "RFC 5322 3.6.2", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.customer-blocklist", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.513"},
		Text:    []string{"using customer block list"},
		Meaning: "The recipient's organization has the sending server's IP address on its own block list.",
		Causes:  []string{"The recipient's administrator blocked the address or its network."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Ask the recipient's administrator to take the address off the IP block list of the " +
				"connection filter.",
		},
		Commands: []string{
			"Get-HostedConnectionFilterPolicy Default | Format-List IPBlockList",
		},
		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.outbound-spam", Provider: ExchangeOnline, Codes: []uint16{550}, Enhanced: []string{"5.7.520"},
		Text:    []string{"identified as spam", "classified as spam", "as spam"},
		Meaning: "Microsoft 365 takes the message for spam and does not deliver it.",
		Causes: []string{
			"The content, a link, or the sender's reputation made the spam filter of Microsoft 365 stop the message.",
			"The sender's account is used by somebody else to send spam.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Check the account's sign-ins and inbox rules, and its recent messages, for misuse.",
			"If the message is legitimate: submit it to Microsoft as not spam, and have it sent again without the link or " +
				"attachment in question.",
		},
		Portal:   "Microsoft Defender portal > Actions & submissions > Submissions",
		Duration: Permanent, Source: ndrList, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exo.auto-forward-blocked", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.520"},
		Text: []string{"your organization does not allow external forwarding"},
		Meaning: "The mailbox forwards to an outside address automatically, and the organization does not " +
			"allow that.",
		Causes: []string{"The outbound spam policy blocks automatic forwarding, as it does by default."},
		Owner:  report.OwnerM365,
		Fix: []string{
			"If nobody set the forwarding up on purpose, treat the mailbox as taken over.",
			"If it is wanted: allow it for this mailbox alone, by an outbound spam policy of its own.",
		},
		Commands: []string{
			"Get-Mailbox -Identity user@contoso.com | Format-List Forwarding*",
			"New-HostedOutboundSpamFilterPolicy -Name \"Forwarding allowed\" -AutoForwardingMode On",
			"New-HostedOutboundSpamFilterRule -Name \"Forwarding allowed\" " +
				"-HostedOutboundSpamFilterPolicy \"Forwarding allowed\" -From user@contoso.com",
		},
		Portal: portalOutbound, Duration: Permanent,
		Source: "https://learn.microsoft.com/defender-office-365/outbound-spam-policies-external-email-forwarding",
		Date:   readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.banned-ip", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.606-649"},
		Text:    []string{"access denied, banned sending ip"},
		Meaning: "Microsoft has banned the IP address of the sending server.",
		Causes: []string{
			"Spam left this address, perhaps from a machine or account that was taken over.",
			"The address was used by a spammer before.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Find and stop what sent the spam.",
			"Ask for removal at https://sender.office.com/ with the address in the reply; it takes " +
				"up to a day.",
		},
		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.tenant-block-list", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.703"},
		Text: []string{
			"blocked by your organization using tenant allow block list",
			"blocked by your organization's tenant recipient block policy",
			"!blocked by your organization * tenant", "!recipient~ + blocked by your organization",
			"!your organization + blocks + recipient~", "!recipient~ + tenant allow block list",
		},
		Meaning: "The sender's own organization forbids mail to this address or domain.",
		Causes: []string{
			"The recipient is blocked in the Tenant Allow/Block List of the sender's organization.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Remove the recipient's address or domain from the list, if it is there by mistake.",
		},
		Commands: []string{
			"Get-TenantAllowBlockListItems -ListType Sender",
		},
		Portal: portalTABL, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-7-700-through-5-7-750", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.tenant-threshold", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.705", "5.7.700-702", "5.7.704"},
		Text: []string{"access denied, tenant has exceeded threshold"},
		Meaning: "Microsoft has stopped the whole organization from sending, because too much of its mail " +
			"looked like spam.",
		Causes: []string{
			"Accounts were taken over and send spam.",
			"A server on premises, or a connector, lets others send through the organization.",
			"Bulk mail is sent through Exchange Online.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Find the accounts and connectors that sent the mail, in the message trace and the " +
				"restricted entities, and secure them.",
			"Then ask Microsoft support to lift the block.",
		},
		Portal: portalRestricted, Next: []string{portalTrace}, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-7-700-through-5-7-750", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.pool-not-accepted", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.708"},
		Text: []string{"access denied, traffic not accepted from this ip"},
		Meaning: "The message left Microsoft 365 through addresses of low reputation, as mail of new and " +
			"trial organizations does, and was rejected.",
		Causes: []string{"A new or trial organization, or one whose mail looked like spam."},
		Owner:  report.OwnerM365,
		Fix: []string{
			"Buy licenses or let the trial become a subscription.",
			"Check that no account is abused, then ask Microsoft support.",
		},

		Duration: Permanent, Source: ndrBase + "fix-error-code-5-7-700-through-5-7-750",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.bad-connector", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.711"},
		Text: []string{"access denied, bad inbound connector"},
		Meaning: "Microsoft has blocked an inbound connector of the organization, because spam came " +
			"through it.",
		Causes: []string{
			"A server behind the connector was taken over.",
			"Somebody created the connector with a stolen administrator's account.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Delete connectors that you do not know; secure the server behind the others.",
			"Then take the connector off the list of restricted entities.",
		},
		Commands: []string{
			"Get-BlockedConnector",
			"Remove-BlockedConnector -ConnectorId ID",
		},
		Portal: portalRestricted, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-7-700-through-5-7-750", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.unregistered-domain", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.750"},
		Text: []string{"client blocked from sending from unregistered domains"},
		Meaning: "A connector of the organization passes on mail from domains that are not registered in " +
			"it, and that is now blocked.",
		Causes: []string{
			"An application or server sends with From domains that are not accepted domains.",
			"A server behind the connector is abused.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Add and verify every domain that sends.",
			"Then ask Microsoft support to lift the block.",
		},
		Portal: portalDomains, Duration: Permanent,
		Source: ndrBase + "fix-error-code-5-7-700-through-5-7-750", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.banned-domain", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.800"},
		Text:    []string{"access denied, banned sender"},
		Meaning: "Microsoft has banned a domain in EHLO, the envelope sender or From.",
		Causes:  []string{"Spam was sent in the domain's name."},
		Owner:   OwnerSender,
		Fix: []string{
			"Publish SPF, DKIM and DMARC so that others cannot use the domain.",
			"Then ask Microsoft support to lift the ban.",
		},

		Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.rule-custom-code", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.900-999"},
		Text: []string{"?delivery not authorized, message refused"},
		Meaning: "A mail flow rule of an organization rejected the message on purpose, with a code of its " +
			"administrator's choice.",
		Causes: []string{"A rule on sender, recipient, attachment, size or words matched."},
		Owner:  report.OwnerRecipient,
		Fix: []string{
			"The administrator of the organization that wrote the bounce finds the rule by its code.",
		},
		Commands: []string{
			"Get-TransportRule | Where-Object RejectMessageEnhancedStatusCode | Format-Table " +
				"Name,RejectMessageEnhancedStatusCode",
		},
		Portal: portalRules, Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
}

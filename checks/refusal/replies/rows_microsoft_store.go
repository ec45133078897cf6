package replies

import (
	"slices"

	"maildiag/report"
)

const ndrList = "https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online"

// store returns the completed rows of ofStore.
func store() []Row { return exchangeOnline(slices.Clone(ofStore)) }

// ofStore holds replies of the mailbox store, the resolver and the transport of
// Exchange Online that name an exception or a newer code.
var ofStore = []Row{
	{
		ID: "exo.auth-139", Codes: []uint16{535}, Enhanced: []string{"5.7.139"}, Stage: StageAuth,
		Meaning: "Exchange Online rejected the sign-in; the text after the code says why.",
		Causes: []string{
			"SMTP AUTH is disabled for the organization or the mailbox.",
			"Basic authentication is disabled by an authentication policy, security defaults or Conditional Access.",
			"The user name or password is wrong.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Paste the whole reply, or check in this order: SMTP AUTH of the organization, of the mailbox, authentication policy, " +
				"security defaults, Conditional Access.",
		},
		Commands: []string{
			"Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled",
			"Get-CASMailbox -Identity user@contoso.com | Format-List SmtpClientAuthenticationDisabled",
		},
		Confirm: ConfirmSubmission, Source: smtpAuth, Confidence: Confirmed,
	},
	{
		ID: "exo.auth-account-disabled", Codes: []uint16{535}, Enhanced: []string{"5.7.139"}, Stage: StageAuth,
		Text:    []string{"the user account is disabled\nuser account is disabled or expired"},
		Meaning: "Exchange Online rejected the sign-in because the account is disabled.",
		Causes:  []string{"An administrator blocked the account, or it expired."},
		Owner:   report.OwnerM365, Fix: []string{"Unblock the sign-in of the account in the Microsoft 365 admin center."},
		Confirm: ConfirmSubmission,
	},
	{
		ID: "exo.tls-old", Codes: []uint16{421, 451, 550}, Enhanced: []string{"4.7.66", "5.7.66", "5.7.67", "4.7.67"},
		Text:    []string{"tls 1 0 and 1 1 are not supported\ntls 1 0 and 1 1 are not supported by your organization\naka.ms/smtp_auth_tls"},
		Meaning: "The device or program uses TLS 1.0 or 1.1, which Exchange Online no longer accepts.",
		Causes:  []string{"The operating system, .NET version or firmware is too old for TLS 1.2."},
		Owner:   report.OwnerNetwork,
		Fix: []string{
			"Update the device or program, or turn on TLS 1.2 in it.",
			"As a temporary way out, the Microsoft 365 administrator allows legacy clients (not in GCC), and the device uses " +
				"smtp-legacy.office365.com.",
		},
		Commands: []string{"Set-TransportConfig -AllowLegacyTLSClients $true"},
		Confirm:  ConfirmSubmission, Stays: true, Source: "https://aka.ms/smtp_auth_tls",
	},
	{
		ID: "exo.queue-quota", Codes: []uint16{450, 451}, Enhanced: []string{"4.7.3"}, Duration: Temporary,
		Text:    []string{"organization queue quota exceeded"},
		Meaning: "Too many messages wait for the recipient's organization, so Exchange Online defers more.",
		Causes:  []string{"The organization's server does not accept mail fast enough, or a flood of messages arrives."},
		Owner:   report.OwnerRecipient, Fix: []string{"The recipient's administrator checks the on-premises server or connector that mail waits for."},
	},
	{
		ID: "exo.relay-customer-list", Codes: []uint16{550, 554}, Enhanced: []string{"5.7.1"},
		Text:    []string{"unable to relay blocked by customer allow list"},
		Meaning: "The recipient's organization accepts relayed mail only from servers in its own list.",
		Causes:  []string{"The sending address is not in the allow list of the recipient's connector."},
		Owner:   report.OwnerRecipient, Fix: []string{"The recipient's administrator adds the sending address to the connector, or the sender delivers to the published MX."},
		Confirm: ConfirmMX,
	},
	{
		ID: "exo.rule-loop", Codes: []uint16{550}, Enhanced: []string{"5.7.128"},
		Text:    []string{"transport rule loop count exceeded\nrules * loop count exceeded"},
		Meaning: "Mail flow rules redirected the message too many times.",
		Causes:  []string{"Two mail flow rules redirect to one another, in one or several organizations."},
		Owner:   report.OwnerRecipient, Fix: []string{"Correct the mail flow rules that redirect or add recipients."},
		Portal: "Exchange admin center > Mail flow > Rules", Confidence: Confirmed,
	},
	{
		ID: "exo.dlp", Codes: []uint16{550}, Enhanced: []string{"5.7.171"},
		Text:    []string{"data loss prevention\ndlp policy\nconflicts with a policy in your organization"},
		Meaning: "A policy of the organization, probably for data loss prevention, blocked the message.",
		Causes:  []string{"The message holds something that the policy protects."},
		Owner:   report.OwnerM365, Fix: []string{"Find the message in the message trace or the DLP alerts, and adjust the policy."},
		Portal: "Microsoft Purview portal > Data loss prevention", Confidence: Unconfirmed,
	},
	{
		ID: "exo.agent-loop", Codes: []uint16{550, 554}, Enhanced: []string{"5.4.11", "5.4.12"},
		Text:    []string{"agent generated message depth exceeded\ncontainer inherited agent generated message depth exceeded"},
		Meaning: "An automatic message led to another automatic message too many times: a loop.",
		Causes:  []string{"Journaling, moderation, automatic replies or rules answer one another."},
		Owner:   report.OwnerM365, Fix: []string{"Find the rule, journal rule or mailbox that answers automatic messages, and stop it."},
		Confirm: ConfirmMX, Confidence: Confirmed,
	},
	{
		ID: "exo.forwarding-misconfigured", Codes: []uint16{550}, Enhanced: []string{"5.2.14"},
		Text:    []string{"misconfigured forwarding address\nresolver.fwd.notfound"},
		Meaning: "The recipient's mailbox forwards to an address that does not exist.",
		Causes:  []string{"The forwarding target was deleted or has a typing error."},
		Owner:   report.OwnerRecipient, Fix: []string{"Remove or correct the forwarding of the mailbox."},
		Commands: []string{"Get-Mailbox -Identity user@contoso.com | Format-List ForwardingAddress,ForwardingSmtpAddress"}, Confidence: Confirmed,
	},
	{
		ID: "exo.recipient-missing-internal", Codes: []uint16{550}, Enhanced: []string{"5.1.11", "5.1.12", "5.1.13", "5.1.14", "5.1.15", "5.1.16"},
		Text:    []string{"resolver.adr.invalidinsmtp\nimceaex\nimceainvalid\nencapsulated\nrecipient not found by exchange legacy encapsulated email address lookup"},
		Meaning: "The recipient's internal Exchange address is not valid or not found.",
		Causes: []string{
			"Outlook's suggested recipients hold the old internal address (IMCEAEX) of a mailbox that was moved or created again.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Delete the suggested recipient in Outlook, type the address again, and send.",
			"For many senders, the administrator adds the old LegacyExchangeDN as an X500 address to the mailbox.",
		},
	},
	{
		ID: "exo.bad-primary", Codes: []uint16{550, 554}, Enhanced: []string{"5.2.0"},
		Text:    []string{"!badprimary\n!resolver.adr.badprimary\nrecipient primary smtp address is missing or invalid"},
		Meaning: "The recipient's object has no valid primary SMTP address.",
		Causes:  []string{"The directory synchronization or a script removed or damaged the address."},
		Owner:   report.OwnerRecipient, Fix: []string{"Set a valid primary SMTP address for the recipient."},
		Commands: []string{"Get-Recipient -Identity user@contoso.com | Format-List PrimarySmtpAddress,EmailAddresses"},
	},
	{
		ID: "exo.store-not-found", Codes: []uint16{550, 554}, Enhanced: []string{"5.2.0"},
		Text:    []string{"!mapiexceptionnotfound\nobjectnotfoundexception"},
		Meaning: "The store did not find the mailbox or folder that the message was for.",
		Causes:  []string{"The mailbox or public folder was deleted, moved, or is damaged."},
		Owner:   report.OwnerRecipient, Fix: []string{"Check that the mailbox or public folder exists; for a public folder, check the mailbox that holds it."},
	},
	{
		ID: "exo.group-mailbox-full", Codes: []uint16{550, 554}, Enhanced: []string{"4.3.2", "5.2.0", "5.2.2"},
		Text:    []string{"!aggregategroupmailbox~"},
		Meaning: "A system mailbox that collects copies of messages to Microsoft 365 groups is full (one million items). The group got the message.",
		Causes:  []string{"The organization's groups are used heavily."},
		Owner:   report.OwnerRecipient, Fix: []string{"Create a mail flow rule that deletes messages to this system mailbox."},
		Source: "https://office365itpros.com/2020/12/23/million-messages-aggregate-group-mailbox/",
	},
	{
		ID: "exo.mailbox-full-items", Codes: []uint16{554}, Enhanced: []string{"4.3.2", "5.2.0"},
		Text:    []string{"!mapiexceptionmaxobjsexceeded\nmailbox busy * storagepermanentexception"},
		Meaning: "A folder of the recipient's mailbox holds one million items, which is the limit.",
		Causes:  []string{"The Inbox, Sent Items or Recoverable Items folder is full."},
		Owner:   report.OwnerRecipient, Fix: []string{"Move or delete items of the folder."},
		Commands: []string{"Get-MailboxFolderStatistics -Identity user@contoso.com | Format-Table FolderPath,ItemsInFolder"}, Confidence: Confirmed,
	},
	{
		ID: "exo.submission-quota-store", Codes: []uint16{554, 550}, Enhanced: []string{"5.2.0", "5.2.2"}, Duration: Temporary,
		Text:    []string{"!submissionquotaexceededexception"},
		Meaning: "The mailbox sent more messages or to more recipients than its limit allows.",
		Causes:  []string{"A bulk mailing goes out through a mailbox, or the account is compromised."},
		Owner:   report.OwnerM365, Fix: []string{"Check the account for a compromise, wait until the limit resets (24 hours), and use a bulk mail service."},
	},
	{
		ID: "exo.submission-too-large", Codes: []uint16{554, 550}, Enhanced: []string{"5.2.0", "5.2.3"},
		Text:    []string{"!mapiexceptionmaxsubmissionexceeded\n!messagesubmissionexceededexception"},
		Meaning: "The message is larger than the sender's mailbox may send.",
		Causes:  []string{"The limit of the mailbox or the organization is lower than the message, which its encoding makes a third larger."},
		Owner:   report.OwnerUser, Fix: []string{"Send a smaller message, or a link to the file. An administrator can raise the limit (MaxSendSize)."},
		Commands: []string{"Get-Mailbox user@contoso.com | Format-List MaxSendSize"},
	},
	{
		ID: "exo.store-access-denied", Codes: []uint16{554, 550}, Enhanced: []string{"5.2.0"},
		Text:    []string{"!mapiexceptionnoaccess\n!accessdeniedexception\n!mapiexceptionnotauthorized\n!mapiexceptionlogonfailed"},
		Meaning: "The store refused access to the mailbox or folder that the message was for.",
		Causes:  []string{"The sender lacks the permission to create items in the public folder or mailbox."},
		Owner:   report.OwnerRecipient, Fix: []string{"Grant the sender (or Anonymous) the permission to create items in the folder."},
	},
	{
		ID: "exo.store-temporary", Codes: []uint16{432, 450, 451, 550, 554}, Enhanced: []string{"4.3.2", "4.2.0", "5.2.0", "4.2.1"}, Duration: Temporary,
		Text:    []string{"?storedrv.deliver * exception\n?storedrv.submission.exception\n?storedrv\n?storedrv.submit\n!mapiexceptionmdboffline\n!mapiexceptionservertoobusy\n!wrongserverexception"},
		Meaning: "The mailbox store could not process the message; the exception in the text says why.",
		Causes:  []string{"The mailbox is being moved, is busy, or the message or an item is damaged."},
		Owner:   report.OwnerRecipient, Waits: true, Fix: []string{waitRetry, "If it lasts, open a Microsoft support case with the whole text."},
		Weak: true,
	},
	{
		ID: "exo.invalid-content", Codes: []uint16{550, 554}, Enhanced: []string{"5.6.0"},
		Text:    []string{"mime content conversion\ninvalid message content\nstoredrv.deliver * invalid message\nconversionfailedexception\ncorrupt message content\nstoredrv.deliver corrupt message"},
		Meaning: "The message or an attachment is damaged or malformed, so that it cannot be stored.",
		Causes:  []string{"The sending program wrote malformed MIME, a calendar entry or TNEF (winmail.dat)."},
		Owner:   OwnerSender, Fix: []string{"Send the message again as plain text or HTML without the attachment, to find the part that is malformed."},
	},
	{
		ID: "exo.approval-expired", Codes: []uint16{550}, Enhanced: []string{"5.6.0", "5.7.1"},
		Text:    []string{"!approvalrequestexpired\napproval expired\napproval request expired\nmoderated * expired\napproval * expired"},
		Meaning: "No moderator approved the message in time.",
		Causes:  []string{"The recipient or group is moderated, and nobody decided within the time limit."},
		Owner:   report.OwnerRecipient, Fix: []string{"Ask a moderator to approve, and send again. The owner checks the moderators of the group."},
	},
	{
		ID: "exo.sender-restricted-recipient", Codes: []uint16{550}, Enhanced: []string{"5.7.125", "5.7.126", "5.7.127", "5.7.130", "5.7.131", "5.7.132"},
		Text:    []string{"senderinrejectedsenders\nresolver.rst.senderinrejected\nsender is in the rejected senders list\nresolver.rst.restrictedtorecipientspermission"},
		Meaning: "The recipient accepts mail only from certain senders, and this sender is not one of them.",
		Causes:  []string{"The delivery restrictions of the recipient or group exclude the sender."},
		Owner:   report.OwnerRecipient, Fix: []string{"Add the sender to the accepted senders of the recipient, or remove it from the rejected ones."},
		Commands: []string{"Get-DistributionGroup -Identity group@contoso.com | Format-List AcceptMessagesOnlyFrom*,RejectMessagesFrom*"}, Confidence: Unconfirmed,
	},
	{
		ID: "exo.remote-spam", Codes: []uint16{550}, Enhanced: []string{"5.7.350"}, Wraps: true,
		Text:    []string{"remote server returned message detected as spam"},
		Meaning: "The recipient's server takes the message for spam; its own reply is quoted.",
		Causes:  []string{"Content, links or reputation of the sender. See the quoted reply."},
		Owner:   OwnerSender, Fix: []string{"Read the quoted reply, and report the false positive to the recipient's administrator."},
		Confirm: ConfirmAuthentication, Confidence: Confirmed,
	},
	{
		ID: "exo.storage-fault", Codes: []uint16{550}, Enhanced: []string{"5.3.8"},
		Meaning: "Exchange Online could not process the message because of a fault of its own.",
		Causes:  []string{"An internal error of the service."},
		Owner:   report.OwnerMicrosoft, Fix: []string{"Send again; if it repeats, open a Microsoft support case with the whole text."},
		Confidence: Unconfirmed,
	},
	{
		ID: "exo.too-many-connections", Codes: []uint16{421}, Enhanced: []string{"4.3.2"}, Duration: Temporary,
		Text:    []string{"maximum number of concurrent connections * has exceeded a limit\nconcurrent connections per resource forest"},
		Meaning: "The sending server opened more connections than Exchange Online allows.",
		Causes:  []string{"Too many parallel connections to the same region."},
		Owner:   OwnerSender, Fix: []string{"Lower the number of parallel connections. The queue is delivered later."},
	},
	{
		ID: "exo.domain-listed", Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text:    []string{"helo domain is listed in spamhaus\nmailfrom domain is listed in spamhaus\ndomain is listed in spamhaus"},
		Meaning: "The domain of the sender or of the HELO name is on the Spamhaus domain block list.",
		Causes:  []string{"The domain was used for spam, is very new, or does not match the sending server."},
		Owner:   OwnerSender, Fix: []string{"Look up the domain at https://check.spamhaus.org, stop the cause, and request removal."},
		Confirm: ConfirmPTR,
	},
	{
		ID: "exo.multiple-regions", Codes: []uint16{452}, Enhanced: []string{"4.5.3"}, Duration: Temporary,
		Text:    []string{"recipients belong to multiple regions"},
		Meaning: "The recipients are in several regions of Microsoft 365, and one session serves only one of them.",
		Causes:  []string{"The message has recipients of several organizations. This is normal."},
		Owner:   OwnerSender, Waits: true, Fix: []string{"Wait: the sending server delivers to the other recipients in another session."},
	},
}

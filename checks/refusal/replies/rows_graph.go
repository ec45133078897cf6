package replies

import "maildiag/report"

// fault is an error that a service shows to a program that sends with it, or one of the
// program itself. As data, it takes a tenth of what a row takes as code.
type fault struct{ id, phrases, meaning, cause, owner, fix, source string }

// row returns the fault as a row.
func (f *fault) row(p Provider) Row {
	return Row{
		ID: f.id, Provider: p, Text: lines(f.phrases), Meaning: f.meaning, Causes: []string{f.cause},
		Owner: f.owner, Fix: []string{f.fix}, Duration: Permanent, Source: f.source, Date: readOn, Confidence: Unconfirmed,
	}
}

// graph returns the errors of Microsoft Graph when a program sends mail with it, and
// services those of others.
func graph() []Row    { return rowsOf(graphFaults, ExchangeOnline) }
func services() []Row { return rowsOf(serviceFaults, Any) }

func rowsOf(faults []fault, p Provider) []Row {
	rows := make([]Row, 0, len(faults))
	for i := range faults {
		rows = append(rows, faults[i].row(p))
	}
	return rows
}

var graphFaults = []fault{
	{"graph.mailbox-not-enabled", "!mailboxnotenabledforrestapi\n!rest api is not yet supported for this mailbox\n!errormissingemailaddress\n!account that does not have a mailbox\n!mailbox is either inactive * soft-deleted\n!errorinvaliduser\n!resource could not be discovered",
		"The mailbox that the program names is not in Exchange Online: it is on-premises, deleted, or has no license.",
		"The mailbox that the program names is not in Exchange Online: it is on-premises, deleted, or has no license.", report.OwnerM365,
		"Check that the mailbox is in Exchange Online and licensed: Get-EXOMailbox user@contoso.com.",
		"https://learn.microsoft.com/graph/errors"},
	{"graph.send-as-denied", "!errorsendasdenied\n!does not have the right to send mail on behalf",
		"The account that the program signs in with may not send as the address in From.",
		"The account that the program signs in with may not send as the address in From.", report.OwnerM365,
		"Give the account the Send As permission for the address, or send from its own address.",
		"https://learn.microsoft.com/graph/outlook-send-mail-from-other-user"},
	{"graph.access-policy", "!blocked by tenant configured apponly accesspolicy\n!access to odata is disabled",
		"An application access policy of the organization does not allow this program to use this mailbox.",
		"An application access policy of the organization does not allow this program to use this mailbox.", report.OwnerM365,
		"Add the mailbox to the scope of the policy, or remove the policy: Get-ApplicationAccessPolicy shows it.",
		"https://learn.microsoft.com/exchange/permissions-exo/application-access-policies"},
	{"graph.no-permission", "!authorization_requestdenied\n!nopermissionsinaccesstoken\n!token contains no permissions\ninsufficient privileges to complete the operation\n!erroraccessdenied",
		"The program lacks the permission Mail.Send, or an administrator has not consented to it.",
		"The program lacks the permission Mail.Send, or an administrator has not consented to it.", report.OwnerM365,
		"Grant the permission Mail.Send to the app in the Microsoft Entra admin center, and give admin consent.",
		"https://learn.microsoft.com/graph/api/user-sendmail"},
	{"graph.token-invalid", "!invalidauthenticationtoken\naccess token has expired or is not yet valid\naccess token validation failure",
		"The access token that the program sends is expired, or is for another service.",
		"The access token that the program sends is expired, or is for another service.", report.OwnerM365,
		"Request a new token for https://graph.microsoft.com/.default.",
		"https://learn.microsoft.com/graph/resolve-auth-errors"},
	{"graph.access-blocked", "!your it department has blocked your email access\n!email access has been blocked",
		"A Conditional Access or mobile device policy of the organization blocks this program or device.",
		"A Conditional Access or mobile device policy of the organization blocks this program or device.", report.OwnerM365,
		"Find the sign-in in the Entra sign-in logs and the device in the list of quarantined mobile devices, and allow it or meet the condition.",
		"https://github.com/MicrosoftDocs/azure-docs/issues/18607"},
	{"graph.sending-limit", "!errorexceededmessagelimit\n!errormessagesubmissionblocked\n!errormailboxsubmissionquotaexceeded",
		"The mailbox has reached its sending limit, or Microsoft has stopped it from sending.",
		"The mailbox has reached its sending limit, or Microsoft has stopped it from sending.", report.OwnerM365,
		"Secure the account if the mail is not yours; else wait a day and send less.",
		"https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits"},
	{"graph.mailbox-full", "!errorquotaexceeded\n!message store has reached its maximum size", "The mailbox that the program sends from is full.", "The mailbox has reached its quota.", report.OwnerUser,
		"Delete mail, also in Sent Items and Deleted Items, or ask the administrator to raise the quota.",
		"https://github.com/ecederstrand/exchangelib/issues/457"},
	{"graph.throttled", "!mailboxconcurrency\n!applicationthrottled\n!errortoomanyrequests\n!activitylimitreached",
		"Microsoft Graph slows the program down: it sends too many requests at once.",
		"The program uses more parallel requests for one mailbox than Graph allows.", OwnerSender,
		"Wait as long as the header Retry-After says, and send with at most four requests at once for a mailbox.",
		"https://learn.microsoft.com/graph/throttling-limits"},
}

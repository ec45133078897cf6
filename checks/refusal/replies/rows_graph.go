package replies

import "maildiag/report"

// graph returns the errors of Microsoft Graph when a program sends mail with it.
func graph() []Row {
	return []Row{
		sendMail("graph.mailbox-not-enabled", "!mailboxnotenabledforrestapi\n!rest api is not yet supported for this mailbox\n!errormissingemailaddress\n!account that does not have a mailbox\n!mailbox is either inactive * soft-deleted",
			"The mailbox that the program names is not in Exchange Online: it is on-premises, deleted, or has no license.",
			"Check that the mailbox is in Exchange Online and licensed: Get-EXOMailbox user@contoso.com.",
			"https://learn.microsoft.com/graph/errors"),
		sendMail("graph.send-as-denied", "!errorsendasdenied\n!does not have the right to send mail on behalf",
			"The account that the program signs in with may not send as the address in From.",
			"Give the account the Send As permission for the address, or send from its own address.",
			"https://learn.microsoft.com/graph/outlook-send-mail-from-other-user"),
		sendMail("graph.access-policy", "!blocked by tenant configured apponly accesspolicy\n!access to odata is disabled",
			"An application access policy of the organization does not allow this program to use this mailbox.",
			"Add the mailbox to the scope of the policy, or remove the policy: Get-ApplicationAccessPolicy shows it.",
			"https://learn.microsoft.com/exchange/permissions-exo/application-access-policies"),
		sendMail("graph.no-permission", "!authorization_requestdenied\n!nopermissionsinaccesstoken\n!token contains no permissions\ninsufficient privileges to complete the operation\n!erroraccessdenied",
			"The program lacks the permission Mail.Send, or an administrator has not consented to it.",
			"Grant the permission Mail.Send to the app in the Microsoft Entra admin center, and give admin consent.",
			"https://learn.microsoft.com/graph/api/user-sendmail"),
		sendMail("graph.token-invalid", "!invalidauthenticationtoken\naccess token has expired or is not yet valid\naccess token validation failure",
			"The access token that the program sends is expired, or is for another service.",
			"Request a new token for https://graph.microsoft.com/.default.",
			"https://learn.microsoft.com/graph/resolve-auth-errors"),
		{
			ID: "graph.mailbox-full", Provider: ExchangeOnline, Text: []string{"!errorquotaexceeded"},
			Meaning: "The mailbox that the program sends from is full.", Causes: []string{"The mailbox has reached its quota."},
			Owner: report.OwnerUser, Fix: []string{"Delete mail, also in Sent Items and Deleted Items, or ask the administrator to raise the quota."},
			Duration: Permanent, Source: "https://github.com/ecederstrand/exchangelib/issues/457", Date: readOn, Confidence: Unconfirmed,
		},
		sendMail("graph.access-blocked", "!your it department has blocked your email access\n!email access has been blocked",
			"A Conditional Access or mobile device policy of the organization blocks this program or device.",
			"Find the sign-in in the Entra sign-in logs and the device in the list of quarantined mobile devices, and allow it or meet the condition.",
			"https://github.com/MicrosoftDocs/azure-docs/issues/18607"),
		sendMail("graph.sending-limit", "!errorexceededmessagelimit\n!errormessagesubmissionblocked\n!errormailboxsubmissionquotaexceeded",
			"The mailbox has reached its sending limit, or Microsoft has stopped it from sending.",
			"Secure the account if the mail is not yours; else wait a day and send less.",
			"https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits"),
	}
}

// sendMail returns a row of Graph's sendMail.
//
//go:noinline
func sendMail(id, phrases, meaning, fix, source string) Row {
	return Row{
		ID: id, Provider: ExchangeOnline, Text: lines(phrases), Meaning: meaning, Causes: []string{meaning},
		Owner: report.OwnerM365, Fix: []string{fix}, Duration: Permanent, Source: source, Date: readOn, Confidence: Unconfirmed,
	}
}

package replies

import (
	"strings"

	"maildiag/report"
)

// aadstsPage lists the error codes of Microsoft Entra sign-ins.
const aadstsPage = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes"

// Who must act on a failed sign-in, and what to do, shared by several codes.
const (
	fixCredentials = "Sign in at https://outlook.office.com with the same user name and password; correct them in the program or device."
	fixMFA         = "Use OAuth (modern authentication) in the program, which can show the second step; a device without it needs another way to send."
	fixPolicy      = "Find the sign-in in the Entra sign-in logs, and exclude the account from the Conditional Access policy or meet its condition."
	fixApp         = "Correct the app registration in the Microsoft Entra admin center: client ID, tenant, secret, and permission."
	fixConsent     = "An administrator grants consent for the app's permission (SMTP.Send or SMTP.SendAsApp)."
	fixToken       = "Have the user or administrator authorize the program again, so that it gets a new token."
)

// aadsts are error codes of Microsoft Entra. As data, each takes a tenth of what a row
// takes as code. The first of codes that mean the same names the row.
var aadsts = []struct{ codes, meaning, cause, owner, fix string }{
	{"50011", "The redirect URI of the request is not one of the app's.", "The program uses another redirect URI than the app registration lists, or another client ID.", report.OwnerM365, "Add the redirect URI that the program uses to the app registration in the Microsoft Entra admin center."},
	{"70000 54005", "The authorization has expired, was revoked, or is for another app.", "The grant (refresh token or code) is expired or not valid.", report.OwnerUser, fixToken},
	{"50020 90072 50177", "The account is from another organization or is a personal account.", "The program uses the tenant of another organization.", report.OwnerUser, fixCredentials},
	{"50034 51004", "The user does not exist in this organization.", "There is a typing error in the user name, or the account was deleted.", report.OwnerUser, fixCredentials},
	{"50053", "The account is locked, or sign-ins from this IP address are blocked.", "There were too many sign-ins with a wrong password, often by a device with an old one.", report.OwnerM365, "Find and correct the device with the old password, wait until the lock ends, or unblock the account."},
	{"50055 50144 50135", "The password has expired.", "The password of the account is older than the policy allows.", report.OwnerUser, "Change the password, then correct it in the program or device."},
	{"50056", "The account has no password, or it is not in the directory.", "Password hashes are not synchronized, or the account signs in elsewhere.", report.OwnerM365, "Check the password synchronization or federation of the account."},
	{"50057", "The account is disabled.", "An administrator blocked the sign-in of the account.", report.OwnerM365, "Unblock the sign-in of the account in the Microsoft 365 admin center."},
	{"50058", "The user is not signed in.", "The program asked for a token silently, without a session.", report.OwnerUser, fixToken},
	{"50059", "The request does not name the organization (tenant).", "The program uses a wrong or general sign-in address.", report.OwnerM365, fixApp},
	{"50072", "The user must register for multifactor authentication first.", "A policy requires multifactor authentication.", report.OwnerUser, "Sign in at https://aka.ms/mfasetup and register a second step. " + fixMFA},
	{"50074 50078", "The user must complete multifactor authentication.", "A policy requires multifactor authentication.", report.OwnerM365, fixMFA},
	{"50076", "The sign-in requires multifactor authentication.", "A setting or a Conditional Access policy requires multifactor authentication from this location.", report.OwnerM365, fixMFA},
	{"50079", "The user must register for multifactor authentication.", "A setting or a Conditional Access policy requires multifactor authentication.", report.OwnerM365, "Sign in at https://aka.ms/mfasetup and register a second step. " + fixMFA},
	{"50105", "The user is not assigned to the app.", "The app requires an assignment.", report.OwnerM365, "Assign the user or a group to the app under Enterprise applications."},
	{"50126", "The user name or password is wrong.", "There is a typing error, or the program has an old password.", report.OwnerUser, fixCredentials},
	{"50128", "The organization of the domain in the user name does not exist.", "There is a typing error in the domain, or it is not verified in Microsoft 365.", report.OwnerUser, fixCredentials},
	{"50132", "The session was revoked, or the password changed.", "The user changed the password, or an administrator revoked the sessions.", report.OwnerUser, fixToken},
	{"50158", "An external check, such as a third-party second step, was not completed.", "A Conditional Access policy requires it.", report.OwnerM365, fixPolicy},
	{"50173", "The authorization was revoked because the password changed.", "The password was changed or reset after the program was authorized.", report.OwnerUser, fixToken},
	{"50194", "The app is not allowed for other organizations.", "The program uses the general sign-in address for an app of one organization.", report.OwnerM365, fixApp},
	{"53000 50097 50129 700003 530021", "A Conditional Access policy requires a managed (compliant) device.", "The device is not enrolled or not compliant.", report.OwnerM365, fixPolicy},
	{"53001", "A Conditional Access policy requires a device that is joined to the domain.", "The device is not joined.", report.OwnerM365, fixPolicy},
	{"53003 53002 53004 53011 530032 530034 50131 50005", "A Conditional Access policy blocked the sign-in.", "A policy blocks legacy authentication, this location, or this app.", report.OwnerM365, fixPolicy},
	{"65001 650056", "Nobody consented to the app's permission.", "The user or an administrator has not consented to the app, or the permission is new.", report.OwnerM365, fixConsent},
	{"65004", "The user declined the consent.", "The user canceled the consent page.", report.OwnerUser, fixToken},
	{"70002 700027 700024 50012 50013 500133", "The credentials of the app are wrong.", "The client secret or certificate of the app is wrong.", report.OwnerM365, fixApp},
	{"70008 700084", "The refresh token has expired.", "The program was not used for a long time, or the token's lifetime ended.", report.OwnerUser, fixToken},
	{"700082", "The refresh token has expired because it was not used.", "The program was not used for 90 days.", report.OwnerUser, fixToken},
	{"70011", "The scope that the program asks for is not valid.", "The program asks for a permission that does not exist.", report.OwnerM365, fixApp},
	{"70016", "The authorization is pending: the user has not completed the device sign-in yet.", "The code was not entered at https://microsoft.com/devicelogin.", report.OwnerUser, "Enter the code that the program shows at https://microsoft.com/devicelogin."},
	{"70043", "The authorization is too old: a policy asks for a new sign-in after some time.", "A Conditional Access policy sets a sign-in frequency.", report.OwnerUser, fixToken},
	{"900144 90014", "The request for a token lacks a parameter, such as the scope.", "The program or its settings leave it out.", OwnerSender, "Add the parameter that the text names to the settings of the program; the scope is https://outlook.office.com/SMTP.Send offline_access."},
	{"700016", "The app does not exist in this organization.", "The client ID is wrong, or the app belongs to another organization.", report.OwnerM365, fixApp},
	{"7000112", "The app is disabled.", "An administrator disabled the app.", report.OwnerM365, "Enable the app under Enterprise applications."},
	{"7000215", "The client secret of the app is wrong.", "The ID of the secret was used instead of its value, or another app's secret.", report.OwnerM365, "Create a client secret, and enter its value (not its ID) in the program."},
	{"7000218", "The request lacks a client secret or certificate.", "The app is registered as confidential, and the program acts as a public client.", report.OwnerM365, "Allow public client flows in the app registration, or enter a client secret in the program."},
	{"7000222", "The client secret of the app has expired.", "Secrets expire after at most 24 months.", report.OwnerM365, "Create a client secret, and enter its value in the program."},
	{"500011 650057 50001", "The resource that the program asks for does not exist in this organization.", "The resource or scope is wrong; for SMTP it is https://outlook.office.com/SMTP.Send.", report.OwnerM365, fixApp},
	{"500121", "The multifactor authentication failed.", "The user did not confirm the second step in time.", report.OwnerUser, "Sign in again and confirm the second step."},
	{"530003", "A Conditional Access policy requires a managed device.", "The device is not managed.", report.OwnerM365, fixPolicy},
	{"90002", "The organization (tenant) does not exist.", "The tenant ID or domain in the program is wrong, or the tenant has no subscription.", report.OwnerM365, fixApp},
	{"90094", "An administrator must consent to the app.", "The permission requires the consent of an administrator.", report.OwnerM365, fixConsent},
	{"900023", "The tenant identifier is not valid.", "The tenant ID in the program is wrong.", report.OwnerM365, fixApp},
	{"80002 80005 80007 80010 80014", "Microsoft Entra could not check the password with the organization's own servers.", "The agent for pass-through authentication or a domain controller does not answer.", report.OwnerM365, "Check the authentication agents in the Microsoft Entra admin center, and the domain controllers that they ask."},
	{"650052", "The organization has no subscription or service principal for the service that the app asks for.", "The app asks for a service that is not set up in this organization.", report.OwnerM365, fixApp},
	{"9002313", "The request is not valid.", "The program sends a malformed request, often with a token that was cut off.", report.OwnerM365, fixApp},
}

// entra returns the error codes of Microsoft Entra that mail programs meet.
func entra() []Row {
	rows := make([]Row, 0, len(aadsts)+1)
	for _, a := range aadsts {
		code, _, _ := strings.Cut(a.codes, " ")
		phrases := "!aadsts" + strings.ReplaceAll(a.codes, " ", "\n!aadsts")
		rows = append(rows, ofEntra("entra.sign-in-"+code, phrases, a.meaning, a.cause, a.owner, a.fix))
	}
	return append(rows, ofEntra("entra.sign-in-other", "!aadsts~", "Microsoft Entra rejected the sign-in; the code after AADSTS says why.",
		"A policy, the credentials, or the registration of the app.", report.OwnerM365,
		"Look up the code at https://login.microsoftonline.com/error, and find the sign-in in the Entra sign-in logs."))
}

// ofEntra returns the row of a sign-in that Microsoft Entra rejected.
func ofEntra(id, phrases, meaning, cause, owner, fix string) Row {
	return Row{
		ID: id, Provider: Any, Text: lines(phrases),
		Meaning: meaning, Causes: []string{cause}, Owner: owner, Fix: []string{fix},
		Portal:  "Microsoft Entra admin center > Monitoring & health > Sign-in logs",
		Confirm: ConfirmSubmission, Duration: Permanent, Source: aadstsPage, Date: readOn, Confidence: Confirmed,
	}
}

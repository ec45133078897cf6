package replies

import "maildiag/report"

// serviceFaults are the errors of sending services over HTTP, of Google's sign-in, and of
// programs that call a mail library in a wrong way.
var serviceFaults = []fault{
	{"service.api-key", `
		!not <allowed> to perform * sendemail
		!not <allowed> to perform * sendrawemail
		!not <allowed> to perform ses
		signaturedoesnotmatch
		request signature we calculated
		invalidclienttokenid
		!provided authorization grant is invalid
		!valid server token
		!valid account token
		!api key authentication authorization failure
		invalid api key
		incorrect api key
		wrong api key
		api key + invalid
		api key + expired
		api key + not <allowed>
		api key + not found
		!send an message unauthorized code 401
		!errors message access forbidden
		`,
		"The sending service rejects the API key of the program, or the key may not send.",
		"The key is wrong, was deleted, or lacks the right to send mail.", OwnerSender,
		"Create a key with the right to send in the console of the service, and enter it in the program.",
		"https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html"},
	{"google.delegation", `
		!client is unauthorized to retrieve access tokens
		!client not <allowed> for any of the scopes
		!delegation denied for
		!precondition check failed
		`,
		"The service account of the program may not act for this mailbox of Google Workspace.",
		"Domain-wide delegation lacks the service account or the scope, or the program names no user.", OwnerSender,
		"In the Google Admin console, add the client ID of the service account with the scope https://mail.google.com/ to the domain-wide delegation.",
		"https://developers.google.com/identity/protocols/oauth2/service-account"},
	{"google.oauth-client", `
		!oauth client was not found
		!oauth client was deleted
		!oauth client was disabled
		!redirect_uri_mismatch
		!deleted_client
		!malformed auth code
		`,
		"Google rejects the OAuth client of the program, or the code of the sign-in.",
		"The client ID, its secret or the redirect URI is not the one of the Google Cloud project, or the code was used before.", OwnerSender,
		"Compare client ID, secret and redirect URI with the Google Cloud console, then authorize the program again.",
		"https://developers.google.com/identity/protocols/oauth2/web-server"},
	{"google.oauth-scope", `
		!insufficient authentication scopes
		!access_token_scope_insufficient
		`,
		"The authorization of the program does not include the right to send mail.",
		"The user consented to another scope, or the program asks for one that cannot send.", OwnerSender,
		"Let the program ask for https://mail.google.com/ (SMTP) or gmail.send (API), and authorize it again.",
		"https://developers.google.com/gmail/api/auth/scopes"},
	{"google.api-disabled", `
		!gmail api has not been used in project
		!mail service not enabled
		`,
		"Gmail or its API is not enabled for this project or account.",
		"The Gmail API is off in the Google Cloud project, or the account has no Gmail.", OwnerSender,
		"Enable the Gmail API in the Google Cloud project, or use an account that has Gmail.",
		"https://developers.google.com/gmail/api/guides/handle-errors"},
	{"google.app-blocked", `
		!admin_policy_enforced
		!google verification process
		!app is currently being tested
		!this app is blocked
		`,
		"Google does not let this account use the program: it is not verified, in test mode, or blocked by the administrator.",
		"The account is not among the test users of the app, or an administrator restricts third-party apps.", OwnerSender,
		"Add the account to the test users of the app, or let the Google Workspace administrator trust the app.",
		"https://support.google.com/cloud/answer/7454865"},
	{"common.program", `
		!please run connect first
		!smtpclient is not connected
		!servicenotconnectedexception
		!no provider for smtp
		!no object dch for mime type
		!needs authen sasl
		!smtp host was not specified
		!from address must be specified
		!mailer is not defined
		!transport is not supported
		?illegalstateexception not connected
		`,
		"The program cannot send because of a fault of its own: a setting or a library is missing, or it sends before it connects.",
		"An update, a missing module, or an error in the code or the settings of the program.", OwnerSender,
		"Correct the program or its settings: the text names what is missing. The mail server was not reached.",
		"https://docs.python.org/3/library/smtplib.html"},
	{"common.program-off", `
		!sending not enabled
		!email sending is <disabled>
		!email sending is not enabled
		!mail sending is <disabled>
		!outgoing email is <disabled>
		`,
		"Sending of mail is switched off in the program, so nothing was handed to a mail server.",
		"A setting of the program or of this copy of it (a test or a neutralized database) turns mail off.", OwnerSender,
		"Turn sending on in the configuration of the program, then send again.",
		"https://www.odoo.com/documentation/17.0/developer/reference/cli.html"},
	{"mailchannels.domain-lockdown", `
		!domain-lockdown
		!domain lockdown
		!authorized to send from + cfid
		`,
		"MailChannels does not let this account or worker send for the sender's domain: the domain does not name it (Domain Lockdown).",
		"The TXT record _mailchannels of the sender's domain is missing, or names another account or worker.", OwnerSender,
		"Publish at _mailchannels in the sender's domain the TXT record v=mc1 with auth= of the account that sends. cfid= of a worker is no longer accepted.",
		"https://docs.mailchannels.com/outbound/domain-lockdown"},
	{"common.domain-full", `
		!domain size limit
		!domain quota <exceed>
		!domain has <exceed> its quota
		!domain * over quota
		!domain storage * <exceed>
		!domain disk quota
		`,
		"The storage for all mailboxes of the recipient's domain is used up.",
		"The domain's mailboxes together reached the limit of their hosting plan.", report.OwnerRecipient,
		"Tell the recipient by other means: mailboxes of the domain must be emptied, or its storage raised.",
		"RFC 3463 3.3"},
	{"common.subject-characters", `
		!subject & invalid character~
		!subject & illegal character~
		!subject & non-ascii
		`,
		"The subject holds characters that a header may not hold as they are.",
		"The program writes letters beyond ASCII, or a line break or control character, into the subject without encoding them.", OwnerSender,
		"Have the program encode the subject (RFC 2047), and remove line breaks and control characters. Until then, send with a plain subject.",
		"RFC 2047"},
	{"exchange.auth-logged", `
		!inbound auth * failed because
		!inbound authentication failed
		`,
		"The own Exchange server refused the sign-in of the program, and its log names the user.",
		"The program signs in with a placeholder or an old account, or the account's password or right to sign in is wrong.", OwnerSender,
		"Enter in the program an account of this server (DOMAIN\\user or the full address); if the connector relays by IP address, turn the program's sign-in off.",
		"https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors"},
	{"common.intercepted", `
		!another server answers
		`,
		"Another server than the one that is set answers: the web host redirects outgoing SMTP to its own, which does not know the account.",
		"The web host (often cPanel with SMTP restrictions) lets only its own server send to ports 25, 465 and 587.", report.OwnerRemote,
		"Ask the web host to allow SMTP to the server that is set, or use the host's own server with an account there.",
		"https://docs.cpanel.net/whm/security-center/smtp-restrictions/"},
	{"exchange.ambiguous", `
		resolver.adr.ambiguous
		ambiguous recipient
		ambiguous address
		recipient + ambiguous
		address + ambiguous
		recipient name is ambiguous
		5 1 4 ambiguous
		`,
		"The recipient's address belongs to more than one object of the receiving directory, so the server cannot choose.",
		"Two mailboxes, contacts or groups have the same address.", report.OwnerRecipient,
		"The administrator of the receiving organization finds the objects with this address, and removes it from all but one.",
		"https://learn.microsoft.com/troubleshoot/exchange/email-delivery/ndr/fix-error-code-550-5-1-4-in-exchange-online"},
}

package replies

import "maildiag/report"

// Where the switches are in the admin centers.
const (
	portalMailApps = "Microsoft 365 admin center > Users > Active users > (user) > Mail > Manage email apps " +
		"> " +
		"Authenticated SMTP"
	portalTenantSMTP = "Exchange admin center > Settings > Mail flow > " +
		"\"Turn off SMTP AUTH protocol for your organization\""
	portalSignIn   = "Microsoft Entra admin center > Monitoring > Sign-in logs"
	portalSecurity = "Microsoft Entra admin center > Identity > Overview > Properties > Manage security " +
		"defaults"
	portalCA         = "Microsoft Entra admin center > Protection > Conditional Access > Policies"
	portalConnectors = "Exchange admin center > Mail flow > Connectors"
	portalAccepted   = "Exchange admin center > Mail flow > Accepted domains"
	portalRestricted = "Microsoft Defender portal > Email & collaboration > Review > Restricted entities"
	portalRules      = "Exchange admin center > Mail flow > Rules"
	portalDelivery   = "Exchange admin center > Recipients > Groups > (group) > Settings > Delivery management"
	portalTrace      = "Exchange admin center > Mail flow > Message trace"
	portalTABL       = "Microsoft Defender portal > Policies & rules > Threat policies > Tenant Allow/Block " +
		"Lists"
	portalOutbound = "Microsoft Defender portal > Policies & rules > Threat policies > Anti-spam > " +
		"Outbound policy"
	portalDomains = "Microsoft 365 admin center > Settings > Domains"
	portalMailbox = "Exchange admin center > Recipients > Mailboxes > (mailbox) > Delegation"
)

// submission holds what smtp.office365.com and its kin say to a client that
// submits mail.
var submission = []Row{
	{
		ID: "exo.smtpauth-disabled-tenant", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text: []string{"smtpclientauthentication is disabled for the tenant"},
		Meaning: "SMTP AUTH is turned off for the whole organization, so no password and no token will " +
			"work on port 587.",
		Causes: []string{
			"The organization was created after January 2020, when off became the default.",
			"An administrator switched it off.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Switch SMTP AUTH on for this one mailbox; that wins over the organization's setting.",
			"Wait up to an hour, then retry.",
			"For a device or application, consider a relay connector or OAuth instead.",
		},
		Commands: []string{
			"Set-CASMailbox -Identity user@contoso.com -SmtpClientAuthenticationDisabled $false",
			"Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled",
		},
		Portal: portalMailApps,
		Next: []string{
			"security defaults and Conditional Access, which reject passwords after this switch is on",
		},
		Duration: Permanent, Source: smtpAuth, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.smtpauth-disabled-mailbox", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text:    []string{"smtpclientauthentication is disabled for the mailbox"},
		Meaning: "SMTP AUTH is turned off for this mailbox.",
		Causes:  []string{"The mailbox's own switch is off; it wins over the organization's setting."},
		Owner:   report.OwnerM365,
		Fix:     []string{"Switch SMTP AUTH on for this mailbox.", "Wait up to an hour, then retry."},
		Commands: []string{
			"Get-CASMailbox -Identity user@contoso.com | Format-List SmtpClientAuthenticationDisabled",
			"Set-CASMailbox -Identity user@contoso.com -SmtpClientAuthenticationDisabled $false",
		},
		Portal: portalMailApps, Duration: Permanent,
		Source: smtpAuth, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.auth-security-defaults", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text: []string{"user is locked by your organization's security defaults policy"},
		Meaning: "Microsoft Entra security defaults are on, and they reject sign-in with a password over " +
			"SMTP.",
		Causes: []string{
			"Security defaults block basic authentication for everybody; no exception for one " +
				"account exists.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Let the application sign in with OAuth (XOAUTH2).",
			"Or replace security defaults with Conditional Access policies that exclude this account.",
			"Or send through a relay connector, which needs no sign-in.",
		},
		Portal: portalSecurity, Duration: Permanent,
		Source: smtpAuth, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.auth-criteria", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text:    []string{"the request did not meet the criteria to be authenticated successfully"},
		Meaning: "The password may be right, but a policy of the organization rejects this kind of sign-in.",
		Causes: []string{
			"A Conditional Access policy blocks legacy authentication.",
			"An authentication policy does not allow basic authentication for SMTP.",
			"SMTP AUTH is not enabled for the mailbox.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Look up the sign-in in the Entra sign-in log; it names the policy that rejected it.",
			"Exclude this account from that policy, or let the application use OAuth.",
			"Check the mailbox's SMTP AUTH switch and its authentication policy.",
		},
		Commands: []string{
			"Get-CASMailbox -Identity user@contoso.com | Format-List SmtpClientAuthenticationDisabled",
			"Get-User -Identity user@contoso.com | Format-List AuthenticationPolicy",
			"Get-AuthenticationPolicy | Format-Table Name,AllowBasicAuthSmtp",
		},
		Portal: portalCA, Next: []string{portalSignIn}, Duration: Permanent,
		Source: devices, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.auth-credentials", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text:    []string{"the user credentials were incorrect"},
		Meaning: "User name or password is wrong for this sign-in.",
		Causes: []string{
			"The password was changed or has expired.",
			"The account uses multi-factor authentication, and its normal password cannot be used over SMTP.",
			"An app password was revoked.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Sign in at https://outlook.office.com with the same name and password.",
			"If that works but SMTP does not, the account has multi-factor authentication: use OAuth.",
			"Enter the new password in the device or application.",
		},
		Portal: portalSignIn, Duration: Permanent,
		Source: devices, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.auth-basic-disabled", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text:    []string{"authentication unsuccessful, basic authentication is disabled"},
		Meaning: "Sign-in with a password over SMTP is not allowed for this account; only OAuth is.",
		Causes: []string{
			"An authentication policy turns basic authentication off.",
			"It is a consumer account (outlook.com, hotmail.com): passwords over SMTP ended on 2024-09-16.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Let the application sign in with OAuth (XOAUTH2).",
			"For an organization's account: allow basic authentication for SMTP in its " +
				"authentication policy.",
		},
		Commands: []string{
			"Get-User -Identity user@contoso.com | Format-List AuthenticationPolicy",
			"Set-AuthenticationPolicy -Identity \"POLICY\" -AllowBasicAuthSmtp:$true",
		},
		Duration: Permanent, Source: smtpAuth, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.auth-locked", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text:    []string{"authentication unsuccessful, account locked"},
		Meaning: "The account may not sign in: it is blocked, or locked after too many wrong passwords.",
		Causes: []string{
			"Smart lockout after repeated wrong passwords, often an old device with the old password.",
			"An administrator blocked sign-in.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Find the device that keeps trying the old password and stop it.",
			"Unblock sign-in, reset the password and enter it in the device.",
		},
		Portal:   "Microsoft 365 admin center > Users > Active users > (user) > Unblock sign-in",
		Next:     []string{portalSignIn},
		Duration: Permanent, Source: smtpAuth, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.auth-federation-unreachable", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text:    []string{"federated sts service was unreachable"},
		Meaning: "The organization's own sign-in server (AD FS) could not be reached by Microsoft 365.",
		Causes:  []string{"The federation server or its proxy is down, or a firewall blocks it."},
		Owner:   report.OwnerM365,
		Fix: []string{
			"Check from outside that the federation service answers on port 443.",
			"Check the service, its proxy and its certificate.",
		},
		Duration: Permanent, Source: devices, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.auth-federation-https", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.139"},
		Text: []string{"federated sts url does not support https"},
		Meaning: "Microsoft 365 cannot make a TLS connection to the organization's own sign-in server " +
			"(AD FS).",
		Causes: []string{"The federation server offers no TLS 1.2."},
		Owner:  report.OwnerM365,
		Fix:    []string{"Enable TLS 1.2 on the federation server and its proxy."},

		Duration: Permanent, Source: devices, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.auth-unsuccessful", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{535}, Enhanced: []string{"5.7.3"},
		Text:    []string{"authentication unsuccessful"},
		Meaning: "The sign-in failed; this older wording does not tell why.",
		Causes: []string{
			"User name or password is wrong.",
			"SMTP AUTH is turned off for the mailbox or the organization.",
			"The OAuth token has the wrong audience or scope, or the application lacks the permission.",
			"On an Exchange server of your own: the form of the user name, or the receive connector does not allow this way to sign in.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Sign in at https://outlook.office.com with the same name and password.",
			"Check the SMTP AUTH switch of the mailbox.",
			"With OAuth: check scope, audience and, for an application's own token, the service principal.",
			"On an Exchange server of your own, try DOMAIN\\user and the full address, and check Basic authentication of the receive connector.",
		},
		Commands: []string{
			"Get-CASMailbox -Identity user@contoso.com | Format-List SmtpClientAuthenticationDisabled",
			"Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled",
		},
		Portal: portalMailApps, Next: []string{portalSignIn}, Duration: Permanent,
		Source: devices, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.basic-retired", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.7.30"},
		Text: []string{"basic authentication is not supported for client submission"},
		Meaning: "Exchange Online no longer accepts a password for submitting mail from this account or " +
			"organization.",
		Causes: []string{
			"Basic authentication was turned off for SMTP AUTH: by default for existing organizations from " +
				"the " +
				"end of December 2026, and for all organizations created after that.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Let the application sign in with OAuth (XOAUTH2).",
			"For devices that cannot: a relay connector by IP address or certificate on port 25.",
			"For internal recipients only: High Volume Email. For bulk mail to others: Azure " +
				"Communication Services.",
		},
		Portal: portalConnectors,
		Next: []string{
			"whether the organization's administrator may still switch basic authentication on again",
		},

		Duration: Permanent, Source: basicEnds, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.auth-type", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{504}, Enhanced: []string{"5.7.4"},
		Text:    []string{"unrecognized authentication type"},
		Meaning: "The client asked for a way to sign in that the server does not offer.",
		Causes: []string{
			"AUTH PLAIN or CRAM-MD5: Exchange Online offers only LOGIN and XOAUTH2.",
			"AUTH before STARTTLS.",
			"SMTP AUTH is turned off.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Set the application to STARTTLS on port 587.",
			"Set its authentication method to LOGIN or OAuth (XOAUTH2).",
			"If it cannot: use a relay connector.",
		},
		Commands: []string{
			"Get-CASMailbox -Identity user@contoso.com | Format-List SmtpClientAuthenticationDisabled",
		},
		Duration: Permanent, Source: devices, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.client-not-authenticated", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{530, 550}, Enhanced: []string{"5.7.57"},
		Text: []string{
			"client was not authenticated to send anonymous mail during mail from",
			"client not authenticated to send mail",
		},
		Wraps:   true,
		Meaning: "The client tried to send without signing in.",
		Causes: []string{
			"User name and password are not set in the device or application, or \"use " +
				"authentication\" is off.",
			"The sign-in before it failed; its own error (often 535 5.7.139) is the cause.",
			"The device means to send without sign-in: then smtp.office365.com is the wrong host.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Enter user name and password, STARTTLS and port 587.",
			"Or, to send without sign-in to recipients of the same organization only, use the " +
				"domain's MX host on port 25.",
			"Or set up a relay connector by IP address or certificate.",
		},
		Portal: portalConnectors,
		Next:   []string{"a 535 line before this one: explain that one"},

		Duration: Permanent, Source: ndrBase + "fix-error-code-5-7-57-in-exchange-online",
		Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.send-as-denied", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.7.60", "5.7.1"},
		Text:    []string{"client does not have permissions to send as this sender"},
		Meaning: "The sign-in worked, but that account may not send with this From or envelope sender.",
		Causes: []string{
			"The From address in the device is not the address of the account that signs in.",
			"The account lacks the Send As right on that mailbox.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Set the From address to the account that signs in.",
			"Or grant that account Send As on the other mailbox.",
			"Or use a relay connector, which allows any sender of an accepted domain.",
		},
		Commands: []string{
			"Add-RecipientPermission -Identity sender@contoso.com -Trustee account@contoso.com " +
				"-AccessRights SendAs",
		},
		Portal: portalMailbox, Duration: Permanent,
		Source: devices, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.send-as-denied-store", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{554}, Enhanced: []string{"5.2.252", "5.2.0"},
		Text: []string{"!sendasdenied~", "!mapiexceptionsendasdenied", "not allowed to send as", "!0x000004dc 0x00000524",
			"not have permission to send * on behalf of the specified user", "pas l'autorisation d'envoyer * de l'utilisateur", "no tiene permiso para enviar * en nombre",
			"nicht berechtigt * im auftrag des angegebenen benutzers", "non si dispone dell'autorizzazione * per conto", "geen machtiging om * namens"},
		Meaning: "The account that signed in may not send as the address in From.",
		Causes: []string{
			"The From address in the device is not the address of the account that signs in.",
			"The account lacks the Send As right on that mailbox.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Set the From address to the account that signs in.",
			"Or grant that account Send As on the other mailbox.",
		},
		Commands: []string{
			"Add-RecipientPermission -Identity sender@contoso.com -Trustee account@contoso.com " +
				"-AccessRights SendAs",
		},
		Portal: portalMailbox, Duration: Permanent,
		Source: devices, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "smtp.starttls-first", Confirm: ConfirmSubmission, Provider: Any,
		Codes: []uint16{530}, Enhanced: []string{"5.7.0"},
		Text:    []string{"must issue a starttls command first"},
		On:      &Readings{Delivered: &tlsRequiredDelivered},
		Meaning: "The server takes nothing on an unencrypted connection; the client must say STARTTLS first.",
		Causes: []string{
			"Encryption is off in the device or application.",
			"It is set to implicit TLS or to the wrong port.",
		},
		Owner: report.OwnerUser,
		Fix:   []string{"Set encryption to STARTTLS (sometimes called TLS) and the port to 587."},

		Duration: Permanent, Source: "RFC 3207 4", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.helo-invalid", Confirm: ConfirmSubmission, Provider: ExchangeOnline,
		Codes: []uint16{501}, Enhanced: []string{"5.5.4"},
		Text:    []string{"invalid domain name"},
		Meaning: "The name that the client gave in EHLO or HELO is not a well-formed host name.",
		Causes: []string{
			"The device's host name is empty, or holds an underscore, a space or another forbidden " +
				"character.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Give the device a full host name such as printer.contoso.com, or an address literal " +
				"such as [192.0.2.7].",
		},

		Duration: Permanent, Source: "RFC 5321 4.1.1.1", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exchange.hello-first", Provider: ExchangeServer,
		Codes: []uint16{503}, Enhanced: []string{"5.5.2"},
		Text:    []string{"send hello first"},
		Meaning: "The client sent MAIL before EHLO or HELO.",
		Causes:  []string{"A script or device does not speak SMTP in the right order."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Let the client send EHLO with its host name first, and once more after STARTTLS."},

		Duration: Permanent, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.concurrent-connections", Provider: ExchangeOnline,
		Codes: []uint16{432}, Enhanced: []string{"4.3.2"},
		Text:    []string{"concurrent connections limit exceeded"},
		Meaning: "More than three sessions at once submit mail for the same mailbox.",
		Causes:  []string{"Several devices or threads use one account at the same time."},
		Owner:   report.OwnerUser,
		Fix: []string{
			"Let the application send one message after the other over one connection, and wait " +
				"after this reply.",
			"Give each device its own account, or use a relay connector.",
		},
		Duration: Temporary,
		Source:   "https://aka.ms/concurrent_sending", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.sender-threads", Provider: ExchangeOnline,
		Codes: []uint16{432}, Enhanced: []string{"4.3.2"},
		Text:    []string{"storedrv.clientsubmit*sender thread limit exceeded"},
		Meaning: "Too many messages of the same mailbox are submitted at the same time.",
		Causes:  []string{"Several devices or threads use one account at the same time."},
		Owner:   report.OwnerUser,
		Fix:     []string{"Send one message after the other, and wait some seconds after this reply."},

		Duration: Temporary,
		Source:   "https://aka.ms/concurrent_sending", Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exo.submission-rate", Provider: ExchangeOnline,
		Codes: []uint16{421}, Enhanced: []string{"4.4.2"},
		Text: []string{"message submission rate for this client has exceeded the configured limit"},
		Meaning: "The client sends messages faster than is allowed (30 a minute for a mailbox of " +
			"Exchange Online).",
		Causes: []string{"A burst from an application or a scanner."},
		Owner:  report.OwnerUser,
		Fix: []string{
			"Slow the application down to under 30 messages a minute.",
			"For more, use a relay connector, High Volume Email (internal) or a bulk service.",
		},
		Duration: Temporary, Source: multifunction, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exo.proxy-busy", Provider: ExchangeOnline,
		Codes: []uint16{451, 421}, Enhanced: []string{"4.7.0"},
		Text:    []string{"temporary server error. please try again later*prx~"},
		Meaning: "A front end of Exchange Online could not reach the server behind it.",
		Causes:  []string{"A passing fault inside Microsoft 365."},
		Owner:   report.OwnerMicrosoft,
		Waits:   true,
		Fix: []string{
			waitRetry,
			"If it lasts over an hour, check the service health page.",
		},
		Portal:    "Microsoft 365 admin center > Health > Service health",
		Elsewhere: &proxyOnPremises,

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "smtp.auth-temporary", Provider: Any,
		Codes: []uint16{454, 451}, Enhanced: []string{"4.7.0", "4.3.0"},
		Text: []string{"temporary authentication failure", "internal authentication error", "internal authentication failure", "authentication temporarily",
			"authentication server not available", "authentication service not available", "authentication backend"},
		Meaning: "The server could not check the sign-in just now; the password may well be right.",
		Causes:  []string{"The server's directory or sign-in service does not answer."},
		Owner:   report.OwnerRemote,
		Fix:     []string{"Retry in some minutes. Do not change the password for this."},

		Duration: Temporary, Source: "RFC 4954 4", Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exo.submission-quota", Provider: ExchangeOnline,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.2.2"},
		Text: []string{"submission quota exceeded", "sender's submission quota was exceeded"},
		Meaning: "The sender has used up the number of messages or recipients that one mailbox may send to " +
			"in a day.",
		Causes: []string{
			"A mailing to very many recipients (10,000 in 24 hours is the limit).",
			"The account was taken over and sends spam.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Check the account's sign-ins and sent messages; if they are not its own, reset the " +
				"password and sessions.",
			"Wait up to 24 hours; the count is a rolling one.",
			"Send newsletters through a service made for them.",
		},
		Portal: portalTrace, Duration: Permanent,
		Source: ndrBase + "fix-error-for-submission-quota-exceeded-in-exchange-online",
		Date:   readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.recipient-limit-daily", Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"5.1.90"},
		Text:    []string{"you've reached your daily limit for message recipients"},
		Meaning: "The sender has reached the number of recipients that one mailbox may send to in a day.",
		Causes: []string{
			"A mailing to very many recipients (10,000 in 24 hours is the limit).",
			"The account was taken over and sends spam.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Check that the account is not abused.",
			"Wait up to 24 hours; the count is a rolling one.",
			"Use a distribution group, which counts as one recipient, or a bulk service.",
		},
		Portal: portalTrace, Duration: Permanent, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
}

// proxyOnPremises is what a front end means that is not known to be one of Exchange Online.
var proxyOnPremises = Elsewhere{
	Owner:   report.OwnerRemote,
	Meaning: "The front end of an Exchange server could not pass the message on to the transport service behind it.",
	Causes: []string{
		"On an on-premises server: its network adapter uses public DNS servers, which do not know the names of its own servers.",
		"On an on-premises server: two receive connectors have the same port, or the transport service does not run.",
		"In Exchange Online: a passing fault.",
	},
	Fix: []string{
		"If the Exchange server is on-premises, its administrator sets only internal DNS servers on its network adapter, and checks the receive connectors.",
		"If it is Exchange Online, wait: the sending server retries.",
	},
}

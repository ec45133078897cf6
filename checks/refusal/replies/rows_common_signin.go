package replies

import "maildiag/report"

// commonSignIn are the rows of any server about the sign-in and relaying.
var commonSignIn = []Row{
	{
		ID:      "common.password-guessing",
		Text:    []string{"!smtpd * warning * sasl + authentication failed"},
		Meaning: "Your own mail server refused a sign-in of a client: as a rule, a program that guesses passwords.",
		Causes:  []string{"A program on the internet tries passwords.", "A device or program of yours has an old password, if the IP address is yours."},
		Owner:   report.OwnerNetwork,
		Fix:     []string{"If the IP address is not one of yours, no mail is affected: block repeated attempts, for example with fail2ban.", "If it is yours, enter the new password there."},
	},
	{
		ID: "common.auth-failed", Codes: []uint16{535, 534, 454, 550, 554},
		Enhanced: []string{"5.7.8", "5.7.1", "5.7.0", "5.7.3", "5.7.9"}, Stage: StageAuth,
		Unless: []string{`
			password protected
			authentication needed
			authentication is needed
			temporary authentication
			internal authentication
			authentication temporarily
			authentication backend
			authentication server not available
			authentication service not available
			`},
		Text: []string{`
			authentication failed
			user has no permission
			no password specified
			authentication failure
			authentication unsuccessful
			authentication failed * credentials
			auth failed
			login failed
			logon failure
			login denied
			login incorrect
			invalid login
			incorrect authentication data
			authentication credentials invalid
			invalid credentials
			invalid username or password
			bad username or password
			incorrect username or password
			incorrect password
			wrong username or password
			username and password not accepted
			username or password is incorrect
			username and password do not match
			authentication rejected
			authentication error
			authentication aborted
			could not authenticate
			unable to authenticate
			failed to authenticate
			authenticate failed
			password incorrect
			invalid password
			credentials were incorrect
			credentials rejected
			sasl login authentication failed
			sasl plain authentication failed
			sasl authentication failed
			sign-in failed
			authentifizierung fehlgeschlagen
			anmeldung fehlgeschlagen
			autenticacion fallida
			echec de l'authentification
			authentification * echoue
			autenticazione fallita
			autenticacao falhou
			authenticatie mislukt
			<mistaken> + <login>
			<login> + <wrong>
			log in with your * browser
			login via your * browser
			log in through your * browser
			enter your authorization code
			bad credentials
			wrong credentials
			!0x800ccc92
			missing credentials for
			credentials + missing
			unable to log in
			check + address and password
			login not possible
			`},
		Meaning: "The server rejected the sign-in (SMTP AUTH).",
		Causes: []string{
			"The user name or password is wrong, expired, or the account has multifactor authentication.",
			"SMTP AUTH or Basic authentication is disabled for the organization or the mailbox.",
			"Security defaults or a Conditional Access policy block the sign-in.",
		},
		Owner: report.OwnerM365,
		Fix: []string{
			"Check the user name (the full address) and the password by signing in at the provider's webmail.",
			"For a Microsoft 365 mailbox, check in this order: SMTP AUTH of the organization, SMTP AUTH of the mailbox, " +
				"authentication policy, security defaults, Conditional Access, multifactor authentication.",
			"Look in the Entra sign-in logs for the failed sign-in: its error code (AADSTS) names the policy.",
		},
		Commands: []string{
			"Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled",
			"Get-CASMailbox -Identity user@contoso.com | Format-List SmtpClientAuthenticationDisabled",
			"Get-User -Identity user@contoso.com | Format-List AuthenticationPolicy",
		},
		Portal: "Microsoft Entra admin center > Monitoring & health > Sign-in logs",
		Elsewhere: &Elsewhere{
			Owner: report.OwnerUser,
			Causes: []string{
				"The user name or password is wrong, expired, or the account has multifactor authentication.",
				"The account or the provider does not allow SMTP AUTH with a password.",
			},
			Fix: []string{
				"Check the user name (often the full address) and the password by signing in at the provider's webmail.",
				"If they work there, ask the mail provider what SMTP AUTH needs: an app password, OAuth, or a switch of the account.",
				"If the mail server is smtp.office365.com, run maildiag smtp --user user@contoso.com.",
			},
		},
		Next: []string{"maildiag smtp --user user@contoso.com"}, Confirm: ConfirmSubmission,
		Duration: Permanent, Source: "RFC 4954 6",
	},
	{
		ID: "common.auth-app-password", Codes: []uint16{535, 534, 530, 550}, Enhanced: []string{"5.7.0", "5.7.8", "5.7.9", "5.7.14"},
		Text: []string{`
			application password is required
			app password is required
			application password + <required>
			app password + <required>
			application-specific password
			app-specific password
			use an app password
			use an application password
			create an app password
			generate * app password
			please enter your authorization code
			parol prilozheniya
			password of your account + not <allowed> for
			app specific password
			`},
		Meaning: "The provider rejects the password of the account here: mail programs and devices need an app password (authorization code).",
		Causes: []string{
			"The normal password is entered in the program or device.",
			"The app password was revoked or belongs to another account.",
		},
		Owner:    report.OwnerUser,
		Fix:      []string{"Create an app password in the security settings of the mail account, and enter it in the program or device in place of the password."},
		Duration: Permanent, Stage: StageAuth, Source: "https://help.mail.ru/mail/security/protection/external/",
	},
	{
		ID: "common.auth-not-offered", Codes: []uint16{503, 504, 502, 500, 538}, Enhanced: []string{"5.5.1", "5.5.4", "5.7.4", "5.3.3"},
		Stage: StageAuth,
		Text: []string{`
			authentication method + mismatch
			authentication type + not
			authentication methods + not
			auth extension not <allowed>
			auth command not <allowed>
			auth not <allowed>
			auth not available
			auth not advertised
			auth not enabled
			auth + not advertised
			auth command used when not advertised
			not support auth
			not support smtp auth
			not support authentication
			not support smtp authentication
			authentication not supported
			authentication is not supported
			authentication not enabled
			authentication is not enabled
			authentication disabled
			authentication is disabled on
			authentication mechanism not <allowed>
			authentication mechanism + not <allowed>
			authentication type not <allowed>
			unrecognized authentication type
			unsupported authentication
			unknown authentication mechanism
			unrecognized authentication mechanism
			no supported authentication
			no suitable authentication
			no authentication mechanism
			no authentication method
			not support any of the authentication
			none of the authentication methods
			!0x800ccc80
			not support encrypted passwords
			not seem to support
			not support secure authentication
			not support the selected authentication
			not support authentication smtp auth
			authentication methods supported by + client
			selected authentication method
			missing_requirement + auth
			`},
		Unless: []string{`
			basic authentication
			`},
		Meaning: "The server offers no sign-in (SMTP AUTH) here, or none in a way that the client knows.",
		Causes: []string{
			"The client does not start TLS, and the server offers the sign-in only then.",
			"The server or port is one for incoming mail (an MX host, port 25), which has no sign-in.",
			"The client offers only ways to sign in that the server does not have (CRAM-MD5, NTLM).",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Set the submission server of the mail provider, port 587 with STARTTLS or 465 with TLS, in the device or program.",
			"Run \"maildiag smtp\" on that network: it shows the ways to sign in that the server offers.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 4954 3",
	},
	{
		ID: "common.auth-not-offered-client",
		Text: []string{`
			!no mechanism available
			!no worthy mechs
			!no mechs available
			!invalid authentication mechanism
			!no compatible authentication mechanism
			!no compatible sasl mechanism
			!no mechanism + in common
			`},
		Meaning: "The client knows none of the ways to sign in that the server offers, so it sent neither a password nor the message.",
		Causes: []string{
			"The modules for PLAIN and LOGIN are not installed (libsasl2-modules, cyrus-sasl-plain).",
			"The client does not allow plaintext passwords (smtp_sasl_security_options contains noplaintext), or starts no TLS.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Install the SASL modules for PLAIN and LOGIN on the sending server.",
			"In Postfix, set smtp_sasl_tls_security_options = noanonymous and smtp_tls_security_level = encrypt.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "https://www.postfix.org/SASL_README.html",
	},
	{
		ID: "common.auth-failed-disabled", Codes: []uint16{525, 535}, Enhanced: []string{"5.7.13"}, Stage: StageAuth,
		Text: []string{`
			account disabled
			account is disabled
			account has been disabled
			account + disabled
			account suspended
			account is suspended
			account has been suspended
			account + suspended
			account locked
			account is locked
			account has been locked
			account + locked
			account blocked
			account is blocked
			account has been blocked
			account deactivated
			account is deactivated
			account has been deactivated
			account inactive
			account is inactive
			account is not active
			account expired
			account has expired
			account is closed
			account has been closed
			user disabled
			user is disabled
			user has been disabled
			user suspended
			user is suspended
			user blocked
			user is blocked
			user locked
			user is locked
			user inactive
			mailbox disabled
			mailbox is disabled
			mailbox has been disabled
			mailbox suspended
			mailbox is suspended
			konto gesperrt
			konto ist gesperrt
			konto deaktiviert
			compte desactive
			cuenta desactivada
			`},
		Unless: []string{`
			plaintext
			plain text
			authentication disabled
			basic authentication
			smtpclientauthentication
			`},
		Meaning:  "The account that signs in is disabled, locked or suspended. The password may well be right.",
		Causes:   []string{"An administrator or the provider switched the account off, or locked it after too many wrong passwords or because it sent spam."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Ask the administrator of the account, or the mail provider, why it is disabled, and to enable it again.", "Do not try other passwords: that may lock it for longer."},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 5248 2.4",
	},
	{
		ID: "common.auth-transition", Codes: []uint16{432}, Enhanced: []string{"4.7.12"},
		Text: []string{`
			password transition
			password + expired
			expired password
			password has expired
			password must be changed
			change your password
			password change required
			`},
		Meaning:  "The password of the account must be renewed before it can be used to send.",
		Causes:   []string{"The password has expired, or the server needs a sign-in by another way once to store the password anew."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Sign in at the provider's webmail, or change the password there. Then enter it in the device or program."},
		Duration: Permanent, Source: "RFC 4954 6",
	},
	{
		ID: "common.auth-token", Codes: []uint16{535, 334}, Enhanced: []string{"5.7.3", "5.7.8"},
		Text: []string{`
			!invalid_grant
			token has been expired or revoked
			token + expired
			token + revoked
			token is invalid
			token is no longer valid
			refresh token
			access token + invalid
			oauth + expired
			oauth + revoked
			oauth token + invalid
			?reauthorize
			reconnect your account
			!eyjzdgf0dxmioii0m~
			!missing required authentication credential
			`},
		Meaning:  "The stored authorization (OAuth token) of the program is no longer valid.",
		Causes:   []string{"The password was changed, the consent was withdrawn, or the token was not used for a long time.", "The application is in test mode: its tokens end after some days."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Connect the program to the mail account anew in its settings, and give consent."},
		Duration: Permanent, Source: "RFC 6749 5.2",
	},
	{
		ID: "common.auth-required", Codes: []uint16{530, 550, 553, 554, 503}, Weak: true,
		Enhanced: []string{"5.7.1", "5.7.0", "5.5.1", "5.7.3"},
		Unless: []string{`
			spf
			dkim
			dmarc
			`},
		Text: []string{`
			authentication required
			?requires a secure connection or the client was not authenticated
			only registered users
			authentication is required
			authentication needed
			authentication is needed
			requires authentication
			smtp authentication
			auth required
			not authenticated
			authenticate first
			must authenticate
			must be authenticated
			need to authenticate
			please authenticate
			proper authentication required
			log in first
			login first
			not logged in
			must log in
			check for new mail first
			pop before smtp
			unauthenticated mail not allowed
			!unauthenticated senders not <allowed>
			!unauthenticated senders are not <allowed>
			!unauthenticated users not <allowed>
			!unauthenticated users are not <allowed>
			!unauthenticated clients not <allowed>
			!unauthenticated clients are not <allowed>
			unauthenticated * not allowed
			sender address rejected not logged in
			please turn on smtp authentication
			enable smtp authentication
			must sign in
			sign in before sending
			sign in first
			must login
			please login
			<login> + <required>
			log on before
			log on first
			login before
			log in before
			sign on first
			sasl + <required>
			?authorization required
			credentials + <required>
			auth first
			authentication first
			<login> before
			must log in before
			log in before you can send
			login before you can send
			sign in before you can send
			must be logged in
			login required
			anonymous + not <allowed>
			client to authenticate
			not signed in
			switch on authentication
			turn on authentication
			needs a login
			needs a sign in
			log in to send
			sign in to send
			no anonymous
			unauthenticated relaying
			!smtp auth is required
			!smtp authentication is required
			`},
		Meaning: "The server accepts this message only from a sender that signs in first.",
		Causes: []string{
			"The device or application does not sign in (SMTP AUTH is off in its settings).",
			"The message was sent to a submission server instead of the recipient's MX.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Turn on SMTP authentication in the sending device or application: port 587, STARTTLS, user name and password.",
			"To deliver without signing in, send to the recipient's MX on port 25.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission,
	},
	{
		ID: "common.sender-login-mismatch", Codes: []uint16{553, 550, 554},
		Enhanced: []string{"5.7.1", "5.7.0", "5.7.60"},
		Text: []string{`
			not owned by user
			not local sender over smtp
			incorrect sender header
			<sender> header + incorrect
			mail from + mismatch~ + header from
			mail from + not match + header from
			not allowed in header from
			not <allowed> in + header from
			sender address not <allowed> for
			from address not verified
			sender address + not <allowed> for
			envelope from + not <allowed>
			envelope sender + not <allowed>
			from address + not <allowed> for
			from address + not <allowed> to
			sender address rejected not owned by user
			sender address rejected domain not owned by user
			domain not owned by
			not owned by * authenticated
			sender address does not match the authenticated user
			does not match * authenticated user
			not match * login
			from address * does not match * account
			sender is not allowed to relay messages as
			relaying disallowed as
			not allowed to relay * as
			not allowed to send as
			not permitted to send as
			you are not allowed to use that sender
			not allowed to use * sender address
			not allowed to send from this address
			sender address is not allowed
			must equal authorized user
			not authorized to send as
			not + <allowed> to send as
			mail from must equal
			sender + not + belong
			envelope from + not match + account
			from address does not match
			use that from address
			use this from address
			use that sender
			<not> + authorized to use + from
			<sender> + not match + authenticated
			authenticated sender
			address is not owned
			not owned by the
			sender + not owned
			permission to send the message on behalf
			permission to send on behalf
			0x80070005 0x0004dc
			may not use * as
			not use * as envelope sender
			not use * as sender
			can not send as
			may not send as
			not your address
			sender + not + login
			from + not + account
			not logged in as owner
			not logged in as
			as owner
			not send from this
			not send with this
			not send mail from this
			<not> + <allowed> to send + from this
			not one of your addresses
			same as authorization user
			same as + authenticated user
			same as + login
			<sender> + must match + login
			<sender> + must match + user
			<sender> + must match + account
			must match the authenticated
			must match the user
			not + your own address
			use your own address
			not + alias of your account
			send on behalf
			<not> + <allowed> to send on behalf of
			not associated with + account
			not associated with + user
			not linked to + account
			authenticated user must be the same
			authenticated user and + must match
			from + must be the same as
			from + same + authenticated
			sender + must be the same as
			<not> + <allowed> to use this from
			username + sender + <not> match
			sender + username + <not> match
			user name + sender + <not> match
			sender + <not> match + username
			sender and + <login> + <not> match
			envelope sender mismatch
			sender mismatch
			<sender> + mismatch
			sender address + unauthorized
			unauthorized sender
			`},
		Meaning: "The account that signed in may not send with this sender address.",
		Causes: []string{
			"The From address of the device or application is not the address of the account that signs in.",
			"The account lacks the Send As permission for the address.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Set the sender address to the address of the account that signs in.",
			"Or give the account the Send As permission for the address.",
		},
		Duration: Permanent,
	},
	{
		ID: "common.relay-denied", Codes: []uint16{550, 554, 553, 454, 551},
		Enhanced: []string{"5.7.1", "5.7.0", "5.4.1", "5.7.54", "4.7.1"},
		Unless: []string{`
			dynamic
			`},
		Text: []string{`
			relay access denied
			not a gateway
			relay check + fail
			relaying denied
			relaying not permitted
			relaying not allowed
			relaying disallowed
			relaying prohibited
			we do not relay
			not permitted to relay
			?unable to relay
			can not relay
			not a relay
			no relay
			norelay
			relaying is not allowed
			relaying mail * is not allowed
			relaying to * denied
			relaying * prohibited
			relaying from * not allowed
			insecure mail relay
			open relay not allowed
			trying to use me * as a relay
			not been configured to let you
			is not a local domain
			not local * relay
			mx do not point to us
			unable to relay blocked by customer allow list
			<not> + <relay>
			<relay> + <not> + <allowed>
			<relay> + denied
			relay services
			user is not local
			not local + forwarding
			forwarding + switched off
			forward for strangers
			not the mail server for
			not the mx for
			you are not allowed to relay
			third party relay
			external recipients not
			<relay> + <blocked>
			<relay> + prohibited
			relay attempt
			<denies> & <relay>
			domain is not in my list of allowed rcpthosts
			that domain is not in my list
			not in my list of allowed rcpthosts
			rcpthosts
			local user only
			domain of forward path is not allowed
			can not deliver mail for
			`},
		On:      &Readings{Submitted: &relaySubmitted, Delivered: &relayDelivered, Split: true},
		Meaning: "The server does not accept mail for the recipient's domain from this sender (it would be relaying).",
		Causes:  relayDelivered.Causes,
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"If this is your own outgoing server: sign in, and use the submission port (587).",
			"Otherwise the recipient's administrator checks the MX record, and that its server hosts the domain.",
		},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Permanent, Confirm: ConfirmMX,
	},
	{
		ID: "common.relay-auth-required", Codes: []uint16{550, 554, 553, 530}, Enhanced: []string{"5.7.1", "5.7.0"},
		Text: []string{`
			!relaying + denied + authentication required
			!relay~ + <denies> + <login> required
			!turn on smtp authentication
			!relay * without authentication
			!relay * unless * authenticate
			!authenticate + before relaying
			!must authenticate to relay
			!log in to relay
			`},
		Meaning:  "This server passes mail on only for users who sign in, and the client did not.",
		Causes:   []string{"The mail program, device or application does not sign in (SMTP AUTH is off in its settings)."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Turn on SMTP authentication in the sending device or application: port 587, STARTTLS, user name and password."},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 4954 6",
	},
	{
		ID: "common.domain-not-hosted", Codes: []uint16{550, 551, 553, 554}, Enhanced: []string{"5.1.2", "5.7.1"},
		Text: []string{`
			domain not hosted here
			can not deliver message for
			recipient domain not found
			no such domain here
			domain not found id 5 9 2
			no such domain at this location
			we do not handle mail for
			not accepting mail for this domain
			domain is not hosted
			recipient domain rejected
			not a local domain
			does not handle mail for
			not one of the domains
			domains served
			domain + not served
			not responsible for
			domain + not hosted
			domain unknown here
			not a domain of this server
			domain + not configured
			not configured for this domain
			not our domain
			not hosted here
			server does not accept mail for
			mail for this domain + not accepted
			not a mail server for
			not handled here
			not use this server
			unknown local domain
			not deliver for that domain
			not deliver for this domain
			`},
		On:      &Readings{Submitted: &relaySubmitted},
		Meaning: "The server does not host the recipient's domain.",
		Causes: []string{
			"The MX record of the recipient's domain points to a server that does not host the domain.",
			"There is a typing error in the domain of the address.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient's administrator corrects the MX record or adds the domain to the server."},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Permanent, Confirm: ConfirmMX, Source: fieldManuals,
	},
}

// relaySubmitted is what a refusal to relay means to a program or device.
var relaySubmitted = Elsewhere{
	Owner:   report.OwnerUser,
	Meaning: "The outgoing server does not pass mail on to other domains for this program or device.",
	Causes: []string{
		"The program or device does not sign in, or it signs in to another server than that of the sender's account.",
		"It uses the MX of a domain, which accepts mail for that domain only, as its outgoing server.",
		"The server has a list of addresses that may relay, and this one is not on it.",
	},
	Fix: []string{
		"Set the outgoing server of the sender's own account: port 587, STARTTLS, user name and password. For Microsoft 365 it is smtp.office365.com.",
		"If it cannot sign in, the administrator of the outgoing server allows its address to relay.",
		"If the server is yours and should receive mail for that domain, add the domain to its own domains.",
	},
	Confirm: ConfirmSubmission,
}

// relayDelivered is what it means to a mail server that delivers.
var relayDelivered = Elsewhere{
	Owner:   report.OwnerRecipient,
	Meaning: "The server does not host the recipient's domain: to accept this message would be relaying.",
	Causes: []string{
		"The MX record of the recipient's domain points to a server that does not host the domain.",
		"The domain was removed from the server, for example after a migration.",
		"The sending server hands its mail to this one as a smart host, without signing in.",
	},
	Fix: []string{
		"The recipient's administrator checks the MX record, and that its server hosts the domain.",
		"If the server that rejects is your own smart host, let the sending server sign in there.",
	},
	Confirm: ConfirmMX,
}

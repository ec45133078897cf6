package replies

import "maildiag/report"

// common holds the causes that all servers speak of, each in their own words.
// Rows of a provider go before them.
var common = []Row{
	shared(Row{
		ID: "common.auth-failed", Codes: []int{535, 534, 454, 550, 554},
		Enhanced: []string{"5.7.8", "5.7.1", "5.7.0", "5.7.3", "5.7.9"}, Stage: StageAuth,
		Text: lines(`
			authentication failed
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
			<wrong> + <login>
			<login> + <wrong>
			log in with your * browser
			login via your * browser
			log in through your * browser
			generate * app password
			login fail
			enter your authorization code
			bad credentials
			wrong credentials
			!0x800ccc92
			!0x800ccc80
			`),
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
		Next:   []string{"maildiag smtp --user user@contoso.com"}, Confirm: ConfirmSubmission,
		Duration: Permanent, Source: "RFC 4954 6",
	}),
	shared(Row{
		ID: "common.auth-required", Codes: []int{530, 550, 553, 554}, Weak: true,
		Enhanced: []string{"5.7.1", "5.7.0", "5.5.1", "5.7.3"},
		Unless: lines(`
			spf
			dkim
			dmarc
			`),
		Text: lines(`
			authentication required
			authentication is required
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
			unauthenticated senders not allowed
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
			`),
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
	}),
	shared(Row{
		ID: "common.sender-login-mismatch", Codes: []int{553, 550, 554},
		Enhanced: []string{"5.7.1", "5.7.0", "5.7.60"},
		Text: lines(`
			sender address rejected not owned by user
			not owned by user
			not owned by * authenticated
			sender address does not match the authenticated user
			does not match * authenticated user
			not match * login
			from address * does not match * account
			sender is not allowed to relay messages as
			not allowed to send as
			not permitted to send as
			not authorized to send as
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
			`),
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
	}),
	shared(Row{
		ID: "common.relay-denied", Codes: []int{550, 554, 553, 454, 551},
		Enhanced: []string{"5.7.1", "5.7.0", "5.4.1", "5.7.54", "4.7.1"},
		Unless: lines(`
			dynamic
			`),
		Text: lines(`
			relay access denied
			relaying denied
			relay denied
			relay not permitted
			relaying not permitted
			relaying not allowed
			relaying disallowed
			relaying prohibited
			relay prohibited
			we do not relay
			not permitted to relay
			?unable to relay
			can not relay
			not a relay
			no relay
			norelay
			relaying is not allowed
			relay not allowed
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
			!0x800ccc79
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
			`),
		Meaning: "The server does not accept mail for the recipient's domain from this sender (it would be relaying).",
		Causes: []string{
			"The MX record of the recipient's domain points to a server that does not host the domain.",
			"The client must sign in first.",
			"The domain was removed from the server, for example after a migration.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"If this is your own outgoing server: sign in, and use the submission port (587).",
			"Otherwise the recipient's administrator checks the MX record, and that its server hosts the domain.",
		},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Permanent, Confirm: ConfirmMX,
	}),
	shared(Row{
		ID: "common.domain-not-hosted", Codes: []int{550, 551, 553, 554}, Enhanced: []string{"5.1.2", "5.7.1"},
		Text: lines(`
			domain is not in my list of allowed rcpthosts
			that domain is not in my list
			not in my list of allowed rcpthosts
			recipient domain not found
			no such domain here
			domain not found id 5 9 2
			domain not hosted here
			no such domain at this location
			we do not handle mail for
			not accept mail for this domain
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
			`),
		Meaning: "The server does not host the recipient's domain.",
		Causes: []string{
			"The MX record of the recipient's domain points to a server that does not host the domain.",
			"There is a typing error in the domain of the address.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient's administrator corrects the MX record or adds the domain to the server."},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Permanent, Confirm: ConfirmMX, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.verification-pending", Codes: []int{450, 421, 451, 550}, Enhanced: []string{"4.1.1", "4.2.0", "5.1.1"},
		Unless: lines(`
			user not found
			user unknown
			no such user
			unknown user
			`),
		Text: lines(`
			address verification in progress
			unverified address
			recipient address rejected unverified address
			recipient verification in progress
			could not complete recipient verify callout
			recipient verify temporarily failed
			recipient address verification
			verification is in progress
			verification + in progress
			`),
		Meaning: "The filter in front of the recipient's server could not verify yet that the address exists.",
		Causes: []string{
			"The verification is still running; the next attempt succeeds.",
			"The server behind the filter is down or does not answer the filter.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Wait: the sending server retries.",
			"If it lasts longer than an hour, the recipient's administrator checks the connection from the filter to the mail server.",
		},
		Duration: Temporary, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.user-unknown", Codes: []int{550, 551, 553, 554, 511, 450},
		Enhanced: []string{
			"5.1.1", "5.1.0", "5.0.0", "5.1.2", "5.1.6", "5.2.1", "5.5.0", "5.5.1", "5.7.1", "4.1.1", "5.1.10",
		},
		Unless: lines(`
			sender
			from address
			return path
			helo
			authenticated
			from header
			spf
			dkim
			verification
			attachment
			file
			certificate
			connector
			host
			record
			blocklist
			directory
			policy
			connector
			`),
		Text: lines(`
			user unknown
			unknown user
			user * unknown
			no such user
			no such recipient
			no such account
			no such person
			no such mail drop
			recipient unknown
			unknown recipient
			unknown local part
			unknown mailbox
			user not found
			recipient not found
			recipientnotfound
			recipnotfound
			mailbox not found
			mailbox * not found
			recipient * not found
			no mailbox here by that name
			no mailbox by that name
			no such mailbox
			invalid recipient
			invalid mailbox
			invalid address
			invalid user
			invalid-recipient
			not a valid mailbox
			not a valid address
			not a valid user
			not a valid recipient
			is not a valid message
			unrouteable address
			unroutable address
			unknown address
			user does not exist
			user does not exist at
			account does not exist
			recipient does not exist
			mailbox does not exist
			address does not exist
			email account * does not exist
			user * does not exist
			mailbox * does not exist
			account * does not exist
			not our customer
			unknown to address
			undeliverable address
			user does not have
			this user does not have a
			address unknown
			not a known user
			user * not known
			message address could not be found
			no such address
			unknown local user
			user unknown in local recipient table
			user unknown in virtual mailbox table
			user unknown in virtual alias table
			user unknown in relay recipient table
			no account
			account not found
			account that you tried to reach does not exist
			addressee unknown
			invalid final delivery userid
			user not listed in
			not listed in domino directory
			not listed in public name and address book
			not in recipient list
			not listed as a recipient
			recipient is not exist
			recipient mailbox unallocated
			mailbox unallocated
			marked as invalid
			is no longer valid
			no longer valid
			no longer active
			bad recipient
			bad destination address
			does not like recipient
			blank mailhost
			unknown alias
			alias not found
			not exist here
			does not exist here
			no local mailbox
			user is not found
			nosuchuser
			p nosuchuser
			utilisateur inconnu
			destinataire inconnu
			adresse * destinataire invalide
			destinataire invalide
			n'existe pas
			benutzer unbekannt
			empfaenger unbekannt
			unbekannter empfaenger
			empfaenger existiert nicht
			adresse existiert nicht
			usuario desconocido
			usuario no existe
			destinatario desconocido
			no existe el usuario
			utente sconosciuto
			utente non esiste
			casella inesistente
			utilizador desconhecido
			usuario inexistente
			onbekende gebruiker
			<mailbox> + <unknown>
			<unknown> + <mailbox>
			<mailbox> + <not> + <exist>
			<not> + such <mailbox>
			no such + here
			<mailbox> + misspelled
			<not> <exist> + <mailbox>
			recipient is not known here
			non disponibile o sconosciuto
			no existe en este servidor
			<not> + <mailbox> + <exist>
			<not> <mailbox> <exist>
			mailbox by that name
			any mailbox by that name
			?could not be found
			<mailbox> + could not be found
			user does not exist
			<mailbox> does not exist
			callout * user not found
			not in our directory
			not in the directory
			no mailbox named
			no user named
			nobody by that name
			no one by that name
			nobody here
			<mailbox> + <existiert> + <not>
			<not> + <existiert> + <mailbox>
			<mailbox> + neexistuje
			no idea who
			who that is
			not a mailbox
			not a user
			never heard of
			no user here
			<mailbox> + not in our
			<mailbox> + not on this server
			`),
		Meaning: "There is no such mailbox at the recipient's domain.",
		Causes: []string{
			"There is a typing error in the address, or the mailbox was deleted.",
			"After a migration: the mailbox does not exist, or lacks this address, on the server that the MX points to.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Check the address with the recipient by other means.",
			"If the address is right, the recipient's administrator looks for it in the directory of the server that " +
				"the MX points to.",
		},
		Duration: Permanent, Confirm: ConfirmMX,
	}),
	shared(Row{
		ID: "common.mailbox-unavailable", Codes: []int{550, 450, 553}, Weak: true,
		Enhanced: []string{"5.1.1", "5.2.0", "5.2.1", "5.5.0", "4.2.0"},
		Text: lines(`
			?mailbox unavailable
			?requested action not taken mailbox unavailable
			?bad destination mailbox address
			account that you tried to reach
			?mailbox is unavailable
			mailbox unavailable or access denied
			?does not exist
			user not available
			?address rejected
			?recipient address rejected
			`),
		Meaning: "The server does not accept mail for this address: usually there is no such mailbox.",
		Causes: []string{
			"There is a typing error in the address, or the mailbox was deleted.",
			"The server hides another reason, such as a policy, behind this standard text.",
		},
		Owner:    report.OwnerUser,
		Fix:      []string{"Check the address with the recipient by other means; then ask the recipient's administrator."},
		Duration: Either, Confirm: ConfirmMX, Source: "RFC 5321 4.2.3",
	}),
	shared(Row{
		ID: "common.recipient-unavailable", Codes: []int{450, 452, 550}, Weak: true,
		Enhanced: []string{"4.2.0", "4.2.1", "5.2.0"},
		Text: lines(`
			recipient temporarily unavailable
			recipient unavailable
			mailbox temporarily unavailable
			user temporarily unavailable
			account temporarily unavailable
			temporarily disabled
			`),
		Meaning:  "The recipient's mailbox cannot receive mail at the moment.",
		Causes:   []string{"The mailbox is locked, being moved, or suspended by its provider."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Wait for the next attempt; if it lasts longer than a day, ask the recipient by other means."},
		Duration: Either, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.mailbox-full", Codes: []int{552, 550, 554, 452, 422},
		Enhanced: []string{"5.2.2", "4.2.2", "5.0.0", "5.7.1"},
		Unless: lines(`
			sender
			outgoing
			sending
			hourly
			daily
			per hour
			per day
			send
			`),
		Text: lines(`
			mailbox full
			mailbox is full
			mailbox * is full
			mailbox * full
			inbox is full
			inbox full
			account is full
			over quota
			overquota
			over the quota
			over * quota
			quota exceeded
			quota exceeded mailbox for user is full
			exceeded quota
			exceeds quota
			exceed * quota
			quota has been exceeded
			quota violation
			quota full
			quotaexceeded
			mailbox size limit exceeded
			mailbox size limit
			mailbox quota exceeded
			mailbox exceeded
			out of storage space
			out of storage
			exceeded storage allocation
			exceeded its storage
			exceeded storage
			insufficient storage * mailbox
			mailfolder is full
			disk quota
			disk quota exceeded
			exceeded the local limit
			number of messages in recipient's mailbox exceeded
			exceeded its size limit
			size quota
			exceeds allowed size
			user is overquota
			user over quota
			recipient overquota
			mail quota exceeded
			account is over its quota
			no space left for this mailbox
			not enough disk space * mailbox
			too many messages in mailbox
			boite * pleine
			boite aux lettres pleine
			postfach * voll
			postfach ist voll
			postfach voll
			speicherplatz * voll
			buzon lleno
			buzon esta lleno
			cuota excedida
			casella piena
			casella * piena
			caixa * cheia
			mailbox is vol
			<mailbox> + <full>
			<mailbox> + <exceed> + <quota>
			<mailbox> + <quota> + <exceed>
			mailbox size <exceed>
			mailbox + over + quota
			no space left + mailbox
			<mailbox> + no space
			<mailbox> + out of space
			storage + <exceed>
			<exceed> + storage
			insufficient space
			not enough + space + mailbox
			quota reached
			exceed + mailbox
			?quota
			<mailbox> * <exceed> + maximum size
			<mailbox> * maximum size
			<mailbox> + has reached
			storage limit
			casilla llena
			over its storage
			limit hit + quota
			quota limit
			`),
		Meaning:  "The recipient's mailbox is full.",
		Causes:   []string{"The mailbox has reached its quota."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient deletes mail, or the administrator raises the quota. Then send again."},
		Duration: Either,
	}),
	shared(Row{
		ID: "common.mailbox-disabled", Codes: []int{550, 554, 525, 552},
		Enhanced: []string{"5.2.1", "5.2.0", "5.7.13", "5.1.1", "5.0.0"},
		Unless: lines(`
			sender
			ip
			authentication
			url
			domain
			your account
			for sending
			outgoing
			outbound
			directory
			restapi
			`),
		Text: lines(`
			account disabled
			account is disabled
			account has been disabled
			mailbox disabled
			mailbox is disabled
			mailbox has been disabled
			account inactive
			account is inactive
			mailbox inactive
			mailbox is inactive
			account suspended
			account is suspended
			account has been suspended
			mailbox currently suspended
			mailbox suspended
			user suspended
			account expired
			account has expired
			not been activated
			not activated
			user account disabled
			account * locked
			mailbox * locked
			user * is disabled
			user has been disabled
			address * has been disabled
			recipient * disabled
			disabled recipient
			mailbox is frozen
			mailbox frozen
			disabled or discontinued
			deactivated
			account deactivated
			blocked due to inactivity
			due to inactivity
			account that you tried to reach is disabled
			account that you tried to reach is inactive
			account closed
			account has been closed
			recipient address rejected inactive
			account is not active
			mailbox is not active
			user is inactive
			inactive user
			mailbox * not accepting messages
			konto deaktiviert
			postfach * deaktiviert
			compte desactive
			cuenta desactivada
			<mailbox> + <disabled>
			<disabled> + mailbox
			<disabled> + account
			<mailbox> + on hold
			<mailbox> + parked
			<mailbox> + locked
			<mailbox> + archived
			<mailbox> + retired
			<mailbox> + removed
			<mailbox> + deleted
			on hold
			`),
		Meaning: "The recipient's mailbox exists but is disabled.",
		Causes:  []string{"The mailbox is locked, suspended, not activated yet, or was not used for a long time."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Reach the recipient by other means. The recipient or its administrator enables the mailbox again.",
		},
		Duration: Permanent,
	}),
	shared(Row{
		ID: "common.sending-suspended", Codes: []int{550, 554, 535, 421}, Enhanced: []string{"5.7.1", "5.7.0", "5.1.8"},
		Text: lines(`
			locked for sending
			blocked from sending
			<disabled> from sending
			<disabled> for sending
			sending + <disabled>
			sending has been disabled
			sending is disabled
			sending is paused
			sending paused
			outgoing + <disabled>
			outbound + <disabled>
			your account + <disabled>
			your account has been suspended
			your mailbox + <disabled>
			not allowed to send messages until
			`),
		Unless: lines(`
			ip
			ip address
			limit
			network
			subnet
			`),
		Meaning: "The provider that sends has stopped this account from sending, usually because spam came from it.",
		Causes: []string{
			"The account's password was stolen, or a web form or program sends spam through it.",
			"The provider's limit or terms of service were exceeded.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Change the password of the account, and look for the program that sends.",
			"Then ask the provider of the account to allow sending again.",
		},
		Duration: Permanent,
	}),
	shared(Row{
		ID: "common.smtputf8", Codes: []int{550, 553}, Enhanced: []string{"5.6.7", "5.6.9"},
		Text: lines(`
			smtputf8 is required
			smtputf8 + not
			smtputf8
			internationalized address
			non-ascii + not
			`),
		Meaning: "An address or header of the message has characters beyond ASCII, and the next server does not support them (SMTPUTF8).",
		Causes:  []string{"The sender's or recipient's address, or a header, holds letters such as ü or 中 without encoding."},
		Owner:   OwnerSender,
		Fix: []string{
			"Use an ASCII address for the sender and the recipient.",
			"If the addresses are ASCII, correct the program that writes the header: other letters must be encoded (RFC 2047).",
		},
		Duration: Permanent, Source: "RFC 6531 3.4",
	}),
	shared(Row{
		ID: "common.account-suspended", Codes: []int{550, 451, 422}, Enhanced: []string{"5.2.1", "4.7.1"},
		Text: lines(`
			license expired
			incoming suspended due to abuse
			incoming temporarily suspended
			incoming suspended
			account inbounds disabled
			domain suspended
			domain is suspended
			domain has been suspended
			domain * disabled
			domain is inactive
			domain is not active
			domain has been disabled
			service suspended
			subscription has expired
			subscription expired
			domain + recipient + expired
			domain + expired
			domain + suspended
			no longer hosted here
			domain is disabled
			recipient domain + disabled
			domain + disabled
			domain + inactive
			hosting + suspended
			package + suspended
			hosting package
			contract + expired
			domain + not paid
			domain + terminated
			domain + parked
			`),
		Meaning: "The mail service of the recipient's whole domain is suspended.",
		Causes:  []string{"The license or subscription expired, or the provider suspended the domain for abuse or a migration."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"Tell the recipient by other means; its administrator renews or reactivates the service."},

		Duration: Either, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.suppressed", Codes: []int{550, 605, 554}, Enhanced: []string{"5.1.1", "5.7.1", "5.0.0"},
		Text: lines(`
			previously bounced address
			suppression list
			account suppression list
			on the suppression
			recipient * suppressed
			address * suppressed
			suppressed because
			suppressed due to
			recipient that has been marked as inactive
			inactive recipients
			marked as inactive
			not delivering to
			not delivering to a user who
			previously unsubscribed address
			spam reporting address
			bounced address
			`),
		Meaning: "The sending service did not try: it keeps the recipient on its suppression list, because earlier mail bounced " +
			"or was reported as spam.",
		Causes: []string{
			"An earlier message to this address bounced, was reported as spam, or the recipient unsubscribed.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Check that the address exists and that its owner wants the mail.",
			"Then remove it from the suppression list of the sending service (Amazon SES, SendGrid, Mailgun, Postmark, SparkPost).",
		},
		Duration: Permanent, Source: "https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html",
	}),
	shared(Row{
		ID: "common.moved", Codes: []int{551, 550}, Enhanced: []string{"5.1.6"},
		Text: lines(`
			has moved
			user has moved
			no longer at this
			has changed * address
			address has changed
			no longer with the company
			no longer works
			user not local please try
			no longer * employed
			no longer on server
			recipient no longer
			no longer + employee
			has left
			left the company
			new address is
			`),
		Meaning:  "The recipient no longer uses this address.",
		Causes:   []string{"The person left or has a new address."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Ask for the new address by other means."},
		Duration: Permanent,
	}),
	shared(Row{
		ID: "common.recipient-rate", Codes: []int{450, 452, 550, 421}, Enhanced: []string{"4.2.1", "5.2.1", "4.7.1", "4.2.2"},
		Text: lines(`
			receiving mail at a rate
			receiving mail too quickly
			receiving too many messages
			receiving mail too fast
			receives too many messages
			user is receiving mail too quickly
			recipient has exceeded message rate limit
			recipient has exceeded * rate
			recipient rate limit
			received too much message in a short period
			received too much mail
			recipient * too many messages
			mailbox * too many messages
			too many recent messages
			recipients domain daily quota exceeded
			recipients domain hourly quota exceeded
			recipient quota exceeded
			messages to * deferred due to excessive volume
			recipient has exceeded * limit
			exceeded * messages they can receive
			receiving rate
			receiving message too quickly
			receiving message at a rate
			receiving too much mail
			receiving messages too quickly
			recipient gets too many
			recipient gets too much
			<mailbox> gets too many
			receives too much
			inbound rate
			too many messages for this recipient
			`),
		Meaning:  "The recipient receives more mail than its server allows in this time.",
		Causes:   []string{"Many senders, a mail loop or a flood of messages reach the same mailbox."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Send again later, with fewer messages to this recipient.", "If it lasts, the recipient's administrator looks for a loop or a flood."},
		Duration: Either, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.rate", Codes: []int{421, 450, 451, 452, 550, 554},
		Enhanced: []string{"4.7.0", "4.7.1", "4.3.2", "4.4.5", "4.2.1", "5.7.1", "4.7.28", "5.4.5", "5.4.6", "4.7.28"},
		Text: lines(`
			too many messages
			too many messages in this session
			too many messages in this connection
			max message per connection reached
			max number of messages per session
			maximum number of messages
			messages per session
			messages per connection
			?rate limit
			?rate limited
			rate limit exceeded
			rate has exceeded
			ratelimit
			too much mail
			sending too fast
			sending too many
			sent too many messages
			has sent too many messages
			received too many messages
			exceeded the rate
			exceeded * messages per hour
			max messages per hour
			maximum messages per hour
			exceeded the max messages
			messages per hour
			messages per day
			hourly limit
			daily limit
			daily quota exceeded
			hourly quota exceeded
			domains daily quota exceeded
			domains hourly quota exceeded
			hourly sending limit
			daily sending limit
			daily user sending limit exceeded
			sending limit exceeded
			sending limit
			sending quota
			exceeded * sending limit
			exceeded * sending quota
			send quota
			outgoing * limit
			sender frequency limited
			frequency limited
			sender rate
			?throttled
			?throttling
			reduce your sending rate
			reduce * rate
			slow down
			?excessive volume
			unexpected volume
			deferred due to * volume
			unusual rate
			exceeded * message limit
			queue quota exceeded
			organization queue quota exceeded
			too many errors
			too many requests
			per hour exceeded
			envoi * trop
			zu viele nachrichten
			demasiados mensajes
			<exceed> + per <period>
			too many + per <period>
			messages + per <period>
			limit + per <period>
			<exceed> + sending
			outgoing + quota
			sending + quota
			outbound + quota
			outgoing + limit
			outbound + limit
			messaging limits
			<exceed> + messaging limit
			message quota
			sent + <exceed>
			too many + sent
			?limit + <exceed>
			too fast
			sending limit
			?rate-limited
			rate control
			rate controlled
			?rate control
			send rate
			quota exceeded for sending
			maximum sending rate
			too many spam from
			receiving rate limit
			cap is
			hourly cap
			daily cap
			in the last hour
			in the last day
			last 24 hours
			within the last hour
			reached + hourly
			reached + daily
			flooding
			sending rate
			rate of sending
			message cap
			over the limit of messages
			`),
		Meaning: "The server limits how much mail it accepts from this sender in this time.",
		Causes: []string{
			"More messages were sent at once, in an hour or a day, than the server or the plan allows.",
			"A compromised account or a form on a website is sending spam.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Check that the volume is yours: look for compromised accounts and open web forms.",
			"Send more slowly, in smaller batches, or use a bulk mail service.",
		},
		Duration: Either,
	}),
	shared(Row{
		ID: "common.too-many-connections", Codes: []int{421, 450, 451, 452, 554}, Enhanced: []string{"4.7.0", "4.3.2", "4.4.5", "4.7.1"},
		Text: lines(`
			too many connections
			too many concurrent
			too many concurrent connections
			too many concurrent smtp connections
			too many sessions
			too many simultaneous
			maximum number of concurrent connections
			concurrent connections
			concurrent sessions
			connection rate
			connection rate limit
			connection limit exceeded
			connections limit
			too many connection attempts
			connection frequency
			connecting too frequently
			too many sessions open
			sessions open from
			concurrent + connections
			number of + connections
			concurrent server connections
			parallel connections
			simultaneous connections
			simultaneous sessions
			`),
		Meaning:  "The sending server opened more connections than the server allows.",
		Causes:   []string{"The sending server delivers with too many connections at once."},
		Owner:    OwnerSender,
		Fix:      []string{"Lower the number of parallel connections to this destination. The queue is delivered later."},
		Duration: Temporary, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.too-many-recipients", Codes: []int{452, 550, 552, 554}, Enhanced: []string{"4.5.3", "5.5.3"},
		Text: lines(`
			too many recipients
			maximum number of recipients
			recipients limit exceeded
			too many rcpts
			too many rcpt
			recipient limit
			recipients per message
			number of recipients exceeds
			`),
		Meaning:  "The message has more recipients than the server accepts at once.",
		Causes:   []string{"The message goes to more recipients than one connection or message may have."},
		Owner:    OwnerSender,
		Fix:      []string{"Split the recipients over several messages, or use a distribution list."},
		Duration: Either, Source: "RFC 5321 4.5.3.1.10",
	}),
	shared(Row{
		ID: "common.too-many-errors", Codes: []int{421, 450, 550, 554}, Enhanced: []string{"4.7.0"},
		Text: lines(`
			error too many errors
			too many invalid recipients
			too many unknown recipients
			too many bad commands
			too many syntax errors
			too many errors
			too many failed
			`),
		Meaning:  "The server closed the session after too many errors, usually unknown recipients.",
		Causes:   []string{"The message goes to many addresses that do not exist."},
		Owner:    OwnerSender,
		Fix:      []string{"Remove addresses that bounced before from the list, then send again."},
		Duration: Either, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.domain-listed", Codes: []int{550, 554, 553, 552, 551}, Enhanced: []string{"5.7.1", "5.7.0"},
		Text: lines(`
			dbl.spamhaus.org
			spamhaus dbl
			spamhaus org dbl
			multi.surbl.org
			surbl
			uribl
			multi.uribl.com
			black.uribl.com
			domain * listed in spamhaus
			helo domain is listed
			mailfrom domain is listed
			domain is listed
			domain present in the spamhaus
			domain * blacklisted
			domain * blocklisted
			sender domain * blocked using
			sender address * blocked using
			url * listed
			contains a url listed
			url * blacklisted
			uri * listed
			url in content
			spam url
			blacklisted url
			blocklisted url
			malicious url
			contains * malicious link
			links * blacklisted
			low reputation of the sending domain
			reputation of the sending domain
			very low reputation of the sending domain
			sending domain * reputation
			poor domain reputation
			bad domain reputation
			domain reputation
			suspicious due to the nature of the content and or the links
			suspected spam sender
			rhsbl
			newly registered
			domain too young
			domain + too new
			recently registered
			domain + reputation
			link * reputation
			domain * poor reputation
			domain * bad reputation
			`),
		Meaning: "A domain in the message (of the sender, the HELO name or a link) is on a block list or has a poor reputation.",
		Causes: []string{
			"The sender's domain or a linked site was used for spam, or is very new.",
			"The message links to a site that is listed, for example a URL shortener or a hacked page.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Look up the domains of the message in the list that the reply names, and request removal there.",
			"Remove the listed link from the message.",
		},
		Duration: Permanent, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.dnsbl", Codes: []int{550, 554, 553, 421, 521, 450},
		Enhanced: []string{"5.7.1", "5.7.0", "4.7.1", "5.0.0", "5.3.0"},
		Unless: lines(`
			domain
			url
			link
			dbl
			surbl
			user's
			local
			`),
		Text: lines(`
			<blocked> + <publiclist>
			<publiclist> + <blocked>
			blocked using
			?service unavailable client host
			listed in zen.spamhaus
			zen.spamhaus.org
			sbl.spamhaus.org
			xbl.spamhaus.org
			pbl.spamhaus.org
			sbl-xbl.spamhaus.org
			spamhaus.org
			spamhaus
			cbl.abuseat.org
			bl.spamcop.net
			spamcop
			barracudacentral.org
			b.barracudacentral
			sorbs.net
			uceprotect
			uceprotectl2
			mailspike
			psbl.surriel
			ix.dnsbl
			nixspam
			senderscore
			invaluement
			blocked by * dnsbl
			found on one or more dnsbl
			dnsbl
			rbl
			an rbl
			rbl reject
			in an rbl
			is listed
			listed in
			listed on
			listed by
			blacklisted
			on a blacklist
			on our blacklist
			in our blacklist
			blocklisted
			on our blocklist
			is on a blocklist
			on * blocklist
			block listed
			block lists
			address is block listed
			listed at
			query bl ip
			is on a block list
			denylisted
			auf einer blacklist
			liste noire
			lista negra
			ip in dns blacklist
			in * <listname>
			in a blacklist
			on the * <listname>
			listed * <listname>
			ip + <listname>
			client host * blocked using
			host * listed in
			blocked using * spamhaus
			blocked using spamhaus
			ip + listed
			rbl server
			dnsbl hit
			listed by domain
			blocked by * rbl
			hit in rbl
			rbl hit
			blocked by spam list
			blocklist hit
			`),
		Meaning: "The IP address of the sending server is on a block list.",
		Causes: []string{
			"The address sent spam, is shared with somebody who does, or is an access line that must not send directly.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Look up the address in the list that the reply names, stop the cause, and request removal there.",
			"If it is the address of a home or office line, send through the provider's or Microsoft 365's servers.",
		},
		Next:     []string{"the sending address in the list"},
		Duration: Permanent,
	}),
	shared(Row{
		ID: "common.resolver-refused", Codes: []int{550, 554, 450, 451}, Enhanced: []string{"5.7.1", "4.7.1"},
		Text: lines(`
			!open resolver
			!public open resolver
			!public resolver
			!excessive number of queries
			!excessive queries
			!query limit exceeded
			!127.255.255.254
			!127.255.255.255
			!127.255.255.252
			!spamhaus * returnc
			!typing error in dnsbl
			`),
		Meaning: "The recipient's server queries the block list in a way that the list refuses, and takes the refusal for a listing: " +
			"the sending server is not listed.",
		Causes: []string{
			"The recipient's server asks through a public DNS resolver, or asks more often than the list allows free of charge.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Tell the recipient's administrator by other means: their mail server rejects all mail.",
			"The recipient's administrator uses an own resolver or a key of the list's operator, and treats 127.255.255.x as no listing.",
		},
		Duration: Permanent, Source: "https://www.spamhaus.org/faqs/dnsbl-usage/",
	}),
	shared(Row{
		ID: "common.ip-reputation", Codes: []int{550, 554, 553, 421, 450, 521},
		Enhanced: []string{"5.7.1", "5.7.0", "4.7.1", "5.5.0", "4.7.0"},
		Unless: lines(`
			link
			url
			<publiclist>
			`),
		Text: lines(`
			poor reputation
			low reputation
			bad reputation
			insufficient reputation
			negative reputation
			reputation * blocked
			ip reputation
			due to * reputation
			mta's poor reputation
			mta poor reputation
			poor mail server reputation
			sender ip rejected
			sending ip rejected
			cloudmark sender intelligence
			csi.cloudmark.com
			dynamic reputation
			prs.proofpoint.com
			use the smtp server of your isp
			blocked for abuse
			blocked for spam
			block for spam
			client host blocked
			client host * blocked
			ip source bloquee
			adresse ip * bloquee
			adresse ip * gesperrt
			invalid ip for sending
			spamming issues
			ip address * blocked
			ip * has been blocked
			ip * has been temporarily blocked
			your ip * blocked
			your ip address is flooding
			your ip is sending excessive
			your ip is generating excessive
			excessive rejected recipients
			excessive authentication failures
			excessive spam
			ip address rejected
			?connections * not accepted from
			connections will not be accepted from
			not accepting connections from
			?not accepting connections
			sent from * blocked
			mail from * not allowed
			mail from * refused
			messages from * will be permanently deferred
			unsolicited mail originating from your ip
			sending ip * blocked
			banned sending ip
			ip * banned
			ip * blacklisted
			access to submit messages * has been rejected
			access to this mail system has been rejected
			your access * rejected
			spam rate exceeded
			too much spam
			spam source
			your network * blocked
			from this range
			network not allowed
			policy restrictions ip based
			reject due to policy restrictions ip based
			reputation
			abusive host
			no smtp service
			ask your postmaster for help
			geblockt
			your ip + <blocked>
			ip + <blocked>
			ip address + <blocked>
			ip + reputation
			due to abuse complaints
			dynamic ip
			dynamic address
			dial-up
			dialup
			residential ip
			local blocklist
			residential
			ip + not authorized to send message directly
			ip + local bad sender
			bad senders list
			local bad sender list
			ip + not allowed to connect
			not allowed to connect
			connection denied
			ip + <blocked>
			ip + banned
			ip you are using
			trend micro email reputation
			directly to our servers
			from ip + not <allowed>
			cloudmark csi
			cloudmark
			to unblock
			?delist~
			unwanted traffic
			bad history
			banned by fail2ban
			ip banned
			poor sending history
			abuse from your
			attacks from
			network + <blocked>
			subnet + <blocked>
			netblock + <blocked>
			connection refused from
			connection refused * due to abuse
			refused from * due to abuse
			connection refused * reputation
			`),
		Meaning: "The receiving provider blocks the IP address of the sending server because of its reputation.",
		Causes: []string{
			"The address sent spam or many messages to unknown recipients, or is new and unknown.",
			"Somebody else on the same address or network sends spam.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Stop the cause: compromised accounts, open web forms, old address lists.",
			"Then ask the provider that rejected it to unblock the address, at the link in the reply or its postmaster page.",
		},
		Next:     []string{"reverse DNS of the sending address"},
		Duration: Either, Confirm: ConfirmPTR, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.geo-blocked", Codes: []int{550, 554}, Enhanced: []string{"5.7.1"},
		Text: lines(`
			host network not allowed
			country * blocked
			country * not allowed
			geographic
			geographical restriction
			from your country
			from your country
			country + <blocked>
			country + not
			`),
		Meaning:  "The recipient's side does not accept mail from the country or network of the sending server.",
		Causes:   []string{"The recipient's administrator restricted the countries or networks."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Ask the recipient's administrator to allow the sending server."},
		Duration: Permanent, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.greylisted", Codes: []int{450, 451, 421, 452},
		Enhanced: []string{"4.7.1", "4.2.0", "4.7.0", "4.3.0", "4.2.1", "4.4.3"},
		Text: lines(`
			greylist
			greylisting
			graylist
			graylisting
			grey listed
			gray listed
			greylisting in action
			try again in * seconds
			try again in * minutes
			you are not yet authorized
			come back in
			internal resources are temporarily unavailable
			internal resource temporarily unavailable
			first time sender
			unknown sender * try again
			triplet
			new sender
			sqlgrey
			postgrey
			not yet known
			wait + minutes
			wait + seconds
			first contact
			minutes before delivering
			retry in
			retry after
			come back after
			minutes and try again
			delayed for
			deferred for
			`),
		Meaning:  "The server delays mail from senders it does not know yet (greylisting).",
		Causes:   []string{"The sender, recipient and address are new to the receiving server."},
		Owner:    OwnerSender,
		Fix:      []string{"Wait: the sending server retries after some minutes, and the message is accepted."},
		Duration: Temporary,
	}),
	shared(Row{
		ID: "common.ptr", Codes: []int{550, 554, 450, 553, 451, 421},
		Enhanced: []string{"5.7.1", "4.7.1", "5.7.25", "5.7.0", "4.7.25", "5.1.8"},
		Text: lines(`
			fix reverse dns
			reverse dns lookup for host * failed
			reverse dns * failed
			reverse dns
			no reverse dns
			reverse lookup
			rdns
			ip name lookup failed
			can not find your hostname
			can not find your reverse hostname
			client host rejected can not find your hostname
			no ptr
			ptr record
			has no ptr record
			must have a ptr record
			bad dns ptr resource record
			dns ptr
			missing ptr
			invalid ptr
			can not resolve your address
			unverifyable sending ip
			mismatches client ip
			forward dns
			without a valid sender domain
			hostname * does not match * ip
			ptr
			reverse-dns
			no reverse hostname
			reverse hostname
			reverse dns record
			no rdns
			no reverse record
			reverse * not + match
			hostname + ip + mismatch
			`),
		Meaning: "The sending server's IP address has no valid reverse DNS entry (PTR record).",
		Causes: []string{
			"There is no PTR record for the address, or the name in it does not resolve to the address.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Ask the provider of the IP address to publish a PTR record with the name of the server.",
			"Publish an A or AAAA record for that name with the same address.",
		},
		Next:     []string{"reverse DNS of the sending address"},
		Duration: Permanent, Confirm: ConfirmPTR,
	}),
	shared(Row{
		ID: "common.helo", Codes: []int{501, 504, 550, 554, 450}, Enhanced: []string{"5.5.2", "5.7.1", "5.5.4", "4.7.1"},
		Text: lines(`
			helo command rejected
			ehlo command rejected
			helo ehlo rejected
			helo rejected
			helo command rejected need fully-qualified hostname
			need fully-qualified hostname
			invalid helo
			invalid ehlo
			bad helo
			helo name
			helo hostname
			helo host not found
			helo * does not resolve
			forged helo
			helo * not valid
			invalid helo name
			ehlo requires
			access denied * invalid helo name see rfc
			helo + not + valid
			helo + <fail>
			ehlo + not + valid
			helo ehlo name
			helo
			ehlo + no
			ehlo + not
			ehlo + name
			ehlo greeting
			your greeting
			ehlo argument
			ehlo string
			ehlo hostname
			`),
		Meaning: "The server rejects the name with which the sending server introduced itself (HELO or EHLO).",
		Causes:  []string{"The name is not a fully qualified host name, does not resolve, or is the receiver's own name."},
		Owner:   OwnerSender,
		Fix: []string{
			"Set the HELO name of the sending server or device to its fully qualified host name, such as mail.contoso.com.",
			"Publish an A record for that name with the sending address.",
		},
		Duration: Permanent, Confirm: ConfirmPTR, Source: "RFC 5321 4.1.4",
	}),
	shared(Row{
		ID: "common.unauthenticated", Codes: []int{550, 554, 421}, Enhanced: []string{"5.7.26", "4.7.26", "5.7.1"},
		Text: lines(`
			sender is unauthenticated
			neither spf nor dkim
			must pass either spf or dkim
			either spf or dkim
			spf and dkim * failed
			failing both spf and dkim
			failed both spf and dkim
			spf or dkim
			does not have authentication information
			multiple authentication checks failed
			not authenticated by spf or dkim
			required authentication level
			no spf + no dkim
			no spf pass
			not authenticated * spf
			spf * dkim * missing
			neither spf
			`),
		Meaning: "The message passed neither SPF nor DKIM, which the receiver requires.",
		Causes: []string{
			"SPF of the sender's domain does not include the sending server.",
			"The sending server does not sign with DKIM for the sender's domain.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Add the sending server or service to the SPF record of the sender's domain.",
			"Turn on DKIM signing for the sender's domain.",
		},
		Duration: Permanent, Confirm: ConfirmAuthentication, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.dmarc-temporary", Codes: []int{450, 451}, Enhanced: []string{"4.4.0", "4.7.0", "4.4.3"},
		Text: lines(`
			temporary dmarc dns lookup failure
			dmarc * lookup failure
			dmarc * temporary
			dmarc * temperror
			temporary * dmarc
			`),
		Meaning:  "The receiver could not look up the DMARC record of the sender's domain.",
		Causes:   []string{"The DNS servers of the sender's domain did not answer in time."},
		Owner:    OwnerSender,
		Fix:      []string{"Wait for the next attempt; if it lasts, check the DNS servers of the sender's domain."},
		Duration: Temporary, Confirm: ConfirmDMARC, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.dmarc", Codes: []int{550, 554, 551, 421, 553},
		Enhanced: []string{"5.7.1", "5.7.0", "5.7.26", "5.7.9", "5.2.0"},
		Text: lines(`
			rejected per dmarc policy
			owner dmarc policy
			dmarc policy
			domain's dmarc policy
			domain dmarc policy
			sender's dmarc policy
			dmarc verification failed
			dmarc reject
			dmarc check failed
			dmarc failure
			dmarc failed
			due to dmarc
			failed dmarc
			fails dmarc
			not pass dmarc
			did not pass dmarc
			dmarc alignment
			no dmarc alignment
			there is no dmarc alignment
			dmarc sender invalid
			dmarc evaluation
			dmarc authentication
			dmarc
			p reject
			not aligned
			neither aligned
			owner policy
			domain owner policy
			alignment + fail
			`),
		Meaning: "The message failed DMARC, and the policy of the sender's domain asks receivers to reject it.",
		Causes: []string{
			"A service or server sends for the domain without being in its SPF record and without its DKIM signature.",
			"The message was forwarded or changed on the way.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Have the service sign with DKIM for the From domain, or add it to SPF with an aligned return path.",
		},
		Next:     []string{"SPF, DKIM and DMARC of the sender's domain"},
		Duration: Permanent, Confirm: ConfirmAuthentication,
	}),
	shared(Row{
		ID: "common.spf", Codes: []int{550, 554, 553, 451, 421},
		Enhanced: []string{"5.7.1", "5.7.23", "5.7.0", "5.7.26", "5.7.24", "4.7.23", "5.7.27"},
		Unless: lines(`
			dmarc
			`),
		Text: lines(`
			spf check failed
			spf-check failed
			spf fail
			spf failed
			spf failure
			spf hardfail
			failed spf
			fails spf
			spf validation failed
			spf authentication failed
			spf does not pass
			spf did not pass
			not pass spf
			spf mail from check failed
			due to spf
			spf policy
			spf record
			spf sender invalid
			spf not authorized
			message rejected due to spf fail
			not allowed to send mail for
			is not allowed to send mail from
			is not allowed to send from
			not allowed to send from * per its spf
			does not allow sending mails from
			does not allow sending mail from
			not permitted by the domain owner
			not authorized to send mail from
			not authorized to send on behalf
			openspf.org
			openspf.net
			spf.pobox.com
			sender policy framework
			domain owner discourages
			domain owner does not permit
			does not designate
			bad spf record
			spf unauthorized
			spf error
			spf permerror
			spf + <fail>
			<fail> + spf
			spf * fail
			spf + not + pass
			spf + unsuccessful
			spf + reject
			not authorized + by + spf
			spf + violation
			failed * spf
			spf + not + authorized
			spf + not + allowed
			spf + denied
			<blocked> spf
			rejected spf
			`),
		Meaning: "SPF of the sender's domain does not allow the server that sent the message.",
		Causes: []string{
			"The SPF record lacks the server or service that sent this.",
			"The SPF record has an error (two records, more than 10 lookups).",
			"The message was forwarded.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Add the server or service to the SPF record of the sender's domain."},
		Next:     []string{"SPF of the sender's domain for the sending address"},
		Duration: Permanent, Confirm: ConfirmSPF,
	}),
	shared(Row{
		ID: "common.dkim", Codes: []int{550, 554, 451, 421},
		Enhanced: []string{"5.7.1", "5.7.20", "5.7.0", "5.7.21", "5.7.22", "4.7.30"},
		Unless: lines(`
			dmarc
			`),
		Text: lines(`
			dkim verification failed
			dkim signature * invalid
			invalid dkim signature
			dkim validation failed
			bad dkim signature
			no passing dkim signature
			dkim fail
			dkim failed
			dkim check failed
			dkim signature * not valid
			dkim sender invalid
			dkim is not configured
			dkim n'est pas configure
			no dkim signature
			missing dkim
			dkim authentication
			dkim authentication did not pass
			dkim signature required
			not signed with dkim
			dkim did not pass
			dkim does not pass
			not pass dkim
			dkim + <fail>
			<fail> + dkim
			dkim + not + verify
			dkim + not + valid
			dkim + not + pass
			dkim + reject
			dkim signature
			`),
		Meaning: "The DKIM signature of the message is missing or cannot be verified.",
		Causes: []string{
			"The sending server does not sign, or its key is missing in DNS or another one.",
			"The message was changed on the way, for example by a disclaimer.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Turn on DKIM signing for the sender's domain, and publish its key.",
			"Let nothing change the message after it is signed.",
		},
		Next:     []string{"the DKIM keys of the sender's domain"},
		Duration: Permanent, Confirm: ConfirmDKIM,
	}),
	shared(Row{
		ID: "common.spoof", Codes: []int{550, 554}, Enhanced: []string{"5.7.1"},
		Text: lines(`
			spoofed message
			rejecting spoofed
			spoofing
			anti-spoofing
			anti spoofing
			spoofed
			impersonat~
			forged sender
			sender is forged
			internal domain used from outside
			`),
		Meaning: "The recipient's filter takes the message for a forgery: it claims to come from the recipient's own domain or a protected sender.",
		Causes: []string{
			"A service outside the organization sends with the organization's own address.",
			"The display name or domain resembles one that the filter protects.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"The recipient's administrator allows the sending service in the anti-spoofing policy.",
			"The sender makes the message pass SPF and DKIM.",
		},
		Duration: Permanent, Confirm: ConfirmAuthentication, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.blocked-by-recipient", Codes: []int{550, 554, 553}, Enhanced: []string{"5.7.1", "5.7.0", "5.2.0", "5.1.8"},
		Unless: lines(`
			list only
			this list
			members
			group
			recipient + gateway
			recipient + server
			recipient + system
			recipient + provider
			`),
		Text: lines(`
			blocked by this recipient
			recipient has blocked your
			recipient has blocked you
			blocked by the recipient
			blocked by recipient
			rejected by the recipient
			rejected by recipients
			rejected by recipient
			recipient * blocked * sender
			blocked senders
			blocked sender
			sender blocked
			sender is blocked
			sender has been blocked
			sender address blocked
			manually blocked senders
			block-send-er
			recipient address rejected block-send-er
			envelope blocked
			blocked by user
			in the recipient's blacklist
			customer block list
			customer blocklist
			you have been blocked
			sender address * blacklisted
			sender blacklisted
			sender * is blacklisted
			?sender denied
			rejected by destination domain
			mail rejected by destination domain
			not accept messages from you
			not accept mail from you
			does not accept mail from
			does not want to receive
			blocked by your organization
			on the user's blocklist
			on the user's block list
			user's blacklist
			recipient's blocklist
			sender is on the
			personal blacklist
			sender + <blocked> by
			blocked by the user
			only accepts mail from
			approved senders
			only accepts messages from
			allowed senders
			safe senders
			whitelist
			allow list
			recipient blocked your
			recipient + blocked + address
			recipient blocked you
			not want message from you
			not want mail from you
			does not want mail
			not wish to receive
			refuses mail from
			refuses messages from
			no mail from you
			blocks mail from
			blocks messages from
			you are blocked
			blocked you
			deny list by the <mailbox>
			<listname> + by the <mailbox>
			<listname> + of the <mailbox>
			`),
		Meaning:  "The recipient or its organization blocks this sender.",
		Causes:   []string{"The sender's address or domain is on the block list of the recipient or its administrator."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Reach the recipient by other means, and ask that the sender is removed from the block list."},
		Duration: Permanent, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.recipient-blocked", Codes: []int{550, 554, 540}, Enhanced: []string{"5.7.1"},
		Text: lines(`
			recipient address rejected blocked
			block-rcpt
			recipient is blocked
			recipient blocked
			blocked recipient
			banned recipient
			recipient has been blocked
			recipient is not allowed to receive
			recipient is not authorized to receive
			recipient * blocked
			rejected for policy reasons recipient
			delivery to this address is restricted
			recipient address rejected access denied
			target address
			policy rejection on the target address
			delivery is not allowed to this address
			delivery + not allowed + to this address
			not allowed to this address
			`),
		Meaning:  "The recipient's side does not accept mail for this recipient.",
		Causes:   []string{"A rule blocks the recipient, or the recipient may only receive mail from inside."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient's administrator allows mail for the recipient."},
		Duration: Permanent, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.virus", Codes: []int{550, 554, 552},
		Enhanced: []string{"5.7.1", "5.7.0", "5.6.1", "5.6.0", "5.3.0"},
		Text: lines(`
			virus
			virus detected
			virus found
			virus infected
			virus infected message
			viral traffic
			malware
			detected malware
			trojan
			infected
			infected message
			phishing
			is a phish
			virenverdacht
			virus signature
			header contenttype 1
			mcspamsignature
			rejected due to security policies
			email rejected due to security policies
			malicious code
			malicious content
			malicious file
			malicious attachment
			ransomware
			worm
			computer worm
			infection
			virus + found
			malware + found
			trojan
			`),
		Meaning:  "The receiver found malware or phishing in the message.",
		Causes:   []string{"An attachment or link is infected, or is taken for it.", "The sending computer or account is compromised."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Scan the sending computer.", "Send the file another way if it is harmless, and report the false alarm to the receiver."},
		Duration: Permanent,
	}),
	shared(Row{
		ID: "common.attachment", Codes: []int{550, 552, 554}, Enhanced: []string{"5.7.1", "5.7.0", "5.6.1", "5.6.0"},
		Unless: lines(`
			spam
			`),
		Text: lines(`
			attachment type not allowed
			attachment * not allowed
			attachments are not allowed
			prohibited attachment
			blocked attachment
			banned attachment
			illegal attachment
			forbidden attachment
			dangerous attachment
			unsafe attachment
			not allowed attachment
			executable attachment
			suspicious attachment
			attachment blocked
			attachment rejected
			attachment * blocked
			banned file
			banned file attachment
			mime banned file
			file type * not allowed
			file type not allowed
			file extension * not allowed
			file extensions are dangerous
			file attachment is not allowed
			file name * not allowed
			filename * not allowed
			content presents a potential security
			anhang * nicht erlaubt
			piece jointe * interdite
			archivo adjunto * no permitido
			macros
			password protected archive
			encrypted attachment
			encrypted archive
			<attachment> + <forbidden>
			<forbidden> + <attachment>
			<attachment> + not <allowed>
			attachment of type
			<not> + <allowed> + <attachment>
			executables are not accepted
			<attachment> + rejected
			<attachment> + not permitted
			disallowed attachment
			files may not be sent
			files are not <allowed>
			files + not <allowed>
			files + <blocked>
			archive + <blocked>
			archives + refused
			<attachment> + can not be scanned
			file types + not
			scripts + not
			macro + not
			macro-enabled
			`),
		Meaning:  "The receiver does not accept the type of an attachment.",
		Causes:   []string{"The message has an executable, script, archive or Office file that the receiver blocks."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Share the file by a link, for example with OneDrive, or send it in an allowed format."},
		Duration: Permanent, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.spam", Codes: []int{550, 554, 552, 553, 571, 450},
		Enhanced: []string{"5.7.1", "5.7.0", "5.6.0", "5.3.0", "5.0.0", "5.2.0", "5.7.7"},
		Unless: lines(`
			greylist~
			blacklisted
			blocklisted
			rbl
			dnsbl
			`),
		Text: lines(`
			considered spam
			considered as spam
			identified as spam
			classified as spam
			looks like spam
			spam message rejected
			spam detected
			rejected as spam
			appears to be spam
			message refused by * spam
			content rejected
			message content rejected
			content denied
			content * denied
			banned content
			detected as spam
			tagged as spam
			flagged as spam
			marked as spam
			recognized as spam
			judged to be spam
			is spam
			spamscore
			spam score
			spam scale
			scored too high
			spam filter
			rejected by spam filter
			spam filters
			spam content
			spam-like
			spam like
			spamming not allowed
			suspected spam
			suspicion of spam
			probability of spam
			probable spam
			likely spam
			likely unsolicited
			unsolicited
			unsolicited mail
			unsolicited bulk
			message content * spam
			scored as spam
			spam classification
			may consider spam
			consider spam
			seems to be spam
			as spam
			spam message
			spam rejected
			spam
			junk mail
			junkmail
			junk message
			bulk mail
			message filtered
			message * filtered
			suspicion de contenu non sollicite
			contenu non sollicite
			non sollicite
			als spam
			spamverdacht
			correo no deseado
			posta indesiderata
			content restrictions
			content filter
			rejected by content filter
			blocked by content
			blocked by filter
			rejected by filter
			a url in this message * listed on
			listed on https://spamrl.com
			unsolicited commercial
			spam rating
			content unacceptable
			spamrl
			no spam please
			content + unwanted
			unwanted content
			unwanted mail
			says junk
			junk
			looks spammy
			unsolicited message
			spam suspected
			too spammy
			`),
		Meaning: "The receiver's filter takes the message for spam.",
		Causes: []string{
			"Text, links or attachments resemble spam.",
			"The sender's domain or address has a poor reputation, or the message is not authenticated.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Check SPF, DKIM and DMARC of the sender's domain, and the links in the message.",
			"Ask the recipient's administrator to allow the sender, or report the false positive at the link in the reply.",
		},
		Next:     []string{"SPF, DKIM and DMARC of the sender's domain"},
		Duration: Permanent, Confirm: ConfirmAuthentication,
	}),
	shared(Row{
		ID: "common.format", Codes: []int{550, 554, 552}, Enhanced: []string{"5.6.0", "5.7.1", "5.7.0", "5.6.2"},
		Text: lines(`
			headers are not rfc compliant
			not rfc compliant
			rfc compliant
			rfc 5322 compliant
			not rfc 5322 compliant
			rfc 2822
			rfc 5322
			missing a valid address in from
			no from header
			missing from header
			missing * header
			invalid from header
			invalid header
			header * invalid
			headers * invalid
			malformed header
			duplicate headers
			duplicate * headers
			multiple from
			multiple addresses in from
			messages missing
			header syntax
			policy restrictions header based
			reject due to policy restrictions header based
			multi-part mime messages are rejected
			mime * malformed
			malformed message
			malformed mime
			invalid mime
			bare lf
			bare line feed
			bare linefeed
			line too long
			lines longer than
			message format
			message rejected * missing message-id
			header contenttype 2
			8bit mime
			lone cr
			lone lf
			cr or lf in headers
			one or no subject headers
			no subject headers
			multiple * headers
			<header> + not + rfc
			no valid date header
			valid * header
			no date header
			<header> + invalid
			invalid + <header>
			missing + header
			too long line
			line is too long
			line length
			header too large
			header size
			bare cr
			bare carriage return
			two from
			raw 8-bit
			8-bit characters
			8bit characters
			non-ascii characters in header
			unencoded
			from lines
			several from
			more than one from
			no from
			without a from
			message-id missing
			missing message-id
			missing date
			malformed
			`),
		Meaning:  "The header or structure of the message breaks a rule of RFC 5322.",
		Causes:   []string{"The program that wrote the message sets From, Date or Message-ID twice, wrongly or not at all."},
		Owner:    OwnerSender,
		Fix:      []string{"Correct the program or device that creates the message: exactly one From, Date and Message-ID each."},
		Duration: Permanent, Source: "RFC 5322 3.6",
	}),
	shared(Row{
		ID: "common.too-large", Codes: []int{552, 550, 554, 523},
		Enhanced: []string{"5.3.4", "5.2.3", "5.0.0", "5.7.1"},
		Text: lines(`
			message size exceeds
			message size exceeds fixed
			message size exceeds maximum permitted
			message too large
			message too big
			message is too big
			message is too large
			message size limit
			message size limits
			exceeded * message size limits
			exceeded google's message size limits
			message larger than
			larger than the current system limit
			exceeds the maximum size
			exceeds the size limit
			exceeds size limit
			exceeds maximum size
			exceeds maximum message size
			exceeds maximum
			exceeds fixed limit
			exceeded maximum
			exceeded the maximum message size
			message file too big
			size limit exceeded
			size limit
			too large for
			message length exceeds
			message exceeds * limit
			nachricht zu gross
			message trop volumineux
			mensaje demasiado grande
			maximum message size
			message + <exceed> + size
			message + <exceed> + mb
			maximum allowed size
			size + <exceed> + limit
			message + too <large>
			<exceed> + maximum + size
			message file too big
			only take + mb
			only accept + mb
			larger than + mb
			bigger than
			mb + limit
			limit + mb
			maximum + mb
			more than + mb
			taille du message
			taille maximale
			tamano del mensaje
			tamano maximo
			dimensione del messaggio
			dimensioni massime
			tamanho da mensagem
			tamanho maximo
			nachrichtengroesse
			maximale groesse
			te groot
			message too long
			message is too long
			too many bytes
			exceeds * bytes
			maximum of + bytes
			`),
		Meaning:  "The message is larger than the receiver accepts.",
		Causes:   []string{"Attachments grow by a third when they are sent."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Share large files by a link instead, for example with OneDrive."},
		Duration: Permanent,
	}),
	shared(Row{
		ID: "common.sender-domain", Codes: []int{550, 553, 554, 450, 451, 501},
		Enhanced: []string{"5.1.8", "4.1.8", "5.7.1", "5.1.0", "5.0.0", "5.7.27", "5.5.2"},
		Unless: lines(`
			recipient
			`),
		Text: lines(`
			sender address rejected domain not found
			sender address rejected * domain
			sender domain not
			sender domain * not exist
			sender domain * not found
			sender domain must
			sender domain * resolve
			sender's domain * not
			domain of sender address * does not resolve
			domain of sender address * does not exist
			domain of sender * not
			invalid sender domain
			sender domain has no
			unresolvable * from domain
			domain * does not accept mail nullmx
			does not accept mail
			null mx
			nullmx
			invalid dns mx or a aaaa resource record
			mx or a aaaa
			sender's mx record
			mx record not allowed
			no mx record for sender
			mx for sender
			return address domain
			sender + no + mx
			sender domain has no valid mx
			mail from domain does not exist
			from domain does not exist
			mail from domain + not
			sender + domain + not + exist
			return path + domain
			your domain does not have an mx
			your domain + mx
			your domain + not + exist
			your domain + not + resolve
			?sender's domain
			neither mx nor
			no mx nor
			from domain + not
			`),
		Meaning: "The domain of the sender's address does not exist in DNS or cannot receive replies.",
		Causes: []string{
			"The sender's domain has neither an MX nor an address record, or a null MX.",
			"There is a typing error in the sender's address of a device or application.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Use a sender address of a domain that receives mail.",
			"Publish an MX record for the sender's domain.",
		},
		Next:     []string{"MX and address records of the sender's domain"},
		Duration: Either, Confirm: ConfirmSenderDomain,
	}),
	shared(Row{
		ID: "common.sender-rejected", Codes: []int{550, 553, 554, 501, 450}, Enhanced: []string{"5.1.0", "5.1.7", "5.7.1", "5.1.8"},
		Text: lines(`
			sender verification failed
			sender verify callout
			could not verify sender
			unable to verify sender
			unverified sender
			sender unknown
			unknown sender
			invalid sender
			invalid sender address
			?sender rejected
			?sender address rejected
			sender not allowed
			sender is not allowed
			?sender refused
			bad sender
			bad sender address
			bad sender's mailbox address
			sender address rejected need fully-qualified address
			emetteur invalide
			absender * abgelehnt
			remitente * rechazado
			malformed sender
			sender * does not exist
			from address * not allowed
			sender's address was syntactically invalid
			?<sender> address + invalid
			sender address + syntactically
			sender address rejected improper use of 8-bit data
			improper use of 8-bit
			<sender> + verification
			sender address not found
			sender + not found
			sender + not valid
			?sender + invalid
			<sender> + unknown
			<sender> + not + exist
			!sender verify failed
			!sender verification failed
			return address + <blocked>
			return path + <blocked>
			return path + <not> + <exist>
			return path + invalid
			envelope sender + <blocked>
			?mail from + <blocked>
			`),
		Meaning: "The server rejects the sender's address (the return path).",
		Causes: []string{
			"The sender's address does not exist, is malformed, or its server does not confirm it.",
			"The address is blocked by the receiver.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Use a sender address that exists and receives mail, in the form name@contoso.com."},
		Duration: Either, Confirm: ConfirmSenderDomain,
	}),
	shared(Row{
		ID: "common.domain-not-found", Codes: []int{550, 512, 450, 451, 554, 553},
		Enhanced: []string{"5.1.2", "5.4.4", "4.4.3", "5.4.0", "4.4.0", "5.1.1", "5.0.0", "4.1.2"},
		Unless: lines(`
			reverse
			ptr
			rdns
			hostname
			`),
		Text: lines(`
			host or domain name not found
			domain not found
			host unknown
			unknown host
			name service error
			name service error for
			no such domain
			nxdomain
			no mx record
			no mx records
			does not resolve
			dns error
			dns query failed
			dns lookup failed
			dns lookup failure
			dns failure
			dns resolution
			could not find any host
			unresolvable
			domain does not exist
			domain is not reachable
			domain name does not exist
			domain has no mail exchangers
			all relevant mx records point to non-existent hosts
			nonexistentdomain
			nonexistent domain
			host not found
			no route found to domain
			unable to resolve
			mx lookup
			no mx or a
			no mx
			<not> + mx + domain
			unable to resolve the mx
			no valid mx
			can not resolve + mx
			domain * does not exist
			no dns record
			no dns entry
			`),
		Meaning: "The DNS lookup for the recipient's domain or server failed.",
		Causes: []string{
			"There is a typing error in the domain, or the domain expired.",
			"The domain's DNS servers do not answer, or its MX points to a name without an address.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Check the part of the address after the @, or the server name in the settings of the program.",
			"The recipient's administrator checks the domain's name servers and MX records.",
		},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Either, Confirm: ConfirmMX,
	}),
	shared(Row{
		ID: "common.null-mx", Codes: []int{556, 550}, Enhanced: []string{"5.1.10"},
		Text: lines(`
			recipient * null mx
			recipient * nullmx
			recipient * domain does not accept mail
			domain + null mx
			domain accepts no mail
			`),
		Unless: lines(`
			sender
			`),
		Meaning:  "The recipient's domain says in DNS that it accepts no mail at all (null MX).",
		Causes:   []string{"There is a typing error in the domain, or the domain is not meant for mail."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Check the part of the address after the @ with the recipient by other means."},
		Duration: Permanent, Confirm: ConfirmMX, Source: "RFC 7505 4.2",
	}),
	shared(Row{
		ID: "common.client-dns",
		Text: lines(`
			enotfound
			eai_again
			getaddrinfo
			php_network_getaddresses
			name or service not known
			temporary failure in name resolution
			no such host is known
			no such host
			remote name could not be resolved
			could not resolve host
			unknownhostexception
			hostname nor servname
			gaierror
			`),
		Meaning: "The device or program that sends cannot look up the name of its mail server in DNS.",
		Causes: []string{
			"There is a typing error in the server name in its settings.",
			"The device has no DNS server, or its DNS server does not answer.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Check the server name in the settings: smtp.office365.com for Microsoft 365.",
			"Check the DNS server of the device. Run \"maildiag smtp\" on the same network.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission,
	}),
	shared(Row{
		ID: "common.loop", Codes: []int{554, 550, 552}, Enhanced: []string{"5.4.6", "5.4.0", "4.4.6", "5.0.0", "5.4.14"},
		Text: lines(`
			too many hops
			mail loop
			mail loop detected
			loop detected
			loops back to myself
			loops back to me
			routing loop
			routing loop detected
			hop count exceeded
			mail forwarding loop
			forwarding loop
			delivery loop
			too many received headers
			possible loop
			mx loop
			maximum hop count
			looping
			message is looping
			loop suspected
			hop limit
			passed through * servers
			went through * servers
			been through * servers
			too many servers
			delivered-to header
			already seen
			in a circle
			circular
			passed through too many
			`),
		Meaning: "The message goes round in a circle between servers.",
		Causes: []string{
			"Two servers each think that the other one hosts the domain, often during a migration.",
			"Two mailboxes forward to one another.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient's administrator checks MX records, connectors, accepted domains and forwarding."},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Permanent, Confirm: ConfirmMX,
	}),
	shared(Row{
		ID: "common.expired", Weak: true, Codes: []int{550, 554}, Enhanced: []string{"4.4.7", "5.4.7", "5.0.0", "4.0.0"},
		Text: lines(`
			delivery time expired
			message expired
			envelope expired
			message * expired
			queue.expired
			in the queue too long
			too old
			retry timeout exceeded
			retry time not reached
			retry timeout
			could not deliver for the last
			could not be delivered for
			could not be delivered for more than
			has been in the queue
			maximum time in queue
			maximum queue time
			message timed out
			delivery timed out
			?giving up
			delivery failed * attempts
			all hosts have been failing
			delivery expired
			message too old
			expired * timeout
			queue + expired
			expired * queue
			delivery attempts have expired
			attempts + expired
			expired after
			held for + days
			could not be handed over
			stop trying
			stopped trying
			tried for * days
			tried for * hours
			gave up after
			given up after
			not deliverable within
			after * days
			after * hours
			`),
		Meaning: "The sending server gave up after retrying for a long time; an earlier error is the cause.",
		Causes: []string{
			"The recipient's server was down, unreachable or kept deferring the message.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Look for the last temporary error in the bounce or the log, and explain that one.",
			"Then send again.",
		},
		Next:     []string{"whether the recipient's MX can be reached"},
		Duration: Permanent, Confirm: ConfirmMX,
	}),
	shared(Row{
		ID: "common.timeout", Codes: []int{421, 441, 451},
		Enhanced: []string{"4.4.1", "4.4.2", "4.0.0", "5.4.1", "5.0.0"},
		Unless: lines(`
			abuse
			reputation
			spam
			<listname>
			`),
		Text: lines(`
			connect to * connection refused
			connection to * refused
			connection timed out
			connection timeout
			connect timed out
			?operation timed out
			?timed out while
			?timed out
			?timeout exceeded
			timeout expired
			could not find a gateway
			?idle timeout
			?timeout
			conversation with * timed out
			no answer from host
			?connection refused
			connection was refused
			actively refused
			network is unreachable
			network unreachable
			no route to host
			?lost connection
			?connection lost
			?connection reset
			connection reset by peer
			?connection closed
			?connection was closed
			connection was forcibly closed
			?connection dropped
			?could not connect
			?can not connect
			?could not connect to
			?failed to connect
			?unable to connect
			?not been able to connect
			connection could not be established
			could not open socket
			smtp connect failed
			connection to * failed
			?host unreachable
			?host not reachable
			?not reachable
			?delivery temporarily suspended
			?did not accept our requests to connect
			deferred connection
			econnrefused
			etimedout
			econnreset
			esocket
			econnection
			ehostunreach
			enetunreach
			could not establish connection
			no connection could be made
			failure sending mail
			unexpected eof
			can not connect to smtp server
			unable to connect to the remote server
			verbindung abgelehnt
			zeitueberschreitung
			connexion refusee
			connected party did not properly respond
			did not properly respond after a period of time
			established connection failed
			connection attempt failed
			did not respond
			!0x800ccc0e
			!0x800ccc0f
			!0x800ccc19
			!0x80042109
			!0x8004210b
			connection to the server was interrupted
			connection attempt timed out
			connection to the server has failed
			i/o timeout
			connect timed out
			connection reset by
			broken pipe
			connect failed
			connection failed
			connection refused port
			no response from
			server did not answer
			nicht innerhalb der zeit
			verbindung + abgelehnt
			verbindung + fehlgeschlagen
			connexion + echoue
			conexion + rechazada
			connessione + rifiutata
			`),
		Meaning: "The connection to the server could not be made, or broke off.",
		Causes: []string{
			"The server is down, or a firewall or provider in between blocks the port (25, 465 or 587).",
			"The server name or port in the settings is wrong.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Run \"maildiag smtp\" on the network that sends: it shows which port is blocked and by whom.",
			"Check the server name and port in the settings of the program or device.",
		},
		Next:     []string{"whether the recipient's MX can be reached"},
		Duration: Temporary, Confirm: ConfirmMX,
	}),
	shared(Row{
		ID: "common.tls", Codes: []int{550, 530, 554, 454},
		Enhanced: []string{"5.7.10", "5.7.0", "5.7.1", "4.7.0", "5.7.3", "5.7.5", "4.7.5", "5.7.11", "4.7.4"},
		Text: lines(`
			requires tls
			tls required
			encryption required
			encryption is required
			requires encryption
			tls is required
			must issue a starttls
			must issue starttls
			issue a starttls command first
			starttls is required
			starttls required
			use starttls
			require tls
			certificate not trusted
			server certificate not trusted
			certificate verification failed
			certificate verify failed
			certificate has expired
			certificate is invalid
			remote certificate is invalid
			self signed certificate
			self-signed certificate
			unable to get local issuer certificate
			unable to find valid certification path
			pkix path building failed
			x509
			can not start tls
			could not start tls
			starttls failed
			tls handshake
			tls handshake failed
			tls negotiation failed
			ssl negotiation failed
			ssl handshake
			sslhandshakeexception
			handshake failure
			handshake_failure
			no appropriate protocol
			wrong version number
			unsupported protocol
			ssl routines
			unexpected packet
			authentication failed because the remote party
			remote party has closed the transport stream
			could not convert socket to tls
			could not connect to smtp host * ssl
			unrecognized ssl message
			ssl connection error
			ssl error
			tls error
			tls not available
			tls not supported
			tls is not supported
			tls version
			tls 1 0
			tls 1 1
			tls 1 0 and 1 1
			deprecated tls
			no shared cipher
			cipher
			secure connection
			requires a secure connection
			ssl exception
			authenticationexception
			<tls> + <required>
			<required> + <tls>
			<tls> is mandatory
			encryption needed
			certificate + <fail>
			certificate + <not> + <exist>
			certificate + could not
			tlscertificatename
			certificate validation failure
			certificate + not + trusted
			certificate + revoked
			certificate + expired
			certificate + mismatch
			certificate_verify_failed
			not sent over a tls
			schannel
			the remote certificate
			ssl_connect
			encryption not available
			!0x800ccc1a
			!0x800ccc7d
			starttls negotiation failed
			starttls + broken
			must be encrypted
			unencrypted
			plaintext + not
			first record does not look like a tls
			tls alert
			certificate signed by unknown
			certificate is not yet valid
			tls is mandatory
			encrypted connection + <required>
			use encryption
			bad certificate
			certificate unknown
			protocol version
			secure channel
			tls + unavailable
			starttls + unavailable
			tls + not available
			`),
		Meaning: "The two sides could not agree on an encrypted connection (TLS), or one of them requires it.",
		Causes: []string{
			"The device or program uses TLS 1.0 or 1.1, no TLS at all, or the wrong mode (implicit TLS belongs to port 465, STARTTLS to 587).",
			"The certificate of the server is not trusted, expired or for another name.",
			"A firewall or virus scanner in between intercepts the connection.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Run \"maildiag smtp\" on the network that sends: it shows the TLS versions and the certificate.",
			"Update the device or program so that it supports TLS 1.2, and set port 587 with STARTTLS.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission,
	}),
	shared(Row{
		ID: "common.disk-full", Codes: []int{452, 552, 451, 431}, Enhanced: []string{"4.3.1", "5.3.1"},
		Text: lines(`
			insufficient system storage
			insufficient disk space
			not enough disk space
			not enough space
			disk full
			disk space
			no space left on device
			out of disk
			out of memory
			insufficient system resources
			insufficient resources
			insufficient queue space
			insufficient storage
			system storage
			mail system full
			disk + full
			storage + full
			out of space
			spool + full
			partition + full
			`),
		Meaning:  "The receiving server is out of disk space or memory (not the mailbox).",
		Causes:   []string{"A disk of the server is full, or it is overloaded."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The administrator of the receiving server frees disk space. The sending server retries."},
		Duration: Temporary, Source: "RFC 3463 3.4",
	}),
	shared(Row{
		ID: "common.recipient-syntax", Codes: []int{501, 553, 550, 555}, Enhanced: []string{"5.1.3", "5.5.4", "5.1.2", "5.5.2"},
		Text: lines(`
			not a valid rfc-5321 address
			not a valid rfc 5321 address
			bad address syntax
			bad recipient address syntax
			address syntax
			syntax error in address
			malformed address
			invalid address
			invalid address syntax
			illegal address
			address is not valid
			mailbox name not allowed
			syntax error in parameters
			syntax error in parameters or arguments
			recipient address * not valid
			recipient address rejected need fully-qualified address
			need fully-qualified address
			local address contains control or whitespace
			unbalanced
			domain missing or malformed
			missing or malformed
			can not parse
			`),
		Meaning:  "An address or a parameter of the command is not well-formed.",
		Causes:   []string{"There is a space, a missing domain or a forbidden character in the address."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Type the address again, or correct it in the settings of the program."},
		Duration: Permanent, Source: "RFC 5321 4.1.2",
	}),
	shared(Row{
		ID: "common.protocol", Codes: []int{500, 501, 502, 503, 550, 554}, Enhanced: []string{"5.5.1", "5.5.0", "5.5.2", "5.5.4"},
		Text: lines(`
			bad sequence of commands
			protocol error
			command not implemented
			command not recognized
			unrecognized command
			command unrecognized
			command out of sequence
			nested mail command
			sender already specified
			valid rcpt command must precede data
			no valid recipients
			need rcpt
			need mail command
			improper command pipelining
			pipelining
			early talker
			talk first
			before greeting
			synchronization error
			invalid command
			syntax error
			`),
		Meaning: "The two servers do not understand one another: a command came in the wrong order or form.",
		Causes: []string{
			"The sending program has an error, or an earlier command was refused.",
			"A firewall in between changes SMTP commands.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Look for an earlier reply in the same session: it names the cause.", "Turn off SMTP inspection on firewalls in between."},
		Duration: Permanent, Source: "RFC 5321 4.2.4",
	}),
	shared(Row{
		ID: "common.forwarding-misconfigured", Codes: []int{550, 551, 554}, Enhanced: []string{"5.7.1", "5.3.5"},
		Text: lines(`
			unable to correctly read the forwarding recipient
			invalid pieces of information about the requested recipient
			system incorrectly configured
			local configuration error
			configuration error
			misconfigured
			unknown mailer error
			mail server configuration
			alias * loop
			`),
		Meaning:  "The receiving server is misconfigured.",
		Causes:   []string{"Forwarding, an alias or the domain's settings are wrong on the receiving side."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Send the reply to the recipient's administrator by other means."},
		Duration: Permanent, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.internal-only", Codes: []int{550}, Enhanced: []string{"5.7.1"},
		Text: lines(`
			not authorized to send to this group
			do not have permission to post
			not have permission to post
			permission to post messages to the group
			not allowed to post
			only members can post
			not a member of this list
			not a member of the group
			post only to members
			closed mailing list
			only accepts messages from
			accepts mail only from
			restricted to members
			sender is not authorized to send to
			not permitted to send to this
			not authorised to post
			keine berechtigung * gruppe
			berechtigung * nachrichten * gruppe
			autorisation * publier * groupe
			permiso para publicar * grupo
			autorizzazione * pubblicare * gruppo
			permissao para postar * grupo
			only + members + post
			<not> + <allowed> + distribution list
			members may post
			members only
			not + <allowed> to send to this distribution
			not + <allowed> to post
			authenticated members
			list only accepts
			only accepts + members
			list + members
			nur mitglieder
			seuls les membres
			solo los miembros
			solo i membri
			alleen leden
			apenas membros
			tylko czlonkowie
			closed list
			members can write
			subscribers only
			only subscribers
			non-members
			not subscribed
			not a subscriber
			moderated list
			not + member
			allowed senders * group
			allowed senders list of
			not in the allowed senders
			not on the list of allowed senders
			`),
		Meaning:  "The group or list accepts mail only from its members or from inside its organization.",
		Causes:   []string{"The sender is not a member, or sent from another address than the one that is."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Send from the address that is a member, or ask the owner of the group to allow the sender."},
		Duration: Permanent, Source: fieldManuals,
	}),
	shared(Row{
		ID: "common.ses-unverified", Codes: []int{554}, Enhanced: []string{"5.7.1", "5.0.0"},
		Text: lines(`
			address is not verified
			identities failed the check
			not match a verified sender
			verified sender identity
			sender identity
			domain is not verified
			sending domain + not + verified
			sender + not verified
			`),
		Meaning:  "Amazon SES does not send with this address: it is not verified.",
		Causes:   []string{"The sender's address or domain is not verified in this region, or the account is in the sandbox."},
		Owner:    OwnerSender,
		Fix:      []string{"Verify the address or domain in the Amazon SES console, in the region that is used."},
		Duration: Permanent,
	}),
	shared(Row{
		ID: "common.policy", Codes: []int{550, 554, 571, 553}, Weak: true,
		Enhanced: []string{"5.7.1", "5.7.0", "5.3.0"},
		Text: lines(`
			local policy violation
			protocol violation
			policy violation
			violates our policy
			due to local policy
			rejected by local policy
			administrative prohibition
			administratively prohibited
			prohibited by policy
			rejected for policy reasons
			policy reasons
			policy reason
			policy restrictions
			denied by policy
			due to policy
			policy rejection
			policy error
			restricted by policy
			mailpolicy violation
			security policy
			not accepted for policy reasons
			?message not allowed
			?message refused
			?message rejected
			?mail rejected
			mail rejete
			rejected by policy
			refused to accept your message
			?command rejected
			transport rule
			richtlinien~
			politique
			politica
			terms of service
			blocked by * policy
			violates
			not comply
			compliance
			mail flow rule
			message flow rule
			by rule
			blocked by rule
			rejected by rule
			company policy
			corporate policy
			`),
		Meaning: "A rule of the receiving organization rejected the message; the reply does not say which.",
		Causes:  []string{"A filter rule on content, sender, attachment or reputation."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Send the whole reply to the recipient's administrator, who finds the rule in the log.",
		},
		Duration: Permanent,
	}),
	shared(Row{
		ID: "common.blocked", Codes: []int{550, 554, 553, 421, 450}, Weak: true,
		Enhanced: []string{"5.7.1", "5.7.0", "4.7.1", "5.5.0", "4.7.0"},
		Text: lines(`
			?is blocked
			?has been blocked
			?blocked
			banned
			?access denied
			access * denied
			not accepting mail
			?service refused
			connection rejected
			connections not accepted
			relay quota
			go away
			you are not welcome
			not welcome
			rejected * abuse
			`),
		Meaning: "The receiver blocks the sending server, the sender or the recipient; the reply does not say which.",
		Causes: []string{
			"The address or domain of the sender is on a block list of the receiver.",
			"A rule of the receiver blocks this sender or recipient.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Ask the recipient's administrator what the log says about this message."},
		Duration: Either,
	}),
	shared(Row{
		ID: "common.temporary", Codes: []int{421, 450, 451, 452}, Weak: true,
		Enhanced: []string{"4.3.0", "4.3.2", "4.4.1", "4.7.1", "4.4.3", "4.7.0", "4.5.0", "4.2.0"},
		Text: lines(`
			temporary server error
			temporary system error
			temporary failure
			temporary lookup failure
			temporary error
			temporary problem
			temporary domain failure
			temporary local problem
			temporarily unavailable
			server temporarily unavailable
			service temporarily unavailable
			service is currently unavailable
			service currently unavailable
			service unavailable try again
			service is unavailable
			temporarily rejected
			temporarily deferred
			temporarily rejected message
			internal server error
			?internal error
			requested action aborted
			local error in processing
			resources temporarily unavailable
			server busy
			server is busy
			too busy
			system load
			overloaded
			try again later
			please try later
			try later
			retry later
			please come back later
			server configuration problem
			?server error
			service not available
			?closing transmission channel
			queue file write error
			unable to queue
			?deferred
			under maintenance
			maintenance
			mysql
			ldap
			backend error
			content scanner
			scanner * unavailable
			milter
			unable to scan
			please retry
			?retry
			temporary + failure
			temporary + error
			temporary + problem
			temporarily + unavailable
			tempfail
			temporaneamente non disponibile
			temporairement indisponible
			temporalmente no disponible
			voruebergehend nicht verfuegbar
			tijdelijk niet beschikbaar
			temporariamente indisponivel
			?held for processing
			database
			backup
			come again
			reboot
			restarting
			going down
			shutting down
			shutdown
			currently broken
			not ready
			try again soon
			technical problem
			technical difficulties
			technische probleme
			probleme technique
			problema tecnico
			stoerung
			wartung
			temporary outage
			out of service
			overload
			high load
			load too high
			`),
		Meaning:  "The receiving server has a temporary problem.",
		Causes:   []string{"The server is overloaded, in maintenance, or one of its parts does not answer."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Wait: the sending server retries. If it lasts longer than a day, tell the recipient's administrator."},
		Duration: Temporary,
	}),
}

package replies

import "maildiag/report"

// commonRecipients are the rows of any server about the recipient and the mailbox.
var commonRecipients = []Row{
	{
		ID: "common.verification-pending", Codes: []uint16{450, 421, 451, 550}, Enhanced: []string{"4.1.1", "4.2.0", "5.1.1"},
		Unless: []string{`
			user not found
			user unknown
			no such user
			unknown user
			`},
		Text: []string{`
			address verification in progress
			unverified address
			recipient address rejected unverified address
			recipient verification in progress
			could not complete recipient verify callout
			recipient verify temporarily failed
			recipient address verification
			verification is in progress
			verification + in progress
			unable to verify address
			unable to verify recipient
			`},
		Meaning: "The filter in front of the recipient's server could not verify yet that the address exists.",
		Causes: []string{
			"The verification is still running; the next attempt succeeds.",
			"The server behind the filter is down or does not answer the filter.",
		},
		Owner: report.OwnerRecipient,
		Waits: true,
		Fix: []string{
			waitRetry,
			"If it lasts longer than an hour, the recipient's administrator checks the connection from the filter to the mail server.",
		},
		Duration: Temporary, Source: fieldManuals,
	},
	{
		ID: "common.user-unknown", Codes: []uint16{550, 551, 553, 554, 511, 450},
		Enhanced: []string{
			"5.1.1", "5.1.0", "5.0.0", "5.1.2", "5.1.6", "5.2.1", "5.5.0", "5.5.1", "5.7.1", "4.1.1", "5.1.10",
		},
		Unless: []string{`
			sender
			absender~
			expediteur
			remitente
			mittente
			remetente
			afzender
			nadawc~
			from address
			return path
			helo
			authenticated
			from header
			spf
			dkim
			?verification
			attachment
			file
			certificate
			connector
			?host
			record
			blocklist
			?directory
			policy
			connector
			invalid ip
			`},
		Text: []string{`
			user unknown
			server rejected recipients
			unable to validate recipient
			destin~ sconosciuto
			destinatario errato
			userunknown
			recipient + can not be verified
			not found in ldap
			unable to find alias
			not a member of domain
			wrong recipient~
			invalid rcptto
			bad rcptto
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
			not a valid mailbox
			not a valid address
			not a valid user
			not a valid recipient
			is not a valid message
			unrouteable address
			unrouteable mail domain
			rcpt dosn't exist
			failed recipient validation
			recipient verify * failed
			unroutable address
			unknown address
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
			?undeliverable address
			!sl e515
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
			?unknow
			<mailbox> + no longer available
			<mailbox> + no longer in use
			<mailbox> + no longer used
			<mailbox> + no longer exist
			<mailbox> + no longer valid
			<mailbox> + has been removed
			<mailbox> + was removed
			<mailbox> + deleted
			no one here
			not with us anymore
			unable to find <mailbox>
			not in ldap
			not in directory
			not found in directory
			<mailbox> not on file
			no <mailbox> configured
			lookup of <mailbox>
			`},
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
	},
	{
		ID: "common.mailbox-unavailable", Codes: []uint16{550, 450, 553}, Weak: true,
		Enhanced: []string{"5.1.1", "5.2.0", "5.2.1", "5.5.0", "4.2.0"},
		Text: []string{`
			?mailbox unavailable
			?requested action not taken mailbox unavailable
			?mailbox not available
			?requested action not taken mailbox not available
			?bad destination mailbox address
			account that you tried to reach
			?mailbox is unavailable
			mailbox unavailable or access denied
			?does not exist
			user not available
			?address rejected
			?recipient address rejected
			!account or domain may not exist
			`},
		Meaning: "The server does not accept mail for this address: usually there is no such mailbox.",
		Causes: []string{
			"There is a typing error in the address, or the mailbox was deleted.",
			"The server hides another reason, such as a policy, behind this standard text.",
		},
		Owner:    report.OwnerUser,
		Fix:      []string{"Check the address with the recipient by other means; then ask the recipient's administrator."},
		Duration: Either, Confirm: ConfirmMX, Source: "RFC 5321 4.2.3",
	},
	{
		ID: "common.recipient-unavailable", Codes: []uint16{450, 452, 550}, Weak: true,
		Enhanced: []string{"4.2.0", "4.2.1", "5.2.0"},
		Text: []string{`
			recipient temporarily unavailable
			recipient unavailable
			mailbox temporarily unavailable
			mailbox busy
			mailbox is busy
			user temporarily unavailable
			account temporarily unavailable
			temporarily disabled
			recipient account + unavailable
			<mailbox> + temporarily inactive
			`},
		Meaning:  "The recipient's mailbox cannot receive mail at the moment.",
		Causes:   []string{"The mailbox is locked, being moved, or suspended by its provider."},
		Owner:    report.OwnerRecipient,
		Waits:    true,
		Fix:      []string{waitRetry, "If it lasts longer than a day, ask the recipient by other means."},
		Duration: Either, Source: fieldManuals,
	},
	{
		ID: "common.mailbox-full", Codes: []uint16{552, 550, 554, 452, 422},
		Enhanced: []string{"5.2.2", "4.2.2", "5.0.0", "5.7.1"},
		Unless: []string{`
			submission
			rate limit
			sender
			outgoing
			sending
			hourly
			daily
			per hour
			per day
			send
			outbound
			relay quota
			monthly
			per month
			message count quota
			messages count quota
			email quota
			emails quota
			e-mail quota
			smtp quota
			quota + envoi
			quota + invio
			cuota + envio
			cota + envio
			connections
			`},
		Text: []string{`
			mailbox full
			recipient + <exceed> + quota
			recipient + <exceed> + message quota
			not have enough space
			not have enough storage
			too many messages on + mailbox
			too many messages in + mailbox
			<mailbox> + <exceed> + quota
			maximum + number of messages + <mailbox>
			over the maximum allowed number of messages
			error writing message file too large
			too much mail data
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
			exceed * quota
			quota has been exceeded
			quota violation
			quota full
			quotaexceeded
			mailbox size limit exceeded
			mailbox size limit
			mailbox quota exceeded
			mailbox exceeded
			<mailbox> has <exceed> + size
			mailbox + <exceed> * mailbox size
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
			too many messages on the server
			too many messages in the mailbox
			too many messages stored
			zuviele mails auf dem server
			zu viele nachrichten auf dem server
			storage allocation
			is over quota
			space available
			not enough space
			space not enough
			space + not enough
			receive any more
			accept any more
			user is over quote
			message count
			space has used up
			space used up
			box is full
			<mailbox> can not store
			<mailbox> storage + <full>
			can not store more messages
			no room in
			no room for
			no room left
			`},
		Meaning:  "The recipient's mailbox is full.",
		Causes:   []string{"The mailbox has reached its quota."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient deletes mail, or the administrator raises the quota. Then send again."},
		Duration: Either,
	},
	{
		ID: "common.mailbox-disabled", Codes: []uint16{550, 554, 525, 552},
		Enhanced: []string{"5.2.1", "5.2.0", "5.7.13", "5.1.1", "5.0.0"},
		Unless: []string{`
			mailbox is full
			<full> + can not accept
			sender
			ip
			authentication
			url
			domain
			your account
			sending
			for sending
			outgoing
			outbound
			directory
			restapi
			`},
		Text: []string{`
			boite du destinataire archivee
			archived recipient
			boite + archivee
			mailbox + archived
			recipient + archived
			never logged onto
			not an active address
			administrativ~ disabled
			no recipient activity
			expirado por falta de uso
			bloccato per inutilizzo
			estado inactivo
			not currently being accepted for this mailbox
			user + can not receive message~
			user + can not receive mail
			no longer accepts mail
			no longer accepts message~
			no longer accepting message~
			is now disabled
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
			?deactivated
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
			user + <not> entered during
			user + <not> logged in during
			user + <not> logged in for
			<mailbox> + not active
			<mailbox> + no longer active
			`},
		Meaning: "The recipient's mailbox exists but is disabled.",
		Causes:  []string{"The mailbox is locked, suspended, not activated yet, or was not used for a long time."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Reach the recipient by other means. The recipient or its administrator enables the mailbox again.",
		},
		Duration: Permanent,
	},
	{
		ID: "common.sending-suspended", Codes: []uint16{550, 554, 535, 421}, Enhanced: []string{"5.7.1", "5.7.0", "5.1.8"},
		Text: []string{`
			your account has been suspended
			account is on probation
			account has been disabled until
			client host rejected blacklisted user
			account + on probation
			!outboundspamexception
			!wascl * verdict
			sending rejected
			sending + denied
			locked + sending
			blocked + outgoing
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
			your mailbox + <disabled>
			not allowed to send messages until
			outgoing & disabled
			outgoing message disabled
			outbound & disabled
			sending & disabled
			not permitted to send message at this time
			account may not send
			account + not <allowed> to send
			!account is disabled + mailgun
			!is not allowed to send account disabled
			!smtp account is suspended
			!prove you are not a robot
			`},
		Unless: []string{`
			ip
			ip address
			limit
			network
			subnet
			`},
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
	},
	{
		ID: "common.smtputf8", Codes: []uint16{550, 553}, Enhanced: []string{"5.6.7", "5.6.9"},
		Text: []string{`
			smtputf8 is required
			smtputf8 + not
			smtputf8
			internationalized address
			non-ascii + not
			`},
		Meaning: "An address or header of the message has characters beyond ASCII, and the next server does not support them (SMTPUTF8).",
		Causes:  []string{"The sender's or recipient's address, or a header, holds letters such as ü or 中 without encoding."},
		Owner:   OwnerSender,
		Fix: []string{
			"Use an ASCII address for the sender and the recipient.",
			"If the addresses are ASCII, correct the program that writes the header: other letters must be encoded (RFC 2047).",
		},
		Duration: Permanent, Source: "RFC 6531 3.4",
	},
	{
		ID: "common.account-suspended", Codes: []uint16{550, 451, 422}, Enhanced: []string{"5.2.1", "4.7.1"},
		Text: []string{`
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
			`},
		Meaning: "The mail service of the recipient's whole domain is suspended.",
		Causes:  []string{"The license or subscription expired, or the provider suspended the domain for abuse or a migration."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"Tell the recipient by other means; its administrator renews or reactivates the service."},

		Duration: Either, Source: fieldManuals,
	},
	{
		ID: "common.suppressed", Codes: []uint16{550, 605, 554}, Enhanced: []string{"5.1.1", "5.7.1", "5.0.0"},
		Text: []string{`
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
			not delivering to a user who
			not delivering to previously
			previously unsubscribed address
			spam reporting address
			bounced address
			!reject_reason hard-bounce
			!reject_reason soft-bounce
			!reject_reason spam
			!reject_reason unsub
			!recipient is blacklisted in
			`},
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
	},
	{
		ID: "common.moved", Codes: []uint16{551, 550}, Enhanced: []string{"5.1.6"},
		Text: []string{`
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
			`},
		Meaning:  "The recipient no longer uses this address.",
		Causes:   []string{"The person left or has a new address."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Ask for the new address by other means."},
		Duration: Permanent,
	},
}

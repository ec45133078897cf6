package replies

import "maildiag/report"

// commonPolicy are the rows of any server about rules of the receiver, and what says little.
var commonPolicy = []Row{
	{
		ID: "common.internal-only", Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Unless: []string{`
			member of domain
			`},
		Text: []string{`
			only internal senders
			<only> + intern~ + <sender>
			<only> + intern~ <sender>
			posta non certificata
			posta ordinaria
			internal senders only
			<only> + internal
			internal use only
			posting to a restricted list
			restricted list
			posting + requires approval
			posting + by non-members
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
			restricted to subscribers
			not accept * from outside the organization
			not accept * from external senders
			sender is not authorized to send to
			not permitted to send to this
			not authorised to post
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
			not have permission~ to send to
			no permission to send to
			not have permission~ to submit to
			not + permission~ to send to this
			not + permission~ to send to + recipient
			lacks permission to send
			private list
			not have create permissions on this folder
			only available to folder owners
			`},
		Meaning:  "The recipient (often a group or list) accepts mail only from certain senders, such as members or the own organization.",
		Causes:   []string{"The sender is not a member, or sent from another address than the one that is."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Send from the address that is a member, or ask the owner of the group to allow the sender."},
		Duration: Permanent, Source: fieldManuals,
	},
	{
		ID: "common.ses-unverified", Codes: []uint16{554, 550, 553}, Enhanced: []string{"5.7.1", "5.0.0"},
		Text: []string{`
			address is not verified
			identities failed the check
			not match a verified sender
			verified sender identity
			sender identity
			domain is not verified
			sending domain + not + verified
			sender + not verified
			domain + is not verified
			verify your domain
			not an <allowed> sender
			unconfigured sending domain
			sending domain + not + configured
			approved sender
			not a valid sender for
			!verified sender identity
			!from sender name is not valid
			!sender signature
			!sender domain has not been linked
			!domainnotlinked
			!mailfromdomainnotverified~
			!reject_reason unsigned
			!domain is unverified and requires
			!sender you used + not valid
			!sender is not valid + validate your sender
			!domain not found + mailgun
			!domain lockdown
			!and verify your domain
			`},
		Meaning:  "The sending service does not send with this address: the address or its domain is not verified there.",
		Causes:   []string{"The sender's address or domain is not verified at the service (Amazon SES: in this region), or the account is in the sandbox."},
		Owner:    OwnerSender,
		Fix:      []string{"Verify the address or domain at the sending service: publish the DNS records that its console shows (Amazon SES: in the region that is used)."},
		Duration: Permanent,
	},
	{
		ID: "common.sandbox", Codes: []uint16{550, 554, 403}, Enhanced: []string{"5.7.1"},
		Text: []string{`
			sandbox
			sandbox domain
			sandbox subdomains
			authorized recipients
			testing mode
			pending approval
			account is under review
			not yet approved
			only send to verified
			only send testing
			!accounts are for test purposes only
			!activate your mailgun account
			!account is not yet activated
			!smtp account is not yet
			test-mode-limit
			`},
		Meaning:  "The account at the sending service is in test mode (sandbox): it sends only to addresses that were approved there.",
		Causes:   []string{"The account is new, and the service has not released it for sending to anybody."},
		Owner:    OwnerSender,
		Fix:      []string{"Sign in at the sending service: verify the domain, and ask for production access. For a test, add the recipient to the approved addresses."},
		Duration: Permanent, Source: "https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html",
	},
	{
		ID: "common.client-ip", Codes: []uint16{525, 550, 535}, Enhanced: []string{"5.7.1", "5.7.8"},
		Text: []string{`
			unauthorized ip
			unauthorized ip address
			ip + not + authorized ips
			ip + not + allowlist
			ip + not whitelisted
			ip + not in + whitelist
			ip is not whitelisted for
			client ip not <allowed>
			ip is not <allowed> to use
			ip address + not <allowed> to sign in
			!that ip address is not allowed to send
			!unrecognized ip address
			!using an unrecognised ip
			!ip address + not <allowed> to use this api
			`},
		Meaning:  "The sending service takes mail for this account only from IP addresses that were entered there, and this one is not.",
		Causes:   []string{"The server has a new public IP address, or the list of the account lacks it."},
		Owner:    OwnerSender,
		Fix:      []string{"Sign in at the sending service and add the public IP address of the server to its authorized IP addresses."},
		Duration: Permanent, Source: "https://help.brevo.com/hc/en-us/articles/5740567258514",
	},
	{
		ID: "common.dlp", Codes: []uint16{550, 554, 552}, Enhanced: []string{"5.7.1", "5.7.0"},
		Text: []string{`
			data loss prevention
			data leak~ prevention
			dlp policy
			dlp rule
			dlp violation
			<blocked> & sensitive information
			<blocked> & sensitive data
			<blocked> & confidential information
			<blocked> & confidential data
			<blocked> & credit card
			<blocked> & social security number
			contains sensitive information
			contains sensitive data
			contains confidential
			contains personal data
			message dlp
			dlp + detected
			pci data
			dlp & <blocked>
			`},
		Meaning: "A rule against data leaks (DLP) rejected the message because of what it contains.",
		Causes: []string{
			"The message or an attachment holds what the rule looks for: numbers of credit cards, identity numbers, confidential documents.",
			"The rule is one of the sender's organization, or of the filter through which its mail leaves.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Remove the data, or send it the way that the organization allows, such as encrypted.",
			"If the message is right, the administrator of the filter that rejected it adds an exception to the rule.",
		},
	},
	{
		ID: "common.policy", Codes: []uint16{550, 554, 571, 553}, Weak: true,
		Enhanced: []string{"5.7.1", "5.7.0", "5.3.0"},
		Text: []string{`
			rejected by policy
			filter rejection
			url phone number filter
			due to security reason~
			spam and malware protection
			spam and virus protection
			virus and spam protection
			spam and virus firewall
			malware protection
			virus protection
			antivirus gateway
			anti-virus gateway
			local policy violation
			policy violation
			violates our policy
			due to local policy
			rejected by local policy
			administrative prohibition
			administratively prohibited
			prohibited by policy
			rejected for policy reasons
			policy reasons
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
			refused to accept your message
			transport rule
			richtlinien~
			politique
			politica
			terms of service
			blocked by * policy
			?violates
			violates + policy
			not comply
			?compliance
			mail flow rule
			message flow rule
			by rule
			blocked by rule
			rejected by rule
			company policy
			corporate policy
			administrator has blocked this
			header value + not <allowed>
			!content compliance
			content examination
			message policy
			company's * policy
			?message blocked
			`},
		Meaning: "A rule of the receiving organization rejected the message; the reply does not say which.",
		Causes:  []string{"A filter rule on content, sender, attachment or reputation."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Send the whole reply to the recipient's administrator, who finds the rule in the log.",
		},
		Duration: Permanent,
	},
	{
		ID: "common.blocked", Codes: []uint16{550, 554, 553, 421, 450}, Weak: true,
		Enhanced: []string{"5.7.1", "5.7.0", "4.7.1", "5.5.0", "4.7.0"},
		Text: []string{`
			?is blocked
			?has been blocked
			?blocked
			?banned
			?access denied
			access * denied
			not accepting mail
			?service refused
			connection rejected
			connections not accepted
			not accepting connections
			go away
			you are not welcome
			not welcome
			rejected * abuse
			`},
		Meaning: "The receiver blocks the sending server, the sender or the recipient; the reply does not say which.",
		Causes: []string{
			"The address or domain of the sender is on a block list of the receiver.",
			"A rule of the receiver blocks this sender or recipient.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Ask the recipient's administrator what the log says about this message."},
		Duration: Either,
	},
	{
		ID: "common.temporary", Codes: []uint16{421, 450, 451, 452}, Weak: true,
		Enhanced: []string{"4.3.0", "4.3.2", "4.4.1", "4.7.1", "4.4.3", "4.7.0", "4.5.0", "4.2.0"},
		Text: []string{`
			recipient address rejected please try again later
			versuchen sie es spaeter
			name server timeout
			handle timeout
			lookup timeout
			lookup timed out
			dns timeout
			internal timeout
			processing timeout
			timeout waiting for
			timed out waiting for
			temporary server error
			qq trouble
			unable to process connection
			qq temporary problem
			qq crashed
			qq timeout
			qq read error
			qq out of memory
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
			?overloaded
			?try again later
			?please try later
			?try later
			?retry later
			?please come back later
			server configuration problem
			?server error
			service not available
			?closing transmission channel
			queue file write error
			unable to queue
			?deferred
			under maintenance
			?maintenance
			?mysql
			?ldap
			backend error
			content scanner
			scanner * unavailable
			?milter
			unable to scan
			please retry
			?retry
			temporary + failure
			temporary + error
			temporary + problem
			temporarily + unavailable
			?tempfail
			temporaneamente non disponibile
			temporairement indisponible
			temporalmente no disponible
			voruebergehend nicht verfuegbar
			tijdelijk niet beschikbaar
			temporariamente indisponivel
			?held for processing
			?database
			?backup
			come again
			?reboot
			?restarting
			going down
			shutting down
			?shutdown
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
			high load
			load too high
			queue + unavailable
			temporary not available
			temporarily not available
			temporary + unavailable
			internal problem
			queue is full
			service paused
			service is paused
			resources temporarily restricted
			`},
		Meaning:  "The receiving server has a temporary problem.",
		Causes:   []string{"The server is overloaded, in maintenance, or one of its parts does not answer."},
		Owner:    report.OwnerRecipient,
		Waits:    true,
		Fix:      []string{waitRetry, "If it lasts longer than a day, tell the recipient's administrator."},
		Duration: Temporary,
	},
}

package replies

import "maildiag/report"

// commonReputation are the rows of any server about block lists, reputation and the sending server.
var commonReputation = []Row{
	{
		ID: "common.dnsbl-closed", Codes: []uint16{550, 554}, Enhanced: []string{"5.7.1"},
		Text:    []string{"!sorbs.net"},
		Meaning: "The recipient's server asks SORBS, a block list that closed in June 2024.",
		Causes:  []string{"The server's settings still name the list, so that any answer of its name servers rejects mail."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"Tell the recipient's administrator by other means: remove the list from the server's settings."},
	},
	{
		ID: "common.domain-listed", Codes: []uint16{550, 554, 553, 552, 551}, Enhanced: []string{"5.7.1", "5.7.0"},
		Text: []string{`
			no access for this domain
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
			blocking url
			!url in this message + listed on
			`},
		Meaning: "A domain in the message (of the sender, the HELO name or a link) is on a block list or has a poor reputation.",
		Causes: []string{
			"The sender's domain or a linked site was used for spam, or is very new.",
			"The message links to a site that is listed, for example a URL shortener or a hacked page.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"If the reply names a list, look up the domains of the message there, request removal, and remove a listed link.",
			"Otherwise stop what people complain about, and check SPF, DKIM and DMARC; reputation recovers slowly. Watch the postmaster tools of the receiving provider.",
		},
		Duration: Permanent, Source: fieldManuals,
	},
	{
		ID: "common.dnsbl", Listed: true, Codes: []uint16{550, 554, 553, 421, 521, 450},
		Enhanced: []string{"5.7.1", "5.7.0", "4.7.1", "5.0.0", "5.3.0"},
		Unless: []string{`
			?domain
			url
			a link
			link in
			link is
			dbl
			surbl
			user's
			user in
			local
			`},
		Text: []string{`
			blocked using
			<blocked> + <publiclist>
			<publiclist> + <blocked>
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
			on our blocklist
			on * blocklist
			block listed
			address is block listed
			listed at
			query bl ip
			is on a block list
			denylisted
			auf einer blacklist
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
			rbl list
			!sending ip + is listed on
			`},
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
	},
	{
		ID: "common.resolver-refused", Codes: []uint16{550, 554, 450, 451}, Enhanced: []string{"5.7.1", "4.7.1"},
		Text: []string{`
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
			`},
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
	},
	{
		ID: "common.ip-reputation", Listed: true, Codes: []uint16{550, 554, 553, 421, 450, 521},
		Enhanced: []string{"5.7.1", "5.7.0", "4.7.1", "5.5.0", "4.7.0"},
		Unless: []string{`
			a link
			link in
			link is
			url
			<publiclist>
			spf
			reverse
			rdns
			loops
			`},
		Text: []string{`
			poor reputation
			intrusion prevention
			blocked by + firewall
			intrusion detection
			your mail server is + blocked
			no access for this ip
			ip bloccato
			invalid ip
			no mail service for your network
			no service for your network
			not accept mail from your network
			dynamically assigned
			message blocked by ip
			low reputation
			bad reputation
			insufficient reputation
			negative reputation
			reputation * blocked
			ip reputation
			due to * reputation
			mta's poor reputation
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
			connection + <blocked> * sending ip
			connection + <blocked> * senderbase
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
			?residential
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
			ip in prison
			invalid ip address
			ip is rejected
			ip is hangup
			black ip
			mail refused ip
			!security.rr.com
			bad ip
			ip & prison
			ip & jail
			ip + not <allowed> to send
			not <allowed> to send us
			access forbidden by your ip
			server access forbidden
			access + forbidden + ip
			ip & <denies>
			?from your ip
			ip * a problem occurred
			spam~ from your ip
			spam~ from your server
			!aup bl
			!aup cdrbl
			your mail server + <blocked>
			your server + <blocked>
			your host + <blocked>
			sending server + <blocked>
			your network + not welcome
			your ip + sent spam
			sender score
			ip + not welcome
			`},
		Meaning: "The receiving provider blocks the IP address of the sending server, usually because of its reputation.",
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
	},
	{
		ID: "common.geo-blocked", Codes: []uint16{550, 554}, Enhanced: []string{"5.7.1"},
		Text: []string{`
			not <allowed> + from your location
			access from your location
			host network not allowed
			country * blocked
			country * not allowed
			?geographic
			geographical restriction
			from your country
			country + <blocked>
			country + not
			from that country
			from this country
			country & <blocked>
			country & <forbidden>
			<not> + country
			your region & <blocked>
			`},
		Meaning:  "The recipient's side does not accept mail from the country or network of the sending server.",
		Causes:   []string{"The recipient's administrator restricted the countries or networks."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Ask the recipient's administrator to allow the sending server."},
		Duration: Permanent, Source: fieldManuals,
	},
	{
		ID: "common.greylisted", Codes: []uint16{450, 451, 421, 452},
		Enhanced: []string{"4.7.1", "4.2.0", "4.7.0", "4.3.0", "4.2.1", "4.4.3"},
		Text: []string{`
			recipient address rejected try again
			greylisting
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
			!gl gl
			!intentional policy rejection + try again later
			`},
		Meaning:  "The server delays mail from senders it does not know yet (greylisting).",
		Causes:   []string{"The sender, recipient and address are new to the receiving server."},
		Owner:    OwnerSender,
		Waits:    true,
		Fix:      []string{"Wait: the sending server retries after some minutes, and the message is accepted."},
		Duration: Temporary,
	},
	{
		ID: "common.ptr", Codes: []uint16{550, 554, 450, 553, 451, 421},
		Enhanced: []string{"5.7.1", "4.7.1", "5.7.25", "5.7.0", "4.7.25", "5.1.8"},
		Text: []string{`
			no reverse dns
			fix reverse dns
			reverse dns lookup for host * failed
			reverse dns * failed
			reverse dns
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
			no reverse hostname
			reverse hostname
			reverse dns record
			no rdns
			no reverse record
			reverse * not + match
			hostname + ip + mismatch
			ip must resolve
			no reverse name
			reverse name
			invalid rdns
			rdns record
			ip does not resolve
			ip + has no name
			ip + not resolve to a
			`},
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
	},
	{
		ID: "common.helo", Stage: StageHelo, Codes: []uint16{501, 504, 550, 554, 450}, Enhanced: []string{"5.5.2", "5.7.1", "5.5.4", "4.7.1"},
		Text: []string{`
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
			helo must not be
			helo must be
			ehlo must be
			helo + loopback address
			ehlo requires
			access denied * invalid helo name see rfc
			helo + not + valid
			helo + <fail>
			ehlo + not + valid
			helo ehlo name
			?helo
			ehlo + no
			ehlo + not
			ehlo + name
			ehlo greeting
			your greeting
			ehlo argument
			ehlo string
			ehlo hostname
			helohost
			helo + error
			`},
		Meaning: "The server rejects the name with which the sending server introduced itself (HELO or EHLO).",
		Causes:  []string{"The name is not a fully qualified host name, does not resolve, or is the receiver's own name."},
		Owner:   OwnerSender,
		Fix: []string{
			"Set the HELO name of the sending server or device to its fully qualified host name, such as mail.contoso.com.",
			"Publish an A record for that name with the sending address.",
		},
		Duration: Permanent, Confirm: ConfirmPTR, Source: "RFC 5321 4.1.4",
	},
}

package replies

import "maildiag/report"

// common holds wordings that servers of many makes use. They apply whoever
// speaks, and lose against any row that knows more.
var common = []Row{
	{
		ID: "common.relay-denied", Codes: []int{550, 554, 553, 454},
		Enhanced: []string{"5.7.1", "5.7.0", "5.4.1", "5.7.54"},
		Text: []string{
			"relay access denied", "relaying denied", "relay not permitted", "we do not relay",
			"not permitted to relay", "relaying not allowed", "relay denied", "not a relay", "norelay",
		},
		Meaning: "The server does not take mail for the recipient's domain from this sender: it would be " +
			"relaying.",
		Causes: []string{
			"The MX record of the recipient's domain points at a server that does not host it.",
			"The client should have signed in first.",
			"The domain was removed from the server, for instance after a migration.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Sender: sign in with the submission port (587) if this is your own server.",
			"Recipient's administrator: check the MX record and that the server hosts the domain.",
		},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.user-unknown", Codes: []int{550, 551, 553, 554, 511, 450},
		Enhanced: []string{
			"5.1.1",
			"5.1.0",
			"5.0.0",
			"5.1.2",
			"5.1.6",
			"5.2.1",
			"5.5.0",
			"5.5.1",
			"5.7.1",
			"4.1.1",
		},
		Text: []string{
			"user unknown", "unknown user", "no such user", "no such recipient", "recipient unknown",
			"unknown recipient", "unknown local part", "user not found", "recipient not found",
			"mailbox not found", "no mailbox here by that name", "invalid recipient",
			"recipient rejected", "mailbox unavailable", "unrouteable address", "unknown address",
			"does not exist", "no such mailbox", "not our customer", "unknown to address",
			"undeliverable address", "user doesn't have", "account that you tried to reach",
			"address unknown", "not a known user", "user*not known", "invalid mailbox",
			"recipient address rejected",
		},
		Meaning: "There is no such mailbox at the recipient's domain.",
		Causes: []string{
			"A typing error, or a mailbox that was deleted.",
			"After a migration: the mailbox does not exist, or lacks this address, on the server that " +
				"the MX points to.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Check the address with the recipient by other means.",
			"If the address is right, the recipient's administrator looks for it in the directory of " +
				"the server that the MX points to.",
		},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.mailbox-full", Codes: []int{552, 550, 554, 452, 422},
		Enhanced: []string{"5.2.2", "4.2.2", "5.0.0", "4.3.1", "5.7.1"},
		Text: []string{
			"mailbox full", "mailbox is full", "over quota", "quota exceeded", "exceeded quota",
			"out of storage space", "exceeded storage allocation", "insufficient storage",
			"quota full", "mailbox size limit exceeded", "exceeded*quota", "quota has been exceeded",
			"mailfolder is full", "over*quota", "disk quota",
		},
		Meaning: "The recipient's mailbox is full.",
		Causes:  []string{"It has reached its quota."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"The recipient deletes mail, or the administrator raises the quota; then send again.",
		},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.mailbox-disabled", Codes: []int{550, 554, 525, 552},
		Enhanced: []string{"5.2.1", "5.2.0", "5.7.13", "5.1.1", "5.0.0"},
		Text: []string{
			"account disabled", "account is disabled", "mailbox disabled", "mailbox is disabled",
			"account inactive", "account is inactive", "mailbox inactive", "account suspended",
			"account has been suspended", "mailbox is inactive", "mailbox currently suspended",
			"user suspended", "account expired", "not been activated", "user account disabled",
			"has been locked",
		},
		Meaning: "The recipient's mailbox is switched off.",
		Causes:  []string{"The account was closed, suspended or unused for long."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Reach the recipient by other means; their administrator switches the mailbox on again.",
		},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.dnsbl", Codes: []int{550, 554, 553, 421, 521, 450},
		Enhanced: []string{"5.7.1", "5.7.0", "4.7.1", "5.0.0", "5.3.0"},
		Text: []string{
			"blocked using", "listed in zen.spamhaus", "spamhaus.org", "cbl.abuseat.org",
			"bl.spamcop.net", "barracudacentral.org", "blocked by*dnsbl", "found on one or more dnsbl",
			"is listed", "blacklisted", "on a blacklist", "blocklisted", "in our blacklist",
			"listed at",
		},
		Meaning: "The IP address of the sending server is on a block list that the receiver uses.",
		Causes: []string{
			"Spam left this address, perhaps from a machine or account that was taken over.",
			"The address belongs to a range of home connections.",
		},
		Owner: OwnerSender,
		Fix: []string{

			"Look up the address at the list that the reply names, and find and stop what sent the spam.",
			"Then ask that list for removal.",
		},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.greylisted", Codes: []int{450, 451, 421, 452},
		Enhanced: []string{"4.7.1", "4.2.0", "4.7.0", "4.3.0", "4.2.1", "4.4.3"},
		Text: []string{
			"greylist", "graylist", "please try again later", "try again in*seconds",
			"try again in*minutes",
		},
		Meaning: "The receiver puts off mail of senders that it does not know yet (greylisting).",
		Causes:  []string{"The first message of this sender to this recipient."},
		Owner:   OwnerSender,
		Fix: []string{
			"Wait: the sending server tries again and will get through, usually within half an hour.",
		},
		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.ptr", Codes: []int{550, 554, 450, 553, 451},
		Enhanced: []string{"5.7.1", "4.7.1", "5.7.25", "5.7.0", "4.7.25", "5.1.8"},
		Text: []string{
			"fix reverse dns", "reverse dns lookup for host*failed", "reverse dns", "rdns",
			"ip name lookup failed", "cannot find your hostname", "cannot find your reverse hostname",
			"no ptr", "ptr record", "cannot resolve your address",
		},
		Meaning: "The sending server's IP address has no reverse DNS name, or that name does not lead back " +
			"to the address.",
		Causes: []string{"No PTR record.", "The name in the PTR record has no matching address record."},
		Owner:  OwnerSender,
		Fix: []string{

			"Have the provider of the address publish a PTR record, and publish an A or AAAA record " +
				"that leads back.",
		},
		Next:     []string{"reverse DNS of the sending address"},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.dmarc", Codes: []int{550, 554, 551, 421},
		Enhanced: []string{"5.7.1", "5.7.0", "5.7.26", "5.7.9", "5.2.0"},
		Text: []string{
			"rejected per dmarc policy", "owner dmarc policy", "dmarc policy",
			"dmarc verification failed", "dmarc reject", "dmarc check failed", "failed dmarc",
			"fails dmarc", "not pass dmarc",
		},
		Meaning: "The From domain's DMARC policy says that unauthenticated mail be refused, and neither " +
			"SPF nor DKIM vouches for this message.",
		Causes: []string{
			"The service that sent this does not sign with the domain's DKIM key.",
			"SPF passes only for another domain.", "The message was forwarded and changed on the way.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Sign with DKIM in the name of the From domain.",
			"Add the server to SPF, and send with an envelope sender in the domain.",
		},
		Next:     []string{"SPF, DKIM and DMARC alignment of the From domain"},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.spf", Codes: []int{550, 554, 553, 451, 421},
		Enhanced: []string{"5.7.1", "5.7.23", "5.7.0", "5.7.26", "5.7.24", "4.7.23"},
		Text: []string{
			"spf check failed", "spf fail", "spf: fail", "failed spf", "spf validation failed",
			"not allowed to send mail for", "is not allowed to send mail from",
			"not authorized to send mail from", "openspf.org", "openspf.net", "spf.pobox.com",
			"sender policy framework", "domain owner discourages", "domain owner does not permit",
			"spf record", "spf hardfail", "does not designate", "(spf)",
		},
		Meaning: "The receiver refuses the message because SPF of the sender's domain does not allow the " +
			"server it came from.",
		Causes: []string{
			"The server or service is missing from the SPF record.",
			"The message was forwarded without rewriting the envelope sender.", "SPF has an error.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Add the server or service to the domain's SPF record."},
		Next:     []string{"SPF for the sending address"},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.dkim", Codes: []int{550, 554, 451},
		Enhanced: []string{"5.7.1", "5.7.20", "5.7.0", "5.7.21", "5.7.22"},
		Text: []string{
			"dkim verification failed", "dkim signature*invalid", "dkim validation failed",
			"bad dkim signature", "no passing dkim signature", "dkim fail", "dkim check failed",
		},
		Meaning: "The receiver refuses the message because its DKIM signature does not verify.",
		Causes: []string{
			"The key in the DNS is missing or is not the one that signed.",
			"Something after the signing changed the message.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Check the selector of the signature, and what changes messages after the signing.",
		},
		Next:     []string{"the DKIM selector of the signature"},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.spam", Codes: []int{550, 554, 552, 553, 571},
		Enhanced: []string{"5.7.1", "5.7.0", "5.6.0", "5.3.0", "5.0.0", "5.2.0", "5.7.7"},
		Text: []string{
			"considered spam", "considered as spam", "identified as spam", "classified as spam",
			"looks like spam", "spam message rejected", "spam detected", "rejected as spam",
			"appears to be spam", "message refused by*spam", "content rejected", "this message looks",
			"detected as spam", "is spam", "spamscore", "spam score", "spamming not allowed",
			"suspected spam", "message content*spam",
		},
		Meaning: "The receiver's filter takes the message for spam.",
		Causes: []string{
			"Words, links or attachments in it.",
			"The reputation of the sending address or domain.",
		},
		Owner: OwnerSender,
		Fix: []string{

			"Check SPF, DKIM and DMARC, then ask the recipient's administrator what the filter objected to.",
		},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.policy", Codes: []int{550, 554, 571, 553},
		Enhanced: []string{"5.7.1", "5.7.0", "5.3.0"},
		Text: []string{
			"local policy violation", "policy violation", "violates our policy", "due to local policy",
			"rejected by local policy", "administrative prohibition", "prohibited by policy",
			"rejected for policy reasons", "policy reasons", "policy restrictions",
		},
		Meaning:  "The receiver refuses the message by a policy of its own that it does not name.",
		Causes:   []string{"A block list, a rule on content, or missing authentication."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Send the whole bounce to the recipient's administrator."},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.virus", Codes: []int{550, 554, 552},
		Enhanced: []string{"5.7.1", "5.7.0", "5.6.1", "5.6.0", "5.3.0"},
		Text: []string{
			"virus", "malware", "attachment type not allowed", "prohibited attachment",
			"blocked attachment", "not allowed attachment", "executable attachment", "infected",
		},
		Meaning:  "The receiver's filter objects to an attachment.",
		Causes:   []string{"A virus, or a kind of file that is not allowed."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Scan the file; if it is clean, share it by a link."},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.too-large", Codes: []int{552, 550, 554, 523},
		Enhanced: []string{"5.3.4", "5.2.3", "5.0.0", "5.7.1"},
		Text: []string{
			"message size exceeds", "message too large", "message too big", "exceeds the maximum size",
			"exceeds size limit", "exceeds maximum", "message file too big", "size limit exceeded",
			"exceeded maximum", "message is too large", "too large for",
		},
		Meaning:  "The message is larger than the receiver takes.",
		Causes:   []string{"A large attachment; attachments grow by a third when they are mailed."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Share the file by a link, or send it in parts."},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.domain-not-found", Codes: []int{550, 512, 450, 451, 554, 553},
		Enhanced: []string{"5.1.2", "5.4.4", "4.4.3", "5.4.0", "4.4.0", "5.1.1", "5.0.0", "4.1.2"},
		Text: []string{
			"host or domain name not found", "host not found", "domain not found", "host unknown",
			"unknown host", "name service error", "no such domain", "nxdomain", "no mx record",
			"does not resolve", "dns error", "name or service not known", "couldn't find any host",
			"unresolvable",
		},
		Meaning: "The recipient's domain, or its mail host, was not found in the DNS.",
		Causes: []string{
			"A typing error after the @.",
			"The domain has expired, or its MX points at a name that does not exist.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Check the part of the address after the @.",
			"If it is right, the recipient's administrator repairs the domain's DNS.",
		},
		Next:     []string{"MX and address records of the recipient's domain"},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.sender-domain", Codes: []int{550, 553, 554, 450, 451, 501},
		Enhanced: []string{"5.1.8", "4.1.8", "5.1.7", "5.7.1", "5.1.0", "5.0.0", "5.5.2"},
		Text: []string{
			"sender address rejected", "sender domain*not*", "sender verify failed",
			"domain of sender address*does not resolve", "domain of sender address*does not exist",
			"could not verify sender", "sender*rejected", "invalid sender", "valid sender domain",
		},
		Meaning: "The receiver does not accept the sender's address: its domain cannot be resolved, or a " +
			"check of the address failed.",
		Causes: []string{
			"A made-up or misspelt sender address.",
			"The domain has neither MX nor address records.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Send with an address that exists, in a domain with an MX record."},
		Next:     []string{"MX and address records of the sender's domain"},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.auth-required", Codes: []int{550, 553, 554, 530},
		Enhanced: []string{"5.7.1", "5.7.0", "5.5.1", "5.7.3"},
		Text: []string{
			"authentication required", "authentication is required", "smtp authentication",
			"auth required", "not authenticated", "authenticate first", "must authenticate",
			"need to authenticate",
		},
		Meaning: "The server wants the client to sign in first.",
		Causes: []string{
			"User name and password are not set in the client.",
			"Mail for others was sent to the port that takes only incoming mail.",
		},
		Owner:    report.OwnerUser,
		Fix:      []string{"Switch authentication on in the client and use port 587."},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.rate", Codes: []int{421, 450, 451, 452, 550, 554},
		Enhanced: []string{"4.7.0", "4.7.1", "4.3.2", "4.4.5", "4.2.1", "5.7.1", "4.5.3", "4.7.28"},
		Text: []string{
			"too many connections", "too many messages", "rate limit", "rate limited", "too much mail",
			"sending too fast", "exceeded the rate", "throttled", "too many concurrent",
			"too many sessions", "resources temporarily unavailable", "deferred due to",
		},
		Meaning:  "The receiver limits how much it takes from this sender.",
		Causes:   []string{"A burst of mail, or too many connections at once."},
		Owner:    OwnerSender,
		Fix:      []string{"Wait: the sending server tries again. Send less at a time."},
		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.loop", Codes: []int{554, 550, 552},
		Enhanced: []string{"5.4.6", "5.4.0", "4.4.6", "5.0.0", "5.4.14"},
		Text: []string{
			"too many hops", "mail loop", "loops back to myself", "loops back to me", "routing loop",
			"hop count exceeded", "mail forwarding loop", "delivery loop",
		},
		Meaning: "The message went round in a circle.",
		Causes: []string{
			"Two servers each think that the other holds the mailbox.",
			"A forwarding leads back.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Check domain set-up, routes and forwarding on both sides."},
		Next:     []string{"the Received fields of the message"},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.timeout", Codes: []int{421, 441, 451},
		Enhanced: []string{"4.4.1", "4.4.2", "4.0.0", "5.4.1", "4.4.7", "5.4.7", "5.0.0"},
		Text: []string{
			"connection timed out", "operation timed out", "timed out while",
			"conversation with*timed out", "no answer from host", "connection refused",
			"network is unreachable", "no route to host", "lost connection", "connection reset",
			"retry timeout exceeded", "retry time not reached", "could not connect",
			"not been able to connect", "host unreachable", "delivery temporarily suspended",
			"delivery time expired", "message expired", "in the queue too long", "too old",
		},
		Meaning: "The receiving server could not be reached, or broke the connection off.",
		Causes: []string{
			"It is down, or a firewall blocks port 25.",
			"The MX record points at the wrong host.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Check that the MX host of the recipient's domain answers on port 25."},
		Next:     []string{"MX and address records of the recipient's domain"},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.tls", Codes: []int{550, 530, 554, 454},
		Enhanced: []string{"5.7.10", "5.7.0", "5.7.1", "4.7.0", "5.7.3", "5.7.5", "4.7.5"},
		Text: []string{
			"requires tls", "tls required", "encryption required", "tls is required",
			"server certificate not trusted", "certificate verification failed", "cannot start tls",
			"tls handshake failed", "tls not available",
		},
		Meaning: "The two servers could not agree on an encrypted connection that one of them demands.",
		Causes:  []string{"STARTTLS is off, or a certificate does not hold up."},
		Owner:   report.OwnerRecipient,
		Fix: []string{
			"Check STARTTLS and the certificate of the receiving server; switch TLS on at the sending one.",
		},
		Next:     []string{"STARTTLS and certificate of the MX host"},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "common.moved", Codes: []int{551, 550},
		Enhanced: []string{"5.1.6"},
		Text:     []string{"has moved", "user has moved", "no longer at this"},
		Meaning:  "The mailbox has moved.",
		Causes:   []string{"The person has left or has a new address."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Use the new address, if the text names one."},
		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
}

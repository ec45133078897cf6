package replies

import "maildiag/report"

// mimecast holds the replies of Mimecast.
var mimecast = []Row{
	{
		ID: "mimecast.sender-invalid", Confirm: ConfirmAuthentication, Provider: Mimecast,
		Codes: []uint16{550},
		Text: []string{
			"spf sender invalid - envelope rejected",
			"dkim sender invalid - envelope rejected",
			"dmarc sender invalid - envelope rejected",
		},
		Meaning: "The recipient's mail filter (Mimecast) rejects the message because SPF, DKIM or DMARC " +
			"fails; the first word says which.",
		Causes: []string{
			"The server or service is missing from SPF, or does not sign with the domain's DKIM key.",
		},
		Owner: OwnerSender,
		Fix:   []string{"Add the server to SPF, and sign with DKIM in the name of the From domain."},
		Next:  []string{"SPF for the sending address, DKIM selector, DMARC alignment"},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.deferred", Provider: Mimecast,
		Codes: []uint16{451},
		Text: []string{
			"internal resources are temporarily unavailable", "internal resource temporarily unavailable",
			"ip temporarily blacklisted",
		},
		Meaning: "The recipient's mail filter (Mimecast) defers the message, often on purpose " +
			"(greylisting).",
		Causes: []string{
			"The first message of a sender that the filter does not know.",
			"The address has a bad reputation at the moment.",
		},
		Owner: OwnerSender,
		Waits: true,
		Fix:   []string{waitRetry, "If it lasts, ask the recipient's administrator."},

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.open-relay", Provider: Mimecast,
		Codes:   []uint16{451, 550},
		Text:    []string{"open relay not allowed"},
		Meaning: "Mimecast does not accept mail for this recipient's domain from this sender.",
		Causes: []string{
			"The domain is not set up in Mimecast.",
			"Outgoing mail from an address that Mimecast does not know.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"The administrator of the Mimecast account adds the domain, or the authorized outbound address.",
		},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.anti-spoofing", Provider: Mimecast,
		Codes: []uint16{550, 554},
		Text: []string{
			"anti-spoofing policy - inbound not allowed", "rejected by header-based anti-spoofing policy",
			"rejected by header based anti-spoofing policy",
		},
		Meaning: "The recipient's mail filter (Mimecast) rejects mail in the recipient's own name from " +
			"outside.",
		Causes: []string{"A service sends as the recipient's own domain."},
		Owner:  report.OwnerRecipient,
		Fix: []string{
			"The recipient's administrator adds a bypass for this sender to the anti-spoofing policy.",
		},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.blocked", Provider: Mimecast,
		Codes: []uint16{550, 554, 553},
		Text: []string{
			"administrative prohibition envelope blocked", "administrative prohibition - envelope blocked",
			"local ct ip reputation - (reject)",
		},
		Meaning: "The recipient's mail filter (Mimecast) rejects this sender or address by policy or " +
			"reputation.",
		Causes: []string{
			"The sender is on a block list of the recipient.",
			"The address has a bad reputation.",
			"The content breaks a security policy.",
		},
		Owner: report.OwnerRecipient,
		Fix:   []string{"Send the whole bounce to the recipient's administrator."},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "mimecast.tls", Provider: Mimecast,
		Codes: []uint16{550, 553, 554},
		Text: []string{
			"this route requires encryption (tls)",
			"this route requires*tls version 1.2 or greater",
			"this route requires*high-strength ciphers",
		},
		Meaning: "The recipient's mail filter (Mimecast) takes this mail only over strong TLS.",
		Causes:  []string{"The sending server uses no TLS, or a version before 1.2."},
		Owner:   OwnerSender,
		Fix:     []string{"Switch TLS 1.2 or later on for outgoing mail."},

		Duration: Permanent, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
}

// mimecastSays are those that only differ in their words.
var mimecastSays = []saying{
	{"common.blocked-by-recipient", "mimecast.envelope-blocked", Mimecast, "envelope blocked user entry\nenvelope blocked user domain entry\nrejected by header based manually blocked senders\nrejected by header-based manually blocked senders"},
	{"common.virus", "mimecast.virus-policy", Mimecast, "email rejected due to security policies\nmcspamsignature~"},
	{"common.account-suspended", "mimecast.account-suspended", Mimecast, "account inbounds disabled"},
	{"common.geo-blocked", "mimecast.geo-blocked", Mimecast, "host network not allowed"},
	{"common.user-unknown", "mimecast.user-unknown", Mimecast, "invalid recipient"},
	{"common.loop", "mimecast.loop", Mimecast, "mail loop detected"},
}

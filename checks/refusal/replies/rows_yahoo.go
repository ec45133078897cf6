package replies

const yahooCodes = "https://senders.yahooinc.com/smtp-error-codes/"

// yahoo holds what Yahoo's and AOL's servers say.
var yahoo = []Row{
	{
		ID: "yahoo.unauthenticated", Confirm: ConfirmAuthentication, Provider: Yahoo,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.7.9"},
		Text:    []string{"yahoo requires all senders to authenticate with either spf or dkim"},
		Meaning: "Yahoo rejects the message because neither SPF nor DKIM passes for it.",
		Causes:  []string{"SPF does not list the server.", "The message is not signed with DKIM."},
		Owner:   OwnerSender,
		Fix:     []string{"Add the sending server or service to SPF, and turn DKIM on for the domain."},
		Next:    []string{"SPF for the sending address, DKIM selectors of the domain"},

		Duration: Permanent, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.policy", Confirm: ConfirmAuthentication, Provider: Yahoo,
		Codes: []uint16{554}, Enhanced: []string{"5.7.9"},
		Text:    []string{"message not accepted for policy reasons"},
		Meaning: "Yahoo rejects the message by policy, most often because DMARC of the From domain fails.",
		Causes: []string{
			"The From domain's DMARC policy is reject, and neither SPF nor DKIM is aligned.",
			"A From address at yahoo.com sent from another service.",
			"The content looks dangerous.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Sign with DKIM in the name of the From domain; do not send with a From at yahoo.com or " +
				"aol.com from elsewhere.",
		},
		Next:     []string{"SPF, DKIM and DMARC alignment of the From domain"},
		Duration: Permanent, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.deferred", Provider: Yahoo,
		Codes: []uint16{421}, Enhanced: []string{"4.7.0", "4.7.1"},
		Text: []string{
			"temporarily deferred due to unexpected volume or user complaints",
			"temporarily deferred due to user complaints",
			"!gl01",
		},
		Meaning: "Yahoo slows down mail from this IP address because of its volume or of complaints.",
		Causes:  []string{"A burst of mail.", "People mark the mail as spam."},
		Owner:   OwnerSender,
		Fix: []string{
			"Let the server keep trying, send less at a time, and stop mail that people did not ask for.",
		},

		Duration: Temporary, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.blocked", Provider: Yahoo,
		Codes: []uint16{553, 421}, Enhanced: []string{"5.7.2", "5.7.1"},
		Text:    []string{"will be permanently deferred; retrying will not succeed"},
		Meaning: "Yahoo blocks this IP address.",
		Causes:  []string{"Many complaints about, or spam from, the address."},
		Owner:   OwnerSender,
		Fix:     []string{"Stop what people complain about, then fill in Yahoo's sender support form."},

		Duration: Permanent, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.blocklist", Provider: Yahoo,
		Codes: []uint16{553}, Enhanced: []string{"5.7.1"},
		Text:    []string{"!bl21", "!bl23"},
		Meaning: "Yahoo rejects the IP address because it is on a list of Spamhaus.",
		Causes:  []string{"Spam left this address, or it belongs to a range of home connections."},
		Owner:   OwnerSender,
		Fix:     []string{"Look up the address at https://check.spamhaus.org/ and follow what it says."},

		Duration: Permanent, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "yahoo.sender-domain", Confirm: ConfirmSenderDomain, Provider: Yahoo,
		Codes:   []uint16{451},
		Text:    []string{"temporarily deferred due to unresolvable rfc.5321 from domain"},
		Meaning: "Yahoo cannot resolve the domain of the envelope sender.",
		Causes:  []string{"The domain has neither MX nor address record, or its name servers do not answer."},
		Owner:   OwnerSender,
		Fix:     []string{"Publish an MX record for the envelope sender's domain, or use another one."},
		Next:    []string{"MX and address records of the envelope sender's domain"},

		Duration: Temporary, Source: yahooCodes, Date: readOn, Confidence: ThirdParty,
	},
	{common: "common.spam", ID: "yahoo.phishing-content", Provider: Yahoo, Codes: []uint16{554}, Text: []string{"!ph01"},
		Meaning: "Yahoo takes the content of the message, or a link in it, for phishing.",
		Causes:  []string{"The message links to a site that is listed, or asks for passwords or payments.", "The From address or a link imitates a known company."}},
}

// yahooSays are those that only differ in their words.
var yahooSays = []saying{
	{"common.format", "yahoo.format", Yahoo, "headers are not rfc compliant"},
	{"common.policy", "yahoo.message-not-allowed", Yahoo, "message not allowed 299\nemail not accepted for policy reasons"},
	{"common.ip-reputation", "yahoo.ip-blocked", Yahoo, "!rtr du\n!dyn t1\n!con b1\n!rly b1\n!rly b3\n!rtr bl\n!rtr ge\n[ts03] * permanently deferred\n[ts01]\n[ts02]"},
}

package replies

// apple holds the replies of iCloud Mail.
var apple = []Row{
	{
		ID: "apple.spf-dkim", Confirm: ConfirmAuthentication, Provider: Apple,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.7.1"},
		Text:    []string{"blocked for failing both spf and dkim"},
		Meaning: "Apple's iCloud rejects the message because neither SPF nor DKIM passes for it.",
		Causes:  []string{"SPF does not list the server.", "The message is not signed with DKIM."},
		Owner:   OwnerSender,
		Fix:     []string{"Add the sending server or service to SPF, and switch DKIM on for the domain."},
		Next:    []string{"SPF for the sending address, DKIM selectors of the domain"},

		Duration: Permanent,
		Source:   "https://support.apple.com/en-us/102322", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "apple.dmarc", Confirm: ConfirmAuthentication, Provider: Apple,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.7.1"},
		Text: []string{"message was rejected due to*dmarc policy"},
		Meaning: "Apple's iCloud rejects the message because the From domain's DMARC policy says so and " +
			"neither " +
			"SPF nor DKIM vouches for it.",
		Causes: []string{
			"The service that sent this does not sign with the domain's DKIM key.",
			"The message was forwarded.",
		},
		Owner: OwnerSender,
		Fix:   []string{"Sign with DKIM in the name of the From domain."},
		Next:  []string{"SPF, DKIM and DMARC alignment of the From domain"},

		Duration: Permanent,
		Source:   "https://support.apple.com/en-us/102322", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "apple.local-policy", Provider: Apple,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.7.1", "5.7.0"},
		Text: []string{
			"[hm08] message rejected due to local policy",
			"message rejected due to local policy*support.apple.com",
		},
		Meaning: "Apple's iCloud rejects the message by its own policy, which is about content and reputation.",
		Causes:  []string{"The content or the sender looks like spam."},
		Owner:   OwnerSender,
		Fix: []string{
			"Check SPF, DKIM and DMARC, then write to icloudadmin@apple.com as the page in the reply says.",
		},

		Duration: Permanent,
		Source:   "https://support.apple.com/en-us/102322", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "apple.too-many-errors", Provider: Apple,
		Codes: []uint16{421}, Enhanced: []string{"4.7.0"},
		Text:    []string{"error: too many errors"},
		Meaning: "The receiving server closed the session after too many rejected commands.",
		Causes:  []string{"Many recipients in one session that do not exist."},
		Owner:   OwnerSender,
		Fix: []string{
			"Remove addresses that do not exist from the list; the server tries the others again.",
		},

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
}

// appleSays are those that only differ in their words.
var appleSays = []saying{
	{"common.domain-listed", "apple.domain-listed", Apple, "domain present in the spamhaus dbl"},
	{"common.recipient-rate", "apple.recipient-rate", Apple, "deferred due to excessive volume"},
	{"common.policy", "apple.local-policy-code", Apple, "[cs01] message rejected due to local policy\n[bs01] message rejected due to local policy\n[hm07]"},
}

package replies

// outlook holds what only Outlook.com (outlook.com, hotmail.com, live.com,
// msn.com) says.
var outlook = []Row{
	{
		ID: "outlook.ip-blocked", Provider: OutlookConsumer,
		Codes: []uint16{550}, Enhanced: []string{"5.7.1"},
		Text: []string{
			"part of their network is on our block list", "unfortunately messages from * were not sent",
			"mail.live.com/mail/troubleshooting.aspx",
		},
		Meaning: "Outlook.com has the network of the sending server's IP address on its block list.",
		Causes: []string{
			"Spam or complaints from this address or from its neighbours.",
			"A new address without a history.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Write to Outlook.com's sender support form (https://aka.ms/olcsupport), naming the " +
				"address and the code in brackets.",
			"Enrol the address in SNDS and in the junk mail reporting programme to see why.",
			"If the whole network is named, ask the provider of the address.",
		},
		Next:     []string{"SPF, DKIM and DMARC of the sending domain, and the address's reverse DNS"},
		Duration: Permanent,
		Source:   "https://sendersupport.olc.protection.outlook.com/pm/",
		Date:     readOn, Confidence: ThirdParty,
	},
	{
		ID: "outlook.ip-rate-limited", Provider: OutlookConsumer,
		Codes: []uint16{451}, Enhanced: []string{"4.7.650", "4.7.651"},
		Text:    []string{"temporarily rate limited due to ip reputation"},
		Meaning: "Outlook.com takes less mail from this IP address because of its reputation.",
		Causes: []string{
			"A new address, or one that suddenly sends much more.",
			"Complaints about mail from it.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Let the server keep trying, and send less at a time.",
			"Raise the volume of a new address slowly over some weeks.",
			"Check SNDS for what Outlook.com thinks of the address.",
		},
		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "outlook.auth-level", Confirm: ConfirmAuthentication, Provider: OutlookConsumer,
		Codes: []uint16{550}, Enhanced: []string{"5.7.515"},
		Text: []string{"does not meet the required authentication level"},
		Meaning: "Outlook.com rejects mail from this domain because SPF, DKIM and DMARC do not all hold, " +
			"as it requires of senders of over 5,000 messages a day.",
		Causes: []string{
			"SPF or DKIM fails, or the domain has no DMARC record.",
			"A service sends in the domain's name without its own DKIM key for the domain.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Make SPF pass for the server that sent this.",
			"Sign with DKIM in the name of the From domain.",
			"Publish a DMARC record, at least v=DMARC1; p=none, with SPF or DKIM aligned.",
		},
		Next: []string{
			"the words Spf=, Dkim= and DMARC= in the details of the bounce: they name what failed",
		},
		Duration: Permanent,
		Source: "https://support.microsoft.com/en-au/topic/" +
			"fix-ndr-error-550-5-7-515-in-outlook-com-34cfe8f8-6fbf-457e-9e8b-9e4dbaf4e0ef",
		Date: readOn, Confidence: Confirmed,
	},
}

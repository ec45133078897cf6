package replies

import "maildiag/report"

// proofpoint holds the replies of Proofpoint.
var proofpoint = []Row{
	{
		ID: "proofpoint.blocked-ip", Provider: Proofpoint,
		Codes: []uint16{550, 554, 421}, Enhanced: []string{"5.7.1", "5.7.0"},
		Text: []string{"support.proofpoint.com/dnsbl-lookup.cgi", "ipcheck.proofpoint.com"},
		Meaning: "Proofpoint, which filters for the recipient (iCloud among others), has the sending " +
			"server's IP address on its block list.",
		Causes: []string{"Spam left this address, or it is new and sends much."},
		Owner:  OwnerSender,
		Fix:    []string{"Open the link in the reply and ask for removal."},

		Duration: Permanent, Source: "https://ipcheck.proofpoint.com/", Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "proofpoint.refused", Provider: Proofpoint,
		Codes: []uint16{550, 554}, Enhanced: []string{"5.7.1"},
		Text:    []string{"delivery not authorized, message refused*proofpoint"},
		Meaning: "The recipient's mail filter (Proofpoint) rejects the message by policy.",
		Causes:  []string{"Reputation of the address, or a rule of the recipient's organization."},
		Owner:   report.OwnerRecipient,
		Fix:     []string{"Send the whole bounce to the recipient's administrator."},

		Duration: Permanent, Source: "https://ipcheck.proofpoint.com/", Date: readOn, Confidence: Unconfirmed,
	},
}

// proofpointSays are those that only differ in their words.
var proofpointSays = []saying{
	{"common.ip-reputation", "proofpoint.ip-reputation", Proofpoint, "blocked using prs.proofpoint.com\nblocked using cloudmark sender intelligence\nprs.proofpoint.com"},
	{"common.user-unknown", "proofpoint.user-unknown", Proofpoint, "this is not a valid address\nuser address is marked as invalid"},
	{"common.verification-pending", "proofpoint.verification-pending", Proofpoint, "address verification in progress\nunverified address"},
}

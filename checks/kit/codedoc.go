package kit

// CodeDoc is the page of one finding code: what `maildiag checks mx.leftover`
// prints. Why and Sources may be empty: those of the check apply then.
type CodeDoc struct {
	Code    string   // API: the check's ID, a dot, the claim
	Means   string   // what the finding says
	Why     string   // what it does to mail
	Wrong   string   // when it is wrong to follow the advice
	Fix     string   // how to fix it
	Sources []string // RFC sections, Microsoft articles
}

// EveryCheck returns the pages of the codes that a check has whatever its topic.
func EveryCheck(c Check) []CodeDoc {
	return []CodeDoc{
		{
			Code:  c.ID + ".skipped",
			Means: "The check did not run: it does not apply to this domain, or a check that it needs failed. The finding names the reason.",
			Why:   "A skipped check says nothing about the domain, good or bad.",
			Wrong: "Nothing needs to be done if the check does not apply, for example a Microsoft check for a domain that is not on Microsoft 365.",
			Fix:   "Fix the check that failed first, then run again. To run the Microsoft checks anyway, use --expect m365.",
		},
		{
			Code:  c.ID + ".internal",
			Means: "maildiag failed while it ran this check. The domain is not at fault.",
			Why:   "What this check covers is unknown. All other checks ran.",
			Wrong: "Do not change the domain because of this finding.",
			Fix:   "Run again with --record FILE and report the fault with that file.",
		},
	}
}

// Package checks holds the table of checks, and the engine that examines a
// domain by it. What the checks know of mail on Microsoft 365 is in the packages
// below: [kit] has what all of them share, records, submission and refusal have
// the topics.
package checks

import (
	"maildiag/checks/kit"
	"maildiag/checks/records"
	"maildiag/checks/submission"
)

// All is the table of checks, in the order of the report. A new check is one
// function and one row.
func All() []kit.Check {
	needs := []string{"domain"}
	return []kit.Check{
		{ID: "domain", Title: "DOMAIN", Doc: records.DomainDoc, Run: records.Domain},
		{ID: "mx", Title: "MX", Needs: needs, Doc: records.MXDoc, Run: records.MX},
		{ID: "spf", Title: "SPF", Needs: needs, Doc: records.SPFDoc, Run: records.SPF},
		{ID: "dkim", Title: "DKIM", Needs: needs, Doc: records.DKIMDoc, Run: records.DKIM},
		{ID: "dmarc", Title: "DMARC", Needs: needs, Doc: records.DMARCDoc, Run: records.DMARC},
		{ID: "mtasts", Title: "MTA-STS", Needs: needs, Doc: records.MTASTSDoc, Run: records.MTASTS},
		{ID: "tlsrpt", Title: "TLS-RPT", Needs: needs, Doc: records.TLSRPTDoc, Run: records.TLSRPT},
		{ID: "dane", Title: "DANE", Needs: needs, Doc: records.DANEDoc, Run: records.DANE},
		{ID: "caa", Title: "CAA", Needs: needs, Doc: records.CAADoc, Run: records.CAA},
		{ID: "bimi", Title: "BIMI", Needs: needs, Doc: records.BIMIDoc, Run: records.BIMI},
		{ID: "autodiscover", Title: "AUTODISCOVER", Needs: needs, Doc: records.AutodiscoverDoc,
			Run: records.Autodiscover},
		{ID: "clients", Title: "CLIENT RECORDS", Needs: needs, Doc: records.ClientsDoc, Run: records.Clients},
		{ID: "submission", Title: "SUBMISSION", Needs: needs, Doc: submission.SubmissionDoc, Run: submission.Submission},
	}
}

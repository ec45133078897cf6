package records

import (
	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// parkedRecords returns the records of a domain that neither sends nor receives
// mail: null MX (RFC 7505 3), an SPF record that allows no sender, and p=reject.
func parkedRecords(domain string) []report.Edit {
	return []report.Edit{
		kit.Add(domain, dnsrec.TypeMX, "0 ."),
		kit.Add(domain, dnsrec.TypeTXT, parkedSPF),
		kit.Add(dmarc.Name(domain), dnsrec.TypeTXT, "v=DMARC1; p=reject"),
	}
}

// mailQuestion asks what mailOrParked leaves open.
func mailQuestion(domain string) string { return "Decide whether " + domain + " should have mail." }

// mailOrParked returns the alternatives for a domain of which only its owner
// knows whether it should have mail.
func mailOrParked(domain, withMail string, edits ...report.Edit) []report.Choice {
	return []report.Choice{
		{Label: "if " + domain + " should have mail", Text: withMail, Edits: edits},
		{Label: "if " + domain + " should not have mail", Edits: parkedRecords(domain),
			Text: "Publish a null MX record, an SPF record that allows no sender, and a DMARC record with p=reject, as far as they are " +
				"missing: receivers then reject mail that names the domain as its sender."},
	}
}

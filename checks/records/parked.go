package records

import (
	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
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

// mailOrAlias is mailOrParked for a name that may be an alias of a host: it has no other
// records (RFC 1034 3.6.2), and only a policy below it can be published.
func mailOrAlias(alias bool, domain, withMail string, edits ...report.Edit) []report.Choice {
	choices := mailOrParked(domain, withMail, edits...)
	if alias {
		choices[0].Text = "First replace the CNAME record with A and AAAA records: a name with a CNAME record can have no other records. " + withMail
		choices[1].Edits = choices[1].Edits[2:]
		choices[1].Text = "Publish a DMARC record with p=reject: receivers then reject mail that names it as its sender. The name is an alias (CNAME) and can have no MX or TXT records."
	}
	return choices
}

// mailOrKeys returns the alternatives for a domain whose records say that it sends and
// receives nothing, and which has keys to sign mail with. Its SPF record stays.
func mailOrKeys(domain, withMail string, parked ...report.Edit) []report.Choice {
	choices := mailOrParked(domain, withMail)
	choices[1].Edits = append(parkedRecords(domain)[:1], parked...)
	return choices
}

// signingKeys lists the selectors by whose keys mail of a domain may be signed.
func signingKeys(k *kit.Known) []string {
	f := gatherDKIM(k)
	return f.live().selectors()
}

// live returns the results with a key of the domain's own to sign with.
func (f *dkimFacts) live() (live dkimResults) {
	for _, r := range f.results {
		if f.real(r) && signable(r) {
			live = append(live, r)
		}
	}
	return live
}

// withdrawn returns the changes that delete what is published at a selector.
func withdrawn(r *dkim.Result) (edits []report.Edit) {
	if len(r.Answer.CNAMEs) > 0 {
		return []report.Edit{kit.Remove(r.Name, dnsrec.TypeCNAME, kit.FQDN(r.Answer.CNAMEs[0]))}
	}
	for _, v := range r.Answer.Values {
		edits = append(edits, kit.Remove(r.Name, dnsrec.TypeTXT, v))
	}
	return edits
}

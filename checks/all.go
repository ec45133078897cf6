package checks

import (
	"context"

	"maildiag/dnsrec"
	"maildiag/dnsrec/mtasts"
	"maildiag/dnsrec/tlsrpt"
)

// All is the table of checks, in the order of the report. A new check is one
// function and one row.
func All() []Check {
	apex := dnsrec.Canonical
	return []Check{
		{ID: "domain", Title: "DOMAIN", Doc: domainDoc, Run: runDomain,
			Ahead: rounds{asks(dnsrec.TypeMX, apex)}},
		{ID: "mx", Title: "MX", Needs: []string{"domain"}, Doc: mxDoc, Run: runMX,
			Ahead: rounds{asks(dnsrec.TypeMX, apex), thenMX, lastMX}},
		{ID: "spf", Title: "SPF", Needs: []string{"domain"}, Doc: spfDoc, Run: runSPF,
			Ahead: rounds{asks(dnsrec.TypeTXT, apex), thenSPF}},
		{ID: "dkim", Title: "DKIM", Needs: []string{"domain"}, Doc: dkimDoc, Run: runDKIM,
			Ahead: rounds{aheadDKIM, thenDKIM, lastDKIM}},
		{ID: "dmarc", Title: "DMARC", Needs: []string{"domain"}, Doc: dmarcDoc, Run: runDMARC,
			Ahead: rounds{aheadDMARC, thenDMARC}},
		{ID: "mtasts", Title: "MTA-STS", Needs: []string{"domain"}, Doc: mtastsDoc, Run: runMTASTS,
			Ahead: rounds{asks(dnsrec.TypeTXT, mtasts.RecordName), thenMTASTS}},
		{ID: "tlsrpt", Title: "TLS-RPT", Needs: []string{"domain"}, Doc: tlsrptDoc, Run: runTLSRPT,
			Ahead: rounds{asks(dnsrec.TypeTXT, tlsrpt.RecordName)}},
		{ID: "dane", Title: "DANE", Needs: []string{"domain"}, Doc: daneDoc, Run: runDANE,
			Ahead: rounds{1: thenDANE}},
		{ID: "bimi", Title: "BIMI", Needs: []string{"domain"}, Doc: bimiDoc, Run: runBIMI,
			Ahead: rounds{1: thenBIMI}},
		{ID: "autodiscover", Title: "AUTODISCOVER", Needs: []string{"domain"}, Doc: autodiscoverDoc,
			Run: runAutodiscover, Ahead: rounds{aheadAutodiscover}},
		{ID: "clients", Title: "CLIENT RECORDS", Needs: []string{"domain"}, Doc: clientsDoc, Run: runClients,
			Ahead: rounds{1: thenClients}},
		{ID: "submission", Title: "SUBMISSION", Needs: []string{"domain"}, Doc: submissionDoc, Run: runSubmission},
	}
}

// asks is the first round of a row that is sure to ask for one name, which is
// made of the domain.
func asks(t dnsrec.Type, name func(domain string) string) func(context.Context, *Env) []dnsrec.Query {
	return func(_ context.Context, env *Env) []dnsrec.Query { return dnsrec.Queries(t, name(env.Domain)) }
}

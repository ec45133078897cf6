package checks

// All is the table of checks, in the order of the report. A new check is one
// function and one row.
func All() []Check {
	return []Check{
		{ID: "domain", Title: "DOMAIN", Doc: domainDoc, Run: runDomain},
		{ID: "mx", Title: "MX", Needs: []string{"domain"}, Doc: mxDoc, Run: runMX},
		{ID: "spf", Title: "SPF", Needs: []string{"domain"}, Doc: spfDoc, Run: runSPF},
		{ID: "dkim", Title: "DKIM", Needs: []string{"domain"}, Doc: dkimDoc, Run: runDKIM},
		{ID: "dmarc", Title: "DMARC", Needs: []string{"domain"}, Doc: dmarcDoc, Run: runDMARC},
		{ID: "mtasts", Title: "MTA-STS", Needs: []string{"domain"}, Doc: mtastsDoc, Run: runMTASTS},
		{ID: "tlsrpt", Title: "TLS-RPT", Needs: []string{"domain"}, Doc: tlsrptDoc, Run: runTLSRPT},
		{ID: "dane", Title: "DANE", Needs: []string{"domain"}, Doc: daneDoc, Run: runDANE},
		{ID: "bimi", Title: "BIMI", Needs: []string{"domain"}, Doc: bimiDoc, Run: runBIMI},
		{ID: "autodiscover", Title: "AUTODISCOVER", Needs: []string{"domain"}, Doc: autodiscoverDoc, Run: runAutodiscover},
		{ID: "clients", Title: "CLIENT RECORDS", Needs: []string{"domain"}, Doc: clientsDoc, Run: runClients},
		{ID: "submission", Title: "SUBMISSION", Needs: []string{"domain"}, Doc: submissionDoc, Run: runSubmission},
	}
}

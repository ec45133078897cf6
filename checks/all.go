package checks

// All is the table of checks, in the order of the report. A new check is one
// function and one row.
func All() []Check {
	return []Check{
		{ID: "domain", Title: "DOMAIN", Doc: domainDoc, Run: runDomain},
		{ID: "mx", Title: "MX", Needs: []string{"domain"}, Doc: mxDoc, Run: runMX},
		{ID: "dkim", Title: "DKIM", Needs: []string{"domain"}, Doc: dkimDoc, Run: runDKIM},
		{ID: "autodiscover", Title: "AUTODISCOVER", Needs: []string{"domain"}, Doc: autodiscoverDoc, Run: runAutodiscover},
		{ID: "clients", Title: "CLIENT RECORDS", Needs: []string{"domain"}, Doc: clientsDoc, Run: runClients},
		{ID: "submission", Title: "SUBMISSION", Needs: []string{"domain"}, Doc: submissionDoc, Run: runSubmission},
	}
}

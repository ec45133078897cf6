package main

import (
	"strings"
	"testing"

	"maildiag/dnsrec/dnstest"
)

// TestBulkOfTable asks for the column of lists that are tables, and of no others.
func TestBulkOfTable(t *testing.T) {
	srv := dnstest.New(t, "")
	for list, hint := range map[string]string{
		"name,domain\nContoso,contoso.com\n":    "--column",
		"contoso.com;3\nfabrikam.com;4\n":       "--column",
		"id\tdomain\n1\tcontoso.com\n":          "--column",
		"not a domain\n":                        "one domain a line",
		"\n# contoso.com, fabrikam.com later\n": "one domain a line",
	} {
		code, out, errs := bulk(t, list, "--resolver", srv.Addr)
		_, got, _ := strings.Cut(errs, "maildiag: hint: ")
		if code != exitUsage || out != "" || !strings.Contains(got, hint) {
			t.Errorf("%q: exit code %d, %q, %s", list, code, out, errs)
		}
	}
}

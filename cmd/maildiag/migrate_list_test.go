package main

import (
	"bytes"
	"strings"
	"testing"
)

// A list keeps each domain once, however it is spelled, and counts the lines that
// name none; a list without a domain is a slip.
func TestReadDomains(t *testing.T) {
	for _, tc := range []struct {
		list, want string
		bad, code  int
	}{
		{"contoso.com\nContoso.COM.\nuser@contoso.com\n# x\n\nfabrikam.com\n", "contoso.com fabrikam.com", 0, exitOK},
		{"m\u00fcnchen.example\nxn--mnchen-3ya.example\n", "m\u00fcnchen.example", 0, exitOK},
		{"not a domain\ncontoso.com\n_dmarc.contoso.com\nsmtp.office365.com\n", "contoso.com", 3, exitOK},
		{"not a domain\n_dmarc.contoso.com\n", "", 2, exitUsage},
		{"", "", 0, exitUsage},
	} {
		var errs bytes.Buffer
		a := &app{err: &errs}
		names, bad, err := a.readDomains(strings.NewReader(tc.list), "list.txt")
		if got := strings.Join(names, " "); got != tc.want || err == nil && bad != tc.bad || a.exitCode(t.Context(), err) != tc.code {
			t.Errorf("%q: %q, %d bad, %v", tc.list, got, bad, err)
		}
		if n := strings.Count(errs.String(), "is left out: "); n != tc.bad || strings.Contains(errs.String(), "dnsrec") {
			t.Errorf("%q: %s", tc.list, errs.String())
		}
	}
}

package replies

import (
	"slices"
	"strings"
	"testing"
)

// TestResults explains 5.7.515 by what the reply says of SPF, DKIM and DMARC.
func TestResults(t *testing.T) {
	for results, want := range map[string][]string{
		"":                                       {"SPF or DKIM", "own DKIM key"},
		"Spf= Fail , Dkim= Fail , DMARC= Fail":   {"SPF does", "DKIM does"},
		"Spf= Pass , Dkim= Fail , DMARC= Fail":   {"DKIM does", "although SPF passed"},
		"Spf= Fail , Dkim= Pass , DMARC= Fail":   {"SPF does", "although DKIM passed"},
		"Spf=Pass, Dkim=Pass, DMARC=Fail":        {"although SPF and DKIM passed"},
		"Spf= Fail , Dkim= Pass , DMARC= Pass":   {"SPF does"},
		"SPF= None , DKIM= None , DMARC= None":   {"SPF does", "DKIM does"},
		"Spf= Pass , Dkim= Pass , DMARC= Pass":   {"SPF or DKIM", "own DKIM key"},
		"Spf= Fail , Dkim= Pass , DMARC= Fail [": {"SPF does", "although DKIM passed"},
	} {
		text := "Access denied, sending domain CONTOSO.COM doesn't meet the required authentication level. " + results
		row := Explain(Query{Code: 550, Enhanced: "5.7.515", Text: text})[0].Row
		same := slices.EqualFunc(row.Causes, want, func(cause, part string) bool { return strings.Contains(cause, part) })
		if row.ID != "outlook.auth-level" || !same || len(row.Fix) == 0 {
			t.Errorf("%s: %s %q", results, row.ID, row.Causes)
		}
	}
}

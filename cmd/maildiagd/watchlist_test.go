package main

import (
	"strings"
	"testing"
)

// A list has domains in the forms that maildiag bulk takes, with tags behind them or
// in columns. A line that cannot be read is named.
func TestReadWatched(t *testing.T) {
	for name, c := range map[string]struct{ text, column, tags, want string }{
		"plain":          {"contoso.com # main\n\n# none\nCONTOSO.com.\nfabrikam.com\r\n", "", "", "contoso.com; fabrikam.com"},
		"marks":          {"\xef\xbb\xbfcontoso.com\n", "", "", "contoso.com"},
		"other forms":    {"user@contoso.com\nhttps://fabrikam.com/\nbücher.example\n", "", "", "contoso.com; fabrikam.com; xn--bcher-kva.example"},
		"tags":           {"contoso.com tenant=x customer=\"Acme Ltd\" # main\nfabrikam.com\ttenant=y", "", "", `contoso.com customer="Acme Ltd" tenant=x; fabrikam.com tenant=y`},
		"the first one":  {"contoso.com a=1\ncontoso.com a=2", "", "", "contoso.com a=1"},
		"CSV":            {"Name,Domain,Tenant\nMain,contoso.com,x\nOther,fabrikam.com,\n", "domain", "tenant,name", "contoso.com name=Main tenant=x; fabrikam.com name=Other"},
		"CSV, one tag":   {"domain;tenant\ncontoso.com;\"a, b\"\n", "domain", "tenant", `contoso.com tenant="a, b"`},
		"CSV, numbered":  {"x,contoso.com\n", "2", "", "contoso.com"},
		"no such column": {"domain\ncontoso.com\n", "name", "", "!no column"},
		"no such tag":    {"domain\ncontoso.com\n", "domain", "tenant", "!line 2: no column"},
		"two domains":    {"contoso.com fabrikam.com\n", "", "", "!line 1: "},
		"no value":       {"contoso.com\nfabrikam.com tenant=\n", "", "", "!line 2: "},
		"label":          {"contoso.com severity=critical\n", "", "", "!line 1: "},
		"quote":          {"contoso.com a=\"b\n", "", "", "!line 1: "},
		"address":        {"contoso.com\n192.0.2.1\n", "", "", "!line 2: "},
		"words":          {"contoso.com\nno domain here\n", "", "", "!line 2: "},
		"one label":      {"contoso.com\nlocalhost\n", "", "", "!line 2: "},
		"NUL":            {"contoso.com\nb\x00.example\n", "", "", "!line 2: "},
		"nothing":        {"# contoso.com\n\n", "", "", "!the list has no domains"},
		"empty":          {"", "", "", "!the list has no domains"},
	} {
		var columns []string
		if c.tags != "" {
			columns = strings.Split(c.tags, ",")
		}
		list, err := readWatched(strings.NewReader(c.text), c.column, columns)
		var got []string
		for _, e := range list {
			got = append(got, strings.TrimSpace(e.Domain+" "+e.Tags.String()))
		}
		said, failed := strings.CutPrefix(c.want, "!")
		switch {
		case failed && (err == nil || !strings.HasPrefix(err.Error(), said) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: %v, %v", name, got, err)
		case !failed && (err != nil || strings.Join(got, "; ") != c.want):
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

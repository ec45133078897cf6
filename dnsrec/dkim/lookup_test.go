package dkim

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec"
)

// zone is a resolver made of a map from "name TYPE" to an answer; what it
// does not hold does not exist. It counts what it was asked.
type zone struct {
	rr    map[string]dnsrec.Answer
	asked []string
}

func (z *zone) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	z.asked = append(z.asked, q.String())
	a, ok := z.rr[q.String()]
	if !ok {
		a.Rcode = "NXDOMAIN"
	}
	a.Query = q
	if a.Rcode == "SERVFAIL" {
		return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindServFail, Rcode: a.Rcode}
	}
	return a, nil
}

func txt(values ...string) dnsrec.Answer { return dnsrec.Answer{Rcode: "NOERROR", Values: values} }

func TestLookup(t *testing.T) {
	good := "v=DKIM1; p=" + b64(rsaKey(2048))
	alias := txt(good)
	alias.CNAMEs = []string{"selector1-contoso-com._domainkey.contoso.onmicrosoft.com"}
	dangling := dnsrec.Answer{Rcode: "NXDOMAIN", CNAMEs: []string{"s._domainkey.gone.example"}}
	z := &zone{rr: map[string]dnsrec.Answer{
		"a._domainkey.example.com TXT": txt(good),
		"b._domainkey.example.com TXT": alias,
		"c._domainkey.example.com TXT": txt(good, "v=DKIM1; p="),
		"d._domainkey.example.com TXT": txt("v=spf1 -all"),
		"e._domainkey.example.com TXT": dangling,
		"f._domainkey.example.com TXT": txt(),
		"g._domainkey.example.com TXT": {Rcode: "SERVFAIL"},
	}}
	tests := []struct {
		selector            string
		keys, texts         int
		exists, nx, failure bool
	}{
		{"a", 1, 1, true, false, false},
		{"b", 1, 1, true, false, false},
		{"c", 2, 2, true, false, false},
		{"d", 0, 1, true, false, false},
		{"e", 0, 0, true, true, false},
		{"f", 0, 0, false, false, false},
		{"g", 0, 0, false, false, true},
		{"nix", 0, 0, false, true, false},
	}
	for _, tt := range tests {
		r := Lookup(t.Context(), z, "Example.COM.", tt.selector)
		if len(r.Keys()) != tt.keys || len(r.Texts) != tt.texts || r.Exists() != tt.exists ||
			r.Answer.NXDomain() != tt.nx || (r.Err != nil) != tt.failure {
			t.Errorf("%s: keys %d, texts %d, exists %v, nx %v, err %v", tt.selector, len(r.Keys()), len(r.Texts), r.Exists(), r.Answer.NXDomain(), r.Err)
		}
	}
	if len(z.asked) != len(tests) {
		t.Errorf("%d questions for %d selectors: %v", len(z.asked), len(tests), z.asked)
	}
	var de *dnsrec.Error
	if r := Lookup(t.Context(), z, "example.com", "g"); !errors.As(r.Err, &de) || de.Kind != dnsrec.KindServFail {
		t.Errorf("the kind of the failure is lost: %v", r.Err)
	}
}

func TestSameAs(t *testing.T) {
	z := &zone{rr: map[string]dnsrec.Answer{
		"a._domainkey.example.com TXT":                             txt("v=DKIM1; p=", "x"),
		Probe("example.com") + "._domainkey.example.com TXT":       txt("v=DKIM1; p=", "x"),
		"b._domainkey.example.com TXT":                             txt("v=DKIM1; p=" + b64(rsaKey(1024))),
		"selector1-contoso-com._domainkey.contoso.example.com TXT": txt(),
	}}
	look := func(s string) *Result { return Lookup(t.Context(), z, "example.com", s) }
	probe := look(Probe("example.com"))
	if !look("a").SameAs(probe) || look("b").SameAs(probe) || look("none").SameAs(look("none2")) {
		t.Error("a wildcard is the same data, and nothing is not the same as nothing")
	}
	if Probe("Example.com.") != Probe("example.com") || Probe("a.example") == Probe("b.example") {
		t.Error("the probe must depend on the domain alone")
	}
}

func TestSelectors(t *testing.T) {
	if c := Core(); len(c) != 9 || c[0] != "selector1" {
		t.Errorf("core selectors: %v", c)
	}
	got := Suggested([]string{"in1-smtp.messagingengine.com"}, []string{"mail.zendesk.com", "spf.mandrillapp.com", "sendgrid.net"})
	want := []string{"mandrill", "zendesk1", "fm1", "mte1", "zendesk2", "fm2", "smtpapi", "mte2", "fm3", "mesmtp"}
	if !slices.Equal(got, want) {
		t.Errorf("suggested %v, want %v", got, want)
	}
	if got := Suggested([]string{"mx.notzendesk.com"}, nil); got != nil {
		t.Errorf("a name that only ends alike suggests %v", got)
	}
	for _, p := range providers {
		if len(p.Selectors) == 0 || len(p.MX)+len(p.SPF) == 0 {
			t.Errorf("%s: no selector, or nothing that points at it", p.Name)
		}
		for _, s := range append(slices.Concat(p.Selectors, p.MX), p.SPF...) {
			if s != strings.ToLower(s) || strings.HasPrefix(s, ".") {
				t.Errorf("%s: %q is not canonical", p.Name, s)
			}
		}
	}
}

package main

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// The zone of a record is the nearest with name servers, and its TTL is what
// they say, not what is left of it in a resolver.
func TestSurvey(t *testing.T) {
	answers := func(ttl time.Duration) dnsrec.Resolver {
		zone := map[string]dnsrec.Answer{
			"contoso.com NS": {Values: []string{"ns.contoso.com"}}, "ns.contoso.com A": {Values: []string{"192.0.2.53"}},
			"child.contoso.com NS":         {Values: []string{"ns.contoso.com"}},
			"sub.contoso.com TXT":          {Values: []string{"v=spf1 -all"}},
			"autodiscover.contoso.com NS":  {CNAMEs: []string{"other.example"}, Values: []string{"ns.other.example"}},
			"_dmarc.child.contoso.com TXT": {Values: []string{"a", "b"}},
		}
		return kit.ResolverFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
			a := zone[q.String()]
			a.Query, a.TTL = q, ttl
			return a, nil
		})
	}
	p := report.Plan{Steps: []report.Step{
		{Action: report.ActionChange, Name: "sub.contoso.com.", Type: "TXT", Remove: []string{"v=spf1 -all"}, Add: []string{"v=spf1 ~all"}},
		{Action: report.ActionChange, Name: "_dmarc.child.contoso.com.", Type: "TXT", Remove: []string{"a"}, Add: []string{"c"}},
		{Action: report.ActionAdd, Name: "autodiscover.contoso.com.", Type: "CNAME", Add: []string{"x.example."}, TTL: 3600},
		{Action: report.ActionRun, Text: "x"},
	}}
	asked := 0
	g := ground{dns: answers(17 * time.Second), open: func(servers []netip.Addr) (dnsrec.Resolver, func()) {
		asked++
		return answers(5 * time.Minute), func() {}
	}}
	if zones := g.survey(t.Context(), &p); !slices.Equal(zones, []string{"child.contoso.com", "contoso.com"}) {
		t.Errorf("zones: %v", zones)
	}
	var ttls []int
	for _, s := range p.Steps {
		ttls = append(ttls, s.TTL)
	}
	if !slices.Equal(ttls, []int{300, 0, 3600, 0}) || asked != 2 { // an RRset that differs has no TTL
		t.Errorf("TTLs %v of %d zones", ttls, asked)
	}
}

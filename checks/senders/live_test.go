package senders

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/checks/senders/dmarcreport"
	"maildiag/dnsrec"
)

// zone answers from a table; other names do not exist.
type zone map[dnsrec.Query][]string

func (z zone) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	if values, ok := z[q]; ok {
		return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: values}, nil
	}
	return dnsrec.Answer{Query: q, Rcode: "NXDOMAIN"}, nil
}

func dns(name string, t dnsrec.Type, values ...string) (dnsrec.Query, []string) {
	return dnsrec.Q(name, t), values
}

func contoso() zone {
	z := zone{}
	add := func(q dnsrec.Query, v []string) { z[q] = v }
	add(dns("contoso.com", dnsrec.TypeTXT, "v=spf1 include:spf.protection.outlook.com include:sendgrid.net ip4:198.51.100.9 -all"))
	add(dns("spf.protection.outlook.com", dnsrec.TypeTXT, "v=spf1 ip4:40.107.0.0/16 -all"))
	add(dns("sendgrid.net", dnsrec.TypeTXT, "v=spf1 ip4:167.89.0.0/17 -all"))
	add(dns("_dmarc.contoso.com", dnsrec.TypeTXT, "v=DMARC1; p=none"))
	add(dns("9.7.33.45.in-addr.arpa", dnsrec.TypePTR, "crm.contoso.com"))
	add(dns("crm.contoso.com", dnsrec.TypeA, "45.33.7.9"))
	add(dns("8.7.33.45.in-addr.arpa", dnsrec.TypePTR, "forged.contoso.com")) // whose own address is another
	return z
}

func (d *Domain) source(name string) *Source {
	if i := slices.IndexFunc(d.Sources, func(s *Source) bool { return s.Name == name }); i >= 0 {
		return d.Sources[i]
	}
	return &Source{}
}

// With the DNS a server has its name, and only a confirmed one counts.
func TestLiveNames(t *testing.T) {
	m := newMonth(3)
	m.microsoft(50)
	for _, a := range []string{"45.33.7.9", "45.33.7.8"} {
		m.row(3, 1, own, dmarcreport.Row{Source: netip.MustParseAddr(a), Count: 700, SPFResults: spfOf("contoso.com", "fail")})
	}
	m.row(3, 1, own, dmarcreport.Row{Source: netip.MustParseAddr("167.89.0.5"), Count: 700, SPFResults: spfOf("bounce.example", "none")})
	d := m.judged(t, Options{Live: contoso()})
	if s := d.source("45.33.7.9 crm.contoso.com"); s.Kind != Own || s.Rule != "host-name" {
		t.Errorf("confirmed: %+v", s)
	}
	if s := d.source("unknown"); s.Kind != Unknown || s.Messages != 700 {
		t.Errorf("forged: %+v", s)
	}
	if s := d.source("Twilio SendGrid"); s.Kind != Own || s.Rule != "spf-listed" {
		t.Errorf("listed: %+v", s)
	}
	offline := m.judged(t, Options{})
	if s := offline.source("unknown"); s.Messages != 2100 {
		t.Errorf("offline: %+v", s)
	}
}

// A changed SPF record is evaluated for the mail whose envelope is the domain's.
func TestWhatIf(t *testing.T) {
	m := newMonth(4)
	m.steadily(50, 1, own, func() dmarcreport.Row { // unsigned
		return dmarcreport.Row{Source: addr("40.107.0.0", 4), SPF: "pass", SPFResults: spfOf("contoso.com", "pass")}
	})
	m.crm("203.0.113.40", 5, 1)
	for name, test := range map[string]struct {
		opt  Options
		want Answer
		lost int
	}{
		"as it is":    {Options{Live: contoso()}, NotSafe, 1},
		"with":        {Options{Live: contoso(), With: []string{"ip4:203.0.113.40"}}, Safe, 0},
		"without":     {Options{Live: contoso(), Without: []string{"microsoft"}}, NotSafe, 2},
		"both":        {Options{Live: contoso(), With: []string{"ip4:203.0.113.0/24"}, Without: []string{"sendgrid"}}, Safe, 0},
		"no resolver": {Options{}, NotSafe, 1},
	} {
		if d := m.judged(t, test.opt); d.Verdict.Answer != test.want || d.Verdict.Sources != test.lost {
			t.Errorf("%s: %+v", name, d.Verdict)
		}
	}
	if _, err := m.c.Judge(t.Context(), Options{With: []string{"mx"}}); !errors.Is(err, ErrNeedsLive) {
		t.Errorf("without a resolver: %v", err)
	}
	for _, opt := range []Options{{Live: contoso(), Without: []string{"google"}}, {Live: zone{}, With: []string{"mx"}},
		{Live: contoso(), With: []string{"nonsense:x"}}} {
		if _, err := m.c.Judge(t.Context(), opt); err == nil {
			t.Errorf("%+v: no error", opt)
		}
	}
}

// slow answers after a while, of the virtual clock of a test.
type slow struct{ dnsrec.Resolver }

func (s slow) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	select {
	case <-time.After(time.Second):
		return s.Resolver.Lookup(ctx, q)
	case <-ctx.Done():
		return dnsrec.Answer{}, ctx.Err()
	}
}

// Many domains are looked up at the same time, and reported in order.
func TestManyDomainsLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := func(domains int) (*Collector, time.Duration) {
			c := NewCollector(time.Time{}, time.Time{})
			for i := range domains {
				name := fmt.Sprintf("d%02d.example", i)
				rep := dmarcreport.Report{Org: "x", ID: name, Policy: dmarcreport.Policy{Domain: name, P: "none"}}
				c.report(&rep, dmarcreport.Row{Source: netip.MustParseAddr("45.33.7.9"), Count: int64(100 - i), HeaderFrom: name})
			}
			began := time.Now()
			all, err := c.Judge(t.Context(), Options{Live: slow{contoso()}})
			if err != nil || len(all) != domains {
				t.Fatalf("%d domains, %v", len(all), err)
			}
			for i, d := range all {
				if d.Name != fmt.Sprintf("d%02d.example", i) {
					t.Errorf("%d: %s", i, d.Name)
				}
			}
			return c, time.Since(began)
		}
		_, one := of(1)
		c, many := of(2 * liveAtOnce)
		if one == 0 || many > 2*one {
			t.Errorf("one domain takes %v, %d take %v", one, 2*liveAtOnce, many)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Judge(ctx, Options{Live: slow{contoso()}}); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
	})
}

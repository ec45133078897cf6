package senders

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"maildiag/checks/senders/dmarcreport"
)

// truth is what a generated flow is.
type truth string

const (
	own      truth = "own"
	indirect truth = "indirect" // forwarders and lists
	spoof    truth = "spoof"
)

// month generates a month of reports of a domain whose senders are known.
type month struct {
	rng    *rand.Rand
	c      *Collector
	of     map[netip.Addr]truth
	totals map[truth]int64
	orgs   []string
	start  time.Time
	file   int
}

func newMonth(seed uint64) *month {
	return &month{rng: rand.New(rand.NewPCG(seed, 1)), c: NewCollector(time.Time{}, time.Time{}), of: map[netip.Addr]truth{},
		totals: map[truth]int64{}, start: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
		orgs: []string{"google.com", "Yahoo", "Outlook.com", "Enterprise Outlook", "mimecast.org", "GMX", "Fastmail", "comcast.net"}}
}

const days = 30

// report counts a report of some rows.
func (c *Collector) report(rep *dmarcreport.Report, rows ...dmarcreport.Row) {
	b, err := c.Open(rep)
	if err != nil {
		panic(err)
	}
	for i := range rows {
		b.Add(&rows[i])
	}
	if err := b.Count("f", true); err != nil {
		panic(err)
	}
}

// row counts messages of a day, at one reporter.
func (m *month) row(day int, reporter int, kind truth, row dmarcreport.Row) {
	if row.Count <= 0 {
		return
	}
	m.file++
	begin := m.start.AddDate(0, 0, day)
	rep := dmarcreport.Report{Org: m.orgs[reporter%len(m.orgs)], ID: fmt.Sprint(m.file), Begin: begin, End: begin.Add(24*time.Hour - time.Second),
		Policy: dmarcreport.Policy{Domain: "contoso.com", P: "none"}}
	if row.HeaderFrom == "" {
		row.HeaderFrom = "contoso.com"
	}
	m.c.report(&rep, row)
	m.of[row.Source] = kind
	m.totals[kind] += row.Count
}

func addr(s string, n int) netip.Addr {
	a := netip.MustParseAddr(s).As4()
	a[3] += byte(n)
	a[2] += byte(n >> 8)
	return netip.AddrFrom4(a)
}

func dkim(domain, selector, result string) dmarcreport.DKIMResult {
	return dmarcreport.DKIMResult{Domain: domain, Selector: selector, Result: result}
}

func spfOf(domain, result string) []dmarcreport.SPFResult {
	return []dmarcreport.SPFResult{{Domain: domain, Scope: "mfrom", Result: result}}
}

// steadily sends n messages a day on working days to several reporters.
func (m *month) steadily(n, every int, kind truth, row func() dmarcreport.Row) {
	for day := range days {
		if day%every != 0 {
			continue
		}
		for rep := range m.orgs {
			r := row()
			r.Count = int64(m.rng.IntN(n) + 1)
			m.row(day, rep, kind, r)
		}
	}
}

// microsoft is the mail of a tenant, well set up.
func (m *month) microsoft(n int) {
	m.steadily(n, 1, own, func() dmarcreport.Row {
		return dmarcreport.Row{Source: addr("40.107.0.0", m.rng.IntN(400)), DKIM: "pass", SPF: "pass",
			DKIMResults: []dmarcreport.DKIMResult{dkim("contoso.com", "selector1", "pass")}, SPFResults: spfOf("contoso.com", "pass")}
	})
}

// forwarders pass on Microsoft's mail: signature good, SPF of the forwarder or failed.
func (m *month) forwarders(n, count int) {
	for f := range n {
		for range count {
			row := dmarcreport.Row{Source: addr("198.51.0.0", f*3), Count: 1 + int64(m.rng.IntN(3)), DKIM: "pass", SPF: "fail",
				DKIMResults: []dmarcreport.DKIMResult{dkim("contoso.com", "selector1", "pass")}, SPFResults: spfOf("contoso.com", "softfail")}
			if f%2 == 0 {
				row.SPFResults = spfOf(fmt.Sprintf("fw%d.example", f), "pass")
			}
			m.row(m.rng.IntN(days), m.rng.IntN(8), indirect, row)
		}
	}
}

// lists break the signature and add their own.
func (m *month) lists(n, count int) {
	for f := range n {
		list := fmt.Sprintf("list%d.example", f)
		for range count {
			m.row(m.rng.IntN(days), m.rng.IntN(8), indirect, dmarcreport.Row{Source: addr("203.0.113.0", f), Count: 1 + int64(m.rng.IntN(5)),
				DKIM: "fail", SPF: "fail", SPFResults: spfOf(list, "pass"),
				DKIMResults: []dmarcreport.DKIMResult{dkim("contoso.com", "selector1", "fail"), dkim(list, "l", "pass")}})
		}
	}
}

// botnet sends a few messages each from many addresses.
func (m *month) botnet(n int) {
	for range n {
		a := netip.AddrFrom4([4]byte{byte(60 + m.rng.IntN(30)), byte(m.rng.IntN(256)), byte(m.rng.IntN(256)), byte(m.rng.IntN(256))})
		day := m.rng.IntN(days)
		for i := range 1 + m.rng.IntN(2) {
			m.row(min(day+i, days-1), m.rng.IntN(8), spoof, dmarcreport.Row{Source: a, Count: 1 + int64(m.rng.IntN(4)), DKIM: "fail", SPF: "fail",
				SPFResults: spfOf("contoso.com", "softfail")})
		}
	}
}

// burst is a campaign from one rented server, in a network of its own.
func (m *month) burst(i int, count int64) {
	m.row(m.rng.IntN(days), m.rng.IntN(8), spoof, dmarcreport.Row{Source: addr("185.0.0.0", i<<8), Count: count, DKIM: "fail", SPF: "fail",
		SPFResults: spfOf("contoso.com", "fail")})
}

// sendgrid is a service without domain authentication.
func (m *month) sendgrid(n int) {
	m.steadily(n, 3, own, func() dmarcreport.Row {
		return dmarcreport.Row{Source: addr("167.89.0.0", m.rng.IntN(3)), DKIM: "fail", SPF: "fail",
			DKIMResults: []dmarcreport.DKIMResult{dkim("sendgrid.net", "smtpapi", "pass")}, SPFResults: spfOf("u1234.wl.sendgrid.net", "pass")}
	})
}

// crm is a server of one's own that nobody authorized.
func (m *month) crm(a string, n, every int) {
	m.steadily(n, every, own, func() dmarcreport.Row {
		return dmarcreport.Row{Source: netip.MustParseAddr(a), DKIM: "fail", SPF: "fail", SPFResults: spfOf("contoso.com", "softfail")}
	})
}

// printers send a message now and then from a network with an authorized server.
func (m *month) office() {
	m.steadily(2, 5, own, func() dmarcreport.Row {
		return dmarcreport.Row{Source: netip.MustParseAddr("192.0.2.7"), DKIM: "fail", SPF: "pass", SPFResults: spfOf("contoso.com", "pass")}
	})
	for range 5 {
		m.row(m.rng.IntN(days), m.rng.IntN(8), own, dmarcreport.Row{Source: netip.MustParseAddr("192.0.2.9"), Count: 1, DKIM: "fail", SPF: "fail",
			SPFResults: spfOf("contoso.com", "softfail")})
	}
}

// mailchimp signs with the domain, from an envelope of its own.
func (m *month) mailchimp(n int) {
	m.steadily(n, 7, own, func() dmarcreport.Row {
		return dmarcreport.Row{Source: addr("148.105.0.0", m.rng.IntN(20)), DKIM: "pass", SPF: "fail",
			DKIMResults: []dmarcreport.DKIMResult{dkim("contoso.com", "k2", "pass"), dkim("mcsv.net", "k2", "pass")},
			SPFResults:  spfOf("mail33.atl11.rsgsv.net", "pass")}
	})
}

// judged returns the report on the only domain.
func (m *month) judged(t *testing.T, opt Options) *Domain {
	t.Helper()
	all, err := m.c.Judge(context.Background(), opt)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d domains, %v", len(all), err)
	}
	return all[0]
}

func (k Kind) truth() truth {
	switch k {
	case Own, Probable:
		return own
	case Forwarder, List:
		return indirect
	case Spoofing:
		return spoof
	}
	return ""
}

// Months of known truth are classified right, and no sender of one's own is
// ever called spoofing.
func TestClassification(t *testing.T) {
	for seed := range uint64(40) {
		m := newMonth(seed)
		m.microsoft(40 + m.rng.IntN(200))
		m.forwarders(1+m.rng.IntN(12), 1+m.rng.IntN(20))
		m.lists(m.rng.IntN(4), 5)
		m.botnet(m.rng.IntN(200))
		for i := range m.rng.IntN(5) {
			m.burst(i, 10+int64(m.rng.IntN(50)))
		}
		m.mailchimp(1 + m.rng.IntN(40))
		m.office()
		if m.rng.IntN(2) == 0 {
			m.sendgrid(1 + m.rng.IntN(30))
		}
		if m.rng.IntN(2) == 0 {
			m.crm("45.33.7.9", 1+m.rng.IntN(6), 1+m.rng.IntN(6))
		}
		d := m.judged(t, Options{})
		var right, all int64
		for _, s := range d.Sources {
			for a, n := range s.perAddress {
				all += n
				want := m.of[a]
				if s.Kind.truth() == want {
					right += n
				}
				if want == own && s.Kind == Spoofing {
					t.Errorf("seed %d: %s, own, is called spoofing by %s", seed, a, s.Rule)
				}
			}
		}
		if all != d.Messages || float64(right) < 0.99*float64(all) {
			t.Errorf("seed %d: %d of %d right", seed, right, all)
			for _, s := range d.Sources {
				for a, n := range s.perAddress {
					if s.Kind.truth() != m.of[a] {
						t.Logf("  %s %s: %d as %s %s (%s)", a, m.of[a], n, s.Kind, s.Name, s.Rule)
					}
				}
			}
		}
	}
}

func TestVerdict(t *testing.T) {
	for name, test := range map[string]struct {
		send func(*month)
		want Answer
		lost int
	}{
		"finished":      {func(m *month) { m.microsoft(50); m.forwarders(3, 5); m.botnet(50) }, Safe, 0},
		"printers":      {func(m *month) { m.microsoft(50); m.office() }, NotSafe, 1},
		"service":       {func(m *month) { m.microsoft(50); m.sendgrid(20) }, NotSafe, 1},
		"own server":    {func(m *month) { m.microsoft(50); m.crm("45.33.7.9", 5, 2); m.sendgrid(9) }, NotSafe, 2},
		"few messages":  {func(m *month) { m.forwarders(2, 5) }, NotEnoughData, 0},
		"only spoofing": {func(m *month) { m.botnet(300) }, NotEnoughData, 0},
		"big unknown":   {func(m *month) { m.microsoft(10); m.burst(1, 5000) }, NotEnoughData, 0},
	} {
		m := newMonth(7)
		test.send(m)
		d := m.judged(t, Options{})
		if d.Verdict.Answer != test.want || d.Verdict.Sources != test.lost {
			t.Errorf("%s: %+v", name, d.Verdict)
		}
	}
}

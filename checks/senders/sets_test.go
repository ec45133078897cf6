package senders

import (
	"fmt"
	"net/netip"
	"testing"

	"maildiag/checks/senders/dmarcreport"
)

// row of a source with these results.
func from(address string, spf []dmarcreport.SPFResult, signatures ...dmarcreport.DKIMResult) func() dmarcreport.Row {
	return func() dmarcreport.Row {
		return dmarcreport.Row{Source: netip.MustParseAddr(address), SPFResults: spf, DKIMResults: signatures}
	}
}

// on sends n messages on each of some days to one reporter.
func (m *month) on(kind truth, n int64, row func() dmarcreport.Row, when ...int) {
	for i, day := range when {
		r := row()
		r.Count = n
		m.row(day, i, kind, r)
	}
}

// bare is the mail of a server that nobody authorized.
func bare(address string) func() dmarcreport.Row {
	return from(address, spfOf("contoso.com", "softfail"))
}

// unsignedMicrosoft is the mail of a tenant without DKIM.
func (m *month) unsignedMicrosoft(n int) {
	m.steadily(n, 1, own, from("40.107.1.1", spfOf("contoso.com", "pass")))
}

// reportSet is a month of reports with known truth, and whether p=reject costs no mail
// of the domain's own senders.
type reportSet struct {
	send func(*month)
	safe bool
}

func reportSets() map[string]reportSet {
	return map[string]reportSet{
		"sister tenant": {func(m *month) {
			m.microsoft(50)
			m.steadily(10, 1, own, from("40.107.9.9", spfOf("sister.example", "pass")))
		}, false},
		"sister tenant, a little": {func(m *month) {
			m.microsoft(300)
			m.on(own, 6, from("40.107.9.9", spfOf("sister.example", "pass")), 1, 5, 9, 14, 20, 27)
		}, false},
		"sister tenant, its own signature": {func(m *month) {
			m.microsoft(50)
			m.steadily(5, 1, own, from("40.107.9.9", spfOf("sister.example", "pass"), dkim("sister.example", "selector1", "pass")))
		}, false},
		"sister tenant of a domain without DKIM": {func(m *month) {
			m.unsignedMicrosoft(50)
			m.steadily(4, 1, own, from("40.107.9.9", spfOf("sister.example", "pass")))
		}, false},
		"tenant not named as the domain": {func(m *month) {
			m.microsoft(50)
			m.steadily(5, 2, own, from("40.107.9.9", spfOf("holding.example", "pass"), dkim("agholding.onmicrosoft.com", "s", "pass")))
		}, false},
		"tenants that forward for a domain without DKIM": {func(m *month) {
			m.unsignedMicrosoft(50)
			for i := range 4 {
				m.on(indirect, 5, from(fmt.Sprintf("40.107.9.%d", i+1), spfOf(fmt.Sprintf("fw%d.example", i), "pass")), i, i+9)
			}
		}, true},
		"tenant of a spoofer": {func(m *month) {
			m.microsoft(50)
			m.on(spoof, 30, from("40.107.9.9", spfOf("evil.example", "pass"), dkim("evil.onmicrosoft.com", "s", "pass")), 11)
		}, true},
		"tenants that forward signed mail": {func(m *month) {
			m.microsoft(50)
			m.steadily(2, 3, indirect, from("40.107.9.9", spfOf("fw.example", "pass"), dkim("contoso.com", "selector1", "pass")))
		}, true},
		"monthly invoices": {func(m *month) {
			m.microsoft(100)
			m.botnet(100)
			m.on(own, 40, bare("45.33.7.9"), 1, 29)
		}, true}, // less than 1 %
		"many monthly invoices": {func(m *month) {
			m.microsoft(20)
			m.botnet(50)
			m.on(own, 300, bare("45.33.7.9"), 1, 29)
		}, false},
		"device that reports a few times": {func(m *month) {
			m.microsoft(50)
			m.botnet(200)
			m.on(own, 1, bare("45.33.7.9"), 3, 14, 27)
		}, true}, // three messages
		"backups of every week": {func(m *month) {
			m.microsoft(50)
			m.botnet(200)
			m.on(own, 1, bare("45.33.7.9"), 1, 8, 15, 22, 29)
		}, false},
		"Amazon SES without domain authentication": {func(m *month) {
			m.microsoft(50)
			m.steadily(4, 2, own, from("54.240.1.9", spfOf("eu-west-1.amazonses.com", "pass"), dkim("amazonses.com", "s", "pass")))
		}, false},
		"Google Workspace of before": {func(m *month) {
			m.microsoft(50)
			m.steadily(9, 1, own, from("209.85.220.41", spfOf("contoso.com", "pass"), dkim("contoso.com", "google", "pass")))
			m.botnet(80)
		}, true},
		"key taken out": {func(m *month) {
			m.microsoft(50)
			m.steadily(9, 1, own, from("45.33.7.9", spfOf("crm.example", "pass"), dkim("contoso.com", "crm", "permerror")))
		}, false},
		"subdomain of a shop": {func(m *month) {
			m.microsoft(50)
			m.steadily(5, 1, own, func() dmarcreport.Row {
				return dmarcreport.Row{Source: netip.MustParseAddr("45.33.7.9"), HeaderFrom: "shop.contoso.com", SPFResults: spfOf("shop.contoso.com", "none")}
			})
		}, false},
		"subdomain of a shop, signed": {func(m *month) {
			m.microsoft(50)
			m.steadily(5, 1, own, func() dmarcreport.Row {
				return dmarcreport.Row{Source: netip.MustParseAddr("45.33.7.9"), HeaderFrom: "shop.contoso.com", SPFResults: spfOf("bounce.example", "pass"),
					DKIMResults: []dmarcreport.DKIMResult{dkim("contoso.com", "shop", "pass")}}
			})
		}, true},
		"spoofed subdomains": {func(m *month) {
			m.microsoft(50)
			for i := range 60 {
				m.row(i%days, i, spoof, dmarcreport.Row{Source: netip.AddrFrom4([4]byte{91, byte(i), 3, 4}), Count: 1, HeaderFrom: fmt.Sprintf("x%d.contoso.com", i),
					SPFResults: spfOf(fmt.Sprintf("x%d.contoso.com", i), "none")})
			}
		}, true},
		"lists that the receiver knows": {func(m *month) {
			m.microsoft(50)
			m.steadily(2, 1, indirect, func() dmarcreport.Row {
				return dmarcreport.Row{Source: netip.MustParseAddr("45.33.7.9"), SPFResults: spfOf("list.example", "pass"),
					Reasons: []dmarcreport.Reason{{Type: "mailing_list"}}}
			})
		}, true},
		"forwarder with ARC": {func(m *month) {
			m.microsoft(50)
			m.steadily(2, 1, indirect, func() dmarcreport.Row {
				return dmarcreport.Row{Source: netip.MustParseAddr("45.33.7.9"), SPFResults: spfOf("contoso.com", "softfail"),
					Reasons: []dmarcreport.Reason{{Type: "local_policy", Comment: "arc=pass"}}}
			})
		}, true},
		"server of IPv6 with many addresses": {func(m *month) {
			m.microsoft(50)
			for day := range 10 {
				m.on(own, 3, bare(fmt.Sprintf("2a02:db8:1:2::%x", day+1)), 3*day)
			}
		}, false},
		"spoofer that forges a signature": {func(m *month) {
			m.microsoft(50)
			for i := range 40 {
				m.on(spoof, 1, from(fmt.Sprintf("91.%d.3.4", i), spfOf("contoso.com", "fail"), dkim("contoso.com", "selector1", "fail")), i%days)
			}
		}, true},
		"government cloud": {func(m *month) {
			m.steadily(50, 1, own, from("40.107.1.1", spfOf("contoso.com", "pass"), dkim("contoso.com", "selector1", "pass")))
			m.steadily(4, 1, own, from("45.33.7.9", spfOf("contoso.com", "temperror")))
		}, false},
	}
}

// No sender of the domain's own is called spoofing, and no policy safe that costs its
// mail; nor does spoofed or forwarded mail stop the domain's owner.
func TestReportSets(t *testing.T) {
	for name, set := range reportSets() {
		for seed := range uint64(3) {
			m := newMonth(100 + seed)
			set.send(m)
			d := m.judged(t, Options{})
			for _, s := range d.Sources {
				for a := range s.perAddress {
					if m.of[a] == own && s.Kind == Spoofing || m.of[a] == spoof && s.Kind == Own {
						t.Errorf("%s: %s, %s, is %s by %s", name, a, m.of[a], s.Kind, s.Rule)
					}
				}
			}
			if (d.Verdict.Answer == Safe) != set.safe {
				t.Errorf("%s: %+v", name, d.Verdict)
			}
		}
	}
}

// A domain in envelope senders that is not one's own is left out, and mail that
// passes is not.
func TestNotMineFor(t *testing.T) {
	m := newMonth(9)
	reportSets()["sister tenant"].send(m)
	for domain, want := range map[string]Answer{"sister.example": Safe, "contoso.com": NotEnoughData, "other.example": NotEnoughData} {
		d := m.judged(t, Options{NotMineFor: []string{domain}})
		if d.Verdict.Answer != want || d.at("40.107.0.1").Kind == Spoofing {
			t.Errorf("%s: %+v", domain, d.Verdict)
		}
	}
}

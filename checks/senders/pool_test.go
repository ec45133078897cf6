package senders

import (
	"net/netip"
	"strings"
	"testing"

	"maildiag/checks/senders/dmarcreport"
	"maildiag/dnsrec/dmarc"
)

// pool sends mail that nobody authorized from many addresses of one network, on
// some days.
func (m *month) pool(prefix string, addresses, onDays, each int) {
	base := netip.MustParsePrefix(prefix).Addr()
	var all []netip.Addr
	for range addresses {
		base = base.Next()
		all = append(all, base)
	}
	for i, a := range all {
		m.row(i%onDays, i%3, own, dmarcreport.Row{Source: a, Count: int64(each), SPFResults: spfOf("contoso.com", "softfail")})
	}
}

// However many addresses one network has, it is one source: it is not called
// spoofing, and the policy is not called safe while it fails.
func TestPoolIsOneSource(t *testing.T) {
	for _, c := range []struct {
		prefix                string
		addresses, days, each int
	}{
		{"45.33.7.0/24", 40, 2, 10}, {"45.33.7.0/24", 40, 1, 6}, {"45.33.7.0/24", 20, 1, 10}, {"45.33.7.0/24", 5, 2, 60},
		{"2a02:db8::/64", 14, 14, 2}, {"2a02:db8::/64", 60, 3, 5}, {"45.33.7.0/24", 200, 20, 1}, {"45.33.7.0/24", 1, 1, 300},
	} {
		m := newMonth(3)
		m.microsoft(5)
		m.pool(c.prefix, c.addresses, c.days, c.each)
		d := m.judged(t, Options{})
		if d.Verdict.Answer == Safe {
			t.Errorf("%+v: %+v", c, d.Verdict)
		}
		for _, s := range d.Sources {
			for a := range s.perAddress {
				if m.of[a] == own && s.Kind == Spoofing {
					t.Fatalf("%+v: spoofing by %s", c, s.Rule)
				}
			}
		}
	}
}

// A server that sends a little on many days may be a printer: the policy is not
// called safe before somebody knows, be it seen by one reporter only.
func TestQuietDevice(t *testing.T) {
	for _, each := range []int64{1, 2, 5, 20} {
		for _, onDays := range []int{4, 14, 30} {
			m := newMonth(4)
			m.microsoft(300)
			for day := range onDays {
				m.row(day, 0, own, dmarcreport.Row{Source: netip.MustParseAddr("45.33.7.9"), Count: each, SPFResults: spfOf("contoso.com", "softfail")})
			}
			if v := m.judged(t, Options{}).Verdict; v.Answer == Safe {
				t.Errorf("%d messages on %d days: %+v", each, onDays, v)
			}
			v := m.judged(t, Options{NotMine: []netip.Prefix{netip.MustParsePrefix("45.33.7.0/24")}}).Verdict
			if v.Answer != Safe {
				t.Errorf("not mine, %d messages on %d days: %+v", each, onDays, v)
			}
		}
	}
}

// The advice mends what fails: an address is listed only where SPF is checked for
// a name of the domain, and in the record of that name.
func TestRepairs(t *testing.T) {
	const server = "45.33.7.9"
	signed := func(r ...dmarcreport.DKIMResult) []dmarcreport.DKIMResult { return r }
	for name, c := range map[string]struct {
		spf    []dmarcreport.SPFResult
		dkim   []dmarcreport.DKIMResult
		from   string
		has    string
		hasNot string
	}{
		"not listed":            {spfOf("contoso.com", "softfail"), nil, "", "ip4:" + server + " to the SPF record of contoso.com", ""},
		"subdomain, not listed": {spfOf("crm.contoso.com", "fail"), nil, "", "SPF record of crm.contoso.com", ""},
		"subdomain without SPF": {spfOf("crm.contoso.com", "none"), nil, "", "publish an SPF record at crm.contoso.com", ""},
		"no key":                {spfOf("x.example", "pass"), signed(dkim("contoso.com", "s7", "permerror")), "", "s7._domainkey.contoso.com", "ip4:"},
		"bad signature":         {spfOf("x.example", "none"), signed(dkim("contoso.com", "s7", "fail")), "", "s7._domainkey.contoso.com", "ip4:"},
		"through Gmail":         {spfOf("gmail.com", "pass"), signed(dkim("gmail.com", "20230601", "pass")), "", "do not list its address", "ip4:"},
		"of a stranger":         {spfOf("esp.example", "pass"), nil, "", "sign with DKIM", "ip4:"},
		"another envelope":      {spfOf("crm.example", "softfail"), nil, "", "SPF is checked for crm.example", ""},
		"From below":            {spfOf("esp.example", "pass"), nil, "shop.contoso.com", "DKIM for shop.contoso.com", "ip4:"},
		"SPF unread":            {spfOf("contoso.com", "temperror"), nil, "", "temperror", "ip4:"},
	} {
		m := newMonth(5)
		m.microsoft(20)
		m.steadily(9, 2, own, func() dmarcreport.Row {
			return dmarcreport.Row{Source: netip.MustParseAddr(server), HeaderFrom: c.from, SPFResults: c.spf, DKIMResults: c.dkim}
		})
		s := m.judged(t, Options{}).at(server)
		if !strings.Contains(s.Advice, c.has) || c.hasNot != "" && strings.Contains(s.Advice, c.hasNot) {
			t.Errorf("%s (%s, %s): %s", name, s.Kind, s.Rule, s.Advice)
		}
	}
}

// What failed until a week ago and passes since is done.
func TestMended(t *testing.T) {
	for since, want := range map[int]Answer{5: Safe, 20: Safe, days - enoughDays: Safe, days - 3: NotSafe, days: NotSafe} {
		m := newMonth(6)
		m.microsoft(50)
		for day := range days {
			result := "softfail"
			if day >= since {
				result = "pass"
			}
			for rep := range 2 {
				m.row(day, rep, own, dmarcreport.Row{Source: netip.MustParseAddr("45.33.7.9"), Count: 9, SPFResults: spfOf("contoso.com", result)})
			}
		}
		if v := m.judged(t, Options{}).Verdict; v.Answer != want {
			t.Errorf("since day %d: %+v, want %s", since, v, want)
		}
	}
}

// Below the domain the record's sp applies, whatever p is tried.
func TestAppliedPolicy(t *testing.T) {
	for _, tried := range []dmarc.Policy{dmarc.None, dmarc.Quarantine, dmarc.Reject} {
		m := newMonth(7)
		m.microsoft(50)
		m.subdomain("none", "reject")
		d := m.judged(t, Options{Policy: tried})
		if s := d.at("45.33.7.9"); s.Applied != dmarc.Reject || !strings.Contains(d.Verdict.Reason, "rejected") {
			t.Errorf("p=%s: %s, %s", tried, s.Applied, d.Verdict.Reason)
		}
	}
}

package tlsreport

import (
	"strings"
	"testing"
	"time"
)

const report = `{"organization-name":"Company-X","date-range":{"start-datetime":"2026-04-01T00:00:00Z","end-datetime":"2026-04-01T23:59:59Z"},
"contact-info":"x","report-id":"1","policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1"],"policy-domain":"Contoso.com"},
"summary":{"total-successful-session-count":5326,"total-failure-session-count":303},
"failure-details":[{"result-type":"certificate-expired","sending-mta-ip":"2001:db8::1","receiving-mx-hostname":"mx1.contoso.com","failed-session-count":100},
{"result-type":"starttls-not-supported","failed-session-count":203}]}]}`

func TestRead(t *testing.T) {
	one := strings.NewReplacer(`["version: STSv1"]`, `"version: STSv1"`, "100}", `"100"}`).Replace(report) // what some senders write
	for _, text := range []string{report, one} {
		r, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		p := r.Policies[0]
		if r.Org != "Company-X" || r.Begin != time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC) || p.Domain != "contoso.com" || p.Succeeded != 5326 ||
			p.Failed != 303 || len(p.Failures) != 2 || p.Failures[0].Sessions != 100 || len(p.Text) != 1 {
			t.Errorf("%+v", r)
		}
	}
}

func TestBroken(t *testing.T) {
	for _, text := range []string{"", "{", "{}", "[]", "null", `"x"`, strings.Replace(report, "5326", "-1", 1),
		strings.Replace(report, "5326", "1e99", 1), strings.Replace(report, "5326", "99999999999999999999", 1),
		strings.Repeat(`{"policies":`, 20_000), `{"a":"` + strings.Repeat("a", MaxSize) + `"}`} {
		if r, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%.60q: %+v", text, r)
		}
	}
}

func TestSummary(t *testing.T) {
	var s Summary
	r, err := Read(strings.NewReader(report))
	if err != nil || s.Add(r) || !s.Add(r) {
		t.Fatalf("%v: the second is not told", err)
	}
	other := *r
	other.ID = "2"
	s.Add(&other)
	d := s.Domains()
	if len(d) != 1 || d[0].Succeeded != 2*5326 || d[0].Failed != 606 || len(d[0].Failures) != 2 || d[0].Failures[0].Sessions != 406 {
		t.Errorf("%+v", d[0])
	}
}

// Every result type of RFC 8460 4.3 is explained, and no other.
func TestFaults(t *testing.T) {
	for _, name := range []string{"starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted",
		"validation-failure", "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid",
		"sts-webpki-invalid"} {
		if f := FaultOf(name); f.Result != name || f.Advice == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if f := FaultOf("other"); f.Whose != "" || f.Advice != "" {
		t.Errorf("unknown: %+v", f)
	}
}

// FuzzRead: counts are never negative, and no domain has capitals.
func FuzzRead(f *testing.F) {
	f.Add([]byte(report))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(strings.NewReader(string(data)))
		if err != nil {
			return
		}
		for _, p := range r.Policies {
			if p.Succeeded < 0 || p.Failed < 0 || p.Domain != strings.ToLower(p.Domain) {
				t.Errorf("%+v", p)
			}
		}
	})
}

// Reports with one ID are different ones if they say different things.
func TestSameID(t *testing.T) {
	of := func(id, domain string, failed int64) *Report {
		return &Report{Org: "a.example", ID: id, Policies: []Policy{{Type: "sts", Domain: domain, Failed: failed}}}
	}
	var s Summary
	for i, c := range []struct {
		r     *Report
		again bool
	}{
		{of("1", "contoso.com", 3), false}, {of("1", "contoso.com", 3), true}, {of("1", "contoso.com", 4), false}, {of("1", "fabrikam.com", 3), false},
		{of("2", "contoso.com", 3), false}, {of("1", "fabrikam.com", 3), true},
	} {
		if again := s.Add(c.r); again != c.again {
			t.Errorf("%d: %v", i, again)
		}
	}
	if s.Reports != 4 {
		t.Errorf("%d reports", s.Reports)
	}
}

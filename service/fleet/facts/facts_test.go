package facts

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

const domain = "contoso.com"

func seen(name string, typ dnsrec.Type, cname string, values ...string) report.Finding {
	a := dnsrec.Answer{Query: dnsrec.Query{Name: name, Type: typ}, Values: values}
	if cname != "" {
		a.CNAMEs = []string{cname}
	}
	return report.Finding{Check: "x", Evidence: []report.Evidence{kit.Seen(a)}}
}

// Each row is what a check has seen, and what counts of it; nil: nothing is known.
func TestRRsets(t *testing.T) {
	many := make([]string, kit.MaxShown+1)
	for i := range many {
		many[i] = fmt.Sprintf("v=x%d", i)
	}
	gone := kit.Seen(dnsrec.Answer{Query: dnsrec.Query{Name: domain, Type: dnsrec.TypeMX}, Rcode: "NXDOMAIN"})
	for name, c := range map[string]struct {
		finding report.Finding
		want    map[Key][]string
	}{
		"MX":              {seen(domain, "MX", "", "20 b.example", "0 a.example"), map[Key][]string{{domain, "MX"}: {"0 a.example", "20 b.example"}}},
		"no MX":           {seen(domain, "MX", ""), map[Key][]string{{domain, "MX"}: {}}},
		"no such name":    {report.Finding{Evidence: []report.Evidence{gone}}, map[Key][]string{{domain, "MX"}: {}}},
		"SPF":             {seen(domain, "TXT", "", "v=spf1 -all", "MS=ms1", "V=Spf1 x"), map[Key][]string{{domain, "TXT"}: {"V=Spf1 x", "v=spf1 -all"}}},
		"a key":           {seen("s._domainkey.contoso.com", "TXT", "", "p=x"), map[Key][]string{{"s._domainkey.contoso.com", "TXT"}: {"p=x"}}},
		"an alias":        {seen("autodiscover.contoso.com", "A", "a.example", "192.0.2.1"), map[Key][]string{{"autodiscover.contoso.com", "A"}: {"CNAME a.example"}}},
		"addresses":       {seen("autodiscover.contoso.com", "A", "", "192.0.2.1"), map[Key][]string{{"autodiscover.contoso.com", "A"}: {"192.0.2.1"}}},
		"another domain":  {seen("contoso.com.example", "MX", "", "0 a.example"), nil},
		"not below it":    {seen("notcontoso.com", "MX", "", "0 a.example"), nil},
		"cut":             {seen("_dmarc.contoso.com", "TXT", "", many...), nil},
		"a part":          {report.Finding{Evidence: []report.Evidence{kit.AnswerTo(dnsrec.Query{Name: domain, Type: "TXT"}, "", "MS=ms1")}}, nil},
		"an error":        {report.Finding{Evidence: []report.Evidence{kit.AnswerTo(dnsrec.Query{Name: domain, Type: "TXT"}, "", "contoso.com TXT → SERVFAIL")}}, nil},
		"words behind it": {report.Finding{Evidence: []report.Evidence{kit.AnswerTo(dnsrec.Query{Name: domain, Type: "TXT"}, "", "contoso.com TXTX\n  v=x")}}, nil},
	} {
		got := Of(domain, []report.Finding{c.finding, c.finding}).RRsets
		if len(got) != len(c.want) || len(got) > 0 && fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What a look shows counts by the status of the finding that shows it, and of the
// check of the domain itself; what does not count changes nothing.
func TestOnlyWhatIsKnown(t *testing.T) {
	before := Of(domain, []report.Finding{seen(domain, "MX", "", "0 a.example")})
	for status := report.Unset; status <= report.Unknown; status++ {
		for own := report.Unset; own <= report.Unknown; own++ {
			mx := seen(domain, "MX", "")
			mx.Status, mx.Data, mx.Subject = status, map[string]any{"not_after": "2027-01-01"}, domain
			now := Of(domain, []report.Finding{mx, {Check: "domain", Subject: domain, Status: own}})
			known := status != report.Unknown && status != report.Skip && own != report.Unknown
			if n := len(Compare(before, now)); (n > 0) != known || len(now.Certificates) != n {
				t.Errorf("%v, the domain %v: %d changes, %v", status, own, n, now.Certificates)
			}
			if got := before.Later(now).RRsets[Key{domain, "MX"}]; (len(got) == 0) != known {
				t.Errorf("%v, the domain %v: later %q", status, own, got)
			}
		}
	}
}

// The numbers are those of the domain's own record and hosts, also after JSON.
func TestNumbers(t *testing.T) {
	list := []report.Finding{
		{Check: "spf", Subject: domain, Status: report.Pass, Data: map[string]any{"lookups": 7}},
		{Check: "spf", Subject: "other.example", Status: report.Pass, Data: map[string]any{"lookups": 3}},
		{Check: "mtasts", Subject: "mta-sts.contoso.com", Status: report.Pass, Data: map[string]any{"not_after": "2026-12-31T12:00:00Z"}},
		{Check: "submission", Subject: "smtp.office365.com:587", Status: report.Pass, Data: map[string]any{"not_after": "2026-12-01"}},
		{Check: "mta", Subject: "a.contoso.com", Status: report.Pass, Data: map[string]any{"not_after": "2027-01-01"}},
		{Check: "mta", Subject: "b.contoso.com", Status: report.Pass, Data: map[string]any{"not_after": "soon"}},
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	var back []report.Finding
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	for _, findings := range [][]report.Finding{list, back} {
		f := Of(domain, findings)
		host, end := f.FirstEnd()
		if f.Lookups != 7 || len(f.Certificates) != 2 || host != "mta-sts.contoso.com" || !end.Equal(time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", f)
		}
	}
	if f := Of(domain, nil); f.Lookups != -1 {
		t.Errorf("%+v", f)
	}
}

// Values that come and go are named; what one look has not seen did not change.
func TestCompare(t *testing.T) {
	mx := func(values ...string) Facts { return Of(domain, []report.Finding{seen(domain, "MX", "", values...)}) }
	none := Of(domain, nil)
	for name, c := range map[string]struct {
		before, after Facts
		want          []Diff
	}{
		"the same":     {mx("0 a", "1 b"), mx("1 b", "0 a"), nil},
		"replaced":     {mx("0 a", "1 b"), mx("0 c", "1 b"), []Diff{{domain, "MX", []string{"0 a"}, []string{"0 c"}}}},
		"all are gone": {mx("0 a"), mx(), []Diff{{domain, "MX", []string{"0 a"}, []string{}}}},
		"the first":    {mx(), mx("0 a"), []Diff{{domain, "MX", []string{}, []string{"0 a"}}}},
		"not seen":     {mx("0 a"), none, nil},
		"new to us":    {none, mx("0 a"), nil},
		"the start":    {Facts{}, mx("0 a"), nil},
		"from nothing": {Facts{}.Later(mx("0 a")), mx("0 b"), []Diff{{domain, "MX", []string{"0 a"}, []string{"0 b"}}}},
		"seen again":   {mx("0 a").Later(none), mx("0 b"), []Diff{{domain, "MX", []string{"0 a"}, []string{"0 b"}}}},
	} {
		if got := Compare(c.before, c.after); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
		if same := slices.Equal(c.before.Lines(), c.after.Lines()); same != (name == "the same") {
			t.Errorf("%s: equal lines: %t", name, same)
		}
	}
}

// A look at very many names is bounded.
func TestManyRRsets(t *testing.T) {
	var list []report.Finding
	for n := range 3 * maxRRsets {
		list = append(list, seen(fmt.Sprintf("n%d.contoso.com", n), "CNAME", "", "a.example"))
	}
	if n := len(Of(domain, list).RRsets); n != maxRRsets {
		t.Errorf("%d RRsets", n)
	}
}

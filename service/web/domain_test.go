package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/service/fleet/facts"
	"maildiag/service/fleet/history"
)

// epoch is when the watching begins.
var epoch = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// seenOn is a look at contoso.com from a site on a day, with its SPF and MX records.
func seenOn(day int, site, spf string, lookups int, ends time.Time, status report.Status, mx ...string) history.Result {
	answer := func(typ dnsrec.Type, values ...string) []report.Evidence {
		return []report.Evidence{kit.Seen(dnsrec.Answer{Query: dnsrec.Query{Name: "contoso.com", Type: typ}, Values: values})}
	}
	verdict := map[bool]report.Verdict{true: report.NotReady, false: report.Ready}[status == report.Fail]
	at := epoch.AddDate(0, 0, day)
	return history.Result{Run: fmt.Sprint(day, site), Domain: "contoso.com", Site: site, At: at, Verdict: verdict, Findings: []report.Finding{
		{Check: "spf", Code: "spf.record", Subject: "contoso.com", Status: report.Pass, Evidence: answer("TXT", spf), Data: map[string]any{"lookups": lookups}},
		{Check: "mx", Code: "mx.leftover", Subject: "<b>mx</b>", Status: status, Evidence: answer("MX", mx...)},
		{Check: "mtasts", Code: "mtasts.certificate", Subject: "mta-sts.contoso.com", Status: report.Pass,
			Data: map[string]any{"not_after": ends.Format(time.RFC3339), "days_left": int(ends.Sub(at).Hours() / 24)}},
	}}
}

// aStory is a history of 20 days from two sites: the SPF record grows on day 5, an
// MX record comes on day 10, its failure is accepted on day 15, and the certificate
// is renewed on day 12.
func aStory(t *testing.T) *history.Store {
	t.Helper()
	s, err := history.Open(t.Context(), filepath.Join(t.TempDir(), "h.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Watch(t.Context(), []string{"contoso.com", "fabrikam.com"}, []string{"ams", "fra"}); err != nil {
		t.Fatal(err)
	}
	spf, lookups, ends, status, mx := "v=spf1 include:spf.protection.outlook.com -all", 1, epoch.AddDate(0, 0, 30), report.Pass, []string{"0 contoso-com.mail.protection.outlook.com"}
	for day := range 20 {
		switch day {
		case 5:
			spf, lookups = "v=spf1 include:spf.protection.outlook.com include:<i>evil</i> -all", 7
		case 10:
			status, mx = report.Fail, append(mx, "10 mail.old-server.contoso.com")
		case 12:
			ends = ends.AddDate(0, 3, 0)
		case 15:
			err = s.Accept(t.Context(), func(_, code string, _ time.Time) *history.Exception {
				return map[string]*history.Exception{"mx.leftover": {Until: "2026-12-31", Reason: "ticket <4711>"}}[code]
			}, epoch.AddDate(0, 0, day))
		}
		for _, site := range []string{"ams", "fra"} {
			_, e := s.Add(t.Context(), seenOn(day, site, spf, lookups, ends, status, mx...))
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serving serves the pages of a history.
func serving(s *history.Store) *http.ServeMux {
	now := epoch.AddDate(0, 0, 19).Add(time.Hour)
	h := &Handler{Version: "test", Keep: time.Hour, Changes: s.Changes,
		Domains: func(ctx context.Context, _ time.Time) ([]*history.Domain, error) { return s.Domains(ctx, now) },
		Detail: func(ctx context.Context, domain string, _ time.Time) (*history.Detail, error) {
			return s.Detail(ctx, domain, now)
		}}
	mux := http.NewServeMux()
	h.Register(mux)
	return mux
}

func get(mux *http.ServeMux, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// The page of a domain has its open problems, which values came and went, and the
// trends; CSV and JSON have the same changes.
func TestDomainPage(t *testing.T) {
	mux := serving(aStory(t))
	var doc struct {
		Schema string
		Domain domainPage
	}
	if err := json.Unmarshal(get(mux, "/domains/CONTOSO.com?format=json").Body.Bytes(), &doc); err != nil || doc.Schema != domainSchema {
		t.Fatalf("%+v, %v", doc, err)
	}
	d := doc.Domain
	if len(d.Problems) != 1 || d.Problems[0].Exception == nil || d.Problems[0].Exception.Until != "2026-12-31" || d.Problems[0].Status != "fail" || d.Accepted != 1 || !d.AllAccepted {
		t.Errorf("%+v", d)
	}
	var got []string
	for _, c := range d.Changes {
		text := c.At[:10] + " " + c.Kind + " " + c.Code + " " + c.Where()
		if c.Record != nil {
			text += fmt.Sprintf("%s %d-%d+", c.Record.Type, len(c.Record.Removed), len(c.Record.Added))
		}
		got = append(got, text)
	}
	want := []string{"2026-11-16 accepted mx.leftover ", "2026-11-11 problem mx.leftover ams, fra", "2026-11-11 record  ams, fraMX 0-1+", "2026-11-06 record  ams, fraTXT 1-1+"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	rows, err := csv.NewReader(get(mux, "/domains/contoso.com?format=csv").Body).ReadAll()
	if err != nil || len(rows) != len(want)+1 || rows[3][13] != "10 mail.old-server.contoso.com" {
		t.Errorf("%q, %v", rows, err)
	}
	page := get(mux, "/domains/contoso.com").Body.String()
	for _, w := range []string{"<del>− v=spf1 include:spf.protection.outlook.com -all</del>", "<ins>+ 10 mail.old-server.contoso.com</ins>", "SPF lookups: 7 of 10 allowed",
		"1 lookup on 2026-11-01; 7 lookups on 2026-11-06.", "Days until a certificate expires: 101", "ACCEPTED", "until 2026-12-31: ticket &lt;4711&gt;"} {
		if !strings.Contains(page, w) {
			t.Errorf("no %q in the page", w)
		}
	}
	if strings.Contains(page, "<b>mx") || strings.Contains(page, "<i>evil") || strings.Count(page, "<svg") != 2 {
		t.Error("markup of a stranger, or another number of charts")
	}
	for path, status := range map[string]int{"/domains/other.example": 404, "/domains/contoso.com?format=xml": 400, "/domains/contoso.com/x": 404, "/domains/fabrikam.com": 200, "/domains/Contoso.COM.": 200, "/domains/fabrikam%EF%BC%8Ecom": 200, "/changes?format=xml": 400} {
		if w := get(mux, path); w.Code != status {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}

// What is accepted is seen in the verdict and in the strip of days, on both pages and
// in CSV and JSON.
func TestAcceptedDays(t *testing.T) {
	mux := serving(aStory(t))
	strip := strings.Repeat(".", 10) + strings.Repeat("R", 10) + "FFFFF" + "AAAAA"
	rows, err := csv.NewReader(get(mux, "/domains?format=csv").Body).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatal(rows, err)
	}
	column := func(name string) string { return rows[1][slices.Index(rows[0], name)] }
	if column("days") != strip || column("verdict") != "not_ready" || column("remaining_verdict") != "accepted" {
		t.Errorf("CSV: %q", rows)
	}
	var list struct{ Domains []line }
	var one struct{ Domain line }
	err1 := json.Unmarshal(get(mux, "/domains?format=json").Body.Bytes(), &list)
	err2 := json.Unmarshal(get(mux, "/domains/contoso.com?format=json").Body.Bytes(), &one)
	if err := errors.Join(err1, err2); err != nil || len(list.Domains) != 2 {
		t.Fatal(err)
	}
	for _, l := range []line{list.Domains[0], one.Domain} {
		if l.Strip() != strip || l.Verdict != report.NotReady || l.Remains != history.AllAccepted || l.Sites[0].Remaining != history.AllAccepted {
			t.Errorf("JSON: %+v", l)
		}
	}
	for _, path := range []string{"/domains", "/domains/contoso.com"} {
		page := get(mux, path).Body.String()
		if !strings.Contains(page, `aria-label="`+strip+`"`) || !strings.Contains(page, "accepted until 2026-12-31") || strings.Contains(page, `"fail">NOT READY`) ||
			!strings.Contains(page, `"accepted">NOT READY`) {
			t.Errorf("%s: %s", path, page)
		}
	}
}

// The changes of all domains are in the page, CSV and JSON alike, the latest first.
func TestChanges(t *testing.T) {
	mux := serving(aStory(t))
	for filter, want := range map[string][]string{"": {"accepted", "problem"}, "CONTOSO": {"accepted", "problem"}, "fabrikam": nil} {
		var doc struct {
			Schema  string
			Changes []changeLine
		}
		if err := json.Unmarshal(get(mux, "/changes?format=json&q="+filter).Body.Bytes(), &doc); err != nil || doc.Schema != changesSchema || doc.Changes == nil {
			t.Fatalf("%+v, %v", doc, err)
		}
		rows, err := csv.NewReader(get(mux, "/changes?format=csv&q="+filter).Body).ReadAll()
		page := get(mux, "/changes?q="+filter).Body.String()
		if err != nil || len(rows) != len(want)+1 || len(doc.Changes) != len(want) || strings.Count(page, `<th scope="row">`) != len(want) {
			t.Errorf("%q: %d in CSV, %d in JSON, %v", filter, len(rows)-1, len(doc.Changes), err)
			continue
		}
		for i, kind := range want {
			if doc.Changes[i].Kind != kind || rows[i+1][3] != kind {
				t.Errorf("%q: %+v", filter, doc.Changes[i])
			}
		}
	}
}

// Several values of a record stay apart in their cell of CSV.
func TestChangesCSV(t *testing.T) {
	var out bytes.Buffer
	writeCSV(&out, changesCSV([]changeLine{{Record: &facts.Diff{Removed: []string{"a"}, Added: []string{"0 mx1.contoso.com", "10 mx2.contoso.com"}}}}))
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][12] != "a" || rows[1][13] != "0 mx1.contoso.com | 10 mx2.contoso.com" {
		t.Errorf("%q, %v", rows, err)
	}
}

// An exception says until when, also if that is never.
func TestExceptionText(t *testing.T) {
	for until, want := range map[string]string{"2026-12-31": "until 2026-12-31: x", history.Never: "without an end: x"} {
		for kind, before := range map[string]string{history.KindAccepted: "", history.KindDisagreeAccepted: "", history.KindProblem: "was accepted ", history.KindDisagree: "was accepted "} {
			l := changeLine{Kind: kind, Exception: &history.Exception{Until: until, Reason: "x"}}
			if got := l.ExceptionText(); got != before+want {
				t.Errorf("%s, %s: %q", until, kind, got)
			}
		}
	}
}

// A picture has every value inside its frame, whatever the values are, and says
// them in words.
func TestChart(t *testing.T) {
	at := func(day int) time.Time { return epoch.AddDate(0, 0, day) }
	for name, list := range map[string][]sample{
		"one look":        {{at(0), at(0), 3, 3}},
		"one span":        {{at(0), at(9), 3, 3}},
		"over the limit":  {{at(0), at(9), 3, 3}, {at(10), at(20), 300, 300}},
		"expired":         {{at(0), at(90), 30, -60}},
		"all are 0":       {{at(0), at(9), 0, 0}, {at(10), at(11), 0, 0}},
		"clocks disagree": {{at(5), at(9), 1, 1}, {at(3), at(4), 2, 2}},
		"many":            slices.Repeat([]sample{{at(0), at(0), 3, 3}, {at(1), at(1), 4, 4}}, 50),
	} {
		c := newChart("x", "day", "days", list, 10)
		points := strings.Fields(c.Points)
		for _, p := range points {
			var x, y float64
			if _, err := fmt.Sscanf(p, "%f,%f", &x, &y); err != nil || x < 0 || x > chartWidth || y < 0 || y > chartHeight {
				t.Errorf("%s: point %s, %v", name, p, err)
			}
		}
		if len(points) < 2 || !strings.Contains(c.Text, " on 2026-") || len(c.Text) > 60*(maxChartText+1) || c.Limit == "" {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

package web

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/tags"
)

// watching serves the page of some domains.
func watching(domains func() ([]history.Domain, error)) func(path string) *httptest.ResponseRecorder {
	h := &Handler{Domains: func(context.Context, time.Time) (list []*history.Domain, err error) {
		all, err := domains()
		for i := range all {
			list = append(list, &all[i])
		}
		return list, err
	}}
	mux := http.NewServeMux()
	h.Register(mux)
	return func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
}

func someDomains() ([]history.Domain, error) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	list := []history.Domain{
		{Name: "new.contoso.com"},
		{Name: "ready.contoso.com", Verdict: report.Ready, Changed: at, Checked: at},
		{Name: "open.contoso.com", Verdict: report.CouldNotTell, Changed: at, Checked: at},
		{Name: "failed.contoso.com", Verdict: report.NotReady, Changed: at, Checked: at},
		{Name: "warned.fabrikam.com", Verdict: report.ReadyWarned, Changed: at, Checked: at},
	}
	list[3].Days.Add(history.Days-1, report.NotReady)
	for i := range list {
		list[i].Remaining = list[i].Verdict
	}
	return list, nil
}

// The page, the CSV and the JSON have the same domains, the worst first.
func TestDomains(t *testing.T) {
	get := watching(someDomains)
	for filter, want := range map[string][]string{
		"":           {"failed.contoso.com", "open.contoso.com", "warned.fabrikam.com", "ready.contoso.com", "new.contoso.com"},
		" CONTOSO":   {"failed.contoso.com", "open.contoso.com", "ready.contoso.com", "new.contoso.com"},
		"nobody":     nil,
		`"><script>`: nil,
	} {
		q := "q=" + url.QueryEscape(filter)
		var doc struct {
			Schema  string
			Domains []struct {
				Domain string
				Days   []string
			}
		}
		if err := json.Unmarshal(get("/domains?format=json&"+q).Body.Bytes(), &doc); err != nil || doc.Schema != domainsSchema || doc.Domains == nil {
			t.Errorf("%q: JSON %+v, %v", filter, doc, err)
		}
		rows, err := csv.NewReader(get("/domains?format=csv&" + q).Body).ReadAll()
		if err != nil || len(rows) != len(want)+1 || len(doc.Domains) != len(want) {
			t.Errorf("%q: %d in CSV, %d in JSON, %v", filter, len(rows)-1, len(doc.Domains), err)
			continue
		}
		page := get("/domains?" + q).Body.String()
		at := 0
		for i, name := range want {
			here := strings.Index(page, `<th scope="row"><a href="/domains/`+name)
			if rows[i+1][0] != name || doc.Domains[i].Domain != name || len(doc.Domains[i].Days) != history.Days || here <= at {
				t.Errorf("%q: line %d is not %s", filter, i, name)
			}
			at = here
		}
		if strings.Contains(page, `"><script>`) || strings.Count(page, `<th scope="row">`) != len(want) {
			t.Errorf("%q: the page has other lines", filter)
		}
	}
}

// Tags select domains on the page, in CSV and in JSON, and lead to others that have
// them.
func TestTaggedDomains(t *testing.T) {
	get := watching(func() ([]history.Domain, error) {
		return []history.Domain{{Name: "a.example", Tags: tags.Tags{"customer": `Acme & <b>`, "tenant": "x"}}, {Name: "b.example", Tags: tags.Tags{"tenant": "x"}}, {Name: "x.example"}}, nil
	})
	for filter, want := range map[string]string{"": "a.example b.example x.example", "tenant=x": "a.example b.example", `customer="acme & <b>"`: "a.example",
		"tenant=x a.": "a.example", "tenant=y": ""} {
		q := "&q=" + url.QueryEscape(filter)
		var doc struct {
			Domains []struct {
				Domain string
				Tags   tags.Tags
			}
		}
		if err := json.Unmarshal(get("/domains?format=json"+q).Body.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(get("/domains?format=csv" + q).Body).ReadAll()
		if err != nil || len(rows) != len(doc.Domains)+1 {
			t.Fatal(rows, err)
		}
		var names []string
		for i, d := range doc.Domains {
			names = append(names, d.Domain)
			if cells := rows[i+1]; cells[len(cells)-1] != d.Tags.String() {
				t.Errorf("%q: CSV has %q of %v", filter, cells, d.Tags)
			}
		}
		page := get("/domains?" + q).Body.String()
		if strings.Join(names, " ") != want || strings.Count(page, `<th scope="row">`) != len(names) || strings.Contains(page, "<b>\"") {
			t.Errorf("%q: %v", filter, names)
		}
	}
	if page := get("/domains").Body.String(); strings.Count(page, `href="/domains?q=tenant%3dx"`) != 2 {
		t.Error("the page has no links to tags")
	}
}

// What is accepted comes after what is not, in the words of its date.
func TestAcceptedDomains(t *testing.T) {
	get := watching(func() ([]history.Domain, error) {
		return []history.Domain{
			{Name: "all.example", Verdict: report.NotReady, Remaining: history.AllAccepted, Accepted: history.Accepted{Problems: 2, All: true, Until: "2026-12-31"}},
			{Name: "none.example", Verdict: report.ReadyWarned, Remaining: report.ReadyWarned},
			{Name: "open.example", Verdict: report.CouldNotTell, Remaining: report.CouldNotTell, Accepted: history.Accepted{Problems: 1, All: true, Until: history.Never}},
			{Name: "some.example", Verdict: report.NotReady, Remaining: report.NotReady, Accepted: history.Accepted{Problems: 1, Until: "2026-12-31"}},
		}, nil
	})
	rows, err := csv.NewReader(get("/domains?format=csv").Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rows[1:] {
		names = append(names, r[0])
	}
	if want := []string{"some.example", "open.example", "none.example", "all.example"}; !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
	page := get("/domains").Body.String()
	for _, want := range []string{"1 not ready (1 more accepted)", ">1 accepted until 2026-12-31<", ">accepted until 2026-12-31<", ">accepted<"} {
		if strings.Count(page, want) != 1 {
			t.Errorf("%q is not on the page once", want)
		}
	}
}

// Each verdict has a letter of its own meaning in the strip, and none is blank.
func TestCells(t *testing.T) {
	letters := map[string]report.Verdict{}
	for _, v := range []report.Verdict{"", report.Ready, report.ReadyWarned, report.NotReady, report.CouldNotTell, report.NotOnMicrosoft} {
		c := cellOf(v)
		if _, taken := letters[c.Letter]; taken || c.Letter == "" || c.Class == "" {
			t.Errorf("%q: %+v", v, c)
		}
		letters[c.Letter] = v
	}
}

// A long list is cut on the page only; a history that fails or a wrong format is
// an error, and says nothing about the cause.
func TestDomainsAtTheEdge(t *testing.T) {
	get := watching(func() ([]history.Domain, error) {
		list := make([]history.Domain, maxRows+10)
		for i := range list {
			list[i].Name = fmt.Sprintf("t%d.contoso.com", i)
		}
		return list, nil
	})
	if n := strings.Count(get("/domains").Body.String(), `<th scope="row">`); n != maxRows {
		t.Errorf("%d rows", n)
	}
	if n := strings.Count(get("/domains?format=csv").Body.String(), "\r\n"); n != maxRows+11 {
		t.Errorf("%d lines of CSV", n)
	}
	if w := get("/domains?format=xml"); w.Code != http.StatusBadRequest {
		t.Errorf("format=xml: status %d", w.Code)
	}
	w := watching(func() ([]history.Domain, error) { return nil, errors.New("s3cret") })("/domains")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "s3cret") {
		t.Errorf("status %d", w.Code)
	}
}

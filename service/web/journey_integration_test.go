//go:build integration

package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"maildiag/checks/doctor"
	"maildiag/report"
	"maildiag/report/htmlpage/chromiumtest"
)

// The pages of what is watched need no script, fit narrow screens, and can be read
// in the dark.
func TestWatchJourney(t *testing.T) {
	server := httptest.NewServer(serving(aStory(t)))
	defer server.Close()
	sites := http.NewServeMux()
	(&Handler{Sites: someSites}).Register(sites)
	branch := httptest.NewServer(sites)
	defer branch.Close()
	b := chromiumtest.Open(t)
	for path, holds := range map[string]string{
		"/sites":               "document.querySelectorAll('tbody tr').length === 2",
		"/domains":             "document.querySelector('.strip i.fail')",
		"/changes":             "document.querySelectorAll('tbody tr').length === 2",
		"/domains/contoso.com": "document.querySelectorAll('figure svg[aria-label] polyline').length === 2 && document.querySelector('del') && document.querySelector('ins')",
	} {
		b.Screen(1280, false)
		b.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
		if path == "/sites" {
			b.Visit(branch.URL + path)
		} else {
			b.Visit(server.URL + path)
		}
		if !b.Holds(holds) {
			t.Errorf("%s is not what it should be", path)
		}
		b.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": false}, nil)
		b.Accessible()
		b.Pictures("watch" + strings.ReplaceAll(path, "/", "-"))
	}
	if len(b.Errors) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(b.Errors, "\n"))
	}
}

// someSites are two: one with all kinds of results, and one with none.
func someSites(context.Context) ([]Site, error) {
	one := Site{Name: "ams", At: time.Now(), Workers: 2, Waiting: 3}
	for i, id := range SiteTests() {
		one.Tests = append(one.Tests, doctor.Line{ID: id, Status: []report.Status{report.Pass, report.Fail, report.Unknown}[i%3], Summary: "x"})
	}
	return []Site{one, {Name: "frankfurt-branch-2"}}, nil
}

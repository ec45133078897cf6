//go:build integration

package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"maildiag/report/htmlpage/chromiumtest"
)

// The pages of what is watched need no script, fit narrow screens, and can be read
// in the dark.
func TestWatchJourney(t *testing.T) {
	server := httptest.NewServer(serving(aStory(t)))
	defer server.Close()
	b := chromiumtest.Open(t)
	for path, holds := range map[string]string{
		"/domains":             "document.querySelector('.strip i.fail')",
		"/changes":             "document.querySelectorAll('tbody tr').length === 2",
		"/domains/contoso.com": "document.querySelectorAll('figure svg[aria-label] polyline').length === 2 && document.querySelector('del') && document.querySelector('ins')",
	} {
		b.Screen(1280, false)
		b.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
		b.Visit(server.URL + path)
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

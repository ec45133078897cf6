package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The page of domains is there if something is watched. A link from elsewhere may
// lead to it; no other site may read it.
func TestDomainsPage(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "domains.txt")
	if err := os.WriteFile(list, []byte("fabrikam.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, false, func(f *serveFlags) {
		f.data, f.watch = dir, watchFlags{list: list, form: "json", every: time.Hour, history: time.Hour, site: "local"}
	})
	link := []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}
	for name, c := range map[string]struct {
		header []string
		status int
	}{
		"typed":              {nil, http.StatusOK},
		"link":               {link, http.StatusOK},
		"script elsewhere":   {[]string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"}, http.StatusForbidden},
		"frame elsewhere":    {[]string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, http.StatusForbidden},
		"another host name":  {[]string{"Host: rebound.example"}, http.StatusMisdirectedRequest},
		"origin of the page": {[]string{"Origin: https://elsewhere.example"}, http.StatusForbidden},
	} {
		if a := s.get(t, "/domains", c.header...); a.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, a.StatusCode, c.status)
		}
	}
	if a := start(t, false, nil).get(t, "/domains"); a.StatusCode != http.StatusNotFound {
		t.Errorf("nothing is watched: status %d", a.StatusCode)
	}
}

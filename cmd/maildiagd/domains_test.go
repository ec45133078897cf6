package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maildiag/service/fleet/history"
)

// watching watches a list.
func watching(t *testing.T, dir, list string) func(*serveFlags) {
	t.Helper()
	name := filepath.Join(dir, "domains.txt")
	if err := os.WriteFile(name, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(f *serveFlags) {
		f.data, f.watch = dir, watchFlags{list: name, form: "json", every: time.Hour, history: time.Hour, site: "local"}
	}
}

// The page of domains is there if something is watched. A link from elsewhere may
// lead to it; no other site may read it.
func TestDomainsPage(t *testing.T) {
	s := start(t, false, watching(t, t.TempDir(), "fabrikam.com\n"))
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

// A folder has one server that watches; its history can be read meanwhile.
func TestOneHistory(t *testing.T) {
	data := t.TempDir()
	list := filepath.Join(data, "domains.txt")
	if err := os.WriteFile(list, []byte("fabrikam.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := history.Open(t.Context(), filepath.Join(data, historyFile))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"a second server": {[]string{"--resolver", "127.0.0.1:1", "--listen", "127.0.0.1:0", "--watch", list, "--data", data}, exitFailed},
		"export":          {[]string{"export", "--data", data, "--parquet", t.TempDir()}, exitOK},
	} {
		var out, errs bytes.Buffer
		if code := program(t.Context(), c.args, nil, &out, &errs); code != c.code || strings.Contains(errs.String(), "uses "+data) != (code == exitFailed) {
			t.Errorf("%s: code %d, %s", name, code, errs.String())
		}
	}
}

// Each row is a file of exceptions, and the last day that a finding has by it.
func TestExceptions(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for lines, want := range map[string]string{
		"# nothing": "",
		"mx.leftover contoso.com 2026-12-31 ticket 4711":         "2026-12-31",
		"mx contoso.com never x":                                 "never",
		"mx.leftover * 2026-11-27 x":                             "2026-11-27",
		"mx.leftover contoso.com 2026-11-26 x":                   "",
		"mx.leftover *.contoso.com never x":                      "",
		"mx contoso.com 2026-11-26 x\nmx contoso.com never y":    "never",
		"accept.expired contoso.com never x\nbaseline * never x": "",
		"mx.leftovr contoso.com never x":                         "error",
		"mxx contoso.com never x":                                "error",
		"mx contoso.com 31.12.2026 x":                            "error",
		"mx contoso.com never":                                   "error",
	} {
		f := watchFlags{accept: filepath.Join(t.TempDir(), "accept.txt")}
		if err := os.WriteFile(f.accept, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		got := ""
		list, err := f.exceptions()
		if err != nil {
			got = "error"
		} else if x := list("contoso.com", "mx.leftover", now); x != nil {
			got = x.Until
		}
		if got != want {
			t.Errorf("%q: %q, want %q; %v", lines, got, want, err)
		}
	}
}

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

const permalink = "/r/"

// A domain leads to a permalink, which shows the result and can be taken along.
func TestPageDomain(t *testing.T) {
	s, c := start(t, false, nil), browser(t)
	for _, typed := range []string{"fabrikam.com", " FABRIKAM.com. ", "helpdesk@fabrikam.com", "https://fabrikam.com/mail"} {
		a := s.submit(t, c, "domain", typed, "")
		path := a.Header.Get("Location")
		if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(path, permalink) || len(path) != len(permalink)+22 {
			t.Fatalf("%q: status %d, %q", typed, a.StatusCode, path)
		}
		page := s.result(t, c, path)
		if page.StatusCode != http.StatusOK || page.Header.Get("Cache-Control") != "no-store" || !strings.Contains(page.text, "NOT READY") {
			t.Errorf("%q: status %d", typed, page.StatusCode)
		}
		for form, want := range map[string]string{"json": `"verdict": "not_ready"`, "html": "<!DOCTYPE html>", "ticket": "fabrikam.com"} {
			d := s.get(t, path+"/"+form)
			if d.StatusCode != http.StatusOK || !strings.Contains(d.text, want) ||
				!strings.HasPrefix(d.Header.Get("Content-Disposition"), `attachment; filename="maildiag-fabrikam.com.`) {
				t.Errorf("%s: status %d, %v", form, d.StatusCode, d.Header)
			}
		}
	}
	for _, path := range []string{"/r/AAAAAAAAAAAAAAAAAAAAAA", "/r/..%2f..%2fetc%2fpasswd", "/r/AAAAAAAAAAAAAAAAAAAAAA/json", "/r/x/events/y"} {
		if a := s.get(t, path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.StatusCode)
		}
	}
}

// Whatever is not a domain is explained at once, and leaves nothing behind.
func TestPageExplain(t *testing.T) {
	s, c := start(t, false, nil), browser(t)
	const secret = "u7-kept-nowhere@fabrikam.com"
	message := "Received: from mail.fabrikam.com ([192.0.2.25]) by mx.contoso.com; Mon, 23 Nov 2026 12:10:03 +0000\r\n" +
		"From: " + secret + "\r\nSubject: <script>alert(1)</script>\r\n\r\n<img src=x onerror=alert(1)>\r\n"
	for name, x := range map[string]struct{ tab, text, file, want string }{
		"error line":    {"bounce", "550 5.7.1 <" + secret + "> Unable to relay", "", "Unable to relay"},
		"code":          {"domain", "5.7.1", "", "generic code"},
		"row":           {"domain", replies.All()[0].ID, "", "Who must act"},
		"message":       {"message", message, "", "Route"},
		"file":          {"domain", "", "mail.eml\x00" + message, "Route"},
		"file wins":     {"domain", "fabrikam.com", "mail.eml\x00" + message, "Route"},
		"large file":    {"message", "", "mail.eml\x00" + message + strings.Repeat("x\r\n", 1<<20), "Route"},
		"hostile name":  {"message", "", "\"><script>\x00" + message, "Route"},
		"nothing known": {"bounce", "the printer is on fire", "", "No reply from a mail server"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.submit(t, c, x.tab, x.text, x.file)
			if a.StatusCode != http.StatusOK || !strings.Contains(a.text, x.want) {
				t.Errorf("status %d: %s", a.StatusCode, a.text)
			}
			if strings.Contains(a.text, "<script>alert") || strings.Contains(a.text, "<img src=x") {
				t.Error("the message's markup is part of the page")
			}
		})
	}
	if log := s.log.String(); strings.Contains(log, "kept-nowhere") || strings.Contains(log, "relay") {
		t.Errorf("the log holds what was pasted: %s", log)
	}
}

// The box says what is wrong and keeps what was typed.
func TestPageComplains(t *testing.T) {
	s, c := start(t, false, nil), browser(t)
	for _, x := range [][2]string{{"domain", " "}, {"device", "550 5.7.1 Unable to relay"}, {"device", ""}} {
		a := s.submit(t, c, x[0], x[1], "")
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text, `role="alert"`) ||
			!strings.Contains(a.text, strings.TrimSpace(x[1])) {
			t.Errorf("%q: status %d", x, a.StatusCode)
		}
	}
	if a := s.submit(t, c, "message", strings.Repeat("x", 5<<20), ""); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("5 MiB pasted: status %d", a.StatusCode)
	}
	if a := s.submit(t, c, "message", "", "x.eml\x00"+strings.Repeat("x", 27<<20)); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("27 MiB: status %d", a.StatusCode)
	}
}

// The page of a running check shows its place and tiles, and the stream of its
// events ends with "over".
func TestPageRunning(t *testing.T) {
	s, c := start(t, true, nil), browser(t)
	path := s.submit(t, c, "domain", "fabrikam.com", "").Header.Get("Location")
	events, err := c.Do(s.request(t, http.MethodGet, path+"/events", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	page := s.do(t, c, s.request(t, http.MethodGet, path, nil))
	if !strings.Contains(page.text, `http-equiv="refresh"`) || page.StatusCode != http.StatusOK {
		t.Errorf("status %d: %s", page.StatusCode, page.text)
	}
	close(s.hold)
	text := readAll(t, events)
	if !strings.Contains(text, "event: tiles\n") || !strings.HasSuffix(text, "event: over\ndata: over\n\n") {
		t.Errorf("%s", text)
	}
	if a := s.get(t, path+"/events"); a.StatusCode != http.StatusNoContent {
		t.Errorf("events of what is over: status %d", a.StatusCode)
	}
}

// A form needs the token of its own browser.
func TestPageCSRF(t *testing.T) {
	s, c := start(t, false, nil), browser(t)
	s.do(t, c, s.request(t, http.MethodGet, "/", nil)) // a cookie, but another token
	for _, token := range []string{"", "AAAAAAAAAAAAAAAAAAAAAA"} {
		for _, client := range []*http.Client{c, browser(t)} {
			body, form := s.form(t, token, "domain", "fabrikam.com", "")
			if a := s.do(t, client, s.request(t, http.MethodPost, "/", body, "Content-Type: "+form)); a.StatusCode != http.StatusForbidden {
				t.Errorf("token %q: status %d", token, a.StatusCode)
			}
		}
	}
}

// Permalinks are there after a restart, also after one that nobody announced.
func TestPermalinkSurvives(t *testing.T) {
	dir := t.TempDir()
	data := func(f *serveFlags) { f.data = dir }
	first, c := start(t, false, data), browser(t)
	path := first.submit(t, c, "domain", "fabrikam.com", "").Header.Get("Location")
	want := first.result(t, c, path)
	second := start(t, false, data) // the first one still runs: nothing was closed
	got := second.get(t, path+"/json")
	var rep report.Report
	if err := json.Unmarshal([]byte(got.text), &rep); err != nil || rep.Begin.Domain != "fabrikam.com" || want.StatusCode != http.StatusOK {
		t.Errorf("%v: %s", err, got.text)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

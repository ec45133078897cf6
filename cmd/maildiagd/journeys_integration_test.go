//go:build integration

package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maildiag/checks/refusal/container/outlook/outlooktest"
	"maildiag/report/htmlpage/chromiumtest"
)

// serve starts a server without limits and a browser.
func journey(t *testing.T, held bool) (*testService, *chromiumtest.Tab) {
	t.Helper()
	b := chromiumtest.Open(t)
	s := start(t, held, nil)
	t.Cleanup(func() {
		if len(b.Errors) > 0 {
			t.Errorf("the browser complains: %s", strings.Join(b.Errors, "\n"))
		}
	})
	b.Screen(1280, false)
	return s, b
}

// A domain typed with the keyboard alone: tiles come while the check runs, then
// the whole result, under an address that can be opened again.
func TestJourneyDomain(t *testing.T) {
	s, b := journey(t, true)
	b.Visit(s.URL + "/")
	b.Pictures("home")
	for range 12 { // by Tab to the box
		if b.Key("Tab", 9, ""); b.Holds("document.activeElement.id === 'q'") {
			break
		}
	}
	b.Type("fabrikam.com")
	b.UntilLoaded(func() { b.Key("Enter", 13, "\r") })
	b.Until("document.querySelectorAll('#tiles .tile').length > 3")
	if !b.Holds("document.title.includes('checking')") {
		t.Error("the title does not say that the check runs")
	}
	b.Pictures("running")
	b.UntilLoaded(func() { close(s.hold) })
	if !b.Holds("document.title === 'fabrikam.com: NOT READY' && location.pathname.length === 25") {
		t.Error("the result is not there")
	}
	if !b.Holds("document.querySelectorAll('.plan .rec + button.copy').length > 2") {
		t.Error("no copy buttons")
	}
	if b.Holds("[...document.querySelectorAll('.rec + button.copy')].some(e => !e.previousElementSibling.querySelector('ins'))") {
		t.Error("a record to delete can be copied")
	}
	b.Pictures("result")
	b.Call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
	if b.Holds("document.querySelector('form.ask').getBoundingClientRect().height > 0") {
		t.Error("the box is printed")
	}
	var pdf struct{ Data string }
	b.Call("Page.printToPDF", map[string]any{"printBackground": true}, &pdf)
	if data, err := base64.StdEncoding.DecodeString(pdf.Data); err != nil || !strings.HasPrefix(string(data), "%PDF-") {
		t.Errorf("no PDF: %v", err)
	}
	b.Accessible()
}

// Copy takes the records to add, without the signs before them.
func TestJourneyCopy(t *testing.T) {
	s, b := journey(t, false)
	c := browser(t)
	path := s.submit(t, c, "domain", "fabrikam.com", "").Header.Get("Location")
	s.result(t, c, path)
	b.Call("Browser.grantPermissions", map[string]any{"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}, "origin": s.URL}, nil)
	b.Visit(s.URL + path)
	b.Call("Page.bringToFront", nil, nil)
	b.Eval("document.querySelector('.rec ins').closest('.rec').nextElementSibling.click()", nil)
	b.Until("document.querySelector('.rec ins').closest('.rec').nextElementSibling.textContent !== 'Copy'")
	var got, want string
	b.Eval("navigator.clipboard.readText()", &got)
	b.Eval("[...document.querySelector('.rec ins').closest('.rec').querySelectorAll('ins')].map(e => e.textContent).join('\\n')", &want)
	if got != want || got == "" {
		t.Errorf("copied %q, want %q", got, want)
	}
}

// A bounce is pasted; an Outlook file and a message are dropped.
func TestJourneyExplain(t *testing.T) {
	s, b := journey(t, false)
	b.Visit(s.URL + "/?tab=bounce")
	b.Pictures("bounce")
	b.Eval("document.getElementById('q').focus()", nil)
	b.Type("Remote Server returned '550 5.1.1 <u@fabrikam.com>: Recipient address rejected: User unknown'")
	b.UntilLoaded(func() { b.Eval("document.querySelector('form.ask button').click()", nil) })
	if !b.Holds("document.querySelector('article .owner')") {
		t.Error("the bounce is not explained")
	}
	b.Pictures("explained")
	b.Accessible()
	dir := t.TempDir()
	msg := outlooktest.Build(outlooktest.NDR("u@fabrikam.com", "mx.fabrikam.com", "550 5.1.1 <u@fabrikam.com>: User unknown"))
	eml := []byte("Received: from mail.fabrikam.com (mail.fabrikam.com [192.0.2.25]) by mx.contoso.com; Mon, 23 Nov 2026 12:10:03 +0000\r\n" +
		"From: <script>alert(1)</script>@fabrikam.com\r\nSubject: <img src=x onerror=alert(1)>\r\nContent-Type: text/html\r\n\r\n<script>alert(2)</script>")
	for name, x := range map[string]struct {
		data []byte
		want string
	}{"bounce.msg": {msg, "document.querySelector('article .owner')"}, "mail.eml": {eml, "document.querySelector('svg')"}} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, x.data, 0o600); err != nil {
			t.Fatal(err)
		}
		b.Visit(s.URL + "/?tab=message")
		b.UntilLoaded(func() { drop(t, b, file) })
		if !b.Holds(x.want) {
			t.Errorf("%s is not explained", name)
		}
		b.Pictures(name)
	}
}

// drop drops a file on the box.
func drop(t *testing.T, b *chromiumtest.Tab, file string) {
	t.Helper()
	var at struct{ X, Y float64 }
	b.Eval("(r => ({X: r.x + 20, Y: r.y + 20}))(document.querySelector('form.ask').getBoundingClientRect())", &at)
	data := map[string]any{"items": []any{}, "files": []string{file}, "dragOperationsMask": 1}
	for _, kind := range []string{"dragEnter", "dragOver", "drop"} {
		b.Call("Input.dispatchDragEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "data": data}, nil)
	}
}

// Without script the same: the page of a running check loads itself again.
func TestJourneyWithoutScript(t *testing.T) {
	s, b := journey(t, true)
	b.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	b.Visit(s.URL + "/")
	b.Eval("document.getElementById('q').value = 'fabrikam.com'", nil)
	b.UntilLoaded(func() { b.Eval("document.querySelector('form.ask button').click()", nil) })
	if !b.Holds("document.getElementById('live')") {
		t.Error("the check does not run")
	}
	close(s.hold)
	for !b.Holds("document.querySelector('.actions')") {
		b.UntilLoaded(func() {})
	}
	if b.Holds("document.querySelector('button.copy')") {
		t.Error("script ran")
	}
}

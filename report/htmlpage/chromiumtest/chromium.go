// Package chromiumtest drives Chromium in tests of pages.
package chromiumtest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Tab drives one tab of Chromium over its debugging pipe: messages of JSON
// with a NUL between them.
type Tab struct {
	t       *testing.T
	in      *os.File
	out     *bufio.Reader
	session string
	next    int
	loaded  bool
	Errors  []string // what the console and the content security policy complained of
}

// message is what the browser says.
type message struct {
	ID     int
	Method string
	Result json.RawMessage
	Error  *struct{ Message string }
	Params json.RawMessage
}

// Open starts a browser without a window, which ends with the test. It skips the
// test where Chromium is not installed.
func Open(t *testing.T) *Tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not installed")
	}
	b, err := start(t, path)
	if err != nil { // under load, a browser may end while it starts
		b, err = start(t, path)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "DOM"} {
		b.Call(domain+".enable", nil, nil)
	}
	return b
}

// start starts a browser and opens its tab.
func start(t *testing.T, path string) (*Tab, error) {
	t.Helper()
	fromUs, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, toUs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) }) // what a child of the browser still writes may stay
	c := exec.CommandContext(t.Context(), path, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars",
		"--no-first-run", "--disable-background-networking", "--user-data-dir="+profile, "about:blank")
	c.ExtraFiles = []*os.File{fromUs, toUs}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	fromUs.Close()
	toUs.Close()
	_ = out.SetReadDeadline(time.Now().Add(3 * time.Minute))
	b := &Tab{t: t, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait(); in.Close(); out.Close() })
	return b, b.attach()
}

// attach opens the tab.
func (b *Tab) attach() error {
	var target struct{ TargetID, SessionID string }
	err := b.try("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	if err == nil {
		err = b.try("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	}
	b.session = target.SessionID
	return err
}

// Call sends a command and waits for its result.
func (b *Tab) Call(method string, params, result any) {
	b.t.Helper()
	if err := b.try(method, params, result); err != nil {
		b.t.Fatal(err)
	}
}

// try is [Tab.Call], but the test goes on after an error.
func (b *Tab) try(method string, params, result any) error {
	b.next++
	m := map[string]any{"id": b.next, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	if err == nil {
		_, err = b.in.Write(append(text, 0))
	}
	for err == nil {
		var got message
		if got, err = b.read(); err == nil && got.ID == b.next {
			if got.Error != nil {
				return fmt.Errorf("%s: %s", method, got.Error.Message)
			}
			if result != nil {
				err = json.Unmarshal(got.Result, result)
			}
			break
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// read reads a message, and takes note of events.
func (b *Tab) read() (m message, err error) {
	text, err := b.out.ReadBytes(0)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m); err != nil {
		return m, err
	}
	switch m.Method {
	case "Page.loadEventFired":
		b.loaded = true
	case "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening":
		b.Errors = append(b.Errors, m.Method+" "+string(m.Params))
	}
	return m, nil
}

// UntilLoaded waits for the page that an action leads to.
func (b *Tab) UntilLoaded(action func()) {
	b.t.Helper()
	b.loaded = false
	action()
	for !b.loaded {
		if _, err := b.read(); err != nil {
			b.t.Fatal(err)
		}
	}
}

// Visit opens a page, and waits until it has loaded.
func (b *Tab) Visit(url string) {
	b.t.Helper()
	b.UntilLoaded(func() { b.Call("Page.navigate", map[string]any{"url": url}, nil) })
}

// Eval evaluates an expression in the page.
func (b *Tab) Eval(expression string, value any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	b.Call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails.Exception.Description)
	}
	if value != nil {
		if err := json.Unmarshal(r.Result.Value, value); err != nil {
			b.t.Fatalf("%s: %v", expression, err)
		}
	}
}

// Holds reports whether an expression is true.
func (b *Tab) Holds(expression string) (ok bool) {
	b.t.Helper()
	b.Eval("!!("+expression+")", &ok)
	return ok
}

// Until waits for an expression to become true.
func (b *Tab) Until(expression string) {
	b.t.Helper()
	for range 500 {
		if b.Holds(expression) {
			return
		}
		b.Eval("new Promise(r => setTimeout(r, 20))", nil)
	}
	var text string
	b.Eval("location.href + ' ' + document.body.innerText", &text)
	b.t.Fatalf("%s does not come true: %s %q", expression, text, b.Errors)
}

// Type writes into what has the focus.
func (b *Tab) Type(text string) {
	b.t.Helper()
	b.Call("Input.insertText", map[string]any{"text": text}, nil)
}

// Key presses a key.
func (b *Tab) Key(name string, code int, text string) {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		p := map[string]any{"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code}
		if text != "" && kind == "keyDown" {
			p["text"] = text
		}
		b.Call("Input.dispatchKeyEvent", p, nil)
	}
}

// Screen sets the size, and whether dark colors are preferred.
func (b *Tab) Screen(width int, dark bool) {
	b.t.Helper()
	b.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}, nil)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// picture keeps a picture of the whole page in the folder that MAILDIAG_PICTURES
// names, to be looked at.
func (b *Tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("MAILDIAG_PICTURES")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	b.Call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true, "format": "png"}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Pictures takes pictures on a phone, a tablet and a desk, light and dark, and
// reports a page that is wider than the screen.
func (b *Tab) Pictures(name string) {
	b.t.Helper()
	for _, width := range []int{375, 768, 1280} {
		for _, dark := range []bool{false, true} {
			b.Screen(width, dark)
			var wide int
			b.Eval("document.documentElement.scrollWidth", &wide)
			if wide > width {
				b.t.Errorf("%s is %d wide on a screen of %d", name, wide, width)
			}
			b.picture(fmt.Sprintf("%s-%d-%t", name, width, dark))
		}
	}
	b.Screen(1280, false)
}

// Accessible reports what axe-core finds on the page, if MAILDIAG_AXE names its file.
func (b *Tab) Accessible() {
	b.t.Helper()
	name := os.Getenv("MAILDIAG_AXE")
	if name == "" {
		return
	}
	source, err := os.ReadFile(name)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Call("Emulation.setEmulatedMedia", map[string]any{"media": ""}, nil)
	b.Eval(string(source)+"; 0", nil)
	var found []struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML string }
	}
	for _, dark := range []bool{false, true} {
		b.Screen(1280, dark)
		b.Eval("axe.run().then(r => r.violations)", &found)
		for _, v := range found {
			text, _ := json.Marshal(v.Nodes)
			b.t.Errorf("axe (dark: %t): %s %s: %s: %.600s", dark, v.Impact, v.ID, v.Help, text)
		}
	}
}

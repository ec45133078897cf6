//go:build integration

package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"maildiag/report/htmlpage/chromiumtest"
)

// cutTexts lists the elements of a page whose text does not fit into them.
const cutTexts = `[...document.querySelectorAll('body *')].filter(e => {
	const s = getComputedStyle(e)
	return !e.closest('svg') && s.overflowX !== 'visible' && s.overflowX !== 'auto' && s.overflowX !== 'scroll' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1
}).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 60))`

// outsidePictures lists the texts of pictures that leave them.
const outsidePictures = `[...document.querySelectorAll('svg text')].filter(e => {
	const t = e.getBoundingClientRect(), s = e.closest('svg').getBoundingClientRect()
	return t.width > 0 && (t.left < s.left - 1 || t.right > s.right + 1 || t.top < s.top - 1 || t.bottom > s.bottom + 1)
}).map(e => e.textContent)`

// overlaps lists texts of pictures that lie on one another.
const overlaps = `[...document.querySelectorAll('svg')].flatMap(s => {
	const all = [...s.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]).filter(x => x[1].width > 0)
	return all.flatMap((a, i) => all.slice(i + 1).filter(b =>
		Math.min(a[1].right, b[1].right) - Math.max(a[1].left, b[1].left) > 2 && Math.min(a[1].bottom, b[1].bottom) - Math.max(a[1].top, b[1].top) > 3
	).map(b => a[0] + ' / ' + b[0]))
})`

// TestPages looks at the page of each demo world on a phone, a tablet and a desk,
// light, dark and printed: nothing is cut, nothing overlaps, no link leads
// nowhere, and a domain fits on three sheets,
// the table of several on one more.
func TestPages(t *testing.T) {
	b := chromiumtest.Open(t)
	for _, w := range demoWorlds() {
		page, stderr, code := maildiag(t, "", "demo", w.name, "--format", "html")
		if code == exitUsage || !strings.HasPrefix(page, "<!") {
			t.Fatalf("%s: exit code %d: %s", w.name, code, stderr)
		}
		file := filepath.Join(t.TempDir(), w.name+".html")
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		b.Visit("file://" + file)
		b.Pictures("report-" + w.name)
		for _, width := range []int{375, 768, 1280} {
			b.Screen(width, false)
			for what, script := range map[string]string{"cut": cutTexts, "outside of its picture": outsidePictures, "on one another": overlaps} {
				var found []string
				if b.Eval(script, &found); len(found) > 0 {
					t.Errorf("%s at %d pixels, %s: %q", w.name, width, what, found)
				}
			}
		}
		var lost []string
		b.Eval("[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1)).filter(id => !document.getElementById(id))", &lost)
		if len(lost) > 0 {
			t.Errorf("%s: links without an end: %q", w.name, lost)
		}
		if n, domains := sheets(t, b), strings.Count(page, `<section class="report"`); n > 3*domains+min(domains-1, 1) {
			t.Errorf("%s: %d sheets of paper for %d domains", w.name, n, domains)
		}
	}
	if len(b.Errors) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(b.Errors, "\n"))
	}
}

// sheets returns how many pages the print of a page has.
func sheets(t *testing.T, b *chromiumtest.Tab) int {
	t.Helper()
	b.Call("Emulation.clearDeviceMetricsOverride", nil, nil)
	var pdf struct{ Data string }
	b.Call("Page.printToPDF", map[string]any{"printBackground": true, "paperWidth": 8.27, "paperHeight": 11.69}, &pdf)
	data, err := base64.StdEncoding.DecodeString(pdf.Data)
	if err != nil {
		t.Fatal(err)
	}
	return len(regexp.MustCompile(`/Type ?/Page\b`).FindAll(data, -1))
}

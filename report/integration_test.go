//go:build integration

package report

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/html"
)

// The tests below ask programs that others wrote: promtool (Debian package
// prometheus), python3, jq, cmark-gfm, chromium.

// tool runs a program with text on stdin and gives what it prints.
func tool(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, stderr.String())
	}
	return string(out)
}

func TestPromtool(t *testing.T) {
	for name, events := range runs() {
		out := tool(t, render(t, "prometheus", Options{}, events), "promtool", "check", "metrics")
		if out != "" {
			t.Errorf("%s: promtool says %s", name, out)
		}
	}
	for i, p := range payloads() {
		if i%10 == 0 { // a process each
			tool(t, render(t, "prometheus", Options{}, runWith(p, p)), "promtool", "check", "metrics")
		}
	}
}

// all renders every payload, each in its own run.
func all(t *testing.T, format string) []string {
	var out []string
	for _, p := range payloads() {
		out = append(out, render(t, format, Options{}, runWith("evil.example", p)))
	}
	return out
}

// inFiles writes each text into a file of its own and gives the folder.
func inFiles(t *testing.T, texts []string) string {
	t.Helper()
	dir := t.TempDir()
	for i, s := range texts {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFault_197_Expat(t *testing.T) {
	dir := inFiles(t, all(t, "junit"))
	tool(t, "", "python3", "-c", `
import os, sys, xml.etree.ElementTree as E
for f in os.listdir(sys.argv[1]):
    cases = E.parse(os.path.join(sys.argv[1], f)).getroot().findall('testsuite/testcase')
    assert len(cases) == 5, (f, len(cases))
`, dir)
}

func TestFault_194_PythonCSV(t *testing.T) {
	dir := inFiles(t, all(t, "csv"))
	tool(t, "", "python3", "-c", `
import csv, os, sys
csv.field_size_limit(1 << 30)
for f in os.listdir(sys.argv[1]):
    rows = list(csv.reader(open(os.path.join(sys.argv[1], f), newline='', encoding='utf-8'), strict=True))
    assert [len(r) for r in rows] == [14] * 6, (f, [len(r) for r in rows])
    for cell in sum(rows, []):
        assert not cell.lstrip(' "').startswith(tuple('=+-@\t\r＝＋－＠')), (f, cell[:80])
`, dir)
}

// Go, jq and Python read the same from every document.
func TestFault_196_ThreeReaders(t *testing.T) {
	docs := strings.Join(all(t, "jsonl"), "")
	viaJQ := tool(t, docs, "jq", "-c", "-S", "-a", ".")
	viaPython := tool(t, docs, "python3", "-c", `
import json, sys
for line in sys.stdin.buffer:
    print(json.dumps(json.loads(line), sort_keys=True, separators=(',', ':')))
`)
	if d := sameJSON(viaJQ, viaPython); d != "" {
		t.Error("jq and python differ: " + d)
	}
	if n := strings.Count(viaJQ, "\n"); n != len(payloads()) {
		t.Errorf("jq reads %d documents", n)
	}
}

func sameJSON(a, b string) string {
	a, b = strings.ReplaceAll(a, `\u007f`, "\x7f"), strings.ReplaceAll(b, `\u007f`, "\x7f")
	if a == b {
		return ""
	}
	return firstDifference(a, b)
}

// A real parser of GitHub's Markdown sees the same elements for any payload.
func TestMarkdownParser(t *testing.T) {
	parse := func(payload string) string {
		text := render(t, "markdown", Options{}, runWith("evil.example", payload))
		page := tool(t, text, "cmark-gfm", "--unsafe", "-e", "autolink", "-e", "table", "-e", "strikethrough", "-e", "tasklist")
		var b strings.Builder
		z := html.NewTokenizer(strings.NewReader(page))
		for {
			switch z.Next() {
			case html.ErrorToken:
				return b.String()
			case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
				b.WriteString(z.Token().String() + "\n")
			}
		}
	}
	want := parse("x")
	for i, p := range payloads() {
		if got := parse(p); got != want {
			t.Fatalf("payload %d: %.100q\n%s", i, p, firstDifference(got, want))
		}
	}
}

// A browser that opens the page of every payload runs nothing and asks for
// nothing: the server below gets no request, and no title is changed.
func TestFault_193_Chromium(t *testing.T) {
	var requests atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) })}
	go server.Serve(l)
	defer server.Close()

	evil := "http://" + l.Addr().String()
	var list []string
	for _, p := range payloads() {
		if len(p) < 1000 {
			p = strings.NewReplacer("http://evil.example", evil, "//evil.example", "//"+l.Addr().String(), "alert(1)", "document.title='EVIL'").Replace(p)
			list = append(list, p)
		}
	}
	events := []Event{sampleStart(len(list))}
	for _, p := range list {
		run := runWith("evil.example", p)
		events = append(events, run[1:len(run)-1]...)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	page := render(t, "html", Options{}, append(events, sampleStop(1)))
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	dom := tool(t, "", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=3000", "--dump-dom", "file://"+file)
	if !strings.Contains(dom, "<title>maildiag 2026-11-23</title>") {
		t.Errorf("the title is not ours: %.300s", dom)
	}
	if got, want := strings.Count(dom, `<section class="report"`), len(list); got != want {
		t.Errorf("%d sections, want %d", got, want)
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

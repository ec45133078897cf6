package report

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// payloads is what attackers put into DNS records, banners, certificates and
// bounces. Each stands alone, at the start, in the middle and at the end.
func payloads() []string {
	seeds := []string{
		// terminals
		"\x1b[2J", "\x1b[31mred", "\x1b[1A\x1b[2Kpass", "\x1b]0;title\a", "\x1b]8;;http://evil.example\x1b\\x", "\x1b]52;c;ZXZpbA==\a",
		"\x1bP$q\x1b\\", "\x1bc", "\x1b(0", "\u009b2J", "\x9b2J", "\u009d0;t\u009c", "\u0090q\u009c", "\a", "\b\b\b\bpass", "\rpass", "\v\f", "\x7f",
		"\x0e", "\x00", "\u202eedoc", "\u2066x\u2069", "\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad", "\U000e0041\U000e007f", "\u2028", "\u2029", "\u0085",
		"\u3164", "\u2800", "\ufe0f", strings.Repeat("\u0301", 40), "\xff\xfe", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\ufffe", "\uffff", "\U0010ffff",
		// pages
		"<script>alert(1)</script>", "</script><script>alert(1)//", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "\"><b>", "' onmouseover='x",
		"</pre></div></section>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;b&gt;", "&#60;b&#62;", "javascript:alert(1)", "data:text/html,<b>", "{{.}}", "</title>", "</style>",
		"<base href=//evil.example>", "<meta http-equiv=refresh content=0>", "<iframe src=//evil.example>", "<a href=javascript:1>x</a>",
		// lines of other formats
		"x\n# HELP evil x\nevil 1", "\n# EOF\n", "{le=\"+Inf\"}", "\\\"} 1\nevil{a=\"", "\n::error::x", "::set-output name=x::y", "%0A::error::x", "\r\n::stop-commands::t",
		"x | evil=1", "|evil=1;;;;", "x\n2 \"Evil\" - x", "(!!)", "\n- evil.key 1", "\" 1\n- evil[x] \"", "\n\"}\n{\"start\":{}}\n", "\n</testsuite>",
		// spreadsheets
		"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", "＠x", "\"=1", "\",=1,\"", ";=1", "=cmd|'/C calc'!A0", "=HYPERLINK(\"http://evil.example\")",
		// Markdown
		"**x**", "[x](http://evil.example)", "![x](http://evil.example/x.png)", "`x`", "``` \n# x", "````\n<b>", "~~~\n", "| x | y |", "@everyone", "fixes #1", "\n# head", "- x\n- y", "www.evil.example",
		"http://evil.example/", "me@evil.example", "\\", "\\\\", "$x$", "1. x", "> x", "<http://evil.example>", "[x]: http://evil.example",
		// size
		strings.Repeat("A", 64<<10), strings.Repeat("日本", 1<<10), strings.Repeat("\x1b[", 1<<10), strings.Repeat("a ", 1<<10), strings.Repeat("`", 1<<10),
	}
	var all []string
	for _, s := range seeds {
		all = append(all, s)
		if len(s) < 100 {
			all = append(all, "v=spf1 "+s+" -all")
		}
	}
	return all
}

// each renders the payload in all places as the format, for every payload.
func each(t *testing.T, format string, o Options, judge func(t *testing.T, payload, out string)) {
	t.Helper()
	list := payloads()
	if len(list) < 200 {
		t.Fatalf("only %d payloads", len(list))
	}
	for i, p := range list {
		out := render(t, format, o, runWith("evil.example", p))
		t.Run(fmt.Sprint(i), func(t *testing.T) { judge(t, p, out) })
		if t.Failed() {
			t.Fatalf("payload %d: %.200q", i, p)
		}
	}
}

var ourColours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// No payload reaches a terminal raw, whatever field it came in.
func TestFault_192_Terminal(t *testing.T) {
	for _, o := range []Options{{Unicode: true}, {Width: 200, Unicode: true, Verbose: true}, {}, {Quiet: true, Unicode: true}} {
		each(t, "text", o, func(t *testing.T, payload, out string) {
			if bad := dirty(strings.ReplaceAll(out, "\n", "")); bad != "" {
				t.Errorf("%s comes out", bad)
			}
			if !o.Unicode && !plainASCII(strings.ReplaceAll(out, "\n", "")) {
				t.Error("more than ASCII comes out")
			}
			o := o
			o.Color = true
			colour := render(t, "text", o, runWith("evil.example", payload))
			if ourColours.ReplaceAllString(colour, "") != out {
				t.Error("with the colours taken out the coloured report is not the plain one")
			}
		})
	}
}

// Without color there is no escape byte at all.
func TestFault_205_NoEscapeBytes(t *testing.T) {
	for name, events := range runs() {
		for _, f := range FormatNames() {
			if out := render(t, f, Options{Width: 80, Unicode: true}, events); strings.ContainsRune(out, '\x1b') {
				t.Errorf("%s as %s has an escape byte", name, f)
			}
		}
	}
}

// Huge, wide and combining values are cut with a mark, and no line but a
// record, command or source that must stay whole is wider than the terminal.
func TestFault_204_Width(t *testing.T) {
	for _, p := range []string{strings.Repeat("A", 64<<10), strings.Repeat("日本", 16<<10), strings.Repeat("e\u0301", 20<<10), strings.Repeat("a b ", 16<<10)} {
		for _, cols := range []int{40, 80, 200} {
			f := Finding{Check: "mx", Code: "mx.name", Status: Warn, Subject: p, Summary: p,
				Evidence: []Evidence{{Kind: "answer", Text: p, From: p, Note: p}, {Kind: "smtp", Text: strings.Repeat(p[:100]+"\n", 500)}}}
			for _, verbose := range []bool{false, true} {
				out := render(t, "text", Options{Width: cols, Unicode: true, Verbose: verbose},
					[]Event{sampleStart(1), sampleBegin("a.example"), found(f), sampleEnd("a.example", "", 1, 1), sampleStop(1)})
				for l := range strings.Lines(out) {
					if w := width(strings.TrimSuffix(l, "\n")); w > cols {
						t.Fatalf("%d columns on a terminal of %d: %.100q", w, cols, l)
					}
				}
				if n := strings.Count(out, "\n"); n > 100 && !verbose {
					t.Errorf("%d lines", n)
				}
				if !strings.Contains(out, "…") {
					t.Error("nothing says that something was cut")
				}
			}
		}
	}
}

// The page has the same elements, attributes and addresses whatever the
// payload: nothing of it is more than text.
func TestFault_193_HTML(t *testing.T) {
	want := elements(t, render(t, "html", Options{}, runWith("evil.example", "x")))
	each(t, "html", Options{}, func(t *testing.T, _, out string) {
		if got := elements(t, out); got != want {
			t.Error(firstDifference(got, want))
		}
		if bad := dirty(strings.ReplaceAll(out, "\n", "")); bad != "" {
			t.Errorf("%s comes out", bad)
		}
	})
}

// elements lists the tags of a page with their attributes, one a line.
func elements(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				t.Fatal(z.Err())
			}
			return b.String()
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken, html.DoctypeToken, html.CommentToken:
			token := z.Token()
			if token.Data == "text" { // a long name in a picture is set narrower
				token.Attr = slices.DeleteFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "textlength" || a.Key == "lengthadjust" })
			}
			b.WriteString(token.String() + "\n")
		}
	}
}

// The page asks for nothing from elsewhere and runs nothing.
func TestHTMLSelfContained(t *testing.T) {
	for name, events := range runs() {
		page := render(t, "html", Options{}, events)
		for l := range strings.Lines(elements(t, page)) {
			for _, bad := range []string{"<script", "<img", "<link", "<iframe", "<form", " src=", " onload", " onerror", " style="} {
				if strings.Contains(l, bad) {
					t.Errorf("%s: %s", name, l)
				}
			}
		}
		if !strings.Contains(page, `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`) &&
			!strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'"`) {
			t.Errorf("%s: no content security policy", name)
		}
		balanced(t, name, page)
	}
}

// Every link within the page has its one target, and steps and findings link to
// each other.
func TestHTMLAnchors(t *testing.T) {
	ids, links := regexp.MustCompile(` id="([^"]*)"`), regexp.MustCompile(` href="#([^"]*)"`)
	for name, events := range runs() {
		page := elements(t, render(t, "html", Options{}, events))
		targets := map[string]int{}
		for _, m := range ids.FindAllStringSubmatch(page, -1) {
			targets[m[1]]++
		}
		to := map[string]bool{}
		for _, m := range links.FindAllStringSubmatch(page, -1) {
			to[m[1]] = true
			if targets[m[1]] != 1 {
				t.Errorf("%s: %d targets of #%s", name, targets[m[1]], m[1])
			}
		}
		for _, want := range map[string][]string{"broken": {"d1-step1", "d1-step2", "d1-f3", "d1-t2"}, "several": {"d2-step1", "d2-f3", "d3-t1"}}[name] {
			if !to[want] {
				t.Errorf("%s: nothing links to #%s", name, want)
			}
		}
	}
}

// balanced checks that every element is closed in its place.
func balanced(t *testing.T, name, page string) {
	t.Helper()
	var open []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("%s: open at the end: %v", name, open)
			}
			return
		case html.StartTagToken:
			if tag, _ := z.TagName(); string(tag) != "meta" && string(tag) != "br" {
				open = append(open, string(tag))
			}
		case html.EndTagToken:
			tag, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(tag) {
				t.Fatalf("%s: </%s> closes %v", name, tag, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// No cell is a formula, and rows and columns are exact.
func TestFault_194_CSV(t *testing.T) {
	each(t, "csv", Options{}, func(t *testing.T, _, out string) {
		r := csv.NewReader(strings.NewReader(out))
		rows, err := r.ReadAll() // also checks that all rows are of one length
		if err != nil {
			t.Fatal(err)
		}
		if n := len(runWith("", "")) - 3; len(rows) != n || len(rows[0]) != len(csvHeading) || strings.Count(out, "\n") != n { // the findings and the heading, no start, begin and end
			t.Fatalf("%d rows of %d cells", len(rows), len(rows[0]))
		}
		for _, cell := range slices.Concat(rows...) {
			if f := strings.TrimLeft(cell, ` "`); f != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", rune([]rune(f)[0])) {
				t.Errorf("%.60q is a formula", cell)
			}
			if bad := dirty(cell); bad != "" {
				t.Errorf("%s in a cell", bad)
			}
		}
	})
}

// The documents hold exactly what came in, for every reader.
func TestFault_196_JSON(t *testing.T) {
	each(t, "jsonl", Options{}, func(t *testing.T, payload, out string) {
		if !json.Valid([]byte(out)) || strings.Count(out, "\n") != 1 {
			t.Fatal("not one document on one line")
		}
		if strings.ContainsAny(out, "<>\u2028\u2029\x7f") {
			t.Error("a page that embeds it could be broken")
		}
		var doc struct {
			Findings []struct {
				Summary  string
				Evidence []struct{ Text string }
			}
		}
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatal(err)
		}
		if got, want := doc.Findings[0].Evidence[0].Text, valid(payload)+"#5"; got != want {
			t.Errorf("%.100q, want %.100q", got, want)
		}
	})
	each(t, "ndjson", Options{}, func(t *testing.T, _, out string) {
		if n := strings.Count(out, "\n"); n != len(runWith("", "")) {
			t.Errorf("%d lines", n)
		}
	})
	each(t, "json", Options{}, func(t *testing.T, _, out string) {
		if !json.Valid([]byte(out)) {
			t.Error("not a document")
		}
	})
}

// The XML is well-formed, with one test case a finding.
func TestFault_197_JUnit(t *testing.T) {
	want := xmlElements(t, render(t, "junit", Options{}, runWith("evil.example", "x")))
	each(t, "junit", Options{}, func(t *testing.T, _, out string) {
		if got := xmlElements(t, out); got != want {
			t.Error(firstDifference(got, want))
		}
		if bad := dirty(strings.ReplaceAll(out, "\n", "")); bad != "" {
			t.Errorf("%s comes out", bad)
		}
	})
}

func xmlElements(t *testing.T, doc string) string {
	t.Helper()
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			b.WriteString(e.Name.Local)
			for _, a := range e.Attr {
				b.WriteString(" " + a.Name.Local)
			}
			b.WriteByte('\n')
		}
	}
}

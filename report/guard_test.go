package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"maildiag/report/runnertest"
)

// Row 1 of issue 16: no byte of another's makes a line a command of a CI
// system, in any format, at any width, from any field.
func TestRow01_NoCommandInAnyFormat(t *testing.T) {
	for _, format := range FormatNames() {
		for _, o := range []Options{{Unicode: true}, {Width: 40, Unicode: true, Verbose: true}, {Width: 61, Color: true, Verbose: true}, {Quiet: true}} {
			if format != "text" && format != "markdown" && o.Width > 0 {
				continue
			}
			for _, p := range runnertest.Payloads() {
				out := render(t, format, o, runWith(p, p))
				var bad []string
				for _, c := range runnertest.Commands(out) {
					if format != "github" || !ourAnnotation(c) {
						bad = append(bad, c)
					}
				}
				if bad != nil {
					t.Fatalf("%s %+v, payload %q: %.300q", format, o, p, bad)
				}
			}
		}
	}
}

// ourAnnotation reports whether a line is one that the format github writes.
func ourAnnotation(line string) bool {
	for _, level := range []string{"error", "warning", "notice"} {
		if strings.HasPrefix(line, "::"+level+" title=") && !strings.Contains(line, "##[") {
			return !strings.Contains(strings.ToLower(line), "##vso[") && !strings.Contains(strings.ToLower(line), "##teamcity[")
		}
	}
	return false
}

// Where the pieces of a command come in several writes, it is broken all the same.
func TestRow01_GuardAcrossWrites(t *testing.T) {
	for _, p := range runnertest.Payloads() {
		if strings.Contains(p, "section_") { // no format writes CR and ESC
			continue
		}
		for cut := range len(p) {
			var b strings.Builder
			g := NewGuard(&b, PlainEscapes)
			fmt.Fprint(g, p[:cut])
			fmt.Fprint(g, p[cut:]+"]::\n")
			if found := runnertest.Commands(b.String()); found != nil {
				t.Fatalf("%q cut at %d: %q", p, cut, found)
			}
		}
	}
}

// The guard changes nothing else: what is no command comes out as it went in,
// and a JSON document keeps its meaning.
func TestRow01_GuardKeepsTheRest(t *testing.T) {
	for _, same := range []string{"", "\n", "2001:db8::1 ::1\n", "a ::error::x\n", "## heading\n", "#[x]\n", "# #vso[x]\n", "##1[x]\n", "x##\n[y]\n", "C# ## [x]", ":a:b\n", " : :x\n"} {
		var b strings.Builder
		fmt.Fprint(NewGuard(&b, PlainEscapes), same)
		if b.String() != same {
			t.Errorf("%q became %q", same, b.String())
		}
	}
	for _, p := range runnertest.Payloads() {
		text, err := json.Marshal(valid(p))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		fmt.Fprintf(NewGuard(&b, PlainEscapes), "%s", text)
		var back string
		if err := json.Unmarshal([]byte(b.String()), &back); err != nil || back != valid(p) {
			t.Errorf("%q came back as %q, %v", p, back, err)
		}
	}
}

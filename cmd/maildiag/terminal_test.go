package main

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"testing"
)

// terminalFile is the picture of the README, made from a real run.
const terminalFile = "../../docs/terminal.svg"

// TestTerminalPicture compares the README's picture with what the command
// prints; -update writes it anew.
func TestTerminalPicture(t *testing.T) {
	t.Setenv("LANG", "C.UTF-8")
	var out, errs bytes.Buffer
	run(t.Context(), strings.Fields("demo migrating -q --color always"), strings.NewReader(""), &out, &errs)
	if errs.Len() > 0 {
		t.Fatal(errs.String())
	}
	made := terminalSVG("maildiag -q fabrikam.com", strings.Replace(steady(out.String()), "resolver the demo's own", "resolver 192.0.2.53", 1))
	if *update {
		if err := os.WriteFile(terminalFile, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if was, err := os.ReadFile(terminalFile); err != nil || string(was) != made {
		t.Errorf("%s is not what the command prints (%v); -update writes it", terminalFile, err)
	}
}

const (
	terminalStyle = `text { font: 13px ui-monospace, Consolas, monospace; fill: #1b1f24; white-space: pre; } rect { fill: #fff; stroke: #d0d7de; }
.b { font-weight: 700; } .s { fill: #57606a; } .r { fill: #cf222e; font-weight: 700; } .y { fill: #8a5a00; } .g { fill: #1a7f37; } .m { fill: #8250df; } .c { fill: #0969da; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } rect { fill: #0d1117; stroke: #3d444d; }
.s { fill: #9198a1; } .r { fill: #f85149; } .y { fill: #d29922; } .g { fill: #3fb950; } .m { fill: #bc8cff; } .c { fill: #58a6ff; } }`
	terminalLine, terminalWidth = 18, 668
)

var colorClass = map[string]string{"1": "b", "2": "s", "31;1": "r", "31": "r", "33": "y", "33;1": "y", "32": "g", "32;1": "g", "35": "m", "35;1": "m", "36": "c", "34": "c"}

// terminalSVG draws the output of a command, with its colors.
func terminalSVG(command, out string) string {
	lines := append([]string{"$ " + command}, strings.Split(strings.TrimRight(out, "\n"), "\n")...)
	height := len(lines)*terminalLine + 24
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" role="img"><title>%s</title>`+"\n<style>%s</style>\n",
		terminalWidth, height, terminalWidth, html.EscapeString(command), terminalStyle)
	fmt.Fprintf(&b, `<rect x="1" y="1" width="%d" height="%d" rx="8"/>`+"\n", terminalWidth-2, height-2)
	code := regexp.MustCompile("\x1b\\[([0-9;]*)m")
	for i, l := range lines {
		fmt.Fprintf(&b, `<text x="16" y="%d" xml:space="preserve">`, 28+i*terminalLine)
		at, class := 0, ""
		for _, m := range append(code.FindAllStringSubmatchIndex(l, -1), []int{len(l), len(l), 0, 0}) {
			if said := html.EscapeString(l[at:m[0]]); class == "" || said == "" {
				b.WriteString(said)
			} else {
				fmt.Fprintf(&b, `<tspan class="%s">%s</tspan>`, class, said)
			}
			at, class = m[1], colorClass[l[m[2]:m[3]]]
		}
		b.WriteString("</text>\n")
	}
	return b.String() + "</svg>\n"
}

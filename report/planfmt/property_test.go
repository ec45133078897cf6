package planfmt

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"maildiag/report"
)

// pieces are what a value needs to break out of one of the formats.
var pieces = []string{
	`"`, `'`, `\`, "`", "${", "$${", "$$${", "%{", "%%{", "$(id)", "#", "//", "/*", "*/", ";", "\n", "\r\n", "\r", "\x00", "\x1b[31m",
	"\u2018", "\u2019", "\u201a", "\u201b", "\u2028", "\u2029", "\u202e", "\u0085", "\ufeff", "é", "😀", "\xff", "\xc3(", "\x7f",
	"\nEND\n", "\nsend\n", "\n); //", `\065`, `\x41`, `\u0041`, `\"`, `" "`, ")", "(", "}", "{", "]]>", "<!--", " ", "  ", "\t", "@file",
	"v=spf1 ", "include:spf.protection.outlook.com ", "-all", "a", strings.Repeat("x", 254), strings.Repeat("é", 130),
}

func hostile(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// hostilePlan returns a plan in which all that others wrote is hostile. All
// texts differ, so that a mix-up is seen.
func hostilePlan(r *rand.Rand) report.Plan {
	text := func(kind string) string { return kind + fmt.Sprint(r.IntN(1e6)) + hostile(r) }
	s := report.Step{Step: 1, Owner: report.OwnerDNS, Action: report.ActionChange, Name: "x.contoso.com.", Type: "TXT", TTL: r.IntN(2) * 300,
		Keep: []string{text("k")}, Remove: []string{text("r")}, Add: []string{text("a"), text("b")},
		Text: text("t"), Caution: text("c"), Verify: text("v"), Fixes: []string{text("f")}, About: []string{text("a")}}
	return report.Plan{Steps: []report.Step{
		s,
		{Step: 2, Owner: text("o"), Action: report.ActionRun, Text: hostile(r), Commands: []string{text("c")}},
		{Step: 3, Owner: text("o"), Action: report.ActionDecide, Text: hostile(r), Name: hostile(r), Type: hostile(r),
			Alternatives: []report.Alternative{{Label: text("l"), Text: hostile(r), Add: []string{hostile(r)}}, {Label: hostile(r)}}},
		{Step: 4, Owner: text("o"), After: []int{2}, Action: report.ActionAdd, Name: "y.contoso.com.", Type: "TXT", Add: []string{text("a")}},
		{Step: 5, Owner: text("o"), Action: report.ActionAdd, Name: hostile(r), Type: "TXT", Add: []string{text("a")}},
		{Step: 6, Owner: text("o"), Action: report.ActionAdd, Name: "z.contoso.com.", Type: hostile(r), Add: []string{text("a")}},
		{Step: 7, Owner: text("o"), Action: report.ActionAdd, Name: "w.contoso.com.", Type: "MX", Add: []string{"10 " + hostile(r)}},
	}, Result: report.PlanResult{Remaining: []string{text("x")}}}
}

// fitsValues reports whether the records of a step can be written in a format.
func fitsValues(t *testing.T, format string, s report.Step) bool {
	t.Helper()
	for _, f := range formats() {
		if f.Name == format {
			d, err := newDoc(report.Plan{Steps: []report.Step{s}}, sampleMeta(), f.fits)
			if err != nil {
				t.Fatal(err)
			}
			return d.steps[0].live()
		}
	}
	t.Fatalf("no format %s", format)
	return false
}

// Whatever a value holds, what each tool reads is the record set that the plan
// says, byte for byte, and nothing else.
func TestNoValueBreaksOut(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 1))
	written := map[string]int{}
	for i := range 150 {
		p := hostilePlan(r)
		s := p.Steps[0]
		for _, list := range [][]string{s.Keep, s.Remove, s.Add} {
			for j, v := range list {
				if i%2 == 0 { // what every tool can write
					list[j] = strings.ToValidUTF8(strings.NewReplacer("\n", "", "\r", "", "\x00", "").Replace(v), "")
				}
			}
		}
		for name, read := range readers() {
			var want []string
			if fitsValues(t, name, s) {
				written[name]++
				values := s.Published()
				if name == "dnscontrol" { // its file has what stays already
					values = s.Add
				}
				for _, v := range values {
					want = append(want, "x.contoso.com. TXT "+v)
				}
			}
			var b strings.Builder
			if err := Write(&b, name, p, sampleMeta()); err != nil {
				t.Fatal(err)
			}
			got := read(t, b.String())
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("%s reads\n%q\nwant\n%q\nin\n%s", name, got, want, b.String())
			}
		}
	}
	for name := range readers() {
		if written[name] < 75 {
			t.Errorf("%s: only %d of 150 plans have records", name, written[name])
		}
	}
}

// Nothing that a person reads has bytes that a terminal obeys, and every line
// of a person's file that is too long for the width holds one word only.
func TestNothingRaw(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 2))
	for range 200 {
		p := hostilePlan(r)
		for _, name := range FormatNames() {
			text := written(t, name, p, sampleMeta())
			if !utf8.ValidString(text) || report.Clean(strings.ReplaceAll(text, "\n", "")) != strings.ReplaceAll(text, "\n", "") {
				t.Fatalf("%s has raw bytes: %q", name, text)
			}
		}
	}
}

// All of a record is in the text, however narrow it is.
func TestTextIsWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 3))
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for range 100 {
		p := hostilePlan(r)
		for _, width := range []int{1, 40, 80, 200} {
			meta := sampleMeta()
			meta.Width = width
			text := squeeze(written(t, "text", p, meta))
			for _, s := range p.Steps {
				for _, v := range slices.Concat(s.Keep, s.Remove, s.Add) {
					if !strings.Contains(text, squeeze(report.Clean(v))) {
						t.Fatalf("width %d: %q is not whole in\n%s", width, v, text)
					}
				}
			}
		}
	}
}

// A program never gets a step that waits for what it cannot do, unless that is
// finished.
func TestWaiting(t *testing.T) {
	const run, add = report.ActionRun, report.ActionAdd
	step := func(n int, a report.Action, after ...int) report.Step {
		return report.Step{Step: n, Owner: "x", Action: a, After: after, Name: fmt.Sprintf("s%d.contoso.com.", n), Type: "TXT", Add: []string{"v"}}
	}
	unknown := step(2, add)
	unknown.Add = nil
	for _, c := range []struct {
		name  string
		steps []report.Step
		done  []int
		live  []int
	}{
		{"nothing to wait for", []report.Step{step(1, add), step(2, add)}, nil, []int{1, 2}},
		{"after another record", []report.Step{step(1, add), step(2, add, 1)}, nil, []int{1, 2}},
		{"after a command", []report.Step{step(1, run), step(2, add, 1), step(3, add)}, nil, []int{3}},
		{"after a decision", []report.Step{step(1, report.ActionDecide), step(2, add, 1)}, nil, nil},
		{"through another record", []report.Step{step(1, run), step(2, add, 1), step(3, add, 2)}, nil, nil},
		{"the command is done", []report.Step{step(1, run), step(2, add, 1), step(3, add, 2)}, []int{1}, []int{2, 3}},
		{"after a value that is not known", []report.Step{step(1, add), unknown, step(3, add, 2)}, nil, []int{1}},
		{"a loop", []report.Step{step(1, add, 2), step(2, add, 1)}, nil, []int{1, 2}},
	} {
		meta := sampleMeta()
		meta.Done = c.done
		var want []string
		for _, n := range c.live {
			want = append(want, fmt.Sprintf("s%d.contoso.com. TXT v", n))
		}
		for name, read := range readers() {
			got := read(t, written(t, name, report.Plan{Steps: c.steps}, meta))
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: %q, want %q", c.name, name, got, want)
			}
		}
	}
}

// Every format publishes the same for every type of record.
func TestTypes(t *testing.T) {
	step := report.Step{Step: 1, Owner: "x", Action: report.ActionChange, Name: "s.contoso.com.", TTL: 300}
	for _, c := range []struct {
		typ               string
		keep, remove, add []string
	}{
		{"TXT", []string{"k"}, []string{"r"}, []string{""}},
		{"MX", []string{"0 a.example."}, []string{"10 b.example."}, []string{"20 c.example."}},
		{"MX", nil, []string{"10 b.example."}, []string{"0 ."}},
		{"CNAME", nil, []string{"a.example."}, []string{"b.example."}},
		{"A", []string{"192.0.2.1"}, []string{"192.0.2.2"}, []string{"192.0.2.3"}},
		{"TXT", nil, []string{"only"}, nil},
	} {
		s := step
		s.Type, s.Keep, s.Remove, s.Add = c.typ, c.keep, c.remove, c.add
		for name, read := range readers() {
			if name == "terraform" && len(s.Published()) == 0 {
				continue // it cannot remove in one run
			}
			values := s.Published()
			if name == "dnscontrol" {
				values = s.Add
			}
			var want []string
			for _, v := range values {
				want = append(want, "s.contoso.com. "+c.typ+" "+v)
			}
			got := read(t, written(t, name, report.Plan{Steps: []report.Step{s}}, sampleMeta()))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s %s: %q, want %q", name, c.typ, got, want)
			}
		}
	}
}

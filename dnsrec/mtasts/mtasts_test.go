package mtasts

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		txt  string
		want Record
		ours bool
		pos  int // of the error; -1: none
	}{
		{"v=STSv1; id=20160831085700Z;", Record{ID: "20160831085700Z"}, true, -1},
		{"v=STSv1;id=1", Record{ID: "1"}, true, -1},
		{"v=STSv1 ;\tid=1 ; ", Record{ID: "1"}, true, -1},
		{"v=STSv1; id=1; id=2; x.y-z_1=a:b", Record{ID: "1", Extensions: []Field{{"x.y-z_1", "a:b"}}}, true, -1},
		{"v=STSv1; x=y; id=1", Record{ID: "1", Extensions: []Field{{"x", "y"}}}, true, -1},
		{"v=STSv1", Record{}, true, 7},
		{"v=STSv1;", Record{}, true, 8},
		{"v=STSv1; id=", Record{}, true, 12},
		{"v=STSv1; id=2024-01-31", Record{}, true, 16},
		{"v=STSv1; id=" + strings.Repeat("a", 33), Record{}, true, 44},
		{"v=STSv1; id = 1", Record{}, true, 11},
		{"v=STSv1; id", Record{}, true, 9},
		{"v=STSv1; id=1 mode=testing", Record{}, true, 13},
		{"v=STSv1; _x=1; id=1", Record{}, true, 9},
		{"v=STSv1; x=\x80; id=1", Record{}, true, 11},
		{"v=STSv2; id=1", Record{}, false, -1},
		{"v=STSv10; id=1", Record{}, false, -1},
		{" v=STSv1; id=1", Record{}, false, -1},
		{"V=STSv1; id=1", Record{}, false, -1},
		{"v=spf1 -all", Record{}, false, -1},
		{"", Record{}, false, -1},
	} {
		rec, ours, err := Parse(test.txt)
		pos := -1
		var syntax *SyntaxError
		if errors.As(err, &syntax) {
			pos = syntax.Pos
		}
		if !reflect.DeepEqual(rec, test.want) || ours != test.ours || pos != test.pos {
			t.Errorf("Parse(%q) = %+v, %v, %v at %d; want %+v, %v, at %d", test.txt, rec, ours, err, pos, test.want, test.ours, test.pos)
		}
	}
}

func TestResembles(t *testing.T) {
	for txt, want := range map[string]bool{
		"v=STSv1 id=1": true, "V=STSv1; id=1": true, " v=STSv1; id=1": true, `"v=STSv1; id=1"`: true, "\u200bv=stsv1": true,
		"v = STSv1; id=1": true, "STSv1; id=1": true, "version: STSv1": true, "v=spf1 -all": false, "": false, "v=STS": false,
	} {
		if why, got := Resembles(txt); got != want || got != (why != "") {
			t.Errorf("Resembles(%q) = %q, %v", txt, why, got)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		pattern, host string
		want          bool
	}{
		{"*.mx.microsoft", "contoso-com.e-v1.mx.microsoft", false}, // the trap
		{"*.e-v1.mx.microsoft", "contoso-com.e-v1.mx.microsoft", true},
		{"contoso-com.e-v1.mx.microsoft", "contoso-com.e-v1.mx.microsoft.", true},
		{"*.mail.protection.outlook.com", "Contoso-Com.mail.protection.outlook.com", true},
		{"*.mail.protection.outlook.com", "mail.protection.outlook.com", false},
		{"mail.protection.outlook.com", "contoso-com.mail.protection.outlook.com", false},
		{"*.example", ".example", false},
		{"*.", "a.", false},
		{"*.example.com", "example.com", false},
		{"MX.example.com", "mx.example.com", true},
		{"*.b", "a.b", true},
		{"*.b", "*.b", true}, // a pattern is a host of its own
		{"", "", true},
	} {
		if got := Match(test.pattern, test.host); got != test.want {
			t.Errorf("Match(%q, %q) = %v", test.pattern, test.host, got)
		}
	}
}

const good = "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"

func TestParsePolicy(t *testing.T) {
	want := Policy{Mode: Enforce, MX: []string{"mx1.example.com", "*.example.net"}, MaxAge: 7 * 24 * time.Hour}
	for name, body := range map[string]string{
		"CRLF": good, "LF": strings.ReplaceAll(good, "\r\n", "\n"),
		"no end":        strings.TrimSuffix(good, "\r\n"),
		"mixed":         strings.Replace(good, "\r\n", "\n", 2),
		"blanks at end": strings.ReplaceAll(good, "\r\n", " \t\r\n"),
		"no blank":      strings.ReplaceAll(good, ": ", ":"),
		"case of hosts": strings.ReplaceAll(good, "mx1.example.com", "MX1.Example.COM"),
	} {
		if got, problems := ParsePolicy([]byte(body)); len(problems) != 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, problems)
		}
	}
	if got, problems := ParsePolicy([]byte(want.String())); len(problems) != 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("String: %+v, %v", got, problems)
	}
	if got, problems := ParsePolicy([]byte("version: STSv1\nmode: none\nmax_age: 86400\n")); len(problems) != 0 || got.Mode != None {
		t.Errorf("none: %+v, %v", got, problems)
	}
}

// TestFault_081 has the faults of a policy file: where, what to write, and
// whether senders reject the policy for it.
func TestFault_081_PolicyFaults(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, test := range []struct {
		name, body string
		line       int
		want       string
		fatal      bool
	}{
		{"login page", "<!DOCTYPE html>\n<html><body>Please log in</body></html>", 1, "", true},
		{"page after BOM", "\xEF\xBB\xBF\n <html>", 1, "", true},
		{"JSON", `{"error": "not found"}`, 1, "", true},
		{"empty", " \r\n", 0, "", true},
		{"UTF-16", "\xFF\xFEv\x00e\x00", 0, "", true},
		{"BOM", "\xEF\xBB\xBF" + good, 1, "", true},
		{"CR only", strings.ReplaceAll(good, "\r\n", "\r"), 0, "", true},
		{"NUL", edit("enforce", "enforce\x00"), 2, "", true},
		{"0xFF", edit("mx1", "mx\xFF"), 3, "", true},
		{"max_age 10^30", edit("604800", "1"+strings.Repeat("0", 30)), 5, "max_age: 31557600", true},
		{"max_age of 11 digits", edit("604800", "00000604800"), 5, "max_age: 31557600", true},
		{"max_age -1", edit("604800", "-1"), 5, "max_age: 604800", true},
		{"max_age 1e5", edit("604800", "1e5"), 5, "max_age: 604800", true},
		{"max_age over a year", edit("604800", "31557601"), 5, "max_age: 31557600", false},
		{"max_age empty", edit(" 604800", ""), 5, "max_age: 604800", true},
		{"unknown mode", edit("enforce", "report"), 2, "", true},
		{"mode in brackets", edit("enforce", "[testing]"), 2, "mode: testing", true},
		{"mode in capitals", edit("enforce", "Enforce"), 2, "mode: enforce", true},
		{"version 2", edit("STSv1", "STSv2"), 1, "version: STSv1", true},
		{"duplicate mode", edit("mode: enforce\r\n", "mode: enforce\r\nmode: none\r\n"), 3, "", false},
		{"trailing dot", edit("mx1.example.com", "mx1.example.com."), 3, "mx: mx1.example.com", true},
		{"two hosts", edit("mx1.example.com", "mx1.example.com, mx2.example.com"), 3, "", true},
		{"inner star", edit("mx1.example.com", "mx*.example.com"), 3, "", true},
		{"star alone", edit("mx1.example.com", "*"), 3, "", true},
		{"no host", edit(" mx1.example.com", ""), 3, "", true},
		{"U-label", edit("mx1.example.com", "mx1.münchen.example"), 3, "", true},
		{"indented", edit("mode", "  mode"), 2, "mode: enforce", true},
		{"blank before colon", edit("mode:", "mode :"), 2, "mode: enforce", true},
		{"equals sign", edit("mode: enforce", "mode=enforce"), 2, "mode: enforce", true},
		{"no colon", edit("mode: enforce", "mode enforce"), 2, "mode: enforce", true},
		{"prose", "Hello there\n" + good, 1, "", true},
		{"comment", "# see https://example.com/\n" + good, 1, "", true},
		{"empty line", edit("mode", "\r\nmode"), 2, "", false},
		{"max-age", edit("max_age", "max-age"), 5, "max_age: 604800", false},
		{"capitals", edit("mode", "Mode"), 2, "mode: enforce", false},
		{"extension without value", good + "x:\r\n", 6, "", false},
		{"no mx", "version: STSv1\nmode: testing\nmax_age: 86400\n", 0, "", true},
		{"no version", edit("version: STSv1\r\n", ""), 0, "version: STSv1", true},
	} {
		_, problems := ParsePolicy([]byte(test.body))
		if len(problems) == 0 {
			t.Errorf("%s: no problem", test.name)
			continue
		}
		p := problems[0]
		if p.Line != test.line || p.Want != test.want || p.Fatal != test.fatal || p.Fault == "" {
			t.Errorf("%s: %+v", test.name, p)
		}
		if p.Want != "" && p.Fatal && p.Line > 0 { // writing what we say mends the line
			lines := strings.Split(test.body, "\r\n")
			lines[p.Line-1] = p.Want
			if _, after := ParsePolicy([]byte(strings.Join(lines, "\r\n"))); len(after) != 0 {
				t.Errorf("%s: after writing %q still %v", test.name, p.Want, after)
			}
		}
	}
	for name, field := range map[string]string{"max-age": "max_age", "Mode": "mode"} {
		_, problems := ParsePolicy([]byte(strings.Replace(good, field, name, 1)))
		if Valid(problems) {
			t.Errorf("%s: accepted with %v", name, problems)
		}
	}
}

func TestFault_081_ManyLines(t *testing.T) {
	var b strings.Builder
	b.WriteString(good)
	for i := range 100_000 {
		fmt.Fprintf(&b, "mx: mx%d.example.com\n", i)
	}
	p, problems := ParsePolicy([]byte(b.String()))
	if len(p.MX) != 100_002 || len(problems) != 0 {
		t.Errorf("%d patterns, %v", len(p.MX), problems)
	}
	_, problems = ParsePolicy([]byte(strings.Repeat("\n", 50) + strings.Repeat("junk\n", 100_000)))
	if len(problems) != maxProblems || Valid(problems) || !strings.Contains(problems[maxProblems-1].Fault, "more)") {
		t.Errorf("%d problems, the last %+v", len(problems), problems[len(problems)-1])
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=STSv1; id=1;", "v=STSv1;id=a;b=c", "v=STSv1; id=-", "v=STSv1;;id=1", "v=STSv1", "V=STSv1; id=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, txt string) {
		rec, ours, err := Parse(txt)
		if !ours || err != nil {
			if !reflect.DeepEqual(rec, Record{}) {
				t.Errorf("%q: a record beside the error", txt)
			}
			var syntax *SyntaxError
			if errors.As(err, &syntax) && (syntax.Pos < 0 || syntax.Pos > len(txt)) {
				t.Errorf("%q: position %d", txt, syntax.Pos)
			}
			return
		}
		again, ours, err := Parse(rec.String())
		if !ours || err != nil || !reflect.DeepEqual(again, rec) {
			t.Errorf("%q: %+v became %+v, %v, %v", txt, rec, again, ours, err)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add(good)
	f.Add("version: STSv1\nmode: none\nmax_age: 1\nx: y z\n")
	f.Add("mode: [testing] \n\nmax_age: 99999999999")
	f.Fuzz(func(t *testing.T, body string) {
		p, problems := ParsePolicy([]byte(body))
		lines := strings.Count(body, "\n") + strings.Count(body, "\r") + 1
		for _, problem := range problems {
			if problem.Line < 0 || problem.Line > lines || problem.Fault == "" {
				t.Errorf("%q: %+v", body, problem)
			}
		}
		if !Valid(problems) {
			return
		}
		again, problems := ParsePolicy([]byte(p.String()))
		if !Valid(problems) || !reflect.DeepEqual(again, p) {
			t.Errorf("%q: %+v became %+v, %v", body, p, again, problems)
		}
		for _, mx := range p.MX {
			if host, wild := strings.CutPrefix(mx, "*."); !p.Allows("x."+host) && wild || !wild && !p.Allows(mx) {
				t.Errorf("%q does not allow %q", body, mx)
			}
		}
	})
}

// corpus returns a folder of real data, or skips the test.
func corpus(t *testing.T, dir string) string {
	t.Helper()
	root := os.Getenv("MAILDIAG_CORPUS")
	if root == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	return filepath.Join(root, dir)
}

// TestCorpusPolicies checks that each of the real policy files gets the verdict it
// deserves. Those that are not listed are faultless.
func TestCorpusPolicies(t *testing.T) {
	dir := corpus(t, "mta-sts")
	faults := map[string]string{
		"AlexVernon__mta-sts.txt":                 "line 3: a host name here has no dot at its end; write mx: mail.tutanota.de",
		"Argia-Github__mta-sts.argia.be.txt":      "line 2: the mode must be enforce, testing or none; write mode: testing",
		"Baskerville-School__MTA-STS.txt":         "",
		"AZ-Billing-LLC__mta-sts.azbillingny.txt": "", // a blank at a line's end is allowed
	}
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index []struct{ File string }
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	modes := map[Mode]int{}
	for _, entry := range index {
		body, err := os.ReadFile(filepath.Join(dir, entry.File))
		if err != nil {
			t.Fatal(err)
		}
		p, problems := ParsePolicy(body)
		got := ""
		for _, problem := range problems {
			got += problem.String()
		}
		if want := faults[entry.File]; got != want {
			t.Errorf("%s: %q, want %q", entry.File, got, want)
		}
		modes[p.Mode]++
	}
	want := map[Mode]int{Enforce: 11, Testing: 9, None: 2, "": 1}
	if len(index) != 23 || !reflect.DeepEqual(modes, want) {
		t.Errorf("%d files, modes %v, want %v", len(index), modes, want)
	}
	t.Logf("%d policy files: %v", len(index), modes)
}

// TestCorpusRecords reads the real TXT records.
func TestCorpusRecords(t *testing.T) {
	raw, err := os.ReadFile(corpus(t, "dns/real-txt-records.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(raw)) {
		if f := strings.Split(line, "\t"); f[0] == "mta_sts" {
			n++
			if rec, ours, err := Parse(f[2]); !ours || err != nil || len(rec.ID) != 32 {
				t.Errorf("%s %q: %+v, %v, %v", f[1], f[2], rec, ours, err)
			}
		}
	}
	if n != 19 {
		t.Errorf("%d records, want 19", n)
	}
}

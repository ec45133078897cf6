package planfmt

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"maildiag/report"
)

// The JSON form is the plan, and fits its schema.
func TestJSON(t *testing.T) {
	var doc struct{ Plan json.RawMessage }
	p := samplePlan()
	p.Steps = p.Steps[:9] // the next has bytes that JSON does not have
	if err := json.Unmarshal([]byte(written(t, "json", p, sampleMeta())), &doc); err != nil {
		t.Fatal(err)
	}
	var again report.Plan
	if err := json.Unmarshal(doc.Plan, &again); err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("%v; read %+v", err, again)
	}
	text, err := os.ReadFile("../schema/plan-v1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("plan.json", schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := jsonschema.UnmarshalJSON(strings.NewReader(string(doc.Plan)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(plan); err != nil {
		t.Error(err)
	}
}

type failing struct{}

var errFull = errors.New("the disk is full")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrors(t *testing.T) {
	for _, format := range FormatNames() {
		if err := Write(failing{}, format, samplePlan(), sampleMeta()); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
		if err := Write(failing{}, format, samplePlan(), Meta{Domain: "a..b"}); err == nil || errors.Is(err, errFull) {
			t.Errorf("%s: a wrong domain is taken: %v", format, err)
		}
	}
	if err := Write(failing{}, "\x1b", samplePlan(), sampleMeta()); err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("format ESC: %v", err)
	}
}

func TestParseName(t *testing.T) {
	long := strings.Repeat(strings.Repeat("a", 63)+".", 3)
	for _, c := range []struct{ in, want string }{
		{".", "."}, {"contoso.com.", "contoso.com."}, {"*.contoso.com.", "*.contoso.com."}, {"_dmarc.X.", "_dmarc.X."},
		{`a\.b.c.`, `a\046b.c.`}, {`a\046b.c.`, `a\046b.c.`}, {"a b.c.", `a\032b.c.`}, {`a\"b.`, `a\"b.`}, {"a\nb.", `a\010b.`},
		{"é.", `\195\169.`}, {long + strings.Repeat("b", 61) + ".", long + strings.Repeat("b", 61) + "."},
		{"", ""}, {"contoso.com", ""}, {"a..b.", ""}, {".a.", ""}, {`a\`, ""}, {`a\25`, ""}, {`a\256.`, ""}, {`a\.`, ""},
		{strings.Repeat("a", 64) + ".", ""}, {long + strings.Repeat("b", 62) + ".", ""},
	} {
		got, err := parseName(c.in)
		if got != c.want && err == nil || (err != nil) != (c.want == "") {
			t.Errorf("%q: %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

func TestParseValueRefuses(t *testing.T) {
	for typ, values := range map[string][]string{
		"A":     {"", "::1", "192.0.2", "192.0.2.1 x"},
		"AAAA":  {"192.0.2.1", "fe80::1%eth0"},
		"MX":    {"", "10", "mail.example.", "65536 a.", "-1 a.", "10 a", "10 a. b."},
		"SRV":   {"0 0 a.", "0 0 0 0 a."},
		"CNAME": {"", "a", "a. b."},
		"SOA":   {"a. b. 1 2 3 4 5"},
		"":      {"x"},
	} {
		for _, v := range values {
			if got, err := parseValue(typ, v); err == nil {
				t.Errorf("%s %q is read as %+v", typ, v, got)
			}
		}
	}
}

// A name belongs to the longest zone it is in, and to none by its letters.
func TestZones(t *testing.T) {
	meta := Meta{Domain: "contoso.com", Zones: []string{"contoso.com", "eu.Contoso.com."}}
	for name, want := range map[string]string{
		"contoso.com.": "contoso.com.", "a.contoso.com.": "contoso.com.", "a.EU.contoso.com.": "eu.Contoso.com.",
		"notcontoso.com.": "", "contoso.com._report._dmarc.example.net.": "",
	} {
		p := report.Plan{Steps: []report.Step{{Step: 1, Action: report.ActionAdd, Name: name, Type: "TXT", Add: []string{"v"}}}}
		d, err := newDoc(p, meta, inZone)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.steps[0].zone; got != want || d.steps[0].live() != (want != "") {
			t.Errorf("%s: zone %q, want %q", name, got, want)
		}
	}
}

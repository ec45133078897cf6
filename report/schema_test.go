package report

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	const base = "https://maildiag.example/schema/"
	for _, f := range []string{"plan-v1.schema.json", "report-v1.schema.json", "stream-v1.schema.json"} {
		text, err := os.ReadFile("schema/" + f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(base+f, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(base + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every run fits the schemas that lie beside the renderers.
func TestSchema(t *testing.T) {
	for format, s := range map[string]*jsonschema.Schema{
		"json":   schema(t, "report-v1.schema.json"),
		"jsonl":  schema(t, "report-v1.schema.json"),
		"ndjson": schema(t, "stream-v1.schema.json"),
	} {
		for name, events := range runs() {
			d := json.NewDecoder(strings.NewReader(render(t, format, Options{}, events)))
			d.UseNumber()
			n := 0
			for ; ; n++ {
				var v any
				if err := d.Decode(&v); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s of %s: %v", format, name, err)
				}
				if err := s.Validate(v); err != nil {
					t.Errorf("%s of %s, document %d: %v", format, name, n+1, err)
				}
			}
			if n == 0 {
				t.Errorf("%s of %s is empty", format, name)
			}
		}
	}
}

// The schemas refuse what is wrong; else the test above proves nothing.
func TestSchemaRefuses(t *testing.T) {
	s := schema(t, "report-v1.schema.json")
	doc := render(t, "jsonl", Options{}, brokenRun())
	for _, change := range [][2]string{
		{`"verdict":"not_ready"`, `"verdict":"fine"`},
		{`"exit_code":1`, `"exit_code":2`},
		{`"status":"warn"`, `"status":"unset"`},
		{`"owner":"DNS administrator"`, `"owner":""`},
		{`"schema":"maildiag.report/v1"`, `"schema":"maildiag.report/v2"`},
		{`"findings":`, `"finding":`},
	} {
		bad := strings.Replace(doc, change[0], change[1], 1)
		if bad == doc {
			t.Fatalf("%s is not in the document", change[0])
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) == nil {
			t.Errorf("%s is accepted", change[1])
		}
	}
}

func TestReadReports(t *testing.T) {
	for _, format := range []string{"json", "jsonl"} {
		text := render(t, format, Options{}, severalRun())
		var again strings.Builder
		domains := 0
		for r, err := range ReadReports(strings.NewReader(text)) {
			if err != nil {
				t.Fatal(err)
			}
			line, err := r.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			again.Write(append(line, '\n'))
			domains++
		}
		if domains != 3 || again.String() != render(t, "jsonl", Options{}, severalRun()) {
			t.Errorf("%s: %d domains; what was read is not what was written", format, domains)
		}
	}
	for r, err := range ReadReports(strings.NewReader(`{"schema":"other/v1"}`)) {
		if err == nil {
			t.Errorf("read %v of another schema", r)
		}
	}
}

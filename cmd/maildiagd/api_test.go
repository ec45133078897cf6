package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"maildiag/report"
	"maildiag/service/api"
)

func readAll(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// openAPI is what the tests read of the document.
type openAPI struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Ref  string `json:"$ref"`
			Name string
		}
		Responses map[string]struct {
			Ref     string `json:"$ref"`
			Content map[string]any
		}
	}
	Components struct {
		Parameters map[string]struct{ Name string }
		Responses  map[string]struct{ Content map[string]any }
	}
}

const documentURL = "https://maildiag.example/openapi.json"

// compiler knows the document, and the schema of OpenAPI 3.1.
func compiler(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	text, err := os.ReadFile("testdata/openapi-3.1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	for url, text := range map[string][]byte{"openapi-3.1": text, documentURL: api.OpenAPI()} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err == nil {
			err = c.AddResource(url, doc)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// valid reports what is wrong with a JSON text by a schema.
func valid(t *testing.T, c *jsonschema.Compiler, schema string, text []byte) error {
	t.Helper()
	s, err := c.Compile(schema)
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// The OpenAPI document is valid. Requests that its parameters make get answers of
// the status, the form and the schema that it says: the good ones, and the
// problems.
func TestOpenAPI(t *testing.T) {
	c := compiler(t)
	if err := valid(t, c, "openapi-3.1", api.OpenAPI()); err != nil {
		t.Fatal(err)
	}
	var doc openAPI
	if err := json.Unmarshal(api.OpenAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	s := start(t, false, nil)
	asked := map[string]bool{}
	for _, x := range []struct {
		method, path, query, body string
		status                    int
	}{
		{"get", "/api/v1/check", "domain=fabrikam.com", "", 200},
		{"get", "/api/v1/check", "domain=fabrikam.com&only=mx,spf&expect=m365&fresh=1", "", 200},
		{"get", "/api/v1/check", "domain=user%40fabrikam.com", "", 400},
		{"get", "/api/v1/check", "domain=fabrikam.com&only=nothing", "", 400},
		{"get", "/api/v1/plan", "domain=fabrikam.com", "", 200},
		{"get", "/api/v1/plan", "domain=fabrikam.com&format=ticket&expect=any&only=spf&fresh=0", "", 200},
		{"get", "/api/v1/spf", "domain=fabrikam.com", "", 200},
		{"get", "/api/v1/spf", "domain=fabrikam.com&ip=203.0.113.7&sender=news%40fabrikam.com&helo=a.fabrikam.com", "", 200},
		{"get", "/api/v1/spf", "domain=fabrikam.com&ip=300.0.0.1", "", 400},
		{"get", "/api/v1/dmarc", "domain=news.fabrikam.com&dkim=fabrikam.com&spf=fabrikam.com", "", 200},
		{"get", "/api/v1/dmarc", "domain=127.0.0.1", "", 400},
		{"get", "/api/v1/migrate", "domain=fabrikam.com", "", 200},
		{"get", "/api/v1/migrate", "domain=fabrikam.com&mx=fabrikam-com.mail.protection.outlook.com&hybrid=1&cloud=worldwide", "", 200},
		{"get", "/api/v1/migrate", "domain=fabrikam.com&hybrid=yes", "", 400},
		{"get", "/api/v1/migrate", "domain=fabrikam.com&cloud=mars", "", 400},
		{"get", "/api/v1/migrate", "domain=fabrikam.com&mx=192.0.2.1", "", 400},
		{"get", "/api/v1/migrate", "domain=fabrikam.com:25", "", 400},
		{"post", "/api/v1/explain", "", "550 5.7.1 Unable to relay", 200},
		{"post", "/api/v1/explain", "format=ticket&lang=de", "550 5.7.1 Unable to relay", 200},
		{"post", "/api/v1/explain", "lang=xx", "550 5.7.1 Unable to relay", 400},
		{"post", "/api/v1/explain", "", "Received: from a by b; Mon, 23 Nov 2026 12:10:03 +0000\r\nFrom: a@fabrikam.com\r\n\r\nx", 200},
		{"post", "/api/v1/explain", "", strings.Repeat("x", 26<<20), 413},
		{"get", "/api/v1/openapi.json", "", "", 200},
	} {
		op, ok := doc.Paths[x.path][x.method]
		if !ok {
			t.Fatalf("%s %s is not in the document", x.method, x.path)
		}
		values, err := url.ParseQuery(x.query)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range op.Parameters {
			name := p.Name + doc.Components.Parameters[path.Base(p.Ref)].Name
			asked[x.path+" "+name] = asked[x.path+" "+name] || values.Has(name)
			values.Del(name)
		}
		if len(values) > 0 {
			t.Errorf("%s: parameters %v are not in the document", x.path, values)
		}
		a := s.do(t, s.Client(), s.request(t, strings.ToUpper(x.method), x.path+"?"+x.query, strings.NewReader(x.body)))
		at := "#/paths/" + strings.ReplaceAll(x.path, "/", "~1") + "/" + x.method + "/responses/" + fmt.Sprint(a.StatusCode)
		said, ok := op.Responses[fmt.Sprint(a.StatusCode)]
		if !ok || a.StatusCode != x.status {
			t.Errorf("%s?%s: status %d, %s", x.path, x.query, a.StatusCode, a.text)
			continue
		}
		content := said.Content
		if said.Ref != "" {
			at, content = said.Ref, doc.Components.Responses[path.Base(said.Ref)].Content
		}
		form, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
		if _, ok := content[form]; !ok {
			t.Errorf("%s?%s: form %s", x.path, x.query, form)
		}
		if !strings.HasSuffix(form, "json") {
			continue
		}
		if err := valid(t, c, documentURL+at+"/content/"+strings.ReplaceAll(form, "/", "~1")+"/schema", []byte(a.text)); err != nil {
			t.Errorf("%s?%s: %v", x.path, x.query, err)
		}
	}
	for name, was := range asked {
		if !was {
			t.Errorf("%s is never asked with", name)
		}
	}
}

// The streams hold the same as the document: NDJSON is what maildiag render
// reads, and the events end with stop.
func TestStreams(t *testing.T) {
	s := start(t, false, nil)
	const path = "/api/v1/check?domain=fabrikam.com"
	var want report.Report
	if err := json.Unmarshal([]byte(s.get(t, path).text), &want); err != nil {
		t.Fatal(err)
	}
	var got *report.Report
	lines := s.get(t, path, "Accept: application/x-ndjson")
	err := report.Replay(strings.NewReader(lines.text), report.Collect(func(r *report.Report) error { got = r; return nil }))
	if err != nil || got.Counts() != want.Counts() || got.Verdict() != want.Verdict() {
		t.Errorf("%v, %+v", err, got)
	}
	events := s.get(t, path, "Accept: text/event-stream").text
	var stream bytes.Buffer
	last := ""
	for event := range strings.SplitSeq(strings.TrimSpace(events), "\n\n") {
		name, data, _ := strings.Cut(event, "\ndata: ")
		last = name
		stream.WriteString(data + "\n")
	}
	err = report.Replay(&stream, report.Collect(func(r *report.Report) error { got = r; return nil }))
	if err != nil || last != "event: stop" || got.Counts() != want.Counts() {
		t.Errorf("%v, last %q", err, last)
	}
}

func TestNegotiate(t *testing.T) {
	s := start(t, false, nil)
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "application/*": "application/json",
		"application/json;q=0.5, text/event-stream": "text/event-stream", "application/x-ndjson, */*;q=0.1": "application/x-ndjson",
		"text/*": "text/event-stream", "image/png": "application/problem+json", "application/json;q=0": "application/problem+json",
		"text/html;q=NaN": "application/problem+json",
	} {
		a := s.get(t, "/api/v1/check?only=tlsrpt&domain=fabrikam.com", "Accept: "+accept)
		if got := a.Header.Get("Content-Type"); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

// Clients of one address share their tokens, whatever they claim to be.
func TestLimitedByClient(t *testing.T) {
	s := start(t, false, func(f *serveFlags) { f.clientChecks = 2 })
	for i := range 4 {
		a := s.get(t, "/api/v1/check?only=tlsrpt&domain=fabrikam.com", "X-Forwarded-For: 198.51.100."+string(rune('1'+i)))
		if want := map[bool]int{true: 200, false: 429}[i < 2]; a.StatusCode != want || want == 429 && a.Header.Get("Retry-After") == "" {
			t.Errorf("request %d: status %d", i, a.StatusCode)
		}
	}
	proxied := start(t, false, func(f *serveFlags) { f.clientChecks, f.proxies = 1, []string{"127.0.0.0/8"} })
	for i, x := range []struct {
		forwarded string
		status    int
	}{{"198.51.100.1", 200}, {"198.51.100.1", 429}, {"198.51.100.2", 200}, {"198.51.100.9, 198.51.100.2", 429}, {"198.51.100.2, 127.0.0.2", 429}} {
		a := proxied.get(t, "/api/v1/check?only=tlsrpt&domain=fabrikam.com", "X-Forwarded-For: "+x.forwarded)
		if a.StatusCode != x.status {
			t.Errorf("request %d for %s: status %d", i, x.forwarded, a.StatusCode)
		}
	}
}

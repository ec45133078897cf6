package main

import (
	"bytes"
	"context"
	"maildiag/checks/inspect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"maildiag/dnsrec/dnstest"
)

const dmarcZone = `
contoso.com.                          MX  0 mail.contoso.com.
_dmarc.contoso.com.                   TXT "v=DMARC1; p=reject; sp=quarantine; pct=50; rua=mailto:d@contoso.com,mailto:x@reports.example,mailto:y@silent.example"
contoso.com._report._dmarc.reports.example. TXT "v=DMARC1"
reports.example.                      MX  10 mx.reports.example.
silent.example.                       MX  0 .
news.contoso.com.                     A   192.0.2.1
bare.example.                         A   192.0.2.1
_dmarc.twice.example.                 TXT "v=DMARC1; p=none"
_dmarc.twice.example.                 TXT "v=DMARC1; p=reject"
_dmarc.typo.example.                  TXT "v=DMARC1 p=none"
*.wild.example.                       TXT "v=DMARC1; p=none"
`

// runDMARCCmd runs maildiag dmarc against a DNS server on loopback.
func runDMARCCmd(t *testing.T, srv *dnstest.Server, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs}
	c := a.dmarcCmd()
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(append(args, "--resolver", srv.Addr))
	code = a.exitCode(t.Context(), c.ExecuteContext(context.WithoutCancel(t.Context())))
	return code, out.String(), errs.String()
}

func TestDMARCCommand(t *testing.T) {
	srv := dnstest.New(t, dmarcZone)
	srv.Fault("_dmarc.down.example", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	tests := []struct {
		args string
		code int
		want []string // in the text, in this order
	}{
		{"contoso.com", 0, []string{"reject (p=reject): mail that fails is refused", "_dmarc.contoso.com", "no record (no such name)",
			"outside, with consent", "contoso.com._report._dmarc.silent.example. TXT \"v=DMARC1\"", "silent.example receives no mail", "reject for 50%"}},
		{"news.contoso.com", 0, []string{"quarantine (sp=quarantine)", "organization  contoso.com"}},
		{"news.contoso.com --dkim contoso.com", 0, []string{"DKIM pass for contoso.com: aligned", "dmarc=pass"}},
		{"contoso.com --dkim news.contoso.com --spf other.example", 0, []string{"SPF pass for other.example: not aligned", "dmarc=pass"}},
		{"contoso.com --spf other.example", 1, []string{"not aligned", "dmarc=fail, and the message is refused"}},
		{"https://Contoso.com/x", 0, []string{"contoso.com"}},
		{"bare.example", 1, []string{"none: no DMARC record here or above"}},
		{"twice.example", 1, []string{"none applies", "several records, which are all discarded"}},
		{"typo.example", 1, []string{"does not count as a DMARC record", "character 9: a semicolon is missing", "perhaps meant: v=DMARC1; p=none"}},
		{"wild.example", 0, []string{"It comes from a wildcard, *.wild.example"}},
		{"down.example", 3, []string{"not known"}},
	}
	for _, tt := range tests {
		code, out, errs := runDMARCCmd(t, srv, strings.Fields(tt.args)...)
		if code != tt.code || errs != "" {
			t.Errorf("%s: exit code %d, want %d; %s", tt.args, code, tt.code, errs)
		}
		rest := strings.Join(strings.Fields(out), " ")
		for _, w := range tt.want {
			_, after, ok := strings.Cut(rest, strings.Join(strings.Fields(w), " "))
			if !ok {
				t.Errorf("%s: no %q in\n%s", tt.args, w, out)
			}
			rest = after
		}
		for l := range strings.Lines(out) {
			if len(strings.TrimRight(l, "\n")) > 120 {
				t.Errorf("%s: a long line: %s", tt.args, l)
			}
		}
	}
}

func TestDMARCUsage(t *testing.T) {
	srv := dnstest.New(t, dmarcZone)
	for _, args := range []string{"", "not..a.name", "contoso.com --dkim ..", "contoso.com --spf -", "a b"} {
		code, out, errs := runDMARCCmd(t, srv, strings.Fields(args)...)
		if code != exitUsage || out != "" || !strings.HasPrefix(errs, "maildiag: error: ") {
			t.Errorf("%q: exit code %d, %q, %q", args, code, out, errs)
		}
	}
	if n := len(srv.Queries()); n > 0 {
		t.Errorf("%d queries for calls that cannot be used", n)
	}
}

// Every result fits the schema that lies beside the renderer.
func TestDMARCSchema(t *testing.T) {
	text := inspect.DMARCSchemaJSON
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const id = "https://maildiag.example/schema/dmarc-v1.schema.json"
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	srv := dnstest.New(t, dmarcZone)
	srv.Fault("_dmarc.down.example", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	for _, args := range []string{
		"contoso.com", "news.contoso.com --dkim contoso.com --spf x.example", "gone.contoso.com", "bare.example",
		"twice.example", "typo.example", "wild.example", "down.example --dkim down.example",
	} {
		_, out, _ := runDMARCCmd(t, srv, append(strings.Fields(args), "--json")...)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Errorf("%s: %v\n%s", args, err, out)
			continue
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", args, err, out)
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"maildiag/checks/inspect"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"maildiag/dnsrec/dnstest"
)

const spfTestZone = `
contoso.com. TXT "v=spf1 include:spf.protection.outlook.com include:sendgrid.net -all"
spf.protection.outlook.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
sendgrid.net. TXT "v=spf1 ip4:198.51.100.0/24 ~all"
evil.example. TXT "v=spf1 \027[31mmx \226\128\174include:x -all"
two.example. TXT "v=spf1 -all"
two.example. TXT "v=spf1 ~all"
over.example. TXT "v=spf1 a:a.example a:a.example/31 a:a.example/30 a:a.example/29 a:a.example/28 a:a.example/27 a:a.example/26 a:a.example/25 a:a.example/24 a:a.example/23 include:sendgrid.net -all"
a.example. A 192.0.2.1
red.example. TXT "v=spf1 redirect=_spf.red.example"
_spf.red.example. TXT "v=spf1 ip4:192.0.2.0/24 -all exp=why.red.example"
why.red.example. TXT "%{i} is not one of ours"
`

// runSPF runs maildiag spf in the test's own zone.
func runSPF(t *testing.T, srv *dnstest.Server, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"spf", "--resolver", srv.Addr, "--timeout", "5s"}, args...)
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestSPFCommand(t *testing.T) {
	t.Setenv("LANG", "C.UTF-8")
	t.Setenv("LC_ALL", "C.UTF-8")
	srv := dnstest.New(t, spfTestZone)
	srv.Fault("ill.example", "", dnstest.Fault{Rcode: "SERVFAIL"})
	for _, c := range []struct {
		args string
		code int
		want []string // in stdout, or in stderr for exit code 2
	}{
		{"contoso.com", 0, []string{"contoso.com  2 of 10 lookups", "├─ include:spf.protection.outlook.com", "1  Microsoft 365", "└─ -all", "good"}},
		{"contoso.com --ip 192.0.2.7", 0, []string{"PASS  192.0.2.7 may send as postmaster@contoso.com",
			"contoso.com: include:spf.protection.outlook.com", "spf.protection.outlook.com: ip4:192.0.2.0/24"}},
		{"contoso.com --ip 203.0.113.7 --sender news@contoso.com", 1, []string{"FAIL  203.0.113.7 may not send as news@contoso.com", "contoso.com: -all"}},
		{"red.example --ip 203.0.113.7", 1, []string{"said  203.0.113.7 is not one of ours", "red.example: redirect=_spf.red.example"}},
		{"contoso.com --add ip4:203.0.113.7 --remove include:sendgrid.net", 0,
			[]string{"now     2 lookups", "then    1 lookups", `"v=spf1 include:spf.protection.outlook.com ip4:203.0.113.7 -all"`}},
		{"red.example --add mx", 0, []string{"_spf.red.example. TXT", `"v=spf1 ip4:192.0.2.0/24 mx -all exp=why.red.example"`}},
		{"none.example --add mx", 0, []string{"there is no record yet", `"v=spf1 mx ~all"`}},
		{"contoso.com --flat", 0, []string{"pass      192.0.2.0/24", "Do not publish this list"}},
		{"two.example", 1, []string{"(record 2 of 2)", "permerror: 2 SPF records", "maildiag plan two.example"}},
		{"over.example", 1, []string{"permerror: 11 lookups", "give up at include:sendgrid.net", "fix "}},
		{"none.example", 1, []string{"This name has no SPF record"}},
		{"ill.example", 3, []string{"could not get an answer (SERVFAIL)"}},
		{"_spf.red.example", 0, []string{"_spf.red.example  0 of 10 lookups"}},
		{"", 2, []string{"no domain given"}},
		{"contoso.com --ip 192.0.2", 2, []string{"is not an IP address", "hint: --ip"}},
		{"contoso.com --sender a@contoso.com", 2, []string{"mean nothing without --ip"}},
		{"contoso.com --ip 192.0.2.1 --sender a@example.net", 2, []string{"is not at contoso.com"}},
		{"contoso.com --add ip:192.0.2.1", 2, []string{"hint: --add ip4:192.0.2.1"}},
		{"contoso.com --remove mx", 2, []string{"there is no term mx"}},
		{"a..b", 2, []string{"maildiag: error:"}},
	} {
		code, out, errs := runSPF(t, srv, strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", c.args, code, c.code, out, errs)
		}
		text := out
		if c.code == 2 {
			text = errs
		}
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", c.args, w, text)
			}
		}
		if c.code == 2 && out != "" {
			t.Errorf("%s: a wrong call writes to stdout: %s", c.args, out)
		}
	}
}

// TestSPFCommandRecord holds the two meanings of --record.
func TestSPFCommandRecord(t *testing.T) {
	srv := dnstest.New(t, spfTestZone)
	code, out, errs := runSPF(t, srv, "contoso.com", "--record", "v=spf1 include:sendgrid.net -all", "--ip", "198.51.100.7")
	if code != 0 || !strings.Contains(out, "PASS") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	code, _, errs = runSPF(t, srv, "contoso.com", "--record", "v=spf1include:sendgrid.net -all")
	if code != 2 || !strings.Contains(errs, "no space after") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	file := filepath.Join(t.TempDir(), "tape")
	if code, _, errs := runSPF(t, srv, "contoso.com", "--record", file); code != 0 {
		t.Fatalf("recording: exit code %d: %s", code, errs)
	}
	_, live, _ := runSPF(t, srv, "contoso.com")
	var replayed, complaints bytes.Buffer
	code = run(t.Context(), []string{"spf", "contoso.com", "--replay", file}, strings.NewReader(""), &replayed, &complaints)
	if code != 0 || replayed.String() != live {
		t.Errorf("replay: exit code %d, %s\n%s", code, complaints.String(), replayed.String())
	}
}

// TestSPFCommandIsSafe holds that hostile bytes do not reach the terminal.
func TestSPFCommandIsSafe(t *testing.T) {
	srv := dnstest.New(t, spfTestZone)
	for _, locale := range []string{"C.UTF-8", "C"} {
		t.Setenv("LC_ALL", locale)
		for _, args := range [][]string{{"evil.example"}, {"evil.example", "--ip", "192.0.2.1"}, {"red.example", "--flat"}, {"over.example"}} {
			_, out, _ := runSPF(t, srv, args...)
			if strings.ContainsAny(out, "\x1b\u202e") || out == "" {
				t.Errorf("%v: %q", args, out)
			}
			for _, r := range out {
				if locale == "C" && r > 0x7f {
					t.Errorf("%q in the locale C", r)
				}
			}
		}
	}
}

func TestSPFCommandJSON(t *testing.T) {
	raw := inspect.SPFSchemaJSON
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("spf.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("spf.json")
	if err != nil {
		t.Fatal(err)
	}
	srv := dnstest.New(t, spfTestZone)
	srv.Fault("ill.example", "", dnstest.Fault{Rcode: "SERVFAIL"})
	for args, want := range map[string]string{
		"contoso.com":                              "pass",
		"contoso.com --ip 203.0.113.7":             "fail",
		"contoso.com --ip 192.0.2.7 --flat":        "pass",
		"contoso.com --add mx:none.example --flat": "pass",
		"evil.example":                             "permerror",
		"two.example":                              "permerror",
		"over.example":                             "permerror",
		"none.example":                             "none",
		"ill.example":                              "temperror",
		"red.example --ip 203.0.113.7":             "fail",
	} {
		_, out, errs := runSPF(t, srv, append(strings.Fields(args), "--json")...)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Errorf("%s: %v %s", args, err, errs)
			continue
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", args, err)
		}
		var head struct {
			Schema, Result, Term string
			TermDomain           string `json:"term_domain"`
		}
		if err := json.Unmarshal([]byte(out), &head); err != nil || head.Result != want || head.Schema != inspect.SPFSchema {
			t.Errorf("%s: %+v, want %s", args, head, want)
		}
	}
}

// A record that receivers can read and that does not do its work is not called
// good.
func TestSPFCommandUsable(t *testing.T) {
	t.Setenv("LC_ALL", "C.UTF-8")
	for record, want := range map[string]string{
		"v=spf1 mx -all": "good", "v=spf1 mx ~all": "good", "v=spf1 -all": "good", "v=spf1 redirect=strict.example": "good",
		"v=spf1 +all": "FAIL", "v=spf1 mx all": "FAIL", "v=spf1 ip4:0.0.0.0/0 -all": "FAIL", "v=spf1 ip6:::/1 ip4:192.0.2.1 -all": "FAIL",
		"v=spf1 include:open.example -all": "FAIL", "v=spf1 redirect=open.example": "FAIL",
		"v=spf1 ?all": "warn", "v=spf1": "warn", "v=spf1 mx": "warn", "v=spf1 mx ?all": "warn", "v=spf1 redirect=neutral.example": "warn",
		"v=spf1 -all mx": "FAIL", "v=spf1 mx include=open.example -all": "FAIL", "v=spf1 ip4:192.0.2.1 ~all mx -all": "FAIL",
		"v=spf1 mx ~all -all": "warn", "v=spf1 mx ~all redirect=strict.example": "warn", "v=spf1 -include:open.example ?all": "warn",
	} {
		zone := "d.example. MX 10 mx.d.example.\nmx.d.example. A 192.0.2.1\nd.example. TXT \"" + record + "\"\n" +
			"open.example. TXT \"v=spf1 +all\"\nneutral.example. TXT \"v=spf1 mx:d.example\"\nstrict.example. TXT \"v=spf1 -all\""
		code, out, _ := runSPF(t, dnstest.New(t, zone), "d.example")
		if !strings.Contains(out, "\n  "+want+"  ") || (code != 0) != (want == "FAIL") {
			t.Errorf("%q: exit code %d, want %s:\n%s", record, code, want, out)
		}
	}
}

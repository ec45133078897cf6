package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maildiag/dnsrec/dnstest"
	"maildiag/report/runnertest"
)

// Row 1 of issue 16, for all that is not a report: explanations, records,
// errors and hints.
func TestRow01_NoCommandInAnyOutput(t *testing.T) {
	dir := t.TempDir()
	for i, p := range runnertest.Payloads() {
		if i%7 != 0 && !strings.Contains(p, "vso") { // parsing a message takes longer than a look at it
			continue
		}
		bounce := filepath.Join(dir, fmt.Sprint(i)+".eml")
		text := "From: MAILER-DAEMON@a.example\nSubject: " + p + "\nTo: b@c.example\n\n" + p + "\n550 5.7.1 " + p + "\n" + p + "\n"
		if err := os.WriteFile(bounce, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"explain", bounce}, {"explain", bounce, "--json"}, {"explain", bounce, "--format", "ndjson"}, {"explain", bounce, "--format", "html"},
			{"explain", bounce, "--ticket"}, {"explain", "550 5.7.1 " + p}, {"explain", "--check", "550 5.7.1 " + p, "--only", p},
			{p}, {"check", p}, {"checks", p}, {"smtp", p}, {"--only", p, "a.example"}, {"spf", p}, {"--format", p, "a.example"}, {"render", p}, {"bulk", p}, {"dmarc", p},
		} {
			var out, errs bytes.Buffer
			run(t.Context(), args, strings.NewReader(""), &out, &errs)
			if found := runnertest.Commands(out.String() + "\n" + errs.String()); found != nil {
				t.Fatalf("maildiag %q: %.300q", args, found)
			}
		}
	}
}

// The same with a resolver that answers with them.
func TestRow01_NoCommandFromDNS(t *testing.T) {
	planFormats := []string{"json", "zone", "nsupdate", "cloudflare", "route53", "azure", "dnscontrol", "terraform", "powershell", "ticket", "text"}
	for i, command := range []string{"::add-path::/tmp", "##[add-path]/tmp", "##vso[task.setvariable variable=PATH]x", "##teamcity[a]"} {
		zone := fmt.Sprintf("a.example. TXT \"v=spf1 exists:%s %s -all\"\na.example. MX 10 mx.a.example.\n_dmarc.a.example. TXT \"v=DMARC1; p=none; rua=%s;\"\n", command, command, command)
		srv := dnstest.New(t, zone)
		for _, args := range [][]string{{"check", "a.example", "-v"}, {"check", "a.example", "--json"}, {"spf", "a.example"}, {"spf", "a.example", "--json"}, {"dmarc", "a.example"},
			{"plan", "a.example"}, {"plan", "a.example", "--to", planFormats[i%len(planFormats)]}, {"plan", "a.example", "--to", planFormats[(i+4)%len(planFormats)]},
			{"plan", "a.example", "--to", planFormats[(i+8)%len(planFormats)]}, {"migrate", "a.example", "--no-name-servers"},
			{"migrate", "a.example", "--no-name-servers", "--format", []string{"json", "markdown", "html", "text"}[i]}} {
			var out, errs bytes.Buffer
			run(t.Context(), append(args, "--resolver", srv.Addr, "--timeout", "2s"), strings.NewReader(""), &out, &errs)
			if found := runnertest.Commands(out.String() + "\n" + errs.String()); found != nil || out.Len() == 0 {
				t.Errorf("%d, maildiag %q: %.300q\n%s", i, args, found, errs.String())
			}
		}
	}
}

// The same with DMARC and TLS reports that contain them, in content and in the names
// of files.
func TestRow01_NoCommandFromReports(t *testing.T) {
	for i, p := range runnertest.Payloads() {
		if i%37 != 0 {
			continue
		}
		dir := t.TempDir()
		text := html.EscapeString(p)
		writeTest(t, filepath.Join(dir, "a.xml"), aReport(text, 1, "<p>none</p>", aRow{"192.0.2.1", "contoso.com", "contoso.com", text, "fail", text, "pass", 9}))
		tls, err := json.Marshal(map[string]any{"organization-name": p, "report-id": p, "policies": []any{map[string]any{"policy": map[string]any{"policy-domain": p},
			"summary": map[string]any{"total-failure-session-count": 3}, "failure-details": []any{map[string]any{"result-type": p, "failed-session-count": 3,
				"receiving-mx-hostname": p, "failure-reason-code": p}}}}})
		if err != nil {
			t.Fatal(err)
		}
		writeTest(t, filepath.Join(dir, "t.json"), string(tls))
		_ = os.WriteFile(filepath.Join(dir, strings.NewReplacer("/", "", "\x00", "").Replace(p)), []byte("no report "+p), 0o600) // some names are too long
		for _, args := range [][]string{{"-v"}, {"--json"}, {"--format", "csv"}, {"--format", "html"}, {"--format", "prometheus"}, {"--domain", p}, {"--since", p}, {"--not-mine", p}} {
			code, out, errs := reportsOf(t, append(args, dir)...)
			if found := runnertest.Commands(out + "\n" + errs); found != nil || code == exitOK {
				t.Errorf("%d, maildiag reports %q: %d, %.300q", i, args, code, found)
			}
		}
	}
}

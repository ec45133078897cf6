package main

import (
	"bytes"
	"fmt"
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
	for i, command := range []string{"::add-path::/tmp", "##[add-path]/tmp", "##vso[task.setvariable variable=PATH]x", "##teamcity[a]"} {
		zone := fmt.Sprintf("a.example. TXT \"v=spf1 exists:%s %s -all\"\na.example. MX 10 mx.a.example.\n_dmarc.a.example. TXT \"v=DMARC1; p=none; rua=%s;\"\n", command, command, command)
		srv := dnstest.New(t, zone)
		for _, args := range [][]string{{"check", "a.example", "-v"}, {"check", "a.example", "--json"}, {"spf", "a.example"}, {"spf", "a.example", "--json"}, {"dmarc", "a.example"}} {
			var out, errs bytes.Buffer
			run(t.Context(), append(args, "--resolver", srv.Addr, "--timeout", "2s"), strings.NewReader(""), &out, &errs)
			if found := runnertest.Commands(out.String() + "\n" + errs.String()); found != nil || out.Len() == 0 {
				t.Errorf("%d, maildiag %q: %.300q\n%s", i, args, found, errs.String())
			}
		}
	}
}

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

const (
	exitReceived = "Received: from mail.contoso.com (mail.contoso.com [203.0.113.9]) by mx.fabrikam.com (Postfix) with ESMTPS id 4QXXXXXXXX; Mon, 23 Nov 2026 12:00:03 +0000\n"
	exitLetter   = "From: me@contoso.com\nTo: you@fabrikam.com\nSubject: x\n\nHello\n"
	exitPass     = "Authentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=contoso.com; dmarc=pass header.from=contoso.com\n"
	exitFail     = "Authentication-Results: mx.fabrikam.com; spf=fail smtp.mailfrom=contoso.com; dmarc=fail header.from=contoso.com\n"
	exitMbox     = "From x Mon Nov 23 12:00:00 2026\n"
)

// exitCases are inputs of every kind, and whether they are explained.
var exitCases = map[string]struct {
	in   string
	code int
}{
	"known reply":                   {"550 5.7.64 TenantAttribution; Relay Access Denied", report.ExitOK},
	"unknown reply":                 {"550 5.7.99 fnord", report.ExitUnknown},
	"known and unknown replies":     {"550 5.7.64 TenantAttribution; Relay Access Denied\n\n550 5.7.99 fnord\n", report.ExitUnknown},
	"no reply":                      {"Hello, the printer does not work.\n", report.ExitUnknown},
	"message, vouched for":          {exitPass + exitReceived + exitLetter, report.ExitOK},
	"message, forged":               {exitFail + exitReceived + exitLetter, report.ExitOK},
	"message, two senders":          {exitPass + exitReceived + "From: a@b.example\n" + exitLetter, report.ExitOK},
	"message, not known":            {exitReceived + exitLetter, report.ExitUnknown},
	"message, contradiction":        {exitPass + exitFail + exitReceived + exitLetter, report.ExitUnknown},
	"message, a rumor":              {exitReceived + exitPass + exitLetter, report.ExitUnknown},
	"message, no header":            {exitLetter, report.ExitUnknown},
	"header, vouched for":           {exitPass + exitReceived + strings.TrimSuffix(exitLetter, "\nHello\n"), report.ExitOK},
	"header, not known":             {exitReceived + strings.TrimSuffix(exitLetter, "\nHello\n"), report.ExitUnknown},
	"automatic answer":              {"Auto-Submitted: auto-replied\n" + exitLetter, report.ExitOK},
	"mailbox, all known":            {exitMbox + exitPass + exitReceived + exitLetter + "\n" + exitMbox + exitFail + exitReceived + exitLetter, report.ExitOK},
	"mailbox, the second not known": {exitMbox + exitPass + exitReceived + exitLetter + "\n" + exitMbox + exitReceived + exitLetter, report.ExitUnknown},
	"report":                        {`{"report-id": "1", "policies": []}`, report.ExitOK},
}

// TestExplainExit holds that the exit code says whether everything is known,
// for each kind of input and in each format.
func TestExplainExit(t *testing.T) {
	for name, c := range exitCases {
		for _, args := range [][]string{{}, {"--json"}, {"--format", "ndjson"}, {"--format", "html"}, {"--ticket"}} {
			out, errs, code := explainRun(t, c.in, append([]string{"-"}, args...)...)
			if code != c.code || errs != "" || out == "" {
				t.Errorf("%s %v: exit code %d, want %d; %s", name, args, code, c.code, errs)
			}
			if len(args) == 0 || args[len(args)-1] != "--json" && args[len(args)-1] != "ndjson" {
				continue
			}
			for dec := json.NewDecoder(strings.NewReader(out)); dec.More(); {
				var j struct {
					Exit int `json:"exit_code"`
				}
				if err := dec.Decode(&j); err != nil || j.Exit != c.code {
					t.Fatalf("%s %v: exit_code %d, %v", name, args, j.Exit, err)
				}
			}
		}
	}
}

// TestExplainCheckMessage sees that --check tells what it found out about a
// message, in each format, and that its answer follows from it.
func TestExplainCheckMessage(t *testing.T) {
	for name, c := range map[string]struct {
		zone, verdict, spf, dmarc string
		code                      int
	}{
		"passes":   {"contoso.com. TXT \"v=spf1 ip4:203.0.113.9 -all\"\n_dmarc.contoso.com. TXT \"v=DMARC1; p=reject\"", "authentic", "pass", "pass", report.ExitOK},
		"fails":    {"contoso.com. TXT \"v=spf1 -all\"\n_dmarc.contoso.com. TXT \"v=DMARC1; p=reject\"", "fails_dmarc", "fail", "fail", report.ExitOK},
		"no DMARC": {"contoso.com. TXT \"v=spf1 -all\"\n", "unproven", "fail", "none", report.ExitOK},
	} {
		srv := dnstest.New(t, c.zone)
		in := "Return-Path: <me@contoso.com>\n" + exitReceived + exitLetter
		args := []string{"-", "--check", "--resolver", srv.Addr}
		out, errs, code := explainRun(t, in, append(args, "--json")...)
		var j explainJSON
		if err := json.Unmarshal([]byte(out), &j); err != nil || code != c.code || j.Message == nil {
			t.Fatalf("%s: exit code %d, %v, %s", name, code, err, errs)
		}
		if m := j.Message; string(m.Answer.Verdict) != c.verdict || m.SPF == nil || m.SPF.Result != c.spf || m.DMARC.Result != c.dmarc {
			t.Errorf("%s: %+v %+v %+v", name, m.Answer, m.SPF, m.DMARC)
		}
		for _, format := range [][]string{{}, {"--ticket"}, {"--format", "html"}} {
			out, _, _ := explainRun(t, in, append(args, format...)...)
			for _, want := range []string{"with the current DNS", c.spf + " for contoso.com from 203.0.113.9"} {
				if strings.Count(out, want) != 1 {
					t.Errorf("%s %v: %d times %q", name, format, strings.Count(out, want), want)
				}
			}
		}
	}
}

// TestExplainOutput holds that a name under which no file can be written is a wrong
// use, and is neither a full disk nor a result.
func TestExplainOutput(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{dir, dir + "/", dir + "/missing/x.txt"} {
		out, errs, code := explainRun(t, "", "550 5.1.1 User unknown", "-o", name)
		if code != report.ExitUsage || out != "" || !strings.Contains(errs, writableHint) {
			t.Errorf("-o %s: exit code %d, %q, %q", name, code, out, errs)
		}
	}
}

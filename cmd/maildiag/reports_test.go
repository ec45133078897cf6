package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// aRow is a row of a generated report.
type aRow struct {
	source, from, dkim, selector, dkimResult, spf, spfResult string
	count                                                    int
}

func (r aRow) xml() string {
	aligned := func(domain, result string) string {
		if result == "pass" && strings.HasSuffix(domain, "contoso.com") {
			return "pass"
		}
		return "fail"
	}
	signed := ""
	if r.dkim != "" {
		signed = fmt.Sprintf("<dkim><domain>%s</domain><selector>%s</selector><result>%s</result></dkim>", r.dkim, r.selector, r.dkimResult)
	}
	return fmt.Sprintf("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>"+
		"<dkim>%s</dkim><spf>%s</spf></policy_evaluated></row><identifiers><header_from>%s</header_from></identifiers>"+
		"<auth_results>%s<spf><domain>%s</domain><result>%s</result></spf></auth_results></record>",
		r.source, r.count, aligned(r.dkim, r.dkimResult), aligned(r.spf, r.spfResult), r.from, signed, r.spf, r.spfResult)
}

// aReport is a report of contoso.com about one day of October 2026.
func aReport(id string, day int, policy string, rows ...aRow) string {
	begin := time.Date(2026, 10, day, 0, 0, 0, 0, time.UTC).Unix()
	var b strings.Builder
	fmt.Fprintf(&b, "<feedback><report_metadata><org_name>org%s.example</org_name><report_id>%s-%d</report_id><date_range><begin>%d</begin>"+
		"<end>%d</end></date_range></report_metadata><policy_published><domain>contoso.com</domain>%s</policy_published>",
		id, id, day, begin, begin+86399, policy)
	for _, r := range rows {
		b.WriteString(r.xml())
	}
	return b.String() + "</feedback>"
}

var (
	fromMicrosoft = aRow{"40.107.1.1", "contoso.com", "contoso.com", "selector1", "pass", "contoso.com", "pass", 90}
	unsigned      = aRow{"40.107.1.2", "contoso.com", "", "", "", "contoso.com", "pass", 90}
	sendgrid      = aRow{"167.89.0.1", "contoso.com", "sendgrid.net", "smtpapi", "pass", "u1.wl.sendgrid.net", "pass", 10}
)

// aMonth writes reports of 10 days by two reporters into a folder.
func aMonth(t *testing.T, policy string, rows ...aRow) string {
	t.Helper()
	dir := t.TempDir()
	for day := 1; day <= 10; day++ {
		for _, id := range []string{"a", "b"} {
			writeTest(t, filepath.Join(dir, fmt.Sprintf("%s%d.xml", id, day)), aReport(id, day, policy, rows...))
		}
	}
	return dir
}

func writeTest(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func reportsOf(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"reports"}, args...), strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// reportsDoc returns the JSON of a run that must be valid.
func reportsDoc(t *testing.T, args ...string) (int, reportsJSON) {
	t.Helper()
	code, out, errs := reportsOf(t, append(args, "--json")...)
	var j reportsJSON
	if err := json.Unmarshal([]byte(out), &j); err != nil {
		t.Fatalf("%v: %s%s", err, out, errs)
	}
	schema := reportsSchemaOf(t)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		t.Errorf("%v: %v", args, err)
	}
	return code, j
}

func reportsSchemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("reports_schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const id = "https://maildiag.example/schema/reports-v1.schema.json"
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestReports(t *testing.T) {
	for name, test := range map[string]struct {
		dir     string
		args    []string
		code    int
		verdict string
		lost    int64
	}{
		"safe":             {aMonth(t, "<p>none</p>", fromMicrosoft), nil, exitOK, "safe", 0},
		"not safe":         {aMonth(t, "<p>none</p>", fromMicrosoft, sendgrid), nil, exitFound, "not_safe", 200},
		"quarantine":       {aMonth(t, "<p>none</p>", fromMicrosoft, sendgrid), []string{"--policy", "quarantine"}, exitFound, "not_safe", 200},
		"none":             {aMonth(t, "<p>reject</p>", fromMicrosoft, sendgrid), []string{"--policy", "none"}, exitOK, "safe", 0},
		"few days":         {aMonth(t, "<p>none</p>", fromMicrosoft), []string{"--since", "2026-10-08"}, exitUnknown, "not_enough_data", 0},
		"strict alignment": {aMonth(t, "<p>none</p><adkim>s</adkim>", aRow{"40.107.1.1", "news.contoso.com", "contoso.com", "selector1", "pass", "x.example", "pass", 90}, fromMicrosoft), nil, exitFound, "not_safe", 1800},
		"sp filled in":     {aMonth(t, "<p>none</p><sp>none</sp>", fromMicrosoft, aRow{"167.89.0.1", "news.contoso.com", "sendgrid.net", "s", "pass", "u1.wl.sendgrid.net", "pass", 10}), nil, exitFound, "not_safe", 200},
		"sp=none":          {aMonth(t, "<p>quarantine</p><sp>none</sp>", fromMicrosoft, aRow{"167.89.0.1", "news.contoso.com", "sendgrid.net", "s", "pass", "u1.wl.sendgrid.net", "pass", 10}), nil, exitOK, "safe", 0},
		"without Microsoft": {aMonth(t, "<p>none</p>", unsigned), []string{"--demo", "finished", "--without", "microsoft"}, exitFound,
			"not_safe", 1800},
		"live": {aMonth(t, "<p>none</p>", unsigned), []string{"--demo", "finished"}, exitOK, "safe", 0},
	} {
		code, j := reportsDoc(t, append(test.args, test.dir)...)
		if len(j.Domains) != 1 {
			t.Errorf("%s: %+v", name, j)
			continue
		}
		d := j.Domains[0]
		if code != test.code || d.Verdict != test.verdict || d.Lost != test.lost {
			t.Errorf("%s: code %d, %+v", name, code, d)
		}
	}
}

// Reports that leave nothing to judge are not enough to tell, whatever else is
// in them.
func TestReportsNothingJudged(t *testing.T) {
	other := fromMicrosoft
	other.from = "fabrikam.com"
	const noSessions = `{"organization-name":"a","report-id":"1","policies":[{"policy":{"policy-type":"sts","policy-domain":"contoso.com"},"summary":{}}]}`
	noDomain := func(text string) string {
		return strings.ReplaceAll(text, "<domain>contoso.com</domain>", "<domain>not a domain</domain>")
	}
	for name, files := range map[string][]string{
		"no domain":        {noDomain(aReport("a", 1, "<p>none</p>", fromMicrosoft))},
		"no domain at all": {strings.Replace(aReport("a", 1, "<p>none</p>", fromMicrosoft), "<domain>contoso.com</domain>", "", 1)},
		"no rows":          {aReport("a", 1, "<p>none</p>")},
		"all left out":     {aReport("a", 1, "<p>none</p>", other)},
		"no sessions":      {noSessions},
		"both":             {noDomain(aReport("a", 1, "<p>none</p>", other)), noSessions},
	} {
		dir := t.TempDir()
		for i, text := range files {
			writeTest(t, filepath.Join(dir, fmt.Sprintf("%d.%s", i, map[bool]string{true: "json", false: "xml"}[text == noSessions])), text)
		}
		code, j := reportsDoc(t, dir)
		if code != exitUnknown || j.Verdict != "not_enough_data" {
			t.Errorf("%s: code %d, %+v", name, code, j)
		}
		for _, format := range []string{"text", "html"} {
			if code, out, _ := reportsOf(t, dir, "--format", format); code != exitUnknown || !strings.Contains(out, "NOT ENOUGH DATA") {
				t.Errorf("%s, %s: code %d, %s", name, format, code, out)
			}
		}
	}
}

// A source_ip that is not an address is a source of its own, and nobody's.
func TestReportsUnreadableAddress(t *testing.T) {
	for _, text := range []string{"", "999.2.3.4", "1.2.3", "1.2.3.0/24", "192.0.2.1:25", "mail.contoso.com", "0.0.0.0", "40.107.1.1 "} {
		row := fromMicrosoft
		row.source, row.count = text, 5
		_, j := reportsDoc(t, aMonth(t, "<p>none</p>", fromMicrosoft, row))
		own, unknown := int64(0), int64(0)
		for _, s := range j.Domains[0].Sources {
			switch s.Kind {
			case "own":
				own += s.Messages
			case "unknown":
				unknown += s.Messages
			}
		}
		want := int64(20 * 5)
		if strings.TrimSpace(text) == fromMicrosoft.source { // space around it does no harm
			want = 0
		}
		if unknown != want || own+unknown != 20*95 {
			t.Errorf("%q: %d own, %d unknown", text, own, unknown)
		}
	}
}

// What is wrong with the call or the files ends in exit code 2 and a hint.
func TestReportsUsage(t *testing.T) {
	dir := aMonth(t, "<p>none</p>", fromMicrosoft)
	empty := t.TempDir()
	for _, args := range [][]string{{empty}, {filepath.Join(empty, "absent")}, {dir, "--format", "xml"}, {dir, "--policy", "p"},
		{dir, "--since", "yesterday"}, {dir, "--with", "ip4:192.0.2.1"}, {dir, "--until", "2020-01-01"}, {dir, "--domain", "a b"}, {dir, "--domain", "fabrikam.com"},
		{dir, "--baseline", filepath.Join(dir, "a1.xml")}, {"README"}} {
		code, out, errs := reportsOf(t, args...)
		if code != exitUsage || out != "" || !strings.Contains(errs, "hint:") {
			t.Errorf("%v: code %d %s%s", args, code, out, errs)
		}
	}
}

// Duplicates and broken files are named, and what can be read counts once.
func TestReportsFiles(t *testing.T) {
	dir := aMonth(t, "<p>none</p>", fromMicrosoft)
	writeTest(t, filepath.Join(dir, "copy.xml"), aReport("a", 1, "<p>none</p>", fromMicrosoft))
	writeTest(t, filepath.Join(dir, "cut.xml"), aReport("c", 1, "<p>none</p>", fromMicrosoft, fromMicrosoft)[:1000])
	writeTest(t, filepath.Join(dir, "notes.txt"), "hello")
	_, j := reportsDoc(t, dir)
	if j.Messages != 21*90 || len(j.Again) != 1 || len(j.Unread) != 2 || !strings.HasSuffix(j.Again[0].File, "copy.xml") {
		t.Errorf("%d messages, %v, %v", j.Messages, j.Again, j.Unread)
	}
}

func TestReportsBaseline(t *testing.T) {
	before := filepath.Join(t.TempDir(), "before.json")
	if code, _, errs := reportsOf(t, aMonth(t, "<p>none</p>", fromMicrosoft), "--json", "-o", before); code != exitOK {
		t.Fatal(errs)
	}
	_, j := reportsDoc(t, aMonth(t, "<p>none</p>", fromMicrosoft, sendgrid), "--baseline", before)
	if c := j.Domains[0].Change; c == nil || c.Verdict != "safe" || len(c.New) != 1 || len(c.Gone) != 0 {
		t.Errorf("%+v", c)
	}
}

// No name that a reporter or a sender chose reaches a terminal, a page, a
// spreadsheet or a metric as more than text.
func TestReportsHostile(t *testing.T) {
	const evil = "&#27;]0;x&lt;script&gt;alert(1)&lt;/script&gt;=cmd()\"\n"
	hostile := fromMicrosoft
	hostile.source, hostile.selector, hostile.spf = "192.0.2.1", evil, "x.example"
	odd := aRow{"192.0.2.2", evil, evil, evil, evil, evil, evil, 5}
	dir := aMonth(t, "<p>none</p>", hostile, odd)
	writeTest(t, filepath.Join(dir, "tls.json"), `{"organization-name":"\u001b<script>","report-id":"=x","policies":[{"policy":{"policy-type":"sts",`+
		`"policy-domain":"<script>"},"summary":{"total-failure-session-count":1},"failure-details":[{"result-type":"\u001b]<script>\"",`+
		`"receiving-mx-hostname":"\u202e<script>","failed-session-count":1}]}]}`)
	writeTest(t, filepath.Join(dir, "\x1b<script>.xml"), "<feedback")
	for _, format := range []string{"text", "json", "csv", "html", "prometheus"} {
		_, out, errs := reportsOf(t, dir, "-v", "--format", format)
		for _, bad := range []string{"\x1b", "\u202e"} {
			if strings.Contains(out+errs, bad) {
				t.Errorf("%s has %q", format, bad)
			}
		}
		if format == "html" && strings.Contains(out, "<script") {
			t.Errorf("html has a script:\n%s", out)
		}
		if format == "csv" {
			if _, err := csv.NewReader(strings.NewReader(out)).ReadAll(); err != nil {
				t.Error(err)
			}
		}
		if format == "text" {
			for line := range strings.Lines(out) {
				if len([]rune(line)) > 81 && !strings.Contains(line, "/") {
					t.Errorf("%d columns: %s", len(line)-1, line)
				}
			}
		}
	}
}

// With --live a TLS report is joined with what the DNS and the policy host say now:
// a host that left, a fault that is gone, one that only the server shows.
func TestReportsTLSLive(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tls.json")
	failure := func(result, mx string) string {
		return fmt.Sprintf(`{"result-type":%q,"receiving-mx-hostname":%q,"failed-session-count":1}`, result, mx)
	}
	writeTest(t, file, `{"organization-name":"x","report-id":"1","policies":[{"policy":{"policy-type":"sts","policy-domain":"fabrikam.com"},`+
		`"summary":{"total-failure-session-count":4},"failure-details":[`+strings.Join([]string{
		failure("certificate-expired", "old.fabrikam.com"), failure("sts-policy-fetch-error", ""),
		failure("starttls-not-supported", "aspmx.l.google.com"),
		failure("certificate-not-trusted", "fabrikam-com.mail.protection.outlook.com"),
	}, ",")+`]}]}`)
	out, errs, code := maildiag(t, "", "reports", file, "--demo", "migrating", "--json")
	var doc struct {
		TLS []struct {
			Failures []struct {
				Result string
				Today  struct{ State, Owner string }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitFound || len(doc.TLS) != 1 {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, out, errs)
	}
	want := map[string]string{"certificate-expired": "moved ", "sts-policy-fetch-error": "mended ", "starttls-not-supported": "notshown ",
		"certificate-not-trusted": "notshown " + report.OwnerMicrosoft}
	for _, f := range doc.TLS[0].Failures {
		if got := f.Today.State + " " + f.Today.Owner; got != want[f.Result] {
			t.Errorf("%s: %s, want %s", f.Result, got, want[f.Result])
		}
	}
	if offline, _, _ := maildiag(t, "", "reports", file, "--json"); strings.Contains(offline, `"today"`) {
		t.Error("without --live something is said of today")
	}
}

// A resolver of the configuration is for all commands: reports asks the network only
// if the command line says so.
func TestReportsAskNobody(t *testing.T) {
	dir := aMonth(t, "<p>none</p>", unsigned)
	for _, given := range []bool{false, true} {
		srv := dnstest.New(t, "contoso.com TXT \"v=spf1 -all\"\n")
		args := []string{dir}
		if given {
			args = append(args, "--resolver", srv.Addr)
		} else {
			t.Setenv("MAILDIAG_RESOLVER", srv.Addr)
		}
		reportsDoc(t, args...)
		if asked := len(srv.Queries()) > 0; asked != given {
			t.Errorf("resolver on the command line: %v, asked: %v", given, asked)
		}
	}
}

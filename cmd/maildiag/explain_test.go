package main

import (
	"bytes"
	"encoding/json"
	"maildiag/checks/refusal/explain"
	"maildiag/checks/refusal/message"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"maildiag/checks/refusal/replies"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// explainRun runs maildiag explain with a text on stdin.
func explainRun(t *testing.T, stdin string, args ...string) (out, errs string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{in: strings.NewReader(stdin), out: &stdout, err: &stderr}
	c := a.explainCmd()
	c.SetArgs(append([]string{}, args...))
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	c.SilenceErrors, c.SilenceUsage = true, true
	code = a.exitCode(t.Context(), c.ExecuteContext(t.Context()))
	return stdout.String(), stderr.String(), code
}

const bounces = "../../testdata/bounces/"

// explainCases are calls that need no network, by the name of their golden.
var explainCases = map[string]struct {
	stdin string
	args  []string
	code  int
}{
	"relay": {"", []string{"550 5.7.64 TenantAttribution; Relay Access Denied " +
		"[BL2NAM02FT001.eop-nam02.prod.protection.outlook.com 2023-06-22T08:26:31.592Z 08DB72B25E50380B]"}, 0},
	"code":    {"", []string{"5.7.30"}, 0},
	"unknown": {"", []string{"550", "5.7.99", "fnord"}, 3},
	"nothing": {"Hello, the printer does not work.\n", []string{"-"}, 3},
	"compound": {"The server response was: 5.7.57 Client not authenticated to send mail. Error: 535 " +
		"5.7.139 Authentication unsuccessful, the user credentials were incorrect.", nil, 0},
	"dmarc":       {"", []string{bounces + "rhost-microsoft-04.eml"}, 0},
	"two-ticket":  {"", []string{bounces + "lhost-qmail-25.eml", "--ticket"}, 0},
	"rate-json":   {"", []string{bounces + "rhost-microsoft-05.eml", "--json"}, 0},
	"two-ndjson":  {"", []string{bounces + "lhost-qmail-25.eml", "--format", "ndjson"}, 0},
	"hostile":     {"550 5.7.1 Unable to relay \x1b[31m\u202egnp.exe\x07 <a@b.example>", []string{"-"}, 0},
	"header":      {sampleHeader, []string{"-", "--as-of", "2026-11-23"}, 0},
	"header-json": {sampleHeader, []string{"--json", "--as-of", "2026-11-23"}, 0},
	"auto-reply": {"From: a@b.example\nTo: c@d.example\nAuto-Submitted: auto-replied\nSubject: Automatic " +
		"reply: x\n\nI am away.\n", []string{"-"}, 0},
	"ambiguous": {"From: a@contoso.com\nFrom: b@fabrikam.com\nTo: c@d.example\nSubject: x\n\nbody\n",
		[]string{"-"}, 0},
	"row":      {"", []string{"exo.dmarc-reject"}, 0},
	"attached": {sampleAttached, []string{"-", "--as-of", "2026-11-23"}, 3},
	"report-dmarc": {"<feedback><report_metadata><org_name>x</org_name></report_metadata></feedback>",
		[]string{"-"}, 0},
	"report-tls": {`{"report-id": "1", "policies": []}`, []string{"-"}, 0},
	"report-complaint": {"From: f@b.example\nSubject: x\nTo: a@b.example\nContent-Type: multipart/report; " +
		"boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n",
		[]string{"-"}, 0},
	"report-failure": {"From: f@b.example\nSubject: x\nTo: a@b.example\nContent-Type: multipart/report; " +
		"boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: auth-failure\n--b--\n",
		[]string{"-"}, 0},
	"delay-ticket": {"user@contoso.com: 451 4.7.500 Server busy. Please try again later from [203.0.113.9]. " +
		"(AS761)", []string{"--ticket"}, 0},
}

const sampleHeader = `Authentication-Results: spf=fail (sender IP is 203.0.113.9) smtp.mailfrom=fabrikam.com; dkim=none (message not
 signed) header.d=none;dmarc=fail action=oreject header.from=fabrikam.com;compauth=fail reason=010
Received: from printer (203.0.113.9) by AM0EUR01FT001.mail.protection.outlook.com (10.152.0.1) with Microsoft SMTP
 Server id 15.20.1; Mon, 23 Nov 2026 12:10:03 +0000
Received: from desk ([192.168.1.5]) by printer with ESMTP; Mon, 23 Nov 2026 12:00:00 +0000
Authentication-Results: evil.example; dmarc=pass header.from=fabrikam.com
X-Forefront-Antispam-Report: CIP:203.0.113.9;CTRY:DE;SCL:5;IPV:NLI;SFV:SPM;H:printer;CAT:SPOOF;DIR:INB;
X-MS-Exchange-Organization-AuthAs: Anonymous
From: printer@fabrikam.com
To: you@fabrikam.com
Subject: scan
`

// sampleAttached is a message that a user reports, attached to his own.
const sampleAttached = "From: user@contoso.com\nTo: help@contoso.com\nSubject: Is this real?\nMIME-Version: 1.0\n" +
	"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nWhat is this?\n\n--b\n" +
	"Content-Type: message/rfc822\n\n" + exitFail + exitReceived + exitLetter + "\n--b--\n"

// TestExplainAttached sees that JSON holds each message, with where it is.
func TestExplainAttached(t *testing.T) {
	out, _, _ := explainRun(t, sampleAttached, "-", "--json")
	var j struct {
		Message  message.Analysis
		Messages []struct {
			Found   string `json:"found_in"`
			Message message.Analysis
		}
	}
	if err := json.Unmarshal([]byte(out), &j); err != nil || len(j.Messages) != 2 {
		t.Fatalf("%v: %d messages", err, len(j.Messages))
	}
	for i, want := range []struct {
		found   string
		verdict message.Verdict
	}{{"input", message.Undecided}, {"input > attached message 1", message.FailsDMARC}} {
		if m := j.Messages[i]; m.Found != want.found || m.Message.Answer.Verdict != want.verdict {
			t.Errorf("%d: %s, %s", i, m.Found, m.Message.Answer.Verdict)
		}
	}
	if j.Message.Answer.Verdict != message.Undecided {
		t.Errorf("the first one: %s", j.Message.Answer.Verdict)
	}
}

func TestExplain(t *testing.T) {
	for name, c := range explainCases {
		t.Run(name, func(t *testing.T) {
			out, errs, code := explainRun(t, c.stdin, c.args...)
			if code != c.code || errs != "" {
				t.Errorf("exit code %d, want %d; %s", code, c.code, errs)
			}
			if i := strings.IndexFunc(out, func(r rune) bool {
				return r < ' ' && r != '\n' || r == '\u202e' ||
					r == 0x7f
			}); i >= 0 {
				t.Errorf("a control character at %d", i)
			}
			explainGolden(t, name, out)
		})
	}
}

// explainJSON is what the tests read of the JSON form.
type explainJSON struct {
	Kind    string
	Replies []struct {
		Recipient, Enhanced string
		Code                int
		Known               bool
	}
	Rows []struct {
		Row, Meaning string
	}
	Message *message.Analysis
	Notes   []string
}

func explainGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "explain", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; go test -update writes it anew; got:\n%s", file, got)
	}
}

func TestExplainErrors(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big.eml")
	f, err := os.Create(big)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(2 << 30); err != nil { // sparse
		t.Fatal(err)
	}
	f.Close()
	for name, c := range map[string]struct {
		args []string
		say  string
	}{
		"no such file":       {[]string{"nothing.eml"}, "there is no file nothing.eml"},
		"folder":             {[]string{t.TempDir()}, "is not a regular file"},
		"device":             {[]string{"/dev/zero"}, "is not a regular file"},
		"TestFault_160 2GiB": {[]string{big}, "is larger than 25 MiB"},
		"format":             {[]string{"x", "--format", "xml"}, "--format xml is not known here"},
		"ticket and json":    {[]string{"x", "--json", "--ticket"}, "--ticket is plain text"},
		"empty":              {[]string{""}, "nothing to explain"},
		"list with text":     {[]string{"x", "--list"}, "--list takes no text"},
	} {
		out, errs, code := explainRun(t, "", c.args...)
		if code != exitUsage || !strings.Contains(errs, c.say) || !strings.Contains(errs, "maildiag: hint: ") ||
			out != "" {
			t.Errorf("%s: code %d, stderr %q, stdout %q", name, code, errs, out)
		}
	}
}

func TestExplainList(t *testing.T) {
	out, _, code := explainRun(t, "", "--list")
	if n := strings.Count(out, "\n"); code != 0 || n != len(replies.All()) || n < 250 {
		t.Errorf("code %d, %d rows", code, n)
	}
	out, _, _ = explainRun(t, "", "--list", "--json")
	var j explainJSON
	if err := json.Unmarshal([]byte(out), &j); err != nil || len(j.Rows) != len(replies.All()) {
		t.Errorf("%v, %d rows", err, len(j.Rows))
	}
}

// TestExplainSchema validates what is written against the schema beside the
// renderer.
func TestExplainSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(explain.SchemaJSON))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const id = "https://maildiag.example/schema/explain-v1.schema.json"
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	validate := func(name, line string) {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, line)
		}
	}
	for name, c := range explainCases {
		args := append([]string{"--json"}, withoutFormat(c.args)...)
		out, _, _ := explainRun(t, c.stdin, args...)
		validate(name, out)
		args = append([]string{"--format", "ndjson"}, withoutFormat(c.args)...)
		out, _, _ = explainRun(t, c.stdin, args...)
		for line := range strings.Lines(out) {
			validate(name, line)
		}
	}
	out, _, _ := explainRun(t, "", append(checkArgs(t, checkWorld(t)), "--json")...)
	validate("check", out)
}

func withoutFormat(args []string) (rest []string) {
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "--json", "--ticket":
		case "--format":
			i++
		default:
			rest = append(rest, args[i])
		}
	}
	return rest
}

func checkWorld(t *testing.T) *dnstest.Server {
	return dnstest.New(t, `
contoso.com.            MX   0 contoso-com.mail.protection.outlook.com.
contoso.com.            TXT  "v=spf1 ip4:203.0.113.7 -all"
_dmarc.contoso.com.     TXT  "v=DMARC1; p=reject"
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 -all"
spf.protection.office365.us. TXT "v=spf1 ip4:52.127.0.0/16 -all"
spf.protection.partner.outlook.cn. TXT "v=spf1 ip4:139.219.0.0/16 -all"
`)
}

func checkArgs(t *testing.T, srv *dnstest.Server) []string {
	t.Helper()
	return []string{"550-5.7.26 The MAIL FROM domain [contoso.com] has an SPF record with a hard fail policy " +
		"(-all) but it fails to pass " +
		"SPF checks with the ip: [203.0.113.9]. - gsmtp", "--check", "--resolver", srv.Addr}
}

// TestExplainCheck is the shape of the answer: the verdict first, and what to
// publish.
func TestExplainCheck(t *testing.T) {
	out, errs, code := explainRun(t, "", checkArgs(t, checkWorld(t))...)
	if code != report.ExitFound || errs != "" {
		t.Errorf("code %d, %s", code, errs)
	}
	explainGolden(t, "check-spf", out)
	first := strings.SplitN(out, "\n", 3)[1]
	if !strings.Contains(first, "FAIL") || !strings.Contains(first, "does not list 203.0.113.9") {
		t.Errorf("the verdict is not first: %q", first)
	}
}

func TestExplainCheckWithoutAddress(t *testing.T) {
	srv := checkWorld(t)
	text := "550 5.7.23 The message was rejected because of Sender Policy Framework violation"
	out, _, _ := explainRun(t, "", text, "--check", "--resolver", srv.Addr)
	if !strings.Contains(flat(out), "does not contain the address that sent") {
		t.Error(out)
	}
	out, _, _ = explainRun(t, "", text, "--check", "--resolver", srv.Addr, "--ip", "203.0.113.9", "--from",
		"contoso.com")
	if !strings.Contains(flat(out), "add ip4:203.0.113.9 before -all") {
		t.Error(out)
	}
	if n := srv.Count("contoso.com", "TXT"); n != 1 {
		t.Errorf("%d questions for the SPF record", n)
	}
}

// flat undoes the wrapping.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestLangErrors(t *testing.T) {
	for _, args := range [][]string{{"--lang", "xx", "--ticket", "550 5.1.1 x"}, {"--lang", "de", "550 5.1.1 x"}} {
		if _, errs, code := explainRun(t, "", args...); code != exitUsage || errs == "" && code == 0 {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
}

// TestRenamedID holds that an ID that had another name still leads to its row.
func TestRenamedID(t *testing.T) {
	if err := notAnID("netease.sender-domain"); err != nil {
		t.Errorf("netease.sender-domain: %v", err)
	}
	if err := notAnID("netease.sender-domian"); err == nil {
		t.Error("netease.sender-domian is no ID")
	}
}

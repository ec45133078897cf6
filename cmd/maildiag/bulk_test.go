package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// bulkWorld serves n domains dN.example, each with MX, SPF and DMARC.
func bulkWorld(t *testing.T, n int, opts ...dnstest.Option) (srv *dnstest.Server, list string) {
	t.Helper()
	zone := ". 300 IN SOA ns.test. h.test. 1 3600 600 86400 60\n. NS ns.test.\n"
	for i := range n {
		zone += fmt.Sprintf("d%d.example. MX 10 mx.host.example.\nd%[1]d.example. TXT \"v=spf1 mx -all\"\n"+
			"_dmarc.d%[1]d.example. TXT \"v=DMARC1; p=reject\"\n", i)
		list += fmt.Sprintf("d%d.example\n", i)
	}
	return dnstest.New(t, zone+"mx.host.example. A 192.0.2.1\n", opts...), list
}

// bulk runs maildiag bulk on a list in this process.
func bulk(t *testing.T, list string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"bulk", "-"}, args...), strings.NewReader(list), &o, &e)
	return code, o.String(), e.String()
}

// domainsOf returns the domains of JSONL, and fails unless all lines are whole
// reports.
func domainsOf(t *testing.T, jsonl string) (names []string) {
	t.Helper()
	if jsonl != "" && !strings.HasSuffix(jsonl, "\n") {
		t.Errorf("the last line has no end: ...%q", jsonl[max(0, len(jsonl)-80):])
	}
	for r, err := range report.ReadReports(strings.NewReader(jsonl)) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, r.Begin.Domain)
	}
	return names
}

// onceEvery fails unless names holds each domain of the list exactly once.
func onceEvery(t *testing.T, names []string, list string) {
	t.Helper()
	got := slices.Sorted(slices.Values(names))
	want := slices.Sorted(slices.Values(strings.Fields(list)))
	if !slices.Equal(got, want) {
		t.Errorf("%d domains, want %d, each once", len(got), len(want))
	}
}

func TestBulk(t *testing.T) {
	srv, list := bulkWorld(t, 50)
	messy := "# head\r\n" + strings.ReplaceAll(list, "\n", "\r\n") + "D7.Example.\r\nno domain here\r\nmail@d8.example\r\n"
	code, out, errs := bulk(t, messy, "--resolver", srv.Addr, "--expect", "any")
	onceEvery(t, domainsOf(t, out), list)
	if code != exitUnknown { // by the line without a domain
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		`maildiag: stdin line 53 is left out: "no domain here" is not a domain name: `,
		"50 domains in ", "; 2 twice in the list; 1 not a domain name\n",
	} {
		if !strings.Contains(errs, want) {
			t.Errorf("stderr has no %q:\n%s", want, errs)
		}
	}
	if n := srv.Count("mx.host.example", "A"); n != 1 {
		t.Errorf("a shared host was asked for %d times", n)
	}
	if n := srv.Count("smtp.office365.com", ""); n != 0 {
		t.Error("the submission host was looked at")
	}
}

func TestBulkOrdered(t *testing.T) {
	srv, list := bulkWorld(t, 300)
	srv.Fault("_dmarc.d3.example", "", dnstest.Fault{Delay: 200 * time.Millisecond})
	_, out, _ := bulk(t, list, "--resolver", srv.Addr, "--ordered", "--concurrency", "16", "-q")
	if got := domainsOf(t, out); !slices.Equal(got, strings.Fields(list)) {
		t.Errorf("not in the order of the list: %v", got)
	}
}

// Hostile and failing domains: each has its line, and the others are judged as
// if they were alone.
func TestFault_228_BulkHostile(t *testing.T) {
	const n = 100
	srv, list := bulkWorld(t, n)
	for i, f := range []dnstest.Fault{
		{Rcode: "SERVFAIL"}, {Rcode: "REFUSED", Times: 60}, {Rcode: "NOTIMP"},
		{Records: `d4.example. TXT "v=spf1 include:d4.example -all"`},
		{Records: `d5.example. TXT "\000\027[2J{\"domain\":\"x\"}"`},
	} {
		srv.Fault(fmt.Sprintf("d%d.example", i), "TXT", f)
	}
	code, out, _ := bulk(t, list, "--resolver", srv.Addr, "--expect", "any", "--timeout", "5m", "-q")
	onceEvery(t, domainsOf(t, out), list)
	if code != exitFound {
		t.Errorf("exit code %d", code)
	}
	verdicts := map[string]report.Verdict{}
	for line := range strings.Lines(out) {
		var d struct {
			Domain  string
			Verdict report.Verdict
		}
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		verdicts[d.Domain] = d.Verdict
	}
	good := verdicts["d50.example"]
	for i := 5; i < n; i++ {
		if v := verdicts[fmt.Sprintf("d%d.example", i)]; v != good {
			t.Errorf("d%d.example is %s, d50.example %s", i, v, good)
		}
	}
}

// A domain about which the resolver is silent has its line when its time is up.
func TestFault_228_BulkSilent(t *testing.T) {
	srv, list := bulkWorld(t, 20)
	srv.Fault("d2.example", "TXT", dnstest.Fault{Drop: true})
	_, out, _ := bulk(t, list, "--resolver", srv.Addr, "--expect", "any", "--timeout", "1s", "-q")
	onceEvery(t, domainsOf(t, out), list)
}

func TestBulkNoResolver(t *testing.T) {
	code, out, errs := bulk(t, "a.example\nb.example\n", "--resolver", "127.0.0.1:1")
	if code != exitUnknown || out != "" || strings.Count(errs, "maildiag: error:") != 1 {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
}

// Whatever is left of the output of a killed run, the next run completes it.
func TestBulkResumeAnywhere(t *testing.T) {
	srv, list := bulkWorld(t, 12)
	args := []string{"--resolver", srv.Addr, "--only", "domain", "-q"}
	code, whole, _ := bulk(t, list, args...)
	dir := t.TempDir()
	for _, cut := range []int{0, 1, 40, 300, len(whole) / 3, len(whole) / 2, len(whole) - 2, len(whole) - 1, len(whole)} {
		file := filepath.Join(dir, "out.jsonl")
		if err := os.WriteFile(file, []byte(whole[:cut]), 0o666); err != nil {
			t.Fatal(err)
		}
		c, out, errs := bulk(t, list, append(args, "--resume", file)...)
		got, err := os.ReadFile(file)
		if c != code || out != "" || err != nil {
			t.Errorf("cut at %d: code %d, want %d; %s%v", cut, c, code, errs, err)
		}
		onceEvery(t, domainsOf(t, string(got)), list)
		if kept := strings.LastIndex(whole[:cut], "\n") + 1; !strings.HasPrefix(string(got), whole[:kept]) {
			t.Errorf("cut at %d: whole lines were changed", cut)
		}
	}
}

func TestBulkResumeRefuses(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "notes.txt")
	const notes = "my notes\nnot to be lost"
	if err := os.WriteFile(foreign, []byte(notes), 0o666); err != nil {
		t.Fatal(err)
	}
	srv, list := bulkWorld(t, 2)
	for name, file := range map[string]string{"foreign": foreign, "folder": dir, "no folder": filepath.Join(dir, "no", "x")} {
		code, _, errs := bulk(t, list, "--resolver", srv.Addr, "--resume", file)
		if code != exitUsage || !strings.HasPrefix(errs, "maildiag: error: cannot resume") {
			t.Errorf("%s: code %d, %s", name, code, errs)
		}
	}
	if got, _ := os.ReadFile(foreign); string(got) != notes {
		t.Errorf("the file now holds %q", got)
	}
}

// The exit code and the counts of a resumed run are those of the whole.
func TestBulkResumeCode(t *testing.T) {
	srv, list := bulkWorld(t, 3)
	file := filepath.Join(t.TempDir(), "out.jsonl")
	args := []string{"--resolver", srv.Addr, "--resume", file, "--only", "domain"}
	code, _, _ := bulk(t, "missing.example\n", args...)
	again, _, errs := bulk(t, "missing.example\n"+list, args...)
	if code != exitFound || again != exitFound || !strings.Contains(errs, "4 domains in ") ||
		!strings.Contains(errs, "1 not ready") || !strings.Contains(errs, "; 1 of them from before") {
		t.Errorf("codes %d and %d; %s", code, again, errs)
	}
}

// Every format keeps the events of a domain together.
func TestBulkFormats(t *testing.T) {
	srv, list := bulkWorld(t, 40)
	for _, format := range report.FormatNames() {
		code, out, errs := bulk(t, list, "--resolver", srv.Addr, "--format", format, "--only", "mx,spf", "-q")
		if out == "" || errs != "" || code == exitUsage {
			t.Errorf("%s: code %d, %d bytes, %s", format, code, len(out), errs)
		}
		if format == "ndjson" {
			if err := report.Replay(strings.NewReader(out), &report.Tally{}); err != nil {
				t.Error(err)
			}
		}
	}
}

// The summary takes the same room however many domains there are, and names
// the worst first.
func TestBulkStats(t *testing.T) {
	var s bulkStats
	s.rows = []report.CheckInfo{{ID: "mx"}}
	emit := func(domain string, fails, warns int) {
		events := []report.Event{{Begin: &report.Begin{Domain: domain}}}
		for range fails {
			events = append(events, report.Event{Finding: &report.Finding{Check: "mx", Code: "mx.leftover", Status: report.Fail}})
		}
		for range warns {
			events = append(events, report.Event{Finding: &report.Finding{Check: "mx", Code: "mx.ttl", Status: report.Warn}})
		}
		for _, e := range append(events, report.Event{End: &report.End{Domain: domain}}) {
			if err := s.Emit(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 1000 {
		emit(fmt.Sprintf("d%d.example", i), i%7, i%5)
	}
	if len(s.worst) != worstShown || !slices.IsSortedFunc(s.worst, worseStanding) || s.worst[0].counts.Fail != 6 || s.worst[0].counts.Warn != 4 {
		t.Errorf("worst: %+v", s.worst[0])
	}
	var b bytes.Buffer
	s.write(&b)
	if got := b.String(); strings.Count(got, "\n") != worstShown+4 || !strings.Contains(got, "mx.leftover") {
		t.Error(got)
	}
}

func TestConsoleStatus(t *testing.T) {
	var b bytes.Buffer
	c := newConsole(&b, true, 2000)
	for i := range 372 { // of which many wait for answers
		c.read(int64(1800 * (i + 1) / 372))
	}
	c.progress(300)
	c.progress(310)
	if got := c.status(30 * time.Second); got != "310 domains, 75 %, 10.3/s, 10 s left" {
		t.Error(got)
	}
	if got := c.bar(); got != "[==================      ] " {
		t.Error(got)
	}
	c.size = 0
	if got := c.bar() + c.status(30*time.Second); got != "310 domains, 10.3/s" {
		t.Error(got)
	}
	for i := range badShown + 5 {
		c.badLine("l", i, errors.New("bad"))
	}
	c.stop()
	if n := strings.Count(b.String(), "\n"); n != badShown+1 {
		t.Errorf("%d lines on bad lines", n)
	}
}

// Behind a captive portal every name exists. Nothing is judged by that: FAULTS
// 26 and 236.
func TestFault_236_BulkCaptivePortal(t *testing.T) {
	srv := dnstest.New(t, ". SOA ns.test. h.test. 1 3600 600 86400 60\n. NS ns.test.\n*. A 192.0.2.80\n")
	code, out, errs := bulk(t, "contoso.com\nfabrikam.com\n", "--resolver", srv.Addr)
	if code != exitUnknown || out != "" || !strings.Contains(errs, "invents answers: it gives 192.0.2.80 for names that do not exist") {
		t.Errorf("code %d, %q, %q", code, out, errs)
	}
}

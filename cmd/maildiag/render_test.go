package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maildiag/report"
)

// maildiag runs the program and returns its streams and exit code.
func maildiag(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	t.Setenv("LC_ALL", "C.UTF-8")
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), code
}

// saved is a run of one domain with one warning, as --format ndjson writes it.
func saved(t *testing.T, status report.Status) string {
	t.Helper()
	var b strings.Builder
	s, err := report.New("ndjson", &b, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []report.Event{
		{Start: &report.Start{Version: "1", FailOn: report.Fail, Domains: 1}},
		{Begin: &report.Begin{Domain: "contoso.com", Resolver: "192.0.2.53", Expect: "auto"}},
		{Finding: &report.Finding{Check: "mx", Code: "mx.m365", Status: report.Pass, Summary: "fine"}},
		{Finding: &report.Finding{Check: "spf", Code: "spf.x", Status: status, Cause: report.CauseDomain, Summary: "not so fine",
			Fix: &report.Fix{Owner: report.OwnerDNS, Text: "Mend it."}}},
		{End: &report.End{Domain: "contoso.com"}},
		{Stop: &report.Stop{}},
	} {
		if err := s.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// The exit code of a replay is that of the run, in every format with the
// common codes.
func TestRenderExitCode(t *testing.T) {
	for status, want := range map[report.Status]int{report.Pass: 0, report.Warn: 0, report.Fail: 1, report.Unknown: 3} {
		stream := saved(t, status)
		for _, f := range report.FormatNames() {
			if f == "nagios" { // Nagios has codes of its own
				continue
			}
			out, errs, code := maildiag(t, stream, "render", "--format", f)
			if code != want || errs != "" || out == "" {
				t.Errorf("%s as %s: exit code %d, want %d; %d bytes; %s", status, f, code, want, len(out), errs)
			}
		}
	}
}

func TestRenderFailOn(t *testing.T) {
	stream := saved(t, report.Warn)
	out, _, code := maildiag(t, stream, "render", "--fail-on", "warn", "--format", "jsonl")
	if code != 1 || !strings.Contains(out, `"fail_on":"warn","exit_code":1`) {
		t.Errorf("exit code %d, %s", code, out)
	}
	if again, _, _ := maildiag(t, stream, "render", "--format", "ndjson"); again != stream {
		t.Error("rendered as ndjson the stream is another one")
	}
}

// Reports say the same as the stream that they were made of, in each format.
func TestRenderReports(t *testing.T) {
	for status, want := range map[report.Status]int{report.Pass: 0, report.Warn: 0, report.Fail: 1, report.Unknown: 3} {
		stream := saved(t, status)
		for _, from := range []string{"jsonl", "json"} {
			reports, _, _ := maildiag(t, stream, "render", "--format", from)
			for _, f := range report.FormatNames() {
				out, errs, code := maildiag(t, reports+reports, "render", "--format", f)
				if f != "nagios" && code != want || errs != "" || out == "" {
					t.Errorf("%s from %s as %s: exit code %d, want %d; %d bytes; %s", status, from, f, code, want, len(out), errs)
				}
			}
			again, _, _ := maildiag(t, reports, "render", "--format", "jsonl")
			if first, _, _ := maildiag(t, stream, "render", "--format", "jsonl"); again != first {
				t.Errorf("%s from %s:\n%s\n%s", status, from, again, first)
			}
		}
	}
}

// Reports of which the last is cut are rendered up to it; those that are none are
// not.
func TestRenderReportsCut(t *testing.T) {
	line, _, _ := maildiag(t, saved(t, report.Pass), "render", "--format", "jsonl")
	for in, want := range map[string]int{line + line: 0, line + line[:len(line)/2]: 3, line + "x\n": 2, line[:len(line)/2]: 2, line + `{"schema":"x"}`: 2} {
		out, errs, code := maildiag(t, in, "render", "--format", "csv")
		if code != want || (errs == "") != (want == 0) || want == 3 && !strings.Contains(out, "mx.m365") {
			t.Errorf("%.40q...: exit code %d, want %d\n%s%s", in, code, want, out, errs)
		}
	}
}

// A stream that was cut is rendered, and the exit code tells.
func TestRenderCut(t *testing.T) {
	stream := saved(t, report.Pass)
	out, errs, code := maildiag(t, stream[:strings.LastIndex(stream, `{"end"`)], "render")
	if code != 3 || !strings.Contains(out, "Not finished") || !strings.Contains(errs, "maildiag: error:") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}

// What is no stream leaves the old output file alone.
func TestRenderRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.json")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{"empty": "", "text": "hello\n", "a report": `{"schema":"maildiag.report/v1"}` + "\n"} {
		out, errs, code := maildiag(t, in, "render", "--format", "json", "--output", file)
		if code != 2 || out != "" || !strings.HasPrefix(errs, "maildiag: error: ") || !strings.Contains(errs, "maildiag: hint: ") {
			t.Errorf("%s: exit code %d\n%s%s", name, code, out, errs)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "old" {
		t.Errorf("the old file holds %q, %v", text, err)
	}
	if _, errs, code := maildiag(t, "", "render", "/none/such"); code != 2 || !strings.Contains(errs, "cannot read the run") {
		t.Errorf("exit code %d, %s", code, errs)
	}
}

func TestRenderToFile(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "run.ndjson"), filepath.Join(dir, "report.html")
	if err := os.WriteFile(in, []byte(saved(t, report.Fail)), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, errs, code := maildiag(t, "", "render", "--format", "html", "--output", out, in)
	text, err := os.ReadFile(out)
	if code != 1 || stdout != "" || errs != "" || err != nil || !bytes.Contains(text, []byte("</html>")) {
		t.Errorf("exit code %d, %v\n%s%s", code, err, stdout, errs)
	}
}

// The help of render says what each format is for.
func TestFormatList(t *testing.T) {
	list := formatList()
	for _, f := range report.Formats() {
		if !strings.Contains(list, "\n  "+f.Name+" ") || !strings.Contains(list, " "+f.About) || f.About == "" {
			t.Errorf("%s is not told: %s", f.Name, list)
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/mxserver"
	"maildiag/report"
)

// servers returns what a run says about mail servers, by domain.
func servers(t *testing.T, stdout string) map[string][]string {
	t.Helper()
	got := map[string][]string{}
	for r, err := range report.ReadReports(strings.NewReader(stdout)) {
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range r.Findings {
			if f.Check == mxserver.ID {
				all = append(all, fmt.Sprint(f.Code, f.Status, f.Cause, f.Optional, f.Subject, f.Summary, f.Data, texts(f.Evidence)))
			}
		}
		slices.Sort(all)
		got[r.Begin.Domain] = all
	}
	return got
}

func texts(all []report.Evidence) (out []string) {
	for _, e := range all {
		out = append(out, e.Text)
	}
	return out
}

func runFor(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// A list says about the mail servers of each domain what the run about that domain
// says, and so does a replay of it.
func TestBulkDialMX(t *testing.T) {
	t.Parallel()
	const found = 2 // more findings than "skipped" alone
	worlds := 0
	for _, d := range demoWorlds() {
		list := strings.Join(d.domains, "\n") + "\n"
		recording := filepath.Join(t.TempDir(), "rec")
		args := []string{"bulk", "-", "--dial-mx", "--only", "mx", "--as-of", "2026-11-27"}
		_, out, _ := runFor(t, list, append(args, "--demo", d.name, "--record", recording)...)
		_, again, _ := runFor(t, list, append(args, "--replay", recording)...)
		got, replayed := servers(t, out), servers(t, again)
		for domain, all := range got {
			_, alone, _ := runFor(t, "", "check", domain, "--dial-mx", "--only", "mx", "--as-of", "2026-11-27", "--json", "--demo", d.name)
			want := servers(t, alone)[domain]
			if d.box != "" { // nothing is known, in both; a list says it once
				all, want = nil, nil
			}
			if !slices.Equal(all, want) {
				t.Errorf("%s, %s:\n%q\nalone\n%q", d.name, domain, all, want)
			}
			if !slices.Equal(replayed[domain], got[domain]) {
				t.Errorf("%s, %s: the replay says\n%q\nnot\n%q", d.name, domain, replayed[domain], got[domain])
			}
			if len(want) > found {
				worlds++
			}
		}
	}
	if worlds == 0 {
		t.Error("no server was found: the test shows nothing")
	}
}

// A network without port 25 is reported once, and decides nothing about a domain.
func TestBulkDialMXBlocked(t *testing.T) {
	t.Parallel()
	const list = "contoso.com\ncontoso.com.\nwww.contoso.com\n"
	code, out, errs := runFor(t, list, "bulk", "-", "--demo", "firewall", "--dial-mx")
	want, plain, _ := runFor(t, list, "bulk", "-", "--demo", "firewall")
	if n := strings.Count(errs, "port 25 is blocked"); n != 1 || code != want {
		t.Errorf("exit code %d, want %d; said %d times:\n%s", code, want, n, errs)
	}
	verdicts := map[string]report.Verdict{}
	for r, err := range report.ReadReports(strings.NewReader(plain)) {
		if err != nil {
			t.Fatal(err)
		}
		verdicts[r.Begin.Domain] = r.Verdict()
	}
	for r, err := range report.ReadReports(strings.NewReader(out)) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict() != verdicts[r.Begin.Domain] {
			t.Errorf("%s is %v, without --dial-mx %v", r.Begin.Domain, r.Verdict(), verdicts[r.Begin.Domain])
		}
	}
}

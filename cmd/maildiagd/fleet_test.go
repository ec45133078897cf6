package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/report"
	"maildiag/service/api"
	"maildiag/service/fleet/job"
)

// fleetOf starts a server that takes lists.
func fleetOf(t *testing.T, concurrency int) *testService {
	t.Helper()
	return start(t, false, func(f *serveFlags) {
		f.fleet.on, f.fleet.concurrency, f.data, f.watch.site = true, concurrency, t.TempDir(), "here"
	})
}

// command runs a command of the program about a list on stdin.
func command(ctx context.Context, list string, args ...string) (code int, stdout, stderr string) {
	var out, errs syncBuffer
	code = program(ctx, args, strings.NewReader(list), &out, &errs)
	return code, out.String(), errs.String()
}

// verdicts reads reports, each domain of which must be there once.
func verdicts(t *testing.T, jsonl string) map[string]report.Verdict {
	t.Helper()
	got := map[string]report.Verdict{}
	for r, err := range report.ReadReports(strings.NewReader(jsonl)) {
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := got[r.Begin.Domain]; twice {
			t.Errorf("%s is there twice", r.Begin.Domain)
		}
		got[r.Begin.Domain] = r.Verdict()
	}
	return got
}

// A list that is submitted, by several at once and again, has each domain once in
// the results, with the verdict that a check has.
func TestFleet(t *testing.T) {
	s := fleetOf(t, 8)
	list := "# list\nfabrikam.com\nFABRIKAM.com.\n\nbücher.example\nno..name\n"
	for i := range 2 * job.PartSize {
		list += fmt.Sprintf("d%d.example\n", i)
	}
	const domains = 2 + 2*job.PartSize
	ids := make([]string, 3)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			args := []string{"submit", "--server", s.URL, "--timeout", "5s", "-"}
			if i > 0 {
				args = append(args, "--run", "again")
			}
			code, out, errs := command(t.Context(), list, args...)
			if code != exitPart || !strings.Contains(errs, "line 6 is left out") || !strings.Contains(errs, fmt.Sprintf("%d domains; twice in the list: 1; not a domain name: 1", domains)) {
				t.Errorf("exit code %d: %s", code, errs)
			}
			ids[i] = strings.TrimSpace(out)
		})
	}
	wg.Wait()
	for _, id := range ids[:2] {
		code, out, errs := command(t.Context(), "", "results", "--server", s.URL, "--run", id, "--wait")
		got := verdicts(t, out)
		if code != exitOK || len(got) != domains || got["fabrikam.com"] != report.NotReady || got["xn--bcher-kva.example"] == "" {
			t.Errorf("%s: exit code %d, %d domains: %s", id, code, len(got), errs)
		}
	}
	_, out, _ := command(t.Context(), "", "status", "--server", s.URL, "--json")
	var status api.FleetStatus
	if err := json.Unmarshal([]byte(out), &status); err != nil || len(status.Runs) != 2 || status.Runs[0].State != api.StateDone || status.Runs[1].Checked != domains {
		t.Errorf("%v: %s", err, out)
	}
	if code, out, _ := command(t.Context(), "", "status", "--server", s.URL); code != exitOK || !strings.Contains(out, "again") || !strings.Contains(out, "here") {
		t.Error(out)
	}
}

// A run that is not done says so, and a drained site takes no work.
func TestDrain(t *testing.T) {
	s := fleetOf(t, 0)
	drain := func(more ...string) {
		t.Helper()
		if code, _, errs := command(t.Context(), "", append([]string{"drain", "--server", s.URL, "--site", "here"}, more...)...); code != exitOK {
			t.Error(errs)
		}
	}
	for _, args := range [][]string{{"--site", "hree"}, {"--site", "hree", "--undo"}} {
		if code, _, errs := command(t.Context(), "", append([]string{"drain", "--server", s.URL}, args...)...); code != exitFailed || !strings.Contains(errs, "hree") {
			t.Errorf("%v: exit code %d: %s", args, code, errs)
		}
	}
	drain("--force")
	if code, _, errs := command(t.Context(), "fabrikam.com\n", "submit", "--server", s.URL, "--run", "r", "-"); code != exitOK {
		t.Fatal(errs)
	}
	code, out, errs := command(t.Context(), "", "results", "--server", s.URL, "--run", "r")
	if code != exitFailed || out != "" || !strings.Contains(errs, "0 of 1 domains") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	if code, out, _ := command(t.Context(), "", "status", "--server", s.URL); code != exitOK || !strings.Contains(out, "No workers.") {
		t.Error(out)
	}
	if code, _, errs := command(t.Context(), "contoso.com\n", "submit", "--server", s.URL, "--run", "r", "--expect", "any", "-"); code != exitFailed {
		t.Errorf("other options under the same ID: exit code %d: %s", code, errs)
	}
	for _, other := range []string{"contoso.com\nfabrikam.com\n", "contoso.com\n"} {
		if code, _, errs := command(t.Context(), other, "submit", "--server", s.URL, "--run", "r", "-"); code != exitFailed || !strings.Contains(errs, "leave --run out") {
			t.Errorf("another list under the same ID: exit code %d: %s", code, errs)
		}
	}
	drain("--undo")
}

// What is wrong is said before anything is asked, with what to do.
func TestFleetUsage(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"no list": {"submit"}, "no file": {"submit", filepath.Join(dir, "none")}, "no domain": {"submit", "-"},
		"bad expect": {"submit", "--expect", "x", "-"}, "bad cloud": {"submit", "--cloud", "x", "-"}, "bad check": {"submit", "--only", "x", "-"},
		"no check left": {"submit", "--only", "mx", "--skip", "mx", "-"}, "bad day": {"submit", "--as-of", "x", "-"}, "no time": {"submit", "--timeout", "0s", "-"},
		"long time": {"submit", "--timeout", "1h", "-"}, "bad days": {"submit", "--cert-days", "x", "-"}, "bad fail-on": {"submit", "--fail-on", "x", "-"},
		"bad ID": {"submit", "--run", "a.b", "-"}, "bad server": {"status", "--server", "ftp://x"}, "login in the URL": {"status", "--server", "http://a:b@localhost"},
		"password without TLS": {"status", "--server", "http://192.0.2.1", "--user", "a", "--password-file", secret},
		"user alone":           {"status", "--user", "a"}, "no run": {"results"}, "no site": {"drain"},
		"worker without NATS": {"worker", "--site", "fra"}, "worker without site": {"worker", "--nats", "nats://127.0.0.1:1"},
		"key alone": {"worker", "--nats", "nats://127.0.0.1:1", "--site", "fra", "--nats-key", "x"}, "NATS without fleet": {"--nats", "nats://127.0.0.1:1"},
		"fleet without data": {"--fleet"}, "two servers": {"--fleet", "--data", dir, "--nats", "nats://127.0.0.1:1", "--nats-config", "x"},
		"sites without fleet": {"--watch", "testdata/fabrikam.rec", "--data", dir, "--sites", "fra"}, "sites without watch": {"--sites", "fra"},
		"bad sites": {"--fleet", "--watch", "x", "--data", dir, "--sites", "a.b"}, "another database": {"--watch", "x", "--db", "mysql://a:hunter2@db/x"},
		"bad rate": {"worker", "--nats", "nats://127.0.0.1:1", "--site", "fra", "--site-qps", "-1"}, "no rate": {"--fleet", "--data", dir, "--operator-rate", "NaN"},
		"infinite rate": {"--fleet", "--data", dir, "--operator-rate", "Inf"}, "rate of nothing": {"--fleet", "--data", dir, "--site-qps", "1e-300"},
		"rate without fleet": {"--site-qps", "5"}, "rate of others": {"--fleet", "--data", dir, "--fleet-concurrency", "0", "--operator-rate", "5"},
		"bad concurrency": {"--fleet", "--data", dir, "--fleet-concurrency", "-1"}, "bad site": {"--fleet", "--data", dir, "--site", "a.b"},
	} {
		if strings.HasPrefix(args[0], "--") {
			args = append(args, "--listen", "127.0.0.1:0", "--replay", "testdata/fabrikam.rec")
		}
		code, out, errs := command(t.Context(), "", args...)
		if code != exitUsage || out != "" || !strings.Contains(errs, "maildiagd: hint: ") || strings.Contains(errs, "hunter2") {
			t.Errorf("%s: exit code %d: %s%s", name, code, out, errs)
		}
	}
}

// Requests of the API that are wrong are refused, and change nothing.
func TestRunsAPI(t *testing.T) {
	s := fleetOf(t, 0)
	options := fmt.Sprintf(`{"version":%d,"options":{"expect":"auto","cloud":"auto","fail_on":"fail","timeout_seconds":30}}`, job.Version)
	many := `{"domains":["a.example"` + strings.Repeat(`,"a.example"`, job.ItemSize) + `]}`
	for _, x := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "/runs/r", options, 204}, {"PUT", "/runs/r", options, 204},
		{"PUT", "/runs/r", strings.Replace(options, "30", "31", 1), 409}, {"PUT", "/runs/r2", strings.Replace(options, fmt.Sprintf(`:%d,`, job.Version), `:1,`, 1), 400},
		{"PUT", "/runs/r2", strings.Replace(options, `"cloud"`, `"new":1,"cloud"`, 1), 400}, {"PUT", "/runs/r2", strings.Replace(options, `30`, `-1`, 1), 400},
		{"PUT", "/runs/r2", "", 400}, {"PUT", "/runs/r2", "[]", 400}, {"PUT", "/runs/a.b", options, 400}, {"PUT", "/runs/%3E", options, 400}, {"PUT", "/runs/r2?x=1", options, 400},
		{"PUT", "/runs/r/items/0", `{"domains":["a.example"]}`, 204}, {"PUT", "/runs/none/items/0", `{"domains":["a.example"]}`, 404},
		{"PUT", "/runs/r/items/-1", `{"domains":["a.example"]}`, 400}, {"PUT", "/runs/r/items/x", `{"domains":["a.example"]}`, 400},
		{"PUT", "/runs/r/items/1", `{"domains":[]}`, 400}, {"PUT", "/runs/r/items/1", many, 400}, {"PUT", "/runs/r/items/1", `{"domains":["A.example"]}`, 400},
		{"PUT", "/runs/r/items/1", `{"domains":["192.0.2.1"]}`, 400}, {"PUT", "/runs/r/items/1", `{"domains":["a b"]}`, 400},
		{"PUT", "/runs/r/items/1", `{"domains":["_dmarc.a.example"]}`, 400}, {"PUT", "/runs/r/items/1", `{"domains":["a.example","smtp.office365.com"]}`, 400},
		{"PUT", "/runs/r/items/1", `{"domains":["selector1._domainkey.a.example"]}`, 400}, {"PUT", "/runs/r/items/1", `{"domains":["a-example.mail.protection.outlook.com"]}`, 400},
		{"PUT", "/runs/r/items/1", `{"domains":["` + strings.Repeat("a", 300<<10) + `"]}`, 413},
		{"PUT", "/runs/r/seal", `{"domains":1,"items":2}`, 400}, {"PUT", "/runs/r/seal", `{"domains":0,"items":0}`, 400}, {"PUT", "/runs/r/seal", `{"domains":501,"items":1}`, 400},
		{"PUT", "/runs/r/seal", `{"domains":1,"items":1}`, 204}, {"PUT", "/runs/r/seal", `{"domains":1,"items":1}`, 204}, {"PUT", "/runs/r/seal", `{"domains":2,"items":1}`, 409},
		{"PUT", "/runs/r/items/1", `{"domains":["a.example"]}`, 409}, {"PUT", "/runs/none/seal", `{"domains":1,"items":1}`, 404},
		{"GET", "/runs/r", "", 200}, {"GET", "/runs/r/results", "", 200}, {"GET", "/runs/none", "", 404}, {"GET", "/runs/none/results", "", 404}, {"GET", "/runs", "", 200},
		{"POST", "/runs/r", options, 405}, {"DELETE", "/runs/r", "", 405}, {"PUT", "/sites/a.b/drain", "", 400}, {"GET", "/sites/fra/drain", "", 405},
	} {
		a := s.do(t, s.Client(), s.request(t, x.method, "/api/v1"+x.path, strings.NewReader(x.body)))
		if a.StatusCode != x.status {
			t.Errorf("%s %s %.80s: status %d, want %d: %s", x.method, x.path, x.body, a.StatusCode, x.status, a.text)
		}
		if a.StatusCode >= 400 && a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %s", x.method, x.path, a.Header.Get("Content-Type"))
		}
	}
	for _, h := range []string{"Origin: http://evil.test", "Sec-Fetch-Site: cross-site"} {
		if a := s.do(t, s.Client(), s.request(t, http.MethodPut, "/api/v1/runs/x", strings.NewReader(options), h)); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: status %d", h, a.StatusCode)
		}
	}
	if log := s.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Error(log)
	}
	if a := start(t, false, nil).get(t, "/api/v1/runs"); a.StatusCode != http.StatusNotFound {
		t.Errorf("a server without --fleet: status %d", a.StatusCode)
	}
}

// A client repeats what may work later, says once that it waits, and sends a
// password to its server only.
func TestClient(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("hunter2\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	tries := map[string]int{}
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if user, password, _ := r.BasicAuth(); user != "a" || password != "hunter2" {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
			return
		}
		if tries[r.URL.Path]++; tries[r.URL.Path] < 2 && strings.Contains(r.URL.Path, "items") {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"detail":"full"}`)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	args := []string{"submit", "--server", s, "--user", "a", "--password-file", secret, "-"}
	code, out, errs := command(t.Context(), "a.example\nb.example\n", args...)
	if code != exitOK || strings.Count(errs, "waiting: full") != 1 || strings.TrimSpace(out) == "" {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	if code, _, errs := command(t.Context(), "a.example\n", "submit", "--server", s, "-"); code != exitFailed || strings.Contains(errs, "hunter2") {
		t.Errorf("without a login: exit code %d: %s", code, errs)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for p := range tries {
		tries[p] = -1 << 30
	}
	if code, out, errs := command(ctx, "a.example\n", append(args, "--run", "R")...); code != exitFailed || out != "" || !strings.Contains(errs, "--run R") {
		t.Errorf("stopped: exit code %d: %s%s", code, out, errs)
	}
}

// newServer starts a server that answers as f does, and returns its URL.
func newServer(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

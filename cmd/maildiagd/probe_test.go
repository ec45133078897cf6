package main

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// series returns the names and labels of the samples of an exposition, sorted.
func series(text string) (list []string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			name, _, _ := strings.Cut(line, " ")
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func sample(text, name string) string {
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (.*)$`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

func TestProbe(t *testing.T) {
	s := start(t, false, nil)
	a := s.get(t, "/probe?target=fabrikam.com&module=full")
	for name, want := range map[string]string{"probe_success": "0", `maildiag_ready{domain="fabrikam.com"}`: "0",
		`maildiag_check_fail{domain="fabrikam.com",check="mx"}`: "1", `maildiag_check_success{domain="fabrikam.com",check="submission"}`: "1"} {
		if got := sample(a.text, name); got != want || a.StatusCode != 200 {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if path, err := exec.LookPath("promtool"); err == nil {
		c := exec.CommandContext(t.Context(), path, "check", "metrics")
		c.Stdin = strings.NewReader(a.text)
		if out, err := c.CombinedOutput(); err != nil && bytes.Contains(out, []byte("error")) {
			t.Errorf("promtool: %v: %s", err, out)
		}
	}
	again := s.get(t, "/probe?target=FABRIKAM.com.&module=full") // the same target
	if one, two := sample(a.text, `maildiag_last_run_timestamp_seconds{domain="fabrikam.com"}`), sample(again.text, `maildiag_last_run_timestamp_seconds{domain="fabrikam.com"}`); one != two || one == "" {
		t.Errorf("checked at %s and %s", one, two)
	}
	if got := series(again.text); !slices.Equal(got, series(a.text)) {
		t.Errorf("other series: %v", got)
	}
	if runs := sample(s.get(t, "/metrics").text, `maildiagd_runs_total{verdict="not_ready"}`); runs != "1" {
		t.Errorf("%s runs", runs)
	}
	s.get(t, "/probe?target=fabrikam.com&module=full&fresh=1")
	if runs := sample(s.get(t, "/metrics").text, `maildiagd_runs_total{verdict="not_ready"}`); runs != "2" {
		t.Errorf("%s runs with fresh=1", runs)
	}
}

// A probe answers within the time that Prometheus gives it, with what is known and
// without a verdict on what is not. The run goes on.
func TestProbeTime(t *testing.T) {
	s := start(t, true, nil)
	a := s.get(t, "/probe?target=fabrikam.com&module=full", "X-Prometheus-Scrape-Timeout-Seconds: 1.5")
	for name, want := range map[string]string{`maildiag_unfinished{domain="fabrikam.com"}`: "1", `maildiag_check_fail{domain="fabrikam.com",check="mx"}`: "1",
		`maildiag_check_fail{domain="fabrikam.com",check="submission"}`: "0"} {
		if got := sample(a.text, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	close(s.hold)
	whole := s.get(t, "/probe?target=fabrikam.com&module=full")
	if got := sample(whole.text, `maildiag_unfinished{domain="fabrikam.com"}`); got != "0" {
		t.Errorf("unfinished %q", got)
	}
}

func TestProbeRefuses(t *testing.T) {
	s := start(t, false, nil)
	for _, q := range []string{"", "target=", "target=127.0.0.1", "target=2130706433", "target=0x7f.1", "target=127.1", "target=%5B::1%5D", "target=localhost:587",
		"target=user@host.example", "target=http://x.example", "target=unix:/x", "target=a%20b.example", "target=a,b.example", "target=fabrikam.com&module=none",
		"target=fabrikam.com&target=x.example", "target=fabrikam.com&debug=true", "target=fabrikam.com&fresh=yes", "target=fabrikam.com&timeout=1h"} {
		if a := s.get(t, "/probe?"+q); a.StatusCode != 400 {
			t.Errorf("%s: status %d", q, a.StatusCode)
		}
	}
	for value, want := range map[string]int{"NaN": 400, "Inf": 400, "-Inf": 400, "-1": 400, "0": 400, "": 400, "x": 400, "1e300": 200, "0x1p-2": 200, "1e-320": 200, "10": 200} {
		if a := s.get(t, "/probe?target=fabrikam.com", "X-Prometheus-Scrape-Timeout-Seconds: "+value); a.StatusCode != want {
			t.Errorf("%q: status %d, want %d", value, a.StatusCode, want)
		}
	}
	if a := s.get(t, "/probe?target=fabrikam.com", "X-Prometheus-Scrape-Timeout-Seconds: 5", "X-Prometheus-Scrape-Timeout-Seconds: 6"); a.StatusCode != 400 {
		t.Errorf("twice: status %d", a.StatusCode)
	}
}

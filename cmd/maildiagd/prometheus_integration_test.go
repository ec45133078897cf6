//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A real Prometheus scrapes the probe of a domain and the metrics of the service.
func TestPrometheusScrapes(t *testing.T) {
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatalf("prometheus is needed: %v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	s := start(t, false, nil)
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf(`global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- job_name: maildiag
  metrics_path: /probe
  params: {module: [dns]}
  static_configs: [{targets: [fabrikam.com]}]
  relabel_configs:
  - {source_labels: [__address__], target_label: __param_target}
  - {source_labels: [__param_target], target_label: instance}
  - {target_label: __address__, replacement: %[1]q}
- job_name: maildiagd
  static_configs: [{targets: [%[1]q]}]
`, s.Listener.Addr())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	cmd := exec.CommandContext(ctx, prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stop(); _ = cmd.Wait() }()
	for _, q := range []string{`probe_success{instance="fabrikam.com"} == 0`, `maildiag_result_age_seconds{instance="fabrikam.com"}`,
		`up{job="maildiag"} == 1`, `up{job="maildiagd"} == 1`, `maildiagd_logins_refused_total{outcome="failed"} == 0`, `maildiagd_runs_total > 0`} {
		for !holds(ctx, address, q) {
			if ctx.Err() != nil {
				t.Fatalf("%s never holds", q)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
}

// holds reports whether a query of Prometheus has a result.
func holds(ctx context.Context, address, query string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	var doc struct{ Data struct{ Result []any } }
	return err == nil && json.Unmarshal(body, &doc) == nil && len(doc.Data.Result) > 0
}

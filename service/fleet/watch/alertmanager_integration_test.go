//go:build integration

package watch

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maildiag/service/fleet/drift"
	"maildiag/service/fleet/history"
)

// The Alertmanager of Debian shows what is open, and shows it no longer when it is
// fixed.
func TestRealAlertmanager(t *testing.T) {
	url := startAlertmanager(t)
	activeAlerts(t, url, 0)
	a, err := NewAlertmanager([]string{url}, "https://mailcheck.contoso.com/")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	open := history.Event{At: now.Add(-time.Hour), Domain: "contoso.com", Kind: history.KindProblem, Status: "fail",
		Problem: drift.Problem{Check: "mx", Code: "mx.leftover", Subject: "ä\"\\\n{}<b>\xff"}}
	warned := open
	warned.Code, warned.Status, warned.Subject = "mx.other", "warn", ""
	for range 2 {
		if err := a.post(t.Context(), a.alertsOf([]history.Event{open, warned}, nil, now), new(Tally)); err != nil {
			t.Fatal(err)
		}
	}
	list := activeAlerts(t, url, 2)
	for _, x := range list {
		if x.Labels["domain"] != "contoso.com" || !x.StartsAt.Equal(open.At.Truncate(time.Millisecond)) || !strings.Contains(x.Generator, "/domains/contoso.com") ||
			x.Labels["severity"] != map[string]string{"mx.leftover": "critical", "mx.other": "warning"}[x.Labels["code"]] {
			t.Errorf("%+v", x)
		}
	}
	fixed := open
	fixed.At, fixed.Kind = time.Now(), history.KindFixed
	for range 2 {
		if err := a.post(t.Context(), a.alertsOf([]history.Event{warned}, []history.Event{fixed}, time.Now()), new(Tally)); err != nil {
			t.Fatal(err)
		}
	}
	if list := activeAlerts(t, url, 1); list[0].Labels["code"] != "mx.other" {
		t.Errorf("%+v", list)
	}
}

// startAlertmanager starts a server and returns its URL.
func startAlertmanager(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		t.Fatalf("Debian's prometheus-alertmanager is needed: %v", err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(config, []byte("route: {receiver: none}\nreceivers: [{name: none}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "--config.file="+config, "--storage.path="+dir, "--cluster.listen-address=", "--web.listen-address="+address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = cmd.Wait() })
	return "http://" + address
}

// activeAlerts returns the active alerts when there are so many.
func activeAlerts(t *testing.T, url string, want int) (list []alert) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get(url + "/api/v2/alerts?active=true")
		if err != nil {
			continue
		}
		list = nil
		err = json.NewDecoder(resp.Body).Decode(&list)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == want {
			return list
		}
	}
	t.Fatalf("%d alerts, want %d: %+v", len(list), want, list)
	return nil
}

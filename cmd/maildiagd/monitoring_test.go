package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const monitoring = "../../docs/monitoring"

// The files for monitoring systems can be read, and each metric that they name is
// one that the exporter has.
func TestMonitoringFiles(t *testing.T) {
	watched := watching(t, t.TempDir(), "fabrikam.com\n")
	s := start(t, false, func(f *serveFlags) {
		watched(f)
		f.fleet.on, f.watch.sites = true, []string{"fra"}
	})
	s.get(t, "/probe?target=fabrikam.com&module=full") // so that the second one has all series
	have := s.get(t, "/probe?target=fabrikam.com&module=full").text + s.get(t, "/metrics").text
	files, err := filepath.Glob(monitoring + "/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("%v, %v", files, err)
	}
	named := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		switch filepath.Ext(name) {
		case ".json":
			err = json.Unmarshal(text, &doc)
		case ".yml", ".yaml":
			err = yaml.Unmarshal(text, &doc)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, m := range regexp.MustCompile(`\bmaildiagd?_[a-z_]+`).FindAllString(string(text), -1) {
			named++
			if !strings.Contains(have, "\n"+m) {
				t.Errorf("%s: there is no metric %s", name, m)
			}
		}
	}
	if named < 10 {
		t.Errorf("%d metrics are named", named)
	}
}

// The alerts do what their tests say.
func TestAlerts(t *testing.T) {
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	for _, args := range [][]string{{"check", "config", "prometheus.yml"}, {"test", "rules", "alerts_test.yml"}} {
		c := exec.CommandContext(t.Context(), path, args...)
		c.Dir = monitoring
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

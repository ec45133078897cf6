package report

import (
	"strings"
	"testing"
)

// Zabbix makes the items from the discovery rules, so these come before all values,
// of any number of domains; --host names the host of each line.
func TestZabbixOrder(t *testing.T) {
	for host, prefix := range map[string]string{"": "- ", "mx monitor": `"mx monitor" `} {
		var out strings.Builder
		s, err := New("zabbix", &out, Options{Dir: t.TempDir(), Host: host})
		if err != nil {
			t.Fatal(err)
		}
		if err := manyRows(1000, s.Emit); err != nil {
			t.Fatal(err)
		}
		if out.Len() > 0 {
			t.Fatal("a value was written before the discovery")
		}
		if err := s.Emit(sampleStop(1000)); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		verdicts := 0
		for i, line := range lines {
			item, ours := strings.CutPrefix(line, prefix)
			if !ours || strings.HasPrefix(item, "maildiag.discovery") != (i < 2) {
				t.Fatalf("line %d: %.80s", i, line)
			}
			if strings.HasPrefix(item, "maildiag.verdict[") {
				verdicts++
			}
		}
		if verdicts != 1000 {
			t.Errorf("%d verdicts", verdicts)
		}
	}
}

package report

import (
	"strings"
	"testing"
)

// A document does not say which checks were to run: those of the others are titles,
// and no rows.
func TestRenderRows(t *testing.T) {
	const doc = `{"schema":"maildiag.report/v1","domain":"contoso.com","findings":[{"check":"mx","code":"mx.m365","status":"pass"}]}`
	var seen []*Report
	err := Render(strings.NewReader(doc+"\n"+doc), []CheckInfo{{"mx", "MAIL"}, {"spf", "SPF"}}, Collect(func(r *Report) error {
		seen = append(seen, r)
		return nil
	}))
	if err != nil || len(seen) != 2 {
		t.Fatalf("%d reports, %v", len(seen), err)
	}
	for _, r := range seen {
		if rows := rowsOf(r); len(rows) != 1 || rows[0].title != "MAIL" || rows[0].status != Pass {
			t.Errorf("%+v", rows)
		}
	}
}

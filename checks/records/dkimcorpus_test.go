package records

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// TestDKIMCorpus takes every DKIM alias of 12,319 real domains apart, and runs
// the check on those that are odd. -v lists what is told about them.
func TestDKIMCorpus(t *testing.T) {
	lines := kittest.Gunzip(t, kittest.Corpus(t, "dns/public-bodies.jsonl.gz"))
	counts := map[string]int{}
	for lines.Scan() {
		var d kittest.Body
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		odd := false
		for _, sel := range []string{"selector1", "selector2"} {
			if d.DKIM[sel] == "" {
				continue
			}
			x := readDKIMTarget(strings.ToLower(d.DKIM[sel]))
			counts[string(x.Form)]++
			odd = odd || !x.Good() && x.Form != targetElse || x.Good() && (x.Number != sel[8:] || x.Token != kit.MXToken(d.Domain))
			if x.Good() && x.With(x.Number) != strings.ToLower(d.DKIM[sel]) {
				t.Errorf("%s: %s is rebuilt as %s", d.Domain, d.DKIM[sel], x.With(x.Number))
			}
		}
		if odd {
			counts["odd domains"]++
			oddDKIM(t, &d)
		}
	}
	t.Log(counts)
	want := map[string]int{"old": 5320, "new": 926, "suffixed": 18, "damaged": 17, "else": 263, "odd domains": 40}
	if !maps.Equal(counts, want) {
		t.Errorf("the aliases were read as %v, want %v", counts, want)
	}
}

// oddDKIM runs the check on a domain as it was recorded, with a key behind
// each alias that has the form of Microsoft's. Something must be said about it.
func oddDKIM(t *testing.T, d *kittest.Body) {
	var zone strings.Builder
	d.Zone(&zone)
	hosts := map[string]bool{}
	for _, sel := range []string{"selector1", "selector2"} {
		if x := readDKIMTarget(strings.ToLower(d.DKIM[sel])); x.Good() && !hosts[x.Host] {
			hosts[x.Host] = true
			fmt.Fprintf(&zone, "%s. TXT %s\n", x.Host, kittest.QuoteTXT(testKey(sel, 2048)))
		}
	}
	env, _ := kittest.NewEnv(t, d.Domain, zone.String())
	fs := kit.Gather(t.Context(), env, DKIM)
	wantSound(t, fs)
	fs = slices.DeleteFunc(fs, func(f report.Finding) bool { return f.Status == report.Pass || f.Status == report.Info })
	if len(fs) == 0 {
		t.Errorf("%s: nothing is said about %v", d.Domain, d.DKIM)
	}
	for _, f := range fs {
		t.Logf("%s: %s %s: %s", d.Domain, f.Status, f.Code, f.Summary)
	}
}

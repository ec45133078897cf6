package planfmt

import (
	"fmt"
	"strings"
	"testing"

	"maildiag/report"
)

// cutPlan removes one text and keeps another, both published as some strings.
func cutPlan(cuts ...[]string) report.Plan {
	var texts []string
	for _, c := range cuts {
		texts = append(texts, strings.Join(c, ""))
	}
	return report.Plan{Steps: []report.Step{{Step: 1, Owner: report.OwnerDNS, Action: report.ActionChange, Name: "k._domainkey.contoso.com.", Type: "TXT",
		TTL: 3600, Remove: texts[:1], Keep: texts[1:], Add: []string{strings.Repeat("n", 300)}, Cut: cuts}}}
}

// Tools that compare character-strings get the old record set as it is published;
// what is new is cut after each 255 bytes.
func TestCut(t *testing.T) {
	x := strings.Repeat("x", 600)
	for _, cut := range [][]string{
		{x[:250], x[250:400]}, {x[:100], x[100:200], x[200:300]}, {x[:40], x[40:80]}, {x[:255], x[255:300], ""}, {"", x[:20]},
	} {
		kept := []string{"v=", "kept"}
		p := cutPlan(cut, kept)
		old, stays, fresh := quoteStrings(cut, escapeDecimal), quoteStrings(kept, escapeDecimal), quoteStrings(splitStrings(p.Steps[0].Add[0], maxString), escapeDecimal)
		name := "k._domainkey.contoso.com."
		for format, lines := range map[string][]string{
			"nsupdate": {"prereq yxrrset " + name + " IN TXT " + old, "prereq yxrrset " + name + " IN TXT " + stays,
				"update delete " + name + " IN TXT " + old, "update add " + name + " 3600 IN TXT " + fresh},
			"zone": {"; delete: " + name + " 3600 IN TXT " + old, name + " 3600 IN TXT " + stays, name + " 3600 IN TXT " + fresh},
		} {
			text := written(t, format, p, sampleMeta())
			for _, l := range lines {
				if !strings.Contains(text, l+"\n") {
					t.Errorf("%s: no line %s in\n%s", format, l, text)
				}
			}
		}
		if text := written(t, "route53", p, sampleMeta()); strings.Count(text, strings.Trim(fmt.Sprintf("%q", old), `"`)) != 1 {
			t.Errorf("route53 does not delete %s:\n%s", old, text)
		}
	}
}

// Strings that are not those of a text, or that no record can have, are left aside.
func TestCut_Foreign(t *testing.T) {
	x := strings.Repeat("x", 300)
	for _, cut := range [][]string{{"other"}, {x}, {x[:100], x[100:]}, {x[:100], "y"}, nil} {
		p := cutPlan([]string{x})
		p.Steps[0].Cut = [][]string{cut}
		want := "update delete k._domainkey.contoso.com. IN TXT " + quoteStrings([]string{x[:255], x[255:]}, escapeDecimal)
		if len(cut) == 2 && len(cut[1]) == 200 { // a cut that a record can have
			want = "update delete k._domainkey.contoso.com. IN TXT " + quoteStrings(cut, escapeDecimal)
		}
		if text := written(t, "nsupdate", p, sampleMeta()); !strings.Contains(text, want+"\n") {
			t.Errorf("%d strings: no line %s in\n%s", len(cut), want, text)
		}
	}
}

package report

import "testing"

func TestAdvice(t *testing.T) {
	for want, f := range map[string]Fix{
		"fix (you): Run it again.": {Owner: OwnerYou, Text: "Run it again."},
		"decide (DNS administrator): Mail still goes there. A: if nobody reads it: Delete the record. B: until then: Leave it.": {
			Owner: OwnerDNS, Text: "Mail still goes there.", Alternatives: []Choice{
				{Label: "if nobody reads it", Text: "Delete the record."}, {Label: "until then", Text: "Leave it.", Stay: true},
			}},
	} {
		if got := f.advice(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

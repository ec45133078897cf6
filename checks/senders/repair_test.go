package senders

import "testing"

// TestMainEnvelope holds that the record of a key is never taken for an envelope
// sender, however much mail fails by it.
func TestMainEnvelope(t *testing.T) {
	for name, c := range map[string]struct {
		faults map[fault]int64
		want   string
	}{
		"a key alone":       {map[fault]int64{{keyFails, "s1._domainkey.contoso.com"}: 9, {keyUnusable, "s2._domainkey.contoso.com"}: 3}, ""},
		"a key and another": {map[fault]int64{{keyFails, "s1._domainkey.contoso.com"}: 9, {othersName, "b.example"}: 2}, "b.example"},
		"two of one":        {map[fault]int64{{othersName, "b.example"}: 2, {othersServer, "b.example"}: 2, {othersName, "a.example"}: 3}, "b.example"},
		"as much":           {map[fault]int64{{othersName, "b.example"}: 2, {othersServer, "a.example"}: 2}, "a.example"},
		"no envelope":       {map[fault]int64{{othersServer, ""}: 2}, ""},
		"nothing":           {nil, ""},
	} {
		if got := (&Source{faults: c.faults}).mainEnvelope(); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

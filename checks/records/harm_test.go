package records

import (
	"fmt"
	"strings"
	"testing"

	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// Of the ways out of pct=, the one for who is not sure raises the policy for no
// receiver, of either standard.
func TestWithoutPercentRaisesNothing(t *testing.T) {
	for _, p := range []string{"quarantine", "reject"} {
		for _, more := range []string{"", "; t=y", "; t=n", "; sp=none", "; sp=reject; np=quarantine", "; sp=quarantine; t=y"} {
			for _, percent := range []int{0, 1, 50, 99} {
				text := fmt.Sprintf("v=DMARC1; p=%s; pct=%d%s; rua=mailto:d@contoso.com", p, percent, more)
				x := find(found(t, "contoso.com MX 0 mail.contoso.com.\n_dmarc.contoso.com TXT "+text, DMARC, nil), "dmarc.removed")
				if x.Fix == nil || len(x.Fix.Alternatives) != 2 {
					t.Fatalf("%s: %+v", text, x)
				}
				after, err := dmarc.Apply(text, dmarcEdits(x.Fix.Alternatives[1].Edits)...)
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				notRaised(t, text, after)
			}
		}
	}
}

func dmarcEdits(edits []report.Edit) (list []dmarc.Edit) {
	for _, e := range edits {
		if e.Op == report.EditRemoveTag {
			list = append(list, dmarc.RemoveTag(e.Old))
			continue
		}
		tag, value, _ := strings.Cut(e.New, "=")
		list = append(list, dmarc.SetTag(tag, value))
	}
	return list
}

// notRaised compares what receivers of RFC 9989 (t=y) and of RFC 7489 (the
// strictest that pct= gives every message) apply.
func notRaised(t *testing.T, before, after string) {
	t.Helper()
	was, _, _ := dmarc.Parse(before)
	is, _, err := dmarc.Parse(after)
	if err != nil || is.Pct != nil {
		t.Fatalf("%s: %s: %v", before, after, err)
	}
	new9989 := func(r *dmarc.Record, p dmarc.Policy) dmarc.Policy {
		if r.Testing() {
			return p.Lower()
		}
		return p
	}
	for _, pair := range [][2]dmarc.Policy{{was.P, is.P}, {was.SP, is.SP}, {was.NP, is.NP}} {
		if pair[0] == "" {
			continue
		}
		if new9989(is, pair[1]).Strength() > new9989(was, pair[0]).Strength() || pair[1].Strength() > pair[0].Lower().Strength() {
			t.Errorf("%s: raised to %s", before, after)
		}
	}
}

// A key in a TXT record with which somebody can sign is replaced only by a
// decision.
func TestLiveDKIMKeyIsADecision(t *testing.T) {
	for _, selector := range []string{"selector1", "selector2"} {
		zone := microsoftMX + selector + "._domainkey.contoso.com TXT " + testKey(selector, 2048) + "\n"
		x := find(found(t, zone, DKIM, nil), "dkim."+selector)
		if x.Fix == nil || len(x.Fix.Edits) > 0 || len(x.Fix.Alternatives) != 2 || len(x.Fix.Alternatives[1].Edits) > 0 {
			t.Errorf("%s: %+v", selector, x.Fix)
		}
	}
}

package spf

import (
	"strings"
	"testing"

	"maildiag/dnsrec"
)

// Where no message leads to a record, receivers give up at the term; where one may, that
// is not known.
func TestMacrosThatNoNameFits(t *testing.T) {
	zone := fakeZone(`test NODATA
there.test NODATA
_spf.there.test NODATA
contoso.test TXT v=spf1 -all
_who.contoso.test NODATA
7.0.107.40.in-addr._spf.madeup.test NODATA
40.107.0.1._spf.madeup.test TXT v=spf1 ip4:192.0.2.0/24 -all
_spf.broken.test FAIL servfail
40.107.0.1._spf.half.test FAIL timeout`)
	for _, c := range []struct{ term, target string }{
		{"include:%{i}._spf.gone.test", "_spf.gone.test"},
		{"include:%{ir}.%{v}.%{d}._spf.gone.test", "contoso.test._spf.gone.test"},
		{"include:%{I}.%{L}.%{H}.gone.test", "gone.test"},
		{"include:%{l1r+}.%%.gone.test", "%.gone.test"},
		{"include:%{p}.gone.test.", "gone.test"},
		{"include:a%{i}b.gone.test", "gone.test"},
		{"redirect=%{l}._spf.gone.test", "_spf.gone.test"},
		{"redirect=%{s}._spf.%{d}", "_spf.contoso.test"},
		{"redirect=%{s}._spf.%{o}", "_spf.contoso.test"},
		{"redirect=%{l}._who.%{d}", ""},
		{"include:%{i}._spf.there.test", ""},
		{"include:%{i}._spf.madeup.test", ""}, // a server that makes names up
		{"include:%{i}._spf.broken.test", ""},
		{"include:%{i}._spf.half.test", ""},
		{"include:_spf.%{h}", ""},
		{"include:%{l}gone.test", ""}, // any domain may end so
		{"exists:%{i}._spf.gone.test", ""},
		{"a:%{i}._spf.gone.test", ""},
	} {
		zone.values[dnsrec.Q("contoso.test", dnsrec.TypeTXT)] = []string{"v=spf1 " + c.term}
		tree := Load(t.Context(), zone, "contoso.test")
		b := tree.Root.Branches[0]
		if dead := b.State == StateNoRecord; dead != (c.target != "") || b.Target != c.target || !dead && b.State != StateDynamic {
			t.Errorf("%s: %v, target %q, want %q", c.term, b.State, b.Target, c.target)
		}
		if end := tree.Stop(); (end != nil) != (c.target != "") {
			t.Errorf("%s: receivers give up at %v", c.term, end)
		}
		if b.State == StateNoRecord && !strings.HasPrefix(b.Remark(), "PERMERROR") {
			t.Errorf("%s: %s", c.term, b.Remark())
		}
	}
}

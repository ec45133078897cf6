package kit

import (
	"slices"
	"testing"

	"maildiag/dnsrec"
	"maildiag/report"
)

// A fix moves to the end of a chain in the zones of the domain's owner, and has no
// records elsewhere. What is at other names, or of other types, stays.
func TestBehind(t *testing.T) {
	const at = "_dmarc.contoso.com"
	for _, c := range []struct {
		chain []string
		want  []string // the names that the fix changes
		moved bool
	}{
		{nil, []string{at + ".", at + ".", "contoso.com."}, false},
		{[]string{"p.contoso.com"}, []string{"p.contoso.com.", at + ".", "contoso.com."}, true},
		{[]string{"x.vendor.example", "p.corp.contoso.com"}, []string{"p.corp.contoso.com.", at + ".", "contoso.com."}, true},
		{[]string{"p.contoso.com", "x.vendor.example"}, nil, true},
		{[]string{"p.contoso.com.vendor.example"}, nil, true},
		{[]string{"notcontoso.com"}, nil, true},
	} {
		edits := []report.Edit{SetTag(at, "p", "reject"), Add(at, dnsrec.TypeMX, "0 ."), Add("contoso.com", dnsrec.TypeTXT, "x")}
		fix := &report.Fix{Text: "Correct it.", Edits: edits, Alternatives: []report.Choice{{Label: "one", Edits: edits}, {Label: "two"}}}
		Behind(dnsrec.Answer{Query: dnsrec.Q(at, dnsrec.TypeTXT), CNAMEs: c.chain}, "contoso.com", fix)
		if !slices.Equal(editedNames(fix.Edits), c.want) || (fix.Text != "Correct it.") != c.moved {
			t.Errorf("%v: %v, %q", c.chain, editedNames(fix.Edits), fix.Text)
		}
		if len(fix.Alternatives) > 0 && !slices.Equal(editedNames(fix.Alternatives[0].Edits), c.want) || (len(fix.Alternatives) == 0) != (c.want == nil) {
			t.Errorf("%v: %+v", c.chain, fix.Alternatives)
		}
		if edits[0].Name != at+"." {
			t.Errorf("%v: the edits of others changed", c.chain)
		}
	}
}

func editedNames(edits []report.Edit) (names []string) {
	for _, e := range edits {
		names = append(names, e.Name)
	}
	return names
}

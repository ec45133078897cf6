package report

import (
	"strings"
	"testing"
)

// The words of an edit have the record that it is about and both values, and
// each operation has words of its own.
func TestEditWords(t *testing.T) {
	seen := map[string]EditOp{}
	for _, op := range []EditOp{"", EditAddTerm, EditRemoveTerm, EditReplaceTerm, EditAll, EditRepair, EditMerge, EditSetTag, EditRemoveTag} {
		for _, name := range []string{"contoso.com.", "_dmarc.contoso.com."} {
			e := Edit{Name: name, Type: "TXT", Op: op}
			if op != EditAddTerm && op != EditAll && op != EditSetTag && op != EditMerge {
				e.Old = "old-value"
			}
			if op != EditRemoveTerm && op != EditRemoveTag && op != EditRepair && op != EditMerge {
				e.New = "new-value"
			}
			words := editWords(e)
			if other, twice := seen[words]; twice {
				t.Errorf("%q and %q are both %q", op, other, words)
			}
			seen[words] = op
			for _, part := range []string{"contoso.com", e.Old, e.New} {
				if !strings.Contains(words, part) {
					t.Errorf("%+v: %q lacks %q", e, words, part)
				}
			}
			if op != "" && strings.Contains(words, "DMARC") != (name == "_dmarc.contoso.com.") {
				t.Errorf("%+v: %q names the wrong record", e, words)
			}
		}
	}
}

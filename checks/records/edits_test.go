package records

import (
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// editsOf returns the edits of all findings that fail or warn, for one name.
func editsOf(fs []report.Finding, name string) (edits []report.Edit) {
	for _, f := range fs {
		if f.Fix == nil || f.Status != report.Fail && f.Status != report.Warn {
			continue
		}
		for _, e := range proposed(f.Fix) {
			if e.Name == name+"." && e.Type == "TXT" && !slices.Contains(edits, e) {
				edits = append(edits, e)
			}
		}
	}
	return edits
}

// proposed returns the edits of a fix, or those of the first way to take its
// decision.
func proposed(fix *report.Fix) []report.Edit {
	if len(fix.Alternatives) > 0 {
		return fix.Alternatives[0].Edits
	}
	return fix.Edits
}

// undecided returns the findings that leave nothing to a person to decide.
func undecided(fs []report.Finding) []report.Finding {
	return slices.DeleteFunc(slices.Clone(fs), func(f report.Finding) bool { return f.Fix != nil && len(f.Fix.Alternatives) > 0 })
}

// editedSPF applies edits to the SPF records of a name.
func editedSPF(t *testing.T, records []string, edits []report.Edit) string {
	t.Helper()
	text, ops := "", []spf.Edit(nil)
	if len(records) > 0 {
		text = records[0]
	}
	for _, e := range edits {
		switch e.Op {
		case "":
			if e.New != "" {
				return e.New
			}
		case report.EditAddTerm:
			ops = append(ops, spf.AddTerm(e.New))
		case report.EditAddFirst:
			ops = append(ops, spf.AddFirst(e.New))
		case report.EditRemoveTerm:
			ops = append(ops, spf.RemoveTerm(e.Old))
		case report.EditReplaceTerm:
			ops = append(ops, spf.ReplaceTerm(e.Old, e.New))
		case report.EditAll:
			ops = append(ops, spf.Edit{Op: spf.OpAll, Term: e.New})
		case report.EditRepair:
			ops = append(ops, spf.Edit{Op: spf.OpRepair, Term: e.Old})
		case report.EditMerge:
			if e.New != "" {
				ops = append(ops, spf.MergeRecord(e.New))
				continue
			}
			for _, r := range records[1:] {
				ops = append(ops, spf.MergeRecord(r))
			}
		default:
			t.Errorf("an SPF record has no edit %s", e.Op)
		}
	}
	out, err := spf.Apply(text, ops...)
	if err != nil {
		t.Errorf("%q: %v with %+v", text, err, edits)
	}
	return out
}

// editedDMARC applies edits to the DMARC records of a name.
func editedDMARC(t *testing.T, records []string, edits []report.Edit) string {
	t.Helper()
	text, ops := "", []dmarc.Edit(nil)
	if len(records) > 0 {
		text = records[0]
	}
	for _, e := range edits {
		tag, value, _ := strings.Cut(e.New, "=")
		switch e.Op {
		case "":
			if e.New != "" {
				return e.New
			}
		case report.EditSetTag:
			ops = append(ops, dmarc.SetTag(tag, value))
		case report.EditRemoveTag:
			ops = append(ops, dmarc.RemoveTag(e.Old))
		case report.EditRepair:
			ops = append(ops, dmarc.RepairRecord())
		case report.EditMerge:
			for _, r := range records[1:] {
				ops = append(ops, dmarc.MergeRecord(r))
			}
		default:
			t.Errorf("a DMARC record has no edit %s", e.Op)
		}
	}
	out, err := dmarc.Apply(text, ops...)
	if err != nil {
		t.Errorf("%q: %v with %+v", text, err, edits)
	}
	return out
}

// has reports whether one of the findings has the code and the status.
func has(fs []report.Finding, code string, s report.Status) bool {
	return slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Code == code && f.Status == s })
}

// find returns the first finding of a code; the zero Finding if there is none.
func find(fs []report.Finding, code string) report.Finding {
	if i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == code }); i >= 0 {
		return fs[i]
	}
	return report.Finding{}
}

package kit

import (
	"maildiag/dnsrec"
	"maildiag/report"
)

// Add returns the change that publishes a record.
func Add(name string, t dnsrec.Type, after string) report.Edit {
	return report.Edit{Name: Absolute(name), Type: string(t), New: after, TTL: 3600}
}

// Assigned returns a change whose values are not known: somebody assigns them, or a
// person chooses them.
func Assigned(name string, t dnsrec.Type) report.Edit {
	return report.Edit{Name: Absolute(name), Type: string(t)}
}

// Replace returns the change of one record into another.
func Replace(name string, t dnsrec.Type, before, after string) report.Edit {
	return report.Edit{Name: Absolute(name), Type: string(t), Old: before, New: after, TTL: 3600}
}

// Remove returns the change that deletes a record.
func Remove(name string, t dnsrec.Type, before string) report.Edit {
	return report.Edit{Name: Absolute(name), Type: string(t), Old: before}
}

// AddTerm returns the change that puts a term into the SPF record of a name.
func AddTerm(name, term string) report.Edit { return within(name, report.EditAddTerm, "", term) }

// AddFirst returns the change that puts a term first into the SPF record at name.
func AddFirst(name, term string) report.Edit { return within(name, report.EditAddFirst, "", term) }

// RemoveTerm returns the change that takes a term out of the SPF record of a name.
func RemoveTerm(name, term string) report.Edit { return within(name, report.EditRemoveTerm, term, "") }

// ReplaceTerm returns the change of terms in the SPF record of a name.
func ReplaceTerm(name, term, with string) report.Edit {
	return within(name, report.EditReplaceTerm, term, with)
}

// SetAll returns the change that ends the SPF record of a name in all, such as "~all".
func SetAll(name, all string) report.Edit { return within(name, report.EditAll, "", all) }

// RepairSPF returns the changes that correct the syntax of the SPF record of a
// name: at the given terms, or everywhere.
func RepairSPF(name string, terms ...string) []report.Edit {
	if len(terms) == 0 {
		return []report.Edit{within(name, report.EditRepair, "", "")}
	}
	var edits []report.Edit
	for _, t := range terms {
		edits = append(edits, within(name, report.EditRepair, t, ""))
	}
	return edits
}

// MergeIntoSPF returns the change that adds the terms of another record to the SPF
// record of a name.
func MergeIntoSPF(name, record string) report.Edit {
	return within(name, report.EditMerge, "", record)
}

// MergeSPF returns the change that makes one record of all SPF records of a name.
func MergeSPF(name string) report.Edit { return within(name, report.EditMerge, "", "") }

// SetTag returns the change of a tag of the DMARC record at name.
func SetTag(name, tag, value string) report.Edit {
	return within(name, report.EditSetTag, "", tag+"="+value)
}

// RemoveTag returns the change that takes a tag out of the DMARC record at name.
func RemoveTag(name, tag string) report.Edit { return within(name, report.EditRemoveTag, tag, "") }

// RepairDMARC returns the change that corrects the syntax of the DMARC record at name.
func RepairDMARC(name string) report.Edit { return within(name, report.EditRepair, "", "") }

// MergeDMARC returns the change that makes one record of all DMARC records at name.
func MergeDMARC(name string) report.Edit { return within(name, report.EditMerge, "", "") }

// within returns a change within one TXT record.
func within(name string, op report.EditOp, before, after string) report.Edit {
	return report.Edit{Name: Absolute(name), Type: string(dnsrec.TypeTXT), Op: op, Old: before, New: after, TTL: 3600}
}

package report

import "strings"

// editWords says an edit in one sentence, with the values as they are: a
// renderer cleans it like any other text.
func editWords(e Edit) string {
	in := "in the " + recordOf(e) + ": "
	switch e.Op {
	case EditAddTerm:
		return in + "add " + e.New + " before all"
	case EditAddFirst:
		return in + "add " + e.New + " as the first term"
	case EditRemoveTerm:
		return in + "delete " + e.Old
	case EditReplaceTerm:
		return in + "replace " + e.Old + " with " + e.New
	case EditAll:
		return in + "end it with " + e.New
	case EditSetTag:
		return in + "set " + e.New
	case EditRemoveTag:
		return in + "delete the tag " + e.Old
	case EditMerge:
		if e.New != "" {
			return in + "add the terms of " + e.New
		}
		return "merge all " + strings.Replace(recordOf(e), " record of ", " records of ", 1) + " into one"
	case EditRepair:
		if e.Old == "" {
			return in + "correct the syntax"
		}
		return in + "correct " + e.Old
	}
	return valueWords(e)
}

func editsWords(edits []Edit) []string {
	words := make([]string, len(edits))
	for i, e := range edits {
		words[i] = editWords(e)
	}
	return words
}

// recordOf names the record that an edit within a record is about.
func recordOf(e Edit) string {
	name := strings.TrimSuffix(e.Name, ".")
	if owner, ok := strings.CutPrefix(name, "_dmarc."); ok {
		return "DMARC record of " + owner
	}
	return "SPF record of " + name
}

// valueWords says an edit of the values of an RRset.
func valueWords(e Edit) string {
	name := e.Name + " " + e.Type
	switch {
	case e.Old == "" && e.New == "":
		return "change " + name
	case e.Old == "":
		return "add " + name + " " + e.New
	case e.New == "":
		return "delete " + name + " " + e.Old
	}
	return "change " + name + " from " + e.Old + " to " + e.New
}

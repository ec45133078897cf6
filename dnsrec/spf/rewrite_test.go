package spf

import (
	"slices"
	"strings"
)

// This file writes records as repairs and corrections leave them.

// Record returns the record to publish after a plan for the tree.
func (p Plan) Record(t *Tree) string {
	return strings.TrimSpace(t.Owned().Records[0].rewrite(p.edit, p.end))
}

// Enough reports whether the record of a plan is valid and within the limits.
func (p Plan) Enough(t *Tree) bool {
	_, _, err := Parse(p.Record(t))
	return err == nil && p.Lookups <= MaxLookups && p.Voids <= MaxVoids
}

// Corrected returns the record with every fault and issue mended that has a
// hint, ready to publish, and whether it is then free of faults.
func (r *Record) Corrected() (txt string, whole bool) {
	txt = r.rewrite(r.corrections())
	_, ours, err := Parse(txt)
	return txt, ours && err == nil
}

// rewrite writes the record with some terms replaced, up to end if that is not
// negative. All comes last, unless that would revive a term behind it.
func (r *Record) rewrite(edit map[int]string, end int) string {
	terms := map[int]string{}
	var order []int
	for _, t := range r.Terms {
		terms[t.Offset], order = t.Text, append(order, t.Offset)
	}
	for at := range edit {
		if _, known := terms[at]; !known {
			order = append(order, at)
		}
		terms[at] = edit[at]
	}
	slices.Sort(order)
	var words []string
	for _, at := range order {
		if end < 0 || at < end {
			words = append(words, strings.Fields(terms[at])...)
		}
	}
	if !strays(words) {
		words = allLast(words)
	}
	return versionTag + " " + strings.Join(words, " ")
}

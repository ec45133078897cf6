package spf

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Op is what an [Edit] does.
type Op string

// The operations.
const (
	OpRemove  Op = "remove"  // take Term out
	OpAdd     Op = "add"     // put Term before all and redirect
	OpFirst   Op = "first"   // put Term before all terms that authorize a sender
	OpReplace Op = "replace" // write With in the place of Term
	OpAll     Op = "all"     // let the record end in the all that Term is
	OpRepair  Op = "repair"  // mend the fault at Term; every fault if Term is empty
	OpMerge   Op = "merge"   // take in the terms of the record that With is
	OpRecord  Op = "record"  // publish With instead
)

// Edit is one change to a record, in the record's own terms.
type Edit struct {
	Op   Op
	Term string // as it stands in the record, or in any form that means the same
	With string
}

// RemoveTerm takes a term out.
func RemoveTerm(term string) Edit { return Edit{Op: OpRemove, Term: term} }

// AddTerm puts a term where receivers come to it: before all and redirect. An
// all is set instead, as by [SetAll].
func AddTerm(term string) Edit { return Edit{Op: OpAdd, Term: term} }

// AddFirst puts a term where receivers come to it first, but not before a term
// that refuses a sender: what it authorizes passes even if a later term breaks a
// limit (RFC 7208 4.6.4).
func AddFirst(term string) Edit { return Edit{Op: OpFirst, Term: term} }

// ReplaceTerm writes terms, divided by blanks, in the place of a term.
func ReplaceTerm(term, with string) Edit { return Edit{Op: OpReplace, Term: term, With: with} }

// SetAll lets the record end in all with this sign. A redirect in force would
// have no effect beside all (RFC 7208 6.1) and becomes an include.
func SetAll(q Qualifier) Edit {
	return Edit{Op: OpAll, Term: Term{Kind: All, Qualifier: q}.String()}
}

// RepairSyntax mends the faults at the given terms, as [SyntaxError.Term] and
// [Issue] name them; with none, all that can be mended.
func RepairSyntax(terms ...string) []Edit {
	if len(terms) == 0 {
		return []Edit{{Op: OpRepair}}
	}
	edits := make([]Edit, len(terms))
	for i, t := range terms {
		edits[i] = Edit{Op: OpRepair, Term: t}
	}
	return edits
}

// MergeRecord takes in the terms of another record of the same name.
func MergeRecord(text string) Edit { return Edit{Op: OpMerge, With: text} }

// WholeRecord publishes text instead of what is there.
func WholeRecord(text string) Edit { return Edit{Op: OpRecord, With: text} }

// The errors of [Apply].
var (
	ErrConflict = errors.New("the edits contradict each other")
	ErrEmpty    = errors.New("the edits leave no term")
	ErrNoRecord = errors.New("the text is not an SPF record")
	ErrTerm     = errors.New("the edit is not valid SPF syntax")
)

// Apply makes one record of text and all the edits. The order of the edits has
// no influence, and applying them again changes nothing. Terms that no edit
// names keep their order and spelling. With an empty text a new record is
// begun, which ends in ~all unless an edit says otherwise.
//
// The phases are: merge, repair, remove and replace, add, all. To remove what
// is not there changes nothing. A term that one edit takes out and another
// puts in, two ends of the record, and a whole record beside other edits are
// [ErrConflict].
func Apply(text string, edits ...Edit) (string, error) {
	set, err := newEditSet(edits)
	if err != nil {
		return "", err
	}
	if set.record != "" {
		return set.record, nil
	}
	if text == "" {
		text = versionTag
		if set.all == "" && !set.ends() {
			set.all = "~all"
		}
	}
	if !Ours(text) {
		alike := LookAlike(text)
		if !set.repairAll || alike == nil || !Ours(alike.Meant) {
			return "", ErrNoRecord
		}
		text = alike.Meant
	}
	return set.apply(text)
}

// editSet is a set of edits that do not contradict each other.
type editSet struct {
	removed   []string
	replaced  map[string]string
	added     []string
	first     []string // added before the others
	repaired  []string
	merged    []string
	repairAll bool
	all       string
	record    string
}

func newEditSet(edits []Edit) (*editSet, error) {
	s := &editSet{replaced: map[string]string{}}
	for _, e := range edits {
		if err := s.take(e); err != nil {
			return nil, err
		}
	}
	for _, list := range []*[]string{&s.removed, &s.added, &s.first, &s.repaired, &s.merged} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	if s.record != "" && (len(s.removed)+len(s.replaced)+len(s.added)+len(s.first)+len(s.merged) > 0 || s.all != "") {
		return nil, fmt.Errorf("%w: a whole record beside other edits", ErrConflict)
	}
	return s, s.contradiction()
}

func (s *editSet) take(e Edit) error {
	switch e.Op {
	case OpRemove:
		s.removed = append(s.removed, e.Term)
	case OpReplace:
		if isAll(e.Term) && isAll(e.With) {
			return s.setAll(e.With)
		}
		return s.replace(e.Term, e.With)
	case OpAdd, OpFirst:
		return s.add(e)
	case OpAll:
		return s.setAll(e.Term)
	case OpRepair:
		s.repairAll = s.repairAll || e.Term == ""
		s.repaired = append(s.repaired, e.Term)
	case OpMerge:
		if !Ours(e.With) {
			return ErrNoRecord
		}
		s.merged = append(s.merged, e.With)
	case OpRecord:
		if !Ours(e.With) || s.record != "" && s.record != e.With {
			return fmt.Errorf("%w: two whole records, or none", ErrConflict)
		}
		s.record = e.With
	default:
		return fmt.Errorf("%w: unknown operation %q", ErrTerm, e.Op)
	}
	return nil
}

func (s *editSet) add(e Edit) error {
	if isAll(e.Term) {
		return s.setAll(e.Term)
	}
	if good(e.Term) == "" {
		return fmt.Errorf("%w: %q", ErrTerm, e.Term)
	}
	list := &s.added
	if e.Op == OpFirst {
		list = &s.first
	}
	*list = append(*list, strings.Fields(e.Term)...)
	return nil
}

func (s *editSet) setAll(term string) error {
	if !isAll(term) {
		return fmt.Errorf("%w: %q is not an all term", ErrTerm, term)
	}
	if s.all != "" && !means(s.all, term) {
		return fmt.Errorf("%w: %s and %s", ErrConflict, s.all, term)
	}
	s.all = term
	return nil
}

func (s *editSet) replace(term, with string) error {
	if with = good(with); with == "" {
		return fmt.Errorf("%w: the replacement of %q", ErrTerm, term)
	}
	for other, w := range s.replaced {
		if means(other, term) && w != with {
			return fmt.Errorf("%w: %s is replaced twice", ErrConflict, term)
		}
	}
	s.replaced[term] = with
	return nil
}

// contradiction finds a term that is both taken out and put in.
func (s *editSet) contradiction() error {
	for term, with := range s.replaced {
		for _, w := range strings.Fields(with) {
			for other := range s.replaced {
				if other != term && means(other, w) {
					return fmt.Errorf("%w: %s is taken out and put in", ErrConflict, w)
				}
			}
			if has(s.removed, w) {
				return fmt.Errorf("%w: %s is taken out and put in", ErrConflict, w)
			}
		}
		if has(s.removed, term) || has(s.added, term) || has(s.first, term) {
			return fmt.Errorf("%w: %s has two edits", ErrConflict, term)
		}
	}
	for _, t := range slices.Concat(s.added, s.first) {
		if has(s.removed, t) {
			return fmt.Errorf("%w: %s is taken out and put in", ErrConflict, t)
		}
	}
	if s.all != "" && has(s.removed, s.all) {
		return fmt.Errorf("%w: %s is taken out and put in", ErrConflict, s.all)
	}
	return nil
}

// ends reports whether a record to be begun gets an end of its own.
func (s *editSet) ends() bool {
	return len(s.merged) > 0 || len(s.added)+len(s.first) == 0 || slices.ContainsFunc(s.added, func(t string) bool {
		term, _ := parseTerm(t)
		return term.Kind == Redirect
	})
}

func (s *editSet) apply(text string) (string, error) {
	words := slices.Clone(s.terms(text))
	before := slices.Clone(words)
	for _, m := range s.merged {
		words = takeIn(words, s.terms(m))
	}
	words, err := s.putIn(s.takeOut(words))
	if err != nil {
		return "", err
	}
	words = s.end(words)
	if len(words) == 0 && len(before) > 0 {
		return "", ErrEmpty
	}
	if slices.Equal(before, words) && !s.repairs() {
		return text, nil
	}
	return strings.Join(append([]string{text[:len(versionTag)]}, words...), " "), nil
}

func (s *editSet) repairs() bool { return len(s.repaired) > 0 }

// terms returns the terms of a record, repaired as the edits say, with those of records
// that are glued to it.
func (s *editSet) terms(text string) []string {
	if !s.repairAll {
		return s.ownTerms(text)
	}
	records := unglue(text)
	words := s.ownTerms(records[0])
	if !strays(words) {
		words = oneEnd(words)
	}
	for _, r := range records[1:] {
		words = takeIn(words, s.ownTerms(r))
	}
	return words
}

// ownTerms returns the terms of one record, repaired as the edits say. A term that a
// blank tore in two is one.
func (s *editSet) ownTerms(text string) []string {
	rec, _, _ := Parse(text)
	mend := map[int]string{}
	if s.repairs() {
		mend, _ = rec.corrections()
	}
	whole := map[int]string{}
	for _, f := range rec.Faults {
		whole[f.TermOffset] = f.Term
	}
	var words []string
	end := 0
	for _, w := range split(text, len(versionTag)) {
		if w.offset < end {
			continue
		}
		term := w.text
		if f, ok := whole[w.offset]; ok {
			term, end = f, w.offset+len(f)
		}
		if to, ok := mend[w.offset]; ok && (s.repairAll || slices.Contains(s.repaired, term)) {
			words = append(words, strings.Fields(to)...)
			continue
		}
		words = append(words, term)
	}
	return words
}

// secondVersion is the start of a record that is glued into another one; a
// blank may have come into it where the text was cut.
var secondVersion = regexp.MustCompile(`(?i)v ?= ?s ?p ?f ?1`)

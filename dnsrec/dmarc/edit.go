package dmarc

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Op is what an [Edit] does.
type Op string

// The operations.
const (
	OpSet    Op = "set"    // give Tag the Value
	OpRemove Op = "remove" // take Tag out
	OpRepair Op = "repair" // mend every fault, no stricter than receivers apply today
	OpMeant  Op = "meant"  // mend every fault, with the policy that was meant
	OpMerge  Op = "merge"  // take in the record that Value is
)

// Edit is one change to a record, in the record's own terms.
type Edit struct {
	Op         Op
	Tag, Value string
}

// SetTag sets a tag to a value.
func SetTag(tag, value string) Edit { return Edit{OpSet, strings.ToLower(tag), value} }

// RemoveTag takes a tag out.
func RemoveTag(tag string) Edit { return Edit{Op: OpRemove, Tag: strings.ToLower(tag)} }

// RepairRecord mends every fault. What receivers do not apply today stays
// unapplied: a damaged p=reject becomes p=none. With [AsMeant] it is p=reject.
func RepairRecord() Edit { return Edit{Op: OpRepair} }

// AsMeant mends every fault, and puts the policy in force that was meant.
func AsMeant() Edit { return Edit{Op: OpMeant} }

// MergeRecord takes in another record of the same name: the milder policy and
// the reporting addresses of both.
func MergeRecord(text string) Edit { return Edit{Op: OpMerge, Value: text} }

// The errors of [Apply].
var (
	ErrConflict = errors.New("the edits contradict each other")
	ErrNoRecord = errors.New("the text is not a DMARC record")
)

// Apply makes one record of text and all the edits: merge, repair, then set
// and remove. The order of the edits has no influence, and applying them again
// changes nothing. v comes first and p second; the other tags keep their order.
// With an empty text a new record is begun.
func Apply(text string, edits ...Edit) (string, error) {
	texts, tags, meant, repairs := []string{text}, map[string]string{}, false, false
	gone := map[string]bool{}
	for _, e := range edits {
		switch e.Op {
		case OpMerge:
			texts, repairs = append(texts, e.Value), true
		case OpRepair, OpMeant:
			repairs, meant = true, meant || e.Op == OpMeant
		case OpRemove:
			gone[e.Tag] = true
		case OpSet:
			if old, ok := tags[e.Tag]; ok && old != e.Value {
				return "", fmt.Errorf("%w: %s=%s and %s=%s", ErrConflict, e.Tag, old, e.Tag, e.Value)
			}
			tags[e.Tag] = e.Value
		}
	}
	for tag := range tags {
		if gone[tag] {
			return "", fmt.Errorf("%w: %s is set and removed", ErrConflict, tag)
		}
	}
	text, err := base(texts, repairs, meant)
	if err != nil {
		return "", err
	}
	for tag := range gone {
		text = taglist.Remove(text, tag)
	}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		text = taglist.Set(text, tag, tags[tag])
	}
	if len(tags)+len(gone) > 0 {
		text = ordered(text)
	}
	return text, nil
}

// base returns the record that tags are set in.
func base(texts []string, repairs, meant bool) (string, error) {
	if len(texts) == 1 && texts[0] == "" {
		return "v=" + Version, nil
	}
	if !repairs {
		if rec, _ := examine(texts[0]); rec == nil {
			return "", ErrNoRecord
		}
		return texts[0], nil
	}
	var all []*Record
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		if text == "" {
			continue
		}
		rec := mended(text, meant)
		if rec == nil {
			return "", fmt.Errorf("%w: %s", ErrNoRecord, quote(text))
		}
		all = append(all, rec)
	}
	return merged(all).String(), nil
}

// ordered puts v first and p second (RFC 7489 6.4).
func ordered(text string) string {
	var head, rest []string
	for _, t := range taglist.Split(text) {
		switch strings.ToLower(t.Name) {
		case "v":
			head = slices.Insert(head, 0, t.Name+"="+t.Value)
		case "p":
			head = append(head, t.Name+"="+t.Value)
		default:
			piece := t.Name
			if t.Equals {
				piece += "=" + t.Value
			}
			rest = append(rest, piece)
		}
	}
	return strings.Join(append(head, rest...), "; ")
}

// mended reads a damaged record as it was meant; nil if that cannot be told.
// Unless asked for, no policy comes into force that is not in force today.
func mended(text string, meant bool) *Record {
	rec, today := examine(text)
	fatal := rec == nil || slices.ContainsFunc(today, func(p Problem) bool { return p.Fatal })
	fixed, problems := examine(respelled(text))
	if fixed == nil || slices.ContainsFunc(problems, func(p Problem) bool { return p.Fatal && p.Kind != KindMissing }) {
		return nil
	}
	fixed.Extra = nil // ignored by everyone (RFC 9989 4.7)
	fixed.BadPolicy = false
	if fixed.P == "" || fatal && !meant {
		fixed.P, fixed.SP, fixed.NP = None, "", ""
	}
	if !meant && rec != nil {
		fixed.ADKIM, fixed.ASPF = rec.ADKIM, rec.ASPF
	}
	return fixed
}

// respelled writes the text with names, values and separators as meant, each
// tag once.
func respelled(text string) string {
	s := separate(clean(text))
	if i := strings.Index(strings.ToLower(s), "dmarc1"); i >= 0 && i <= maxJunk {
		s = "v=" + Version + ";" + s[i+len("dmarc1"):]
	}
	values, order := map[string]string{}, []string{}
	for i, t := range taglist.Split(s) {
		name := nearest(strings.ToLower(t.Name), names, 1)
		if i == 0 || !t.Equals || name == "" || name == "v" {
			continue
		}
		value := respell(name, t.Value)
		old, twice := values[name]
		if !twice {
			order = append(order, name)
		} else {
			value = both(name, old, value)
		}
		values[name] = value
	}
	out := "v=" + Version
	for _, name := range order {
		if values[name] != "" {
			out += "; " + name + "=" + values[name]
		}
	}
	return out
}

// both returns the value of a tag that stands twice: all addresses, the mildest
// policy, else the first value.
func both(name, a, b string) string {
	switch name {
	case "rua", "ruf":
		return a + "," + b
	case "p", "sp", "np":
		if Policy(b).Strength() < Policy(a).Strength() {
			return b
		}
	}
	return a
}

// respell returns a value as it was meant; "" if it means nothing.
func respell(name, value string) string {
	lower := strings.ToLower(strings.Trim(value, " .,:"))
	switch name {
	case "p", "sp", "np":
		return nearest(lower, []string{string(None), string(Quarantine), string(Reject)}, 2)
	case "adkim", "aspf", "t":
		if lower != "" && slices.Contains([]string{"r", "relaxed", "s", "strict", "y", "yes", "n", "no"}, lower) {
			return lower[:1]
		}
		return ""
	case "pct":
		return strings.TrimSpace(strings.TrimRight(lower, "% "))
	case "rua", "ruf":
		return addresses(value)
	}
	return value
}

// addresses returns the addresses that can be reported to, divided by commas.
func addresses(value string) string {
	var out []string
	value = strings.ReplaceAll(value, "mailto:", ",mailto:")
	for _, a := range taglist.ListValue(value, ",") {
		if a = bare(strings.Trim(a, "<>")); a == "mailto:" {
			continue
		}
		if u, fault := readURI(a); fault == "" && !slices.Contains(out, u.String()) {
			out = append(out, u.String())
		}
	}
	return strings.Join(out, ",")
}

// nearest returns the one of words that s was meant to be, at most slips letters
// away; "" if there is none, or two as near. Short words have no near misses.
func nearest(s string, words []string, slips int) string {
	const short = 3
	best, found, tie := slips+1, "", false
	for _, w := range words {
		if s == w {
			return w
		}
		if len(w) <= short {
			continue
		}
		if d := distance(s, w); d < best {
			best, found, tie = d, w, false
		} else if d == best {
			tie = true
		}
	}
	if tie || found == "" {
		return ""
	}
	return found
}

// distance is how many letters must be added, left out or changed to make b
// of a.
func distance(a, b string) int {
	const maxWord = 20
	if len(a) > maxWord {
		return maxWord
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// merged makes one record of several: what asks least of receivers, and all
// addresses.
func merged(all []*Record) *Record {
	m := *all[0]
	for _, r := range all[1:] {
		sp := milder(cmp.Or(m.SP, m.P), cmp.Or(r.SP, r.P))
		if m.SP != "" || r.SP != "" {
			m.SP = sp
		}
		if m.NP != "" || r.NP != "" {
			m.NP = milder(cmp.Or(m.NP, m.SP, m.P), cmp.Or(r.NP, r.SP, r.P))
		}
		m.P = milder(m.P, r.P)
		m.RUA, m.RUF = joined(m.RUA, r.RUA), joined(m.RUF, r.RUF)
		if r.DKIMMode() == Relaxed {
			m.ADKIM = r.ADKIM
		}
		if r.SPFMode() == Relaxed {
			m.ASPF = r.ASPF
		}
		if r.T == "y" {
			m.T = "y"
		}
		if r.Pct != nil && (m.Pct == nil || *r.Pct < *m.Pct) {
			m.Pct = r.Pct
		}
	}
	return &m
}

func milder(a, b Policy) Policy {
	if b.Strength() < a.Strength() {
		return b
	}
	return a
}

func joined(a, b []URI) []URI {
	out := slices.Clone(a)
	for _, u := range b {
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

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
	OpBegin  Op = "begin"  // mend every fault, and ask for reports only
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

// Begin mends every fault, and makes the record ask for reports only: it was
// never in force, and so it begins as mild as can be (RFC 9989 5.1).
func Begin() Edit { return Edit{Op: OpBegin} }

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
	texts, tags, meant, repairs, begins := []string{text}, map[string]string{}, false, false, false
	gone := map[string]bool{}
	for _, e := range edits {
		switch e.Op {
		case OpMerge:
			// Of several records none was in force (RFC 9989 4.10): what they say together begins mildly.
			texts, repairs, begins = append(texts, e.Value), true, true
		case OpBegin:
			repairs, begins = true, true
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
	if begins {
		text = monitoring(text)
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

// monitoring returns a sound record as one that asks for reports only.
func monitoring(text string) string {
	rec, _ := examine(text)
	return (&Record{P: None, PSD: rec.PSD, ADKIM: rec.ADKIM, ASPF: rec.ASPF, RUA: rec.RUA, RUF: rec.RUF, FO: rec.FO}).String()
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
// Unless asked for, no policy comes into force that is not in force today. A tag
// beside p that receivers ignore does not take a valid p from the record (RFC
// 7489 6.3, RFC 9989 4.7): only what it would have set begins as mild as can be.
func mended(text string, meant bool) *Record {
	rec, today := examine(text)
	fixed, problems := examine(respelled(text))
	if fixed == nil || slices.ContainsFunc(problems, func(p Problem) bool { return p.Fatal && p.Kind != KindMissing }) {
		return nil
	}
	fixed.Extra = nil // ignored by everyone (RFC 9989 4.7)
	fixed.BadPolicy = false
	if fixed.P == "" || rec == nil && !meant || !meant && slices.ContainsFunc(today, spoilsPolicy) {
		fixed.P, fixed.SP, fixed.NP = None, "", ""
	}
	if !meant && rec != nil {
		fixed.ADKIM, fixed.ASPF = rec.ADKIM, rec.ASPF
		fixed.forget(today)
	}
	return fixed
}

// spoilsPolicy reports whether a problem leaves open which policy p asks for.
func spoilsPolicy(p Problem) bool {
	return p.Fatal && (p.Tag == "p" || p.Tag == "v" || p.Tag == "")
}

// forget takes out the policies for subdomains that are damaged today.
func (r *Record) forget(today []Problem) {
	for _, p := range today {
		switch {
		case p.Fatal && p.Tag == "sp" && r.P != None:
			r.SP = None
		case p.Fatal && p.Tag == "sp":
			r.SP = ""
		case p.Fatal && p.Tag == "np":
			r.NP = ""
		}
	}
}

// respelled writes the text with names, values and separators as meant, each
// tag once.
func respelled(text string) string {
	values, order := map[string]string{}, []string{}
	for _, t := range meantTags(text) {
		old, twice := values[t.Name]
		if !twice {
			order = append(order, t.Name)
		} else {
			t.Value = both(t.Name, old, t.Value)
		}
		values[t.Name] = t.Value
	}
	out := "v=" + Version
	for _, name := range order {
		if values[name] != "" {
			out += "; " + name + "=" + values[name]
		}
	}
	return out
}

// meantTags lists the tags of a text beside v, with names and values as meant; a
// value that means nothing is empty.
func meantTags(text string) (tags []taglist.Tag) {
	s := separate(clean(text))
	if rest, ok := afterVersion(s); ok {
		s = "v=" + Version + ";" + rest
	}
	for _, t := range taglist.Split(unglued(s)) { // v need not be the first
		name := nearest(strings.ToLower(t.Name), names, 1)
		if !t.Equals || name == "" || name == "v" {
			continue
		}
		tags = append(tags, taglist.Tag{Name: name, Value: respell(name, t.Value), Equals: true})
	}
	return tags
}

// unglued puts a semicolon in the place of each v=DMARC1 but the first: several
// records were pasted into one.
func unglued(s string) string {
	const version = "v=" + Version
	for i := len(version); i < len(s); i++ {
		if len(s)-i >= len(version) && strings.EqualFold(s[i:i+len(version)], version) {
			s = s[:i] + ";" + s[i+len(version):]
		}
	}
	return s
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
		good, _ := addresses(value)
		return strings.Join(good, ",")
	}
	return value
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
		if r.PSD != m.PSD { // they contradict each other
			m.PSD = ""
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

package dmarc

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Examine is Parse for those who want all problems, in the order of the text,
// not the first fatal one alone. With no record and no problem the text is not
// meant as DMARC.
func Examine(txt string) (rec *Record, problems []Problem) {
	rec, problems = examine(txt)
	for i := range problems {
		switch p := &problems[i]; {
		case p.Fatal, p.Kind == KindURI, p.Kind == KindSyntax:
			p.Want = repair(txt)
		}
	}
	return rec, problems
}

// examine is Examine without the search for what was meant.
func examine(txt string) (*Record, []Problem) {
	if !spells(txt, "dmarc") && !misspelled(txt) {
		return nil, nil
	}
	tags := taglist.Split(txt)
	if p := checkVersion(tags); p != nil {
		if !looksLike(txt) && !misspelled(txt) {
			return nil, nil
		}
		return nil, []Problem{*p}
	}
	p := parser{rec: &Record{}, end: len(txt), seen: map[string]bool{"v": true}}
	for i, tag := range tags[1:] {
		p.tag(i, tag)
	}
	p.finish()
	return p.rec, p.problems
}

// Meant reports whether a text is meant as DMARC: what [Parse] calls ours, without
// reading it.
func Meant(txt string) bool {
	if strings.HasPrefix(txt, "v="+Version+";") {
		return true
	}
	return misspelled(txt) || spells(txt, "dmarc") && (checkVersion(taglist.Split(txt)) == nil || looksLike(txt))
}

// misspelled reports whether a text begins with a slip of the pen for the version.
func misspelled(txt string) bool {
	_, slipped := taglist.Slipped(txt, Version)
	return slipped
}

// checkVersion finds what is wrong with the beginning of a record, nil if it
// begins with v=DMARC1 (RFC 9989 4.7, 4.8: "v" in either case, DMARC1 exactly).
func checkVersion(tags []taglist.Tag) *Problem {
	if len(tags) > 0 && tags[0].Pos == 0 && tags[0].Equals && tags[0].Value == Version && strings.EqualFold(tags[0].Name, "v") {
		return nil
	}
	bad := func(pos int, format string, args ...any) *Problem {
		return &Problem{Kind: KindVersion, Tag: "v", Pos: pos, Fatal: true, Text: fmt.Sprintf(format, args...)}
	}
	if len(tags) == 0 {
		return bad(0, "the record is empty")
	}
	v := tags[0]
	switch {
	case !strings.EqualFold(v.Name, "v") || !v.Equals:
		return bad(0, "the record does not begin with v=DMARC1, so receivers do not take it for one")
	case v.Pos > 0:
		return bad(0, "there is something before v=DMARC1, so receivers do not take it for a record")
	}
	if rest, ok := strings.CutPrefix(v.Value, Version); ok && strings.Trim(rest, taglist.WSP+",") != rest {
		return bad(v.ValuePos+len(Version), "a semicolon is missing after v=DMARC1, so receivers ignore the "+
			"record")
	}
	return bad(v.ValuePos, "v=%s, but it must be v=DMARC1, in capitals and with nothing else", taglist.Clip(v.Value))
}

// spells reports whether a text holds the letters of a word, in either case and
// in their order. It is a quick way to know what most TXT records are not.
func spells(txt, word string) bool {
	for i := 0; i < len(txt) && word != ""; i++ {
		if txt[i]|0x20 == word[0] {
			word = word[1:]
		}
	}
	return word == ""
}

// looksLike reports whether a text without a proper beginning is meant as DMARC.
func looksLike(txt string) bool {
	s := strings.ToLower(strings.TrimLeftFunc(clean(txt),
		func(r rune) bool { return !('a' <= r|0x20 && r|0x20 <= 'z') }))
	s = strings.Join(strings.Fields(s), "")
	i := strings.Index(s, "dmarc1")
	return strings.HasPrefix(s, "v=dmarc") || strings.HasPrefix(s, "v:dmarc") ||
		i >= 0 && i <= maxJunk || i > 0 && strings.HasPrefix(s, "p=")
}

// maxJunk is how many characters may stand before DMARC1 for a text to count
// as a damaged record: "v=", and two that someone's keyboard or program put
// there.
const maxJunk = 4

type parser struct {
	rec      *Record
	end      int // of the text, where what is missing would stand
	seen     map[string]bool
	problems []Problem
}

func (p *parser) say(kind Kind, t taglist.Tag, pos int, format string, args ...any) *Problem {
	p.problems = append(p.problems, Problem{Kind: kind, Tag: t.Name, Pos: pos, Text: fmt.Sprintf(format,
		args...)})
	return &p.problems[len(p.problems)-1]
}

// tag takes one tag, the index'th after v.
func (p *parser) tag(index int, t taglist.Tag) {
	if !t.Equals || !taglist.ValidName(t.Name) {
		hint := ""
		if strings.Contains(strings.ToLower(t.Name), "mailto:") {
			hint = "; addresses are separated by commas, not by semicolons"
		}
		p.say(KindSyntax, t, t.Pos, "%s is not of the form name=value and is ignored%s", quote(t.Name), hint)
		return
	}
	if lower := strings.ToLower(t.Name); lower != t.Name {
		p.say(KindCase, t, t.Pos, "the tag %s= in capitals; not every receiver takes that for %s=", t.Name,
			lower)
		t.Name = lower
	}
	if p.seen[t.Name] { // RFC 6376 3.2, by way of RFC 9989 4.7
		p.say(KindDuplicate, t, t.Pos, "the tag %s= is there twice: some receivers ignore the whole record, "+
			"others take the first or the last", t.Name).Fatal = true
		return
	}
	p.seen[t.Name] = true
	if t.Name == "p" && index != 0 {
		p.say(KindOrder, t, t.Pos, "p= should come right after v=DMARC1: receivers that follow RFC 7489 may "+
			"ignore the record")
	}
	p.value(t)
}

func (p *parser) value(t taglist.Tag) {
	switch t.Name {
	case "p":
		p.rec.P = p.policy(t)
	case "sp":
		p.rec.SP = p.policy(t)
	case "np":
		p.rec.NP = p.policy(t)
	case "psd":
		p.rec.PSD = p.choice(t, "u", "y", "n", "u")
	case "t":
		p.rec.T = p.choice(t, "n", "y", "n")
	case "adkim":
		p.rec.ADKIM = Mode(p.choice(t, "r", "r", "s"))
	case "aspf":
		p.rec.ASPF = Mode(p.choice(t, "r", "r", "s"))
	case "rua":
		p.rec.RUA = p.uris(t)
	case "ruf":
		p.rec.RUF = p.uris(t)
	case "fo":
		p.rec.FO = p.failureOptions(t)
	case "pct":
		p.percent(t)
	case "rf":
		p.rec.RF = t.Value
		p.removed(t, "")
	case "ri":
		p.rec.RI = t.Value
		p.removed(t, "")
	default: // RFC 9989 4.7: unknown tags are ignored
		p.rec.Extra = append(p.rec.Extra, taglist.Tag{Name: t.Name, Value: t.Value, Equals: true})
		p.say(KindUnknown, t, t.Pos, "the tag %s= is not known and is ignored", t.Name)
	}
}

// policy reads p, sp and np; a value that is none of the three spoils the
// record (RFC 9989 4.10.1).
func (p *parser) policy(t taglist.Tag) Policy {
	v := Policy(strings.ToLower(t.Value))
	switch {
	case v != None && v != Quarantine && v != Reject:
		p.rec.BadPolicy = true
		p.say(KindPolicy, t, t.ValuePos, "%s=%s is not one of none, quarantine and reject", t.Name,
			taglist.Clip(t.Value)).Fatal = true
		return ""
	case string(v) != t.Value:
		p.say(KindCase, t, t.ValuePos, "%s=%s in capitals; not every receiver takes that for %s", t.Name,
			t.Value, v)
	}
	return v
}

// choice reads a tag with few values; others are ignored in favor of the
// default (RFC 9989 4.7).
func (p *parser) choice(t taglist.Tag, byDefault string, values ...string) string {
	v := strings.ToLower(t.Value)
	if !slices.Contains(values, v) {
		p.say(KindValue, t, t.ValuePos, "%s=%s is not one of %s, so %s applies", t.Name, taglist.Clip(t.Value),
			strings.Join(values, ", "), byDefault)
		return ""
	}
	if v != t.Value {
		p.say(KindCase, t, t.ValuePos, "%s=%s in capitals; not every receiver takes that for %s", t.Name,
			t.Value, v)
	}
	return v
}

func (p *parser) failureOptions(t taglist.Tag) (options []string) {
	for _, o := range taglist.ListValue(t.Value, ":") {
		if l := strings.ToLower(o); l == "0" || l == "1" || l == "d" || l == "s" {
			options = append(options, l)
			continue
		}
		p.say(KindValue, t, t.ValuePos, "the option %s of fo= is not one of 0, 1, d and s, and is ignored",
			quote(o))
	}
	return options
}

const maxPercent = 100

func (p *parser) percent(t taglist.Tag) {
	n, err := strconv.Atoi(t.Value)
	if err != nil || n < 0 || n > maxPercent {
		p.say(KindValue, t, t.ValuePos, "pct=%s is not a number from 0 to 100; receivers that still know "+
			"the tag ignore it or the record", taglist.Clip(t.Value))
	} else {
		p.rec.Pct = &n
	}
	p.removed(t, "; older receivers apply it")
}

func (p *parser) removed(t taglist.Tag, more string) {
	p.say(KindRemoved, t, t.Pos, "the tag %s= was removed from DMARC by RFC 9989%s", t.Name, more)
}

// finish judges what the tags together say.
func (p *parser) finish() {
	if !p.seen["p"] {
		p.rec.BadPolicy = true
		p.say(KindMissing, taglist.Tag{Name: "p"}, p.end, "the policy (p=) is missing").Fatal = true
	}
	if p.seen["fo"] && !p.seen["ruf"] { // RFC 9989 4.7
		p.say(KindUseless, taglist.Tag{Name: "fo"}, p.end, "fo= has no effect without ruf=")
	}
	sort.SliceStable(p.problems, func(i, j int) bool { return p.problems[i].Pos < p.problems[j].Pos })
}

// quote shows a piece of a record, shortened.
func quote(s string) string { return fmt.Sprintf("%q", taglist.Clip(s)) }

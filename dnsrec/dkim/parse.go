package dkim

import (
	"fmt"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Examine is Parse for those who want all problems, in the order of the text,
// not the first fatal one alone. rec is nil if txt is no key record.
func Examine(txt string) (rec *Record, problems []Problem) {
	tags := taglist.Split(txt)
	if !ours(tags) {
		return nil, nil
	}
	p := parser{txt: txt, rec: &Record{}, seen: map[string]bool{}}
	for i, tag := range tags {
		p.tag(i, tag)
	}
	p.finish()
	return p.rec, p.problems
}

// ours reports whether the tags are meant as a key record: they say so with v=,
// or have no v= and a p= (RFC 6376 3.6.1: v= is optional).
func ours(tags []taglist.Tag) bool {
	version, key := false, false
	for _, t := range tags {
		switch {
		case !t.Equals:
		case strings.EqualFold(t.Name, "v"):
			if !prefixFold(t.Value, "DKIM") {
				return false
			}
			version = true
		case t.Name == "p":
			key = true
		}
	}
	return version || key
}

func prefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

type parser struct {
	txt      string
	rec      *Record
	key      *taglist.Tag // p=, decoded last, as it depends on k=
	seen     map[string]bool
	problems []Problem
}

func (p *parser) say(kind Kind, t taglist.Tag, pos int, fatal bool, format string, args ...any) {
	p.problems = append(p.problems, Problem{
		Kind: kind, Tag: t.Name, Pos: pos, Fatal: fatal, Text: fmt.Sprintf(format, args...)})
}

// tag takes one tag, the index'th of the record.
func (p *parser) tag(index int, t taglist.Tag) {
	if !t.Equals || !taglist.ValidName(t.Name) {
		p.say(KindSyntax, t, t.Pos, false, "%s is not of the form name=value, so it is ignored; some "+
			"verifiers reject the record", quote(t.Name))
		return
	}
	if p.seen[t.Name] { // RFC 6376 3.2
		p.say(KindDuplicate, t, t.Pos, true, "the tag %s= is there twice, which makes the whole record invalid",
			t.Name)
		return
	}
	p.seen[t.Name] = true
	p.value(index, t)
}

func (p *parser) value(index int, t taglist.Tag) {
	switch t.Name {
	case "v":
		p.version(index, t)
	case "k":
		p.rec.KeyType = t.Value
	case "h":
		p.rec.Hashes = taglist.ListValue(t.Value, ":")
		if !p.rec.SHA256() { // RFC 8301 3.1
			p.say(KindHash, t, t.ValuePos, true, "h=%s does not admit sha256, the only hash still allowed",
				t.Value)
		}
	case "s":
		p.rec.Services = taglist.ListValue(t.Value, ":")
		if !p.rec.ForEmail() { // RFC 6376 3.6.1
			p.say(KindService, t, t.ValuePos, true, "s=%s says that the key is not for e-mail", t.Value)
		}
	case "t":
		p.flags(t)
	case "n":
		p.rec.Notes = t.Value
	case "g":
		p.granularity(t)
	case "p":
		p.key = &t
	default: // RFC 6376 3.2: unrecognized tags are ignored
		p.rec.Extra = append(p.rec.Extra, taglist.Tag{Name: t.Name, Value: t.Value, Equals: true})
		p.say(KindUnknown, t, t.Pos, false, "the tag %s= is not known and is ignored", t.Name)
	}
}

func (p *parser) version(index int, t taglist.Tag) {
	p.rec.Version = t.Value
	if t.Value != Version { // RFC 6376 3.6.1: other versions are discarded
		hint := ""
		if rest, ok := strings.CutPrefix(t.Value, Version); ok && strings.Trim(rest, taglist.WSP) != rest {
			hint = "; a semicolon is missing after DKIM1"
		}
		p.say(KindVersion, t, t.ValuePos, true, "v=%s, but the only version is DKIM1, in capitals%s",
			taglist.Clip(t.Value), hint)
	} else if index != 0 {
		p.say(KindVersion, t, t.Pos, false, "v=DKIM1 must be the first tag; some verifiers discard the record")
	}
}

func (p *parser) flags(t taglist.Tag) {
	p.rec.Flags = taglist.ListValue(t.Value, ":")
	for _, f := range p.rec.Flags {
		if f != "y" && f != "s" {
			p.say(KindFlag, t, t.ValuePos, false, "the flag %s of t= is not known and is ignored", quote(f))
		}
	}
}

// granularity judges a leftover of RFC 4871 3.6.1: an empty g= matched no
// address at all.
func (p *parser) granularity(t taglist.Tag) {
	p.rec.Granularity = t.Value
	if t.Value == "" {
		p.say(KindGranularity, t, t.Pos, false,
			"to verifiers older than 2011, an empty g= means that the key matches no address; remove it")
		return
	}
	p.say(KindGranularity, t, t.Pos, false, "g= was withdrawn in 2011 (RFC 6376 C.2) and is ignored; it can "+
		"be removed")
}

// finish decodes the key and puts the problems in the order of the text.
func (p *parser) finish() {
	switch {
	case p.key == nil:
		p.say(KindMissingKey, taglist.Tag{Name: "p"}, len(p.txt), true, "the key (p=) is missing")
		p.unquote()
	case p.key.Value != "":
		p.decode(*p.key)
	}
	sortByPos(p.problems)
}

// unquote finds out whether the key is missing only because quotation marks or
// backslashes hide its tag.
func (p *parser) unquote() {
	plain := drop(p.txt, "\"\\")
	if plain == p.txt {
		return
	}
	rec, _, err := Parse(plain)
	if rec == nil || err != nil {
		return
	}
	last := &p.problems[len(p.problems)-1]
	last.Pos = strings.IndexAny(p.txt, "\"\\")
	last.Text, last.Want = "there are quotation marks or backslashes inside the record, which hide the key; "+
		"write it without", rec.String()
}

// quote shows a piece of a record, shortened.
func quote(s string) string { return fmt.Sprintf("%q", taglist.Clip(s)) }

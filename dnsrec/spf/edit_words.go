package spf

import (
	"fmt"
	"slices"
	"strings"
)

// This file edits the words of a record.

// unglue cuts a text into the records that are glued together in it.
func unglue(text string) (records []string) {
	const cut = "\x00" // what a record with it means, is not known in any case
	for _, rest := range strings.Split(secondVersion.ReplaceAllString(text[len(versionTag):], cut), cut) {
		records = append(records, text[:len(versionTag)]+" "+strings.TrimSpace(rest))
	}
	return records
}

// strays reports whether a mechanism other than all follows all: receivers never came
// to it (RFC 7208 5.1), and whether they should is not a matter of syntax.
func strays(words []string) bool {
	i := slices.IndexFunc(words, isAll)
	return i >= 0 && slices.ContainsFunc(words[i:], func(w string) bool {
		t, f := parseTerm(w)
		return f == nil && !isAll(w) && t.Kind != Redirect && t.Kind != Exp && t.Kind != Unknown
	})
}

// oneEnd moves all, or else the redirect, behind the other terms. Of several all
// the mildest stays, but +all only where it was in force.
func oneEnd(words []string) []string {
	var rest, redirect []string
	all := ""
	for _, w := range words {
		switch t, f := parseTerm(w); {
		case f == nil && t.Kind == Redirect:
			redirect = append(redirect, w)
		case !isAll(w):
			rest = append(rest, w)
		case all == "" || sign(w) != '+' && mildness(w) > mildness(all):
			all = w
		}
	}
	if all == "" {
		return append(rest, redirect...)
	}
	return append(append(rest, all), redirect...)
}

// mildness orders mechanisms by their signs.
func mildness(word string) int { return strings.IndexByte("-~?+", sign(word)) }

// takeIn adds the terms of another record, each once, a redirect as an include,
// and keeps the milder end, but no +all; that of a redirect is taken for ~all. A
// term that one record authorizes and the other does not is authorized. What receivers
// never came to stays where they never come to it.
func takeIn(words, more []string) []string {
	words, behind := cutDead(words)
	more, dead := cutDead(more)
	words = takeInLive(words, more)
	for _, w := range append(behind, dead...) {
		second := isRedirect(w) && slices.ContainsFunc(words, isRedirect) // one is allowed (RFC 7208 6)
		if !second && !has(words, w) {
			words = append(words, w)
		}
	}
	return words
}

// cutDead takes out of the terms of a record those that receivers never come to: behind
// all, and a redirect beside it (RFC 7208 5.1, 6.1).
func cutDead(words []string) (live, dead []string) {
	end := slices.IndexFunc(words, isAll)
	for i, w := range words {
		t, f := parseTerm(w)
		switch modifier := f == nil && (t.Kind == Exp || t.Kind == Unknown); {
		case end < 0, i <= end && !isRedirect(w), modifier:
			live = append(live, w)
		case !isAll(w):
			dead = append(dead, w)
		}
	}
	return live, dead
}

func takeInLive(words, more []string) []string {
	all := ""
	for i, w := range more {
		term, f := parseTerm(w)
		like := func(o string) bool { return means(unsigned(o), unsigned(w)) }
		switch {
		case slices.ContainsFunc(more[:i], like): // which decides (RFC 7208 4.6.2)
			continue
		case f == nil && term.Kind == All:
			all = closed(w)
			continue
		case f == nil && term.Kind == Exp && slices.ContainsFunc(words, isExp): // one is allowed (RFC 7208 6)
			continue
		case f == nil && term.Kind == Redirect:
			w = "include:" + term.Domain
			if all == "" {
				all = "~all" // how the target ends is not known here
			}
		}
		same := slices.IndexFunc(words, like)
		switch {
		case same < 0:
			words = slices.Insert(words, place(words), w)
		case f == nil && !term.Kind.Modifier() && mildness(w) > mildness(words[same]):
			words[same] = w
		}
	}
	return milderEnd(words, all)
}

// milderEnd lets a record end in all, or in its own if that is milder.
func milderEnd(words []string, all string) []string {
	if all == "" {
		return words
	}
	i := slices.IndexFunc(words, isAll)
	if i < 0 {
		if slices.ContainsFunc(words, isRedirect) && mildness(all) < mildness("~all") {
			all = "~all"
		}
		return endIn(words, all)
	}
	if words[i] = closed(words[i]); mildness(all) > mildness(words[i]) {
		words[i] = all
	}
	return words
}

// closed returns an all term, with ~ in the place of a + that lets everyone send.
func closed(all string) string {
	if sign(all) == '+' {
		return "~all"
	}
	return all
}

// takeOut removes and replaces terms. A term that another place of the record
// holds already is not written again.
func (s *editSet) takeOut(words []string) []string {
	var out []string
	for i, w := range words {
		if has(s.removed, w) {
			continue
		}
		with, ok := s.replacement(w)
		if !ok {
			out = append(out, w)
			continue
		}
		for _, t := range strings.Fields(with) {
			if !has(out, t) && (means(t, w) || !has(words[i+1:], t)) {
				out = append(out, t)
			}
		}
	}
	return out
}

func (s *editSet) replacement(word string) (string, bool) {
	for term, with := range s.replaced {
		if means(term, word) {
			return with, true
		}
	}
	return "", false
}

// putIn adds terms: some before those that authorize a sender, the others behind
// them.
func (s *editSet) putIn(words []string) (_ []string, err error) {
	for _, t := range s.added {
		if words, err = insert(words, t); err != nil {
			return nil, err
		}
	}
	for _, t := range slices.Backward(s.first) {
		words = slices.DeleteFunc(words, func(w string) bool { return means(unsigned(w), unsigned(t)) })
		words = slices.Insert(words, afterRefusals(words), t)
	}
	return words, nil
}

// afterRefusals returns the place behind the last mechanism before all that
// does not authorize.
func afterRefusals(words []string) int {
	for i := place(words); i > 0; i-- {
		if t, f := parseTerm(words[i-1]); f == nil && t.Qualifier != 0 && t.Qualifier != '+' {
			return i
		}
	}
	return 0
}

// unsigned returns a term without its sign.
func unsigned(word string) string {
	_, rest := cutSign(word)
	return rest
}

// insert puts a term where receivers come to it. The same mechanism with
// another sign gives way to it.
func insert(words []string, text string) ([]string, error) {
	term, _ := parseTerm(text)
	at := place(words)
	for i, w := range words {
		other, f := parseTerm(w)
		if f != nil {
			continue
		}
		if term.Kind == Redirect && (other.Kind == All || other.Kind == Redirect && !other.same(term)) {
			return nil, fmt.Errorf("%w: %s beside %s", ErrConflict, text, w)
		}
		other.Qualifier = term.Qualifier
		if !other.same(term) {
			continue
		}
		if i > at && !term.Kind.Modifier() { // never read there (RFC 7208 5.1)
			return slices.Insert(slices.Delete(words, i, i+1), at, text), nil
		}
		if !means(w, text) {
			words[i] = text
		}
		return words, nil
	}
	if term.Kind.Modifier() {
		return append(words, text), nil
	}
	return slices.Insert(words, at, text), nil
}

// place returns where a new mechanism goes: before all, or else before the
// modifiers at the end.
func place(words []string) int {
	if i := slices.IndexFunc(words, isAll); i >= 0 {
		return i
	}
	i := len(words)
	for i > 0 {
		if t, f := parseTerm(words[i-1]); f != nil || !t.Kind.Modifier() {
			break
		}
		i--
	}
	return i
}

// end lets the record end as the edits say.
func (s *editSet) end(words []string) []string {
	if s.all == "" {
		return words
	}
	i := slices.IndexFunc(words, isAll)
	if i < 0 {
		return endIn(words, s.all)
	}
	if !means(words[i], s.all) {
		words[i] = s.all
	}
	rest := slices.DeleteFunc(slices.Clone(words[i+1:]), isAll)
	return append(words[:i+1], rest...)
}

// endIn adds all to a record without one. Its redirect would lose its effect
// (RFC 7208 6.1), so it becomes an include.
func endIn(words []string, all string) []string {
	at := place(words)
	var mechanisms, modifiers []string
	for i, w := range words {
		t, f := parseTerm(w)
		switch {
		case f == nil && t.Kind == Redirect:
			if inc := "include:" + t.Domain; !has(words, inc) {
				mechanisms = append(mechanisms, inc)
			}
		case i >= at:
			modifiers = append(modifiers, w)
		default:
			mechanisms = append(mechanisms, w)
		}
	}
	return append(append(mechanisms, all), modifiers...)
}

// isExp reports whether a word is an exp modifier.
func isExp(word string) bool {
	t, f := parseTerm(word)
	return f == nil && t.Kind == Exp
}

// isRedirect reports whether a word is a redirect modifier.
func isRedirect(word string) bool {
	t, f := parseTerm(word)
	return f == nil && t.Kind == Redirect
}

func isAll(word string) bool {
	if word == "" {
		return false
	}
	t, f := parseTerm(word)
	return f == nil && t.Kind == All
}

// means reports whether two words mean the same term.
func means(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if a == "" || b == "" {
		return false
	}
	t, f := parseTerm(a)
	u, g := parseTerm(b)
	return f == nil && g == nil && t.same(u)
}

func has(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return means(w, word) })
}

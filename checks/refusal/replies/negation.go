package replies

import "slices"

// A wording says nothing about the cause where it is denied: "the mailbox is
// not full", "no virus was found", "user unknown is not the reason".

// negations returns the words that deny what follows; faultWords those that say
// that something is wrong. Only a fault can be denied so: "no SPF record" is as
// much about SPF as "SPF record invalid".
func negations() map[string]bool  { return class("negation") }
func faultWords() map[string]bool { return class("fault") }
func fillers() map[string]bool    { return class("filler") }
func reasons() map[string]bool    { return class("reason") }

// determiners returns the words that say which one, which is no matter of a wording.
func determiners() map[string]bool { return class("determiner") }

// maxFillers is how many words may stand between a negation and what it denies.
const maxFillers = 2

// denied reports whether the text denies what the phrase says at a place in it.
func (p phrase) denied(w *wording, at span, gaps []span) bool {
	if w.notTheReason(at) {
		return true
	}
	if p.negative || !p.fault {
		return false
	}
	for i, g := range gaps {
		if short := p.parts[i+1].gap == maxShortGap; short && w.negatedWithin(g) || w.negatedBefore(g.end) {
			return true
		}
	}
	return w.negatedBefore(at.start)
}

// negatedWithin reports whether a word of the gap denies what follows.
func (w *wording) negatedWithin(g span) bool {
	return slices.ContainsFunc(w.stems[g.start:g.end], func(s string) bool { return negations()[s] })
}

// negatedBefore reports whether the word at i is denied by one before it in its
// clause.
func (w *wording) negatedBefore(i int) bool {
	for n := 1; n <= maxFillers+1 && i-n >= 0 && w.clauses[i-n] == w.clauses[i]; n++ {
		if negations()[w.stems[i-n]] {
			return true
		}
		if !fillers()[w.stems[i-n]] {
			return false
		}
	}
	return false
}

// maxAfter is how far behind a wording it is looked for what the text says of it.
const maxAfter = 5

// notTheReason reports whether the text says of a wording that it is not the
// reason: "user unknown is not the reason".
func (w *wording) notTheReason(at span) bool {
	not := false
	for i := at.end; i < min(len(w.stems), at.end+maxAfter) && w.clauses[i] == w.clauses[at.end-1]; i++ {
		if not && reasons()[w.stems[i]] {
			return true
		}
		not = not || negations()[w.stems[i]]
	}
	return false
}

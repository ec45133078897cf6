package replies

import "strings"

// phrase is one wording of a row: words in order. In its source
//
//   - stands for up to maxGap other words,
//   - for up to maxShortGap other words,
//     word~  for any word that starts so,
//     <name> for any word of that class of the vocabulary,
//     ?      at the start says that servers use the words for many things,
//     !      at the start that the words decide whatever else the reply says,
//     &      between two parts that they stand in any order, as with "+".
type phrase struct {
	strength strength
	parts    []part
	letters  int  // in all parts
	literal  bool // without classes
	fault    bool // one of its words says that something is wrong
	negative bool // it has a negation of its own
}

// part is the words between two gaps.
type part struct {
	gap    int // other words before it
	words  []word
	joined string // its letters
}

// word is what one word of a text must be.
type word struct {
	stem  string
	open  bool            // the text's word only starts so
	class map[string]bool // or is one of these
	price price
}

func (w word) fits(stem string) bool {
	switch {
	case w.class != nil:
		return w.class[stem]
	case w.open:
		return strings.HasPrefix(stem, w.stem)
	}
	return stem == w.stem
}

const (
	maxGap      = 40
	maxShortGap = 5
	// classLetters is what a word of a class counts.
	classLetters = 4
	// minJoined is the number of letters from which on a phrase is also found
	// where a screen or a logger broke its words.
	minJoined = 14
	// minNear is the number of words from which on a phrase is found with a
	// word changed, left out or added, wordsPerError how many words that takes.
	minNear       = 6
	wordsPerError = 6
	// costOfSubject is what a word counts as errors that says what a reply is about.
	costOfSubject = 4
)

// strength is what a phrase is worth.
type strength int

// The strengths of phrases, the weakest first.
const (
	weakPhrase     strength = iota - 1 // "?"
	plainPhrase                        // no mark
	decisivePhrase                     // "!"
)

func strengthOf(source string) strength {
	switch source[0] {
	case '?':
		return weakPhrase
	case '!':
		return decisivePhrase
	}
	return plainPhrase
}

var gapMarks = strings.NewReplacer("*", " * ", "+", " + ")

// newPhrase compiles the source of a phrase.
func newPhrase(source string) phrase {
	p := phrase{strength: strengthOf(source), literal: true}
	current := part{}
	end := func(gap int) {
		if len(current.words) > 0 {
			p.parts = append(p.parts, current)
		}
		current = part{gap: gap}
	}
	source = gapMarks.Replace(plain(strings.TrimLeft(source, "?!")))
	last := ""
	for _, token := range strings.Fields(source) {
		if last == "ip" && strings.HasPrefix(token, "address") {
			token = ofIP
		}
		last = token
		switch name, isClass := strings.CutPrefix(token, "<"); {
		case token == "*":
			end(maxGap)
		case token == "+":
			end(maxShortGap)
		case isClass:
			current.words = append(current.words, word{class: class(strings.TrimSuffix(name, ">"))})
			p.literal, p.letters = false, p.letters+classLetters
		default:
			p.letters += current.add(token)
		}
	}
	end(0)
	p.fault, p.negative = p.has(faultWords()), p.has(negations())
	return p
}

// has reports whether a word of the phrase is one of a class.
func (p phrase) has(class map[string]bool) bool {
	for _, t := range p.parts {
		for _, w := range t.words {
			if class[w.stem] || w.class != nil && within(w.class, class) {
				return true
			}
		}
	}
	return false
}

// within reports whether a class shares a word with another one.
func within(a, b map[string]bool) bool {
	for s := range a {
		if b[s] {
			return true
		}
	}
	return false
}

// add appends the words of a token, and returns how many letters they have.
func (t *part) add(token string) int {
	n := 0
	for _, f := range fields(token) {
		start, open := strings.CutSuffix(f, "~")
		w := word{stem: start, open: open}
		if !open {
			w.stem = stem(f)
		}
		w.price = priceOf(w.stem)
		t.words = append(t.words, w)
		t.joined += start
		n += len(start)
	}
	return n
}

// inOrder reports whether the words of the phrase stand in the text in order
// without being denied there, and where.
func (p phrase) inOrder(w *wording) (at span, ok bool) {
	at, stands, denied := p.find(w)
	return at, stands && !denied
}

// find finds the words of the phrase in order: where they are not denied, if
// there is such a place.
func (p phrase) find(w *wording) (at span, stands, denied bool) {
	if len(p.parts) == 0 {
		return span{}, false, false
	}
	for start := range w.stems {
		if !p.parts[0].at(w.stems[start:]) {
			continue
		}
		end, gaps, ok := p.follows(w, start+len(p.parts[0].words))
		if !ok {
			continue
		}
		if at = (span{start, end}); !p.denied(w, at, gaps) {
			return at, true, false
		}
		stands = true
	}
	return at, stands, stands
}

// span is a range of words of a text.
type span struct{ start, end int }

// overlaps reports whether two spans share a word.
func (s span) overlaps(t span) bool { return s.start < t.end && t.start < s.end }

// follows returns where the parts after the first end, each of them within its
// gap, and the gaps between them.
func (p phrase) follows(w *wording, at int) (end int, gaps []span, ok bool) {
	for _, t := range p.parts[1:] {
		n := t.within(w, at)
		if n < 0 {
			return 0, nil, false
		}
		gaps = append(gaps, span{at, n - len(t.words)})
		at = n
	}
	return at, gaps, true
}

// within returns where the part ends that follows at, -1 if it does not follow
// within its gap. A short gap ends with its clause.
func (t part) within(w *wording, at int) int {
	for skip := 0; skip <= t.gap && at+skip < len(w.stems); skip++ {
		if t.gap == maxShortGap && at > 0 && w.clauses[at+skip] != w.clauses[at-1] {
			return -1
		}
		if t.at(w.stems[at+skip:]) {
			return at + skip + len(t.words)
		}
	}
	return -1
}

// at reports whether the text starts with the words of the part.
func (t part) at(text []string) bool {
	if len(text) < len(t.words) {
		return false
	}
	for i, w := range t.words {
		if !w.fits(text[i]) {
			return false
		}
	}
	return true
}

// broken reports whether the letters of the phrase stand in the text although
// some words are broken in two, as a screen of 34 columns does.
func (p phrase) broken(w *wording) bool {
	if p.letters < minJoined || !p.literal {
		return false
	}
	at := 0
	for _, t := range p.parts {
		end := indexJoined(w, at, t.joined)
		if end < 0 {
			return false
		}
		at = end
	}
	return len(p.parts) > 0
}

// indexJoined returns the end of the letters in the text, from at on, where
// they start and end with a word.
func indexJoined(w *wording, at int, letters string) int {
	for at < len(w.letters) {
		i := strings.Index(w.letters[at:], letters)
		if i < 0 {
			return -1
		}
		start, end := at+i, at+i+len(letters)
		if w.edges[start] && w.edges[end] {
			return end
		}
		at = start + 1
	}
	return -1
}

// near reports whether a long phrase stands in the text but for a word in six: one
// that is changed, left out or added. A word that says what the reply is about is
// none of them: "due to DMARC policy" is not "due to security policy".
func (p phrase) near(w *wording) bool {
	if !p.literal || len(p.parts) != 1 || len(p.parts[0].words) < minNear ||
		strings.ContainsAny(p.parts[0].joined, "0123456789") {
		return false // a number that differs is another page or rule
	}
	words := p.parts[0].words
	budget := len(words) / wordsPerError
	row := make([]int, len(words)+1) // errors of words[:i] against the text that ends here
	for i, word := range words {
		row[i+1] = row[i] + word.price.errors
	}
	for at, t := range w.stems {
		price := w.prices[at]
		above := 0 // a match may start anywhere
		for i, word := range words {
			cost := above
			if !alike(t, word.stem) {
				cost = min(above+word.price.ofChange(price), row[i+1]+price.errors, row[i]+word.price.errors)
			}
			above, row[i+1] = row[i+1], cost
		}
		if row[len(words)] <= budget {
			return true
		}
	}
	return false
}

// price is what a word counts where it is not the expected one.
type price struct {
	errors int  // to leave it out or to add it
	denies bool // it says no, as others do
}

func priceOf(stem string) price {
	p := price{costOfSubject, class("denies")[stem]}
	if fillers()[stem] || determiners()[stem] {
		p.errors = 1
	}
	return p
}

// ofChange returns how many errors it is to write one word for another.
func (p price) ofChange(other price) int {
	if p.denies && other.denies {
		return 1
	}
	return max(p.errors, other.errors)
}

// minAlike is the length from which on a word with one wrong letter is the
// same word.
const minAlike = 6

func alike(a, b string) bool {
	if a == b {
		return true
	}
	if len(a) < minAlike || len(b) < minAlike || len(a)-len(b) > 1 || len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) == len(b):
		return a[i+1:] == b[i+1:]
	case len(a) > len(b):
		return a[i+1:] == b[i:]
	}
	return a[i:] == b[i+1:]
}

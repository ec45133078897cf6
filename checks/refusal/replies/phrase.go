package replies

import "strings"

// phrase is one wording of a row: words in order. "*" in its source stands for
// up to maxGap other words, and "~" at the end of a word for any ending. "?" at
// its start says that servers use the words for many things, "!" that they
// decide whatever else the reply says.
type phrase struct {
	strength strength
	parts    [][]string // stems, between the gaps
	joined   []string   // the letters of each part
	letters  int        // in all parts
}

const (
	// maxGap is the number of words that "*" may stand for.
	maxGap = 40
	// minJoined is the number of letters from which on a phrase is also found
	// where a screen or a logger broke its words.
	minJoined = 14
	// minNear is the number of words from which on a phrase is found with a
	// word changed, left out or added, wordsPerError how many words that takes.
	minNear       = 6
	wordsPerError = 6
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

// newPhrase compiles the source of a phrase.
func newPhrase(source string) phrase {
	p := phrase{strength: strengthOf(source)}
	for part := range strings.SplitSeq(source, "*") {
		words := fields(part)
		if len(words) == 0 {
			continue
		}
		var stems []string
		for _, w := range words {
			if strings.HasSuffix(w, "~") {
				stems = append(stems, w)
			} else {
				stems = append(stems, stem(w))
			}
		}
		joined := strings.ReplaceAll(strings.Join(words, ""), "~", "")
		p.parts = append(p.parts, stems)
		p.joined = append(p.joined, joined)
		p.letters += len(joined)
	}
	return p
}

// inOrder reports whether the words of the phrase stand in the text in order.
func (p phrase) inOrder(w *wording) bool {
	at := 0
	for i, part := range p.parts {
		last := len(w.stems)
		if i > 0 {
			last = min(last, at+maxGap+len(part))
		}
		j := indexWords(w.stems[at:last], part)
		if j < 0 {
			return false
		}
		at += j + len(part)
	}
	return len(p.parts) > 0
}

func indexWords(text, words []string) int {
	for i := 0; i+len(words) <= len(text); i++ {
		if sameWords(text[i:], words) {
			return i
		}
	}
	return -1
}

func sameWords(text, words []string) bool {
	for i, w := range words {
		if start, ok := strings.CutSuffix(w, "~"); ok && strings.HasPrefix(text[i], start) {
			continue
		}
		if text[i] != w {
			return false
		}
	}
	return true
}

// broken reports whether the letters of the phrase stand in the text although
// some words are broken in two, as a screen of 34 columns does.
func (p phrase) broken(w *wording) bool {
	if p.letters < minJoined {
		return false
	}
	at := 0
	for _, part := range p.joined {
		end := indexJoined(w, at, part)
		if end < 0 {
			return false
		}
		at = end
	}
	return len(p.joined) > 0
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

// near reports whether a long phrase stands in the text but for a word in five:
// one that is changed, left out or added.
func (p phrase) near(w *wording) bool {
	if len(p.parts) != 1 || len(p.parts[0]) < minNear || strings.ContainsAny(p.joined[0], "0123456789") {
		return false // a number that differs is another page or rule
	}
	words := p.parts[0]
	budget := len(words) / wordsPerError
	row := make([]int, len(words)+1) // errors of words[:i] against the text that ends here
	for i := range row {
		row[i] = i
	}
	for _, t := range w.stems {
		above := 0 // a match may start anywhere
		for i, word := range words {
			cost := above
			if !alike(t, word) {
				cost = 1 + min(above, row[i+1], row[i])
			}
			above, row[i+1] = row[i+1], cost
		}
		if row[len(words)] <= budget {
			return true
		}
	}
	return false
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

// Package leak decides whether a text that someone else wrote may repeat a
// secret: as it is, in pieces, in another case or spelling, or encoded, also
// several times over. It never says where: what may hold a secret is withheld
// as a whole.
package leak

import (
	"encoding/base64"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A part of the secret counts as much as the whole. These bound how long a part
// must be: half of the secret, but not less than can stand in a text by chance.
const (
	minPart = 4
	maxPart = 12
)

// Bounds on the work. Over them a text counts as one that holds the secret.
const (
	maxText  = 8 << 10   // bytes; an honest reply has some hundred
	maxForms = 8000      // decoded forms of one text
	maxBytes = 512 << 10 // of all forms
	maxDepth = 3         // encodings over one another
)

// Detector finds one secret. It has no text form.
type Detector struct {
	words, signs parts  // of the secret without and with its punctuation
	coded        parts  // of its base64 in one case, which cannot be decoded
	short, raw   string // a secret that is too short for parts, folded and as it is
}

// NewDetector returns a detector of a secret.
func NewDetector(secret string) Detector {
	words, signs := fold(secret)
	d := Detector{words: partsOf(words), signs: partsOf(signs)}
	if d.words.length == 0 && d.signs.length == 0 {
		d.short, d.raw = signs, secret
		return d
	}
	d.coded = codedParts(secret)
	return d
}

// In reports whether a text may hold the secret.
func (d Detector) In(text string) bool {
	switch {
	case text == "" || d.short == "" && d.words.length == 0 && d.signs.length == 0:
		return false
	case len(text) > maxText:
		return true
	case d.short != "":
		return d.alone(text)
	}
	w := work{seen: map[string]bool{}}
	w.add(text)
	for depth := range maxDepth {
		for _, form := range w.take() {
			if d.shows(form.text) || d.packed(form.text, &w, depth == 0) || form.turned < 2 && d.inRadix(form.text, &w, form.turned == 0) {
				return true
			}
			for _, unescape := range unescapes() {
				w.add(unescape(form.text))
			}
			if form.turned == 0 {
				initials, singles := spelled(form.text)
				w.add(initials)
				w.add(singles)
			}
			if form.turned < 2 {
				w.addTurned(form)
			}
		}
		if len(w.seen) > maxForms || w.size > maxBytes {
			return true
		}
	}
	return slices.ContainsFunc(w.take(), func(f form) bool { return d.shows(f.text) })
}

// packed looks at the bytes that a text may stand for, as UTF-16 too if asked,
// and leaves the text in them as work.
func (d Detector) packed(form string, w *work, utf16 bool) bool {
	for raw := range unpacked(form) {
		if d.shows(raw) || utf16 && (d.shows(wide(raw, 0, 1)) || d.shows(wide(raw, 1, 0))) {
			return true
		}
		w.add(readable(raw))
		for text := range inflated(raw) {
			if d.shows(text) {
				return true
			}
			w.add(readable(text))
		}
	}
	return false
}

// inRadix is packed for bases that are no power of two, and for compressed words. It
// leaves work if asked.
func (d Detector) inRadix(form string, w *work, deep bool) bool {
	for _, ways := range []iter.Seq[string]{grouped(form), wholes(form)} {
		for raw := range ways {
			if d.shows(raw) {
				return true
			}
			if deep {
				w.add(readable(raw))
			}
		}
	}
	return false
}

// form is what a text may stand for. One that was turned (backward, in ROT13 or
// with gaps) is turned once more at most.
type form struct {
	text   string
	turned int
}

// work holds the forms of a text that are still to be looked at.
type work struct {
	seen map[string]bool
	next []form
	size int
}

func (w *work) add(text string) { w.put(form{text, 0}) }

func (w *work) put(f form) {
	if f.text != "" && !w.seen[f.text] {
		w.seen[f.text] = true
		w.next = append(w.next, f)
		w.size += len(f.text)
	}
}

// addTurned adds a text backward, in ROT13 and ROT47, with neighbors swapped, in
// compatibility characters, and without other characters in between.
func (w *work) addTurned(f form) {
	turn := func(text string) { w.put(form{text, f.turned + 1}) }
	_, signs := fold(f.text)
	turn(backward(f.text))
	turn(strings.Map(rot13, f.text))
	turn(strings.Map(rot47, f.text))
	turn(swapped(f.text, 0))
	turn(swapped(f.text, 1))
	turn(norm.NFKD.String(latin1(f.text)))
	for _, text := range []string{f.text, signs} {
		for stride := 2; stride <= 3; stride++ {
			for from := range stride {
				turn(every(text, from, stride))
			}
		}
	}
}

func (w *work) take() []form {
	list := w.next
	w.next = nil
	return list
}

// shows reports whether a text holds a part of the secret without decoding.
func (d Detector) shows(text string) bool {
	words, signs := fold(text)
	return d.words.in(words) || d.signs.in(signs) || d.coded.in(words)
}

// alone reports whether a short secret is a word of the text. Within words it is
// found by chance: every reply has an "a".
func (d Detector) alone(text string) bool {
	for _, word := range strings.Fields(text) {
		if d.apart(word) {
			return true
		}
		for _, unescape := range unescapes() {
			if d.apart(unescape(word)) {
				return true
			}
		}
		for _, a := range alphabets {
			raw := pack(valuesOf(word, a.symbols, a.fold), a.bits)
			_, last, found := strings.Cut(strings.TrimPrefix(raw, "\x00"), "\x00") // SASL PLAIN, RFC 4616 2
			if len(word) >= minPart && (raw == d.raw || found && last == d.raw) {
				return true
			}
		}
	}
	return false
}

// apart reports whether the short secret is in a word without a letter or digit
// next to it.
func (d Detector) apart(word string) bool {
	_, signs := fold(word)
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for from := 0; ; {
		i := strings.Index(signs[from:], d.short)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(signs[:from+i])
		after, _ := utf8.DecodeRuneInString(signs[from+i+len(d.short):])
		if !letter(before) && !letter(after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(signs[from+i:])
		from += i + size
	}
}

// codedLength is how much base64 counts as a part: as many bits as minPart
// characters and more, since case is lost.
const codedLength = 10

// codedParts returns the parts of a secret in base64, at each offset, also as
// UTF-16.
func codedParts(secret string) parts {
	wide := make([]byte, 0, 2*len(secret))
	for _, u := range utf16.Encode([]rune(secret)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	p := newParts(codedLength)
	for _, raw := range []string{secret, string(wide)} {
		for offset := range 3 {
			words, _ := fold(base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + raw)))
			skip := min(2*offset, len(words)) // what the neighbors decide
			p.add(words[skip:])
		}
	}
	return p
}

// parts are all parts of a secret of one length, forward and backward.
type parts struct {
	length int // in runes; 0: the secret is too short
	set    map[string]bool
	starts *[256]bool // the first bytes of set
}

func newParts(length int) parts { return parts{length, map[string]bool{}, new([256]bool)} }

func partsOf(s string) parts {
	n := utf8.RuneCountInString(s)
	if n < minPart {
		return parts{}
	}
	p := newParts(min(max(n/2, minPart), maxPart))
	p.add(s)
	return p
}

func (p parts) add(s string) {
	runes := []rune(s)
	for i := range len(runes) - p.length + 1 {
		part := string(runes[i : i+p.length])
		for _, way := range []string{part, backward(part)} {
			p.set[way], p.starts[way[0]] = true, true
		}
	}
}

func (p parts) in(text string) bool {
	if p.length == 0 {
		return false
	}
	end := 0 // of the part that starts at i
	for range p.length {
		if end == len(text) {
			return false
		}
		end = next(text, end)
	}
	for i := 0; ; i, end = next(text, i), next(text, end) {
		if p.starts[text[i]] && p.set[text[i:end]] {
			return true
		}
		if end == len(text) {
			return false
		}
	}
}

// next returns where the character after the one at i starts.
func next(text string, i int) int {
	if text[i] < utf8.RuneSelf {
		return i + 1
	}
	_, n := utf8.DecodeRuneInString(text[i:])
	return i + n
}

// fold writes a text in the form in which it is compared: compatibility forms
// taken apart, without marks, in lower case, and without what separates. words
// has letters and digits only, signs the punctuation too. A byte that is not
// UTF-8 counts as Latin-1.
func fold(s string) (words, signs string) {
	known := folded()
	w, g := make([]byte, 0, len(s)), make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			r = rune(s[i])
		}
		i += n
		var f folding
		if int(r) < len(known) {
			f = known[r]
		} else {
			f = foldRune(r)
		}
		w, g = append(w, f.words...), append(g, f.signs...)
	}
	return string(w), string(g)
}

// folding is what a character is folded to.
type folding struct{ words, signs string }

// folded are the foldings of Latin-1, of which most forms are made.
var folded = sync.OnceValue(func() *[256]folding {
	list := new([256]folding)
	for r := range list {
		list[r] = foldRune(rune(r))
	}
	return list
})

// foldRune folds a character. Its neighbors make no difference: what they could change
// is the order of marks, which are left out.
func foldRune(r rune) (f folding) {
	for _, r := range norm.NFKD.String(string(r)) {
		switch {
		case r == 'ß' || r == 'ẞ':
			f.words, f.signs = f.words+"ss", f.signs+"ss"
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			r = unicode.ToLower(unicode.ToUpper(r))
			f.words, f.signs = f.words+string(r), f.signs+string(r)
		case unicode.IsPunct(r) || unicode.IsSymbol(r):
			f.signs += string(r)
		}
	}
	return f
}

func latin1(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			r = rune(s[i])
		}
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

func backward(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i := len(runes) - 1; i >= 0; i-- {
		b.WriteRune(runes[i])
	}
	return b.String()
}

func rot13(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return 'a' + (r-'a'+13)%26
	case r >= 'A' && r <= 'Z':
		return 'A' + (r-'A'+13)%26
	}
	return r
}

func rot47(r rune) rune {
	const first, count = '!', '~' - '!' + 1
	if r >= first && r < first+count {
		return first + (r-first+count/2)%count
	}
	return r
}

// swapped exchanges each two neighbors.
func swapped(s string, from int) string {
	runes := []rune(s)
	for i := from; i+1 < len(runes); i += 2 {
		runes[i], runes[i+1] = runes[i+1], runes[i]
	}
	return string(runes)
}

func every(s string, from, stride int) string {
	var b strings.Builder
	i := 0
	for _, r := range s {
		if i >= from && (i-from)%stride == 0 {
			b.WriteRune(r)
		}
		i++
	}
	return b.String()
}

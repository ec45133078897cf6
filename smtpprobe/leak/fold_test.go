package leak

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foldWhole folds a text as a whole.
func foldWhole(s string) (words, signs string) {
	var w, g strings.Builder
	for _, r := range norm.NFKD.String(latin1(s)) {
		switch {
		case r == 'ß' || r == 'ẞ':
			w.WriteString("ss")
			g.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			r = unicode.ToLower(unicode.ToUpper(r))
			w.WriteRune(r)
			g.WriteRune(r)
		case unicode.IsPunct(r) || unicode.IsSymbol(r):
			g.WriteRune(r)
		}
	}
	return w.String(), g.String()
}

// Each character by itself is folded as in any text: of all characters, of bytes at
// random, and of runs of marks that change places.
func TestFoldByCharacter(t *testing.T) {
	same := func(s string) {
		words, signs := fold(s)
		if w, g := foldWhole(s); words != w || signs != g {
			t.Fatalf("%+q: %+q %+q, as a whole %+q %+q", s, words, signs, w, g)
		}
	}
	for r := range rune(unicode.MaxRune + 1) {
		same("a" + string(r) + "\u0323b\u0301")
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		b := make([]byte, rnd.IntN(40))
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		same(string(b))
		var s strings.Builder
		for range rnd.IntN(40) {
			s.WriteRune(rune(rnd.IntN(unicode.MaxRune)))
		}
		same(s.String())
	}
	same("e" + strings.Repeat("\u0301\u0323", 40) + "f")
}

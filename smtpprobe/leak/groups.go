package leak

import (
	"compress/flate"
	"io"
	"iter"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

// radixes are the ways to write some bytes as some digits of a base that is no power
// of two: Ascii85, that of RFC 1924 (Python, Git), Z85 (ZeroMQ), and RFC 9285.
var radixes = []struct {
	symbols       string
	digits, bytes int
	little        bool // the first digit counts least
}{
	{"!\"#$%&'()*+,-./" + digits + ":;<=>?@" + upper + "[\\]^_`abcdefghijklmnopqrstu", 5, 4, false},
	{digits + upper + lower + "!#$%&()*+-;<=>?@^_`{|}~", 5, 4, false},
	{digits + lower + upper + ".-:+=^!/*?&<>()[]{}@%$#", 5, 4, false},
	{digits + upper + " $%*+-./:", 3, 2, true},
}

// grouped returns the bytes that a text may stand for in one of the radixes. Groups
// may start anywhere.
func grouped(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range radixes {
			values := valuesOf(s, r.symbols, false)
			for from := range min(r.digits, len(values)) {
				var out []byte
				for group := range slices.Chunk(values[from:], r.digits) {
					out = append(out, groupOf(group, len(r.symbols), r.digits, r.bytes, r.little)...)
				}
				if !yield(string(out)) {
					return
				}
			}
		}
	}
}

// groupOf returns the bytes of one group of digits. The last one may be short.
func groupOf(group []byte, base, digits, size int, little bool) []byte {
	n := uint64(0)
	for i := range digits {
		v := uint64(base - 1) // what is missing, RFC 1924 aside, is filled up
		switch {
		case i < len(group) && little:
			v = uint64(group[len(group)-1-i])
		case i < len(group):
			v = uint64(group[i])
		case little:
			continue
		}
		n = n*uint64(base) + v
	}
	out := make([]byte, size)
	for i := range out {
		out[size-1-i] = byte(n >> (8 * i))
	}
	if missing := digits - len(group); !little && missing > 0 {
		out = out[:max(size-missing, 0)]
	}
	return out
}

// figures are the digits of numbers that stand for all bytes of a word.
var figures = []string{
	"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", // Bitcoin
	"123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ", // Flickr
	digits + upper + lower, digits + lower + upper, digits + lower, digits,
}

// maxNumber is the length of a word that is read as one number.
const maxNumber = 400

// wholes returns the bytes that each word of a text is as one number, and what each is
// as compressed data in base64.
func wholes(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, word := range strings.Fields(s) {
			word = strings.Trim(word, `.,;:()<>"'[]`)
			if raw := pack(valuesOf(word, alphabets[0].symbols, false), alphabets[0].bits); len(raw) > maxPart {
				if text := inflate(raw); text != "" && !yield(text) { // raw: nothing shows where it begins
					return
				}
			}
			for _, symbols := range figures {
				if raw, ok := wholeOf(word, symbols); ok && !yield(raw) {
					return
				}
			}
		}
	}
}

func wholeOf(word, symbols string) (string, bool) {
	if len(word) < minPart || len(word) > maxNumber {
		return "", false
	}
	n, base := new(big.Int), big.NewInt(int64(len(symbols)))
	for i := range len(word) {
		v := strings.IndexByte(symbols, word[i])
		if v < 0 {
			return "", false
		}
		n.Add(n.Mul(n, base), big.NewInt(int64(v)))
	}
	return string(n.Bytes()), true
}

// maxInflated bounds what is unpacked of compressed data.
const maxInflated = 16 << 10

// inflated returns what is compressed in bytes: gzip (RFC 1952 2.3.1, without optional
// fields) and zlib (RFC 1950 2.2), wherever they begin.
func inflated(raw string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, head := range []struct {
			magic string
			size  int
		}{{"\x1f\x8b\x08\x00", 10}, {"\x78\x01", 2}, {"\x78\x5e", 2}, {"\x78\x9c", 2}, {"\x78\xda", 2}} {
			if i := strings.Index(raw, head.magic); i >= 0 && len(raw) > i+head.size {
				if text := inflate(raw[i+head.size:]); len(text) >= minPart && !yield(text) {
					return
				}
			}
		}
	}
}

// inflate undoes DEFLATE (RFC 1951), as far as it goes.
func inflate(raw string) string {
	text, _ := io.ReadAll(io.LimitReader(flate.NewReader(strings.NewReader(raw)), maxInflated)) // what came before an error counts
	return string(text)
}

// spoken are the words for characters that are no letters.
var spoken = strings.Fields("zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 plus + minus - dash - hyphen - slash / backslash \\ equals = equal = " +
	"underscore _ dot . period . point . comma , colon : semicolon ; at @ hash # pound # dollar $ euro € percent % ampersand & and & asterisk * star * exclamation ! bang ! " +
	"question ? tilde ~ caret ^ pipe | quote \" apostrophe ' less < greater >")

// spelled reads a text that spells another one: by the first letters of its words and
// the names of other characters ("Zulu quebec seven"), or by single characters
// between words ("Z, then q, then 7").
func spelled(s string) (initials, singles string) {
	var first, single strings.Builder
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == ',' }) {
		r, size := utf8.DecodeRuneInString(word)
		if i := slices.Index(spoken, strings.ToLower(word)); i >= 0 && i%2 == 0 {
			r, _ = utf8.DecodeRuneInString(spoken[i+1])
		} else if bare := strings.Trim(word, `.;:()<>"'`); size == len(word) || utf8.RuneCountInString(bare) == 1 {
			if size < len(word) {
				r, _ = utf8.DecodeRuneInString(bare)
			}
			single.WriteRune(r)
		}
		first.WriteRune(r)
	}
	return first.String(), single.String()
}

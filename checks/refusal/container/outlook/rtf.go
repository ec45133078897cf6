package outlook

import (
	"encoding/binary"
	"strconv"
	"strings"

	"maildiag/checks/refusal/message/eml/charset"
)

// The header of compressed RTF. [MS-OXRTFCP] 2.1.3.1
const (
	rtfHeader     = 16
	rtfCompressed = 0x75465a4c // "LZFu"
	rtfPlain      = 0x414c454d // "MELA"
	dictionary    = 4096
	maxRTF        = 4 << 20
)

// prefilled is what the dictionary holds at the start. [MS-OXRTFCP] 2.1.2.1
const prefilled = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}" +
	"{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier" +
	"{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

// decompressRTF undoes the compression of PidTagRtfCompressed, as far as the
// input goes. [MS-OXRTFCP] 3.1.3
func decompressRTF(b []byte) []byte {
	if len(b) < rtfHeader {
		return nil
	}
	size := int(min(binary.LittleEndian.Uint32(b[4:]), maxRTF))
	switch binary.LittleEndian.Uint32(b[8:]) {
	case rtfPlain:
		return b[rtfHeader:min(len(b), rtfHeader+size)]
	case rtfCompressed:
		return inflateRTF(b[rtfHeader:], size)
	}
	return nil
}

func inflateRTF(b []byte, size int) []byte {
	var dict [dictionary]byte
	at := copy(dict[:], prefilled)
	out := make([]byte, 0, min(size, 8*len(b)+1))
	put := func(c byte) {
		out = append(out, c)
		dict[at] = c
		at = (at + 1) % dictionary
	}
	for len(b) > 0 && len(out) < size {
		control := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(b) > 0 && len(out) < size; bit++ {
			if control>>bit&1 == 0 {
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			ref := binary.BigEndian.Uint16(b)
			b = b[2:]
			from, n := int(ref>>4), int(ref&15)+2
			if from == at {
				return out // the mark of the end
			}
			for i := range n {
				put(dict[(from+i)%dictionary])
			}
		}
	}
	return out[:min(len(out), size)]
}

// rtfReader takes the text out of RTF. It knows only what text needs: line
// ends, escaped bytes, and which groups hold no text.
type rtfReader struct {
	in     string
	page   int
	out    strings.Builder
	hidden []bool // for each open group
}

// hiddenGroups start with a destination that is not text.
var hiddenGroups = map[string]bool{
	"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "generator": true,
	"listtable": true, "listoverridetable": true, "themedata": true, "object": true, "htmltag": true,
}

// maxGroups bounds the nesting of groups.
const maxGroups = 1000

func rtfText(rtf []byte, page int) string {
	r := &rtfReader{in: string(rtf), page: page, hidden: []bool{false}}
	for len(r.in) > 0 && len(r.hidden) < maxGroups {
		r.next()
	}
	return r.out.String()
}

func (r *rtfReader) shown() bool { return !r.hidden[len(r.hidden)-1] }

func (r *rtfReader) emit(s string) {
	if r.shown() {
		r.out.WriteString(s)
	}
}

func (r *rtfReader) next() {
	c := r.in[0]
	switch c {
	case '{':
		r.hidden = append(r.hidden, !r.shown())
	case '}':
		if len(r.hidden) > 1 {
			r.hidden = r.hidden[:len(r.hidden)-1]
		}
	case '\\':
		r.in = r.in[1:]
		r.control()
		return
	case '\r', '\n':
	default:
		r.emit(string(rune(c)))
	}
	r.in = r.in[1:]
}

// control reads what follows a backslash.
func (r *rtfReader) control() {
	if r.in == "" {
		return
	}
	c := r.in[0]
	switch {
	case c >= 'a' && c <= 'z':
		r.word()
		return
	case c == '\'' && len(r.in) >= 3:
		if n, err := strconv.ParseUint(r.in[1:3], 16, 8); err == nil {
			r.emit(charset.Page([]byte{byte(n)}, r.page))
		}
		r.in = r.in[3:]
		return
	case c == '*':
		r.hidden[len(r.hidden)-1] = true // a destination that may be skipped
	case c == '~':
		r.emit(" ")
	case c == '\\', c == '{', c == '}':
		r.emit(string(rune(c)))
	}
	r.in = r.in[1:]
}

// word reads a control word with its number, and a blank behind it.
func (r *rtfReader) word() {
	i := 0
	for i < len(r.in) && r.in[i] >= 'a' && r.in[i] <= 'z' {
		i++
	}
	name := r.in[:i]
	j := i
	for j < len(r.in) && (r.in[j] >= '0' && r.in[j] <= '9' || j == i && r.in[j] == '-') {
		j++
	}
	number, _ := strconv.Atoi(r.in[i:j])
	r.in = strings.TrimPrefix(r.in[j:], " ")
	switch name {
	case "par", "line":
		r.emit("\n")
	case "tab", "cell":
		r.emit("\t")
	case "u":
		r.emit(string(rune(uint16(int16(number)))))
		r.in = strings.TrimPrefix(r.in, "?")
	default:
		if hiddenGroups[name] {
			r.hidden[len(r.hidden)-1] = true
		}
	}
}

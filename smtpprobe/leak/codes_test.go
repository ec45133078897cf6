package leak

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// moreMangles are ways that programs and programmers write bytes; they are not laid
// one over the other.
func moreMangles() map[string]func(string) string {
	bytewise := func(form func(b byte) string) func(string) string {
		return func(s string) string {
			var out strings.Builder
			for i := range len(s) {
				out.WriteString(form(s[i]))
			}
			return out.String()
		}
	}
	written := func(format string) func(string) string {
		return bytewise(func(b byte) string { return fmt.Sprintf(format, b) })
	}
	return map[string]func(string) string{
		"binary": written("%08b"), "binary apart": written("%08b "), "octal": written("%o "), "octal with 0": written("0%o,"), "decimal, three digits": written("%03d"),
		"Basic": written("Chr(%d) & "), "PowerShell": written("[char]%d+"), "SQL": written("CHAR(0x%02x)||"), "objects": written(`{"c":%d},`), "Go": written("%d "),
		"UTF-16 in hex": written("%04x"), "UTF-32 in hex": written("%08x"), "code points": written("U+%04X "), "DNS": written(`\%03d`), "LDAP": written(`\%02x`),
		"CSS": written(`\%06x`), "elements": written("<b>%c</b>"), "double percent": written("%%25%02X"), "JavaScript": func(s string) string { return "fromCharCode(" + written("%d,")(s) + ")" },
		"tags":     bytewise(func(b byte) string { return string(rune(0xe0000 + int(b))) }),
		"Braille":  bytewise(func(b byte) string { return string(rune(0x2800 + int(b))) }),
		"hex dump": func(s string) string { return hex.Dump([]byte(s)) },
		"uuencode": func(s string) string {
			const alphabet = "`!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
			return base64.NewEncoding(alphabet).WithPadding(base64.NoPadding).EncodeToString([]byte(s))
		},
		"ROT47": func(s string) string { return strings.Map(rot47, s) },
		"pairs": func(s string) string { return swapped(s, 0) },
		"two codes": func(s string) string {
			return base64.StdEncoding.EncodeToString([]byte(s[:len(s)/2])) + " " + hex.EncodeToString([]byte(s[len(s)/2:]))
		},
	}
}

// Row 6 of issue 16: nor do lists of codes, dumps and other alphabets get by.
func TestRow06_Codes(t *testing.T) {
	for _, secret := range []string{"Zq7+Xk9/Wv3=tr&U%mL", "Tr0ub4dor", "hunter2hunter", "abcd$efgh ijkl"} {
		d := NewDetector(secret)
		for name, mangle := range moreMangles() {
			for _, frame := range []string{"%s", "5.7.3 wrong password: %s"} {
				if text := fmt.Sprintf(frame, mangle(secret)); !d.In(text) {
					t.Errorf("%s of %q gets by: %q", name, secret, text)
				}
			}
		}
	}
}

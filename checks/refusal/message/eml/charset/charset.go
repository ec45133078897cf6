// Package charset decodes the character sets of mail, by their names in MIME
// and by the code pages of Outlook.
package charset

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// The code pages that decide how a text is read.
const (
	western     = 1252
	iso8859     = 28590 // plus the number of the part
	iso2022JP   = 50220
	iso2022JP50 = 50222
)

// pages are the 8-bit code pages.
var pages = map[int]encoding.Encoding{
	437: charmap.CodePage437, 850: charmap.CodePage850, 852: charmap.CodePage852, 866: charmap.CodePage866,
	874: charmap.Windows874, 932: japanese.ShiftJIS, 936: simplifiedchinese.GBK, 949: korean.EUCKR,
	950: traditionalchinese.Big5, 1250: charmap.Windows1250, 1251: charmap.Windows1251, western: charmap.Windows1252,
	1253: charmap.Windows1253, 1254: charmap.Windows1254, 1255: charmap.Windows1255,
	1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
	20866: charmap.KOI8R, 20932: japanese.EUCJP, 21866: charmap.KOI8U, 28592: charmap.ISO8859_2,
	28593: charmap.ISO8859_3, 28594: charmap.ISO8859_4, 28595: charmap.ISO8859_5, 28596: charmap.ISO8859_6,
	28597: charmap.ISO8859_7, 28598: charmap.ISO8859_8, 28599: charmap.ISO8859_9, 28605: charmap.ISO8859_15,
	iso2022JP: japanese.ISO2022JP, iso2022JP50: japanese.ISO2022JP, 51932: japanese.EUCJP, 51949: korean.EUCKR,
	54936: simplifiedchinese.GB18030,
}

// names are the code pages of MIME names that do not hold a number.
var names = map[string]int{
	"latin1": western, "iso-2022-jp": iso2022JP, "shift_jis": 932, "shift-jis": 932, "sjis": 932, "31j": 932,
	"euc-jp": 51932, "gb2312": 936, "gbk": 936, "gb18030": 54936, "big5": 950, "big5-hkscs": 950, "euc-kr": 51949,
	"ks_c_5601-1987": 949, "koi8-r": 20866, "koi8-u": 21866,
}

// named returns the code page of a MIME name, in any case, 0 if it is not known.
func named(name string) int {
	name = strings.ToLower(strings.Trim(name, "\" "))
	for _, prefix := range []string{"windows-", "cp", "ibm"} {
		if n, ok := strings.CutPrefix(name, prefix); ok {
			name = n
		}
	}
	if part, ok := strings.CutPrefix(name, "iso-8859-"); ok {
		n, _ := strconv.Atoi(part)
		if n == 1 {
			return western
		}
		return iso8859 + n
	}
	if n, err := strconv.Atoi(name); err == nil {
		return n
	}
	return names[name]
}

// Page decodes text of a code page. Text that is UTF-8 already stays as it is,
// whatever page it claims; an unknown page is read as Windows-1252.
func Page(b []byte, n int) string {
	if utf8.Valid(b) && n != iso2022JP && n != iso2022JP50 { // ISO-2022-JP is 7-bit
		return string(b)
	}
	enc, ok := pages[n]
	if !ok {
		enc = charmap.Windows1252
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return string(b)
	}
	return string(out)
}

// Known reports whether text with a MIME name can be decoded.
func Known(name string) bool { return pages[named(name)] != nil }

// Text decodes text with a MIME name; with one that is not known it stays as it
// is.
func Text(b []byte, name string) string {
	if !Known(name) {
		return string(b)
	}
	return Page(b, named(name))
}

// Reader decodes encoded words (RFC 2047).
func Reader(name string, r io.Reader) (io.Reader, error) {
	if !Known(name) {
		return nil, errors.New("unknown charset " + name)
	}
	b, err := io.ReadAll(r)
	return bytes.NewReader([]byte(Page(b, named(name)))), err
}

// LooseReader is Reader, but keeps the ASCII characters of what is not known.
func LooseReader(name string, r io.Reader) (io.Reader, error) {
	if out, err := Reader(name, r); err == nil {
		return out, nil
	}
	b, err := io.ReadAll(r)
	return bytes.NewReader(bytes.Map(func(c rune) rune {
		if c >= utf8.RuneSelf {
			return '?'
		}
		return c
	}, b)), err
}

package outlook

import (
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// pages are the 8-bit code pages that Outlook writes.
var pages = map[int]encoding.Encoding{
	437: charmap.CodePage437, 850: charmap.CodePage850, 852: charmap.CodePage852, 866: charmap.CodePage866,
	874: charmap.Windows874, 932: japanese.ShiftJIS, 936: simplifiedchinese.GBK, 949: korean.EUCKR,
	950: traditionalchinese.Big5, 1250: charmap.Windows1250, 1251: charmap.Windows1251,
	1253: charmap.Windows1253, 1254: charmap.Windows1254, 1255: charmap.Windows1255,
	1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
	20866: charmap.KOI8R, 20932: japanese.EUCJP, 21866: charmap.KOI8U, 28592: charmap.ISO8859_2,
	28593: charmap.ISO8859_3, 28594: charmap.ISO8859_4, 28595: charmap.ISO8859_5, 28596: charmap.ISO8859_6,
	28597: charmap.ISO8859_7, 28598: charmap.ISO8859_8, 28599: charmap.ISO8859_9, 28605: charmap.ISO8859_15,
	50220: japanese.ISO2022JP, 50222: japanese.ISO2022JP, 51932: japanese.EUCJP, 51949: korean.EUCKR,
	54936: simplifiedchinese.GB18030,
}

// codepageText decodes 8-bit text. Text that is UTF-8 already stays as it is,
// whatever page it claims; an unknown page is read as Windows-1252.
func codepageText(b []byte, page int) string {
	enc, ok := pages[page]
	if utf8.Valid(b) && page != 50220 && page != 50222 { // ISO-2022-JP is 7-bit
		return string(b)
	}
	if !ok {
		enc = charmap.Windows1252
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return string(b)
	}
	return string(out)
}

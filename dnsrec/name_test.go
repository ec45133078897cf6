package dnsrec_test

import (
	"cmp"
	"errors"
	"strings"
	"testing"

	"maildiag/dnsrec"
)

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"": "", ".": ".", "Contoso.COM.": "contoso.com", "contoso.com": "contoso.com", "MÜNCHEN.test": "mÜnchen.test",
		`a\.`: `a\.`, `a\..`: `a\.`, `A\\.`: `a\\`, "\u212a.test": "\u212a.test", // the Kelvin sign is not ASCII
	} {
		if got := dnsrec.Canonical(in); got != want || dnsrec.Canonical(got) != want {
			t.Errorf("%q: %q, want %q, again %q", in, got, want, dnsrec.Canonical(got))
		}
	}
}

func TestParseDomain(t *testing.T) {
	for _, tc := range []struct{ in, ascii, unicode string }{
		{"contoso.com", "contoso.com", ""},
		{" Contoso.COM. ", "contoso.com", ""},
		{"user@contoso.com", "contoso.com", ""},
		{"mailto:user@contoso.com", "contoso.com", ""},
		{"\"odd@local\"@contoso.com", "contoso.com", ""},
		{"https://contoso.com/x?y#z", "contoso.com", ""},
		{"https://user:pass@Contoso.com:8443/x", "contoso.com", ""},
		{"contoso.com/path", "contoso.com", ""},
		{"münchen.example", "xn--mnchen-3ya.example", "münchen.example"},
		{"user@MÜNCHEN.example", "xn--mnchen-3ya.example", "münchen.example"},
		{"xn--mnchen-3ya.example", "xn--mnchen-3ya.example", "münchen.example"},
		{"contoso。com", "contoso.com", ""},       // ideographic full stop
		{"ｃｏｎｔｏｓｏ.com", "contoso.com", ""},       // full-width letters
		{"con\u00adtoso.com", "contoso.com", ""}, // a soft hyphen, as copied from a text
		{"_spf.contoso.com", "_spf.contoso.com", ""},
		{"r3---sn-x.example", "r3---sn-x.example", ""},
		{"co.uk", "co.uk", ""},
		{"uk", "uk", ""},
		{strings.Repeat("a", 63) + ".example", strings.Repeat("a", 63) + ".example", ""},
	} {
		ascii, unicode, err := dnsrec.ParseDomain(tc.in)
		if err != nil || ascii != tc.ascii || unicode != tc.unicode {
			t.Errorf("%q: %q, %q, %v; want %q, %q", tc.in, ascii, unicode, err, tc.ascii, tc.unicode)
		}
	}
}

func TestFault_070_NotADomain(t *testing.T) {
	for in, reason := range map[string]string{
		"":                                  "empty",
		"  ":                                "empty",
		".":                                 "root",
		"..":                                "root",
		"a..b":                              "two dots",
		".contoso.com":                      "two dots",
		"localhost":                         "this machine",
		"x.localhost":                       "this machine",
		"127.0.0.1":                         "IP address",
		"[127.0.0.1]":                       "IP address",
		"user@[192.0.2.1]":                  "IP address",
		"[::1]":                             "IP address",
		"::1":                               "IP address",
		"https://[::1]:443/":                "IP address",
		"2130706433":                        "number",
		"0x7f.1":                            "number",
		"127.1":                             "number",
		"a.0x7f":                            "number",
		"contoso.com:25":                    "port",
		"unix:/x":                           "port",
		"https:///x":                        "without a host",
		"http://%zz":                        "without a host",
		"@list":                             "before the @",
		"user@":                             "empty",
		"-rf":                               "hyphen",
		"contoso-.com":                      "hyphen",
		"$(id)":                             "character",
		"a b.com":                           "character",
		"a,b.com":                           "character",
		"a\x00b.com":                        "character",
		"a\nb.com":                          "character",
		"*.contoso.com":                     "character",
		"contoso.com;":                      "character",
		"\xff.com":                          "character",
		strings.Repeat("a", 64) + ".com":    "63 bytes",
		strings.Repeat("abcd.", 51) + "com": "253 bytes",
		strings.Repeat("ü", 60) + ".com":    "63 bytes",
		strings.Repeat("x", 10_000):         "very long",
	} {
		ascii, unicode, err := dnsrec.ParseDomain(in)
		var e *dnsrec.NameError
		if !errors.As(err, &e) || !strings.Contains(e.Reason, reason) || e.Hint == "" || ascii != "" || unicode != "" {
			t.Errorf("%.60q: %q, %v; want an error with %q", in, ascii, err, reason)
		}
	}
}

// The same name in U-labels and in A-labels is the same name.
func TestFault_071_InternationalNames(t *testing.T) {
	for _, name := range []string{
		"straße.example", "faß.de", "münchen.example", "bücher.example", "österreich.example", "ça.example",
		"παράδειγμα.example", "пример.example", "例え.テスト", "例子.测试", "예시.테스트", "उदाहरण.परीक्षा",
		"مثال.إختبار", "דוגמה.טעסט", "ตัวอย่าง.example", "නම්.example", "க்ஷ.example", "i❤.ws", "☕.example",
		"क्\u200dष.example",
	} {
		a1, u1, err1 := dnsrec.ParseDomain(name)
		a2, u2, err2 := dnsrec.ParseDomain(a1)
		if err1 != nil || err2 != nil || a1 != a2 || u1 != u2 || u1 == "" || !strings.Contains(a1, "xn--") {
			t.Errorf("%s: %q %q %v; again %q %q %v", name, a1, u1, err1, a2, u2, err2)
		}
	}
	if ascii, _, _ := dnsrec.ParseDomain("straße.example"); ascii != "xn--strae-oqa.example" {
		t.Errorf("ß became %q", ascii)
	}
}

func TestFault_072_FakeALabels(t *testing.T) {
	for _, name := range []string{
		"xn--example-.com", "xn--go-", "xn--go-.com", "example.com.xn--", "xn--.com", "xn--が-", "xn--が-.com",
		"xn--a.com", "xn--zz--zz.com", "XN--EXAMPLE-.com", "xn--mnchen-3yA-.com",
	} {
		if ascii, _, err := dnsrec.ParseDomain(name); err == nil {
			t.Errorf("%s was taken for %q", name, ascii)
		}
	}
}

func TestFault_073_Bidi(t *testing.T) {
	ascii, _, err := dnsrec.ParseDomain("moc\u202e.example")
	if err == nil || strings.ContainsRune(err.Error(), '\u202e') {
		t.Errorf("%q, %v", ascii, err)
	}
	ascii, unicode, err := dnsrec.ParseDomain("раураl.example") // Cyrillic but for the l
	if err != nil || !strings.HasPrefix(ascii, "xn--") || unicode != "раураl.example" {
		t.Errorf("%q, %q, %v", ascii, unicode, err)
	}
}

func FuzzParseDomain(f *testing.F) {
	for _, s := range []string{
		"contoso.com", "user@münchen.example", "https://x.test:1/y", "xn--go-", "a\x00", "例え。テスト", "faß.de",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ascii, unicode, err := dnsrec.ParseDomain(s)
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("%q: error with odd characters: %q", s, err)
			}
			return
		}
		if strings.ContainsFunc(ascii, func(r rune) bool { return r <= ' ' || r > '~' }) || len(ascii) > 253 {
			t.Fatalf("%q: not ASCII: %q", s, ascii)
		}
		again, u2, err := dnsrec.ParseDomain(ascii)
		if err != nil || again != ascii || u2 != unicode {
			t.Fatalf("%q: %q, then %q %q, %v", s, ascii, again, u2, err)
		}
		if unicode != "" {
			if back, _, err := dnsrec.ParseDomain(unicode); err != nil || back != ascii {
				t.Fatalf("%q: %q from %q, %v", s, back, unicode, err)
			}
		}
	})
}

// A name with wrong punctuation leads to the one that was meant; a sentence, or a list
// with something else in it, to none.
func TestParseDomainSaysWhatWasMeant(t *testing.T) {
	for typed, hint := range map[string]string{
		"contoso,com": "did you mean contoso.com?", "contoso..com": "did you mean contoso.com?", "contoso;com;": "did you mean contoso.com?",
		"mail . contoso .com": "did you mean mail.contoso.com?", ".contoso.com": "did you mean contoso.com?",
		"contoso, co, uk": "did you mean contoso.co.uk?", "münchen,example": "did you mean münchen.example?",
		"a.example,b.example":             "give several domains one by one, with blanks between them: a.example b.example",
		"a.example; b.example\tc.example": "give several domains one by one, with blanks between them: a.example b.example c.example",
		"contoso com":                     "", "the mail was refused, sorry": "", "a.example, 192.0.2.1": "", "con$toso.com": "",
		"contoso,": "", ",,,": "", "-a,example": "",
	} {
		_, _, err := dnsrec.ParseDomain(typed)
		var e *dnsrec.NameError
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", typed, err)
		} else if want := cmp.Or(hint, "type a domain name, such as contoso.com"); e.Hint != want {
			t.Errorf("%q: %s, want %s", typed, e.Hint, want)
		}
	}
}

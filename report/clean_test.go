package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"v=spf1 -all":               "v=spf1 -all",
		`back\slash`:                `back\slash`,
		"münchen.example 日本":        "münchen.example 日本",
		"\x1b[2J":                   `\x1b[2J`,
		"\x1b]8;;x\a":               `\x1b]8;;x\x07`,
		"a\r\n\tb\x00\x7f":          `a\r\n\tb\x00\x7f`,
		"\u009b31m":                 `\u009b31m`,
		"\x9b31m":                   `\x9b31m`,
		"\xe2\x80":                  `\xe2\x80`,
		"\xed\xa0\x80":              `\xed\xa0\x80`, // a lone surrogate
		"\ufffd":                    "\ufffd",       // the real character, not a bad byte
		"gnp.\u202eexe":             `gnp.\u202eexe`,
		"pay\u200bpal":              `pay\u200bpal`,
		"v=spf1\u00a0-all":          `v=spf1\u00a0-all`, // a common accident
		"\ufeffv=spf1":              `\ufeffv=spf1`,
		"a\u2028b":                  `a\u2028b`,
		"\U000e0041":                `\U000e0041`,
		"\ue000":                    `\ue000`,
		"\u3164\u115f\u2800\ufe0f":  `\u3164\u115f\u2800\ufe0f`,
		"e\u0301":                   "e\u0301",
		"\u0301e":                   `\u0301e`,
		"z\u0301\u0301\u0301\u0301": "z\u0301\u0301\u0301" + `\u0301`,
		"👨\u200d👩":                  `👨\u200d👩`,
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanTo(t *testing.T) {
	for _, tt := range []struct {
		in   string
		cols int
		want string
	}{
		{"short", 10, "short"},
		{"0123456789", 10, "0123456789"},
		{"0123456789a", 10, "0123456..."},
		{"日本語日本語", 7, "日本..."},
		{"\x1b\x1b\x1b\x1b", 10, `\x1b\x1...`},
		{"abc", 2, "ab"},
		{"abc", 0, ""},
		{"abc", -1, ""},
	} {
		if got := CleanTo(tt.in, tt.cols); got != tt.want {
			t.Errorf("CleanTo(%q, %d) = %q, want %q", tt.in, tt.cols, got, tt.want)
		}
	}
	huge := strings.Repeat("\xff", 1<<20)
	if n := testing.AllocsPerRun(10, func() { CleanTo(huge, 40) }); n > 2000 {
		t.Errorf("a value of 1 MiB cut to 40 columns costs %v allocations", n)
	}
}

func TestLines(t *testing.T) {
	got := strings.Join(Lines("a\r\nb\n\n\x1bc\rd\n"), "|")
	if want := `a|b||\x1bc\rd`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzClean: no byte of control, direction or nothing to see comes out, and
// what is clean stays as it is.
func FuzzClean(f *testing.F) {
	f.Add(hostile)
	f.Add("e\u0301\u0301")
	f.Fuzz(func(t *testing.T, s string) {
		c := Clean(s)
		if bad := dirty(c); bad != "" {
			t.Fatalf("Clean(%q) lets %s through", s, bad)
		}
		if again := Clean(c); again != c {
			t.Fatalf("Clean(Clean(%q)) = %q, not %q", s, again, c)
		}
		if w := width(CleanTo(s, 20)); w > 20 {
			t.Fatalf("CleanTo(%q, 20) takes %d columns", s, w)
		}
		if a := ascii(c); !plainASCII(a) {
			t.Fatalf("ascii(%q) = %q", c, a)
		}
		for _, l := range wrap(c, 20) {
			if width(l) > 20 {
				t.Fatalf("wrap(%q, 20) has a line of %d columns", c, width(l))
			}
		}
	})
}

// dirty names what in s a terminal could act on; newlines and the escape
// sequences of our own colors are for the caller to take out first.
func dirty(s string) string {
	if !utf8.ValidString(s) {
		return "bytes that are not UTF-8"
	}
	for _, r := range s {
		switch {
		case unicode.IsControl(r):
			return "a control byte"
		case unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
			return "an invisible character"
		case unicode.Is(unicode.Zs, r) && r != ' ':
			return "an odd space"
		case unicode.Is(unseen, r):
			return "a filler"
		}
	}
	return ""
}

package kit

import (
	"slices"
	"strings"
	"unicode"
)

// script is one whose letters are taken for those of another.
type script struct {
	name  string
	table *unicode.RangeTable
	latin string // letters that look like Latin ones, in lower case
}

var scripts = []script{{"Latin", unicode.Latin, ""}, {"Cyrillic", unicode.Cyrillic, "асеорхуѕіјһԁӏԛԝвкмнтґь"}, {"Greek", unicode.Greek, "αορνυικτχηγεω"},
	{"Armenian", unicode.Armenian, "օսոցհղգ"}, {"Cherokee", unicode.Cherokee, ""}}

// MixedScripts returns the scripts of the first label of a name in U-labels that
// has letters of several which look alike; nil if there is none. RFC 5890 4.4
func MixedScripts(name string) []string {
	for label := range strings.SplitSeq(name, ".") {
		if mixed := scriptsOf(label); len(mixed) > 1 {
			return mixed
		}
	}
	return nil
}

// LooksLatin returns the other script of a name with a label whose letters all
// look like Latin ones, such as a Cyrillic "аррӏе"; "" if there is none.
func LooksLatin(name string) string {
	for label := range strings.SplitSeq(name, ".") {
		of := scriptsOf(label)
		if len(of) != 1 || of[0] == "Latin" {
			continue
		}
		i := slices.IndexFunc(scripts, func(s script) bool { return s.name == of[0] })
		if letters := strings.Trim(label, "-0123456789"); letters != "" && strings.Trim(letters, scripts[i].latin) == "" {
			return of[0]
		}
	}
	return ""
}

func scriptsOf(label string) (names []string) {
	for _, s := range scripts {
		if strings.ContainsFunc(label, func(r rune) bool { return unicode.Is(s.table, r) }) {
			names = append(names, s.name)
		}
	}
	return names
}

// Package tags names the groups that a watched domain is in, such as its tenant and
// its customer, and selects domains by them.
package tags

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"maildiag/report"
)

// Tags are the tags of a domain, by name.
type Tags map[string]string

// Shared are tags that many domains have: nobody may change them.
type Shared map[string]Tags

// One returns the tags that are equal to t and were first.
func (s Shared) One(t Tags) Tags {
	key := t.String()
	if one, known := s[key]; known {
		return one
	}
	s[key] = t
	return t
}

// The bounds of tags.
const (
	maxTags  = 8
	maxValue = 64 // characters
)

// validName is that of a label of Prometheus, in lower case.
var validName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// reserved are the labels of alerts that are no tags.
func reserved() []string {
	return []string{"alertname", "severity", "domain", "check", "code", "subject", "site", "kind"}
}

// Set adds a tag.
func (t Tags) Set(name, value string) error {
	name = strings.ToLower(name)
	switch {
	case !validName.MatchString(name):
		return fmt.Errorf("%q cannot be the name of a tag: it has up to 32 letters a-z, digits and _, a letter first", report.CleanTo(name, maxValue))
	case slices.Contains(reserved(), name):
		return fmt.Errorf("a tag cannot be called %s", name)
	case value == "" || utf8.RuneCountInString(value) > maxValue:
		return fmt.Errorf("the value of the tag %s must have 1 to %d characters", name, maxValue)
	case report.Clean(value) != value || strings.ContainsAny(value, "\"\ufffd"):
		return fmt.Errorf("the value of the tag %s has a quote, or a character that cannot be shown", name)
	case len(t) == maxTags:
		return fmt.Errorf("a domain has up to %d tags", maxTags)
	}
	if _, ok := t[name]; ok {
		return fmt.Errorf("the tag %s is there twice", name)
	}
	t[name] = value
	return nil
}

// Parse reads words such as tenant=contoso.
func Parse(words []string) (Tags, error) {
	t := Tags{}
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not a tag such as tenant=contoso", report.CleanTo(w, maxValue))
		}
		if err := t.Set(name, value); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// String returns all tags by name: customer="Acme Ltd" tenant=contoso.
func (t Tags) String() string { return strings.Join(t.Words(), " ") }

// Words returns each tag as a word that [ParseFilter] reads, by name.
func (t Tags) Words() (words []string) {
	for _, name := range slices.Sorted(maps.Keys(t)) {
		value := t[name]
		if strings.Contains(value, " ") {
			value = `"` + value + `"`
		}
		words = append(words, name+"="+value)
	}
	return words
}

// errQuote is returned for a quote that does not end.
var errQuote = errors.New("a quote is missing")

// Split splits text at spaces that are not in double quotes, and removes the quotes.
func Split(text string) (words []string, err error) {
	var b strings.Builder
	quoted, some := false, false
	for _, c := range text {
		switch {
		case c == '"':
			quoted, some = !quoted, true
		case !quoted && (c == ' ' || c == '\t'):
			if some {
				words = append(words, b.String())
			}
			b.Reset()
			some = false
		default:
			b.WriteRune(c)
			some = true
		}
	}
	if quoted {
		return nil, errQuote
	}
	if some {
		words = append(words, b.String())
	}
	return words, nil
}

// Filter selects domains.
type Filter struct {
	names []string    // parts of the name
	tags  [][2]string // name and value
}

// ParseFilter reads the words of a filter, all of which must match: tenant=contoso
// is a tag, and any other word is a part of the name of the domain. Case does not
// count.
func ParseFilter(text string) (f Filter) {
	text = strings.ToLower(text)
	words, err := Split(text)
	if err != nil {
		words = strings.Fields(text)
	}
	for _, w := range words {
		if name, value, ok := strings.Cut(w, "="); ok {
			f.tags = append(f.tags, [2]string{name, value})
		} else {
			f.names = append(f.names, w)
		}
	}
	return f
}

// Match reports whether a filter selects a domain.
func (f Filter) Match(domain string, t Tags) bool {
	for _, n := range f.names {
		if !strings.Contains(domain, n) {
			return false
		}
	}
	for _, x := range f.tags {
		if have, ok := t[x[0]]; !ok || strings.ToLower(have) != x[1] {
			return false
		}
	}
	return true
}

package tags

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// What is written is read again, and what could not be a label of an alert is
// refused.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"tenant=contoso customer=acme":       "customer=acme tenant=contoso",
		`customer="Acme Ltd"  Tenant=x`:      `customer="Acme Ltd" tenant=x`,
		"a=b=c":                              "a=b=c",
		"customer=Müller":                    "customer=Müller",
		"tenant":                             "!",
		"=x":                                 "!",
		"tenant=":                            "!",
		"1a=x":                               "!",
		"a-b=x":                              "!",
		"__name__=x":                         "!",
		"domain=x":                           "!",
		"Severity=critical":                  "!",
		"alertname=x":                        "!",
		"a=1 a=2":                            "!",
		"a=1 A=2":                            "!",
		"a=\x1b[31m":                         "!",
		"a=\xff":                             "!",
		`a="b`:                               "!",
		"a=" + strings.Repeat("é", 65):       "!",
		"a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=": "!",
	} {
		got := "!"
		words, err := Split(text)
		if err == nil {
			var read Tags
			if read, err = Parse(words); err == nil {
				got = read.String()
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q (%v)", text, got, want, err)
		}
	}
	many := Tags{}
	for _, c := range "abcdefghi" {
		if err := many.Set(string(c), "x"); (err != nil) != (c == 'i') {
			t.Errorf("%c: %v", c, err)
		}
	}
}

// All words of a filter must match, and each word of a tag selects those that have
// it.
func TestFilter(t *testing.T) {
	domains := map[string]Tags{
		"a.contoso.com":  {"tenant": "contoso", "customer": "Acme Ltd"},
		"b.contoso.com":  {"tenant": "contoso"},
		"a.fabrikam.com": {"tenant": "fabrikam", "customer": "x"},
		"tenant.example": nil,
	}
	for filter, want := range map[string]string{
		"":                               "a.contoso.com a.fabrikam.com b.contoso.com tenant.example",
		" CONTOSO ":                      "a.contoso.com b.contoso.com",
		"tenant=contoso":                 "a.contoso.com b.contoso.com",
		"Tenant=CONTOSO a.":              "a.contoso.com",
		`customer="acme ltd"`:            "a.contoso.com",
		"customer=acme":                  "",
		"tenant=contoso customer=x":      "",
		"tenant=":                        "",
		"tenant":                         "tenant.example",
		`"`:                              "",
		"a. com":                         "a.contoso.com a.fabrikam.com",
		"nosuch=contoso":                 "",
		"tenant=fabrikam tenant=contoso": "",
	} {
		f := ParseFilter(filter)
		var got []string
		for d, t := range domains {
			if f.Match(d, t) {
				got = append(got, d)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v", filter, got)
		}
	}
	for _, d := range domains {
		for _, w := range d.Words() {
			if !ParseFilter(w).Match("", d) {
				t.Errorf("%s selects nothing", w)
			}
		}
	}
}

// Tags that are equal are one map, and others are not.
func TestShared(t *testing.T) {
	shared := Shared{}
	texts := []string{"", "a=1", "a=1 b=2", "b=2 a=1", `a="1 b=2"`, "a=2", "b=1"}
	for _, x := range texts {
		for _, y := range texts {
			one, other := shared.One(parsed(t, x)), shared.One(parsed(t, y))
			if maps.Equal(one, other) != maps.Equal(parsed(t, x), parsed(t, y)) || !maps.Equal(one, parsed(t, x)) {
				t.Errorf("%s and %s: %v and %v", x, y, one, other)
			}
		}
	}
	if len(shared) != len(texts)-1 {
		t.Errorf("%d different ones of %d", len(shared), len(texts)-1)
	}
}

func parsed(t *testing.T, text string) Tags {
	t.Helper()
	words, err := Split(text)
	if err != nil {
		t.Fatal(err)
	}
	tags, err := Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	return tags
}

package replies

import (
	"strconv"
	"strings"
	"testing"
)

// TestPrivateCodes returns each code that only Microsoft has, with nothing but
// "Access denied" beside it: the row is one that has the code.
func TestPrivateCodes(t *testing.T) {
	n := 0
	for _, r := range All() {
		if r.Provider != ExchangeOnline && r.Provider != OutlookConsumer {
			continue
		}
		for _, pattern := range r.Enhanced {
			code, _, _ := strings.Cut(strings.ReplaceAll(pattern, "x.", "5."), "-")
			if !private(code) {
				continue
			}
			n++
			for _, text := range []string{"Access denied", "Access denied, please", "", "Access"} {
				reply, _ := strconv.Atoi(string(code[0]) + "50")
				got := Explain(Query{Code: reply, Enhanced: code, Text: text})
				if len(got) == 0 || !got[0].Known() || got[0].Row.codeFit(code) == NoFit {
					t.Errorf("%s %q: %s", code, text, ids(got))
				}
			}
		}
	}
	if n < 44 {
		t.Errorf("only %d private codes", n)
	}
}

// TestEvidence combines each kind of evidence alone with none of the others.
func TestEvidence(t *testing.T) {
	row := &Row{ID: "x.y", Provider: ExchangeOnline, Enhanced: []string{"5.7.1"}, Text: []string{"delivery refused"}}
	anyone := &Row{ID: "x.z", Text: []string{"delivery refused"}}
	for name, c := range map[string]struct {
		row    *Row
		e      Evidence
		q      Query
		silent bool
		want   level
	}{
		"nothing":                       {row, Evidence{}, Query{}, false, levelNone},
		"words of anybody":              {anyone, Evidence{Words: 15}, Query{}, false, levelWords},
		"words, another's speaker":      {row, Evidence{Words: 15}, Query{Enhanced: "5.1.1"}, false, levelNone},
		"words and speaker":             {row, Evidence{Words: 15, Speaks: true}, Query{Enhanced: "5.1.1"}, false, levelWords},
		"words and code":                {row, Evidence{Words: 15, Code: VagueFit}, Query{Enhanced: "5.7.1"}, false, levelWords},
		"long words":                    {row, Evidence{Words: 30}, Query{Enhanced: "5.1.1"}, false, levelWords},
		"weak words":                    {anyone, Evidence{Words: 15, Weak: true}, Query{}, false, levelWeak},
		"words that others contradict":  {anyone, Evidence{Words: 15, Against: true}, Query{}, false, levelWeak},
		"words with one changed":        {anyone, Evidence{Words: 30, Near: true}, Query{}, false, levelWeak},
		"a private code":                {row, Evidence{Code: ExactFit, Private: true}, Query{Code: 550}, false, levelPrivate},
		"a private code in a sentence":  {row, Evidence{Code: ExactFit, Private: true}, Query{}, false, levelNone},
		"a private code and words":      {row, Evidence{Code: ExactFit, Private: true, Words: 15}, Query{}, false, levelBoth},
		"a code, words unknown":         {row, Evidence{Code: ExactFit, Speaks: true}, Query{Enhanced: "5.7.1"}, false, levelNone},
		"a code, no words":              {row, Evidence{Code: ExactFit}, Query{Enhanced: "5.7.1"}, true, levelCode},
		"a stage":                       {row, Evidence{Stage: true}, Query{Code: 535}, false, levelDefined},
		"a decisive word":               {anyone, Evidence{Words: 5, Decides: true}, Query{Enhanced: "5.1.1"}, false, levelBoth},
		"a title":                       {&Row{Weak: true}, Evidence{Words: 9, Weak: true, Most: true}, Query{}, false, levelTitle},
		"a title among other words":     {&Row{Weak: true}, Evidence{Words: 9, Weak: true}, Query{}, false, levelNone},
		"a reply code that decides all": {&Row{Decides: true}, Evidence{Reply: true}, Query{Code: 535}, false, levelDefined},
	} {
		if got := c.e.weigh(c.row, c.q, c.silent); got != c.want {
			t.Errorf("%s: level %d, want %d", name, got, c.want)
		}
	}
}

// TestPhrase holds how a phrase is found.
func TestPhrase(t *testing.T) {
	for _, c := range []struct {
		phrase, text          string
		inOrder, broken, near bool
	}{
		{"user unknown", "User unknown", true, false, false},
		{"user unknown", "unknown user", false, false, false},
		{"exceeded the limit", "Exceeds the limits!", true, false, false},
		{"does not exist", "doesn’t exist", true, false, false},
		{"does not exist", "doesn't\r\n exist", true, false, false},
		{"user * not known", "user <a@b.example> is not known", true, false, false},
		{"<mailbox> + <unknown>", "Destinatario sconosciuto", true, false, false},
		{"<mailbox> + <unknown>", "user one two three four five six unknown", false, false, false},
		{"aadsts~", "AADSTS50126", true, false, false},
		{"basic authentication is not supported", "Basic authenti\ncation is not sup\nported", false, true, false},
		{"basic authentication is not supported", "Basicauthentication", false, false, false},
		{"the message was rejected by the policy", "the message was refused by the policy", false, false, true},
		{"see page 4711 of the manual for this", "see page 4712 of the manual for this", false, false, false},
	} {
		p, w := newPhrase(c.phrase), wordsOf(c.text)
		_, ordered := p.inOrder(w)
		got := [3]bool{ordered, !ordered && p.broken(w), !ordered && p.near(w)}
		if got != [3]bool{c.inOrder, c.broken, c.near} {
			t.Errorf("%q in %q: %v", c.phrase, c.text, got)
		}
	}
}

// TestSuccess sees that a class 2 reply is never a fault.
func TestSuccess(t *testing.T) {
	for _, q := range []Query{{Code: 250, Enhanced: "2.1.5", Text: "user unknown"}, {Enhanced: "2.0.0"}, {Code: 235, Text: "ok"}} {
		if got := Explain(q); len(got) != 1 || got[0].Row.ID != "class.2" || !got[0].Known() {
			t.Errorf("%+v: %s", q, ids(got))
		}
	}
}

// TestUnknownWords sees that the title of a code is not told as the cause where
// the words say something that nobody knows.
func TestUnknownWords(t *testing.T) {
	for _, q := range []Query{{550, "5.1.1", "The parrot is resting", Any, "", false, "", false, false, false}, {550, "5.7.1", "xyzzy plugh", Any, "", false, "", false, false, false},
		{554, "", "blah blah blah", Any, "", false, "", false, false, false}, {451, "4.7.1", "Bananas today", Gmail, "", false, "", false, false, false}, {550, "5.7.1", "", Any, "", false, "", false, false, false}} {
		if got := Explain(q); len(got) == 0 || got[0].Known() || got[0].Match != Code && got[0].Match != Class {
			t.Errorf("%+v: %s is told as known", q, ids(got))
		}
	}
	for _, code := range []int{535, 534, 538} {
		if got := Explain(Query{Code: code, Text: "the parrot is resting"}); !got[0].Known() {
			t.Errorf("%d means a failed sign-in, whatever the words are: %s", code, ids(got))
		}
	}
}

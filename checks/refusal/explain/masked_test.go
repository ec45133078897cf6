package explain

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
)

// masks are letters that make up no word of any phrase.
const masks = "qzxvkjwqxz"

// mask returns a word of the same length that no phrase holds.
func mask(word string) string {
	return strings.Repeat(masks, len(word)/len(masks)+1)[:len(word)]
}

// masked returns a text in which nothing is known but its codes and addresses.
func masked(text string) string {
	fields := strings.Split(text, " ")
	for i, field := range fields {
		if !strings.Contains(field, "@") && !code.MatchString(field) {
			fields[i] = mask(field)
		}
	}
	return strings.Join(fields, " ")
}

// code matches a field of digits, such as 550-5.7.1.
var code = regexp.MustCompile(`^(?:smtp;)?#?[245][\d.-]*[:,;]?$`)

// everyMasked bounds the time of the test: one reply of so many is masked.
const everyMasked = 4

// TestMasked replaces all words of known replies by words that nobody knows: then no row
// may claim them as its own.
func TestMasked(t *testing.T) {
	sets, _ := filepath.Glob("../bounce/testdata/unseen*.tsv")
	for _, set := range append(sets, "../bounce/testdata/field-manuals.tsv") {
		for i, l := range labelledSet(t, set) {
			if i%everyMasked > 0 {
				continue
			}
			text := masked(strings.Join(strings.Fields(l.text), " "))
			if got := answer(t, text); got != nil && got.known() && got.rows[0].By == replies.ByText {
				t.Errorf("%s: %s", got.rows[0].Row.ID, text)
			}
		}
	}
}

func answer(t *testing.T, text string) *reply {
	x, err := Explain(context.Background(), "", []byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(x.replies) == 0 || len(x.replies[0].rows) == 0 {
		return nil
	}
	return decisive(x, 0)
}

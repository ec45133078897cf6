package smtpprobe

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"maildiag/smtpprobe/leak"
)

// hidden is the text form of every secret.
const hidden = "***"

// Secret is a password or token. Each of its text forms is "***": it cannot be
// printed, logged or marshalled by accident, not even by reflection from
// within another struct, because the value is held by a function.
type Secret struct{ reveal func() string }

// NewSecret takes a secret into custody.
func NewSecret(s string) Secret { return Secret{func() string { return s }} }

// Reveal returns the secret itself. Every call of it is a place to review.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Empty reports whether there is nothing to hide.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String returns "***", as do all the methods below.
func (s Secret) String() string { return hidden }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return hidden }

// Format implements fmt.Formatter, for all verbs and flags.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON implements json.Marshaler.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalBinary implements encoding.BinaryMarshaler, which gob uses.
func (s Secret) MarshalBinary() ([]byte, error) { return []byte(hidden), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// withheld replaces a text that may hold the secret.
const withheld = "(reply withheld: it may contain the password)"

// MayBeIn reports whether a text that someone else wrote may repeat the secret, in
// whatever form.
func (s Secret) MayBeIn(text string) bool { return leak.NewDetector(s.Reveal()).In(text) }

// withhold removes all that was said since the secret was sent, if any of it may
// repeat it: more may be in the rest, in pieces. The codes stay.
func (t *talk) withhold() {
	if t.exposed == 0 {
		return
	}
	steps, secret := t.s.Steps[t.exposed:], leak.NewDetector(t.cfg.Auth.Secret.Reveal())
	said := []string{t.s.Auth.Challenge}
	for i := range steps {
		said = append(said, steps[i].said())
	}
	if !slices.ContainsFunc(said, secret.In) && !secret.In(strings.Join(said, "\n")) {
		return
	}
	for i := range steps {
		steps[i].withhold()
	}
	t.s.Auth.Challenge = ""
}

// said returns what the server said in a step, without codes.
func (st *Step) said() string {
	var lines []string
	if st.Reply != nil {
		for _, line := range st.Reply.Lines {
			_, _, text := splitLine(line)
			lines = append(lines, strings.TrimPrefix(text, st.Reply.Enhanced))
		}
	}
	if st.Err != nil {
		lines = append(lines, st.Err.Text)
	}
	return strings.Join(lines, "\n")
}

func (st *Step) withhold() {
	if st.Reply != nil {
		code := strings.TrimSpace(fmt.Sprintf("%d %s", st.Reply.Code, st.Reply.Enhanced))
		if st.Reply.Code == 0 {
			code = ""
		}
		st.Reply.Lines, st.Reply.Withheld = []string{strings.TrimSpace(code + " " + withheld)}, true
	}
	if st.Err != nil && st.Err.Class == ClassProtocol { // the other classes hold no text of the server
		st.Err.Text = withheld
	}
}

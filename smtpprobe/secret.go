package smtpprobe

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"slices"
	"strings"
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

// Redact takes the secret, in the forms in which it may come back, out of a
// text that someone else wrote.
func (s Secret) Redact(text string) string {
	if s.Empty() {
		return text
	}
	return (&scrubber{encodings(s.Reveal())}).clean(text)
}

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

// scrubber takes a secret out of what a server says, should it repeat what it
// was told. Nothing of ours needs it: commands are recorded without secrets.
type scrubber struct{ forms []string }

// shortSecret is the length under which a secret may be found in a text by
// chance; then the whole text is hidden.
const shortSecret = 4

func newScrubber(a *Auth) *scrubber {
	if a == nil || a.Secret.Empty() {
		return &scrubber{}
	}
	secret := a.Secret.Reveal()
	forms := encodings(secret)
	for _, ir := range []string{"\x00" + a.User + "\x00" + secret, xoauth2Response(a.User, secret)} {
		forms = append(forms, base64.StdEncoding.EncodeToString([]byte(ir)))
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) }) // longest first
	return &scrubber{slices.Compact(forms)}
}

// encodings lists a secret in the forms in which servers and programs repeat things.
func encodings(s string) []string {
	quoted, _ := json.Marshal(s)
	raw := []byte(s)
	half := len(s) / 2
	forms := []string{
		s, backward(s), s[half:] + s[:half], backward(s[:half]) + backward(s[half:]),
		hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
		url.QueryEscape(s), url.PathEscape(s), escape(raw, "%", alphanumeric), escape(raw, "=", alphanumeric),
		escape(raw, "=", printable), html.EscapeString(s),
		strings.Trim(string(quoted), `"`), strings.Trim(fmt.Sprintf("%q", s), `"`),
	}
	// In base64 the form depends on where the secret starts within the text;
	// the characters that it alone decides are the same wherever it stands.
	for shift := range 3 {
		padded := append(make([]byte, shift, shift+len(raw)), raw...)
		whole := base64.RawStdEncoding.EncodeToString(padded)
		first, last := (shift*8+5)/6, (shift+len(raw))*8/6
		if last-first >= shortSecret {
			forms = append(forms, whole[first:last], strings.NewReplacer("+", "-", "/",
				"_").Replace(whole[first:last]))
		}
	}
	return forms
}

func backward(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// escape writes each byte that is not plain as two hexadecimal digits behind a
// mark (URLs, quoted-printable).
func escape(raw []byte, mark string, plain func(byte) bool) string {
	var b strings.Builder
	for _, c := range raw {
		if plain(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%s%02X", mark, c)
		}
	}
	return b.String()
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// printable reports what quoted-printable leaves as it is (RFC 2045 6.7).
func printable(c byte) bool { return c >= ' ' && c <= '~' && c != '=' }

// clean replaces each form of the secret in a text.
func (s *scrubber) clean(text string) string {
	for _, form := range s.forms {
		if !strings.Contains(text, form) {
			continue
		}
		if len(form) < shortSecret {
			return hidden
		}
		text = strings.ReplaceAll(text, form, hidden)
	}
	return text
}

// reply hides the secret in the lines of a reply, but not in the codes.
func (s *scrubber) reply(r *Reply) {
	if len(s.forms) == 0 || r == nil {
		return
	}
	for i, line := range r.Lines {
		if code, _, text := splitLine(line); code != 0 && len(line) > 3 {
			r.Lines[i] = line[:4] + s.clean(text)
		} else {
			r.Lines[i] = s.clean(line)
		}
	}
}

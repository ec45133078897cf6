package spf

import (
	"regexp"
	"slices"
	"strings"
)

// Likeness is a TXT record that is not an SPF record, although its author or its
// reader may think so.
type Likeness struct {
	// Reason is why receivers do not take it for SPF, in plain words.
	Reason string

	// Meant is the SPF record that was probably meant; empty if it should
	// just go. It may itself hold faults.
	Meant string

	// SenderID reports a record for Sender ID (RFC 4406, historic), which no
	// receiver reads any more.
	SenderID bool
}

// LookAlike reports whether a TXT record looks like an SPF record without being
// one; nil if it does not.
func LookAlike(txt string) *Likeness {
	if Ours(txt) || len(txt) == 0 {
		return nil
	}
	if senderID(txt) {
		return &Likeness{SenderID: true,
			Reason: "it is a Sender ID record (RFC 4406), which receivers no longer read"}
	}
	clean := cleaned(txt)
	lower := asciiLower(clean)
	if after, ok := strings.CutPrefix(lower, versionTag); ok {
		return &Likeness{Reason: prefixReason(txt, clean, after), Meant: respaced(clean)}
	}
	if word, rest := cutVersion(clean); word != "" && speaksSPF(rest) {
		return &Likeness{Reason: "it does not start with \"v=spf1\" but with \"" + Visible(word) + "\"",
			Meant: strings.TrimSpace(versionTag + " " + rest)}
	}
	if headless(clean) {
		return &Likeness{Reason: "\"v=spf1\" is missing at its start", Meant: versionTag + " " + clean}
	}
	return nil
}

// cleaned returns the record in plain ASCII, as far as that can be told.
func cleaned(txt string) string {
	if strings.Count(txt, "\x00") > len(txt)/3 { // UTF-16
		txt = strings.ReplaceAll(txt, "\x00", "")
		for len(txt) > 0 && (txt[0] == 0xFE || txt[0] == 0xFF) { // its byte order mark
			txt = txt[1:]
		}
	}
	odd := func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '`' }
	if !strings.ContainsFunc(txt, odd) {
		return strings.TrimSpace(txt)
	}
	var b strings.Builder
	for _, r := range txt {
		p, _ := plain(r)
		b.WriteString(p)
	}
	return strings.TrimSpace(b.String())
}

func prefixReason(txt, clean, after string) string {
	switch {
	case !ascii(txt[:min(len(txt), len(versionTag)+8)]) || txt[0] < ' ' || strings.HasPrefix(txt, "\x00"):
		return "characters that cannot be seen, or only look like ASCII, stand in \"v=spf1\" or around it"
	case strings.HasPrefix(txt, " "):
		return "there is a space before \"v=spf1\""
	case strings.HasPrefix(txt, "\""):
		return "a quotation mark stands before \"v=spf1\""
	case len(after) > 0 && digit(after[0]):
		return "the version is \"" + versionTag + after[:1] + "\", but only \"v=spf1\" exists"
	case len(txt) == len(clean) && !strings.ContainsAny(txt, "\t\r\n\""):
		return "there is no space after \"v=spf1\""
	}
	return "there is no plain space after \"v=spf1\""
}

// respaced puts the version and a blank before the rest of a cleaned record.
func respaced(clean string) string {
	rest := strings.TrimLeft(clean[len(versionTag):], "0123456789;:,. ")
	return strings.TrimSpace(versionTag + " " + rest)
}

// senderID reports whether a record is one of Sender ID, "spf2.0/pra" (RFC 4406),
// with a "v=" before it that does not belong there.
func senderID(txt string) bool {
	lower := strings.TrimPrefix(asciiLower(txt[:min(len(txt), 16)]), "v=")
	return strings.HasPrefix(lower, "spf2.0/")
}

// brokenVersion is the version with signs, letters and blanks out of place.
var brokenVersion = regexp.MustCompile(`(?i)^v? ?[=:_-]? ?(s ?p ?f|sfp|fsp|psf)[ =:v_.-]*[0-9il]{0,2}(\.[0-9])?[;:,.]*( |$)`)

// cutVersion cuts what is nearly "v=spf1" from a record, the version and the rest;
// the version is empty if the record starts with something else.
func cutVersion(clean string) (word, rest string) {
	if m := brokenVersion.FindString(clean); m != "" {
		return strings.TrimSpace(m), clean[len(m):]
	}
	word, rest, _ = strings.Cut(clean, " ")
	if len(word) < 4 || len(word) > len(versionTag)+1 || !slip(asciiLower(word), versionTag) {
		return "", ""
	}
	return word, rest
}

// speaksSPF reports whether the rest of a record holds a mechanism that no other
// text holds, or a signed all.
func speaksSPF(rest string) bool {
	words := split(asciiLower(rest), 0)
	if len(words) > 0 && good(words[0].text) != "" && isAll(words[len(words)-1].text) {
		return true
	}
	return slices.ContainsFunc(words, func(w word) bool {
		sign, bare := cutSign(w.text)
		name, _, argued := strings.Cut(strings.ReplaceAll(bare, "=", ":"), ":")
		return argued && kindOf(name) != 0 || sign != "" && kindOf(bare) == All || kindOf(bare) == Include
	})
}

// headless reports whether a record is all mechanisms and ends in all.
func headless(clean string) bool {
	words := split(clean, 0)
	if len(words) < 2 || len(words) > 100 {
		return false
	}
	for _, w := range words {
		t, f := parseTerm(w.text)
		if f != nil || t.Kind == Unknown {
			return false
		}
	}
	last, _ := parseTerm(words[len(words)-1].text)
	return last.Kind == All
}

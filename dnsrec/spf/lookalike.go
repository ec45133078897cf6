package spf

import (
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
	if strings.HasPrefix(asciiLower(txt[:min(len(txt), 16)]), "spf2.") {
		return &Likeness{SenderID: true,
			Reason: "it is a Sender ID record (RFC 4406), which receivers no longer read"}
	}
	clean := cleaned(txt)
	lower := asciiLower(clean)
	if after, ok := strings.CutPrefix(lower, versionTag); ok {
		return &Likeness{Reason: prefixReason(txt, clean, after), Meant: respaced(clean)}
	}
	if word, _, _ := strings.Cut(lower, " "); nearVersion(word) && spfWords(lower) {
		_, rest, _ := strings.Cut(clean, " ")
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

// nearVersion reports whether the first word is a slip away from "v=spf1".
func nearVersion(word string) bool {
	if len(word) > len(versionTag)+3 || len(word) < 4 {
		return false
	}
	switch word {
	case "spf1", "v=spf", "v-spf1", "v:spf1", "vspf1", "v=spfv1", "spf=1", "v=spf-1", "v=fsp1", "v=spf2":
		return true
	}
	return slip(word, versionTag)
}

// spfWords reports whether the rest of a record speaks SPF.
func spfWords(lower string) bool {
	for _, w := range []string{"include:", "ip4:", "ip6:", " mx", " a ", "all"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
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

package bounce

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
)

// rustReply matches how Rust's lettre and async-smtp show a reply code, by the names of
// its digits, and the reply's text where they show it.
var rustReply = kit.Lazily(`(?s)Code\s*\{\s*severity:\s*(\w+),\s*category:\s*(\w+),\s*detail:\s*(\w+),?\s*\}[\s,)]*(?:(?:source|message):\s*\[?\s*\\?"((?:[^"\\]|\\[^"])*))?`)

// rustDigits are the names of the digits, RFC 5321 4.2.1, by their place in a code.
var rustDigits = [3][]string{
	{"", "", "PositiveCompletion", "PositiveIntermediate", "TransientNegativeCompletion", "PermanentNegativeCompletion"},
	{"Syntax", "Information", "Connections", "Unspecified3", "Unspecified4", "MailSystem"},
	{"Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"},
}

// fromRust writes such codes as servers do.
func fromRust(text string) string {
	if !strings.Contains(text, "severity:") {
		return text
	}
	return rustReply().ReplaceAllStringFunc(text, func(shown string) string {
		m := rustReply().FindStringSubmatch(shown)
		code := []byte("000")
		for i, names := range rustDigits {
			n := slices.Index(names, m[i+1])
			if n < 0 {
				return shown
			}
			code[i] += byte(n)
		}
		return "\n" + string(code) + " (" + m[4] + ")\n"
	})
}

// Package redact keeps secrets of addresses out of messages.
package redact

import "strings"

// URLs returns a text with the user names and passwords of its URLs (RFC 3986 3.2.1)
// replaced. What stands before an @ in a URL goes, even if it can be read in another way.
func URLs(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "://")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("://")
		end := strings.IndexAny(after, " \t\"'")
		if end < 0 {
			end = len(after)
		}
		if at := strings.LastIndexByte(after[:end], '@'); at >= 0 {
			b.WriteString("***")
			after = after[at:]
		}
		text = after
	}
}

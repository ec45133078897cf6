package planfmt

import "strings"

// quoteShell returns s as one word of a POSIX shell. Within single quotes only
// the quote itself has a meaning (POSIX 2.2.2).
func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

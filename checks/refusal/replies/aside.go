package replies

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
)

// aside reports whether a piece of a text only names a thing, in lower case: a file, a
// host that is not a list's, or a field of a header. Its words are not what the reply says.
func aside(piece string) bool {
	if slices.Contains(meant, strings.Trim(piece, ".:")) {
		return false
	}
	return isPath(piece) || isDocument(piece) || isField(piece) || isHost(piece) && !namesList(piece)
}

// meant are names that replies of Microsoft's are about.
var meant = []string{"onmicrosoft.com", "x-dg-ref"}

// isPath reports whether a piece is the path of a file: "/var/log/spam.log",
// `c:\mail\quota.txt`.
func isPath(piece string) bool {
	if len(piece) > 2 && piece[1] == ':' && piece[2] == '\\' {
		return true
	}
	return strings.HasPrefix(strings.TrimLeft(piece, ".~"), "/") && strings.Count(piece, "/") > 1
}

// isDocument reports whether a piece is the name of a document: "spam-report.pdf".
func isDocument(piece string) bool {
	name, kind, ok := strings.Cut(strings.TrimRight(piece, ".:"), ".")
	return ok && name != "" && strings.Contains(" pdf doc docx xls xlsx ppt pptx csv jpg jpeg png eml msg txt log ", " "+kind+" ")
}

// quotedSubject matches the subject of a message that a reply or a report repeats.
var quotedSubject = kit.Lazily(`(?i)\b(` + strings.Join(subjectWords, "|") + `)\b\W{0,3}(?:["“«][^"”»\n]{1,200}["”»]|'[^'\n]{1,200}'|(?:re|fwd?|aw|wg|tr|rv): [^\n]{1,200})`)

// withoutSubject cuts the words of a subject out of a text: they are those of a person.
func withoutSubject(s string) string {
	low := strings.ToLower(s)
	if !slices.ContainsFunc(subjectWords, func(w string) bool { return strings.Contains(low, w) }) {
		return s
	}
	return quotedSubject().ReplaceAllString(s, "$1 ")
}

// subjectWords are the words before a subject.
var subjectWords = []string{"subject", "titled", "betreff", "objet", "asunto", "oggetto", "onderwerp"}

// isField reports whether a piece is the name of a private header field: "x-spam-status".
func isField(piece string) bool {
	return strings.HasPrefix(piece, "x-") && strings.Count(strings.TrimRight(piece, ":"), "-") > 1
}

// isHost reports whether a piece is the name of a host, and not a dotted word of a
// program such as "resolver.rst.notauthorized".
func isHost(piece string) bool {
	piece = strings.TrimRight(piece, ".:!?")
	last := piece[strings.LastIndexByte(piece, '.')+1:]
	if last == piece || piece[0] == '.' || strings.Trim(piece, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" || strings.Trim(last, "abcdefghijklmnopqrstuvwxyz") != "" {
		return false
	}
	return slices.Contains(topLevels, last) || len(last) == len("de") && strings.Count(piece, ".") > 1
}

// topLevels are the most common last labels of host names.
var topLevels = strings.Fields("com net org info biz edu gov mil int example test invalid local lan internal localdomain home corp cloud email mail online " +
	"de fr it nl uk eu pl cz sk jp cn br ru es io ca au ch at be dk se no fi hu ro gr pt ie mx ar us tv cc me co")

// namesList reports whether a host belongs to a list or a reputation service, which
// replies name as their reason.
func namesList(host string) bool {
	labels := strings.FieldsFunc(host, notInWord)
	return holds(labels, "listname") || holds(labels, "publiclist") || slices.ContainsFunc(labels, func(label string) bool { return strings.HasSuffix(label, "bl") }) || slices.ContainsFunc([]string{"cloudmark", "openspf", "surbl", "uribl", "surriel", "spf.pobox", "security.rr", "proofpoint", "manitu", "invaluement"},
		func(name string) bool { return strings.Contains(host, name) })
}

// keys are the names of fields in logs whose values are names.
var keys = []string{"helo", "ehlo", "file", "path", "relay", "host", "client", "from", "to", "rcpt", "proto", "user"}

// isKey reports whether a part of a piece is the name of such a field: "helo" of
// "helo=<contoso.com>".
func isKey(part, piece string) bool {
	i := strings.Index(piece, part)
	return slices.Contains(keys, part) && strings.HasPrefix(piece[i+len(part):], "=") && len(piece) > i+len(part)+1
}

// namesOther reports whether a text that shows nothing of mail names a host or an
// address to which some program connects.
func namesOther(text string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(text), notInPiece), func(piece string) bool {
		return strings.Contains(piece, "://") || isHost(piece) || piece != withoutIP(piece)
	})
}

// notInPiece reports whether a character ends a piece.
func notInPiece(r rune) bool { return strings.ContainsRune(" \t\r\n<>()[]\"'=;,", r) }

package explain

import (
	"slices"
	"strings"
	"unicode"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
)

// maxPieces bounds the pieces of a text that are tried.
const maxPieces = 120

// byWords explains a text without any reply by its words: as a whole, without the lines
// of a log that say that nothing failed, or by the piece of it that says most. What
// people write around an error neither makes nor hides it. Of a dialogue in which all was
// accepted only what stands beside it counts.
func byWords(input string, dialogue bool) []replies.Explanation {
	lines := slices.DeleteFunc(strings.Split(input, "\n"), bounce.Uneventful)
	if replies.PathOf(input) == replies.PathSubmission {
		withoutCode(lines)
	}
	if dialogue {
		lines = slices.DeleteFunc(lines, bounce.Dialogue)
	}
	whole := strings.Join(lines, "\n")
	if strings.TrimSpace(whole) == "" || replies.Foreign(whole) != "" {
		return nil
	}
	best := replies.ExplainWords(whole)
	if len(best) > 0 || replies.Pitch(whole) {
		return best
	}
	for _, p := range pieces(lines, !replies.Question(whole)) {
		if found := replies.ExplainWords(p); len(found) > 0 && (len(best) == 0 || saysMore(&found[0], &best[0])) {
			best = found
		}
	}
	return best
}

// withoutCode leaves of the lines of a stack trace the library that failed, and nothing of
// where and in which statement.
func withoutCode(lines []string) {
	below := false
	for i, l := range lines {
		m := frame().FindStringSubmatch(l)
		switch {
		case m != nil && (strings.Contains(m[1], "smtp") || strings.Contains(m[1], "mail")):
			lines[i] = m[1]
		case m != nil:
			lines[i] = ""
		case below && strings.HasPrefix(l, "    "):
			lines[i] = ""
		}
		below = m != nil || below && lines[i] == ""
	}
}

// frame matches a line of a stack trace of Python; its group is the name of the file.
var frame = kit.Lazily(`^\s*File "(?:[^"]*/)?([^"/]*)\.py", line \d+`)

// saysMore reports whether one explanation says more than another: its row narrows the other
// one, as "tls-version" does "tls", or more letters of the text are its wording.
func saysMore(a, b *replies.Explanation) bool {
	switch {
	case strings.HasPrefix(a.Row.ID, b.Row.ID+"-"):
		return true
	case strings.HasPrefix(b.Row.ID, a.Row.ID+"-"):
		return false
	}
	return a.Evidence.Words > b.Evidence.Words
}

// tellsFailure reports whether a text says beside a dialogue that something failed,
// although all that the dialogue holds was accepted.
func tellsFailure(input string) bool {
	for line := range strings.Lines(input) {
		if !bounce.Dialogue(line) && !bounce.Uneventful(line) && failure().MatchString(line) {
			return true
		}
	}
	return false
}

var failure = kit.Lazily(`(?i)\b(?:error|failed|fails|failure|exception|unable to|could ?n[o']t|can'?t|cannot|timed out|unexpectedly|fehler\w*|fehlgeschlagen|erreur|[ée]chec|errore|fallo|fout)\b`)

// maxLabel is the length up to which a line that ends with a colon only names what follows.
const maxLabel = 60

// pieces returns the paragraphs of a text, its lines, and what is quoted in them; and
// with sentences those of each line, too.
func pieces(lines []string, sentences bool) (all []string) {
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && !(len(s) < maxLabel && s[len(s)-1] == ':') && len(all) < maxPieces && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for _, p := range strings.Split(strings.Join(lines, "\n"), "\n\n") {
		add(p)
	}
	for _, l := range unwrapped(lines) {
		for _, q := range quotations().FindAllStringSubmatch(l, -1) {
			if name := q[1]; strings.Count(name, " ") > 1 || isName(name) {
				add(name)
			}
		}
		if !sentences {
			continue
		}
		add(l)
		if all := sentencesOf(l); slices.ContainsFunc(all, replies.Personal) {
			for _, s := range all {
				add(s)
			}
		}
	}
	return all
}

// minWrapped is the length from which on a screen may have broken a line.
const minWrapped = 40

// unwrapped returns the lines of a text that are not empty, with those joined that a
// screen broke in the middle of a sentence.
func unwrapped(lines []string) (all []string) {
	joins := false
	for _, l := range lines {
		l = strings.TrimSpace(l)
		switch {
		case l == "":
		case joins && l[0] >= 'a' && l[0] <= 'z' && !strings.HasPrefix(l, "at ") && l[len(l)-1] != ':':
			all[len(all)-1] += " " + l
		default:
			all = append(all, l)
		}
		joins = len(l) >= minWrapped && strings.IndexByte(".:;!?{", l[len(l)-1]) < 0
	}
	return all
}

// quotations matches what stands in quotes in a line.
var quotations = kit.Lazily("[\"“`']([^\"“”`']{8,300})[\"”`']")

// isName reports whether a word is the name of an error as programs write it: "ErrorAccessDenied".
func isName(s string) bool {
	if strings.Contains(s, " ") {
		return false
	}
	inner := strings.IndexFunc(s[1:], unicode.IsUpper)
	return inner >= 0 && strings.IndexFunc(s, unicode.IsLower) >= 0
}

// sentencesOf splits a line at the ends of sentences.
func sentencesOf(line string) (all []string) {
	start := 0
	for i := 0; i+2 < len(line); i++ {
		if strings.IndexByte(".!?", line[i]) >= 0 && line[i+1] == ' ' && (line[i+2] >= 'A' && line[i+2] <= 'Z' || line[i+2] >= 0x80) {
			all = append(all, line[start:i+1])
			start = i + 2
		}
	}
	if start > 0 {
		all = append(all, line[start:])
	}
	return all
}

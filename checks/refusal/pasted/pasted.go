// Package pasted finds the header of a message in a text that somebody pasted:
// below words of their own, quoted, indented, with numbered lines, between
// fences, or with its folding lost.
package pasted

import (
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/message/eml"
)

// The limits of a text that is read.
const (
	maxText = 1 << 20
	maxLine = 32 << 10
)

// minKnown is how many well-known fields make a header.
const minKnown = 3

// Header returns the first header of a transported message in a text, and the
// rest of the text; "" if there is none. A body that follows is of no use: it is
// not as it was signed.
func Header(text string) (header, rest string) {
	text = strings.ReplaceAll(text[:min(len(text), maxText)], "\r\n", "\n")
	lines := strings.Split(strings.ReplaceAll(text, "\u00a0", " "), "\n")
	for i := 0; i < len(lines); i++ {
		m := start().FindStringSubmatch(lines[i][:min(len(lines[i]), maxLine)])
		if m == nil || !eml.Known(m[2]) {
			continue
		}
		b := block{margin: marginOf(m[1])}
		n := b.read(lines[i:])
		if b.known >= minKnown && b.moved {
			return strings.Join(b.lines, "\n") + "\n", strings.Join(append(lines[:i:i], lines[i+n:]...), "\n")
		}
		i += max(n-1, 0)
	}
	return "", text
}

// start is the first line of a field behind what programs put before a quoted,
// numbered or listed line.
var start = kit.Lazily("^([\\s>|*#]*(?:\\d{1,5}[\\s.:)|]+)?[\\s>|`]*)([A-Za-z][A-Za-z0-9-]{1,60})[ \\t]?:(?:\\s|$)")

// margin is what stands before each line.
type margin struct {
	text     string // the same before each line
	numbered bool   // a number, and then text
}

func marginOf(s string) margin {
	if i := strings.IndexFunc(s, digit); i >= 0 {
		return margin{text: strings.TrimLeftFunc(s[i:], digit), numbered: true}
	}
	return margin{text: s}
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// cut takes the margin from a line. Editors drop the blanks at its end where
// nothing follows; a tab may stand for them.
func (m margin) cut(line string) (rest string, ok bool) {
	if m.numbered {
		line = strings.TrimLeft(line, " \t")
		after := strings.TrimLeftFunc(line, digit)
		if after == line {
			return "", false
		}
		line = after
	}
	if rest, ok = strings.CutPrefix(line, m.text); ok {
		return rest, true
	}
	bare := strings.TrimRight(m.text, " \t")
	if rest, ok = strings.CutPrefix(line, bare); ok && (bare != "" || m.numbered) {
		return rest, true
	}
	return line, m.text != "" && bare == "" && strings.TrimSpace(line) != "" // blanks that only the first lines have
}

// block is a header that is being read.
type block struct {
	margin
	lines []string
	known int
	moved bool // it holds a field that servers write
}

// read takes lines until the header ends, and returns how many.
func (b *block) read(lines []string) int {
	for i, line := range lines {
		line, ok := b.cut(line[:min(len(line), maxLine)])
		line = strings.TrimRight(line, " \t\r")
		if !ok || line == "" || fence(line) {
			return i
		}
		b.add(line)
	}
	return len(lines)
}

// fence reports whether a line ends what is shown as it is: in Markdown, in
// wikis, or in mail.
func fence(line string) bool {
	s := strings.ToLower(strings.TrimSpace(line))
	switch s {
	case "--", "{code}", "{noformat}", "[/code]", "</pre>", "</code>", "<<<", ">>>":
		return true
	}
	return len(s) >= 3 && strings.Trim(s, s[:1]) == "" && strings.ContainsAny(s[:1], "`~-=_*#+")
}

// field is the first line of a field. A time or an address of a line that lost
// its folding starts with a digit.
var field = kit.Lazily(`^[A-Za-z][A-Za-z0-9-]{1,60}[ \t]?:(?:\s|$|[^/])`)

// add takes one line. One that does not start a field goes on with the field
// before: the blanks that fold it may be lost.
func (b *block) add(line string) {
	if line[0] == ' ' || line[0] == '\t' || !field().MatchString(line) {
		b.lines = append(b.lines, " "+strings.TrimLeft(line, " \t"))
		return
	}
	name, _, _ := strings.Cut(line, ":")
	name = strings.ToLower(strings.TrimSpace(name))
	if eml.Known(name) {
		b.known++
	}
	b.moved = b.moved || name == "received" || name == "authentication-results" || name == "received-spf" || name == "dkim-signature" ||
		strings.HasPrefix(name, "arc-") || strings.HasPrefix(name, "x-ms-exchange-")
	b.lines = append(b.lines, line)
}

package report

import (
	"strings"
)

// wrap breaks clean text into lines of at most cols columns, at spaces if it
// can and within a word if it must. A line that fits is left as it is. Spaces
// at the start of a longer one are kept, within reason, and
// repeated on the further lines with two more; spaces inside a line are kept
// too, because in a record they may be the fault.
func wrap(s string, cols int) []string { return wrapFrom(s, cols, 0) }

// wrapFrom is wrap for text whose first line starts after used columns.
func wrapFrom(s string, cols, used int) []string {
	if used+width(s) <= cols {
		return []string{strings.TrimRight(s, " ")}
	}
	text := strings.TrimLeft(s, " ")
	first := strings.Repeat(" ", min(len(s)-len(text), max(cols/3, 0)))
	hang := first
	if hang != "" {
		hang += "  "
	}
	w := wrapper{cols: max(cols, 8), line: first, used: used + len(first), hang: hang}
	for text != "" {
		word := strings.TrimLeft(text, " ")
		gap := text[:len(text)-len(word)]
		end := strings.IndexByte(word, ' ')
		if end < 0 {
			end = len(word)
		}
		w.word(gap, word[:end])
		text = word[end:]
	}
	return append(w.lines, strings.TrimRight(w.line, " "))
}

type wrapper struct {
	cols  int
	lines []string
	line  string
	used  int    // columns of line
	hang  string // start of further lines
}

func (w *wrapper) word(gap, word string) {
	n := width(word)
	if w.used+len(gap)+n <= w.cols {
		w.line += gap + word
		w.used += len(gap) + n
		return
	}
	if w.used > len(w.hang) {
		w.flush()
	}
	for {
		head, rest := splitColumns(word, w.cols-w.used)
		w.line += head
		if rest == "" {
			w.used += width(head)
			return
		}
		w.flush()
		word = rest
	}
}

func (w *wrapper) flush() {
	w.lines = append(w.lines, strings.TrimRight(w.line, " "))
	w.line, w.used = w.hang, len(w.hang)
}

// splitColumns cuts s after at most cols columns, and after one character at
// least, never between a character and its marks. It cuts after a dot, slash,
// comma or the like if there is one in the second half.
func splitColumns(s string, cols int) (head, rest string) {
	used, good := 0, 0
	for i, r := range s {
		n := width(string(r))
		if i > 0 && n > 0 && used+n > cols {
			if good > 0 {
				i = good
			}
			return s[:i], s[i:]
		}
		used += n
		if used > cols/2 && strings.ContainsRune("./,;:&?", r) {
			good = i + 1
		}
	}
	return s, ""
}

// pad fills clean text with spaces to cols columns.
func pad(s string, cols int) string {
	return s + strings.Repeat(" ", max(cols-width(s), 0))
}

// clip keeps the first lines, of at most cols columns, and marks where it cuts.
func clip(lines []string, most, cols int, mark string) []string {
	if len(lines) <= most {
		return lines
	}
	last := lines[most-1] + " " + mark
	if width(last) > cols {
		last = truncate(lines[most-1], max(cols-width(mark), 0), "") + mark
	}
	return append(lines[:most-1:most-1], last)
}

package taglist

import "strings"

// Set returns text with the tag set to value: in its place if it is there, else
// at the end. The other tags stay as they are written.
func Set(text, name, value string) string {
	var pieces []string
	set := false
	for piece, rest, more := "", text, true; more; {
		piece, rest, more = strings.Cut(rest, ";")
		t := parse(piece, 0)
		switch {
		case strings.Trim(piece, WSP) == "":
			continue
		case !strings.EqualFold(t.Name, name) || !t.Equals:
			pieces = append(pieces, strings.Trim(piece, WSP))
		case !set:
			pieces, set = append(pieces, t.Name+"="+value), true
		}
	}
	if !set {
		pieces = append(pieces, name+"="+value)
	}
	return strings.Join(pieces, "; ")
}

// Remove returns text without the tag. The other tags stay as they are written.
func Remove(text, name string) string {
	var pieces []string
	removed := false
	for piece, rest, more := "", text, true; more; {
		piece, rest, more = strings.Cut(rest, ";")
		t := parse(piece, 0)
		switch {
		case t.Equals && strings.EqualFold(t.Name, name):
			removed = true
		case strings.Trim(piece, WSP) != "":
			pieces = append(pieces, strings.Trim(piece, WSP))
		}
	}
	if !removed {
		return text
	}
	return strings.Join(pieces, "; ")
}

// Package received reads Received fields, the marks that mail servers leave on
// the way of a message (RFC 5321 4.4).
//
// A server writes two things about its client: the name that the client gave
// itself with HELO or EHLO, and the address that the connection came from. The
// first is the client's word and may be anything, an address or a piece of a
// forged field included. The second is what the server saw. The RFC puts it
// into the parentheses after the name (its "TCP-info"), and most software
// does; the package knows the others. It gives an address only where the field
// can be read in one way, for a wrong client is worse than none.
package received

import (
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
)

// Hop is one Received field: one server took the message from another. All
// strings are hostile.
type Hop struct {
	HELO  string     // how the client introduced itself
	RDNS  string     // its name by reverse DNS, as far as the server wrote it down
	IP    netip.Addr // of the client, as the server saw it; invalid if that is not written or not clear
	By    string     // the server
	With  string     // the protocol and what follows it
	For   string     // the recipient
	ID    string     // that the server gave the message
	Time  *time.Time
	Fault string // why the field cannot be read in one way
}

// maxField is how much of a Received field is read.
const maxField = 4 << 10

// Parse reads the value of one Received field.
func Parse(v string) Hop {
	var h Hop
	if len(v) > maxField {
		v, h.Fault = v[:maxField], "the field is too long"
	}
	words, ok := split(v)
	if !ok {
		h.fault("parentheses do not match")
	}
	words, date := cutDate(words)
	if slices.ContainsFunc(date, func(w word) bool { return !w.comment && strings.Contains(w.text, ";") }) {
		h.fault("it ends twice")
	}
	h.Time = dateOf(date)
	h.client(h.clauses(words))
	if h.Fault != "" {
		h.IP = netip.Addr{}
	}
	return h
}

// Public reports whether the client has an address of the public Internet.
func (h *Hop) Public() bool {
	return kit.Public(h.IP)
}

// clauses hands out the words by the keyword they follow, and gives those of
// the from clause, which need more thought.
func (h *Hop) clauses(words []word) (from []word) {
	key := ""
	seen := map[string]bool{}
	for _, w := range words {
		low := strings.ToLower(w.text)
		if !w.comment && keyword(low, key, seen) {
			if seen[low] && (low == "from" || low == "by") {
				h.fault("it names two servers as sender or receiver")
			}
			key, seen[low] = low, true
			continue
		}
		if key == "from" {
			from = append(from, w)
		} else if !w.comment && w.text != "" {
			h.set(key, w.text)
		}
	}
	return from
}

// keyword reports whether a word starts a clause. RFC 5321 4.4 has each at
// most once, from and by first. A client may be named "by" or "with", so the
// word right after "from" is a name.
func keyword(w, key string, seen map[string]bool) bool {
	switch w {
	case "from":
		return key == "" || key == "from" || key == "by"
	case "by":
		return true
	case "with", "for", "id", "via":
		return key != "" && key != "from" || !seen["from"] && key == ""
	}
	return false
}

func (h *Hop) fault(why string) {
	if h.Fault == "" {
		h.Fault = why
	}
}

func (h *Hop) set(key, word string) {
	switch key {
	case "by":
		if h.By == "" {
			h.By = strings.TrimSuffix(word, ".")
		}
	case "with":
		h.With = strings.TrimSpace(h.With + " " + word)
	case "id":
		if h.ID == "" {
			h.ID = word
		}
	case "for":
		if h.For == "" {
			h.For = strings.Trim(word, "<>;")
		}
	}
}

// word is a word or a comment of a field.
type word struct {
	text    string
	comment bool
	glued   bool // no blank stands between it and what is before it
}

// split cuts a field into words and comments. Comments within comments belong
// to the outer one (RFC 5322 3.2.2). It reports false if parentheses are left
// open or closed twice.
func split(v string) (words []word, ok bool) {
	ok = true
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
		case c == '(':
			end, closed := commentEnd(v, i)
			ok = ok && closed
			words = append(words, word{strings.Join(strings.Fields(v[i+1:end]), " "), true, glued(v, i)})
			i = end + 1
		case c == ')':
			ok = false
			i++
		default:
			j := i
			for j < len(v) && strings.IndexByte(" \t\r\n()", v[j]) < 0 {
				j++
			}
			words = append(words, word{v[i:j], false, glued(v, i)})
			i = j
		}
	}
	return words, ok
}

func glued(v string, i int) bool { return i > 0 && strings.IndexByte(" \t\r\n", v[i-1]) < 0 }

// commentEnd returns where the comment that starts at i ends.
func commentEnd(v string, i int) (end int, closed bool) {
	depth := 0
	for j := i; j < len(v); j++ {
		switch v[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j, true
			}
		}
	}
	return len(v), false
}

// cutDate cuts the words at the first semicolon outside of comments.
func cutDate(words []word) (rest, date []word) {
	for i, w := range words {
		before, after, ok := strings.Cut(w.text, ";")
		if w.comment || !ok {
			continue
		}
		rest = append(slices.Clone(words[:i]), word{text: before})
		return rest, append([]word{{text: after}}, words[i+1:]...)
	}
	return words, nil
}

// The years between which a date is believed.
const (
	firstYear = 1982 // RFC 821 and 822
	lastYear  = 2200
)

func dateOf(words []word) *time.Time {
	var text []string
	for _, w := range words {
		if !w.comment && w.text != "" {
			text = append(text, w.text)
		}
	}
	t, err := mail.ParseDate(strings.Join(text, " "))
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return nil
	}
	t = t.UTC()
	return &t
}

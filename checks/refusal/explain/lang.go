package explain

import (
	"fmt"
	"slices"
	"strings"
)

// ticketText is what the sender of a message is told of one cause, in one
// language. %s in what stands for "Your message to ADDRESS".
type ticketText struct{ title, what, do string }

// texts holds texts by what they are about. As a list they are data; a map would be code
// that fills it.
type texts[K comparable, V any] []struct {
	about K
	text  V
}

// of returns the text about k.
func (t texts[K, V]) of(k K) (text V, ok bool) {
	for i := range t {
		if t[i].about == k {
			return t[i].text, true
		}
	}
	return text, false
}

// ticketLanguage holds the texts of a language.
type ticketLanguage struct {
	tag      string // RFC 5646: "en"
	subject  string // "Your message", without an address
	to       string // with one
	ticket   string // the subject line of the ticket: title and addresses
	both     string // the two sentences, one after the other
	perCause texts[cause, ticketText]
}

func ticketLanguages() []ticketLanguage {
	return slices.Concat(firstTicketLanguages, moreTicketLanguages)
}

// Languages lists the values of --lang.
func Languages() []string {
	var list []string
	for _, l := range ticketLanguages() {
		list = append(list, l.tag)
	}
	return list
}

// KnownLanguage reports whether there are texts in that language.
func KnownLanguage(lang string) bool { return slices.Contains(Languages(), lang) }

// wording writes for the sender of a message, in one language.
type wording struct {
	lang  ticketLanguage
	sides sideTexts
}

// newWording returns the texts of a language, or the English ones if it has none.
func newWording(lang string) wording {
	i := max(slices.Index(Languages(), lang), 0)
	return wording{ticketLanguages()[i], ticketSides()[i]}
}

// of returns the texts of a cause.
func (w wording) of(c cause) ticketText {
	if t, ok := w.sides.perCause.of(c); ok {
		return t
	}
	t, _ := w.lang.perCause.of(c)
	return t
}

// title names a cause and the addresses that it is about.
func (w wording) title(c cause, to []string) string {
	title := w.of(c).title
	if len(to) == 0 {
		return title
	}
	who := strings.Join(to, ", ")
	if c.ofSender() {
		who = fmt.Sprintf(w.lang.to, who) // not the address that the title speaks of
	}
	return fmt.Sprintf(w.lang.ticket, title, who)
}

// sentences says what happened and what to do; who must act is "" where it is
// not known.
func (w wording) sentences(c cause, who side, to []string) string {
	subject := w.lang.subject
	if len(to) > 0 {
		subject = fmt.Sprintf(w.lang.to, strings.Join(to, ", "))
	}
	do := w.of(c).do
	if who != "" && !c.settled() && who != c.sideOfText() {
		do = w.todo(who)
	}
	return fmt.Sprintf(w.lang.both, fmt.Sprintf(w.of(c).what, subject), do)
}

// todo says what to do where a side must act that the cause does not name.
func (w wording) todo(who side) string {
	if who == sideOwn {
		return w.of(causeConfig).do
	}
	do, _ := w.sides.do.of(who)
	return do
}

// header says what is known of a message that arrived.
func (w wording) header(n headerNotice) (title, sentences string) {
	t, _ := w.sides.header.of(n)
	return t[0], fmt.Sprintf(w.lang.both, t[1], t[2])
}

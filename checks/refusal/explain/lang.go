package explain

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// ticketText is what the sender of a message is told of one cause, in one
// language. %s in what stands for "Your message to ADDRESS".
type ticketText struct{ title, what, do string }

// ticketLanguage holds the texts of a language.
type ticketLanguage struct {
	tag      language.Tag
	subject  string // "Your message", without an address
	to       string // with one
	ticket   string // the subject line of the ticket: title and addresses
	both     string // the two sentences, one after the other
	perCause map[cause]ticketText
}

func ticketLanguages() []ticketLanguage {
	return slices.Concat(firstTicketLanguages, moreTicketLanguages)
}

// Languages lists the values of --lang.
func Languages() []string {
	var list []string
	for _, l := range ticketLanguages() {
		list = append(list, l.tag.String())
	}
	return list
}

// KnownLanguage reports whether there are texts in that language.
func KnownLanguage(lang string) bool { return slices.Contains(Languages(), lang) }

// wording writes for the sender of a message, in one language.
type wording struct{ p *message.Printer }

// The keys of the catalog; those of a cause have its name before them.
const (
	keySubject = "subject"
	keyTo      = "to %s"
	keyTicket  = "ticket %s %s"
	keyBoth    = "both %s %s"
	keyTitle   = ".title"
	keyWhat    = ".what %s"
	keyDo      = ".do"
)

func newWording(lang string) (wording, error) {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	for i, l := range ticketLanguages() {
		texts := map[string]string{keySubject: l.subject, keyTo: l.to, keyTicket: l.ticket, keyBoth: l.both}
		for c, t := range l.perCause {
			texts[string(c)+keyTitle], texts[string(c)+keyWhat], texts[string(c)+keyDo] = t.title, t.what, t.do
		}
		sides := ticketSides()[i]
		for c, t := range sides.perCause {
			texts[string(c)+keyTitle], texts[string(c)+keyWhat], texts[string(c)+keyDo] = t.title, t.what, t.do
		}
		for s, do := range sides.do {
			texts[string(s)+keyDo] = do
		}
		texts[string(sideOwn)+keyDo] = l.perCause[causeConfig].do
		for n, t := range sides.header {
			texts[string(n)+keyTitle], texts[string(n)+keyWhat], texts[string(n)+keyDo] = t[0], t[1], t[2]
		}
		for key, text := range texts {
			if err := b.SetString(l.tag, key, text); err != nil {
				return wording{}, err
			}
		}
	}
	return wording{message.NewPrinter(language.Make(lang), message.Catalog(b))}, nil
}

// title names a cause and the addresses that it is about.
func (w wording) title(c cause, to []string) string {
	title := w.p.Sprintf(string(c) + keyTitle)
	if len(to) == 0 {
		return title
	}
	return w.p.Sprintf(keyTicket, title, strings.Join(to, ", "))
}

// sentences says what happened and what to do; who must act is "" where it is
// not known.
func (w wording) sentences(c cause, who side, to []string) string {
	subject := w.p.Sprintf(keySubject)
	if len(to) > 0 {
		subject = w.p.Sprintf(keyTo, strings.Join(to, ", "))
	}
	do := string(c) + keyDo
	if who != "" && !c.settled() && who != c.sideOfText() {
		do = string(who) + keyDo
	}
	return w.p.Sprintf(keyBoth, w.p.Sprintf(string(c)+keyWhat, subject), w.p.Sprintf(do))
}

// header says what is known of a message that arrived.
func (w wording) header(n headerNotice) (title, sentences string) {
	return w.p.Sprintf(string(n) + keyTitle), w.p.Sprintf(keyBoth, w.p.Sprintf(string(n)+keyWhat), w.p.Sprintf(string(n)+keyDo))
}

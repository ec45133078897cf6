package message

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/message/eml"
)

// front returns the name of the client at the border, if it is that of a filter
// or of a server in the recipient's own domain. Mail that such a server passes
// on fails SPF, and DKIM if it changes the message, even if it is genuine. The name is
// the client's own word, so it explains a failure and excuses none.
func (b *Border) front(p *eml.Part) string {
	name := strings.ToLower(strings.TrimSuffix(b.HELO, "."))
	if org(name) == "" || outboundMicrosoft(name) {
		return ""
	}
	if kit.ReadMX("0 "+name).Kind == kit.MXGateway {
		return name
	}
	for _, h := range []string{"To", "Cc", "Delivered-To"} {
		if slices.ContainsFunc(addresses(p.Get(h)), func(to string) bool {
			_, domain, _ := strings.Cut(to, "@")
			return sameOrg(domain, name)
		}) {
			return name
		}
	}
	return ""
}

// explained says what a failure means: a forgery, or one of the ways in which
// genuine mail fails.
func (a *Analysis) explained() string {
	b := a.Border
	switch list := a.list(); {
	case a.connector:
		return fmt.Sprintf("Microsoft 365 counts it as internal (AuthAs Internal), as mail of your own servers that comes through a connector. "+
			"It is genuine if %s is such a server, and forged if not.", clientOf(b))
	case list != "":
		return fmt.Sprintf("It is forged, or it came through the mailing list %s: lists change messages and send them from their own servers. "+
			"Anybody can set up a list, so this counts only if you know this list.", list)
	case b != nil && b.name != "":
		s := fmt.Sprintf("%s If %s is your own filter or server, all mail through it fails this way: see what it found itself", forgedOr, clientOf(b))
		if b.microsoft() {
			s += ", and turn on Enhanced Filtering for Connectors in Microsoft 365"
		}
		return s + "."
	}
	return forgedOr
}

const forgedOr = "It is forged, or it was sent or changed by a server that the domain does not authorize."

func clientOf(b *Border) string {
	if org(b.HELO) == "" { // none, or an address
		return b.IP
	}
	return fmt.Sprintf("%s (%s)", b.IP, b.HELO)
}

// list returns the mailing list that the message came through, "" if it names
// none or none that vouches for itself: anybody can write List-Id (RFC 2919).
func (a *Analysis) list() string {
	for _, x := range a.DMARC.Aligned {
		if x.Passed && x.Unfit == "" && !x.Relaxed && sameOrg(x.Domain, a.listID) {
			return a.listID
		}
	}
	return ""
}

// listOf returns the name of the mailing list in List-Id (RFC 2919 3), or the
// domain to which List-Post (RFC 2369 3.4) sends; "" if there is none.
func listOf(p *eml.Part) string {
	id := p.Get("List-Id")
	if i := strings.LastIndexByte(id, '<'); i >= 0 {
		id, _, _ = strings.Cut(id[i+1:], ">")
	}
	if id = addressDomain(id); id != "" {
		return id
	}
	_, to, _ := strings.Cut(strings.ToLower(p.Get("List-Post")), "mailto:")
	to, _, _ = strings.Cut(to, ">")
	return addressDomain(to)
}

// journaled reports whether a header says that it is one of a journal report, as
// Exchange writes it.
func journaled(p *eml.Part) bool {
	return len(p.All("X-MS-Journal-Report")) > 0 || strings.HasSuffix(strings.Trim(p.Get("Message-ID"), "<> "), "@journal.report.generator") ||
		strings.EqualFold(p.Get("X-MS-Exchange-Generated-Message-Source"), "Journal Agent")
}

// journal says of a journal report that another message is the one in question.
func (a *Analysis) journal(x Answer) Answer {
	if a.journaled {
		x.Text = "This says that it is a journal report: the copy of a message for an archive, with the message attached. About the report itself: " +
			strings.ToLower(x.Text[:1]) + x.Text[1:]
	}
	return x
}

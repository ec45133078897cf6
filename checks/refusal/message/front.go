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

// ifFront says what follows if the client is a server of the reader's own.
func (a *Analysis) ifFront() string {
	b := a.Border
	if b == nil || b.name == "" {
		return ""
	}
	s := fmt.Sprintf(" If %s (%s) is your own filter or server, all mail through it fails this way: see what it found itself", b.IP, b.name)
	if b.microsoft() {
		s += ", and turn on Enhanced Filtering for Connectors in Microsoft 365"
	}
	return s + "."
}

package message

import (
	"slices"
	"strings"

	"maildiag/checks/refusal/message/eml"
	"maildiag/checks/refusal/message/received"
)

// trace is the header read from the top, where the receiving organization's
// own fields stand, down to its border.
type trace struct {
	part   *eml.Part
	wanted string // authserv-id that the user trusts
	at     []int  // indexes of the Received fields in part.Fields
	hops   []received.Hop
	cut    int
	border *Border
	over   int    // the border's own block of fields: from here
	line   int    // to here; what is below is the sender's
	why    string // there is no border
	within bool   // there is none, because the message did not come from outside
	doubt  *doubt // the hop that may have been the border, although it looks as if it was within
}

// doubt is why what stands below a hop may be the sender's; a hop of -1 stands
// for the whole header.
type doubt struct {
	hop int
	why string
}

// inAttachment is why nothing in the header of an attached message is certain.
const inAttachment = "the message was attached to another one, whose sender can have written this whole header"

func newTrace(p *eml.Part, wanted string, attached bool) *trace {
	t := &trace{part: p, wanted: wanted}
	if attached {
		t.doubted(-1, inAttachment)
	}
	for i, f := range p.Fields {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		if len(t.at) == MaxHops {
			t.cut++
			continue
		}
		t.at = append(t.at, i)
		t.hops = append(t.hops, received.Parse(f.Value))
	}
	t.find()
	return t
}

func (t *trace) shown() []Hop {
	var list []Hop
	for i := range t.hops {
		list = append(list, hopOf(&t.hops[i]))
	}
	delays(list)
	return list
}

// find walks down to the first hop that came from outside. Anyone who connects
// chooses all that stands below it, so the walk goes on only past hops that
// are certainly within.
func (t *trace) find() {
	exchange := false
	for i := range t.hops {
		h := &t.hops[i]
		if exchange && !hasSuffix(h.By, microsoftHosts) {
			t.cutOut(i)
			return
		}
		switch t.kind(i) {
		case inside:
			exchange = exchange || insideMicrosoft(h)
			t.gap(i)
		case crossing:
			t.found(i)
			return
		default:
			t.why = "the server " + nameOf(h.By) + " does not clearly name the address that the message came from"
			return
		}
	}
	switch {
	case len(t.hops) == 0:
		t.why = "it contains no Received field. A sent item or a draft has none: use the message as it arrived, or paste its whole header"
	case t.mailbox():
		t.within, t.why = true, "a mailbox of Microsoft 365 sent it (MAPI), and no server took it from outside"
	case exchange:
		t.cutOut(len(t.hops))
	default:
		t.why = "no Received field shows the message arriving from the Internet"
	}
}

// mailbox reports whether the header is that of a message which a mailbox of
// Exchange Online sent, and which did not leave it: each server is one of
// Exchange Online, and the first one took it from its mailbox store.
func (t *trace) mailbox() bool {
	for i := range t.hops {
		if !hasSuffix(t.hops[i].By, microsoftHosts) {
			return false
		}
	}
	return t.doubt == nil && t.cut == 0 && strings.EqualFold(t.hops[len(t.hops)-1].With, "mapi")
}

func (t *trace) found(i int) {
	t.border = newBorder(i, &t.hops[i])
	t.line = t.at[i]
	if i > 0 {
		t.over = t.at[i-1]
	}
	t.doubtful()
}

// doubtful passes a doubt about a hop above on to the border. It is settled if
// the user names the border, and the server above found that name in the
// reverse DNS: what the client calls itself says nothing.
func (t *trace) doubtful() {
	if t.doubt == nil {
		return
	}
	if t.doubt.hop >= 0 && t.wanted != "" && strings.EqualFold(t.wanted, t.border.By) && strings.EqualFold(t.hops[t.doubt.hop].RDNS, t.wanted) {
		t.doubt = nil
		return
	}
	t.border.Uncertain = t.doubt.why
}

// doubted notes the first hop that may have been the border.
func (t *trace) doubted(i int, why string) {
	if t.doubt == nil {
		t.doubt = &doubt{i, why}
	}
}

// gap sees that the server from which a hop took the message is the one that
// wrote the next field. If not, that field is missing, and the next one may
// be the sender's.
func (t *trace) gap(i int) {
	if i+1 == len(t.hops) {
		return
	}
	h, next := &t.hops[i], t.hops[i+1].By
	if insideMicrosoft(h) {
		if microsoftEdge(next) && hasSuffix(h.HELO, filterHosts) && !strings.EqualFold(label(h.HELO), label(next)) {
			t.doubted(i, "the server "+nameOf(h.HELO)+" of Microsoft 365 did not write the next Received field; the sender may have")
		}
		return
	}
	known := false
	for _, name := range []string{h.HELO, h.RDNS} {
		if sameOrg(name, next) {
			return
		}
		known = known || org(name) != ""
	}
	if known && org(next) != "" {
		t.doubted(i, "the server "+nameOf(h.By)+" did not take the message from "+next+", which wrote the next Received field; "+
			"the sender may have written it")
	}
}

// label returns the first label of a name.
func label(name string) string {
	first, _, _ := strings.Cut(name, ".")
	return first
}

// cutOut handles a header from which someone took the Received field of the
// server of Exchange Online that let the message in: hop i is the sender's
// already. What that server wrote may still stand between.
func (t *trace) cutOut(i int) {
	t.why = "the Received field of the server of Microsoft 365 that took the message from outside is missing (only internal messages have none)"
	t.over = t.at[i-1]
	for t.line = t.over + 1; t.line < len(t.part.Fields) && writtenAtEdge(t.part.Fields[t.line].Name); t.line++ {
		if !strings.EqualFold(t.part.Fields[t.line].Name, authResults) {
			continue
		}
		r := parsed(t.part.Fields[t.line].Value)
		if ip, ok := r.senderIP(); ok && r.AuthservID == "" && t.border == nil {
			h := &t.hops[i-1]
			t.border = &Border{Hop: i - 1, By: h.HELO, IP: ip.String(), Time: h.Time, Missing: true}
			t.why = ""
			t.doubtful()
		}
	}
}

func writtenAtEdge(name string) bool {
	switch strings.ToLower(name) {
	case "authentication-results", "received-spf", "arc-authentication-results", "arc-message-signature", "arc-seal":
		return true
	}
	return false
}

// kind is what a hop is to the receiving organization.
type kind int

const (
	unclear  kind = iota
	inside        // from one of its servers to another
	crossing      // from the Internet to its border
)

func (t *trace) kind(i int) kind {
	h := &t.hops[i]
	switch {
	case h.Fault != "":
		return unclear
	case h.HELO == "" && !h.IP.IsValid():
		return silent(h)
	case local(h):
		return inside
	case !h.IP.IsValid():
		return unclear
	case microsoftEdge(h.By): // takes mail only from outside, over whatever address
		return crossing
	case insideMicrosoft(h):
		return inside
	case !h.Public():
		return t.private(i)
	}
	return crossing
}

// silent judges a hop without a client: a server handed the message on within
// itself. But one with a name of the DNS that took it by SMTP hides who
// connected, and may be the border.
func silent(h *received.Hop) kind {
	with, _, _ := strings.Cut(strings.ToUpper(h.With), " ")
	if strings.Contains(with, "SMTP") && org(h.By) != "" {
		return unclear
	}
	return inside
}

// local reports whether the protocol says that a hop is within: the client has
// no address, or one of its network.
func local(h *received.Hop) bool {
	with, _, _ := strings.Cut(strings.ToUpper(h.With), " ")
	switch with {
	case "LMTP", "LMTPS", "LMTPA", "LMTPSA", "LOCAL", "MAPI":
		return !h.Public()
	}
	return false
}

// private judges a client with an address of the host itself or of a private
// network. Servers behind a proxy or in a container may see such an address for
// all the Internet, so that a client of another organization's name is not
// within, and doubt is left about any other, whatever it calls itself. The
// server that the user names is the border.
func (t *trace) private(i int) kind {
	h := &t.hops[i]
	if t.wanted != "" && strings.EqualFold(h.By, t.wanted) {
		return crossing
	}
	own := []string{org(h.By), ""}
	if i+1 < len(t.hops) {
		own[1] = org(t.hops[i+1].By)
	}
	for _, name := range []string{h.RDNS, h.HELO} {
		if o := org(name); o != "" && registrable(o) && !slices.Contains(own, o) {
			return unclear
		}
	}
	why := "the message came to " + nameOf(h.By) + " from a private network; if all mail arrives there that way " +
		"(a proxy, a container), the sender may have written the fields below"
	if t.wanted == "" && !slices.ContainsFunc(t.hops[i+1:], func(below received.Hop) bool { return strings.EqualFold(below.By, h.By) }) {
		why += "; name the receiving server with --authserv-id"
	}
	t.doubted(i, why)
	return inside
}

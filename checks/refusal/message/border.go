package message

import (
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"maildiag/checks/refusal/message/eml"
	"maildiag/checks/refusal/message/received"
	"maildiag/dnsrec/dmarc"
)

// Border is the step from the Internet into the organization that received the
// message.
type Border struct {
	Hop        int        `json:"hop"` // index in Hops
	By         string     `json:"by,omitempty"`
	IP         string     `json:"ip,omitempty"`           // that SPF is about
	Connected  string     `json:"connected_ip,omitempty"` // where it is another one: that connected
	HELO       string     `json:"helo,omitempty"`
	Time       *time.Time `json:"time,omitempty"`             // of receipt
	MailFrom   string     `json:"mail_from"`                  // envelope sender; "" is that of a bounce
	FromHeader string     `json:"mail_from_source,omitempty"` // "": the envelope sender is not known
	Evidence   []Evidence `json:"evidence,omitempty"`
	Uncertain  string     `json:"uncertain,omitempty"`        // why the real border may be further down
	SignedIn   bool       `json:"signed_in,omitempty"`        // the client did, so SPF is not about it
	Missing    bool       `json:"received_missing,omitempty"` // its Received field is not in the header; Hop is the next one

	name string // the client calls itself a filter, or a server of the recipient
}

// Evidence is one place that tells the address of the client.
type Evidence struct {
	Source string `json:"source"`
	IP     string `json:"ip"`
}

const privateClient = "the client has an address of a private network, so it is not the server that the sender used"

func newBorder(i int, h *received.Hop) *Border {
	b := &Border{Hop: i, By: h.By, IP: h.IP.String(), HELO: h.HELO, Time: h.Time}
	b.Evidence = []Evidence{{"Received", b.IP}}
	switch {
	case !h.Public():
		b.Uncertain = privateClient
	case !edge(h.By) && sameOrg(h.RDNS, h.By):
		b.Uncertain = "the client has a name of the same organization, so it may be an internal relay; fields below it cannot be trusted"
	}
	return b
}

// signedIn reports whether the client of a hop signed in: by the protocol (RFC
// 3848), or as Exchange Online says of a client that reached one of its mailbox
// servers from the Internet.
func signedIn(h *received.Hop, p *eml.Part) bool {
	with, _, _ := strings.Cut(strings.ToUpper(h.With), " ")
	switch with {
	case "ESMTPA", "ESMTPSA", "UTF8SMTPA", "UTF8SMTPSA", "ASMTP":
		return true
	}
	return mailboxServer(h.By) && h.Public() && !hasSuffix(h.HELO, microsoftHosts) && authAs(p) == "internal"
}

// microsoft reports whether Exchange Online is the border.
func (b *Border) microsoft() bool { return microsoftEdge(b.By) || b.Missing }

// settle takes what the border's own fields say of the client and the envelope.
func (b *Border) settle(t *trace, a *Analysis) {
	b.name = b.front(t.part)
	b.SignedIn = !b.Missing && signedIn(&t.hops[b.Hop], t.part)
	b.senderIP(a)
	b.reported(t)
	b.mailFrom(t, a)
}

// senderIP takes the address that Microsoft 365 judged: "sender IP is" in its
// Authentication-Results. It is another one than that which connected where
// enhanced filtering looks behind a gateway.
func (b *Border) senderIP(a *Analysis) {
	for _, r := range a.AuthResults {
		if ip, ok := r.senderIP(); ok && r.Trusted {
			b.take("Authentication-Results, sender IP is", ip)
			return
		}
	}
}

// senderIP reads the comment of Microsoft 365 on SPF.
func (r *AuthResult) senderIP() (netip.Addr, bool) {
	for _, m := range r.Results {
		text, ok := strings.CutPrefix(m.Comment, "sender IP is ")
		if m.Method != "spf" || !ok {
			continue
		}
		ip, err := netip.ParseAddr(strings.TrimSpace(text))
		return ip.Unmap(), err == nil
	}
	return netip.Addr{}, false
}

// take notes an address and lets it be the one that SPF is about.
func (b *Border) take(source string, ip netip.Addr) {
	ip = ip.Unmap()
	b.Evidence = append(b.Evidence, Evidence{source, ip.String()})
	if s := ip.String(); s != b.IP && global(ip) {
		b.Connected, b.IP = b.IP, s
		if b.Uncertain == privateClient {
			b.Uncertain = ""
		}
	}
}

func global(ip netip.Addr) bool { return (&received.Hop{IP: ip}).Public() }

// reported notes what other fields of Microsoft 365 say of the client. They
// are shown, and decide nothing.
func (b *Border) reported(t *trace) {
	if !b.microsoft() {
		return
	}
	if ip, err := netip.ParseAddr(pairs(t.part.Get(forefrontHeader))["CIP"]); err == nil {
		b.Evidence = append(b.Evidence, Evidence{forefrontHeader + ", CIP", ip.Unmap().String()})
	}
	if _, v, ok := t.receivedSPF(); ok {
		if ip, err := netip.ParseAddr(v["client-ip"]); err == nil {
			b.Evidence = append(b.Evidence, Evidence{"Received-SPF, client-ip", ip.Unmap().String()})
		}
	}
}

// mailFrom finds the envelope sender: of the border's results, or of
// Return-Path where the last server wrote it, above the border (RFC 5321 4.4).
func (b *Border) mailFrom(t *trace, a *Analysis) {
	for _, r := range a.AuthResults {
		if v := r.param("spf", "smtp.mailfrom"); r.Trusted && v != "" {
			b.MailFrom, b.FromHeader = bare(v), authResults
			return
		}
	}
	for _, f := range t.part.Fields[:t.line] {
		if strings.EqualFold(f.Name, "Return-Path") {
			b.MailFrom, b.FromHeader = bare(f.Value), "Return-Path"
			return
		}
	}
	if sure, v, ok := t.receivedSPF(); ok && sure {
		if from, ok := v["envelope-from"]; ok {
			b.MailFrom, b.FromHeader = bare(from), "Received-SPF"
		}
	}
}

func bare(addr string) string {
	addr = strings.Trim(addr, "<>\" ")
	if strings.EqualFold(addr, "none") {
		return ""
	}
	return addr
}

// receivedSPF reads the border's Received-SPF field (RFC 7208 9.1), which the
// sender cannot have written if it stands in the border's own block.
func (t *trace) receivedSPF() (sure bool, pairs map[string]string, ok bool) {
	for i := t.over; i < len(t.part.Fields) && (i <= t.line || t.directly(i)); i++ {
		f := t.part.Fields[i]
		if strings.EqualFold(f.Name, "Received-SPF") {
			return i < t.line, keyValues(f.Value), true
		}
	}
	return false, nil, false
}

// keyValues reads the pairs of Received-SPF, outside of its comment.
func keyValues(v string) map[string]string {
	out := map[string]string{}
	depth := 0
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
			return ' '
		}
		if depth > 0 {
			return -1
		}
		return r
	}, v[:min(len(v), maxAuthRes)])
	for _, f := range strings.FieldsFunc(plain, func(r rune) bool { return r == ';' || r == ' ' || r == '\t' }) {
		if k, val, ok := strings.Cut(f, "="); ok {
			if _, twice := out[strings.ToLower(k)]; !twice {
				out[strings.ToLower(k)] = val
			}
		}
	}
	return out
}

// param returns a parameter of the first result of a method.
func (r *AuthResult) param(method, name string) string {
	for _, m := range r.Results {
		if m.Method == method {
			return m.Params[name]
		}
	}
	return ""
}

// org is the organization that a host's name belongs to, "" if it has no name.
func org(host string) string {
	host = strings.ToLower(strings.Trim(host, "[]."))
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || len(host) > 253 {
		return ""
	}
	return dmarc.ListOrganizational(host)
}

func sameOrg(a, b string) bool { return org(a) != "" && org(a) == org(b) }

// registrable reports whether a domain is one of the Internet, or of RFC 2606,
// and not one that a network made up for itself, such as corp.local.
func registrable(domain string) bool {
	suffix, icann := publicsuffix.PublicSuffix(domain)
	return icann || strings.Contains(suffix, ".") || suffix == "example" || suffix == "test" || suffix == "invalid"
}

package message

import (
	"net/mail"
	"net/netip"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/message/eml"
	"maildiag/dnsrec/dmarc"
)

// MaxHops is how many Received fields are shown.
const MaxHops = 100

// Hop is one Received field: one server took the message from another.
type Hop struct {
	From  string     `json:"from,omitempty"` // how the client introduced itself
	RDNS  string     `json:"rdns,omitempty"` // its name by reverse DNS, as the server saw it
	IP    string     `json:"ip,omitempty"`
	By    string     `json:"by,omitempty"`
	With  string     `json:"with,omitempty"`
	For   string     `json:"for,omitempty"`
	Time  *time.Time `json:"time,omitempty"`
	Delay *float64   `json:"delay_s,omitempty"` // since the hop before it; negative if the clocks disagree
	Note  string     `json:"note,omitempty"`
}

// hops reads the Received fields, the newest first as they stand.
func hops(p *eml.Part) (list []Hop, cut int) {
	all := p.All("Received")
	for _, v := range all[:min(len(all), MaxHops)] {
		list = append(list, received(v))
	}
	for i := range list {
		if i+1 < len(list) {
			list[i].since(&list[i+1])
		}
	}
	return list, len(all) - len(list)
}

// since sets the time that passed since the hop before.
func (h *Hop) since(before *Hop) {
	if h.Time == nil || before.Time == nil {
		return
	}
	s := h.Time.Sub(*before.Time).Seconds()
	h.Delay = &s
	switch {
	case s < -clockSkew:
		h.Note = "the clocks of the two servers disagree, or the field below is forged"
	case s > longDelay:
		h.Note = "the message waited here"
	}
}

// The delays that are remarked on, in seconds.
const (
	clockSkew = 60
	longDelay = 300
)

// maxReceived is how much of a Received field is read.
const maxReceived = 4 << 10

// received reads one Received field: words, comments and a date, RFC 5321 4.4.
func received(v string) Hop {
	v = v[:min(len(v), maxReceived)]
	var h Hop
	if i := strings.LastIndexByte(v, ';'); i >= 0 {
		h.Time = dateOf(v[i+1:])
		v = v[:i]
	}
	key := ""
	for _, w := range words(v) {
		switch low := strings.ToLower(w.text); {
		case w.comment:
			h.comment(key, w.text)
		case low == "from" || low == "by" || low == "with" || low == "for" || low == "id" || low == "via":
			key = low
		default:
			h.set(key, w.text)
		}
	}
	return h
}

func (h *Hop) set(key, word string) {
	switch key {
	case "from":
		if h.From == "" {
			h.From = word
			h.address(word)
		}
	case "by":
		if h.By == "" {
			h.By = word
		}
	case "with":
		h.With = strings.TrimSpace(h.With + " " + word)
	case "for":
		h.For = strings.Trim(word, "<>")
	}
}

// comment reads what a server says about its client in parentheses:
// "(mail.example.com [192.0.2.1])", "(192.0.2.1)", "(HELO x)".
func (h *Hop) comment(key, text string) {
	if key != "from" {
		return
	}
	fields := strings.Fields(text)
	for i, f := range fields {
		switch low := strings.ToLower(f); {
		case low == "helo" || low == "ehlo":
			if i+1 < len(fields) {
				h.From = fields[i+1]
			}
		case strings.HasPrefix(low, "helo="):
			h.From = f[5:]
		default:
			if !h.address(f) && h.RDNS == "" && strings.Contains(f, ".") && i == 0 {
				h.RDNS = strings.TrimSuffix(f, ".")
			}
		}
	}
}

// address takes an IP address out of a word, if it is one.
func (h *Hop) address(w string) bool {
	w = strings.Trim(w, "[]()")
	if len(w) > 5 && strings.EqualFold(w[:5], "ipv6:") {
		w = w[5:]
	}
	a, err := netip.ParseAddr(w)
	if err != nil {
		return false
	}
	if h.IP == "" {
		h.IP = a.Unmap().String()
	}
	return true
}

// word is a word or a comment of a field.
type word struct {
	text    string
	comment bool
}

// words cuts a field into words and comments; comments within comments belong
// to the outer one.
func words(v string) []word {
	var out []word
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case c == ' ' || c == '\t':
			i++
		case c == '(':
			depth, j := 0, i
			for ; j < len(v); j++ {
				if v[j] == '(' {
					depth++
				} else if v[j] == ')' {
					if depth--; depth == 0 {
						break
					}
				}
			}
			out = append(out, word{v[i+1 : min(j, len(v))], true})
			i = j + 1
		default:
			j := i
			for j < len(v) && v[j] != ' ' && v[j] != '\t' && (v[j] != '(' || j == i) {
				j++
			}
			out = append(out, word{v[i:j], false})
			i = j
		}
	}
	return out
}

// The years between which a date is believed.
const (
	firstYear = 1982 // RFC 821 and 822
	lastYear  = 2200
)

func dateOf(s string) *time.Time {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '('); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	t, err := mail.ParseDate(s)
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return nil
	}
	t = t.UTC()
	return &t
}

// crosses tells whether a hop leads from one organization into another: its
// client has a public address and another organization's name.
func (h *Hop) crosses() bool {
	a, err := netip.ParseAddr(h.IP)
	if err != nil || !kit.Public(a.Unmap()) {
		return false
	}
	client := h.RDNS
	if client == "" || strings.EqualFold(client, "unknown") {
		client = h.From
	}
	return org(client) == "" || org(client) != org(h.By)
}

// family gives the organization that several domains of one provider belong
// to.
var family = map[string]string{
	"microsoft.com": "microsoft",
	"google.com":    "google", "googlemail.com": "google", "gmail.com": "google",
}

// org is the organization that a host's name belongs to, "" if it has no name.
func org(host string) string {
	host = strings.ToLower(strings.Trim(host, "[]."))
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || len(host) > 253 {
		return ""
	}
	if kit.CloudOfServer("x."+host) != nil {
		return "microsoft"
	}
	o := dmarc.ListOrganizational(host)
	if f := family[o]; f != "" {
		return f
	}
	return o
}

// borderOf finds the step into the receiving organization and what is known of
// the client there.
func (a *Analysis) borderOf(p *eml.Part) *Border {
	for i := range a.Hops {
		h := &a.Hops[i]
		if !h.crosses() {
			continue
		}
		b := &Border{Hop: i, By: h.By, IP: h.IP, HELO: h.From}
		b.MailFrom, b.FromHeader = mailFrom(p, a)
		return b
	}
	return nil
}

// borderField gives the index, among all fields, of the Received field of the
// border; the number of fields if there is none.
func borderField(p *eml.Part) int {
	for i, f := range p.Fields {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		if h := received(f.Value); h.crosses() {
			return i
		}
	}
	return len(p.Fields)
}

// mailFrom finds the envelope sender: of Return-Path, which the last server
// writes (RFC 5321 4.4), or of the trusted results.
func mailFrom(p *eml.Part, a *Analysis) (addr, source string) {
	if v := p.All("Return-Path"); len(v) > 0 {
		return strings.Trim(v[0], "<> "), "Return-Path"
	}
	for _, r := range a.AuthResults {
		if v := r.param("spf", "smtp.mailfrom"); r.Trusted && v != "" {
			return v, "Authentication-Results"
		}
	}
	for _, v := range p.All("Received-SPF") {
		if _, rest, ok := strings.Cut(v, "envelope-from="); ok {
			rest, _, _ = strings.Cut(rest, ";")
			return strings.Trim(rest, "\"<> "), "Received-SPF"
		}
	}
	return "", ""
}

// Package message takes a message apart: the way it came, who vouches for it,
// and what that is worth.
//
// Each server on the way adds a Received field on top of the header (RFC 5321
// 4.4). The server that lets a message into an organization, the border, also
// writes down what it found out in Authentication-Results (RFC 8601): whether
// the connecting address may send for the envelope sender (SPF, RFC 7208),
// whether a domain signed the message (DKIM, RFC 6376), and whether one of the
// two belongs to the domain in From (DMARC, RFC 9989). Forwarders may keep these
// findings in ARC sets (RFC 8617).
//
// All of the header below the border's own fields is the sender's word. The
// package says for each thing who claims it, verifies what can be verified, and
// where several readings are possible names them instead of choosing one.
package message

import (
	"bytes"
	"context"
	"strings"
	"time"

	"maildiag/checks/refusal/message/eml"
	"maildiag/dnsrec"
)

// Options say how to look at a message.
type Options struct {
	// DNS answers for the keys of signatures, and with Replay for the rest;
	// nil: nothing can be asked.
	DNS dnsrec.Resolver
	// Replay asks the DNS of today for SPF of the border's client and for the
	// DMARC policy of From.
	Replay bool
	// AuthservID is the server whose Authentication-Results are believed;
	// empty: that of the topmost field.
	AuthservID string
	Now        time.Time
}

// Analysis is what a message tells. All strings from the message are hostile.
type Analysis struct {
	From        From         `json:"from"`
	Subject     string       `json:"subject,omitempty"`
	Hops        []Hop        `json:"hops"`
	HopsCut     int          `json:"hops_cut,omitempty"` // older hops that are not in Hops
	Border      *Border      `json:"border,omitempty"`   // where it came in from outside
	AuthResults []AuthResult `json:"authentication_results"`
	DKIM        []Signature  `json:"dkim"`
	SPF         *SPF         `json:"spf,omitempty"`
	DMARC       *DMARC       `json:"dmarc,omitempty"`
	ARC         *ARC         `json:"arc,omitempty"`
	Microsoft   []Mark       `json:"microsoft,omitempty"`
	Notes       []string     `json:"notes,omitempty"`
}

// From is what the From field says.
type From struct {
	Raw       string   `json:"raw"`
	Addresses []string `json:"addresses,omitempty"`
	Domain    string   `json:"domain,omitempty"` // A-label, of the only address
	Ambiguous string   `json:"ambiguous,omitempty"`
}

// Border is the step from another organization into the one that received the
// message.
type Border struct {
	Hop        int    `json:"hop"` // index in Hops
	By         string `json:"by,omitempty"`
	IP         string `json:"ip,omitempty"`
	HELO       string `json:"helo,omitempty"`
	MailFrom   string `json:"mail_from"` // envelope sender; "" is that of a bounce
	FromHeader string `json:"mail_from_source,omitempty"`
}

// Analyse takes a message apart. It asks the DNS only as the options allow.
func Analyse(ctx context.Context, data []byte, o Options) *Analysis {
	m := eml.Parse(headerOf(data))
	a := &Analysis{Notes: m.Notes, Subject: eml.Decoded(m.Get("Subject"))}
	a.From = fromOf(m.Part)
	a.Hops, a.HopsCut = hops(m.Part)
	a.AuthResults = authResults(m.Part, o.AuthservID, borderField(m.Part))
	a.Border = a.borderOf(m.Part)
	a.ARC = arcOf(m.Part)
	a.Microsoft = microsoft(m.Part, a)
	a.DKIM = signatures(ctx, data, m.Part, o)
	if o.Replay && o.DNS != nil {
		a.replaySPF(ctx, o)
	}
	a.evaluateDMARC(ctx, o)
	return a
}

// headerOf cuts off the body, which is needed only for signatures. A message
// without an empty line is all header.
func headerOf(data []byte) []byte {
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), "\r\n")
	end := len(data)
	for _, mark := range []string{"\n\n", "\n\r\n"} {
		if i := bytes.Index(data[:end], []byte(mark)); i >= 0 {
			end = i + 1
		}
	}
	return data[:end]
}

// Header looks at the header of a message alone, as it stands in a bounce. It
// asks the DNS for nothing.
func Header(p *eml.Part, o Options) *Analysis {
	a := &Analysis{Subject: eml.Decoded(p.Get("Subject")), From: fromOf(p)}
	a.Hops, a.HopsCut = hops(p)
	a.AuthResults = authResults(p, o.AuthservID, borderField(p))
	a.Border = a.borderOf(p)
	for _, v := range p.All("DKIM-Signature") {
		a.DKIM = append(a.DKIM, signature(v, p, o.Now))
	}
	return a
}

// maxFrom is how much of a From field is read.
const maxFrom = 4 << 10

// fromOf reads the From fields. More than one field, or more than one address,
// is ambiguous: receivers differ in which one they show and check.
func fromOf(p *eml.Part) From {
	all := p.All("From")
	if len(all) == 0 {
		return From{Ambiguous: "there is no From field"}
	}
	f := From{Raw: strings.Join(all, " | ")}
	f.Raw = f.Raw[:min(len(f.Raw), maxFrom)]
	if len(all) > 1 {
		f.Ambiguous = "several From fields; receivers differ in which one they take"
	}
	for _, v := range all[:min(len(all), 10)] {
		f.Addresses = append(f.Addresses, addresses(v)...)
	}
	f.settle()
	return f
}

func (f *From) settle() {
	switch {
	case f.Ambiguous != "":
	case len(f.Addresses) == 0:
		f.Ambiguous = "From holds no address"
	case len(f.Addresses) > 1:
		f.Ambiguous = "From holds several addresses; receivers differ in which one they take"
	case oddAddress(f.Raw):
		f.Ambiguous = "From is oddly written; receivers may read another address out of it"
	}
	if len(f.Addresses) == 0 {
		return
	}
	_, domain, _ := strings.Cut(f.Addresses[0], "@")
	d, _, err := dnsrec.ParseDomain(domain)
	if err != nil {
		if f.Ambiguous == "" {
			f.Ambiguous = "the domain of From is not a domain"
		}
		return
	}
	f.Domain = d
}

// addresses takes the mail addresses out of a field: those in angle brackets,
// or else bare ones. Quoted strings and comments are passed over. It is
// lenient, linear and bounded.
func addresses(v string) []string {
	v = v[:min(len(v), maxFrom)]
	plain := withoutQuotes(v)
	var list []string
	for part := range strings.SplitSeq(plain, ",") {
		part = strings.TrimSpace(part)
		if i := strings.LastIndexByte(part, '<'); i >= 0 {
			inside, _, _ := strings.Cut(part[i+1:], ">")
			part = inside
		}
		if i := strings.LastIndexByte(part, ':'); i >= 0 { // a group, or an old route
			part = part[i+1:]
		}
		part = strings.Trim(part, " <>;")
		if strings.Count(part, "@") == 1 && !strings.ContainsAny(part, " \t") {
			list = append(list, part)
		}
	}
	return list
}

// withoutQuotes blanks quoted strings and comments. RFC 5322 3.2.2, 3.2.4
func withoutQuotes(v string) string {
	b := []byte(v)
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		hide := quoted || depth > 0
		switch {
		case c == '\\' && hide && i+1 < len(b):
			b[i], b[i+1] = ' ', ' '
			i++
			continue
		case c == '"' && depth == 0:
			quoted, hide = !quoted, true
		case c == '(' && !quoted:
			depth, hide = depth+1, true
		case c == ')' && depth > 0:
			depth--
		}
		if hide {
			b[i] = ' '
		}
	}
	return string(b)
}

// oddAddress tells that a From field holds what different readers read
// differently: an "@" outside of the address, angle brackets twice, or NULs.
func oddAddress(v string) bool {
	plain := withoutQuotes(v)
	return strings.Count(plain, "<") > 1 || strings.Count(plain, "@") > 1 || strings.ContainsAny(v, "\x00\r")
}

// Package failurereport reads failure reports about single messages, in the
// Abuse Reporting Format (RFC 5965) with the fields of RFC 6591 and RFC 9991.
//
// Such a report names people: who wrote, and to whom. Read keeps domains only,
// unless local parts are asked for.
package failurereport

import (
	"net/mail"
	"net/netip"
	"strings"
	"time"

	"maildiag/checks/refusal/message/eml"
)

// maxFields is how much of the fields of a report is read.
const maxFields = 64 << 10

// Report is one failure report. Its strings are hostile.
type Report struct {
	Source   netip.Addr // not valid if it is not told
	Domain   string     // Reported-Domain, or the domain of From
	MailFrom string     // the envelope sender: its domain, or all of it
	RcptTo   string     // the recipient: domain, or all of it
	Arrived  time.Time
	Failure  string // dmarc, spf, dkim, bodyhash, revoked, signature, adsp
	Delivery string // delivered, spam, policy, reject, other
	Reporter string // its domain
}

// Read reads a failure report; nil if the message is none. With addresses it
// keeps local parts.
func Read(data []byte, addresses bool) *Report {
	m := eml.Parse(data)
	var rep *Report
	from := domainOf(m.Get("From"), false)
	m.Walk(func(p *eml.Part) bool {
		switch {
		case p.Type == "message/feedback-report" && rep == nil:
			if f := fields(p.TextUpTo(maxFields)); strings.HasPrefix(strings.ToLower(f["feedback-type"]), "auth-failure") {
				rep = fromFields(f, addresses)
			}
		case p.Type == "message/rfc822" || p.Type == "text/rfc822-headers":
			if rep != nil && rep.Domain == "" && len(p.Parts) > 0 {
				rep.Domain = domainOf(p.Parts[0].Get("From"), false)
			}
			return false
		}
		return true
	})
	if rep == nil {
		rep = plain(m)
	}
	if rep != nil {
		rep.Reporter = from
	}
	return rep
}

func fromFields(f map[string]string, addresses bool) *Report {
	r := &Report{Failure: strings.ToLower(f["auth-failure"]), Delivery: strings.ToLower(f["delivery-result"]),
		Domain: strings.ToLower(f["reported-domain"])}
	r.Source = addressOf(f["source-ip"])
	r.MailFrom = domainOf(f["original-mail-from"], addresses)
	r.RcptTo = domainOf(f["original-rcpt-to"], addresses)
	if t, err := mail.ParseDate(f["arrival-date"]); err == nil {
		r.Arrived = t.UTC()
	}
	return r
}

// fields reads "Name: value" lines; the first of a name counts.
func fields(text string) map[string]string {
	f := map[string]string{}
	last := ""
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"):
			if last != "" {
				f[last] += " " + strings.TrimSpace(line)
			}
			continue
		case !ok:
			continue
		}
		last = strings.ToLower(strings.TrimSpace(name))
		if _, seen := f[last]; seen {
			last = ""
			continue
		}
		f[last] = strings.TrimSpace(value)
	}
	return f
}

// plain reads the failure reports of servers that write prose: "Sender Domain:
// x", "Sender IP Address: y".
func plain(m *eml.Message) *Report {
	var rep *Report
	m.Walk(func(p *eml.Part) bool {
		if p.Type != "text/plain" || rep != nil {
			return true
		}
		text, _, _ := strings.Cut(p.TextUpTo(maxFields), "------ ")
		lines := map[string]string{}
		for line := range strings.Lines(text) {
			if name, value, ok := strings.Cut(line, ":"); ok {
				lines[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
			}
		}
		source := addressOf(lines["sender ip address"])
		if lines["sender domain"] == "" || !source.IsValid() {
			return true
		}
		rep = &Report{Source: source, Domain: strings.ToLower(lines["sender domain"]), Failure: "dmarc"}
		if t, err := mail.ParseDate(lines["received date"]); err == nil {
			rep.Arrived = t.UTC()
		}
		return true
	})
	return rep
}

func addressOf(s string) netip.Addr {
	s, _, _ = strings.Cut(strings.Trim(s, "[] "), " ")
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// domainOf returns the domain of the address in a field, or with whole the
// address.
func domainOf(field string, whole bool) string {
	field = field[strings.LastIndexByte(field, '<')+1:]
	field, _, _ = strings.Cut(field, ">")
	field = strings.TrimSpace(field)
	at := strings.LastIndexByte(field, '@')
	switch {
	case at < 0:
		return ""
	case whole:
		return field
	}
	return strings.ToLower(field[at+1:])
}

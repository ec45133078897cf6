// Package message takes a message apart: the way it came, who vouches for it,
// and what that is worth.
//
// Each server in between adds a Received field on top of the header (RFC 5321
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
	"slices"
	"strings"
	"time"

	"maildiag/checks/refusal/message/arc"
	"maildiag/checks/refusal/message/dkim"
	"maildiag/checks/refusal/message/eml"
	"maildiag/dnsrec"
)

// Options say how to look at a message.
type Options struct {
	// DNS answers for the keys of signatures, and with Replay for the rest;
	// nil: nothing can be asked, for the reason in NoDNS.
	DNS   dnsrec.Resolver
	NoDNS string
	// Replay asks the DNS of today for SPF of the border's client and for the
	// DMARC policy of From.
	Replay bool
	// AuthservID is the server whose Authentication-Results are believed;
	// empty: that of the border.
	AuthservID string
	// WithLocalPart asks the DNS with the sender's own local part, where an SPF
	// record wants it (%{l}, RFC 7208 7.2).
	WithLocalPart bool
	// Attached says that the message was attached to another one: the sender of
	// that one can have written each field of this one.
	Attached bool
	Now      time.Time
}

// Analysis is what a message tells. All strings from the message are hostile.
type Analysis struct {
	Answer      Answer       `json:"answer"`
	From        From         `json:"from"`
	Subject     string       `json:"subject,omitempty"`
	Hops        []Hop        `json:"hops"`
	HopsCut     int          `json:"hops_cut,omitempty"`  // older hops that are not in Hops
	Border      *Border      `json:"border,omitempty"`    // where it came in from outside
	NoBorder    string       `json:"no_border,omitempty"` // why there is none; then nothing is trusted
	AuthResults []AuthResult `json:"authentication_results"`
	DKIM        []Signature  `json:"dkim"`
	SPF         *SPF         `json:"spf,omitempty"`
	DMARC       *DMARC       `json:"dmarc,omitempty"`
	ARC         *ARC         `json:"arc,omitempty"`
	Microsoft   []Mark       `json:"microsoft,omitempty"`
	Notes       []string     `json:"notes,omitempty"`

	now      time.Time
	wanted   string   // the server that the user trusts
	believed bool     // the border is that server
	internal bool     // Microsoft 365 took it from a user of its own, and says so
	attached bool     // to a message that anybody may have written
	fields   []string // names of the header, in lower case
	listID   string   // the mailing list that the header names

	delivered []string // the recipients that the receiving servers wrote down
	addressed []string // those that the message names

	cut       bool // fields of the header that decide something were not read
	journaled bool // the header says that it is one of a journal report
	connector bool // Microsoft 365 says that a server of its customer handed it in
}

// Analyse takes a message apart. It asks the DNS only as the options allow.
func Analyse(ctx context.Context, data []byte, o Options) *Analysis {
	m := eml.Parse(headerOf(data))
	raw := dkim.Split(Clean(data))
	a := read(m.Part, o)
	a.Notes = m.Notes
	a.From.distrust(raw, m)
	a.DKIM = signatures(ctx, raw, a.times(o), o)
	a.ARC = arcOf(arc.Verify(ctx, raw, o.chainDNS(raw)), empty(raw))
	if o.Replay && o.DNS != nil {
		a.replaySPF(ctx, o)
	}
	a.evaluateDMARC(ctx, o)
	a.Answer = a.answer()
	return a
}

// Header looks at the header of a message alone, as it stands in a bounce. It
// asks the DNS for nothing.
func Header(p *eml.Part, o Options) *Analysis {
	a := read(p, o)
	for _, v := range p.All("DKIM-Signature") {
		a.DKIM = append(a.DKIM, described(dkim.Field{Raw: "DKIM-Signature:" + v + "\r\n"}, 0))
	}
	return a
}

// read takes from a header what needs no verifying.
func read(p *eml.Part, o Options) *Analysis {
	o.AuthservID = strings.TrimSuffix(o.AuthservID, ".")
	a := &Analysis{cut: p.Cut, Subject: eml.Decoded(p.Get("Subject")), From: fromOf(p), wanted: o.AuthservID, attached: o.Attached, now: o.Now}
	for _, f := range p.Fields {
		a.fields = append(a.fields, strings.ToLower(f.Name))
	}
	t := newTrace(p, o.AuthservID, o.Attached)
	a.Hops, a.HopsCut = t.shown(), t.cut
	a.Border, a.NoBorder = t.border, t.why
	a.AuthResults = t.results()
	if a.Border != nil {
		a.Border.settle(t, a)
		a.believed = strings.EqualFold(o.AuthservID, a.Border.By) ||
			o.AuthservID != "" && slices.ContainsFunc(a.AuthResults, func(r AuthResult) bool { return r.Trusted })
	}
	a.listID, a.journaled = listOf(p), journaled(p)
	a.delivered, a.addressed = t.deliveredTo(), addressedTo(p)
	a.fromWithin(t)
	a.Microsoft = microsoft(p, a)
	return a
}

// fromWithin reports on a message that Microsoft 365 took from a user of its own.
func (a *Analysis) fromWithin(t *trace) {
	submitted := a.Border != nil && a.Border.SignedIn && mailboxServer(a.Border.By)
	a.internal = (t.within || submitted) && authAs(t.part) == "internal"
	a.connector = a.Border != nil && a.Border.Uncertain == "" && microsoftEdge(a.Border.By) && !outboundMicrosoft(a.Border.HELO) &&
		authAs(t.part) == "internal" && t.part.Get(organizationAuthAs) != ""
	if t.within && !a.internal {
		a.NoBorder += ", but the header does not say that its sender signed in (AuthAs Internal)"
	}
}

// times returns the moments by which signatures are judged.
func (a *Analysis) times(o Options) dkim.Times {
	at := dkim.Times{Now: o.Now}
	if a.Border != nil && a.Border.Uncertain == "" && a.Border.Time != nil {
		at.Received = *a.Border.Time
	}
	return at
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

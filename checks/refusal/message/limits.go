package message

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/refusal/message/dkim"
	"maildiag/checks/refusal/message/eml"
)

// limit is what an answer in favor of the sender does not cover.
type limit struct {
	but  string // in the first sentence: "the Subject may be"; "" if it does not belong there
	text string // a sentence of its own
}

// limits says what an answer in favor of the sender does not cover.
func (a *Analysis) limits() limit {
	domain, altered := a.unsignedPass(), a.altered()
	switch x := a.proven(verified); {
	case altered != "":
		return limit{"the message was changed", strings.ToUpper(altered[:1]) + altered[1:] + "."}
	case domain != "" && (x == nil || x.Method != "dkim"): // SPF of today judges an address of the same header
		return limit{"the signature that this rests on is missing", "The message contains no DKIM-Signature of " + domain +
			", which that result must be about. Paste the whole header; if this is all, do not trust the result."}
	case a.refuted():
		return limit{"the current DNS does not confirm it", "The records or the key have changed since, or the result is forged."}
	case a.fromDomain():
		return limit{}
	}
	return a.passedOn()
}

// fromDomain reports whether SPF shows that the message came from a server of
// the domain in From.
func (a *Analysis) fromDomain() bool {
	return slices.ContainsFunc(a.DMARC.Aligned, func(x Alignment) bool { return x.Method == "spf" && x.vouches() })
}

// passedOn says what anybody can choose who passes a signed message on: the fields
// that the signature leaves open, and the recipient. RFC 6376 8.6, 8.15
func (a *Analysis) passedOn() (l limit) {
	open := a.unsigned()
	visible := slices.DeleteFunc(slices.Clone(open), func(name string) bool { return strings.HasPrefix(name, "Content-") })
	var but, text []string
	if len(open) > 0 {
		text = append(text, "The signature does not cover "+strings.Join(open, ", ")+": anybody who passed the message on can have written that.")
	}
	if len(visible) > 0 {
		but = append(but, "the "+joined(visible)+" may be")
	}
	if to := a.elsewhere(); to != "" {
		but = append(but, "it was addressed to somebody else")
		text = append(text, fmt.Sprintf("To and Cc name nobody at %s, where it was delivered. A blind copy, a list or a forwarder explains that; so does "+
			"somebody who sent a signed message again.", to))
	}
	return limit{strings.Join(but, ", and "), strings.Join(text, " ")}
}

func joined(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// altered says that the message is not as a domain of the organization of From
// signed it, "" if another signature of it is whole.
func (a *Analysis) altered() string {
	if x := a.proven(verified); x != nil && x.Method == "dkim" {
		return ""
	}
	for _, s := range a.DKIM {
		switch {
		case !a.related(s.Domain):
		case s.Changed:
			return fmt.Sprintf("the body is not the one that %s signed: a footer or filter changed it, or somebody edited it or this copy", s.Domain)
		case s.Result == string(dkim.Fail) && s.Reason == dkim.ReasonHeader:
			return fmt.Sprintf("the signature of %s does not verify now: %s", s.Domain, dkim.ReasonHeader)
		}
	}
	return ""
}

// seen are the fields that a reader sees or acts by.
var seen = []string{"Subject", "Sender", "Reply-To", "To", "Cc", "Date", "Content-Type", "Content-Transfer-Encoding"}

// unsigned lists the fields that no signature of the domain in From covers.
func (a *Analysis) unsigned() []string {
	covers := a.covers()
	return slices.DeleteFunc(slices.Clone(seen), func(name string) bool {
		return !slices.Contains(a.fields, strings.ToLower(name)) || covers(name)
	})
}

// covers returns whether the signatures of the organization of From cover a
// field. Where none was verified, any may be the one that passed at the border.
func (a *Analysis) covers() func(name string) bool {
	var passed, open []Signature
	for _, s := range a.DKIM {
		switch {
		case !a.related(s.Domain) || s.Unfit != "" || s.Result == string(dkim.Fail):
		case s.Result == string(dkim.Pass):
			passed = append(passed, s)
		default:
			open = append(open, s)
		}
	}
	return func(name string) bool {
		signs := func(s Signature) bool {
			return slices.ContainsFunc(s.signed, func(n string) bool { return strings.EqualFold(n, name) })
		}
		if len(passed) > 0 {
			return slices.ContainsFunc(passed, signs)
		}
		return !slices.ContainsFunc(open, func(s Signature) bool { return !signs(s) })
	}
}

// elsewhere returns the organization to which the message was delivered, if To
// and Cc name only others; "" if not, or if it is not known.
func (a *Analysis) elsewhere() string {
	if len(a.addressed) == 0 && a.covers()("To") {
		return "" // signed without To: all are blind copies
	}
	addressed := map[string]bool{"": true}
	for _, to := range a.addressed {
		addressed[orgOf(to)] = true
	}
	delivered := ""
	for _, to := range a.delivered {
		if delivered = orgOf(to); addressed[delivered] {
			return ""
		}
	}
	return delivered
}

// orgOf returns the organization of an address, "" if it has none.
func orgOf(address string) string {
	return org(addressDomain(address[strings.LastIndexByte(address, '@')+1:]))
}

// deliveredTo lists the recipients that the receiving servers wrote down, where
// the sender cannot.
func (t *trace) deliveredTo() (list []string) {
	if t.border == nil || t.border.Missing {
		return nil
	}
	for _, f := range t.part.Fields[:t.line] {
		switch strings.ToLower(f.Name) {
		case "delivered-to", "x-original-to", "envelope-to", "x-envelope-to":
			list = append(list, addresses(f.Value)...)
		}
	}
	for i := range t.hops[:t.border.Hop+1] {
		list = append(list, addresses(t.hops[i].For)...)
	}
	return list
}

// addressedTo lists the recipients that the message names.
func addressedTo(p *eml.Part) (list []string) {
	for _, name := range []string{"To", "Cc", "Resent-To", "Resent-Cc"} {
		for _, v := range p.All(name) {
			list = append(list, addresses(v)...)
		}
	}
	return list
}

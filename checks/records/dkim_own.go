package records

import (
	"context"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dkim"
)

// This file compares what stands at a selector with the key that Microsoft holds for
// it, whose name follows from the target of the other selector.

// ownKey is what is known of Microsoft's key for a selector that does not lead to it.
type ownKey string

const (
	ownUnknown ownKey = ""      // its name is not known, or there was no answer
	ownNone    ownKey = "none"  // it has none yet, so it does not sign with the selector today
	ownSame    ownKey = "same"  // it is the one in the TXT record
	ownOther   ownKey = "other" // receivers do not find it: what is signed with it fails
)

// askOwn asks for Microsoft's key of a selector that does not lead to it.
func (f *dkimFacts) askOwn(k *kit.Known) {
	if f.results.of(pairSelectors[0]) == nil || f.results.of(pairSelectors[1]) == nil {
		return
	}
	halves := [2]*pairHalf{readHalf(f, "1"), readHalf(f, "2")}
	for i, h := range halves {
		o := halves[1-i]
		if h.state == pairNoKey && h.target.Number == h.number && !h.ofDomain() {
			f.askLabel(k, h.target)
		}
		right := h.target.Good() && h.target.Number == h.number && h.ofDomain()
		if right || h.state == pairUnknown || !o.target.Good() || o.target.Number != o.number || !o.ofDomain() {
			continue
		}
		if own := dkim.Lookup(context.Background(), k, o.target.parent(), o.target.selector(h.number)); !kit.IsMissing(own.Err) {
			f.own = append(f.own, own)
		}
	}
}

// ownKeyOf compares a selector with what was found at Microsoft.
func (f *dkimFacts) ownKeyOf(h *pairHalf) ownKey {
	for _, own := range f.own {
		switch t := parseDKIMTarget(own.Name); {
		case t.Number != h.number:
		case own.Err != nil:
			return ownUnknown
		case !signable(own):
			return ownNone
		case h.state == pairCopied && sameKey(h.r.Keys(), own.Keys()):
			return ownSame
		default:
			return ownOther
		}
	}
	return ownUnknown
}

// sameKey reports whether both are one key that receivers can use.
func sameKey(a, b []dkim.Text) bool {
	usable := func(keys []dkim.Text) bool { return len(keys) == 1 && keys[0].Fault() == nil }
	return usable(a) && usable(b) && a[0].Record.Type() == b[0].Record.Type() && string(a[0].Record.Data) == string(b[0].Record.Data)
}

// consequence says what it means for mail from Microsoft 365 that a selector does not
// lead to its key.
func (p *pair) consequence(h, other *pairHalf) string {
	switch {
	case other.works() && h.own == ownNone:
		return "signing breaks at the next key rotation"
	case other.works():
		return "signatures that Microsoft 365 makes with " + h.selector + " fail, today or after the next key rotation"
	case h.own == ownOther:
		return "Microsoft 365 has a key for it, which receivers do not find, and none for " + other.selector
	case other.state == pairNoKey:
		return "DKIM cannot be enabled for the domain"
	case other.elsewhere():
		return "Microsoft 365 cannot sign for this domain: both selectors lack its keys"
	case !p.f.direct:
		return "Microsoft 365 does not sign for this domain; the last server that sends its mail must sign"
	}
	return "Microsoft 365 cannot sign for this domain"
}

// copied says what is wrong with a key in a TXT record.
func (h *pairHalf) copied(other *pairHalf) string {
	switch {
	case h.own == ownSame:
		return "contains a copy of Microsoft's key in a TXT record: signatures fail as soon as Microsoft 365 replaces the key"
	case h.own == ownNone:
		return "contains a key in a TXT record. Microsoft 365 has no key for " + h.selector + " yet: signing breaks at the next key rotation"
	case h.own == ownOther && other.works():
		return "contains a key in a TXT record that is not Microsoft's: signatures of Microsoft 365 fail, today if it signs with " +
			h.selector + ", and otherwise after the next key rotation. The DNS does not show which"
	case h.own == ownOther:
		return "contains a key in a TXT record that is not Microsoft's, and Microsoft 365 has no key that works for " + other.selector +
			": its signatures fail"
	}
	return "contains a key in a TXT record; Microsoft 365 needs a CNAME to its own key"
}

// inUse says what Microsoft 365 does with a selector that another key has taken.
func (h *pairHalf) inUse() string {
	switch {
	case h.elsewhere():
		return "Microsoft 365 cannot sign with it. "
	case h.own == ownOther:
		return "If Microsoft 365 signs with it, its signatures fail today. "
	}
	return "If Microsoft 365 signs with it, its signatures fail after the next key rotation. "
}

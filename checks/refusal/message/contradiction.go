package message

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/refusal/message/dkim"
	"maildiag/dnsrec"
)

// contradiction says what in the header speaks against a result that the
// border reports, "" if nothing does.
func (a *Analysis) contradiction() string {
	dmarc, compauth := a.result("dmarc", true), a.result("compauth", true)
	x, unfit := a.proven(reported), a.unfitPass()
	switch {
	case a.Border == nil || x == nil && unfit == nil && (dmarc == nil || dmarc.Value != "pass"):
		return ""
	case dmarc != nil && !a.aboutFrom(dmarc):
		return "the result is about mail of " + dmarc.Params["header.from"] + ", not of " + a.From.Domain
	case x == nil && unfit != nil && a.proven(verified) != nil:
		return "" // something else vouches for it
	case x == nil && unfit != nil:
		return fmt.Sprintf("DKIM %s passed at %s, but that signature does not vouch for this message: %s", unfit.Domain, nameOf(a.Border.By),
			unfit.Unfit)
	case x == nil:
		return "the result is that DMARC passed, but it names no SPF or DKIM result of " + a.From.Domain + " that passed"
	case a.Border.Missing:
		return "the Received field of the server of Microsoft 365 that took the message from outside is missing, so the sender " +
			"may have written the results. Paste the whole header"
	case a.Border.Uncertain != "" && x.Method == "spf":
		return a.Border.Uncertain
	case compauth != nil && compauth.Value == "fail":
		return "the results say that " + strings.ToUpper(x.Method) + " passed, but also that composite authentication failed"
	case a.mark("CAT") == "SPOOF":
		return "the results say that " + strings.ToUpper(x.Method) + " passed, but the filter reports spoofing (CAT SPOOF)"
	}
	return a.againstDNS()
}

// againstDNS says that a result does not fit the current DNS, "" if it does or
// if there is another reason for that: a signature whose key was replaced since,
// a message that was changed since, or records of long ago.
func (a *Analysis) againstDNS() string {
	if x := a.proven(reported); !a.refuted() || a.old() || x.Method == "dkim" && a.signedBy(x.Domain) {
		return ""
	}
	s := fmt.Sprintf("%s reports that %s passed, but according to the current DNS neither SPF nor DKIM passes for %s", nameOf(a.Border.By),
		strings.ToUpper(a.proven(reported).Method), a.From.Domain)
	if a.unsignedPass() != "" {
		s += ", and the message contains no DKIM-Signature of it"
	}
	return s + ". The result is forged, or the records have changed since"
}

// unsignedPass returns the domain of From for which the border reports that
// DKIM passed although the message has no signature of it, "" if there is none.
func (a *Analysis) unsignedPass() string {
	for i := range a.DMARC.Aligned {
		if x := &a.DMARC.Aligned[i]; x.Source == reported && x.Method == "dkim" && x.vouches() && !a.signedBy(x.Domain) {
			return x.Domain
		}
	}
	return ""
}

// signedBy reports whether the message has a signature that a result about
// domain may be about. A result that names i= alone may be of a parent domain.
func (a *Analysis) signedBy(domain string) bool {
	return slices.ContainsFunc(a.DKIM, func(s Signature) bool {
		d := dnsrec.Canonical(s.Domain)
		return d != "" && dnsrec.Within(domain, d)
	})
}

// refuted reports whether all that the border says for the domain in From was
// checked now, and nothing of it passes.
func (a *Analysis) refuted() bool {
	now := a.DMARC.Result == "fail" || a.DMARC.Result == "none"
	return now && a.DMARC.pending == "" && a.proven(verified) == nil
}

// limits says what an answer in favor of the sender does not cover, "" if
// nothing is known.
func (a *Analysis) limits() string {
	domain := a.unsignedPass()
	switch {
	case a.altered() != "":
		return "But " + a.altered() + "."
	case domain != "" && a.proven(verified) == nil:
		return "But the message contains no DKIM-Signature of " + domain + ", which that result must be about. Paste the whole header; if this is all, " +
			"do not trust the result."
	case a.refuted():
		return "The current DNS does not confirm it any more: the records or the key have changed since, or the result is forged."
	}
	return a.unsigned()
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

// unsigned names the fields that no signature of the domain in From covers, if
// a signature alone speaks for the message: who passes it on can write them.
// RFC 6376 8.15
func (a *Analysis) unsigned() string {
	if slices.ContainsFunc(a.DMARC.Aligned, func(x Alignment) bool { return x.Method == "spf" && x.vouches() }) {
		return "" // it came from a server of the domain
	}
	covers := a.covers()
	open := slices.DeleteFunc(slices.Clone(seen), func(name string) bool {
		return !slices.Contains(a.fields, strings.ToLower(name)) || covers(name)
	})
	if len(open) == 0 {
		return ""
	}
	return "The signature does not cover " + strings.Join(open, ", ") + ": anybody who passed the message on can have written that."
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

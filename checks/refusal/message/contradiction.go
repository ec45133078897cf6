package message

import (
	"fmt"
	"slices"
	"strings"

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

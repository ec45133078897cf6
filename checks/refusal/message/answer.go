package message

import (
	"fmt"
	"slices"
	"strings"
)

// Answer is what the reader came for: is it spoofed, and why is it where it
// is.
type Answer struct {
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`            // one or two sentences
	Filed   string  `json:"filed,omitempty"` // why Microsoft 365 junked it or did not
}

// Verdict reports whether the sender is who From says.
type Verdict string

// The verdicts.
const (
	Authentic    Verdict = "authentic"   // the domain in From vouches for it
	Unconfirmed  Verdict = "unconfirmed" // a field says that it passed which the sender can write at some servers
	Accepted     Verdict = "accepted"    // Microsoft 365 accepted it on other signs
	Unproven     Verdict = "unproven"    // nothing that belongs to From passed
	FailsDMARC   Verdict = "fails_dmarc" // and the domain asks receivers to judge it by that
	AmbiguousWho Verdict = "ambiguous"   // receivers may read another sender out of it
	Undecided    Verdict = "unknown"     // the message does not show it
)

// answer draws the sum. Only what we verified, and what the border wrote where
// the sender cannot write, may speak for the sender.
func (a *Analysis) answer() Answer {
	for _, judge := range []func() (Answer, bool){a.unclearFrom, a.byBorder, a.bySignature, a.byReplay, a.byComposite, a.byRumor} {
		if x, ok := judge(); ok {
			x.Text += a.forwarded(x.Verdict)
			x.Filed = a.filed()
			return x
		}
	}
	reason := a.DMARC.Reason
	if a.Border == nil {
		reason = a.NoBorder
	}
	return Answer{Verdict: Undecided, Filed: a.filed(),
		Text: fmt.Sprintf("This message does not show whether it is spoofed: %s.", strings.TrimSuffix(reason, "."))}
}

func (a *Analysis) unclearFrom() (Answer, bool) {
	return Answer{Verdict: AmbiguousWho, Text: "The sender is not clear. Treat the message as spoofed: " + a.From.Ambiguous + "."},
		a.From.Ambiguous != ""
}

// byBorder takes the result of the server that let the message in.
func (a *Analysis) byBorder() (Answer, bool) {
	m := a.result("dmarc", true)
	if m == nil || !a.aboutFrom(m) {
		return a.byAlignment(reported)
	}
	by := a.Border.By
	switch m.Value {
	case "pass":
		return Answer{Authentic, fmt.Sprintf("Not spoofed: %s. DMARC passed at %s.", a.proof(reported), by), ""}, true
	case "fail":
		if x, ok := a.overridden(); ok {
			return x, true
		}
		return a.failed(by), true
	}
	return a.byAlignment(reported)
}

// overridden takes the reason for which Microsoft 365 accepted a message
// although DMARC failed, such as a trusted ARC sealer.
func (a *Analysis) overridden() (Answer, bool) {
	m := a.result("compauth", true)
	if m == nil || m.Value != "pass" && m.Value != "softpass" {
		return Answer{}, false
	}
	why := "not known"
	if marks := compauth(a); len(marks) > 0 {
		why = marks[0].Meaning
	}
	return Answer{Accepted, fmt.Sprintf("Probably not spoofed: DMARC fails for %s, but Microsoft 365 accepts the message (compauth %s, "+
		"reason %s: %s).", a.From.Domain, m.Value, m.Params["reason"], why), ""}, true
}

// aboutFrom reports whether a result is about the From that we see.
func (a *Analysis) aboutFrom(m *MethodResult) bool {
	from := afterAt(m.Params["header.from"])
	return from == "" || sameDomain(from, a.From.Domain)
}

func sameDomain(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

func (a *Analysis) failed(by string) Answer {
	why := "neither SPF nor DKIM passed for it"
	if a.passes(reported) {
		why = "what passed is not aligned with it"
	}
	return Answer{FailsDMARC, fmt.Sprintf("Fails DMARC: %s did not vouch for this message (%s at %s). "+
		"It is forged, or it was sent or changed by a server that the domain does not authorize.", a.From.Domain, why, by), ""}
}

func (a *Analysis) passes(source string) bool {
	return slices.ContainsFunc(a.DMARC.Aligned, func(x Alignment) bool { return x.Source == source && x.Passed })
}

// byAlignment stands in where the domain has no DMARC record.
func (a *Analysis) byAlignment(source string) (Answer, bool) {
	if a.proven(source) == nil {
		return Answer{}, false
	}
	return Answer{Authentic, "Not spoofed: " + a.proof(source) + ".", ""}, true
}

// proven returns an identifier that passed and is aligned: a signature rather
// than SPF, for it survives forwarding.
func (a *Analysis) proven(source string) (found *Alignment) {
	for i := range a.DMARC.Aligned {
		x := &a.DMARC.Aligned[i]
		if x.Source == source && x.Passed && x.Relaxed && (found == nil || found.Method != "dkim") {
			found = x
		}
	}
	return found
}

// proof names what passed and is aligned.
func (a *Analysis) proof(source string) string {
	x := a.proven(source)
	if x == nil {
		return "the receiving server confirms " + a.From.Domain
	}
	return fmt.Sprintf("%s %s passes and is aligned", strings.ToUpper(x.Method), x.Domain)
}

// bySignature takes a signature that verifies here and now.
func (a *Analysis) bySignature() (Answer, bool) {
	if x := a.proven(verified); x == nil || x.Method != "dkim" {
		return Answer{}, false
	}
	return Answer{Authentic, "Not spoofed: " + a.proof(verified) + " (verified now).", ""}, true
}

// byReplay takes the check with the current DNS.
func (a *Analysis) byReplay() (Answer, bool) {
	switch a.DMARC.Result {
	case "pass":
		return Answer{Authentic, "Not spoofed: " + a.proof(verified) + ", according to the current DNS.", ""}, true
	case "fail":
		x := a.failed("the current DNS")
		x.Text = strings.Replace(x.Text, " at the current DNS", " according to the current DNS", 1)
		return x, true
	case "none":
		return Answer{Unproven, fmt.Sprintf("Not proven: %s has no DMARC record, and nothing aligned with it passed.", a.From.Domain),
			""}, true
	}
	return Answer{}, false
}

// byComposite takes what Microsoft 365 made of other signs, and the border's
// results that say nothing for From.
func (a *Analysis) byComposite() (Answer, bool) {
	m := a.result("compauth", true)
	switch {
	case m != nil && (m.Value == "pass" || m.Value == "softpass"):
		return Answer{Accepted, fmt.Sprintf("Probably not spoofed: Microsoft 365 accepts it (compauth %s, reason %s), although neither "+
			"SPF nor DKIM passed for %s.", m.Value, m.Params["reason"], a.From.Domain), ""}, true
	case m != nil && m.Value == "fail":
		return Answer{Unproven, fmt.Sprintf("Probably spoofed: Microsoft 365 does not accept it as mail of %s (compauth fail, reason %s).",
			a.From.Domain, m.Params["reason"]), ""}, true
	case a.DMARC.Alignment == no && a.trusted("spf") != "":
		return Answer{Unproven, fmt.Sprintf("Not proven: nothing aligned with %s passed at %s.", a.From.Domain, a.Border.By), ""}, true
	}
	return Answer{}, false
}

// byRumor takes a field that the sender could have written, if the border does
// not remove such fields.
func (a *Analysis) byRumor() (Answer, bool) {
	m := a.result("dmarc", false)
	if m == nil || !a.aboutFrom(m) {
		return Answer{}, false
	}
	switch m.Value {
	case "fail":
		return a.failed(a.Border.By), true
	case "pass":
		return Answer{Unconfirmed, fmt.Sprintf("Not known: a field in the name of %s says that DMARC passed, "+
			"but the sender could have written it. Run with --authserv-id %[1]s if that server removes such fields, or with --check.", a.Border.By), ""}, true
	}
	return Answer{}, false
}

// forwarded adds who changed the message, where that explains a failure.
func (a *Analysis) forwarded(v Verdict) string {
	if a.ARC == nil || v == Authentic {
		return ""
	}
	s := ""
	if a.ARC.State == "pass" {
		last := a.ARC.Sets[len(a.ARC.Sets)-1]
		s = fmt.Sprintf(" It was forwarded: the ARC chain is valid, sealed last by %s; it counts only for receivers that trust this "+
			"sealer.", last.Domain)
	}
	if a.ARC.Broken != "" {
		s += " " + strings.ToUpper(a.ARC.Broken[:1]) + a.ARC.Broken[1:] + "."
	}
	return s
}

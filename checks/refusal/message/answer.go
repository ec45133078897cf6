package message

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/refusal/message/eml"
)

// Answer is what the reader came for: is it spoofed, and why is it where it
// is.
type Answer struct {
	Verdict   Verdict `json:"verdict"`
	Condition string  `json:"condition,omitempty"` // what must hold for it: "mx.example.net is your mail server"
	Text      string  `json:"text"`                // a few sentences
	Limits    string  `json:"limits,omitempty"`    // what the verdict does not cover
	Filed     string  `json:"filed,omitempty"`     // why Microsoft 365 junked it or did not

	assumed bool // the condition is how the reader's server treats fields from outside
}

// IfDelivered reports whether the condition holds for every message that the
// reader's server delivered, and not only for a file that somebody made.
func (a *Answer) IfDelivered() bool { return a.Condition != "" && !a.assumed }

// Verdict reports whether the sender is who From says.
type Verdict string

// The verdicts.
const (
	Authentic    Verdict = "authentic"   // the domain in From vouches for it
	Unconfirmed  Verdict = "unconfirmed" // a field says that it passed which the sender can write at some servers
	Internal     Verdict = "internal"    // it did not come from outside: a user of the organization sent it
	Accepted     Verdict = "accepted"    // Microsoft 365 accepted it on other signs
	Unproven     Verdict = "unproven"    // nothing that belongs to From passed
	FailsDMARC   Verdict = "fails_dmarc" // and the domain asks receivers to judge it by that
	AmbiguousWho Verdict = "ambiguous"   // receivers may read another sender out of it
	Undecided    Verdict = "unknown"     // the message does not show it
)

// Known reports whether the message shows who sent it, or that nobody vouches
// for it.
func (v Verdict) Known() bool { return v != Undecided && v != Unconfirmed }

// answer draws the sum. Only what we verified, and what the border wrote where
// the sender cannot write, may speak for the sender.
func (a *Analysis) answer() Answer {
	for _, judge := range []func() (Answer, bool){a.unclearFrom, a.byBorder, a.bySignature, a.byOrigin, a.byContradiction, a.byReplay,
		a.byComposite, a.byRumor} {
		if x, ok := judge(); ok {
			x.Text += a.forwarded(x.Verdict)
			x.Filed = a.filed()
			return a.journal(a.whole(a.disguised(a.enclosed(x))))
		}
	}
	why := strings.TrimSuffix(a.undecided(), ".")
	if s := a.altered(); s != "" && !strings.Contains(why, s) {
		why = s + "; and " + why
	}
	return a.journal(a.whole(Answer{Verdict: Undecided, Filed: a.filed(), Text: fmt.Sprintf("This message does not show whether it is spoofed: %s.", why)}))
}

// enclosed does not let the header of an attached message speak for it: only a
// signature that was verified does.
func (a *Analysis) enclosed(x Answer) Answer {
	speaks := x.Verdict == Authentic || x.Verdict == Internal || x.Verdict == Accepted || x.Verdict == Unconfirmed
	if !a.attached || !speaks || a.proven(verified) != nil {
		return x
	}
	next := "Run with --check to verify its signatures."
	if a.DMARC.Result != unknown {
		next = "No signature of " + a.From.Domain + " verifies."
	}
	return Answer{Verdict: Undecided, Filed: x.Filed, Text: "This message does not show whether it is spoofed: it was attached to another " +
		"message, and the sender of that one can have written the whole header of this one. " + next}
}

// tooLong is why a header is not judged.
const tooLong = "its header is longer than maildiag reads"

// whole does not judge a header of which fields that decide something were not
// read, unless the receiving server found that it fails.
func (a *Analysis) whole(x Answer) Answer {
	if !a.cut || x.Verdict == FailsDMARC && a.trusted("dmarc") == "fail" || a.From.Ambiguous != "" && a.From.Ambiguous != tooLong {
		return x
	}
	return Answer{Verdict: Undecided, Filed: x.Filed, Text: fmt.Sprintf("maildiag did not judge this message: %s (%d KiB, %d fields).", tooLong,
		eml.MaxHeader>>10, eml.MaxFields)}
}

// disguised does not let the domain of the address speak for another one that
// the name shows, or that the domain looks like.
func (a *Analysis) disguised(x Answer) Answer {
	if x.Verdict != Authentic {
		return x
	}
	about := fmt.Sprintf("About %s itself: %s", a.From.Domain, strings.ToLower(x.Text[:1])+x.Text[1:])
	switch {
	case a.From.Shown != "":
		x.Verdict, x.Limits = AmbiguousWho, "" // its text tells them
		x.Text = fmt.Sprintf("The name in From shows %s, but the message is from %s. Treat it as spoofed if the name is what you know. %s",
			a.From.Shown, a.From.Addresses[0], about)
	case a.From.Lookalike != "":
		x.Verdict, x.Limits = AmbiguousWho, "" // its text tells them
		x.Text = fmt.Sprintf("The domain in From reads %s, and %s. Treat the message as spoofed if you know another domain that looks like it. %s",
			a.From.Unicode, a.From.Lookalike, about)
	case a.From.Unicode != "":
		x.Text += fmt.Sprintf(" (%s reads %s.)", a.From.Domain, a.From.Unicode)
	}
	return x
}

// undecided says what keeps the answer from being known.
func (a *Analysis) undecided() string {
	switch {
	case a.Border == nil:
		return a.NoBorder
	case a.Border.Missing:
		return "the Received field of the server of Microsoft 365 that took the message from outside is missing, so the sender " +
			"may have written the results below it. Paste the whole header"
	case !slices.ContainsFunc(a.AuthResults, func(r AuthResult) bool { return r.named() }):
		for _, r := range a.AuthResults {
			if strings.HasPrefix(r.Why, contradictory) {
				return r.Why
			}
		}
		s := nameOf(a.Border.By) + " left no result of SPF, DKIM or DMARC that can be trusted"
		if a.DMARC.Reason == noPolicy {
			return s + ". Run with --check to look it up now"
		}
		return s + ", and " + a.DMARC.Reason
	case a.DMARC.Reason == noPolicy:
		return nameOf(a.Border.By) + " left no result of " + a.From.Domain + ". Run with --check to look it up now"
	}
	return a.DMARC.Reason
}

func (a *Analysis) unclearFrom() (Answer, bool) {
	if a.From.Raw == "" && len(a.Hops) == 0 {
		return Answer{Verdict: Undecided, Text: "This message does not show whether it is spoofed: it contains no transport header. " +
			"A draft, a sent item or a contact that Outlook saves has none."}, true
	}
	return Answer{Verdict: AmbiguousWho, Text: "The sender is not clear. Treat the message as spoofed: " + a.From.Ambiguous + "."},
		a.From.Ambiguous != ""
}

// byBorder takes the result of the server that let the message in.
func (a *Analysis) byBorder() (Answer, bool) {
	m := a.result("dmarc", true)
	switch {
	case m != nil && m.Value == "fail" && a.aboutFrom(m):
		if x, ok := a.overridden(); ok {
			return x, true
		}
		return a.failed(a.Border.By), true
	case a.contradiction() != "" || a.proven(reported) == nil:
		return Answer{}, false
	case m != nil && m.Value == "pass":
		return a.authentic(a.proof(reported)+". DMARC passed at "+a.Border.By, a.condition()), true
	}
	return a.authentic(a.proof(reported), a.condition()), true
}

// assumed reports whether a field is trusted only because the user says so.
func (a *Analysis) assumed() bool {
	return slices.ContainsFunc(a.AuthResults, func(r AuthResult) bool { return r.assumed })
}

// authentic is the answer if the domain in From vouches for the message. What
// a header alone says depends on who wrote the header.
func (a *Analysis) authentic(why, condition string) Answer {
	text, l := "Not spoofed", a.limits()
	if l.but != "" {
		text = "The sender is not spoofed"
	}
	if condition != "" {
		text += ", if " + condition
	}
	if l.but != "" {
		text += ", but " + l.but
	}
	text = strings.TrimSpace(text + ": " + why + ". " + l.text)
	return Answer{Verdict: Authentic, Condition: condition, Text: text, Limits: l.text, assumed: a.assumed()}
}

// condition is what must hold for the border's word to count. Anybody can save
// a file with any header, so the reader must know that server; "" if he said so.
func (a *Analysis) condition() string {
	by := a.Border.By
	switch {
	case a.assumed():
		return by + " removes results in its name that come from outside (RFC 8601 5)"
	case a.believed:
		return ""
	case a.Border.microsoft():
		return "Microsoft 365 delivered it to you"
	case strings.EqualFold(by, googleEdge):
		return "Gmail delivered it to you"
	}
	return nameOf(by) + " is your mail server"
}

// byContradiction takes no side.
func (a *Analysis) byContradiction() (Answer, bool) {
	why := a.contradiction()
	return Answer{Verdict: Undecided, Text: "This message does not show whether it is spoofed: " + why + "."}, why != ""
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
	return Answer{Verdict: Accepted, Text: fmt.Sprintf("Not proven: DMARC fails for %s, but Microsoft 365 accepts the message (compauth %s, "+
		"reason %s: %s).", a.From.Domain, m.Value, m.Params["reason"], why)}, true
}

// aboutFrom reports whether a result is about the From that we see.
func (a *Analysis) aboutFrom(m *MethodResult) bool {
	from, ok := m.Params["header.from"]
	return !ok || addressDomain(from) == a.From.Domain
}

func (a *Analysis) failed(by string) Answer {
	why := "neither SPF nor DKIM passed for it"
	if a.passes(reported) {
		why = "what passed is not aligned with it"
	}
	return Answer{Verdict: FailsDMARC, Text: fmt.Sprintf("Fails DMARC: %s did not vouch for this message (%s at %s). %s", a.From.Domain, why, by,
		a.explained())}
}

func (a *Analysis) passes(source string) bool {
	return slices.ContainsFunc(a.DMARC.Aligned, func(x Alignment) bool { return x.Source == source && x.Passed })
}

// proven returns an identifier that passed and is aligned: a signature rather
// than SPF, for it survives forwarding.
func (a *Analysis) proven(source string) (found *Alignment) {
	for i := range a.DMARC.Aligned {
		x := &a.DMARC.Aligned[i]
		if x.Source == source && x.vouches() && (found == nil || found.Method != "dkim") {
			found = x
		}
	}
	return found
}

// unfitPass returns an aligned identifier that passed at the border and does
// not vouch for the message all the same.
func (a *Analysis) unfitPass() *Alignment {
	i := slices.IndexFunc(a.DMARC.Aligned, func(x Alignment) bool {
		return x.Source == reported && x.Passed && x.Relaxed && x.Unfit != ""
	})
	if i < 0 {
		return nil
	}
	return &a.DMARC.Aligned[i]
}

// proof names what passed and is aligned.
func (a *Analysis) proof(source string) string {
	x := a.proven(source)
	return fmt.Sprintf("%s %s passes and is aligned", strings.ToUpper(x.Method), x.Domain)
}

// bySignature takes a signature that verifies here and now. It needs no trust
// in the header.
func (a *Analysis) bySignature() (Answer, bool) {
	if x := a.proven(verified); x == nil || x.Method != "dkim" {
		return Answer{}, false
	}
	return a.authentic(a.proof(verified)+" (verified now)", ""), true
}

// byOrigin takes a message that did not come from outside: SPF, DKIM and DMARC
// are not about it.
func (a *Analysis) byOrigin() (Answer, bool) {
	if !a.internal {
		return Answer{}, false
	}
	why := "a mailbox there sent it, and no server took it from outside"
	if a.Border != nil {
		why = "its sender signed in at " + a.Border.By
	}
	x := Answer{Verdict: Internal}
	if !a.believed {
		x.Condition = "Microsoft 365 delivered it to you"
		x.Text = "Internal, if " + x.Condition + ": "
	} else {
		x.Text = "Internal: "
	}
	x.Text += why + ". SPF, DKIM and DMARC do not apply."
	return x, true
}

// byReplay takes the check with the current DNS.
func (a *Analysis) byReplay() (Answer, bool) {
	switch {
	case a.DMARC.Result == "pass" && a.proven(verified) != nil:
		return a.authentic(a.proof(verified)+", according to the current DNS", a.condition()), true
	case a.DMARC.Result == "fail" && a.old():
		return Answer{Verdict: Undecided, Text: fmt.Sprintf("Not known: the message fails DMARC according to the current DNS, but it was received on %s, "+
			"and the records of %s may have changed since.", a.Border.Time.Format(time.DateOnly), a.From.Domain)}, true
	case a.DMARC.Result == "fail":
		x := a.failed("the current DNS")
		x.Text = strings.Replace(x.Text, " at the current DNS", " according to the current DNS", 1)
		return x, true
	case a.DMARC.Result == "none":
		return Answer{Verdict: Unproven, Text: fmt.Sprintf("Not proven: %s has no DMARC record, and nothing aligned with it passed.", a.From.Domain)}, true
	}
	return Answer{}, false
}

// oldAfter is the age from which on the records of today say little about a
// message: keys are replaced, and servers change.
const oldAfter = 30 * 24 * time.Hour

func (a *Analysis) old() bool {
	return a.Border != nil && a.Border.Time != nil && a.now.Sub(*a.Border.Time) > oldAfter
}

// byComposite takes what Microsoft 365 made of other signs, and the border's
// results that say nothing for From.
func (a *Analysis) byComposite() (Answer, bool) {
	m := a.result("compauth", true)
	switch {
	case m != nil && (m.Value == "pass" || m.Value == "softpass") && !a.Border.Missing:
		return Answer{Verdict: Accepted, Text: fmt.Sprintf("Not proven: neither SPF nor DKIM passed for %s, but Microsoft 365 accepts the "+
			"message (compauth %s, reason %s).", a.From.Domain, m.Value, m.Params["reason"])}, true
	case m != nil && m.Value == "fail":
		return Answer{Verdict: Unproven, Text: fmt.Sprintf("Probably spoofed: Microsoft 365 does not accept it as mail of %s (compauth fail, reason %s).",
			a.From.Domain, m.Params["reason"])}, true
	case a.DMARC.Alignment == no && a.trusted("spf") != "":
		return Answer{Verdict: Unproven, Text: fmt.Sprintf("Not proven: nothing aligned with %s passed at %s.", a.From.Domain, a.Border.By)}, true
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
		next := "Run with --authserv-id " + a.Border.By + " if that server removes such fields, or with --check."
		if a.wanted != "" {
			next = "Run with --check."
		}
		return Answer{Verdict: Unconfirmed, Text: fmt.Sprintf("Not known: a field in the name of %s says that DMARC passed, "+
			"but the sender could have written it. %s", a.Border.By, next)}, true
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

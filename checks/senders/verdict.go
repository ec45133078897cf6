package senders

import (
	"fmt"

	"maildiag/dnsrec/dmarc"
)

// Answer is whether a policy is safe.
type Answer string

// The answers.
const (
	Safe          Answer = "safe"
	NotSafe       Answer = "not_safe"
	NotEnoughData Answer = "not_enough_data"
)

// What must be known for an answer.
const (
	enoughDays     = 7
	enoughMessages = 100
	tolerated      = 0.01 // of a source's mail may fail: forwarding breaks some
	unknownShare   = 0.01 // of all mail may be lost from sources that are not known
)

// Verdict is the answer with its reason.
type Verdict struct {
	Answer  Answer
	Reason  string
	Lost    int64 // messages of one's own senders that would be lost
	Sources int   // own senders concerned
	Share   float64
}

// Concerned reports whether the tried policy would cost mail of a sender that
// is, or may be, the domain's own.
func (s *Source) Concerned() bool {
	return (s.Kind == Own || s.Kind == Probable) && float64(s.Lost) > tolerated*float64(s.Messages) && !s.mended()
}

// mended reports whether a source passes now: nothing of it fails in the last week
// of the reports, in which it sends, and something failed before.
func (s *Source) mended() bool { return s.Lost > 0 && s.lostLate == 0 && s.passedLate > 0 }

// onlySPF reports whether most of what passes of a source passes by SPF alone, which
// does not hold for forwarded mail.
func (s *Source) onlySPF() bool { return s.Passed > 0 && 2*s.dkim < s.Passed }

// SafeFor is the strictest policy that costs no sender of the domain mail; ""
// if that is not known.
func (d *Domain) SafeFor() dmarc.Policy {
	switch d.Verdict.Answer {
	case Safe:
		return d.Tried
	case NotSafe:
		return dmarc.None
	}
	return ""
}

func (d *Domain) judge() (v Verdict) {
	var passed, unknown int64
	var applied dmarc.Policy
	var regular *Source
	for _, s := range d.Sources {
		switch {
		case s.Concerned():
			v.Lost += s.Lost
			v.Sources++
			applied = stricter(applied, s.Applied)
		case s.Kind == Unknown:
			unknown += s.Lost
			if s.regular.IsValid() {
				regular = s
			}
		}
		if s.Kind == Own {
			passed += s.Passed
		}
	}
	v.Share = share(v.Lost, d.Messages)
	switch {
	case v.Sources > 0:
		v.Answer = NotSafe
		v.Reason = fmt.Sprintf("%s (%s of mail) would be %s", ownSenders(d, v.Sources), Percent(v.Lost, d.Messages), verb(applied))
	case d.Messages < enoughMessages || d.Days < enoughDays:
		v.Answer = NotEnoughData
		v.Reason = fmt.Sprintf("the reports have %s on %s; wait for at least %d messages on %d days",
			counted(d.Messages, "message"), counted(int64(d.Days), "day"), enoughMessages, enoughDays)
	case passed == 0:
		v.Answer = NotEnoughData
		v.Reason = "no mail of the domain's own passes DMARC, so its senders are not known"
	case share(unknown, d.Messages) > unknownShare:
		v.Answer = NotEnoughData
		v.Reason = fmt.Sprintf("%s of mail would be %s, and the reports do not show whose it is", Percent(unknown, d.Messages), verb(d.Tried))
	case regular != nil:
		v.Answer = NotEnoughData
		v.Reason = fmt.Sprintf("%s sends as this domain again and again and fails DMARC, and the reports do not show whose it is", regular.regular)
	default:
		v.Answer, v.Reason = Safe, d.safeReason()
	}
	return v
}

// safeReason says why a policy is safe, and for what mail it is not.
func (d *Domain) safeReason() string {
	lost, alone := int64(0), int64(0)
	for _, s := range d.Sources {
		lost += s.Lost
		if s.Kind == Own && s.onlySPF() {
			alone += s.Messages
		}
	}
	switch {
	case d.Tried == dmarc.None && lost == 0:
		return "it costs no mail"
	case share(alone, d.Messages) > unknownShare:
		return fmt.Sprintf("all your senders that the reports show pass DMARC, but %s of mail by SPF alone: what of it is forwarded will be lost",
			Percent(alone, d.Messages))
	}
	return "all your senders that the reports show pass DMARC"
}

// stricter returns the stricter of two policies.
func stricter(a, b dmarc.Policy) dmarc.Policy {
	if b.Strength() > a.Strength() {
		return b
	}
	return a
}

// counted writes a number of things.
func counted(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func ownSenders(d *Domain, n int) string {
	certain := 0
	for _, s := range d.Sources {
		if s.Concerned() && s.Kind == Own {
			certain++
		}
	}
	switch certain {
	case n:
		return fmt.Sprintf("%d of your senders", n)
	case 0:
		return counted(int64(n), "sender") + " that may be yours"
	}
	return fmt.Sprintf("%d of your senders, and %d that may be yours,", certain, n-certain)
}

func verb(p dmarc.Policy) string {
	switch p {
	case dmarc.Reject:
		return "rejected"
	case dmarc.Quarantine:
		return "sent to junk"
	}
	return "affected"
}

func share(part, all int64) float64 {
	if all == 0 {
		return 0
	}
	return float64(part) / float64(all)
}

// Percent writes a share for people.
func Percent(part, all int64) string {
	p := 100 * share(part, all)
	switch {
	case part > 0 && p < 0.1:
		return "less than 0.1 %"
	case p == float64(int64(p)):
		return fmt.Sprintf("%d %%", int64(p))
	}
	return fmt.Sprintf("%.1f %%", p)
}

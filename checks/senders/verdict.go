package senders

import (
	"fmt"
	"strings"

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
	return (s.Kind == Own || s.Kind == Probable) && float64(s.Lost) > tolerated*float64(s.Messages)
}

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
	for _, s := range d.Sources {
		switch {
		case s.Concerned():
			v.Lost += s.Lost
			v.Sources++
		case s.Kind == Unknown:
			unknown += s.Lost
		}
		if s.Kind == Own {
			passed += s.Passed
		}
	}
	v.Share = share(v.Lost, d.Messages)
	switch {
	case v.Sources > 0:
		v.Answer = NotSafe
		v.Reason = fmt.Sprintf("%s (%s of mail) would be %s", ownSenders(d, v.Sources), Percent(v.Lost, d.Messages), verb(d.Tried))
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
	default:
		v.Answer = Safe
		v.Reason = "all your senders pass DMARC"
	}
	return v
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

// advise says what to do about a source.
func (j *judge) advise(s *Source) string {
	switch s.Kind {
	case Spoofing:
		return "Probably spoofing: no action."
	case List:
		if s.Lost > 0 {
			return "Mailing lists alter messages. Only their operators can change that; expect some of this mail to be lost."
		}
		return ""
	case Forwarder:
		if s.Lost > 0 {
			return "Forwarded mail that was altered on the way. Sign all mail with DKIM, so that most forwarded mail passes."
		}
		return ""
	case Unknown:
		if s.Lost == 0 {
			return ""
		}
		if s.faulty > 0 {
			return repairSPF(s) + " Then find out whether this mail is yours."
		}
		return "Find out whether this is yours. If not: no action."
	}
	switch {
	case !s.Concerned():
		return ""
	case s.faulty == 0:
		return j.repair(s)
	case float64(s.Lost-s.faulty) > tolerated*float64(s.Messages): // the record is not all that fails
		return repairSPF(s) + " " + j.repair(s)
	}
	return repairSPF(s)
}

// repairSPF is the advice where receivers could not evaluate the record. Another
// term does not help, and may be one too many (RFC 7208 4.6.4).
func repairSPF(s *Source) string {
	return fmt.Sprintf("Repair the SPF record of %s: for %s, receivers could not evaluate it (permerror). Run maildiag spf %s.",
		s.faultyAt, counted(s.faulty, "message"), s.faultyAt)
}

// repair says how a sender of one's own comes to pass.
func (j *judge) repair(s *Source) string {
	domain := j.count.name
	switch {
	case s.Rule == microsoftNull:
		return "These may be your automatic replies and delivery reports. Turn on DKIM for " + domain + " in Microsoft Defender, so that they are signed."
	case s.strict:
		return "Set adkim=r and aspf=r in the DMARC record of " + domain + ", or sign with exactly the domain in From."
	case s.Name == microsoft && j.uses[microsoft]:
		return "Turn on DKIM for " + domain + " in Microsoft Defender, so that this mail is signed with the domain."
	case s.Name == microsoft:
		return "Add include:spf.protection.outlook.com to SPF, and turn on DKIM for " + domain + " in Microsoft Defender."
	case s.service:
		sure := ""
		if s.Kind == Probable {
			sure = "If you use it: "
		}
		return sure + "turn on domain authentication (DKIM) for " + domain + " at " + s.Name + selectorsOf(s.Name, domain) + "."
	case !s.Example.IsValid():
		return "Find out which servers these are."
	}
	at := "ip4:"
	if s.Example.Is6() {
		at = "ip6:"
	}
	term := at + s.Example.String()
	if s.Kind == Own {
		return "Add " + term + " to SPF with an envelope sender of " + domain + ", or send through Microsoft 365."
	}
	return "If this server is yours: add " + term + " to SPF, or send through Microsoft 365. If not: no action."
}

// selectorsOf names the records that a sender asks of all its customers.
func selectorsOf(sender, domain string) string {
	s := named(sender)
	if s == nil || len(s.Selectors) == 0 {
		return ""
	}
	var names []string
	for _, sel := range s.Selectors {
		names = append(names, sel+"._domainkey."+domain)
	}
	return " (it usually gives you records for " + strings.Join(names, ", ") + ")"
}

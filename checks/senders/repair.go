package senders

import (
	"cmp"
	"fmt"
	"strings"

	"maildiag/dnsrec"
)

// fault is why messages of a source pass neither aligned SPF nor aligned DKIM: what
// has to be mended so that they do.
type fault struct {
	kind faultKind
	name string // of the key's record, or of the domain whose SPF was checked
}

type faultKind string

const (
	keyUnusable  faultKind = "key"       // the key of a signature of the domain is missing or broken
	keyFails     faultKind = "signature" // a signature of the domain does not verify
	spfFails     faultKind = "spf"       // the SPF record of a name of the domain does not list the server
	spfMissing   faultKind = "no spf"    // a name of the domain that is the envelope sender has no SPF record
	spfUnread    faultKind = "temperror" // receivers could not look that record up
	othersServer faultKind = "foreign"   // SPF or DKIM passes for a domain of someone else
	othersName   faultKind = "envelope"  // SPF was checked for a domain of someone else, and did not pass
)

// fault returns why a flow fails. A signature of the domain that is there comes
// first: with it, forwarded mail passes too.
func (x *facts) fault(org string) fault {
	for _, r := range x.id.dkim {
		if r.Domain == "" || !dnsrec.Within(r.Domain, org) || r.Result == "pass" {
			continue
		}
		key := r.Selector + "._domainkey." + r.Domain
		switch {
		case r.Selector == "":
		case r.Result == "permerror": // RFC 8601 2.7.1: among others, a key that is not there
			return fault{keyUnusable, key}
		default:
			return fault{keyFails, key}
		}
	}
	envelope := x.id.spfDomain
	switch {
	case x.foreign != "" || x.spfPass && !dnsrec.Within(envelope, org):
		return fault{othersServer, envelope}
	case envelope != "" && !dnsrec.Within(envelope, org):
		return fault{othersName, envelope}
	case x.id.spfResult == "none":
		return fault{spfMissing, envelope}
	case x.id.spfResult == "temperror":
		return fault{spfUnread, envelope}
	}
	return fault{spfFails, envelope}
}

// mainFault returns the fault that costs a source most of its mail.
func (s *Source) mainFault() fault {
	return most(s.faults, func(a, b fault) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name)) })
}

// mainEnvelope returns the envelope sender of most of the mail that a source loses, ""
// if reports name none.
func (s *Source) mainEnvelope() string {
	counts := map[string]int64{}
	for f, n := range s.faults {
		if f.kind != keyUnusable && f.kind != keyFails && f.name != "" {
			counts[f.name] += n
		}
	}
	return most(counts, strings.Compare)
}

// most returns the key with the highest count, and of several the first; the zero
// key if there is none.
func most[K comparable, N cmp.Ordered](counts map[K]N, order func(a, b K) int) (key K) {
	best, some := *new(N), false
	for k, n := range counts {
		if !some || n > best || n == best && order(k, key) < 0 {
			key, best, some = k, n, true
		}
	}
	return key
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
			return "Forwarded mail that was altered on the way, or was not signed. Sign all mail with DKIM, so that most forwarded mail passes."
		}
		return ""
	case Unknown:
		if s.Lost == 0 {
			return ""
		}
		if s.faulty > 0 {
			return repairSPF(s) + " Then find out whether this mail is yours."
		}
		if s.Rule == microsoftOther { // its servers are those of all tenants
			return othersAtMicrosoft(s.mainEnvelope(), j.from(s))
		}
		return "Find out whether this is yours. If not: no action, and --not-mine leaves it out."
	}
	return j.adviseOwn(s)
}

// othersAtMicrosoft is the advice about mail that Microsoft 365 sends for another
// domain.
func othersAtMicrosoft(envelope, domain string) string {
	if envelope == "" {
		return "Find out whether this is yours. If so: have it sign with DKIM for " + domain + ". If not: no action, and --not-mine leaves it out."
	}
	return fmt.Sprintf("Find out whether %s, the envelope sender of most of it, sends for you. If so: have it sign with DKIM for %s. "+
		"If it forwards, or you do not know it: no action, and --not-mine %[1]s leaves it out.", envelope, domain)
}

// adviseOwn says how a sender that is, or may be, the domain's own comes to pass.
func (j *judge) adviseOwn(s *Source) string {
	switch {
	case s.mended():
		return "Failed until " + s.lastLost.Format("2006-01-02") + ", and passes since."
	case !s.Concerned() && s.onlySPF():
		return "Passes by SPF alone, so what is forwarded fails. Have it sign with DKIM for " + j.from(s) + " before you move to p=reject."
	case !s.Concerned():
		return ""
	case s.faulty == 0:
		return j.repair(s) + j.seenBy(s)
	case float64(s.Lost-s.faulty) > tolerated*float64(s.Messages): // the record is not all that fails
		return repairSPF(s) + " " + j.repair(s)
	}
	return repairSPF(s)
}

// seenBy says that a fault may be that of a single reporter.
func (j *judge) seenBy(s *Source) string {
	if len(s.lostAt) == 1 && len(j.count.reporters) > 1 && s.Passed > 0 {
		return fmt.Sprintf(" Only one of %d reporters saw this fail.", len(j.count.reporters))
	}
	return ""
}

// repairSPF is the advice where receivers could not evaluate the record. Another
// term does not help, and may be one too many (RFC 7208 4.6.4).
func repairSPF(s *Source) string {
	return fmt.Sprintf("Repair the SPF record of %s: for %s, receivers could not evaluate it (permerror). Run maildiag spf %s.",
		s.faultyAt, counted(s.faulty, "message"), s.faultyAt)
}

// repair says how a sender of one's own comes to pass.
func (j *judge) repair(s *Source) string {
	domain := j.from(s)
	switch f := s.mainFault(); {
	case s.strict:
		return "Set adkim=r and aspf=r in the DMARC record of " + j.count.name + ", or sign with exactly the domain in From."
	case f.kind == keyUnusable:
		return fmt.Sprintf("Publish or correct the key %s: for %s, receivers could not use it (permerror).", f.name, counted(s.faults[f], "message"))
	case s.Name == microsoft || s.Rule == microsoftNull:
		return j.repairMicrosoft(s, f, domain)
	case s.service:
		sure := ""
		if s.Kind == Probable {
			sure = "If you use it: "
		}
		return sure + "turn on domain authentication (DKIM) for " + domain + " at " + s.Name + selectorsOf(s.Name, domain) + "."
	case !s.Example.IsValid():
		return "Find out which servers these are."
	default:
		return repairServer(s, f, domain)
	}
}

// repairMicrosoft says how mail of Microsoft 365 comes to pass.
func (j *judge) repairMicrosoft(s *Source, f fault, domain string) string {
	switch on := j.signsAtMicrosoft(); {
	case s.Rule == microsoftNull && on:
		return "These may be your automatic replies and delivery reports. DKIM for " + domain + " is on, but these messages are not signed with it: " +
			"see whether newer reports still show them."
	case s.Rule == microsoftNull:
		return "These may be your automatic replies and delivery reports. Turn on DKIM for " + domain + " in Microsoft Defender, so that they are signed."
	case on:
		return "DKIM for " + domain + " is on, but this mail is not signed with it, or its signature fails. Look for another tenant, a service " +
			"or a filter that sends it through Microsoft 365, or alters it on the way out."
	case f.kind == spfFails && !j.uses[microsoft]:
		return "Add include:spf.protection.outlook.com to the SPF record of " + f.name + ", and turn on DKIM for " + domain + " in Microsoft Defender."
	}
	return "Turn on DKIM for " + domain + " in Microsoft Defender, so that this mail is signed with the domain."
}

// signsAtMicrosoft reports whether some mail of Microsoft 365 is signed with a key
// of the domain.
func (j *judge) signsAtMicrosoft() bool {
	for _, s := range j.signers {
		if s.by[microsoft] {
			return true
		}
	}
	return false
}

// repairServer says how a server without a known name comes to pass. Its address is
// listed only where SPF is checked for a name of the domain: elsewhere the term
// would let a stranger's server pass and not help.
func repairServer(s *Source, f fault, domain string) string {
	term := "ip4:" + s.Example.String()
	if s.Example.Is6() {
		term = "ip6:" + s.Example.String()
	}
	if s.Addresses > 1 {
		term = "the addresses of its servers"
	}
	var todo string
	switch f.kind {
	case keyFails:
		todo = "its signature does not verify: compare the key that it signs with to the record " + f.name
	case spfMissing:
		todo = "publish an SPF record at " + f.name + " that lists " + term + ", or have the server sign with DKIM for " + domain
	case spfUnread:
		todo = "receivers could not look up the SPF record of " + f.name + " (temperror): check its name servers (maildiag consistency " + f.name + ")"
	case othersServer:
		todo = "it passes for " + cmp.Or(f.name, "another domain") + " only, and others may send through it too: do not list its address. " +
			"Have it sign with DKIM for " + domain + ", or send through Microsoft 365"
	case othersName:
		todo = "SPF is checked for " + f.name + ", its envelope sender. Have it sign with DKIM for " + domain + ", or use an envelope sender at " +
			domain + " and list " + term + " in the SPF record of that name"
	default:
		todo = "add " + term + " to the SPF record of " + cmp.Or(f.name, domain) + ", or send through Microsoft 365"
	}
	if s.Kind == Own {
		return strings.ToUpper(todo[:1]) + todo[1:] + "."
	}
	return "If this server is yours: " + todo + ". If not: no action."
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

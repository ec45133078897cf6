package senders

import (
	"math/bits"
	"net/netip"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
)

// Kind says what a source is to the domain.
type Kind string

// The kinds.
const (
	Own       Kind = "own"       // the domain's own sender
	Probable  Kind = "probable"  // looks like one; only the owner knows
	Forwarder Kind = "forwarder" // passes on what others received
	List      Kind = "list"      // a mailing list
	Spoofing  Kind = "spoofing"  // probably
	Unknown   Kind = "unknown"
)

// Rule calls a flow a kind for a reason. The first that matches counts.
type Rule struct {
	Name   string
	Kind   Kind
	Reason string
	match  func(*facts, *judge) bool
}

// The numbers of the rules.
const (
	fewDays       = 3  // a network of a campaign is seen on no more days
	fewMessages   = 10 // and sends no more to one domain's reporters
	spreadOver    = 5  // so many such networks are a campaign
	burstDays     = 2
	onceDays      = 7 // between the first and the last of them
	steadyDays    = 4 // a server of one's own is seen on at least as many days
	steadyCount   = 20
	steadySources = 2    // reporters
	homeShare     = 0.5  // of a key's mail comes from its own servers
	copyShare     = 0.1  // of a key's mail, at most, comes through one forwarder
	relayShare    = 0.01 // of the mail, at most, comes through one forwarder that rewrites the envelope
	nearly        = 0.95 // of the mail counts as all of it
	burstShare    = 0.01
	burstCount    = 500
)

// Rules returns the rules in order. Those that call something the domain's own
// come before those that call it spoofing.
func Rules() []Rule {
	return []Rule{
		{"unreadable-address", Unknown, "the report has no valid address of the server",
			func(x *facts, _ *judge) bool { return x.key.unreadable }},
		{"not-mine", Spoofing, "you said that it is not yours",
			func(x *facts, j *judge) bool { return j.notMine(x) }},
		{"list-override", List, "the receiver recognized a mailing list",
			func(x *facts, _ *judge) bool { return x.id.override == "mailing_list" }},
		{"forwarded-override", Forwarder, "the receiver recognized a forwarder",
			func(x *facts, _ *judge) bool { return x.id.override != "" }},
		{"spf-aligned", Own, "the SPF record authorizes the server",
			func(x *facts, _ *judge) bool { return x.outcome.spf }},
		{"key-elsewhere", Forwarder, "carries a signature of the domain whose key other servers use, and passes SPF for another domain or none",
			func(x *facts, j *judge) bool { return x.outcome.dkim && j.copied(x) }},
		{"dkim-aligned", Own, "signs with a key of the domain",
			func(x *facts, _ *judge) bool { return x.outcome.dkim }},
		{"strict", Own, "passes for another name of the organization, which strict alignment does not accept",
			func(x *facts, _ *judge) bool { return x.related }},
		{"list-resigned", List, "the signature of the domain is broken, and that of the list is good",
			func(x *facts, j *judge) bool {
				return x.broken && j.known(x.selector) && j.copied(x) && (x.foreign != "" || x.spfPass)
			}},
		{"altered", Forwarder, "a signature of the domain was broken on the way",
			func(x *facts, j *judge) bool {
				return x.broken && j.known(x.selector) && j.copied(x) && x.key.addr.IsValid()
			}},
		{"microsoft-tenant", Own, "Microsoft 365 signs with the initial domain of a tenant of this name",
			func(x *facts, j *judge) bool { return x.sender == microsoft && j.tenant(x.foreign) }},
		{"microsoft-srs", Forwarder, "Microsoft 365 forwards for another domain",
			func(x *facts, j *judge) bool { return x.relayed(j.org) && !j.signs() && j.few(x) }},
		{microsoftOther, Unknown, "Microsoft 365 sends it for another domain, without a signature of yours",
			func(x *facts, j *judge) bool { return x.relayed(j.org) }},
		{microsoftNull, Probable, "Microsoft 365 sends it without an envelope sender or a signature, as tenants send automatic replies and delivery reports",
			func(x *facts, j *judge) bool {
				return x.sender == microsoft && x.nullSender() && x.foreign == "" && j.bySender[microsoft].aligned
			}},
		{"microsoft-own", Own, "the domain uses Microsoft 365, and this mail from there is not authorized",
			func(x *facts, j *judge) bool { return x.sender == microsoft && j.uses[microsoft] && x.foreign == "" }},
		{"spf-elsewhere", Own, "SPF passes for the server in other reports",
			func(x *facts, j *judge) bool { return x.address.spf && dnsrec.Within(x.id.spfDomain, j.org) }},
		{"spf-listed", Own, "the SPF record lists the server, and the envelope sender is of another domain",
			func(x *facts, _ *judge) bool { return x.term != "" }},
		{"host-name", Own, "the server has a name of the domain",
			func(x *facts, j *judge) bool { return dnsrec.Within(x.host, j.org) }},
		{"service", Probable, "a sending service sends regularly",
			func(x *facts, j *judge) bool {
				return x.sender != "" && x.kind != spf.Mailbox && j.regular(x.sender)
			}},
		{"neighbor", Probable, "its network has a server that SPF authorizes",
			func(x *facts, j *judge) bool {
				return x.sender == "" && x.key.addr.IsValid() && j.near[network(x.key.addr)]
			}},
		{"steady", Probable, "sends regularly from one network",
			func(x *facts, _ *judge) bool { return x.site != nil && x.site.steady() }},
		{"spread", Spoofing, "many networks with a few messages each, and nothing speaks for them",
			func(x *facts, j *judge) bool {
				return x.bare() && x.site != nil && x.site.brief() && j.brief >= spreadOver
			}},
		{"burst", Spoofing, "one network on a day or two, and nothing speaks for it",
			func(x *facts, j *judge) bool {
				return x.bare() && x.site != nil && x.site.burst() && j.small(x)
			}},
		{"unknown", Unknown, "the reports do not show what it is",
			func(*facts, *judge) bool { return true }},
	}
}

// classify finds the rule for a flow.
func (j *judge) classify(x *facts) Rule {
	for _, r := range j.rules {
		if r.match(x, j) {
			return r
		}
	}
	return Rule{Kind: Unknown}
}

// copied reports whether a flow carries a signature that others make: most mail
// with that key comes from its home, and only little through this address.
func (j *judge) copied(x *facts) bool {
	s := j.signers[x.selector]
	if s == nil || x.own() || x.server && s.by[x.sender] && !x.forwards() {
		return false
	}
	share := float64(x.address.count) / float64(max(s.count, 1))
	return float64(s.home) > homeShare*float64(s.count) && share < copyShare
}

// forwards reports whether SPF passed for a domain of someone else, as behind a
// forwarder that rewrites the envelope sender.
func (x *facts) forwards() bool {
	return x.sender == microsoft && x.spfPass && !dnsrec.Within(x.id.spfDomain, x.domain) && !tenantName(x.id.spfDomain) &&
		(!x.nullSender() || x.broken)
}

// The rules for mail of Microsoft 365 with a null reverse-path, and for mail that a
// tenant sends for another domain: it may forward, belong to the domain's owner, or
// spoof.
const (
	microsoftNull  = "microsoft-null-sender"
	microsoftOther = "microsoft-other-domain"
)

// relayed reports whether Microsoft 365 sends a message for another domain.
func (x *facts) relayed(org string) bool {
	return x.sender == microsoft && x.spfPass && !dnsrec.Within(x.id.spfDomain, org) && !tenantName(x.id.spfDomain) &&
		(!x.nullSender() || x.foreign != "" && !tenantName(x.foreign))
}

// signs reports whether the domain signs nearly all mail that passes: what is
// forwarded then has its signature, be it broken.
func (j *judge) signs() bool {
	var signed int64
	for _, s := range j.signers {
		signed += s.count
	}
	return float64(signed) >= nearly*float64(j.passed)
}

// few reports whether a domain for which Microsoft 365 sends has no more of the
// mail than a forwarder would.
func (j *judge) few(x *facts) bool {
	return float64(j.relays[x.id.spfDomain]) <= relayShare*float64(j.count.messages)
}

// nullSender reports whether SPF was checked for the HELO name of a server of
// Microsoft 365, as it is without an envelope sender (RFC 7208 2.4). Such mail
// is not rewritten by SRS, so the name shows no forwarding.
func (x *facts) nullSender() bool {
	return x.spfPass && slices.ContainsFunc([]string{"protection.outlook.com", "prod.outlook.com", "protection.outlook.de", "protection.office365.us",
		"prod.office365.us", "protection.partner.outlook.cn"}, func(name string) bool { return dnsrec.Within(x.id.spfDomain, name) })
}

// notMine reports whether the user said that an address sends nothing for the
// domain, or that mail of an envelope sender's domain is not the domain's.
func (j *judge) notMine(x *facts) bool {
	return slices.ContainsFunc(j.opt.NotMine, func(p netip.Prefix) bool { return p.Contains(x.key.addr) }) ||
		!x.outcome.pass && slices.ContainsFunc(j.opt.NotMineFor, func(d string) bool { return dnsrec.Within(x.id.spfDomain, d) })
}

// known reports whether a key of the domain is in use.
func (j *judge) known(selector string) bool {
	s := j.signers[selector]
	return s != nil && s.home > 0
}

func tenantName(domain string) bool { return strings.HasSuffix(domain, ".onmicrosoft.com") }

// tenant reports whether a tenant's initial domain has the name of the domain.
func (j *judge) tenant(domain string) bool {
	label, ok := strings.CutSuffix(domain, ".onmicrosoft.com")
	own, _, _ := strings.Cut(j.org, ".")
	return ok && strings.HasPrefix(label, strings.ReplaceAll(own, "-", "")) && own != ""
}

// regular reports whether a sender is seen often enough to be one that the
// domain chose.
func (j *judge) regular(sender string) bool {
	s := j.bySender[sender]
	return s != nil && (s.aligned || s.steady())
}

// small reports whether the network has too little of the domain's mail to be an
// unknown sender of weight.
func (j *judge) small(x *facts) bool {
	return float64(x.site.count) < burstShare*float64(j.count.messages) && x.site.count <= burstCount
}

func (a *addressOf) steady() bool {
	return len(a.days) >= steadyDays && a.count >= steadyCount && bits.OnesCount64(a.reporters) >= steadySources
}

func (a *addressOf) brief() bool {
	return len(a.days) <= fewDays && a.once() && a.count <= fewMessages && a.failing == a.count
}

func (a *addressOf) burst() bool { return len(a.days) <= burstDays && a.once() && a.failing == a.count }

// once reports whether all days are close together. Who comes back after a week or
// a month may be an invoice run or a device of one's own.
func (a *addressOf) once() bool {
	return len(a.days) == 0 || slices.Max(a.days)-slices.Min(a.days) < onceDays
}

// network is what commonly belongs to one site.
func network(addr netip.Addr) netip.Prefix {
	const site4, site6 = 24, 64
	bits := site4
	if addr.Is6() {
		bits = site6
	}
	p, _ := addr.Prefix(bits) // the number of bits is in range
	return p
}

package senders

import (
	"net/netip"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
)

// facts is what is known of a flow. Names of senders rest on what cannot be
// forged: the address, and results that passed.
type facts struct {
	*flow
	key     flowKey
	id      *identity
	outcome outcome
	domain  string

	sender  string // name in the table of senders, or Microsoft 365; "" if not known
	kind    spf.SenderKind
	server  bool       // the server is the sender's, and not only a signature
	term    string     // of the SPF tree, that covers the address
	host    string     // confirmed name of the address
	address *addressOf // all flows of the address
	site    *addressOf // all flows of its network; nil: it has no address

	spfPass  bool   // for any domain
	related  bool   // passes for a name of the organization, be it aligned or not
	foreign  string // an unaligned domain that passed DKIM
	broken   bool   // a signature of the domain is there and does not verify
	faulty   bool   // SPF for a name of the organization was a permerror
	selector string // of that signature, or of the one that passed
}

// addressOf sums up the flows of one address.
type addressOf struct {
	count     int64
	failing   int64   // that pass neither SPF nor DKIM for any domain, nor carry a signature of the domain
	days      []int32 // the first of them, see maxSpread
	reporters uint64  // a bit each
	aligned   bool    // some pass DMARC
	spf       bool    // some pass SPF for the domain
}

// maxSpread is the number of days of an address that are distinguished.
const maxSpread = 32

// signer sums up the use of one key of the domain.
type signer struct {
	count int64
	home  int64           // from servers that pass SPF for the domain, or of a known sender
	by    map[string]bool // senders that use it
}

const microsoft = "Microsoft 365"

// learn works out the facts of a flow.
func (j *judge) learn(key flowKey, f *flow) *facts {
	x := &facts{flow: f, key: key, id: key.id, domain: j.count.name}
	x.spfPass = j.spfPasses(key)
	x.outcome = j.at.outcome(key.from, key.id, x.spfPass)
	x.selector = x.outcome.selector
	for _, r := range key.id.dkim {
		switch own := dnsrec.Within(r.Domain, j.org); {
		case r.Domain == "":
		case own && r.Result == "pass":
			x.related = true
		case !own && r.Result == "pass" && x.foreign == "":
			x.foreign = r.Domain
		case own && !x.outcome.dkim:
			x.broken, x.selector = true, r.Selector
		}
	}
	x.related = x.related || x.spfPass && dnsrec.Within(key.id.spfDomain, j.org)
	x.faulty = j.faulty(key) && !x.outcome.pass
	j.nameSender(x)
	if key.addr.IsValid() {
		x.term = j.covering(key.addr)
		if x.term == "" && x.sender == "" && !x.outcome.pass && x.count >= fewMessages {
			x.host = j.live.host(key.addr)
		}
	}
	return x
}

// faulty reports whether a record of the organization could not be evaluated
// (RFC 7208 2.6.7), unless a changed one is tried in its place.
func (j *judge) faulty(key flowKey) bool {
	replaced := j.live.changed != nil && key.id.spfDomain == j.count.name
	return key.id.spfResult == "permerror" && dnsrec.Within(key.id.spfDomain, j.org) && !replaced
}

// nameSender finds out whose server it is, or else whose signature. A forwarded
// message keeps its signatures.
func (j *judge) nameSender(x *facts) {
	set := func(s *spf.Sender) bool {
		if s != nil && s.Kind != spf.SPFHost {
			x.sender, x.kind = s.Name, s.Kind
		}
		return x.sender != ""
	}
	passed := ""
	if x.spfPass && !dnsrec.Within(x.id.spfDomain, j.org) {
		passed = x.id.spfDomain
	}
	switch {
	case j.atMicrosoft(x.key.addr):
		x.sender, x.kind, x.server = microsoft, spf.Mailbox, true
	case set(senderOf(passed)), set(j.included(x.key.addr)):
		x.server = true
	case set(senderOf(x.foreign)):
	case x.outcome.dkim:
		set(bySelector(x.outcome.selector))
	}
}

// atMicrosoft reports whether an address is one of Microsoft 365.
func (j *judge) atMicrosoft(addr netip.Addr) bool {
	if !addr.IsValid() {
		return false
	}
	known, ok := j.microsoft[addr]
	if !ok {
		known = spf.KnownNetwork(netip.PrefixFrom(addr, addr.BitLen()))
		j.microsoft[addr] = known
	}
	return known
}

// senderOf finds a sender by a name that it uses in signatures and bounces. The
// table has names that are included in SPF records; the domain above them is the
// sender's as well.
func senderOf(name string) *spf.Sender {
	if name == "" {
		return nil
	}
	if s := spf.SenderOf(name); s != nil {
		return s
	}
	for _, extra := range signers() {
		if dnsrec.Within(name, extra.domain) {
			return named(extra.sender)
		}
	}
	return nil
}

// signers lists domains in signatures and bounce addresses that differ from the
// names in SPF records.
func signers() []struct{ domain, sender string } {
	return []struct{ domain, sender string }{
		{"onmicrosoft.com", microsoft}, {"mcsv.net", "Mailchimp"}, {"mcdlv.net", "Mailchimp"}, {"rsgsv.net", "Mailchimp"},
		{"mailchimpapp.net", "Mailchimp"}, {"mandrillapp.com", "Mandrill (Mailchimp Transactional)"},
		{"mtasv.net", "Postmark"}, {"sendinblue.com", "Brevo (Sendinblue)"}, {"brevosend.com", "Brevo (Sendinblue)"},
		{"exacttarget.com", "Salesforce Marketing Cloud"}, {"salesforce.com", "Salesforce"}, {"pardot.com", "Salesforce Pardot"},
		{"hubspot.com", "HubSpot"}, {"mailjet.com", "Mailjet"}, {"smtp2go.com", "SMTP2GO"}, {"mlsend.com", "MailerLite"},
		{"gappssmtp.com", "Google Workspace"}, {"createsend.com", "Campaign Monitor"}, {"ccsend.com", "Constant Contact"},
		{"atlassian.net", "Atlassian"}, {"mailersend.net", "MailerSend"}, {"elasticemail.com", "Elastic Email"},
	}
}

func named(name string) *spf.Sender {
	all := spf.Senders()
	if i := slices.IndexFunc(all, func(s spf.Sender) bool { return s.Name == name }); i >= 0 {
		return &all[i]
	}
	return nil
}

// bySelector finds the one sender that gives its customers this selector.
func bySelector(selector string) *spf.Sender {
	var found *spf.Sender
	all := spf.Senders()
	for i := range all {
		if slices.Contains(all[i].Selectors, strings.ToLower(selector)) {
			if found != nil {
				return nil
			}
			found = &all[i]
		}
	}
	return found
}

// own reports whether a server is certainly one that the domain uses.
func (x *facts) own() bool { return x.outcome.spf || x.term != "" }

// bare reports whether nothing at all speaks for a message.
func (x *facts) bare() bool {
	return !x.outcome.pass && !x.related && !x.spfPass && x.foreign == "" && !x.broken && x.sender == "" && x.id.override == ""
}

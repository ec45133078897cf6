package message

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
)

// SPF is the check of the border's client, repeated with the DNS of today.
type SPF struct {
	Result string `json:"result"`
	IP     string `json:"ip"`
	Sender string `json:"sender"`         // envelope sender, or the HELO name for a bounce
	Domain string `json:"domain"`         // that was checked
	Term   string `json:"term,omitempty"` // that decided
	At     string `json:"at,omitempty"`   // domain whose record holds the term
	Reason string `json:"reason,omitempty"`
}

// DMARC is the alignment of a message. With a policy it is evaluated by the
// DNS of today, else only the names are compared.
type DMARC struct {
	Result  string      `json:"result"` // pass, fail, none, temperror, permerror, ambiguous, unknown
	Reason  string      `json:"reason,omitempty"`
	Policy  string      `json:"policy,omitempty"`
	FoundAt string      `json:"found_at,omitempty"`
	RFC7489 string      `json:"rfc7489,omitempty"` // the result by RFC 7489, where it is another one
	Aligned []Alignment `json:"alignment,omitempty"`
}

// Alignment is whether one identifier belongs to the From domain.
type Alignment struct {
	Method  string `json:"method"` // spf or dkim
	Domain  string `json:"domain"`
	Passed  bool   `json:"passed"`
	Relaxed bool   `json:"relaxed"` // the same organization
	Strict  bool   `json:"strict"`  // the same domain
}

// replaySPF repeats the check for the client at the border.
func (a *Analysis) replaySPF(ctx context.Context, o Options) {
	b := a.Border
	if b == nil || b.FromHeader == "" && b.HELO == "" {
		return
	}
	ip, err := netip.ParseAddr(b.IP)
	if err != nil {
		return
	}
	c := spf.Checker{Resolver: o.DNS, Now: o.Now}
	sender := b.MailFrom
	if sender != "" && !strings.Contains(sender, "@") { // Microsoft writes the domain alone
		sender = "postmaster@" + sender
	}
	out := c.Check(ctx, ip, b.HELO, sender)
	a.SPF = &SPF{Result: string(out.Result), IP: b.IP, Sender: b.MailFrom, Domain: spfDomain(b), Term: out.Term,
		At: out.Domain, Reason: out.Problem}
}

func spfDomain(b *Border) string {
	if i := strings.LastIndexByte(b.MailFrom, '@'); b.MailFrom != "" {
		return dnsrec.Canonical(b.MailFrom[i+1:])
	}
	return dnsrec.Canonical(b.HELO)
}

// evaluateDMARC compares the names, and with Replay applies the policy.
func (a *Analysis) evaluateDMARC(ctx context.Context, o Options) {
	d := &DMARC{}
	a.DMARC = d
	if a.From.Ambiguous != "" {
		d.Result, d.Reason = "ambiguous", a.From.Ambiguous
		return
	}
	passed, pending := a.align(d)
	if !o.Replay || o.DNS == nil {
		d.offline(passed, pending)
		return
	}
	found := dmarc.Discover(ctx, o.DNS, a.From.Domain)
	var dkimPassed []string
	spfPassed := ""
	for _, x := range d.Aligned {
		switch {
		case x.Passed && x.Method == "dkim":
			dkimPassed = append(dkimPassed, x.Domain)
		case x.Passed:
			spfPassed = x.Domain
		}
	}
	v := found.Evaluate(ctx, o.DNS, dkimPassed, spfPassed)
	d.Result, d.Policy, d.FoundAt = v.Tree.Result, string(found.Tree.Policy), found.Tree.At
	if v.List.Result != v.Tree.Result {
		d.RFC7489 = v.List.Result
	}
	if d.Result == "fail" && pending != "" {
		d.Result, d.Reason = "temperror", pending
	}
}

// align lists the identifiers, tells whether one that passed is aligned, and
// why it may not be known.
func (a *Analysis) align(d *DMARC) (passed bool, pending string) {
	add := func(method, domain string, pass bool) {
		x := Alignment{Method: method, Domain: domain, Passed: pass}
		x.Strict = strings.EqualFold(domain, a.From.Domain)
		x.Relaxed = x.Strict || domain != "" && dmarc.ListOrganizational(dnsrec.Canonical(domain)) ==
			dmarc.ListOrganizational(a.From.Domain)
		if !slices.Contains(d.Aligned, x) {
			d.Aligned = append(d.Aligned, x)
		}
		passed = passed || pass && x.Relaxed
	}
	for _, s := range a.DKIM {
		add("dkim", s.Domain, s.Result == ResultPass)
		if s.Result == ResultTempError || s.Result == ResultNone {
			pending = "a DKIM signature could not be verified: " + s.Reason
		}
	}
	switch {
	case a.SPF != nil:
		add("spf", a.SPF.Domain, a.SPF.Result == ResultPass)
		if a.SPF.Result == ResultTempError {
			pending = "SPF could not be checked: " + a.SPF.Reason
		}
	case a.trustedSPF() == "":
		pending = cmp.Or(pending, "what SPF says is not known; --check asks")
	case a.Border != nil && a.Border.MailFrom != "":
		add("spf", spfDomain(a.Border), a.trustedSPF() == ResultPass)
	}
	return passed, pending
}

// trustedSPF is what the trusted server found for SPF.
func (a *Analysis) trustedSPF() string {
	for _, r := range a.AuthResults {
		if !r.Trusted {
			continue
		}
		for _, m := range r.Results {
			if m.Method == "spf" {
				return m.Value
			}
		}
	}
	return ""
}

// offline is the verdict without the policy.
func (d *DMARC) offline(passed bool, pending string) {
	switch {
	case passed:
		d.Result, d.Reason = "pass", "an identifier that passed is aligned (relaxed, by the Public Suffix "+
			"List); the policy was not asked for"
	case pending != "":
		d.Result, d.Reason = "unknown", pending
	default:
		d.Result, d.Reason = "fail", "no identifier that passed is aligned; the policy was not asked for"
	}
}

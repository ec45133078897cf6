package message

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/message/dkim"
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

// DMARC reports whether an identifier that passed belongs to the domain in From,
// and, with Replay, what the DNS of today makes of it.
type DMARC struct {
	Result    string      `json:"result"` // pass, fail, none, temperror, permerror, ambiguous; unknown if it was not checked
	Reason    string      `json:"reason,omitempty"`
	Policy    string      `json:"policy,omitempty"`
	FoundAt   string      `json:"found_at,omitempty"`
	RFC7489   string      `json:"rfc7489,omitempty"` // the result by RFC 7489, where it is another one
	Alignment string      `json:"aligned"`           // yes, no, unknown: one that passed is aligned
	Aligned   []Alignment `json:"alignment,omitempty"`

	pending string // why it may not be known whether an identifier of From passed
}

// Alignment is whether one identifier belongs to the From domain.
type Alignment struct {
	Method  string `json:"method"` // spf or dkim
	Domain  string `json:"domain"`
	Source  string `json:"source"` // verified by us, or reported by the border
	Passed  bool   `json:"passed"`
	Relaxed bool   `json:"relaxed"`         // the same organization
	Strict  bool   `json:"strict"`          // the same domain
	Unfit   string `json:"unfit,omitempty"` // it passed, but does not vouch for the message: why
}

// vouches reports whether the identifier passed, is of the organization of
// From, and is worth it.
func (x *Alignment) vouches() bool { return x.Passed && x.Relaxed && x.Unfit == "" }

const (
	verified  = "verified" // by us, now
	reported  = "reported" // by the border, and the sender cannot have written it
	yes       = "yes"
	no        = "no"
	unknown   = "unknown"
	ambiguous = "ambiguous"
	noPolicy  = "the current policy was not looked up"
)

// replaySPF repeats the check for the client at the border. What is not known
// is not judged: neither a relay within nor a sender that nobody wrote down.
func (a *Analysis) replaySPF(ctx context.Context, o Options) {
	b := a.Border
	if b == nil || b.Missing || b.FromHeader == "" || b.Uncertain != "" || b.SignedIn {
		return
	}
	ip, err := netip.ParseAddr(b.IP)
	if err != nil || !global(ip) {
		return
	}
	c := spf.Checker{Resolver: o.DNS, Now: o.Now}
	sender := b.MailFrom
	if at := strings.LastIndexByte(sender, '@'); sender != "" && (at < 0 || !o.WithLocalPart) { // Microsoft writes the domain alone
		sender = "postmaster@" + sender[at+1:]
	}
	out := c.Check(ctx, ip, b.HELO, sender)
	a.SPF = &SPF{Result: string(out.Result), IP: b.IP, Sender: b.MailFrom, Domain: spfDomain(b.MailFrom, b.HELO), Term: out.Term,
		At: out.Domain, Reason: out.Problem}
	if out.Err != nil {
		a.SPF.Reason = kit.Reason(out.Err)
	}
	if out.LocalPart && sender != b.MailFrom {
		a.SPF.Result, a.SPF.Term = string(spf.TempError), ""
		a.SPF.Reason = "the SPF record depends on the mailbox of the sender; --with-local-part sends that to the DNS"
	}
}

// spfDomain is the domain that SPF is about: that of the envelope sender, or
// of HELO for a bounce. RFC 7208 2.4
func spfDomain(sender, helo string) string {
	if sender == "" {
		return dnsrec.Canonical(helo)
	}
	return dnsrec.Canonical(sender[strings.LastIndexByte(sender, '@')+1:])
}

// evaluateDMARC compares the names, and with Replay applies the policy.
func (a *Analysis) evaluateDMARC(ctx context.Context, o Options) {
	d := &DMARC{Result: unknown, Alignment: unknown}
	a.DMARC = d
	a.blame()
	if a.From.Ambiguous != "" {
		d.Result, d.Reason = ambiguous, a.From.Ambiguous
		return
	}
	d.pending = a.align(d)
	d.settle(a.trusted("dmarc"))
	if !o.Replay || o.DNS == nil {
		d.Reason = cmp.Or(d.Reason, noPolicy)
		return
	}
	found := dmarc.Discover(ctx, o.DNS, a.From.Domain)
	v := found.Evaluate(ctx, o.DNS, d.passed("dkim"), strings.Join(d.passed("spf"), ""))
	d.Result, d.Policy, d.FoundAt = v.Tree.Result, string(found.Tree.Policy), found.Tree.At
	if found.Tree.Found() {
		d.narrow(v)
		d.settle(a.trusted("dmarc"))
	}
	if v.List.Result != v.Tree.Result {
		d.RFC7489 = v.List.Result
	}
	if d.Result == "fail" && d.pending != "" {
		d.Result, d.Reason = "temperror", d.pending
	}
}

// narrow takes the trust from identifiers that the record does not accept: it may ask
// for strict alignment (adkim=s, aspf=s), and receivers may see two organizations.
func (d *DMARC) narrow(v dmarc.Verdict) {
	for i := range d.Aligned {
		x := &d.Aligned[i]
		if x.Source != verified || x.Strict || !x.vouches() {
			continue
		}
		for _, id := range v.Identifiers {
			if id.Method == x.Method && id.Domain == x.Domain && id.Err == nil && !id.Tree {
				x.Unfit = "the DMARC record does not accept it for this domain (strict alignment, or another organization)"
			}
		}
	}
}

// passed returns the domains that passed as far as we can verify it.
func (d *DMARC) passed(method string) (list []string) {
	for _, x := range d.Aligned {
		if x.Passed && x.Unfit == "" && x.Method == method && x.Source == verified {
			list = append(list, x.Domain)
		}
	}
	return list
}

// settle reports whether an identifier that passed is aligned. The border knew
// better than its single results tell if it found that DMARC fails.
func (d *DMARC) settle(border string) {
	d.Alignment = no
	for _, x := range d.Aligned {
		if x.vouches() && (x.Source == verified || x.Source == reported && border != "fail") {
			d.Alignment = yes
			return
		}
	}
	if d.pending != "" && border != "fail" {
		d.Alignment, d.Reason = unknown, d.pending
	}
}

// align lists the identifiers, and tells why it may not be known whether one
// that belongs to From passed.
func (a *Analysis) align(d *DMARC) (pending string) {
	for _, s := range a.DKIM {
		x := a.alignment("dkim", s.Domain, verified, s.Result == string(dkim.Pass))
		if x.Passed {
			x.Unfit = s.Unfit
		}
		open := !s.Verified || x.Unfit != "" || s.Result == string(dkim.TempError) || s.Result == string(dkim.Policy)
		if s.Verified && s.Result != string(dkim.TempError) && !s.keyless { // it may have passed before
			d.add(x)
		}
		switch {
		case !open || !x.Relaxed || pending != "":
		case s.Unfit != "":
			pending = "the DKIM signature of " + s.Domain + " does not vouch for this message: " + s.Unfit
		default:
			pending = "the DKIM signature of " + s.Domain + " could not be verified: " + strings.TrimPrefix(s.Reason, unverified)
		}
	}
	why := a.alignSPF(d)
	for _, r := range a.AuthResults {
		if r.Trusted {
			a.alignReported(d, &r)
		}
	}
	return cmp.Or(pending, why)
}

// alignSPF adds the check of today, or what keeps it from being known.
func (a *Analysis) alignSPF(d *DMARC) (pending string) {
	if s := a.SPF; s != nil {
		x := a.alignment("spf", s.Domain, verified, s.Result == string(spf.Pass))
		d.add(x)
		if s.Result == string(spf.TempError) && x.Relaxed {
			return "SPF could not be checked: " + s.Reason
		}
		return ""
	}
	switch {
	case a.internal:
		return "the message is internal, so SPF, DKIM and DMARC do not apply"
	case a.Border == nil || a.Border.Missing:
		return "the client address for SPF is not known"
	case a.Border.Uncertain != "":
		return a.Border.Uncertain
	case a.Border.SignedIn && a.trusted("spf") == "":
		return "the client signed in at " + nameOf(a.Border.By) + ", so SPF does not apply, and that server decides which address a user may use"
	case a.Border.FromHeader == "":
		return "the envelope sender is not in this message"
	case a.trusted("spf") == "" && a.related(spfDomain(a.Border.MailFrom, a.Border.HELO)):
		return "the SPF result is not known; use --check to look it up"
	}
	return ""
}

// alignReported adds what the border found.
func (a *Analysis) alignReported(d *DMARC, r *AuthResult) {
	for _, m := range r.Results {
		domain := m.domain()
		if domain == "" {
			continue
		}
		x := a.alignment(m.Method, domain, reported, m.Value == "pass")
		if x.Passed && x.Method == "dkim" {
			x.Unfit = a.unfit(&m, x.Domain)
		}
		d.add(x)
	}
}

// unfit returns why a signature that passed at the border may not vouch for the
// message, "" if it does, or if none is in the header any more. A result that
// fits several signatures may be about the worst of them, unless a better one
// verifies.
func (a *Analysis) unfit(m *MethodResult, domain string) (why string) {
	for _, s := range a.DKIM {
		switch {
		case dnsrec.Canonical(s.Domain) != domain || !s.named(m):
		case s.Unfit == "" && s.Result == string(dkim.Pass):
			return ""
		default:
			why = cmp.Or(why, s.Unfit)
		}
	}
	return why
}

// named reports whether a result may be about the signature: servers write the
// selector and the start of b= (RFC 6008), or leave them out.
func (s *Signature) named(m *MethodResult) bool {
	selector, b := m.Params["header.s"], m.Params["header.b"]
	return (selector == "" || strings.EqualFold(selector, s.Selector)) && strings.HasPrefix(s.b, strings.Trim(b, `"`))
}

func (d *DMARC) add(x Alignment) {
	if !slices.Contains(d.Aligned, x) {
		d.Aligned = append(d.Aligned, x)
	}
}

func (a *Analysis) alignment(method, domain, source string, passed bool) Alignment {
	domain = dnsrec.Canonical(domain)
	x := Alignment{Method: method, Domain: domain, Source: source, Passed: passed}
	x.Strict = domain == a.From.Domain
	x.Relaxed = x.Strict || a.related(domain)
	return x
}

// related reports whether a domain is of the organization of From.
func (a *Analysis) related(domain string) bool {
	return domain != "" && a.From.Domain != "" && kit.SameOwner(dnsrec.Canonical(domain), a.From.Domain)
}

// trusted is what the border found for a method, "" if it does not say or the
// sender may have written it.
func (a *Analysis) trusted(method string) string {
	if m := a.result(method, true); m != nil {
		return m.Value
	}
	return ""
}

// result returns the border's first result of a method.
func (a *Analysis) result(method string, sure bool) *MethodResult {
	for i := range a.AuthResults {
		r := &a.AuthResults[i]
		for j := range r.Results {
			if (sure && r.Trusted || !sure && r.Unconfirmed) && r.Results[j].Method == method {
				return &r.Results[j]
			}
		}
	}
	return nil
}

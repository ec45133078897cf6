package dnstest

import "github.com/miekg/dns"

// own fills a reply as a name server of zones does: with data, with a referral,
// or with a refusal.
func (z *zone) own(r *dns.Msg, q dns.Question) {
	r.RecursionAvailable = false
	name := canonical(q.Name)
	apex, cut := z.place(name, q.Qtype)
	switch {
	case apex == "":
		r.Rcode = dns.RcodeRefused
	case cut != "":
		r.Ns = z.nodes[cut].get(dns.TypeNS)
		for _, rr := range r.Ns {
			if n := z.nodes[canonical(rr.(*dns.NS).Ns)]; n != nil {
				r.Extra = append(r.Extra, n.get(dns.TypeA)...)
				r.Extra = append(r.Extra, n.get(dns.TypeAAAA)...)
			}
		}
	default:
		r.Authoritative = true
		r.Rcode, r.Answer, r.Ns = z.answer(q.Name, q.Qtype, false)
	}
}

// place returns the zone that a name is in, and the delegation below its apex that
// leads to the name, if there is one. The DS records of a delegation are on the
// side of the parent (RFC 4035 3.1.4.1).
func (z *zone) place(name string, typ uint16) (apex, cut string) {
	for at := name; ; at = parent(at) {
		if n := z.nodes[at]; n != nil {
			parentSide := at == name && typ == dns.TypeDS
			switch {
			case n.get(dns.TypeSOA) != nil && !parentSide:
				return at, cut
			case n.get(dns.TypeNS) != nil && !parentSide:
				cut = at
			}
		}
		if at == "." {
			return "", ""
		}
	}
}

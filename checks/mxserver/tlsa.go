package mxserver

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec/tlsa"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// maxTLSA is how many TLSA records of one host are read.
const maxTLSA = 100

// usable returns the TLSA records of the host that apply to mail. RFC 7672 3.1
func (h host) usable() (out []tlsa.Record) {
	for _, value := range h.tlsa.Values[:min(len(h.tlsa.Values), maxTLSA)] {
		if r, err := tlsa.Parse(value); err == nil && r.Unusable() == "" {
			out = append(out, r)
		}
	}
	return out
}

// dane reports whether senders use the TLSA records of the host: DNSSEC proves
// them and the MX records, by a resolver that can be believed. RFC 7672 2.2
func (v view) dane() bool {
	return v.f.trustAD && v.f.mx.Authentic && v.h.tlsa.Authentic && len(v.h.usable()) > 0
}

// tlsa judges the certificate by the TLSA records; the zero finding if there is
// none.
func (v view) tlsa() report.Finding {
	const code = "mxserver.tlsa"
	if v.h.tlsa.Err != nil {
		return kit.Lesser(kit.Undecided(code, v.h.Host, v.h.tlsa.Err))
	}
	records := v.h.usable()
	switch {
	case len(v.h.tlsa.Values) == 0:
		return report.Finding{}
	case len(records) == 0:
		return v.find(report.Info, code, "none of the TLSA records can be used for mail; see the check dane")
	case v.a.session.TLS == nil:
		return v.find(report.Skip, code, "not compared: there was no TLS")
	}
	i := slices.IndexFunc(records, func(r tlsa.Record) bool { return matches(r, v.a.session.TLS) })
	if i >= 0 {
		y := v.find(report.Pass, code, "the certificate matches TLSA %d %d %d", records[i].Usage, records[i].Selector, records[i].Matching)
		y.Data = map[string]any{"records": len(records)}
		return y
	}
	y := v.find(report.Warn, code, "the certificate matches none of the %d TLSA records. maildiag cannot tell whether DNSSEC "+
		"protects them; if it does, senders that use DANE do not deliver", len(records))
	switch {
	case v.dane():
		y = v.find(report.Fail, code, "the certificate matches none of the %d TLSA records: senders that use DANE, such as "+
			"Microsoft 365, do not deliver", len(records))
	case v.f.trustAD:
		y = v.find(report.Warn, code, "the certificate matches none of the %d TLSA records. Senders ignore them for now, because DNSSEC "+
			"does not protect them", len(records))
	}
	y.Data = map[string]any{"records": len(records)}
	y.Evidence = append(y.Evidence, kit.Seen(v.h.tlsa.Answer))
	return v.advise(y, "Publish a TLSA record for the current certificate (3 1 1 "+v.a.session.TLS.Leaf().KeySHA256+
		"), wait until the old records have expired from caches, then delete those.", "RFC 7672 3.1", "RFC 7671 8.1")
}

// matches reports whether a record allows the certificates of a handshake.
func matches(r tlsa.Record, t *smtpprobe.TLS) bool {
	for i, c := range t.Chain {
		named := r.Matches(tlsa.Digests{SHA256: c.SHA256, SHA512: c.SHA512, KeySHA256: c.KeySHA256, KeySHA512: c.KeySHA512})
		switch {
		case r.Usage == tlsa.UsageDANEEE: // name and dates do not count: RFC 7672 3.1.1
			return named
		case named && anchored(t, i):
			return true
		case !c.SignedByNext:
			return false
		}
	}
	return false
}

// anchored reports whether the chain up to the trust anchor at place i can be
// relied on: the server's certificate is in its time and for the host. RFC 7672
// 3.1.2, 3.2.1
func anchored(t *smtpprobe.TLS, i int) bool {
	if i == 0 { // RFC 7671 5.2: an anchor issues certificates
		return false
	}
	return !slices.ContainsFunc(t.Problems, func(p smtpprobe.CertProblem) bool {
		return slices.Contains([]smtpprobe.CertKind{smtpprobe.CertName, smtpprobe.CertNoNames, smtpprobe.CertExpired, smtpprobe.CertFuture}, p.Kind)
	})
}

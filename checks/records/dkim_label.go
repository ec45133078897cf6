package records

import (
	"context"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dkim"
	"maildiag/report"
)

// This file is about the label inside the targets of selectors: each domain of a tenant
// has keys of its own.

// askLabel looks whether Microsoft has a key for the domain where a target has the label of
// another.
func (f *dkimFacts) askLabel(k *kit.Known, t dkimTarget) {
	t.Token = kit.MXToken(k.Domain)
	if r := dkim.Lookup(context.Background(), k, t.parent(), t.selector(t.Number)); !kit.IsMissing(r.Err) && r.Err == nil && signable(r) {
		f.labeled = append(f.labeled, t.With(t.Number))
	}
}

// labeled returns the target with the domain's own label in the tenant of a selector, if
// there is a key.
func (p *pair) labeled(h *pairHalf) string {
	for _, host := range p.f.labeled {
		if t := parseDKIMTarget(host); t.Number == h.number && t.parent() == h.target.parent() {
			return host
		}
	}
	return ""
}

// token compares the label inside the targets with the domain's.
func (p *pair) token() (fs []report.Finding) {
	want := kit.MXToken(p.f.domain)
	for i, h := range p.halves {
		if h.ofDomain() {
			continue
		}
		other := p.halves[1-i]
		said, why := "points to the key of another domain", "Each domain of a tenant has its own keys, so signatures for "+p.f.domain+" would not verify with this key."
		if len(h.r.Keys()) == 0 { // of whom the target is does not show
			said, why = "points to a target without a key, and not to that of "+p.f.domain, "Each domain of a tenant has its own keys, at a target with its own label."
		}
		x := kit.Find(p.severity(h, other), "dkim.token", h.r.Name, "%s: the label is %s, expected %s%s", said, h.target.Token, want, hyphenRule(p.f.domain))
		x.Data = map[string]any{"label": h.target.Token, "expected": want}
		x.Evidence = []report.Evidence{kit.Seen(h.r.Answer)}
		x.Fix = p.cnameFix(h, other, why)
		fs = append(fs, x)
	}
	return fs
}

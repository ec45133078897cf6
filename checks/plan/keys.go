package plan

import (
	"context"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
)

// This file holds what no change of records may do to who signs mail.

// keyLabel stands between a selector and its domain (RFC 6376 3.6.2.1).
const keyLabel = "._domainkey."

// losesKeys reports whether a change takes away a DKIM key by which somebody may
// sign: no answer shows who does, so only a person can decide it. A key that moves
// to the right name, that Microsoft replaces by its own, or that a wildcard record
// answers, is not lost.
func (m *maker) losesKeys(moves []move, after world) bool {
	var was, is []string
	for _, v := range moves {
		selector, domain, ok := strings.Cut(v.change.Name, keyLabel)
		if !ok || v.staysAssigned() || m.names.wild(rrset{v.change.Name, dnsrec.TypeCNAME}) || m.names.wild(rrset{v.change.Name, dnsrec.TypeTXT}) {
			continue
		}
		before, okBefore := m.now.keys(selector, domain)
		behind, okBehind := after.keys(selector, domain)
		if !okBefore && !m.names.lacks(v.change.Name) || !okBehind && len(before) > 0 {
			return true // not known
		}
		was, is = append(was, before...), append(is, behind...)
	}
	return slices.ContainsFunc(was, func(key string) bool { return !slices.Contains(is, key) })
}

// keys lists the keys at a selector that are not revoked (RFC 6376 3.6.1): those
// that can be read by their data, the others by their text.
func (w world) keys(selector, domain string) (keys []string, ok bool) {
	r := dkim.Lookup(context.Background(), w.known, domain, selector)
	for _, t := range r.Keys() {
		switch {
		case t.Revoked():
		case t.Fault() == nil:
			keys = append(keys, t.Record.Type()+" "+string(t.Record.Data))
		default:
			keys = append(keys, t.Value)
		}
	}
	return keys, r.Err == nil
}

// staysAssigned reports whether a move changes an alias for a key of Microsoft into
// an alias for another: Microsoft signs only with keys of the targets it assigns.
func (v move) staysAssigned() bool {
	assigned := func(target string) bool {
		return slices.ContainsFunc(kit.Clouds(), func(c kit.Cloud) bool { return kit.HasSuffix("x."+dnsrec.Canonical(target), c.DKIM) })
	}
	return v.change.Type == dnsrec.TypeCNAME && len(v.now) == 1 && len(v.change.Values) == 1 &&
		assigned(v.now[0]) && assigned(v.change.Values[0])
}

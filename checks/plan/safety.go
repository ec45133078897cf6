package plan

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

// This file holds what no change of records may do to who receives mail.

// losesMail reports whether a change names a mail server that does not exist, or
// leaves a domain that receives mail without one that does.
func (m *maker) losesMail(after world, v move) bool {
	if v.change.Type != dnsrec.TypeMX {
		return false
	}
	exists := func(t kit.MXTarget) bool { return alive(after.known, t) }
	for _, t := range kit.ReadMXs(v.step.Add) {
		if t.Kind != kit.MXNull && !exists(t) {
			return true
		}
	}
	if v.change.Name != m.first.known.Domain {
		return false
	}
	was, _ := m.first.known.Peek(v.change.Name, v.change.Type)
	return slices.ContainsFunc(kit.ReadMXs(was.Values), receives) && !slices.ContainsFunc(kit.ReadMXs(v.change.Values), exists)
}

// receives reports whether mail can go to an MX record by its text.
func receives(t kit.MXTarget) bool {
	return !slices.Contains([]kit.MXKind{kit.MXNull, kit.MXVerify, kit.MXInvalid, kit.MXLiteral}, t.Kind)
}

// alive reports whether the host of an MX record has an address, as far as is
// known.
func alive(k *kit.Known, t kit.MXTarget) bool {
	if !receives(t) {
		return false
	}
	for _, typ := range []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA} {
		if a, known := k.Need(t.Host, typ); !known || a.Err != nil || len(a.Values) > 0 {
			return true
		}
	}
	return false
}

package spf

import (
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"

	"maildiag/dnsrec"
)

// target returns the name that a term asks for: its domain-spec expanded, or the
// domain of the record (RFC 7208 4.8).
func (e *evaluation) target(t Term) string {
	if t.Domain == "" {
		return e.values.domain
	}
	return fitName(e.values.expand(t.Domain))
}

// include maps the result of another record (RFC 7208 5.2).
func (e *evaluation) include(target string) (bool, *verdict) {
	if !askable(target) {
		return false, e.perm("include leads to %q, which is not a domain name", target)
	}
	v := e.host(target)
	switch v.result {
	case Pass:
		e.inner = v.path
		return true, nil
	case None:
		return false, e.perm("include leads to %s, which has no SPF record (RFC 7208 5.2)", target)
	case PermError, TempError:
		return false, &v
	}
	return false, nil
}

// redirect takes the result of another record for its own (RFC 7208 6.1).
func (e *evaluation) redirect(target string) *verdict {
	if !askable(target) {
		return e.perm("redirect leads to %q, which is not a domain name", target)
	}
	v := e.host(target)
	if v.result == None {
		return e.perm("redirect leads to %s, which has no SPF record (RFC 7208 6.1)", target)
	}
	return &v
}

// ask asks one question of a mechanism. A name that cannot be asked for is
// taken for one that does not exist.
func (e *evaluation) ask(name string, t dnsrec.Type) ([]string, *verdict) {
	if !askable(name) {
		return nil, nil
	}
	a, err := e.checker.Resolver.Lookup(e.ctx, dnsrec.Q(name, t))
	if err != nil {
		return nil, e.temp(err)
	}
	if len(a.Values) == 0 {
		e.voids++
	}
	return a.Values, nil
}

// family is the type of address record to ask for (RFC 7208 5).
func (e *evaluation) family() dnsrec.Type {
	if e.values.ip.Is4() {
		return dnsrec.TypeA
	}
	return dnsrec.TypeAAAA
}

// addresses is the mechanism a (RFC 7208 5.3), and the second half of mx.
func (e *evaluation) addresses(name string, t Term) (bool, *verdict) {
	found, stop := e.ask(name, e.family())
	bits := t.Bits4
	if !e.values.ip.Is4() {
		bits = t.Bits6
	}
	for _, text := range found {
		if addr, err := netip.ParseAddr(text); err == nil && netip.PrefixFrom(addr, bits).Contains(e.values.ip) {
			return true, nil
		}
	}
	return false, stop
}

// mx is the mechanism mx (RFC 7208 5.4).
func (e *evaluation) mx(target string, t Term) (bool, *verdict) {
	hosts, stop := e.ask(target, dnsrec.TypeMX)
	if stop != nil {
		return false, stop
	}
	if len(hosts) > MaxMX { // RFC 7208 4.6.4
		return false, e.perm("%s has %d MX hosts; mx may lead to %d at most", target, len(hosts), MaxMX)
	}
	for _, value := range byPreference(hosts) {
		if match, stop := e.addresses(value, t); match || stop != nil {
			return match, stop
		}
	}
	return false, nil
}

// byPreference returns the hosts of MX values, the most preferred first, without
// the null MX.
func byPreference(values []string) []string {
	type mx struct {
		pref int
		host string
	}
	var list []mx
	for _, v := range values {
		pref, host, _ := strings.Cut(v, " ")
		n, _ := strconv.Atoi(pref)
		if host != "." && host != "" {
			list = append(list, mx{n, host})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].pref < list[j].pref })
	hosts := make([]string, len(list))
	for i, m := range list {
		hosts[i] = m.host
	}
	return hosts
}

// exists is the mechanism exists: an A question whatever the family
// (RFC 7208 5.7).
func (e *evaluation) exists(target string) (bool, *verdict) {
	found, stop := e.ask(target, dnsrec.TypeA)
	return len(found) > 0, stop
}

// pointer is the mechanism ptr (RFC 7208 5.5).
func (e *evaluation) pointer(target string) (bool, *verdict) {
	for _, name := range e.names() {
		if under(name, target) {
			return true, nil
		}
	}
	if e.ptrVoid {
		e.voids++ // of each term, although it is asked but once
	}
	return false, nil
}

// names returns the validated names of the address (RFC 7208 5.5): those of the
// first ten PTR records that lead back to it. Failures count as no name.
func (e *evaluation) names() []string {
	if e.ptrDone {
		return e.ptr
	}
	e.ptrDone = true
	reverse := dotted(e.values.ip)
	parts := strings.Split(reverse, ".")
	slices.Reverse(parts)
	name := strings.Join(parts, ".") + "." + e.values.value('v') + ".arpa"
	a, err := e.checker.Resolver.Lookup(e.ctx, dnsrec.Q(name, dnsrec.TypePTR))
	if err != nil {
		return nil
	}
	e.ptrVoid = len(a.Values) == 0
	for _, n := range a.Values[:min(len(a.Values), MaxPTR)] { // RFC 7208 4.6.4
		n = dnsrec.Canonical(n)
		if askable(n) && e.leadsBack(n) {
			e.ptr = append(e.ptr, n)
		}
	}
	return e.ptr
}

func (e *evaluation) leadsBack(name string) bool {
	a, err := e.checker.Resolver.Lookup(e.ctx, dnsrec.Q(name, e.family()))
	return err == nil && slices.ContainsFunc(a.Values, func(text string) bool {
		addr, err := netip.ParseAddr(text)
		return err == nil && addr == e.values.ip
	})
}

// validatedName is %{p}: the domain itself if it is a name of the address, else
// a name under it, else any (RFC 7208 7.3).
func (e *evaluation) validatedName() string {
	names := e.names()
	if slices.Contains(names, e.values.domain) {
		return e.values.domain
	}
	for _, n := range names {
		if under(n, e.values.domain) {
			return n
		}
	}
	if len(names) > 0 {
		return names[0]
	}
	return unknownName
}

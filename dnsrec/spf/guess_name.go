package spf

import (
	"net/netip"
	"strings"

	"maildiag/dnsrec/nearmiss"
)

// misspelled lists names that are met instead of mechanisms and are too far from
// them to be found by likeness. The address decides between ip4 and ip6.
var misspelled = map[string]string{
	"ip": "ip4", "ipv4": "ip4", "ipv": "ip4", "i4": "ip4", "p4": "ip4", "ip-4": "ip4", "ipaddr": "ip4",
	"ipv6": "ip6", "i6": "ip6", "ip-6": "ip6", "host": "a", "aaaa": "a", "hostname": "a", "server": "a",
	"prt": "ptr", "rdns": "ptr", "mxs": "mx", "incl": "include", "inc": "include", "domain": "include",
	"spf": "include", "redir": "redirect",
}

// guessName: a name that is no mechanism, or stands with the wrong separator.
func guessName(s string) (string, string) {
	sign, rest := cutSign(s)
	end := strings.IndexAny(rest, ":=/")
	if end < 0 {
		end = len(rest)
	}
	name, after := asciiLower(rest[:end]), rest[end:]
	value := strings.TrimLeft(after, ":=")
	if k := kindOf(name); k.Modifier() {
		return good(name + "=" + value), "" // "redirect:" and "-redirect="
	} else if k == All {
		return allSign(sign) + "all", "all takes nothing behind it"
	}
	kind := misspelled[name]
	if kind == "" {
		kind = likeliest(name)
	}
	if kind == "" && checkDomainSpec(value) == nil && strings.HasPrefix(after, ":") && !ascii(rest[:end]) {
		kind = "include" // the word for it in another language
	}
	switch {
	case kind == "":
		return "", ""
	case kind == "all":
		return allSign(sign) + kind, ""
	case kind == "redirect" || kind == "exp":
		return good(kind + "=" + value), ""
	case value == "":
		return good(sign + kind), ""
	case kind == "ip4" || kind == "ip6":
		return addressOrHost(sign, value), ""
	case strings.HasPrefix(after, "/"):
		return good(sign + kind + after), ""
	}
	if net := network(value); net != "" {
		return sign + net, ""
	}
	return good(sign + kind + ":" + value), ""
}

// allSign is the sign of an all that was misspelled; without one "-" would be
// a guess too far, so it is the mild "~".
func allSign(sign string) string {
	if sign == "" {
		return "~"
	}
	return sign
}

// addressOrHost returns the term for what stands behind ip4: or ip6:.
func addressOrHost(sign, value string) string {
	if net := network(value); net != "" {
		return sign + net
	}
	if checkDomainSpec(value) == nil {
		return hostTerm(sign, value)
	}
	for _, rule := range []func(string) (string, string){guessCIDR, guessDigits, guessWildcard, guessPunctuation} {
		if hint, _ := rule("ip4:" + value); hint != "" {
			return sign + hint
		}
	}
	return ""
}

// hostTerm returns the term for a name that stands where none can: an include for
// a name that holds an SPF record, by its looks, else the host.
func hostTerm(sign, name string) string {
	if holdsSPF(name) {
		return sign + "include:" + name
	}
	return sign + "a:" + name
}

// holdsSPF reports whether a name looks like one with an SPF record.
func holdsSPF(name string) bool {
	lower := asciiLower(name)
	return SenderOf(lower) != nil || strings.HasPrefix(strings.TrimLeft(lower, "_"), "spf") || strings.Contains(lower, "_spf")
}

// likeliest returns the one name that is a slip of the pen away; "" for none or
// several.
func likeliest(name string) string {
	found := ""
	for _, k := range kindNames[1:Unknown] {
		if len(k) < 3 || !slip(name, k) {
			continue
		}
		if found != "" {
			return ""
		}
		found = k
	}
	return found
}

// slip reports whether a and b differ by one letter left out, added, changed or
// swapped with its neighbor; or, in long words, by two such slips in a row.
func slip(a, b string) bool {
	x, y := nearmiss.Differing(a, b)
	switch {
	case len(x) <= 1 && len(y) <= 1, nearmiss.Swapped(x, y):
		return true
	}
	return len(b) > 6 && len(x) <= 2 && len(y) <= 2
}

// guessFamily: the right address behind the wrong mechanism.
func guessFamily(s string) (string, string) {
	sign, rest := cutSign(s)
	name, value, ok := strings.Cut(rest, ":")
	if !ok || kindOf(name) == 0 {
		return "", ""
	}
	if net := network(value); net != "" {
		return sign + net, "an address is written with " + strings.TrimRight(net[:4], ":") + ":"
	}
	switch k := kindOf(name); {
	case (k == IP4 || k == IP6) && checkDomainSpec(value) == nil:
		return good(hostTerm(sign, value)), "a name cannot stand behind " + k.String() + ":, which is for addresses"
	case k == Include || k == Exists || k == PTR:
		if hint, problem := guessURL(s); hint != "" {
			return hint, problem
		}
		if host, _, ok := strings.Cut(value, "/"); ok {
			return good(sign + name + ":" + host), name + " takes no prefix length"
		}
	}
	return "", ""
}

// guessURL: "include:https://example.com/".
func guessURL(s string) (string, string) {
	head, after, ok := strings.Cut(s, "://")
	if !ok {
		return "", ""
	}
	name, _, _ := strings.Cut(head, ":")
	host, _, _ := strings.Cut(after, "/")
	return good(name + ":" + host), "a domain is meant here, not a URL"
}

// guessCIDR: prefix lengths written twice, with a leading zero, with one slash
// for IPv6, or where a port stands.
func guessCIDR(s string) (string, string) {
	head, tail, ok := strings.Cut(s, "/")
	if !ok {
		if i := strings.LastIndexByte(s, ':'); strings.Count(s, ":") == 2 && strings.Contains(s, ".") &&
			strings.Trim(s[i+1:], "0123456789") == "" {
			return good(s[:i]), "a port cannot stand in SPF"
		}
		return "", ""
	}
	sign, rest := cutSign(head)
	name, _, _ := strings.Cut(rest, ":")
	k := kindOf(name)
	first, second, twice := strings.Cut(strings.TrimLeft(tail, "/"), "/")
	first, second = strings.TrimLeft(first, "0"), strings.Trim(second, "/")
	switch {
	case (k == A || k == MX) && twice && good(head+"/"+first+"//"+second) != "":
		return head + "/" + first + "//" + second, "the IPv6 prefix length follows two slashes"
	case (k == IP4 || k == IP6) && (!twice || second == first):
		return good(sign + rest + "/" + first), ""
	}
	return "", ""
}

// guessDigits: letters typed for digits, as in "I72.16.0.1".
func guessDigits(s string) (string, string) {
	sign, rest := cutSign(s)
	name, value, _ := strings.Cut(rest, ":")
	if kindOf(name) != IP4 {
		return "", ""
	}
	fixed := strings.NewReplacer("I", "1", "l", "1", "i", "1", "O", "0", "o", "0").Replace(value)
	if fixed == value {
		return "", ""
	}
	return good(sign + "ip4:" + fixed), "a letter stands in the place of a digit"
}

// guessWildcard: "192.0.2.*" and "192.0.2" mean networks.
func guessWildcard(s string) (string, string) {
	sign, rest := cutSign(s)
	name, value, _ := strings.Cut(rest, ":")
	if k := kindOf(name); k == IP6 {
		if zone := strings.IndexByte(value, '%'); zone > 0 {
			return good(sign + "ip6:" + value[:zone]), "an IPv6 zone means nothing outside one machine"
		}
		return "", ""
	} else if k != IP4 || strings.Contains(value, "/") {
		return "", ""
	}
	octets := strings.Split(strings.TrimSuffix(value, "."), ".")
	for len(octets) > 0 && (octets[len(octets)-1] == "*" || octets[len(octets)-1] == "x") {
		octets = octets[:len(octets)-1]
	}
	if n := len(octets); n == 2 || n == 3 {
		full := strings.Join(octets, ".") + strings.Repeat(".0", 4-n)
		if _, err := netip.ParseAddr(full); err == nil {
			bits := map[int]string{2: "/16", 3: "/24"}[n]
			return good(sign + "ip4:" + full + bits), "parts of an address cannot be left out; a network needs a prefix length"
		}
	}
	return "", ""
}

// torn reports whether a blank tore a term in two: "include: example.com",
// "include :example.com", "- all". It gives the whole term.
func torn(first, second string) (whole, problem string) {
	const stray = "there is a space inside the term"
	if len(first)+len(second) > maxGuess {
		return "", ""
	}
	joined := first + second
	_, f := parseTerm(joined)
	sign, rest := cutSign(first)
	k := kindOf(rest)
	if (k == Include || k == Exists || k == IP4 || k == IP6) && strings.IndexByte(":=/", second[0]) < 0 { // they cannot stand alone
		if whole = meant(strings.TrimRight(first+":"+second, ",;")); whole != "" {
			return whole, "a colon is missing, and there is a space inside the term"
		}
	}
	switch {
	case sign != "" && rest == "" && f == nil:
		return joined, stray
	case strings.HasSuffix(first, ":") || strings.HasSuffix(first, "="):
		if _, alone := parseTerm(second); alone == nil {
			return "", ""
		}
	case !strings.HasPrefix(second, ":") && !strings.HasPrefix(second, "=") && !strings.HasPrefix(second, "/"):
		return "", ""
	}
	if f == nil {
		return joined, stray
	}
	if hint, _ := guessName(joined); hint != "" && good(hint) == hint {
		return hint, stray
	}
	return meant(joined), stray
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] > '~' {
			return false
		}
	}
	return true
}

// asciiLower lowers ASCII letters only, so that offsets stay.
func asciiLower(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return c >= 'A' && c <= 'Z' }) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

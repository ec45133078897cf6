package received

import (
	"net/netip"
	"slices"
	"strings"
)

// client reads the from clause: a name, and then comments, of which one holds
// the address that the server saw.
func (h *Hop) client(from []word) {
	if len(from) == 0 {
		return
	}
	if slices.ContainsFunc(from, func(w word) bool { return w.glued }) {
		h.fault("a parenthesis stands within a name") // servers write a blank before it
	}
	if !from[0].comment {
		h.HELO = from[0].text
		from = from[1:]
	}
	if seen := h.seen(from); seen.addr.IsValid() {
		h.IP, h.RDNS = seen.addr, seen.name
		if first, ok := h.leading(from); ok && first != seen.addr {
			h.fault(twoAddresses)
		}
		if slices.ContainsFunc(from, func(w word) bool { return !w.comment && mentions(w) }) {
			h.fault(twoAddresses)
		}
	} else {
		h.literal(from)
	}
	h.named(from)
}

const twoAddresses = "it gives two addresses for the client"

// info is what one comment says of the client.
type info struct {
	name string
	addr netip.Addr
	helo bool // the name given with HELO follows in the same comment
}

// seen finds the comment with the address. What a client says stands before
// it, so that of several the last counts. But in Exim's form the client's word
// follows the address within the same comment, so with a second address the
// field cannot be read in one way.
func (h *Hop) seen(from []word) (found info) {
	for _, w := range from {
		i, ok := info{}, false
		if w.comment {
			i, ok = tcpInfo(w.text)
		}
		if !ok {
			continue
		}
		if found.addr.IsValid() && found.addr != i.addr && (found.helo || i.helo) {
			h.fault(twoAddresses)
		}
		found = i
	}
	return found
}

// literal reads the forms that have no address in a comment: "[192.0.2.1]
// (helo=name)" of Exim and "[192.0.2.1] (HELO name)" of CommuniGate Pro put
// the address first where it has no name, and IMail and others write "name
// [192.0.2.1]" without parentheses.
func (h *Hop) literal(from []word) {
	if len(from) == 0 || slices.ContainsFunc(from[1:], mentions) {
		return
	}
	if first, ok := h.leading(from); ok {
		h.IP, h.HELO = first, ""
	} else if !from[0].comment && bracketed(from[0].text) {
		h.IP, _ = address(from[0].text)
	}
}

// leading returns the address that stands in the place of the name, with the
// client's own name in the comment behind it.
func (h *Hop) leading(from []word) (netip.Addr, bool) {
	if len(from) == 0 || !from[0].comment || !saysHELO(from[0].text) || !bracketed(h.HELO) {
		return netip.Addr{}, false
	}
	return address(h.HELO)
}

// mentions reports whether an address stands anywhere in a word or comment.
func mentions(w word) bool {
	return slices.ContainsFunc(strings.FieldsFunc(w.text, between), func(f string) bool {
		_, ok := address(f)
		return ok
	})
}

func between(r rune) bool { return strings.ContainsRune(" \t\r\n()[]<>,;=\"", r) }

// saysHELO reports whether a comment holds what the client said of itself.
func saysHELO(c string) bool {
	first, _, _ := strings.Cut(strings.ToLower(c), " ")
	for _, p := range []string{"helo=", "port=", "ident="} {
		if strings.HasPrefix(first, p) {
			return true
		}
	}
	return first == "helo" || first == "ehlo" || first == "account"
}

// named sorts out the names where the client's own stands in a comment:
// qmail, Yahoo and IronPort write "rdns (HELO name) (address)", Exim "rdns
// ([address] helo=name)".
func (h *Hop) named(from []word) {
	for _, w := range from {
		if !w.comment {
			continue
		}
		if name, ok := heloOf(w.text); ok {
			if _, literal := address(h.HELO); h.RDNS == "" && !literal {
				h.RDNS = rdns(h.HELO)
			}
			h.HELO = name
			return
		}
	}
}

func heloOf(c string) (string, bool) {
	fields := strings.Fields(c)
	for i, f := range fields {
		low := strings.ToLower(f)
		switch {
		case (low == "helo" || low == "ehlo") && i+1 < len(fields) && (i == 0 || strings.EqualFold(fields[0], "account")):
			return fields[i+1], true
		case strings.HasPrefix(low, "helo="):
			return f[len("helo="):], true
		}
	}
	return "", false
}

// tcpInfo reads a comment that tells the address of the connection (RFC 5321
// 4.4, TCP-info) in the forms in use: "[192.0.2.1]", "name [192.0.2.1]",
// "192.0.2.1", "user@name [192.0.2.1]", "name [192.0.2.1] (may be forged)",
// "[192.0.2.1]:25 helo=name". Comments on TLS, certificates and sign-in may
// hold addresses too, but not in these forms.
func tcpInfo(c string) (i info, ok bool) {
	if cut := strings.IndexByte(c, '('); cut >= 0 {
		if !strings.EqualFold(strings.TrimSpace(c[cut:]), "(may be forged)") {
			return info{}, false
		}
		c = c[:cut]
	}
	fields := strings.Fields(c)
	if len(fields) == 0 || saysHELO(c) || strings.Contains(fields[0], "=") {
		return info{}, false
	}
	if i.addr, ok = address(fields[0]); ok {
		i.helo = len(fields) > 1
		return i, len(fields) == 1 || eximRest(fields[1:])
	}
	name, addr := fields[0], ""
	switch at := strings.IndexByte(name, '['); {
	case len(fields) == 2 && strings.HasPrefix(fields[1], "["):
		addr = fields[1]
	case len(fields) == 1 && at > 0: // name[192.0.2.1]
		name, addr = name[:at], name[at:]
	case len(fields) == 3 && strings.EqualFold(fields[0]+" "+strings.TrimRight(fields[1], "["), "Not Verified"):
		name, addr = "", fields[2]
	case len(fields) == 2 && strings.EqualFold(fields[0], "Not") && strings.HasPrefix(fields[1], "Verified["):
		name, addr = "", fields[1][len("Verified"):]
	default:
		return info{}, false
	}
	if i.addr, ok = address(addr); !ok {
		return info{}, false
	}
	i.name = rdns(name)
	return i, true
}

// eximRest reports whether the words after an address are those of Exim.
func eximRest(fields []string) bool {
	low := strings.ToLower(fields[0])
	for _, p := range []string{"helo=", "ident=", "port="} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}

// rdns takes the name by reverse DNS out of what stands before an address.
func rdns(s string) string {
	s = s[strings.LastIndexByte(s, '@')+1:] // an answer of RFC 1413 before it
	s = strings.TrimSuffix(strings.Trim(s, "<>"), ".")
	if strings.EqualFold(s, "unknown") || !strings.Contains(s, ".") {
		return ""
	}
	return s
}

func bracketed(s string) bool { _, ok := address(s); return ok && s[0] == '[' }

// address reads an address: bare, in brackets, with "IPv6:" before it (RFC
// 5321 4.1.3) or a port behind it.
func address(s string) (netip.Addr, bool) {
	s = s[strings.LastIndexByte(s, '@')+1:]
	if strings.HasPrefix(s, "[") {
		inside, rest, ok := strings.Cut(s[1:], "]")
		if !ok || rest != "" && !port(rest) {
			return netip.Addr{}, false
		}
		s = inside
	}
	if len(s) > 5 && strings.EqualFold(s[:5], "ipv6:") {
		s = s[5:]
	}
	if host, rest, ok := strings.Cut(s, ":"); ok && port(":"+rest) && strings.Count(host, ".") == 3 {
		s = host
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}

// port reports whether s is ":" and a number.
func port(s string) bool {
	return len(s) > 1 && len(s) <= 6 && s[0] == ':' && strings.Trim(s[1:], "0123456789") == ""
}

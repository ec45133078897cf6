package dmarc

import (
	"slices"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Unreadable lists the pieces of rua= and ruf= of a record that a repair leaves
// out: it is unknown which address was meant.
func Unreadable(text string) (pieces []string) {
	for _, t := range taglist.Split(unglued(separate(clean(text)))) {
		if name := strings.ToLower(t.Name); name == "rua" || name == "ruf" {
			_, lost := addresses(t.Value)
			pieces = append(pieces, lost...)
		}
	}
	return pieces
}

// addresses reads damaged addresses for reports. It returns those of which
// there is exactly one reading, and the pieces of which there is none or more.
func addresses(value string) (good, lost []string) {
	parts := commaForDot(addressParts(value))
	for _, part := range parts {
		words := addressWords(part)
		if n := len(words); n > 1 && strings.HasPrefix(words[n-1], "<") && !strings.Contains(strings.Join(words[:n-1], ""), "@") {
			words = words[n-1:] // behind a display name
		}
		var read []string
		for _, w := range words {
			if a, ok := readAddress(w); ok {
				read = append(read, a)
			}
		}
		if len(read) < len(words) {
			lost = append(lost, strings.TrimSpace(part))
			continue
		}
		for _, a := range read {
			if !slices.Contains(good, a) {
				good = append(good, a)
			}
		}
	}
	return good, lost
}

// addressParts splits a value at its commas, and before each scheme.
func addressParts(value string) (parts []string) {
	for _, scheme := range []string{"mailto:", "https://", "http://"} {
		for from := 0; ; {
			i := strings.Index(strings.ToLower(value[from:]), scheme)
			if i < 0 {
				break
			}
			value = value[:from+i] + "," + value[from+i:]
			from += i + len(",") + len(scheme)
		}
	}
	for part := range strings.SplitSeq(value, ",") {
		if len(addressWords(part)) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// addressWords returns the words of a part without a scheme that stands alone.
func addressWords(part string) []string {
	return slices.DeleteFunc(strings.Fields(part), func(w string) bool {
		return strings.EqualFold(w, "mailto") || strings.EqualFold(w, "mailto:") || strings.Trim(w, "<>.:;!") == ""
	})
}

// commaForDot joins parts between which a comma was typed for a dot: neither of
// them means anything alone.
func commaForDot(parts []string) (out []string) {
	for _, part := range parts {
		if n := len(out); n > 0 && topLabels(strings.TrimSpace(part)) {
			joined := strings.TrimSpace(out[n-1]) + "." + strings.TrimSpace(part)
			_, alone := readAddress(out[n-1])
			if _, ok := readAddress(joined); ok && !alone {
				out[n-1] = joined
				continue
			}
		}
		out = append(out, part)
	}
	return out
}

// topLabels reports whether s is a top-level domain, or two labels of letters
// such as co.uk.
func topLabels(s string) bool {
	const most = 1
	return strings.Count(s, ".") <= most && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz.") == "" && validDomain(s)
}

// readAddress reads one word as an address that reports can be sent to.
func readAddress(word string) (address string, ok bool) {
	word = strings.Trim(word, " <>()[].;")
	scheme, rest, found := strings.Cut(word, ":")
	if found && strings.Contains(rest, "@") && strings.EqualFold(scheme, "mailto") || !found && strings.Contains(word, "@") {
		return readMailbox(strings.TrimPrefix(word, scheme+":"))
	}
	u, fault := readURI(word)
	return u.String(), fault == "" && u.Scheme() != "mailto"
}

// readMailbox reads an address of the form local@host, with a size limit of
// RFC 7489 if it is valid.
func readMailbox(s string) (uri string, ok bool) {
	s = strings.Trim(s, "/ <>")
	s, size, _ := strings.Cut(s, "!")
	local, _, _ := strings.Cut(s, "@")
	u, fault := readURI("mailto:" + s)
	if fault != "" || local == "" || strings.ContainsAny(local, "=:;,") || !publicHost(u.Host()) {
		return "", false
	}
	if validSize(size) {
		u.Size = size
	}
	return u.String(), true
}

// publicHost reports whether mail from outside can have a host as its target:
// its last label is one of letters, and not the only one.
func publicHost(host string) bool {
	i := strings.LastIndexByte(host, '.')
	top := host[i+1:]
	return i > 0 && len(top) > 1 && (strings.HasPrefix(top, "xn--") || strings.Trim(top, "abcdefghijklmnopqrstuvwxyz") == "")
}

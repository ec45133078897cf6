package explain

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// asWhole changes what replies mean by what the text shows beside each of them: other
// domains that fail, too, and a domain that is nearly that of a large provider.
func asWhole(rs []reply) []reply {
	failing := map[string]bool{}
	for i := range rs {
		if rs[i].unreached() {
			failing[domainOf(rs[i].Recipient)] = true
		}
	}
	for i := range rs {
		r := &rs[i]
		if !r.unreached() {
			continue
		}
		row := &r.rows[0].Row
		switch meant := meantDomain(domainOf(r.Recipient)); {
		case meant != "":
			row.Owner, row.Commands = report.OwnerUser, nil
			row.Causes = slices.Insert(slices.Clone(row.Causes), 0, "There is probably a typing error in the address: "+domainOf(r.Recipient)+" instead of "+meant+".")
			row.Fix = slices.Insert(slices.Clone(row.Fix), 0, fmt.Sprintf("Check the part of the address after the @: %s is probably meant.", meant))
		case len(failing) > 1 && strings.HasSuffix(row.ID, "domain-not-found") && row.Owner == report.OwnerRecipient:
			row.Owner, row.Fix = replies.OwnerSender, []string{"Several domains fail: correct the DNS resolver or the network of the sending server."}
		}
	}
	return rs
}

// unreached reports whether no server of the recipient's domain was found or reached.
func (r *reply) unreached() bool {
	return r.known() && r.Recipient != "" && slices.ContainsFunc([]string{"common.domain-not-found", "common.timeout"}, func(id string) bool {
		return strings.HasPrefix(r.rows[0].Row.ID, id)
	})
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// meantDomain returns the domain of a large provider of which another one differs by one
// letter that is missing, added, wrong or swapped with its neighbor; "" if there is none.
func meantDomain(domain string) string {
	for _, well := range strings.Fields("gmail.com googlemail.com hotmail.com outlook.com yahoo.com icloud.com t-online.de") {
		if domain != well && oneEdit(domain, well) {
			return well
		}
	}
	return ""
}

// oneEdit reports whether two names differ by one letter, or by two that are swapped.
func oneEdit(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	switch len(a) - len(b) {
	case 1:
		return a[1:] == b
	case -1:
		return a == b[1:]
	case 0:
		return len(a) > 0 && a[1:] == b[1:] || len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
	}
	return false
}

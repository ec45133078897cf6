package spf

import (
	"fmt"
	"strings"
)

// Remark returns in a few words what came of a term that asks the DNS.
func (b *Branch) Remark() string {
	switch b.State {
	case StateGood:
		return b.good()
	case StateDynamic:
		if b.Kind == PTR {
			return "should not be published (RFC 7208 5.5)"
		}
		return "depends on each message"
	case StateNothing:
		return "leads to nothing"
	case StateNoRecord:
		if b.Child != nil && b.Child.Answer.NXDomain() {
			return "PERMERROR: the name does not exist"
		}
		return "PERMERROR: no SPF record there"
	case StateMultiple:
		return fmt.Sprintf("PERMERROR: %d SPF records there", len(b.Child.Records))
	case StateBroken:
		return "PERMERROR: the record there is broken"
	case StateLoop:
		return "PERMERROR: a circle: " + strings.Join(b.Loop, " -> ")
	case StateManyMX:
		return fmt.Sprintf("PERMERROR: %d MX hosts, %d are allowed", len(b.Hosts), MaxMX)
	case StateBadName:
		return "PERMERROR: no name that can be asked for"
	case StateTemp:
		return "no answer"
	}
	return "not followed: the tree is too large"
}

func (b *Branch) good() string {
	var parts []string
	if b.Lookups > 0 && b.LookupsBefore >= MaxLookups {
		parts = append(parts, "beyond the limit")
	}
	if s := SenderOf(b.Target); s != nil && (b.Kind == Include || b.Kind == Redirect) {
		parts = append(parts, fmt.Sprintf("%s (%s)", s.Name, s.Kind))
	}
	if b.Earlier != nil {
		parts = append(parts, "also in "+b.Earlier.Node.Domain)
	}
	if b.Kind == MX {
		parts = append(parts, fmt.Sprintf("hosts: %d, addresses: %d", len(b.Hosts), len(b.Addrs)))
	}
	if b.Kind == A {
		for i, addr := range b.Addrs {
			if i == 2 {
				parts = append(parts, "...")
				break
			}
			parts = append(parts, addr.String())
		}
	}
	return strings.Join(parts, ", ")
}

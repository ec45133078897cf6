package replies

import (
	"net/netip"
	"strings"

	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// sharedAddress is what rows about a listed address say if Microsoft 365 sent from it.
var sharedAddress = Elsewhere{
	Owner:  report.OwnerRecipient,
	Causes: []string{"The address is one of Microsoft 365's own, which many organizations share: mail of another one can get it listed."},
	Fix: []string{
		"Send the message again: it usually leaves through another address.",
		"The recipient's administrator accepts mail from Microsoft 365 although the list names this address, or stops rejecting by that list.",
		"If all messages are rejected, open a support request with Microsoft: only Microsoft can have its addresses delisted.",
	},
}

// leftMicrosoft reports whether a text names an address that Microsoft 365 sends from.
func leftMicrosoft(text string) bool {
	notAddress := func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF.:", r) }
	for word := range strings.FieldsFuncSeq(text[:min(len(text), maxText)], notAddress) {
		ip, err := netip.ParseAddr(strings.Trim(word, "."))
		if err == nil && spf.KnownNetwork(netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen())) {
			return true
		}
	}
	return false
}

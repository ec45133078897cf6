// Package spf reads, writes and evaluates Sender Policy Framework records
// (RFC 7208), and knows what goes wrong with them.
//
// A domain publishes one TXT record that starts with "v=spf1". Its terms name
// the hosts that may send mail with the domain in the reverse-path. A receiver
// walks the terms from the left (check_host, RFC 7208 4) until one matches the
// address of the sending host; that term's qualifier is the result. The terms
// include, a, mx, ptr and exists and the modifier redirect ask the DNS; over
// the whole tree of included records a receiver follows ten of them and then
// gives up with permerror (RFC 7208 4.6.4). Half of what goes wrong in
// practice is that count; the other half is typing.
//
// [Parse] reads a record and says where it is broken and what was probably
// meant. [Load] fetches the whole tree behind a domain, counts it as receivers
// do, and counts on beyond their limit. [Checker] is check_host. [LookAlike]
// finds records that their author takes for SPF and no receiver does.
//
// The package has no opinion on what a domain should publish.
package spf

// The limits of RFC 7208.
const (
	MaxLookups  = 10  // RFC 7208 4.6.4: terms that ask the DNS
	MaxVoids    = 2   // RFC 7208 4.6.4: lookups that find nothing
	MaxMX       = 10  // RFC 7208 4.6.4: names of one mx term
	MaxPTR      = 10  // RFC 7208 4.6.4: names of one address
	MaxName     = 253 // RFC 7208 7.3: expanded names are cut from the left to this
	MaxString   = 255 // RFC 7208 3.3: bytes of one string of a TXT record
	ShouldSize  = 450 // RFC 7208 3.4: TXT answers of this size always fit
	maxLabel    = 63  // RFC 1035 2.3.4
	bitsIPv4    = 32
	bitsIPv6    = 128
	versionTag  = "v=spf1"
	postmaster  = "postmaster" // RFC 7208 4.3: local part of a sender without one
	unknownName = "unknown"    // RFC 7208 7.3: %{p} and %{r} without a name
)

// Result is what check_host returns (RFC 7208 2.6).
type Result string

// The results.
const (
	None      Result = "none"      // no record, or no domain to ask for
	Neutral   Result = "neutral"   // the domain says nothing about this host
	Pass      Result = "pass"      // the host may send for the domain
	Fail      Result = "fail"      // the host may not
	SoftFail  Result = "softfail"  // the host probably may not
	TempError Result = "temperror" // the DNS did not answer; try again
	PermError Result = "permerror" // the published records cannot be used
)

// Qualifier is the sign before a mechanism: '+', '-', '~' or '?'.
type Qualifier byte

// Result is the result of a mechanism with this sign that matches
// (RFC 7208 4.6.2).
func (q Qualifier) Result() Result {
	switch q {
	case '-':
		return Fail
	case '~':
		return SoftFail
	case '?':
		return Neutral
	}
	return Pass
}

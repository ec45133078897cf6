// Package dmarcreport reads DMARC aggregate reports: those of RFC 9990 and of
// RFC 7489 appendix C, and the dialects that receivers send in their place.
//
// A report counts the messages that named a domain in From, by sending server
// and by what SPF, DKIM and DMARC said of them. A large one has millions of
// rows, and its author may be anyone who knows the report address. So [Read]
// hands out one row at a time, in constant memory, and refuses what only an
// attack has.
package dmarcreport

import (
	"net/netip"
	"time"
)

// Report is what a report says of itself.
type Report struct {
	Org, Email, ID string // hostile, as all strings here
	Begin, End     time.Time
	Generator      string
	Errors         []string // what went wrong at the reporter
	Policy         Policy
}

// Policy is the policy that the reporter found and applied, in the words of the
// DNS record.
type Policy struct {
	Domain      string // where it was found
	P, SP, NP   string
	ADKIM, ASPF string
	Pct         string // RFC 7489 only
	Testing     string // RFC 9990: the tag t
	Discovery   string // RFC 9990: psl or treewalk
}

// Row counts messages that are alike. Its slices are used again for the next
// row.
type Row struct {
	Source      netip.Addr // not valid where the report has no address
	Count       int64
	Disposition string // none, pass, quarantine, reject
	DKIM, SPF   string // "pass": aligned and good, by the reporter
	Reasons     []Reason

	HeaderFrom, EnvelopeFrom, EnvelopeTo string

	DKIMResults []DKIMResult
	SPFResults  []SPFResult
}

// Reason is why a reporter did not apply the policy.
type Reason struct {
	Type    string // forwarded, mailing_list, trusted_forwarder, local_policy, ...
	Comment string
}

// DKIMResult is the result of one signature.
type DKIMResult struct{ Domain, Selector, Result string }

// SPFResult is the result of SPF for a domain.
type SPFResult struct{ Domain, Scope, Result string }

// Error is returned for a report that cannot be read to its end. The rows
// before it were handed out.
type Error struct {
	Offset int64 // bytes of XML
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

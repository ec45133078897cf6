package dmarc

import (
	"fmt"
	"strconv"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Version is the only value of v= (RFC 9989 4.7).
const Version = "DMARC1"

// Policy is what the owner asks receivers to do with mail that fails.
type Policy string

// The policies, from the weakest to the strongest.
const (
	None       Policy = "none"
	Quarantine Policy = "quarantine"
	Reject     Policy = "reject"
)

// Strength orders the policies: 0 for none, 2 for reject.
func (p Policy) Strength() int {
	switch p {
	case Quarantine:
		return 1
	case Reject:
		return 2
	}
	return 0
}

// Lower returns the policy one level below, which test mode asks for
// (RFC 9989 4.7, the tag t).
func (p Policy) Lower() Policy {
	if p == Reject {
		return Quarantine
	}
	return None
}

// Mode is how closely an identifier must match the From domain.
type Mode string

// The alignment modes of adkim= and aspf=.
const (
	Relaxed Mode = "r" // the default: same organizational domain
	Strict  Mode = "s" // same domain
)

// URI is one address that reports are to be sent to.
type URI struct {
	Address string // without the size
	Size    string // "10m" of RFC 7489's "!10m"; RFC 9989 has no sizes
}

func (u URI) String() string {
	if u.Size == "" {
		return u.Address
	}
	return u.Address + "!" + u.Size
}

// Record is one policy record. The fields hold what is published; a tag that
// is absent, or has a value that receivers ignore, leaves its field empty.
type Record struct {
	P, SP, NP   Policy
	PSD         string // "y", "n" or "u"
	T           string // "y" or "n"
	ADKIM, ASPF Mode   // see DKIMMode and SPFMode for the defaults
	RUA, RUF    []URI  // the valid ones
	FO          []string

	Pct    *int          // removed by RFC 9989; RFC 7489 receivers apply it
	RF, RI string        // removed by RFC 9989
	Extra  []taglist.Tag // tags not known to this package, without positions

	// BadPolicy reports whether p is missing, or that p, sp or np has a value that
	// is no policy; see Standing.
	BadPolicy bool
}

// DKIMMode is the alignment mode for DKIM.
func (r *Record) DKIMMode() Mode { return orRelaxed(r.ADKIM) }

// SPFMode is the alignment mode for SPF.
func (r *Record) SPFMode() Mode { return orRelaxed(r.ASPF) }

func orRelaxed(m Mode) Mode {
	if m == "" {
		return Relaxed
	}
	return m
}

// Testing reports whether the owner asks receivers to apply the next weaker policy.
func (r *Record) Testing() bool { return r.T == "y" }

// Standing is what receivers make of a record as a whole.
type Standing string

// The standings.
const (
	Applied    Standing = "applied"    // as it is written
	Monitoring Standing = "monitoring" // as "p=none", for the sake of its reports
	Ignored    Standing = "ignored"    // not at all
)

// Standing follows RFC 9989 4.10.1 and RFC 7489 6.6.3, which agree: without a
// valid p, or with an invalid sp or np, a record counts as "p=none" if it asks
// for aggregate reports, and not at all if it does not.
func (r *Record) Standing() Standing {
	switch {
	case !r.BadPolicy:
		return Applied
	case len(r.RUA) > 0:
		return Monitoring
	}
	return Ignored
}

// String returns the record ready to publish, as one string without quotes,
// with p second, where RFC 7489 wants it. Parse reads it back to an equal
// Record.
func (r *Record) String() string {
	var b strings.Builder
	b.WriteString("v=" + Version)
	put := func(name, value string) {
		if value != "" {
			b.WriteString("; " + name + "=" + value)
		}
	}
	put("p", string(r.P))
	put("sp", string(r.SP))
	put("np", string(r.NP))
	put("psd", r.PSD)
	put("t", r.T)
	put("adkim", string(r.ADKIM))
	put("aspf", string(r.ASPF))
	put("rua", joinURIs(r.RUA))
	put("ruf", joinURIs(r.RUF))
	put("fo", strings.Join(r.FO, ":"))
	if r.Pct != nil {
		put("pct", strconv.Itoa(*r.Pct))
	}
	put("rf", r.RF)
	put("ri", r.RI)
	for _, t := range r.Extra {
		b.WriteString("; " + t.Name + "=" + t.Value)
	}
	return b.String()
}

func joinURIs(us []URI) string {
	out := make([]string, len(us))
	for i, u := range us {
		out[i] = u.String()
	}
	return strings.Join(out, ",")
}

// Problem is one fault of a record, at a place.
type Problem struct {
	Kind  Kind
	Tag   string // the tag it is about, if one
	Pos   int    // byte offset in the text
	Text  string // what is wrong, for a person
	Want  string // the whole record as it should be, where that can be told
	Fatal bool   // receivers do not apply the record as it was meant
}

func (p *Problem) Error() string {
	return fmt.Sprintf("dmarc: at character %d: %s", p.Pos+1, p.Text)
}

// Kind names the sort of a Problem.
type Kind string

// The kinds of Problem.
const (
	KindVersion   Kind = "version"     // does not begin with v=DMARC1
	KindSyntax    Kind = "syntax"      // a piece that is no tag
	KindDuplicate Kind = "duplicate"   // a tag twice
	KindPolicy    Kind = "policy"      // p, sp or np that is no policy
	KindMissing   Kind = "missing"     // no p
	KindOrder     Kind = "order"       // p is not second: RFC 7489 receivers may ignore the record
	KindValue     Kind = "value"       // a value that is ignored in favor of the default
	KindURI       Kind = "uri"         // an address that is ignored
	KindScheme    Kind = "scheme"      // an address that few receivers can report to
	KindSize      Kind = "size"        // the size limit that RFC 9989 removed
	KindRemoved   Kind = "removed"     // a tag that RFC 9989 removed
	KindUnknown   Kind = "unknown-tag" // a tag that is ignored
	KindCase      Kind = "case"        // capitals that some receivers do not take
	KindUseless   Kind = "useless"     // a tag that has no effect beside the others
)

// Parse reads the text of one TXT record. ours reports whether it is meant as a
// DMARC record at all. If it is and receivers do not apply it as it was meant,
// err is a *Problem, the first fatal one, and rec holds what they read. A
// record that does not begin with v=DMARC1 is none to them: rec is nil then.
func Parse(txt string) (rec *Record, ours bool, err error) {
	rec, problems := Examine(txt)
	for i := range problems {
		if problems[i].Fatal {
			return rec, true, &problems[i]
		}
	}
	return rec, rec != nil, nil
}

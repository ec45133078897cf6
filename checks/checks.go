// Package checks holds what maildiag knows about mail on Microsoft 365: the
// table of checks, the engine that runs them, and the judgement of each topic.
//
// Each topic is one file: fetchX asks the [Env] and has no opinions, judgeX is
// a pure function from facts to findings. A new check is one function and one
// row of [All].
package checks

import (
	"context"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// Check is one row of the table [All].
type Check struct {
	ID    string   // API: lower case, e.g. "mx"; the prefix of its findings' codes
	Title string   // heading of its section in the report
	Needs []string // earlier rows of All; if one fails, this row is skipped
	Doc   Doc      // what `maildiag checks ID` prints

	// Ahead lists questions that Run is sure to ask, or nearly. A thrifty run
	// sends those of all its rows at once, in rounds: those of each may follow
	// from the answers to the one before.
	Ahead rounds

	// Run asks and judges. It obeys ctx, and fills all of each Finding but
	// Check and Elapsed, which the engine adds.
	Run func(ctx context.Context, env *Env) []report.Finding
}

// rounds are what a row asks ahead; nil: nothing.
type rounds [3]func(ctx context.Context, env *Env) []dnsrec.Query

// Doc explains a check to the person who reads its findings.
type Doc struct {
	Means   string   // what is looked at, and what pass means
	Why     string   // why it matters
	Fix     string   // how to set it right
	Sources []string // RFC sections, Microsoft articles
}

// Expectation is what the user expects of the domain.
type Expectation string

// The expectations of --expect.
const (
	ExpectAuto Expectation = "auto" // Microsoft 365 checks apply if anything points there
	ExpectM365 Expectation = "m365" // the migration must be finished
	ExpectAny  Expectation = "any"  // any provider will do
)

// Env is all that the checks of one domain may ask of the world, and what the
// user said about it. Nothing else reaches the network.
type Env struct {
	Domain    string // A-label form, lower case, no trailing dot
	Unicode   string // U-label form, if it differs
	Expect    Expectation
	Cloud     string   // ID of a row of Clouds, or "auto"
	Selectors []string // further DKIM selectors from --selector
	Resolver  string   // how the resolver is called in the report
	Now       time.Time

	// IPv4 and IPv6 tell which address families the user allows; both false
	// means both are allowed.
	IPv4, IPv6 bool

	// TrustAD tells that the path to the resolver is authentic (loopback, DoT
	// or DoH), so that an AD bit in its answers may be believed.
	TrustAD bool

	// Thrift tells that this is one of thousands of domains: a question that
	// another one's answer may make needless waits for it, though that takes a
	// round trip more. What is found is the same.
	Thrift bool

	Shelf *spf.Shelf // of the SPF records that the domains of a run share; nil: none are kept

	World // DNS, SMTP, HTTPS

	memo memo
}

// Families gives the address families to use, as record types.
func (e *Env) Families() []dnsrec.Type {
	if e.IPv4 == e.IPv6 {
		return []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA}
	}
	if e.IPv4 {
		return []dnsrec.Type{dnsrec.TypeA}
	}
	return []dnsrec.Type{dnsrec.TypeAAAA}
}

// Lookup asks the DNS of the environment.
func (e *Env) Lookup(ctx context.Context, name string, t dnsrec.Type) (dnsrec.Answer, error) {
	return e.DNS.Lookup(ctx, dnsrec.Q(name, t))
}

// Select gives the rows of cs named by only (all if empty) but those named by
// skip, with the rows they need. A name selects the row of that ID. The second
// result lists names that select nothing.
func Select(cs []Check, only, skip []string) (rows []Check, unknown []string) {
	ids := func(names []string) map[string]bool {
		set := map[string]bool{}
		for _, n := range names {
			id, _, _ := strings.Cut(n, ".")
			if !slices.ContainsFunc(cs, func(c Check) bool { return c.ID == id }) {
				unknown = append(unknown, n)
			}
			set[id] = true
		}
		return set
	}
	want, drop := ids(only), ids(skip)
	for i := len(cs) - 1; i >= 0; i-- { // needs are earlier rows: from the back
		c := cs[i]
		if drop[c.ID] || len(only) > 0 && !want[c.ID] {
			continue
		}
		for _, n := range c.Needs {
			want[n] = true
		}
		rows = append(rows, c)
	}
	slices.Reverse(rows)
	return rows, unknown
}

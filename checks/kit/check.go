// Package kit is what all checks share: what is known of the world ([Known]), the
// environment of a domain, Microsoft's clouds, the profile of a domain, the
// recording of a run, and helpers to make findings.
package kit

import (
	"fmt"
	"runtime/debug"
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
	Live  bool     // found once, and kept for worlds with changed records: nobody connects to servers of a plan
	Doc   Doc      // what `maildiag checks ID` prints

	// Run is a plain function over what is known: it gathers facts, and judges
	// them if nothing was missing; else its result does not count, and it runs
	// again when what it missed is there (see [Known]). It fills all of
	// each Finding but Check and Elapsed, which the engine adds.
	Run func(k *Known) []report.Finding
}

// Judge judges facts if nothing was missing when they were gathered.
func Judge[F any](k *Known, facts F, judge func(F) []report.Finding) []report.Finding {
	if k.Missing() {
		return nil
	}
	return judge(facts)
}

// Doc explains a check to the person who reads its findings.
type Doc struct {
	Means   string   // what is checked, and what pass means
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
	Cloud     string    // ID of a row of Clouds, or "auto"
	Selectors []string  // further DKIM selectors from --selector
	Gateways  []string  // hosts that filter mail in front of the mailboxes, from --gateway
	CertDays  CertDays  // when the end of a certificate is near, from --cert-days
	Resolver  string    // how the resolver is called in the report
	Now       time.Time // dates are judged as of then
	Began     time.Time // when the run began; zero: Now

	// IPv4 and IPv6 tell which address families the user allows; both false
	// means both are allowed.
	IPv4, IPv6 bool

	// TrustAD reports whether the path to the resolver is authentic (loopback, DoT
	// or DoH), so that an AD bit in its answers may be believed.
	TrustAD bool

	// Moving says that the domain gets mailboxes at Microsoft 365: if none receives
	// mail today, what it publishes about sending none is of the time before.
	Moving bool

	// List says that this is one of thousands of domains: only what must be known
	// is asked (see [Known.Want]). What is found is the same.
	List bool

	// Slow, if not nil, is called again and again while the domain waits for answers
	// that take long, until it returns true: one of thousands has then left its place
	// to another. It is told since when the domain has waited.
	Slow func(since time.Time) (left bool)

	// Prefetch, if not nil, is questions that were sent already. The first examination
	// takes them over.
	Prefetch *dnsrec.Prefetch

	NoPlan bool // findings alone: nothing is composed and proven

	RecordCache *spf.RecordCache // of the SPF records that the domains of a run share; nil: none are kept

	World // DNS, SMTP, HTTPS
}

// Started returns when the run began, which --as-of does not change.
func (e *Env) Started() time.Time {
	if e.Began.IsZero() {
		return e.Now
	}
	return e.Began
}

// Families returns the address families to use, as record types.
func (e *Env) Families() []dnsrec.Type {
	if e.IPv4 == e.IPv6 {
		return []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA}
	}
	if e.IPv4 {
		return []dnsrec.Type{dnsrec.TypeA}
	}
	return []dnsrec.Type{dnsrec.TypeAAAA}
}

// RunCheck gathers for a check and notes in m what it misses. If that is nothing, the
// result is what the check finds.
func (k *Known) RunCheck(c *Check, m *Missed) []report.Finding {
	m.Reset()
	k.missed = m
	fs := contained(k, c)
	for i := range fs {
		Complete(&fs[i], *c)
	}
	return fs
}

// contained runs a check and makes a finding of its panic.
func contained(k *Known, c *Check) (fs []report.Finding) {
	defer func() {
		if p := recover(); p != nil {
			k.missed.Reset()
			fs = []report.Finding{internal(*c, fmt.Sprint(p), string(debug.Stack()))}
		}
	}()
	fs = c.Run(k)
	if len(fs) == 0 && !k.Missing() {
		fs = []report.Finding{internal(*c, "the check returned no finding", "")}
	}
	return fs
}

// internal is the finding of a fault of our own.
func internal(c Check, what, stack string) report.Finding {
	f := report.Finding{
		Code: c.ID + ".internal", Status: report.Unknown, Cause: report.CauseLocal,
		Summary: "internal error in maildiag: " + what,
		Fix: &report.Fix{Owner: report.OwnerYou,
			Text: "This is a bug in maildiag, not a fault of the domain. Please report it with the output of --record."},
	}
	if stack != "" {
		f.Evidence = []report.Evidence{{Kind: "server", Text: FirstLines(stack, 12), From: "maildiag"}}
	}
	return f
}

// Complete sets what a check need not say itself.
func Complete(f *report.Finding, c Check) {
	f.Check = c.ID
	if f.Code == "" {
		f.Code = c.ID
	}
	if f.Status == report.Unset {
		f.Status, f.Cause = report.Unknown, report.CauseLocal
	}
	if f.Cause == "" && (f.Status == report.Warn || f.Status == report.Fail) {
		f.Cause = report.CauseDomain
	}
	if f.Cause == "" && f.Status == report.Unknown {
		f.Cause = report.CauseLocal
	}
}

// FirstLines returns the first n lines of s.
func FirstLines(s string, n int) string {
	lines := strings.SplitN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}

// RunOver runs rows over what is known, those whose needs did not fail.
func RunOver(k *Known, rows []Check) (fs []report.Finding) {
	failed := map[string]bool{}
	for i := range rows {
		c := &rows[i]
		if slices.ContainsFunc(c.Needs, func(n string) bool { return failed[n] }) {
			failed[c.ID] = true
			continue
		}
		found := contained(k, c)
		for i := range found {
			Complete(&found[i], *c)
			failed[c.ID] = failed[c.ID] || found[i].Status == report.Fail || found[i].Status == report.Unknown
		}
		fs = append(fs, found...)
	}
	return fs
}

// Package inspect looks at one record of a domain in depth, SPF as a tree and
// DMARC as the policy that applies, and writes what it finds as text or JSON.
package inspect

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"net/netip"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// The schemas of the JSON forms.
var (
	//go:embed spf_schema.json
	SPFSchemaJSON []byte
	//go:embed dmarc_schema.json
	DMARCSchemaJSON []byte
)

// SPFQuestion is what is asked about the SPF record of a domain.
type SPFQuestion struct {
	Domain, Unicode string     // see [kit.SPFDomain]
	IP              netip.Addr // the host to evaluate for; invalid: none
	Sender, Helo    string     // what it says

	// Change makes another record of what is published: what if. nil: none.
	Change func(now *spf.Tree) (SPFChange, error)
}

// SPFChange is a record that is not published.
type SPFChange struct {
	Name, Text string
	Notes      []string
}

// SPF answers the question. The error is that of Change.
func SPF(ctx context.Context, r dnsrec.Resolver, now time.Time, q SPFQuestion) (*SPFResult, error) {
	res := &SPFResult{q: q, now: spf.Load(ctx, r, q.Domain)}
	if q.Change != nil {
		var err error
		if res.SPFChange, err = q.Change(res.now); err != nil {
			return nil, err
		}
		r = spf.Overlay{Resolver: r, Name: res.Name, Text: res.Text}
		res.then = spf.Load(ctx, r, q.Domain)
	}
	if q.IP.IsValid() {
		c := spf.Checker{Resolver: r, Now: now}
		o := c.Check(ctx, q.IP, q.Helo, q.Sender)
		res.outcome = &o
	}
	return res, nil
}

// SPFResult is all that was found out.
type SPFResult struct {
	SPFChange

	q         SPFQuestion
	now, then *spf.Tree // then: after the change; nil without one
	outcome   *spf.Outcome
}

// tree is the tree that is shown: the one after the change, if there is one.
func (r *SPFResult) tree() *spf.Tree {
	if r.then != nil {
		return r.then
	}
	return r.now
}

func (r *SPFResult) result() spf.Result {
	if r.outcome != nil {
		return r.outcome.Result
	}
	return r.tree().Result()
}

// ExitCode returns [report.ExitOK] if the record works, for the host if one was
// given. A record that lets everyone send protects nothing, and one with terms that
// receivers never read does not say what it was written for.
func (r *SPFResult) ExitCode() int {
	switch r.result() {
	case spf.Pass:
		if r.outcome == nil && (len(r.tree().Everyone()) > 0 || len(unread(r.tree())) > 0) {
			return report.ExitFound
		}
		return report.ExitOK
	case spf.TempError:
		return report.ExitUnknown
	}
	return report.ExitFound
}

// WriteText writes for people, in ASCII alone if unicode is false; flat lists
// the networks as well.
func (r *SPFResult) WriteText(w io.Writer, unicode, flat bool) error {
	out := bufio.NewWriter(w)
	(&spfText{w: out, unicode: unicode}).result(r, flat)
	return out.Flush()
}

// WriteJSON writes JSON of [SPFSchema]; flat lists the networks as well.
func (r *SPFResult) WriteJSON(w io.Writer, flat bool) error { return writeJSON(w, r.json(flat)) }

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(report.EscapedJSON(w))
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

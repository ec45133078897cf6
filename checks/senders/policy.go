package senders

import (
	"cmp"
	"context"
	"strings"

	"maildiag/checks/senders/dmarcreport"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
)

// published answers questions for DMARC records as a domain's reports saw them,
// or as they would be. Other questions about the domain go to live, if there is
// one; without it the names are taken to exist, and to have no records.
type published struct {
	domain  string
	records map[string]string // by name of the record
	live    dnsrec.Resolver
}

// Lookup implements [dnsrec.Resolver].
func (p published) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	text, ok := p.records[q.Name]
	if ok && q.Type == dnsrec.TypeTXT {
		return dnsrec.Answer{Query: q, Rcode: "NOERROR", Server: "what-if", Values: []string{text}}, nil
	}
	if p.live != nil && dnsrec.Within(q.Name, p.domain) {
		return p.live.Lookup(ctx, q)
	}
	return dnsrec.Answer{Query: q, Rcode: "NOERROR", Server: "reports"}, nil
}

// recordOf turns the policy of a report into a record.
func recordOf(p *dmarcreport.Policy) *dmarc.Record {
	r := &dmarc.Record{P: policyOf(p.P), SP: policyOf(p.SP), NP: policyOf(p.NP), ADKIM: modeOf(p.ADKIM), ASPF: modeOf(p.ASPF)}
	if r.P == "" {
		r.P = dmarc.None
	}
	if strings.EqualFold(p.Testing, "y") {
		r.T = "y"
	}
	return r
}

// withoutFilled takes out the tags of a reported record that may not be in the
// DNS. The schema of RFC 7489 appendix C requires sp, so reporters without one
// give the value that it inherits (RFC 9989 4.7).
func withoutFilled(r *dmarc.Record) *dmarc.Record {
	out := *r
	if out.NP == cmp.Or(out.SP, out.P) {
		out.NP = ""
	}
	if out.SP == out.P {
		out.SP = ""
	}
	return &out
}

func policyOf(s string) dmarc.Policy {
	switch p := dmarc.Policy(strings.ToLower(s)); p {
	case dmarc.None, dmarc.Quarantine, dmarc.Reject:
		return p
	}
	return ""
}

func modeOf(s string) dmarc.Mode {
	if strings.EqualFold(s, "s") || strings.EqualFold(s, "strict") {
		return dmarc.Strict
	}
	return ""
}

// evaluator evaluates DMARC for one domain at a policy.
type evaluator struct {
	ctx      context.Context
	dns      dnsrec.Resolver
	results  map[string]*dmarc.Result // by From domain
	outcomes map[outcomeKey]outcome
}

type outcomeKey struct {
	from string
	id   *identity
	spf  bool // whether SPF passes
}

// outcome is what DMARC says of messages.
type outcome struct {
	pass, spf, dkim bool   // DMARC; aligned SPF and DKIM
	domain          string // d= of the aligned signature
	selector        string
	policy          dmarc.Policy // applied if it fails
	conflict        bool         // the reporter says that it passes, and its details do not
}

// newEvaluator publishes rec at domain.
func newEvaluator(ctx context.Context, live dnsrec.Resolver, domain string, rec *dmarc.Record) *evaluator {
	dns := published{domain, map[string]string{dmarc.Name(domain): rec.String()}, live}
	return &evaluator{ctx, dns, map[string]*dmarc.Result{}, map[outcomeKey]outcome{}}
}

// outcome evaluates a message. spfPass replaces the reported result of SPF.
func (e *evaluator) outcome(from string, id *identity, spfPass bool) outcome {
	key := outcomeKey{from, id, spfPass}
	if o, ok := e.outcomes[key]; ok {
		return o
	}
	res := e.results[from]
	if res == nil {
		res = dmarc.Discover(e.ctx, e.dns, from)
		e.results[from] = res
	}
	o := e.evaluate(res, id, spfPass)
	e.outcomes[key] = o
	return o
}

func (e *evaluator) evaluate(res *dmarc.Result, id *identity, spfPass bool) outcome {
	var signed []string
	for _, r := range id.dkim {
		if r.Result == "pass" && r.Domain != "" {
			signed = append(signed, r.Domain)
		}
	}
	spf := ""
	if spfPass {
		spf = id.spfDomain
	}
	v := res.Evaluate(e.ctx, e.dns, signed, spf)
	o := outcome{policy: res.Tree.Policy}
	for _, i := range v.Identifiers {
		if !i.Tree || !i.List { // receivers of both standards must agree
			continue
		}
		if i.Method == "spf" {
			o.spf = true
		} else if !o.dkim {
			o.dkim, o.domain = true, i.Domain
		}
	}
	for _, r := range id.dkim {
		if o.dkim && r.Domain == o.domain && r.Result == "pass" && o.selector == "" {
			o.selector = r.Selector
		}
	}
	// A report may leave the details out; its own evaluation is all there is then.
	if id.evalSPF && id.spfDomain == "" {
		o.spf = true
	}
	if id.evalDKIM && id.dkim[0].Domain == "" {
		o.dkim = true
	}
	o.pass = o.spf || o.dkim
	o.conflict = !o.pass && (id.evalSPF || id.evalDKIM)
	return o
}

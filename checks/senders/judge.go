package senders

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
)

// Options say what is asked of the reports.
type Options struct {
	Policy     dmarc.Policy    // to try; default reject
	Live       dnsrec.Resolver // to look up SPF, DMARC and host names; nil: the reports alone
	With       []string        // SPF terms to add to the record of each domain; needs Live
	Without    []string        // SPF terms, or names of senders, to take out; needs Live
	Domains    []string        // those to report on; none: all
	NotMine    []netip.Prefix  // networks that send nothing for the domains
	NotMineFor []string        // domains in envelope senders of mail that is not theirs
	Timeout    time.Duration   // for the lookups of a domain; 0: none
}

// judge is the work on one domain.
type judge struct {
	opt   *Options
	count *domainCount
	org   string // organizational domain
	at    *evaluator
	now   *evaluator // at the policy published
	live  *live
	rules []Rule

	filled    bool // the reports give an sp that need not be in the record
	all       []*facts
	addresses map[netip.Addr]*addressOf
	sites     map[netip.Prefix]*addressOf // by network
	signers   map[string]*signer
	bySender  map[string]*addressOf
	relays    map[string]int64 // messages that Microsoft 365 sends for a domain
	passed    int64            // messages that pass DMARC
	uses      map[string]bool  // senders that pass for the domain
	near      map[netip.Prefix]bool
	brief     int // networks with a few messages and nothing for them
	microsoft map[netip.Addr]bool
	terms     map[netip.Addr]*spf.Branch
}

// liveAtOnce is the number of domains that are looked up at the same time.
const liveAtOnce = 8

// Judge reports on each domain, those with the most mail first.
func (c *Collector) Judge(ctx context.Context, opt Options) ([]*Domain, error) {
	opt.Policy = cmp.Or(opt.Policy, dmarc.Reject)
	var asked []*domainCount
	for name, count := range c.domains {
		if len(opt.Domains) == 0 || slices.ContainsFunc(opt.Domains, func(d string) bool { return dnsrec.Within(name, d) }) {
			asked = append(asked, count)
		}
	}
	slices.SortFunc(asked, func(a, b *domainCount) int {
		return cmp.Or(cmp.Compare(b.messages, a.messages), strings.Compare(a.name, b.name))
	})
	atOnce := 1 // nothing to wait for
	if opt.Live != nil {
		atOnce = liveAtOnce
	}
	out, errs := make([]*Domain, len(asked)), make([]error, len(asked))
	each(len(asked), atOnce, func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			out[i], errs[i] = judgeDomain(ctx, asked[i], &opt)
		}
	})
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return nil, errs[i]
	}
	return out, nil
}

// each calls f for the numbers below n, so many at once, and returns when all are
// done.
func each(n, atOnce int, f func(i int)) {
	var group sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i := range n {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			f(i)
		})
	}
	group.Wait()
}

func judgeDomain(ctx context.Context, count *domainCount, opt *Options) (*Domain, error) {
	j := &judge{opt: opt, count: count, org: kit.Organization(count.name), rules: Rules(),
		addresses: map[netip.Addr]*addressOf{}, sites: map[netip.Prefix]*addressOf{}, signers: map[string]*signer{}, bySender: map[string]*addressOf{}, relays: map[string]int64{},
		uses: map[string]bool{}, near: map[netip.Prefix]bool{}, microsoft: map[netip.Addr]bool{},
		terms: map[netip.Addr]*spf.Branch{}}
	if opt.Timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, opt.Timeout)
		defer cancel()
		ctx = limited
	}
	var err error
	if j.live, err = lookUp(ctx, opt, count.name); err != nil {
		return nil, err
	}
	present := withoutFilled(recordOf(&count.policy))
	j.filled = policyOf(count.policy.SP) != present.SP
	if j.live.dmarc != nil {
		present, j.filled = j.live.dmarc, false
	}
	tried := *present
	tried.P, tried.T, tried.Pct = opt.Policy, "", nil
	j.now = newEvaluator(ctx, opt.Live, count.name, present)
	j.at = newEvaluator(ctx, opt.Live, count.name, &tried)
	j.gather()
	return j.sum(present), nil
}

// spfPasses reports whether SPF passed for a flow, or would with the changes
// that are tried.
func (j *judge) spfPasses(key flowKey) bool {
	if j.live.changed != nil && key.addr.IsValid() && key.id.spfDomain == j.count.name {
		if ok, sure := j.live.passes(key.addr); sure {
			return ok
		}
	}
	return key.id.spfResult == "pass"
}

// gather learns all flows, and what they have in common. It goes by the order of
// their keys, so that the same reports give the same words.
func (j *judge) gather() {
	keys := make([]flowKey, 0, len(j.count.flows))
	for k := range j.count.flows {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := &keys[i], &keys[j]
		return cmp.Or(a.addr.Compare(b.addr), compareBool(a.unreadable, b.unreadable), strings.Compare(a.from, b.from), compareIdentity(a.id, b.id)) < 0
	})
	for _, k := range keys {
		x := j.learn(k, j.count.flows[k])
		j.all = append(j.all, x)
		if k.unreadable { // nothing is learned from it
			continue
		}
		x.address = j.add(x)
		if net := network(k.addr); net.IsValid() {
			j.sites[net] = merge(j.sites[net], x)
			x.site = j.sites[net]
		}
		if x.outcome.spf && x.key.addr.IsValid() {
			j.near[network(x.key.addr)] = x.sender == ""
		}
		if x.outcome.pass {
			j.passed += x.count
		}
		if x.relayed(j.org) {
			j.relays[x.id.spfDomain] += x.count
		}
		if x.sender != "" {
			j.uses[x.sender] = j.uses[x.sender] || x.outcome.spf
			j.bySender[x.sender] = merge(j.bySender[x.sender], x)
		}
		j.sign(x)
	}
	for _, a := range j.sites {
		if a.brief() {
			j.brief++
		}
	}
}

func compareIdentity(a, b *identity) int {
	c := cmp.Or(strings.Compare(a.spfDomain, b.spfDomain), strings.Compare(a.spfResult, b.spfResult),
		strings.Compare(a.override, b.override), compareBool(a.evalSPF, b.evalSPF), compareBool(a.evalDKIM, b.evalDKIM))
	for i := range a.dkim {
		x, y := a.dkim[i], b.dkim[i]
		c = cmp.Or(c, strings.Compare(x.Domain, y.Domain), strings.Compare(x.Selector, y.Selector), strings.Compare(x.Result, y.Result))
	}
	return c
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (j *judge) add(x *facts) *addressOf {
	a := merge(j.addresses[x.key.addr], x)
	j.addresses[x.key.addr] = a
	return a
}

func merge(a *addressOf, x *facts) *addressOf {
	if a == nil {
		a = &addressOf{}
	}
	a.count += x.count
	if x.bare() {
		a.failing += x.count
	}
	for _, d := range x.days {
		if len(a.days) < maxSpread && !slices.Contains(a.days, d.day) {
			a.days = append(a.days, d.day)
		}
	}
	for _, r := range x.reporters[:x.told] {
		a.reporters |= 1 << (r % 64)
	}
	a.aligned = a.aligned || x.outcome.pass
	a.spf = a.spf || x.outcome.spf
	return a
}

// sign counts the use of a key.
func (j *judge) sign(x *facts) {
	if x.selector == "" || !x.outcome.dkim {
		return
	}
	s := j.signers[x.selector]
	if s == nil {
		s = &signer{by: map[string]bool{}}
		j.signers[x.selector] = s
	}
	s.count += x.count
	if x.own() || x.server {
		s.home += x.count
		s.by[x.sender] = true
	}
}

// covering returns the term of the SPF tree that lets an address pass, "" if
// that is not known.
func (j *judge) covering(addr netip.Addr) string {
	if b := j.branch(addr); b != nil {
		return b.Path()[0]
	}
	return ""
}

func (j *judge) branch(addr netip.Addr) *spf.Branch {
	if j.live.tree == nil || !addr.IsValid() {
		return nil
	}
	b, ok := j.terms[addr]
	if !ok {
		b = j.live.covers(addr)
		j.terms[addr] = b
	}
	return b
}

// included returns the sender whose include covers an address.
func (j *judge) included(addr netip.Addr) *spf.Sender {
	for b := j.branch(addr); b != nil; b = b.Node.Parent {
		if b.Target != "" && b.Kind == spf.Include {
			if s := spf.SenderOf(b.Target); s != nil {
				return s
			}
		}
	}
	return nil
}

// dayOf is the day of a count.
func dayOf(day int32) time.Time { return time.Unix(int64(day)*secondsADay, 0).UTC() }

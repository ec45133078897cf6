// Package migrate finds out where the move of a domain to Microsoft 365 stands,
// and what to do next, in the order that loses no mail. Later stages are judged
// before they happen: the checks run over the world with changed records.
package migrate

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// Stage is how far a move is.
type Stage string

// The stages, in their order.
const (
	Before   Stage = "before"   // nothing is prepared
	Prepared Stage = "prepared" // Microsoft 365 may send, mail still arrives at the old server
	Cutover  Stage = "cutover"  // mail arrives at Microsoft 365, something required is open
	Cleanup  Stage = "cleanup"  // all that is required is done, records of the old server are left
	Finished Stage = "finished"
	NotKnown Stage = "unknown" // the records that show it could not be read
)

// Stages returns the stages in their order.
func Stages() []Stage { return []Stage{Before, Prepared, Cutover, Cleanup, Finished} }

// Moved reports whether mail arrives at Microsoft 365 in a stage.
func (s Stage) Moved() bool { return slices.Index(Stages(), s) >= slices.Index(Stages(), Cutover) }

// Phase is when a step is due.
type Phase string

// The phases, in their order.
const (
	PhaseNow     Phase = "now"
	PhaseCutover Phase = "cutover" // in one change, when the mailboxes are in sync
	PhaseThen    Phase = "then"    // when mail arrives
	PhaseKeep    Phase = "keep"    // when nothing is under way to or from the old server any more
	PhaseLater   Phase = "later"   // after some weeks of reports
)

// Phases returns the phases in their order.
func Phases() []Phase {
	return []Phase{PhaseNow, PhaseCutover, PhaseThen, PhaseKeep, PhaseLater}
}

// Options are what the user says about a move.
type Options struct {
	Stage    Stage // forced; empty: found from the records
	Hybrid   bool  // the organization's own servers stay
	Tenant   bool  // the domain comes from another tenant
	MX       string
	Names    []string   // subdomains to look at, besides the usual ones
	Since    time.Time  // when the MTA-STS policy began to list the new servers; zero: not known
	Keep     []string   // SPF terms, hosts and selectors that have nothing to do with the old mail system
	Expected []Expected // the records that the tenant expects, and no others

	// Look asks the domain's own name servers, while the checks run; nil: they
	// cannot be asked. Unasked says that the user does not want it.
	Look    func(context.Context) *authority.Report
	Unasked bool

	TenantLookup bool // ask Microsoft's sign-in service for the tenant of the domain
}

// Reason is why not to cut over now, or why that is not known.
type Reason struct {
	Code string `json:"code"`
	Text string `json:"text"`
	Step int    `json:"step,omitempty"` // that ends it

	Unknown bool `json:"unknown,omitempty"` // it could not be checked
}

// Report is where the move of a domain stands.
type Report struct {
	Domain    string
	Now       time.Time
	Stage     Stage
	Forced    bool
	Parked    bool   // by its own records, it receives and sends no mail
	Parking   string // the domain-parking service that probably has it; "": none
	Stays     bool   // the servers that receive mail today go on doing so
	Hybrid    bool   // the user says so of the organization's own
	Go        *bool  // nil: does not apply any more, or could not be checked
	Reasons   []Reason
	From      Origin
	Cloud     *kit.Cloud
	MX        Candidate
	Inventory Inventory
	Plan      report.Plan
	Phases    []Phase // of the steps of the plan
	Done      []string
	Watch     []string
	Remnants  []Remnant // that may name the mail system before the move
	Outlooks  []Outlook
	Timing    Timing
	Expected  []Expected
	Tenant    *Tenant // nil: not asked
	Authority *authority.Report
	Unknown   bool // something that decides could not be checked

	policyAge   time.Duration // how long senders keep a policy without the new servers
	policyUntil time.Time     // until when they may have an older one; zero: not known
	policyWhy   *Reason       // to wait for that
}

// Steps returns the numbers of the steps of a phase.
func (r *Report) Steps(p Phase) (numbers []int) {
	for i, at := range r.Phases {
		if at == p {
			numbers = append(numbers, r.Plan.Steps[i].Step)
		}
	}
	return numbers
}

// Staying returns the servers that receive mail today and go on doing so.
func (r *Report) Staying() (hosts []string) {
	if r.Stays {
		for _, t := range r.Inventory.Old() {
			hosts = append(hosts, t.Host)
		}
	}
	return hosts
}

// ExitCode returns 0 if the domain may be cut over now, or nothing is left to do;
// 1 if something is; 3 if that could not be checked.
func (r *Report) ExitCode() int {
	switch {
	case r.Unknown:
		return report.ExitUnknown
	case r.Go != nil && *r.Go:
		return report.ExitOK
	case r.Go != nil || len(r.Reasons) > 0 || len(r.Plan.Steps) > len(r.Steps(PhaseLater)):
		return report.ExitFound
	}
	return report.ExitOK
}

// examined is a world as the checks judge it.
type examined struct {
	findings []report.Finding
	plan     *report.Plan
	cut      bool
}

// mover examines the worlds of one domain.
type mover struct {
	ctx  context.Context
	env  *kit.Env
	rows []kit.Check
	opts Options
	inv  Inventory

	trialRun *examined        // the world of today with the cut-over
	looks    map[Phase]looked // the worlds at the end of phases, as looked at last
	dropped  []kit.MXTarget   // that a step before the cut-over deletes
	gateway  bool             // the user named a filter, beside the own servers that stay
}

// Assess finds out where the move of the domain of env stands.
func Assess(ctx context.Context, env *kit.Env, opts Options) *Report {
	opts.MX = cmp.Or(opts.MX, expectedMX(opts.Expected, env.Domain))
	m := &mover{ctx: ctx, opts: opts, env: prepared(env)}
	m.env.Cloud = meantCloud(m.env.Cloud, opts)
	m.rows, _ = kit.Select(checks.All(), nil, []string{"submission"})
	own, now := m.begin()
	cloud := kit.Gather(ctx, m.env, cloudOf)
	r := &Report{Domain: env.Domain, Now: env.Now, Hybrid: opts.Hybrid, Inventory: m.inv, Authority: own,
		Cloud: cloud, From: m.inv.origin(env.Domain, opts.Tenant || m.inv.otherCloud(cloud) || m.inv.otherTenant(opts.Expected) || opts.Stage != "" && !opts.Stage.Moved())}
	r.MX = m.inv.aim(r.From.Kind, cloud)
	r.Stays = opts.Hybrid || len(m.inv.Old()) > 0 && !m.besides() && slices.ContainsFunc(m.inv.Old(), m.meant)
	r.Expected = kit.Gather(ctx, m.env, func(k *kit.Known) []Expected { return compareExpected(k, opts.Expected) })
	if opts.TenantLookup {
		t := LookupTenant(ctx, m.env.HTTPS, r.Cloud, env.Domain)
		r.Tenant = &t
	}
	r.Stage = cmp.Or(opts.Stage, m.stage(r, now))
	r.Forced = opts.Stage != ""
	if slices.ContainsFunc(now.findings, noView) {
		r.Stage = NotKnown
	}
	if i := slices.IndexFunc(now.findings, missing); i >= 0 {
		r.unregistered(now, now.findings[i])
		return r
	}
	if r.Stage == NotKnown {
		r.Timing = Timing{Earliest: env.Now, KeepUntil: env.Now}
		if r.From.Kind == FromTenant && !slices.ContainsFunc(now.findings, noView) {
			r.Reasons = append(r.Reasons, unseenTenant(r))
			m.tenantSteps(r)
			r.number()
		}
		m.remains(r, now)
		r.Unknown = true
		return r
	}
	m.plan(r, now)
	if r.Stage == Finished && !r.Forced && len(r.Plan.Steps) > len(r.Steps(PhaseLater)) {
		r.Stage = Cleanup
	}
	r.Timing = timing(r, m.env.Now)
	m.decide(r, now)
	return r
}

// noView reports whether a finding says that the answers are not those of the
// Internet: nothing that rests on them is known.
func noView(f report.Finding) bool { return f.Check == "domain" && f.Status == report.Unknown }

// missing reports whether a finding says that the domain does not exist.
func missing(f report.Finding) bool { return f.Code == "domain.exists" && f.Status == report.Fail }

// unregistered ends a report about a name that does not exist: nothing can be moved
// before it does.
func (r *Report) unregistered(now examined, f report.Finding) {
	r.Stage, r.From, r.Go = Before, Origin{Kind: FromUnknown, Name: "not known"}, new(bool)
	r.Timing = Timing{Earliest: r.Now, KeepUntil: r.Now, Unknown: true}
	r.take(now.plan, func(s report.Step) Phase {
		if slices.Contains(s.Fixes, f.Code) {
			return PhaseNow
		}
		return ""
	})
	r.number()
	r.Reasons = []Reason{{Code: f.Code, Text: f.Statement(), Step: r.ending(f.Code)}}
}

// begin asks all that can be asked at once: the name servers, the inventory, and
// what the checks of the world of today need.
func (m *mover) begin() (own *authority.Report, now examined) {
	var wg sync.WaitGroup
	if m.opts.Look != nil && !m.opts.Unasked {
		wg.Go(func() { own = m.opts.Look(m.ctx) })
	}
	take := func() {
		m.inv = kit.Gather(m.ctx, m.env, func(k *kit.Known) Inventory { return gather(k, m.opts.MX, m.opts.Names) })
	}
	if m.opts.Hybrid { // the checks must know which servers stay
		take()
		m.gateway = len(m.env.Gateways) > 0
		for _, t := range m.inv.Old() {
			m.env.Gateways = append(m.env.Gateways, t.Host)
		}
	} else {
		wg.Go(take)
	}
	now = m.examine(nil, true)
	wg.Wait()
	return own, now
}

// prepared returns an environment in which the domain must be at Microsoft 365,
// and which fetches each page once.
func prepared(env *kit.Env) *kit.Env {
	e := *env
	e.Expect, e.NoPlan, e.Moving = kit.ExpectM365, false, true
	e.Gateways = slices.Clone(env.Gateways)
	fetch := env.HTTPS
	var mu sync.Mutex
	pages := map[string]*httpsget.Response{}
	e.HTTPS = func(ctx context.Context, url string) *httpsget.Response {
		mu.Lock()
		defer mu.Unlock()
		if pages[url] == nil {
			pages[url] = fetch(ctx, url)
		}
		return pages[url]
	}
	return &e
}

// examine runs the checks over the world with changed records, and composes a plan
// there if it is asked for.
func (m *mover) examine(changes []dnsrec.Change, plan bool) examined {
	env := *m.env
	env.NoPlan = !plan
	if len(changes) > 0 {
		env.DNS = dnsrec.NewCache(dnsrec.NewChanged(m.env.DNS, changes...), dnsrec.CacheOptions{})
	}
	var x examined
	_ = checks.Run(m.ctx, &env, m.rows, sink(func(e report.Event) {
		switch {
		case e.Finding != nil && !m.answered(*e.Finding, len(changes) > 0):
			x.findings = append(x.findings, *e.Finding)
		case e.End != nil:
			x.plan, x.cut = e.End.Plan, e.End.Cut
		}
	})) // the sink has no errors of its own
	return x
}

// answered reports whether the user has answered a finding already. An MX host that is
// published and given is as the admin center shows it; one that is only given may be a
// slip.
func (m *mover) answered(f report.Finding, changed bool) bool {
	published := !changed || slices.ContainsFunc(m.inv.Targets, func(t kit.MXTarget) bool { return t.Host == m.opts.MX })
	return f.Code == "mx.label" && f.Subject == m.opts.MX && published || f.Status == report.Warn && m.confirmed(f.Code)
}

// sink is a [report.Sink] of one function.
type sink func(report.Event)

// Emit implements [report.Sink].
func (s sink) Emit(e report.Event) error { s(e); return nil }

// stage finds the stage from the records.
func (m *mover) stage(r *Report, now examined) Stage {
	_, filtered := m.front()
	switch {
	case len(m.inv.Misspelt) > 0 && len(m.inv.Old()) == 0:
		return Cutover
	case m.inv.MX.Err != nil || !m.arrived(r) && m.inv.TXT.Err != nil:
		return NotKnown
	case r.From.Kind == FromTenant && m.tenantStage(r) != Finished:
		return m.tenantStage(r)
	case !m.arrived(r):
		if m.prepared(r.Cloud, now) {
			return Prepared
		}
		return Before
	case slices.ContainsFunc(now.findings, fails) || m.besides() || filtered || !m.opts.Hybrid && !m.inv.AutodiscoverAtMicrosoft(r.Cloud):
		return Cutover
	case slices.ContainsFunc(now.findings, func(f report.Finding) bool {
		kept := f.Code == "spf.leftover" && slices.ContainsFunc(m.opts.Keep, func(k string) bool { return k == f.Data["term"] })
		return isLeftover(f) && !kept && !(m.opts.Hybrid && slices.Contains(staying, f.Code))
	}):
		return Cleanup
	}
	return Finished
}

// arrived reports whether mail arrives at Microsoft 365, as far as the records
// show: at each of the hosts that senders try first, for they choose among those of
// the same preference at random (RFC 5321 5.1). What a filter in front does with
// mail, autodiscover shows best.
func (m *mover) arrived(r *Report) bool {
	first := m.inv.first()
	passedOn := m.inv.AllowsMicrosoft(r.Cloud) && (m.inv.AutodiscoverAtMicrosoft(r.Cloud) || m.opts.Hybrid && m.signs(r.Cloud))
	return len(first) > 0 && !slices.ContainsFunc(first, func(t kit.MXTarget) bool {
		return !t.Microsoft() && !(m.inFront(t) && passedOn)
	})
}

// meant reports whether the user named a host as a filter, or all own servers
// stay.
func (m *mover) meant(t kit.MXTarget) bool {
	return slices.ContainsFunc(m.env.Gateways, func(g string) bool { return t.Host != "." && dnsrec.Within(t.Host, dnsrec.Canonical(g)) })
}

// signs reports whether both selectors of a cloud are published.
func (m *mover) signs(c *kit.Cloud) bool {
	n := 0
	for _, s := range m.inv.Selectors {
		ofCloud := slices.ContainsFunc(s.Answer.CNAMEs, func(t string) bool { return kit.HasSuffix(t, c.DKIM) })
		if ofCloud && slices.Contains(kit.Selectors(), s.Name) {
			n++
		}
	}
	return n == 2
}

// besides reports whether mail can also arrive at an old server.
func (m *mover) besides() bool {
	return slices.ContainsFunc(m.inv.Old(), func(t kit.MXTarget) bool { return t.Kind != kit.MXGateway && !m.meant(t) })
}

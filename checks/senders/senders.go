// Package senders finds out from DMARC aggregate reports who sends as a domain,
// and what a stricter policy would do to that mail.
//
// A [Collector] takes any number of reports, each as a [Batch] of rows, and keeps
// counts of what is alike, in bounded memory. [Collector.Judge] names the sources, tells a
// domain's own senders from forwarders, mailing lists and spoofing by the rules
// of [Rules], and evaluates DMARC for each of them.
//
// What the reports do not show stays unknown: calling a sender of the domain
// spoofing would cost its mail.
package senders

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"strings"
	"time"

	"maildiag/checks/senders/dmarcreport"
	"maildiag/dnsrec"
)

// The limits of what is kept; what comes beyond is counted together.
const (
	maxDomains    = 1000
	maxFlows      = 25_000
	maxDays       = 400_000 // counts of a day of a flow
	maxIdentities = 12_000
	maxNames      = 50_000 // names of domains that are read
	maxValue      = 100    // bytes of a selector, a result, or the name of a reporter
	maxOrgs       = 5000   // reporters of a domain
	maxDates      = 4000   // days of a domain
	maxReports    = 500_000
	maxDKIM       = 4 // signatures of a message that are distinguished
	maxReporters  = 8 // of one flow that are distinguished
)

// Collector counts the rows of reports. Its zero value is not ready; see
// [NewCollector].
type Collector struct {
	since, until time.Time

	domains    map[string]*domainCount
	flows      int
	days       int
	identities map[identity]*identity
	names      map[string]string // From as written → canonical, "" if not a domain
	seen       map[[16]byte]readReport
	seed       maphash.Seed

	Reports  int
	Outside  int   // reports before since or after until
	Messages int64 // of all domains
	Unusable int64 // messages of rows without a domain in From
}

// NewCollector counts reports of days from since to until; a zero time is no
// limit.
func NewCollector(since, until time.Time) *Collector {
	return &Collector{since: since, until: until, domains: map[string]*domainCount{},
		identities: map[identity]*identity{}, names: map[string]string{}, seen: map[[16]byte]readReport{}, seed: maphash.MakeSeed()}
}

// domainCount is what was counted for the domain of one policy.
type domainCount struct {
	name      string
	policy    dmarcreport.Policy
	policyEnd time.Time
	first     time.Time
	last      time.Time
	days      map[int32]bool
	reporters map[string]int
	messages  int64
	flows     map[flowKey]*flow
}

type flowKey struct {
	from string
	addr netip.Addr // not valid: of any address, or unreadable
	id   *identity

	unreadable bool // the report has no address of a server
}

// identity is what was found out about a message, without its address.
type identity struct {
	spfDomain, spfResult string
	dkim                 [maxDKIM]dmarcreport.DKIMResult
	evalSPF, evalDKIM    bool   // aligned and good, by the reporter
	override             string // the reporter's reason, see overrideOf
}

// flow counts messages of one key.
type flow struct {
	count     int64
	days      []dayCount
	reporters [maxReporters]uint16
	told      int // reporters in use
}

type dayCount struct {
	day   int32 // since 1970
	count int64
}

// domain returns the count of a domain, nil if it is none or beyond the limit.
func (c *Collector) domain(name string) *domainCount {
	name = c.canonical(name)
	if name == "" {
		return nil
	}
	d := c.domains[name]
	if d == nil && len(c.domains) < maxDomains {
		d = &domainCount{name: name, flows: map[flowKey]*flow{}, reporters: map[string]int{}, days: map[int32]bool{}}
		c.domains[name] = d
	}
	return d
}

// head notes policy, days and reporter of a report. The policy of the latest
// report counts.
func (d *domainCount) head(rep *dmarcreport.Report) {
	if d.policy.P == "" || policyOf(rep.Policy.P) != "" && rep.End.After(d.policyEnd) {
		d.policy, d.policyEnd = rep.Policy, rep.End
	}
	if !rep.Begin.IsZero() && (d.first.IsZero() || rep.Begin.Before(d.first)) {
		d.first = rep.Begin
	}
	if rep.End.After(d.last) {
		d.last = rep.End
	}
	if t := middle(rep); !t.IsZero() && len(d.days) < maxDates {
		d.days[int32(t.Unix()/secondsADay)] = true
	}
	if _, ok := d.reporters[short(rep.Org)]; !ok && len(d.reporters) < maxOrgs {
		d.reporters[short(rep.Org)] = len(d.reporters) + 1
	}
}

// maxDomain is the length of the longest name RFC 1035 2.3.4.
const maxDomain = 253

// short cuts a value, so that a long one is not kept.
func short(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(strings.Clone(s[:maxValue]), "")
}

// canonical returns the name of a domain as it stands in the DNS, "" for what is
// not a domain.
func (c *Collector) canonical(name string) string {
	if len(name) > maxDomain {
		return ""
	}
	if known, ok := c.names[name]; ok {
		return known
	}
	out, _, err := dnsrec.ParseDomain(name)
	if err != nil || strings.ContainsAny(name, "@/:") {
		out = ""
	}
	if len(c.names) < maxNames {
		c.names[strings.Clone(name)] = out
	}
	return out
}

// keyOf returns the key of a row. An address that no server can have counts as
// unreadable.
func keyOf(from string, addr netip.Addr, id *identity) flowKey {
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() {
		return flowKey{from: from, id: id, unreadable: true}
	}
	return flowKey{from: from, addr: addr, id: id}
}

// flow returns the flow of a key. When the table is full, rows that are new
// count as one, without an address.
func (c *Collector) flow(d *domainCount, key flowKey) *flow {
	if f := d.flows[key]; f != nil {
		return f
	}
	if c.flows >= maxFlows {
		key = c.beyond(d.name, key)
		if f := d.flows[key]; f != nil {
			return f
		}
	}
	f := &flow{}
	c.flows++
	d.flows[key] = f
	return f
}

// beyond returns the key under which flows beyond the limit count.
func (c *Collector) beyond(domain string, key flowKey) flowKey {
	return flowKey{from: domain, id: c.reduced(key.id), unreadable: key.unreadable}
}

func (f *flow) report(reporter int) {
	r := uint16(min(reporter, 1<<16-1))
	if f.told < maxReporters && !slices.Contains(f.reporters[:f.told], r) {
		f.reporters[f.told] = r
		f.told++
	}
}

func (c *Collector) day(f *flow, t time.Time, count int64) {
	if t.IsZero() {
		return
	}
	day := int32(t.Unix() / secondsADay)
	i, ok := slices.BinarySearchFunc(f.days, day, func(d dayCount, day int32) int { return int(d.day - day) })
	switch {
	case ok:
		f.days[i].count += count
	case c.days < maxDays:
		f.days = slices.Insert(f.days, i, dayCount{day, count})
		c.days++
	}
}

const secondsADay = 24 * 60 * 60

// identity returns the shared identity of a row.
func (c *Collector) identity(row *dmarcreport.Row) *identity {
	id := identity{evalSPF: row.SPF == "pass", evalDKIM: row.DKIM == "pass", override: overrideOf(row.Reasons)}
	for _, r := range row.SPFResults {
		if id.spfResult == "" || r.Scope == "mfrom" || r.Result == "pass" && id.spfResult != "pass" {
			id.spfDomain, id.spfResult = c.canonical(r.Domain), short(r.Result)
		}
	}
	n := 0
	for _, pass := range []bool{true, false} {
		for _, r := range row.DKIMResults {
			if (r.Result == "pass") == pass && n < maxDKIM && r.Result != "none" {
				id.dkim[n] = dmarcreport.DKIMResult{Domain: c.canonical(r.Domain), Selector: short(r.Selector), Result: short(r.Result)}
				n++
			}
		}
	}
	if known := c.identities[id]; known != nil {
		return known
	}
	if len(c.identities) >= maxIdentities {
		return c.reduced(&id)
	}
	return c.keep(id)
}

// keep notes a new identity; only then it is allocated.
func (c *Collector) keep(id identity) *identity {
	c.identities[id] = &id
	return &id
}

// reduced returns what the reporter found, without the details: of these there
// are four.
func (c *Collector) reduced(id *identity) *identity {
	less := identity{evalSPF: id.evalSPF, evalDKIM: id.evalDKIM}
	if known := c.identities[less]; known != nil {
		return known
	}
	return c.keep(less)
}

// overrideOf names the reason of a reporter that tells how a message came:
// RFC 9990 names forwarded, mailing_list and trusted_forwarder; an ARC chain
// that the reporter trusts stands in a comment.
func overrideOf(reasons []dmarcreport.Reason) string {
	for _, r := range reasons {
		switch {
		case r.Type == "forwarded" || r.Type == "mailing_list" || r.Type == "trusted_forwarder":
			return r.Type
		case r.Type == "local_policy" && strings.Contains(strings.ToLower(r.Comment), "arc=pass"):
			return "arc"
		}
	}
	return ""
}

package senders

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
)

// Domain is what the reports show of one domain.
type Domain struct {
	Name        string
	First, Last time.Time
	Days        int // that have reports
	Reporters   int
	Messages    int64
	Published   dmarc.Policy // the policy in force
	Testing     bool         // the record asks for test mode (t=y)
	Record      string       // the record in force, as far as the reports show it
	Tried       dmarc.Policy // the policy tried
	SPF         string       // the SPF record tried, if it was changed

	Sources   []*Source
	Names     []Name // of From
	Conflicts int64  // messages that pass by the reporter, and not by the details it gives
	Verdict   Verdict
	Notes     []string // what could not be looked up
}

// Source is one sender, or several that are alike.
type Source struct {
	Name      string
	Kind      Kind
	Rule      string // its name
	Reason    string
	Advice    string
	Addresses int
	Example   netip.Addr // the one with the most mail
	Messages  int64
	SPF, DKIM Result       // aligned
	Passed    int64        // messages that pass DMARC
	Lost      int64        // messages that the tried policy would reject or quarantine
	Applied   dmarc.Policy // the strictest that applies to them: below the domain, sp may differ
	Days      []DayCount

	perAddress map[netip.Addr]int64
	spf, dkim  int64
	spfTried   int64 // messages with an SPF result for the domain
	signed     int64
	days       map[int32]int64
	service    bool             // the name is that of a known sender
	faulty     int64            // messages lost whose SPF record could not be evaluated
	faultyAt   string           // the name of that record
	strict     bool             // some would pass with relaxed alignment
	faults     map[fault]int64  // messages lost by what has to be mended
	names      map[string]int64 // messages lost by the domain in From
	lostAt     map[uint16]bool  // reporters that saw some fail
	regular    netip.Addr       // one that fails on many days; not valid: there is none
	lastLost   time.Time        // the last day on which some failed
	lostLate   int64            // of Lost and Passed, in the last week of the reports
	passedLate int64
}

// DayCount is the number of messages of a day.
type DayCount struct {
	Day   time.Time
	Count int64
}

// Result sums up a method over the messages of a source.
type Result string

// The results.
const (
	OK     Result = "ok"
	Partly Result = "partly"
	Failed Result = "fail"
	Absent Result = "none" // no aligned SPF domain, or no signature of the domain
)

// Name counts the mail with one domain in From.
type Name struct {
	From     string
	Messages int64
	Failing  int64
	Lost     int64
	Policy   dmarc.Policy // the tried one, as it applies to this name
}

// sum groups the flows by source.
func (j *judge) sum(present *dmarc.Record) *Domain {
	d := &Domain{Name: j.count.name, First: j.count.first, Last: j.count.last, Days: len(j.count.days), Reporters: len(j.count.reporters),
		Messages: j.count.messages, Published: present.P, Testing: present.T == "y", Record: present.String(), Tried: j.opt.Policy, SPF: j.live.record, Notes: j.live.notes}
	groups := map[string]*Source{}
	names := map[string]*Name{}
	for _, x := range j.all {
		rule := j.classify(x)
		key, name := j.group(x, rule)
		if groups[key] == nil && len(groups) >= maxSources {
			key, name = surplus(x, rule)
		}
		s := groups[key]
		if s == nil {
			s = &Source{Name: name, Kind: rule.Kind, Rule: rule.Name, Reason: rule.Reason, perAddress: map[netip.Addr]int64{},
				days: map[int32]int64{}, faults: map[fault]int64{}, names: map[string]int64{}, lostAt: map[uint16]bool{}, service: x.sender != ""}
			groups[key] = s
			d.Sources = append(d.Sources, s)
		}
		if s.Kind == Probable && rule.Kind == Own { // one certain flow settles it
			s.Kind, s.Rule, s.Reason = rule.Kind, rule.Name, rule.Reason
		}
		s.add(x, j.org)
		s.time(x, j.lastWeek())
		names[x.key.from] = addName(names[x.key.from], x)
		if x.outcome.conflict {
			d.Conflicts += x.count
		}
	}
	for _, s := range d.Sources {
		j.finish(s)
	}
	d.Notes = append(d.Notes, j.unusableKeys()...)
	slices.SortStableFunc(d.Sources, func(a, b *Source) int {
		return cmp.Or(order(a.Kind)-order(b.Kind), cmp.Compare(b.Messages, a.Messages), strings.Compare(a.Name, b.Name))
	})
	for _, n := range names {
		d.Names = append(d.Names, *n)
	}
	sort.Slice(d.Names, func(i, j int) bool {
		a, b := &d.Names[i], &d.Names[j]
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), strings.Compare(a.From, b.From)) < 0
	})
	d.Notes = append(d.Notes, j.inherited(d)...)
	if np := present.NP; j.opt.Live == nil && np != "" && np != cmp.Or(present.SP, present.P) && len(d.Names) > 1 {
		d.Notes = append(d.Notes, fmt.Sprintf("np=%s applies to names that do not exist. Without --live, every name is taken to exist.", np))
	}
	d.Verdict = d.judge()
	return d
}

// unusableKeys names the keys of the domain that receivers could not use for much of
// its mail, be it that the mail passes by SPF.
func (j *judge) unusableKeys() (notes []string) {
	count := map[string]int64{}
	for _, x := range j.all {
		for _, r := range x.id.dkim {
			if r.Result == "permerror" && r.Selector != "" && dnsrec.Within(r.Domain, j.org) {
				count[r.Selector+"._domainkey."+r.Domain] += x.count
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(count)) {
		if share(count[key], j.count.messages) > tolerated {
			notes = append(notes, fmt.Sprintf("For %s of mail, receivers could not use the DKIM key %s (permerror): it is missing or broken.",
				Percent(count[key], j.count.messages), key))
		}
	}
	return notes
}

// inherited says that names below the domain are judged at the tried policy,
// although the reports give an sp.
func (j *judge) inherited(d *Domain) []string {
	below := slices.ContainsFunc(d.Names, func(n Name) bool { return n.From != d.Name })
	if sp := policyOf(j.count.policy.SP); j.filled && below && sp != j.opt.Policy {
		how := "--live reads the record."
		if j.opt.Live != nil {
			how = "The record could not be read."
		}
		return []string{fmt.Sprintf("Mail of subdomains is judged at p=%s: the reports give sp=%s, but many reporters fill in sp with the value of p. "+
			"If your record has an sp tag, that tag applies instead. %s", j.opt.Policy, sp, how)}
	}
	return nil
}

func order(k Kind) int {
	return slices.Index([]Kind{Own, Probable, Unknown, Forwarder, List, Spoofing}, k)
}

// group returns under which name a flow is counted: a sender by its name, a
// server by its address, and the rest by kind.
func (j *judge) group(x *facts, rule Rule) (key, name string) {
	switch rule.Kind {
	case Forwarder:
		return "f", "forwarders"
	case List:
		return "l", "mailing lists"
	case Spoofing:
		return "s", "spoofing"
	case Unknown:
		switch {
		case x.key.unreadable:
			return "u unreadable", "unreadable addresses"
		case rule.Name == microsoftOther:
			return "u " + microsoftOther, microsoft + ", other domains"
		case x.sender != "":
			return "u " + x.sender, x.sender
		case x.foreign != "":
			return "u " + x.foreign, x.foreign
		}
		return "u", "unknown"
	}
	kind := "o "
	if rule.Kind == Probable {
		kind = "p "
	}
	addr := x.key.addr.String()
	switch {
	case rule.Name == microsoftNull:
		return kind + microsoftNull, microsoft + ", null sender"
	case x.sender != "":
		return "o " + x.sender, x.sender
	case x.host != "":
		return kind + addr, addr + " " + x.host
	case !x.outcome.spf && x.outcome.dkim:
		return "k " + x.selector, "DKIM key " + x.selector
	case rule.Name == "steady" && !x.address.steady(): // only its network is
		return kind + network(x.key.addr).String(), network(x.key.addr).String()
	case x.key.addr.IsValid():
		return kind + addr, addr
	}
	return kind, beyondLimit
}

// maxSources is the number of sources that have a line of their own.
const maxSources = 5000

const beyondLimit = "addresses beyond the limit of maildiag"

// surplus groups what comes after so many sources. What fails is kept apart, so that
// it does not hide behind what passes.
func surplus(x *facts, rule Rule) (key, name string) {
	if x.outcome.pass {
		return "beyond " + string(rule.Kind), beyondLimit
	}
	return "beyond failing " + string(rule.Kind), beyondLimit + ", failing"
}

func addName(n *Name, x *facts) *Name {
	if n == nil {
		n = &Name{From: x.key.from, Policy: x.outcome.policy}
	}
	n.Messages += x.count
	if !x.outcome.pass {
		n.Failing += x.count
		n.Lost += x.lost()
	}
	return n
}

// lost is how much of the flow the tried policy keeps from the inbox.
func (x *facts) lost() int64 {
	if x.outcome.pass || x.outcome.policy == dmarc.None || x.outcome.policy == "" {
		return 0
	}
	return x.count
}

func (s *Source) add(x *facts, org string) {
	s.Messages += x.count
	if x.key.addr.IsValid() {
		s.perAddress[x.key.addr] += x.count
	}
	if x.outcome.pass {
		s.Passed += x.count
	}
	s.Lost += x.lost()
	if x.outcome.spf {
		s.spf += x.count
	}
	if x.id.spfDomain == x.key.from || x.outcome.spf {
		s.spfTried += x.count
	}
	if x.outcome.dkim {
		s.dkim += x.count
	}
	if x.outcome.dkim || x.broken || x.foreign != "" {
		s.signed += x.count
	}
	if x.faulty && x.lost() > 0 {
		s.faulty += x.lost()
		s.faultyAt = cmp.Or(s.faultyAt, x.id.spfDomain)
	}
	s.strict = s.strict || x.related && !x.outcome.pass
	if lost := x.lost(); lost > 0 {
		s.lose(x, lost, org)
	}
	for _, d := range x.days {
		s.days[d.day] += d.count
	}
}

// lose notes what a flow loses, and why.
func (s *Source) lose(x *facts, lost int64, org string) {
	s.faults[x.fault(org)] += lost
	s.names[x.key.from] += lost
	s.Applied = stricter(s.Applied, x.outcome.policy)
	for _, r := range x.reporters[:x.told] {
		s.lostAt[r] = true
	}
	if x.site != nil && len(x.site.days) >= steadyDays && !s.regular.IsValid() {
		s.regular = x.key.addr
	}
}

// time notes what passed and what was lost lately. Messages without a day count as
// of late.
func (s *Source) time(x *facts, lastWeek int32) {
	late, passed := x.count, x.outcome.pass
	for _, d := range x.days {
		if d.day < lastWeek {
			late -= d.count
		}
		if day := dayOf(d.day); !passed && x.lost() > 0 && day.After(s.lastLost) {
			s.lastLost = day
		}
	}
	switch {
	case passed:
		s.passedLate += late
	case x.lost() > 0:
		s.lostLate += late
	}
}

// lastWeek is the first day of the last week of the reports.
func (j *judge) lastWeek() int32 { return int32(j.count.last.Unix()/secondsADay) - enoughDays + 1 }

// from returns the domain in From of most messages of a source that are lost.
func (j *judge) from(s *Source) string {
	if len(s.names) == 0 {
		return j.count.name
	}
	return most(s.names, strings.Compare)
}

// finish works out what follows from the counts.
func (j *judge) finish(s *Source) {
	s.Addresses = len(s.perAddress)
	s.Example = most(s.perAddress, netip.Addr.Compare)
	s.SPF, s.DKIM = resultOf(s.spf, s.spfTried, s.Messages), resultOf(s.dkim, s.signed, s.Messages)
	for day, n := range s.days {
		s.Days = append(s.Days, DayCount{dayOf(day), n})
	}
	sort.Slice(s.Days, func(i, j int) bool { return s.Days[i].Day.Before(s.Days[j].Day) })
	s.Advice = j.advise(s)
}

// resultOf sums up: nearly all good, some, or none of those tried.
func resultOf(good, tried, all int64) Result {
	switch {
	case tried == 0:
		return Absent
	case good == 0:
		return Failed
	case float64(good) >= nearly*float64(all):
		return OK
	}
	return Partly
}

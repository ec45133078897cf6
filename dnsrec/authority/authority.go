// Package authority asks the name servers of a domain directly: those that the
// parent zone delegates to, at each of their addresses, without recursion. So
// servers show that are silent, do not have the zone, or have an old version of
// it, which a resolver hides by asking another one.
package authority

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"maildiag/dnsrec"
)

// Asker puts a question to one name server, as [dnsrec.Direct] does on port 53.
type Asker func(ctx context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error)

// Options say what to compare.
type Options struct {
	Questions []dnsrec.Query // the records that all servers must agree on
	Also      []string       // further name servers, such as those at which a change was made
	Resolvers []Resolver     // whose view is compared
	Families  []dnsrec.Type  // of addresses: A, AAAA; none: both
}

// Resolver is a resolver with its name.
type Resolver struct {
	Name string
	dnsrec.Resolver
}

// State is how a name server behaves.
type State string

// The states.
const (
	StateOK     State = "ok"
	StateSilent State = "silent" // no reply
	StateLame   State = "lame"   // replies, but does not have the zone
	StateStale  State = "stale"  // has an older version of the zone, with other records
)

// Server is one name server at one of its addresses.
type Server struct {
	Host      string        `json:"host"`
	Addr      netip.Addr    `json:"address"`
	Delegated bool          `json:"delegated"` // the parent zone names it
	Listed    bool          `json:"listed"`    // the zone's own NS records name it
	State     State         `json:"state"`
	Serial    uint32        `json:"serial,omitempty"`
	Rcode     string        `json:"rcode,omitempty"` // of a lame one
	RTT       time.Duration `json:"-"`
	Unasked   bool          `json:"-"` // its address is not a public one

	ns    []string
	views map[dnsrec.Query]view
	soa   soa
}

// view is what one server, or resolver, has for a question.
type view struct {
	values []string // sorted; an alias is "CNAME target"
	ttl    time.Duration
	ok     bool
}

// Set is a record set, as those who were asked have it.
type Set struct {
	dnsrec.Query
	TTL   time.Duration // of the zone; 0: there is no such record
	Views []View        // the one of most servers first
}

// View is one version of a record set, and who has it.
type View struct {
	Values []string `json:"values"`
	From   []string `json:"from"`
	TTL    int      `json:"ttl,omitempty"` // seconds; of a resolver, what remains
}

// ProblemKind is what is wrong with the name servers.
type ProblemKind string

// The kinds of problems.
const (
	Silent     ProblemKind = "silent"     // a server does not reply
	Lame       ProblemKind = "lame"       // a server does not have the zone
	NoAddress  ProblemKind = "no-address" // a name server has no address
	Stale      ProblemKind = "stale"      // a server has an older version of the zone
	Differ     ProblemKind = "differ"     // servers have different records, and none is the older
	Delegation ProblemKind = "delegation" // the parent names other servers than the zone
	WrongHost  ProblemKind = "wrong-host" // another server, which nobody is sent to, has newer records
	DNSSEC     ProblemKind = "dnssec"     // the parent has DS records, and the zone no key
	Cached     ProblemKind = "cached"     // a resolver still has old records
	NoServer   ProblemKind = "no-server"  // no delegated server works
)

// Problem is something wrong with the name servers.
type Problem struct {
	Kind    ProblemKind `json:"kind"`
	Subject string      `json:"subject"` // a server or a record set
	Text    string      `json:"text"`
	Breaks  bool        `json:"breaks"` // mail depends on which server is asked
	For     int         `json:"for,omitempty"`
}

// Report is what the name servers of a domain say.
type Report struct {
	Domain    string
	Zone      string
	Parent    string
	Delegated []string // by the parent
	Listed    []string // by the zone itself
	Servers   []Server
	Signed    bool // the parent has DS records
	Sets      []Set
	Problems  []Problem
	Negative  time.Duration // how long resolvers remember that a name does not exist
	Err       error         // nothing could be found out
}

// Look asks the name servers of a domain. It needs a resolver only to find the
// parent zone and the addresses of name servers.
func Look(ctx context.Context, r dnsrec.Resolver, ask Asker, domain string, o Options) *Report {
	l := &look{ctx: ctx, resolver: r, ask: ask, opts: o, report: &Report{Domain: domain}}
	if len(o.Families) == 0 {
		l.opts.Families = []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA}
	}
	var asked []resolverViews
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { asked = l.resolved() })
	cut, err := l.delegation(domain)
	if err != nil {
		l.report.Err = err
		return l.report
	}
	rep := l.report
	slices.Sort(cut.names) // servers give them in any order
	rep.Zone, rep.Parent, rep.Delegated = cut.zone, cut.parent, cut.names
	wg.Go(func() { rep.Signed = l.signed(cut) })
	l.servers(cut)
	wg.Wait()
	l.compare(asked)
	l.judge(cut)
	return rep
}

// look is one look at the name servers of a domain.
type look struct {
	ctx      context.Context
	resolver dnsrec.Resolver
	ask      Asker
	opts     Options
	report   *Report
}

// Bounds on hostile delegations.
const (
	maxServers   = 26 // name servers with their addresses
	maxAddresses = 4  // of one name server
	atOnce       = 8  // questions to one address
	maxCuts      = 8  // delegations that are followed down
)

// servers finds all name servers with their addresses, and asks each for the
// zone.
func (l *look) servers(cut zoneCut) {
	l.add(cut, cut.names, true)
	l.each(l.identify)
	var listed []string
	for i := range l.report.Servers {
		listed = append(listed, l.report.Servers[i].ns...)
	}
	slices.Sort(listed)
	l.report.Listed = unique(listed)
	before := len(l.report.Servers)
	l.add(cut, slices.Concat(l.report.Listed, l.opts.Also), false)
	l.eachFrom(before, l.identify)
	for i := range l.report.Servers {
		s := &l.report.Servers[i]
		s.Listed = slices.Contains(l.report.Listed, s.Host)
	}
	l.each(l.gather)
}

// add adds the addresses of name servers that are not there yet.
func (l *look) add(cut zoneCut, hosts []string, delegated bool) {
	hosts = slices.DeleteFunc(unique(hosts), func(h string) bool {
		return slices.ContainsFunc(l.report.Servers, func(s Server) bool { return s.Host == h })
	})
	hosts = hosts[:min(len(hosts), maxServers)]
	found, known := make([][]netip.Addr, len(hosts)), make([]bool, len(hosts))
	var wg sync.WaitGroup
	for i, h := range hosts {
		wg.Go(func() { found[i], known[i] = l.addresses(h, cut.glue[h]) })
	}
	wg.Wait()
	for i, h := range hosts {
		if len(found[i]) == 0 && known[i] && delegated {
			l.problem(Problem{Kind: NoAddress, Subject: h, Text: "The name server " + h + " has no address."})
		}
		for _, a := range found[i] {
			if len(l.report.Servers) < maxServers {
				l.report.Servers = append(l.report.Servers, Server{Host: h, Addr: a, Delegated: delegated})
			}
		}
	}
}

// addresses returns the addresses of a name server: those that come with the
// delegation, or else what the resolver knows. known is false if there may be
// others: a lookup failed, or the addresses of one family are left out.
func (l *look) addresses(host string, glue []netip.Addr) (addrs []netip.Addr, known bool) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, true
	}
	addrs, known = slices.Clone(glue), len(l.opts.Families) > 1
	for _, t := range l.opts.Families {
		if len(glue) > 0 {
			break
		}
		a, err := l.resolver.Lookup(l.ctx, dnsrec.Q(host, t))
		known = known && err == nil
		for _, v := range a.Values {
			if addr, err := netip.ParseAddr(v); err == nil {
				addrs = append(addrs, addr)
			}
		}
	}
	addrs = slices.DeleteFunc(addrs, func(a netip.Addr) bool {
		t := dnsrec.TypeA
		if a.Is6() {
			t = dnsrec.TypeAAAA
		}
		return !slices.Contains(l.opts.Families, t)
	})
	return unique(addrs[:min(len(addrs), maxAddresses)]), known
}

// each calls f for all servers side by side.
func (l *look) each(f func(*Server)) { l.eachFrom(0, f) }

func (l *look) eachFrom(first int, f func(*Server)) {
	var wg sync.WaitGroup
	for i := first; i < len(l.report.Servers); i++ {
		wg.Go(func() { f(&l.report.Servers[i]) })
	}
	wg.Wait()
}

// identify asks a server for the SOA and NS records of the zone.
func (l *look) identify(s *Server) {
	var wg sync.WaitGroup
	wg.Go(func() {
		q := dnsrec.Q(l.report.Zone, dnsrec.TypeNS)
		r, err := l.ask(l.ctx, s.Addr, q)
		s.views = map[dnsrec.Query]view{q: readView(r, q, err)}
		if err == nil && r.Authoritative {
			s.ns = values(r, l.report.Zone, dnsrec.TypeNS)
		}
	})
	r, err := l.ask(l.ctx, s.Addr, dnsrec.Q(l.report.Zone, dnsrec.TypeSOA))
	wg.Wait()
	switch {
	case err != nil:
		s.State, s.Unasked = StateSilent, errors.Is(err, dnsrec.ErrNotPublic)
		return
	case r.Rcode != "NOERROR" || !r.Authoritative || len(r.Answer) == 0:
		s.State, s.Rcode = StateLame, r.Rcode
		return
	}
	s.State, s.RTT = StateOK, r.RTT
	s.soa = readSOA(r.Answer[0])
	s.Serial = s.soa.serial
}

// gather asks a server that has the zone for the records to compare.
func (l *look) gather(s *Server) {
	if s.State != StateOK {
		return
	}
	var mu sync.Mutex
	turns := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	known := maps.Clone(s.views) // from before
	for _, q := range l.opts.Questions {
		if _, ok := known[q]; ok || !dnsrec.Within(q.Name, l.report.Zone) {
			continue
		}
		turns <- struct{}{}
		wg.Go(func() {
			r, err := l.ask(l.ctx, s.Addr, q)
			v := readView(r, q, err)
			mu.Lock()
			s.views[q] = v
			mu.Unlock()
			<-turns
		})
	}
	wg.Wait()
}

// readView reads one record set from the reply of a server.
func readView(r dnsrec.Reply, q dnsrec.Query, err error) view {
	if err != nil || r.Rcode != "NOERROR" && r.Rcode != "NXDOMAIN" {
		return view{}
	}
	v := view{ok: true}
	for _, rec := range r.Answer {
		if rec.Name != q.Name || rec.Type != q.Type && rec.Type != dnsrec.TypeCNAME {
			continue
		}
		v.add(rec.Type == dnsrec.TypeCNAME, rec.Value)
		v.ttl = max(v.ttl, rec.TTL)
	}
	slices.Sort(v.values)
	return v
}

func (v *view) add(alias bool, value string) {
	if alias {
		value = "CNAME " + value
	}
	v.values = append(v.values, value)
}

// soa is what counts of an SOA record.
type soa struct {
	serial   uint32
	negative time.Duration
}

// readSOA reads "mname rname serial refresh retry expire minimum" (RFC 1035
// 3.3.13). A negative answer is kept for the lower of the TTL and the minimum
// (RFC 2308 5).
func readSOA(r dnsrec.Record) (s soa) {
	f := strings.Fields(r.Value)
	if len(f) != 7 {
		return s
	}
	serial, _ := strconv.ParseUint(f[2], 10, 32)
	minimum, _ := strconv.ParseUint(f[6], 10, 32)
	return soa{uint32(serial), min(r.TTL, time.Duration(minimum)*time.Second)}
}

// older reports whether one serial comes before another (RFC 1982 3.2).
func older(a, b uint32) bool { return a != b && int32(a-b) < 0 }

func unique[T comparable](list []T) (out []T) {
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func (l *look) problem(p Problem) { l.report.Problems = append(l.report.Problems, p) }

// label names a server in a table.
func (s *Server) label() string {
	return cmp.Or(s.Host, s.Addr.String()) + " (" + s.Addr.String() + ")"
}

package authority

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"maildiag/dnsrec"
)

// compare groups what the servers and the resolvers have for each question.
func (l *look) compare(asked []resolverViews) {
	for _, q := range l.opts.Questions {
		set := Set{Query: q}
		if !dnsrec.Within(q.Name, l.report.Zone) {
			continue
		}
		for i := range l.report.Servers {
			s := &l.report.Servers[i]
			if v, ok := s.views[q]; ok && v.ok {
				set.put(v, s.label())
				set.TTL = max(set.TTL, v.ttl)
			}
		}
		sort.SliceStable(set.Views, func(i, j int) bool { return len(set.Views[i].From) > len(set.Views[j].From) })
		for _, r := range asked {
			if v := r.views[q]; v.ok {
				set.put(v, r.Name)
			}
		}
		l.report.Sets = append(l.report.Sets, set)
	}
}

// put adds one more who has a version. The TTL of a version is the longest.
func (s *Set) put(v view, from string) {
	for i := range s.Views {
		if slices.Equal(s.Views[i].Values, v.values) {
			s.Views[i].From = append(s.Views[i].From, from)
			s.Views[i].TTL = max(s.Views[i].TTL, int(v.ttl/time.Second))
			return
		}
	}
	s.Views = append(s.Views, View{v.values, []string{from}, int(v.ttl / time.Second)})
}

// resolverViews is what a resolver has for the questions.
type resolverViews struct {
	Resolver
	views map[dnsrec.Query]view
}

// resolved asks the resolvers.
func (l *look) resolved() []resolverViews {
	all := make([]resolverViews, len(l.opts.Resolvers))
	var wg sync.WaitGroup
	for i, r := range l.opts.Resolvers {
		all[i] = resolverViews{r, map[dnsrec.Query]view{}}
		var mu sync.Mutex
		for _, q := range l.opts.Questions {
			wg.Go(func() {
				v := resolverView(l, r, q)
				mu.Lock()
				defer mu.Unlock()
				all[i].views[q] = v
			})
		}
	}
	wg.Wait()
	return all
}

func resolverView(l *look, r Resolver, q dnsrec.Query) view {
	a, err := r.Lookup(l.ctx, q)
	if err != nil {
		return view{}
	}
	v := view{ok: true, ttl: a.TTL}
	if len(a.CNAMEs) > 0 {
		v.add(true, a.CNAMEs[0])
		return v
	}
	v.values = slices.Sorted(slices.Values(a.Values))
	return v
}

// judge notes what is wrong.
func (l *look) judge(cut zoneCut) {
	l.judgeServers()
	l.judgeNames()
	l.judgeVersions()
	l.judgeElsewhere()
	l.judgeCaches()
	l.judgeKeys(cut)
	for i := range l.report.Servers {
		if s := &l.report.Servers[i]; s.Delegated && s.State == StateOK {
			l.report.Negative = max(l.report.Negative, s.soa.negative)
		}
	}
}

func (l *look) judgeServers() {
	working, replying, asked := 0, 0, 0
	for i := range l.report.Servers {
		s := &l.report.Servers[i]
		if !s.Delegated {
			continue
		}
		if s.State != StateSilent {
			replying++
		}
		if !s.Unasked {
			asked++
		}
		switch s.State {
		case StateSilent:
			l.problem(Problem{Kind: Silent, Subject: s.label(), Text: s.silence() + "."})
		case StateLame:
			l.problem(Problem{Kind: Lame, Subject: s.label(), Text: "replies, but does not have the zone " + l.report.Zone + " (" + s.Rcode + ")."})
		default:
			working++
		}
	}
	if working == 0 {
		text := "None of the name servers that the parent zone names has the zone."
		if replying == 0 {
			text = "None of the name servers that the parent zone names replies."
		}
		if asked == 0 && len(l.report.Servers) > 0 {
			text = "None of the name servers that the parent zone names has a public address: they were not asked."
		}
		l.problem(Problem{Kind: NoServer, Subject: l.report.Zone, Breaks: true, Text: text})
	}
}

// judgeNames compares the name servers that the parent names with those that the
// zone names (RFC 1034 4.2.2).
func (l *look) judgeNames() {
	rep := l.report
	if len(rep.Listed) == 0 || sameSet(rep.Delegated, rep.Listed) {
		return
	}
	l.problem(Problem{Kind: Delegation, Subject: rep.Zone, Text: fmt.Sprintf("The parent zone %s names %s; the zone itself names %s.",
		named(rep.Parent), strings.Join(rep.Delegated, ", "), strings.Join(rep.Listed, ", "))})
}

// String says a problem with its subject.
func (p Problem) String() string {
	if p.Text != "" && 'A' <= p.Text[0] && p.Text[0] <= 'Z' { // a sentence of its own
		return p.Subject + ": " + p.Text
	}
	return p.Subject + " " + p.Text
}

// silence says why there is no reply from a server.
func (s *Server) silence() string {
	if s.Unasked {
		return "has an address that is not a public one, so it was not asked"
	}
	return "does not reply on port 53 (UDP and TCP)"
}

// Silence says why there is no reply from a host.
func (r *Report) Silence(host string) string {
	asked := slices.ContainsFunc(r.Servers, func(s Server) bool { return s.Host == host && !s.Unasked })
	return (&Server{Unasked: !asked}).silence()
}

// Unreached lists the delegated name servers of which no address replies: whether
// they have the same records is not known.
func (r *Report) Unreached() (hosts []string) {
	for _, s := range r.Servers {
		if s.Delegated && !slices.ContainsFunc(r.Servers, func(o Server) bool { return o.Host == s.Host && o.State != StateSilent }) {
			hosts = append(hosts, s.Host)
		}
	}
	return unique(hosts)
}

// Misled reports whether the zone's own NS records name only servers that do not
// have the zone: resolvers prefer them to those of the parent (RFC 2181 5.4.1).
func (r *Report) Misled() bool {
	return len(r.Listed) > 0 && !slices.ContainsFunc(r.Servers, func(s Server) bool {
		return s.Listed && (s.State == StateOK || s.State == StateStale)
	})
}

func named(zone string) string {
	if zone == "." {
		return "(the root)"
	}
	return zone
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// judgeVersions finds delegated servers with other records than the newest one.
func (l *look) judgeVersions() {
	newest := l.newest()
	if newest == nil {
		return
	}
	for i := range l.report.Servers {
		s := &l.report.Servers[i]
		if !s.Delegated || s.State != StateOK || s == newest {
			continue
		}
		names := differing(s, newest)
		switch {
		case len(names) == 0:
		case older(s.Serial, newest.Serial):
			s.State = StateStale
			l.problem(Problem{Kind: Stale, Subject: s.label(), Breaks: true, Text: fmt.Sprintf("has an older version of the zone (serial %d; %s has %d). Other records: %s.",
				s.Serial, newest.Host, newest.Serial, strings.Join(names, ", "))})
		default:
			l.problem(Problem{Kind: Differ, Subject: s.label(), Breaks: true, Text: fmt.Sprintf("has other records than %s with the serial %d: %s.",
				newest.Host, newest.Serial, strings.Join(names, ", "))})
		}
	}
}

// newest returns the delegated server with the highest serial.
func (l *look) newest() (best *Server) {
	for i := range l.report.Servers {
		if s := &l.report.Servers[i]; s.Delegated && s.State == StateOK && (best == nil || older(best.Serial, s.Serial)) {
			best = s
		}
	}
	return best
}

// differing lists the record sets that two servers have different versions of.
func differing(a, b *Server) (names []string) {
	for q, v := range a.views {
		if w := b.views[q]; v.ok && w.ok && !slices.Equal(v.values, w.values) {
			names = append(names, q.String())
		}
	}
	slices.Sort(names)
	return names
}

// judgeElsewhere finds servers that have the zone with other records although the
// parent does not name them: a change was made there, and nobody sees it.
func (l *look) judgeElsewhere() {
	newest := l.newest()
	if newest == nil {
		return
	}
	for i := range l.report.Servers {
		s := &l.report.Servers[i]
		if s.Delegated || s.State != StateOK {
			continue
		}
		if names := differing(s, newest); len(names) > 0 {
			l.problem(Problem{Kind: WrongHost, Subject: s.label(), Breaks: true, Text: fmt.Sprintf("has other records (%s), but the parent zone %s does not name it: changes made there have no effect. Make them at %s.",
				strings.Join(names, ", "), named(l.report.Parent), strings.Join(l.report.Delegated, ", "))})
		}
	}
}

// judgeCaches finds resolvers that have other records than all servers of the
// zone.
func (l *look) judgeCaches() {
	for _, set := range l.report.Sets {
		for _, r := range l.opts.Resolvers {
			i := slices.IndexFunc(set.Views, func(v View) bool { return slices.Contains(v.From, r.Name) })
			if i < 0 || len(set.Views) < 2 || slices.ContainsFunc(set.Views[i].From, l.isServer) {
				continue
			}
			left := set.Views[i].TTL
			l.problem(Problem{Kind: Cached, Subject: set.Query.String(), For: left, Text: fmt.Sprintf("The resolver %s has other records than the name servers. Its cache may hold them for another %d seconds.", r.Name, left)})
		}
	}
}

// isServer reports whether a label is that of a name server.
func (l *look) isServer(label string) bool {
	return slices.ContainsFunc(l.report.Servers, func(s Server) bool { return s.label() == label })
}

// signed reports whether the parent zone has DS records for the zone.
func (l *look) signed(cut zoneCut) bool {
	r, err := l.askAny(cut.servers, dnsrec.Q(cut.zone, dnsrec.TypeDS))
	return err == nil && len(values(r, cut.zone, dnsrec.TypeDS)) > 0
}

// judgeKeys finds a zone that the parent says is signed, and that has no key:
// validating resolvers reject all of it (RFC 4035 5.2).
func (l *look) judgeKeys(cut zoneCut) {
	if !l.report.Signed {
		return
	}
	for i := range l.report.Servers {
		s := &l.report.Servers[i]
		if !s.Delegated || s.State == StateSilent || s.State == StateLame {
			continue
		}
		r, err := l.ask(l.ctx, s.Addr, dnsrec.Q(cut.zone, dnsrec.TypeDNSKEY))
		if err == nil && r.Authoritative && r.Rcode == "NOERROR" && len(values(r, cut.zone, dnsrec.TypeDNSKEY)) == 0 {
			l.problem(Problem{Kind: DNSSEC, Subject: s.label(), Breaks: true, Text: "The parent zone has a DS record for " + cut.zone +
				", but this server has no DNSKEY record: validating resolvers reject all its answers."})
		}
	}
}

// TTL returns how long caches keep a record set, by its zone; ok is false if that
// is not known, or there is no such record.
func (r *Report) TTL(q dnsrec.Query) (ttl time.Duration, ok bool) {
	if r == nil {
		return 0, false
	}
	i := slices.IndexFunc(r.Sets, func(s Set) bool { return s.Query == q })
	if i < 0 || r.Sets[i].TTL == 0 {
		return 0, false
	}
	return r.Sets[i].TTL, true
}

// Agree reports whether nothing was found on which the records that a sender gets
// depend.
func (r *Report) Agree() bool {
	return r.Err == nil && !slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Breaks })
}

// Working returns the delegated servers that have the zone, and how many there
// are in all.
func (r *Report) Working() (working, all int) {
	for _, s := range r.Servers {
		if s.Delegated {
			all++
			if s.State == StateOK {
				working++
			}
		}
	}
	return working, all
}

// Serials lists the serials of the delegated servers, the newest first.
func (r *Report) Serials() (serials []uint32) {
	for _, s := range r.Servers {
		if s.Delegated && (s.State == StateOK || s.State == StateStale) && !slices.Contains(serials, s.Serial) {
			serials = append(serials, s.Serial)
		}
	}
	sort.Slice(serials, func(i, j int) bool { return int32(serials[j]-serials[i]) < 0 }) // RFC 1982 3.2
	return serials
}

package tlsreport

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxGroups bounds the failures that are distinguished.
const maxGroups = 20_000

// Summary adds reports up. Its zero value is ready.
type Summary struct {
	Reports int

	domains map[string]*Domain
	seen    map[[sha256.Size]byte]bool
	groups  int
}

// Domain is what all reports say of one policy domain.
type Domain struct {
	Name        string
	First, Last time.Time
	Reporters   map[string]bool
	Succeeded   int64
	Failed      int64
	Types       map[string]int64 // sessions by policy type
	Failures    []*Group         // after [Summary.Domains]

	groups map[Group]*Group
}

// Group counts failed sessions that are alike.
type Group struct {
	Result string
	MX     string
	Sender string // organization of the reporter
	MTA    string // address of the sending server
	Reason string

	Sessions int64
}

// Add counts a report; again reports whether it was counted before. Some reporters
// use one ID for several reports, so the content counts too.
func (s *Summary) Add(r *Report) (again bool) {
	key := sha256.Sum256(fmt.Appendf(nil, "%q %q %v %+v", r.Org, r.ID, r.Begin, r.Policies))
	if s.domains == nil {
		s.domains, s.seen = map[string]*Domain{}, map[[sha256.Size]byte]bool{}
	}
	if s.seen[key] {
		return true
	}
	if len(s.seen) < maxGroups {
		s.seen[key] = true
	}
	s.Reports++
	for i := range r.Policies {
		s.policy(r, &r.Policies[i])
	}
	return false
}

func (s *Summary) policy(r *Report, p *Policy) {
	d := s.domains[p.Domain]
	if d == nil {
		if len(s.domains) >= maxPolicies {
			return
		}
		d = &Domain{Name: p.Domain, Reporters: map[string]bool{}, Types: map[string]int64{}, groups: map[Group]*Group{}}
		s.domains[p.Domain] = d
	}
	if !r.Begin.IsZero() && (d.First.IsZero() || r.Begin.Before(d.First)) {
		d.First = r.Begin
	}
	if r.End.After(d.Last) {
		d.Last = r.End
	}
	if len(d.Reporters) < maxPolicies {
		d.Reporters[r.Org] = true
	}
	if len(d.Types) < maxPolicies {
		d.Types[p.Type] += p.Succeeded + p.Failed
	}
	d.Succeeded += p.Succeeded
	d.Failed += p.Failed
	for _, f := range p.Failures {
		s.failure(d, Group{Result: f.Result, MX: f.MX, Sender: r.Org, MTA: f.SendingIP, Reason: f.Reason}, f.Sessions)
	}
}

func (s *Summary) failure(d *Domain, key Group, sessions int64) {
	g := d.groups[key]
	if g == nil && s.groups >= maxGroups {
		key = Group{Result: "other"}
		g = d.groups[key]
	}
	if g == nil {
		g = &Group{Result: key.Result, MX: key.MX, Sender: key.Sender, MTA: key.MTA, Reason: key.Reason}
		d.groups[key] = g
		s.groups++
	}
	g.Sessions += sessions
}

// Only reports whether all failures with a result name an MX host, and each of
// them fits.
func (d *Domain) Only(result string, fits func(mx string) bool) bool {
	for _, g := range d.Failures {
		if g.Result == result && (g.MX == "" || !fits(g.MX)) {
			return false
		}
	}
	return true
}

// Domains returns the domains by name, each with its failures, the most first.
func (s *Summary) Domains() []*Domain {
	var out []*Domain
	for _, d := range s.domains {
		d.Failures = d.Failures[:0]
		for _, g := range d.groups {
			d.Failures = append(d.Failures, g)
		}
		slices.SortFunc(d.Failures, func(a, b *Group) int {
			return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), strings.Compare(a.Result, b.Result), strings.Compare(a.MX, b.MX),
				strings.Compare(a.MTA, b.MTA), strings.Compare(a.Sender, b.Sender), strings.Compare(a.Reason, b.Reason))
		})
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *Domain) int { return strings.Compare(a.Name, b.Name) })
	return out
}

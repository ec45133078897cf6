package migrate

import (
	"slices"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/report"
)

// Settled reports whether the records of the stage are everywhere: no name server
// and no resolver that was asked has others, and no change of records is due that
// comes before the next stage.
func (r *Report) Settled() bool {
	if r.Unknown || r.Stage == NotKnown || r.Timing.Waits {
		return false
	}
	if r.Authority != nil && slices.ContainsFunc(r.Authority.Problems, func(p authority.Problem) bool { return p.Breaks || p.Kind == authority.Cached }) {
		return false
	}
	if !r.Stage.Moved() {
		return r.Go != nil && *r.Go
	}
	return !slices.ContainsFunc(r.Steps(PhaseNow), func(n int) bool {
		s := r.Plan.Steps[n-1]
		return s.ChangesRecords() || s.Action == report.ActionDecide
	})
}

// Changed lists the record sets of mail that two looks at a domain differ in, with
// the TTL of the older look. A lower TTL of the same records is a change, too:
// caches have the old one.
func Changed(before, now *Report) (list []TTL) {
	pairs := func(r *Report) []struct {
		q dnsrec.Query
		a kit.Answer
	} {
		inv := &r.Inventory
		return []struct {
			q dnsrec.Query
			a kit.Answer
		}{
			{dnsrec.Q(r.Domain, dnsrec.TypeMX), inv.MX}, {dnsrec.Q(r.Domain, dnsrec.TypeTXT), inv.TXT},
			{dnsrec.Q("autodiscover."+r.Domain, dnsrec.TypeCNAME), inv.Autodiscover},
		}
	}
	after := pairs(now)
	for i, b := range pairs(before) {
		a := after[i].a
		t := TTL{Query: b.q, Left: b.a.TTL}
		t.Zone, _ = zoneTTL(before.Authority, b.q)
		zone, known := zoneTTL(now.Authority, b.q)
		lowered := known && zone < t.Zone
		if b.a.Err == nil && a.Err == nil && (lowered || !sameAnswer(b.a, a)) {
			list = append(list, t)
		}
	}
	return list
}

// sameAnswer reports whether two record sets are equal; they have no order. The
// addresses behind an alias are not its owner's.
func sameAnswer(x, y kit.Answer) bool {
	a, b := x.Values, y.Values
	if len(x.CNAMEs) > 0 || len(y.CNAMEs) > 0 {
		a, b = x.CNAMEs[:min(1, len(x.CNAMEs))], y.CNAMEs[:min(1, len(y.CNAMEs))]
	}
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// Longest returns the longest time that is known.
func (t TTL) Longest() time.Duration { return max(t.Zone, t.Left) }

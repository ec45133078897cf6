package migrate

import (
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
)

// giveUp is how long senders keep a message that they cannot deliver: four to five
// days (RFC 5321 4.5.4.1).
const giveUp = 5 * 24 * time.Hour

// Timing is what caches and queues impose on a move.
type Timing struct {
	Sets      []TTL         // that the cut-over replaces
	Earliest  time.Time     // of a cut-over that is over soon, if the TTLs are lowered now
	Waits     bool          // Earliest is not now
	Unknown   bool          // nothing shows when a cut-over is safe
	OldServer time.Duration // after the cut-over, how long the old server must take mail
	KeepUntil time.Time     // OldServer after Earliest, or after now if mail arrives at Microsoft 365
	Settle    time.Duration // how long other caches may have what was published before the last change
	Negative  time.Duration // how long resolvers remember that a name does not exist; 0: not known
}

// TTL is how long caches keep a record set.
type TTL struct {
	dnsrec.Query
	Zone time.Duration // by the zone itself; 0: not known
	Left time.Duration // in the cache of the resolver that was asked
}

// timing works out when caches have forgotten the old records. A TTL that is high
// has to be lowered first, and then the old one has to pass.
func timing(r *Report, now time.Time) Timing {
	t := Timing{Earliest: now}
	if r.Authority != nil {
		t.Negative = r.Authority.Negative
	}
	for i, s := range r.Plan.Steps {
		if r.Phases[i] == PhaseCutover && len(s.Remove) > 0 {
			t.add(r, dnsrec.Q(s.Name, dnsrec.Type(s.Type)), now)
		}
	}
	t.pending(r.Authority, now)
	t.wait(now.Add(r.policyAge))
	t.wait(r.policyUntil)
	t.settle(r, now)
	t.Waits = t.Earliest.After(now)
	mx := TTL{Left: r.Inventory.MX.TTL}
	mx.Zone, _ = zoneTTL(r.Authority, dnsrec.Q(r.Domain, dnsrec.TypeMX))
	t.OldServer = mx.Longest() + giveUp
	t.KeepUntil = t.Earliest.Add(t.OldServer)
	return t
}

// now notes that nothing has to be waited for.
func (t *Timing) now(at time.Time) {
	t.Earliest, t.Waits, t.KeepUntil = at, false, at.Add(t.OldServer)
}

func (t *Timing) add(r *Report, q dnsrec.Query, now time.Time) {
	ttl := TTL{Query: q, Left: leftOf(r, q)}
	ttl.Zone, _ = zoneTTL(r.Authority, q)
	t.Sets = append(t.Sets, ttl)
	if high := ttl.Longest(); high > highTTL {
		t.wait(now.Add(high))
	}
}

// pending waits for caches that still have older records than the zone.
func (t *Timing) pending(a *authority.Report, now time.Time) {
	if a == nil {
		return
	}
	for _, p := range a.Problems {
		if p.Kind == authority.Cached {
			t.wait(now.Add(time.Duration(p.For) * time.Second))
		}
	}
}

// settle finds out how long caches may have what was published before the records
// that a cut-over depends on; steps that are still to be taken add that time.
func (t *Timing) settle(r *Report, now time.Time) {
	t.Settle = max(t.Negative, r.Inventory.TXT.TTL)
	if r.Authority != nil {
		for _, s := range r.Authority.Sets {
			t.Settle = max(t.Settle, s.TTL)
		}
	}
	for i, s := range r.Plan.Steps {
		if r.Phases[i] == PhaseNow && s.ChangesRecords() {
			ttl, _ := zoneTTL(r.Authority, dnsrec.Q(s.Name, dnsrec.Type(s.Type)))
			t.wait(now.Add(max(ttl, t.Negative, r.Inventory.TXT.TTL)))
		}
	}
}

func (t *Timing) wait(until time.Time) {
	if until.After(t.Earliest) {
		t.Earliest = until
	}
}

// leftOf returns how long the asked resolver keeps a record set that the cut-over
// replaces.
func leftOf(r *Report, q dnsrec.Query) time.Duration {
	inv := r.Inventory
	switch {
	case q == dnsrec.Q(r.Domain, dnsrec.TypeMX):
		return inv.MX.TTL
	case q.Type == dnsrec.TypeSRV:
		return inv.AutoSRV.TTL
	case q.Type == dnsrec.TypeAAAA:
		return inv.AutoAAAA.TTL
	case q.Type == dnsrec.TypeA || q.Type == dnsrec.TypeCNAME && len(inv.Autodiscover.CNAMEs) > 0:
		return inv.Autodiscover.TTL
	}
	return 0
}

// zoneTTL returns the TTL of a record set by its zone. That of an alias is known
// by the question for an address.
func zoneTTL(a *authority.Report, q dnsrec.Query) (time.Duration, bool) {
	if q.Type == dnsrec.TypeCNAME {
		q.Type = dnsrec.TypeA
	}
	return a.TTL(q)
}

// Questions returns the record sets of a domain that its name servers must agree
// on.
func Questions(domain string, selectors []string) (qs []dnsrec.Query) {
	add := func(prefix string, types ...dnsrec.Type) {
		for _, t := range types {
			qs = append(qs, dnsrec.Q(prefix+domain, t))
		}
	}
	add("", dnsrec.TypeMX, dnsrec.TypeTXT, dnsrec.TypeNS)
	add("_dmarc.", dnsrec.TypeTXT)
	for _, s := range unique(append(kit.Selectors(), selectors...)) {
		add(s+"._domainkey.", dnsrec.TypeTXT)
	}
	add("autodiscover.", dnsrec.TypeA, dnsrec.TypeAAAA)
	add("_autodiscover._tcp.", dnsrec.TypeSRV)
	add("_mta-sts.", dnsrec.TypeTXT)
	add("mta-sts.", dnsrec.TypeA)
	add("_smtp._tls.", dnsrec.TypeTXT)
	return qs
}

func unique[T comparable](list []T) (out []T) {
	seen := map[T]bool{}
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

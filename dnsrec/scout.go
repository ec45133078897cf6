package dnsrec

import "slices"

// parked is a question of a domain that has answered none yet, and what is left to do
// for it.
type parked struct {
	place int
	rest  finisher
}

// scouts reports whether another question is asked to the end before the one at a
// place is: of a domain that has answered nothing, one is enough to see whether it
// ever does. Else it may be the scout itself.
func (b *Budget) scouts(place int) bool {
	switch {
	case !b.clock.deaf.Load(), b.clock.mute.Load(), !Within(b.asked[place].Name, b.asked[0].Name):
		return false
	case slices.ContainsFunc(b.urgent, func(u urgent) bool { return u.place == place }):
		return false
	case b.scouting:
		return true
	}
	b.scouting, b.scout = true, place
	return false
}

// scouted goes on with the parked questions, once the scout has landed: asked again
// only if the domain has answered something.
func (b *Budget) scouted(e *entry, inbox chan<- func()) {
	if k := KindOf(e.err); b.clock.deaf.Load() && (k == KindTimeout || k == KindServFail) {
		b.clock.mute.Store(true)
	}
	waiting := b.parked
	b.scouting, b.parked = false, nil
	for _, p := range waiting {
		b.finish(p.place, p.rest, inbox)
	}
}

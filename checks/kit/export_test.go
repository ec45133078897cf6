package kit

// First returns the first question that a gather missed, with those that only go
// out beside it. All that the gather asked up to there was decided by answers.
func (m *Missed) First() *Missed {
	first := &Missed{wanted: m.wanted}
	switch {
	case len(m.dns) > 0:
		first.dns = m.dns[:1]
		if m.within != nil {
			first.within = m.within[:1]
		}
	case len(m.slow) > 0:
		first.slow = m.slow[:1]
	}
	return first
}

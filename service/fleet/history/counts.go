package history

import (
	"context"
	"time"
)

// Counts says how much is watched, and how it is.
type Counts struct {
	Domains int
	Overdue int       // without a result that is not stale
	Last    time.Time // when the latest result was made; zero: there is none

	Problems, Accepted int // that are confirmed: these, and those accepted
	Disagreements      int // that are not accepted
	Pending            int // events that nobody has been told of
}

// Counts counts at a moment.
func (s *Store) Counts(ctx context.Context, now time.Time) (c Counts, err error) {
	var last int64
	err = s.db.QueryRowContext(ctx, s.text(`SELECT (SELECT count(*) FROM watched),
		(SELECT count(*) FROM watched WHERE domain NOT IN (SELECT domain FROM results WHERE at >= ?)),
		(SELECT coalesce(max(at), 0) FROM results),
		(SELECT count(*) FROM problems WHERE until = ''), (SELECT count(*) FROM problems WHERE until <> ''),
		(SELECT count(*) FROM disagreements WHERE until = ''), (SELECT count(*) FROM events WHERE sent = 0)`), s.since(now).Unix()).
		Scan(&c.Domains, &c.Overdue, &last, &c.Problems, &c.Accepted, &c.Disagreements, &c.Pending)
	if last > 0 {
		c.Last = time.Unix(last, 0).UTC()
	}
	return c, err
}

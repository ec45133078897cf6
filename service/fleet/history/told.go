package history

import (
	"context"
	"strings"
	"time"
)

// Pending returns up to n events that nobody has been told of, the oldest first.
func (s *Store) Pending(ctx context.Context, n int) ([]Event, error) {
	return s.events(ctx, "WHERE sent = 0 ORDER BY id LIMIT ?", n)
}

// Current returns up to n events, the latest first, whose problem or disagreement
// is still there.
func (s *Store) Current(ctx context.Context, n int) ([]Event, error) {
	return s.events(ctx, "WHERE id IN (SELECT event FROM problems UNION SELECT event FROM disagreements) ORDER BY id DESC LIMIT ?", n)
}

// Ended returns up to n events, the latest first, that say since a time that
// something is over, or is no alert any more.
func (s *Store) Ended(ctx context.Context, since time.Time, n int) ([]Event, error) {
	return s.events(ctx, "WHERE at >= ? AND kind IN (?, ?, ?, ?) ORDER BY id DESC LIMIT ?", since.Unix(),
		KindFixed, KindAgree, KindAccepted, KindDisagreeAccepted, n)
}

// events returns those that a condition selects.
func (s *Store) events(ctx context.Context, where string, args ...any) (list []Event, err error) {
	rows, err := s.db.QueryContext(ctx, s.text("SELECT "+eventColumns+" FROM events "+where), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Event
		if err := scanEvent(rows.Scan, &e); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// eventColumns are those that [scanEvent] reads.
const eventColumns = `id, at, domain, site, kind, "check", code, subject, seen_at, not_seen_at, status, until, reason,
	coalesce((SELECT tags FROM watched WHERE watched.domain = events.domain), '')`

func scanEvent(scan scanner, e *Event) error {
	var at int64
	var present, absent, tagged string
	var x Exception
	err := scan(&e.ID, &at, &e.Domain, &e.Site, &e.Kind, &e.Check, &e.Code, &e.Subject, &present, &absent, &e.Status, &x.Until, &x.Reason, &tagged)
	e.At = time.Unix(at, 0).UTC()
	e.Present, e.Absent, e.Tags = sitesOf(present), sitesOf(absent), tagsOf(tagged)
	if x.Until != "" {
		e.Exception = &x
	}
	return err
}

// sitesOf reads a list of sites.
func sitesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// Sent notes that all pending events up to an ID have been told.
func (s *Store) Sent(ctx context.Context, id int64) error {
	_, err := s.db.ExecContext(ctx, s.text("UPDATE events SET sent = 1 WHERE sent = 0 AND id <= ?"), id)
	return err
}

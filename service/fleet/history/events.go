package history

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"maildiag/service/fleet/drift"
)

// The kinds of events.
const (
	KindProblem = "problem" // it is new
	KindFixed   = "fixed"
)

// Event is a change that was confirmed.
type Event struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Domain string    `json:"domain"`
	Site   string    `json:"site"` // whose look confirmed it
	Kind   string    `json:"kind"`
	drift.Problem
}

// addChanges notes what a look says about each problem, and makes the events. The
// first result of a check is the state from which its changes are counted.
func addChanges(ctx context.Context, tx *sql.Tx, r Result, look drift.Look) error {
	based, err := baselines(ctx, tx, r.Domain)
	if err != nil {
		return err
	}
	all, err := problems(ctx, tx, r.Domain)
	if err != nil {
		return err
	}
	all = append(all, look.Problems()...)
	slices.SortFunc(all, drift.Compare)
	for _, p := range slices.Compact(all) {
		if err := addChange(ctx, tx, r, look, p, !based[p.Check]); err != nil {
			return err
		}
	}
	for _, check := range look.Judged() {
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO baselines VALUES (?, ?)`, r.Domain, check); err != nil {
			return err
		}
	}
	return nil
}

// baselines returns the checks that have had a result for a domain.
func baselines(ctx context.Context, tx *sql.Tx, domain string) (map[string]bool, error) {
	rows, err := tx.QueryContext(ctx, `SELECT "check" FROM baselines WHERE domain = ?`, domain)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	based := map[string]bool{}
	for rows.Next() {
		var check string
		if err := rows.Scan(&check); err != nil {
			return nil, err
		}
		based[check] = true
	}
	return based, rows.Err()
}

// addChange notes what a look says about one problem.
func addChange(ctx context.Context, tx *sql.Tx, r Result, look drift.Look, p drift.Problem, first bool) error {
	present, can := look.Says(p)
	if !can {
		return nil
	}
	if err := addSighting(ctx, tx, r, p, present); err != nil {
		return err
	}
	var was bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM problems WHERE domain = ? AND "check" = ? AND code = ? AND subject = ?)`,
		r.Domain, p.Check, p.Code, p.Subject).Scan(&was); err != nil {
		return err
	}
	sites, err := sightings(ctx, tx, r.Domain, p)
	if err != nil {
		return err
	}
	open := first && present || drift.Open(was, sites)
	if open == was {
		return nil
	}
	change, kind := `INSERT INTO problems VALUES (?, ?, ?, ?)`, KindProblem
	if !open {
		change, kind = `DELETE FROM problems WHERE domain = ? AND "check" = ? AND code = ? AND subject = ?`, KindFixed
	}
	if _, err := tx.ExecContext(ctx, change, r.Domain, p.Check, p.Code, p.Subject); err != nil || first {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO events (at, domain, site, kind, "check", code, subject) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.At.Unix(), r.Domain, r.Site, kind, p.Check, p.Code, p.Subject)
	return err
}

// addSighting counts what the site of r says about a problem.
func addSighting(ctx context.Context, tx *sql.Tx, r Result, p drift.Problem, present bool) error {
	var old drift.Sighting
	err := tx.QueryRowContext(ctx, `SELECT present, streak FROM sightings WHERE domain = ? AND "check" = ? AND code = ? AND subject = ? AND site = ?`,
		r.Domain, p.Check, p.Code, p.Subject, r.Site).Scan(&old.Present, &old.Streak)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	next := old.Next(present)
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO sightings (domain, site, "check", code, subject, present, streak) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.Domain, r.Site, p.Check, p.Code, p.Subject, next.Present, next.Streak)
	return err
}

// sightings returns what each site says about a problem.
func sightings(ctx context.Context, tx *sql.Tx, domain string, p drift.Problem) (list []drift.Sighting, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT present, streak FROM sightings WHERE domain = ? AND "check" = ? AND code = ? AND subject = ?`,
		domain, p.Check, p.Code, p.Subject)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one drift.Sighting
		if err := rows.Scan(&one.Present, &one.Streak); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// problems returns the problems that a domain has or had.
func problems(ctx context.Context, tx *sql.Tx, domain string) (list []drift.Problem, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT "check", code, subject FROM sightings WHERE domain = ?`, domain)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p drift.Problem
		if err := rows.Scan(&p.Check, &p.Code, &p.Subject); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// Pending returns up to n events that nobody has been told of, the oldest first.
func (s *Store) Pending(ctx context.Context, n int) (list []Event, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, at, domain, site, kind, "check", code, subject FROM events WHERE sent = 0 ORDER BY id LIMIT ?`, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.ID, &at, &e.Domain, &e.Site, &e.Kind, &e.Check, &e.Code, &e.Subject); err != nil {
			return nil, err
		}
		e.At = time.Unix(at, 0).UTC()
		list = append(list, e)
	}
	return list, rows.Err()
}

// Sent notes that all pending events up to an ID have been told.
func (s *Store) Sent(ctx context.Context, id int64) error {
	_, err := s.db.ExecContext(ctx, "UPDATE events SET sent = 1 WHERE sent = 0 AND id <= ?", id)
	return err
}

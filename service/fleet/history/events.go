package history

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"maildiag/service/fleet/drift"
)

// The kinds of events.
const (
	KindProblem = "problem" // it is new
	KindFixed   = "fixed"

	KindDisagree = "sites-disagree" // each has confirmed what it sees
	KindAgree    = "sites-agree"
)

// Event is a change that was confirmed.
type Event struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Domain string    `json:"domain"`
	Site   string    `json:"site"` // whose look confirmed it
	Kind   string    `json:"kind"`
	drift.Problem

	Present []string `json:"seen_at,omitempty"`     // sites that see the problem
	Absent  []string `json:"not_seen_at,omitempty"` // and those that do not
}

// addChanges notes what a look says about each problem, and makes the events. The
// first result of a check is the state from which its changes are counted.
func (s *Store) addChanges(ctx context.Context, tx transaction, r Result, look drift.Look) error {
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
		if err := s.addChange(ctx, tx, r, look, p, !based[p.Check]); err != nil {
			return err
		}
	}
	for _, check := range look.Judged() {
		if err := tx.exec(ctx, `INSERT INTO baselines VALUES (?, ?) ON CONFLICT DO NOTHING`, r.Domain, check); err != nil {
			return err
		}
	}
	return nil
}

// baselines returns the checks that have had a result for a domain.
func baselines(ctx context.Context, tx transaction, domain string) (map[string]bool, error) {
	rows, err := tx.query(ctx, `SELECT "check" FROM baselines WHERE domain = ?`, domain)
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
func (s *Store) addChange(ctx context.Context, tx transaction, r Result, look drift.Look, p drift.Problem, first bool) error {
	present, can := look.Says(p)
	if !can {
		return nil
	}
	if err := addSighting(ctx, tx, r, p, present); err != nil {
		return err
	}
	sites, err := s.sightings(ctx, tx, r, p)
	if err != nil {
		return err
	}
	list := slices.Collect(maps.Values(sites))
	for _, x := range []struct {
		table, begins, ends string
		is                  func(was bool) bool
	}{
		{"problems", KindProblem, KindFixed, func(was bool) bool { return first && present || drift.Open(was, list) }},
		{"disagreements", KindDisagree, KindAgree, func(was bool) bool { return drift.Disagree(was, list) }},
	} {
		now, changed, err := change(ctx, tx, x.table, r.Domain, p, x.is)
		if err == nil && changed && !first {
			err = addEvent(ctx, tx, r, map[bool]string{true: x.begins, false: x.ends}[now], p, sites)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// change makes a problem one of a table or not, as is decides, and reports whether
// it is one now and was not, or the reverse.
func change(ctx context.Context, tx transaction, table, domain string, p drift.Problem, is func(was bool) bool) (now, changed bool, err error) {
	const this = ` WHERE domain = ? AND "check" = ? AND code = ? AND subject = ?`
	var was bool
	key := []any{domain, p.Check, p.Code, p.Subject}
	if err := tx.row(ctx, `SELECT EXISTS (SELECT 1 FROM `+table+this+`)`, key...).Scan(&was); err != nil {
		return false, false, err
	}
	switch now = is(was); {
	case now && !was:
		err = tx.exec(ctx, `INSERT INTO `+table+` VALUES (?, ?, ?, ?)`, key...)
	case was && !now:
		err = tx.exec(ctx, `DELETE FROM `+table+this, key...)
	}
	return now, now != was, err
}

// addEvent adds an event.
func addEvent(ctx context.Context, tx transaction, r Result, kind string, p drift.Problem, sites map[string]drift.Sighting) error {
	var present, absent []string
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		if sites[site].Present {
			present = append(present, site)
		} else {
			absent = append(absent, site)
		}
	}
	return tx.exec(ctx, `INSERT INTO events (at, domain, site, kind, "check", code, subject, seen_at, not_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.At.Unix(), r.Domain, r.Site, kind, p.Check, p.Code, p.Subject, strings.Join(present, ","), strings.Join(absent, ","))
}

// addSighting counts what the site of r says about a problem.
func addSighting(ctx context.Context, tx transaction, r Result, p drift.Problem, present bool) error {
	var old drift.Sighting
	err := tx.row(ctx, `SELECT present, streak FROM sightings WHERE domain = ? AND "check" = ? AND code = ? AND subject = ? AND site = ?`,
		r.Domain, p.Check, p.Code, p.Subject, r.Site).Scan(&old.Present, &old.Streak)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	next, number := old.Next(present), 0
	if next.Present {
		number = 1
	}
	return tx.exec(ctx, `INSERT INTO sightings (domain, site, "check", code, subject, present, streak, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (domain, "check", code, subject, site) DO UPDATE SET present = excluded.present, streak = excluded.streak, at = excluded.at`,
		r.Domain, r.Site, p.Check, p.Code, p.Subject, number, next.Streak, r.At.Unix())
}

// sightings returns what each site says about a problem, if it is not stale.
func (s *Store) sightings(ctx context.Context, tx transaction, r Result, p drift.Problem) (map[string]drift.Sighting, error) {
	since := int64(math.MinInt64)
	if s.Stale > 0 {
		since = r.At.Add(-s.Stale).Unix()
	}
	rows, err := tx.query(ctx, `SELECT site, present, streak FROM sightings WHERE domain = ? AND "check" = ? AND code = ? AND subject = ? AND at >= ?`,
		r.Domain, p.Check, p.Code, p.Subject, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := map[string]drift.Sighting{}
	for rows.Next() {
		var site string
		var one drift.Sighting
		if err := rows.Scan(&site, &one.Present, &one.Streak); err != nil {
			return nil, err
		}
		list[site] = one
	}
	return list, rows.Err()
}

// problems returns the problems that a domain has or had. One that is open may have
// no sighting left: its site is not asked any more.
func problems(ctx context.Context, tx transaction, domain string) (list []drift.Problem, err error) {
	const of = `SELECT "check", code, subject FROM `
	rows, err := tx.query(ctx, of+`sightings WHERE domain = ? UNION `+of+`problems WHERE domain = ? UNION `+of+`disagreements WHERE domain = ?`,
		domain, domain, domain)
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
	rows, err := s.db.QueryContext(ctx, s.text(`SELECT id, at, domain, site, kind, "check", code, subject, seen_at, not_seen_at
		FROM events WHERE sent = 0 ORDER BY id LIMIT ?`), n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Event
		var at int64
		var present, absent string
		if err := rows.Scan(&e.ID, &at, &e.Domain, &e.Site, &e.Kind, &e.Check, &e.Code, &e.Subject, &present, &absent); err != nil {
			return nil, err
		}
		e.At = time.Unix(at, 0).UTC()
		e.Present, e.Absent = sitesOf(present), sitesOf(absent)
		list = append(list, e)
	}
	return list, rows.Err()
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

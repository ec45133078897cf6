// Package history keeps what was found about domains, in SQLite or PostgreSQL. Work is done at
// least once and counted once: the same result of a run may arrive any number of
// times. Findings are kept when they change; equal ones are only counted.
package history

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/drift"
	"maildiag/service/fleet/facts"
	"maildiag/service/fleet/lock"
)

// Store is a history. It is safe for any number of goroutines.
type Store struct {
	// Stale is how old what a site says about a problem may be to count still; 0: any
	// age. It must not change while the store is used.
	Stale time.Duration

	exceptions atomic.Pointer[Exceptions]
	board      board

	db   *sql.DB
	lock *os.File // of the file of SQLite
	dialect
}

// Result is what a run found about a domain from a site.
type Result struct {
	Run, Domain, Site string
	At                time.Time
	Verdict           report.Verdict
	End               *report.End // decides what the verdict is without what is accepted
	Findings          []report.Finding
}

// Span is a time in which nothing changed.
type Span struct {
	Site        string
	First, Last time.Time
	Seen        int // results
	Verdict     report.Verdict
	Findings    []report.Finding // of the first result
}

// Open opens the history in a file of SQLite, which it creates if it is missing,
// or at a URL of PostgreSQL. A file is opened by one process at a time, else
// [lock.ErrTaken]: two lists would make each other forget their domains. It may be read
// meanwhile.
func Open(ctx context.Context, name string) (_ *Store, err error) {
	s := &Store{}
	if !IsURL(name) {
		if s.lock, err = lock.Take(name + ".lock"); err != nil {
			return nil, err
		}
	}
	if s.db, s.dialect, err = connect(name); err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the database.
func (s *Store) Close() (err error) {
	if s.db != nil {
		err = s.db.Close()
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// Add records a result whole or not at all. It reports whether the result is new.
func (s *Store) Add(ctx context.Context, r Result) (added bool, err error) {
	n, err := s.AddAll(ctx, []Result{r})
	return n > 0, err
}

// AddAll records results, all or none. It returns how many of them are new.
func (s *Store) AddAll(ctx context.Context, list []Result) (added int, err error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	for _, r := range list {
		fresh, err := s.add(ctx, tx, r)
		if err != nil {
			return 0, err
		}
		if fresh {
			added++
		}
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Domain
	}
	return added, s.commit(ctx, tx, names...)
}

func (s *Store) add(ctx context.Context, tx transaction, r Result) (added bool, err error) {
	var one int
	err = tx.row(ctx, "SELECT 1 FROM results WHERE run = ? AND domain = ? AND site = ?", r.Run, r.Domain, r.Site).Scan(&one)
	if err == nil {
		return false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	span, err := addSpan(ctx, tx, r, s.remaining(r))
	if err != nil {
		return false, err
	}
	if err := tx.exec(ctx, "INSERT INTO results VALUES (?, ?, ?, ?, ?)", r.Run, r.Domain, r.Site, r.At.Unix(), span); err != nil {
		return false, err
	}
	return true, s.addChanges(ctx, tx, r, drift.Read(r.Findings))
}

// addSpan counts the result in the latest span if it is equal and as much of it is
// accepted, or begins another.
func addSpan(ctx context.Context, tx transaction, r Result, remaining report.Verdict) (id int64, err error) {
	sum := digest(r)
	err = tx.row(ctx, `UPDATE spans SET seen = seen + 1, first = CASE WHEN first < ?1 THEN first ELSE ?1 END, last = CASE WHEN last > ?1 THEN last ELSE ?1 END
		WHERE id = (SELECT max(id) FROM spans WHERE domain = ?2 AND site = ?3) AND digest = ?4
		AND coalesce((SELECT remaining FROM remainders WHERE span = spans.id), '') = ?5 RETURNING id`,
		r.At.Unix(), r.Domain, r.Site, sum, string(remaining)).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	// An exception alone does not change since when the domain is as it is.
	var since int64
	err = tx.row(ctx, `SELECT coalesce(nullif((SELECT since FROM remainders WHERE span = spans.id), 0), first) FROM spans
		WHERE id = (SELECT max(id) FROM spans WHERE domain = ? AND site = ?) AND digest = ?`, r.Domain, r.Site, sum).Scan(&since)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	findings, err := json.Marshal(r.Findings)
	if err != nil {
		return 0, err
	}
	err = tx.row(ctx, `INSERT INTO spans (domain, site, first, last, seen, verdict, digest, findings)
		VALUES (?1, ?2, ?3, ?3, 1, ?4, ?5, ?6) RETURNING id`,
		r.Domain, r.Site, r.At.Unix(), string(r.Verdict), sum, findings).Scan(&id)
	if err == nil && (remaining != "" || since > 0) {
		err = tx.exec(ctx, "INSERT INTO remainders VALUES (?, ?, ?)", id, string(remaining), since)
	}
	return id, err
}

// digest is the same for results that say the same in other words, or at another
// time: numbers such as days left do not count, and of the evidence only the
// records.
func digest(r Result) []byte {
	lines := []string{string(r.Verdict)}
	for i := range r.Findings {
		f := &r.Findings[i]
		lines = append(lines, fmt.Sprintf("%q %q %d %q %q", f.Check, f.Code, f.Status, f.Cause, f.Subject))
	}
	slices.Sort(lines[1:])
	h := sha256.New()
	for _, l := range slices.Concat(slices.Compact(lines), facts.Of(r.Domain, r.Findings).Lines()) {
		fmt.Fprintln(h, l)
	}
	return h.Sum(nil)
}

// Spans returns the history of a domain, the oldest first.
func (s *Store) Spans(ctx context.Context, domain string) ([]Span, error) {
	return s.spans(ctx, "WHERE domain = ? ORDER BY id", domain)
}

// spans returns those that a condition selects.
func (s *Store) spans(ctx context.Context, where string, args ...any) (list []Span, err error) {
	rows, err := s.db.QueryContext(ctx, s.text("SELECT site, first, last, seen, verdict, findings FROM spans "+where), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one Span
		var first, last int64
		var findings []byte
		if err := rows.Scan(&one.Site, &first, &last, &one.Seen, &one.Verdict, &findings); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(findings, &one.Findings); err != nil {
			return nil, err
		}
		one.First, one.Last = time.Unix(first, 0).UTC(), time.Unix(last, 0).UTC()
		list = append(list, one)
	}
	return list, rows.Err()
}

// Watch makes domains the ones that are watched, from sites. What is known about
// changes of all others is deleted: if they return, their first results are a new
// start. What was found about them stays until it expires.
func (s *Store) Watch(ctx context.Context, domains, sites []string) error {
	names, err := json.Marshal(domains)
	if err != nil {
		return err
	}
	from, err := json.Marshal(sites)
	if err != nil {
		return err
	}
	tx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	changed := int64(0)
	for _, x := range []struct{ table, column, list string }{
		{"watched", "domain", string(names)}, {"sightings", "domain", string(names)}, {"baselines", "domain", string(names)},
		{"problems", "domain", string(names)}, {"disagreements", "domain", string(names)},
		{"sightings", "site", string(from)}, {"sites", "site", string(from)},
	} {
		n, err := tx.change(ctx, "DELETE FROM "+x.table+" WHERE "+x.column+" NOT IN {list}", x.list)
		if err != nil {
			return err
		}
		changed += n
	}
	for table, list := range map[string]string{"watched (domain)": string(names), "sites (site)": string(from)} {
		n, err := tx.change(ctx, "INSERT INTO "+table+" SELECT value FROM {list} AS l WHERE true ON CONFLICT DO NOTHING", list)
		if err != nil {
			return err
		}
		changed += n
	}
	if changed == 0 {
		return tx.Commit()
	}
	return s.commit(ctx, tx)
}

// Expire drops what ended before a time. The latest span of a watched domain at a
// site is kept, however old: it is the present state.
func (s *Store) Expire(ctx context.Context, before time.Time) error {
	tx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	const latest = "SELECT max(id) FROM spans WHERE domain IN (SELECT domain FROM watched) GROUP BY domain, site"
	for _, drop := range []string{
		"DELETE FROM results WHERE at < ?",
		"DELETE FROM remainders WHERE span IN (SELECT id FROM spans WHERE last < ? AND id NOT IN (" + latest + "))",
		"DELETE FROM spans WHERE last < ? AND id NOT IN (" + latest + ")",
		"DELETE FROM events WHERE at < ? AND sent = 1 AND id NOT IN (SELECT event FROM problems UNION SELECT event FROM disagreements)",
	} {
		if err := tx.exec(ctx, drop, before.Unix()); err != nil {
			return err
		}
	}
	if before.Before(time.Now().Add(-(Days + 1) * day)) { // no strip has these days
		return tx.Commit()
	}
	return s.commit(ctx, tx)
}

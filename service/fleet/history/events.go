package history

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"maildiag/service/fleet/drift"
	"maildiag/service/fleet/tags"
)

// The kinds of events.
const (
	KindProblem = "problem" // it is new
	KindFixed   = "fixed"

	KindDisagree = "sites-disagree" // each has confirmed what it sees
	KindAgree    = "sites-agree"

	KindAccepted         = "accepted" // what was told is an exception now
	KindDisagreeAccepted = "sites-disagree-accepted"
)

// Event is a change that was confirmed.
type Event struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Domain string    `json:"domain"`
	Site   string    `json:"site"` // whose look confirmed it
	Kind   string    `json:"kind"`
	Status string    `json:"status,omitempty"` // of the problem when it was confirmed: fail or warn
	drift.Problem

	Present []string `json:"seen_at,omitempty"`     // sites that see the problem
	Absent  []string `json:"not_seen_at,omitempty"` // and those that do not

	Exception *Exception `json:"exception,omitempty"` // that begins, or that was before the event
	Tags      tags.Tags  `json:"tags,omitempty"`      // of the domain now
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
	if err := addAbsent(ctx, tx, r, without(look.Problems(), all)); err != nil {
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
	status := ""
	if present {
		status = look.Present[p].String()
	}
	e := Event{At: r.At, Domain: r.Domain, Site: r.Site, Problem: p}
	e.Present, e.Absent = sides(sites)
	problem := change{table: problemTable(), status: status, exception: s.exception(r.Domain, p.Code, r.At)}
	disagree := change{table: disagreeTable(), exception: problem.exception}
	if err := problem.note(ctx, tx, e, first, func(was bool) bool { return first && present || drift.Open(was, list) }); err != nil {
		return err
	}
	return disagree.note(ctx, tx, e, first, func(was bool) bool { return drift.Disagree(was, list) })
}

// table is one of open problems, and the kinds of events about its rows.
type table struct{ name, begins, ends, accepted string }

func problemTable() table { return table{"problems", KindProblem, KindFixed, KindAccepted} }

func disagreeTable() table {
	return table{"disagreements", KindDisagree, KindAgree, KindDisagreeAccepted}
}

// row is the condition of the row of an event.
const row = ` WHERE domain = ? AND "check" = ? AND code = ? AND subject = ?`

func (e *Event) key() []any { return []any{e.Domain, e.Check, e.Code, e.Subject} }

// change is what a look may make of one row.
type change struct {
	table
	status    string
	exception *Exception // nil: it is not accepted
}

// note makes the problem of an event one of the table or not, as is decides, and
// adds the event if that is a change to be told.
func (c *change) note(ctx context.Context, tx transaction, e Event, first bool, is func(was bool) bool) error {
	var until string
	err := tx.row(ctx, `SELECT status, until FROM `+c.name+row, e.key()...).Scan(&e.Status, &until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	was := err == nil
	now := is(was)
	switch {
	case now && !was:
		e.Kind, e.Status = c.begins, c.status
		x := cmp.Or(c.exception, &Exception{})
		err = tx.exec(ctx, `INSERT INTO `+c.name+` (domain, "check", code, subject, status, until, reason) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			append(e.key(), e.Status, x.Until, x.Reason)...)
		until = x.Until
	case was && !now:
		e.Kind = c.ends
		err = tx.exec(ctx, `DELETE FROM `+c.name+row, e.key()...)
	default:
		return nil
	}
	if err != nil || first || until != "" {
		return err
	}
	return c.tell(ctx, tx, e)
}

// tell adds an event, which is that of its row if there is one.
func (t *table) tell(ctx context.Context, tx transaction, e Event) error {
	id, err := addEvent(ctx, tx, e)
	if err != nil || e.Kind != t.begins {
		return err
	}
	return tx.exec(ctx, `UPDATE `+t.name+` SET event = ?`+row, append([]any{id}, e.key()...)...)
}

// addEvent adds an event and returns its ID.
func addEvent(ctx context.Context, tx transaction, e Event) (id int64, err error) {
	x := cmp.Or(e.Exception, &Exception{})
	err = tx.row(ctx, `INSERT INTO events (at, domain, site, kind, "check", code, subject, seen_at, not_seen_at, status, until, reason)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, e.At.Unix(), e.Domain, e.Site, e.Kind, e.Check, e.Code, e.Subject,
		strings.Join(e.Present, ","), strings.Join(e.Absent, ","), e.Status, x.Until, x.Reason).Scan(&id)
	return id, err
}

// sides returns the sites that see a problem and those that do not.
func sides(sites map[string]drift.Sighting) (present, absent []string) {
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		if sites[site].Present {
			present = append(present, site)
		} else {
			absent = append(absent, site)
		}
	}
	return present, absent
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

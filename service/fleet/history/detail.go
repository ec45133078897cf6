package history

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"maildiag/service/fleet/drift"
)

// Detail is what the history has of one domain.
type Detail struct {
	Domain
	Problems []OpenProblem
	Spans    []Span  // the latest ones, the oldest first
	Events   []Event // the latest ones, the latest first
}

// OpenProblem is a problem that is confirmed and still there.
type OpenProblem struct {
	drift.Problem
	Status    string     `json:"status,omitempty"`
	Since     string     `json:"since,omitempty"` // when it was told last; empty: it was there at the start
	Exception *Exception `json:"accepted,omitempty"`
}

// The bounds of a detail.
const (
	maxSpans  = 200
	maxEvents = 500
)

// Detail returns what is known of a domain; nil: it is not watched.
func (s *Store) Detail(ctx context.Context, domain string, now time.Time) (*Detail, error) {
	list, err := s.domains(ctx, now.UTC().Truncate(day), []string{domain})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	d := &Detail{Domain: *list[0]}
	d.judge(s.Stale, now)
	var err1, err2, err3 error
	d.Problems, err1 = s.openProblems(ctx, domain)
	d.Spans, err2 = s.spans(ctx, "WHERE domain = ? ORDER BY id DESC LIMIT ?", domain, maxSpans)
	d.Events, err3 = s.events(ctx, "WHERE domain = ? ORDER BY id DESC LIMIT ?", domain, maxEvents)
	slices.Reverse(d.Spans)
	return d, errors.Join(err1, err2, err3)
}

// Changes returns up to n events, the latest first.
func (s *Store) Changes(ctx context.Context, n int) ([]Event, error) {
	return s.events(ctx, "ORDER BY id DESC LIMIT ?", n)
}

// openProblems returns the problems of a domain, by check.
func (s *Store) openProblems(ctx context.Context, domain string) (list []OpenProblem, err error) {
	rows, err := s.db.QueryContext(ctx, s.text(`SELECT p."check", p.code, p.subject, p.status, p.until, p.reason,
			(SELECT max(e.at) FROM events e WHERE e.domain = p.domain AND e."check" = p."check" AND e.code = p.code AND e.subject = p.subject AND e.kind = ?)
		FROM problems p WHERE p.domain = ?`), KindProblem, domain)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p OpenProblem
		var x Exception
		var at sql.NullInt64
		if err := rows.Scan(&p.Check, &p.Code, &p.Subject, &p.Status, &x.Until, &x.Reason, &at); err != nil {
			return nil, err
		}
		if x.Until != "" {
			p.Exception = &x
		}
		if at.Valid {
			p.Since = time.Unix(at.Int64, 0).UTC().Format(time.RFC3339)
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b OpenProblem) int { return drift.Compare(a.Problem, b.Problem) })
	return list, rows.Err()
}

package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/drift"
)

// Exception says until when a problem is accepted, and why.
type Exception struct {
	Until  string `json:"until"` // the last day (2026-12-31), or [Never]
	Reason string `json:"reason"`
}

// Never is the last day of an exception that does not end.
const Never = "never"

// Text says until when: "until 2026-12-31".
func (x *Exception) Text() string {
	if x.Until == Never {
		return "without an end"
	}
	return "until " + x.Until
}

// Exceptions returns the exception that a finding of a domain has at a time; nil:
// it has none.
type Exceptions func(domain, code string, now time.Time) *Exception

// exception returns that of the present list.
func (s *Store) exception(domain, code string, now time.Time) *Exception {
	if list := s.exceptions.Load(); list != nil {
		return (*list)(domain, code, now)
	}
	return nil
}

// AllAccepted stands for the verdict of what remains where all that is wrong is
// accepted.
const AllAccepted report.Verdict = "accepted"

// remaining returns the verdict of what is not accepted of a result; empty: nothing of
// it is accepted.
func (s *Store) remaining(r Result) report.Verdict {
	if s.exceptions.Load() == nil {
		return ""
	}
	var c report.Counts
	accepted := false
	for _, f := range r.Findings {
		if (f.Status == report.Fail || f.Status == report.Warn) && s.exception(r.Domain, f.Code, r.At) != nil {
			f.Status, accepted = report.Info, true
		}
		c.Add(&f)
	}
	v := cmp.Or(r.End, &report.End{}).Verdict(c)
	switch {
	case !accepted:
		return ""
	case v == report.Ready || v == report.NoMail:
		return AllAccepted
	}
	return v
}

// Accept makes a list the one of the exceptions; nil: there are none. An event says
// that a problem that was told is accepted now. A problem that is still there when
// its exception ends has the event of a new one.
func (s *Store) Accept(ctx context.Context, list Exceptions, now time.Time) error {
	s.exceptions.Store(nil)
	if list != nil {
		s.exceptions.Store(&list)
	}
	tx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var changed []string
	for _, t := range []table{problemTable(), disagreeTable()} {
		rows, err := s.reconsidered(ctx, tx, t, now)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := r.write(ctx, tx, t, now); err != nil {
				return err
			}
			changed = append(changed, r.Domain)
		}
	}
	if len(changed) == 0 {
		return tx.Commit()
	}
	return s.commit(ctx, tx, changed...)
}

// accepted is a row of a table of problems whose exception changes.
type accepted struct {
	Event
	told     bool
	old, now Exception // zero: none
}

// reconsidered returns the rows whose exceptions have changed.
func (s *Store) reconsidered(ctx context.Context, tx transaction, t table, now time.Time) (list []accepted, err error) {
	query := `SELECT domain, "check", code, subject, status, event > 0, until, reason FROM ` + t.name
	if s.exceptions.Load() == nil {
		query += " WHERE until <> ''"
	}
	rows, err := tx.query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a accepted
		if err := rows.Scan(&a.Domain, &a.Check, &a.Code, &a.Subject, &a.Status, &a.told, &a.old.Until, &a.old.Reason); err != nil {
			return nil, err
		}
		if x := s.exception(a.Domain, a.Code, now); x != nil {
			a.now = *x
		}
		if a.now != a.old {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b accepted) int {
		return cmp.Or(cmp.Compare(a.Domain, b.Domain), drift.Compare(a.Problem, b.Problem))
	})
	return list, rows.Err()
}

// write notes the exception of a row, and tells what must be told.
func (a *accepted) write(ctx context.Context, tx transaction, t table, now time.Time) error {
	a.At = now
	if err := tx.exec(ctx, "UPDATE "+t.name+" SET until = ?, reason = ?"+row, append([]any{a.now.Until, a.now.Reason}, a.key()...)...); err != nil {
		return err
	}
	switch {
	case a.now.Until == "":
		a.Kind, a.Exception = t.begins, &a.old
		return t.tell(ctx, tx, a.Event)
	case a.told:
		a.Kind, a.Exception = t.accepted, &a.now
		if err := t.tell(ctx, tx, a.Event); err != nil {
			return err
		}
		return tx.exec(ctx, "UPDATE "+t.name+" SET event = 0"+row, a.key()...)
	}
	return nil
}

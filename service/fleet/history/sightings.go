package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"maildiag/service/fleet/drift"
)

// sightingColumns are those that [scanSighting] reads.
const sightingColumns = "site, present, streak, since, confirmed, at"

func scanSighting(scan scanner, site *string, one *drift.Sighting) error {
	var first, confirmed, last int64
	err := scan(site, &one.Present, &one.Streak, &first, &confirmed, &last)
	one.First, one.Confirmed, one.Last = time.Unix(first, 0), time.Unix(confirmed, 0), time.Unix(last, 0)
	return err
}

// addSighting counts what the site of r says about a problem.
func addSighting(ctx context.Context, tx transaction, r Result, p drift.Problem, present bool) error {
	var site string
	var old drift.Sighting
	err := scanSighting(tx.row(ctx, `SELECT `+sightingColumns+` FROM sightings`+row+` AND site = ?`,
		r.Domain, p.Check, p.Code, p.Subject, r.Site).Scan, &site, &old)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return putSighting(ctx, tx, r.Domain, r.Site, p, old.Next(present, r.At))
}

func putSighting(ctx context.Context, tx transaction, domain, site string, p drift.Problem, s drift.Sighting) error {
	present := 0
	if s.Present {
		present = 1
	}
	return tx.exec(ctx, `INSERT INTO sightings (domain, site, "check", code, subject, present, streak, since, confirmed, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (domain, "check", code, subject, site) DO UPDATE SET present = excluded.present, streak = excluded.streak,
		since = excluded.since, confirmed = excluded.confirmed, at = excluded.at`,
		domain, site, p.Check, p.Code, p.Subject, present, s.Streak, s.First.Unix(), s.Confirmed.Unix(), s.Last.Unix())
}

// sightings returns what each site says about a problem, if it is not stale.
func (s *Store) sightings(ctx context.Context, tx transaction, r Result, p drift.Problem) (map[string]drift.Sighting, error) {
	rows, err := tx.query(ctx, `SELECT `+sightingColumns+` FROM sightings`+row+` AND at >= ?`,
		r.Domain, p.Check, p.Code, p.Subject, s.since(r.At).Unix())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := map[string]drift.Sighting{}
	for rows.Next() {
		var site string
		var one drift.Sighting
		if err := scanSighting(rows.Scan, &site, &one); err != nil {
			return nil, err
		}
		list[site] = one
	}
	return list, rows.Err()
}

// without returns the problems of a list that are not among others.
func without(list, others []drift.Problem) []drift.Problem {
	return slices.DeleteFunc(slices.Clone(list), func(p drift.Problem) bool { return slices.Contains(others, p) })
}

// addAbsent notes that the other sites have not seen problems that are new: until
// now there was nothing to note.
func addAbsent(ctx context.Context, tx transaction, r Result, fresh []drift.Problem) error {
	if len(fresh) == 0 {
		return nil
	}
	others, err := elsewhere(ctx, tx, r)
	if err != nil {
		return err
	}
	for _, o := range others {
		look := drift.Read(o.Findings)
		for _, p := range fresh {
			if present, known := look.Says(p); present || !known {
				continue
			}
			s := drift.Sighting{Streak: o.Seen, First: o.First, Last: o.Last}
			if o.Seen >= drift.Confirmations {
				s.Confirmed = o.Last
			}
			if err := putSighting(ctx, tx, r.Domain, o.Site, p, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// elsewhere returns what the other sites have seen last of the domain of r.
func elsewhere(ctx context.Context, tx transaction, r Result) (list []Span, err error) {
	rows, err := tx.query(ctx, `SELECT site, first, last, seen, findings FROM spans WHERE site IN (SELECT site FROM sites)
		AND id IN (SELECT max(id) FROM spans WHERE domain = ? AND site <> ? GROUP BY site)`, r.Domain, r.Site)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one Span
		var first, last int64
		var findings []byte
		if err := rows.Scan(&one.Site, &first, &last, &one.Seen, &findings); err != nil {
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

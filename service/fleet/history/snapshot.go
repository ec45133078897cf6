package history

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/tags"
)

// Snapshot is a history as it is at one moment. Those who write to it do not wait
// for the reader.
type Snapshot struct {
	db *sql.DB
	tx transaction
}

// ErrOlder is returned for a history of an older version, which [Open] brings to the
// present schema.
var ErrOlder = errors.New("the database is of an older version")

// OpenSnapshot opens a history that exists and has the present schema. It changes
// nothing.
func OpenSnapshot(ctx context.Context, name string) (*Snapshot, error) {
	if !IsURL(name) {
		if _, err := os.Stat(name); err != nil { // SQLite would make it
			return nil, err
		}
	}
	db, d, err := connectTo(name, "deferred")
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: d.snapshot(), ReadOnly: d.postgres})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &Snapshot{db, transaction{tx, d}}
	have, err := present(ctx, s.tx)
	switch want := len(migrations()); {
	case err != nil:
	case have < want:
		err = fmt.Errorf("%w: it has schema %d, and this version reads %d", ErrOlder, have, want)
	case have > want:
		err = fmt.Errorf("the database has schema %d, and this version reads %d", have, want)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// snapshot returns the isolation in which all queries see the same. It is the only
// one that SQLite has.
func (d dialect) snapshot() sql.IsolationLevel {
	if d.postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// Close ends the reading.
func (s *Snapshot) Close() error { return errors.Join(s.tx.Rollback(), s.db.Close()) }

// Look is one result.
type Look struct {
	Run, Domain, Site string
	At                time.Time
	Verdict           report.Verdict
	Remaining         report.Verdict // of what was not accepted
	Span              int64
	Tags              tags.Tags // of the domain now
}

// Looks calls each with all results, by domain.
func (s *Snapshot) Looks(ctx context.Context, each func(*Look) error) error {
	return rows(ctx, s.tx, each, `SELECT r.run, r.domain, r.site, r.at, s.verdict, coalesce(e.remaining, ''), r.span, coalesce(w.tags, '')
		FROM results r JOIN spans s ON s.id = r.span LEFT JOIN remainders e ON e.span = r.span LEFT JOIN watched w ON w.domain = r.domain ORDER BY r.domain, r.at, r.site, r.run`, func(scan scanner, l *Look) error {
		var at int64
		var tagged string
		err := scan(&l.Run, &l.Domain, &l.Site, &at, &l.Verdict, &l.Remaining, &l.Span, &tagged)
		l.At, l.Remaining, l.Tags = time.Unix(at, 0).UTC(), cmp.Or(l.Remaining, l.Verdict), tagsOf(tagged)
		return err
	})
}

// DomainSpan is a span of a domain.
type DomainSpan struct {
	ID     int64
	Domain string
	Tags   tags.Tags // of the domain now
	Span
}

// Spans calls each with all spans, by domain.
func (s *Snapshot) Spans(ctx context.Context, each func(*DomainSpan) error) error {
	return rows(ctx, s.tx, each, `SELECT s.id, s.domain, s.site, s.first, s.last, s.seen, s.verdict, s.findings, coalesce(w.tags, '')
		FROM spans s LEFT JOIN watched w ON w.domain = s.domain ORDER BY s.domain, s.id`,
		func(scan scanner, d *DomainSpan) error {
			var first, last int64
			var findings []byte
			var tagged string
			if err := scan(&d.ID, &d.Domain, &d.Site, &first, &last, &d.Seen, &d.Verdict, &findings, &tagged); err != nil {
				return err
			}
			d.Tags = tagsOf(tagged)
			d.First, d.Last = time.Unix(first, 0).UTC(), time.Unix(last, 0).UTC()
			return json.Unmarshal(findings, &d.Findings)
		})
}

// Events calls each with all events, the oldest first.
func (s *Snapshot) Events(ctx context.Context, each func(*Event) error) error {
	return rows(ctx, s.tx, each, "SELECT "+eventColumns+" FROM events ORDER BY id", scanEvent)
}

// scanner reads the columns of a row.
type scanner func(columns ...any) error

// rows calls each with every row of a query.
func rows[T any](ctx context.Context, tx transaction, each func(*T) error, query string, read func(scanner, *T) error) error {
	found, err := tx.query(ctx, query)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var one T
		if err := read(found.Scan, &one); err != nil {
			return err
		}
		if err := each(&one); err != nil {
			return err
		}
	}
	return found.Err()
}

package history

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations returns the steps from an empty database to the present schema. A
// step that was released is never changed: another one is added.
func migrations() []string {
	return []string{`
CREATE TABLE results (
	run TEXT NOT NULL, domain TEXT NOT NULL, site TEXT NOT NULL, at INTEGER NOT NULL, span INTEGER NOT NULL,
	PRIMARY KEY (run, domain, site)) WITHOUT ROWID;
CREATE INDEX results_at ON results (at);
CREATE TABLE spans (
	id INTEGER PRIMARY KEY, domain TEXT NOT NULL, site TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
	seen INTEGER NOT NULL, verdict TEXT NOT NULL, digest BLOB NOT NULL, findings BLOB NOT NULL);
CREATE INDEX spans_latest ON spans (domain, site, id);
CREATE TABLE sightings (
	domain TEXT NOT NULL, site TEXT NOT NULL, "check" TEXT NOT NULL, code TEXT NOT NULL, subject TEXT NOT NULL,
	present INTEGER NOT NULL, streak INTEGER NOT NULL,
	PRIMARY KEY (domain, "check", code, subject, site)) WITHOUT ROWID;
CREATE TABLE baselines (
	domain TEXT NOT NULL, "check" TEXT NOT NULL,
	PRIMARY KEY (domain, "check")) WITHOUT ROWID;
CREATE TABLE problems (
	domain TEXT NOT NULL, "check" TEXT NOT NULL, code TEXT NOT NULL, subject TEXT NOT NULL,
	PRIMARY KEY (domain, "check", code, subject)) WITHOUT ROWID;
CREATE TABLE events (
	id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, domain TEXT NOT NULL, site TEXT NOT NULL, kind TEXT NOT NULL,
	"check" TEXT NOT NULL, code TEXT NOT NULL, subject TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0);
CREATE INDEX events_pending ON events (id) WHERE sent = 0;
`, `
CREATE TABLE watched (domain TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO watched SELECT DISTINCT domain FROM spans;
`}
}

// migrate brings the database to the present schema. It refuses one of a newer
// version, whose meaning is not known.
func migrate(ctx context.Context, db *sql.DB) error {
	steps := migrations()
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have > len(steps) {
		return fmt.Errorf("history: the database has schema %d, and this version knows up to %d", have, len(steps))
	}
	for n := have; n < len(steps); n++ {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.ExecContext(ctx, steps[n]+fmt.Sprintf("PRAGMA user_version = %d;", n+1)); err != nil {
			return fmt.Errorf("history: schema %d: %w", n+1, err)
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

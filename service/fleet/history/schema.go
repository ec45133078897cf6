package history

import (
	"context"
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
`, `
ALTER TABLE sightings ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN seen_at TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN not_seen_at TEXT NOT NULL DEFAULT '';
CREATE TABLE disagreements (
	domain TEXT NOT NULL, "check" TEXT NOT NULL, code TEXT NOT NULL, subject TEXT NOT NULL,
	PRIMARY KEY (domain, "check", code, subject)) WITHOUT ROWID;
CREATE TABLE sites (site TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO sites SELECT DISTINCT site FROM spans;
`, `
CREATE INDEX events_domain ON events (domain, id);
CREATE INDEX events_at ON events (at);
ALTER TABLE events ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE problems ADD COLUMN event INTEGER NOT NULL DEFAULT 0;
ALTER TABLE disagreements ADD COLUMN event INTEGER NOT NULL DEFAULT 0;
ALTER TABLE problems ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE disagreements ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN until TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE problems ADD COLUMN until TEXT NOT NULL DEFAULT '';
ALTER TABLE problems ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE disagreements ADD COLUMN until TEXT NOT NULL DEFAULT '';
ALTER TABLE disagreements ADD COLUMN reason TEXT NOT NULL DEFAULT '';
CREATE INDEX problems_accepted ON problems (domain) WHERE until <> '';
` + toldBy("problems", KindProblem) + toldBy("disagreements", KindDisagree), `
ALTER TABLE sightings ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sightings ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE watched ADD COLUMN tags TEXT NOT NULL DEFAULT '';
`, `
CREATE TABLE remainders (span INTEGER PRIMARY KEY, remaining TEXT NOT NULL, since INTEGER NOT NULL);
CREATE TABLE writes (n INTEGER NOT NULL);
INSERT INTO writes VALUES (0);
`}
}

// toldBy finds the event that opened each row of a table.
func toldBy(table, kind string) string {
	return fmt.Sprintf(`UPDATE %[1]s SET event = coalesce((SELECT max(e.id) FROM events e WHERE e.kind = '%[2]s' AND e.domain = %[1]s.domain
	AND e."check" = %[1]s."check" AND e.code = %[1]s.code AND e.subject = %[1]s.subject), 0);
`, table, kind)
}

// migrate brings the database to the present schema. It refuses one of a newer
// version, whose meaning is not known.
func (s *Store) migrate(ctx context.Context) error {
	for steps := migrations(); ; {
		done, err := s.step(ctx, steps)
		if done || err != nil {
			return err
		}
	}
}

// step does the next step, and reports whether there is none.
func (s *Store) step(ctx context.Context, steps []string) (done bool, err error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	have, err := version(ctx, tx)
	switch {
	case err != nil:
		return false, err
	case have > len(steps):
		return false, fmt.Errorf("the database has schema %d, and this version knows up to %d", have, len(steps))
	case have == len(steps):
		return true, nil
	}
	next := fmt.Sprintf("PRAGMA user_version = %d;", have+1)
	if tx.postgres {
		next = fmt.Sprintf("UPDATE schema_version SET version = %d;", have+1)
	}
	if _, err := tx.ExecContext(ctx, tx.schema(steps[have])+next); err != nil {
		return false, fmt.Errorf("the database cannot be brought to schema %d: %w", have+1, err)
	}
	return false, tx.Commit()
}

// version returns which schema the database has.
func version(ctx context.Context, tx transaction) (have int, err error) {
	if tx.postgres {
		err = tx.exec(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL);
			INSERT INTO schema_version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)`)
		if err != nil {
			return 0, err
		}
	}
	return present(ctx, tx)
}

// present returns which schema a database has that is a history.
func present(ctx context.Context, tx transaction) (have int, err error) {
	query := "PRAGMA user_version"
	if tx.postgres {
		query = "SELECT max(version) FROM schema_version"
	}
	err = tx.row(ctx, query).Scan(&have)
	return have, err
}

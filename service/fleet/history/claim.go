package history

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"maildiag/checks/kit/pause"
	"maildiag/service/fleet/lock"
)

// watcher is the lock of the one process that watches with a PostgreSQL database:
// 'watc'. The second half of the lock is the schema that has the tables.
const watcher = 0x77617463

// Claim is the right to watch with a history: two lists would make each other forget
// their domains. The file of SQLite is claimed by [Open].
type Claim struct {
	conn *sql.Conn // whose session has the lock; nil: of SQLite
}

// Claim claims the history, or returns [lock.ErrTaken]. The claim must be kept.
func (s *Store) Claim(ctx context.Context) (*Claim, error) {
	if !s.postgres {
		return &Claim{}, nil
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &Claim{conn}
	// The session of a machine that is gone ends within a minute.
	const short = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
	if _, err := conn.ExecContext(ctx, short); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	var got bool
	err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))", watcher).Scan(&got)
	if err == nil && !got {
		err = lock.ErrTaken
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// Close ends the session, and with it the claim.
func (c *Claim) Close() error {
	if c.conn == nil {
		return nil
	}
	err := c.conn.Raw(func(any) error { return driver.ErrBadConn }) // else the pool would keep the session
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// The times of a claim.
const (
	claimEvery = 10 * time.Second // between looks whether it is still there
	claimTime  = 10 * time.Second // for one look
)

// Keep keeps the claim until ctx ends, and closes it. The error says why it is lost
// before.
func (c *Claim) Keep(ctx context.Context) error { return c.keep(ctx, claimEvery) }

func (c *Claim) keep(ctx context.Context, every time.Duration) error {
	if c.conn == nil {
		<-ctx.Done()
		return nil
	}
	for {
		if pause.For(ctx, every) != nil {
			return c.Close()
		}
		limited, cancel := context.WithTimeout(ctx, claimTime)
		err := c.conn.PingContext(limited)
		cancel()
		if err != nil && ctx.Err() == nil {
			_ = c.Close()
			return err
		}
	}
}

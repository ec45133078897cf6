package history

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// board is the list of [Store.Domains] in memory. To read 100,000 domains takes
// seconds, so only those are read again that something was written about.
type board struct {
	reading sync.Mutex // held while the list is read; guards what follows
	domains map[string]*Domain
	list    []*Domain // by name
	today   time.Time // the last day of the strips; zero: nothing was read

	mu    sync.Mutex // of what follows
	dirty map[string]bool
	all   bool // are dirty
	own   int64
}

// manyDirty is how many domains are read again one by one; if more have changed, all
// are.
const manyDirty = 1000

// touch notes that something was written about domains; none: about any of them.
// writes is the number that the transaction had; 0: no other process writes.
func (b *board) touch(writes int64, domains ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dirty == nil {
		b.dirty = map[string]bool{}
	}
	b.all = b.all || len(domains) == 0 || writes != 0 && writes != b.own+1
	b.own = writes
	for _, d := range domains {
		b.dirty[d] = true
	}
	if len(b.dirty) > manyDirty {
		b.all = true
	}
	if b.all {
		clear(b.dirty)
	}
}

// take returns what must be read again: these domains, or all.
func (b *board) take(writes int64) (domains []string, all bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all = b.all || writes > b.own // another process has written
	domains = slices.Collect(maps.Keys(b.dirty))
	b.all, b.own = false, max(b.own, writes)
	clear(b.dirty)
	return domains, all
}

// Domains returns the watched domains by name. They are shared: nobody may change
// them.
func (s *Store) Domains(ctx context.Context, now time.Time) ([]*Domain, error) {
	b := &s.board
	b.reading.Lock()
	defer b.reading.Unlock()
	writes, err := s.writes(ctx)
	if err != nil {
		return nil, err
	}
	today := now.UTC().Truncate(day)
	changed, all := b.take(writes)
	if all = all || !b.today.Equal(today); all {
		changed = nil
	}
	if all || len(changed) > 0 {
		if err := s.readBoard(ctx, today, changed); err != nil {
			b.touch(0) // what was taken is still to be read
			return nil, err
		}
	}
	b.judge(s, now)
	return b.list, nil
}

// readBoard reads domains again; none: all.
func (s *Store) readBoard(ctx context.Context, today time.Time, changed []string) error {
	b := &s.board
	fresh, err := s.domains(ctx, today, changed)
	if err != nil {
		return err
	}
	if changed == nil {
		b.domains = map[string]*Domain{}
	}
	before := len(b.domains)
	for _, name := range changed {
		delete(b.domains, name)
	}
	for _, d := range fresh {
		b.domains[d.Name] = d
	}
	b.today = today
	if changed == nil || len(b.domains) != before {
		b.list = slices.SortedFunc(maps.Values(b.domains), func(a, b *Domain) int { return cmp.Compare(a.Name, b.Name) })
		return nil
	}
	b.list = slices.Clone(b.list) // others may be reading it
	for i, d := range b.list {
		b.list[i] = b.domains[d.Name]
	}
	return nil
}

// judge makes the verdicts that are not of this moment.
func (b *board) judge(s *Store, now time.Time) {
	copied := false
	for i, d := range b.list {
		if d.judged(now) {
			continue
		}
		if !d.isJudged { // it has just been read, and nobody else has it
			d.judge(s.Stale, now)
			continue
		}
		if !copied {
			b.list, copied = slices.Clone(b.list), true
		}
		next := *d
		next.Sites = slices.Clone(d.Sites)
		next.judge(s.Stale, now)
		b.list[i], b.domains[d.Name] = &next, &next
	}
}

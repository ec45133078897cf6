// Package store keeps the results that have a permalink: in memory, or in a
// directory, where they survive the end of the process.
package store

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"maildiag/report"
)

// The bounds of what is kept.
const (
	MaxMemory = 64 << 20 // bytes of results in memory
	MaxDisk   = 1 << 30  // bytes of results in a directory
	maxResult = 8 << 20  // bytes of one result
)

// ErrNotFound is returned for an ID that is not known, or not any more.
var ErrNotFound = errors.New("there is no such result; it may have expired")

// Store keeps results for a time. It is safe for any number of goroutines.
type Store struct {
	keep time.Duration
	dir  string // empty: memory only
	most int64

	mu    sync.Mutex
	items map[string]item
	order []string // IDs, the oldest first
	bytes int64
}

type item struct {
	until time.Time
	size  int64
	data  []byte // nil: in the directory
}

// suffix is that of the files of results.
const suffix = ".ndjson"

// validID is what IDs look like: nothing that leads out of the directory.
var validID = regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`)

// Open opens a store that keeps each result for a time. dir may be empty. What
// the directory holds from earlier is found again.
func Open(dir string, keep time.Duration, now time.Time) (*Store, error) {
	s := &Store{keep: keep, dir: dir, most: MaxMemory, items: map[string]item{}}
	if dir == "" {
		return s, nil
	}
	s.most = MaxDisk
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			found = append(found, info)
		}
	}
	slices.SortFunc(found, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range found {
		if id, ok := strings.CutSuffix(info.Name(), suffix); ok && validID.MatchString(id) {
			s.add(id, item{until: info.ModTime().Add(keep), size: info.Size()})
		}
	}
	s.expire(now)
	return s, nil
}

// Put keeps the events of a run.
func (s *Store) Put(id string, events []report.Event, now time.Time) error {
	if !validID.MatchString(id) {
		return errors.New("not an ID")
	}
	data, err := encode(events)
	if err != nil {
		return err
	}
	it := item{until: now.Add(s.keep), size: int64(len(data)), data: data}
	if s.dir != "" {
		it.data = nil
		if err := s.write(id, data); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(id, it)
	s.expireLocked(now)
	return nil
}

// write writes a file whole or not at all, before anybody learns of it.
func (s *Store) write(id string, data []byte) error {
	file, err := report.CreateAtomic(s.path(id))
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := file.Write(data); err != nil {
		return err
	}
	return file.Commit()
}

func encode(events []report.Event) ([]byte, error) {
	var b bytes.Buffer
	sink, err := report.New("ndjson", &b, report.Options{})
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if err := sink.Emit(e); err != nil {
			return nil, err
		}
	}
	if b.Len() > maxResult {
		return nil, errors.New("the result is too large to be kept")
	}
	return b.Bytes(), nil
}

// Replay hands the events of a result to sink.
func (s *Store) Replay(id string, now time.Time, sink report.Sink) error {
	s.mu.Lock()
	it, ok := s.items[id]
	s.mu.Unlock()
	if !ok || now.After(it.until) {
		return ErrNotFound
	}
	if it.data != nil {
		return report.Replay(bytes.NewReader(it.data), sink)
	}
	file, err := os.Open(s.path(id))
	if err != nil {
		return ErrNotFound
	}
	defer file.Close()
	return report.Replay(io.LimitReader(file, maxResult), sink)
}

// Expire drops what is too old.
func (s *Store) Expire(now time.Time) { s.expire(now) }

// Len returns how many results are kept, and their bytes.
func (s *Store) Len() (results int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.items), s.bytes
}

func (s *Store) path(id string) string { return filepath.Join(s.dir, id+suffix) }

// add makes a result known. s.mu is held, or nobody else has s yet.
func (s *Store) add(id string, it item) {
	s.items[id] = it
	s.order = append(s.order, id)
	s.bytes += it.size
}

func (s *Store) expire(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expireLocked(now)
}

// expireLocked drops from the oldest on what is too old or too much.
func (s *Store) expireLocked(now time.Time) {
	for len(s.order) > 0 {
		id := s.order[0]
		it := s.items[id]
		if !now.After(it.until) && s.bytes <= s.most {
			return
		}
		s.order = s.order[1:]
		s.bytes -= it.size
		delete(s.items, id)
		if it.data == nil {
			_ = os.Remove(s.path(id)) // what is left is found at the next start
		}
	}
}

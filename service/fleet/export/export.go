// Package export writes a history as Parquet files.
package export

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/parquet-go/parquet-go"

	"maildiag/report"
	"maildiag/service/fleet/facts"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/tags"
)

// Look is a row of looks.parquet: one check of a domain from a site.
type Look struct {
	Run     string    `parquet:"run,dict,zstd"`
	Domain  string    `parquet:"domain,dict,zstd"`
	Site    string    `parquet:"site,dict,zstd"`
	At      time.Time `parquet:"at,timestamp(millisecond),delta,zstd"`
	Verdict string    `parquet:"verdict,dict,zstd"`
	Remains string    `parquet:"remaining_verdict,dict,zstd"`                              // of what was not accepted
	Span    int64     `parquet:"span,delta,zstd"`                                          // whose findings it had
	Tags    tags.Tags `parquet:"tags" parquet-key:",dict,zstd" parquet-value:",dict,zstd"` // of the domain at the time of the export
}

// Finding is a row of findings.parquet: what looks found as long as nothing changed.
type Finding struct {
	Span    int64     `parquet:"span,delta,zstd"`
	Domain  string    `parquet:"domain,dict,zstd"`
	Site    string    `parquet:"site,dict,zstd"`
	First   time.Time `parquet:"first,timestamp(millisecond),delta,zstd"`
	Last    time.Time `parquet:"last,timestamp(millisecond),delta,zstd"`
	Seen    int64     `parquet:"seen,delta,zstd"` // looks
	Check   string    `parquet:"check,dict,zstd"`
	Code    string    `parquet:"code,dict,zstd"`
	Status  string    `parquet:"status,dict,zstd"`
	Cause   string    `parquet:"cause,dict,zstd"`
	Subject string    `parquet:"subject,dict,zstd"`
	Summary string    `parquet:"summary,zstd"`
}

// Change is a row of changes.parquet: an event.
type Change struct {
	ID       int64     `parquet:"id,delta,zstd"`
	At       time.Time `parquet:"at,timestamp(millisecond),delta,zstd"`
	Domain   string    `parquet:"domain,dict,zstd"`
	Site     string    `parquet:"site,dict,zstd"`
	Kind     string    `parquet:"kind,dict,zstd"`
	Status   string    `parquet:"status,dict,zstd"`
	Check    string    `parquet:"check,dict,zstd"`
	Code     string    `parquet:"code,dict,zstd"`
	Subject  string    `parquet:"subject,dict,zstd"`
	SeenAt   []string  `parquet:"seen_at,list,zstd"`
	NotSeen  []string  `parquet:"not_seen_at,list,zstd"`
	Until    string    `parquet:"accepted_until,dict,zstd"`
	Accepted string    `parquet:"accepted_reason,zstd"`
	Tags     tags.Tags `parquet:"tags" parquet-key:",dict,zstd" parquet-value:",dict,zstd"`
}

// Record is a row of records.parquet: what changed in the records of a name.
type Record struct {
	At      time.Time `parquet:"at,timestamp(millisecond),delta,zstd"`
	Domain  string    `parquet:"domain,dict,zstd"`
	Sites   []string  `parquet:"sites,list,zstd"` // that saw it
	Name    string    `parquet:"name,dict,zstd"`
	Type    string    `parquet:"type,dict,zstd"`
	Removed []string  `parquet:"removed,list,zstd"`
	Added   []string  `parquet:"added,list,zstd"`
	Tags    tags.Tags `parquet:"tags" parquet-key:",dict,zstd" parquet-value:",dict,zstd"`
}

// Counts are the rows of each file.
type Counts struct{ Looks, Findings, Changes, Records int }

// Parquet writes looks.parquet, findings.parquet, changes.parquet and records.parquet
// to a folder. Files of an earlier export are replaced when all are written.
func Parquet(ctx context.Context, from *history.Snapshot, dir string) (n Counts, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return n, err
	}
	looks := create[Look](dir, "looks.parquet", &err)
	findings := create[Finding](dir, "findings.parquet", &err)
	changes := create[Change](dir, "changes.parquet", &err)
	records := create[Record](dir, "records.parquet", &err)
	defer looks.discard()
	defer findings.discard()
	defer changes.discard()
	defer records.discard()
	diffs := recorder{to: records}
	if err != nil {
		return n, err
	}
	err = errors.Join(
		from.Looks(ctx, func(l *history.Look) error {
			return looks.add(Look{l.Run, l.Domain, l.Site, l.At, string(l.Verdict), string(l.Remaining), l.Span, l.Tags})
		}),
		from.Spans(ctx, func(s *history.DomainSpan) error { return errors.Join(addFindings(findings, s), diffs.add(s)) }), diffs.end(),
		from.Events(ctx, func(e *history.Event) error { return changes.add(changeOf(e)) }))
	err = errors.Join(err, looks.close(), findings.close(), changes.close(), records.close())
	if err == nil {
		err = errors.Join(looks.publish(), findings.publish(), changes.publish(), records.publish())
	}
	return Counts{looks.rows, findings.rows, changes.rows, records.rows}, err
}

// addFindings adds the findings of a span.
func addFindings(to *file[Finding], s *history.DomainSpan) error {
	for i := range s.Findings {
		f := &s.Findings[i]
		err := to.add(Finding{s.ID, s.Domain, s.Site, s.First, s.Last, int64(s.Seen), f.Check, f.Code, f.Status.String(), string(f.Cause),
			report.Clean(f.Subject), report.Clean(f.Summary)})
		if err != nil {
			return err
		}
	}
	return nil
}

// recorder collects what changed in the records of one domain after the other.
type recorder struct {
	to      *file[Record]
	domain  string
	tags    tags.Tags
	changes facts.Changes
}

// add compares a span with those before it.
func (r *recorder) add(s *history.DomainSpan) (err error) {
	if s.Domain != r.domain {
		err = r.end()
		r.domain, r.tags = s.Domain, s.Tags
	}
	r.changes.Add(s.Site, s.First, facts.Of(s.Domain, s.Findings))
	return err
}

// end writes what changed in the records of the domain.
func (r *recorder) end() error {
	for _, c := range r.changes.List {
		if err := r.to.add(Record{c.At, r.domain, c.Sites, c.Name, c.Type, cleaned(c.Removed), cleaned(c.Added), r.tags}); err != nil {
			return err
		}
	}
	r.changes = facts.Changes{}
	return nil
}

// cleaned makes values safe to be shown.
func cleaned(values []string) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = report.Clean(v)
	}
	return list
}

func changeOf(e *history.Event) Change {
	c := Change{ID: e.ID, At: e.At, Domain: e.Domain, Site: e.Site, Kind: e.Kind, Status: e.Status, Check: e.Check, Code: e.Code,
		Subject: report.Clean(e.Subject), SeenAt: e.Present, NotSeen: e.Absent, Tags: e.Tags}
	if e.Exception != nil {
		c.Until, c.Accepted = e.Exception.Until, report.Clean(e.Exception.Reason)
	}
	return c
}

// The bounds of what is kept in memory.
const (
	groupRows = 100_000 // of a row group
	batchRows = 1000
)

// file is a file that is being written.
type file[T any] struct {
	path    string
	tmp     *os.File
	w       *parquet.GenericWriter[T]
	batch   []T
	rows    int
	grouped int // rows of the present group
}

// create makes a file, or sets err.
func create[T any](dir, name string, err *error) *file[T] {
	f := &file[T]{path: filepath.Join(dir, name)}
	tmp, failed := os.CreateTemp(dir, "."+name+".*")
	if failed != nil {
		*err = errors.Join(*err, failed)
		return f
	}
	f.tmp, f.w = tmp, parquet.NewGenericWriter[T](tmp, parquet.CreatedBy("maildiagd", "1", ""))
	return f
}

func (f *file[T]) add(row T) error {
	f.rows++
	if f.batch = append(f.batch, row); len(f.batch) < batchRows {
		return nil
	}
	return f.flush()
}

// flush writes the batch, and ends the row group if it is large.
func (f *file[T]) flush() error {
	if _, err := f.w.Write(f.batch); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(f.path), err)
	}
	f.grouped += len(f.batch)
	f.batch = f.batch[:0]
	if f.grouped < groupRows {
		return nil
	}
	f.grouped = 0
	return f.w.Flush()
}

// close completes the file.
func (f *file[T]) close() error {
	return errors.Join(f.flush(), f.w.Close(), f.tmp.Chmod(0o644), f.tmp.Sync(), f.tmp.Close())
}

// publish renames the file to its name.
func (f *file[T]) publish() error { return os.Rename(f.tmp.Name(), f.path) }

// discard removes what was not published.
func (f *file[T]) discard() {
	if f.tmp != nil {
		_ = f.tmp.Close()           // it may be closed already
		_ = os.Remove(f.tmp.Name()) // it may be published already
	}
}

package senders

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"maildiag/checks/senders/dmarcreport"
	"maildiag/dnsrec"
)

// Batch is the rows of one report, which count only when it is known whether the
// report was read before.
type Batch struct {
	c        *Collector
	rep      *dmarcreport.Report
	rows     []batchRow
	at       map[flowKey]int // of rows
	messages int64
	unusable int64
}

type batchRow struct {
	key   flowKey
	count int64
}

// readReport is a report that was counted: where it was found, and a sum over its
// rows that does not depend on their order.
type readReport struct {
	file string
	rows uint64
}

// DuplicateError is returned for a report that was read before.
type DuplicateError struct{ Of string }

func (e *DuplicateError) Error() string {
	return "the report is the same as " + e.Of + " and was not counted again"
}

// ReusedIDError is returned for a report that was counted although an earlier one
// has its ID: the rows differ. To leave it out could hide a sender.
type ReusedIDError struct{ Of string }

func (e *ReusedIDError) Error() string {
	return "the report has the ID of " + e.Of + " and other rows; both were counted"
}

// ErrOutside is returned for a report of other days than those asked for.
var ErrOutside = errors.New("the report is of other days")

// Open starts a report whose head was read.
func (c *Collector) Open(rep *dmarcreport.Report) (*Batch, error) {
	day := middle(rep)
	if !day.IsZero() && (day.Before(c.since) || !c.until.IsZero() && !day.Before(c.until)) {
		c.Outside++
		return nil, ErrOutside
	}
	return &Batch{c: c, rep: rep, at: map[flowKey]int{}}, nil
}

// Add takes a row.
func (b *Batch) Add(row *dmarcreport.Row) {
	b.messages += row.Count
	domain, from := b.c.canonical(b.rep.Policy.Domain), b.c.canonical(row.HeaderFrom)
	if domain == "" || from == "" || !dnsrec.Within(from, domain) {
		b.unusable += row.Count
		return
	}
	key := keyOf(from, row.Source, b.c.identity(row))
	i, known := b.at[key]
	if !known && len(b.rows) >= maxFlows {
		key = b.c.beyond(domain, key)
		i, known = b.at[key]
	}
	if !known {
		i = len(b.rows)
		b.at[key], b.rows = i, append(b.rows, batchRow{key: key})
	}
	b.rows[i].count += row.Count
}

// Count counts the report; file is where it was found. What is not whole counts as
// the start of a report with the same ID. Only after a [*DuplicateError] it is not
// counted.
func (b *Batch) Count(file string, whole bool) error {
	c := b.c
	key, sum := reportKey(b.rep), b.sum()
	first, seen := c.seen[key]
	if seen && (first.rows == sum || !whole) {
		return &DuplicateError{first.file}
	}
	if !seen && len(c.seen) < maxReports {
		c.seen[key] = readReport{file, sum}
	}
	c.Reports++
	c.Messages += b.messages
	c.Unusable += b.unusable
	if d := c.domain(b.rep.Policy.Domain); d != nil {
		d.head(b.rep)
		b.addTo(d)
		b.at, b.rows = nil, nil
	} else {
		c.Unusable += b.messages - b.unusable
	}
	if seen {
		return &ReusedIDError{first.file}
	}
	return nil
}

// sum identifies the rows.
func (b *Batch) sum() (sum uint64) {
	for _, r := range b.rows {
		sum += maphash.Comparable(b.c.seed, r)
	}
	return sum + uint64(b.unusable)
}

func (b *Batch) addTo(d *domainCount) {
	reporter, day := d.reporters[short(b.rep.Org)], middle(b.rep)
	for _, r := range b.rows {
		d.messages += r.count
		f := b.c.flow(d, r.key)
		f.count += r.count
		f.report(reporter)
		b.c.day(f, day, r.count)
	}
}

// reportKey identifies a report: RFC 9990 wants an ID that is unique for its
// reporter, and some use one for all domains or days.
func reportKey(rep *dmarcreport.Report) [16]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d %d", strings.ToLower(rep.Org), rep.ID, rep.Policy.Domain,
		rep.Begin.Unix(), rep.End.Unix()))
	return [16]byte(sum[:16])
}

func middle(rep *dmarcreport.Report) time.Time {
	switch {
	case rep.Begin.IsZero():
		return rep.End
	case rep.End.Before(rep.Begin):
		return rep.Begin
	}
	return rep.Begin.Add(rep.End.Sub(rep.Begin) / 2)
}

package report

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"sort"
	"strings"
)

// htmlIndex collects the rows of the table of several domains, for the two orders
// in which the page shows them.
type htmlIndex struct {
	spool     spool
	n         int                        // rows
	byVerdict [worstVerdict + 1]*section // as they came
	batch     []indexRow
	runs      []*section // earlier batches, each sorted
}

// indexRow is a row of the table, and the name by which it is sorted.
type indexRow struct{ name, html string }

// maxBatch is how many rows are sorted at once.
const maxBatch = 4096

// add adds a row.
func (x *htmlIndex) add(v Verdict, r indexRow) error {
	x.n++
	of := &x.byVerdict[v.worse()]
	if *of == nil {
		*of = x.spool.section()
	}
	(*of).WriteString(r.html)
	r.name = strings.Clone(r.name) // it may be part of a whole line that was read
	if x.batch = append(x.batch, r); len(x.batch) == maxBatch {
		x.sortBatch()
	}
	return x.spool.settle()
}

// sortBatch writes the batch as a run. Clean text has neither the NUL nor the line
// feed that end them here.
func (x *htmlIndex) sortBatch() {
	sort.SliceStable(x.batch, func(i, j int) bool { return x.batch[i].name < x.batch[j].name })
	run := x.spool.section()
	for _, r := range x.batch {
		run.WriteString(r.name + "\x00" + r.html)
	}
	x.runs, x.batch = append(x.runs, run), nil
}

// writeWorstFirst writes the rows of the worst verdict first.
func (x *htmlIndex) writeWorstFirst(w *bufio.Writer) error {
	for _, of := range slices.Backward(x.byVerdict[:]) {
		if of == nil {
			continue
		}
		if _, err := w.ReadFrom(of.reader()); err != nil {
			return err
		}
	}
	return nil
}

// writeSorted writes the rows by name: it merges the runs.
func (x *htmlIndex) writeSorted(w *bufio.Writer) error {
	x.sortBatch()
	var runs []*runReader
	for _, run := range x.runs {
		runs = append(runs, &runReader{in: bufio.NewReader(run.reader())})
	}
	for _, r := range runs {
		r.next()
	}
	for {
		runs = slices.DeleteFunc(runs, func(r *runReader) bool { return errors.Is(r.err, io.EOF) })
		if len(runs) == 0 {
			return nil
		}
		first := slices.MinFunc(runs, func(a, b *runReader) int { return strings.Compare(a.row.name, b.row.name) })
		if first.err != nil {
			return first.err
		}
		w.WriteString(first.row.html)
		first.next()
	}
}

// runReader reads the rows of one run.
type runReader struct {
	in  *bufio.Reader
	row indexRow
	err error
}

// next reads a row. After an error its name is empty, which comes first.
func (r *runReader) next() {
	line, err := r.in.ReadString('\n')
	r.row, r.err = indexRow{}, err
	if err == nil {
		r.row.name, r.row.html, _ = strings.Cut(line, "\x00")
	}
}

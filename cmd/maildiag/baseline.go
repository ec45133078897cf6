package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"maildiag/cmd/internal/exceptions"
	"maildiag/report"
)

// changeFlags say what is known already, so that only the rest is told.
type changeFlags struct {
	baseline string
	accept   string
}

func (c *changeFlags) add(f *pflag.FlagSet) {
	f.StringVar(&c.baseline, "baseline", "",
		"report only what changed since the run whose JSON (json or jsonl) is in `FILE`")
	f.StringVar(&c.accept, "accept", "",
		"accepted exceptions: `FILE` with lines of ID, domain, last day and reason")
}

// changes are the files that changeFlags name, read.
type changes struct {
	base       *baseline
	exceptions *exceptions.List
}

// open reads the files. What is wrong with them is told before anything is
// asked.
func (c *changeFlags) open(format string) (*changes, error) {
	var all changes
	var err error
	if c.baseline != "" && slices.Contains([]string{"prometheus", "checkmk", "zabbix"}, format) {
		return nil, usage("leave out --baseline, or choose another format",
			"--baseline shows what changed; the format %s shows the state of every check", format)
	}
	if c.accept != "" {
		if all.exceptions, err = exceptions.Read(c.accept, mustBeID); err != nil {
			hint := "a line is: mx.leftover contoso.com 2026-12-31 why it is accepted"
			var better *hintError
			if errors.As(err, &better) {
				hint = better.hint
			} else if errors.Is(err, fs.ErrNotExist) {
				hint = "name a file of exceptions that exists"
			}
			return nil, usage(hint, "cannot use the exceptions: %v", err)
		}
	}
	if c.baseline != "" {
		if all.base, err = openBaseline(c.baseline); err != nil {
			return nil, usage("name the output of an earlier run with --format json or jsonl",
				"cannot use the baseline %s: %v", c.baseline, err)
		}
	}
	return &all, nil
}

// before puts the filters in front of a sink: exceptions first, so that an
// earlier run with the same exceptions compares as it was told.
func (c *changes) before(next report.Sink) report.Sink {
	if c.base != nil {
		next = &sinceBaseline{next: next, base: c.base}
	}
	if c.exceptions != nil {
		next = &accepting{next: next, exceptions: c.exceptions}
	}
	return next
}

func (c *changes) close() {
	if c.base != nil {
		c.base.file.Close()
	}
}

// baseline is an earlier run. Its reports stay in the file; only where each
// begins is kept, so that a run over many domains can be a baseline too.
type baseline struct {
	file *os.File
	at   map[string]span
}

// span is a place in a file.
type span struct{ from, to int64 }

func openBaseline(name string) (*baseline, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	b := &baseline{file: file, at: map[string]span{}}
	if err := b.index(); err != nil {
		file.Close()
		return nil, err
	}
	return b, nil
}

var (
	errEmptyBaseline  = errors.New("it holds no report")
	errDiffBaseline   = errors.New("it tells only what changed since another run; use the output of a run without --baseline")
	errStreamBaseline = errors.New("it is a stream of events; maildiag render --format jsonl makes reports of it")
)

// isArray reports whether the reports are in an array, as those of several
// domains are in the format json.
func (b *baseline) isArray() (bool, error) {
	from, err := b.skip(0, " \t\r\n")
	if err != nil {
		return false, err
	}
	var first [1]byte
	n, _ := b.file.ReadAt(first[:], from)
	return n == 1 && first[0] == '[', nil
}

// skip returns the place of the first byte from there on that is none of chars.
func (b *baseline) skip(from int64, chars string) (int64, error) {
	in := bufio.NewReader(io.NewSectionReader(b.file, from, math.MaxInt64-from))
	for ; ; from++ {
		one, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return from, nil
		}
		if err != nil || strings.IndexByte(chars, one) < 0 {
			return from, err
		}
	}
}

// index notes where the report of each domain is. The last one of a domain
// counts.
func (b *baseline) index() error {
	d := json.NewDecoder(b.file)
	array, err := b.isArray()
	if err != nil {
		return err
	}
	if array {
		if _, err := d.Token(); err != nil {
			return err
		}
	}
	for {
		if array && !d.More() {
			if _, err := d.Token(); err != nil {
				return fmt.Errorf("after %d reports: %w", len(b.at), err)
			}
			array = false
		}
		var head struct {
			Schema, Domain string
			Start          json.RawMessage
			Compared       bool
		}
		from := d.InputOffset()
		switch err := d.Decode(&head); {
		case errors.Is(err, io.EOF) && len(b.at) == 0:
			return errEmptyBaseline
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("after %d reports: %w", len(b.at), err)
		case head.Start != nil:
			return errStreamBaseline
		case head.Compared:
			return errDiffBaseline
		case head.Schema != report.ReportSchema:
			return fmt.Errorf("the schema is %q, not %q", head.Schema, report.ReportSchema)
		}
		b.at[head.Domain] = span{from, d.InputOffset()}
	}
}

// of returns the report of a domain; nil if there is none.
func (b *baseline) of(domain string) (*report.Report, error) {
	at, ok := b.at[domain]
	if !ok {
		return nil, nil
	}
	from, err := b.skip(at.from, ", \t\r\n") // between the reports of an array
	if err != nil {
		return nil, err
	}
	for r, err := range report.ReadReports(io.NewSectionReader(b.file, from, at.to-from)) {
		if err != nil {
			return nil, fmt.Errorf("the baseline has changed while it was read: %w", err)
		}
		return r, nil
	}
	return nil, nil
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/pflag"

	"maildiag/report"
)

// changeFlags say what is known already, so that only the rest is told.
type changeFlags struct {
	baseline string
	accept   string
}

func (c *changeFlags) add(f *pflag.FlagSet) {
	f.StringVar(&c.baseline, "baseline", "",
		"tell only what changed since the run whose JSON (json or jsonl) is in `FILE`")
	f.StringVar(&c.accept, "accept", "",
		"accepted exceptions: `FILE` with lines of ID, domain, last day and reason")
}

// changes are the files that changeFlags name, read.
type changes struct {
	base       *baseline
	exceptions *exceptions
}

// open reads the files. What is wrong with them is told before anything is
// asked.
func (c *changeFlags) open(format string) (*changes, error) {
	var all changes
	var err error
	if c.baseline != "" && slices.Contains([]string{"prometheus", "checkmk", "zabbix"}, format) {
		return nil, usage("leave out --baseline, or choose another format",
			"--baseline tells what changed; the format %s tells how every check stands", format)
	}
	if c.accept != "" {
		if all.exceptions, err = readExceptions(c.accept); err != nil {
			return nil, usage("a line is: mx.leftover contoso.com 2026-12-31 why it is accepted",
				"cannot use the exceptions: %v", err)
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

// index notes where the report of each domain is. The last one of a domain
// counts.
func (b *baseline) index() error {
	d := json.NewDecoder(b.file)
	for {
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
	for r, err := range report.ReadReports(io.NewSectionReader(b.file, at.from, at.to-at.from)) {
		if err != nil {
			return nil, fmt.Errorf("the baseline has changed while it was read: %w", err)
		}
		return r, nil
	}
	return nil, nil
}

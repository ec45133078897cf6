package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

// ReportSchema names the form of the document of one domain.
const ReportSchema = "maildiag.report/v1"

// document is what is read of the JSON form of a Report; the rest follows from
// the findings.
type document struct {
	Schema     string    `json:"schema"`
	Version    string    `json:"version"`
	Domain     string    `json:"domain"`
	Unicode    string    `json:"unicode"`
	Started    time.Time `json:"started"`
	AsOf       string    `json:"as_of"`
	Resolver   string    `json:"resolver"`
	Expect     string    `json:"expect"`
	Cloud      string    `json:"cloud"`
	Kind       Kind      `json:"kind"`
	Host       string    `json:"host"`
	FailOn     Status    `json:"fail_on"`
	Unfinished bool      `json:"unfinished"`
	Elapsed    int64     `json:"elapsed_ms"`
	Queries    int       `json:"queries"`
	Findings   []Finding `json:"findings"`
	Options    string    `json:"options"`
	Compared   bool      `json:"compared"`
	Plan       *Plan     `json:"plan"`
}

// MarshalJSON writes the document of one domain, schema [ReportSchema].
func (r *Report) MarshalJSON() ([]byte, error) {
	return encoded(func(e *encoder) { e.report(r) })
}

// UnmarshalJSON reads what MarshalJSON wrote. Verdict, counts and exit code
// are worked out anew from the findings.
func (r *Report) UnmarshalJSON(text []byte) error {
	var d document
	if err := unmarshal(text, &d); err != nil {
		return err
	}
	return d.to(r)
}

// to makes a Report of a document.
func (d *document) to(r *Report) error {
	if d.Schema != ReportSchema {
		return fmt.Errorf("report: the schema is %q, not %q", Clean(d.Schema), ReportSchema)
	}
	*r = Report{
		Start: Start{Schema: StreamSchema, Version: d.Version, Started: d.Started, AsOf: d.AsOf, FailOn: d.FailOn,
			Options: d.Options},
		Begin:    Begin{Domain: d.Domain, Unicode: d.Unicode, Started: d.Started, Resolver: d.Resolver, Expect: d.Expect},
		Findings: d.Findings,
		End: End{Domain: d.Domain, Cloud: d.Cloud, Kind: d.Kind, Host: d.Host, Elapsed: time.Duration(d.Elapsed) * time.Millisecond,
			Queries: d.Queries, Cut: d.Unfinished, Plan: d.Plan},
	}
	if d.Compared {
		r.Start.Checks = []CheckInfo{{ID: BaselineCheck}}
	}
	return nil
}

// ReadReports reads documents as the formats json and jsonl write them: one a
// domain, one after another, or in an array. After an error it ends.
func ReadReports(r io.Reader) iter.Seq2[*Report, error] {
	return func(yield func(*Report, error) bool) {
		in := bufio.NewReaderSize(r, lineBuffer)
		array, err := startsArray(in)
		var rest []byte
		if !array && err == nil {
			var stopped bool
			if rest, stopped = readLines(in, yield); stopped {
				return
			}
		}
		d := json.NewDecoder(io.MultiReader(bytes.NewReader(rest), in))
		if array {
			_, err = d.Token()
		}
		for err == nil && (!array || d.More()) {
			rep := new(Report)
			if err = d.Decode(rep); err == nil && !yield(rep, nil) {
				return
			}
		}
		if array && err == nil {
			_, err = d.Token()
		}
		if err != nil && (array || !errors.Is(err, io.EOF)) {
			yield(nil, fmt.Errorf("report: not a report of maildiag: %w", err))
		}
	}
}

// lineBuffer is how much of an input is read at once.
const lineBuffer = 64 << 10

// readLines reads documents that stand on a line each, as long as they are written
// as jsonl is. It returns what it read of the rest, or that yield wants no more.
func readLines(in *bufio.Reader, yield func(*Report, error) bool) (rest []byte, stopped bool) {
	for {
		line, err := in.ReadBytes('\n')
		rep, ok := decodeReport(line)
		if !ok || err != nil {
			return line, false
		}
		if !yield(rep, nil) {
			return nil, true
		}
	}
}

// startsArray reports whether the first byte that is no white space opens an
// array. It stays unread.
func startsArray(in *bufio.Reader) (bool, error) {
	for {
		b, err := in.ReadByte()
		if err != nil || !strings.ContainsRune(" \t\r\n", rune(b)) {
			return b == '[', errors.Join(err, in.UnreadByte())
		}
	}
}

// newJSON writes one document a domain, indented, each in one Write at its
// end: what is cut short is never half a document. Several domains follow one
// another, as jq likes it.
func newJSON(w io.Writer, _ Options) Sink {
	var e encoder
	return Collect(func(r *Report) error {
		e.b = e.b[:0]
		e.report(r)
		var b bytes.Buffer
		if err := json.Indent(&b, e.b, "", "  "); err != nil {
			return fmt.Errorf("report: %w", err)
		}
		b.WriteByte('\n')
		_, err := w.Write(b.Bytes())
		return err
	})
}

// newJSONL writes the same documents, each on one line.
func newJSONL(w io.Writer, _ Options) Sink {
	return CollectLines(func(_ *Report, line []byte) error {
		_, err := w.Write(line)
		return err
	})
}

// CollectLines returns a sink that calls each with every domain when it is done, and
// with its document on a line. Both are used again after the call.
func CollectLines(each func(r *Report, line []byte) error) Sink {
	var e encoder
	return &collector{brief: true, each: func(r *Report) error {
		e.b = e.b[:0]
		e.report(r)
		e.b = append(e.b, '\n')
		return each(r, e.b)
	}}
}

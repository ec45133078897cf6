package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// newNDJSON writes the stream of events itself, one a line, each in one Write.
func newNDJSON(w io.Writer, _ Options) Sink { return &ndjson{w: w} }

type ndjson struct {
	w io.Writer
	e encoder
}

func (n *ndjson) Emit(v Event) error {
	n.e.b = n.e.b[:0]
	if err := n.e.event(&v); err != nil {
		return err
	}
	n.e.b = append(n.e.b, '\n')
	_, err := n.w.Write(n.e.b)
	return err
}

// ErrUnfinished is returned for a stream that ends before its Stop: the run that wrote it
// was killed, or the file is cut. What was there has been rendered.
var ErrUnfinished = errors.New("report: the stream is unfinished: it ends before the run did")

// StreamError is returned if what is replayed is not a stream of events, or a broken
// one, and where.
type StreamError struct {
	Line int // from 1; 0: the whole
	Err  error
}

func (e *StreamError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("report: not a run of maildiag: %v", e.Err)
	}
	return fmt.Sprintf("report: line %d is not an event of a run: %v", e.Line, e.Err)
}

func (e *StreamError) Unwrap() error { return e.Err }

// maxLine bounds one event. The largest are findings with a whole policy file
// or a long SMTP dialogue as evidence, far under it.
const maxLine = 4 << 20

// Replay reads the stream that the format ndjson wrote and emits its events to
// sink. It returns [ErrUnfinished] for a stream without an end, after having
// emitted the missing End and Stop marked as cut; a [*StreamError] for what is
// no such stream; or the error of the reader or the sink.
func Replay(r io.Reader, sink Sink) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	p := player{sink: sink}
	n := 0
	for lines.Scan() {
		n++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		e, err := decodeEvent(lines.Bytes())
		if err != nil {
			if lines.Scan() || p.at == atNothing && lines.Err() == nil {
				return &StreamError{n, err}
			}
			break // the last line is cut
		}
		if err := p.play(n, e); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return &StreamError{n + 1, fmt.Errorf("it is longer than %d bytes", maxLine)}
	case err != nil:
		return fmt.Errorf("report: reading the run: %w", err)
	case p.at == atStop:
		return p.stopped
	}
	return p.unfinished()
}

// player checks the order of events: Start (Begin Finding* End)* Stop.
type player struct {
	sink    Sink
	at      place
	domain  string
	stopped error // what Replay returns after Stop
}

type place int

const (
	atNothing place = iota // before Start
	atRun                  // between domains
	atDomain               // after Begin
	atStop
)

// play emits e if it may come now.
func (p *player) play(line int, e Event) error {
	kind, want, next := p.step(e)
	switch {
	case kind == "":
		return &StreamError{line, errors.New("it must have exactly one of start, begin, finding, end, stop")}
	case p.at == atStop:
		return &StreamError{line, errors.New("the run has ended above; several runs are rendered one by one")}
	case p.at != want:
		return &StreamError{line, fmt.Errorf("%s is out of order", kind)}
	case e.Start != nil && e.Start.Schema != StreamSchema:
		return &StreamError{line, fmt.Errorf("the schema is %q, not %q", Clean(e.Start.Schema), StreamSchema)}
	}
	p.at = next
	if e.Begin != nil {
		p.domain = e.Begin.Domain
	}
	if e.Stop != nil && e.Stop.Cut {
		p.stopped = ErrUnfinished
	}
	return p.sink.Emit(e)
}

// step returns what e is, where it may come and where it leads. The kind is
// empty if e has not exactly one field.
func (p *player) step(e Event) (kind string, want, next place) {
	fields := 0
	set := func(on bool, k string, w, n place) {
		if on {
			kind, want, next = k, w, n
			fields++
		}
	}
	set(e.Start != nil, "start", atNothing, atRun)
	set(e.Begin != nil, "begin", atRun, atDomain)
	set(e.Finding != nil, "finding", atDomain, atDomain)
	set(e.End != nil, "end", atDomain, atRun)
	set(e.Stop != nil, "stop", atRun, atStop)
	if fields != 1 {
		return "", 0, 0
	}
	return kind, want, next
}

// unfinished closes what is open, marked as cut.
func (p *player) unfinished() error {
	if p.at == atNothing {
		return &StreamError{0, errors.New("it is empty")}
	}
	if p.at == atDomain {
		if err := p.sink.Emit(Event{End: &End{Domain: p.domain, Cut: true}}); err != nil {
			return err
		}
	}
	if err := p.sink.Emit(Event{Stop: &Stop{Cut: true}}); err != nil {
		return err
	}
	return ErrUnfinished
}

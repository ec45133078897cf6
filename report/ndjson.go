package report

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// newNDJSON writes the stream of events itself, one a line, each in one Write.
func newNDJSON(w io.Writer, _ Options) Sink { return &ndjson{w} }

type ndjson struct{ w io.Writer }

func (n *ndjson) Emit(e Event) error {
	if e.Start != nil {
		s := *e.Start
		s.Schema = StreamSchema
		e.Start = &s
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = n.w.Write(append(line, '\n'))
	return err
}

// ErrUnfinished tells that a stream ends before its Stop: the run that wrote it
// was killed, or the file is cut. What was there has been rendered.
var ErrUnfinished = errors.New("report: the stream is unfinished: it ends before the run did")

// maxLine bounds one event. The largest are findings with a whole policy file
// or a long SMTP dialogue as evidence, far under it.
const maxLine = 4 << 20

// Replay reads the stream that the format ndjson wrote and emits its events to
// sink. It returns [ErrUnfinished] for a stream without an end, after having
// emitted the missing End and Stop marked as cut; another error for what is no
// such stream, with the line's number; or the sink's error.
func Replay(r io.Reader, sink Sink) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	p := player{sink: sink}
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			if !lines.Scan() && lines.Err() == nil && n > 1 {
				return p.unfinished() // the last line is cut
			}
			return fmt.Errorf("report: line %d is not an event of %s: %w", n, StreamSchema, err)
		}
		if err := p.play(e); err != nil {
			return fmt.Errorf("report: line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("report: reading the stream: %w", err)
	}
	if p.at == atStop {
		return nil
	}
	return p.unfinished()
}

// player checks the order of events: Start (Begin Finding* End)* Stop.
type player struct {
	sink   Sink
	at     place
	domain string
}

type place int

const (
	atNothing place = iota // before Start
	atRun                  // between domains
	atDomain               // after Begin
	atStop
)

func (p *player) play(e Event) error {
	kind, want, next := p.step(e)
	switch {
	case kind == "":
		return errors.New("an event must have exactly one of start, begin, finding, end, stop")
	case p.at == atStop:
		return errors.New("an event after the end of the run; several runs are rendered one by one")
	case p.at != want:
		return fmt.Errorf("%s is out of order", kind)
	case e.Start != nil && e.Start.Schema != StreamSchema:
		return fmt.Errorf("the schema is %q, not %q", Clean(e.Start.Schema), StreamSchema)
	}
	p.at = next
	if e.Begin != nil {
		p.domain = e.Begin.Domain
	}
	return p.sink.Emit(e)
}

// step tells what e is, where it may come and where it leads. The kind is
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
		return errors.New("report: not a stream of maildiag: it is empty")
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

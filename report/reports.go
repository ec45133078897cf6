package report

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// headSize is how much of an input says what it is.
const headSize = 512

// Render emits a saved run into sink: a stream of events as [Replay] does, or
// documents as [ReadReports] reads them, whose rows have the titles of checks.
func Render(r io.Reader, checks []CheckInfo, sink Sink) error {
	in := bufio.NewReaderSize(r, headSize)
	head, _ := in.Peek(headSize) // the error comes again
	if !bytes.Contains(head, []byte(`"`+ReportSchema+`"`)) || bytes.Contains(head, []byte(`"`+StreamSchema+`"`)) {
		return Replay(in, sink)
	}
	return replayReports(in, checks, sink)
}

// replayReports emits documents as one run, which the first one begins. A document
// that is cut ends the run as a cut one.
func replayReports(r io.Reader, checks []CheckInfo, sink Sink) error {
	n := 0
	for rep, err := range ReadReports(r) {
		if n > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.Join(ErrUnfinished, sink.Emit(Event{Stop: &Stop{Cut: true}}))
		}
		if err == nil && rep.Begin.Domain == "" {
			err = errors.New("a report has no domain")
		}
		if err != nil {
			return &StreamError{0, err}
		}
		if n++; n == 1 {
			rep.Start.titles = checks
			if err := sink.Emit(Event{Start: &rep.Start}); err != nil {
				return err
			}
		}
		if err := emitReport(rep, sink); err != nil {
			return err
		}
	}
	return sink.Emit(Event{Stop: &Stop{}})
}

// emitReport emits the events of one domain.
func emitReport(rep *Report, sink Sink) error {
	if err := sink.Emit(Event{Begin: &rep.Begin}); err != nil {
		return err
	}
	for i := range rep.Findings {
		if err := sink.Emit(Event{Finding: &rep.Findings[i]}); err != nil {
			return err
		}
	}
	return sink.Emit(Event{End: &rep.End})
}

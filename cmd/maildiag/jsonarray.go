package main

import (
	"io"

	"maildiag/report"
)

// jsonArray makes one JSON document of the reports of a run: those of several
// domains become an array. Its writer gets each report in one Write.
type jsonArray struct {
	report.Sink
	w     io.Writer
	array bool // there may be several reports
	some  bool // one was written
}

// newJSONArray puts an array around the reports that the format json writes to w.
func newJSONArray(w io.Writer, opts report.Options) (*jsonArray, error) {
	a := &jsonArray{w: w}
	sink, err := report.New("json", a, opts)
	a.Sink = sink
	return a, err
}

// Emit implements [report.Sink].
func (a *jsonArray) Emit(e report.Event) error {
	if e.Start != nil {
		a.array = e.Start.Domains != 1
	}
	return a.Sink.Emit(e)
}

// Write writes one report, after a comma if it is not the first.
func (a *jsonArray) Write(document []byte) (int, error) {
	if a.array {
		before := "[\n"
		if a.some {
			before = ",\n"
		}
		if _, err := io.WriteString(a.w, before); err != nil {
			return 0, err
		}
	}
	a.some = true
	return a.w.Write(document)
}

// end closes the array, also that of a run that was cut short.
func (a *jsonArray) end() error {
	if !a.array {
		return nil
	}
	text := "]\n"
	if !a.some {
		text = "[]\n"
	}
	_, err := io.WriteString(a.w, text)
	return err
}

package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"maildiag/report"
	"maildiag/service/run"
)

// sinkFunc is a sink of one function.
type sinkFunc func(report.Event) error

// Emit implements [report.Sink].
func (f sinkFunc) Emit(e report.Event) error { return f(e) }

// progress says where a check stands.
func progress(place int) string {
	if place > 0 {
		return fmt.Sprintf("Waiting: place %d in the queue.", place)
	}
	return "Checking. Results appear as they are found."
}

// duration says a time in words.
func duration(d time.Duration) string {
	for _, unit := range []struct {
		name string
		d    time.Duration
	}{{"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		switch n := d / unit.d; {
		case d%unit.d != 0:
		case n == 1:
			return "1 " + unit.name
		case n > 1:
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return d.String()
}

// tilesOf returns the tiles of what is known so far.
func tilesOf(events []report.Event) string {
	var b bytes.Buffer
	rep := new(report.Report)
	for _, e := range events {
		switch {
		case e.Start != nil:
			rep.Start = *e.Start
		case e.Begin != nil:
			rep.Begin = *e.Begin
		case e.Finding != nil:
			rep.Findings = append(rep.Findings, *e.Finding)
		}
	}
	if len(rep.Findings) > 0 {
		_ = report.WriteHTMLTiles(&b, rep) // to memory
	}
	return b.String()
}

// downloads are the forms in which a result can be taken along.
var downloads = map[string]struct {
	form, ending string
	write        func(h *Handler, id string, w io.Writer) error
}{
	"json":   {"application/json", ".json", renderAs("json")},
	"html":   {"text/html; charset=utf-8", ".html", renderAs("html")},
	"ticket": {"text/plain; charset=utf-8", ".txt", writeTicket},
}

// renderAs returns what writes a result in a format of report.
func renderAs(format string) func(*Handler, string, io.Writer) error {
	return func(h *Handler, id string, w io.Writer) error {
		sink, err := report.New(format, w, report.Options{Unicode: true})
		if err != nil {
			return err
		}
		return h.Store.Replay(id, time.Now(), sink)
	}
}

// writeTicket writes the plan for the DNS provider, or that there is none.
func writeTicket(h *Handler, id string, w io.Writer) error {
	rep, err := h.saved(id)
	if err != nil {
		return err
	}
	return run.WritePlan(w, rep, "ticket", h.Version)
}

// download answers with a result as a file.
func (h *Handler) download(w http.ResponseWriter, r *http.Request) {
	d, known := downloads[r.PathValue("form")]
	rep, err := h.saved(r.PathValue("id"))
	if !known || err != nil {
		h.lost(w, r)
		return
	}
	var b bytes.Buffer
	if err := d.write(h, r.PathValue("id"), &b); err != nil {
		h.failed(w, r, err)
		return
	}
	w.Header().Set("Content-Type", d.form)
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'")
	w.Header().Set("Content-Disposition", `attachment; filename="maildiag-`+rep.Begin.Domain+d.ending+`"`) // an A-label name: no quotes
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

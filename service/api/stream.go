package api

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"maildiag/report"
)

// The forms of an answer.
const (
	formJSON   = "application/json"
	formNDJSON = "application/x-ndjson"
	formSSE    = "text/event-stream"
)

// negotiate returns the form that an Accept field prefers; "" for none of ours.
// RFC 9110 12.5.1
func negotiate(accept string, ours ...string) string {
	if strings.TrimSpace(accept) == "" {
		return ours[0]
	}
	best, weight := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		typ, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil || q > 1 {
				continue
			}
		}
		for _, o := range ours {
			major, _, _ := strings.Cut(o, "/")
			if q > weight && (typ == o || typ == "*/*" || typ == major+"/*") {
				best, weight = o, q
			}
		}
	}
	return best
}

// writeTimeout is how long a client may take to receive one event.
const writeTimeout = 10 * time.Second

// Events writes server-sent events. Each is sent at once; a client that does not
// read is cut off.
type Events struct {
	w       io.Writer
	control *http.ResponseController
}

// NewEvents starts an answer of events.
func NewEvents(w http.ResponseWriter) *Events {
	startStream(w, formSSE)
	return &Events{w, http.NewResponseController(w)}
}

// startStream starts an answer that is written piece by piece.
func startStream(w http.ResponseWriter, form string) {
	h := w.Header()
	h.Set("Content-Type", form)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // for the reverse proxies that would wait for more
	w.WriteHeader(http.StatusOK)
}

// Send sends an event. The data may have any number of lines.
func (e *Events) Send(name string, data []byte) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\n", name)
	for line := range bytes.SplitSeq(bytes.TrimRight(data, "\n"), []byte("\n")) {
		fmt.Fprintf(&b, "data: %s\n", line)
	}
	b.WriteByte('\n')
	return flush(e.control, e.w, b.Bytes())
}

// flush sends a piece of a stream at once.
func flush(c *http.ResponseController, w io.Writer, piece []byte) error {
	_ = c.SetWriteDeadline(time.Now().Add(writeTimeout)) // not all writers have one
	if _, err := w.Write(piece); err != nil {
		return err
	}
	return c.Flush()
}

// eventSink sends the events of a run, each under its name.
type eventSink struct{ events *Events }

func (s eventSink) Emit(e report.Event) error {
	var b bytes.Buffer
	line, err := report.New("ndjson", &b, report.Options{})
	if err != nil {
		return err
	}
	if err := line.Emit(e); err != nil {
		return err
	}
	return s.events.Send(eventName(e), b.Bytes())
}

func eventName(e report.Event) string {
	switch {
	case e.Start != nil:
		return "start"
	case e.Begin != nil:
		return "begin"
	case e.Finding != nil:
		return "finding"
	case e.End != nil:
		return "end"
	}
	return "stop"
}

// lineWriter sends each Write at once.
type lineWriter struct {
	w       io.Writer
	control *http.ResponseController
}

func (l lineWriter) Write(p []byte) (int, error) {
	if err := flush(l.control, l.w, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

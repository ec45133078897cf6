package report

import (
	"encoding/json"
	"time"
)

// The forms in which durations travel: whole milliseconds. The types below
// shadow nothing but the missing field.

type plainFinding Finding

type wireFinding struct {
	plainFinding
	Millis int64 `json:"elapsed_ms"`
}

// MarshalJSON writes the finding with elapsed_ms.
func (f Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireFinding{plainFinding(f), millis(f.Elapsed)})
}

// UnmarshalJSON reads the finding with elapsed_ms.
func (f *Finding) UnmarshalJSON(text []byte) error {
	var w wireFinding
	err := unmarshal(text, &w)
	*f = Finding(w.plainFinding)
	f.Elapsed = time.Duration(w.Millis) * time.Millisecond
	return err
}

type plainEnd End

type wireEnd struct {
	plainEnd
	Millis int64 `json:"elapsed_ms"`
}

// MarshalJSON writes the end with elapsed_ms.
func (e End) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireEnd{plainEnd(e), millis(e.Elapsed)})
}

// UnmarshalJSON reads the end with elapsed_ms.
func (e *End) UnmarshalJSON(text []byte) error {
	var w wireEnd
	err := unmarshal(text, &w)
	*e = End(w.plainEnd)
	e.Elapsed = time.Duration(w.Millis) * time.Millisecond
	return err
}

type plainStop Stop

type wireStop struct {
	plainStop
	Millis int64 `json:"elapsed_ms"`
}

// MarshalJSON writes the stop with elapsed_ms.
func (s Stop) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireStop{plainStop(s), millis(s.Elapsed)})
}

// UnmarshalJSON reads the stop with elapsed_ms.
func (s *Stop) UnmarshalJSON(text []byte) error {
	var w wireStop
	err := unmarshal(text, &w)
	*s = Stop(w.plainStop)
	s.Elapsed = time.Duration(w.Millis) * time.Millisecond
	return err
}

func millis(d time.Duration) int64 { return d.Round(time.Millisecond).Milliseconds() }

package report

import (
	"bytes"
	"encoding/json"
	"time"
)

// The JSON forms of what holds a duration: it travels as elapsed_ms.

func encoded(write func(*encoder)) ([]byte, error) {
	var e encoder
	write(&e)
	return e.b, nil
}

// MarshalJSON writes the finding with elapsed_ms.
func (f Finding) MarshalJSON() ([]byte, error) {
	f = normalFinding(f)
	return encoded(func(e *encoder) { e.finding(&f) })
}

// MarshalJSON writes the end with elapsed_ms.
func (e End) MarshalJSON() ([]byte, error) {
	return encoded(func(w *encoder) { w.b = append(w.b, '{'); w.end(&e); w.close() })
}

// MarshalJSON writes the stop with elapsed_ms.
func (s Stop) MarshalJSON() ([]byte, error) {
	return encoded(func(w *encoder) { w.b = append(w.b, '{'); w.stop(&s); w.close() })
}

type plainFinding Finding

// UnmarshalJSON reads the finding with elapsed_ms; numbers in Data are
// json.Number.
func (f *Finding) UnmarshalJSON(text []byte) error {
	var w struct {
		plainFinding
		Millis int64 `json:"elapsed_ms"`
	}
	err := unmarshal(text, &w)
	*f = Finding(w.plainFinding)
	f.Elapsed = time.Duration(w.Millis) * time.Millisecond
	return err
}

type plainEnd End

// UnmarshalJSON reads the end with elapsed_ms.
func (e *End) UnmarshalJSON(text []byte) error {
	var w struct {
		plainEnd
		Millis int64 `json:"elapsed_ms"`
	}
	err := unmarshal(text, &w)
	*e = End(w.plainEnd)
	e.Elapsed = time.Duration(w.Millis) * time.Millisecond
	return err
}

type plainStop Stop

// UnmarshalJSON reads the stop with elapsed_ms.
func (s *Stop) UnmarshalJSON(text []byte) error {
	var w struct {
		plainStop
		Millis int64 `json:"elapsed_ms"`
	}
	err := unmarshal(text, &w)
	*s = Stop(w.plainStop)
	s.Elapsed = time.Duration(w.Millis) * time.Millisecond
	return err
}

// unmarshal decodes one JSON value and keeps numbers as they are written.
func unmarshal(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

func millis(d time.Duration) int64 { return d.Round(time.Millisecond).Milliseconds() }

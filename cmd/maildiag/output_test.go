package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/report"
)

// A call that cannot be used leaves nothing in the folder of --output.
func TestWrongFormatLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	f := outFlags{format: "yaml", failOn: "fail", color: "never", output: filepath.Join(dir, "report.txt")}
	if _, err := a.openOutput(&f); err == nil {
		t.Error("the format yaml is known")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// sinkOf is a sink that answers every event with one error.
type sinkOf struct{ err error }

func (s sinkOf) Emit(report.Event) error { return s.err }

func begin() report.Event { return report.Event{Begin: &report.Begin{Domain: "contoso.com"}} }

// What is being waited for is told after a second, and taken back before
// anything else is written.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		p := &progress{inner: sinkOf{}, err: &said}
		text := func() string {
			p.mu.Lock()
			defer p.mu.Unlock()
			return said.String()
		}
		p.Emit(report.Event{Start: &report.Start{Checks: []report.CheckInfo{{ID: "mx"}, {ID: "spf"}}}})
		p.Emit(begin())
		time.Sleep(progressAfter)
		p.Emit(report.Event{Finding: &report.Finding{Check: "mx"}})
		if s := text(); s != "" {
			t.Errorf("within a second: %q", s)
		}
		time.Sleep(progressAfter + progressEvery/2)
		p.Emit(report.Event{End: &report.End{}})
		if s := text(); !strings.HasSuffix(s, "maildiag: contoso.com: waiting for spf (2 s)\r\x1b[K") {
			t.Errorf("said %q", s)
		}
	})
}

// Nobody watches on when a stream ends early: the bubble ends only if no
// goroutine is left.
func TestProgressEnds(t *testing.T) {
	for name, err := range map[string]error{"cut off": nil, "the reader is gone": errors.New("gone")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(*testing.T) {
				p := &progress{inner: sinkOf{err}, err: io.Discard}
				p.Emit(begin())
				if err == nil {
					p.Emit(begin())
					p.Emit(report.Event{Stop: &report.Stop{}})
				}
			})
		})
	}
}

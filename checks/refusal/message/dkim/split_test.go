package dkim

import (
	"strings"
	"testing"
)

// TestSplitFoldedField holds that a field of many lines shares the memory of
// the header instead of being copied once a line.
func TestSplitFoldedField(t *testing.T) {
	const lines = 20_000
	field := "X-A: 1\r\n" + strings.Repeat(" b\r\n", lines)
	data := []byte(field + "Subject: x\r\n\ty\r\n\r\nbody")
	m := Split(data)
	if len(m.Fields) != 2 || m.Fields[0].Raw != field || m.Fields[1].Raw != "Subject: x\r\n\ty\r\n" || string(m.Body) != "body" {
		t.Fatalf("%d fields, body %q", len(m.Fields), m.Body)
	}
	if n := testing.AllocsPerRun(1, func() { Split(data) }); n > 10 {
		t.Errorf("%v allocations for two fields", n)
	}
}

package report

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Every field of every event survives the stream, so that a field that the
// hand-written encoder or a reader forgets is found by name.
func TestEventRoundTrip(t *testing.T) {
	var full struct {
		Start   Start
		Begin   Begin
		Finding Finding
		End     End
		Stop    Stop
	}
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	full.Start.Schema, full.Stop.Cut = StreamSchema, false
	want := []Event{{Start: &full.Start}, {Begin: &full.Begin}, {Finding: &full.Finding}, {End: &full.End}, {Stop: &full.Stop}}
	var got keeper
	if err := Replay(strings.NewReader(render(t, "ndjson", Options{}, want)), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	for i := range want {
		same(t, reflect.ValueOf(want[i]), reflect.ValueOf(got[i]), "event")
	}
}

// Every field of a report survives the document of one domain, but for what
// belongs to the run alone.
func TestReportRoundTrip(t *testing.T) {
	var full Report
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	full.Start.Schema, full.Start.Domains = StreamSchema, 0
	full.Start.Started, full.End.Domain = full.Begin.Started, full.Begin.Domain
	for _, checks := range [][]CheckInfo{nil, {{ID: BaselineCheck}}} {
		full.Start.Checks = checks
		text, err := json.Marshal(&full)
		if err != nil {
			t.Fatal(err)
		}
		var again Report
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		same(t, reflect.ValueOf(full), reflect.ValueOf(again), "report")
	}
}

// same names the fields in which two values differ.
func same(t *testing.T, want, got reflect.Value, path string) {
	t.Helper()
	switch {
	case reflect.DeepEqual(want.Interface(), got.Interface()):
	case want.Kind() == reflect.Pointer && !want.IsNil() && !got.IsNil():
		same(t, want.Elem(), got.Elem(), path)
	case want.Kind() == reflect.Slice && want.Len() == got.Len():
		for i := range want.Len() {
			same(t, want.Index(i), got.Index(i), path)
		}
	case want.Kind() == reflect.Struct:
		for i := range want.NumField() {
			if f := want.Type().Field(i); f.IsExported() {
				same(t, want.Field(i), got.Field(i), path+"."+f.Name)
			}
		}
	default:
		t.Errorf("%s: read %v, want %v", path, got, want)
	}
}

// keeper keeps all events.
type keeper []Event

func (k *keeper) Emit(e Event) error {
	*k = append(*k, e)
	return nil
}

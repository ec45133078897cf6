package report

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// fill sets every field below v to a value of its own, and lists to two.
func fill(v reflect.Value, next *int) {
	*next++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 1, 0, 0, *next, 0, time.UTC)))
		return
	case time.Duration: // travels in milliseconds
		v.SetInt(int64(*next) * int64(time.Millisecond))
		return
	case Status:
		v.Set(reflect.ValueOf(Warn))
		return
	case map[string]any:
		v.Set(reflect.ValueOf(map[string]any{"a": json.Number(strconv.Itoa(*next)), "b": true, "c": "text"}))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), next)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() { // others do not travel
				fill(v.Field(i), next)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), next)
		fill(v.Index(1), next)
	case reflect.String:
		v.SetString(string(rune('a'+*next%26)) + "\"\\\x1b\u202e<é")
	case reflect.Int:
		v.SetInt(int64(*next))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("a field of kind " + v.Kind().String() + " is not written")
	}
}

func planThere(t *testing.T, p Plan) (again Plan, text []byte) {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return again, text
}

// What is written is read as it was, with every field set, with each field
// alone, and with none.
func TestPlanRoundTrip(t *testing.T) {
	var full Plan
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	plans := []Plan{full, {}}
	for _, step := range eachAlone(full.Steps[0]) {
		plans = append(plans, Plan{Steps: []Step{step}})
	}
	for _, a := range eachAlone(full.Steps[0].Alternatives[0]) {
		plans = append(plans, Plan{Steps: []Step{{Alternatives: []Alternative{a}}}})
	}
	for _, r := range eachAlone(full.Result) {
		plans = append(plans, Plan{Result: r})
	}
	for _, p := range plans {
		again, text := planThere(t, p)
		if !reflect.DeepEqual(again, p) {
			t.Errorf("%s\nread %+v\nwant %+v", text, again, p)
		}
		if _, twice := planThere(t, again); !bytes.Equal(text, twice) {
			t.Errorf("%s\nis written the second time as\n%s", text, twice)
		}
	}
}

// eachAlone returns v once for each of its fields, with only that field set.
func eachAlone[T any](v T) []T {
	from := reflect.ValueOf(v)
	list := make([]T, from.NumField())
	for i := range list {
		reflect.ValueOf(&list[i]).Elem().Field(i).Set(from.Field(i))
	}
	return list
}

// The hand-written encoder writes the members that the tags name, in the
// order of the fields.
func TestPlanMatchesTags(t *testing.T) {
	var full Plan
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	type plain Plan // without the encoder
	want, err := json.Marshal(plain(full))
	if err != nil {
		t.Fatal(err)
	}
	_, got := planThere(t, full)
	if names(t, got) != names(t, want) || !strings.Contains(names(t, got), "alternatives") {
		t.Errorf("members\n%s\nwant\n%s", names(t, got), names(t, want))
	}
}

// names returns the names and delimiters of a document in their order.
func names(t *testing.T, text []byte) string {
	t.Helper()
	var found []string
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return strings.Join(found, " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(string); ok && strings.Contains(s, "\u202e") {
			continue // a value
		}
		if v, ok := token.(json.Delim); ok {
			token = v.String()
		}
		if s, ok := token.(string); ok {
			found = append(found, s)
		}
	}
}

func TestPlanBadBytes(t *testing.T) {
	p := Plan{Steps: []Step{{Add: []string{"v=spf1 \xff\xc3( -all"}}}}
	again, text := planThere(t, p)
	if got := again.Steps[0].Add[0]; got != `v=spf1 \xff\xc3( -all` {
		t.Errorf("read %q from %s", got, text)
	}
}

func TestStepRRset(t *testing.T) {
	s := Step{Action: ActionChange, Keep: []string{"k"}, Remove: []string{"old"}, Add: []string{"new"}}
	if got := s.Before(); !slices.Equal(got, []string{"k", "old"}) {
		t.Errorf("before %q", got)
	}
	if got := s.Published(); !slices.Equal(got, []string{"k", "new"}) {
		t.Errorf("after %q", got)
	}
	if got := append(s.Before(), "x"); len(got) != 3 || s.Keep[0] != "k" || len(s.Keep) != 1 {
		t.Error("the list of the step is shared")
	}
	for action, want := range map[Action]bool{ActionAdd: true, ActionChange: true, ActionRemove: true,
		ActionRun: false, ActionDecide: false, "": false} {
		if (&Step{Action: action}).ChangesRecords() != want {
			t.Errorf("%q: ChangesRecords is not %v", action, want)
		}
	}
}

func TestPlanSchema(t *testing.T) {
	s := schema(t, "plan-v1.schema.json")
	good := Plan{Proven: true, Result: PlanResult{Verdict: Ready}, Steps: []Step{
		{Step: 1, Owner: OwnerDNS, Action: ActionChange, Name: "contoso.com.", Type: "TXT", Keep: []string{"a"},
			Remove: []string{"b"}, Add: []string{"c"}, TTL: 3600, Text: "x", Fixes: []string{"spf.syntax"}},
		{Step: 2, Owner: OwnerM365, After: []int{1}, Action: ActionRun, Commands: []string{"Get-DkimSigningConfig"}, Text: "x"},
		{Step: 3, Owner: OwnerYou, Action: ActionDecide, Text: "x",
			Alternatives: []Alternative{{Label: "a", Text: "b"}, {Label: "c", Text: "d", Add: []string{"e"}}}},
	}}
	for _, p := range []Plan{good, {Result: PlanResult{Verdict: NotReady}}} {
		_, text := planThere(t, p)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%v in %s", err, text)
		}
	}
	for name, spoil := range map[string]func(*Plan){
		"unknown action":                  func(p *Plan) { p.Steps[0].Action = "fix" },
		"record without a name":           func(p *Plan) { p.Steps[0].Name = "" },
		"no owner":                        func(p *Plan) { p.Steps[1].Owner = "" },
		"decision without a choice":       func(p *Plan) { p.Steps[2].Alternatives = p.Steps[2].Alternatives[:1] },
		"alternatives outside a decision": func(p *Plan) { p.Steps[1].Alternatives = p.Steps[2].Alternatives },
		"step number 0":                   func(p *Plan) { p.Steps[0].Step = 0 },
		"no verdict":                      func(p *Plan) { p.Result.Verdict = "" },
	} {
		bad := good
		bad.Steps = slices.Clone(good.Steps)
		spoil(&bad)
		_, text := planThere(t, bad)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(doc) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

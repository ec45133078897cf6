package report

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// normal stands before every renderer and reduces events to what NDJSON can
// carry, so that a run and its replay are rendered alike to the byte: times
// to the second in UTC, durations to the millisecond, bytes that are not
// UTF-8 as \xHH, numbers that JSON does not have as words.
type normal struct {
	next Sink
	room Finding // the one that is being emitted; next keeps no pointer to it
}

func (n *normal) Emit(e Event) error {
	switch {
	case e.Start != nil:
		s := *e.Start
		s.Started = s.Started.UTC().Truncate(time.Second)
		s.Version, s.AsOf, s.Options = valid(s.Version), valid(s.AsOf), valid(s.Options)
		if s.FailOn != Warn {
			s.FailOn = Fail
		}
		e.Start = &s
	case e.Begin != nil:
		b := *e.Begin
		b.Started = b.Started.UTC().Truncate(time.Second)
		b.Domain, b.Unicode = valid(b.Domain), valid(b.Unicode)
		b.Resolver, b.Expect = valid(b.Resolver), valid(b.Expect)
		e.Begin = &b
	case e.Finding != nil:
		n.room = normalFinding(*e.Finding)
		e.Finding = &n.room
	case e.End != nil:
		d := *e.End
		d.Domain, d.Cloud = valid(d.Domain), valid(d.Cloud)
		d.Elapsed = d.Elapsed.Round(time.Millisecond)
		e.End = &d
	case e.Stop != nil:
		s := *e.Stop
		s.Elapsed, s.BadLines = s.Elapsed.Round(time.Millisecond), max(s.BadLines, 0)
		e.Stop = &s
	}
	return n.next.Emit(e)
}

func normalFinding(f Finding) Finding {
	f.Elapsed = f.Elapsed.Round(time.Millisecond)
	if f.Status == Unset || int(f.Status) >= len(statusNames) {
		f.Status, f.Optional = Unknown, false // never a pass
	}
	f.Check, f.Code, f.Cause = valid(f.Check), valid(f.Code), Cause(valid(string(f.Cause)))
	f.Subject, f.Summary = valid(f.Subject), valid(f.Summary)
	f.Evidence = mapped(f.Evidence, func(e Evidence) Evidence {
		return Evidence{valid(e.Kind), normalQuery(e.Query), valid(e.Text), valid(e.From), valid(e.Note), valid(e.Link)}
	})
	f.Terms = mapped(f.Terms, func(t Term) Term { t.Text, t.Note = valid(t.Text), valid(t.Note); return t })
	f.Fix = normalFix(f.Fix)
	f.Data = normalData(f.Data)
	return f
}

// normalQuery returns the query with valid text; the same one if it is valid.
func normalQuery(q *Query) *Query {
	if q == nil || utf8.ValidString(q.Name) && utf8.ValidString(q.Type) {
		return q
	}
	return &Query{valid(q.Name), valid(q.Type)}
}

// mapped returns the list with f applied to each; the same list if that changes
// nothing.
func mapped[T comparable](list []T, f func(T) T) []T {
	for i, v := range list {
		if f(v) != v {
			out := slices.Clone(list)
			for j := i; j < len(out); j++ {
				out[j] = f(out[j])
			}
			return out
		}
	}
	return list
}

func normalFix(fix *Fix) *Fix {
	if fix == nil {
		return nil
	}
	out := Fix{
		Owner: valid(fix.Owner), Text: valid(fix.Text),
		Edits:    mapped(fix.Edits, normalEdit),
		Commands: mapped(fix.Commands, valid), Links: mapped(fix.Links, valid),
		Alternatives: normalChoices(fix.Alternatives),
	}
	if out.Owner == fix.Owner && out.Text == fix.Text && sameList(out.Edits, fix.Edits) && sameList(out.Commands, fix.Commands) &&
		sameList(out.Links, fix.Links) && sameList(out.Alternatives, fix.Alternatives) {
		return fix
	}
	changed := out
	return &changed
}

// sameList reports whether two lists of one length are one.
func sameList[T any](a, b []T) bool { return len(a) == 0 || &a[0] == &b[0] }

func normalChoices(choices []Choice) []Choice {
	for i, c := range choices {
		if n := normalChoice(c); n.Label == c.Label && n.Text == c.Text && n.Caution == c.Caution && sameList(n.Edits, c.Edits) {
			continue
		}
		out := slices.Clone(choices)
		for j := i; j < len(out); j++ {
			out[j] = normalChoice(out[j])
		}
		return out
	}
	return choices
}

func normalChoice(c Choice) Choice {
	return Choice{valid(c.Label), valid(c.Text), valid(c.Caution), mapped(c.Edits, normalEdit), c.Stay}
}

func normalEdit(r Edit) Edit {
	return Edit{valid(r.Name), valid(r.Type), r.Op, valid(r.Old), valid(r.New), r.TTL}
}

func normalData(in map[string]any) map[string]any {
	if len(in) == 0 {
		return nil
	}
	if isNormal(in) {
		return in
	}
	out := make(map[string]any, len(in))
	for k, v := range in {
		out[valid(k)] = normalValue(v)
	}
	return out
}

// isNormal reports whether a Data is as normalData leaves it.
func isNormal(m map[string]any) bool {
	for k, v := range m {
		if s, ok := v.(string); ok && !utf8.ValidString(s) || !utf8.ValidString(k) {
			return false
		}
		switch v.(type) {
		case bool, string, int, json.Number:
		default:
			return false
		}
	}
	return true
}

// normalValue reduces a value of Data to a bool, a string, an int or a
// json.Number.
func normalValue(v any) any {
	switch v := v.(type) {
	case bool, int, json.Number:
		return v
	case string:
		return valid(v)
	case int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return json.Number(fmt.Sprint(v))
	case float32:
		return normalFloat(float64(v))
	case float64:
		return normalFloat(v)
	case []string:
		return valid(strings.Join(v, " "))
	}
	return valid(fmt.Sprint(v))
}

func normalFloat(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Sprint(f)
	}
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Sprint(f)
	}
	return json.Number(text)
}

// valid writes the bytes of s that are not UTF-8 as \xHH.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

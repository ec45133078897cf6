package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// The JSON writer. It is written by hand for two reasons: in a bulk run the
// reflection of encoding/json took more time than the checks of a good domain,
// and it writes C1 controls and bidi marks as they are, which a terminal would
// obey. What it writes is read with encoding/json.

// encoder appends one JSON value.
type encoder struct{ b []byte }

// key starts a member of an object.
func (e *encoder) key(name string) {
	if n := len(e.b); n > 0 && e.b[n-1] != '{' {
		e.b = append(e.b, ',')
	}
	e.b = append(e.b, '"')
	e.b = append(e.b, name...)
	e.b = append(e.b, '"', ':')
}

func (e *encoder) str(name, value string) {
	e.key(name)
	e.b = appendString(e.b, value)
}

// opt writes a string unless it is empty.
func (e *encoder) opt(name, value string) {
	if value != "" {
		e.str(name, value)
	}
}

func (e *encoder) num(name string, n int64) {
	e.key(name)
	e.b = strconv.AppendInt(e.b, n, 10)
}

// yes writes a true value; false is left out.
func (e *encoder) yes(name string, v bool) {
	if v {
		e.key(name)
		e.b = append(e.b, "true"...)
	}
}

func (e *encoder) time(name string, t time.Time) {
	e.key(name)
	e.b = append(e.b, '"')
	e.b = t.AppendFormat(e.b, time.RFC3339)
	e.b = append(e.b, '"')
}

func (e *encoder) open(name string) {
	e.key(name)
	e.b = append(e.b, '{')
}

func (e *encoder) close() { e.b = append(e.b, '}') }

// list writes an array; an empty one is left out.
func list[T any](e *encoder, name string, items []T, item func(*T)) {
	if len(items) == 0 {
		return
	}
	e.key(name)
	e.array(len(items), func(i int) { item(&items[i]) })
}

func (e *encoder) array(n int, item func(int)) {
	e.b = append(e.b, '[')
	for i := range n {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		item(i)
	}
	e.b = append(e.b, ']')
}

func (e *encoder) strings(name string, values []string) {
	list(e, name, values, func(s *string) { e.b = appendString(e.b, *s) })
}

func (e *encoder) finding(f *Finding) {
	e.b = append(e.b, '{')
	e.str("check", f.Check)
	e.str("code", f.Code)
	e.str("status", f.Status.String())
	e.opt("cause", string(f.Cause))
	e.opt("subject", f.Subject)
	e.str("summary", f.Summary)
	e.yes("optional", f.Optional)
	e.yes("accepted", f.Accepted)
	e.yes("blocked", f.Blocked)
	list(e, "evidence", f.Evidence, e.evidence)
	list(e, "terms", f.Terms, e.term)
	if f.Fix != nil {
		e.fix(f.Fix)
	}
	if len(f.Data) > 0 {
		e.data(f.Data)
	}
	e.num("elapsed_ms", millis(f.Elapsed))
	e.close()
}

func (e *encoder) evidence(v *Evidence) {
	e.b = append(e.b, '{')
	e.str("kind", v.Kind)
	if v.Query != nil {
		e.open("query")
		e.str("name", v.Query.Name)
		e.str("type", v.Query.Type)
		e.close()
	}
	e.str("text", v.Text)
	e.opt("from", v.From)
	e.opt("note", v.Note)
	e.opt("source", v.Link)
	e.close()
}

func (e *encoder) term(t *Term) {
	e.b = append(e.b, '{')
	e.num("depth", int64(t.Depth))
	e.str("text", t.Text)
	if t.First != 0 {
		e.num("first", int64(t.First))
	}
	if t.Lookups != 0 {
		e.num("lookups", int64(t.Lookups))
	}
	e.yes("fault", t.Fault)
	e.opt("note", t.Note)
	e.close()
}

func (e *encoder) fix(f *Fix) {
	e.open("fix")
	e.str("owner", f.Owner)
	e.str("text", f.Text)
	list(e, "edits", f.Edits, e.edit)
	e.strings("commands", f.Commands)
	e.strings("links", f.Links)
	list(e, "alternatives", f.Alternatives, e.choice)
	e.close()
}

func (e *encoder) choice(c *Choice) {
	e.b = append(e.b, '{')
	e.str("label", c.Label)
	e.str("text", c.Text)
	e.opt("caution", c.Caution)
	list(e, "edits", c.Edits, e.edit)
	e.yes("stay", c.Stay)
	e.close()
}

func (e *encoder) edit(r *Edit) {
	e.b = append(e.b, '{')
	e.str("name", r.Name)
	e.str("type", r.Type)
	e.opt("op", string(r.Op))
	e.opt("old", r.Old)
	e.opt("new", r.New)
	if r.TTL != 0 {
		e.num("ttl", int64(r.TTL))
	}
	e.close()
}

// data writes the members in the order of their names.
func (e *encoder) data(m map[string]any) {
	var room [16]string
	keys := room[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	e.key("data")
	e.b = append(e.b, '{')
	for i, k := range keys {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.b = appendString(e.b, k)
		e.b = append(e.b, ':')
		e.value(m[k])
	}
	e.close()
}

// value writes what Data may hold; see [normalValue].
func (e *encoder) value(v any) {
	switch v := v.(type) {
	case bool:
		e.b = strconv.AppendBool(e.b, v)
	case int:
		e.b = strconv.AppendInt(e.b, int64(v), 10)
	case json.Number:
		e.b = append(e.b, v...)
	case string:
		e.b = appendString(e.b, v)
	default:
		e.value(normalValue(v))
	}
}

// countedStatuses are the members of counts, in their order.
var countedStatuses = [...]Status{Pass, Info, Warn, Fail, Unknown, Skip}

func (e *encoder) counts(c *Counts) {
	e.open("counts")
	for _, s := range countedStatuses {
		e.num(s.String(), int64(c.Of(s)))
	}
	e.close()
}

// report writes the document of one domain.
func (e *encoder) report(r *Report) {
	c := r.Counts()
	e.b = append(e.b, '{')
	e.str("schema", ReportSchema)
	e.str("version", r.Start.Version)
	e.str("domain", r.Begin.Domain)
	e.opt("unicode", r.Begin.Unicode)
	e.time("started", r.Begin.Started)
	e.opt("as_of", r.Start.AsOf)
	e.str("resolver", r.Begin.Resolver)
	e.str("expect", r.Begin.Expect)
	e.opt("options", r.Start.Options)
	e.opt("cloud", r.End.Cloud)
	e.opt("kind", string(r.End.Kind))
	e.opt("host", r.End.Host)
	e.yes("compared", r.Start.compared())
	e.str("verdict", string(r.Verdict()))
	e.str("fail_on", r.Start.FailOn.String())
	e.num("exit_code", int64(r.End.ExitCode(c, r.Start.FailOn)))
	e.yes("unfinished", r.End.Cut)
	e.counts(&c)
	e.num("elapsed_ms", millis(r.End.Elapsed))
	e.num("queries", int64(r.End.Queries))
	e.key("findings")
	e.array(len(r.Findings), func(i int) { e.finding(&r.Findings[i]) })
	e.optPlan(r.End.Plan)
	e.close()
}

// event writes one event of the stream.
func (e *encoder) event(v *Event) error {
	e.b = append(e.b, '{')
	switch {
	case v.Start != nil:
		e.start(v.Start)
	case v.Begin != nil:
		e.begin(v.Begin)
	case v.Finding != nil:
		e.key("finding")
		e.finding(v.Finding)
	case v.End != nil:
		e.open("end")
		e.end(v.End)
		e.close()
	case v.Stop != nil:
		e.open("stop")
		e.stop(v.Stop)
		e.close()
	default:
		return fmt.Errorf("report: an event without content")
	}
	e.close()
	return nil
}

func (e *encoder) start(s *Start) {
	e.open("start")
	e.str("schema", StreamSchema)
	e.str("version", s.Version)
	e.time("started", s.Started)
	e.opt("as_of", s.AsOf)
	e.opt("options", s.Options)
	e.str("fail_on", s.FailOn.String())
	e.num("domains", int64(s.Domains))
	list(e, "checks", s.Checks, func(c *CheckInfo) {
		e.b = append(e.b, '{')
		e.str("id", c.ID)
		e.str("title", c.Title)
		e.close()
	})
	e.close()
}

func (e *encoder) begin(b *Begin) {
	e.open("begin")
	e.str("domain", b.Domain)
	e.opt("unicode", b.Unicode)
	e.time("started", b.Started)
	e.str("resolver", b.Resolver)
	e.str("expect", b.Expect)
	e.close()
}

func (e *encoder) end(v *End) {
	e.str("domain", v.Domain)
	e.opt("cloud", v.Cloud)
	e.opt("kind", string(v.Kind))
	e.opt("host", v.Host)
	e.num("queries", int64(v.Queries))
	e.yes("cut", v.Cut)
	e.num("elapsed_ms", millis(v.Elapsed))
	e.optPlan(v.Plan)
}

func (e *encoder) optPlan(p *Plan) {
	if p != nil {
		e.key("plan")
		e.plan(p)
	}
}

func (e *encoder) stop(v *Stop) {
	e.yes("cut", v.Cut)
	if v.BadLines > 0 {
		e.num("bad_lines", int64(v.BadLines))
	}
	e.num("elapsed_ms", millis(v.Elapsed))
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string (RFC 8259 7). All that is not seen as
// itself is escaped, and so are the signs that end a script in a page.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if !jsonEscapes[c] {
				i++
				continue
			}
			b = append(b, s[from:i]...)
			b = appendEscape(b, rune(c))
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !shows(r) {
			b = append(b, s[from:i]...)
			b = appendEscape(b, r)
			from = i + n
		}
		i += n
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

// jsonEscapes marks the ASCII bytes that are escaped.
var jsonEscapes = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c < ' ' || c == 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&'
	}
	return t
}()

func appendEscape(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	if r > 0xffff { // a surrogate pair
		r -= 0x10000
		b = appendEscape(b, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

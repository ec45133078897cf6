package report

import (
	"bytes"
	"encoding/json"
	"slices"
)

// The values that a decoder reads, member by member as the encoder writes them.

// decodeReport reads a document on a line, if it is written as [encoder] does.
func decodeReport(line []byte) (r *Report, ok bool) {
	d := decoder{s: string(bytes.TrimSuffix(line, []byte("\n")))}
	var doc document
	if d.document(&doc); d.bad || d.at != len(d.s) {
		return nil, false
	}
	r = new(Report)
	return r, doc.to(r) == nil
}

func (d *decoder) document(v *document) {
	d.open()
	d.str("schema", &v.Schema)
	d.str("version", &v.Version)
	d.str("domain", &v.Domain)
	d.str("unicode", &v.Unicode)
	d.time("started", &v.Started)
	d.str("as_of", &v.AsOf)
	d.str("resolver", &v.Resolver)
	d.str("expect", &v.Expect)
	d.str("options", &v.Options)
	d.str("cloud", &v.Cloud)
	d.str("kind", (*string)(&v.Kind))
	d.str("host", &v.Host)
	d.yes("compared", &v.Compared)
	d.str("verdict", new(string)) // follows from the findings, as do the counts
	if d.key("fail_on") {
		v.FailOn = d.status()
	}
	d.num("exit_code", new(int))
	d.yes("unfinished", &v.Unfinished)
	d.counts()
	if d.key("elapsed_ms") {
		v.Elapsed = d.integer()
	}
	d.num("queries", &v.Queries)
	decodeList(d, "findings", &v.Findings, d.finding)
	if d.key("plan") {
		v.Plan = new(Plan)
		d.plan(v.Plan)
	}
	d.close()
}

func (d *decoder) counts() {
	if !d.key("counts") {
		return
	}
	d.open()
	for _, s := range countedStatuses {
		d.num(s.String(), new(int))
	}
	d.close()
}

func (d *decoder) begin(b *Begin) {
	d.open()
	d.str("domain", &b.Domain)
	d.str("unicode", &b.Unicode)
	d.time("started", &b.Started)
	d.str("resolver", &b.Resolver)
	d.str("expect", &b.Expect)
	d.close()
}

func (d *decoder) end(v *End) {
	d.open()
	d.str("domain", &v.Domain)
	d.str("cloud", &v.Cloud)
	d.str("kind", (*string)(&v.Kind))
	d.str("host", &v.Host)
	d.num("queries", &v.Queries)
	d.yes("cut", &v.Cut)
	d.millis(&v.Elapsed)
	if d.key("plan") {
		v.Plan = new(Plan)
		d.plan(v.Plan)
	}
	d.close()
}

func (d *decoder) finding(f *Finding) {
	d.open()
	d.str("check", &f.Check)
	d.str("code", &f.Code)
	if d.key("status") {
		f.Status = d.status()
	}
	d.str("cause", (*string)(&f.Cause))
	d.str("subject", &f.Subject)
	d.str("summary", &f.Summary)
	d.yes("optional", &f.Optional)
	d.yes("accepted", &f.Accepted)
	d.yes("blocked", &f.Blocked)
	decodeList(d, "evidence", &f.Evidence, d.evidence)
	decodeList(d, "terms", &f.Terms, d.term)
	if d.key("fix") {
		f.Fix = new(Fix)
		d.fix(f.Fix)
	}
	if d.key("data") {
		f.Data = d.data()
	}
	d.millis(&f.Elapsed)
	d.close()
}

func (d *decoder) status() Status {
	i := slices.Index(statusNames[:], d.text())
	if i < 0 {
		d.fail()
		return Unset
	}
	return Status(i)
}

func (d *decoder) evidence(v *Evidence) {
	d.open()
	d.str("kind", &v.Kind)
	if d.key("query") {
		v.Query = new(Query)
		d.open()
		d.str("name", &v.Query.Name)
		d.str("type", &v.Query.Type)
		d.close()
	}
	d.str("text", &v.Text)
	d.str("from", &v.From)
	d.str("note", &v.Note)
	d.str("source", &v.Link)
	d.close()
}

func (d *decoder) term(t *Term) {
	d.open()
	d.num("depth", &t.Depth)
	d.str("text", &t.Text)
	d.num("first", &t.First)
	d.num("lookups", &t.Lookups)
	d.yes("fault", &t.Fault)
	d.str("note", &t.Note)
	d.close()
}

func (d *decoder) fix(f *Fix) {
	d.open()
	d.str("owner", &f.Owner)
	d.str("text", &f.Text)
	decodeList(d, "edits", &f.Edits, d.edit)
	d.strings("commands", &f.Commands)
	d.strings("links", &f.Links)
	decodeList(d, "alternatives", &f.Alternatives, d.choice)
	d.close()
}

func (d *decoder) choice(c *Choice) {
	d.open()
	d.str("label", &c.Label)
	d.str("text", &c.Text)
	d.str("caution", &c.Caution)
	decodeList(d, "edits", &c.Edits, d.edit)
	d.yes("stay", &c.Stay)
	d.close()
}

func (d *decoder) edit(r *Edit) {
	d.open()
	d.str("name", &r.Name)
	d.str("type", &r.Type)
	d.str("op", (*string)(&r.Op))
	d.str("old", &r.Old)
	d.str("new", &r.New)
	d.num("ttl", &r.TTL)
	d.close()
}

// data reads the members of Data, in the order of their names.
func (d *decoder) data() map[string]any {
	m := map[string]any{}
	d.open()
	for last := ""; !d.bad; {
		key := d.text()
		if len(m) > 0 && key <= last {
			d.fail()
		}
		d.must(':')
		m[key] = d.value()
		if last = key; !d.take(',') {
			break
		}
	}
	d.close()
	return m
}

func (d *decoder) value() any {
	switch {
	case d.at == len(d.s):
		d.fail()
	case d.s[d.at] == '"':
		return d.text()
	case d.s[d.at] == 't' || d.s[d.at] == 'f':
		return d.boolean()
	}
	return json.Number(d.number())
}

func (d *decoder) plan(p *Plan) {
	defer p.dropEmpty()
	d.open()
	d.yes("proven", &p.Proven)
	decodeList(d, "steps", &p.Steps, d.step)
	if d.key("result") {
		d.open()
		d.str("verdict", (*string)(&p.Result.Verdict))
		d.num("fail", &p.Result.Fail)
		d.num("warn", &p.Result.Warn)
		d.strings("remaining", &p.Result.Remaining)
		d.close()
	}
	d.close()
}

func (d *decoder) step(s *Step) {
	d.open()
	d.num("step", &s.Step)
	d.str("owner", &s.Owner)
	decodeList(d, "after", &s.After, func(n *int) { *n = int(d.integer()) })
	d.str("action", (*string)(&s.Action))
	d.str("name", &s.Name)
	d.str("type", &s.Type)
	d.strings("keep", &s.Keep)
	d.strings("remove", &s.Remove)
	d.strings("add", &s.Add)
	decodeList(d, "sets", &s.Sets, d.set)
	d.num("ttl", &s.TTL)
	decodeList(d, "cut", &s.Cut, func(texts *[]string) { decodeItems(d, texts, func(s *string) { *s = d.text() }) })
	d.strings("commands", &s.Commands)
	d.str("text", &s.Text)
	d.strings("fixes", &s.Fixes)
	d.strings("about", &s.About)
	d.str("caution", &s.Caution)
	d.str("verify", &s.Verify)
	decodeList(d, "alternatives", &s.Alternatives, d.alternative)
	d.close()
}

func (d *decoder) alternative(a *Alternative) {
	d.open()
	d.str("label", &a.Label)
	d.str("text", &a.Text)
	d.yes("stay", &a.Stay)
	d.str("caution", &a.Caution)
	d.strings("remove", &a.Remove)
	d.strings("add", &a.Add)
	decodeList(d, "sets", &a.Sets, d.set)
	d.strings("commands", &a.Commands)
	d.close()
}

func (d *decoder) set(s *Set) {
	d.open()
	d.str("name", &s.Name)
	d.str("type", &s.Type)
	d.strings("keep", &s.Keep)
	d.strings("remove", &s.Remove)
	d.strings("add", &s.Add)
	d.num("ttl", &s.TTL)
	d.close()
}

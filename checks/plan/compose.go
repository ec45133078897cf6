package plan

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// newTTL is the TTL of a new RRset: what Microsoft asks for.
const newTTL = time.Hour

// move is one change of an RRset, and the step that says so.
type move struct {
	step   step
	change dnsrec.Change
	with   []dnsrec.Change // of what makes room at the name, in the same change
	moves  bool            // what it deletes is the same record under a name with the domain appended twice
	was    []string        // the values before all changes
	now    []string        // the values before it
}

// caution says what to know before a move is made.
func (m *move) caution() string {
	return caution(rrset{m.change.Name, m.change.Type}, m.was, m.change.Values)
}

// compose makes the changes of a draft's RRsets, on top of earlier ones. ok is
// false if one of them could not be read, if the edits contradict one another, or
// if they change nothing.
func (d draft) compose(n names, earlier []dnsrec.Change) (moves []move, ok bool) {
	if n.unkeepable(d.sets()) {
		return nil, false
	}
	for _, set := range d.sets() {
		was, ok := n.published(set, d.unaliases(set.name))
		if !ok {
			return nil, false
		}
		now := was
		for _, e := range earlier {
			if e.Name == set.name && e.Type == set.typ {
				now = e.Values
			}
		}
		after, ok := n.apply(set, now, d.edits(set))
		if !ok {
			return nil, false
		}
		if set.typ != dnsrec.TypeCNAME && d.aliases(set.name) {
			after = nil // a name with an alias has nothing else (RFC 1034 3.6.2)
		}
		if slices.Equal(after, now) {
			continue
		}
		v := d.move(set, was, now, after)
		texts, _ := n.known.Peek(set.name, set.typ)
		v.change.Cut = texts.Cut(after)
		if n.wild(set) || n.wild(rrset{set.name, dnsrec.TypeCNAME}) {
			v.step.Text += " " + fromWildcard + " The new record takes its place at this name."
		}
		moves = append(moves, v)
		if set.typ == dnsrec.TypeCNAME && len(after) > 0 {
			if slices.Contains(n.beside(set), rrset{set.name, dnsrec.TypeMX}) {
				return nil, false // somebody receives mail at this name
			}
			moves = append(moves, d.makeRoom(n, set)...)
		}
	}
	sort.SliceStable(moves, func(i, j int) bool {
		return cmp.Or(moves[i].turn()-moves[j].turn(), moves[j].depth()-moves[i].depth()) < 0
	})
	moves = together(moves)
	return moves, len(moves) > 0
}

// unaliases reports whether a draft takes the alias of a name away.
func (d draft) unaliases(name string) bool {
	edits := d.edits(rrset{name, dnsrec.TypeCNAME})
	return slices.ContainsFunc(edits, func(e report.Edit) bool { return e.Old != "" && e.New == "" })
}

// aliases reports whether a draft makes a name an alias.
func (d draft) aliases(name string) bool {
	edits := d.edits(rrset{name, dnsrec.TypeCNAME})
	return slices.ContainsFunc(edits, func(e report.Edit) bool { return e.New != "" })
}

// makeRoom removes what stands at a name that becomes an alias: nothing else may
// be there (RFC 1034 3.6.2).
func (d draft) makeRoom(n names, alias rrset) (moves []move) {
	for _, set := range n.beside(alias) {
		if !slices.Contains(d.sets(), set) {
			was, _ := n.published(set, false)
			moves = append(moves, d.move(set, was, was, nil))
		}
	}
	return moves
}

// turn orders the changes of a draft: what has to make room for an alias goes
// before it.
func (m move) turn() int {
	if m.step.Action == report.ActionRemove {
		return 0
	}
	return 1
}

// depth orders the changes of texts: what a record includes is changed before it.
func (m move) depth() int {
	if m.change.Type != dnsrec.TypeTXT {
		return 0
	}
	return strings.Count(m.change.Name, ".")
}

// move is the change of an RRset, which earlier steps have changed from was to
// now.
func (d draft) move(set rrset, was, now, after []string) move {
	m := move{was: was, now: now, change: dnsrec.Change{Name: set.name, Type: set.typ, Values: after, TTL: newTTL}}
	s := &m.step.Step
	*s = report.Step{Owner: d.owner(), Name: set.name + ".", Type: string(set.typ), Text: d.text(set)}
	s.Keep, s.Remove = split(set.typ, was, after)
	_, s.Add = split(set.typ, after, was)
	if len(was) == 0 { // that of records which exist is theirs
		s.TTL = int(newTTL / time.Second)
	}
	switch {
	case len(s.Remove) == 0:
		s.Action = report.ActionAdd
	case len(s.Add) == 0:
		s.Action = report.ActionRemove
	default:
		s.Action = report.ActionChange
	}
	return m
}

// split reports which of the values are in another set, and which are not, in
// presentation form.
func split(t dnsrec.Type, values, other []string) (in, out []string) {
	for _, v := range values {
		if slices.Contains(other, v) {
			in = append(in, presented(t, v))
		} else {
			out = append(out, presented(t, v))
		}
	}
	return in, out
}

// named are the types whose values end in a host name.
var named = []dnsrec.Type{dnsrec.TypeMX, dnsrec.TypeCNAME, dnsrec.TypeNS, dnsrec.TypeSRV, dnsrec.TypePTR}

// presented returns a value as it is published: names end in a dot.
func presented(t dnsrec.Type, v string) string {
	if slices.Contains(named, t) && !strings.HasSuffix(v, ".") {
		return v + "."
	}
	return v
}

// plain returns a value as an [dnsrec.Answer] has it.
func plain(t dnsrec.Type, v string) string {
	if !slices.Contains(named, t) || v == "." || strings.HasSuffix(v, " .") {
		return v
	}
	return strings.ToLower(strings.TrimSuffix(v, "."))
}

// apply applies edits to the values of an RRset.
func apply(set rrset, values []string, edits []report.Edit) (after []string, ok bool) {
	after = slices.Clone(values)
	var terms []report.Edit
	for _, e := range edits {
		if e.Op != "" {
			terms = append(terms, e)
		} else if set.typ == dnsrec.TypeTXT && e.Old == "" && dmarc.Meant(e.New) && slices.ContainsFunc(values, dmarc.Meant) {
			terms = append(terms, tagsOf(e)...) // two records would be none (RFC 9989 4.10)
		} else if after, ok = replaced(set.typ, after, e); !ok {
			return nil, false
		}
	}
	switch {
	case len(terms) == 0:
		return after, true
	case ofDMARC(set), slices.ContainsFunc(after, dmarc.Meant) && !slices.ContainsFunc(after, spf.Ours):
		return applyDMARC(after, terms)
	}
	return applySPF(after, terms)
}

// tagsOf returns the edits that set the tags of a DMARC record in the one that exists.
func tagsOf(record report.Edit) (edits []report.Edit) {
	for _, tag := range strings.Split(record.New, ";") {
		if tag = strings.TrimSpace(tag); tag != "" && !dmarc.Meant(tag) {
			edits = append(edits, report.Edit{Op: report.EditSetTag, Name: record.Name, Type: record.Type, New: tag})
		}
	}
	return edits
}

// replaced makes an edit of values. What is to be removed must be there.
func replaced(t dnsrec.Type, values []string, e report.Edit) ([]string, bool) {
	old, fresh := plain(t, e.Old), plain(t, e.New)
	if e.Old != "" {
		i := slices.Index(values, old)
		if i < 0 {
			return values, false
		}
		values = slices.Delete(slices.Clone(values), i, i+1)
	}
	if e.New == "" || slices.Contains(values, fresh) || t == dnsrec.TypeMX && namesHost(values, fresh) {
		return values, e.Old != "" || e.New != ""
	}
	if t == dnsrec.TypeCNAME { // a name has one alias
		return []string{fresh}, true
	}
	return append(slices.Clone(values), fresh), true
}

// namesHost reports whether one of the values of an MX RRset names the host of
// another.
func namesHost(values []string, value string) bool {
	host := kit.ReadMX(value).Host
	return slices.ContainsFunc(values, func(v string) bool { return kit.ReadMX(v).Host == host })
}

// applySPF applies edits within the SPF record among TXT values.
func applySPF(values []string, edits []report.Edit) ([]string, bool) {
	if contradictory(chosen(values, spf.Ours)) {
		return nil, false
	}
	return within(values, spf.Ours, func(first string, others []string) (string, error) {
		list := make([]spf.Edit, 0, len(edits)+len(others))
		for _, e := range edits {
			switch e.Op {
			case report.EditAddTerm:
				list = append(list, spf.AddTerm(e.New))
			case report.EditAddFirst:
				list = append(list, spf.AddFirst(e.New))
			case report.EditMerge:
				if e.New != "" {
					list = append(list, spf.MergeRecord(e.New))
				}
			case report.EditRemoveTerm:
				list = append(list, spf.RemoveTerm(e.Old))
			case report.EditReplaceTerm:
				list = append(list, spf.ReplaceTerm(e.Old, e.New))
			case report.EditAll:
				list = append(list, spf.Edit{Op: spf.OpAll, Term: e.New})
			case report.EditRepair:
				list = append(list, spf.Edit{Op: spf.OpRepair, Term: e.Old})
			}
		}
		for _, o := range others {
			list = append(list, spf.MergeRecord(o))
		}
		return spf.Apply(first, list...)
	})
}

// applyDMARC applies edits within the DMARC record among TXT values.
func applyDMARC(values []string, edits []report.Edit) ([]string, bool) {
	return within(values, dmarc.Meant, func(first string, others []string) (string, error) {
		list := make([]dmarc.Edit, 0, len(edits)+len(others))
		for _, e := range edits {
			switch e.Op {
			case report.EditSetTag:
				tag, value, _ := strings.Cut(e.New, "=")
				list = append(list, dmarc.SetTag(tag, value))
			case report.EditRemoveTag:
				list = append(list, dmarc.RemoveTag(e.Old))
			case report.EditRepair:
				list = append(list, dmarc.RepairRecord())
			}
		}
		for _, o := range others {
			list = append(list, dmarc.MergeRecord(o))
		}
		return dmarc.Apply(first, list...)
	})
}

// within edits the one record among the values that is of a kind. Several of them
// become one.
func within(values []string, ours func(string) bool, edit func(first string, others []string) (string, error)) ([]string, bool) {
	values = slices.Sorted(slices.Values(values)) // a resolver answers in any order
	i := slices.IndexFunc(values, ours)
	if i < 0 {
		return nil, false
	}
	var others, rest []string
	for n, v := range values {
		switch {
		case n == i:
		case ours(v):
			others = append(others, v)
		default:
			rest = append(rest, v)
		}
	}
	text, err := edit(values[i], others)
	if err != nil {
		return nil, false
	}
	return append(rest, text), true
}

// owner returns who changes the records: of a web server's fix, the part in the
// DNS is the DNS administrator's.
func (d draft) owner() string {
	owner := d.findings[0].Fix.Owner
	if slices.Contains([]string{report.OwnerDNS, report.OwnerM365, report.OwnerRemote, report.OwnerMicrosoft}, owner) {
		return owner
	}
	return report.OwnerDNS
}

// text says what the change of an RRset is for.
func (d draft) text(set rrset) string {
	var texts []string
	for _, f := range d.findings {
		if slices.ContainsFunc(f.Fix.Edits, func(e report.Edit) bool { return setOf(e) == set }) {
			texts = append(texts, f.Fix.Text)
		}
	}
	return sentences(texts...)
}

// sentences joins texts, each sentence once.
func sentences(texts ...string) string {
	var list []string
	for _, t := range texts {
		for s, rest, more := "", strings.TrimSuffix(t, "."), true; more; {
			if s, rest, more = strings.Cut(rest, ". "); s != "" {
				list = append(list, s)
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	return strings.Join(unique(list), ". ") + "."
}

package report

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Plan is what to do about a domain: the fixes of all its findings composed
// into steps, in the order in which they are safe to take.
type Plan struct {
	Proven bool       `json:"proven"` // the steps were applied to the known answers and judged again
	Steps  []Step     `json:"steps"`
	Result PlanResult `json:"result"`
}

// PlanFor returns the plan of a domain with that verdict. A domain that needs no
// change has an empty one, in which nothing is left to prove.
func (e *End) PlanFor(v Verdict) *Plan {
	if e.Plan != nil {
		return e.Plan
	}
	return &Plan{Proven: true, Result: PlanResult{Verdict: v}}
}

// PlanResult is how the domain is judged after the whole plan.
type PlanResult struct {
	Verdict   Verdict  `json:"verdict"`
	Fail      int      `json:"fail"`
	Warn      int      `json:"warn"`
	Remaining []string `json:"remaining"` // codes of the findings that the changes of records leave
}

// Action is what a step asks for.
type Action string

// The actions.
const (
	ActionAdd    Action = "add"    // records are added; what exists is kept
	ActionChange Action = "change" // records are replaced
	ActionRemove Action = "remove" // records are removed
	ActionRun    Action = "run"    // commands are run, or a switch is set by hand
	ActionDecide Action = "decide" // a person has to choose one of the alternatives
)

// Step is one step of a plan: one owner and, for add, change and remove, one
// RRset.
//
// Keep, Remove and Add hold the whole RRset, because most DNS services replace
// an RRset as a whole: it is Keep and Remove before the step, and Keep and Add
// after it. See [Step.Before] and [Step.Published]. A value is in presentation
// form, and for TXT the joined text without quotes, as in [Record].
//
// A record step that adds or changes and has no Add has a value that is not known
// yet; Text says where it comes from.
type Step struct {
	Step   int    `json:"step"`            // its number, from 1
	Owner  string `json:"owner"`           // who must act, see the Owner constants
	After  []int  `json:"after,omitempty"` // the steps that must be finished first
	Action Action `json:"action"`

	Name   string   `json:"name,omitempty"` // absolute, with the trailing dot
	Type   string   `json:"type,omitempty"`
	Keep   []string `json:"keep,omitempty"`
	Remove []string `json:"remove,omitempty"`
	Add    []string `json:"add,omitempty"`
	Sets   []Set    `json:"sets,omitempty"` // what else changes at the name, in the same change: an alias has nothing beside it, and other records replace those of a wildcard
	// TTL is the TTL of the RRset in seconds: the authoritative one if the
	// RRset exists, otherwise the one to set. 0: not known.
	TTL int `json:"ttl,omitempty"`

	// Cut holds the published texts of a TXT RRset whose character-strings do not
	// end after each 255 bytes, string by string: some tools compare them so.
	Cut [][]string `json:"cut,omitempty"`

	Commands []string `json:"commands,omitempty"` // PowerShell or shell, one a line
	Text     string   `json:"text"`               // one or two sentences
	Fixes    []string `json:"fixes,omitempty"`    // codes of the findings that it ends; of run and decide, those that it is about
	About    []string `json:"about,omitempty"`    // what is wrong with what, a line for each finding
	Caution  string   `json:"caution,omitempty"`  // what to know before
	Verify   string   `json:"verify,omitempty"`   // how to see that it worked

	Alternatives []Alternative `json:"alternatives,omitempty"` // two or more, for decide only
}

// Alternative is one way to take a decision. Remove and Add belong to the Name
// and Type of the step, and its RRset is the step's Keep with Remove and Add
// of the alternative. Sets are the changes of other RRsets.
type Alternative struct {
	Label    string   `json:"label"`          // "if this domain should receive mail"
	Text     string   `json:"text"`           // what it does
	Stay     bool     `json:"stay,omitempty"` // things are left as they are today
	Caution  string   `json:"caution,omitempty"`
	Remove   []string `json:"remove,omitempty"`
	Add      []string `json:"add,omitempty"`
	Sets     []Set    `json:"sets,omitempty"`
	Commands []string `json:"commands,omitempty"`
}

// Set is the change of one RRset beside that of a step.
type Set struct {
	Name   string   `json:"name"` // absolute, with the trailing dot
	Type   string   `json:"type"`
	Keep   []string `json:"keep,omitempty"`
	Remove []string `json:"remove,omitempty"`
	Add    []string `json:"add,omitempty"`
	TTL    int      `json:"ttl,omitempty"` // as that of a step
}

// Removed returns what the alternative removes, those of other RRsets with
// their name and type.
func (a *Alternative) Removed() []string {
	values := slices.Clone(a.Remove)
	for _, s := range a.Sets {
		values = append(values, named(s, s.Remove)...)
	}
	return values
}

// Added returns what the alternative adds, as Removed does.
func (a *Alternative) Added() []string {
	values := slices.Clone(a.Add)
	for _, s := range a.Sets {
		values = append(values, named(s, s.Add)...)
	}
	return values
}

func named(s Set, values []string) (out []string) {
	for _, v := range values {
		out = append(out, s.Name+" "+s.Type+" "+v)
	}
	return out
}

// ChangesRecords reports whether the step is a change of an RRset.
func (s *Step) ChangesRecords() bool {
	return s.Action == ActionAdd || s.Action == ActionChange || s.Action == ActionRemove
}

// HasValues reports whether the step is a change of an RRset whose values are
// known. Only such a change can have been tried.
func (s *Step) HasValues() bool {
	if s.Action == ActionRemove {
		return len(s.Remove) > 0
	}
	return s.ChangesRecords() && len(s.Add) > 0
}

// Shown returns what people read as the values that a step adds: of a change without
// them, that they are not known yet.
func (s *Step) Shown() []string {
	if s.Action == ActionChange && len(s.Add) == 0 {
		return []string{"(not known yet)"}
	}
	return s.Add
}

// Added returns what people read as added: what the step adds, that of other RRsets with
// their name and type.
func (s *Step) Added() []string {
	values := s.Shown()
	for _, o := range s.Sets {
		values = append(values[:len(values):len(values)], named(o, o.Add)...)
	}
	return values
}

// fixedBy returns the numbers of the steps that end the findings of a code.
// There is none in a plan that is nil.
func (p *Plan) fixedBy(code string) []int {
	if p == nil {
		return nil
	}
	var numbers []int
	for i := range p.Steps {
		if slices.Contains(p.Steps[i].Fixes, code) {
			numbers = append(numbers, p.Steps[i].Step)
		}
	}
	return numbers
}

// stepsFor returns the numbers of the steps for a finding: of those for its code, the ones
// that say that they are about it, if there are any.
func (p *Plan) stepsFor(f *Finding) []int {
	numbers := p.fixedBy(f.Code)
	about := slices.DeleteFunc(slices.Clone(numbers), func(n int) bool {
		i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Step == n })
		return !slices.Contains(p.Steps[i].About, f.Statement())
	})
	if len(about) > 0 {
		return about
	}
	return numbers
}

// ends reports whether nothing is to be done about a problem beside the steps: one of
// them is about its code, or it is gone after them in the world as it was judged again.
func (p *Plan) ends(code string, status Status) bool {
	switch {
	case len(p.fixedBy(code)) > 0:
		return true
	case p == nil || !p.Proven || len(p.Steps) == 0 || status != Fail && status != Warn:
		return false
	}
	return !slices.Contains(p.Result.Remaining, code)
}

// Removed returns what the step removes, that of other RRsets with their name and type.
func (s *Step) Removed() []string {
	var values []string
	for _, o := range s.Sets {
		values = append(values, named(o, o.Remove)...)
	}
	return append(values, s.Remove...)
}

// Before returns the values of the RRset before the step: first those that
// stay. It is empty if the RRset does not exist.
func (s *Step) Before() []string { return slices.Concat(s.Keep, s.Remove) }

// Published returns the values of the RRset after the step: first those that
// stay. It is empty if the step removes the RRset.
func (s *Step) Published() []string { return slices.Concat(s.Keep, s.Add) }

// MarshalJSON writes the plan as every other value of a report is written:
// what does not show as itself is escaped, and bytes that are not UTF-8 are
// written as \xHH.
func (p Plan) MarshalJSON() ([]byte, error) {
	return encoded(func(e *encoder) { e.plan(&p) })
}

// plan writes a plan as an object.
func (e *encoder) plan(p *Plan) {
	e.b = append(e.b, '{')
	e.key("proven")
	if p.Proven {
		e.b = append(e.b, "true"...)
	} else {
		e.b = append(e.b, "false"...)
	}
	e.key("steps")
	e.array(len(p.Steps), func(i int) { e.step(&p.Steps[i]) })
	e.open("result")
	e.str("verdict", string(p.Result.Verdict))
	e.num("fail", int64(p.Result.Fail))
	e.num("warn", int64(p.Result.Warn))
	e.key("remaining")
	e.array(len(p.Result.Remaining), func(i int) { e.b = appendString(e.b, valid(p.Result.Remaining[i])) })
	e.close()
	e.close()
}

func (e *encoder) step(s *Step) {
	e.b = append(e.b, '{')
	e.num("step", int64(s.Step))
	e.str("owner", valid(s.Owner))
	list(e, "after", s.After, func(n *int) { e.b = strconv.AppendInt(e.b, int64(*n), 10) })
	e.str("action", valid(string(s.Action)))
	e.opt("name", valid(s.Name))
	e.opt("type", valid(s.Type))
	e.strings("keep", mapped(s.Keep, valid))
	e.strings("remove", mapped(s.Remove, valid))
	e.strings("add", mapped(s.Add, valid))
	list(e, "sets", s.Sets, e.set)
	if s.TTL != 0 {
		e.num("ttl", int64(s.TTL))
	}
	list(e, "cut", s.Cut, e.texts)
	e.strings("commands", mapped(s.Commands, valid))
	e.str("text", valid(s.Text))
	e.strings("fixes", mapped(s.Fixes, valid))
	e.strings("about", mapped(s.About, valid))
	e.opt("caution", valid(s.Caution))
	e.opt("verify", valid(s.Verify))
	list(e, "alternatives", s.Alternatives, e.alternative)
	e.close()
}

func (e *encoder) texts(list *[]string) {
	e.array(len(*list), func(i int) { e.b = appendString(e.b, valid((*list)[i])) })
}

func (e *encoder) alternative(a *Alternative) {
	e.b = append(e.b, '{')
	e.str("label", valid(a.Label))
	e.str("text", valid(a.Text))
	e.yes("stay", a.Stay)
	e.opt("caution", valid(a.Caution))
	e.strings("remove", mapped(a.Remove, valid))
	e.strings("add", mapped(a.Add, valid))
	list(e, "sets", a.Sets, e.set)
	e.strings("commands", mapped(a.Commands, valid))
	e.close()
}

func (e *encoder) set(s *Set) {
	e.b = append(e.b, '{')
	e.str("name", valid(s.Name))
	e.str("type", valid(s.Type))
	e.strings("keep", mapped(s.Keep, valid))
	e.strings("remove", mapped(s.Remove, valid))
	e.strings("add", mapped(s.Add, valid))
	if s.TTL != 0 {
		e.num("ttl", int64(s.TTL))
	}
	e.close()
}

// UnmarshalJSON reads a plan. An empty list is read as no list, so that what
// was written is what is read.
func (p *Plan) UnmarshalJSON(text []byte) error {
	type plain Plan
	var w plain
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	*p = Plan(w)
	p.dropEmpty()
	return nil
}

// dropEmpty makes empty lists nil.
func (p *Plan) dropEmpty() {
	if len(p.Steps) == 0 {
		p.Steps = nil
	}
	if len(p.Result.Remaining) == 0 {
		p.Result.Remaining = nil
	}
}

package inspect

import "maildiag/dnsrec/spf"

// SPFSchema names the JSON form of maildiag spf; spf_schema.json describes it.
const SPFSchema = "maildiag.spf/v1"

type spfJSON struct {
	Schema string     `json:"schema"`
	Domain string     `json:"domain"`
	Result spf.Result `json:"result"`

	// With --ip: what decided.
	IP          string        `json:"ip,omitempty"`
	Sender      string        `json:"sender,omitempty"`
	Helo        string        `json:"helo,omitempty"`
	Term        string        `json:"term,omitempty"`
	TermDomain  string        `json:"term_domain,omitempty"`
	Path        []spfJSONStep `json:"path,omitempty"`
	Problem     string        `json:"problem,omitempty"`
	Explanation string        `json:"explanation,omitempty"`

	Lookups  int             `json:"lookups"` // with --ip: until it was decided
	Voids    int             `json:"voids"`
	Bytes    int             `json:"bytes"`
	Tree     spfJSONNode     `json:"tree"`
	WhatIf   *spfJSONWhatIf  `json:"what_if,omitempty"`
	Networks []spfJSONPrefix `json:"networks,omitempty"`
}

type spfJSONStep struct {
	Domain string `json:"domain"`
	Term   string `json:"term"`
}

type spfJSONWhatIf struct {
	Name    string     `json:"name"`
	Record  string     `json:"record"`
	Lookups int        `json:"lookups_before"`
	Voids   int        `json:"voids_before"`
	Result  spf.Result `json:"result_before"`
}

type spfJSONPrefix struct {
	Prefix string     `json:"prefix"`
	Result spf.Result `json:"result"`
	Via    string     `json:"via"`
}

type spfJSONNode struct {
	Domain  string         `json:"domain"`
	Records []string       `json:"records"`
	Error   string         `json:"error,omitempty"`
	Faults  []spfJSONFault `json:"faults,omitempty"`
	Terms   []spfJSONTerm  `json:"terms"`
}

type spfJSONFault struct {
	Offset  int    `json:"offset"`
	Length  int    `json:"length"`
	Term    string `json:"term"`
	Problem string `json:"problem"`
	Hint    string `json:"hint,omitempty"`
}

type spfJSONTerm struct {
	Term      string       `json:"term"`
	Kind      string       `json:"kind"`
	State     string       `json:"state"`
	Lookups   int          `json:"lookups"` // here and below
	Voids     int          `json:"voids"`
	Target    string       `json:"target,omitempty"`
	Sender    string       `json:"sender,omitempty"`
	Addresses []string     `json:"addresses,omitempty"`
	Loop      []string     `json:"loop,omitempty"`
	Error     string       `json:"error,omitempty"`
	Tree      *spfJSONNode `json:"tree,omitempty"`
}

// spfStates names the states of a term; the names are API.
var spfStates = map[spf.State]string{
	spf.StateGood: "good", spf.StateDynamic: "dynamic", spf.StateNothing: "void", spf.StateNoRecord: "no_record",
	spf.StateMultiple: "multiple", spf.StateBroken: "broken", spf.StateLoop: "loop", spf.StateManyMX: "many_mx",
	spf.StateBadName: "bad_name", spf.StateTemp: "no_answer", spf.StateCut: "not_followed",
}

func (r *SPFResult) json(flat bool) spfJSON {
	tree := r.tree()
	j := spfJSON{Schema: SPFSchema, Domain: tree.Domain, Result: r.result(), Lookups: tree.Lookups, Voids: tree.Voids,
		Tree: spfNode(tree.Root)}
	if len(tree.Root.Records) > 0 {
		j.Bytes = len(tree.Root.Records[0].Text)
	}
	if o := r.outcome; o != nil {
		j.IP, j.Sender, j.Helo = r.q.IP.String(), r.q.Sender, r.q.Helo
		j.Term, j.TermDomain, j.Problem, j.Explanation = o.Term, o.Domain, o.Problem, o.Explanation
		if o.Err != nil {
			j.Problem = errorText(o.Err)
		}
		j.Lookups, j.Voids = o.Lookups, o.Voids
		for _, s := range o.Path {
			j.Path = append(j.Path, spfJSONStep{s.Domain, s.Term})
		}
	}
	if r.then != nil {
		j.WhatIf = &spfJSONWhatIf{r.Name, r.Text, r.now.Lookups, r.now.Voids, r.now.Result()}
	}
	if flat {
		list, _ := tree.Networks()
		for _, n := range list {
			j.Networks = append(j.Networks, spfJSONPrefix{n.Prefix.String(), n.Result, n.Source.Via()})
		}
	}
	return j
}

func spfNode(n *spf.Node) spfJSONNode {
	j := spfJSONNode{Domain: n.Domain, Records: []string{}, Error: errorText(n.Err), Terms: []spfJSONTerm{}}
	for _, r := range n.Records {
		j.Records = append(j.Records, r.Text)
		for _, f := range r.Faults {
			j.Faults = append(j.Faults, spfJSONFault{f.Offset, f.Len, f.Term, f.Problem, f.Hint})
		}
	}
	for _, b := range n.Branches {
		j.Terms = append(j.Terms, spfBranch(b))
	}
	return j
}

func spfBranch(b *spf.Branch) spfJSONTerm {
	t := spfJSONTerm{Term: b.Text, Kind: b.Kind.String(), State: spfStates[b.State], Lookups: b.Total, Voids: b.Voids,
		Target: b.Target, Loop: b.Loop, Error: errorText(b.Err)}
	if s := spf.SenderOf(b.Target); s != nil && (b.Kind == spf.Include || b.Kind == spf.Redirect) {
		t.Sender = s.Name
	}
	for _, addr := range b.Addrs {
		t.Addresses = append(t.Addresses, addr.String())
	}
	if b.Child != nil {
		node := spfNode(b.Child)
		t.Tree = &node
	}
	return t
}

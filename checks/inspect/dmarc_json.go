package inspect

import (
	"maildiag/checks/kit"
	"maildiag/dnsrec/dmarc"
)

// DMARCSchema names the JSON form of maildiag dmarc; dmarc_schema.json
// describes it.
const DMARCSchema = "maildiag.dmarc/v1"

type dmarcJSON struct {
	Schema string `json:"schema"`
	Domain string `json:"domain"`
	dmarcJSONReading
	Record    string             `json:"record,omitempty"`
	Tag       string             `json:"tag,omitempty"`
	Exists    string             `json:"exists"` // yes, no, unknown
	TestMode  bool               `json:"test_mode,omitempty"`
	Wildcard  bool               `json:"wildcard,omitempty"`
	Alignment []dmarcJSONAligned `json:"alignment,omitempty"`
	RFC7489   dmarcJSON7489      `json:"rfc7489"`
	Differ    []string           `json:"differences"`
	Walk      []dmarcJSONStep    `json:"walk"`
	Problems  []dmarcJSONProblem `json:"problems,omitempty"`
	Reports   []dmarcJSONReport  `json:"reports,omitempty"`
	Unchecked int                `json:"reports_unchecked,omitempty"`
}

type dmarcJSONReading struct {
	Result         string `json:"result"`             // pass, fail, none, temperror, permerror
	Policy         string `json:"policy,omitempty"`   // applied to mail that fails
	Declared       string `json:"declared,omitempty"` // before test mode
	FoundAt        string `json:"found_at,omitempty"`
	Organizational string `json:"organizational_domain"`
	Error          string `json:"error,omitempty"`
}

type dmarcJSON7489 struct {
	dmarcJSONReading
	Percent int `json:"percent"`
}

type dmarcJSONAligned struct {
	Method         string `json:"method"` // dkim, spf
	Domain         string `json:"domain"`
	Mode           string `json:"mode"` // relaxed, strict
	Aligned        bool   `json:"aligned"`
	RFC7489        bool   `json:"aligned_rfc7489"`
	Organizational string `json:"organizational_domain,omitempty"`
	Error          string `json:"error,omitempty"`
}

type dmarcJSONStep struct {
	Name    string   `json:"name"`
	Answer  string   `json:"answer"` // record, several, other, no_data, no_name, error
	Records []string `json:"records,omitempty"`
	Error   string   `json:"error,omitempty"`
}

type dmarcJSONProblem struct {
	Name     string `json:"name"`
	Position int    `json:"position"` // character, from 1
	Kind     string `json:"kind"`
	Text     string `json:"text"`
	Want     string `json:"want,omitempty"`
	Fatal    bool   `json:"fatal,omitempty"`
}

type dmarcJSONReport struct {
	Tag     string `json:"tag"`
	Address string `json:"address"`
	Consent string `json:"consent"`            // not_needed, yes, no, unknown
	MX      string `json:"receives,omitempty"` // yes, no, unknown
}

func (r *DMARCResult) json() dmarcJSON {
	t := &r.res.Tree
	j := dmarcJSON{
		Schema: DMARCSchema, Domain: r.q.Domain, dmarcJSONReading: jsonReading(t, r.verdict.Tree),
		Tag: t.Tag, Exists: string(r.res.Exists), Wildcard: r.wildcard, Differ: []string{},
		Unchecked: len(r.skipped),
		RFC7489:   dmarcJSON7489{jsonReading(&r.res.List, r.verdict.List), r.res.List.Percent},
	}
	if t.Record != nil {
		j.Record, j.TestMode = r.res.Step(t.At).Records()[0].Value, t.Record.Testing()
	}
	for _, id := range r.verdict.Identifiers {
		j.Alignment = append(j.Alignment, dmarcJSONAligned{id.Method, id.Domain, modeName(id.Mode), id.Tree,
			id.List, id.TreeOrg, errorText(id.Err)})
	}
	for _, d := range r.res.Differences() {
		j.Differ = append(j.Differ, d.Text)
	}
	for _, s := range r.res.Steps {
		j.Walk = append(j.Walk, jsonStep(s))
		for _, x := range s.Texts {
			for _, p := range x.Problems {
				j.Problems = append(j.Problems, dmarcJSONProblem{s.Name, p.Pos + 1, string(p.Kind), p.Text,
					p.Want, p.Fatal})
			}
		}
	}
	for _, x := range r.reports {
		consent := x.consent
		if consent == "not needed" {
			consent = "not_needed"
		}
		j.Reports = append(j.Reports, dmarcJSONReport{x.tag, x.address, consent, x.mx})
	}
	return j
}

func jsonReading(rd *dmarc.Reading, o dmarc.Outcome) dmarcJSONReading {
	return dmarcJSONReading{Result: o.Result, Policy: string(rd.Policy), Declared: string(rd.Declared),
		FoundAt: rd.At, Organizational: rd.Org, Error: errorText(rd.Err)}
}

func jsonStep(s *dmarc.Step) dmarcJSONStep {
	j := dmarcJSONStep{Name: s.Name, Answer: stepAnswer(s), Error: errorText(s.Err)}
	for _, x := range s.Texts {
		j.Records = append(j.Records, x.Value)
	}
	return j
}

// stepAnswer names what the DNS said at one name of the walk; the names are
// API.
func stepAnswer(s *dmarc.Step) string {
	switch {
	case s.Err != nil:
		return "error"
	case len(s.Records()) == 1:
		return "record"
	case len(s.Records()) > 1:
		return "several"
	case len(s.Answer.Values) > 0:
		return "other"
	case s.Answer.NXDomain():
		return "no_name"
	}
	return "no_data"
}

func modeName(m dmarc.Mode) string {
	if m == dmarc.Strict {
		return "strict"
	}
	return "relaxed"
}

// errorText says in words why a question has no usable answer; "" for nil.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return kit.Reason(err)
}

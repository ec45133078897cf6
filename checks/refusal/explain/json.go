package explain

import (
	"bufio"
	"encoding/json"
	"io"

	"maildiag/checks/refusal/message"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// Schema names the JSON form of maildiag explain.
const Schema = "maildiag.explain/v1"

type document struct {
	Schema  string            `json:"schema"`
	Kind    string            `json:"kind,omitempty"` // what the input is
	Replies []jsonReply       `json:"replies"`
	Rows    []jsonRow         `json:"rows,omitempty"` // for a bare code, and --list
	Message *message.Analysis `json:"message,omitempty"`
	More    []jsonMessage     `json:"messages,omitempty"` // of an input that holds several
	Checks  []report.Finding  `json:"checks,omitempty"`
	Notes   []string          `json:"notes,omitempty"`
	Exit    int               `json:"exit_code"`
}

type jsonMessage struct {
	Where   string            `json:"found_in"`
	Kind    string            `json:"kind"`
	Message *message.Analysis `json:"message"`
}

type jsonReply struct {
	Recipient string       `json:"recipient,omitempty"`
	Also      string       `json:"also_to,omitempty"`
	Original  string       `json:"original_recipient,omitempty"`
	Code      int          `json:"code,omitempty"`
	Enhanced  string       `json:"enhanced,omitempty"`
	Text      string       `json:"text"`
	Action    string       `json:"action,omitempty"`
	RemoteMTA string       `json:"remote_mta,omitempty"`
	RemoteIP  string       `json:"remote_ip,omitempty"`
	Reporter  string       `json:"reporting_mta,omitempty"`
	Trailer   *jsonTrailer `json:"trailer,omitempty"`
	Inner     bool         `json:"inner,omitempty"`
	Known     bool         `json:"known"`
	By        string       `json:"by,omitempty"`      // text, code, class
	Match     string       `json:"match,omitempty"`   // exact, wording, code, class
	Outcome   string       `json:"outcome,omitempty"` // delivered, relayed, expanded, delayed, failed, gave_up, contradictory
	Summary   string       `json:"summary,omitempty"` // cause, owner, next step
	jsonRow
	Others []string `json:"others,omitempty"` // rows that fit as well
}

type jsonTrailer struct {
	Host     string `json:"host"`
	Region   string `json:"region,omitempty"`
	FrontEnd bool   `json:"front_end"`
	Time     string `json:"time,omitempty"`
	ID       string `json:"id,omitempty"`
}

type jsonRow struct {
	Row        string   `json:"row,omitempty"`
	Provider   string   `json:"provider,omitempty"`
	Codes      []uint16 `json:"codes,omitempty"`
	Enhanceds  []string `json:"enhanced_codes,omitempty"`
	Meaning    string   `json:"meaning,omitempty"`
	Owner      string   `json:"owner,omitempty"`
	Causes     []string `json:"causes,omitempty"`
	Fix        []string `json:"fix,omitempty"`
	Commands   []string `json:"commands,omitempty"`
	Portal     string   `json:"portal,omitempty"`
	Next       []string `json:"next,omitempty"`
	Temporary  *bool    `json:"temporary,omitempty"` // absent: as the class of the code says
	Confidence string   `json:"confidence,omitempty"`
	Source     string   `json:"source,omitempty"`
	Date       string   `json:"date,omitempty"`
}

// WriteJSON writes one object, or with whole false one a line: each
// reply by itself, then the message.
func (x *Explanation) WriteJSON(w io.Writer, whole bool) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(report.EscapedJSON(out))
	enc.SetEscapeHTML(false)
	j := x.merged().json()
	j.Exit = x.ExitCode()
	if whole {
		enc.SetIndent("", "  ")
		_ = enc.Encode(j) // a write error comes up again at Flush
		return out.Flush()
	}
	one := document{Schema: j.Schema, Kind: j.Kind, Exit: j.Exit, Replies: []jsonReply{}}
	for _, r := range j.Replies {
		one.Replies = []jsonReply{r}
		_ = enc.Encode(one)
	}
	one.Replies = []jsonReply{}
	for _, r := range j.Rows {
		one.Rows = []jsonRow{r}
		_ = enc.Encode(one)
	}
	one.Rows = nil
	if one.Message, one.More, one.Checks, one.Notes = j.Message, j.More, j.Checks, j.Notes; len(j.Replies)+len(j.Rows) == 0 ||
		one.Message != nil || one.Checks != nil || one.Notes != nil {
		_ = enc.Encode(one)
	}
	return out.Flush()
}

func (x *Explanation) json() document {
	j := document{Schema: Schema, Replies: []jsonReply{}, Message: x.message, Checks: x.probes,
		Exit: x.ExitCode()}
	if x.result != nil {
		j.Kind, j.Notes = string(x.result.Kind), x.result.Notes
	}
	for _, y := range x.messages {
		if y.message != nil {
			j.More = append(j.More, jsonMessage{y.where, string(y.result.Kind), y.message})
		}
	}
	for i := range x.rows {
		j.Rows = append(j.Rows, rowJSON(&x.rows[i], 0))
	}
	for i := range x.replies {
		j.Replies = append(j.Replies, x.replies[i].json())
	}
	return j
}

func (r *reply) json() jsonReply {
	j := jsonReply{
		Recipient: r.Recipient, Also: r.Also, Original: r.Original, Code: r.Code, Enhanced: r.Enhanced, Text: r.Text, Action: r.Action,
		RemoteMTA: r.RemoteMTA, RemoteIP: r.RemoteIP, Reporter: r.Reporter, Inner: r.Inner, Known: r.known(), Summary: r.summary(),
	}
	if t := r.Trailer; t != nil {
		j.Trailer = &jsonTrailer{Host: t.Host, Region: t.Region, FrontEnd: t.FrontEnd, ID: t.ID}
		if !t.Time.IsZero() {
			j.Trailer.Time = t.Time.Format("2006-01-02T15:04:05.000Z")
		}
	}
	for i, m := range r.rows {
		if i == 0 {
			j.By, j.Match, j.jsonRow = m.By, m.Match, rowJSON(&m.Row, r.Code)
			continue
		}
		j.Others = append(j.Others, m.Row.ID)
	}
	if len(r.rows) > 0 && !r.known() {
		j.Causes = nil // they are of the code, not of the reply
	}
	if o := outcomeOf(&r.Reply); !r.Inner {
		if j.Outcome = o.id(); o.final() && j.Temporary != nil {
			*j.Temporary = false
		} else if o.delays() && j.Temporary != nil {
			*j.Temporary = true
		}
	}
	return j
}

func rowJSON(r *replies.Row, code int) jsonRow {
	j := jsonRow{
		Row: r.ID, Provider: r.Provider.String(), Codes: r.Codes, Enhanceds: r.Enhanced, Meaning: r.Meaning,
		Owner:  r.Owner,
		Causes: r.Causes, Fix: r.Fix, Commands: r.Commands, Portal: r.Portal, Next: r.Next,
		Confidence: r.Confidence.String(), Source: r.Source, Date: r.Date,
	}
	yes, no := true, false
	switch {
	case r.Duration == replies.Temporary, r.Duration == replies.Either && code >= 400 && code < 500:
		j.Temporary = &yes
	case r.Duration == replies.Permanent, r.Duration == replies.Either && code >= 500:
		j.Temporary = &no
	}
	return j
}

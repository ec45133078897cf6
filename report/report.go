// Package report is the vocabulary in which maildiag speaks of what it found,
// and the renderers that write it down.
//
// A run is a stream of [Event] values: one Start, then for each domain a Begin,
// its findings in the order of the table of checks, and an End; and one Stop. A
// renderer is a [Sink]: it gets the events as they happen and keeps nothing that
// it does not need. Whatever was written as NDJSON can be read back with
// [Replay] and rendered again, byte for byte. A stream without its Stop was
// broken off, and a reader reports that.
//
// What a run is worth, its verdict and its exit code, is worked out by a [Tally]
// beside the renderer, never by the renderer.
//
// The package imports nothing else of maildiag: checks produce, sinks consume,
// and neither knows the other.
package report

import (
	"fmt"
	"time"
)

// Status is the outcome of one finding. From [Warn] on it is a problem.
type Status uint8

// The statuses. Unset is the zero value and never a pass: an engine that meets
// it turns it into Unknown with [CauseLocal].
const (
	Unset   Status = iota
	Skip           // does not apply, or what it needs failed
	Pass           // as it should be
	Info           // worth knowing; never changes the verdict
	Warn           // works today, breaks on a foreseeable event
	Fail           // mail is lost, rejected or junked now
	Unknown        // could not check; never the domain's fault
)

var statusNames = [...]string{"unset", "skip", "pass", "info", "warn", "fail", "unknown"}

// String returns the lower-case name that the JSON forms use.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// MarshalText writes the lower-case name.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the lower-case name.
func (s *Status) UnmarshalText(text []byte) error {
	for i, n := range statusNames {
		if n == string(text) {
			*s = Status(i)
			return nil
		}
	}
	return fmt.Errorf("report: unknown status %q", text)
}

// Cause says whose fault a finding is. It is set for all findings but Pass,
// Info and Skip.
type Cause string

// The causes.
const (
	CauseDomain    Cause = "domain"    // what the domain's owner published
	CauseMicrosoft Cause = "microsoft" // Microsoft's side
	CauseRemote    Cause = "remote"    // another party's server
	CauseResolver  Cause = "resolver"  // the DNS resolver that was asked
	CauseNetwork   Cause = "network"   // the path between us and the servers
	CauseLocal     Cause = "local"     // this machine or maildiag itself
	CauseInput     Cause = "input"     // what the user gave
)

// Finding is one claim about a domain, judged.
type Finding struct {
	Check   string `json:"check"`           // row of the table, e.g. "mx"; API
	Code    string `json:"code"`            // the claim, e.g. "mx.leftover"; API
	Status  Status `json:"status"`          //
	Cause   Cause  `json:"cause,omitempty"` // whose fault
	Subject string `json:"subject,omitempty"`
	Summary string `json:"summary"` // prose for a person; may change

	// Optional says that an Unknown here does not make the verdict "could not
	// check": the domain can be judged without it.
	Optional bool `json:"optional,omitempty"`

	// Accepted says that this is a problem that the user accepts. Its status is Info.
	Accepted bool `json:"accepted,omitempty"`

	// Blocked says that a Skip is not about a check that does not apply: one that it
	// needs came to nothing, so it was not done.
	Blocked bool `json:"blocked,omitempty"`

	Evidence []Evidence     `json:"evidence,omitempty"`
	Terms    []Term         `json:"terms,omitempty"` // of an SPF record; only of a domain that is examined alone
	Fix      *Fix           `json:"fix,omitempty"`
	Data     map[string]any `json:"data,omitempty"` // numbers, booleans and short strings
	Elapsed  time.Duration  `json:"-"`              // elapsed_ms in JSON
}

// Evidence is something seen, verbatim. Kind is one of "query", "answer",
// "smtp", "https", "certificate", "server", "rule".
type Evidence struct {
	Kind  string `json:"kind"`
	Query *Query `json:"query,omitempty"`  // the DNS question that Text answers, if it is one
	Text  string `json:"text"`             // verbatim, hostile: every sink encodes it for itself
	From  string `json:"from,omitempty"`   // the server that said it
	Note  string `json:"note,omitempty"`   // ours: what to look at
	Link  string `json:"source,omitempty"` // for "rule": RFC section or article
}

// Term is one term of an SPF record or of a record that it includes, in the order
// in which a receiver evaluates them (RFC 7208 4.6.2). Networks in a row are one.
type Term struct {
	Depth   int    `json:"depth"`             // 0 in the domain's own record
	Text    string `json:"text"`              // as published
	First   int    `json:"first,omitempty"`   // which lookup of the record its own is, counted from 1; 0 if it needs none
	Lookups int    `json:"lookups,omitempty"` // its own and all below it
	Fault   bool   `json:"fault,omitempty"`   // receivers that come to it stop with an error
	Note    string `json:"note,omitempty"`    // who it lets send, or what is wrong
}

// Query is a DNS question of class IN.
type Query struct {
	Name string `json:"name"` // A-label form, without the trailing dot
	Type string `json:"type"`
}

// Fix is what to do about a finding, ready to type.
type Fix struct {
	Owner    string   `json:"owner"`              // who must act, see the Owner constants
	Text     string   `json:"text"`               // one or two sentences
	Edits    []Edit   `json:"edits,omitempty"`    // what should change in the DNS; the [Plan] has the records
	Commands []string `json:"commands,omitempty"` // PowerShell or shell, one a line
	Links    []string `json:"links,omitempty"`    // RFC section or article, the best first

	// Alternatives are two or more ways to act between which only a person can
	// choose; Edits is empty then.
	Alternatives []Choice `json:"alternatives,omitempty"`
}

// Choice is one of the alternatives of a [Fix].
type Choice struct {
	Label string `json:"label"` // "if this domain receives mail"
	Text  string `json:"text"`  // what it does

	// Caution is what to know before: every form of a plan has it.
	Caution string `json:"caution,omitempty"`

	Edits []Edit `json:"edits,omitempty"`
	Stay  bool   `json:"stay,omitempty"` // things are left as they are today
}

// The owners: the people who can act on a fix.
const (
	OwnerDNS       = "DNS administrator"
	OwnerM365      = "Microsoft 365 administrator"
	OwnerNetwork   = "network administrator"
	OwnerUser      = "user"
	OwnerRecipient = "recipient's administrator"
	OwnerRemote    = "operator of the remote server"
	OwnerMicrosoft = "Microsoft support"
	OwnerYou       = "you"
)

// Edit is what should change in the DNS, in the record's own terms: which value
// of an RRset, which term of an SPF record, which tag of a DMARC record. What is
// published in the end is in the [Plan], which composes the edits of all findings.
type Edit struct {
	Name string `json:"name"` // absolute, with the trailing dot
	Type string `json:"type"`
	Op   EditOp `json:"op,omitempty"`  // empty: of values of the RRset
	Old  string `json:"old,omitempty"` // a value in presentation form without quotes, a term, a tag; empty for add
	New  string `json:"new,omitempty"` // empty for remove
	TTL  int    `json:"ttl,omitempty"` // seconds
}

// EditOp is what an Edit does within one record.
type EditOp string

// The operations within an SPF record, and within a DMARC record.
const (
	EditAddTerm     EditOp = "add-term"     // New before all
	EditAddFirst    EditOp = "add-first"    // New before all terms that authorize a sender
	EditRemoveTerm  EditOp = "remove-term"  // Old
	EditReplaceTerm EditOp = "replace-term" // New in the place of Old
	EditAll         EditOp = "set-all"      // the record ends in New
	EditRepair      EditOp = "repair"       // syntax; Old: the term, empty: all of the record
	EditMerge       EditOp = "merge"        // all records of this kind into one, and the terms of New

	EditSetTag    EditOp = "set-tag"    // New is tag=value
	EditRemoveTag EditOp = "remove-tag" // Old is the tag
)

// Start opens a run.
type Start struct {
	Schema  string      `json:"schema"`  // StreamSchema
	Version string      `json:"version"` // of maildiag
	Started time.Time   `json:"started"`
	AsOf    string      `json:"as_of,omitempty"`   // YYYY-MM-DD when set by the user
	Options string      `json:"options,omitempty"` // the flags that say what is asked, if not all that is usual
	FailOn  Status      `json:"fail_on"`           // lowest status that leads to exit code 1
	Domains int         `json:"domains"`           // how many are to come; 0: not known yet
	Checks  []CheckInfo `json:"checks,omitempty"`  // the rows that are run, in their order

	titles []CheckInfo // of rows that may have been run, which documents do not name
}

// CheckInfo names one check for the headings of a report.
type CheckInfo struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// StreamSchema names the form of the event stream that [Start] opens.
const StreamSchema = "maildiag.stream/v1"

// Begin opens one domain.
type Begin struct {
	Domain   string    `json:"domain"`            // A-label
	Unicode  string    `json:"unicode,omitempty"` // U-label form, if it differs
	Started  time.Time `json:"started"`
	Resolver string    `json:"resolver"`
	Expect   string    `json:"expect"` // auto, m365, any
}

// End closes one domain. Findings after it belong to the next Begin.
type End struct {
	Domain  string        `json:"domain"`
	Cloud   string        `json:"cloud,omitempty"` // "worldwide", ...; empty: not on Microsoft 365
	Kind    Kind          `json:"kind,omitempty"`  // what kind of domain it is, where the verdict depends on it
	Host    string        `json:"host,omitempty"`  // for KindElsewhere: who receives its mail, such as "Google"
	Elapsed time.Duration `json:"-"`               // elapsed_ms in JSON
	Queries int           `json:"queries"`         // DNS questions sent for this domain
	Plan    *Plan         `json:"plan,omitempty"`  // what to do; nil: nothing, or not asked for
	Cut     bool          `json:"cut,omitempty"`   // cancelled or out of time before all was done
}

// Kind is what kind of domain a verdict is about.
type Kind string

// The kinds. The zero value is any domain that is judged as what it is.
const (
	KindElsewhere Kind = "elsewhere" // nothing of it points at Microsoft 365, and nobody said that it should
	KindNoMail    Kind = "no_mail"   // it says that it neither sends nor receives mail
	KindServer    Kind = "server"    // a server, not a domain
	KindBlocked   Kind = "blocked"   // a server that this network does not let devices send through
)

// Stop closes a run. Renderers of one document for all domains write its end
// now; a stream without it is unfinished.
type Stop struct {
	Elapsed  time.Duration `json:"-"`                   // elapsed_ms in JSON
	Cut      bool          `json:"cut,omitempty"`       // stopped before all domains were done
	BadLines int           `json:"bad_lines,omitempty"` // of a list: those that name no domain, so nothing can be told
}

// Event is one step of a run; exactly one field is set.
type Event struct {
	Start   *Start   `json:"start,omitempty"`
	Begin   *Begin   `json:"begin,omitempty"`
	Finding *Finding `json:"finding,omitempty"`
	End     *End     `json:"end,omitempty"`
	Stop    *Stop    `json:"stop,omitempty"`
}

// Sink takes the events of a run. Emit is never called by two goroutines at
// once. An error stops the run.
type Sink interface{ Emit(Event) error }

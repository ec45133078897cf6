package web

import (
	"iter"
	"net/http"
	"slices"
	"strings"

	"maildiag/report"
	"maildiag/service/fleet/facts"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/tags"
)

// maxChanges bounds the changes in CSV and JSON.
const maxChanges = 50_000

// changesSchema names the form of the JSON.
const changesSchema = "maildiag.changes-table/1"

// changeLine is an event, or a change of records.
type changeLine struct {
	At        string             `json:"at"`
	Domain    string             `json:"domain"`
	Sites     []string           `json:"sites"` // whose looks show it
	Kind      string             `json:"kind"`  // of an event, or record
	Status    string             `json:"status,omitempty"`
	Check     string             `json:"check,omitempty"`
	Code      string             `json:"code,omitempty"`
	Subject   string             `json:"subject,omitempty"`
	Exception *history.Exception `json:"exception,omitempty"`
	Record    *facts.Diff        `json:"record,omitempty"`
	Tags      tags.Tags          `json:"tags,omitempty"` // of the domain now
}

func changeOf(e *history.Event) changeLine {
	sites := e.Present
	if e.Kind == history.KindFixed || len(sites) == 0 {
		sites = []string{e.Site}
	}
	return changeLine{At: stamp(e.At), Domain: e.Domain, Sites: sites, Kind: e.Kind, Status: e.Status, Check: e.Check, Code: e.Code,
		Subject: report.CleanTo(e.Subject, maxFilter), Exception: e.Exception, Tags: e.Tags}
}

// Title says what kind of change it is.
func (l changeLine) Title() string {
	switch l.Kind {
	case history.KindProblem:
		return "PROBLEM"
	case history.KindFixed:
		return "FIXED"
	case history.KindDisagree:
		return "SITES DISAGREE"
	case history.KindAgree:
		return "SITES AGREE"
	case history.KindAccepted, history.KindDisagreeAccepted:
		return "ACCEPTED"
	}
	return "RECORD"
}

// Class returns the style of the kind.
func (l changeLine) Class() string {
	switch l.Kind {
	case history.KindProblem:
		if l.Status == report.Fail.String() {
			return "fail"
		}
		return "warn"
	case history.KindDisagree:
		return "warn"
	case history.KindFixed, history.KindAgree:
		return "pass"
	}
	return "skip"
}

// ExceptionText says until when the problem is accepted, or was until the event.
func (l changeLine) ExceptionText() string {
	if l.Exception == nil {
		return ""
	}
	text := l.Exception.Text() + ": " + report.CleanTo(l.Exception.Reason, maxFilter)
	if l.Kind == history.KindProblem || l.Kind == history.KindDisagree {
		return "was accepted " + text
	}
	return text
}

// Where lists the sites.
func (l changeLine) Where() string { return strings.Join(l.Sites, ", ") }

// changes shows the events of all domains, the latest first.
func (h *Handler) changes(w http.ResponseWriter, r *http.Request) {
	all, err := h.Changes(r.Context(), maxChanges)
	if err != nil {
		if r.Context().Err() == nil {
			h.problem(w, r, http.StatusInternalServerError, "The history cannot be read.")
		}
		return
	}
	filter := strings.TrimSpace(r.URL.Query().Get("q"))
	selected := tags.ParseFilter(filter)
	lines := []changeLine{}
	for i := range all {
		if selected.Match(all[i].Domain, all[i].Tags) {
			lines = append(lines, changeOf(&all[i]))
		}
	}
	t := &changesTable{Filter: report.CleanTo(filter, maxFilter), Found: len(lines), Lines: lines[:min(len(lines), maxRows)]}
	h.form(w, r, "changes", func() any { return map[string]any{"schema": changesSchema, "changes": lines} },
		changesCSV(lines), page{Title: "maildiag: changes", Heading: "Changes", ChangeTable: t})
}

// changesTable is what the page of changes shows.
type changesTable struct {
	Filter string
	Lines  []changeLine
	Found  int
}

// between separates the values of a record in a cell of CSV.
const between = " | "

func changesCSV(lines []changeLine) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		more := yield([]string{"at", "domain", "sites", "kind", "status", "check", "code", "subject", "accepted_until", "accepted_reason",
			"record", "type", "removed", "added", "tags"})
		for i := 0; i < len(lines) && more; i++ {
			l := &lines[i]
			x, d := history.Exception{}, facts.Diff{}
			if l.Exception != nil {
				x = *l.Exception
			}
			if l.Record != nil {
				d = *l.Record
			}
			more = yield(slices.Concat([]string{l.At, l.Domain, strings.Join(l.Sites, " "), l.Kind, l.Status, l.Check, l.Code, l.Subject,
				x.Until, x.Reason, d.Name, d.Type}, []string{strings.Join(d.Removed, between), strings.Join(d.Added, between), l.Tags.String()}))
		}
	}
}

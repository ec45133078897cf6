package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/tags"
)

// maxRows bounds the lines of the page; CSV and JSON have all.
const maxRows = 500

// maxFilter is longer than any name.
const maxFilter = 256

// domainsSchema names the form of the JSON.
const domainsSchema = "maildiag.domains/1"

// line is one watched domain. Verdicts of days are empty where there is no result.
type line struct {
	Domain  string           `json:"domain"`
	Verdict report.Verdict   `json:"verdict,omitempty"`
	Remains report.Verdict   `json:"remaining_verdict,omitempty"` // of what is not accepted
	Changed string           `json:"changed,omitempty"`
	Checked string           `json:"checked,omitempty"`
	Days    []report.Verdict `json:"days"`

	Sites    []history.SiteState `json:"sites"`
	Disagree int                 `json:"disagreements"` // problems about which the sites disagree

	Accepted      int    `json:"accepted"`                 // problems
	AllAccepted   bool   `json:"all_accepted"`             // and no others are known
	AcceptedUntil string `json:"accepted_until,omitempty"` // the first day that ends an exception

	Tags tags.Tags `json:"tags,omitempty"`
}

// AcceptedText says what is accepted; empty: nothing is.
func (l line) AcceptedText() string {
	if l.Accepted == 0 {
		return ""
	}
	text := "accepted"
	if !l.AllAccepted {
		text = strconv.Itoa(l.Accepted) + " accepted"
	}
	if l.AcceptedUntil == history.Never {
		return text
	}
	return text + " until " + l.AcceptedUntil
}

// SiteCell is what one site says.
type SiteCell struct {
	cell
	Site, Title string
}

// SiteCells returns what each site says, if there are several, and which are stale.
func (l line) SiteCells() (cells []SiteCell) {
	for _, s := range l.Sites {
		if s.Stale {
			since := "no look since " + s.Checked.Format("2006-01-02 15:04")
			cells = append(cells, SiteCell{cell{since, "skip"}, s.Site + ":", s.Verdict.Title()})
		} else if len(l.Sites) > 1 {
			cells = append(cells, SiteCell{cellOf(s.Remaining), s.Site, s.Verdict.Title()})
		}
	}
	return cells
}

// SiteList returns what each site says as text.
func (l line) SiteList() string {
	var texts []string
	for _, s := range l.Sites {
		text := s.Site + "=" + string(s.Verdict)
		if s.Stale {
			text += ",stale"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

// Title returns the verdict in words.
func (l line) Title() string {
	if l.Verdict == "" {
		return "NO RESULT YET"
	}
	return l.Verdict.Title()
}

// Class returns the style of what is not accepted.
func (l line) Class() string { return cellOf(l.Remains).Class }

// Strip returns the letters of the days.
func (l line) Strip() string {
	var b strings.Builder
	for _, c := range l.Cells() {
		b.WriteString(c.Letter)
	}
	return b.String()
}

// Cells returns the strip.
func (l line) Cells() []cell {
	cells := make([]cell, len(l.Days))
	for i, v := range l.Days {
		cells[i] = cellOf(v)
	}
	return cells
}

// cell is one day: color never carries meaning alone.
type cell struct{ Letter, Class string }

func cellOf(v report.Verdict) cell {
	switch v {
	case report.Ready, report.NoMail:
		return cell{"R", "pass"}
	case report.ReadyWarned:
		return cell{"W", "warn"}
	case report.NotOnMicrosoft:
		return cell{"O", "warn"}
	case report.NotReady:
		return cell{"F", "fail"}
	case history.AllAccepted:
		return cell{"A", "accepted"}
	case "":
		return cell{".", "skip"}
	}
	return cell{"U", "unknown"}
}

// watched is what the page of domains shows.
type watched struct {
	Filter        string
	Lines         []line
	Total, Found  int
	Failing, Open int // of those found: not ready, could not check
	Accepted      int // not ready, but accepted
	Disagree      int // and with sites that disagree
}

// domains shows what is watched, the worst first.
func (h *Handler) domains(w http.ResponseWriter, r *http.Request) {
	all, err := h.Domains(r.Context(), time.Now())
	if err != nil {
		if r.Context().Err() == nil {
			h.problem(w, r, http.StatusInternalServerError, "The history cannot be read.")
		}
		return
	}
	t := table(all, r.URL.Query().Get("q"))
	shown := *t
	shown.Lines = t.Lines[:min(len(t.Lines), maxRows)]
	h.form(w, r, "domains", func() any { return map[string]any{"schema": domainsSchema, "domains": t.Lines} }, t.csv,
		page{Title: "maildiag: domains", Heading: "Domains", Table: &shown})
}

// table returns the lines that a filter selects, the worst first.
func table(all []history.Domain, filter string) *watched {
	selected := tags.ParseFilter(filter)
	t := &watched{Filter: report.CleanTo(strings.TrimSpace(filter), maxFilter), Total: len(all), Lines: []line{}}
	slices.SortStableFunc(all, func(a, b history.Domain) int {
		return cmp.Or(cmp.Compare(urgency(&b), urgency(&a)), b.Changed.Compare(a.Changed))
	})
	for i := range all {
		d := &all[i]
		if !selected.Match(d.Name, d.Tags) {
			continue
		}
		switch {
		case d.Remaining == report.NotReady:
			t.Failing++
		case d.Verdict == report.NotReady:
			t.Accepted++
		}
		if d.Remaining == report.CouldNotTell {
			t.Open++
		}
		if d.Disagree > 0 {
			t.Disagree++
		}
		t.Lines = append(t.Lines, lineOf(d))
	}
	t.Found = len(t.Lines)
	return t
}

func lineOf(d *history.Domain) line {
	return line{d.Name, d.Verdict, d.Remaining, stamp(d.Changed), stamp(d.Checked), d.Days[:], append([]history.SiteState{}, d.Sites...), d.Disagree,
		d.Accepted.Problems, d.Accepted.All, d.Accepted.Until, d.Tags}
}

// urgency orders domains: what is accepted comes after what is not.
func urgency(d *history.Domain) int { return history.Rank(d.Remaining) }

// stamp returns a time as text; the zero time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (t *watched) csv() string {
	var b strings.Builder
	b.WriteString(report.CSVRow([]string{"domain", "verdict", "changed", "checked", "days", "sites", "disagreements", "accepted", "accepted_until", "remaining_verdict", "tags"}))
	for _, l := range t.Lines {
		b.WriteString(report.CSVRow([]string{l.Domain, string(l.Verdict), l.Changed, l.Checked, l.Strip(), l.SiteList(), strconv.Itoa(l.Disagree),
			strconv.Itoa(l.Accepted), l.AcceptedUntil, string(l.Remains), l.Tags.String()}))
	}
	return b.String()
}

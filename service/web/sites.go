package web

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	"maildiag/checks/doctor"
	"maildiag/report"
)

// Site is what is known about a site.
type Site struct {
	Name    string
	At      time.Time     // of the tests; zero: there were none
	Tests   []doctor.Line // of [SiteTests]
	Workers int
	Waiting int // items of watching
	Drained bool
	Trouble string // why it takes no work
}

// SiteTests returns the IDs of the tests of a site, in the order of the columns.
func SiteTests() []string { return []string{"smtp-587", "smtp-465", "smtp-25", "resolver", "clock"} }

// sitesSchema names the form of the JSON.
const sitesSchema = "maildiag.sites/1"

// oldAfter is the age of tests that no longer say how a site is.
const oldAfter = 5 * time.Minute

// siteLine is one site. A status is that of a test; empty: not known, or no longer.
type siteLine struct {
	Site    string            `json:"site"`
	Tests   map[string]string `json:"tests"`
	Details map[string]string `json:"details"`
	Checked string            `json:"checked,omitempty"`
	Workers int               `json:"workers"`
	Waiting int               `json:"waiting_items"`
	Drained bool              `json:"drained"`
	Trouble string            `json:"trouble,omitempty"`
}

// Cells returns the tests in the order of the columns.
func (l siteLine) Cells() (cells []siteCell) {
	titles := []string{"Port 587", "Port 465", "Port 25", "Resolver", "Clock"} // as in the head of the table
	for i, id := range SiteTests() {
		status := l.Tests[id]
		c := siteCell{Label: titles[i], Text: "not known", Class: "skip", Title: l.Details[id]}
		if status != "" {
			c.Text, c.Class = status, status
		}
		if status == report.Unknown.String() {
			c.Text = "could not check"
		}
		cells = append(cells, c)
	}
	return cells
}

// siteCell is the result of one test.
type siteCell struct{ Label, Text, Class, Title string }

// State says whether the site works.
func (l siteLine) State() string {
	switch {
	case l.Workers == 0:
		return "no worker is running"
	case l.Drained:
		return "drained"
	case l.Trouble != "":
		return "takes no work: " + l.Trouble
	}
	return "works"
}

func siteLineOf(s *Site, now time.Time) siteLine {
	l := siteLine{Site: s.Name, Tests: map[string]string{}, Details: map[string]string{}, Checked: stamp(s.At), Workers: s.Workers,
		Waiting: s.Waiting, Drained: s.Drained, Trouble: report.CleanTo(s.Trouble, 200)}
	if now.Sub(s.At) > oldAfter {
		return l
	}
	for _, t := range s.Tests {
		if slices.Contains(SiteTests(), t.ID) {
			l.Tests[t.ID], l.Details[t.ID] = t.Status.String(), report.CleanTo(t.Summary, 200)
		}
	}
	return l
}

// sites shows what is known about the sites.
func (h *Handler) sites(w http.ResponseWriter, r *http.Request) {
	all, err := h.Sites(r.Context())
	if err != nil {
		if r.Context().Err() == nil {
			h.problem(w, r, http.StatusServiceUnavailable, "The sites cannot be read: the queue does not answer.")
		}
		return
	}
	lines := []siteLine{}
	for i := range all {
		lines = append(lines, siteLineOf(&all[i], time.Now()))
	}
	h.form(w, r, "sites", func() any { return map[string]any{"schema": sitesSchema, "sites": lines} }, sitesCSV(lines),
		page{Title: "maildiag: sites", Heading: "Sites", SiteLines: lines})
}

func sitesCSV(lines []siteLine) iter.Seq[[]string] {
	rows := [][]string{slices.Concat([]string{"site"}, SiteTests(), []string{"checked", "workers", "waiting_items", "state"})}
	for _, l := range lines {
		row := []string{l.Site}
		for _, id := range SiteTests() {
			row = append(row, l.Tests[id])
		}
		rows = append(rows, append(row, l.Checked, strconv.Itoa(l.Workers), fmt.Sprint(l.Waiting), l.State()))
	}
	return slices.Values(rows)
}

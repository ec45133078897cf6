package web

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"slices"
	"time"

	"maildiag/dnsrec/spf"
	"maildiag/report"
	"maildiag/service/fleet/facts"
	"maildiag/service/fleet/history"
	"maildiag/service/run"
)

// domainSchema names the form of the JSON.
const domainSchema = "maildiag.domain/1"

// domainPage is what the page of a domain shows.
type domainPage struct {
	line
	Problems []history.OpenProblem `json:"problems"`
	Changes  []changeLine          `json:"changes"`
	Charts   []*chart              `json:"-"`
}

// domain shows one domain.
func (h *Handler) domain(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("domain")
	if ascii, _, err := run.Target(name); err == nil {
		name = ascii
	}
	d, err := h.Detail(r.Context(), name, time.Now())
	switch {
	case err != nil && r.Context().Err() != nil:
		return
	case err != nil:
		h.problem(w, r, http.StatusInternalServerError, "The history cannot be read.")
		return
	case d == nil:
		h.problem(w, r, http.StatusNotFound, "This domain is not watched.")
		return
	}
	p := domainPageOf(d)
	h.form(w, r, "domain", func() any { return map[string]any{"schema": domainSchema, "domain": p} },
		changesCSV(p.Changes), page{Title: "maildiag: " + d.Name, Heading: d.Name, Detail: p})
}

// form answers with a table in the form that is asked for.
func (h *Handler) form(w http.ResponseWriter, r *http.Request, name string, doc func() any, rows iter.Seq[[]string], p page) {
	w.Header().Set("Cache-Control", "no-store")
	switch r.URL.Query().Get("format") {
	case "json":
		w.Header().Set("Content-Type", "application/json")
		d := doc()
		if to, ok := d.(io.WriterTo); ok {
			_, _ = to.WriteTo(w) // the client may be gone
			return
		}
		_ = json.NewEncoder(w).Encode(d)
	case "csv":
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="maildiag-`+name+`.csv"`)
		writeCSV(w, rows)
	case "", "html":
		h.show(w, r, name, http.StatusOK, p)
	default:
		h.problem(w, r, http.StatusBadRequest, "The format must be html, csv or json.")
	}
}

// writeCSV writes a table that may be too much to be in memory at once.
func writeCSV(w io.Writer, rows iter.Seq[[]string]) {
	out := bufio.NewWriter(w)
	for row := range rows {
		_, _ = out.WriteString(report.CSVRow(row)) // the client may be gone
	}
	_ = out.Flush()
}

func domainPageOf(d *history.Detail) *domainPage {
	p := &domainPage{line: lineOf(&d.Domain), Problems: append([]history.OpenProblem{}, d.Problems...), Changes: []changeLine{}}
	for i := range p.Problems {
		p.Problems[i].Subject = report.CleanTo(p.Problems[i].Subject, maxFilter)
	}
	for i := range d.Events {
		p.Changes = append(p.Changes, changeOf(&d.Events[i]))
	}
	seen := make([]facts.Facts, len(d.Spans))
	for i := range d.Spans {
		seen[i] = facts.Of(d.Name, d.Spans[i].Findings)
	}
	p.Changes = append(p.Changes, recordChanges(d, seen)...)
	slices.SortStableFunc(p.Changes, func(a, b changeLine) int { return cmp.Compare(b.At, a.At) })
	p.Charts = chartsOf(d, seen)
	return p
}

// recordChanges returns what changed in the records from span to span of each site;
// seen has the facts of each span.
func recordChanges(d *history.Detail, seen []facts.Facts) (list []changeLine) {
	var changes facts.Changes
	for i := range d.Spans {
		changes.Add(d.Spans[i].Site, d.Spans[i].First, seen[i])
	}
	for _, c := range changes.List {
		diff := facts.Diff{Name: c.Name, Type: c.Type, Removed: cleaned(c.Removed), Added: cleaned(c.Added)}
		list = append(list, changeLine{At: stamp(c.At), Domain: d.Name, Sites: c.Sites, Kind: "record", Record: &diff, Tags: d.Tags})
	}
	return list
}

// maxShown is how much of a record is shown, in columns.
const maxShown = 2000

// cleaned makes values safe to be shown.
func cleaned(values []string) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = report.CleanTo(v, maxShown)
	}
	return list
}

// chartsOf draws what the site that looked last has seen; seen has the facts of each
// span.
func chartsOf(d *history.Detail, seen []facts.Facts) (charts []*chart) {
	site, latest := "", time.Time{}
	for _, s := range d.Sites {
		if s.Checked.After(latest) {
			site, latest = s.Site, s.Checked
		}
	}
	var lookups, ends []sample
	host, end := "", time.Time{}
	for i := range d.Spans {
		s := &d.Spans[i]
		if s.Site != site {
			continue
		}
		f := &seen[i]
		if f.Lookups >= 0 {
			lookups = append(lookups, sample{s.First, s.Last, float64(f.Lookups), float64(f.Lookups)})
		}
		if h, e := f.FirstEnd(); h != "" {
			host, end = h, e
			ends = append(ends, sample{s.First, s.Last, days(e.Sub(s.First)), days(e.Sub(s.Last))})
		}
	}
	if n := len(lookups); n > 0 {
		title := fmt.Sprintf("SPF lookups: %.0f of %d allowed", lookups[n-1].End, spf.MaxLookups)
		charts = append(charts, newChart(title, "lookup", "lookups", lookups, spf.MaxLookups))
	}
	if n := len(ends); n > 0 {
		title := fmt.Sprintf("Days until a certificate expires: %.0f (%s, %s)", ends[n-1].End, report.CleanTo(host, maxFilter), end.Format(time.DateOnly))
		charts = append(charts, newChart(title, "day", "days", ends, 0))
	}
	return charts
}

// days returns whole days.
func days(d time.Duration) float64 { return math.Floor(d.Hours() / 24) }

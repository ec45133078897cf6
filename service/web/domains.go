package web

import (
	"bufio"
	"cmp"
	"encoding/json"
	"html/template"
	"io"
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
	letters := make([]byte, 0, history.Days)
	for _, v := range l.Days {
		letters = append(letters, cellOf(v).Letter...)
	}
	return string(letters)
}

// Cells returns the strip in HTML, which has nothing but letters and styles from here.
// A page has thousands of cells: the template would take most of its time for them.
func (l line) Cells() template.HTML {
	b := make([]byte, 0, 24*history.Days)
	for _, v := range l.Days {
		c := cellOf(v)
		b = append(b, `<i class="`...)
		b = append(b, c.Class...)
		b = append(b, `">`...)
		b = append(b, c.Letter...)
		b = append(b, "</i>"...)
	}
	return template.HTML(b)
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
	found         []*history.Domain // all of them, by name; Lines are the first of the page
	Failing, Open int               // of those found: not ready, could not check
	Accepted      int               // not ready, but accepted
	Disagree      int               // and with sites that disagree
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
	h.form(w, r, "domains", func() any {
		return domainsDocument(worstFirst(t.found, t.Found))
	}, t.rows,
		page{Title: "maildiag: domains", Heading: "Domains", Table: t})
}

// domainsDocument is the JSON of all domains, too much of it to be in memory at once.
type domainsDocument []*history.Domain

// WriteTo writes the document.
func (d domainsDocument) WriteTo(w io.Writer) (n int64, err error) {
	out := bufio.NewWriter(w)
	defer func() { err = cmp.Or(err, out.Flush()) }()
	_, _ = out.WriteString(`{"schema":"` + domainsSchema + `","domains":[`) // Flush has the errors
	for i, one := range d {
		text, err := json.Marshal(lineOf(one))
		if err != nil {
			return 0, err
		}
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = out.Write(text)
	}
	_, _ = out.WriteString("]}\n")
	return 0, nil
}

// table returns the lines that a filter selects, the worst first.
func table(all []*history.Domain, filter string) *watched {
	selected := tags.ParseFilter(filter)
	t := &watched{Filter: report.CleanTo(strings.TrimSpace(filter), maxFilter), Total: len(all)}
	found := make([]*history.Domain, 0, len(all))
	for _, d := range all {
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
		found = append(found, d)
	}
	t.found, t.Found = found, len(found)
	t.Lines = linesOf(worstFirst(found, maxRows))
	return t
}

func lineOf(d *history.Domain) line {
	return line{d.Name, d.Verdict, d.Remaining, stamp(d.Changed), stamp(d.Checked), d.Days.All(), append([]history.SiteState{}, d.Sites...), d.Disagree,
		d.Accepted.Problems, d.Accepted.All, d.Accepted.Until, d.Tags}
}

// linesOf returns lines.
func linesOf(list []*history.Domain) []line {
	lines := make([]line, len(list))
	for i, d := range list {
		lines[i] = lineOf(d)
	}
	return lines
}

// worstFirst returns the first n of a list in the order of the page: the worst first,
// and of these the latest change. What is accepted comes after what is not.
func worstFirst(list []*history.Domain, n int) (first []*history.Domain) {
	var ranks [history.Worst + 1][]*history.Domain
	for _, d := range list {
		r := history.Rank(d.Remaining)
		ranks[r] = append(ranks[r], d)
	}
	for _, same := range slices.Backward(ranks[:]) {
		if len(first) < n { // to sort 100,000 takes longer than a page should
			slices.SortStableFunc(same, func(a, b *history.Domain) int { return b.Changed.Compare(a.Changed) })
			first = append(first, same...)
		}
	}
	return first[:min(n, len(first))]
}

// stamp returns a time as text; the zero time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// rows are those of CSV.
func (t *watched) rows(yield func([]string) bool) {
	more := yield([]string{"domain", "verdict", "changed", "checked", "days", "sites", "disagreements", "accepted", "accepted_until", "remaining_verdict", "tags"})
	for list := worstFirst(t.found, t.Found); more && len(list) > 0; list = list[1:] {
		l := lineOf(list[0])
		more = yield([]string{l.Domain, string(l.Verdict), l.Changed, l.Checked, l.Strip(), l.SiteList(), strconv.Itoa(l.Disagree),
			strconv.Itoa(l.Accepted), l.AcceptedUntil, string(l.Remains), l.Tags.String()})
	}
}

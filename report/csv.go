package report

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// newCSV writes a table for spreadsheets: a heading, then a row a finding
// (RFC 4180, all cells quoted, one line a row).
func newCSV(w io.Writer, _ Options) Sink {
	c := &csvSink{w: w}
	return &collector{open: c.open, each: c.domain}
}

type csvSink struct{ w io.Writer }

var csvHeading = []string{"domain", "verdict", "check", "code", "status", "cause", "subject", "summary",
	"owner", "fix", "records", "commands", "elapsed_ms", "steps"}

func (c *csvSink) open(*Start) error {
	_, err := io.WriteString(c.w, CSVRow(csvHeading))
	return err
}

func (c *csvSink) domain(r *Report) error {
	verdict := r.Start.titleOf(r.Verdict())
	var b strings.Builder
	for i := range r.Findings {
		f := &r.Findings[i]
		var fix Fix
		if f.Fix != nil {
			fix = *f.Fix
		}
		var records []string
		for _, rec := range fix.Edits {
			records = append(records, editWords(rec))
		}
		b.WriteString(CSVRow([]string{r.Begin.Domain, verdict, f.Check, f.Code, f.Status.String(), string(f.Cause),
			f.Subject, f.Summary, fix.Owner, fix.Text, strings.Join(records, "; "), strings.Join(fix.Commands, "; "),
			strconv.FormatInt(millis(f.Elapsed), 10), stepsOf(f, r.End.Plan)}))
	}
	_, err := io.WriteString(c.w, b.String())
	return err
}

// stepsOf lists the steps of the plan that end a problem.
func stepsOf(f *Finding, p *Plan) string {
	if !isProblem(f.Status) {
		return ""
	}
	var list []string
	for _, n := range p.stepsFor(f) {
		list = append(list, strconv.Itoa(n))
	}
	return strings.Join(list, " ")
}

// CSVRow writes one row (RFC 4180 2).
func CSVRow(cells []string) string {
	var b strings.Builder
	for i, s := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(strings.ReplaceAll(noFormula(Clean(s)), `"`, `""`))
		b.WriteByte('"')
	}
	b.WriteString("\r\n")
	return b.String()
}

// noFormula puts an apostrophe before text that a spreadsheet would run:
// at its start, and after a semicolon, where a program that splits at
// semicolons would see a start.
func noFormula(s string) string {
	var b strings.Builder
	start, done := true, 0
	for i, r := range s {
		if start && runs1(r) && !isNumber(s[i:]) {
			b.WriteString(s[done:i])
			b.WriteByte('\'')
			done = i
		}
		start = start && (r == ' ' || r == '"' || r == '\'') || r == ';'
	}
	if done == 0 && b.Len() == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// runs1 reports whether r starts a formula; the full-width forms count in some
// languages' versions.
func runs1(r rune) bool { return strings.ContainsRune("=+-@\t\r＝＋－＠", r) }

// isNumber reports whether s is a plain number such as -5, which is no formula.
func isNumber(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil && utf8.RuneCountInString(s) < 16
}

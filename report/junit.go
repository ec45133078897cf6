package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// newJUnit writes JUnit XML, as CI systems read it: a test suite a domain, a
// test case a finding. A failure is a finding at or above --fail-on, an error
// one that could not be checked.
func newJUnit(w io.Writer, _ Options) Sink {
	j := &junit{w: w}
	return &collector{open: j.open, each: j.domain, close: j.stop}
}

type junit struct{ w io.Writer }

type junitSuite struct {
	XMLName   xml.Name    `xml:"testsuite"`
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string      `xml:"name,attr"`
	Class   string      `xml:"classname,attr"`
	Time    string      `xml:"time,attr"`
	Failure *junitFault `xml:"failure"`
	Error   *junitFault `xml:"error"`
	Skipped *junitFault `xml:"skipped"`
	Out     string      `xml:"system-out,omitempty"`
}

type junitFault struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (j *junit) open(*Start) error {
	_, err := io.WriteString(j.w, xml.Header+"<testsuites name=\"maildiag\">\n")
	return err
}

func (j *junit) stop(*Stop) error {
	_, err := io.WriteString(j.w, "</testsuites>\n")
	return err
}

func (j *junit) domain(r *Report) error {
	s := junitSuite{
		Name: Clean(r.Begin.Domain), Time: fmt.Sprintf("%.3f", r.End.Elapsed.Seconds()),
		Timestamp: r.Begin.Started.Format("2006-01-02T15:04:05"),
	}
	for i := range r.Findings {
		s.add(&r.Findings[i], r)
	}
	if r.End.Cut {
		s.Tests++
		s.Errors++
		s.Cases = append(s.Cases, junitCase{Name: "unfinished", Class: s.Name, Time: "0.000",
			Error: &junitFault{Message: "the run was stopped before all was looked at", Type: string(CauseLocal)}})
	}
	var b bytes.Buffer
	e := xml.NewEncoder(&b)
	e.Indent("  ", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := j.w.Write(b.Bytes())
	return err
}

func (s *junitSuite) add(f *Finding, r *Report) {
	name := Clean(f.Code)
	if f.Subject != "" {
		name += " (" + Clean(f.Subject) + ")"
	}
	c := junitCase{Name: name, Class: s.Name + "." + Clean(f.Check), Time: fmt.Sprintf("%.3f", f.Elapsed.Seconds())}
	fault := &junitFault{Message: Clean(f.Summary), Type: Clean(string(f.Cause)), Text: strings.Join(plainDetail(f, r.End.Plan), "\n")}
	switch {
	case f.Status == Fail, f.Status == Warn && r.Start.FailOn == Warn:
		c.Failure = fault
		s.Failures++
	case f.Status == Unknown && !f.Optional:
		c.Error = fault
		s.Errors++
	case f.Status == Skip:
		c.Skipped = &junitFault{Message: fault.Message}
		s.Skipped++
	default:
		c.Out = f.Status.String() + ": " + fault.Message
		if f.Status != Pass && fault.Text != "" {
			c.Out += "\n" + fault.Text
		}
	}
	s.Tests++
	s.Cases = append(s.Cases, c)
}

// plainDetail returns evidence and fix as clean lines, for formats that have one
// field of text for them. The steps that end a problem stand in for its edits.
func plainDetail(f *Finding, p *Plan) []string {
	var out []string
	for _, e := range f.Evidence {
		for i, l := range Lines(e.Text) {
			if i == 0 && e.From != "" {
				l += "   (from " + Clean(e.From) + ")"
			}
			out = append(out, l)
		}
		if e.Note != "" {
			out = append(out, "-> "+Clean(e.Note))
		}
	}
	if f.Fix == nil {
		return out
	}
	out = append(out, "Fix ("+Clean(f.Fix.Owner)+"): "+Clean(f.Fix.Text))
	if steps := p.stepsFor(f); len(steps) > 0 && isProblem(f.Status) {
		for i := range p.Steps {
			if s := &p.Steps[i]; slices.Contains(steps, s.Step) {
				out = append(out, mapped(stepLines(s), Clean)...)
			}
		}
	} else {
		out = append(out, mapped(editsWords(f.Fix.Edits), Clean)...)
		out = append(out, mapped(commandLines(f.Fix.Commands), Clean)...)
	}
	for _, l := range f.Fix.Links {
		out = append(out, Clean(l))
	}
	return out
}

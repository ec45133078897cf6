package dmarcreport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The limits of one row and of one report.
const (
	maxResults  = 20 // signatures, SPF results and reasons of a row that are kept
	maxErrors   = 10
	maxInterned = 4096 // different values that are kept as one string
	maxCount    = 1 << 40
)

// Read reads a report and calls row for each of its rows, after everything else
// that stands before the first one is in rep. It ends with the error of row, or
// with an [*Error] if the report is broken.
func Read(r io.Reader, rep *Report, row func(*Row) error) error {
	p := &parser{scanner: newScanner(r), rep: rep, emit: row, strings: map[string]string{}}
	err := p.run()
	var own *rowError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own.err
	}
	return &Error{p.at, err}
}

// rowError carries the error of the caller through the parser.
type rowError struct{ err error }

func (e *rowError) Error() string { return e.err.Error() }

type parser struct {
	*scanner
	rep     *Report
	row     Row
	counted bool // the row has a count
	emit    func(*Row) error
	path    []string // of the names of open elements, interned
	strings map[string]string
	done    bool // the root element was closed
	wrapped bool // an XML schema element is around it, as one reporter's software has it
	value   []byte
}

func (p *parser) run() error {
	for {
		k, err := p.next()
		switch {
		case err == io.EOF && p.done:
			return nil
		case err == io.EOF && p.at > 0 && len(p.path) == 0:
			return errNoXML
		case err == io.EOF:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
		switch k {
		case opening:
			err = p.open()
		case closing:
			err = p.close()
		case text:
			p.value = append(p.value, p.text[:min(len(p.text), maxText-min(maxText, len(p.value)))]...)
		}
		if err != nil {
			return err
		}
	}
}

// intern returns a string that is shared by all equal values of a report.
func (p *parser) intern(b []byte) string {
	if s, ok := p.strings[string(b)]; ok {
		return s
	}
	if len(p.strings) >= maxInterned {
		clear(p.strings)
	}
	s := strings.ToValidUTF8(string(b), "\uFFFD")
	p.strings[string(b)] = s
	return s
}

func (p *parser) open() error {
	switch {
	case len(p.path) == 0 && string(p.name) == "schema" && !p.wrapped && !p.done:
		p.wrapped = true
		return nil
	case p.done:
		return errors.New("there is more after the end of the report")
	case len(p.path) == 0 && string(p.name) != "feedback":
		return fmt.Errorf("the root element is %q, not feedback", p.name[:min(len(p.name), 40)])
	case len(p.path) >= maxNesting:
		return fmt.Errorf("elements are nested deeper than %d", maxNesting)
	}
	p.path = append(p.path, p.intern(p.name))
	p.value = p.value[:0]
	switch len(p.path) {
	case 2:
		if p.path[1] == "record" {
			p.reset()
		}
	case 4:
		p.grow()
	case 5:
		if p.path[4] == "reason" {
			p.row.Reasons = another(p.row.Reasons)
		}
	}
	return nil
}

// reset prepares for the next row.
func (p *parser) reset() {
	r := &p.row
	p.counted = false
	*r = Row{Reasons: r.Reasons[:0], DKIMResults: r.DKIMResults[:0], SPFResults: r.SPFResults[:0]}
}

// grow adds a result to the row if one starts.
func (p *parser) grow() {
	if p.path[1] != "record" || p.path[2] != "auth_results" {
		return
	}
	switch r := &p.row; p.path[3] {
	case "dkim":
		r.DKIMResults = another(r.DKIMResults)
	case "spf":
		r.SPFResults = another(r.SPFResults)
	}
}

// another adds an empty element; beyond the limit it replaces the last one.
func another[T any](s []T) []T {
	var empty T
	if len(s) >= maxResults {
		s[len(s)-1] = empty
		return s
	}
	return append(s, empty)
}

func (p *parser) close() error {
	last := len(p.path) - 1
	if last < 0 && p.wrapped && p.done && string(p.name) == "schema" {
		p.wrapped = false
		return nil
	}
	if last < 0 || p.path[last] != string(p.name) {
		return fmt.Errorf("the end of %q does not match", p.name[:min(len(p.name), 40)])
	}
	if err := p.set(); err != nil {
		return err
	}
	p.path = p.path[:last]
	p.value = p.value[:0]
	if last == 1 && string(p.name) == "record" {
		if !p.counted {
			return errors.New("a record has no count of messages")
		}
		if err := p.emit(&p.row); err != nil {
			return &rowError{err}
		}
	}
	p.done = last == 0
	return nil
}

// set stores the value of the element that ends.
func (p *parser) set() error {
	v := bytes.TrimSpace(p.value)
	if len(v) == 0 || len(p.path) < 3 {
		return nil
	}
	switch p.path[1] {
	case "record":
		return p.setRecord(v)
	case "report_metadata":
		p.setMetadata(v)
	case "policy_published":
		p.setPolicy(v)
	}
	return nil
}

func (p *parser) setMetadata(v []byte) {
	s := p.intern(v)
	switch last := p.path[len(p.path)-1]; last {
	case "org_name":
		p.rep.Org = s
	case "email":
		p.rep.Email = s
	case "report_id":
		p.rep.ID = s
	case "generator":
		p.rep.Generator = s
	case "begin":
		p.rep.Begin = unixTime(s)
	case "end":
		p.rep.End = unixTime(s)
	case "error":
		if len(p.rep.Errors) < maxErrors {
			p.rep.Errors = append(p.rep.Errors, s)
		}
	}
}

// unixTime reads a time; the zero time if it is none of this era. Some reporters
// write a fraction, or milliseconds.
func unixTime(s string) time.Time {
	whole, _, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	const year2200, thousand = 7_258_118_400, 1000
	if n > year2200 {
		n /= thousand
	}
	if err != nil || n <= 0 || n > year2200 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

func (p *parser) setPolicy(v []byte) {
	s, pol := p.intern(v), &p.rep.Policy
	low := strings.ToLower(s)
	switch p.path[len(p.path)-1] {
	case "domain":
		pol.Domain = low
	case "p":
		pol.P = low
	case "sp":
		pol.SP = low
	case "np":
		pol.NP = low
	case "adkim":
		pol.ADKIM = low
	case "aspf":
		pol.ASPF = low
	case "pct":
		pol.Pct = s
	case "testing":
		pol.Testing = low
	case "discovery_method":
		pol.Discovery = low
	}
}

func (p *parser) setRecord(v []byte) error {
	last := p.path[len(p.path)-1]
	switch p.path[2] {
	case "row":
		return p.setRow(last, v)
	case "identifiers", "identities": // as drafts of RFC 7489 had it
		switch last {
		case "header_from":
			p.row.HeaderFrom = p.intern(v)
		case "envelope_from":
			p.row.EnvelopeFrom = p.intern(v)
		case "envelope_to":
			p.row.EnvelopeTo = p.intern(v)
		}
	case "auth_results":
		if len(p.path) == 5 {
			p.setResult(last, p.intern(v))
		}
	}
	return nil
}

func (p *parser) setRow(last string, v []byte) error {
	switch last {
	case "source_ip":
		addr, err := netip.ParseAddr(p.intern(v))
		if err == nil {
			p.row.Source = addr.Unmap().WithZone("")
		}
	case "count":
		n, err := strconv.ParseInt(p.intern(v), 10, 64)
		if err != nil || n < 0 || n > maxCount {
			return fmt.Errorf("%q is not a number of messages", v[:min(len(v), 40)])
		}
		p.row.Count, p.counted = n, true
	case "disposition":
		p.row.Disposition = p.lower(v)
	case "dkim":
		p.row.DKIM = p.lower(v)
	case "spf":
		p.row.SPF = p.lower(v)
	case "type", "comment":
		if n := len(p.row.Reasons); n > 0 && p.path[len(p.path)-2] == "reason" {
			if last == "type" {
				p.row.Reasons[n-1].Type = p.lower(v)
			} else {
				p.row.Reasons[n-1].Comment = p.intern(v)
			}
		}
	}
	return nil
}

// lower interns a keyword; some reporters write capitals.
func (p *parser) lower(v []byte) string { return strings.ToLower(p.intern(v)) }

func (p *parser) setResult(last, s string) {
	r := &p.row
	d, f := len(r.DKIMResults)-1, len(r.SPFResults)-1
	switch {
	case p.path[3] == "dkim" && d >= 0:
		switch last {
		case "domain":
			r.DKIMResults[d].Domain = s
		case "selector":
			r.DKIMResults[d].Selector = s
		case "result":
			r.DKIMResults[d].Result = strings.ToLower(s)
		}
	case p.path[3] == "spf" && f >= 0:
		switch last {
		case "domain":
			r.SPFResults[f].Domain = s
		case "scope":
			r.SPFResults[f].Scope = s
		case "result":
			r.SPFResults[f].Result = strings.ToLower(s)
		}
	}
}

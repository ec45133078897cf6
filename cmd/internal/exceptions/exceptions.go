// Package exceptions reads lists of findings that are accepted.
package exceptions

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
)

// List is findings that someone accepts, one a line:
//
//	ID DOMAIN UNTIL REASON
//
// ID is a finding's (mx.leftover) or a check's (mx: all of them), DOMAIN a name,
// *.NAME for all below it or * for all, UNTIL the last day (2026-12-31) or
// never, REASON the rest of the line. # starts a comment line.
type List struct {
	File  string
	exact map[string][]*Exception
	wild  []*Exception
}

// Exception is one line of the file.
type Exception struct {
	Line   int
	ID     string
	Domain string    // "": all; with a leading dot: all below
	Until  time.Time // the first moment after the last day; zero: never
	Day    string    // UNTIL as it is written
	Reason string
}

// maxSize bounds the file in bytes.
const maxSize = 16 << 20

// Read reads a file. valid returns what is wrong with an ID.
func Read(name string, valid func(id string) error) (*List, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	x := &List{File: name, exact: map[string][]*Exception{}}
	known := map[string]bool{} // IDs that were looked up
	lines := bufio.NewScanner(io.LimitReader(file, maxSize))
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\uFEFF"))
		if text == "" || text[0] == '#' {
			continue
		}
		e, err := parse(text)
		if err == nil && !known[e.ID] {
			err = valid(e.ID)
			known[e.ID] = true
		}
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", name, n, err)
		}
		e.Line = n
		if e.Domain == "" || e.Domain[0] == '.' {
			x.wild = append(x.wild, e)
		} else {
			x.exact[e.Domain] = append(x.exact[e.Domain], e)
		}
	}
	return x, lines.Err()
}

func parse(text string) (*Exception, error) {
	f := strings.Fields(text)
	if len(f) < 4 {
		return nil, errors.New("it needs an ID, a domain, the last day and a reason")
	}
	e := &Exception{ID: f[0], Day: f[2], Reason: strings.Join(f[3:], " ")}
	if f[1] != "*" {
		below := strings.HasPrefix(f[1], "*.")
		domain, _, err := dnsrec.ParseDomain(strings.TrimPrefix(f[1], "*."))
		if err != nil {
			return nil, errors.New(dnsrec.NameFault(err))
		}
		if e.Domain = domain; below {
			e.Domain = "." + domain
		}
	}
	if f[2] != "never" {
		day, err := time.Parse(time.DateOnly, f[2])
		if err != nil {
			return nil, fmt.Errorf("%q is not a day such as 2026-12-31, nor never", f[2])
		}
		e.Until = day.AddDate(0, 0, 1)
	}
	return e, nil
}

// Of returns the exceptions for a domain, in the order of the file.
func (x *List) Of(domain string) []*Exception {
	all := slices.Clone(x.exact[domain])
	for _, e := range x.wild {
		if strings.HasSuffix(domain, e.Domain) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *Exception) int { return a.Line - b.Line })
	return all
}

// Covers reports whether the exception is for a finding.
func (e *Exception) Covers(code string) bool {
	return code == e.ID || strings.HasPrefix(code, e.ID+".")
}

// Expired reports whether the last day has passed, in UTC.
func (e *Exception) Expired(now time.Time) bool {
	return !e.Until.IsZero() && !now.Before(e.Until)
}

// Active returns the exception that a finding has at a time; nil: it has none.
func (x *List) Active(domain, code string, now time.Time) *Exception {
	for _, e := range x.Of(domain) {
		if e.Covers(code) && !e.Expired(now) {
			return e
		}
	}
	return nil
}

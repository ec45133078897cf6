package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"maildiag/checks/kit"
	"maildiag/cmd/internal/domainlist"
	"maildiag/dnsrec"
	"maildiag/service/fleet/tags"
	"maildiag/service/fleet/watch"
	"maildiag/service/run"
)

// maxWatched bounds a list.
const maxWatched = 100_000

// domains reads the list.
func (f *watchFlags) domains() ([]watch.Entry, error) {
	file, err := os.Open(f.list)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readWatched(file, f.column, f.tags)
}

// readWatched reads a list: a domain a line, in the forms that maildiag bulk takes,
// and its tags behind it; or a column of CSV, with tags in other columns. A domain
// that is listed twice counts once. A list of none is an error: it may be a file
// that is being written. So is a line that cannot be read: the domain that was meant
// would be forgotten.
func readWatched(r io.Reader, column string, tagged []string) (list []watch.Entry, err error) {
	lines, err := domainlist.New(r, column)
	if err != nil {
		return nil, err
	}
	seen, shared := map[string]bool{}, tags.Shared{}
	for {
		e, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		one, err := entryOf(lines, &e, tagged)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", e.Line, err)
		}
		if seen[one.Domain] {
			continue
		}
		if seen[one.Domain] = true; len(list) == maxWatched {
			return nil, fmt.Errorf("line %d: more than %d domains", e.Line, maxWatched)
		}
		one.Tags = shared.One(one.Tags)
		list = append(list, one)
	}
	if len(list) == 0 {
		return nil, errors.New("the list has no domains")
	}
	return list, nil
}

// entryOf reads a line.
func entryOf(lines *domainlist.Reader, e *domainlist.Entry, tagged []string) (one watch.Entry, err error) {
	words := []string{e.Text}
	if e.Err == nil && e.Row == nil {
		words, e.Err = tags.Split(e.Text)
	}
	ascii := ""
	if e.Err == nil {
		ascii, _, e.Err = kit.MailDomain(words[0])
	}
	if e.Err != nil {
		return one, errors.New(dnsrec.NameFault(e.Err))
	}
	if one.Request, err = run.ParseRequest(ascii, "", ""); err != nil {
		return one, err
	}
	if e.Row == nil {
		one.Tags, err = tags.Parse(words[1:])
	} else {
		one.Tags, err = tagsOf(lines, e.Row, tagged)
	}
	return one, err
}

// tagsOf returns the tags of a row of CSV: the columns of these names that are not
// empty.
func tagsOf(lines *domainlist.Reader, row, tagged []string) (tags.Tags, error) {
	t := tags.Tags{}
	for _, name := range tagged {
		i, err := lines.Column(name)
		if err != nil {
			return nil, err
		}
		if i >= len(row) || row[i] == "" {
			continue
		}
		if err := t.Set(name, row[i]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

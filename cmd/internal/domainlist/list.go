// Package domainlist reads lists of domains.
package domainlist

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"maildiag/checks/kit"
)

const (
	listLine   = 64 << 10 // bytes of a line or a row of CSV; far more than any needs
	listQuoted = 64       // lines that one row of CSV may have
)

// Entry is one line of a list that names a domain, or fails to.
type Entry struct {
	Line int      // from 1; of a row of CSV, its first
	End  int64    // bytes of the list up to the end of the line
	Text string   // the domain as it is written
	Err  error    // why there is none
	Row  []string // all columns, of CSV
}

// Reader reads a list of domains, one a line: blank lines and comments
// (from # on) are left out, and so are line ends of Windows and byte order
// marks. With a column it reads CSV instead. It holds one line at a time,
// however long the list or the line is.
type Reader struct {
	UTF16 bool // the list is UTF-16 and was decoded

	r      *bufio.Reader
	line   int
	offset int64
	column string // "": no CSV
	index  int    // of the column, from 0; -1: not known before the header
	comma  rune
	header []string // of CSV; nil: there is none, or none yet
	back   []string // lines to be read again
}

// New looks at the first bytes of r. The column is the name of a
// column of CSV, as the first row gives it, or its number from 1.
func New(r io.Reader, column string) (*Reader, error) {
	l := &Reader{r: bufio.NewReaderSize(r, listLine), column: column, index: -1}
	if n, err := strconv.Atoi(column); err == nil {
		if n < 1 {
			return nil, fmt.Errorf("columns are counted from 1")
		}
		l.index = n - 1
	}
	mark, err := l.r.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(mark, []byte{0xEF, 0xBB, 0xBF}):
		l.skip(3)
	case bytes.HasPrefix(mark, []byte{0xFF, 0xFE}):
		l.decode(func(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 })
	case bytes.HasPrefix(mark, []byte{0xFE, 0xFF}):
		l.decode(func(b []byte) uint16 { return uint16(b[1]) | uint16(b[0])<<8 })
	}
	return l, nil
}

func (l *Reader) skip(n int) {
	l.r.Discard(n) // they were peeked
	l.offset += int64(n)
}

// decode puts a decoder of UTF-16 in front of the rest, as PowerShell 5 writes
// it and Notepad calls it "Unicode".
func (l *Reader) decode(unit func([]byte) uint16) {
	l.skip(2)
	l.UTF16 = true
	l.r = bufio.NewReaderSize(&utf16Reader{r: l.r, unit: unit}, listLine)
}

// Next returns the next entry, or the error of the list itself; io.EOF at its
// end.
func (l *Reader) Next() (Entry, error) {
	for {
		text, tooLong, err := l.readLine()
		e := Entry{Line: l.line, End: l.bytes()}
		switch {
		case err != nil:
			return e, err
		case tooLong:
			e.Err = fmt.Errorf("the line is longer than %d bytes", listLine)
			return e, nil
		case strings.IndexByte(text, 0) >= 0:
			e.Err = errors.New("the line holds a NUL byte; save the list as UTF-8")
			return e, nil
		}
		if blank := strings.TrimSpace(text); blank == "" || blank[0] == '#' && (l.column == "" || l.comma == 0) {
			continue // CSV has no comments, but PowerShell writes one before the header
		}
		if l.column == "" {
			e.Text = uncomment(text)
			return e, nil
		}
		if e, ok, err := l.row(text, e); ok || err != nil {
			return e, err
		}
	}
}

// uncomment takes a comment and the space around away. A # inside a word
// stays, so that it is complained of and not misread.
func uncomment(text string) string {
	for i := 1; i < len(text); i++ {
		if text[i] == '#' && (text[i-1] == ' ' || text[i-1] == '\t') {
			text = text[:i]
			break
		}
	}
	return strings.TrimSpace(text)
}

// readLine reads one line without its end. Of a line over the bound, nothing
// is kept.
func (l *Reader) readLine() (text string, tooLong bool, err error) {
	if len(l.back) > 0 {
		text, l.back = l.back[0], l.back[1:]
		l.line++
		return text, false, nil
	}
	b, err := l.r.ReadSlice('\n')
	l.offset += int64(len(b))
	if len(b) > 0 {
		l.line++
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		b, err = l.r.ReadSlice('\n')
		l.offset += int64(len(b))
	}
	if errors.Is(err, io.EOF) && (len(b) > 0 || tooLong) {
		err = nil // a last line without an end
	}
	if err != nil || tooLong {
		return "", tooLong, err
	}
	return strings.TrimRight(string(b), "\r\n"), false, nil
}

// bytes reports how much of the input is read, as far as lines go.
func (l *Reader) bytes() int64 {
	if l.UTF16 {
		return 2 * l.offset // nearly: the lists are of ASCII
	}
	return l.offset
}

// row takes the domain out of a row of CSV; false: there is none, and none is
// missed.
func (l *Reader) row(text string, e Entry) (Entry, bool, error) {
	var behind []string
	for n := 1; strings.Count(text, `"`)%2 == 1 && n < listQuoted; n++ { // RFC 4180 2.6
		more, tooLong, err := l.readLine()
		if err != nil || tooLong || len(text)+len(more) > listLine {
			break // the quote has no end: csv says so below
		}
		text, behind = text+"\n"+more, append(behind, more)
	}
	e.End = l.bytes()
	if l.comma == 0 {
		l.comma = separator(text)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes = l.comma, false
	fields, err := r.Read()
	if err != nil {
		e.Err = errors.New("the row that starts here is not CSV: a quote is missing, or there is one too many")
		l.line, l.back = e.Line, append(behind, l.back...) // only this line is lost
		return e, true, nil
	}
	if l.index < 0 {
		return e, false, l.findColumn(fields)
	}
	if l.index >= len(fields) {
		e.Err = fmt.Errorf("the row has %s", kit.Plural(len(fields), "column", "columns"))
		return e, true, nil
	}
	e.Text, e.Row = strings.TrimSpace(fields[l.index]), fields
	return e, e.Text != "", nil
}

// separator reports what separates the columns: programs of countries with a
// decimal comma write semicolons.
func separator(row string) rune {
	best, most := ',', 0
	for _, c := range ",;\t" {
		if n := strings.Count(row, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// ColumnError is returned if the header of a list of CSV has no such column.
type ColumnError struct {
	column string
	header []string
}

func (e *ColumnError) Error() string {
	return fmt.Sprintf("no column %q; the first row has: %s", e.column, strings.Join(e.header, ", "))
}

func (l *Reader) findColumn(header []string) (err error) {
	l.header = header
	l.index, err = l.Column(l.column)
	return err
}

// Column returns the index of the column of CSV that the first row calls so.
func (l *Reader) Column(name string) (int, error) {
	for i, h := range l.header {
		if strings.EqualFold(strings.TrimSpace(h), name) {
			return i, nil
		}
	}
	return -1, &ColumnError{name, l.header}
}

// utf16Reader turns UTF-16 into UTF-8.
type utf16Reader struct {
	r    *bufio.Reader
	unit func([]byte) uint16
	left []byte // decoded, not read yet
	high rune   // the first half of a surrogate pair; 0: none
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.left) == 0 {
		var b [2]byte
		if _, err := io.ReadFull(u.r, b[:1]); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(u.r, b[1:]); err != nil {
			u.left = utf8.AppendRune(nil, utf8.RuneError) // half a unit
			break
		}
		u.take(rune(u.unit(b[:])))
	}
	n := copy(p, u.left)
	u.left = u.left[n:]
	return n, nil
}

// take decodes one unit.
func (u *utf16Reader) take(c rune) {
	u.left = u.left[:0]
	if high := u.high; high != 0 {
		u.high = 0
		if r := utf16.DecodeRune(high, c); r != utf8.RuneError {
			c = r
		} else {
			u.left = utf8.AppendRune(u.left, r) // a half without its other half
		}
	}
	if utf16.IsSurrogate(c) {
		u.high = c
		return
	}
	u.left = utf8.AppendRune(u.left, c)
}

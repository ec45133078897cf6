package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/cmd/internal/domainlist"
	"maildiag/report"
)

// openBulkOutput makes the renderer and what watches it: the tally and, for
// --summary, the counts by check. With --resume the result goes behind what is
// in that file.
func (a *app) openBulkOutput(b *bulkRun) error {
	var err error
	if b.out, err = a.openRenderer(&b.f.outFlags); err != nil {
		return err
	}
	if b.f.resume != "" {
		file, past, err := openResume(b.f.resume, b.f.same(b.rows))
		if err != nil {
			return err
		}
		b.past = past
		b.w.close = append(b.w.close, file.Close)
		if b.out.Sink, err = report.New("jsonl", file, report.Options{}); err != nil {
			return err
		}
	}
	sinks := []report.Sink{b.out.Sink, b.out.tally} // what could not be written does not count
	if b.f.summary {
		b.stats.rows = checks.Infos(b.rows)
		sinks = append(sinks, &b.stats)
	}
	b.out.Sink = report.Tee(sinks...)
	return nil
}

// lineFile is a file that grows by whole lines: a line that could not be
// written wholly is taken back, as far as the disk allows.
type lineFile struct {
	file *os.File
	end  int64 // of the last whole line
}

// Write writes one line.
func (l *lineFile) Write(p []byte) (int, error) {
	n, err := l.file.Write(p)
	if err != nil {
		_ = l.file.Truncate(l.end) // if not, the next run does it
		return n, err
	}
	l.end += int64(n)
	return n, nil
}

// Close makes sure that all is on the disk.
func (l *lineFile) Close() error {
	return errors.Join(l.file.Sync(), l.file.Close())
}

// pastRun is what an earlier run wrote.
type pastRun struct {
	same     lineHead // of a report of this run
	done     *domainlist.NameSet
	domains  int
	verdicts map[report.Verdict]int
	code     int // the worst exit code
}

// openResume opens the output of an earlier run, or a new file, and cuts off
// the half line that a killed run may have left: a line counts when its end is
// written.
func openResume(name string, same lineHead) (*lineFile, pastRun, error) {
	past := pastRun{same: same, done: domainlist.NewNameSet(), verdicts: map[report.Verdict]int{}}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, past, usage("name a file that can be written", "cannot resume: %v", err)
	}
	l := &lineFile{file: file}
	if err = l.settle(&past); err != nil {
		file.Close()
		return nil, past, usage("name the file that an earlier maildiag bulk --resume wrote, or a new one",
			"cannot resume %s: %v", name, err)
	}
	return l, past, nil
}

// settle reads what is there, and prepares to write behind the last whole line.
func (l *lineFile) settle(past *pastRun) error {
	if st, err := l.file.Stat(); err == nil && !st.Mode().IsRegular() {
		return errors.New("it is not a plain file")
	}
	if err := lockFile(l.file); err != nil {
		return fmt.Errorf("another run is writing to it: %w", err)
	}
	var err error
	if l.end, err = past.read(l.file); err != nil {
		return err
	}
	if err := l.file.Truncate(l.end); err != nil {
		return err
	}
	_, err = l.file.Seek(l.end, io.SeekStart)
	return err
}

// read takes note of the domains of all whole lines, and tells where the last
// one ends.
func (p *pastRun) read(r io.Reader) (end int64, err error) {
	lines := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		head, size, err := readHead(lines)
		if errors.Is(err, io.EOF) {
			return end, nil
		}
		if err != nil {
			return end, err
		}
		if err := p.take(head); err != nil {
			return end, fmt.Errorf("line %d %w", n, err)
		}
		end += size
	}
}

// readHead reads a whole line and returns its beginning: all that is before the
// findings is well within it. A last line without an end is io.EOF.
func readHead(r *bufio.Reader) (head []byte, size int64, err error) {
	b, err := r.ReadSlice('\n')
	size = int64(len(b))
	if err == nil || !errors.Is(err, bufio.ErrBufferFull) {
		return b, size, err
	}
	head = bytes.Clone(b[:min(len(b), 8<<10)])
	for errors.Is(err, bufio.ErrBufferFull) {
		b, err = r.ReadSlice('\n')
		size += int64(len(b))
	}
	return head, size, err
}

// lineHead is what is read of a report: the members before its findings.
type lineHead struct {
	schema, domain string
	expect         string
	failOn, asOf   string
	options        string
	verdict        report.Verdict
	code           int
}

var errNoReport = errors.New("is not a report of maildiag in the format jsonl")

func (p *pastRun) take(line []byte) error {
	h, err := readLineHead(line)
	if err != nil || h.schema != report.ReportSchema || h.domain == "" {
		return errNoReport
	}
	if then, now := h.flags(), p.same.flags(); then != now {
		return fmt.Errorf("was made with other flags: %s; now: %s", then, now)
	}
	if p.done.Full() {
		return fmt.Errorf("is one too many: at most %d can be resumed; split the list", domainlist.MaxNames)
	}
	if p.done.Add(h.domain) {
		p.domains++
		p.verdicts[h.verdict]++
		p.code = report.WorseExit(p.code, h.code)
	}
	return nil
}

// flags returns what makes two reports on one domain different.
func (h *lineHead) flags() string {
	s := "--expect " + h.expect + " --fail-on " + h.failOn
	if h.asOf != "" {
		s += " --as-of " + h.asOf
	}
	return strings.TrimSpace(s + " " + h.options)
}

// same returns what the reports of this run have in common.
func (f *bulkFlags) same(rows []kit.Check) lineHead {
	return lineHead{expect: f.expect, failOn: f.failStatus().String(), asOf: f.asOf, options: f.shown(rows)}
}

// readLineHead reads the members of a report up to its findings, which are the
// last and by far the longest.
func readLineHead(line []byte) (h lineHead, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if _, err := d.Token(); err != nil {
		return h, err
	}
	into := map[string]any{"schema": &h.schema, "domain": &h.domain, "expect": &h.expect,
		"fail_on": &h.failOn, "as_of": &h.asOf, "options": &h.options, "verdict": &h.verdict, "exit_code": &h.code}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return h, err
		}
		name, _ := key.(string)
		if name == "findings" {
			return h, nil
		}
		var skipped json.RawMessage
		var to any = &skipped
		if v, ok := into[name]; ok {
			to = v
		}
		if err := d.Decode(to); err != nil {
			return h, err
		}
	}
	return h, errNoReport
}

// Package intake finds DMARC, TLS and failure reports in what people keep them
// in: files, folders, mailboxes, archives and messages.
//
// XML is handed on as a stream, so that its size does not matter; all else is
// read within bounds. A file that cannot be read is a [Problem], and the others
// go on.
package intake

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"maildiag/checks/refusal/container"
	"maildiag/checks/refusal/message/eml"
)

// The limits.
const (
	sniffed     = 8 << 10
	maxFile     = 32 << 20 // of what cannot be streamed
	maxMembers  = 20_000   // of a zip archive
	maxRatio    = 500      // bytes out for one byte in
	freeOutput  = 16 << 20 // unpacked before the ratio counts
	maxUnpacked = 16 << 30 // of one file
	maxLayers   = 3        // gzip and zip within each other
	maxProblems = 1000
)

// Handler takes what is found. The name is for people, and hostile.
type Handler interface {
	Aggregate(ctx context.Context, name string, xml io.Reader) error
	TLS(name string, json io.Reader) error
	Failure(name string, message []byte) (isReport bool)
}

// Problem is a file, or a part of one, that was not read, or not to its end.
type Problem struct {
	File string
	Err  error
}

// ErrNoReport is the problem of files that hold no report.
var ErrNoReport = errors.New("not a report")

// plain words the errors of Go's readers for people.
func plain(err error) error {
	for is, words := range map[error]string{
		io.ErrUnexpectedEOF: "the file is cut off", zip.ErrFormat: "not a zip file, or one that is cut off",
		zip.ErrChecksum: "the zip file is damaged", zip.ErrAlgorithm: "the zip file is compressed in a way that maildiag does not read",
		gzip.ErrHeader: "not a gzip file", gzip.ErrChecksum: "the gzip file is damaged",
	} {
		if errors.Is(err, is) {
			return &worded{words, err}
		}
	}
	return err
}

// worded is an error in other words.
type worded struct {
	words string
	err   error
}

func (e *worded) Error() string { return e.words }
func (e *worded) Unwrap() error { return e.err }

// Intake reads files and remembers what went wrong.
type Intake struct {
	Handler  Handler
	Files    int
	Problems []Problem
	Dropped  int // problems after the first thousand
}

func (in *Intake) problem(name string, err error) {
	if len(in.Problems) >= maxProblems {
		in.Dropped++
		return
	}
	in.Problems = append(in.Problems, Problem{name, plain(err)})
}

// Path reads a file, or all files of a folder and those in it. The error is that
// of the path itself, or of ctx.
func (in *Intake) Path(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return in.file(ctx, path)
	}
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			in.problem(name, err)
			return nil
		case d.Type().IsRegular():
			if err := in.file(ctx, name); err != nil && ctx.Err() == nil {
				in.problem(name, err)
			}
		}
		return ctx.Err()
	})
}

func (in *Intake) file(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in.Stream(ctx, path, f)
	return ctx.Err()
}

// Stream reads one input, such as stdin.
func (in *Intake) Stream(ctx context.Context, name string, r io.Reader) {
	in.Files++
	if err := in.stream(ctx, name, r, 0); err != nil {
		in.problem(name, err)
	}
}

// stream finds out what an input is and reads it.
func (in *Intake) stream(ctx context.Context, name string, r io.Reader, layer int) error {
	b := bufio.NewReaderSize(r, sniffed)
	head, err := b.Peek(sniffed)
	if err != nil && err != io.EOF {
		return err
	}
	if wide := eml.NewUTF16Reader(b); wide != nil && layer < maxLayers {
		return in.stream(ctx, name, wide, layer+1)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	packed := bytes.HasPrefix(head, []byte("\x1f\x8b")) || bytes.HasPrefix(head, []byte("PK\x03\x04"))
	switch {
	case len(text) == 0:
		return errors.New("the file is empty")
	case packed && layer >= maxLayers:
		return fmt.Errorf("archives are nested deeper than %d", maxLayers)
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return in.gzip(ctx, name, b, layer)
	case packed:
		return in.zip(ctx, name, r, b, layer)
	case text[0] == '<' && bytes.Contains(text, []byte("feedback")):
		return in.Handler.Aggregate(ctx, name, b)
	case text[0] == '{':
		return in.Handler.TLS(name, b)
	case bytes.HasPrefix(head, []byte("From ")):
		return in.mailbox(ctx, name, b)
	}
	data, err := bounded(b)
	if err != nil {
		return err
	}
	return in.open(ctx, name, data)
}

func (in *Intake) gzip(ctx context.Context, name string, r io.Reader, layer int) error {
	source := &counter{r: r}
	z, err := gzip.NewReader(source)
	if err != nil {
		return err
	}
	return in.stream(ctx, name, &guard{r: z, packed: func() int64 { return source.n }}, layer+1)
}

// zip reads the members of an archive. A file is read where it is; a pipe has to
// be read first.
func (in *Intake) zip(ctx context.Context, name string, r io.Reader, b *bufio.Reader, layer int) error {
	z, err := archive(r, b)
	if err != nil {
		return err
	}
	read := 0
	for _, f := range z.File {
		if !f.Mode().IsRegular() || ctx.Err() != nil {
			continue
		}
		if read++; read > maxMembers {
			return fmt.Errorf("files after the first %d were not read", maxMembers)
		}
		member := name + ": " + f.Name
		if err := in.member(ctx, member, f, layer); err != nil {
			in.problem(member, err)
		}
	}
	return nil
}

func archive(r io.Reader, b *bufio.Reader) (*zip.Reader, error) {
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return zip.NewReader(f, info.Size())
		}
	}
	data, err := bounded(b)
	if err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(data), int64(len(data)))
}

func (in *Intake) member(ctx context.Context, name string, f *zip.File, layer int) error {
	if f.Flags&1 != 0 { // APPNOTE 4.4.4
		return errors.New("the file is encrypted")
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	packed := int64(min(f.CompressedSize64, maxUnpacked))
	return in.stream(ctx, name, &guard{r: r, packed: func() int64 { return packed }}, layer+1)
}

// open reads a message, an Outlook file, or what else holds reports.
func (in *Intake) open(ctx context.Context, name string, data []byte) error {
	root, notes := container.Open(filepath.Base(name), data)
	found := in.item(ctx, name, root)
	for _, n := range notes {
		in.problem(name, errors.New(n))
	}
	if !found && len(notes) == 0 {
		return ErrNoReport
	}
	return nil
}

// item reads the reports in an opened file. found reports whether there is one,
// be it broken.
func (in *Intake) item(ctx context.Context, name string, it *container.Item) (found bool) {
	var err error
	switch it.Kind {
	case container.DMARCReport:
		found, err = true, in.Handler.Aggregate(ctx, name, narrow(it.Data))
	case container.TLSReport:
		found, err = true, in.Handler.TLS(name, narrow(it.Data))
	case container.AuthFailure:
		found = in.Handler.Failure(name, it.Data)
	}
	if err != nil {
		in.problem(name, err)
	}
	for _, part := range it.Items {
		found = in.item(ctx, name+": "+part.Name, part) || found
	}
	if !found && it.Kind == container.Mail {
		found = in.Handler.Failure(name, it.Data)
	}
	return found
}

// narrow reads a report, be it in UTF-16.
func narrow(data []byte) io.Reader {
	b := bufio.NewReader(bytes.NewReader(data))
	if wide := eml.NewUTF16Reader(b); wide != nil {
		return wide
	}
	return b
}

func bounded(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("the file is larger than %d MiB", maxFile>>20)
	}
	return data, err
}

// counter counts the bytes that were read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// guard ends what unpacks to more than is plausible.
type guard struct {
	r      io.Reader
	n      int64
	packed func() int64
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.n += int64(n)
	switch {
	case g.n > maxUnpacked:
		return n, fmt.Errorf("the file unpacks to more than %d GiB", maxUnpacked>>30)
	case g.n > max(freeOutput, g.packed()*maxRatio):
		return n, fmt.Errorf("the file unpacks to more than %d times its size", maxRatio)
	}
	return n, err
}

// mailbox reads the messages of a file in mbox format (RFC 4155) one by one.
func (in *Intake) mailbox(ctx context.Context, name string, r *bufio.Reader) error {
	var one bytes.Buffer
	number, blank, tooLarge := 0, true, false
	done := func() {
		if number++; one.Len() == 0 {
			return
		}
		label := fmt.Sprintf("%s: message %d", name, number)
		err := fmt.Errorf("the message is larger than %d MiB", maxFile>>20)
		if !tooLarge {
			err = in.open(ctx, label, bytes.Clone(one.Bytes()))
		}
		if err != nil {
			in.problem(label, err)
		}
	}
	for ctx.Err() == nil {
		line, err := r.ReadSlice('\n')
		if blank && one.Len() > 0 && bytes.HasPrefix(line, []byte("From ")) {
			done()
			one.Reset()
			tooLarge = false
		}
		if tooLarge = tooLarge || one.Len()+len(line) > maxFile; !tooLarge {
			one.Write(line)
		}
		blank = strings.TrimRight(string(line), "\r\n") == ""
		if err == io.EOF {
			done()
			return nil
		}
		if err != nil && err != bufio.ErrBufferFull {
			return err
		}
	}
	return ctx.Err()
}

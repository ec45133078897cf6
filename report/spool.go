package report

import (
	"bytes"
	"io"
	"os"
)

// spool keeps text, in sections, until the end of a run: what must stand together
// but is known bit by bit. A little of it stays in memory, the rest goes to a
// temporary file, so that a run of any length takes the same memory.
//
// Only the user can read the file (0600). Where the system allows it, the file
// has no name while it is used, so that a run that is killed leaves nothing.
type spool struct {
	dir   string // of the file; empty: that of the system
	all   []*section
	held  int // bytes in memory
	file  *os.File
	named bool // the file has to be removed
	end   int64
}

// section is text that is added to at its end.
type section struct {
	of    *spool
	held  []byte
	parts []extent // in the file, before held
}

// extent is where a piece of a file is.
type extent struct{ at, size int64 }

// spoolMemory is how many bytes a spool keeps in memory.
const spoolMemory = 4 << 20

func (s *spool) section() *section {
	c := &section{of: s}
	s.all = append(s.all, c)
	return c
}

// WriteString implements [io.StringWriter]. It never fails; see settle.
func (c *section) WriteString(text string) (int, error) {
	c.held = append(c.held, text...)
	c.of.held += len(text)
	return len(text), nil
}

// settle moves what the sections hold to the file, if it is much. It is called
// after each domain.
func (s *spool) settle() error {
	if s.held < spoolMemory {
		return nil
	}
	if s.file == nil {
		if err := s.create(); err != nil {
			return err
		}
	}
	for _, c := range s.all {
		if len(c.held) == 0 {
			continue
		}
		n, err := s.file.WriteAt(c.held, s.end)
		if err != nil {
			return err
		}
		c.parts = append(c.parts, extent{s.end, int64(n)})
		s.end += int64(n)
		c.held = nil
	}
	s.held = 0
	return nil
}

func (s *spool) create() (err error) {
	dir := s.dir
	if dir == "" {
		dir = os.TempDir()
	}
	if s.file, err = createTemp(dir, "maildiag"); err == nil {
		s.named = os.Remove(s.file.Name()) != nil
	}
	return err
}

// reader returns a reader of the whole section, which must not change meanwhile.
func (c *section) reader() io.Reader {
	var parts []io.Reader
	for _, p := range c.parts {
		parts = append(parts, io.NewSectionReader(c.of.file, p.at, p.size))
	}
	return io.MultiReader(append(parts, bytes.NewReader(c.held))...)
}

// close removes the file. The spool is empty then.
func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
		if s.named {
			os.Remove(s.file.Name())
		}
	}
	*s = spool{dir: s.dir}
}

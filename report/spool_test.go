package report

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What is written to the sections of a spool is read back from each, however
// much it is, and whenever it settles.
func TestSpool(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, total := range []int{0, 1000, spoolMemory / 2, 3 * spoolMemory} {
		s := spool{dir: t.TempDir()}
		sections := []*section{s.section(), s.section(), s.section(), s.section()}
		want := make([]strings.Builder, len(sections))
		for written := 0; written < total; {
			i := random.IntN(len(sections) - 1) // one stays empty
			text := strings.Repeat(fmt.Sprint(written, ","), 1+random.IntN(20_000))
			sections[i].WriteString(text)
			want[i].WriteString(text)
			if written += len(text); random.IntN(2) > 0 {
				if err := s.settle(); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i, c := range sections {
			if got, err := io.ReadAll(c.reader()); err != nil || string(got) != want[i].String() {
				t.Errorf("%d bytes: section %d has %d bytes, want %d (%v)", total, i, len(got), want[i].Len(), err)
			}
		}
		if s.file == nil != (total < spoolMemory) {
			t.Errorf("%d bytes: a file is open: %v", total, s.file != nil)
		}
		s.close()
		if left, _ := os.ReadDir(s.dir); len(left) > 0 {
			t.Errorf("%d bytes: left behind: %v", total, left)
		}
	}
}

// The file is for the user alone; a run that is killed now leaves nothing.
func TestSpoolFile(t *testing.T) {
	s := spool{dir: t.TempDir()}
	s.section().WriteString(strings.Repeat("x", spoolMemory))
	if err := s.settle(); err != nil {
		t.Fatal(err)
	}
	st, err := s.file.Stat()
	if err != nil || runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v)", st.Mode(), err)
	}
	left, _ := os.ReadDir(s.dir)
	if s.named != (len(left) > 0) || s.named && runtime.GOOS != "windows" {
		t.Errorf("the file has a name: %v, in the folder: %v", s.named, left)
	}
	s.close()
}

// manyRows is a run whose domains have so many checks that a format that keeps
// them is found.
func manyRows(domains int, emit func(Event) error) error {
	start := Start{Schema: StreamSchema, FailOn: Fail}
	for i := range 60 {
		start.Checks = append(start.Checks, CheckInfo{fmt.Sprint("check", i), "A CHECK"})
	}
	if err := emit(Event{Start: &start}); err != nil {
		return err
	}
	for i := range domains {
		name := fmt.Sprintf("a-rather-long-name-%d.example", i)
		for _, e := range []Event{sampleBegin(name), pass("check1", "check1.well", name, "well"), sampleEnd(name, "", 1, 1)} {
			if err := emit(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// No format keeps what it is told of each domain in memory.
func TestFormatsKeepNothing(t *testing.T) {
	const most = 8 << 20
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for _, f := range Formats() {
		dir := t.TempDir()
		s, err := New(f.Name, io.Discard, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		before := live()
		if err := manyRows(1000, s.Emit); err != nil {
			t.Fatal(err)
		}
		if after := live(); after > before+most {
			t.Errorf("%s keeps %d KiB of 1000 domains", f.Name, (after-before)>>10)
		}
		if err := s.Emit(sampleStop(1)); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s leaves %v", f.Name, left)
		}
	}
}

// A spool that cannot be written ends the run; nothing is left out in silence.
func TestFormatsWithoutRoom(t *testing.T) {
	for _, format := range []string{"prometheus", "zabbix"} {
		s, err := New(format, io.Discard, Options{Dir: filepath.Join(t.TempDir(), "missing")})
		if err != nil {
			t.Fatal(err)
		}
		if err := manyRows(1000, s.Emit); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

// The table of domains is in both orders what sorting all rows at once gives.
func TestHTMLIndex(t *testing.T) {
	verdicts := []Verdict{Ready, NoMail, ReadyWarned, NotOnMicrosoft, NotReady, BlockedHere, CouldNotTell}
	for _, n := range []int{0, 1, 2, maxBatch - 1, maxBatch, maxBatch + 1, 3*maxBatch + 7} {
		x := htmlIndex{spool: spool{dir: t.TempDir()}}
		type kept struct {
			indexRow
			worse int
		}
		var rows []kept
		for i := range n {
			v := verdicts[i*7%len(verdicts)]
			r := indexRow{fmt.Sprint("d", i*7919%1000), fmt.Sprintf("<tr>%d %s</tr>\n", i, v)}
			rows = append(rows, kept{r, v.worse()})
			if err := x.add(v, r); err != nil {
				t.Fatal(err)
			}
		}
		for _, order := range []struct {
			write func(*bufio.Writer) error
			less  func(a, b kept) int
		}{
			{x.writeSorted, func(a, b kept) int { return strings.Compare(a.name, b.name) }},
			{x.writeWorstFirst, func(a, b kept) int { return b.worse - a.worse }},
		} {
			var got, want strings.Builder
			w := bufio.NewWriter(&got)
			if err := order.write(w); err != nil {
				t.Fatal(err)
			}
			w.Flush()
			slices.SortStableFunc(rows, order.less)
			for _, r := range rows {
				want.WriteString(r.html)
			}
			if got.String() != want.String() {
				t.Errorf("%d rows: %s", n, firstDifference(got.String(), want.String()))
			}
			slices.SortStableFunc(rows, func(a, b kept) int { // as they came
				var i, j int
				fmt.Sscanf(a.html, "<tr>%d", &i)
				fmt.Sscanf(b.html, "<tr>%d", &j)
				return i - j
			})
		}
		x.spool.close()
	}
}

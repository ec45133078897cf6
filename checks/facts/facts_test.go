package facts

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTable: every row is complete, names a file that exists, and has days that
// can be read.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		if f.ID == "" || seen[f.ID] || f.Fact == "" || f.Source == "" {
			t.Errorf("%+v is incomplete or there twice", f)
		}
		seen[f.ID] = true
		for _, day := range []string{f.Read, f.Changes} {
			if _, err := time.Parse(time.DateOnly, day); err != nil && (day != "" || day == f.Read) {
				t.Errorf("%s: %v", f.ID, err)
			}
		}
		if _, err := os.Stat(filepath.Join("../..", f.UsedIn)); err != nil {
			t.Errorf("%s: %v", f.ID, err)
		}
	}
}

// dated finds the forms in which the code says when a source was read.
var dated = regexp.MustCompile(`(?i)\b(as of|read|seen)\s+(//\s*)?20\d\d-\d\d|\b(AsOf|readOn)\s*=\s*"20\d\d|\(as of 20\d\d-\d\d\)`)

// TestDatedCodeIsListed: a file whose code or comment dates a source has a row.
func TestDatedCodeIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, f := range All() {
		listed[f.UsedIn] = true
	}
	found := 0
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		name := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
		if joined := strings.ReplaceAll(string(b), "\n//", ""); dated.MatchString(joined) {
			found++
			if !listed[name] {
				t.Errorf("%s dates a source (%s) but has no row in the table of facts", name, dated.FindString(joined))
			}
		}
		return err
	})
	if err != nil || found < 5 {
		t.Errorf("%d files with dated sources: %v", found, err)
	}
}

func TestAged(t *testing.T) {
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	for _, test := range []struct {
		read, changes, now string
		want               bool
	}{
		{"2026-11-23", "", "2026-11-23", false},
		{"2026-11-23", "", "2027-11-23", false},
		{"2026-11-23", "", "2027-11-24", true},
		{"2026-11-23", "", "2020-01-01", false},
		{"2026-11-23", "2026-12-31", "2026-12-31", false},
		{"2026-11-23", "2026-12-31", "2027-01-02", true},
	} {
		if got := (Fact{Read: test.read, Changes: test.changes}).Aged(day(test.now)); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

package planfmt

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

var update = flag.Bool("update", false, "write the goldens anew")

func written(t testing.TB, format string, p report.Plan, meta Meta) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, format, p, meta); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/sample.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range FormatNames() {
		got := written(t, format, samplePlan(), sampleMeta())
		file := filepath.Join("testdata", "sample."+format)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; go test ./report/planfmt -update and look at the difference\n%s", file, got)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return f == file })
	}
	if len(files) > 0 && !*update {
		t.Errorf("%v belong to no format", files)
	}
}

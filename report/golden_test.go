package report

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the goldens anew")

// variant is one way to call a renderer.
type variant struct {
	name, format string
	o            Options
}

func variants() []variant {
	v := []variant{
		{"text-80", "text", Options{Width: 80, Unicode: true}},
		{"text-200", "text", Options{Width: 200, Unicode: true}},
		{"text-ascii", "text", Options{Width: 80}},
		{"text-color", "text", Options{Width: 80, Unicode: true, Color: true}},
		{"text-quiet", "text", Options{Width: 80, Unicode: true, Quiet: true}},
		{"text-verbose", "text", Options{Width: 80, Unicode: true, Verbose: true}},
		{"text-narrow", "text", Options{Width: 46, Unicode: true}},
	}
	for _, f := range FormatNames() {
		if f != "text" {
			v = append(v, variant{f, f, Options{}})
		}
	}
	return v
}

// render returns what a format makes of events.
func render(t testing.TB, format string, o Options, events []Event) string {
	t.Helper()
	var b bytes.Buffer
	s, err := New(format, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	emit(t, s, events)
	return b.String()
}

func TestGolden(t *testing.T) {
	all := runs()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, v := range variants() {
			t.Run(name+"/"+v.name, func(t *testing.T) {
				got := render(t, v.format, v.o, all[name])
				file := filepath.Join("testdata", name+"."+v.name)
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
					t.Errorf("%s differs; go test ./report -update and look at the difference\n%s", file, firstDifference(got, string(want)))
				}
			})
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("got  %.400s\nwant %.400s", g[i], w[i])
		}
	}
	return "one is longer"
}

// TestGoldenNoStrays finds goldens that no test writes any more.
func TestGoldenNoStrays(t *testing.T) {
	known := map[string]bool{}
	for name := range runs() {
		for _, v := range variants() {
			known[name+"."+v.name] = true
		}
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] && !f.IsDir() {
			t.Errorf("testdata/%s belongs to no test", f.Name())
		}
	}
}

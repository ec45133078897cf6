package explain

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestLocalized explains what is said in other languages, and by Exchange Server, filters and
// devices, alone and behind the address of a report, and leaves alone what programs that are not about mail say there.
func TestLocalized(t *testing.T) {
	var data []byte
	for _, name := range []string{"testdata/localized.tsv", "testdata/onprem.tsv"} {
		more, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, more...)
	}
	for line := range strings.Lines(string(data)) {
		want, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || line[0] == '#' {
			continue
		}
		for _, input := range []string{text, "anna@fabrikam.example\n" + text + "\n"} {
			if want == "-" && input != text {
				continue // an address makes it one about mail
			}
			x, err := Explain(t.Context(), "", []byte(input), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := "-"
			if len(x.replies) > 0 && x.replies[0].known() {
				got = x.replies[0].rows[0].Row.ID
			}
			if !slices.ContainsFunc(strings.Split(want, "|"), func(part string) bool { return strings.Contains(got, part) }) {
				t.Errorf("%q: %s, want %s", input, got, want)
			}
		}
	}
}

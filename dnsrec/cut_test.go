package dnsrec

import (
	"slices"
	"strings"
	"testing"
)

// Only texts that are asked for, and that are not cut after each 255 bytes, are
// returned, string by string.
func TestAnswer_Cut(t *testing.T) {
	text := strings.Repeat("k", 510)
	for _, tc := range []struct {
		lengths []int
		cut     bool
	}{
		{[]int{255, 255}, false}, {[]int{255, 45}, false}, {[]int{40}, false}, {[]int{0}, false},
		{[]int{250, 50}, true}, {[]int{100, 100, 100}, true}, {[]int{20, 20}, true}, {[]int{40, 0}, true}, {[]int{0, 40}, true}, {[]int{255, 200, 55}, true},
	} {
		sum := 0
		for _, n := range tc.lengths {
			sum += n
		}
		a := Answer{Values: []string{"other", text[:sum]}, Strings: [][]int{{2, 3}, tc.lengths}}
		cut := a.Cut([]string{text[:sum]})
		switch {
		case !tc.cut && len(cut) != 0, tc.cut && len(cut) != 1:
			t.Errorf("%v: %q", tc.lengths, cut)
		case tc.cut && (strings.Join(cut[0], "") != text[:sum] || !slices.EqualFunc(cut[0], tc.lengths, func(s string, n int) bool { return len(s) == n })):
			t.Errorf("%v: %q", tc.lengths, cut)
		}
		if c := (Change{Values: a.Values, Cut: cut}); !slices.Equal(c.lengths(text[:sum]), tc.lengths) {
			t.Errorf("%v: a change has %v", tc.lengths, c.lengths(text[:sum]))
		}
	}
	for _, lengths := range [][]int{{3, 30}, {-1, 6}, {-5}} {
		if cut := (Answer{Values: []string{"short"}, Strings: [][]int{lengths}}).Cut([]string{"short"}); cut != nil {
			t.Errorf("strings that a text does not have: %q", cut)
		}
	}
}

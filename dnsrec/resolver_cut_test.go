package dnsrec

import (
	"reflect"
	"testing"
)

// TestCut asks for the character-strings of texts, also of a recording that somebody
// changed.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		lengths []int
		want    [][]string
	}{
		{[]int{2, 4}, [][]string{{"ab", "cdef"}}},
		{[]int{6}, nil}, // as it is cut anyway
		{nil, nil},
		{[]int{2, 3}, nil},
		{[]int{-1, 6}, [][]string{{"", "abcdef"}}},
		{[]int{2, 400}, [][]string{{"ab", "cdef"}}},
		{[]int{-5}, nil},
	} {
		a := Answer{Values: []string{"abcdef", "gh"}, Strings: [][]int{c.lengths, {1, 1}}}
		want := append(c.want, []string{"g", "h"})
		if got := a.Cut([]string{"abcdef", "gh"}); !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %q, want %q", c.lengths, got, want)
		}
	}
}

package kit

import (
	"slices"
	"strings"
)

// Select returns the rows of cs named by only (all if empty) but those named by
// skip, with the rows they need. A name selects the row of that ID. The second
// result lists names that select nothing.
func Select(cs []Check, only, skip []string) (rows []Check, unknown []string) {
	ids := func(names []string) map[string]bool {
		set := map[string]bool{}
		for _, n := range names {
			id, _, _ := strings.Cut(n, ".")
			if !slices.ContainsFunc(cs, func(c Check) bool { return c.ID == id }) {
				unknown = append(unknown, n)
			}
			set[id] = true
		}
		return set
	}
	want, drop := ids(only), ids(skip)
	for i := len(cs) - 1; i >= 0; i-- { // needs are earlier rows: from the back
		c := cs[i]
		if drop[c.ID] || len(only) > 0 && !want[c.ID] {
			continue
		}
		for _, n := range c.Needs {
			want[n] = true
		}
		rows = append(rows, c)
	}
	slices.Reverse(rows)
	return rows, unknown
}

package main

import (
	"slices"
	"strings"
)

// didYouMean returns a hint that names the choice most like what was typed;
// empty if none is near.
func didYouMean(typed string, choices []string) string {
	if best := nearest(typed, choices); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}

// maxTyped bounds what is compared: no name of ours is longer.
const maxTyped = 40

// nearest returns the choice with the fewest typing errors; empty if none is
// near. Of equally near ones, the first counts.
func nearest(typed string, choices []string) string {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if typed == "" || len(typed) > maxTyped {
		return ""
	}
	if only := begun(choices, func(c string) bool { return len(typed) >= 3 && strings.HasPrefix(c, typed) }); only != "" {
		return only
	}
	best, least := "", 2+(len(typed)-2)/3 // one error in four letters, two in five
	for _, c := range choices {
		if d := distance(typed, c); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return begun(choices, func(c string) bool { return len(c) >= 3 && strings.HasPrefix(typed, c) })
	}
	return best
}

// begun returns the only choice that fits; empty if there is none or several.
func begun(choices []string, fits func(string) bool) string {
	found := ""
	for _, c := range choices {
		switch {
		case !fits(c):
		case found != "":
			return ""
		default:
			found = c
		}
	}
	return found
}

// distance counts the typing errors between two words: letters that are missing,
// added or wrong, and neighbors that changed places.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		older := before
		before, row = row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// oneOf refuses a value of a flag that is not one of its values.
func oneOf(flag, value string, values []string) error {
	if slices.Contains(values, value) {
		return nil
	}
	if hint := didYouMean(value, values); hint != "" {
		return usage(hint, "%s %s is not known", flag, value)
	}
	return usage(flag+" "+orList(values), "%s %s is not known", flag, value)
}

// orList writes alternatives as a sentence does.
func orList(values []string) string {
	if n := len(values); n > 1 {
		return strings.Join(values[:n-1], ", ") + " or " + values[n-1]
	}
	return strings.Join(values, "")
}

package dkim

import (
	"slices"
	"testing"
)

func TestFirstOf(t *testing.T) {
	for s, want := range map[string]string{
		"k2": "k1", "k3": "k1", "k1": "k1", "selector2": "selector1", "protonmail2": "protonmail1",
		"google": "google", "2": "2", "23": "23", "mbo0002": "mbo0002", "s32": "s32", "": "",
	} {
		if got := FirstOf(s); got != want {
			t.Errorf("FirstOf(%q) is %q, want %q", s, got, want)
		}
	}
}

func TestFollows(t *testing.T) {
	all := []string{"selector1", "selector2", "k1", "k3", "s2", "protonmail", "protonmail2", "fm2", "mail"}
	for _, s := range all {
		want := slices.Contains([]string{"selector2", "k3", "s2"}, s)
		if got := Follows(s, all); got != want {
			t.Errorf("Follows(%q) is %v", s, got)
		}
	}
}

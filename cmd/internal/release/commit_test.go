package release

import (
	"runtime/debug"
	"testing"
)

func TestCommitOf(t *testing.T) {
	for _, test := range []struct {
		settings     []debug.BuildSetting
		commit, date string
	}{
		{nil, "", ""},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}}, "", ""},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "false"}}, "abc", ""},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}, {Key: "vcs.time", Value: "2026-11-26T12:00:00Z"},
			{Key: "vcs.revision", Value: "abc"}}, "abc+changed", "2026-11-26T12:00:00Z"},
	} {
		if commit, date := commitOf(test.settings); commit != test.commit || date != test.date {
			t.Errorf("%v: %s %s, want %s %s", test.settings, commit, date, test.commit, test.date)
		}
	}
}

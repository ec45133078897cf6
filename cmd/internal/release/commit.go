package release

import "runtime/debug"

// Commit returns the commit that the program was built from and its date, as the
// Go command noted them; empty if it was not built from a repository. A commit
// that was changed before the build ends in "+changed".
func Commit() (commit, date string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}
	return commitOf(info.Settings)
}

func commitOf(settings []debug.BuildSetting) (commit, date string) {
	changed := false
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.time":
			date = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if commit != "" && changed {
		commit += "+changed"
	}
	return commit, date
}

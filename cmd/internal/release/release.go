// Package release knows the version of a program.
package release

import "runtime/debug"

// Version returns linked, which the linker sets in a release, or else what Go
// knows of the build.
func Version(linked string) string {
	if linked != "" {
		return linked
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}

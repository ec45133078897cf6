package main

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"maildiag/checks/facts"
	"maildiag/cmd/internal/release"
)

// linked is set by the linker: -ldflags "-X main.linked=1.2.3".
var linked string

// version returns the release, or what Go knows of the build.
func version() string { return release.Version(linked) }

func (a *app) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit, and the date of the facts",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			commit, date := release.Commit()
			_, err := fmt.Fprintf(a.out, "maildiag %s %s/%s %s\ncommit %s, %s\nMicrosoft facts of %s\n",
				version(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
				cmp.Or(commit, "unknown"), cmp.Or(date, "date unknown"), facts.Latest())
			return err
		},
	}
}

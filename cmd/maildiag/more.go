package main

import (
	"github.com/spf13/pflag"

	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
	"maildiag/checks/stable"
)

// moreFlags ask for checks that take more connections or lookups than a usual run.
type moreFlags struct {
	dialMX bool
}

func (m *moreFlags) add(f *pflag.FlagSet, n *netFlags) {
	f.BoolVar(&m.dialMX, "dial-mx", false, "also connect to the mail servers of the domain on port 25, at most 2 at once")
	f.IntVar(&n.samples, "stable", 1, "make each DNS lookup `N` times, and report answers that change")
}

// mostSamples bounds --stable: a resolver is not to be flooded.
const mostSamples = 10

// more adds the rows that the flags ask for.
func (f *checkFlags) more(rows []kit.Check) ([]kit.Check, error) {
	if f.samples < 0 || f.samples > mostSamples {
		return nil, usage("--stable 3", "--stable %d: at most %d lookups of each name", f.samples, mostSamples)
	}
	if f.dialMX {
		row := mxserver.Checks(mxserver.Options{})[0]
		row.Needs = []string{"domain"}
		rows = append(rows, row)
	}
	if f.samples > 1 {
		rows = append(rows, stable.Check())
	}
	return rows, nil
}

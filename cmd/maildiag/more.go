package main

import (
	"github.com/spf13/pflag"

	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
)

// moreFlags ask for checks that take more connections or lookups than a usual run.
type moreFlags struct {
	dialMX bool
}

func (m *moreFlags) add(f *pflag.FlagSet, n *netFlags) {
	f.BoolVar(&m.dialMX, "dial-mx", false, "also connect to the mail servers of the domain on port 25, at most 2 at once")
	f.IntVar(&n.samples, "stable", 1, "make each DNS lookup `N` times, and call the answer unknown if its records change")
}

// mostSamples bounds --stable: a resolver is not to be flooded.
const mostSamples = 10

// more adds the rows that the flags ask for, in a run over so many domains.
func (f *checkFlags) more(rows []kit.Check, domains int) ([]kit.Check, error) {
	if f.samples < 0 || f.samples > mostSamples {
		return nil, usage("--stable 3", "--stable %d: at most %d lookups of each name", f.samples, mostSamples)
	}
	if f.dialMX {
		if domains > 1 { // few connections a minute from one address
			return nil, usage("check the other domains without --dial-mx", "--dial-mx connects to mail servers, so it takes one domain")
		}
		row := mxserver.Checks(mxserver.Options{})[0]
		row.Needs = []string{"domain"}
		rows = append(rows, row)
	}
	return rows, nil
}

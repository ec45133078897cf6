package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/pflag"

	"maildiag/checks"
	"maildiag/checks/kit"
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

// checkSamples refuses a number of lookups that shows nothing, or is too much.
func checkSamples(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < 1 || n > mostSamples {
		return fmt.Errorf("is not 1 to %d", mostSamples)
	}
	return nil
}

// more adds the rows that the flags ask for, in a run over so many domains.
func (f *checkFlags) more(rows []kit.Check, domains int) ([]kit.Check, error) {
	if f.dialMX {
		if domains > 1 { // few connections a minute from one address
			return nil, usage("maildiag bulk --dial-mx takes a list, and connects to each server once", "--dial-mx takes one domain here")
		}
		rows = checks.WithMailServers(rows)
	}
	return rows, nil
}

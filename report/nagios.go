package report

import (
	"fmt"
	"strings"
)

// The states of Nagios plugins, which are also their exit codes.
// Source: Nagios Plugins Development Guidelines, "Plugin Return Codes".
const (
	NagiosOK       = 0
	NagiosWarning  = 1
	NagiosCritical = 2
	NagiosUnknown  = 3
)

// Override sets the Nagios state of the findings of one check or code that
// have a given status: --crit spf=warn makes every warning on SPF critical,
// --warn dmarc.none=fail makes that failure a warning only.
type Override struct {
	ID     string // check or code
	Status Status
	State  int // NagiosWarning or NagiosCritical
}

// ParseOverride reads "ID=STATUS" of the flag that sets state.
func ParseOverride(s string, state int) (Override, error) {
	id, status, ok := strings.Cut(s, "=")
	o := Override{ID: id, State: state}
	if !ok || id == "" {
		return o, fmt.Errorf("report: %q is not ID=STATUS, such as spf=warn", s)
	}
	if err := o.Status.UnmarshalText([]byte(status)); err != nil || o.Status == Unset {
		return o, fmt.Errorf("report: %q: the status must be pass, info, warn, fail, unknown or skip", s)
	}
	return o, nil
}

// NagiosCode gives the Nagios state of one finding: 0, 1, 2 or 3. The last
// override that fits wins.
func NagiosCode(f *Finding, overrides []Override) int {
	for i := len(overrides) - 1; i >= 0; i-- {
		o := overrides[i]
		if o.Status == f.Status && (o.ID == f.Check || o.ID == f.Code) {
			return o.State
		}
	}
	switch f.Status {
	case Fail:
		return NagiosCritical
	case Warn:
		return NagiosWarning
	case Pass, Info, Skip:
		return NagiosOK
	}
	if f.Optional && f.Status == Unknown {
		return NagiosOK
	}
	return NagiosUnknown
}

// worseNagios gives the worse of two states. As in the verdict, not to know is
// worse than a warning: critical, unknown, warning, ok.
func worseNagios(a, b int) int {
	for _, s := range []int{NagiosCritical, NagiosUnknown, NagiosWarning} {
		if a == s || b == s {
			return s
		}
	}
	return NagiosOK
}

package run

import (
	"errors"
	"io"

	"maildiag/report"
	"maildiag/report/planfmt"
)

// ErrNoPlan is returned for the plan of a check that was cut short: what was not
// checked may need changes too.
var ErrNoPlan = errors.New("the check is not finished, so there is no plan")

// WritePlan writes the plan of a domain in a format of [planfmt].
func WritePlan(w io.Writer, rep *report.Report, format, version string) error {
	if rep.End.Cut {
		return ErrNoPlan
	}
	return planfmt.Write(w, format, *rep.End.PlanFor(rep.Verdict()), planfmt.Meta{Domain: rep.Begin.Domain, Version: version})
}

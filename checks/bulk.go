package checks

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
	"maildiag/report"
)

// BulkRows returns the rows for a list of domains: without the submission host,
// which is nobody's of the list, unless it is asked for.
func BulkRows(only, skip []string, withSubmission bool) []kit.Check {
	if !withSubmission && !slices.Contains(only, "submission") {
		skip = append(slices.Clone(skip), "submission")
	}
	rows, _ := kit.Select(All(), only, skip)
	return rows
}

// WithMailServers adds the row that connects to the servers of the MX records.
func WithMailServers(rows []kit.Check) []kit.Check {
	row := mxserver.Checks(mxserver.Options{})[0]
	row.Needs = []string{"domain"}
	return append(slices.Clip(rows), row)
}

// BulkOptions returns the flags of a list that reports show.
func BulkOptions(a *kit.Asked, rows []kit.Check) string {
	all := len(rows)
	rows = slices.DeleteFunc(slices.Clone(rows), func(c kit.Check) bool { return c.ID == mxserver.ID })
	out := a.Options(rows, BulkRows(nil, nil, false))
	if slices.Contains(kit.IDs(rows), "submission") && !strings.Contains(out, "--only ") {
		out += " --with-submission"
	}
	if len(rows) < all {
		out += " --dial-mx"
	}
	return strings.TrimSpace(out)
}

// Infos names rows for the headings of a report.
func Infos(rows []kit.Check) (out []report.CheckInfo) {
	for _, c := range rows {
		out = append(out, report.CheckInfo{ID: c.ID, Title: c.Title})
	}
	return out
}

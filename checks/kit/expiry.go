package kit

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"maildiag/report"
)

// CertDays says when the end of a certificate that is accepted is near: at most
// so many days before it. The zero value leaves that to each check.
type CertDays struct{ Warn, Fail int }

// ParseCertDays reads "WARN,FAIL" or "WARN", in days.
func ParseCertDays(s string) (d CertDays, err error) {
	warn, fail, two := strings.Cut(s, ",")
	if d.Warn, err = strconv.Atoi(warn); err == nil && two {
		d.Fail, err = strconv.Atoi(fail)
	}
	if err != nil || d.Fail < 0 || d.Warn < max(d.Fail, 1) || d.Warn > maxCertDays {
		return CertDays{}, errors.New("write WARN,FAIL in days, such as 30,7; WARN must not be below FAIL")
	}
	return d, nil
}

const maxCertDays = 3650

// Status judges the time that is left of a certificate; near is the check's own
// measure for a warning, for when the user set none.
func (d CertDays) Status(left, near time.Duration) report.Status {
	const day = 24 * time.Hour
	switch {
	case d.Fail > 0 && left <= time.Duration(d.Fail)*day:
		return report.Fail
	case d == CertDays{} && left < near, d.Warn > 0 && left <= time.Duration(d.Warn)*day:
		return report.Warn
	}
	return report.Pass
}

package kit

import (
	"testing"
	"time"

	"maildiag/report"
)

func TestCertDays(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		days string
		left time.Duration
		want report.Status
	}{
		{"", 15 * day, report.Pass}, {"", 13 * day, report.Warn}, {"", -day, report.Warn},
		{"30", 31 * day, report.Pass}, {"30", 30 * day, report.Warn}, {"30", -day, report.Warn},
		{"30,7", 8 * day, report.Warn}, {"30,7", 7 * day, report.Fail}, {"30,7", -day, report.Fail},
		{"7,7", 8 * day, report.Pass}, {"7,7", 6 * day, report.Fail},
	} {
		d := CertDays{}
		if tt.days != "" {
			var err error
			if d, err = ParseCertDays(tt.days); err != nil {
				t.Fatal(err)
			}
		}
		if got := d.Status(tt.left, 14*day); got != tt.want {
			t.Errorf("%q, %v left: %v, want %v", tt.days, tt.left, got, tt.want)
		}
	}
	for _, bad := range []string{"", ",", "x", "30,", "7,30", "-1", "30,-1", "0", "99999", "1.5", "30,7,1"} {
		if d, err := ParseCertDays(bad); err == nil {
			t.Errorf("%q is read as %v", bad, d)
		}
	}
}

package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// The series are the same whatever the payload, and none of it is in a label.
func TestFault_198_199_Prometheus(t *testing.T) {
	want := series(t, render(t, "prometheus", Options{}, runWith("evil.example", "x")))
	each(t, "prometheus", Options{}, func(t *testing.T, _, out string) {
		if got := series(t, out); got != want {
			t.Error(firstDifference(got, want))
		}
	})
	for _, p := range payloads() { // even if it were the domain
		series(t, render(t, "prometheus", Options{}, runWith(p, p)))
	}
}

// series lists the series with their labels as the official parser reads them.
func series(t *testing.T, text string) string {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for name, f := range families {
		for _, m := range f.Metric {
			list = append(list, fmt.Sprint(name, m.Label))
		}
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// Line formats keep one event on one line: none is forged, none is split.
func TestFault_200_Lines(t *testing.T) {
	for format, tt := range map[string]struct {
		lines int
		form  *regexp.Regexp
	}{
		"github":  {4, regexp.MustCompile(`^::(error|warning|notice) title=[^:,]*::[^\r\n]*$`)},
		"checkmk": {8, regexp.MustCompile(`^[0-3] "Mail evil\.example[ a-z]*" (-|[a-z_.0-9=|]+) [^\\]*$`)},
		"zabbix":  {0, regexp.MustCompile(`^- maildiag\.[a-z.]+(\[evil\.example[a-z,_]*\])? ([0-9.]+|"([^"\\]|\\.)*")$`)},
	} {
		each(t, format, Options{}, func(t *testing.T, _, out string) {
			for l := range strings.Lines(out) {
				if l = strings.TrimSuffix(l, "\n"); !tt.form.MatchString(l) {
					t.Errorf("%.200q", l)
				}
				if bad := dirty(l); bad != "" {
					t.Errorf("%s comes out", bad)
				}
			}
			if n := strings.Count(out, "\n"); tt.lines > 0 && n != tt.lines {
				t.Errorf("%d lines, want %d", n, tt.lines)
			}
		})
	}
}

// Plugin output has one bar, which starts the performance data.
func TestFault_200_Nagios(t *testing.T) {
	perf := regexp.MustCompile(`^MAILDIAG CRITICAL - evil\.example: NOT READY \([a-z., ]+\) \| ([a-z_]+=[0-9.]+s?(;[0-9]*){0,4} ?)+$`)
	each(t, "nagios", Options{}, func(t *testing.T, _, out string) {
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if !perf.MatchString(lines[0]) {
			t.Errorf("%q", lines[0])
		}
		if len(lines) != 4 || strings.ContainsAny(strings.Join(lines[1:], ""), "|<>") {
			t.Errorf("%d lines, %.300q", len(lines), out)
		}
		if bad := dirty(strings.Join(lines, "")); bad != "" {
			t.Errorf("%s comes out", bad)
		}
		if len(out) > 8192 {
			t.Errorf("%d bytes", len(out))
		}
	})
}

// Outside blocks of code nothing of a payload is more than text; the
// integration test asks a real parser.
func TestMarkdown(t *testing.T) {
	each(t, "markdown", Options{}, func(t *testing.T, _, out string) {
		fence := ""
		for l := range strings.Lines(out) {
			l = strings.TrimSuffix(l, "\n")
			if bad := dirty(l); bad != "" {
				t.Errorf("%s comes out", bad)
			}
			if marks := regexp.MustCompile("^`{3,}").FindString(l); marks != "" && (fence == "" || fence == l) {
				if fence == "" {
					fence = marks
				} else {
					fence = ""
				}
				continue
			}
			if fence != "" {
				continue
			}
			l = strings.ReplaceAll(l, "<!-- -->", "")
			l = regexp.MustCompile(`\\.`).ReplaceAllString(l, "")
			if strings.ContainsAny(l, "<`@") {
				t.Errorf("%.200q", l)
			}
		}
		if fence != "" {
			t.Error("a block of code is not closed")
		}
	})
}

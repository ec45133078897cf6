package report

import (
	"fmt"
	"io"
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

// newNagios writes plugin output: one line with performance data, then a line
// for each problem. The state in it is that of [Tally.NagiosCode], which is
// also the exit code.
func newNagios(w io.Writer, o Options) Sink {
	n := &nagios{w: w, overrides: o.Overrides, tally: Tally{Overrides: o.Overrides}}
	return Tee(&n.tally, &collector{each: n.domain, close: n.stop})
}

type nagios struct {
	w         io.Writer
	overrides []Override
	tally     Tally
	lines     []string // long output
	size      int      // bytes in lines
	more      int      // lines that had no room
	codes     []string // of problems, for the first line
	last      *Report
	queries   int
}

// maxNagios bounds the long output: Nagios cuts at 8 KiB by default
// (MAX_PLUGIN_OUTPUT_LENGTH), Icinga and NRPE earlier.
const maxNagios = 4000

var nagiosNames = [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}

func (n *nagios) domain(r *Report) error {
	n.last, n.queries = r, n.queries+r.End.Queries
	n.add(fmt.Sprintf("%s: %s", nagiosText(r.Begin.Domain), r.Verdict().Title()))
	for i := range r.Findings {
		f := &r.Findings[i]
		state := NagiosCode(f, n.overrides)
		if state == NagiosOK {
			continue
		}
		n.codes = append(n.codes, f.Code)
		line := fmt.Sprintf("[%s] %s: %s", nagiosNames[state], f.Code, saying(f, r.Begin.Domain))
		if f.Fix != nil {
			line += fmt.Sprintf("; fix (%s): %s", f.Fix.Owner, f.Fix.Text)
		}
		n.add(truncate(nagiosText(line), 400, "..."))
	}
	return nil
}

func (n *nagios) add(line string) {
	if n.size += len(line) + 1; n.size > maxNagios {
		n.more++
		return
	}
	n.lines = append(n.lines, line)
}

func (n *nagios) stop(s *Stop) error {
	what := fmt.Sprintf("%d domains", n.tally.domains)
	if n.tally.domains == 1 {
		what = nagiosText(n.last.Begin.Domain)
	}
	first := fmt.Sprintf("MAILDIAG %s - %s: %s", nagiosNames[n.tally.NagiosCode()], what, n.tally.Verdict().Title())
	if len(n.codes) > 0 {
		const most = 8
		codes := strings.Join(n.codes[:min(most, len(n.codes))], ", ")
		if len(n.codes) > most {
			codes += fmt.Sprintf(" and %d more", len(n.codes)-most)
		}
		first += " (" + nagiosText(codes) + ")"
	}
	if n.more > 0 {
		n.lines = append(n.lines, fmt.Sprintf("and %d more lines; maildiag --format text has them all", n.more))
	}
	text := first + " | " + n.perfdata(s) + "\n" + strings.Join(n.lines, "\n") + "\n"
	_, err := io.WriteString(n.w, text)
	return err
}

// perfdata gives the counts, and the numbers of a single domain. A limit is a
// range that alerts outside it: ";;0" is critical above 0.
func (n *nagios) perfdata(s *Stop) string {
	c := n.tally.Counts()
	perf := []string{
		fmt.Sprintf("time=%.3fs;;;0", s.Elapsed.Seconds()), fmt.Sprintf("fail=%d;;0;0", c.Fail),
		fmt.Sprintf("warn=%d;0;;0", c.Warn), fmt.Sprintf("unknown=%d;;;0", c.Unknown),
		fmt.Sprintf("pass=%d;;;0", c.Pass), fmt.Sprintf("queries=%d;;;0", n.queries),
	}
	if n.tally.domains == 1 {
		for _, m := range measures(n.last) {
			perf = append(perf, fmt.Sprintf("%s_%s=%s", m.check, m.key, number(m.value)))
		}
	}
	return strings.Join(perf, " ")
}

// nagiosText makes text safe for plugin output: the bar starts performance
// data, and some web pages show what looks like a tag as one.
func nagiosText(s string) string {
	return strings.NewReplacer("|", "/", "<", "(", ">", ")").Replace(Clean(s))
}

package report

import (
	"fmt"
	"io"
	"slices"
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

// NagiosCode returns the Nagios state of one finding: 0, 1, 2 or 3. The last
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

// worseNagios returns the worse of two states. As in the verdict, not to know is
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
	problems  [len(nagiosNames)][]nagiosLine // by state
	size      [len(nagiosNames)]int          // bytes in them
	more      int                            // problems that had no room
	last      *Report
	queries   int
}

// nagiosLine is one problem in the long output.
type nagiosLine struct{ domain, code, text string }

// maxNagios bounds the long output: Nagios cuts at 8 KiB by default
// (MAX_PLUGIN_OUTPUT_LENGTH), Icinga and NRPE earlier.
const maxNagios = 4000

var nagiosNames = [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}

// nagiosWorst are the states of problems.
var nagiosWorst = []int{NagiosCritical, NagiosUnknown, NagiosWarning}

func (n *nagios) domain(r *Report) error {
	n.last, n.queries = r, n.queries+r.End.Queries
	for i := range r.Findings {
		f := &r.Findings[i]
		state := NagiosCode(f, n.overrides)
		if state == NagiosOK {
			continue
		}
		text := fmt.Sprintf("%s: %s", f.Code, saying(f, r.Begin.Domain))
		if f.Fix != nil {
			text += "; " + f.Fix.advice()
		}
		n.add(state, nagiosLine{r.Begin.Domain, f.Code, truncate(nagiosText(text), 400, "...")})
	}
	return nil
}

// add keeps a problem, if there is room among those of its state.
func (n *nagios) add(state int, l nagiosLine) {
	if n.size[state] += len(l.text) + len(l.domain) + 1; n.size[state] > maxNagios {
		n.more++
		return
	}
	n.problems[state] = append(n.problems[state], l)
}

func (n *nagios) stop(s *Stop) error {
	what, several := "no domain", n.tally.domains > 1
	switch {
	case several:
		what = fmt.Sprintf("%d domains", n.tally.domains)
	case n.last != nil:
		what = nagiosText(n.last.Begin.Domain)
	}
	first := fmt.Sprintf("MAILDIAG %s - %s: %s", nagiosNames[n.tally.NagiosCode()], what, n.title(n.tally.Verdict()))
	if n.tally.total.accepted > 0 {
		first += fmt.Sprintf(", %d accepted", n.tally.total.accepted)
	}
	if s.Cut {
		first += ", unfinished"
	}
	if s.BadLines > 0 {
		first += fmt.Sprintf(", %s no domain", plural(s.BadLines, "line of the list names", "lines of the list name"))
	}
	lines, names := n.long(several)
	if !several && n.last != nil {
		lines = append([]string{what + ": " + n.title(n.last.Verdict())}, lines...)
	}
	if len(names) > 0 {
		first += " (" + nagiosText(someOf(names, n.more)) + ")"
	}
	text := first + " | " + n.perfdata(s) + "\n" + strings.Join(lines, "\n") + "\n"
	_, err := io.WriteString(n.w, text)
	return err
}

func (n *nagios) title(v Verdict) string {
	if n.last == nil {
		return v.Title()
	}
	return n.last.Start.titleOf(v)
}

// long returns the lines of the long output, the worst first, and what the first
// line names: the codes of one domain, or the worst of several domains.
func (n *nagios) long(several bool) (lines, names []string) {
	size, more := 0, n.more
	for _, state := range nagiosWorst {
		for _, l := range n.problems[state] {
			name, line := l.code, fmt.Sprintf("[%s] %s", nagiosNames[state], l.text)
			if several {
				name, line = l.domain, fmt.Sprintf("[%s] %s: %s", nagiosNames[state], nagiosText(l.domain), l.text)
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			if size += len(line) + 1; size > maxNagios {
				more++
				continue
			}
			lines = append(lines, line)
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more; maildiag --format text has them all", more))
	}
	return lines, names
}

// someOf names the first few; unseen is how many others there are.
func someOf(names []string, unseen int) string {
	const most = 8
	s := strings.Join(names[:min(most, len(names))], ", ")
	switch {
	case unseen > 0:
		s += " and more"
	case len(names) > most:
		s += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return s
}

// perfdata returns the counts, and the numbers of a single domain. A limit is a
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

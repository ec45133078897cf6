package report

import "cmp"

// Verdict is what a person wants to know first: is this domain ready?
type Verdict string

// The verdicts, the best first.
const (
	Ready        Verdict = "ready"               // nothing to do
	ReadyWarned  Verdict = "ready_with_warnings" // works today
	CouldNotTell Verdict = "could_not_tell"      // nothing failed, but something required has no answer
	NotReady     Verdict = "not_ready"           // something failed

	NotOnMicrosoft Verdict = "not_on_microsoft_365" // nothing failed, and nothing of it is at Microsoft 365
	NoMail         Verdict = "no_mail"              // nothing failed: it has no mail, and says so

	Works       Verdict = "works"               // of a server: nothing to do
	WorksWarned Verdict = "works_with_warnings" // of a server: works today
	Fails       Verdict = "fails"               // of a server: something failed
	BlockedHere Verdict = "blocked_here"        // of a server: the network that asks is at fault, not the server
)

// ofServer are the verdicts on a server instead of those on a domain.
var ofServer = map[Verdict]Verdict{Ready: Works, ReadyWarned: WorksWarned, NotReady: Fails}

// OfServer returns the verdict on a server that means as much as one on a domain.
func (v Verdict) OfServer() Verdict { return cmp.Or(ofServer[v], v) }

// degree returns the verdict on an ordinary domain that means as much: [Ready],
// [ReadyWarned], [NotReady] or [CouldNotTell]; [NotOnMicrosoft] is like no other.
func (v Verdict) degree() Verdict {
	switch v {
	case Works, NoMail:
		return Ready
	case WorksWarned:
		return ReadyWarned
	case Fails:
		return NotReady
	case BlockedHere:
		return CouldNotTell
	}
	return v
}

// Title returns the verdict as the report prints it, in capitals.
func (v Verdict) Title() string {
	switch v {
	case Ready:
		return "READY"
	case ReadyWarned:
		return "READY WITH WARNINGS"
	case NotReady:
		return "NOT READY"
	case NotOnMicrosoft:
		return "NOT ON MICROSOFT 365"
	case NoMail:
		return "NO MAIL, AS PUBLISHED"
	case Works:
		return "WORKS"
	case WorksWarned:
		return "WORKS WITH WARNINGS"
	case Fails:
		return "FAILS"
	case BlockedHere:
		return "BLOCKED HERE (your network)"
	}
	return "COULD NOT CHECK"
}

// worstVerdict is the highest value of [Verdict.worse].
const worstVerdict = 5

// worse orders the verdicts; the zero value is the best.
func (v Verdict) worse() int {
	switch v.degree() {
	case "":
		return 0
	case Ready:
		return 1
	case ReadyWarned, NotOnMicrosoft:
		return 2
	case NotReady:
		return worstVerdict
	}
	if v == BlockedHere {
		return 4
	}
	return 3
}

// The exit codes of a run. They are the same for every format but nagios.
const (
	ExitOK      = 0 // nothing at or above --fail-on
	ExitFound   = 1 // findings at or above --fail-on
	ExitUsage   = 2 // the command line is wrong
	ExitUnknown = 3 // could not check and nothing failed, or unfinished
)

// Counts is how many findings have each status.
type Counts struct {
	Pass    int `json:"pass"`
	Info    int `json:"info"`
	Warn    int `json:"warn"`
	Fail    int `json:"fail"`
	Unknown int `json:"unknown"`
	Skip    int `json:"skip"`

	optional int // of Unknown: those that do not count
	accepted int // of Info: problems that the user accepts
}

// Add counts one finding.
func (c *Counts) Add(f *Finding) {
	if f.Accepted {
		c.accepted++
	}
	switch f.Status {
	case Pass:
		c.Pass++
	case Info:
		c.Info++
	case Warn:
		c.Warn++
	case Fail:
		c.Fail++
	case Skip:
		c.Skip++
	default: // Unset is never a pass
		c.Unknown++
		if f.Optional && f.Status == Unknown {
			c.optional++
		}
	}
}

// Merge adds the counts of another domain.
func (c *Counts) Merge(o Counts) {
	c.Pass += o.Pass
	c.Info += o.Info
	c.Warn += o.Warn
	c.Fail += o.Fail
	c.Unknown += o.Unknown
	c.Skip += o.Skip
	c.optional += o.optional
	c.accepted += o.accepted
}

// Of returns how many findings have the status s.
func (c Counts) Of(s Status) int {
	switch s {
	case Pass:
		return c.Pass
	case Info:
		return c.Info
	case Warn:
		return c.Warn
	case Fail:
		return c.Fail
	case Unknown:
		return c.Unknown
	case Skip:
		return c.Skip
	}
	return 0
}

// untold reports whether something required has no answer: an Unknown that counts,
// a run that was cut, or a list without any domain that was checked.
func (c Counts) untold(unfinished bool) bool {
	return unfinished || c.Unknown > c.optional || c.Pass+c.Info+c.Warn+c.Fail == 0
}

// Verdict judges one domain by its counts, and by what its End says of it.
func (e *End) Verdict(c Counts) Verdict {
	v := c.Verdict(e.Cut)
	switch {
	case v == CouldNotTell && e.Kind == KindBlocked && !e.Cut:
		return BlockedHere
	case e.Kind == KindServer || e.Kind == KindBlocked:
		return v.OfServer()
	case v != Ready && v != ReadyWarned:
		return v
	case e.Kind == KindElsewhere:
		return NotOnMicrosoft
	case e.Kind == KindNoMail && v == Ready:
		return NoMail
	}
	return v
}

// ExitCode returns the exit code for one domain. Where the network is found to
// block a server, that is what was asked.
func (e *End) ExitCode(c Counts, failOn Status) int {
	if e.Verdict(c) == BlockedHere {
		return ExitFound
	}
	return c.ExitCode(failOn, e.Cut)
}

// Verdict judges one domain by its counts alone.
func (c Counts) Verdict(unfinished bool) Verdict {
	switch {
	case c.Fail > 0:
		return NotReady
	case c.untold(unfinished):
		return CouldNotTell
	case c.Warn > 0:
		return ReadyWarned
	}
	return Ready
}

// ExitCode returns the exit code for one domain: failOn is the lowest status
// that leads to [ExitFound], Warn or Fail; any other value means Fail.
func (c Counts) ExitCode(failOn Status, unfinished bool) int {
	switch {
	case c.Fail > 0, failOn == Warn && c.Warn > 0:
		return ExitFound
	case c.untold(unfinished):
		return ExitUnknown
	}
	return ExitOK
}

// WorseExit returns the worse of two exit codes of domains: 1 before 3 before 0.
func WorseExit(a, b int) int {
	for _, c := range []int{ExitFound, ExitUnknown} {
		if a == c || b == c {
			return c
		}
	}
	return ExitOK
}

// Tally watches a run and knows what it is worth. It is a [Sink] that keeps
// the same few numbers however many domains there are. The zero value is ready.
type Tally struct {
	Overrides []Override // for [Tally.NagiosCode]

	failOn   Status
	domain   Counts // of the domain that is open
	open     bool
	excused  bool // of the open domain: an override says what not to know is worth
	total    Counts
	domains  int
	verdicts map[Verdict]int
	worst    Verdict
	exit     int
	nagios   int
	stopped  bool
	bad      int // lines of the list that name no domain
}

// Emit takes note of one event. It never fails.
func (t *Tally) Emit(e Event) error {
	switch {
	case e.Start != nil:
		t.failOn = e.Start.FailOn
	case e.Begin != nil:
		t.close(&End{Cut: true}) // the one before has no End
		t.open, t.domain, t.excused = true, Counts{}, false
	case e.Finding != nil:
		t.domain.Add(e.Finding)
		state := NagiosCode(e.Finding, t.Overrides)
		t.nagios = worseNagios(t.nagios, state)
		t.excused = t.excused || e.Finding.Status == Unknown && state != NagiosUnknown && !e.Finding.Optional
	case e.End != nil:
		t.close(e.End)
	case e.Stop != nil:
		t.close(&End{Cut: true})
		t.stopped, t.bad = !e.Stop.Cut, e.Stop.BadLines
	}
	return nil
}

// close counts the open domain, if any.
func (t *Tally) close(e *End) {
	if !t.open {
		return
	}
	t.open = false
	t.domains++
	t.total.Merge(t.domain)
	v, unfinished := e.Verdict(t.domain), e.Cut
	if t.verdicts == nil {
		t.verdicts = map[Verdict]int{}
	}
	t.verdicts[v]++
	if v.worse() > t.worst.worse() {
		t.worst = v
	}
	t.exit = WorseExit(t.exit, e.ExitCode(t.domain, t.failOn))
	if unfinished || t.domain.untold(false) && !t.excused {
		t.nagios = worseNagios(t.nagios, NagiosUnknown)
	}
}

// ExitCode returns the exit code of the run so far: that of the worst domain. A
// run without its Stop, or without a single domain, is [ExitUnknown] at best,
// and so is one over a list with lines that name no domain.
func (t *Tally) ExitCode() int {
	if t.unfinished() {
		code := t.exit
		if t.open {
			code = WorseExit(code, t.domain.ExitCode(t.failOn, true))
		}
		return WorseExit(code, ExitUnknown)
	}
	return t.exit
}

// NagiosCode returns the exit code of the run by the rules of Nagios plugins.
func (t *Tally) NagiosCode() int {
	if t.unfinished() {
		return worseNagios(t.nagios, NagiosUnknown)
	}
	return t.nagios
}

// ExitFor returns the exit code for a format: nagios has its own codes, and
// monitoring systems read 1 as a warning; all others have the same.
func (t *Tally) ExitFor(format string) int {
	if format == "nagios" {
		return t.NagiosCode()
	}
	return t.ExitCode()
}

// unfinished reports whether some of what was to be checked was not.
func (t *Tally) unfinished() bool { return !t.stopped || t.open || t.domains == 0 || t.bad > 0 }

// Verdict returns the verdict of the worst domain; [CouldNotTell] if there is none.
func (t *Tally) Verdict() Verdict {
	if t.worst == "" {
		return CouldNotTell
	}
	return t.worst
}

// Counts returns the findings of all closed domains by status.
func (t *Tally) Counts() Counts { return t.total }

// Domains returns how many domains were closed, and of those how many with the
// verdict v.
func (t *Tally) Domains(v Verdict) (with, of int) { return t.verdicts[v], t.domains }

// Tee returns a sink that hands each event to all of sinks in turn, and stops at
// the first error.
func Tee(sinks ...Sink) Sink { return tee(sinks) }

type tee []Sink

func (t tee) Emit(e Event) error {
	for _, s := range t {
		if err := s.Emit(e); err != nil {
			return err
		}
	}
	return nil
}

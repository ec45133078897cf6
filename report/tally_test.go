package report

import (
	"errors"
	"testing"
)

func domainOf(cut bool, findings ...Finding) []Event {
	ev := []Event{sampleBegin("a.example")}
	for _, f := range findings {
		ev = append(ev, found(f))
	}
	return append(ev, Event{End: &End{Domain: "a.example", Cut: cut}})
}

// The verdict and the exit code, by the rules of the design.
func TestVerdictAndExitCode(t *testing.T) {
	one := func(list ...Status) []Event {
		var fs []Finding
		for _, s := range list {
			fs = append(fs, Finding{Status: s})
		}
		return domainOf(false, fs...)
	}
	optional := Finding{Status: Unknown, Optional: true}
	for name, tt := range map[string]struct {
		domains [][]Event
		verdict Verdict
		fail    int // exit code with --fail-on fail
		warn    int // and with warn
	}{
		"all pass":                 {[][]Event{one(Pass, Pass)}, Ready, 0, 0},
		"info never counts":        {[][]Event{one(Pass, Info)}, Ready, 0, 0},
		"skip never counts":        {[][]Event{one(Pass, Skip)}, Ready, 0, 0},
		"warn":                     {[][]Event{one(Pass, Warn)}, ReadyWarned, 0, 1},
		"fail":                     {[][]Event{one(Pass, Fail, Warn)}, NotReady, 1, 1},
		"unknown":                  {[][]Event{one(Pass, Unknown)}, CouldNotTell, 3, 3},
		"unknown beside warn":      {[][]Event{one(Warn, Unknown)}, CouldNotTell, 3, 1},
		"unknown beside fail":      {[][]Event{one(Fail, Unknown)}, NotReady, 1, 1},
		"unset is never a pass":    {[][]Event{one(Pass, Unset)}, CouldNotTell, 3, 3},
		"no finding at all":        {[][]Event{one()}, CouldNotTell, 3, 3},
		"nothing but skips":        {[][]Event{one(Skip, Skip)}, CouldNotTell, 3, 3},
		"unknown of a courtesy":    {[][]Event{domainOf(false, Finding{Status: Pass}, optional)}, Ready, 0, 0},
		"nothing but a courtesy":   {[][]Event{domainOf(false, optional)}, CouldNotTell, 3, 3},
		"cut":                      {[][]Event{domainOf(true, Finding{Status: Pass})}, CouldNotTell, 3, 3},
		"cut after a fail":         {[][]Event{domainOf(true, Finding{Status: Fail})}, NotReady, 1, 1},
		"fail before unknown":      {[][]Event{one(Unknown), one(Fail), one(Pass)}, NotReady, 1, 1},
		"unknown before good":      {[][]Event{one(Pass), one(Unknown), one(Pass)}, CouldNotTell, 3, 3},
		"warn of one, unknown two": {[][]Event{one(Warn), one(Unknown)}, CouldNotTell, 3, 1},
		"no domain":                {nil, CouldNotTell, 3, 3},
	} {
		for failOn, want := range map[Status]int{Fail: tt.fail, Warn: tt.warn} {
			start := sampleStart(len(tt.domains))
			start.Start.FailOn = failOn
			var tally Tally
			emit(t, &tally, join([]Event{start}, join(tt.domains...), []Event{sampleStop(1)}))
			if got := tally.ExitCode(); got != want {
				t.Errorf("%s, --fail-on %s: exit code %d, want %d", name, failOn, got, want)
			}
			if got := tally.Verdict(); got != tt.verdict {
				t.Errorf("%s: verdict %s, want %s", name, got, tt.verdict)
			}
		}
	}
}

// A run about a server answers whether it works; exit codes, monitoring states and
// colors are those of a domain with the same findings.
func TestVerdictOfServer(t *testing.T) {
	optional := Finding{Status: Unknown, Optional: true}
	for name, tt := range map[string]struct {
		findings      []Finding
		kind          Kind
		cut           bool
		domain, other Verdict
	}{
		"all pass":           {[]Finding{{Status: Pass}, optional}, KindServer, false, Ready, Works},
		"warn":               {[]Finding{{Status: Pass}, {Status: Warn}}, KindServer, false, ReadyWarned, WorksWarned},
		"fail":               {[]Finding{{Status: Fail}, {Status: Unknown}}, KindServer, false, NotReady, Fails},
		"unknown":            {[]Finding{{Status: Unknown}}, KindServer, false, CouldNotTell, CouldNotTell},
		"nothing":            {nil, KindServer, false, CouldNotTell, CouldNotTell},
		"cut":                {[]Finding{{Status: Pass}}, KindServer, true, CouldNotTell, CouldNotTell},
		"blocked":            {[]Finding{{Status: Unknown}}, KindBlocked, false, CouldNotTell, BlockedHere},
		"blocked and cut":    {[]Finding{{Status: Unknown}}, KindBlocked, true, CouldNotTell, CouldNotTell},
		"blocked and failed": {[]Finding{{Status: Fail}}, KindBlocked, false, NotReady, Fails},
		"blocked, yet well":  {[]Finding{{Status: Pass}}, KindBlocked, false, Ready, Works},
	} {
		var c Counts
		for i := range tt.findings {
			c.Add(&tt.findings[i])
		}
		domain, server := &End{Cut: tt.cut}, &End{Cut: tt.cut, Kind: tt.kind}
		a, b := domain.Verdict(c), server.Verdict(c)
		if a != tt.domain || b != tt.other {
			t.Errorf("%s: %s and %s, want %s and %s", name, a, b, tt.domain, tt.other)
		}
		if verdictState(a) != verdictState(b) || a.degree() != b.degree() || b.Title() == "" || meanings[b] == "" {
			t.Errorf("%s: %s is not worth as much as %s", name, b, a)
		}
		if got := server.ExitCode(c, Fail); b != BlockedHere && got != domain.ExitCode(c, Fail) {
			t.Errorf("%s: exit code %d", name, got)
		}
	}
}

// The codes in the documents and the code of the run come from one rule.
func TestReportAgreesWithTally(t *testing.T) {
	for name, events := range runs() {
		var tally Tally
		worst := 0
		sink := Tee(&tally, Collect(func(r *Report) error {
			worst = WorseExit(worst, r.ExitCode(r.Start.FailOn))
			return nil
		}))
		emit(t, sink, events)
		if tally.ExitCode() != worst {
			t.Errorf("%s: the run has exit code %d, its documents %d", name, tally.ExitCode(), worst)
		}
	}
}

// A run that is broken off at any event is never better than "could not check".
func TestTallyUnfinished(t *testing.T) {
	for name, events := range runs() {
		for n := range events {
			var tally Tally
			emit(t, &tally, events[:n])
			code := tally.ExitCode()
			if code != ExitUnknown && code != ExitFound {
				t.Errorf("%s after %d events: exit code %d", name, n, code)
			}
			if nagios := tally.NagiosCode(); nagios != NagiosUnknown && nagios != NagiosCritical {
				t.Errorf("%s after %d events: nagios %d", name, n, nagios)
			}
		}
	}
}

func TestTallyCounts(t *testing.T) {
	var tally Tally
	emit(t, &tally, severalRun())
	if bad, all := tally.Domains(NotReady); bad != 1 || all != 3 {
		t.Errorf("%d of %d domains not ready", bad, all)
	}
	c := tally.Counts()
	if c.Fail != 3 || c.Warn != 1 || c.Pass != 24 {
		t.Errorf("counts %+v", c)
	}
}

// Only the format nagios has exit codes of its own.
func TestExitFor(t *testing.T) {
	for name, want := range map[string][2]int{"good": {0, 0}, "broken": {1, 2}, "blocked": {3, 3}} {
		var tally Tally
		emit(t, &tally, runs()[name])
		if text, nagios := tally.ExitFor("text"), tally.ExitFor("nagios"); text != want[0] || nagios != want[1] {
			t.Errorf("%s: %d, and %d for nagios", name, text, nagios)
		}
	}
}

// An override says what one finding is worth, not that a run was finished or
// that anything was checked.
func TestOverriddenUnknown(t *testing.T) {
	unknown := Finding{Check: "mx", Code: "mx.record", Status: Unknown, Cause: CauseResolver}
	for name, tc := range map[string]struct {
		findings []Finding
		cut      bool
		want     int
	}{
		"finished":    {[]Finding{unknown}, false, NagiosWarning},
		"cut":         {[]Finding{unknown}, true, NagiosUnknown},
		"another one": {[]Finding{unknown, {Check: "spf", Code: "spf.record", Status: Unknown}}, false, NagiosUnknown},
		"nothing":     {nil, false, NagiosUnknown},
	} {
		tally := Tally{Overrides: []Override{{ID: "mx", Status: Unknown, State: NagiosWarning}}}
		events := []Event{{Start: &Start{}}, {Begin: &Begin{}}}
		for i := range tc.findings {
			events = append(events, Event{Finding: &tc.findings[i]})
		}
		emit(t, &tally, append(events, Event{End: &End{Cut: tc.cut}}, Event{Stop: &Stop{}}))
		if got := tally.NagiosCode(); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

func TestTeeStopsAtError(t *testing.T) {
	broken := errors.New("broken")
	var after Tally
	if err := Tee(failing{broken}, &after).Emit(sampleBegin("a.example")); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if after.open {
		t.Error("the sink behind the broken one got the event")
	}
}

func TestNagiosCode(t *testing.T) {
	overrides := []Override{
		{"spf", Warn, NagiosCritical}, {"dmarc.none", Fail, NagiosWarning},
		{"mx", Fail, NagiosWarning}, {"mx.null", Fail, NagiosCritical},
	}
	for _, tt := range []struct {
		f    Finding
		want int
	}{
		{Finding{Status: Pass}, 0}, {Finding{Status: Info}, 0}, {Finding{Status: Skip}, 0},
		{Finding{Status: Warn}, 1}, {Finding{Status: Fail}, 2}, {Finding{Status: Unknown}, 3}, {Finding{}, 3},
		{Finding{Status: Unknown, Optional: true}, 0},
		{Finding{Check: "spf", Code: "spf.all", Status: Warn}, 2},
		{Finding{Check: "spf", Code: "spf.all", Status: Fail}, 2},
		{Finding{Check: "dmarc", Code: "dmarc.none", Status: Fail}, 1},
		{Finding{Check: "dmarc", Code: "dmarc.other", Status: Fail}, 2},
		{Finding{Check: "mx", Code: "mx.none", Status: Fail}, 1},
		{Finding{Check: "mx", Code: "mx.null", Status: Fail}, 2},
	} {
		if got := NagiosCode(&tt.f, overrides); got != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.f.Code, tt.f.Status, got, tt.want)
		}
	}
}

func TestParseOverride(t *testing.T) {
	if o, err := ParseOverride("spf=warn", NagiosCritical); err != nil || o != (Override{"spf", Warn, NagiosCritical}) {
		t.Errorf("%+v, %v", o, err)
	}
	for _, bad := range []string{"", "spf", "=warn", "spf=bad", "spf=unset", "spf=WARN"} {
		if _, err := ParseOverride(bad, NagiosWarning); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

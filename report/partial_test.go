package report

import (
	"strings"
	"testing"
)

// A run that did not check all says so beside its verdict, in every format that
// has the verdict in words.
func TestPartialVerdict(t *testing.T) {
	for options, want := range map[string]string{
		"--only mx,spf":                  "NOT READY (only: mx, spf)",
		"--cloud gcc --skip submission":  "NOT READY (without: submission)",
		"--selector s1 --skip bimi,dane": "NOT READY (without: bimi, dane)",
	} {
		events := brokenRun()
		start := *events[0].Start
		start.Options = options
		events[0] = Event{Start: &start}
		for _, format := range []string{"text", "markdown", "html", "csv", "github", "nagios", "checkmk"} {
			out := render(t, format, Options{Width: 120}, events)
			if format == "github" {
				out = strings.ReplaceAll(out, "%3A", ":")
			}
			if !strings.Contains(out, want) {
				t.Errorf("%s of a run with %s does not say %q", format, options, want)
			}
		}
		for _, o := range []Options{{Width: 40}, {Width: 80, Quiet: true}} {
			if out := render(t, "text", o, events); !strings.Contains(squeezed(out), squeezed(want)) {
				t.Errorf("the text with %+v does not say %q:\n%s", o, want, out)
			}
		}
	}
}

// A long list of checks is wrapped like all else.
func TestPartialVerdictWidth(t *testing.T) {
	events := severalRun()
	start := *events[0].Start
	start.Options = "--skip mtasts,tlsrpt,dane,bimi,autodiscover,clients"
	events[0] = Event{Start: &start}
	for _, o := range []Options{{Width: 40}, {Width: 60, Quiet: true}, {Width: 60, Verbose: true}} {
		for l := range strings.Lines(render(t, "text", o, events)) {
			if w := width(strings.TrimSuffix(l, "\n")); w > o.Width && !strings.Contains(l, "https://") {
				t.Errorf("%d columns on a terminal of %d: %s", w, o.Width, l)
			}
		}
	}
}

// Options that are read back are not trusted.
func TestPartialVerdictHostile(t *testing.T) {
	for _, options := range []string{"", "--only", "--only \x1b[2J", "--skip <b>", "--only " + strings.Repeat("a,", 200), "--onlymx", "mx --skip"} {
		if got := (&Start{Options: options}).titleOf(Ready); got != "READY" {
			t.Errorf("%q makes the verdict %q", options, got)
		}
	}
}

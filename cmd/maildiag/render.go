package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"maildiag/checks"
	"maildiag/report"
)

func (a *app) renderCmd() *cobra.Command {
	var f outFlags
	c := &cobra.Command{
		Use:   "render [FILE|-]",
		Short: "Write a saved run (--format ndjson, jsonl or json) again in another format",
		Long: `Reads the stream of events that --format ndjson wrote, from FILE or stdin, and
writes it in any other format, byte for byte as the run itself would have
written it, with the same exit code. A stream that was cut off is rendered as
far as it goes and leads to exit code 3, or 1 if a failure is in it.

Reports of --format jsonl or json, such as those of maildiag bulk and maildiagd
results, become one run of the same domains and findings.

` + formatList(),
		Example: `  maildiag --format ndjson contoso.com > run.ndjson
  maildiag render --format html --output report.html < run.ndjson
  maildiagd results --run ID | maildiag render --format csv`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			in, closeIn, err := a.openInput(args)
			if err != nil {
				return err
			}
			defer closeIn()
			return a.render(c, in, &f)
		},
	}
	f.add(c.Flags())
	return c
}

// formatList reports the formats, a line each.
func formatList() string {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "Formats:")
	for _, f := range report.Formats() {
		fmt.Fprintf(tw, "  %s\t%s\n", f.Name, f.About)
	}
	tw.Flush()
	return strings.TrimRight(b.String(), "\n")
}

// openInput returns the file that args names, or stdin.
func (a *app) openInput(args []string) (in io.Reader, closeIn func() error, err error) {
	if len(args) == 0 || args[0] == "-" {
		return a.in, func() error { return nil }, nil
	}
	file, err := os.Open(args[0])
	if err != nil {
		return nil, nil, usage("name a file that --format ndjson, jsonl or json wrote", "cannot read the run: %v", err)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		_ = file.Close()
		return nil, nil, usage("name a file that --format ndjson, jsonl or json wrote", "cannot read the run: %s is a folder", args[0])
	}
	return file, file.Close, nil
}

// renderGarbage lets garbage be collected less often than usual: nothing of a domain
// stays when it is written.
const renderGarbage = 400

// render replays in. What the stream says of --fail-on holds unless the flag
// is given here.
func (a *app) render(c *cobra.Command, in io.Reader, f *outFlags) error {
	out, err := a.openOutput(f)
	if err != nil {
		return err
	}
	sink := report.Sink(out)
	if c.Flags().Changed("fail-on") {
		sink = failOn{out, f.failStatus()}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(renderGarbage))
	err = report.Render(in, checks.Infos(checks.All()), sink)
	if errors.Is(err, report.ErrUnfinished) {
		a.complain(errors.New("the run that is rendered was cut off before its end"), "")
		err = nil // rendered as far as it goes; the tally knows
	}
	var bad *report.StreamError
	if errors.As(err, &bad) {
		out.abandon()
		return usage("maildiag render reads what --format ndjson, jsonl or json wrote", "%v", err)
	}
	return out.finish(c.Context(), err)
}

// failOn sets another --fail-on for a replayed run.
type failOn struct {
	report.Sink
	status report.Status
}

func (f failOn) Emit(e report.Event) error {
	if e.Start != nil {
		s := *e.Start
		s.FailOn = f.status
		e.Start = &s
	}
	return f.Sink.Emit(e)
}

// abandon drops the output file, so that the old one stays.
func (o *output) abandon() {
	if o.file != nil {
		o.file.Discard()
	}
}

package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/term"

	"maildiag/checks/kit"
	"maildiag/report"
)

// output is where a result goes: a renderer, the tally of what it is worth,
// and the file behind them.
type output struct {
	report.Sink
	tally  *report.Tally
	format string
	array  *jsonArray         // nil: another format
	file   *report.AtomicFile // nil: stdout
	buf    *bufio.Writer      // before file
}

func formats() []string { return report.FormatNames() }

func (o *outFlags) failStatus() report.Status {
	if o.failOn == "warn" {
		return report.Warn
	}
	return report.Fail
}

// openOutput makes the renderer that the flags ask for, with the tally and
// the progress of a run over few domains.
func (a *app) openOutput(o *outFlags) (*output, error) {
	out, err := a.openRenderer(o)
	if err == nil {
		out.Sink = report.Tee(out.tally, a.withProgress(out.Sink))
	}
	return out, err
}

// openRenderer makes the renderer alone.
func (a *app) openRenderer(o *outFlags) (*output, error) {
	if o.json {
		o.format = "json"
	}
	if o.output == "-" { // stdout, as everywhere
		o.output = ""
	}
	if err := oneOf("--fail-on", o.failOn, valueNames(failOns())); err != nil {
		return nil, err
	}
	if o.host != "" && o.format != "zabbix" {
		return nil, usage("--format zabbix --host "+kit.Shorten(o.host), "--host is for --format zabbix, not for %s", o.format)
	}
	opts, err := a.renderOptions(o)
	if err != nil {
		return nil, err
	}
	out := &output{tally: &report.Tally{Overrides: opts.Overrides}, format: o.format}
	w := unguarded(a.out) // each format has a guard of its own
	if o.output != "" {
		if out.file, err = report.CreateAtomic(o.output); err != nil {
			return nil, notOpened(err)
		}
		out.buf = bufio.NewWriter(out.file)
		w = out.buf
	}
	if o.format == "json" {
		out.array, err = newJSONArray(w, opts)
		out.Sink = out.array
		return out, err
	}
	sink, err := report.New(o.format, w, opts)
	if err != nil {
		out.abandon()
		return nil, usage(cmp.Or(didYouMean(o.format, formats()), "--format "+orList(formats())), "there is no format %q", o.format)
	}
	out.Sink = sink
	return out, nil
}

// renderOptions looks at the terminal and the environment.
func (a *app) renderOptions(o *outFlags) (report.Options, error) {
	fd, terminal := terminalOf(a.out)
	opts := report.Options{Quiet: o.quiet, Verbose: o.verbose, Unicode: unicodeLocale(), Host: o.host}
	if o.output != "" {
		terminal = false
		opts.Dir = filepath.Dir(o.output) // the result needs as much room there
	}
	switch o.color {
	case "always":
		opts.Color = true
	case "auto":
		opts.Color = terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	case "never":
	default:
		return opts, oneOf("--color", o.color, valueNames(colors()))
	}
	if terminal {
		opts.Width, _, _ = term.GetSize(fd)
	}
	var err error
	opts.Overrides, err = o.overrides()
	return opts, err
}

// overrides reads --warn and --crit; where both name a finding, --crit wins.
func (o *outFlags) overrides() (all []report.Override, err error) {
	for _, set := range []struct {
		flag   string
		values []string
		state  int
	}{{"--warn", o.warn, report.NagiosWarning}, {"--crit", o.crit, report.NagiosCritical}} {
		for _, v := range set.values {
			one, err := report.ParseOverride(v, set.state)
			if err != nil {
				return nil, usage(set.flag+" mx.leftover=fail; maildiag checks lists the IDs", "%s %s: %v", set.flag, v, err)
			}
			if err := mustBeID(one.ID); err != nil {
				return nil, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// writeTo calls write with stdout or, if path is not empty, with the file of
// that name, which is written whole or not at all.
func (a *app) writeTo(path string, write func(io.Writer) error) error {
	if path == "" || path == "-" {
		return write(a.out)
	}
	file, err := report.CreateAtomic(path)
	if err != nil {
		return notOpened(err)
	}
	if err := write(report.NewGuard(file, report.PlainEscapes)); err != nil {
		file.Discard()
		return err
	}
	return file.Commit()
}

// writableHint is the hint for a name under which no file can be written.
const writableHint = "name a file in a folder that can be written"

// notOpened makes the error of a file that cannot be written to.
func notOpened(err error) error {
	return usage(writableHint, "cannot write the result: %v", err)
}

// notWritten makes the error of a result that did not get out.
func notWritten(err error) error {
	if _, ok := errors.AsType[*hintError](err); ok {
		return err
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok && file.Op != "write" && file.Op != "sync" {
		return notOpened(err)
	}
	return failed("is the disk full, or the reader gone?", "cannot write the result: %v", err)
}

// unguarded returns the stream behind a [report.Guard].
func unguarded(w io.Writer) io.Writer {
	if g, ok := w.(*report.Guard); ok {
		return g.Unwrap()
	}
	return w
}

// terminalOf returns the descriptor of a stream if it is a terminal.
func terminalOf(stream any) (fd int, ok bool) {
	if g, guarded := stream.(*report.Guard); guarded {
		stream = g.Unwrap()
	}
	f, isFile := stream.(*os.File)
	if !isFile {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}

// unicodeLocale reports whether the locale shows UTF-8. Windows terminals do.
func unicodeLocale() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin"
}

// finish completes the file and gives the exit code of the findings as an
// error, or what went wrong.
func (o *output) finish(ctx context.Context, err error) error {
	if o.array != nil && (err == nil || ctx.Err() != nil) {
		err = cmp.Or(err, o.array.end())
	}
	if o.file != nil {
		if err == nil {
			err = o.buf.Flush()
		}
		if err == nil {
			err = o.file.Commit()
		} else {
			o.file.Discard()
		}
	}
	switch {
	case err != nil && ctx.Err() == nil:
		return failed("is the disk full, or the reader gone?", "cannot write the result: %v", err)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	if code := o.tally.ExitFor(o.format); code != exitOK {
		return codeError(code)
	}
	return nil
}

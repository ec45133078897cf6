package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"maildiag/cmd/internal/redact"
	"maildiag/cmd/internal/signals"
	"maildiag/dnsrec"
	"maildiag/report"
)

// The exit codes: those of the report, and one more.
const (
	exitOK      = report.ExitOK
	exitFound   = report.ExitFound
	exitUsage   = report.ExitUsage // also: a file that it names cannot be used
	exitUnknown = report.ExitUnknown
	exitSignal  = 128 // and the number of the signal that stopped it
)

// app is what every command shares: the three streams.
type app struct {
	in       io.Reader
	out, err io.Writer // run puts a [report.Guard] before both

	complaint string // the last error that was printed
}

// codeError ends the program with a code and says nothing more.
type codeError int

func (c codeError) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// hintError is an error for the user: what is wrong, and what to do.
type hintError struct {
	code int
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// usage makes the error of a call that cannot be used (exit code 2).
func usage(hint, format string, args ...any) error {
	return &hintError{exitUsage, fmt.Errorf(format, args...), hint}
}

// failed makes the error of a run that could not be done (exit code 3).
func failed(hint, format string, args ...any) error {
	return &hintError{exitUnknown, fmt.Errorf(format, args...), hint}
}

// exitCode prints err, if it is one, and turns it into the exit code.
func (a *app) exitCode(ctx context.Context, err error) int {
	var code codeError
	var he *hintError
	var file *fs.PathError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case ctx.Err() != nil:
		a.complain(context.Cause(ctx), "what is written so far says that it is unfinished")
		return signals.Code(ctx)
	case errors.As(err, &he):
		var name *dnsrec.NameError
		if errors.As(err, &name) && name.Hint != "" {
			he.hint = name.Hint // it knows better what was typed
		}
		a.complain(he.err, he.hint)
		return he.code
	}
	if errors.As(err, &file) && file.Op == "write" {
		return a.unwritten(err)
	}
	a.complain(err, "maildiag --help lists the commands and flags")
	return exitUsage // what cobra and pflag complain of
}

// unwritten says that the result did not get out, whatever it was.
func (a *app) unwritten(err error) int {
	a.complain(fmt.Errorf("cannot write the result: %w", err), "is the disk full, or the reader gone?")
	return exitUnknown
}

// complain prints an error and its hint, one line each.
func (a *app) complain(err error, hint string) {
	text := err.Error()
	for _, p := range []string{"dnsrec", "report", "checks", "smtpprobe", "httpsget"} { // whose error it is helps nobody here
		text = strings.ReplaceAll(strings.TrimPrefix(text, p+": "), ": "+p+": ", ": ")
	}
	a.complaint = oneLine(redact.URLs(text))
	fmt.Fprintln(a.err, "maildiag: error:", a.complaint)
	if hint != "" {
		fmt.Fprintln(a.err, "maildiag: hint:", oneLine(hint))
	}
}

// nagiosUnknown says on stdout what went wrong, in the form and with the code of
// a plugin that cannot tell. A run that was interrupted has said so itself.
func (a *app) nagiosUnknown() int {
	fmt.Fprintln(a.out, "MAILDIAG UNKNOWN -", strings.ReplaceAll(a.complaint, "|", "/"))
	return report.NagiosUnknown
}

func oneLine(s string) string {
	return report.Clean(strings.Join(strings.Fields(s), " "))
}

func (a *app) rootCmd() *cobra.Command {
	root := a.checkCmd("maildiag [check] DOMAIN...")
	root.Long = `maildiag reports whether mail for a domain on (or moving to) Microsoft 365 will be
delivered, and if not: what is wrong, who must act, and the exact record or
switch to change.`
	root.Example = "  maildiag contoso.com\n  maildiag --json contoso.com | jq .verdict\n  maildiag demo"
	root.Version = version()
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(writeUsage)
	root.PersistentPreRunE = prepare
	root.PersistentFlags().String("config", "", "configuration `FILE` (default: maildiag/maildiag.yaml in the user's configuration folder or /etc)")
	root.AddCommand(
		a.checkCmd("check DOMAIN..."),
		a.bulkCmd(),
		a.checksCmd(),
		a.configCmd(),
		a.consistencyCmd(),
		a.demoCmd(),
		a.doctorCmd(),
		a.explainCmd(),
		a.factsCmd(),
		a.migrateCmd(),
		a.planCmd(),
		a.renderCmd(),
		a.reportsCmd(),
		a.smtpCmd(),
		a.spfCmd(),
		a.dmarcCmd(),
		a.versionCmd(),
	)
	root.AddCommand(a.manCmd(root))
	helpTopics(root)
	a.completionCmd(root)
	completeFlags(root)
	return root
}

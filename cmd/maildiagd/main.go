// The program maildiagd serves maildiag's checks: a page for people, an API for
// programs, an exporter for monitoring, and tools for assistants.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"maildiag/cmd/internal/flagvalue"
	"maildiag/cmd/internal/redact"
	"maildiag/cmd/internal/release"
	"maildiag/cmd/internal/signals"
	"maildiag/report"
)

// linked is set by the linker: -ldflags "-X main.linked=1.2.3".
var linked string

func main() {
	ctx, stop := signals.Until(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := program(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitPart   = 3 // some of what was given is left out
)

// program is the whole program.
func program(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCmd(stdin, stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var failed *failure
	by, early := errors.AsType[signals.Stopped](context.Cause(ctx))
	switch {
	case err == nil:
		return exitOK
	case early:
		hint := ""
		if errors.As(err, &failed) && strings.Contains(failed.hint, "--run") {
			hint = failed.hint
		}
		complain(stderr, by, hint)
		return signals.Code(ctx)
	case errors.As(err, &failed):
		complain(stderr, failed.err, failed.hint)
		return failed.code
	}
	complain(stderr, err, "maildiagd --help lists the commands and flags")
	return exitUsage
}

// failure is an error for the user: what is wrong, and what to do.
type failure struct {
	code int
	err  error
	hint string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usage(hint, format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...), hint}
}

func failed(hint, format string, args ...any) error {
	return &failure{exitFailed, fmt.Errorf(format, args...), hint}
}

func complain(w io.Writer, err error, hint string) {
	fmt.Fprintf(w, "maildiagd: error: %s\n", oneLine(err))
	if hint != "" {
		fmt.Fprintf(w, "maildiagd: hint: %s\n", hint)
	}
}

// oneLine returns the text of an error, which may be that of several, on one line.
func oneLine(err error) string {
	var parts []string
	for line := range strings.Lines(err.Error()) {
		if line = report.Clean(redact.URLs(strings.TrimSpace(line))); line != "" {
			parts = append(parts, line)
		}
	}
	return strings.ReplaceAll(strings.Join(slices.Compact(parts), "; "), ":; ", ": ")
}

func rootCmd(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := serveCmd("maildiagd", stdout, stderr)
	root.SilenceErrors, root.SilenceUsage, root.Version = true, true, release.Version(linked)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		var given []string
		c.Flags().Visit(func(f *pflag.Flag) { given = append(given, f.Name) })
		if name := flagvalue.Empty(c.Flags(), given); name != "" {
			return usage("leave out --"+name+", or give it a value", "--%s has an empty value", name)
		}
		return fromEnvironment(c.Flags())
	}
	root.AddCommand(serveCmd("serve", stdout, stderr), mcpCmd(stdin, stdout), workerCmd(stdout, stderr),
		submitCmd(stdin, stdout, stderr), statusCmd(stdout), resultsCmd(stdout, stderr), drainCmd(stderr), exportCmd(stdout), &cobra.Command{
			Use: "version", Short: "Print the version", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				_, err := fmt.Fprintln(stdout, "maildiagd", release.Version(linked))
				return err
			},
		})
	return root
}

// fromEnvironment sets each flag that was not given from MAILDIAG_NAME.
func fromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := "MAILDIAG_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(f.Name))
		value, ok := os.LookupEnv(name)
		if !ok || f.Changed || err != nil || f.Name == "help" {
			return
		}
		if e := flags.Set(f.Name, value); e != nil {
			err = usage("unset "+name+", or give --"+f.Name+" on the command line", "%s: %v", name, e)
		}
	})
	return err
}

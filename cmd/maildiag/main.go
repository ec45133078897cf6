package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"

	"maildiag/cmd/internal/signals"
	"maildiag/report"
)

func main() {
	ctx, stop := signals.Until(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program: it parses args, does what they say and gives the
// exit code. Nothing below it calls os.Exit.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := report.NewGuard(stdout, report.PlainEscapes)
	a := &app{in: stdin, out: out, err: report.NewGuard(stderr, report.PlainEscapes)}
	root := a.rootCmd()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.out)
	root.SetErr(a.err)
	c, err := root.ExecuteContextC(ctx)
	code := a.exitCode(ctx, placed(c, err))
	if code == exitOK && out.Err() != nil { // help and lists do not look
		code = a.unwritten(out.Err())
	}
	if a.complaint != "" && code != exitOK && code < exitSignal && wantsNagios(args) {
		return a.nagiosUnknown()
	}
	return code
}

// wantsNagios reports whether the caller is a monitoring system, also where the rest
// of the call cannot be read.
func wantsNagios(args []string) bool {
	format := valueIn(args, "--format", "MAILDIAG_FORMAT")
	if format == "" {
		if cfg, err := readConfig(configPath(valueIn(args, "--config", "MAILDIAG_CONFIG"))); err == nil {
			format = strings.Join(cfg.values["format"].values, "")
		}
	}
	return format == "nagios" && !slices.Contains(args, "--json")
}

// valueIn returns the value of a flag in arguments, or else in the environment.
func valueIn(args []string, flag, env string) string {
	value := os.Getenv(env)
	for i, arg := range args {
		if v, ok := strings.CutPrefix(arg, flag+"="); ok {
			value = v
		} else if i > 0 && args[i-1] == flag {
			value = arg
		}
	}
	return value
}

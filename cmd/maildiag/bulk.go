package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
	"maildiag/cmd/internal/domainlist"
	"maildiag/cmd/internal/signals"
	"maildiag/dnsrec"
	"maildiag/report"
)

// bulkFlags are the flags of a check of a list of domains.
type bulkFlags struct {
	checkFlags
	column         string
	ordered        bool
	resume         string
	concurrency    int
	summary        bool
	withSubmission bool
}

// bulkConcurrency is how many domains are examined at once. A domain takes three
// or four round trips to the resolver in turn, so this many make two thousand a
// second at 20 ms a round trip, in 64 MB.
const bulkConcurrency = 256

// maxConcurrency is how many domains are examined at once at the most. More of
// them only take memory, and time for its garbage.
const maxConcurrency = 512

// tuneMemory lets garbage be collected a third as often as usual, for most of
// what a domain needs is garbage when it is written; but more often than that
// where the run would take more memory than it is worth.
func (b *bulkRun) tuneMemory() (restore func()) {
	percent := debug.SetGCPercent(300)
	limit := debug.SetMemoryLimit(b.memoryFor(0))
	return func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }
}

// memoryFor returns how many bytes a run takes for its domains at once, of which
// more than usual are not worth a collector that is always busy, and for the slow
// ones beside them.
func (b *bulkRun) memoryFor(slow int) int64 {
	active := b.f.concurrency
	usual, base := min(active, bulkConcurrency), int64(37<<20)
	if b.f.dialMX {
		base += 32 << 20 // what mail servers said
	}
	return base + int64(usual)*72<<10 + int64(slow)*112<<10 + int64(active-usual)*200<<10
}

func (a *app) bulkCmd() *cobra.Command {
	var f bulkFlags
	c := &cobra.Command{
		Use:   "bulk FILE|-",
		Short: "Check a list of domains, thousands of them",
		Long: `Reads a list of domains from FILE or stdin, one a line (# starts a comment;
--column takes a column of CSV), and writes one JSON document a line, as each
is done. What several domains share is asked once. The submission host is left
out unless --with-submission or --only names it, and is then asked once; the
servers that the MX records name are never contacted.

Lines that name no domain are reported on stderr with their number, and the rest
is checked. The exit code is that of the worst domain: 1 before 3 before 0; lines that
name no domain count as "could not check".

--resume FILE writes to FILE and keeps what is there: after a kill or a crash,
the same command continues where it stopped.`,
		Example: `  maildiag bulk domains.txt > result.jsonl
  maildiag bulk --resume result.jsonl --summary domains.txt
  maildiag bulk --column DomainName --qps 50 accepted.csv | jq -r 'select(.verdict=="not_ready").domain'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("maildiag bulk domains.txt, or maildiag bulk - for stdin", "bulk takes one list")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.bulk(c.Context(), args[0], &f) },
	}
	f.netFlags.add(c.Flags())
	f.outFlags.add(c.Flags())
	f.domainFlags.add(c.Flags())
	f.changeFlags.add(c.Flags())
	f.format = "jsonl"
	c.Flags().Lookup("format").DefValue = f.format
	c.Flags().StringVar(&f.column, "column", "",
		"the list is CSV: take the column of this `NAME` in the first row, or number (from 1; no header)")
	c.Flags().BoolVar(&f.ordered, "ordered", false,
		"write in the order of the list; a slow domain then delays those behind it")
	c.Flags().StringVar(&f.resume, "resume", "", "write to `FILE` and keep what an earlier run wrote there")
	c.Flags().IntVar(&f.concurrency, "concurrency", bulkConcurrency,
		fmt.Sprintf("domains at once, up to %d (more gain nothing)", maxConcurrency))
	c.Flags().Float64Var(&f.qps, "qps", 0,
		"DNS questions a second at most (default: as many as the resolver serves)")
	c.Flags().BoolVar(&f.summary, "summary", false,
		"at the end, list the worst domains and the counts by check on stderr")
	c.Flags().BoolVar(&f.withSubmission, "with-submission", false,
		"examine the submission host too, once for all domains")
	c.Flags().BoolVar(&f.dialMX, "dial-mx", false,
		"connect to the mail servers of the domains on port 25 too, once to each, with one connection at a time to a network")
	return c
}

// shown returns the flags that reports show: those of a list, and what else makes
// reports different.
func (f *bulkFlags) shown(rows []kit.Check) string {
	out := checks.BulkOptions(f.asked(), rows)
	if f.baseline != "" {
		out += " --baseline"
	}
	if f.accept != "" {
		out += " --accept"
	}
	return strings.TrimSpace(out)
}

// validate looks at what can be wrong with the flags alone.
func (f *bulkFlags) validate() error {
	switch {
	case f.concurrency < 1:
		return usage("--concurrency 64", "--concurrency must be at least 1")
	case !(f.qps >= 0):
		return usage("--qps 100", "--qps must be a number that is not negative")
	case f.resume != "" && f.output != "":
		return usage("--resume FILE alone says where to write", "--resume and --output exclude each other")
	case f.resume != "" && (f.json || f.format != "jsonl"):
		return usage("leave --format out; maildiag render makes other formats",
			"--resume continues the format jsonl only")
	}
	return nil
}

// bulk opens the list, the world and the output, and runs.
func (a *app) bulk(ctx context.Context, name string, f *bulkFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	f.concurrency = min(f.concurrency, maxConcurrency)
	asked := f.domainFlags
	if !f.withSubmission && !slices.Contains(f.only, "submission") {
		asked.skip = append(slices.Clone(f.skip), "submission")
	}
	rows, err := asked.rows()
	if err != nil {
		return err
	}
	if f.dialMX {
		rows = checks.WithMailServers(rows)
	}
	in, size, err := a.openList(name)
	if err != nil {
		return err
	}
	defer in.Close()
	list, err := domainlist.New(in, f.column)
	if err != nil {
		return unreadable(name, err)
	}
	f.pooled = true
	w, err := f.netFlags.open()
	if err != nil {
		return err
	}
	if name == "-" {
		name = "stdin"
	}
	return closing(w, a.bulkWith(ctx, &bulkRun{f: f, w: w, rows: rows, list: list, name: name, size: size}))
}

// openList opens the list; its size is 0 if that is not known.
func (a *app) openList(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(a.in), 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, unreadable(name, err)
	}
	st, err := file.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return file, 0, nil
	}
	return file, st.Size(), nil
}

func unreadable(name string, err error) error {
	return usage("name a file with one domain a line, or - for stdin", "cannot read the list %s: %v", name, withoutPath(err))
}

// withoutPath returns the reason of an error of a file, for a message that names
// the file itself.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// bulkWith examines the list in a world.
func (a *app) bulkWith(ctx context.Context, b *bulkRun) error {
	var err error
	if b.newEnv, err = b.f.envMaker(b.w); err != nil {
		return err
	}
	known, err := b.f.changeFlags.open(b.f.format)
	if err != nil {
		return err
	}
	defer known.close()
	if b.f.replay == "" {
		if err := usable(ctx, b.w.DNS, b.w.Resolver); err != nil {
			return err
		}
	}
	shut := ""
	if b.f.dialMX {
		shut = mxserver.Shut(ctx, b.w.World)
	}
	b.seen = domainlist.NewNameSet()
	if err := a.openBulkOutput(b); err != nil {
		return err
	}
	b.out.Sink = known.before(b.out.Sink)
	b.console = newConsole(a.err, b.f.quiet, b.size)
	if b.list.UTF16 {
		b.console.note("%s is UTF-16 and read as such", b.name)
	}
	if shut != "" {
		b.console.note("the mail servers are not checked: %s", shut)
	}
	if os.Getenv("GOGC")+os.Getenv("GOMEMLIMIT") == "" {
		b.tuned = true
		defer b.tuneMemory()()
	}
	err = b.run(ctx)
	b.console.stop()
	return a.bulkEnd(ctx, b, err)
}

// redirectTime is how long the resolver may take to show that it is honest.
const redirectTime = 8 * time.Second

// usable asks the resolver two questions, so that a list of thousands of domains
// is not answered with thousands of time-outs, nor judged by what a captive
// portal makes up.
func usable(ctx context.Context, dns dnsrec.Resolver, name string) error {
	if err := dnsrec.Answers(ctx, dns); err != nil {
		return failed("check this machine's network, or name another resolver with --resolver",
			"the resolver %s does not answer: %v", name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, redirectTime)
	defer cancel()
	if to, _ := dnsrec.Redirected(ctx, dns, "bulk"); len(to) > 0 {
		return failed("sign in to the network if it has a portal, or name another resolver with --resolver",
			"the resolver %s invents answers: it gives %s for names that do not exist", name, strings.Join(to, ", "))
	}
	return nil
}

// bulkEnd reports how the run went and returns its exit code as an error.
func (a *app) bulkEnd(ctx context.Context, b *bulkRun, err error) error {
	if b.f.summary && err == nil && b.written > 0 {
		if b.past.domains > 0 {
			fmt.Fprintf(a.err, "maildiag: the tables are of the %s of this run, not of the %d from before\n\n",
				kit.Plural(b.written, "domain", "domains"), b.past.domains)
		}
		b.stats.write(a.err)
	}
	if !b.f.quiet && b.total() > 0 {
		fmt.Fprintln(a.err, "maildiag:", b.count())
	}
	var bad *domainlist.ColumnError
	var list *listError
	switch {
	case errors.As(err, &bad):
		b.out.abandon()
		return usage("--column NAME as in the first row, or a number from 1", "%s: %v", b.name, bad)
	case errors.As(err, &list):
		b.out.abandon()
		return unreadable(b.name, list.err)
	case err == nil && ctx.Err() == nil && b.total() == 0:
		b.out.abandon()
		hint := "write one domain a line"
		if b.table {
			hint = "a CSV file: --column NAME as in the first row, or a number from 1"
		}
		return usage(hint, "there is no domain in the list %s", b.name)
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx) // a part in the file of --output would pass for the whole
	}
	end := b.out.finish(ctx, err)
	var code codeError
	switch {
	case ctx.Err() != nil && context.Cause(ctx) == end:
		a.complain(end, b.howToGoOn())
		return codeError(signals.Code(ctx))
	case end != nil && !errors.As(end, &code):
		return end
	case b.past.domains == 0:
		return end
	}
	if code := b.code(); code != exitOK {
		return codeError(code)
	}
	return nil
}

// code returns the exit code of a list that was continued: that of its worst
// domain, be it from an earlier run; lines without a domain could not be judged.
func (b *bulkRun) code() int {
	if b.written == 0 && b.bad == 0 {
		return b.past.code
	}
	return report.WorseExit(b.past.code, b.out.tally.ExitCode())
}

func (b *bulkRun) howToGoOn() string {
	switch {
	case b.f.resume != "":
		return "what is written is whole; the same command goes on from here"
	case b.f.output != "":
		return b.f.output + " is as it was; with --resume FILE a run can be continued"
	}
	return "what is written is whole; with --resume FILE a run can be continued"
}

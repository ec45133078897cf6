package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"sync"
	"text/tabwriter"

	"maildiag/checks/kit"
	"maildiag/checks/migrate"
	"maildiag/cmd/internal/domainlist"
	"maildiag/report"
)

// listWorkers is how many domains of a list are examined side by side. More would
// put too many questions to the servers of a top-level domain at once.
const listWorkers = 32

// migrateRow is what a list says of one domain.
type migrateRow struct {
	domain string
	report *migrate.Report
	err    error // why there is none
}

// migrateListed examines several domains: those of a list, or of the arguments.
func (a *app) migrateListed(ctx context.Context, args []string, f *migrateFlags) error {
	switch {
	case f.list != "" && len(args) > 0:
		return usage("maildiag migrate --list "+f.list, "--list names the domains; %q is one more", report.CleanTo(args[0], maxTyped))
	case f.to != "" || f.expected != "" || f.mx != "" || f.wait || f.zone.file != "" || f.output != "" || f.format != "text" && f.format != "json":
		return usage("maildiag migrate contoso.com", "--to, --mx, --expected, --wait, --zone, --output and formats other than text and json are for one domain")
	}
	names, bad, err := once(args)
	if f.list != "" {
		names, bad, err = a.readListed(f.list)
	}
	if err != nil {
		return err
	}
	w, err := f.netFlags.open()
	if err != nil {
		return err
	}
	err = a.migrateAll(ctx, names, f, w)
	if err == nil && bad > 0 {
		err = codeError(exitUnknown) // of these lines, nothing can be told
	}
	return closing(w, err)
}

// once returns the domains of the arguments, each once; none of them is bad.
func once(args []string) (names []string, bad int, err error) {
	seen := domainlist.NewNameSet()
	for _, name := range args {
		domain, _, err := kit.MailDomain(name)
		if err != nil {
			return nil, 0, usage("maildiag migrate contoso.com fabrikam.com", "%w", err)
		}
		if seen.Add(domain) {
			names = append(names, name)
		}
	}
	return names, 0, nil
}

// readListed reads the domains of a file, or of the standard input.
func (a *app) readListed(name string) (names []string, bad int, err error) {
	file, _, err := a.openList(name)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	if name == "-" {
		name = "stdin"
	}
	return a.readDomains(file, name)
}

// readDomains reads the domains of a list, each once, says which lines are left out,
// and counts them.
func (a *app) readDomains(r io.Reader, name string) (names []string, bad int, err error) {
	list, err := domainlist.New(r, "")
	if err != nil {
		return nil, 0, unreadable(name, err)
	}
	seen, left := domainlist.NewNameSet(), &console{err: a.err}
	for {
		e, err := list.Next()
		switch {
		case errors.Is(err, io.EOF) && len(names) == 0:
			return nil, 0, usage("write one domain a line", "there is no domain in the list %s", name)
		case errors.Is(err, io.EOF):
			return names, left.bad, nil
		case err != nil:
			return nil, 0, unreadable(name, err)
		}
		domain := ""
		if e.Err == nil {
			domain, _, e.Err = kit.MailDomain(e.Text)
		}
		if e.Err != nil {
			left.badLine(name, e.Line, e.Err)
		} else if seen.Add(domain) {
			names = append(names, e.Text)
		}
	}
}

// readNames reads the names of a list, each once.
func readNames(r io.Reader) (names []string, err error) {
	list, err := domainlist.New(r, "")
	if err != nil {
		return nil, err
	}
	seen := domainlist.NewNameSet()
	for {
		e, err := list.Next()
		switch {
		case errors.Is(err, io.EOF):
			return names, nil
		case err != nil:
			return nil, err
		case e.Err != nil:
			return nil, fmt.Errorf("line %d: %w", e.Line, e.Err)
		}
		if seen.Add(e.Text) {
			names = append(names, e.Text)
		}
	}
}

// migrateAll examines domains side by side, and writes them in their order.
func (a *app) migrateAll(ctx context.Context, names []string, f *migrateFlags, w *world) error {
	newEnv, err := f.envMaker(w)
	if err != nil {
		return err
	}
	rows, done := make([]migrateRow, len(names)), make([]chan struct{}, len(names))
	for i := range done {
		done[i] = make(chan struct{})
	}
	var workers sync.WaitGroup
	defer workers.Wait()
	next := make(chan int, len(names))
	for i := range names {
		next <- i
	}
	close(next)
	for range min(listWorkers, len(names)) {
		workers.Go(func() {
			for i := range next {
				rows[i] = f.row(ctx, names[i], len(names) > listWorkers, newEnv, w)
				close(done[i])
			}
		})
	}
	for i := range rows {
		<-done[i]
		if f.format == "json" && rows[i].report != nil && err == nil {
			err = json.NewEncoder(report.EscapedJSON(a.out)).Encode(migrateDoc(rows[i].report))
		}
	}
	switch cause := context.Cause(ctx); {
	case cause != nil:
		return cause
	case err != nil:
		return err
	case f.format != "json":
		writeMigrateTable(a.out, rows)
	}
	return a.migrateListEnd(rows)
}

// row examines one domain of a list; of a long one, only what must be known is asked.
func (f *migrateFlags) row(ctx context.Context, name string, long bool, newEnv func(string) (*kit.Env, error), w *world) migrateRow {
	env, err := newEnv(name)
	if err != nil || ctx.Err() != nil {
		return migrateRow{domain: name, err: cmp.Or(err, context.Cause(ctx))}
	}
	env.List = long
	o, err := f.migrateOptions(w, env.Domain)
	if err != nil {
		return migrateRow{domain: name, err: err}
	}
	return migrateRow{domain: env.Domain, report: f.assess(ctx, env, o, w)}
}

// migrateListEnd says which domains could not be examined, and returns the exit code of a
// list: 1 if something is to be done, otherwise 3 if something could not be checked.
func (a *app) migrateListEnd(rows []migrateRow) error {
	codes := map[int]bool{}
	for _, r := range rows {
		if r.err != nil {
			fmt.Fprintln(a.err, "maildiag: error:", oneLine(r.err.Error()))
			codes[exitUnknown] = true
			continue
		}
		codes[r.report.ExitCode()] = true
	}
	switch {
	case codes[exitFound]:
		return codeError(exitFound)
	case codes[exitUnknown]:
		return codeError(exitUnknown)
	}
	return nil
}

// writeMigrateTable writes one line a domain, by stage.
func writeMigrateTable(w io.Writer, rows []migrateRow) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r migrateRow) bool { return r.report == nil })
	rank := func(i int) int { return slices.Index(migrate.Stages(), rows[i].report.Stage) }
	sort.SliceStable(rows, func(i, j int) bool { return rank(i) < rank(j) })
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "domain\tstage\tcut-over\tnext step\towner")
	for _, r := range rows {
		step, owner := nextStep(r.report)
		fmt.Fprintf(tw, "%s\t%s%s\t%s\t%s\t%s\n", report.Clean(r.domain), r.report.Stage, parked(r.report), listGo(r.report), step, owner)
	}
	tw.Flush()
}

// listGo is the decision for a table.
func listGo(r *migrate.Report) string {
	switch {
	case r.Unknown:
		return "could not check"
	case r.Go == nil && slices.ContainsFunc(r.Reasons, func(x migrate.Reason) bool { return strings.HasPrefix(x.Code, "mx.") }):
		return "incomplete" // mail is lost, or arrives elsewhere
	case r.Go == nil:
		return "done"
	case *r.Go:
		return "GO"
	}
	return "NO-GO"
}

// nextStep is the first step that is not for later: its record, or else what to do
// in the words of the step.
func nextStep(r *migrate.Report) (step, owner string) {
	for i, s := range r.Plan.Steps {
		if r.Phases[i] == migrate.PhaseLater {
			continue
		}
		if s.ChangesRecords() {
			step = stepWords(s)
		} else {
			step, _, _ = strings.Cut(s.Text, ". ")
		}
		return report.CleanTo(strings.TrimSuffix(step, "."), textWidth), s.Owner
	}
	return "-", "-"
}

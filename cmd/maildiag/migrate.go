package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"maildiag/checks/kit"
	"maildiag/checks/migrate"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/report"
	"maildiag/report/planfmt"
)

// migrateFlags are the flags of maildiag migrate.
type migrateFlags struct {
	checkFlags
	stage    string
	hybrid   bool
	tenant   bool
	mx       string
	expected string
	noNS     bool
	lookup   bool
	list     string
	to       string
	phase    string
	servers  []string
	names    string
	keep     []string
	since    string
	waitFlags
}

func (a *app) migrateCmd() *cobra.Command {
	var f migrateFlags
	c := &cobra.Command{
		Use:   "migrate DOMAIN...",
		Short: "Show how far a move to Microsoft 365 is, and what to do next",
		Long: `Finds out from the records how far the move of a domain is, and prints the next
steps in the order that loses no mail: what to do now, at the cut-over in one
change, after it, and until when the old server and its records must stay.

The cut-over is tried first: the checks run over the changed answers, and the
command says GO or NO-GO with the reasons. It also asks the domain's own name
servers directly (UDP and TCP, port 53); --no-name-servers turns this off. Each
DNS lookup is made ` + strconv.Itoa(samples) + ` times, to find records that change.

Stages: ` + stageNames() + `.
Several domains are shown as a table, as with --list.

Exit code: 0 for GO, or if nothing is left to do; 1 for NO-GO or open steps; 3 if
that could not be checked.`,
		Example: `  maildiag migrate contoso.com
  maildiag migrate contoso.com --mx contoso-com.a-v1.mx.microsoft
  maildiag migrate contoso.com --to zone --phase cutover`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.validate(); err != nil {
				return err
			}
			if f.list != "" || len(args) > 1 {
				return a.migrateListed(c.Context(), args, &f)
			}
			args = f.netFlags.names(args)
			if len(args) == 0 {
				return usage("maildiag migrate contoso.com", "no domain given")
			}
			args, err := f.zone.split(args)
			if err != nil {
				return err
			}
			w, err := f.openWith(&f.zone, args)
			if err != nil {
				return err
			}
			return closing(w, a.migrate(c.Context(), args[0], &f, w))
		},
	}
	f.add(c.Flags())
	return c
}

// samples is how many lookups of each name a move is judged by: in its days, caches
// have old and new records.
const samples = 3

// stageNames lists the stages for the help text.
func stageNames() string {
	var words []string
	for _, v := range stages() {
		words = append(words, v.name)
	}
	return strings.Join(words, ", ")
}

func (f *migrateFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.stage, "stage", "", "use this `STAGE` instead of finding it out ("+stageNames()+")")
	fs.StringVar(&f.mx, "mx", "", "MX `HOST` that the admin center shows for the domain")
	fs.StringVar(&f.expected, "expected", "", "`FILE` of the records that the tenant expects: JSON of Get-MgDomainServiceConfigurationRecord, "+
		"CSV of the admin center, or lines of NAME TYPE VALUE")
	fs.StringVar(&f.names, "names", "", "`FILE` of subdomains that may carry mail, one a line; usual names are looked at anyway (not in lists of more than "+strconv.Itoa(listWorkers)+" domains)")
	fs.StringSliceVar(&f.keep, "keep", nil, "SPF `TERM`, host or DKIM selector that stays: it has nothing to do with the old mail system (repeatable); "+
		migrate.Outbound+": the SPF record is right without Microsoft's include, because all mail leaves through a filter")
	fs.StringVar(&f.since, "policy-since", "", "the MTA-STS policy has listed Microsoft 365 since `YYYY-MM-DD`")
	fs.BoolVar(&f.hybrid, "hybrid", false, "your own mail servers stay, beside Microsoft 365")
	fs.BoolVar(&f.tenant, "from-tenant", false, "the domain comes from another Microsoft 365 tenant")
	fs.BoolVar(&f.noNS, "no-name-servers", false, "do not ask the domain's name servers directly")
	fs.BoolVar(&f.lookup, "tenant-lookup", false, "send the domain's name to Microsoft's sign-in service, to see which tenant it is in")
	fs.StringSliceVar(&f.servers, "server", nil, "also compare this name server: `HOST` or address (repeatable)")
	fs.StringVar(&f.format, "format", "text", "`FORMAT` of the result: "+strings.Join(valueNames(migrateFormats()), ", "))
	fs.BoolVar(&f.json, "json", false, "the same as --format json")
	fs.StringVar(&f.list, "list", "", "all domains of `FILE`, one a line: a table by stage, or with --json a document a line (- for stdin)")
	fs.StringVar(&f.to, "to", "", "write the records of one phase as `FORMAT`: "+strings.Join(planfmt.FormatNames(), ", "))
	fs.StringVar(&f.phase, "phase", "", "with --to: `PHASE` to write: "+strings.Join(valueNames(phases()), ", ")+" (default now)")
	fs.StringVarP(&f.output, "output", "o", "", "write the result to `FILE` instead of stdout, whole or not at all")
	fs.StringVar(&f.cloud, "cloud", "auto", "Microsoft `CLOUD`: auto, worldwide, gcc, gcc-high, dod or china")
	fs.StringSliceVar(&f.selectors, "selector", nil, "further DKIM `SELECTOR` (repeatable)")
	fs.StringSliceVar(&f.gateways, "gateway", nil, "`HOST` of a mail filter that stays in front of the mailboxes (repeatable)")
	fs.StringVar(&f.asOf, "as-of", "", "judge times as of `YYYY-MM-DD` instead of now")
	fs.BoolVar(&f.wait, "wait", false, "repeat until every name server and resolver has the records of the stage and the old TTL has passed")
	fs.DurationVar(&f.every, "every", time.Minute, "with --wait: `INTERVAL` between looks")
	fs.DurationVar(&f.limit, "for", 2*time.Hour, "with --wait: `TIME` after which to give up")
	f.zone.add(fs)
	f.expect, f.samples = "m365", samples
	f.netFlags.add(fs)
}

// validate refuses values that do not exist.
func (f *migrateFlags) validate() error {
	if f.json {
		f.format = "json"
	}
	if err := f.validateWait(); err != nil {
		return err
	}
	if f.stage != "" {
		if err := oneOf("--stage", f.stage, valueNames(stages())); err != nil {
			return err
		}
	}
	if err := oneOf("--format", f.format, valueNames(migrateFormats())); err != nil {
		return err
	}
	if err := f.validatePhase(); err != nil {
		return err
	}
	if f.to != "" && !slices.Contains(planfmt.FormatNames(), f.to) {
		return usage(cmp.Or(didYouMean(f.to, planfmt.FormatNames()), "--to "+orList(planfmt.FormatNames())), "there is no format %q", f.to)
	}
	if f.mx == "" {
		return nil
	}
	host, _, err := dnsrec.ParseDomain(f.mx)
	if err != nil {
		return usage("--mx contoso-com.mail.protection.outlook.com", "--mx: %w", err)
	}
	f.mx = host
	return nil
}

// validatePhase refuses a phase that nothing is written of.
func (f *migrateFlags) validatePhase() error {
	given := f.phase != ""
	f.phase = cmp.Or(f.phase, string(migrate.PhaseNow))
	if err := oneOf("--phase", f.phase, valueNames(phases())); err != nil {
		return err
	}
	if given && f.to == "" {
		return usage("maildiag migrate contoso.com --to zone --phase "+f.phase, "--phase chooses the records that --to writes, and there is no --to")
	}
	return nil
}

// migrate finds out how far a domain is, and writes it.
func (a *app) migrate(ctx context.Context, name string, f *migrateFlags, w *world) error {
	envs, err := f.envs([]string{name}, w)
	if err != nil {
		return err
	}
	opts, err := f.migrateOptions(w, envs[0].Domain)
	if err != nil {
		return err
	}
	r, settled := a.assessed(ctx, envs[0], opts, f, w)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	err = a.writeTo(f.output, func(out io.Writer) error {
		if f.to != "" {
			return f.writeRecords(out, r)
		}
		return f.write(out, r)
	})
	if err != nil {
		return notWritten(err)
	}
	switch code := r.ExitCode(); {
	case code != exitOK:
		return codeError(code)
	case !settled:
		return codeError(exitFound)
	}
	return nil
}

// migrateOptions returns what the flags say of a move.
func (f *migrateFlags) migrateOptions(w *world, domain string) (o migrate.Options, err error) {
	o = migrate.Options{Stage: migrate.Stage(f.stage), Hybrid: f.hybrid, Tenant: f.tenant, MX: f.mx, Keep: f.keep, Unasked: f.noNS || w.Ask == nil,
		TenantLookup: f.lookup}
	if o.Names, err = f.readSubdomains(domain); err != nil {
		return o, err
	}
	if f.since != "" {
		day, err := time.Parse(time.DateOnly, f.since)
		if err != nil {
			return o, usage("--policy-since 2026-11-23", "--policy-since: %q is not a date", report.CleanTo(f.since, maxTyped))
		}
		o.Since = day.Add(24 * time.Hour) // the last moment of that day
	}
	o.Expected, err = f.readExpected(domain)
	return o, err
}

// assess asks the name servers, and runs the checks.
func (f *migrateFlags) assess(ctx context.Context, env *kit.Env, o migrate.Options, w *world) *migrate.Report {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	o.Look = func(ctx context.Context) *authority.Report {
		return w.look(ctx, env.Domain, authority.Options{Questions: migrate.Questions(env.Domain, f.selectors), Also: f.servers, Families: f.families()})
	}
	return migrate.Assess(ctx, env, o)
}

// readSubdomains reads the names below the domain that the user wants to be looked
// at: whole names, or the part before the domain.
func (f *migrateFlags) readSubdomains(domain string) (names []string, err error) {
	if f.names == "" {
		return nil, nil
	}
	file, err := os.Open(f.names)
	if err != nil {
		return nil, usage("name a file with one name a line", "cannot read the names: %v", err)
	}
	defer file.Close()
	list, err := readNames(file)
	if err != nil {
		return nil, unreadable(f.names, err)
	}
	if len(list) > mostSubdomains {
		return nil, usage("maildiag bulk checks long lists", "%s has more than %d names", f.names, mostSubdomains)
	}
	for _, text := range list {
		name := dnsrec.Canonical(text)
		if !strings.Contains(name, ".") { // a name with a dot may be another domain
			name += "." + domain
		}
		if _, _, err := dnsrec.ParseDomain(name); err != nil || name == domain || !dnsrec.Within(name, domain) {
			return nil, usage("write names such as news."+domain, "%s: %q is not a name below %s", f.names, report.CleanTo(text, maxTyped), domain)
		}
		names = append(names, name)
	}
	return names, nil
}

// mostSubdomains bounds what one run asks for.
const mostSubdomains = 100

// readExpected reads the records that the tenant expects.
func (f *migrateFlags) readExpected(domain string) ([]migrate.Expected, error) {
	if f.expected == "" {
		return nil, nil
	}
	file, err := os.Open(f.expected)
	if err != nil {
		return nil, usage("name a file of expected records", "cannot read the expected records: %v", err)
	}
	defer file.Close()
	list, err := migrate.ReadExpected(file, domain)
	if err != nil {
		return nil, usage("Get-MgDomainServiceConfigurationRecord -DomainId "+domain+" | ConvertTo-Json > "+f.expected, "%s: %v", f.expected, err)
	}
	return list, nil
}

// writeRecords writes the steps of one phase for a tool.
func (f *migrateFlags) writeRecords(w io.Writer, r *migrate.Report) error {
	p := report.Plan{Proven: r.Plan.Proven, Result: r.Plan.Result}
	for _, o := range r.Outlooks {
		if o.Phase == migrate.Phase(f.phase) {
			p.Result = report.PlanResult{Verdict: o.Verdict, Fail: o.Fail, Warn: o.Warn, Remaining: o.Remaining}
		}
	}
	var done []int
	for i, s := range r.Plan.Steps {
		switch {
		case r.Phases[i] == migrate.Phase(f.phase):
			p.Steps = append(p.Steps, s)
		default:
			done = append(done, s.Step)
		}
	}
	phase := migrate.Phase(f.phase)
	return planfmt.Write(w, f.to, p, planfmt.Meta{Domain: r.Domain, Version: version(), Done: done, Zones: zonesOf(r.Authority),
		Held: heldUntil(r, phase), Status: statusLines(r, phase)})
}

// heldUntil says what must be so before the steps of a phase may be taken; "": nothing.
func heldUntil(r *migrate.Report, p migrate.Phase) string {
	switch {
	case p == migrate.PhaseNow && r.Parked:
		return "you have decided that " + r.Domain + ", which receives and sends no mail today, gets mailboxes"
	case p == migrate.PhaseNow && r.Parking != "":
		return "you have decided that " + r.Domain + ", which is at a domain-parking service today, gets mailboxes"
	case r.Stage.Moved() && p == migrate.PhaseKeep && !(r.Forced && r.Stage != migrate.Cutover) && len(keepLines(r)) > 0:
		return "the old mail system is no longer needed (--stage cleanup then writes these steps)"
	case r.Stage.Moved() || p == migrate.PhaseNow:
		return ""
	case p != migrate.PhaseCutover:
		return "mail arrives at Microsoft 365"
	case r.Go == nil || !*r.Go:
		return "maildiag migrate says GO"
	}
	return ""
}

// statusLines opens the file of one phase: its records alone do not say whether to
// publish them now. It is empty after the cut-over, but for what stays for some days.
func statusLines(r *migrate.Report, p migrate.Phase) []string {
	switch {
	case r.Stage.Moved() && p == migrate.PhaseKeep:
		return keepLines(r)
	case r.Stage.Moved():
		return nil
	}
	lines := []string{goWords(r)}
	switch {
	case p == migrate.PhaseNow:
		lines = append(lines, "These steps come before the cut-over.")
	case heldUntil(r, p) != "":
		lines = append(lines, "Do not take these steps yet.")
	}
	for _, why := range r.Reasons {
		lines = append(lines, "- "+reasonWords(why))
	}
	lines = append(lines, earliestWords(r)...)
	for _, text := range r.Watch {
		lines = append(lines, "Watch: "+text)
	}
	return lines
}

// zonesOf returns the zone that a domain is in, where it is known.
func zonesOf(a *authority.Report) []string {
	if a == nil || a.Zone == "" {
		return nil
	}
	return []string{a.Zone}
}

// write writes the report in the format that the flags ask for.
func (f *migrateFlags) write(w io.Writer, r *migrate.Report) error {
	switch f.format {
	case "json":
		return migrateDoc(r).WriteJSON(w)
	case "markdown":
		return writeMigrateMarkdown(w, r)
	case "html":
		return writeMigrateHTML(w, r)
	}
	_, err := io.WriteString(w, migrateText(r))
	return err
}

// migrateDoc makes the document of a move, with what the name servers said.
func migrateDoc(r *migrate.Report) migrate.Document {
	if r.Authority == nil {
		return r.Document(nil)
	}
	return r.Document(consistencyDoc(r.Authority))
}

func migrateFormats() []value {
	return []value{{"text", "for people"}, {"json", "one JSON document"}, {"markdown", "a checklist"}, {"html", "a checklist as a page"}}
}

func stages() (out []value) {
	about := []string{"nothing is prepared", "Microsoft 365 may send; mail still arrives at the old server",
		"mail arrives at Microsoft 365; something required is open", "records of the old server are left", "nothing is left to do"}
	for i, s := range migrate.Stages() {
		out = append(out, value{string(s), about[i]})
	}
	return out
}

func phases() (out []value) {
	for _, p := range migrate.Phases() {
		out = append(out, value{string(p), phaseTitle(p)})
	}
	return out
}

// phaseTitle says when the steps of a phase are due.
func phaseTitle(p migrate.Phase) string {
	return map[migrate.Phase]string{
		migrate.PhaseNow:     "now",
		migrate.PhaseCutover: "at the cut-over, in one change, when the mailboxes are in sync",
		migrate.PhaseThen:    "then, when mail arrives at Microsoft 365",
		migrate.PhaseKeep:    "keep for now, and delete later",
		migrate.PhaseLater:   "later, after some weeks of DMARC reports",
	}[p]
}

// stageTitle numbers a stage.
func stageTitle(r *migrate.Report) string {
	all := migrate.Stages()
	if r.Stage == migrate.NotKnown {
		return "stage not known"
	}
	return fmt.Sprintf("stage %d of %d: %s", slices.Index(all, r.Stage)+1, len(all), r.Stage)
}

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/migrate"
	"maildiag/dnsrec/authority"
	"maildiag/report"
)

// migrateText is the report of a move for people.
func migrateText(r *migrate.Report) string {
	t := &migratePage{r: r}
	t.head()
	t.inventory()
	t.lines("done", r.Done)
	var expected []string
	for _, e := range r.Expected {
		expected = append(expected, e.String())
	}
	t.lines("expected", expected)
	if r.Tenant != nil {
		t.lines("tenant", []string{r.Tenant.String()})
	}
	for _, p := range migrate.Phases() {
		t.phase(p)
	}
	t.lines("keep", keepLines(t.r))
	t.lines("watch", r.Watch)
	t.outlooks()
	t.verdict()
	return t.String()
}

// migratePage is a page of text in the making.
type migratePage struct {
	strings.Builder
	r *migrate.Report
}

// para writes hostile text, wrapped, after a label; further lines stand below its
// start.
func (t *migratePage) para(label, format string, args ...any) {
	t.WriteString(hanging(label, report.Clean(fmt.Sprintf(format, args...))))
}

// hanging breaks clean text into lines that stand beside a label.
func hanging(label, text string) string {
	indent := strings.Repeat(" ", len(label))
	return label + strings.TrimPrefix(report.Wrap(text, indent, textWidth), indent)
}

func (t *migratePage) head() {
	r := t.r
	fmt.Fprintf(t, "%s   %s%s%s\n", report.Clean(r.Domain), stageTitle(r), forced(r), parked(r))
	t.para("  ", "from %s to %s", r.From.Name, r.Cloud.Title)
	t.para("  ", "%s", nameServerWords(r))
}

func forced(r *migrate.Report) string {
	if r.Forced {
		return " (as given)"
	}
	return ""
}

// parked marks a domain that may not be meant to move.
func parked(r *migrate.Report) string {
	if r.Parked {
		return " (parked: receives and sends no mail)"
	}
	return ""
}

// nameServerWords sums up what the name servers say.
func nameServerWords(r *migrate.Report) string {
	host := migrate.DNSHost(r.Inventory.NS.Values)
	a := r.Authority
	switch {
	case host == "" && (a == nil || a.Err != nil):
		return "name servers: not asked directly"
	case a == nil || a.Err != nil:
		return "name servers: " + host + " (not asked directly)"
	}
	if own := migrate.DNSHost(a.Delegated); own != "" {
		host = own
	}
	words := "name servers: " + host + " (" + agreementWords(a)
	if serials := a.Serials(); len(serials) == 1 {
		words += fmt.Sprintf(", serial %d", serials[0])
	}
	return words + ")"
}

// agreementWords says how many name servers reply, and what is wrong with them.
func agreementWords(a *authority.Report) string {
	replying, lame, all := 0, 0, 0
	for _, s := range a.Servers {
		if !s.Delegated {
			continue
		}
		all++
		switch s.State {
		case authority.StateSilent:
			continue
		case authority.StateLame:
			lame++
		}
		replying++
	}
	problem := func(kinds ...authority.ProblemKind) bool {
		return slices.ContainsFunc(a.Problems, func(p authority.Problem) bool { return slices.Contains(kinds, p.Kind) })
	}
	words := "agree"
	if replying < all {
		words = "reply"
	}
	switch {
	case replying == 0:
		return fmt.Sprintf("none of %d replies", all)
	case problem(authority.Stale, authority.Differ):
		words = "reply, with different records"
	case lame > 0:
		words = fmt.Sprintf("reply, %d without the zone", lame)
	}
	words = fmt.Sprintf("%d of %d %s", replying, all, words)
	if problem(authority.WrongHost) {
		words += ", another server has other records"
	}
	if problem(authority.DNSSEC) {
		words += ", DNSSEC is broken"
	}
	if problem(authority.Delegation) {
		words += ", the zone names other servers than its parent"
	}
	return words
}

// inventory says who receives, sends and signs.
func (t *migratePage) inventory() {
	t.WriteString("\n")
	for _, row := range inventoryRows(t.r) {
		t.row(row[0], row[1])
	}
}

// inventoryRows names who receives, sends and signs.
func inventoryRows(r *migrate.Report) (rows [][2]string) {
	inv := &r.Inventory
	var receives, signs []string
	for _, m := range inv.Targets {
		receives = append(receives, m.String())
	}
	services, terms := inv.Senders()
	for _, s := range inv.Selectors {
		by := s.Name
		if s.Microsoft {
			by += " (Microsoft 365)"
		}
		signs = append(signs, by)
	}
	for _, row := range []struct {
		label string
		list  []string
		err   error
	}{{"receives", receives, inv.MX.Err}, {"sends", append(services, terms...), inv.TXT.Err}, {"signs", signs, inv.TXT.Err}} {
		value := "nothing found"
		switch {
		case len(row.list) > 0:
			value = strings.Join(row.list, ", ")
		case row.err != nil:
			value = "not known"
		}
		rows = append(rows, [2]string{row.label, value})
	}
	for _, s := range inv.Subdomains {
		if len(s.Targets) > 0 || s.Sends {
			rows = append(rows, [2]string{"also", s.Name + subdomainWords(s)})
		}
	}
	return rows
}

// subdomainWords says what mail a subdomain carries.
func subdomainWords(s migrate.Subdomain) string {
	words := ""
	if len(s.Targets) > 0 {
		words = " receives at " + s.Targets[0].Host
	}
	if s.Sends {
		if words != "" {
			words += ","
		}
		words += " sends"
	}
	return words
}

const migrateLabel = 10

// row writes a label and text beside it.
func (t *migratePage) row(label, text string) {
	t.para(fmt.Sprintf("  %-*s", migrateLabel, label), "%s", text)
}

func (t *migratePage) lines(label string, list []string) {
	if len(list) > 0 {
		t.WriteString("\n")
	}
	for i, l := range list {
		if i > 0 {
			label = ""
		}
		t.row(label, l)
	}
}

// phase writes the steps that are due at one time.
func (t *migratePage) phase(p migrate.Phase) {
	numbers := t.r.Steps(p)
	if len(numbers) == 0 {
		return
	}
	fmt.Fprintf(t, "\n%s\n", phaseTitle(p))
	for _, s := range t.r.Plan.Steps {
		if slices.Contains(numbers, s.Step) {
			t.step(s)
		}
	}
}

// keepLines says how long the old server and its records must stay.
func keepLines(r *migrate.Report) []string {
	if r.Stays || r.From.Kind == migrate.FromNothing || r.From.Kind == migrate.FromTenant || r.Stage == migrate.NotKnown || r.Timing.OldServer == 0 ||
		!r.Stage.Moved() && len(r.Inventory.MX.Values) == 0 {
		return nil
	}
	const why = "senders may still have the old MX record, and try for five days."
	text := fmt.Sprintf("Keep the old mail system running for at least %s after the MX change: ", days(r.Timing.OldServer)) + why
	switch {
	case r.Stage.Moved():
		text = "Keep the old mail system running after the MX change, for at least five days plus the TTL of the old MX record: " + why +
			" DNS does not show when that change was."
	case r.Timing.Waits && !r.Timing.Unknown:
		text += " That is until " + day(r.Timing.KeepUntil) + ", if you cut over at the earliest safe time."
	}
	if n := r.Steps(migrate.PhaseKeep); len(n) > 0 {
		text += " Leave " + plural(len(n), "step") + " " + numbers(n) + " until then as well."
	}
	return []string{text}
}

// days writes a long time.
func days(d time.Duration) string {
	all := int((d + time.Hour - 1) / time.Hour)
	n, hours := all/24, all%24
	switch {
	case hours > 0:
		return fmt.Sprintf("%d days and %d h", n, hours)
	default:
		return fmt.Sprintf("%d days", n)
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func (t *migratePage) step(s report.Step) {
	what := stepWords(s)
	t.para(fmt.Sprintf("%4d ", s.Step), "%s: %s%s", s.Owner, what, afterWords(s))
	const indent = "       "
	t.values(indent, valueLines(s.Removed(), s.Shown(), s.Commands))
	if len(s.Keep) > 0 {
		t.para(indent, "(keep %d other %s)", len(s.Keep), plural(len(s.Keep), s.Type+" record"))
	}
	t.para(indent, "%s", s.Text)
	if s.Caution != "" {
		t.para(indent, "%s", s.Caution)
	}
	for _, alt := range s.Alternatives {
		t.para(indent+"- ", "%s", alt.Words())
		t.values(indent+"  ", valueLines(alt.Removed(), alt.Added(), alt.Commands))
	}
}

// values writes what is deleted, added and run. A command stays on its line.
func (t *migratePage) values(indent string, lines [][2]string) {
	for _, l := range lines {
		if label := fmt.Sprintf("%s%-7s", indent, l[0]); l[0] == "run" {
			t.WriteString(label + report.Clean(l[1]) + "\n")
		} else {
			t.para(label, "%s", l[1])
		}
	}
}

// stepWords says in short what a step does.
func stepWords(s report.Step) string {
	switch {
	case s.ChangesRecords():
		return string(s.Action) + " " + s.Name + " " + s.Type
	case s.Action == report.ActionRun && len(s.Commands) == 0:
		return "do"
	}
	return string(s.Action)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// afterWords says which steps must be finished first.
func afterWords(s report.Step) string {
	if len(s.After) == 0 {
		return ""
	}
	return " (after " + plural(len(s.After), "step") + " " + numbers(s.After) + ")"
}

func numbers(list []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}

// outlooks says how the checks will judge later stages.
func (t *migratePage) outlooks() {
	var lines []string
	for _, o := range t.r.Outlooks {
		if len(o.Steps) > 0 && (o.Phase != migrate.PhaseNow || t.r.Stage.Moved()) {
			lines = append(lines, outlookWords(o))
		}
	}
	t.lines("forecast", lines)
}

func outlookWords(o migrate.Outlook) string {
	text := fmt.Sprintf("after %s %s the check will say %s", plural(len(o.Steps), "step"), ranges(o.Steps), o.Verdict.Title())
	if len(o.Remaining) > 0 {
		text += "; open: " + strings.Join(o.Remaining, ", ")
	}
	return text + "."
}

// ranges writes numbers that rise by one as 1-5.
func ranges(list []int) string {
	if n := len(list); n > 2 && list[n-1]-list[0] == n-1 {
		return fmt.Sprintf("%d-%d", list[0], list[n-1])
	}
	return numbers(list)
}

// verdict says GO or NO-GO, and why.
func (t *migratePage) verdict() {
	t.WriteString("\n" + goWords(t.r) + "   " + report.Clean(t.r.Domain) + "\n")
	for _, why := range t.r.Reasons {
		t.para("  - ", "%s", reasonWords(why))
	}
	for _, l := range timeWords(t.r) {
		t.para("  ", "%s", l)
	}
}

// timeWords says what to wait for.
func timeWords(r *migrate.Report) []string { return append(earliestWords(r), waitWords(r)...) }

// reasonWords says a reason with the step that ends it.
func reasonWords(why migrate.Reason) string {
	text := strings.TrimSuffix(why.Text, ".")
	if why.Step > 0 {
		text += fmt.Sprintf(" (step %d)", why.Step)
	}
	return strings.TrimSuffix(text, ".") + "."
}

// earliestWords says until when to wait with the cut-over.
func earliestWords(r *migrate.Report) []string {
	if r.Stage.Moved() || !r.Timing.Waits || r.Timing.Unknown {
		return nil
	}
	return []string{"Earliest safe cut-over: " + r.Timing.Earliest.UTC().Format("2006-01-02 15:04 UTC") + ", if you take the steps of phase now first."}
}

// waitWords says what caches still impose, which the records cannot show.
func waitWords(r *migrate.Report) (lines []string) {
	if r.Stage.Moved() {
		return nil
	}
	if r.Go != nil && *r.Go {
		lines = append(lines, "If you changed records in the last "+howLong(r.Timing.Settle)+", wait until that time has passed: caches may still have the old ones.",
			"If you lowered a TTL, wait until the old TTL has passed: the records no longer show it.")
	}
	if n := r.Timing.Negative; n > 0 && len(r.Steps(migrate.PhaseNow)) > 0 {
		lines = append(lines, "A resolver that was asked for a new name before you add it may report it as missing for "+howLong(n)+".")
	}
	return lines
}

// howLong writes a time of seconds to days.
func howLong(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return days(d)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int((d+time.Hour-1)/time.Hour))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int((d+time.Minute-1)/time.Minute))
	}
	return fmt.Sprintf("%d seconds", int(d/time.Second))
}

// goWords is the decision in one or two words.
func goWords(r *migrate.Report) string {
	switch {
	case r.Unknown:
		return "COULD NOT CHECK"
	case r.Go != nil && *r.Go:
		return "GO for the cut-over"
	case r.Go != nil:
		return "NO-GO for the cut-over"
	case r.ExitCode() == exitOK:
		return "FINISHED"
	}
	return "NOT FINISHED"
}

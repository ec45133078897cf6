package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/migrate"
	"maildiag/dnsrec/authority"
)

// note is a part of the report of a move that all formats for people have.
type note struct {
	label, title string
	lines        []string
}

// factNotes are the notes that come before the steps.
func factNotes(r *migrate.Report) []note {
	var expected, tenant []string
	for _, e := range r.Expected {
		expected = append(expected, e.String())
	}
	if r.Tenant != nil {
		tenant = []string{r.Tenant.String()}
	}
	return []note{{"done", "Done", r.Done}, {"expected", "Expected records", expected}, {"tenant", "Tenant", tenant}}
}

// lastNotes are the notes that come after the steps.
func lastNotes(r *migrate.Report) []note {
	return []note{{"keep", "Keep", keepLines(r)}, {"watch", "Watch", r.Watch}, {"forecast", "Forecast", forecastLines(r)}}
}

// stageWords says the stage, and what is special about the domain.
func stageWords(r *migrate.Report) string {
	words := stageTitle(r)
	if r.Forced {
		words += " (as given)"
	}
	return words + parked(r)
}

// parked marks a domain that may not be meant to move.
func parked(r *migrate.Report) string {
	switch {
	case r.Parked:
		return " (parked: receives and sends no mail)"
	case r.Parking != "":
		return " (parked? " + r.Parking + ")"
	}
	return ""
}

// moveWords says where the domain moves from and to, and what stays.
func moveWords(r *migrate.Report) string {
	staying := strings.Join(r.Staying(), ", ")
	filter := slices.ContainsFunc(r.Inventory.Targets, func(t kit.MXTarget) bool { return t.Kind == kit.MXGateway })
	switch {
	case staying == "" && r.Hybrid:
		return "from " + r.From.Name + " to " + r.Cloud.Title + "; your own mail servers stay (hybrid)"
	case staying == "":
		return "from " + r.From.Name + " to " + r.Cloud.Title
	case r.Hybrid && filter:
		return "to " + r.Cloud.Title + "; your own mail servers stay (hybrid), and so does the mail filter in front: " + staying
	case r.Hybrid:
		return "to " + r.Cloud.Title + "; your own mail servers stay (hybrid): " + staying
	}
	return "to " + r.Cloud.Title + "; the mail filter stays in front: " + staying
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

// keepLines says how long the old server and its records must stay.
func keepLines(r *migrate.Report) []string {
	none := []migrate.OriginKind{migrate.FromNothing, migrate.FromTenant, migrate.FromParking}
	if r.Stays || slices.Contains(none, r.From.Kind) || r.Stage == migrate.NotKnown || r.Timing.OldServer == 0 ||
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

// outlookWords says how the checks will judge the domain after some steps. They do so
// with --expect m365, which a move implies.
func outlookWords(r *migrate.Report, o migrate.Outlook) string {
	var when []string
	if n := len(o.Steps); n > 0 {
		when = append(when, "after "+plural(n, "step")+" "+ranges(o.Steps))
	}
	switch n := len(o.Undecided); n {
	case 0:
	case 1:
		when = append(when, "while step "+ranges(o.Undecided)+" is undecided")
	default:
		when = append(when, "while steps "+ranges(o.Undecided)+" are undecided")
	}
	text := strings.Join(when, ", ") + ": maildiag --expect m365 " + r.Domain + " reports " + o.Verdict.Title()
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
		if r.Timing.Settle >= time.Second {
			lines = append(lines, "If you changed records in the last "+howLong(r.Timing.Settle)+", wait until that time has passed: caches may still have the old ones.")
		}
		lines = append(lines, "If you lowered a TTL, wait until the old TTL has passed: the records no longer show it.")
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

// forecastLines says how the checks will judge later stages.
func forecastLines(r *migrate.Report) (lines []string) {
	for _, o := range r.Outlooks {
		if len(o.Steps)+len(o.Undecided) > 0 && (o.Phase != migrate.PhaseNow || r.Stage.Moved()) {
			lines = append(lines, outlookWords(r, o))
		}
	}
	return lines
}

package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/senders"
	"maildiag/checks/senders/intake"
	"maildiag/checks/senders/tlslive"
	"maildiag/checks/senders/tlsreport"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// reportsText writes what reports show, for people, in 80 columns.
type reportsText struct {
	w                  *bufio.Writer
	verbose, addresses bool
}

const (
	reportsSource = 32 // columns of the name of a source
	reportsFiles  = 5  // files not read that are named without -v
	reportsRows   = 10 // of failures, without -v
)

func (t *reportsText) all(r *reported) {
	for i, d := range r.domains {
		if i > 0 {
			fmt.Fprintln(t.w)
		}
		t.domain(d, r)
	}
	for i, d := range r.tls {
		if i+len(r.domains) > 0 {
			fmt.Fprintln(t.w)
		}
		t.tls(r, d)
	}
	if len(r.failures) > 0 {
		t.failures(r.failures)
	}
	if len(r.domains) == 0 && r.answer() != "" {
		t.line("", "%s: %s.", verdictTitle(r.answer()), nothingJudged)
	}
	t.notes(r)
}

// line writes a text of ours, wrapped.
func (t *reportsText) line(indent, format string, args ...any) {
	text := report.Clean(strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "))
	lines := report.Wrap(text, indent, textWidth)
	fmt.Fprint(t.w, lines)
}

func (t *reportsText) domain(d *senders.Domain, r *reported) {
	fmt.Fprintf(t.w, "%s   %s   %s   %s\n", report.CleanTo(d.Name, 60), reportedDays(d), countOf(d.Reporters, "reporter", "reporters"),
		countOf64(d.Messages, "message", "messages"))
	t.line("", "DMARC policy: p=%s%s", d.Published, testingWords(d))
	if d.SPF != "" {
		fmt.Fprintf(t.w, "SPF tried: %s\n", report.Clean(d.SPF))
	}
	for _, n := range d.Notes {
		t.line("", "%s", n)
	}
	fmt.Fprintf(t.w, "\n %-*s %10s  %-6s %-6s %-6s at p=%s\n", reportsSource, "source", "messages", "SPF", "DKIM", "DMARC", d.Tried)
	for _, s := range d.Sources {
		t.source(s, d)
	}
	t.names(d)
	fmt.Fprintln(t.w)
	t.line("", "%s", verdictLine(d))
	t.steps(d)
	if r.base != nil {
		t.trend(d, r.base)
	}
}

func (t *reportsText) source(s *senders.Source, d *senders.Domain) {
	fmt.Fprintf(t.w, " %s %10s  %-6s %-6s %-6s %s\n", padded(sourceLabel(s), reportsSource), thousands(s.Messages), shown(s.SPF), shown(s.DKIM),
		dmarcOf(s), fateOf(s))
	if t.verbose {
		t.line("    ", "%s: %s (rule %s)", s.Kind, s.Reason, s.Rule)
		if s.Addresses > 0 && s.Example.IsValid() {
			t.line("    ", "%s, most from %s; on %s", countOf(s.Addresses, "address", "addresses"), s.Example, countOf(len(s.Days), "day", "days"))
		}
	}
}

// sourceLabel names a source, with the number of addresses where it has no name
// of its own.
func sourceLabel(s *senders.Source) string {
	if s.Addresses == 0 {
		return s.Name
	}
	switch s.Kind {
	case senders.Forwarder, senders.List, senders.Unknown, senders.Spoofing:
		return fmt.Sprintf("%s (%s)", s.Name, thousands(int64(s.Addresses)))
	}
	return s.Name
}

// names lists the names in From, if there are several.
func (t *reportsText) names(d *senders.Domain) {
	const most = 15
	if len(d.Names) < 2 {
		return
	}
	fmt.Fprintf(t.w, "\n %-*s %10s  %-9s %s\n", reportsSource, "in From", "messages", "failing", "policy at p="+string(d.Tried))
	for i, n := range d.Names {
		if i == most && !t.verbose {
			fmt.Fprintf(t.w, " and %d more (-v)\n", len(d.Names)-most)
			return
		}
		fmt.Fprintf(t.w, " %s %10s  %-9s %s\n", padded(n.From, reportsSource), thousands(n.Messages), thousands(n.Failing), n.Policy)
	}
}

// verdictLine answers the question.
func verdictLine(d *senders.Domain) string {
	v := d.Verdict
	text := fmt.Sprintf("%s for p=%s: %s.", verdictTitle(v.Answer), d.Tried, v.Reason)
	if v.Answer == senders.NotSafe {
		text += " Safe after " + stepNumbers(v.Sources) + "."
	}
	return text
}

func verdictTitle(a senders.Answer) string {
	switch a {
	case senders.Safe:
		return "SAFE"
	case senders.NotSafe:
		return "NOT SAFE"
	}
	return "NOT ENOUGH DATA"
}

func stepNumbers(n int) string {
	switch n {
	case 1:
		return "step 1"
	case 2:
		return "steps 1 and 2"
	}
	return fmt.Sprintf("steps 1 to %d", n)
}

// steps lists what to do: numbered for the domain's own senders, then what
// there is to know of the others.
func (t *reportsText) steps(d *senders.Domain) {
	n := 0
	for _, s := range d.Sources {
		if s.Concerned() {
			n++
			t.hanging(fmt.Sprintf(" %2d. ", n), s.Name+": "+s.Advice)
		}
	}
	for _, s := range d.Sources {
		if !s.Concerned() && s.Advice != "" {
			t.hanging("  -  ", sourceLabel(s)+": "+s.Advice)
		}
	}
	if d.Conflicts > 0 {
		t.hanging("  -  ", fmt.Sprintf("%s pass DMARC by their reporter, but not by the details that it gives; they count as failing.",
			countOf64(d.Conflicts, "message", "messages")))
	}
}

// hanging writes a text behind a mark, and its next lines below it.
func (t *reportsText) hanging(mark, text string) {
	_, _ = t.w.WriteString(hanging(mark, report.Clean(text))) // an error comes up again at Flush
}

// tls writes what the TLS reports say of a domain.
func (t *reportsText) tls(r *reported, d *tlsreport.Domain) {
	all := d.Succeeded + d.Failed
	fmt.Fprintf(t.w, "TLS to %s   %s to %s   %s\n", report.CleanTo(d.Name, 60), dayOrNone(d.First), dayOrNone(d.Last),
		countOf(len(d.Reporters), "reporter", "reporters"))
	t.line("", "%s, %s failed (%s)", countOf64(all, "session", "sessions"), thousands(d.Failed), senders.Percent(d.Failed, all))
	for i, g := range d.Failures {
		if i == reportsRows && !t.verbose {
			fmt.Fprintf(t.w, "  and %d more (-v)\n", len(d.Failures)-reportsRows)
			break
		}
		fmt.Fprintf(t.w, " %s %10s\n", padded(g.Result, reportsSource), thousands(g.Sessions))
		t.line("    ", "%s", sessionsOf(g))
		if today := r.today(d, g); today != nil {
			t.hanging("    ", todayWords(today))
		}
	}
	t.faults(r, d)
}

// todayWords says how a failure stands now, and who can clear it.
func todayWords(t *tlslive.Today) string {
	words := map[tlslive.State]string{
		tlslive.Open: "Today, still so: ", tlslive.Mended: "Today, in order: ", tlslive.Moved: "Today: ",
		tlslive.Unknown: "Today, not known: ", tlslive.NotShown: "Today, not visible in the DNS: ",
	}[t.State] + t.Text + "."
	if t.Owner != "" {
		words += " Who can fix it: " + t.Owner + "."
	}
	return words
}

// sessionsOf says which sessions failed, as far as the report tells.
func sessionsOf(g *tlsreport.Group) string {
	var parts []string
	for _, p := range []struct{ name, value string }{{"to", g.MX}, {"from", g.MTA}, {"reported by", g.Sender}, {"reason:", g.Reason}} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	return strings.Join(parts, ", ")
}

// faults explains each type of failure once.
func (t *reportsText) faults(r *reported, d *tlsreport.Domain) {
	var seen []string
	for _, g := range d.Failures {
		if today := r.today(d, g); today != nil && today.Over() || slices.Contains(seen, g.Result) || len(seen) == reportsRows {
			continue
		}
		seen = append(seen, g.Result)
		f := tlsreport.FaultOf(g.Result)
		who, advice := cmp.Or(f.Whose, "not certain"), strings.ReplaceAll(f.Advice, "DOMAIN", d.Name)
		if f.Server() && d.Only(g.Result, kit.OnlyReceives) {
			who, advice = report.OwnerMicrosoft, "Microsoft operates the server: if it goes on, open a support request with the report."
		}
		t.hanging("  -  ", strings.TrimSpace(fmt.Sprintf("%s: %s Who can fix it: %s. %s", f.Result, f.Means, who, advice)))
	}
}

func (t *reportsText) failures(groups []*failureGroup) {
	fmt.Fprint(t.w, "\nFailure reports\n")
	for i, g := range groups {
		if i == reportsRows && !t.verbose {
			fmt.Fprintf(t.w, " and %d more (-v)\n", len(groups)-reportsRows)
			return
		}
		text := fmt.Sprintf("%s from %s", orUnknown(g.domain), orUnknown(g.source))
		for _, part := range []struct{ name, value string }{{"failed", g.failure}, {"result", g.delivery}, {"sender", g.from}, {"recipient", g.to}} {
			if part.value != "" {
				text += ", " + part.name + " " + part.value
			}
		}
		t.hanging(fmt.Sprintf(" %6s  ", thousands(int64(g.count))), text)
	}
}

// notes says what was not counted.
func (t *reportsText) notes(r *reported) {
	var notes []string
	if n := r.collector.Unusable; n > 0 {
		notes = append(notes, countOf64(n, "message was", "messages were")+" left out: the domain in From is not that of the report's policy, or below it")
	}
	if n := r.collector.Outside; n > 0 {
		notes = append(notes, countOf(n, "report", "reports")+" of other days: left out")
	}
	other, broken := r.unread()
	if len(notes)+len(r.again)+len(r.reused)+len(other)+len(broken) == 0 {
		return
	}
	fmt.Fprintln(t.w)
	for _, n := range notes {
		t.line("", "%s.", n)
	}
	t.files("Duplicates, not counted again", r.again)
	t.files("Counted, although an earlier report has the same ID", r.reused)
	t.files("Not read, or not to the end", broken)
	t.files("Not reports", other)
}

// unread separates files that are no report from those that are broken.
func (r *reported) unread() (other, broken []intake.Problem) {
	for _, p := range r.broken {
		if errors.Is(p.Err, intake.ErrNoReport) {
			other = append(other, p)
		} else {
			broken = append(broken, p)
		}
	}
	return other, broken
}

func (t *reportsText) files(what string, list []intake.Problem) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(t.w, "%s: %s\n", what, countOf(len(list), "file", "files"))
	for i, p := range list {
		if i == reportsFiles && !t.verbose {
			fmt.Fprintf(t.w, "  and %d more (-v)\n", len(list)-reportsFiles)
			return
		}
		t.hanging("  ", p.File+": "+p.Err.Error())
	}
}

func orUnknown(s string) string {
	if s == "" {
		return "(not told)"
	}
	return s
}

func shown(r senders.Result) string {
	switch r {
	case senders.Absent:
		return "-"
	case senders.Partly:
		return "part"
	}
	return string(r)
}

// dmarcOf is pass, part or fail.
func dmarcOf(s *senders.Source) string {
	switch {
	case s.Passed == s.Messages:
		return "pass"
	case s.Passed == 0:
		return "fail"
	}
	return "part"
}

// fateOf says what the policy does to a source, in capitals if it is one's own.
func fateOf(s *senders.Source) string {
	word := "delivered"
	lost := map[dmarc.Policy]string{dmarc.Reject: "rejected", dmarc.Quarantine: "junk"}[s.Applied]
	switch {
	case s.Lost == 0:
		return word
	case s.Lost < s.Messages:
		word = senders.Percent(s.Lost, s.Messages) + " " + lost
	default:
		word = lost
	}
	if s.Concerned() {
		word = strings.ToUpper(word)
	}
	return word
}

// testingWords says that a policy is published for testing only.
func testingWords(d *senders.Domain) string {
	if !d.Testing {
		return ""
	}
	return "; t=y (test mode: receivers that implement RFC 9989 apply the next milder policy)"
}

func reportedDays(d *senders.Domain) string { return dayOrNone(d.First) + " to " + dayOrNone(d.Last) }

// padded cleans a value and fills it to a number of columns.
func padded(s string, cols int) string {
	s = report.CleanTo(s, cols)
	return s + strings.Repeat(" ", max(0, cols-len([]rune(s))))
}

// thousands writes a number with separators.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func countOf(n int, one, many string) string { return countOf64(int64(n), one, many) }

func countOf64(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// addressText writes an address, "" if there is none.
func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

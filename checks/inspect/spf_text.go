package inspect

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// spfText writes results of maildiag spf for people. Every text from the DNS
// is cleaned on its way out.
type spfText struct {
	w       *bufio.Writer
	unicode bool
}

const (
	spfCols   = 80  // width of prose
	spfTerm   = 52  // columns of the terms with their lines
	maxNets   = 3   // networks in a row that are written out
	maxBytes  = 255 // of one string of a TXT record
	maxFaults = 5   // of a record that are shown
)

// line writes one line, in ASCII alone where the locale has nothing else.
func (t *spfText) line(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if !t.unicode {
		s = strings.ReplaceAll(s, "→", "->")
		quoted := strconv.QuoteToASCII(s)
		s = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(quoted[1 : len(quoted)-1])
	}
	fmt.Fprintln(t.w, s)
}

func (t *spfText) prose(label, text string) {
	for i, l := range strings.Split(strings.TrimRight(report.Wrap(report.Clean(text), "", spfCols-8), "\n"), "\n") {
		if i > 0 {
			label = ""
		}
		t.line("  %-4s  %s", label, l)
	}
}

func (t *spfText) result(r *SPFResult, flat bool) {
	tree := r.tree()
	if r.outcome != nil {
		t.outcome(r)
		t.line("")
	}
	name := tree.Domain
	if r.q.Unicode != "" {
		name += " (" + r.q.Unicode + ")"
	}
	t.line("%s", strings.TrimSpace(report.Clean(name)+"  "+t.counts(tree)))
	t.line("")
	if len(tree.Root.Records) > 0 {
		t.node(tree.Root, "  ")
		t.line("")
	}
	t.verdict(tree)
	if r.then != nil {
		t.change(r)
	} else if len(tree.Root.Records) > 0 && r.outcome == nil {
		t.advice(tree)
	}
	if flat {
		t.line("")
		t.flat(tree)
	}
}

// counts is the head of a tree.
func (t *spfText) counts(tree *spf.Tree) string {
	if len(tree.Root.Records) == 0 {
		return ""
	}
	least := ""
	if tree.Cut || tree.Result() == spf.TempError {
		least = "at least "
	}
	return fmt.Sprintf("%s%d of %d lookups  %d of %d voids  %d bytes",
		least, tree.Lookups, spf.MaxLookups, tree.Voids, spf.MaxVoids, len(tree.Root.Records[0].Text))
}

// node writes the terms of a node, each with its cost.
func (t *spfText) node(n *spf.Node, indent string) {
	rows := gather(n)
	for i, row := range rows {
		fork, below := "├─ ", "│  "
		if i == len(rows)-1 {
			fork, below = "└─ ", "   "
		}
		if !t.unicode {
			fork = strings.NewReplacer("├─", "|-", "└─", "`-").Replace(fork)
			below = strings.ReplaceAll(below, "│", "|")
		}
		t.row(row, indent+fork)
		if row.branch != nil && row.branch.Child != nil {
			t.node(row.branch.Child, indent+below)
		}
	}
}

// spfRow is one line of a tree: a term, several networks, or a fault.
type spfRow struct {
	branch *spf.Branch
	text   string
	fault  *spf.SyntaxError
}

// gather makes the lines of a node; networks in a row become one, terms that
// cannot be read come last.
func gather(n *spf.Node) (rows []spfRow) {
	var nets []string
	flush := func() {
		if more := len(nets) - maxNets; more > 0 {
			nets = append(nets[:maxNets], "and "+kit.Plural(more, "more network", "more networks"))
		}
		if len(nets) > 0 {
			rows = append(rows, spfRow{text: strings.Join(nets, " ")})
		}
		nets = nil
	}
	var record *spf.Record
	for _, b := range n.Branches {
		if len(n.Records) > 1 && b.Record != record {
			flush()
			record = b.Record
			rows = append(rows, spfRow{text: fmt.Sprintf("(record %d of %d)", slices.Index(n.Records, record)+1,
				len(n.Records))})
		}
		if b.Kind == spf.IP4 || b.Kind == spf.IP6 {
			nets = append(nets, b.Text)
			continue
		}
		flush()
		rows = append(rows, spfRow{branch: b, text: b.Text})
	}
	flush()
	for _, r := range n.Records {
		for i := range r.Faults {
			rows = append(rows, spfRow{text: spf.Visible(r.Faults[i].Term), fault: &r.Faults[i]})
		}
	}
	return rows
}

func (t *spfText) row(row spfRow, indent string) {
	term := indent + report.CleanTo(row.text, 200)
	pad := max(0, spfTerm-len([]rune(term)))
	cost, remark := "", ""
	switch {
	case row.fault != nil:
		cost, remark = "!", "cannot be read"
		if row.fault.Hint != "" {
			remark = "probably " + row.fault.Hint
		}
	case row.branch != nil && row.branch.Lookups > 0:
		cost, remark = fmt.Sprint(row.branch.Total), kit.TermRemark(row.branch)
	}
	text := fmt.Sprintf("%s%s %3s  %s", term, strings.Repeat(" ", pad), cost, report.CleanTo(remark, 160))
	t.line("%s", strings.TrimRight(text, " "))
}

// verdict reports whether the record works.
func (t *spfText) verdict(tree *spf.Tree) {
	root := tree.Root
	switch result := tree.Result(); {
	case result == spf.Pass:
		t.usable(tree)
	case result == spf.None:
		t.prose("none", "This name has no SPF record.")
		for _, l := range root.Alike {
			t.prose("", "A TXT record looks like one: "+l.Reason+": "+spf.Visible(l.Text))
		}
	case root.Err != nil:
		t.prose("?", kit.Reason(root.Err)+".")
	case result == spf.TempError:
		t.prose("?", "A part of the tree did not answer; receivers in this state answer temperror and try again.")
	default:
		t.permerror(tree)
	}
}

// usable says what a record does that receivers can read.
func (t *spfText) usable(tree *spf.Tree) {
	caveats := caveats(tree)
	if open := tree.Everyone(); len(open) > 0 {
		t.prose("FAIL", fmt.Sprintf("Receivers can read this record, but %s in the record of %s lets every server on the Internet send and pass SPF.",
			open[0].Text, open[0].Node.Domain))
	} else if len(caveats) == 0 {
		t.prose("good", "Receivers can use this record.")
		return
	} else if len(unread(tree)) > 0 {
		t.prose("FAIL", "Receivers can read this record, but not as it was meant:")
	} else {
		t.prose("warn", "Receivers can read this record, but:")
	}
	for _, c := range caveats {
		t.prose("", c)
	}
}

// caveats says what keeps a record that receivers can read from doing what its
// author wants.
func caveats(tree *spf.Tree) (list []string) {
	rec, end := tree.Root.Records[0], tree.Deciding()
	beside, ignored := lint(rec, spf.IssueAfterAll, spf.IssueRedirect), lint(rec, spf.IssueModifier)
	if len(beside) > 0 {
		list = append(list, "Receivers do not evaluate what stands beside all: "+strings.Join(beside, " ")+".")
	}
	if len(ignored) > 0 {
		list = append(list, "Receivers ignore terms written with \"=\" in the place of a colon: "+strings.Join(ignored, " ")+".")
	}
	if len(end.Records) == 1 && end.Records[0].Default() == spf.Neutral {
		what := "has no all at its end"
		if all := end.Records[0].All(); all != nil {
			what = "ends in " + all.Text
		}
		list = append(list, fmt.Sprintf("The record of %s %s: it does not forbid other servers, so forged mail is not marked as suspect.", end.Domain, what))
	}
	for _, b := range tree.Withheld() {
		list = append(list, fmt.Sprintf("%s gives mail from its servers the result %s instead of pass.", kit.Clip(b.Text, 100), b.Qualifier.Result()))
	}
	if len(rec.Live()) == 1 && rec.All() != nil && rec.Default() == spf.Neutral {
		list = append(list, "It authorizes no server.")
	}
	return list
}

// unread lists the terms by which somebody was to be allowed or refused, and which
// receivers never evaluate.
func unread(tree *spf.Tree) []string {
	if len(tree.Root.Records) != 1 {
		return nil
	}
	terms := lint(tree.Root.Records[0], spf.IssueAfterAll, spf.IssueModifier)
	return slices.DeleteFunc(terms, func(t string) bool { return strings.HasSuffix(strings.ToLower(t), "all") && len(t) <= len("-all") })
}

// lint lists the terms of a record with issues of some codes.
func lint(rec *spf.Record, codes ...string) (terms []string) {
	for _, i := range rec.Lint() {
		if slices.Contains(codes, i.Code) {
			terms = append(terms, i.Term.Text)
		}
	}
	return terms
}

func (t *spfText) permerror(tree *spf.Tree) {
	records := tree.Root.Records
	switch {
	case len(records) > 1:
		t.prose("FAIL", fmt.Sprintf("permerror: %d SPF records, and one is allowed (RFC 7208 4.5).", len(records)))
	case len(records[0].Faults) > 0:
		t.prose("FAIL", "permerror: the record cannot be read (RFC 7208 4.6).")
		for _, f := range records[0].Faults[:min(len(records[0].Faults), maxFaults)] {
			for l := range strings.SplitSeq(spf.Mark(records[0].Text, f.Offset, f.Len), "\n") {
				t.line("        %s", report.Clean(l))
			}
			t.prose("", f.Problem)
		}
	case tree.Lookups > spf.MaxLookups:
		text := fmt.Sprintf("permerror: %d lookups, and %d are allowed (RFC 7208 4.6.4).", tree.Lookups,
			spf.MaxLookups)
		if at := tree.Breaking(); at != nil {
			text += fmt.Sprintf(" Receivers that found no match so far give up at %s in the record of %s.", at.Text,
				at.Node.Domain)
		}
		t.prose("FAIL", text)
	case tree.Voids > spf.MaxVoids:
		t.prose("FAIL", fmt.Sprintf("permerror: %d lookups find nothing, and %d are allowed (RFC 7208 4.6.4).",
			tree.Voids, spf.MaxVoids))
	default:
		t.prose("FAIL", "permerror: receivers give up where PERMERROR stands above.")
	}
}

// advice shows what is in the way, if something is, and where the record to
// publish is: composing it takes more than this record.
func (t *spfText) advice(tree *spf.Tree) {
	if tree.Result() != spf.PermError {
		return
	}
	if len(tree.Root.Records) == 1 {
		t.repairs(tree)
	}
	t.prose("fix", "maildiag plan "+tree.Domain+" has the record to publish, or says what to decide first.")
}

// repairs lists the changes that save lookups.
func (t *spfText) repairs(tree *spf.Tree) {
	var advice spf.Advice
	for _, c := range kit.Clouds() {
		advice.Keep = append(advice.Keep, c.SPF)
	}
	for _, r := range tree.Plan(advice).Repairs {
		what := "remove " + r.Branch.Text
		switch {
		case r.Kind == spf.RepairDead || r.Kind == spf.RepairLoop:
			what = "correct or remove " + r.Branch.Text
		case r.Kind == spf.RepairPTR:
			what = "replace " + r.Branch.Text
		case r.Replace != "":
			what = "write " + r.Replace + " for " + r.Branch.Text
		case r.Kind == spf.RepairMove:
			what = "move " + r.Branch.Text
		}
		t.prose("fix", fmt.Sprintf("%s (saves %d): %s", what, r.Saves, r.Why))
	}
}

// change compares before and after a what-if.
func (t *spfText) change(r *SPFResult) {
	for _, n := range r.Notes {
		t.prose("note", n)
	}
	before := 0
	if len(r.now.Root.Records) > 0 {
		before = len(r.now.Root.Records[0].Text)
	}
	t.line("  now   %3d lookups  %d voids  %3d bytes  %s", r.now.Lookups, r.now.Voids, before, r.now.Result())
	t.line("  then  %3d lookups  %d voids  %3d bytes  %s", r.then.Lookups, r.then.Voids, len(r.Text),
		r.then.Result())
	t.line("")
	t.publish(r.Name, r.Text)
}

// publish writes a record as it is typed; a long one in several strings.
func (t *spfText) publish(name, text string) {
	t.line("        %s. TXT", report.Clean(name))
	for text != "" {
		n := min(len(text), maxBytes)
		t.line("        \"%s\"", report.Clean(text[:n]))
		text = text[n:]
	}
}

// outcome reports what a receiver would say, and why.
func (t *spfText) outcome(r *SPFResult) {
	o := r.outcome
	says := map[spf.Result]string{
		spf.Pass: "may send", spf.Fail: "may not send", spf.SoftFail: "probably may not send",
		spf.Neutral: "is neither authorized nor forbidden", spf.None: "cannot be evaluated: the domain has no SPF " +
			"record",
		spf.PermError: "cannot be evaluated: the record cannot be used", spf.TempError: "cannot be evaluated now: the " +
			"DNS did not answer",
	}
	t.line("%s  %s %s as %s", strings.ToUpper(string(o.Result)), r.q.IP, says[o.Result], report.Clean(r.q.Sender))
	t.line("")
	for i, s := range o.Path {
		t.line("  %s%s: %s", strings.Repeat("  ", i), report.Clean(s.Domain), report.CleanTo(s.Term, 200))
	}
	switch {
	case o.Err != nil:
		t.prose("why", kit.Reason(o.Err))
	case o.Problem != "":
		t.prose("why", o.Problem)
	case o.Term == "" && o.Result == spf.Neutral:
		t.prose("why", "no term matches, and the record has no all (RFC 7208 4.7)")
	}
	if o.LocalPart || o.Helo {
		t.prose("note", "The record asks for the mailbox of the sender or for the EHLO name: for others (--sender, --helo), the result may differ.")
	}
	if o.Explanation != "" {
		t.prose("said", o.Explanation)
	}
	t.line("  after %d of %d lookups, %d of %d voids", o.Lookups, spf.MaxLookups, o.Voids, spf.MaxVoids)
}

// flat lists the networks, and says what the list is not good for.
func (t *spfText) flat(tree *spf.Tree) {
	list, open := tree.Networks()
	for _, n := range list {
		t.line("  %-8s  %-43s  %s", n.Result, n.Prefix, report.CleanTo(n.Source.Via(), 200))
	}
	for _, b := range open {
		t.line("  %-8s  %-43s  %s", "open", report.CleanTo(b.Text, 100), report.CleanTo(b.Via(), 200))
	}
	t.line("")
	t.prose("note", "Do not publish this list instead of the includes: it is right today only. The senders "+
		"change their networks without telling, and mail from the new ones would fail.")
}

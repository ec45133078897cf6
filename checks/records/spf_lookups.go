package records

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// nearLookups is the count from which on one more sender may be too many.
const nearLookups = spf.MaxLookups - 1

// judgeLookups judges the number of lookups over the whole tree.
func judgeLookups(f spfFacts) report.Finding {
	n := f.tree.Lookups
	count := kit.Plural(n, "lookup", "lookups")
	open := f.tree.Result() == spf.TempError || f.tree.Cut
	if open {
		count = "at least " + count
	}
	x := kit.Find(report.Pass, "spf.lookups", f.domain, "%s of the %d allowed", count, spf.MaxLookups)
	switch {
	case n > spf.MaxLookups:
		x = tooManyLookups(f, count)
	case n >= nearLookups:
		x.Status = report.Warn
		x.Summary += "; the next sender service, or a change by one of those included, breaks the record"
		x.Evidence = costs(f)
		x.Fix = lookupsFix(f)
	case open:
		x.Status = report.Info
		x.Summary += "; part of the tree did not answer"
	}
	x.Data = map[string]any{"lookups": n, "voids": f.tree.Voids, "limit": spf.MaxLookups}
	return x
}

func tooManyLookups(f spfFacts, count string) report.Finding {
	x := kit.Find(report.Fail, "spf.lookups", f.domain, "%s, but only %d are allowed: receivers treat this as an error (permerror)",
		count, spf.MaxLookups)
	if at := f.tree.Breaking(); at != nil && f.discarded() == "" {
		x.Summary += fmt.Sprintf(" at %s, the %dth", at.Text, spf.MaxLookups+1)
		if at.Node != f.tree.Root {
			x.Summary += ", in the record of " + at.Node.Domain
		}
	}
	switch { // receivers do not come to the limit
	case len(f.tree.Root.Records) > 1:
		x.Summary = fmt.Sprintf("all records together need %s, but only %d are allowed in one", count, spf.MaxLookups)
	case f.discarded() != "":
		x.Summary = fmt.Sprintf("%s, but only %d are allowed", count, spf.MaxLookups)
	}
	if f.profile.Microsoft && f.tree.Passes(f.profile.Cloud.SPF) {
		x.Summary += ". Mail from Microsoft 365 still passes, because its include comes before that"
	}
	x.Evidence = append(costs(f), report.Evidence{Kind: "rule", Text: "at most 10 terms that need a DNS lookup, " +
		"over all included records", Link: "RFC 7208 4.6.4"})
	x.Fix = lookupsFix(f)
	return x
}

// costs shows what each term of the owner's record costs.
func costs(f spfFacts) []report.Evidence {
	var b strings.Builder
	fmt.Fprintf(&b, "cost of each term of %s", f.tree.Owned().Domain)
	for _, branch := range f.tree.Owned().Branches {
		if branch.Total > 0 {
			fmt.Fprintf(&b, "\n%4d  %s", branch.Total, kit.Clip(branch.Text, 80))
		}
	}
	return []report.Evidence{{Kind: "answer", Text: b.String()}}
}

// lookupsFix advises on the cheapest way below the limit.
func lookupsFix(f spfFacts) *report.Fix {
	if full := f.noRoom(f.missing()); full != nil {
		return full
	}
	advice, over := f.advice(), f.tree.Lookups > spf.MaxLookups
	repairs := firstRepairs(f.tree.Repairs(advice))
	if over { // and leave some room
		advice.Reserve = spf.MaxLookups - nearLookups + 1
		repairs = slices.DeleteFunc(f.tree.Plan(advice).Repairs, spf.Repair.TakesSender)
	}
	text := cmp.Or(repairsText(repairs), "Move services that send newsletters or invoices to a subdomain with its own SPF "+
		"record, and remove the includes of services that you no longer use.")
	var edits []report.Edit
	if over || lookupsWithout(f.tree, repairs) < nearLookups {
		edits = repairEdits(f.owned(), repairs)
	}
	if len(edits) > 0 {
		text = repairsText(slices.DeleteFunc(repairs, spf.Repair.TakesSender))
	}
	return f.fix(text, edits, "RFC 7208 4.6.4", linkSPFMicrosoft)
}

// missing is how many lookups the include of the cloud will cost, which the
// record lacks.
func (f spfFacts) missing() int {
	if !f.profile.Microsoft || f.profile.Parked || len(f.tree.Reaches(f.profile.Cloud.SPF)) > 0 {
		return 0
	}
	_, saved, _ := f.wrongInclude(f.profile.Cloud.SPF)
	return f.includeCost() - saved
}

// noRoom returns what to do where the record with some lookups more is beyond
// the limit even without all that authorizes nobody: a person must choose who
// leaves the record. It returns nil if there is room. With add, which writes the
// terms that cost more, it shows records.
func (f spfFacts) noRoom(more int, add ...report.Edit) *report.Fix {
	over, repairs := f.over(more)
	if over <= 0 {
		return nil
	}
	all := lookupsWithout(f.tree, nil) + more - spf.MaxLookups
	text := fmt.Sprintf("Make room in the record of %s: it must need at least %s less", f.owned(), kit.Plural(all, "lookup", "lookups"))
	if more > 0 {
		text += fmt.Sprintf(", so that include:%s can be added as the first term", f.profile.Cloud.SPF)
	}
	fix := f.fix(strings.TrimSpace(text+". "+repairsText(repairs)), nil, "RFC 7208 4.6.4", linkSPFMicrosoft)
	fix.Alternatives = append(f.cloudFirst(repairs), f.makeRoom(over)...)
	kept, also := slices.Concat(add, repairEdits(f.owned(), repairs)), ""
	for _, e := range add {
		also += termText(e)
	}
	if repairs = slices.DeleteFunc(slices.Clone(repairs), spf.Repair.TakesSender); repairsText(repairs) != "" {
		also += " It also makes changes that take no sender away: " + strings.TrimPrefix(repairsText(repairs), bestFirst)
	}
	for i := range fix.Alternatives {
		c := &fix.Alternatives[i]
		if len(c.Edits) == 0 || more > 0 && len(add) == 0 {
			c.Edits = []report.Edit{kit.Assigned(f.owned(), dnsrec.TypeTXT)}
		} else {
			c.Edits, c.Text = withoutTwice(append(c.Edits, kept...)), c.Text+also
		}
	}
	return fix
}

// termText says what an edit of the record does.
func termText(e report.Edit) string {
	switch {
	case e.Op == report.EditAddFirst:
		return fmt.Sprintf(" Add %s as the first term.", e.New)
	case e.Op == report.EditAll:
		return fmt.Sprintf(" End the record with %s.", e.New)
	case e.New == "" && e.Old != "":
		return fmt.Sprintf(" Remove %s.", e.Old)
	case e.Old != "":
		return fmt.Sprintf(" Write %s instead of %s.", e.New, e.Old)
	case e.Op == report.EditAddTerm:
		return fmt.Sprintf(" Add %s.", e.New)
	}
	return ""
}

// cloudFirst returns the way to let mail from Microsoft 365 pass before there is room,
// if this is at the cost of other senders. The repairs are made with it.
func (f spfFacts) cloudFirst(repairs []spf.Repair) []report.Choice {
	cloud := f.behindStop()
	if cloud == nil || len(f.tree.CutOff(cloud)) == 0 { // see judgeUnread
		return nil
	}
	var gone []*spf.Branch
	for _, r := range repairs {
		if !r.TakesSender() && r.Saves == r.Branch.Total {
			gone = append(gone, r.Branch)
		}
	}
	var cut []string
	seen := map[string]bool{}
	for _, b := range f.tree.CutOff(cloud, gone...) {
		if term := kit.Clip(b.Path()[0], maxTermText); !seen[term] {
			seen[term], cut = true, append(cut, term)
		}
	}
	text := f.readFirst()
	if len(cut) > 0 {
		text += fmt.Sprintf(" Until there is room, servers that pass today only by the last lookups of %s fail SPF (permerror).", kit.ShortList(cut, 3))
	}
	return []report.Choice{{Label: "if mail from Microsoft 365 must pass first", Text: text,
		Edits: []report.Edit{kit.AddFirst(f.owned(), "include:"+f.profile.Cloud.SPF)}}}
}

// over returns how many lookups too many the record has with some more, after the
// repairs that take no sender away, and all repairs of that plan.
func (f spfFacts) over(more int) (n int, repairs []spf.Repair) {
	advice := f.advice()
	advice.Reserve = more
	repairs = f.tree.Plan(advice).Repairs
	return lookupsWithout(f.tree, repairs) + more - spf.MaxLookups, repairs
}

// frees reports whether a term is one of those that can make room in the record.
func (f spfFacts) frees(b *spf.Branch) bool {
	over, _ := f.over(f.missing())
	return over > 0 && slices.ContainsFunc(f.makeRoom(over), func(c report.Choice) bool {
		return slices.ContainsFunc(c.Edits, func(e report.Edit) bool { return e.Old == b.Text })
	})
}

// lookupsWithout returns how many lookups are left after the repairs that take no
// sender away. Of several records, which are to be one, each term counts once.
func lookupsWithout(t *spf.Tree, repairs []spf.Repair) int {
	left := t.Lookups
	if len(t.Root.Records) > 1 {
		seen := map[string]bool{}
		for _, b := range t.Root.Branches {
			if seen[b.Term.String()] {
				left -= b.Total
			}
			seen[b.Term.String()] = true
		}
	}
	for _, r := range repairs {
		if !r.TakesSender() {
			left -= r.Saves
		}
	}
	return left
}

// maxRepairsTold is how many repairs a text names.
const maxRepairsTold = 6

// bestFirst begins a list of repairs.
const bestFirst = "Best first: "

func repairsText(repairs []spf.Repair) string {
	var steps []string
	moved := false
	repairs = slices.DeleteFunc(slices.Clone(repairs), func(r spf.Repair) bool { return r.Kind == spf.RepairDead }) // see judgeDead
	for i, r := range repairs {
		if i == maxRepairsTold {
			steps = append(steps, fmt.Sprintf("and %d more", len(repairs)-i))
			break
		}
		moved = moved || r.Kind == spf.RepairMove
		steps = append(steps, repairText(r))
	}
	if len(steps) == 0 {
		return ""
	}
	text := bestFirst + strings.Join(steps, "; ") + "."
	if moved {
		text += " Remove the include of a service that moves only after the service uses its subdomain."
	}
	return text
}

// maxRoomChoices is how many terms are offered each by itself, the most expensive first. Of
// more that cost the same, none is more likely than the others.
const maxRoomChoices = 3

// makeRoom returns the ways to save lookups that only a person can choose from:
// each takes a sender out of the record. The provider before the migration comes
// first.
func (f spfFacts) makeRoom(over int) (choices []report.Choice) {
	senders := slices.DeleteFunc(f.ownBranches(), func(b *spf.Branch) bool {
		return b.Kind != spf.Include && b.Kind != spf.PTR || slices.Contains(f.advice().Keep, b.Target) || b.State.Permanent() ||
			b.Child != nil && f.ours(b.Child)
	})
	slices.SortStableFunc(senders, func(a, b *spf.Branch) int { return b.Total - a.Total })
	var costly []string
	var costs []int // of the choices
	var likely []report.Choice
	for _, b := range senders[:min(len(senders), maxRepairsTold)] {
		if cost := fmt.Sprintf("%s (%d)", b.Text, b.Total); !slices.Contains(costly, cost) {
			costly = append(costly, cost)
		}
		if b.Total < over {
			continue
		}
		c := report.Choice{Label: "if nothing of yours sends through " + b.Text, Text: fmt.Sprintf("Remove %s from the record of %s.", b.Text, b.Node.Domain),
			Edits: []report.Edit{kit.RemoveTerm(b.Node.Domain, b.Text)}}
		choices, costs = append(choices, c), append(costs, b.Total)
		if s := senderOfBranch(b); s != nil && f.migrated() && isLeftover(s) {
			likely = append(likely, c)
		}
	}
	which := ""
	if len(costly) > 0 {
		which = " The most expensive terms, and what each costs: " + strings.Join(costly, ", ") + "."
	}
	if live := f.liveTerms(); len(live) > 0 {
		which += " Keep " + strings.Join(live, ", ") + " while mail arrives there."
	}
	more := len(choices) == 0 || len(choices) > maxRoomChoices
	if len(choices) > maxRoomChoices {
		choices = choices[:slices.Index(costs, costs[maxRoomChoices])]
	}
	choices = slices.Concat(likely, slices.DeleteFunc(choices, func(c report.Choice) bool {
		return slices.ContainsFunc(likely, func(l report.Choice) bool { return l.Label == c.Label })
	}))
	if more {
		label := "if you no longer use one of the services"
		if len(choices) > 0 {
			label = "if you no longer use another of the services"
		}
		choices = append(choices, report.Choice{Label: label, Text: "Remove its include." + which})
		which = ""
	}
	return append(choices, report.Choice{Label: "if you use all of them", Text: "Let one that sends newsletters, invoices or tickets use a subdomain " +
		"with an SPF record of its own. When it does, remove its include." + which})
}

// liveTerms lists the includes of who receives the domain's mail, with what each
// costs.
func (f spfFacts) liveTerms() (terms []string) {
	for _, b := range f.ownBranches() {
		if b.Kind == spf.Include && f.receivesAt(b.Target) {
			terms = append(terms, fmt.Sprintf("%s (%d)", b.Text, b.Total))
		}
	}
	return terms
}

// firstRepairs returns the repairs worth a line where none is needed yet: the
// cheap ones, and the include that would save most.
func firstRepairs(all []spf.Repair) []spf.Repair {
	all = slices.DeleteFunc(all, func(r spf.Repair) bool { return r.Kind == spf.RepairOwn })
	for i, r := range all {
		if r.Kind == spf.RepairMove {
			return all[:i+1]
		}
	}
	return all
}

func repairText(r spf.Repair) string {
	saves := ""
	if r.Saves > 0 {
		saves = fmt.Sprintf(", saves %d", r.Saves)
	}
	switch {
	case r.Kind == spf.RepairOwn:
		return fmt.Sprintf("write the terms of %s instead of %s (%s%s)", r.Branch.Target, r.Branch.Text, r.Why, saves)
	case r.Replace != "":
		return fmt.Sprintf("write %s instead of %s (%s%s)", r.Replace, r.Branch.Text, r.Why, saves)
	case r.Kind == spf.RepairMove:
		return fmt.Sprintf("move %s (%s)", r.Branch.Text, r.Why)
	}
	if r.Kind == spf.RepairPTR {
		return fmt.Sprintf("replace %s (%s%s)", r.Branch.Text, r.Why, saves)
	}
	return fmt.Sprintf("remove %s (%s%s)", r.Branch.Text, r.Why, saves)
}

package inspect

import (
	"bufio"
	"fmt"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// dmarcText writes results of maildiag dmarc for people. Every text from the
// DNS is cleaned on its way out.
type dmarcText struct{ w *bufio.Writer }

const (
	dmarcLabel = 14 // columns of the labels
	dmarcCols  = 80
)

// row writes a label and a text beside it, wrapped.
func (t *dmarcText) row(label, format string, args ...any) {
	text := report.Clean(fmt.Sprintf(format, args...))
	for _, l := range strings.Split(strings.TrimRight(report.Wrap(text, "", dmarcCols-dmarcLabel-2), "\n"), "\n") {
		fmt.Fprintf(t.w, "  %-*s%s\n", dmarcLabel, label, l)
		label = ""
	}
}

func (t *dmarcText) gap() { fmt.Fprintln(t.w) }

func (t *dmarcText) result(r *DMARCResult) {
	title := r.q.Domain
	if r.q.Unicode != "" && r.q.Unicode != r.q.Domain {
		title += " (" + r.q.Unicode + ")"
	}
	fmt.Fprintln(t.w, report.Clean(title))
	t.gap()
	t.policy(r)
	t.row("organization", "%s", r.res.Tree.Org)
	t.gap()
	t.walk(r)
	t.problems(r)
	t.reports(r)
	t.readings(r)
	if r.q.message() {
		t.message(r)
	}
}

// dmarcEffect says what a policy does.
var dmarcEffect = map[dmarc.Policy]string{
	dmarc.None: "delivered as if nothing were", dmarc.Quarantine: "put into junk", dmarc.Reject: "refused",
}

func (t *dmarcText) policy(r *DMARCResult) {
	rd := &r.res.Tree
	switch {
	case rd.Err != nil:
		t.row("policy", "not known: %s", kit.Reason(rd.Err))
		return
	case rd.Broken:
		t.row("policy", "none applies: what is published is broken, see below")
		return
	case rd.Record == nil && len(r.res.Own().Texts) > 0:
		t.row("policy", "none: what is published here does not count as a DMARC record, see below")
		return
	case rd.Record == nil:
		t.row("policy", "none: no DMARC record here or above")
		return
	}
	how := rd.Tag + "=" + string(rd.Declared)
	if rd.Tag == "" {
		how = "the record has no valid policy"
	}
	if rd.Policy != rd.Declared {
		how += ", a level lower in test mode (t=y)"
	}
	if rd.Tag == "np" {
		how += ", for the name does not exist"
	}
	t.row("policy", "%s (%s): mail that fails is %s", rd.Policy, how, dmarcEffect[rd.Policy])
	t.row("found at", "%s", dmarc.Name(rd.At))
	t.row("record", "%s", r.res.Step(rd.At).Records()[0].Value)
	if r.wildcard {
		t.row("", "It comes from a wildcard, *.%s, and so stands at _dmarc of every name below that has "+
			"nothing of its own.", rd.At)
	}
}

var dmarcAnswers = map[string]string{
	"several": "several records, which are all discarded", "other": "text that is not a DMARC record",
	"no_data": "no record (the name exists)", "no_name": "no record (no such name)",
}

// walk shows what was found at each name.
func (t *dmarcText) walk(r *DMARCResult) {
	label := "walk"
	for _, s := range r.res.Steps {
		what := dmarcAnswers[stepAnswer(s)]
		switch {
		case s.Err != nil:
			what = kit.Reason(s.Err)
		case what == "" && s.Domain == r.res.Tree.At:
			what = "the record above"
		case what == "":
			what = s.Records()[0].Value
		}
		t.row(label, "%s", s.Name)
		t.row("", "  %s", what)
		label = ""
	}
}

func (t *dmarcText) problems(r *DMARCResult) {
	label := "problems"
	for _, s := range r.res.Steps {
		for _, x := range s.Texts {
			for _, p := range x.Problems {
				if label != "" {
					t.gap()
				}
				t.row(label, "%s, character %d: %s", s.Name, p.Pos+1, p.Text)
				if p.Want != "" {
					t.row("", "perhaps meant: %s", p.Want)
				}
				label = ""
			}
		}
	}
}

func (t *dmarcText) reports(r *DMARCResult) {
	label := "reports"
	for _, x := range r.reports {
		if x.consent == "not needed" && x.mx != "no" && len(r.reports) > dmarc.MaxAuthorizations {
			continue
		}
		if label != "" {
			t.gap()
		}
		what := x.tag + " to " + x.address
		switch x.consent {
		case "yes":
			what += ", outside, with consent"
		case "no":
			what += fmt.Sprintf(", outside and without consent, so none are sent; %s must publish  "+
				"%s._report._dmarc.%s. TXT \"v=DMARC1\"", x.host, r.res.Tree.At, x.host)
		case "unknown":
			what += ", outside; whether with consent is not known"
		}
		if x.mx == "no" {
			what += "; " + x.host + " receives no mail"
		}
		t.row(label, "%s", what)
		label = ""
	}
	if n := len(r.skipped); n > 0 {
		t.row("", "%d outside domains were not asked for their consent", n)
	}
}

func (t *dmarcText) readings(r *DMARCResult) {
	if r.res.Tree.Err != nil || r.res.List.Err != nil {
		return
	}
	t.gap()
	ds := r.res.Differences()
	if len(ds) == 0 {
		t.row("RFC 7489", "receivers that still follow it come to the same result")
		return
	}
	label := "RFC 7489"
	for _, d := range ds {
		t.row(label, "%s", d.Text)
		label = ""
	}
}

// message reports what becomes of the message that the user describes.
func (t *dmarcText) message(r *DMARCResult) {
	t.gap()
	t.row("message", "From %s", r.q.Domain)
	for _, id := range r.verdict.Identifiers {
		word := "not aligned"
		switch {
		case id.Err != nil:
			word = "could not be compared: " + kit.Reason(id.Err)
		case id.Tree:
			word = "aligned"
		}
		if id.Err == nil && id.Tree != id.List {
			word += fmt.Sprintf(" (by RFC 7489 %s)", map[bool]string{true: "aligned",
				false: "not aligned"}[id.List])
		}
		why := modeName(id.Mode)
		if id.Mode == dmarc.Relaxed && id.TreeOrg != "" {
			why += ": organization " + id.TreeOrg
		}
		t.row("", "%s pass for %s: %s  [%s]", strings.ToUpper(id.Method), id.Domain, word, why)
	}
	t.row("", "%s", outcomeText("", r.verdict.Tree))
	if r.verdict.Tree != r.verdict.List {
		t.row("", "%s", outcomeText("by RFC 7489: ", r.verdict.List))
	}
}

func outcomeText(by string, o dmarc.Outcome) string {
	switch o.Result {
	case "pass":
		return by + "dmarc=pass"
	case "fail":
		return by + "dmarc=fail, and the message is " + dmarcEffect[o.Policy]
	}
	return by + "dmarc=" + o.Result
}

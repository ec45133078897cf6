package explain

import (
	"fmt"
	"strings"

	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// body writes the explanations of all messages of an input.
func (p *page) body(x *Explanation) {
	if x.result == nil {
		p.rows(x)
		return
	}
	for _, y := range x.each() {
		p.WriteString(`<section class="report">` + "\n")
		if y.where != "" {
			p.El("p", "about", "Found in "+y.where+".")
		}
		p.one(y)
		for _, n := range y.result.Notes {
			p.El("p", "note about", "Note: "+n)
		}
		p.WriteString("</section>\n")
	}
}

func (p *page) one(x *Explanation) {
	if texts := reportTexts[x.report]; texts != nil {
		p.El("h1", "", texts[0])
		p.El("p", "", texts[1])
		p.El("p", "", "Read it with: "+texts[2])
		return
	}
	if len(x.replies) == 0 && x.message == nil {
		p.El("h1", "", nothingText(x.result))
	}
	for i := range x.replies {
		p.reply(&x.replies[i])
	}
	p.findings(x)
	if x.message != nil {
		p.message(x)
	}
}

// reply writes the answer first, then what was said, then why it is believed.
func (p *page) reply(r *reply) {
	class, title, o := "could_not_tell", "Unknown reply", outcomeOf(&r.Reply)
	if r.known() {
		class, title = "not_ready", r.rows[0].Row.Meaning
	}
	switch {
	case r.Inner:
	case o.contradicts(), o.action == "delayed":
		class = "could_not_tell"
	case o.delivered():
		class = "ready"
	}
	p.WriteString(`<article><header class="card ` + class + `"><div>` + "\n")
	p.El("h1", "", title)
	p.El("p", "said", r.String())
	p.El("p", "about", strings.Join(saidOf(r), " · "))
	if said := o.String(); said != "" && !r.Inner {
		p.El("p", "outcome", "Outcome: "+said)
	}
	p.WriteString("</div></header>\n")
	if len(r.rows) == 0 {
		p.El("p", "", r.summary())
	}
	for i := range r.rows {
		m := &r.rows[i]
		p.WriteString(`<section class="card answer">` + "\n")
		if i > 0 {
			p.El("h2", "", "Equally likely: "+m.Row.Meaning)
		}
		p.row1(&m.Row, nextTexts[o.next(m, &r.Reply)], m.Match)
		p.WriteString("</section>\n")
	}
	p.WriteString("</article>\n")
}

// saidOf says to whom and by whom a reply was said.
func saidOf(r *reply) (words []string) {
	if r.Recipient != "" && !r.Inner {
		words = append(words, "To "+r.To())
	}
	switch t := r.Trailer; {
	case t != nil:
		words = append(words, strings.TrimSpace("Said by Exchange Online "+t.Host))
	case r.RemoteMTA+r.RemoteIP != "":
		words = append(words, "Said by "+strings.TrimSpace(r.RemoteMTA+" "+r.RemoteIP))
	}
	return words
}

// row1 writes what to do by one row of the catalog.
func (p *page) row1(r *replies.Row, retry, match string) {
	p.El("p", "owner", "Who must act: "+r.Owner)
	p.steps(r.Fix)
	for _, c := range r.Commands {
		p.El("pre", "", c)
	}
	if r.Portal != "" {
		p.El("p", "about", "Where: "+r.Portal)
	}
	p.WriteString("<dl>\n")
	p.term("retry", retry)
	for i, c := range r.Causes {
		p.term(label(i, "causes"), c)
	}
	for i, n := range r.Next {
		p.term(label(i, "see also"), n)
	}
	if match != "" {
		p.term("match", matchTexts[match])
	}
	p.term("source", sourceText(r, match))
	p.term("id", r.ID)
	p.WriteString("</dl>\n")
}

func label(i int, name string) string {
	if i > 0 {
		return ""
	}
	return name
}

func (p *page) term(name, text string) {
	p.El("dt", "", name)
	p.El("dd", "", text)
}

// steps writes what to do, numbered.
func (p *page) steps(lines []string) {
	p.WriteString(`<ol class="plan">` + "\n")
	for i, l := range lines {
		p.WriteString(`<li><span class="num">` + fmt.Sprint(i+1) + "</span>")
		p.El("div", "", l)
		p.WriteString("</li>\n")
	}
	p.WriteString("</ol>\n")
}

// findings writes what was checked now.
func (p *page) findings(x *Explanation) {
	if !x.checked || x.message != nil && len(x.replies) == 0 {
		return
	}
	p.El("h2", "", "Checked now")
	p.WriteString(`<section class="card">` + "\n")
	if len(x.probes) == 0 {
		p.El("p", "", "Nothing about this can be seen from outside.")
	}
	for i := range x.probes {
		f := &x.probes[i]
		p.WriteString(`<div class="finding">`)
		p.El("span", "status "+f.Status.String(), strings.ToUpper(f.Status.String()))
		p.El("span", "code", f.Code)
		p.El("span", "text", f.Summary)
		if f.Fix != nil && problem(f.Status) {
			p.El("div", "more", f.Fix.Owner+": "+f.Fix.Text)
		}
		p.WriteString("</div>\n")
	}
	p.WriteString("</section>\n")
}

// rows writes the rows of a bare code, or the one of an ID.
func (p *page) rows(x *Explanation) {
	if len(x.rows) == 1 {
		p.El("h1", "", x.rows[0].Meaning)
		p.WriteString(`<section class="card answer">` + "\n")
		p.row1(&x.rows[0], nextTexts[nextOfRow(&x.rows[0])], "")
		p.WriteString("</section>\n")
		return
	}
	p.El("h1", "", fmt.Sprintf("%s is a generic code: the words after it decide", report.Clean(x.code)))
	p.El("p", "about", "Paste the whole reply, or choose from this list.")
	for i := range x.rows {
		r := &x.rows[i]
		p.WriteString(`<details class="topic"><summary>`)
		p.Text(wordingOf(r))
		p.WriteString("</summary>\n")
		p.El("p", "", r.Meaning)
		p.row1(r, nextTexts[nextOfRow(r)], "")
		p.WriteString("</details>\n")
	}
}

package explain

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/container"
	"maildiag/checks/refusal/message/eml"
	"maildiag/checks/refusal/pasted"
)

// maxExplained bounds the messages of one input that are explained.
const maxExplained = 50

// unwrap finds the messages in an input and explains each.
func (o *Options) unwrap(ctx context.Context, name string, input []byte) (*Explanation, error) {
	root, notes := container.Open(name, input)
	read := map[*container.Item]*bounce.Result{}
	notes = append(notes, uncover(root)...)
	items := root.Innermost(func(it *container.Item) bool {
		read[it] = bounce.Read(it.Data)
		return read[it].Kind == bounce.KindBounce
	})
	items, left := withTexts(items, root.Besides(items), read)
	if len(left) > 0 {
		notes = append(notes, "not explained: "+namesOf(left))
	}
	if len(items) > maxExplained {
		notes = append(notes, fmt.Sprintf("messages after the first %d are not explained", maxExplained))
		items = items[:maxExplained]
	}
	if len(items) == 0 {
		notes = append(notes, "no message was found in "+name)
		return &Explanation{result: &bounce.Result{Kind: bounce.KindBinary, Notes: notes}}, nil
	}
	all, err := o.explainItems(ctx, items, read)
	if err != nil {
		return nil, err
	}
	x := all[0]
	x.more = all[1:]
	for _, y := range all {
		if y.where == "" && len(all) > 1 {
			y.where = name // the input itself, beside what it holds
		}
	}
	x.result.Notes = append(x.result.Notes, notes...)
	return x, nil
}

// uncover takes the header of a message out of each text in which somebody
// pasted it, unless the text says what a server replied.
func uncover(it *container.Item) (notes []string) {
	for _, k := range it.Items {
		notes = append(notes, uncover(k)...)
	}
	if it.Kind != container.Text && !(it.Kind == container.Mail && !it.Attached() && bare(it.Data)) {
		return notes
	}
	header, rest := pasted.Header(string(it.Data))
	if header == "" || len(bounce.Find([]byte(rest))) > 0 {
		return notes
	}
	it.Kind, it.Data, it.Rendered = container.Mail, []byte(header), true
	return append(notes, "only the header that was found in the text is judged")
}

// bare reports whether a message is plain text, and no server wrote anything
// into its header: it may be words of somebody, with another header below.
func bare(message []byte) bool {
	p := eml.Parse(header(bytes.TrimLeft(message, "\ufeff\n"))).Part
	return p.Type == "text/plain" && p.Dropped == 0 && p.Get("Received") == "" && p.Get("Authentication-Results") == ""
}

// withTexts adds the texts that hold replies, such as a log beside a bounce, and
// returns what is still left out.
func withTexts(items, rest []*container.Item, read map[*container.Item]*bounce.Result) (all, left []*container.Item) {
	all = items
	for _, it := range rest {
		if it.Kind == container.Text {
			read[it] = bounce.Read(it.Data)
		}
		if r := read[it]; it.Kind == container.Text && len(r.Replies) > 0 {
			all = append(all, it)
		} else {
			left = append(left, it)
		}
	}
	return all, left
}

// maxNamed is how many of the items that are left out are named.
const maxNamed = 5

func namesOf(items []*container.Item) string {
	var names []string
	for _, it := range items[:min(len(items), maxNamed)] {
		names = append(names, it.Name)
	}
	s := strings.Join(names, ", ")
	if n := len(items) - len(names); n > 0 {
		s += fmt.Sprintf(" and %d more", n)
	}
	return s
}

// explainItems explains each item. A bounce that holds another one is left out
// if it tells nothing new. DNS and servers get no more time than for two.
func (o *Options) explainItems(ctx context.Context, items []*container.Item,
	read map[*container.Item]*bounce.Result) ([]*Explanation, error) {
	if len(items) > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 2*o.Timeout)
		defer cancel()
	}
	var all []*Explanation
	for i, it := range items {
		x, err := o.explainItem(ctx, it, read[it])
		if err != nil {
			return nil, err
		}
		holds := slices.ContainsFunc(items[:i], func(inner *container.Item) bool { return inner.Within(it) })
		if !holds || x.addsTo(all) {
			all = append(all, x)
		}
	}
	return all, nil
}

// explainItem explains one message, report or text; read is nil if it was not
// read yet.
func (o *Options) explainItem(ctx context.Context, it *container.Item, read *bounce.Result) (
	*Explanation, error) {
	where := ""
	if path := it.Path(); len(path) > 1 {
		where = strings.Join(path, " > ")
	}
	if it.IsReport() {
		kind := bounce.Kind(it.Kind)
		if it.Kind == container.Complaint {
			kind = bounce.KindFeedback
		}
		return &Explanation{where: where, report: it.Kind, result: &bounce.Result{Kind: kind}}, nil
	}
	if read == nil {
		read = bounce.Read(it.Data)
	}
	x := &Explanation{where: where, result: read, attached: it.Attached()}
	x.explain(string(it.Data[:min(len(it.Data), maxPlain)]))
	data := it.Data
	if it.Rendered { // the body is not what was signed
		data = header(data)
	}
	return x, o.lookInto(ctx, x, data)
}

// addsTo reports whether the explanation of a message that holds a bounce tells
// more than those of the bounce: that the bounce came back itself. The words of
// someone who forwards it do not.
func (x *Explanation) addsTo(all []*Explanation) bool {
	for i := range x.replies {
		r := &x.replies[i]
		if !r.known() || r.Source == bounce.FromReason {
			return false
		}
		for _, y := range all {
			if slices.ContainsFunc(y.replies, func(q reply) bool { return q.String() == r.String() }) {
				return false
			}
		}
	}
	return len(x.replies) > 0
}

// header cuts a message after its header.
func header(message []byte) []byte {
	if i := bytes.Index(message, []byte("\n\n")); i >= 0 {
		return message[:i+1]
	}
	return message
}

// each lists the explanations of all messages of an input.
func (x *Explanation) each() []*Explanation { return append([]*Explanation{x}, x.more...) }

// merged joins the explanations of all messages into one, for the formats that
// hold one. Where each was found is a note.
func (x *Explanation) merged() *Explanation {
	if x.result == nil {
		return x
	}
	m, result := *x, *x.result
	m.replies, m.probes, m.more, result.Notes = nil, nil, nil, nil
	if len(x.more) > 0 {
		m.messages = x.each()
	}
	for _, y := range x.each() {
		if y.where != "" {
			result.Notes = append(result.Notes, "found in "+y.where)
		}
		m.replies = append(m.replies, y.replies...)
		m.probes = append(m.probes, y.probes...)
		m.confirmed = m.confirmed || y.confirmed
		result.Notes = append(result.Notes, y.result.Notes...)
	}
	m.result = &result
	return &m
}

// reportTexts name the reports that tell nothing of one message, and what to
// do with them.
var reportTexts = map[container.Kind][]string{
	container.DMARCReport: {"This is a DMARC aggregate report (RFC 9990).",
		"A receiver counts the messages that used your domain in From, by sending server, with their SPF and " +
			"DKIM results.", "maildiag reports FILE"},
	container.TLSReport: {"This is a TLS report (TLS-RPT, RFC 8460).",
		"A sender counts the connections to your mail servers, and those whose TLS failed your MTA-STS or " +
			"DANE policy.", "maildiag reports FILE"},
	container.AuthFailure: {"This is an authentication-failure report (RFC 6591).",
		"A receiver shows one message that used your domain and failed SPF, DKIM or DMARC.",
		"maildiag reports FILE for the counts; maildiag explain FILE, with the attached message saved as .eml, " +
			"for its results"},
	container.Complaint: {"This is a complaint (abuse report, RFC 5965).",
		"A recipient marked a message from your domain as spam, or unsubscribed. Remove the recipient from " +
			"the list.", "a reader of such reports; maildiag has none yet"},
}

// messages writes the explanations of all messages.
func (t *printer) messages(x *Explanation, write func(*Explanation)) {
	for i, y := range x.each() {
		if i > 0 {
			t.gap()
		}
		if y.report == "" {
			write(y)
			continue
		}
		t.found(y)
		t.reportOnly(y)
	}
}

// found writes the path to a message.
func (t *printer) found(x *Explanation) {
	if x.where != "" {
		t.row("found in", "%s", x.where)
		t.gap()
	}
}

// reportOnly names a report and the command that reads it.
func (t *printer) reportOnly(x *Explanation) {
	texts := reportTexts[x.report]
	t.heading(texts[0])
	t.row("tells", "%s", texts[1])
	t.row("read with", "%s", texts[2])
	for _, n := range x.result.Notes {
		t.row("note", "%s", n)
	}
}

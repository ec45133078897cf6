package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/container"
)

// maxExplained bounds the messages of one input that are explained.
const maxExplained = 50

// inputName is what the path to a message starts with.
func inputName(args []string) string {
	if len(args) == 1 && args[0] != "-" && !strings.ContainsAny(args[0], " \t\n") {
		return filepath.Base(args[0])
	}
	return "input"
}

// unwrap finds the messages in an input and explains each.
func (a *app) unwrap(ctx context.Context, name string, input []byte, f *explainFlags) (*explained, error) {
	root, notes := container.Open(name, input)
	read := map[*container.Item]*bounce.Result{}
	items := root.Innermost(func(it *container.Item) bool {
		read[it] = bounce.Read(it.Data)
		return read[it].Kind == bounce.KindBounce
	})
	if len(items) > maxExplained {
		notes = append(notes, fmt.Sprintf("messages after the first %d are not explained", maxExplained))
		items = items[:maxExplained]
	}
	if len(items) == 0 {
		notes = append(notes, "no message was found in "+name)
		return &explained{result: &bounce.Result{Kind: bounce.KindBinary, Notes: notes}}, nil
	}
	all, err := a.explainItems(ctx, items, read, f)
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

// explainItems explains each item. A bounce that holds another one is left out
// if it tells nothing new. DNS and servers get no more time than for two.
func (a *app) explainItems(ctx context.Context, items []*container.Item,
	read map[*container.Item]*bounce.Result, f *explainFlags) ([]*explained, error) {
	if len(items) > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 2*f.timeout)
		defer cancel()
	}
	var all []*explained
	for i, it := range items {
		x, err := a.explainItem(ctx, it, read[it], f)
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
func (a *app) explainItem(ctx context.Context, it *container.Item, read *bounce.Result, f *explainFlags) (
	*explained, error) {
	where := ""
	if path := it.Path(); len(path) > 1 {
		where = strings.Join(path, " > ")
	}
	if it.IsReport() {
		kind := bounce.Kind(it.Kind)
		if it.Kind == container.Complaint {
			kind = bounce.KindFeedback
		}
		return &explained{where: where, report: it.Kind, result: &bounce.Result{Kind: kind}}, nil
	}
	if read == nil {
		read = bounce.Read(it.Data)
	}
	x := &explained{where: where, result: read}
	x.explain(string(it.Data[:min(len(it.Data), maxPlain)]))
	data := it.Data
	if it.Rendered { // the body is not what was signed
		data = header(data)
	}
	return x, a.lookInto(ctx, x, data, f)
}

// addsTo reports whether the explanation of a message that holds a bounce tells
// more than those of the bounce: that the bounce came back itself. The words of
// someone who forwards it do not.
func (x *explained) addsTo(all []*explained) bool {
	for i := range x.replies {
		r := &x.replies[i]
		if !r.known() || r.Source == bounce.FromReason {
			return false
		}
		for _, y := range all {
			if slices.ContainsFunc(y.replies, func(q explainedReply) bool { return q.String() == r.String() }) {
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
func (x *explained) each() []*explained { return append([]*explained{x}, x.more...) }

// merged joins the explanations of all messages into one, for the formats that
// hold one. Where each was found is a note.
func (x *explained) merged() *explained {
	if x.result == nil {
		return x
	}
	m, result := *x, *x.result
	m.replies, m.probes, m.more, result.Notes = nil, nil, nil, nil
	for _, y := range x.each() {
		if y.where != "" {
			result.Notes = append(result.Notes, "found in "+y.where)
		}
		m.replies = append(m.replies, y.replies...)
		m.probes = append(m.probes, y.probes...)
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
func (t *explainText) messages(x *explained, write func(*explained)) {
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
func (t *explainText) found(x *explained) {
	if x.where != "" {
		t.row("found in", "%s", x.where)
		t.gap()
	}
}

// reportOnly names a report and the command that reads it.
func (t *explainText) reportOnly(x *explained) {
	texts := reportTexts[x.report]
	t.heading(texts[0])
	t.row("tells", "%s", texts[1])
	t.row("read with", "%s", texts[2])
	for _, n := range x.result.Notes {
		t.row("note", "%s", n)
	}
}

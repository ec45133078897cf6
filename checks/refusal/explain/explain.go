// Package explain explains what a mail server replied: it finds the replies in
// a text, a log, a bounce or a message, and says for each the cause, who must
// act, and how. A message that is not a bounce is analyzed.
//
// The input is hostile: its size, its depth and the time spent on it are
// bounded, and every value of it is cleaned where it is written.
package explain

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/container"
	"maildiag/checks/refusal/message"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// SchemaJSON describes the JSON form.
//
//go:embed schema.json
var SchemaJSON []byte

// Options say how to explain.
type Options struct {
	AuthservID string        // whose Authentication-Results count; empty: those of the border
	Now        time.Time     // dates are judged as of it
	Timeout    time.Duration // of what the DNS and servers are asked about one message

	// Open opens the world when something has to be asked: the keys of
	// signatures and, with Check, whether a cause still exists. nil: nothing is
	// asked.
	Open func() (*World, error)

	WithLocalPart bool // the sender's local part may be asked for in the DNS (RFC 7208 7)

	Check    bool        // ask whether the causes still exist
	Rows     []kit.Check // for Check: the table of checks
	IP, From string      // for Check: what the user says of the sender
}

// World is what may be asked.
type World struct {
	kit.World
	Resolver   string // how the resolver is called
	TrustAD    bool
	IPv4, IPv6 bool // as in [kit.Env]
	Close      func() error
}

// Explain explains the messages of an input, which is called name.
func Explain(ctx context.Context, name string, input []byte, o Options) (*Explanation, error) {
	if x := bareRows(string(input[:min(len(input), 80)])); x != nil {
		return x, nil
	}
	return o.unwrap(ctx, name, input)
}

// List returns all known replies.
func List() *Explanation { return &Explanation{rows: replies.All(), list: true} }

// HasID reports whether there is a row of that ID, or one that took its place.
func HasID(id string) bool {
	_, ok := replies.ByID(id)
	return ok
}

// IDs returns the IDs of all known replies.
func IDs() (ids []string) {
	for _, r := range replies.All() {
		ids = append(ids, r.ID)
	}
	return ids
}

// Explanation is what an input tells.
type Explanation struct {
	rows      []replies.Row // of a list, or of a bare code
	list      bool
	code      string // the bare code
	result    *bounce.Result
	text      string // of an input without any reply, cut short
	replies   []reply
	message   *message.Analysis // nil: not a message, or a bounce that holds none
	probes    []report.Finding  // of Check
	checked   bool
	confirmed bool           // by Check
	where     string         // the path to the message, if it is not the input itself
	report    container.Kind // a report that is not about one message; or ""
	more      []*Explanation // the other messages of the input
	messages  []*Explanation // what was merged into this one
	attached  bool           // to a message
}

// reply is a reply with the rows that explain it, the best first.
type reply struct {
	bounce.Reply
	rows []replies.Explanation
}

func (r *reply) known() bool { return len(r.rows) > 0 && r.rows[0].Known() }

// ExitCode returns [report.ExitOK] if everything is explained, and
// [report.ExitFound] if Check confirmed a cause.
func (x *Explanation) ExitCode() int {
	all := x.each()
	switch {
	case slices.ContainsFunc(all, func(y *Explanation) bool { return y.confirmed }):
		return report.ExitFound
	case slices.ContainsFunc(all, (*Explanation).unclear):
		return report.ExitUnknown
	}
	return report.ExitOK
}

// unclear reports whether something in one message or text is not known: a reply,
// or whether a message is spoofed.
func (x *Explanation) unclear() bool {
	switch {
	case x.report != "":
		return false
	case len(x.rows) > 0:
		return x.code != "" && strings.HasPrefix(x.rows[0].ID, "class.")
	case len(x.replies) > 0:
		return slices.ContainsFunc(x.replies, func(r reply) bool { return !r.known() && !r.Inner })
	}
	switch x.result.Kind {
	case bounce.KindFeedback, bounce.KindReply:
		return false
	case bounce.KindMessage, bounce.KindHeader:
		return x.message == nil || !x.message.Answer.Verdict.Known()
	}
	return true
}

// WriteText writes for people.
func (x *Explanation) WriteText(w io.Writer) error {
	out := bufio.NewWriter(w)
	if x.list {
		listReplies(out, x.rows)
		return out.Flush()
	}
	t := &printer{w: out}
	t.messages(x, func(y *Explanation) { t.found(y); t.all(y) })
	return out.Flush()
}

// WriteTicket writes plain text for a ticket. lang is one of [Languages].
func (x *Explanation) WriteTicket(w io.Writer, lang string) error {
	out := bufio.NewWriter(w)
	t := &printer{w: out}
	t.messages(x, t.ticketIn(newWording(lang)))
	return out.Flush()
}

// listReplies writes one line a row.
func listReplies(w io.Writer, rows []replies.Row) {
	for _, r := range rows {
		codes := strings.Join(r.Enhanced, ",")
		if codes == "" {
			codes = strings.Trim(fmt.Sprint(r.Codes), "[]")
		}
		fmt.Fprintf(w, "%-32s %-24s %s\n", r.ID, codes, r.Meaning)
	}
}

// Package container finds the messages in what people save and attach: Outlook
// .msg files, zip archives, mailboxes (mbox), and messages attached to messages.
//
// A bounce reaches the helpdesk wrapped: the user forwards it as an attachment,
// the helpdesk saves that from Outlook and zips it. [Open] unwraps all layers and
// returns a tree; [Item.Innermost] picks from it the messages that are to be
// explained. Reports that are not about one message (DMARC aggregate, TLS-RPT,
// complaints) are recognized and named.
//
// The author of a message chooses every byte of it, so all is bounded: depth,
// number of messages, bytes decompressed and their ratio.
package container

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"maildiag/checks/refusal/container/outlook"
	"maildiag/checks/refusal/message/eml"
)

// The limits. What lies beyond them is left out, and a note says so.
const (
	MaxOutput = 20 << 20 // bytes unpacked, of all layers together
	MaxDepth  = 12       // layers within each other
	MaxItems  = 200      // messages and reports
)

// Kind says what an item is.
type Kind string

// The kinds.
const (
	Text        Kind = "text" // or anything that is not recognized
	Mail        Kind = "message"
	Archive     Kind = "archive"      // holds only other items
	DMARCReport Kind = "dmarc-report" // aggregate, RFC 7489 7.2
	TLSReport   Kind = "tls-report"   // RFC 8460
	Complaint   Kind = "complaint"    // RFC 5965
	AuthFailure Kind = "auth-failure" // RFC 6591
)

// Item is a message, a report or a text, and what is within it.
type Item struct {
	Name      string // as its container calls it; hostile
	Kind      Kind
	Data      []byte // a message (RFC 5322) with LF line ends, or the input as it is
	Rendered  bool   // from an Outlook file: not as it was transmitted
	Items     []*Item
	container *Item
}

// Path lists the names from the input down to the item.
func (it *Item) Path() []string {
	var names []string
	for ; it != nil; it = it.container {
		names = append(names, it.Name)
	}
	slices.Reverse(names)
	return names
}

// Attached reports whether the item was attached to a message, by itself or in
// an archive.
func (it *Item) Attached() bool {
	for up := it.container; up != nil; up = up.container {
		if up.Kind == Mail {
			return true
		}
	}
	return false
}

// IsReport reports whether the item is a report that is not about one message.
func (it *Item) IsReport() bool {
	switch it.Kind {
	case DMARCReport, TLSReport, Complaint, AuthFailure:
		return true
	}
	return false
}

// Innermost returns the items to explain: the bounces, those within a bounce
// before it; without bounces the reports; without either the outermost messages,
// each before those attached to it; without any the texts.
func (it *Item) Innermost(isBounce func(*Item) bool) []*Item {
	if list := it.matching(func(i *Item) bool { return i.Kind == Mail && isBounce(i) }); len(list) > 0 {
		return list
	}
	if list := it.matching((*Item).IsReport); len(list) > 0 {
		return list
	}
	list := it.outermost()
	mails := slices.DeleteFunc(slices.Clone(list), func(i *Item) bool { return i.Kind != Mail })
	if len(mails) == 0 {
		return list
	}
	list = nil
	for _, m := range mails {
		list = append(list, m.withAttached()...)
	}
	return list
}

// Besides returns the outermost items that are not among items, and neither hold
// one of them nor are held by one.
func (it *Item) Besides(items []*Item) []*Item {
	return slices.DeleteFunc(it.outermost(), func(o *Item) bool {
		return slices.ContainsFunc(items, func(i *Item) bool { return i == o || i.Within(o) || o.Within(i) })
	})
}

// withAttached returns a message and those attached to it, the outer before the
// inner: who asks about a message forwards it that way.
func (it *Item) withAttached() []*Item {
	var list []*Item
	if it.Kind == Mail {
		list = append(list, it)
	}
	for _, k := range it.Items {
		list = append(list, k.withAttached()...)
	}
	return list
}

// Within reports whether the item is below other.
func (it *Item) Within(other *Item) bool {
	for up := it.container; up != nil; up = up.container {
		if up == other {
			return true
		}
	}
	return false
}

// matching returns the items that match, the inner before the outer.
func (it *Item) matching(match func(*Item) bool) []*Item {
	var list []*Item
	for _, k := range it.Items {
		list = append(list, k.matching(match)...)
	}
	if match(it) {
		list = append(list, it)
	}
	return list
}

func (it *Item) outermost() []*Item {
	if it.Kind != Archive {
		return []*Item{it}
	}
	var list []*Item
	for _, k := range it.Items {
		list = append(list, k.outermost()...)
	}
	return list
}

// Open unwraps an input. Notes say what was left out.
func Open(name string, data []byte) (root *Item, notes []string) {
	o := &opener{left: MaxOutput}
	root = o.item(nil, name, data)
	return root, o.notes
}

// opener keeps the count of all that is bounded.
type opener struct {
	left  int // bytes that may still be unpacked
	items int
	notes []string
}

func (o *opener) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(o.notes, n) {
		o.notes = append(o.notes, n)
	}
}

// spend takes n bytes from what may be unpacked, or reports that they are not
// left.
func (o *opener) spend(n int) bool {
	if n > o.left {
		o.note("the input beyond %d MiB (unpacked) was not read", MaxOutput>>20)
		return false
	}
	o.left -= n
	return true
}

// item unwraps one layer. parent is nil for the input.
func (o *opener) item(parent *Item, name string, data []byte) *Item {
	if s, ok := eml.UTF16(data); ok { // as Notepad and PowerShell save
		data = []byte(s)
	}
	it := &Item{Name: name, Kind: Text, Data: data, container: parent}
	o.items++
	depth := 0
	for up := parent; up != nil; up = up.container {
		depth++
	}
	if depth >= MaxDepth {
		o.note("content nested deeper than %d levels was not read", MaxDepth)
		return it
	}
	if kind := reportKind(data); kind != "" {
		it.Kind = kind
		return it
	}
	switch {
	case outlook.Is(data):
		o.outlook(it)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		o.zip(it)
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		o.gzip(it)
	case eml.IsMessage(data):
		o.mail(it)
	}
	return it
}

// add puts what was found in a container into it, if it is a message or report
// or holds one.
func (o *opener) add(parent *Item, name string, data []byte) {
	if o.items >= MaxItems {
		o.note("messages after the first %d were not read", MaxItems)
		return
	}
	it := o.item(parent, name, data)
	empty := it.Kind == Archive && len(it.Items) == 0
	if empty || it.Kind == Text && (parent.Kind != Archive || !text(it.Data)) {
		return
	}
	parent.Items = append(parent.Items, it)
}

// text reports whether data may be a text, such as a log.
func text(data []byte) bool {
	return len(data) > 0 && bytes.IndexByte(data[:min(len(data), sniffed)], 0) < 0
}

func (o *opener) outlook(it *Item) {
	m, err := outlook.Convert(it.Data)
	if err != nil {
		o.note("%s looks like an Outlook file, but cannot be read: %v", it.Name, err)
		return
	}
	for _, n := range m.Notes {
		o.note("%s: %s", it.Name, n)
	}
	if !o.spend(len(m.Data)) {
		return
	}
	it.Data, it.Rendered = m.Data, true
	o.mail(it)
}

// mail reads a message, or a mailbox of several.
func (o *opener) mail(it *Item) {
	if bytes.Contains(it.Data, []byte("\r\n")) { // once for all who parse it
		it.Data = bytes.ReplaceAll(it.Data, []byte("\r\n"), []byte("\n"))
	}
	if all := mailbox(it.Data); len(all) > 1 {
		it.Kind = Archive
		for i, m := range all {
			o.add(it, fmt.Sprintf("message %d", i+1), m)
		}
		return
	}
	it.Kind = Mail
	if kind := feedbackKind(it.Data); kind != "" {
		it.Kind = kind
		return
	}
	if nests(it.Data) {
		o.attached(it)
	}
}

// nests reports whether a message can hold something that is worth parsing it
// for.
func nests(data []byte) bool {
	low := bytes.ToLower(data[:min(len(data), eml.MaxHeader)])
	return bytes.Contains(low, []byte("multipart/")) || bytes.Contains(low, []byte("message/rfc822")) ||
		bytes.Contains(low, []byte("application/"))
}

// attached adds what is attached to a message.
func (o *opener) attached(it *Item) {
	m := eml.Parse(it.Data)
	n := 0
	m.Walk(func(p *eml.Part) bool {
		switch {
		case p.Type == "message/rfc822", p.Type == "message/global":
			n++
			o.part(it, fmt.Sprintf("attached message %d", n), p)
			return false
		case len(p.Parts) > 0, strings.HasPrefix(p.Type, "multipart/"), p == m.Part && !attachment(p):
			return true
		case attachment(p):
			o.part(it, fileName(p), p)
		}
		return true
	})
}

// attachment reports whether a part is a file that may hold a message.
func attachment(p *eml.Part) bool {
	switch strings.ToLower(path.Ext(fileName(p))) {
	case ".eml", ".msg", ".zip", ".gz", ".xml", ".json", ".mbox":
		return true
	}
	switch p.Type {
	case "application/octet-stream", "application/zip", "application/x-zip-compressed", "application/gzip",
		"application/x-gzip", "application/vnd.ms-outlook", "application/tlsrpt+gzip",
		"application/tlsrpt+json":
		return true
	}
	return false
}

// part decodes a part and adds it.
func (o *opener) part(it *Item, name string, p *eml.Part) {
	if o.left <= 0 || o.items >= MaxItems {
		o.note("not all attachments were read")
		return
	}
	if p.Type != "message/rfc822" && !worth(p.Content(sniffed)) {
		return
	}
	data := p.Content(min(o.left, eml.MaxDecoded))
	if o.spend(len(data)) {
		o.add(it, name, bytes.TrimLeft(data, "\r\n"))
	}
}

// worth reports whether a file that starts with head may hold a message or is a
// report, so that large files of other kinds are not decoded.
func worth(head []byte) bool {
	head = bytes.TrimLeft(head, "\r\n")
	return outlook.Is(head) || bytes.HasPrefix(head, []byte("PK\x03\x04")) ||
		bytes.HasPrefix(head, []byte("\x1f\x8b")) || reportKind(head) != "" || eml.IsMessage(head)
}

// maxName is how much of a file's name is kept.
const maxName = 100

// fileName returns the name of an attached file. RFC 2183 2.3
func fileName(p *eml.Part) string {
	name := p.Params["name"]
	if d := p.Get("Content-Disposition"); d != "" {
		if n := dispositionName(d); n != "" {
			name = n
		}
	}
	name = eml.Decoded(name)
	if name == "" {
		return "attached file"
	}
	return baseName(name)
}

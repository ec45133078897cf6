package outlook

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"

	"maildiag/checks/refusal/message/eml/charset"
)

// writer renders messages, at most left bytes in all.
type writer struct {
	out   bytes.Buffer
	left  int
	bound int // boundaries so far
	notes []string
}

func (w *writer) note(s string) {
	if !slices.Contains(w.notes, s) {
		w.notes = append(w.notes, s)
	}
}

func (w *writer) line(s string) {
	if len(s)+1 > w.left {
		w.note(fmt.Sprintf("the content of the Outlook file beyond %d MiB was left out", MaxOutput>>20))
		return
	}
	w.left -= len(s) + 1
	w.out.WriteString(s + "\n")
}

// field writes a header field on one line.
func (w *writer) field(name, value string) {
	if value = oneLine(value); value != "" {
		w.line(name + ": " + value)
	}
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}

// message writes a message with its header.
func (w *writer) message(o *object, depth int) {
	w.bound++
	boundary := fmt.Sprintf("=_outlook_%d", w.bound)
	action := o.action()
	w.header(o, action != "")
	w.line("MIME-Version: 1.0")
	if action != "" {
		w.line(`Content-Type: multipart/report; report-type=delivery-status; boundary="` + boundary + `"`)
	} else {
		w.line(`Content-Type: multipart/mixed; boundary="` + boundary + `"`)
	}
	w.line("")
	w.body(o, boundary)
	if action != "" {
		w.status(o, action, boundary)
	}
	w.attachments(o, boundary, depth)
	w.line("--" + boundary + "--")
}

// header writes the header as it was transmitted, or what the properties tell.
func (w *writer) header(o *object, report bool) {
	if fields := transported(o.text(propHeaders)); len(fields) > 0 {
		for _, f := range fields {
			w.line(f)
		}
		return
	}
	w.field("From", mailbox(o.text(propSenderName), first(o.text(propSenderSMTP), o.text(propSenderAddress))))
	w.field("To", strings.ReplaceAll(o.text(propDisplayTo), ";", ","))
	w.field("Subject", mime.QEncoding.Encode("utf-8", oneLine(o.text(propSubject))))
	for _, id := range []uint16{propSubmitTime, propDeliveryTime} {
		if t, ok := o.time(id); ok {
			w.field("Date", t.Format(time.RFC1123Z))
			break
		}
	}
	w.field("Message-ID", o.text(propMessageID))
	if report || strings.HasPrefix(o.class(), "REPORT.") {
		w.line("Auto-Submitted: auto-replied") // RFC 3834 5
	}
}

// transported returns the lines of a transport header without the fields that
// describe the body, which is rendered anew.
func transported(header string) []string {
	header = header[:min(len(header), maxHeaders)]
	var lines []string
	keep := false
	for line := range strings.Lines(strings.ReplaceAll(header, "\x00", "")) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if keep && strings.TrimSpace(line) != "" {
				lines = append(lines, line)
			}
			continue
		}
		name, _, ok := strings.Cut(line, ":")
		keep = ok && name != "" && !strings.ContainsAny(name, " \t") && !describesBody(name)
		if keep {
			lines = append(lines, line)
		}
	}
	return lines
}

func describesBody(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "content-") || name == "mime-version"
}

// mailbox writes a name and an address. An address of Exchange's own form
// ("/o=...") is not one of the Internet.
func mailbox(name, address string) string {
	name = mime.QEncoding.Encode("utf-8", oneLine(name))
	address = oneLine(address)
	if !strings.Contains(address, "@") {
		return name
	}
	if name == "" || name == address {
		return "<" + address + ">"
	}
	return `"` + strings.NewReplacer(`"`, "", `\`, "").Replace(name) + `" <` + address + ">"
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// body writes the text for people: plain, else of HTML, else of RTF.
func (w *writer) body(o *object, boundary string) {
	if text := o.text(propBody); strings.TrimSpace(text) != "" {
		w.leaf(boundary, "text/plain; charset=utf-8", []byte(text))
	}
	html := o.text(propHTML)
	if html == "" {
		html = charset.Page(o.binary(propHTML), o.long(propCodepage))
	}
	if html != "" {
		w.leaf(boundary, "text/html; charset=utf-8", []byte(html))
	}
	if o.text(propBody) == "" && html == "" {
		if text := rtfText(decompressRTF(o.binary(propRTF)), o.page); strings.TrimSpace(text) != "" {
			w.leaf(boundary, "text/plain; charset=utf-8", []byte(text))
		}
	}
	if text := o.text(propReportText); text != "" {
		w.leaf(boundary, "text/plain; charset=utf-8", []byte(text))
	}
}

// leaf writes a part in base64, so that its content cannot be taken for a
// boundary.
func (w *writer) leaf(boundary, mediaType string, content []byte) {
	w.line("--" + boundary)
	w.line("Content-Type: " + oneLine(mediaType))
	w.line("Content-Transfer-Encoding: base64")
	w.line("")
	const wide = 57 // bytes that make a line of 76; RFC 2045 6.8
	if base64.StdEncoding.EncodedLen(len(content))*78/76 > w.left {
		w.note(fmt.Sprintf("the content of the Outlook file beyond %d MiB was left out", MaxOutput>>20))
		return
	}
	for ; len(content) > 0; content = content[min(wide, len(content)):] {
		w.line(base64.StdEncoding.EncodeToString(content[:min(wide, len(content))]))
	}
}

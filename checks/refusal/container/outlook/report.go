package outlook

import (
	"bytes"
	"fmt"
	"strings"
)

// status writes the delivery-status part of a report (RFC 3464 2.1) from the
// properties of its recipients.
func (w *writer) status(o *object, action, boundary string) {
	var b strings.Builder
	if mta := oneLine(o.text(propReportingMTA)); mta != "" {
		fmt.Fprintf(&b, "Reporting-MTA: %s\n", typed("dns", mta))
	}
	all := o.parts(recipientPrefix)
	if len(all) > maxRecipients {
		w.note(fmt.Sprintf("recipients after the first %d were left out", maxRecipients))
		all = all[:maxRecipients]
	}
	for _, r := range all {
		fmt.Fprintf(&b, "\n%s", recipientFields(r, action))
	}
	w.leaf(boundary, "message/delivery-status; charset=utf-8", []byte(b.String()))
}

// typed puts the type before a value that has none ("dns; host"). RFC 3464
// 2.1.2
func typed(typ, value string) string {
	if strings.Contains(value, ";") {
		return value
	}
	return typ + "; " + value
}

// recipientFields writes the fields of one recipient. RFC 3464 2.3
func recipientFields(r *object, action string) string {
	var b strings.Builder
	add := func(name, value string) {
		if value = oneLine(value); value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	add("Final-Recipient", "rfc822; "+address(r))
	add("Action", action)
	s := supplementary(r.text(propSupplementary))
	add("Status", first(s.status, statusOf(r.long(propStatusCode))))
	if mta := first(s.host, oneLine(r.text(propRemoteMTA))); mta != "" {
		add("Remote-MTA", typed("dns", mta))
	}
	if s.diagnostic != "" {
		add("Diagnostic-Code", typed("smtp", s.diagnostic))
	}
	return b.String()
}

// address picks the Internet address among the names of a recipient.
func address(r *object) string {
	var all []string
	for _, id := range []uint16{propSMTPAddress, propAddress, propDisplayName} {
		v := strings.Trim(oneLine(r.text(id)), "<>'\"")
		v = strings.TrimPrefix(strings.TrimPrefix(v, "SMTP:"), "smtp:")
		if strings.Contains(v, "@") && !strings.HasPrefix(v, "/") {
			return v
		}
		all = append(all, v)
	}
	return first(all...)
}

// remark is PidTagSupplementaryInfo taken apart.
type remark struct{ host, status, diagnostic string }

// supplementary reads "<host #status diagnostic>" ([MS-OXCMAIL] 2.2.3.7.1.2).
// Other text is a diagnostic as a whole.
func supplementary(s string) remark {
	s = oneLine(s)
	inner := strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	host, rest, ok := strings.Cut(inner, "#")
	host = strings.TrimSpace(host)
	if !ok || !strings.HasPrefix(s, "<") || strings.ContainsAny(host, " <>") {
		return remark{diagnostic: s}
	}
	status, diagnostic, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if !isStatus(status) {
		return remark{diagnostic: s}
	}
	return remark{host, status, strings.TrimSpace(diagnostic)}
}

// isStatus reports whether s is a status code of RFC 3463.
func isStatus(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 || len(parts[0]) != 1 {
		return false
	}
	for _, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return true
}

// statusOf spreads the digits of PidTagNonDeliveryReportStatusCode: 511 is
// 5.1.1. A value that does not have three digits tells nothing for sure.
func statusOf(n int) string {
	if n < 200 || n >= 600 {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", n/100, n/10%10, n%10)
}

// attachments writes the attached messages, and the files that may hold one.
func (w *writer) attachments(o *object, boundary string, depth int) {
	all := o.parts(attachPrefix)
	if len(all) > maxAttached {
		w.note(fmt.Sprintf("attachments after the first %d were left out", maxAttached))
		all = all[:maxAttached]
	}
	for _, a := range all {
		if m := a.embedded(); m != nil {
			w.attached(m, boundary, depth)
			continue
		}
		data := a.binary(propAttachData)
		name := oneLine(first(a.text(propAttachLongName), a.text(propAttachName)))
		if mediaType := telling(data, strings.ToLower(oneLine(a.text(propAttachType)))); mediaType != "" {
			name = strings.NewReplacer(`"`, "", `\`, "").Replace(name)
			w.leaf(boundary, mediaType+`; name="`+name+`"`, data)
		}
		if a.err != nil {
			w.note("an attachment is not readable: " + a.err.Error())
		}
	}
}

func (w *writer) attached(m *object, boundary string, depth int) {
	if depth+1 >= maxDepth {
		w.note(fmt.Sprintf("messages attached deeper than %d levels were left out", maxDepth))
		return
	}
	w.line("--" + boundary)
	w.line("Content-Type: message/rfc822")
	w.line("")
	w.message(m, depth+1)
}

// sniffed is how much of an attachment tells what it is.
const sniffed = 1 << 10

// telling returns the media type under which an attachment is kept, "" if it
// cannot tell anything about the delivery.
func telling(data []byte, mediaType string) string {
	head := bytes.ToLower(data[:min(len(data), sniffed)])
	switch {
	case len(data) == 0:
		return ""
	case strings.HasPrefix(mediaType, "message/"), mediaType == "text/rfc822-headers":
		mediaType, _, _ = strings.Cut(mediaType, ";")
		return mediaType
	case bytes.HasPrefix(head, []byte("reporting-mta:")), bytes.Contains(head, []byte("\nfinal-recipient:")):
		return "message/delivery-status" // Outlook calls it details.txt
	case Is(data), bytes.HasPrefix(head, []byte("pk\x03\x04")), bytes.HasPrefix(head, []byte("\x1f\x8b")),
		bytes.HasPrefix(head, []byte("<?xml")), bytes.HasPrefix(head, []byte("{")),
		bytes.Contains(head, []byte("\nreceived: ")), bytes.HasPrefix(head, []byte("received: ")),
		bytes.Contains(head, []byte("\nmessage-id:")):
		return "application/octet-stream"
	}
	return ""
}

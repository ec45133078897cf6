package container

import (
	"bytes"
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// sniffed is how much of an input is read to find out whether it is a report.
const sniffed = 8 << 10

// reportKind recognizes reports in XML and JSON, "" for anything else.
func reportKind(data []byte) Kind {
	head := data[:min(len(data), sniffed)]
	if text, ok := eml.UTF16(head); ok {
		head = []byte(text)
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	head = bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(head) == 0:
	case head[0] == '<' && bytes.Contains(head, []byte("feedback")) &&
		bytes.Contains(head, []byte("report_metadata>")): // RFC 7489 appendix C; a prefix may name the namespace
		return DMARCReport
	case head[0] == '{' && bytes.Contains(head, []byte(`"report-id"`)) &&
		(bytes.Contains(head, []byte(`"policies"`)) || bytes.Contains(head, []byte(`"date-range"`))):
		return TLSReport // RFC 8460 4.4
	}
	return ""
}

// feedbackKind recognizes a feedback report (RFC 5965) among messages, "" for
// any other message.
func feedbackKind(data []byte) Kind {
	if !bytes.Contains(bytes.ToLower(data[:min(len(data), eml.MaxHeader)]), []byte("feedback-report")) {
		return ""
	}
	kind := Kind("")
	eml.Parse(data).Walk(func(p *eml.Part) bool {
		if p.Type == "message/feedback-report" && kind == "" {
			kind = feedbackType(p.TextUpTo(sniffed))
		}
		return p.Type != "message/rfc822"
	})
	return kind
}

func feedbackType(fields string) Kind {
	for line := range strings.Lines(strings.ToLower(fields)) {
		name, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) == "feedback-type" && strings.HasPrefix(strings.TrimSpace(value), "auth-failure") {
			return AuthFailure // RFC 6591 3.1
		}
	}
	return Complaint
}

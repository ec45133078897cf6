package pasted

import (
	"fmt"
	"strings"
	"testing"

	"maildiag/checks/refusal/message/eml"
)

const header = "Return-Path: <a@contoso.com>\n" +
	"Received: from mail.contoso.com (mail.contoso.com [192.0.2.10])\n\tby mx.fabrikam.com (Postfix) with ESMTPS id 4X;\n\tFri, 27 Nov 2026 03:00:10 +0000 (UTC)\n" +
	"Authentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=contoso.com;\n dkim=pass header.d=contoso.com\n" +
	"X-Note:\nFrom: Me <me@contoso.com>\nTo: you@fabrikam.com\nSubject: 550 reasons\n"

// each changes every line of a text.
func each(text string, change func(i int, line string) string) string {
	var b strings.Builder
	i := 0
	for line := range strings.Lines(text) {
		b.WriteString(change(i, strings.TrimSuffix(line, "\n")) + "\n")
		i++
	}
	return b.String()
}

func before(s string) func(int, string) string {
	return func(_ int, line string) string { return s + line }
}

// forms are ways in which a header is pasted.
var forms = map[string]func(string) string{
	"as it is":          func(s string) string { return s },
	"CRLF":              func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	"no line end":       func(s string) string { return strings.TrimSuffix(s, "\n") },
	"quoted":            func(s string) string { return each(s, before("> ")) },
	"quoted, no blank":  func(s string) string { return each(s, before(">")) },
	"quoted twice":      func(s string) string { return each(s, before(">> ")) },
	"quoted in quotes":  func(s string) string { return each(s, before("> > ")) },
	"bars":              func(s string) string { return each(s, before("| ")) },
	"indented":          func(s string) string { return each(s, before("    ")) },
	"tabs":              func(s string) string { return each(s, before("\t")) },
	"no-break blanks":   func(s string) string { return each(s, before("\u00a0\u00a0")) },
	"quoted, indented":  func(s string) string { return each(s, before("  > ")) },
	"folding lost":      func(s string) string { return each(s, func(_ int, l string) string { return strings.TrimSpace(l) }) },
	"folding in blanks": func(s string) string { return strings.ReplaceAll(s, "\t", "        ") },
	"first line only":   func(s string) string { return "  " + s },
	"numbered": func(s string) string {
		return each(s, func(i int, l string) string { return fmt.Sprintf("%d: %s", i+1, l) })
	},
	"cat -n": func(s string) string {
		return each(s, func(i int, l string) string { return fmt.Sprintf("%6d\t%s", i+1, l) })
	},
	"listed": func(s string) string {
		return each(s, func(i int, l string) string { return fmt.Sprintf("%02d. %s", i+98, l) })
	},
	"numbered bars": func(s string) string {
		return each(s, func(i int, l string) string { return fmt.Sprintf("%3d | %s", i+1, l) })
	},
}

var frames = []string{
	"%s", "\n\n%s", "Hi helpdesk, is this one real? Regards: Bob\n\n%s\n\nThanks\nBob\n", "See below:\n%s", "```\n%s```\nafter", "~~~ text\n%s~~~\n",
	"{code}\n%s{code}\nmore: x", "[code]\n%s[/code]", "<pre>\n%s</pre>", "Ticket: 4711\nPriority: high\nFrom: bob\n\n%s", "%s\n-- \nBob\n",
	"From: Bob <bob@fabrikam.com>\nSent: Friday\nTo: helpdesk\nSubject: headers\n\n%s",
}

// TestHeader holds that a header is found in every form and frame, with the same
// fields and values.
func TestHeader(t *testing.T) {
	want := eml.Parse([]byte(header)).Fields
	for form, change := range forms {
		for _, frame := range frames {
			if form == "no line end" && frame != "%s" {
				continue
			}
			found, rest := Header(fmt.Sprintf(frame, change(header)))
			got := eml.Parse([]byte(found)).Fields
			if len(got) != len(want) || strings.Contains(rest, "smtp.mailfrom") || strings.Contains(frame, "Bob") != strings.Contains(rest, "Bob") {
				t.Errorf("%s in %q: %d fields of %d: %q, rest %q", form, frame, len(got), len(want), found, rest)
				continue
			}
			for i, f := range got {
				if f.Name != want[i].Name || strings.Join(strings.Fields(f.Value), " ") != strings.Join(strings.Fields(want[i].Value), " ") {
					t.Errorf("%s in %q: %q is not %q", form, frame, f, want[i])
				}
			}
		}
	}
}

// TestNoHeader holds that other texts hold none.
func TestNoHeader(t *testing.T) {
	for _, text := range []string{"", "550 5.7.1 Unable to relay", "From: Bob\nSent: Friday\nTo: Alice\nSubject: Undeliverable\n\ntext", "Note: x\nPlease: read\n",
		"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n",
		"Nov 27 03:00:00 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x\n", "Received: yes\n\nFrom: me\n", "> From: a\n> To: b\n> Subject: c\n> \n> Received: x\n",
		strings.Repeat("a: b\n", 100_000), strings.Repeat("Received: x\n\n", 50_000), strings.Repeat(">", 1<<20)} {
		if h, rest := Header(text); h != "" || len(rest) > len(text) {
			t.Errorf("%.60q: %q", text, h)
		}
	}
}

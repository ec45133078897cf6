package explain

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/message"
)

const transport = "Received: from mail.evil.example (203.0.113.66) by AM7EUR06FT036.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server id 15.20.1; Mon, 23 Nov 2026 12:00:00 +0000\n" +
	"From: Me <me@contoso.com>\nTo: you@fabrikam.com\nSubject: x\nContent-Type: text/plain\n"

const (
	failed = "Authentication-Results: spf=fail (sender IP is 203.0.113.66) smtp.mailfrom=contoso.com; dkim=none header.d=none;dmarc=fail action=oreject header.from=contoso.com\n"
	passed = "Authentication-Results: spf=pass (sender IP is 203.0.113.66) smtp.mailfrom=contoso.com; dkim=none header.d=none;dmarc=pass action=none header.from=contoso.com\n"
)

func verdict(t *testing.T, name, input string) (*Explanation, message.Verdict) {
	t.Helper()
	x, err := Explain(t.Context(), name, []byte(input), Options{Now: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if x.message == nil {
		return x, ""
	}
	return x, x.message.Answer.Verdict
}

// coded writes a text as programs save it.
func coded(text string, order binary.AppendByteOrder, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var b []byte
	for _, u := range utf16.Encode([]rune(strings.ReplaceAll(text, "\n", "\r\n"))) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// TestForms holds that a header, or a message, is judged the same in each form
// in which people hand it over.
func TestForms(t *testing.T) {
	for results, want := range map[string]message.Verdict{failed: message.FailsDMARC, passed: message.Authentic} {
		header := results + transport
		for frame, inText := range map[string]bool{"%s": false, "%s\nHello\n": false, "\n\n%s\nHello\n": false, "Is this real?\n\n%s\nBob\n": true,
			"From: Bob\nTo: helpdesk\nSubject: real?\n\n%s\n": true, "```\n%s```\n": true} {
			text := fmt.Sprintf(frame, header)
			for form, input := range map[string]string{"UTF-8": text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "UTF-8, mark": "\ufeff" + text,
				"UTF-16": coded(text, binary.LittleEndian, true), "UTF-16, no mark": coded(text, binary.LittleEndian, false),
				"UTF-16BE": coded(text, binary.BigEndian, true), "UTF-16BE, no mark": coded(text, binary.BigEndian, false)} {
				x, got := verdict(t, "a.txt", input)
				if got != want || inText != (len(x.result.Notes) > 0) || inText && x.result.Kind != bounce.KindHeader {
					t.Errorf("%q, %s: %s, %s, %q", frame, form, got, x.result.Kind, x.result.Notes)
				}
			}
		}
	}
}

// TestRepliesBeforeHeaders holds that a text which says what a server replied is
// about that, whatever header is pasted with it.
func TestRepliesBeforeHeaders(t *testing.T) {
	for _, text := range []string{"550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found\n\nOriginal message headers:\n\n" + failed + transport,
		failed + transport + "\nRemote server returned '550 5.7.1 Unable to relay'\n"} {
		x, _ := verdict(t, "a.txt", "Hello,\n\n"+text)
		if len(x.replies) == 0 || x.message != nil {
			t.Errorf("%q: %+v", text, x.result)
		}
	}
}

// TestLongHeaders holds that fields which nobody knows do not hide the others,
// and that a header of which more is left out is not judged.
func TestLongHeaders(t *testing.T) {
	one := "X-Report: " + strings.Repeat("a", 200) + "\n"
	for fill, fits := range map[string]bool{strings.Repeat(one, 400): true, strings.Repeat(one, 2000): true, "X-Report: " + strings.Repeat("a", 300<<10) + "\n": true,
		"X-Report: a\n" + strings.Repeat(" "+strings.Repeat("b", 900)+"\n", 2000): true, strings.Repeat("X-A: 1\n", 4000): true,
		strings.Repeat("Received: by a\n", 3000): false, strings.Repeat("DKIM-Signature: v=1; b="+strings.Repeat("a", 900)+"\n", 400): false,
		"To: a@b.example\n" + strings.Repeat(" , c@d.example\n", 20_000): false} {
		for results, want := range map[string]message.Verdict{failed: message.FailsDMARC, passed: message.Authentic} {
			if _, got := verdict(t, "a.eml", fill+results+transport+"\nHello\n"); fits && got != want || !fits && got != message.Undecided {
				t.Errorf("%.20q before: %s", fill, got)
			}
			if _, got := verdict(t, "a.eml", results+transport+fill+"\nHello\n"); got != want && (fits || got != message.Undecided) {
				t.Errorf("%.20q after: %s", fill, got)
			}
			if _, got := verdict(t, "a.eml", results+strings.Replace(transport, "From:", fill+"From:", 1)+"\nHello\n"); got == message.AmbiguousWho {
				t.Errorf("%.20q before From is held against the message", fill)
			}
		}
	}
}

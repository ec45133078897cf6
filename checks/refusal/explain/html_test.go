package explain

import (
	"encoding/xml"
	"errors"
	"html"
	"io"
	"strings"
	"testing"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/message"
)

const hostile = `"><script>alert(1)</script><!--{{.}}'&` + "\x1b[31m\x00"

// TestExplainHTML writes a page with hostile values in every place: it stays
// well-formed and holds no script.
func TestExplainHTML(t *testing.T) {
	delay := 900.0
	m := &message.Analysis{
		Answer: message.Answer{Verdict: message.FailsDMARC, Text: hostile, Filed: hostile}, Subject: hostile,
		From: message.From{Raw: hostile, Ambiguous: hostile}, Notes: []string{hostile}, NoBorder: hostile,
		Hops: []message.Hop{{From: hostile, By: hostile, IP: hostile, With: hostile, Note: hostile, Delay: &delay},
			{From: hostile, By: hostile}},
		Border: &message.Border{By: hostile, IP: hostile, HELO: hostile, MailFrom: hostile, FromHeader: hostile, Uncertain: hostile,
			Evidence: []message.Evidence{{Source: hostile, IP: hostile}}},
		AuthResults: []message.AuthResult{{AuthservID: hostile, Why: hostile, Results: []message.MethodResult{{Method: hostile, Value: hostile,
			Params: map[string]string{"header.d": hostile}}}}},
		DKIM:      []message.Signature{{Domain: hostile, Selector: hostile, Reason: hostile, Flags: []string{hostile}}},
		DMARC:     &message.DMARC{Reason: hostile, Aligned: []message.Alignment{{Method: "dkim", Domain: hostile}}},
		ARC:       &message.ARC{State: hostile, Reason: hostile, Broken: hostile, Sets: []message.ARCSet{{Domain: hostile, Results: hostile}}},
		Microsoft: []message.Mark{{Header: hostile, Key: hostile, Value: hostile, Meaning: hostile, Cause: hostile, ToDo: hostile}},
	}
	for name, border := range map[string]*message.Border{"border": m.Border, "none": nil} {
		m.Border = border
		var b strings.Builder
		(&Explanation{message: m, result: &bounce.Result{Notes: []string{hostile}}, checked: true}).WriteHTML(&b)
		page := b.String()
		if strings.Contains(page, "<script") || strings.ContainsAny(page, "\x1b\x00") {
			t.Errorf("%s: a hostile value is raw in the page", name)
		}
		if strings.Count(page, "<circle") != len(m.Hops) || strings.Count(page, "<rect") != 1 {
			t.Errorf("%s: the picture does not show the hops", name)
		}
		if err := wellFormed(page); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestExplainHTMLNothing writes pages of inputs without a reply: each says why, as
// the text does.
func TestExplainHTMLNothing(t *testing.T) {
	for kind := range nothings {
		x := &Explanation{result: &bounce.Result{Kind: kind}}
		if kind == bounce.KindForeign {
			x.result.Protocol = "IMAP"
		}
		var page, text strings.Builder
		if err := errors.Join(x.WriteHTML(&page), x.WriteText(&text)); err != nil {
			t.Fatal(err)
		}
		_, heading, _ := strings.Cut(page.String(), "<h1>")
		heading, _, _ = strings.Cut(heading, "</h1>")
		if strings.Contains(heading, "%") || strings.Join(strings.Fields(text.String()), " ") != html.UnescapeString(heading) {
			t.Errorf("%s: the page says %q, the text %q", kind, heading, text.String())
		}
	}
}

// wellFormed reads a page as XML, after the parts that HTML writes otherwise.
func wellFormed(page string) error {
	_, body, _ := strings.Cut(page, "<body>")
	body, _, _ = strings.Cut(body, "</body>")
	for d := xml.NewDecoder(strings.NewReader("<body>" + body + "</body>")); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

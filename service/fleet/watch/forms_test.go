package watch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"maildiag/service/fleet/drift"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/tags"
)

// Nothing that a stranger published is markup, a link with another text, or a call
// of people in the forms, and names stay as they can be copied.
func TestEscapes(t *testing.T) {
	for _, x := range []struct{ text, slack, teams string }{
		{"contoso.com", "contoso.com", "contoso.com"},
		{"_dmarc.contoso.com", "_dmarc.contoso.com", `\_dmarc.contoso.com`},
		{"dmarc@contoso.com", "dmarc@contoso.com", "dmarc@contoso.com"},
		{"a & b", "a &amp; b", "a &amp; b"},
		{"&lt;!here&gt;", "&amp;lt;!here&amp;gt;", "&amp;lt;!here&amp;gt;"},
		{"<!here>", "&lt;!here&gt;", "&lt;!here&gt;"},
		{"<@U123>", "&lt;@\u2060U123&gt;", "&lt;@U123&gt;"},
		{"<https://evil.example|contoso.com>", "&lt;https://evil.example|contoso.com&gt;", "&lt;https://evil.example|contoso.com&gt;"},
		{"[x](https://evil.example)", "[x]\u2060(https://evil.example)", `\[x\]\(https://evil.example\)`},
		{"![x](y)", "![x]\u2060(y)", `!\[x\]\(y\)`},
		{"@channel", "@\u2060channel", "@channel"},
		{"a @here, @all", "a @\u2060here, @\u2060all", "a @here, @all"},
		{"*b* **b**", "\u2060*b\u2060* \u2060*\u2060*b\u2060*\u2060*", `\*b\* \*\*b\*\*`},
		{"~s~ `c`", "\u2060~s\u2060~ \u2060`c\u2060`", "\\~s\\~ \\`c\\`"},
		{`\*b\*`, "\\\u2060*b\\\u2060*", `\\\*b\\\*`},
		{"<at>all</at>", "&lt;at&gt;all&lt;/at&gt;", "&lt;at&gt;all&lt;/at&gt;"},
	} {
		if slack, teams := slackEscape(x.text), teamsEscape(x.text); slack != x.slack || teams != x.teams {
			t.Errorf("%q: %q and %q", x.text, slack, teams)
		}
	}
	if m := messageOf(FormSlack)(nil).(map[string]any); m["mrkdwn"] != false || m["link_names"] != false {
		t.Errorf("%v", m)
	}
}

// Messages for people name each domain, are bounded, and make no link, mention or
// markup of what a stranger published.
func TestForms(t *testing.T) {
	hostile := "<!channel> <https://evil.example|x> [x](https://evil.example) **b** \x1b[31m\n# h"
	var events []history.Event
	for n := range 100 {
		events = append(events, history.Event{Domain: fmt.Sprintf("d%d.example", n%40), Kind: history.KindDisagree, Present: []string{"fra"}, Absent: []string{"ams"},
			Problem: drift.Problem{Check: "spf", Code: "spf.all", Subject: hostile}})
	}
	for form, words := range map[string][]string{FormSlack: {"<", "\x1b"}, FormTeams: {"[x](", "**b", "<!", "\x1b"}} {
		text, err := json.Marshal(messageOf(form)(events))
		if err != nil {
			t.Fatal(err)
		}
		var plain any
		if err := json.Unmarshal(text, &plain); err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprint(plain)
		for _, w := range words {
			if strings.Contains(said, w) {
				t.Errorf("%s: %q in %s", form, w, said)
			}
		}
		if n := strings.Count(said, "spf.all"); n != shownEvents || !strings.Contains(said, "80 more") || !strings.Contains(said, "not seen at ams") || len(text) > 16<<10 {
			t.Errorf("%s: %d events, %d bytes", form, n, len(text))
		}
	}
	one := lines([]history.Event{{Domain: "a.example", Kind: history.KindAccepted, Exception: &history.Exception{Until: history.Never, Reason: "x"}}}, slackEscape)
	if len(one) != 2 || one[0] != "maildiag: 1 change of 1 domain" || !strings.Contains(one[1], " without an end (x)") {
		t.Errorf("%q", one)
	}
	tagged := history.Event{Domain: "a.example", Kind: history.KindProblem, Tags: tags.Tags{"tenant": "x", "customer": "Acme Ltd"}}
	if said := lineOf(&tagged); !strings.HasPrefix(said, `a.example customer="Acme Ltd" tenant=x: problem`) {
		t.Error(said)
	}
	if l := new(Alertmanager).alertOf(&tagged, time.Now()).Labels; l["tenant"] != "x" || l["customer"] != "Acme Ltd" || l["domain"] != "a.example" || len(l) != 7 {
		t.Errorf("%v", l)
	}
	if _, err := Webhook("https://hooks.example/x", "xml"); err != ErrForm {
		t.Error(err)
	}
}

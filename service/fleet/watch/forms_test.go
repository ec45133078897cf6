package watch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"maildiag/service/fleet/drift"
	"maildiag/service/fleet/history"
)

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
	if _, err := Webhook("https://hooks.example/x", "xml"); err != ErrForm {
		t.Error(err)
	}
}

package explain

import (
	"path/filepath"
	"strings"
	"testing"
)

// said are sentences that people write around an error.
var said = strings.Split(strings.TrimSpace(`
Hello everyone,
Hi all, I hope somebody can help me with this.
Here are my settings.
We get this in the log:
My config is right.
It worked until last week.
The port is open and I can telnet to it.
I have tried everything I found on Google.
Any ideas?
Does anybody know what this means?
Thanks in advance!
Kind regards, Anna
Our provider says that everything is fine on their side.
Nothing was changed on the server.
This happens with every recipient.
I am using version 4.2.1 on Ubuntu 22.04.
Please find the log below.
The same account works in Thunderbird.
See the attached screenshot.
I restarted the container twice, no luck.
Hallo zusammen,
leider bekomme ich seit gestern folgende Meldung:
Woran kann das liegen?
Ich habe nichts geändert.
Bei den anderen Kollegen funktioniert es.
Der Port ist offen.
Vielen Dank im Voraus!
Mit freundlichen Grüßen
Unser Anbieter sagt, bei ihm sei alles in Ordnung.
Kann mir jemand helfen?
`), "\n")

// knownTexts returns the texts of the sets of which the cause is known, with its row:
// one in step, beginning with the first-th.
func knownTexts(t *testing.T, step, first int) map[string]string {
	t.Helper()
	sets, _ := filepath.Glob("../bounce/testdata/unseen*.tsv")
	known := map[string]string{}
	n := 0
	for _, name := range append(sets, "../bounce/testdata/field-manuals.tsv") {
		for _, l := range labelledSet(t, name) {
			if n++; n%step != first || strings.HasSuffix(strings.TrimSpace(l.text), "?") {
				continue
			}
			if id, _ := firstOf(t, l.text); id != "" && !strings.HasPrefix(id, "class.") {
				known[l.text] = id
			}
		}
	}
	if len(known) < 50 {
		t.Fatalf("only %d texts", len(known))
	}
	return known
}

// TestProse holds that what people write before and after an error neither makes it
// nor hides it.
func TestProse(t *testing.T) {
	n, all, lost := 0, 0, 0
	for text, want := range knownTexts(t, 12, 0) {
		for range 4 {
			n++
			a, b := said[n%len(said)], said[(n*7+3)%len(said)]
			for _, in := range []string{a + "\n" + text, text + "\n" + b, a + "\n\n" + text + "\n\n" + b, a + "\n" + text + "\n" + b} {
				all++
				if got, _ := firstOf(t, in); got != want {
					lost++
					t.Logf("%s, want %s: %q", got, want, in)
				}
			}
		}
	}
	t.Logf("%d of %d lost", lost, all)
	for _, s := range said {
		for _, in := range []string{s, s + "\n" + said[n%len(said)]} {
			if got, _ := firstOf(t, in); got != "" {
				t.Errorf("%q: %s", in, got)
			}
		}
	}
	if lost*100 > all {
		t.Errorf("%d of %d lost", lost, all)
	}
}

package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func picture(t *testing.T, fs ...Finding) string {
	t.Helper()
	events := []Event{sampleStart(1), sampleBegin("a.example")}
	for _, f := range fs {
		events = append(events, found(f))
	}
	return render(t, "html", Options{}, append(events, sampleEnd("a.example", "", 1, 1), sampleStop(1)))
}

// Each lookup of a record has its own place among the ten, and those beyond
// them are marked as such.
func TestTreePicture(t *testing.T) {
	terms := []Term{
		{Text: "include:a.example", First: 1, Lookups: 12},
		{Text: "ip4:192.0.2.0/24", Depth: 1},
	}
	for n := range 11 {
		terms = append(terms, Term{Text: fmt.Sprintf("a:h%d.example", n), Depth: 1, First: n + 2, Lookups: 1})
	}
	page := picture(t, Finding{Check: "spf", Code: "spf.record", Status: Pass, Summary: "x", Terms: append(terms, Term{Text: "~all"})})
	for class, want := range map[string]int{"own": 10, "below": 9, "own over": 2, "below over": 2, "free": 120} {
		if n := strings.Count(page, `class="slot `+class+`"`); n != want {
			t.Errorf("%d slots %q, want %d", n, class, want)
		}
	}
	if n := strings.Count(page, `<path class="line"`); n != 12 {
		t.Errorf("%d branches drawn, want 12", n)
	}
}

// The MX hosts stand in the order in which senders try them, each once, with its
// worst state; the way out ends at Microsoft 365.
func TestPathPicture(t *testing.T) {
	host := func(name string, preference int, s Status) Finding {
		return Finding{Check: "mx", Code: "mx.x", Status: s, Summary: "x", Data: map[string]any{"host": name, "preference": preference}}
	}
	page := picture(t, host("b.example", 20, Pass), host("a.example", 5, Pass), host("b.example", 20, Fail),
		Finding{Check: "submission", Code: "submission.tcp", Status: Pass, Subject: "smtp.example:587", Summary: "x"},
		Finding{Check: "submission", Code: "submission.auth", Status: Warn, Subject: "smtp.example:587", Summary: "x"})
	var names []string
	for _, m := range regexp.MustCompile(`<rect class="box (\w+)".*?<text[^>]*>([^<]*)`).FindAllStringSubmatch(page, -1) {
		names = append(names, m[2]+" "+m[1])
	}
	want := "Senders on the Internet skip, a.example pass, b.example fail, A device or program skip, smtp.example:587 warn, Microsoft 365 skip"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("boxes %s, want %s", got, want)
	}
	if strings.Contains(picture(t, Finding{Check: "mx", Code: "mx.x", Status: Pass, Summary: "x"}), "<svg") {
		t.Error("a picture of nothing")
	}
}

// A tile has whole words only.
func TestBrief(t *testing.T) {
	for said, want := range map[string]string{
		"short: as it is": "short: as it is",
		"one clause that is long enough to stand alone. And a second sentence that no tile has room for":      "one clause that is long enough to stand alone",
		"smtp.office365.com:587: your resolver returns no address for the host, although one exists publicly": "smtp.office365.com:587: your resolver returns no address for the host",
		strings.Repeat("word ", 30): strings.Repeat("word ", 30),
	} {
		if got := brief(said); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A tile that says OK says what passed: what is only remarked is of something optional.
func TestTileSaysWhatPassed(t *testing.T) {
	finding := func(s Status) Finding {
		return Finding{Check: "dkim", Code: "dkim." + s.String(), Status: s, Summary: s.String()}
	}
	for _, c := range []struct {
		findings string
		want     Status
	}{
		{"pip", Pass}, {"ipi", Pass}, {"sip", Pass}, {"is", Info}, {"si", Info}, {"s", Skip}, {"pwi", Warn}, {"ifu", Fail}, {"wup", Unknown},
	} {
		d := htmlDomain{r: &Report{}}
		for _, letter := range c.findings {
			d.r.Findings = append(d.r.Findings, finding(map[rune]Status{'p': Pass, 'i': Info, 's': Skip, 'w': Warn, 'u': Unknown, 'f': Fail}[letter]))
		}
		d.group()
		if got := d.topics[0].told.Status; got != c.want || tileWord(&d.topics[0]) == "OK" != (got == Pass) {
			t.Errorf("%s: %s %s, want %s", c.findings, tileWord(&d.topics[0]), got, c.want)
		}
	}
}

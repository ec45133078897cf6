package explain

import (
	_ "embed"
	"fmt"
	"io"
	"math"
	"strings"

	"maildiag/checks/refusal/message"
	"maildiag/report"
	"maildiag/report/htmlpage"
)

//go:embed page.css
var pageStyle string

// page is the page of an explanation.
type page struct{ htmlpage.Page }

const pageTitle = "<title>maildiag explain</title>\n<style>\n"

// WriteHTML writes one file that needs nothing else: no script, no
// request, its own style.
func (x *Explanation) WriteHTML(w io.Writer) error {
	p := &page{}
	p.WriteString(report.HTMLHead + pageTitle + Style() + "</style>\n</head>\n<body>\n")
	p.body(x)
	p.WriteString("</body>\n</html>\n")
	_, err := io.WriteString(w, p.String())
	return err
}

// Style returns the style sheet of the page: that of reports, and a little more.
func Style() string { return report.HTMLStyle() + pageStyle }

// WriteHTMLSection writes the body of the page, for one that has a frame of its
// own.
func (x *Explanation) WriteHTMLSection(w io.Writer) error {
	p := &page{}
	p.body(x)
	_, err := io.WriteString(w, p.String())
	return err
}

// verdictClasses color the answer; its words say the same.
var verdictClasses = map[message.Verdict]string{message.Authentic: "pass", message.Unconfirmed: "warn", message.Accepted: "warn",
	message.Internal: "pass",
	message.Unproven: "warn", message.FailsDMARC: "fail", message.AmbiguousWho: "fail", message.Undecided: "unknown"}

func (p *page) message(x *Explanation) {
	m := x.message
	class := verdictClasses[m.Answer.Verdict]
	if m.Answer.Limits != "" {
		class = "warn"
	}
	p.El("h1", class, m.Answer.Text)
	if m.Answer.Filed != "" {
		p.El("p", "filed", m.Answer.Filed)
	}
	p.recheck(x)
	p.Table("Message", func() {
		p.Row("", "From", m.From.Raw)
		if m.From.Unicode != "" {
			p.Row(yesNo(m.From.Lookalike != "", "warn", ""), "", unicodeText(&m.From))
		}
		if m.From.Ambiguous != "" && m.Answer.Verdict == message.AmbiguousWho {
			p.Row("fail", "Ambiguous", m.From.Ambiguous)
		}
		p.Row("", "Subject", m.Subject)
	})
	p.route(m)
	p.hops(m)
	p.border(m)
	p.identifiers(m.DMARC)
	p.results(m)
	p.signatures(m)
	p.chain(m.ARC)
	p.marks(m)
	for _, n := range m.Notes {
		p.El("p", "note", n)
	}
}

// recheck writes what --check found.
func (p *page) recheck(x *Explanation) {
	if !x.checked {
		return
	}
	p.Table("Checked now (with the current DNS)", func() {
		for _, c := range rechecked(x.message) {
			p.Row("", c.name, c.text)
		}
	})
}

// The measures of the picture, in pixels.
const (
	hopHeight = 60
	hopWidth  = 400 // that of a telephone, so that its text can be read there
	textLeft  = 30
	barWidth  = 200
)

// route draws the hops as a line from the oldest down to the newest, with a
// bar for the time that passed before each.
func (p *page) route(m *message.Analysis) {
	n := len(m.Hops)
	if n == 0 {
		return
	}
	p.El("h2", "", "Route")
	fmt.Fprintf(p, `<svg viewBox="0 0 %d %d" role="img" aria-label="the servers on the way, oldest first, with delays">`+"\n",
		hopWidth, n*hopHeight)
	fmt.Fprintf(p, `<line x1="14" y1="22" x2="14" y2="%d" class="way"/>`+"\n", (n-1)*hopHeight+22)
	longest := longestDelay(m.Hops)
	for i := n - 1; i >= 0; i-- {
		p.stop(&m.Hops[i], (n-1-i)*hopHeight+22, longest, m.Border != nil && m.Border.Hop == i)
	}
	p.WriteString("</svg>\n")
}

func (p *page) stop(h *message.Hop, y int, longest float64, border bool) {
	class, from := "stop", "from "
	if border {
		class, from = "border", "from outside: "
	}
	fmt.Fprintf(p, `<circle cx="14" cy="%d" r="7" class="%s"/>`, y, class)
	p.label(textLeft, y-3, "", shorten(h.By, 46))
	if h.From+h.IP != "" {
		p.label(textLeft, y+12, "soft", shorten(from+h.From+" "+h.IP, 50))
	}
	if h.Delay == nil {
		p.WriteString("\n")
		return
	}
	width := 0
	if longest > 0 {
		width = int(barWidth * math.Sqrt(math.Max(*h.Delay, 0)/longest))
	}
	fmt.Fprintf(p, `<rect x="%d" y="%d" width="%d" height="10" class="%s"/>`, textLeft, y+19, max(width, 1), delayClass(*h.Delay))
	p.label(textLeft+width+8, y+28, "soft", delayText(h.Delay))
	p.WriteString("\n")
}

func (p *page) label(x, y int, class, s string) {
	fmt.Fprintf(p, `<text x="%d" y="%d" class="%s">`, x, y, class)
	p.Text(s)
	p.WriteString("</text>")
}

func longestDelay(hops []message.Hop) (s float64) {
	for i := range hops {
		if d := hops[i].Delay; d != nil {
			s = math.Max(s, *d)
		}
	}
	return s
}

// slow is the delay, in seconds, from which on a bar is marked.
const slow = 300

func delayClass(s float64) string {
	if s > slow || s < -60 {
		return "slow"
	}
	return "delay"
}

func shorten(s string, n int) string {
	r := []rune(strings.TrimSpace(report.Clean(s)))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-3]) + "..."
}

func (p *page) hops(m *message.Analysis) {
	if len(m.Hops) == 0 {
		return
	}
	p.WriteString("<details><summary>All hops as text</summary><table>\n")
	for i := len(m.Hops) - 1; i >= 0; i-- {
		p.Row("", delayText(m.Hops[i].Delay), hopText(&m.Hops[i]), m.Hops[i].Note)
	}
	p.WriteString("</table></details>\n")
}

func (p *page) border(m *message.Analysis) {
	b := m.Border
	if b == nil {
		p.Table("Border", func() { p.Row("unknown", "None", noBorderText(m)) })
		return
	}
	p.Table("Border: where it came in from outside", func() {
		p.Row("", "Server", b.By)
		p.Row("", "Client", clientText(b))
		sender := "not in this message"
		if b.FromHeader != "" {
			sender = "<" + b.MailFrom + "> (" + b.FromHeader + ")"
		}
		p.Row("", "Envelope sender", sender)
		for _, e := range b.Evidence {
			p.Row("", e.Source, e.IP)
		}
		if b.SignedIn {
			p.Row("", "Sign-in", "The client signed in, so SPF does not apply.")
		}
		if b.Uncertain != "" {
			p.Row("warn", "Uncertain", b.Uncertain)
		}
	})
}

func (p *page) identifiers(d *message.DMARC) {
	if d == nil {
		return
	}
	p.Table("Alignment: does what passed belong to the domain in From?", func() {
		why := ""
		if d.Alignment == "unknown" {
			why = d.Reason
		}
		p.Row("", d.Alignment, alignments[d.Alignment], why)
		for _, a := range d.Aligned {
			p.Row("", strings.ToUpper(a.Method)+" "+a.Domain, yesNo(a.Passed, "passed", "did not pass"),
				yesNo(a.Relaxed, "aligned", "not aligned")+yesNo(a.Unfit != "", unfitText, ""), a.Source)
		}
	})
}

func yesNo(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

func (p *page) results(m *message.Analysis) {
	if len(m.AuthResults) == 0 {
		return
	}
	p.Table("What servers found (Authentication-Results)", func() {
		for _, r := range m.AuthResults {
			p.Row(yesNo(r.Trusted, "pass", "warn"), yesNo(r.Trusted, "trusted", yesNo(r.Unconfirmed, "unconfirmed", "untrusted")), serverName(&r), r.Why)
			for _, x := range r.Results {
				p.Row("", "", x.Method+"="+x.Value, paramsText(x.Params))
			}
		}
	})
}

func (p *page) signatures(m *message.Analysis) {
	if len(m.DKIM) == 0 {
		return
	}
	p.Table("Signatures (DKIM)", func() {
		for _, s := range m.DKIM {
			p.Row("", s.Result, s.Domain+", selector "+s.Selector, strings.Join(append([]string{s.Reason}, remarks(&s)...), " "))
		}
	})
}

func (p *page) chain(a *message.ARC) {
	if a == nil {
		return
	}
	p.Table("Forwarders (ARC)", func() {
		p.Row("", a.State, a.Reason, a.Broken)
		for _, s := range a.Sets {
			p.Row("", fmt.Sprintf("%d. %s", s.Instance, s.Domain), "seal "+orUnverified(s.Seal)+", message signature "+orUnverified(s.Message),
				s.Results)
		}
	})
}

func (p *page) marks(m *message.Analysis) {
	if len(m.Microsoft) == 0 {
		return
	}
	p.Table("Microsoft's headers", func() {
		for _, k := range m.Microsoft {
			name := k.Key
			if name == "" {
				name = k.Header
			}
			p.Row(yesNo(k.Trusted, "", "warn"), name, k.Value, k.Meaning+yesNo(k.Trusted, "", " (untrusted: the sender may have written it)"),
				strings.TrimSpace(k.Cause+" "+k.ToDo))
		}
	})
}

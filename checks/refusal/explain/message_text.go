package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/refusal/message"
	"maildiag/checks/refusal/message/dkim"
)

// message writes what a message tells: the answer, the way it came, and then
// the evidence.
func (t *printer) message(x *Explanation) {
	m := x.message
	if m == nil {
		return
	}
	if len(x.replies) > 0 {
		t.gap()
	}
	t.answer(&m.Answer)
	t.gap()
	t.recheck(x)
	if m.From.Raw != "" {
		t.row("from", "%s", m.From.Raw)
	}
	if m.From.Unicode != "" {
		t.row("", "%s", unicodeText(&m.From))
	}
	if m.From.Ambiguous != "" && m.Answer.Verdict == message.AmbiguousWho {
		t.row("", "AMBIGUOUS: %s", m.From.Ambiguous)
	}
	t.row("subject", "%s", m.Subject)
	t.way(m)
	if len(m.Hops) > 0 {
		t.border(m)
	}
	if len(m.Hops)+len(m.DMARC.Aligned) > 0 {
		t.alignment(m.DMARC)
	}
	t.results(m)
	t.signatures(m)
	t.chain(m.ARC)
	t.marks(m)
	for _, n := range m.Notes {
		t.row("note", "%s", n)
	}
}

// unicodeText shows the domain of From as mail programs do.
func unicodeText(f *message.From) string {
	s := f.Domain + " reads " + f.Unicode
	if f.Lookalike != "" {
		s += ": " + f.Lookalike
	}
	return s
}

func (t *printer) answer(a *message.Answer) {
	t.heading(a.Text)
	if a.Filed != "" {
		t.heading(a.Filed)
	}
}

// way writes the hops as a table, the oldest first.
func (t *printer) way(m *message.Analysis) {
	if len(m.Hops) == 0 {
		return
	}
	t.gap()
	t.heading("ROUTE, oldest first")
	if m.HopsCut > 0 {
		t.row("", "%d older hops are not shown", m.HopsCut)
	}
	for i := len(m.Hops) - 1; i >= 0; i-- {
		h := &m.Hops[i]
		t.row(delayText(h.Delay), "%s", hopText(h))
		if m.Border != nil && m.Border.Hop == i {
			t.row("", "^ %s", borderText(m.Border))
		}
		if h.Note != "" {
			t.row("", "^ %s", h.Note)
		}
	}
}

func borderText(b *message.Border) string {
	if b.Missing {
		return "before this it came in from outside; that server's own line is missing"
	}
	return "here it came in from outside"
}

func clientText(b *message.Border) string {
	if b.HELO == "" {
		return b.IP
	}
	return b.IP + ", which called itself " + b.HELO
}

func delayText(s *float64) string {
	if s == nil {
		return ""
	}
	d := time.Duration(*s * float64(time.Second)).Round(time.Second)
	if d > 0 {
		return "+" + d.String()
	}
	return d.String()
}

func hopText(h *message.Hop) string {
	from := h.From
	if h.RDNS != "" && !strings.EqualFold(h.RDNS, h.From) {
		from += " (" + h.RDNS + ")"
	}
	if h.IP != "" {
		from += " [" + h.IP + "]"
	}
	s := fmt.Sprintf("%s to %s", from, h.By)
	if from == "" {
		s = h.By
	}
	if h.With != "" {
		s += " with " + h.With
	}
	if h.Time != nil {
		s += ", " + h.Time.Format("2006-01-02 15:04:05 UTC")
	}
	return s
}

// noBorderText says why there is no border, and what that means.
func noBorderText(m *message.Analysis) string {
	if m.Answer.Verdict == message.Internal {
		return m.NoBorder + "."
	}
	return m.NoBorder + ". Nothing in this header is trusted."
}

// border writes what is known of the client there.
func (t *printer) border(m *message.Analysis) {
	t.gap()
	t.heading("BORDER (where it came in from outside)")
	b := m.Border
	if b == nil {
		t.row("none", "%s", noBorderText(m))
		return
	}
	t.row("client", "%s", clientText(b))
	t.row("server", "%s", b.By)
	switch {
	case b.FromHeader == "":
		t.row("envelope", "The envelope sender is not in this message.")
	case b.MailFrom == "":
		t.row("envelope", "from <>, as bounces have it (%s)", b.FromHeader)
	default:
		t.row("envelope", "from %s (%s)", b.MailFrom, b.FromHeader)
	}
	if b.Connected != "" {
		t.row("", "%s connected; Microsoft 365 judged %s, the server behind it", b.Connected, b.IP)
	}
	for _, e := range b.Evidence[min(1, len(b.Evidence)):] {
		if e.IP == b.IP {
			t.row("", "confirmed by %s", e.Source)
		} else {
			t.row("", "%s says %s", e.Source, e.IP)
		}
	}
	if b.SignedIn {
		t.row("sign-in", "The client signed in, so SPF does not apply.")
	}
	if b.Uncertain != "" {
		t.row("UNCERTAIN", "%s", b.Uncertain)
	}
}

// alignments reports whether one that passed is aligned.
var alignments = map[string]string{"yes": "an identifier that passed belongs to From", "no": "nothing that passed belongs to From",
	"unknown": "not known"}

func (t *printer) alignment(d *message.DMARC) {
	if d.Result == "ambiguous" {
		return
	}
	t.gap()
	t.heading("ALIGNMENT (does what passed belong to the domain in From?)")
	t.row(d.Alignment, "%s", alignments[d.Alignment])
	if d.Alignment == "unknown" && d.Reason != "" {
		t.row("", "%s", d.Reason)
	}
	for _, a := range d.Aligned {
		passed, how := "did not pass", "not aligned with From"
		if a.Passed {
			passed = "passed"
		}
		if a.Strict {
			how = "aligned (the same domain)"
		} else if a.Relaxed {
			how = "aligned (relaxed: the same organization)"
		}
		if a.Unfit != "" {
			how += unfitText
		}
		t.row("", "%s %s: %s (%s), %s", strings.ToUpper(a.Method), a.Domain, passed, a.Source, how)
	}
}

func (t *printer) results(m *message.Analysis) {
	if len(m.AuthResults) == 0 {
		return
	}
	t.gap()
	t.heading("WHAT SERVERS FOUND (Authentication-Results)")
	for _, r := range m.AuthResults {
		name := serverName(&r)
		switch {
		case r.Trusted:
			t.row("trusted", "%s", name)
		case r.Unconfirmed:
			t.row("not sure", "%s: %s", name, r.Why)
		default:
			t.row("untrusted", "%s: %s", name, r.Why)
		}
		for _, x := range r.Results {
			t.row("", "%s=%s %s", x.Method, x.Value, paramsText(x.Params))
		}
	}
}

const unfitText = ", but does not vouch for this message"

// serverName returns the name that a server gave itself.
func serverName(r *message.AuthResult) string {
	if r.AuthservID == "" {
		return "(no name: Microsoft 365)"
	}
	return r.AuthservID
}

func paramsText(params map[string]string) string {
	var s []string
	for _, k := range []string{"smtp.mailfrom", "smtp.helo", "header.d", "header.i", "header.from", "action",
		"reason", "smtp.auth"} {
		if v := params[k]; v != "" {
			s = append(s, k+"="+v)
		}
	}
	return strings.Join(s, " ")
}

func (t *printer) signatures(m *message.Analysis) {
	if len(m.DKIM) == 0 {
		return
	}
	t.gap()
	t.heading("SIGNATURES (DKIM)")
	skipped := 0
	for i, s := range m.DKIM {
		if i >= message.MaxSignatures {
			skipped++
			continue
		}
		t.row(s.Result, "%s, selector %s", s.Domain, s.Selector)
		if s.Reason != "" {
			t.row("", "%s", s.Reason)
		}
		for _, f := range remarks(&s) {
			t.row("", "%s", f)
		}
	}
	if skipped > 0 {
		t.row("neutral", "%d more were not verified", skipped)
	}
}

// remarks are what there is to say of a signature beside its result.
func remarks(s *message.Signature) []string {
	list := slices.DeleteFunc(slices.Clone(s.Flags), func(f string) bool { return f == s.Reason || f == s.Unfit })
	if s.Unfit != "" && s.Unfit != s.Reason {
		list = append([]string{"does not vouch for this message: " + s.Unfit}, list...)
	}
	if s.Changed && s.Reason != dkim.ReasonBody {
		list = append(list, dkim.ReasonBody)
	}
	return list
}

// chain writes the ARC sets, the oldest first.
func (t *printer) chain(a *message.ARC) {
	if a == nil {
		return
	}
	t.gap()
	t.heading("FORWARDERS (ARC)")
	t.row(a.State, "%s", arcText(a))
	for _, s := range a.Sets {
		t.row("", "%d. %s sealed: seal %s, message signature %s", s.Instance, s.Domain, orUnverified(s.Seal), orUnverified(s.Message))
		t.row("", "   it found: %s", s.Results)
	}
	if a.Broken != "" {
		t.row("changed", "%s", a.Broken)
	}
}

// arcText counts the sets, and says why they are not valid.
func arcText(a *message.ARC) string {
	s := fmt.Sprintf("%d sets", len(a.Sets))
	if len(a.Sets) == 1 {
		s = "1 set"
	}
	if a.Reason != "" {
		s += ": " + a.Reason
	}
	return s
}

func orUnverified(s string) string {
	if s == "" {
		return "not verified"
	}
	return s
}

func (t *printer) marks(m *message.Analysis) {
	if len(m.Microsoft) == 0 {
		return
	}
	t.gap()
	t.heading("MICROSOFT'S HEADERS")
	for _, k := range m.Microsoft {
		name := k.Key
		if name == "" {
			name = strings.TrimPrefix(k.Header, "X-MS-Exchange-Organization-")
			name = strings.TrimPrefix(name, "X-MS-Exchange-CrossTenant-")
		}
		note := ""
		if !k.Sure {
			note = " (not confirmed by Microsoft's pages)"
		}
		if !k.Trusted {
			note += " (UNTRUSTED: the sender may have written it)"
		}
		t.row(name, "%s: %s%s", k.Value, k.Meaning, note)
		if k.Cause != "" {
			t.row("", "cause: %s", k.Cause)
		}
		if k.ToDo != "" {
			t.row("", "to do: %s", k.ToDo)
		}
	}
}

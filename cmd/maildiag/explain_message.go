package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/message"
	"maildiag/report"
)

// explainedMessage is what a message tells of its way, in the form of the
// JSON.
type explainedMessage = message.Analysis

// lookInto takes the message apart, if the input is one, and with --check asks
// the world.
func (a *app) lookInto(ctx context.Context, x *explained, input []byte, f *explainFlags) error {
	kind := x.result.Kind
	is := kind == bounce.KindMessage || kind == bounce.KindHeader || kind == bounce.KindReply
	if !is && !f.check {
		return nil
	}
	now, err := f.now()
	if err != nil {
		return err
	}
	o := message.Options{AuthservID: f.authservID, Now: now}
	if !f.check && !signed(x.result) {
		x.message = message.Analyse(ctx, input, o)
		return nil
	}
	w, err := f.open()
	if err != nil && f.check {
		return err
	}
	if err != nil { // without a resolver the keys cannot be asked for; the rest can be told
		x.message = message.Analyse(ctx, input, o)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	o.DNS, o.Replay = w.DNS, f.check
	if is {
		x.message = message.Analyse(ctx, input, o)
	}
	if f.check {
		f.confirm(ctx, x, w, o)
	}
	return w.Close()
}

// signed tells whether there is a signature to verify.
func signed(r *bounce.Result) bool {
	return r.Message != nil && r.Kind != bounce.KindHeader && r.Message.Get("DKIM-Signature") != ""
}

func (f *explainFlags) now() (time.Time, error) {
	return asOf(f.asOf, time.Now().UTC())
}

// message writes what a message tells.
func (t *explainText) message(x *explained) {
	m := x.message
	if m == nil {
		return
	}
	t.row("from", "%s", m.From.Raw)
	if m.From.Ambiguous != "" {
		t.row("", "AMBIGUOUS: %s", m.From.Ambiguous)
	}
	t.row("subject", "%s", m.Subject)
	t.verdict(m)
	t.way(m)
	t.results(m)
	t.signatures(m)
	if a := m.ARC; a != nil {
		t.row("ARC", "%d sets, %s %s (the seals themselves are not verified)", len(a.Sets), a.State, a.Reason)
	}
	t.marks(m)
	for _, n := range m.Notes {
		t.row("note", "%s", n)
	}
}

func (t *explainText) verdict(m *message.Analysis) {
	if s := m.SPF; s != nil {
		t.row("SPF now", "%s for %s from %s %s %s", s.Result, s.Domain, s.IP, s.Term, s.Reason)
	}
	d := m.DMARC
	if d == nil {
		return
	}
	policy := ""
	if d.Policy != "" {
		policy = fmt.Sprintf(", policy %s at _dmarc.%s", d.Policy, d.FoundAt)
	}
	t.row("DMARC", "%s%s %s", d.Result, policy, d.Reason)
	if d.RFC7489 != "" {
		t.row("", "%s at receivers that still follow RFC 7489", d.RFC7489)
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
		t.row("", "%s %s: %s, %s", strings.ToUpper(a.Method), a.Domain, passed, how)
	}
}

// way writes the hops, the oldest first.
func (t *explainText) way(m *message.Analysis) {
	if len(m.Hops) == 0 {
		return
	}
	t.gap()
	t.heading("THE WAY, oldest first")
	if m.HopsCut > 0 {
		t.row("", "%d older steps are not shown", m.HopsCut)
	}
	for i := len(m.Hops) - 1; i >= 0; i-- {
		h := &m.Hops[i]
		t.row(delayText(h.Delay), "%s", hopText(h))
		if m.Border != nil && m.Border.Hop == i {
			t.row("", "^ here it came in from outside")
		}
		if h.Note != "" {
			t.row("", "^ %s", h.Note)
		}
	}
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

func (t *explainText) results(m *message.Analysis) {
	if len(m.AuthResults) == 0 {
		return
	}
	t.gap()
	t.heading("WHAT SERVERS FOUND (Authentication-Results)")
	for _, r := range m.AuthResults {
		name := r.AuthservID
		if name == "" {
			name = "(no name: Microsoft 365)"
		}
		if !r.Trusted {
			t.row("untrusted", "%s: %s", name, r.Why)
			continue
		}
		t.row("trusted", "%s", name)
		for _, x := range r.Results {
			t.row("", "%s=%s %s", x.Method, x.Value, paramsText(x.Params))
		}
	}
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

func (t *explainText) signatures(m *message.Analysis) {
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
		for _, f := range s.Flags {
			if f != s.Reason {
				t.row("", "%s", f)
			}
		}
	}
	if skipped > 0 {
		t.row("none", "%d more were not verified", skipped)
	}
}

func (t *explainText) marks(m *message.Analysis) {
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
		sure := ""
		if !k.Sure {
			sure = " (not confirmed by Microsoft's pages)"
		}
		t.row(name, "%s: %s%s", k.Value, k.Meaning, sure)
	}
}

// probes writes what --check found, problems first.
func (t *explainText) probes(x *explained) {
	if !x.checked {
		return
	}
	t.heading("CHECKED NOW")
	if len(x.probes) == 0 {
		t.row("", "Nothing about this can be seen from outside.")
	}
	for i := range x.probes {
		t.finding(&x.probes[i])
	}
	t.gap()
}

// problem tells whether a finding needs somebody to act.
func problem(s report.Status) bool {
	return s == report.Fail || s == report.Warn || s == report.Unknown
}

func (t *explainText) finding(f *report.Finding) {
	status := f.Status.String()
	if f.Status == report.Fail {
		status = "FAIL"
	}
	t.row(status, "%s", f.Summary)
	if f.Fix == nil || !problem(f.Status) {
		return
	}
	t.row("", "who: %s", f.Fix.Owner)
	t.row("", "do: %s", f.Fix.Text)
	for _, r := range f.Fix.Edits {
		switch {
		case r.Old == "":
			t.code("", fmt.Sprintf("add     %s %s %s", r.Name, r.Type, r.New))
		case r.New == "":
			t.code("", fmt.Sprintf("remove  %s %s %s", r.Name, r.Type, r.Old))
		default:
			t.code("", fmt.Sprintf("replace %s %s %s", r.Name, r.Type, r.Old))
			t.code("", fmt.Sprintf("by      %s %s %s", r.Name, r.Type, r.New))
		}
	}
	for _, c := range f.Fix.Commands {
		t.code("", c)
	}
}

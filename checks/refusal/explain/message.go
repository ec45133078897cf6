package explain

import (
	"context"
	"errors"
	"fmt"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/message"
	"maildiag/report"
)

// lookInto takes the message apart, if the input is one, and with --check asks
// the world.
func (f *Options) lookInto(ctx context.Context, x *Explanation, input []byte) error {
	kind := x.result.Kind
	is := kind == bounce.KindMessage || kind == bounce.KindHeader || kind == bounce.KindReply
	if !is && !f.Check {
		return nil
	}
	o := message.Options{AuthservID: f.AuthservID, WithLocalPart: f.WithLocalPart, Attached: x.attached, Now: f.Now}
	if !f.Check && !signed(x.result) {
		x.message = message.Analyse(ctx, input, o)
		return nil
	}
	w, err := f.open()
	if err != nil && f.Check {
		return err
	}
	if err != nil { // without a resolver the keys cannot be asked for; the rest can be told
		o.NoDNS = "no DNS resolver could be set up: " + err.Error()
		x.message = message.Analyse(ctx, input, o)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	o.DNS, o.Replay = w.DNS, f.Check
	if is {
		x.message = message.Analyse(ctx, input, o)
	}
	if f.Check {
		f.confirm(ctx, x, w, o)
	}
	return w.Close()
}

func (f *Options) open() (*World, error) {
	if f.Open == nil {
		return nil, errors.New("nothing may be asked")
	}
	return f.Open()
}

// signed reports whether there is a signature to verify.
func signed(r *bounce.Result) bool {
	return r.Message != nil && (r.Message.Get("DKIM-Signature") != "" || r.Message.Get("ARC-Seal") != "")
}

// probes writes what --check found, problems first.
func (t *printer) probes(x *Explanation) {
	if !x.checked || x.message != nil && len(x.replies) == 0 {
		return // of a message, what was checked stands with it
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

// problem reports whether a finding needs someone to act.
func problem(s report.Status) bool {
	return s == report.Fail || s == report.Warn || s == report.Unknown
}

func (t *printer) finding(f *report.Finding) {
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

package migrate

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// Outbound is the value of [Options.Keep] by which the user says that the SPF record
// is right without Microsoft's include: all mail leaves through a filter.
const Outbound = "spf.m365"

// ofSending reports whether a finding is about mail that Microsoft 365 sends. It sends
// from the first mailbox on, and directly unless a connector exists, whatever server
// receives: what such mail needs is due before the cut-over.
func ofSending(code string) bool {
	return code == "spf.m365" || code == "dmarc.m365" || strings.HasPrefix(code, "dkim.selector") || code == "dkim.enabled" || code == "dkim.token"
}

// beforehand reports whether a finding that the cut-over would cause must be ended
// before it: senders that enforce a policy do not deliver to hosts outside of it, and
// Microsoft 365 sends from the first mailbox on.
func beforehand(code string) bool {
	return listsHosts(code) || ofSending(code)
}

// outbound reports whether the user says that all mail leaves through a filter.
func (m *mover) outbound() bool { return slices.Contains(m.opts.Keep, Outbound) }

// confirmed reports whether a finding or a step is answered by what the user says.
func (m *mover) confirmed(codes ...string) bool {
	return m.outbound() && only(codes, []string{Outbound})
}

// openSPF reports whether a finding leaves open whether mail of Microsoft 365 passes
// SPF. A list of its addresses, or a record for everybody, lets it pass today.
func (m *mover) openSPF(f report.Finding) bool {
	how, _ := f.Data["how"].(string)
	return f.Code == Outbound && f.Status == report.Warn && how != "flattened" && (m.inv.SPF == nil || len(m.inv.SPF.Everyone()) == 0)
}

// sending lists what is not decided about mail that Microsoft 365 sends, where
// receivers may reject it for that.
func (m *mover) sending(r *Report, findings []report.Finding) (reasons []Reason) {
	bad := func(f report.Finding) bool {
		return (f.Status == report.Warn || f.Status == report.Fail) && ofSending(f.Code) && f.Code != Outbound
	}
	signed := m.signs(r.Cloud) && !slices.ContainsFunc(findings, bad)
	for _, f := range findings {
		switch {
		case f.Code == "dmarc.m365" && f.Status == report.Warn:
			reasons = append(reasons, Reason{Code: f.Code, Text: f.Statement(), Step: r.ending(f.Code), Unknown: true})
		case m.openSPF(f) && (!m.mild() || m.enforces() && !signed):
			reasons = append(reasons, Reason{Code: f.Code, Step: r.ending(f.Code), Unknown: true, Text: f.Statement() +
				". If mail from Microsoft 365 passes SPF as the record is, confirm it with --keep " + Outbound})
		}
	}
	return reasons
}

// strict reports whether receivers may reject what does not pass SPF: unless the
// records say otherwise, they may.
func (m *mover) strict() bool { return !m.mild() || m.enforces() }

// mild reports whether the SPF record asks receivers not to reject.
func (m *mover) mild() bool {
	return slices.ContainsFunc(m.inv.TXT.Values, func(v string) bool {
		words := strings.Fields(strings.ToLower(v))
		return spf.Ours(v) && (slices.Contains(words, "~all") || slices.Contains(words, "?all"))
	})
}

// enforces reports whether a DMARC policy may have receivers reject mail.
func (m *mover) enforces() bool {
	if m.inv.DMARC.Err != nil {
		return true
	}
	for _, v := range m.inv.DMARC.Values {
		if record, ours, err := dmarc.Parse(v); ours {
			return err != nil || record.P != dmarc.None
		}
	}
	own, err := publicsuffix.EffectiveTLDPlusOne(m.env.Domain)
	return err != nil || own != m.env.Domain // a policy may be inherited
}

// prepared reports whether Microsoft 365 may send: by the SPF record, or through a
// filter that does, with signatures of its own.
func (m *mover) prepared(c *kit.Cloud, now examined) bool {
	return m.inv.AllowsMicrosoft(c) || m.outbound() || m.signs(c) && slices.ContainsFunc(now.findings, m.openSPF)
}

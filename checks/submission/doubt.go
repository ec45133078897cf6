package submission

import (
	"net/mail"
	"regexp"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// untimely are the problems of a certificate that a wrong clock causes too.
func untimely(t *smtpprobe.TLS) (kind smtpprobe.CertKind) {
	for _, p := range t.Problems {
		if p.Kind == smtpprobe.CertExpired || p.Kind == smtpprobe.CertFuture {
			return p.Kind
		}
	}
	return ""
}

// clock concludes whether this machine's clock is wrong: then the certificates
// of hosts of different owners are out of their time in the same direction. If
// the other certificate is in its time, so is the clock.
func (f submissionFacts) clock(other comparison) (ours bool, end report.Finding) {
	if other.session.TLS == nil || untimely(other.session.TLS) == "" {
		return false, end
	}
	for _, x := range f.families {
		if x.session == nil || x.session.TLS == nil || untimely(x.session.TLS) != untimely(other.session.TLS) {
			continue
		}
		end = kit.Find(report.Unknown, "submission.clock", f.subject(), "the certificates of %s and %s are both out of "+
			"their time by this machine's clock (%s): the clock is probably wrong%s", f.Host, other.host,
			x.session.Started.Format(time.DateOnly), serverDate(x.session))
		end.Cause, end.Optional = report.CauseLocal, true
		end.Evidence = []report.Evidence{verdict{f, x.name, x.session}.certificateEvidence(x.session.TLS.Leaf()),
			{Kind: "server", Text: other.String(), Note: "one more connection, made to find the cause; --no-comparison turns it off"}}
		return true, advise(end, report.OwnerYou, "Check this computer's clock (date, time zone, NTP), then run again.")
	}
	return false, end
}

// date is a date as greetings have it. RFC 5322 3.3
var date = regexp.MustCompile(`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [+-][0-9]{4}`)

// serverDate says what date the server gives in its greeting, if it gives one.
func serverDate(s *smtpprobe.Session) string {
	st := s.Find(smtpprobe.PhaseGreeting)
	if st == nil || st.Reply == nil {
		return ""
	}
	if t, err := mail.ParseDate(date.FindString(st.Reply.Text())); err == nil {
		return "; the server's greeting gives " + t.UTC().Format(time.DateOnly)
	}
	return ""
}

// secondLook holds one more conversation, with another EHLO name, where a
// stranger's server offers no STARTTLS: before that is a fault, it must be so
// twice. The zero finding means that the second look shows the same.
func (f submissionFacts) secondLook(k *kit.Known, seen symptom) report.Finding {
	if seen != symptomPath || f.cloud != nil { // at Microsoft's hosts it is the path's fault either way
		return report.Finding{}
	}
	for _, x := range f.families {
		if x.session == nil || !x.session.Find(smtpprobe.PhaseEHLO).OK() || x.session.Mode != smtpprobe.StartTLS ||
			x.session.Offers(false, "STARTTLS") {
			continue
		}
		cfg := f.config(x.session.Address)
		cfg.Auth, cfg.From, cfg.To, cfg.Until, cfg.Limits = nil, "", "", smtpprobe.PhaseEHLO, comparisonLimits
		if cfg.Hello = "maildiag"; strings.Contains(x.session.Find(smtpprobe.PhaseEHLO).Command, "[") {
			cfg.Hello = "maildiag.invalid" // RFC 6761 6.4
		}
		again, ok := k.Talk(cfg)
		if !ok || !again.Offers(false, "STARTTLS") {
			continue
		}
		y := kit.Find(report.Unknown, "submission.starttls", f.subject(), "STARTTLS is offered in one connection and missing in another "+
			"(%s, then %s)", x.session.Find(smtpprobe.PhaseEHLO).Command, again.Find(smtpprobe.PhaseEHLO).Command)
		y.Cause = verdict{f, x.name, x.session}.cause()
		y.Evidence = []report.Evidence{verdict{f, x.name, x.session}.transcript(), verdict{f, x.name, again}.transcript()}
		return advise(y, report.OwnerRemote, "The server, or a device in between, treats connections differently: by the EHLO name, by "+
			"turn, or behind a load balancer one server lacks STARTTLS. Set the same on all of them. If the EHLO name matters, "+
			"give the device another one.", "RFC 3207 4")
	}
	return report.Finding{}
}

// replaced puts a finding in the place of the one with its code.
func (f submissionFacts) replaced(fs []report.Finding, y report.Finding) []report.Finding {
	for i := range fs {
		if fs[i].Code == y.Code && fs[i].Status >= report.Warn {
			y.Data = map[string]any{"connections": 1}
			fs[i] = y
		}
	}
	return fs
}

// protocol is the finding of a server that talks, but not as the standards say.
func (v verdict) protocol() (y report.Finding, bad bool) {
	var faults []string
	if v.s.BareLF {
		faults = append(faults, "lines end in LF without CR")
	}
	for _, st := range v.s.Steps {
		if st.Reply != nil && !st.Reply.Withheld {
			if c := st.Reply.Contradiction(); c != "" {
				faults = append(faults, "the reply to "+kit.ClipLine(orText(st.Command, string(st.Phase)), 40)+" contradicts itself: "+c)
			}
		}
	}
	if len(faults) == 0 {
		return y, false
	}
	y = v.make(report.Warn, v.cause(), "protocol", "the server does not follow the protocol: %s", strings.Join(faults, "; "))
	return advise(y, v.repairer(), "Clients can misread such replies. Update the server, or the device in between that writes them.",
		"RFC 5321 2.3.8", "RFC 2034 4"), true
}

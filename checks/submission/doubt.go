package submission

import (
	"net/mail"
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
var date = lazily(`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [+-][0-9]{4}`)

// serverDate says what date the server gives in its greeting, if it gives one.
func serverDate(s *smtpprobe.Session) string {
	if t, ok := greetingTime(s); ok {
		return "; the server's greeting gives " + t.Format(time.DateOnly)
	}
	return ""
}

// greetingTime returns the time that the server gives in its greeting.
func greetingTime(s *smtpprobe.Session) (t time.Time, ok bool) {
	st := s.Find(smtpprobe.PhaseGreeting)
	if st == nil || st.Reply == nil {
		return t, false
	}
	t, err := mail.ParseDate(date().FindString(st.Reply.Text()))
	return t.UTC(), err == nil
}

// timely reports whether a certificate has no fault but its time by this machine's
// clock, and is in its time by the server's.
func timely(s *smtpprobe.Session) bool {
	leaf, t := s.TLS.Leaf(), s.TLS
	theirs, ok := greetingTime(s)
	return ok && len(t.Problems) == 1 && untimely(t) != "" && theirs.After(leaf.NotBefore) && theirs.Before(leaf.NotAfter)
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

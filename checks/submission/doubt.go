package submission

import (
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// clock concludes whether this machine's clock is wrong: then the certificates
// of hosts of different owners are out of their time in the same direction. If
// the other certificate is in its time, so is the clock.
func (f submissionFacts) clock(other comparison) (ours bool, end report.Finding) {
	if other.session.TLS.Untimely() == "" {
		return false, end
	}
	for _, x := range f.families {
		if x.session == nil || x.session.TLS.Untimely() != other.session.TLS.Untimely() {
			continue
		}
		end = kit.Find(report.Unknown, "submission.clock", f.subject(), "by this computer's clock (%s), the certificates of %s and %s "+
			"are both expired or not yet valid: the clock is probably wrong%s", x.session.Started.Format(time.DateOnly), f.Host, other.host,
			serverDate(x.session))
		end.Cause, end.Optional = report.CauseLocal, true
		end.Evidence = []report.Evidence{verdict{f, x.name, x.session}.certificateEvidence(x.session.TLS.Leaf()),
			{Kind: "server", Text: other.String(), Note: "one more connection, made to find the cause; --no-comparison turns it off"}}
		return true, advise(end, report.OwnerYou, "Check this computer's clock (date, time zone, NTP), then run again.")
	}
	return false, end
}

// serverDate says what date the server gives in its greeting, if it gives one.
func serverDate(s *smtpprobe.Session) string {
	if t, ok := s.Date(); ok {
		return "; the server's greeting gives " + t.Format(time.DateOnly)
	}
	return ""
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

package submission

import (
	"slices"

	"maildiag/smtpprobe"
)

// alike reports whether another host, of another owner, has the same fault, or a
// fault that this host never has by itself: then what this network
// shows of the first one proves nothing.
func (f submissionFacts) alike(other *smtpprobe.Session) bool {
	return impaired(other) || slices.ContainsFunc(f.families, func(x familyFacts) bool {
		mine := x.session
		if mine == nil || !mine.Connected() {
			return false
		}
		return sameHand(mine, other) ||
			mine.Injected != "" && other.Injected != "" || mine.TLS == nil && other.TLS == nil && mine.Failed() != nil && other.Failed() != nil &&
			mine.Failed().Phase == other.Failed().Phase && mine.Failed().Err.Class == other.Failed().Err.Class
	})
}

// impaired reports whether a comparison host shows what it never does by itself:
// no STARTTLS, no TLS, a certificate of somebody else, or no sign-in inside TLS. A
// host that turned us away, or a certificate that a wrong clock or an empty list of
// authorities explains, shows nothing.
func impaired(s *smtpprobe.Session) bool {
	switch {
	case s.Hello(s.Mode == smtpprobe.Implicit) == nil && s.TLS == nil:
		return false
	case s.TLS == nil:
		st := s.Find(smtpprobe.PhaseStartTLS)
		return st == nil || st.Err == nil && st.Reply.Code/100 != 4 // RFC 3207 4: 454, for the moment
	case !s.TLS.Verified:
		return slices.ContainsFunc(s.TLS.Problems, func(p smtpprobe.CertProblem) bool {
			return p.Kind == smtpprobe.CertName || p.Kind == smtpprobe.CertNoNames || p.Kind == smtpprobe.CertSelfSigned ||
				p.Kind == smtpprobe.CertUnknownCA || p.Kind == smtpprobe.CertIncomplete
		})
	}
	return s.Port != portSMTP && s.Hello(true) != nil && len(s.Mechanisms(true)) == 0
}

// sameHand reports whether two hosts of different owners are answered by the same
// device: the same greeting, or the same issuer of certificates that do not
// verify.
func sameHand(a, b *smtpprobe.Session) bool {
	ga, gb := a.Find(smtpprobe.PhaseGreeting), b.Find(smtpprobe.PhaseGreeting)
	if said(ga) && said(gb) && ga.Reply.String() == gb.Reply.String() {
		return true
	}
	return a.TLS != nil && b.TLS != nil && !a.TLS.Verified && !b.TLS.Verified &&
		a.TLS.Leaf().Issuer == b.TLS.Leaf().Issuer
}

// said reports whether a whole reply came in a step.
func said(st *smtpprobe.Step) bool { return st != nil && st.Err == nil && st.Reply != nil }

package smtpprobe

import (
	"net/mail"
	"regexp"
	"sync"
	"time"
)

// Untimely returns the problem of the certificate's time by the clock of this
// computer; empty if there is none.
func (t *TLS) Untimely() CertKind {
	if t == nil {
		return ""
	}
	for _, p := range t.Problems {
		if p.Kind == CertExpired || p.Kind == CertFuture {
			return p.Kind
		}
	}
	return ""
}

// OnlyUntimely returns that problem if the certificate has no other.
func (t *TLS) OnlyUntimely() CertKind {
	if t == nil || len(t.Problems) != 1 {
		return ""
	}
	return t.Untimely()
}

// In reports whether a time is within the time of a certificate.
func (c Certificate) In(t time.Time) bool { return t.After(c.NotBefore) && t.Before(c.NotAfter) }

// greetingDate is a date as greetings have it. RFC 5322 3.3
var greetingDate = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [+-][0-9]{4}`)
})

// Date returns the time of the server's clock, if its greeting has one.
func (s *Session) Date() (t time.Time, ok bool) {
	st := s.Find(PhaseGreeting)
	if st == nil || st.Reply == nil {
		return t, false
	}
	t, err := mail.ParseDate(greetingDate().FindString(st.Reply.Text()))
	return t.UTC(), err == nil
}

// ValidThere reports whether the certificate has no problem but its time by the
// clock of this computer, and is in its time by the server's.
func (s *Session) ValidThere() bool {
	theirs, ok := s.Date()
	return ok && s.TLS.OnlyUntimely() != "" && s.TLS.Leaf().In(theirs)
}

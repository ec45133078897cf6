package smtpprobe

import (
	"fmt"
	"strings"
)

// Transcript reports the conversation in the notation of swaks, which people in
// mail support read: "===" is said by the program, " ->" was sent and "<-" was
// received unencrypted, " ~>" and "<~" inside TLS, "**" marks a refusal and "***"
// an error. The text is as hostile as the server.
func (s *Session) Transcript() string {
	var b strings.Builder
	fmt.Fprintf(&b, "=== Trying %s:%d (%s)...\n", s.Host, s.Port, s.Address)
	for i := range s.Steps {
		s.transcribe(&b, &s.Steps[i])
	}
	return b.String()
}

func (s *Session) transcribe(b *strings.Builder, st *Step) {
	send, receive, refuse := " -> ", "<-  ", "<** "
	if st.TLS {
		send, receive, refuse = " ~> ", "<~  ", "<~* "
	}
	if st.Command != "" {
		b.WriteString(send + st.Command + "\n")
	}
	if st.Reply != nil {
		if st.Reply.Code/100 > 3 || st.Err != nil {
			receive = refuse
		}
		for _, line := range st.Reply.Lines {
			b.WriteString(receive + line + "\n")
		}
	}
	switch {
	case st.Err != nil:
		fmt.Fprintf(b, "*** %s: %s: %s\n", st.Phase, st.Err.Class, st.Err.Text)
	case st.Phase == PhaseConnect:
		fmt.Fprintf(b, "=== Connected to %s.\n", s.Address)
	case st.Phase == PhaseTLS && s.TLS != nil:
		s.transcribeTLS(b)
	}
	if st.Phase == PhaseStartTLS && s.Injected != "" {
		fmt.Fprintf(b, "*** plaintext after the 220, not used: %q\n", s.Injected)
	}
}

func (s *Session) transcribeTLS(b *strings.Builder) {
	fmt.Fprintf(b, "=== TLS started with %s, cipher %s\n", s.TLS.Version, s.TLS.Cipher)
	if len(s.TLS.Chain) > 0 {
		leaf := s.TLS.Chain[0]
		fmt.Fprintf(b, "=== TLS peer %s, issued by %s\n", leaf.Subject, leaf.Issuer)
	}
	if s.TLS.Verified {
		fmt.Fprintf(b, "=== TLS certificate verified for %s\n", s.TLS.Host)
	}
	for _, p := range s.TLS.Problems {
		fmt.Fprintf(b, "*** TLS certificate: %s: %s\n", p.Kind, p.Text)
	}
}

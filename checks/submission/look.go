package submission

import (
	"fmt"
	"strings"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// lookAgain talks to a stranger's server once more where one conversation is not
// enough to judge it: before a missing STARTTLS or a rejected EHLO is a fault, it
// must be so with other EHLO names, and a STARTTLS that was seen only once must be
// seen again. The zero finding means that the second look shows the same.
func (f submissionFacts) lookAgain(k *kit.Known) report.Finding {
	if f.cloud != nil { // at Microsoft's hosts it is the path's fault either way
		return report.Finding{}
	}
	for _, x := range f.families {
		if x.session == nil || !x.session.Connected() {
			continue
		}
		if fault := faultOfHello(x.session); fault != noFault {
			if y := f.otherNames(k, x, fault); y.Code != "" || k.Missing() {
				return y
			}
		}
	}
	return f.sameAgain(k)
}

// helloFault is a fault that may depend on the EHLO name.
type helloFault string

const (
	noFault         helloFault = ""
	noStartTLS      helloFault = "starttls"
	nameRejected    helloFault = "ehlo"
	nameRejectedTLS helloFault = "auth" // inside TLS
)

func faultOfHello(s *smtpprobe.Session) helloFault {
	rejected := func(tls bool) bool {
		st := s.Step(smtpprobe.PhaseEHLO, tls)
		return st != nil && st.Err == nil && st.Reply.Code/100 == 5 && s.Hello(tls) == nil
	}
	switch {
	case rejected(true):
		return nameRejectedTLS
	case rejected(false):
		return nameRejected
	case s.Mode == smtpprobe.StartTLS && s.Hello(false) != nil && s.Step(smtpprobe.PhaseEHLO, false).OK() && !s.Offers(false, "STARTTLS"):
		return noStartTLS
	}
	return noFault
}

// gone reports whether a session shows that the fault is absent.
func (h helloFault) gone(s *smtpprobe.Session) bool {
	switch h {
	case noStartTLS:
		return s.Offers(false, "STARTTLS")
	case nameRejectedTLS:
		return s.Hello(true) != nil
	}
	return s.Step(smtpprobe.PhaseEHLO, false).OK() || s.Step(smtpprobe.PhaseEHLO, true).OK()
}

// otherKinds returns EHLO names of the kinds that name is not: servers and devices
// in between treat address literals, names with dots and names without differently.
// The empty name stands for this computer's address as a literal.
func otherKinds(name string) []string {
	const dotted, plain = "maildiag.invalid", "maildiag" // RFC 6761 6.4
	switch {
	case strings.HasPrefix(name, "["):
		return []string{dotted, plain}
	case strings.Contains(name, "."):
		return []string{"", plain}
	}
	return []string{"", dotted}
}

// otherNames greets the server with names of other kinds.
func (f submissionFacts) otherNames(k *kit.Known, x familyFacts, fault helloFault) report.Finding {
	for i, name := range otherKinds(helloName(x.session)) {
		again, ok := k.Talk(f.look(x.session, name, i+1))
		if !ok {
			return report.Finding{}
		}
		if fault.gone(again) {
			return f.uneven(x, again, fault)
		}
	}
	return report.Finding{}
}

// sameAgain repeats the first conversation that came to TLS, without naming the
// host in the handshake. Some devices leave the first connection alone and alter
// those that follow; and some servers need the name to show the right certificate.
func (f submissionFacts) sameAgain(k *kit.Known) report.Finding {
	for _, x := range f.families {
		if x.session == nil || x.session.TLS == nil {
			continue
		}
		cfg := f.look(x.session, f.Hello, 3)
		cfg.Client.NoSNI = true
		again, ok := k.Talk(cfg)
		switch {
		case !ok:
		case faultOfHello(again) == noStartTLS:
			return f.uneven(x, again, noStartTLS)
		case x.session.TLS.Verified:
			return verdict{f, x.name, again}.needsName()
		}
		return report.Finding{}
	}
	return report.Finding{}
}

// codeSNI is the claim that the server needs its name in the handshake.
const codeSNI = "submission.sni"

// needsName is the finding of a conversation without the host's name (RFC 6066 3)
// in which the certificate does not verify, or TLS fails; the zero finding if it
// makes no difference.
func (v verdict) needsName() (y report.Finding) {
	st := v.s.Find(smtpprobe.PhaseTLS)
	switch {
	case v.s.TLS != nil && !v.s.TLS.Verified:
		y = v.make(report.Info, "", "sni", "the certificate depends on the server name in the handshake (SNI): without it, the certificate %s",
			strings.TrimPrefix(v.certificateFault(), "it "))
	case v.s.TLS == nil && st != nil && st.Err != nil && st.Err.Alert != 0:
		y = v.make(report.Info, "", "sni", "the server accepts TLS only with its name in the handshake (SNI)")
	default:
		return y
	}
	y.Evidence = []report.Evidence{v.transcript()}
	if v.s.TLS != nil {
		y.Evidence = []report.Evidence{v.certificateEvidence(v.s.TLS.Leaf())}
	}
	return advise(y, v.repairer(), "Old devices and programs do not send the name and reject the certificate. If you have such devices, make the "+
		"certificate for "+v.Host+" the server's default.", "RFC 6066 3")
}

// look is the question for one more conversation with the same address.
func (f submissionFacts) look(s *smtpprobe.Session, hello string, number int) smtpprobe.Config {
	cfg := f.config(s.Address)
	cfg.Auth, cfg.From, cfg.To, cfg.Limits = nil, "", "", comparisonLimits
	cfg.Hello, cfg.Look, cfg.Until = hello, number, smtpprobe.PhaseStartTLS
	return cfg
}

// helloName returns the name that a conversation gave in EHLO.
func helloName(s *smtpprobe.Session) string {
	st := s.Find(smtpprobe.PhaseEHLO)
	if st == nil {
		return ""
	}
	return strings.TrimPrefix(st.Command, "EHLO ")
}

// uneven is the finding of a server that treats two conversations differently.
func (f submissionFacts) uneven(x familyFacts, again *smtpprobe.Session, fault helloFault) report.Finding {
	v, one, two := verdict{f, x.name, x.session}, helloName(x.session), helloName(again)
	var y report.Finding
	switch {
	case fault != noStartTLS:
		y = v.make(report.Unknown, report.CauseLocal, string(fault), "the server rejects EHLO %s and accepts EHLO %s", one, two)
		y = advise(y, report.OwnerYou, "Give the device a name that the server accepts, preferably its full host name, and test with it: "+
			"--helo NAME.", "RFC 5321 4.1.1.1")
	case one != two:
		y = v.make(report.Unknown, v.cause(), "starttls", "STARTTLS is missing after EHLO %s and offered after EHLO %s", one, two)
		y = advise(y, v.repairer(), "The server, or a device in between, treats connections differently: by EHLO name, alternately, or "+
			"because of a load balancer. Offer STARTTLS to all. If the EHLO name matters, give the device another one.", "RFC 3207 4")
	default:
		y = v.make(report.Unknown, v.cause(), "starttls", "STARTTLS is offered in one connection and missing in the next (EHLO %s)", one)
		y = advise(y, v.repairer(), "The server, or a device in between, treats connections differently: alternately, after the first "+
			"one, or because one server behind a load balancer lacks STARTTLS. Configure all of them alike.", "RFC 3207 4")
	}
	y.Subject = f.subject()
	y.Evidence = append(y.Evidence, verdict{f, x.name, again}.transcript())
	y.Data = map[string]any{"connections": 1, "hello": fmt.Sprintf("%s, %s", one, two)}
	return y
}

// replaced puts a finding in the place of those with its code.
func replaced(fs []report.Finding, y report.Finding) (out []report.Finding) {
	put := false
	for _, x := range fs {
		switch {
		case x.Code != y.Code:
			out = append(out, x)
		case !put:
			out, put = append(out, y), true
		}
	}
	if !put {
		out = append(out, y)
	}
	return out
}

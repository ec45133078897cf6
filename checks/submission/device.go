package submission

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// Device is what an old device or program is able to do.
type Device struct {
	ID, Title string
	client    smtpprobe.Client
	hello     string // EHLO name; empty: as usual
	mechanism string // the only sign-in it knows; empty: any
}

// devices are generic: what a device of a brand can do depends on its firmware.
var devices = []Device{
	{ID: "tls10", Title: "TLS 1.0 at most", client: smtpprobe.Client{MaxTLS: tls.VersionTLS10, Ciphers: everyCipher()}},
	{ID: "tls11", Title: "TLS 1.1 at most", client: smtpprobe.Client{MaxTLS: tls.VersionTLS11, Ciphers: everyCipher()}},
	{ID: "tls12", Title: "TLS 1.2 at most", client: smtpprobe.Client{MaxTLS: tls.VersionTLS12}},
	{ID: "rsa", Title: "TLS 1.2 with RSA key exchange only (no ECDHE)", client: smtpprobe.Client{MaxTLS: tls.VersionTLS12,
		Ciphers: slices.DeleteFunc(everyCipher(), func(id uint16) bool { return !strings.HasPrefix(tls.CipherSuiteName(id), "TLS_RSA_") })}},
	{ID: "no-sni", Title: "TLS without the server's name (no SNI)", client: smtpprobe.Client{NoSNI: true}},
	{ID: "login", Title: "sign-in with LOGIN only", mechanism: "LOGIN"},
	{ID: "private-name", Title: "a private address as its EHLO name", hello: "[192.168.1.50]"},
}

// everyCipher returns the cipher suites of TLS 1.0 to 1.2, also those that are weak.
func everyCipher() (ids []uint16) {
	for _, c := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		ids = append(ids, c.ID)
	}
	return ids
}

// Devices returns the profiles of devices.
func Devices() []Device { return devices }

// imitate talks to the first address that answered as the device would, without
// signing in; nil if no address did.
func (f submissionFacts) imitate(k *kit.Known) *smtpprobe.Session {
	for _, x := range f.families {
		if x.session == nil || !x.session.Connected() {
			continue
		}
		cfg := f.config(x.session.Address)
		cfg.Auth, cfg.From, cfg.To, cfg.Until, cfg.Limits = nil, "", "", smtpprobe.PhaseStartTLS, comparisonLimits
		cfg.Client = f.Device.client
		if f.Device.hello != "" {
			cfg.Hello = f.Device.hello
		}
		s, _ := k.Talk(cfg)
		return s
	}
	return nil
}

// withDevice adds whether a device like this could send.
func (f submissionFacts) withDevice(k *kit.Known, fs []report.Finding) []report.Finding {
	if f.Device == nil {
		return fs
	}
	s := f.imitate(k)
	if k.Missing() {
		return nil
	}
	return append(fs, f.judgeDevice(s))
}

// judgeDevice compares the device's conversation with that of maildiag itself: only
// what the server does for one and not for the other is due to the device.
func (f submissionFacts) judgeDevice(s *smtpprobe.Session) report.Finding {
	own := slices.IndexFunc(f.families, func(x familyFacts) bool {
		return s != nil && x.session != nil && x.session.Address == s.Address
	})
	if own < 0 || f.families[own].session.Hello(true) == nil {
		return kit.Find(report.Skip, "submission.device", f.subject(), "not tested: maildiag itself could not set up TLS with the server")
	}
	v := verdict{f, f.families[own].name, s}
	why := v.obstacle()
	y := v.make(report.Pass, "", "device", "a device with %s can use this server", f.Device.Title)
	if !s.Connected() {
		y = v.make(report.Unknown, v.cause(), "device", "not tested: a second connection to the server failed")
		return advise(y, report.OwnerYou, "Run again.")
	}
	if why != "" {
		y = v.make(report.Fail, report.CauseInput, "device", "a device with %s cannot send through %s: %s", f.Device.Title, f.Host, why)
		y = advise(y, report.OwnerYou, v.wayOut())
	}
	if y.Data == nil {
		y.Data = map[string]any{}
	}
	y.Data["device"] = f.Device.ID
	if s.TLS != nil {
		y.Data["version"], y.Data["cipher"] = s.TLS.Version, s.TLS.Cipher
	}
	return y
}

// obstacle returns what stops the device; empty if nothing does.
func (v verdict) obstacle() string {
	hello, inTLS := v.s.Step(smtpprobe.PhaseEHLO, false), v.s.Step(smtpprobe.PhaseEHLO, true)
	failed := v.s.Find(smtpprobe.PhaseTLS)
	switch {
	case v.s.Mode == smtpprobe.StartTLS && hello != nil && hello.Reply != nil && !hello.OK():
		return "the server rejects its EHLO: " + kit.ClipLine(hello.Reply.String(), 120)
	case v.s.TLS == nil && failed != nil && failed.Err != nil:
		return "the server accepts no TLS connection from it (" + kit.ClipLine(failed.Err.Text, 100) + ")"
	case v.s.TLS == nil:
		return "TLS could not be established"
	case inTLS != nil && inTLS.Reply != nil && !inTLS.OK():
		return "the server rejects it inside TLS: " + kit.ClipLine(inTLS.Reply.String(), 120)
	case v.s.TLS != nil && !v.s.TLS.Modern() && v.cloud != nil && (v.special == nil || !v.special.oldTLS):
		return v.s.TLS.Version + " is set up, but Exchange Online then rejects the sign-in (421 4.7.66)"
	case !v.s.TLS.Verified:
		return "without the server's name it gets a certificate that does not verify: " + v.certificateFault()
	case v.Device.mechanism != "" && !slices.Contains(v.s.Mechanisms(true), v.Device.mechanism):
		return fmt.Sprintf("the server does not offer %s, only %q", v.Device.mechanism, strings.Join(v.s.Mechanisms(true), " "))
	}
	return ""
}

func (v verdict) certificateFault() string {
	var out []string
	for _, p := range v.s.TLS.Problems {
		out = append(out, "it "+certificateProblems[p.Kind])
	}
	return strings.Join(out, ", and ")
}

// wayOut says what the owner of the device can do.
func (v verdict) wayOut() string {
	text := "Update the device's firmware or replace it. Until then, let it send to a mail server of your own that relays to Microsoft 365."
	if old := v.Device.client.MaxTLS; v.cloud != nil && v.special == nil && v.legacy() != "" && (old == tls.VersionTLS10 || old == tls.VersionTLS11) {
		text = "Update the device's firmware. If there is no update, turn on TLS 1.0 and 1.1 for the organization " +
			"(Set-TransportConfig -AllowLegacyTLSClients $true; not in GCC) and use " + v.legacy() + " in the device; or let it send to a mail " +
			"server of your own that relays."
	}
	if v.Device.hello != "" {
		text = "Give the device a full host name, such as scanner.contoso.com, in its SMTP or network settings."
	}
	return text
}

// legacy returns the host of the cloud for old devices; empty if it has none.
func (v verdict) legacy() string {
	i := slices.IndexFunc(specialHosts, func(h specialHost) bool { return h.oldTLS && h.cloud == v.cloud.ID })
	if i < 0 {
		return ""
	}
	return specialHosts[i].name
}

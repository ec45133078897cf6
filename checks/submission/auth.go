package submission

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

var authDoc = kit.Doc{
	Means: "Whether the account can sign in to the submission host and send " +
		"as the given address. maildiag tries the sign-in once, inside TLS " +
		"verified for the host, and sends no message.",
	Why: "About ten different settings can stop a scanner from " +
		"sending, and Exchange Online names the one that is " +
		"off only in the text of its reply.",
	Fix: "Check the settings in the order of the finding: organization, mailbox, authentication policy, " +
		"security defaults, " +
		"Conditional Access, multi-factor authentication, license, federation.",
	Sources: []string{
		"RFC 4954 4",
		"https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission",
		retirementSource,
	},
}

// SMTPChecks returns the rows of a run that is about one submission server: the
// server itself, and the login if the options ask for one.
func SMTPChecks(o SMTPOptions) []kit.Check {
	if o.Auth != nil && (o.Host == "" || o.target(nil).cloud != nil) {
		o.Auth.Approve = func(t *smtpprobe.TLS) bool {
			return genuine(t.Leaf()) || o.Inspected != nil && o.Inspected(t.Leaf().IssuerOrg)
		}
	}
	server := kit.NewFact(func(k *kit.Known) submissionFacts { return gatherServer(k, o) })
	facts := func(k *kit.Known) submissionFacts {
		f, _ := server.Of(k)
		return f
	}
	rows := []kit.Check{{ID: "submission", Title: "SUBMISSION", Doc: SubmissionDoc,
		Run: func(k *kit.Known) []report.Finding {
			return kit.Judge(k, facts(k), func(f submissionFacts) []report.Finding { return f.withDevice(k, f.withPath(k, judgeSubmission(f))) })
		}}}
	if o.Auth != nil || o.From != "" {
		rows = append(rows, kit.Check{ID: "auth", Title: "AUTHENTICATION", Doc: authDoc, Run: func(k *kit.Known) []report.Finding { return kit.Judge(k, facts(k), judgeAuth) }})
	}
	return rows
}

// gatherServer examines the server that the options name, or else that of the
// domain's cloud.
func gatherServer(k *kit.Known, o SMTPOptions) submissionFacts {
	if o.Host != "" && strings.EqualFold(k.Domain, o.Host) { // there is no domain to check
		c := o.target(nil).cloud
		k.SetProfile(kit.Profile{Microsoft: c != nil, Cloud: c})
	}
	cloud, ok := submissionCloud(k, o)
	if !ok {
		return submissionFacts{}
	}
	return converse(k, o.target(cloud))
}

// WithSMTP puts the rows of SMTPChecks in the place of the submission row.
// Without that row, because it was not selected, it adds nothing.
func WithSMTP(rows []kit.Check, o SMTPOptions) []kit.Check {
	i := slices.IndexFunc(rows, func(c kit.Check) bool { return c.ID == "submission" })
	if i < 0 {
		return rows
	}
	ours := SMTPChecks(o)
	for k := range ours {
		ours[k].Needs = rows[i].Needs
	}
	return slices.Concat(rows[:i], ours, rows[i+1:])
}

// submissionCloud returns the cloud whose submission host is meant when none is
// named.
func submissionCloud(k *kit.Known, o SMTPOptions) (c *kit.Cloud, ok bool) {
	if o.Host != "" {
		return nil, true
	}
	if c := kit.CloudByID(k.Cloud); c != nil {
		return c, true
	}
	if strings.EqualFold(k.Domain, kit.Clouds()[0].Submission) { // the smtp command without a domain
		return &kit.Clouds()[0], true
	}
	p, ok := k.Profile()
	return p.Cloud, ok
}

// judgeAuth reports what the login and the envelope came to.
func judgeAuth(f submissionFacts) (out []report.Finding) {
	v, ok := f.loginConversation()
	if !ok {
		return []report.Finding{kit.Find(report.Skip, "auth.login", f.subject(),
			"not tried: there was no SMTP connection to the server")}
	}
	if f.Auth != nil {
		if f.Auth.Token {
			out = append(out, f.judgeToken()...)
		}
		if v.s.Auth == nil { // the token was not worth sending
			return append(out, kit.Find(report.Skip, "auth.login", f.subject(),
				"not tried: the server cannot accept this token"))
		}
		out = append(out, v.login())
		out = append(out, v.retirement()...)
	}
	for _, step := range []struct {
		phase       smtpprobe.Phase
		claim, what string
	}{{smtpprobe.PhaseMail, "sender", f.From}, {smtpprobe.PhaseRcpt, "recipient", f.To}} {
		if st := v.s.Find(step.phase); st != nil {
			out = append(out, v.envelope(step.claim, step.what, st))
		}
	}
	if len(out) == 0 {
		out = append(out, kit.Find(report.Skip, "auth.sender", f.subject(),
			"not tried: the connection ended before MAIL FROM"))
	}
	return out
}

// loginConversation finds the conversation in which the login was tried, or
// came nearest to it.
func (f submissionFacts) loginConversation() (best verdict, ok bool) {
	rank := 0
	for _, x := range f.families {
		s, r := x.session, 0
		switch {
		case s == nil || !s.Connected():
		case s.Step(smtpprobe.PhaseAuth, true) != nil:
			r = 4
		case s.Auth != nil && s.Auth.Skipped == smtpprobe.SkipUsed:
			r = 1
		case s.TLS != nil:
			r = 3
		default:
			r = 2
		}
		if r > rank {
			best, rank = verdict{f, x.name, s}, r
		}
	}
	return best, rank > 0
}

// under puts a finding of a stage under the row "auth".
func under(y report.Finding) report.Finding {
	y.Code = "auth." + strings.TrimPrefix(y.Code, "submission.")
	return y
}

// login judges the AUTH command.
func (v verdict) login() report.Finding {
	res, st := v.s.Auth, v.s.Step(smtpprobe.PhaseAuth, true)
	switch {
	case st == nil:
		return v.noLogin(res.Skipped)
	case res.Success:
		y := under(v.make(report.Pass, "", "login", "%s: sign-in as %s is accepted", res.Mechanism, res.User))
		y.Data["mechanism"], y.Evidence = string(res.Mechanism), []report.Evidence{v.transcript()}
		return y
	case st.Err != nil:
		return under(v.interrupted("login", "the connection was lost during sign-in", st))
	case st.Command == "*":
		y := under(v.make(report.Unknown, v.cause(), "login", "sign-in was stopped: the server asked for "+
			"something that %s does not define", res.Mechanism))
		return advise(y, report.OwnerYou, "Run again with another mechanism (--mechanism).", "RFC 4954 4")
	}
	y := v.refused("login", st)
	y.Data["mechanism"] = string(res.Mechanism)
	if res.Challenge != "" {
		y.Evidence = append(y.Evidence, report.Evidence{Kind: "smtp", Text: res.Challenge, From: v.from(),
			Note: "the server's answer to the token, decoded"})
	}
	if v.tenantDecides() && y.Status == report.Fail {
		y.Fix.Commands = switchCommands(y.Fix.Commands, res.User, res.Mechanism)
	}
	return y
}

// noLogin reports why no secret was sent.
func (v verdict) noLogin(why smtpprobe.Skip) report.Finding {
	if offered := v.s.Mechanisms(true); why == smtpprobe.SkipNotOffered && len(offered) > 0 {
		return v.notOffered(strings.Join(offered, " "))
	}
	return kit.Find(report.Skip, "auth.login", v.subject(), "not tried, and no secret was sent: %s",
		skipReasons[why])
}

// notOffered reports that the server offers other mechanisms than the one wanted.
func (v verdict) notOffered(offered string) report.Finding {
	wanted := string(v.Auth.Mechanism)
	if wanted == "" {
		wanted = "a mechanism for this kind of secret"
	}
	status, cause := report.Fail, report.CauseInput
	if v.mechanismFits(v.Auth.Mechanism) { // Microsoft offers the others always
		status, cause = report.Unknown, report.CauseNetwork
	}
	owner, text := report.OwnerYou, usable(offered)
	if text == "" {
		text = "Offer LOGIN or PLAIN inside TLS on this port: devices and programs sign in with one of them."
		if owner = v.repairer(); status == report.Fail {
			cause = v.cause()
		}
	}
	y := under(v.make(status, cause, "login", "the server does not offer %s, only %q; nothing was sent", wanted, offered))
	return advise(y, owner, text, "RFC 4954 4")
}

// usable says how to sign in with what a server offers; it is empty if maildiag knows
// none of it.
func usable(offered string) string {
	var ways []string
	for m := range strings.FieldsSeq(strings.ToUpper(offered)) {
		switch m {
		case "LOGIN", "PLAIN":
			ways = append(ways, "--mechanism "+strings.ToLower(m)+" with a password")
		case "XOAUTH2":
			ways = append(ways, "--mechanism xoauth2 with a token")
		}
	}
	if len(ways) == 0 {
		return ""
	}
	return "Use what the server offers: " + strings.Join(ways, ", or ") + "."
}

var skipReasons = map[smtpprobe.Skip]string{
	smtpprobe.SkipNoTLS:      "the connection has no TLS",
	smtpprobe.SkipUnverified: "the certificate does not match the host name or is not trusted",
	smtpprobe.SkipOldTLS:     "the server supports only an old version of TLS",
	smtpprobe.SkipInjected:   "plaintext was injected before the TLS handshake",
	smtpprobe.SkipNotOffered: "the server offers no sign-in; see submission.auth",
	smtpprobe.SkipDeclined:   "a device on your network or an antivirus program can read it (see submission.certificate); --inspected-ok sends it anyway",
	smtpprobe.SkipUsed:       "this run has already used its one attempt",
	smtpprobe.SkipNotReached: "the connection ended first",
	"":                       "the connection ended first",
}

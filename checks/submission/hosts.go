package submission

import (
	"cmp"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// passwordRule is what is announced about passwords at a host.
type passwordRule string

const (
	passwordsEnd   passwordRule = ""      // off by default at the end of December 2026
	passwordsStay  passwordRule = "stay"  // not part of that
	passwordsEnded passwordRule = "ended" // OAuth only
)

// specialHost is a submission host of Microsoft's beside those of the clouds, with
// rules of its own.
type specialHost struct {
	name, title string
	cloud       string // ID of the cloud; empty: no front end of Exchange Online
	rules       string // who may send what, in one or two sentences
	passwords   passwordRule
	role        string   // the application permission that tokens need; empty: as elsewhere
	mechanisms  []string // offered for sure; nil: not known
	oldTLS      bool     // takes TLS 1.0 and 1.1, if the organization allows it
	tenant      bool     // the switches of the organization and the mailbox decide
	source      string
}

// specialHosts are read 2026-11-26. What only third parties say is worded so.
var specialHosts = []specialHost{
	{
		name: "smtp-hve.office365.com", title: "High Volume Email", cloud: "worldwide",
		rules: "Only High Volume Email accounts can sign in, and only recipients inside the organization receive the mail. " +
			"Use TLS 1.2 or 1.3.",
		passwords: passwordsStay, role: "Mail.Send",
		source: "https://learn.microsoft.com/exchange/mail-flow-best-practices/oauth-high-volume-mails-m365",
	},
	{
		name: "smtp-legacy.office365.com", title: "Exchange Online for old devices", cloud: "worldwide",
		rules: "It accepts TLS 1.0 and 1.1 if the organization has turned on AllowLegacyTLSClients. " +
			"GCC, GCC High and DoD do not have it.",
		mechanisms: []string{"LOGIN", "XOAUTH2"}, oldTLS: true, tenant: true,
		source: "https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/opt-in-exchange-online-endpoint-for-legacy-tls-using-smtp-auth",
	},
	{
		name: "smtp-legacy.partner.outlook.cn", title: "Exchange Online (21Vianet) for old devices", cloud: "china",
		rules:      "It accepts TLS 1.0 and 1.1 if the organization has turned on AllowLegacyTLSClients.",
		mechanisms: []string{"LOGIN", "XOAUTH2"}, oldTLS: true, tenant: true,
		source: "https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/opt-in-exchange-online-endpoint-for-legacy-tls-using-smtp-auth",
	},
	{
		name: "smtp-mail.outlook.com", title: "Outlook.com for consumers", cloud: "worldwide",
		rules: "It is for personal accounts such as outlook.com and hotmail.com. Accounts of an organization use smtp.office365.com. " +
			"According to third parties, it accepts OAuth only.",
		passwords: passwordsEnded, mechanisms: []string{"XOAUTH2"},
	},
	{
		name: "smtp.azurecomm.net", title: "Azure Communication Services",
		rules: "The user name is an Entra application with access to the resource, the password its client secret, according to third " +
			"parties. It sends to any recipient; the organization's mailbox settings do not apply.",
		passwords: passwordsStay,
	},
}

// special returns the row of a host with rules of its own; nil if it has none.
func special(host string) *specialHost {
	i := slices.IndexFunc(specialHosts, func(h specialHost) bool { return strings.EqualFold(h.name, strings.TrimSuffix(host, ".")) })
	if i < 0 {
		return nil
	}
	return &specialHosts[i]
}

// about reports the rules of a host; the zero finding if it has none of its own.
func (t target) about() report.Finding {
	if t.special == nil {
		return report.Finding{}
	}
	y := kit.Find(report.Info, "submission.host", t.subject(), "this is %s. %s", t.special.title, t.special.rules)
	if t.special.source != "" {
		y.Evidence = []report.Evidence{{Kind: "rule", Text: t.special.rules, Link: t.special.source}}
	}
	return y
}

// applicationRole returns the permission that an application's token must have.
func (t target) applicationRole() string {
	if t.special == nil {
		return applicationPermission
	}
	return cmp.Or(t.special.role, applicationPermission)
}

// expected returns the mechanisms that a host of Microsoft's offers for sure.
func (t target) expected() []string {
	if t.special != nil {
		return t.special.mechanisms
	}
	return []string{"LOGIN", "XOAUTH2"}
}

// lacks reports whether one of the mechanisms is not offered.
func lacks(offered, expected []string) bool {
	return slices.ContainsFunc(expected, func(m string) bool { return !slices.Contains(offered, m) })
}

// ownPermission reports whether the host needs another permission than the rest:
// then it is not confirmed which service its tokens are for.
func (t target) ownPermission() bool { return t.special != nil && t.special.role != "" }

// tenantDecides reports whether the switches of an organization decide on a login.
func (t target) tenantDecides() bool {
	return t.cloud != nil && (t.special == nil || t.special.tenant)
}

// passwordsOver warns of a password at a host that takes none any more.
func (v verdict) passwordsOver() report.Finding {
	y := under(v.make(report.Warn, report.CauseInput, "retirement", "%s accepts OAuth only since 2024-09-16, according to "+
		"third parties; this sign-in uses a password", v.special.title))
	if v.s.Auth.Success {
		y.Status = report.Info
	}
	y.Evidence = []report.Evidence{{Kind: "rule", Text: v.special.rules}}
	return advise(y, report.OwnerYou, "Sign in with OAuth (--oauth device), or use an account of the organization with smtp.office365.com.")
}

// mechanismFits reports whether Microsoft always offers what was to be used.
func (t target) mechanismFits(m smtpprobe.Mechanism) bool {
	return t.cloud != nil && m != smtpprobe.MechPlain && (t.special == nil || m != smtpprobe.MechAuto && slices.Contains(t.special.mechanisms, string(m)))
}

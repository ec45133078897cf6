package submission

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/report"
	"maildiag/smtpprobe"
)

// authSwitch is one of the switches that decide whether a login works, with the
// command that shows how it stands.
type authSwitch struct {
	name     string
	command  string // USER stands for the account, DOMAIN for its domain
	wanted   string
	password bool // decides on passwords only, not on tokens
}

// authSwitches is the order in which the switches are best looked at. The mailbox
// wins over the organization.
//
// Sources: Microsoft Learn Set-TransportConfig, Set-CASMailbox,
// New-AuthenticationPolicy, "Enable or disable authenticated client SMTP
// submission", "Fix issues with printers, scanners and LOB applications".
var authSwitches = []authSwitch{
	{"organization", "Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled",
		"False, or the mailbox setting allows it", false},
	{"mailbox", "Get-CASMailbox -Identity USER | Format-List SmtpClientAuthenticationDisabled",
		"False; if empty, the organization setting applies", false},
	{"authentication policy", "Get-User -Identity USER | Format-List AuthenticationPolicy; " +
		"Get-AuthenticationPolicy | Format-Table Name,AllowBasicAuthSmtp",
		"AllowBasicAuthSmtp True in the user's policy", true},
	{"security defaults", "Get-MgPolicyIdentitySecurityDefaultEnforcementPolicy | Format-List IsEnabled",
		"False", true},
	{"Conditional Access", `Get-MgAuditLogSignIn -Filter "userPrincipalName eq 'USER'" -Top 5 | Format-List CreatedDateTime,ClientAppUsed,ConditionalAccessStatus,Status`,
		"no policy that blocks legacy authentication for this account", false},
	{"multi-factor authentication", "Get-MgUserAuthenticationMethod -UserId USER",
		"none is enforced, or an app password is used", true},
	{"license", "Get-MgUserLicenseDetail -UserId USER | Format-Table SkuPartNumber", "one with Exchange Online",
		false},
	{"federation", "Get-MgDomain -DomainId DOMAIN | Format-List AuthenticationType",
		"Managed, or the federation server responds", true},
	{"restricted", "Get-BlockedSenderAddress -SenderAddress USER", "nothing", false},
}

// switchCommands returns the commands of a fix: first those of the reply that
// change something, then those that show each authSwitch, in order and numbered.
func switchCommands(first []string, user string, mech smtpprobe.Mechanism) []string {
	_, domain, _ := strings.Cut(user, "@")
	fill := strings.NewReplacer("'USER'", "'"+strings.ReplaceAll(user, "'", "''")+"'", "USER", psQuote(user),
		"DOMAIN", psQuote(domain))
	verb := func(command string) string { v, _, _ := strings.Cut(command, " "); return v }
	out := slices.DeleteFunc(slices.Clone(first), func(c string) bool {
		return slices.ContainsFunc(authSwitches, func(g authSwitch) bool { return verb(g.command) == verb(c) })
	})
	for i, g := range authSwitches {
		if !g.password || mech != smtpprobe.MechXOAuth2 {
			out = append(out, fmt.Sprintf("%s  # %d %s: %s", fill.Replace(g.command), i+1, g.name, g.wanted))
		}
	}
	return out
}

// retirementSource is the announcement by which passwords over SMTP end.
const retirementSource = "https://techcommunity.microsoft.com/blog/exchange/updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835"

// offByDefault is the day from which passwords over SMTP are switched off by
// default in existing organizations ("end of December 2026"; announced
// 2026-01-27, read 2026-11-23). The final date is to be announced in the
// second half of 2027.
var offByDefault = time.Date(2026, time.December, 31, 0, 0, 0, 0, time.UTC)

// retirement warns users of a password when password sign-in ends.
func (v verdict) retirement() []report.Finding {
	if v.cloud == nil || v.Auth.Token || v.s.Auth.Mechanism == "" {
		return nil
	}
	if v.special != nil && v.special.passwords != passwordsEnd {
		if v.special.passwords == passwordsEnded {
			return []report.Finding{v.passwordsOver()}
		}
		return nil
	}
	status := report.Info
	if v.s.Auth.Success {
		status = report.Warn // works today, breaks on a foreseeable event
	}
	days := int(offByDefault.Sub(v.now.UTC().Truncate(24*time.Hour)) / (24 * time.Hour))
	when := fmt.Sprintf("in %d days (end of December 2026), Microsoft turns this off by default", days)
	switch {
	case days <= 0:
		when = "since the end of December 2026, this is off by default at " +
			"Microsoft, and only an administrator can keep it on"
	case days == 1:
		when = "tomorrow (end of December 2026), Microsoft turns this off by default"
	}
	y := under(v.make(status, report.CauseDomain, "retirement", "this sign-in uses a password: %s", when))
	y.Evidence = []report.Evidence{{Kind: "rule", Link: retirementSource,
		Text: "end of December 2026: off by default in existing organizations, " +
			"administrators can turn it on again; not available in organizations " +
			"created later; second half of 2027: Microsoft announces the final date"}}
	y.Data = map[string]any{"off_by_default": offByDefault.Format(time.DateOnly), "days_left": days}
	y = advise(y, report.OwnerM365, "Move the device or application to OAuth (XOAUTH2). For devices without OAuth, use a "+
		"relay connector by IP address or certificate (port 25), High Volume Email for "+
		"internal recipients, or Azure Communication Services for bulk mail.",
		retirementSource)
	if status == report.Info {
		y.Cause = ""
	}
	return []report.Finding{y}
}

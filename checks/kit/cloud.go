package kit

import (
	"maildiag/report"
	"slices"
	"strings"
)

// Cloud is one of Microsoft's separate clouds: what a domain on it publishes
// and where its users submit mail. A new cloud is one row of [Clouds].
type Cloud struct {
	ID    string // API: "worldwide", ...
	Title string

	MX           []string // suffixes of current MX targets, with the leading dot
	SPF          string   // the include
	DKIM         []string // suffixes of DKIM CNAME targets, the initial domain's form first
	Autodiscover string
	Registration string // enterpriseregistration target
	Enrollment   []string
	Msoid        string   // "" where msoid must be absent
	SIP          string   // sip CNAME of the Skype days
	Federation   string   // SRV target of Teams, where it tells clouds apart
	Skype        []string // suffixes of all targets of the Skype days
	Initial      string   // suffix of initial domains, with the leading dot
	Servers      []string // suffixes of the names of its servers, in mail and replies
	TenantMX     bool     // MX hosts have the tenant's name, which no domain tells
	Other        *Cloud   // the one that shares the names for mail, where no record tells which of the two it is

	Submission string // host, port 587
	Authority  string // OAuth
	Scope      string // delegated scope for SMTP
	AppScope   string // scope of an application's own token
	Audience   string // of tokens for Exchange, beside the hosts of the scopes
	Graph      string // the host of Microsoft Graph

	// Unsure names the fields above that Microsoft has not confirmed in
	// public; findings that rest on them say so.
	Unsure []string
}

// clouds lists the clouds, the most common first. GCC uses the worldwide
// names and is therefore not distinguished by the DNS.
//
// Sources: Microsoft Learn "External DNS records for Office 365" (2024-10-24),
// "DNS records for Office 365 GCC High", "... DoD", "Set up SPF"
// (defender-office-365/email-authentication-spf-configure), "Set up DKIM"
// (2026), "Configure in-region routing" (2025-09-26).
var clouds = []Cloud{
	{
		ID: "worldwide", Title: "Microsoft 365 (worldwide)",
		MX:           []string{".mail.protection.outlook.com", ".mx.microsoft"},
		SPF:          "spf.protection.outlook.com",
		DKIM:         []string{".onmicrosoft.com", ".dkim.mail.microsoft"},
		Autodiscover: "autodiscover.outlook.com",
		Registration: "enterpriseregistration.windows.net",
		Enrollment:   []string{"enterpriseenrollment-s.manage.microsoft.com", "enterpriseenrollment.manage.microsoft.com"},
		SIP:          "sipdir.online.lync.com",
		Skype:        []string{".lync.com"},
		Initial:      ".onmicrosoft.com",
		Servers:      []string{".outlook.com", ".office365.com", ".exchangelabs.com"},
		Submission:   "smtp.office365.com",
		Authority:    "https://login.microsoftonline.com/",
		Scope:        "https://outlook.office.com/SMTP.Send",
		AppScope:     "https://outlook.office365.com/.default",
		Graph:        "graph.microsoft.com",
	},
	{
		ID: "gcc", Title: "Microsoft 365 GCC",
		MX:           []string{".mail.protection.outlook.com", ".mx.microsoft"},
		SPF:          "spf.protection.outlook.com",
		DKIM:         []string{".onmicrosoft.com", ".dkim.mail.microsoft"},
		Autodiscover: "autodiscover.outlook.com",
		Registration: "enterpriseregistration.windows.net",
		Enrollment:   []string{"enterpriseenrollment-s.manage.microsoft.com", "enterpriseenrollment.manage.microsoft.com"},
		SIP:          "sipdir.online.lync.com",
		Skype:        []string{".lync.com"},
		Initial:      ".onmicrosoft.com",
		Servers:      []string{".outlook.com", ".office365.com", ".exchangelabs.com"},
		Submission:   "smtp.office365.com",
		Authority:    "https://login.microsoftonline.com/",
		Scope:        "https://outlook.office.com/SMTP.Send",
		AppScope:     "https://outlook.office365.com/.default",
		Graph:        "graph.microsoft.com",
	},
	{
		ID: "gcc-high", Title: "Microsoft 365 GCC High",
		MX:           []string{".mail.protection.office365.us"},
		SPF:          "spf.protection.office365.us",
		DKIM:         []string{".onmicrosoft.us", ".dkim.mail.microsoft"},
		Autodiscover: "autodiscover.office365.us",
		Federation:   "sipfed.online.gov.skypeforbusiness.us",
		Registration: "enterpriseregistration.microsoftonline.us",
		Enrollment:   []string{"enterpriseenrollment-s.manage.microsoft.us"},
		Skype:        []string{".skypeforbusiness.us"},
		Initial:      ".onmicrosoft.us",
		Servers:      []string{".office365.us"},
		TenantMX:     true,
		Submission:   "smtp.office365.us",
		Authority:    "https://login.microsoftonline.us/",
		Scope:        "https://outlook.office365.us/SMTP.Send",
		AppScope:     "https://outlook.office365.us/.default",
		Graph:        "graph.microsoft.us",
		Unsure:       []string{"Registration", "DKIM", "Submission"},
	},
	{
		ID: "dod", Title: "Microsoft 365 DoD",
		MX:           []string{".mail.protection.office365.us"},
		SPF:          "spf.protection.office365.us",
		DKIM:         []string{".onmicrosoft.us", ".dkim.mail.microsoft"},
		Autodiscover: "autodiscover-dod.office365.us",
		Federation:   "sipfed.online.dod.skypeforbusiness.us",
		Registration: "enterpriseregistration.microsoftonline.us",
		Enrollment:   []string{"enterpriseenrollment-s.manage.microsoft.us"},
		Skype:        []string{".skypeforbusiness.us"},
		Initial:      ".onmicrosoft.us",
		Servers:      []string{".office365.us"},
		TenantMX:     true,
		Submission:   "outlook-dod.office365.us",
		Authority:    "https://login.microsoftonline.us/",
		Scope:        "https://outlook.office365.us/SMTP.Send",
		AppScope:     "https://outlook.office365.us/.default",
		Audience:     "outlook-dod.office365.us",
		Graph:        "dod-graph.microsoft.us",
		Unsure:       []string{"Registration", "DKIM", "Submission", "Scope", "AppScope"},
	},
	{
		ID: "china", Title: "Microsoft 365 operated by 21Vianet",
		MX:           []string{".mail.protection.partner.outlook.cn"},
		SPF:          "spf.protection.partner.outlook.cn",
		DKIM:         []string{".partner.onmschina.cn", ".dkim.mail.microsoft"},
		Autodiscover: "autodiscover.partner.outlook.cn",
		Registration: "enterpriseregistration.partner.microsoftonline.cn",
		Enrollment:   []string{"enterpriseenrollment-s.manage.microsoftonline.cn"},
		Msoid:        "clientconfig.partner.microsoftonline-p.net.cn",
		SIP:          "sipdir.online.partner.lync.cn",
		Skype:        []string{".lync.cn"},
		Initial:      ".partner.onmschina.cn",
		Servers:      []string{".outlook.cn"},
		Submission:   "smtp.partner.outlook.cn",
		Authority:    "https://login.chinacloudapi.cn/",
		Scope:        "https://partner.outlook.cn/SMTP.Send",
		AppScope:     "https://partner.outlook.cn/.default",
		Graph:        "microsoftgraph.chinacloudapi.cn",
		Unsure:       []string{"Registration", "DKIM", "Submission", "AppScope"},
	},
}

// government stands for GCC High and DoD where no record tells which of the two it is.
var government = func() Cloud {
	c := clouds[2]
	c.Title, c.Other = "Microsoft 365 GCC High or DoD", &clouds[3]
	return c
}()

// Clouds returns the rows of the clouds, the most common first.
func Clouds() []Cloud { return clouds }

// CloudByID finds a cloud's row; nil if there is none of that ID.
func CloudByID(id string) *Cloud {
	for i := range clouds {
		if clouds[i].ID == id {
			return &clouds[i]
		}
	}
	return nil
}

// CloudOfServer returns the row of the cloud to which a server belongs by its
// name, nil if to none. Clouds with the same names are the first of them.
func CloudOfServer(host string) *Cloud {
	for i := range clouds {
		if HasSuffix(host, clouds[i].Servers) {
			return &clouds[i]
		}
	}
	return nil
}

// RoutingSPF is the include of the zones that are Microsoft's own.
const RoutingSPF = "outlook.com"

// ExchangeAudiences returns the hosts for which access tokens for Exchange Online
// are issued.
func ExchangeAudiences() (hosts []string) {
	for i := range clouds {
		c := &clouds[i]
		for _, scope := range []string{c.Scope, c.AppScope} {
			host, _, _ := strings.Cut(strings.TrimPrefix(scope, "https://"), "/")
			hosts = append(hosts, host)
		}
		if c.Audience != "" {
			hosts = append(hosts, c.Audience)
		}
	}
	return hosts
}

// GraphAudiences returns the hosts for which access tokens for Microsoft Graph
// are issued.
func GraphAudiences() (hosts []string) {
	for i := range clouds {
		hosts = append(hosts, clouds[i].Graph)
	}
	return hosts
}

// IsSkype reports whether a name is a target of the days of Skype for Business.
func IsSkype(host string) bool {
	return slices.ContainsFunc(clouds, func(c Cloud) bool { return HasSuffix(host, c.Skype) })
}

// Selectors returns the two selectors that Microsoft 365 signs with.
func Selectors() []string { return []string{"selector1", "selector2"} }

// EndOf returns the end of an examination: the cloud of the domain, and what kind
// of domain it is, as far as that is known.
func EndOf(k *Known) *report.End {
	k.missed = new(Missed)
	e := &report.End{Domain: k.Domain}
	p, ok := k.Profile()
	switch {
	case p.Cloud != nil:
		e.Cloud = p.Cloud.ID
	case ok && p.Parked:
		e.Kind = report.KindNoMail
	case ok && p.Receives && k.Expect == ExpectAuto:
		e.Kind, e.Host = report.KindElsewhere, k.MXTargets()[0].Name
	}
	return e
}

// IsUnsure reports whether Microsoft has not publicly confirmed a field of the row.
func (c *Cloud) IsUnsure(field string) bool { return c != nil && slices.Contains(c.Unsure, field) }

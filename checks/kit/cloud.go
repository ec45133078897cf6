package kit

import "slices"

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
	Msoid        string // "" where msoid must be absent
	SIP          string // sip CNAME of the Skype days
	Initial      string // suffix of initial domains, with the leading dot

	Submission string // host, port 587
	Authority  string // OAuth
	Scope      string // delegated scope for SMTP
	AppScope   string // scope of an application's own token

	// Unsure names the fields above that Microsoft has not confirmed in
	// public; findings that rest on them say so.
	Unsure []string
}

// clouds lists the clouds, the most common first. GCC uses the worldwide
// names and is therefore not told apart by the DNS.
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
		Initial:      ".onmicrosoft.com",
		Submission:   "smtp.office365.com",
		Authority:    "https://login.microsoftonline.com/",
		Scope:        "https://outlook.office.com/SMTP.Send",
		AppScope:     "https://outlook.office365.com/.default",
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
		Initial:      ".onmicrosoft.com",
		Submission:   "smtp.office365.com",
		Authority:    "https://login.microsoftonline.com/",
		Scope:        "https://outlook.office.com/SMTP.Send",
		AppScope:     "https://outlook.office365.com/.default",
	},
	{
		ID: "gcc-high", Title: "Microsoft 365 GCC High",
		MX:           []string{".mail.protection.office365.us"},
		SPF:          "spf.protection.office365.us",
		DKIM:         []string{".onmicrosoft.us", ".dkim.mail.microsoft"},
		Autodiscover: "autodiscover.office365.us",
		Registration: "enterpriseregistration.microsoftonline.us",
		Enrollment:   []string{"enterpriseenrollment-s.manage.microsoft.us"},
		Initial:      ".onmicrosoft.us",
		Submission:   "smtp.office365.us",
		Authority:    "https://login.microsoftonline.us/",
		Scope:        "https://outlook.office365.us/SMTP.Send",
		AppScope:     "https://outlook.office365.us/.default",
		Unsure:       []string{"Registration", "DKIM", "Submission"},
	},
	{
		ID: "dod", Title: "Microsoft 365 DoD",
		MX:           []string{".mail.protection.office365.us"},
		SPF:          "spf.protection.office365.us",
		DKIM:         []string{".onmicrosoft.us", ".dkim.mail.microsoft"},
		Autodiscover: "autodiscover-dod.office365.us",
		Registration: "enterpriseregistration.microsoftonline.us",
		Enrollment:   []string{"enterpriseenrollment-s.manage.microsoft.us"},
		Initial:      ".onmicrosoft.us",
		Submission:   "outlook-dod.office365.us",
		Authority:    "https://login.microsoftonline.us/",
		Scope:        "https://outlook.office365.us/SMTP.Send",
		AppScope:     "https://outlook.office365.us/.default",
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
		Initial:      ".partner.onmschina.cn",
		Submission:   "smtp.partner.outlook.cn",
		Authority:    "https://login.chinacloudapi.cn/",
		Scope:        "https://partner.outlook.cn/SMTP.Send",
		AppScope:     "https://partner.outlook.cn/.default",
		Unsure:       []string{"Registration", "DKIM", "Submission", "AppScope"},
	},
}

// Clouds gives the rows of the clouds, the most common first.
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

// CloudID returns the ID of the cloud of a domain, "" if it is not on Microsoft
// 365 or not known.
func CloudID(k *Known) string {
	k.missed = new(Missed)
	if p, _ := k.Profile(); p.Cloud != nil {
		return p.Cloud.ID
	}
	return ""
}

// IsUnsure tells that Microsoft has not confirmed a field of the row in public.
func (c *Cloud) IsUnsure(field string) bool { return c != nil && slices.Contains(c.Unsure, field) }

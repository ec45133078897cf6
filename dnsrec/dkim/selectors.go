package dkim

import (
	"slices"
	"strings"
)

// Likeliest is the selector that is in use on most domains.
const Likeliest = "selector1"

// core are the selectors that are in use on most domains that sign, the
// likeliest first.
var core = []string{Likeliest, "selector2", "google", "default", "mail", "dkim", "k1", "s1", "s2"}

// Core returns the selectors that are worth a question on any domain, the
// likeliest first. They must not be changed.
func Core() []string { return slices.Clip(core) }

// FirstOf returns the selector that stands for a pair or a series of a provider,
// such as k1 for k2 and k3: where that is not published, the others are not.
// A selector of no series stands for itself.
func FirstOf(selector string) string {
	if stem, ok := series(selector); ok {
		return stem + "1"
	}
	return selector
}

// IsFirstOf reports whether a selector is [FirstOf] another.
func IsFirstOf(first, selector string) bool {
	stem, ok := series(selector)
	return ok && len(first) == len(selector) && first[len(stem)] == '1' && first[:len(stem)] == stem || !ok && first == selector
}

// series returns the stem of a selector that is a later one of a series.
func series(selector string) (stem string, ok bool) {
	stem = strings.TrimRight(selector, "23")
	if stem == "" || len(selector)-len(stem) != 1 || '0' <= stem[len(stem)-1] && stem[len(stem)-1] <= '9' {
		return "", false
	}
	return stem, true
}

// Follows reports whether a selector is one of a series whose first is among the
// others, or in [Core].
func Follows(selector string, others []string) bool {
	_, ok := series(selector)
	first := func(s string) bool { return IsFirstOf(s, selector) }
	return ok && (slices.ContainsFunc(others, first) || slices.ContainsFunc(core, first))
}

// Provider is a party that signs mail with selectors of fixed names.
type Provider struct {
	Name      string
	Selectors []string // the ones it gives customers first
	MX        []string // suffixes of its mail exchangers
	SPF       []string // suffixes of its SPF includes
}

// providers lists who uses which names, from what the providers tell their
// customers to publish, as of 2026-11. Providers that make a name up for each
// customer (Amazon SES, Mimecast, SMTP2GO and others) cannot be guessed.
var providers = []Provider{
	{"Microsoft 365", []string{"selector1", "selector2"},
		[]string{"mail.protection.outlook.com", "mx.microsoft", "mail.protection.office365.us", "mail.protection.partner.outlook.cn"},
		[]string{"protection.outlook.com", "protection.office365.us", "protection.partner.outlook.cn"}},
	{"Google Workspace", []string{"google"},
		[]string{"google.com", "googlemail.com"}, []string{"_spf.google.com", "aspmx.googlemail.com"}},
	{"Twilio SendGrid", []string{"s1", "s2", "smtpapi"}, nil, []string{"sendgrid.net"}},
	{"Mailchimp", []string{"k1", "k2", "k3"}, nil, []string{"servers.mcsv.net"}},
	{"Mailchimp Transactional", []string{"mandrill", "mte1", "mte2"}, nil, []string{"mandrillapp.com"}},
	{"Mailgun", []string{"k1", "mx", "smtp", "pic", "mailo"}, []string{"mailgun.org"}, []string{"mailgun.org"}},
	{"Mailjet", []string{"mailjet"}, nil, []string{"mailjet.com"}},
	{"Zendesk", []string{"zendesk1", "zendesk2"}, []string{"zendesk.com"}, []string{"zendesk.com"}},
	{"HubSpot", []string{"hs1", "hs2"}, nil, []string{"hubspotemail.net", "hubspot.net"}},
	{"Brevo", []string{"mail", "brevo1", "brevo2"}, nil, []string{"sendinblue.com", "brevo.com"}},
	{"Zoho Mail", []string{"zmail", "zoho"}, []string{"zoho.com", "zoho.eu", "zoho.in", "zohomail.com"},
		[]string{"zoho.com", "zoho.eu", "zoho.in", "zohomail.com", "one.zoho.com"}},
	{"Fastmail", []string{"fm1", "fm2", "fm3", "mesmtp"}, []string{"messagingengine.com"}, []string{"messagingengine.com"}},
	{"Proton Mail", []string{"protonmail", "protonmail2", "protonmail3"}, []string{"protonmail.ch"}, []string{"protonmail.ch"}},
	{"iCloud Mail", []string{"sig1"}, []string{"mail.icloud.com"}, []string{"icloud.com"}},
	{"Campaign Monitor", []string{"cm"}, nil, []string{"createsend.com"}},
	{"Constant Contact", []string{"ctct1", "ctct2"}, nil, []string{"constantcontact.com"}},
	{"ActiveCampaign", []string{"acdkim1", "acdkim2", "dk"}, nil, []string{"emsd1.com", "activecampaign.com"}},
	{"Klaviyo", []string{"kl", "kl2", "dkim"}, nil, []string{"klaviyo.com", "klaviyomail.com"}},
	{"MailerLite", []string{"litesrv", "ml"}, nil, []string{"mlsend.com", "mailerlite.com"}},
	{"Intercom", []string{"intercom"}, nil, []string{"intercom.io"}},
	{"Adobe Marketo", []string{"m1"}, nil, []string{"mktomail.com"}},
	{"Elastic Email", []string{"api"}, nil, []string{"elasticemail.com"}},
	{"Postmark", []string{"pm"}, nil, []string{"mtasv.net"}},
	{"Everlytic", []string{"everlytickey1", "everlytickey2", "eversrv"}, nil, []string{"everlytic.net"}},
	{"Turbo SMTP", []string{"turbo-smtp"}, nil, []string{"turbo-smtp.com"}},
	{"Hornetsecurity", []string{"hse1", "hse2"}, []string{"antispameurope.com", "hornetsecurity.com"},
		[]string{"antispameurope.com", "hornetsecurity.com"}},
	{"IONOS", []string{"s1-ionos", "s2-ionos"}, []string{"kundenserver.de", "ionos.com", "ionos.de", "ionos.co.uk"},
		[]string{"kundenserver.de", "perfora.net", "ionos.com"}},
	{"STRATO", []string{"strato-dkim-0002", "strato-dkim-0003"}, []string{"rzone.de"}, []string{"strato.com", "rzone.de"}},
	{"Hostinger", []string{"hostingermail-a", "hostingermail-b", "hostingermail-c"},
		[]string{"hostinger.com", "titan.email"}, []string{"hostinger.com"}},
	{"Titan", []string{"titan1", "titan2"}, []string{"titan.email"}, []string{"titan.email"}},
	{"Gandi", []string{"gm1", "gm2", "gm3"}, []string{"mail.gandi.net"}, []string{"gandi.net"}},
	{"Migadu", []string{"key1", "key2", "key3"}, []string{"migadu.com"}, []string{"migadu.com"}},
	{"mailbox.org", []string{"mbo0001", "mbo0002"}, []string{"mailbox.org"}, []string{"mailbox.org"}},
	{"Tuta", []string{"s1", "s2"}, []string{"tutanota.de"}, []string{"tutanota.de"}},
	{"Yandex 360", []string{"mail"}, []string{"yandex.net", "yandex.ru"}, []string{"yandex.net", "yandex.ru"}},
	{"VK WorkMail", []string{"mailru"}, []string{"mail.ru"}, []string{"mail.ru"}},
	{"DreamHost", []string{"dreamhost"}, []string{"dreamhost.com"}, []string{"dreamhost.com"}},
	{"Namecheap Private Email", []string{"default"}, []string{"privateemail.com"}, []string{"privateemail.com"}},
	{"Salesforce", []string{"salesforce"}, nil, []string{"salesforce.com"}},
	{"Freshworks", []string{"fwdkim1"}, nil, []string{"freshdesk.com", "freshemail.io"}},
}

// Suggested returns the selectors of the providers that the mail exchangers and
// SPF includes of a domain point at, the first of each provider first, without
// those of [Core].
func Suggested(mx, includes []string) []string {
	var room [4]*Provider
	hit := room[:0]
	for i := range providers {
		if p := &providers[i]; under(mx, p.MX) || under(includes, p.SPF) {
			hit = append(hit, p)
		}
	}
	var out []string
	for i := range maxSelectors(hit) {
		for _, p := range hit {
			if i < len(p.Selectors) && !slices.Contains(core, p.Selectors[i]) && !slices.Contains(out, p.Selectors[i]) {
				out = append(out, p.Selectors[i])
			}
		}
	}
	return out
}

// Giver returns the provider that gives its customers a selector, and that the mail
// exchangers or SPF includes of a domain point at; "" if none is known.
func Giver(selector string, mx, includes []string) string {
	for _, p := range providers {
		if slices.Contains(p.Selectors, selector) && (under(mx, p.MX) || under(includes, p.SPF)) {
			return p.Name
		}
	}
	return ""
}

// Mailboxes returns the first selector of each provider of mailboxes: what a domain
// that has moved away from one may still publish.
func Mailboxes() (out []string) {
	for _, p := range providers {
		if len(p.MX) > 0 && !slices.Contains(core, p.Selectors[0]) && !slices.Contains(out, p.Selectors[0]) {
			out = append(out, p.Selectors[0])
		}
	}
	return out
}

func maxSelectors(ps []*Provider) (n int) {
	for _, p := range ps {
		n = max(n, len(p.Selectors))
	}
	return n
}

// under reports whether one of the names is one of the parents or below it.
func under(names, parents []string) bool {
	for _, n := range names {
		for _, p := range parents {
			above := len(n) - len(p)
			if n == p || above > 0 && n[above-1] == '.' && n[above:] == p {
				return true
			}
		}
	}
	return false
}

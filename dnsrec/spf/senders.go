package spf

import "strings"

// SenderKind is the trade of a [Sender].
type SenderKind string

// The kinds of senders.
const (
	Mailbox   SenderKind = "mailbox provider" // people's mailboxes
	Gateway   SenderKind = "mail gateway"     // filters and relays for another mailbox provider
	Bulk      SenderKind = "bulk mail"        // newsletters, marketing
	Relay     SenderKind = "sending service"  // transactional mail by API or SMTP
	CRM       SenderKind = "CRM"
	Helpdesk  SenderKind = "helpdesk"
	Hosting   SenderKind = "hosting" // web hosts, whose mail service often comes with them
	Business  SenderKind = "business application"
	Signature SenderKind = "signature service"
	SPFHost   SenderKind = "SPF service" // flattens or serves SPF records for others
)

// Sender is one operator of mail servers that domains include.
type Sender struct {
	Name string
	Kind SenderKind

	// SPF lists the names that are included, or under which the included
	// names lie.
	SPF []string

	// Selectors lists DKIM selectors that the operator gives its customers,
	// where they are the same for all.
	Selectors []string
}

// SendersAsOf is the day on which the table of senders was last gone through.
const SendersAsOf = "2026-11-23"

// SenderOf finds who is behind an included name; nil if that is not known.
func SenderOf(name string) *Sender {
	name = strings.TrimSuffix(asciiLower(name), ".")
	var best *Sender
	length := 0
	for i := range senders {
		for _, spf := range senders[i].SPF {
			if len(spf) > length && under(name, spf) {
				best, length = &senders[i], len(spf)
			}
		}
	}
	return best
}

// under tells whether name is zone or lies under it.
func under(name, zone string) bool {
	return name == zone ||
		len(name) > len(zone) && name[len(name)-len(zone)-1] == '.' && strings.HasSuffix(name, zone)
}

// Senders gives the table of well-known senders.
func Senders() []Sender { return senders }

// senders lists operators whose include names are well known. The names were
// taken from the operators' own setup pages and from the records of public
// bodies; selectors only where every customer gets the same.
var senders = []Sender{
	{"Microsoft 365", Mailbox, []string{"spf.protection.outlook.com", "spf.protection.office365.us",
		"spf.protection.partner.outlook.cn"}, []string{"selector1", "selector2"}},
	{"Outlook.com", Mailbox, []string{"outlook.com", "hotmail.com"}, nil},
	{"Microsoft Dynamics 365", CRM, []string{"mktdynmics.com", "dynmktg.com"}, nil},
	{"Google Workspace", Mailbox, []string{"_spf.google.com", "aspmx.googlemail.com", "_netblocks.google.com"}, []string{"google"}},
	{"Zoho Mail", Mailbox, []string{"zoho.com", "zoho.eu", "zohomail.com", "one.zoho.com", "zoho.in", "zohomail.eu"}, []string{"zmail"}},
	{"Zoho ZeptoMail", Relay, []string{"zeptomail.net", "zeptomail.com", "transmail.net"}, nil},
	{"Zoho Campaigns", Bulk, []string{"zcsend.net", "zohocampaigns.com"}, nil},
	{"Fastmail", Mailbox, []string{"spf.messagingengine.com"}, []string{"fm1", "fm2", "fm3"}},
	{"Proton Mail", Mailbox, []string{"_spf.protonmail.ch"}, []string{"protonmail", "protonmail2", "protonmail3"}},
	{"Apple iCloud Mail", Mailbox, []string{"icloud.com"}, []string{"sig1"}},
	{"Yandex 360", Mailbox, []string{"_spf.yandex.net", "yandex.net"}, []string{"mail"}},
	{"VK WorkSpace (Mail.ru)", Mailbox, []string{"_spf.mail.ru"}, []string{"mailru"}},
	{"Rackspace Email", Mailbox, []string{"emailsrvr.com"}, nil},
	{"Intermedia", Mailbox, []string{"spf.intermedia.net", "intermedia.net"}, nil},
	{"Titan / HostGator Mail", Mailbox, []string{"spf.titan.email"}, []string{"titan1"}},
	{"Mailfence", Mailbox, []string{"_spf.mailfence.com"}, nil},
	{"Migadu", Mailbox, []string{"spf.migadu.com"}, []string{"key1", "key2", "key3"}},
	{"mailbox.org", Mailbox, []string{"mailbox.org"}, []string{"MBO0001", "MBO0002", "MBO0003", "MBO0004"}},
	{"Infomaniak", Mailbox, []string{"spf.infomaniak.ch"}, nil},
	{"Tencent Exmail", Mailbox, []string{"spf.mail.qq.com"}, nil},
	{"Alibaba Mail", Mailbox, []string{"spf.qiye.aliyun.com", "spf1.dm.aliyun.com"}, nil},
	{"NetEase", Mailbox, []string{"spf.163.com"}, nil},
	{"GoDaddy", Hosting, []string{"secureserver.net"}, nil},
	{"Namecheap Private Email", Mailbox, []string{"spf.privateemail.com"}, nil},
	{"Namecheap forwarding", Hosting, []string{"spf.efwd.registrar-servers.com"}, nil},
	{"Network Solutions", Hosting, []string{"spf.registeredsite.com", "spf.myregisteredsite.com"}, nil},
	{"Bluehost / Endurance", Hosting, []string{"websitewelcome.com", "bluehost.com", "spf.mailhostbox.com"}, nil},
	{"DreamHost", Hosting, []string{"netblocks.dreamhost.com"}, nil},
	{"Hostinger", Mailbox, []string{"_spf.mail.hostinger.com", "_spf.hostinger.email"}, []string{"hostingermail1", "hostingermail2", "hostingermail3"}},
	{"SiteGround", Hosting, []string{"spf.mailspamprotection.com"}, nil},
	{"OVHcloud", Mailbox, []string{"mx.ovh.com", "mx.ovh.net", "mx.ovh.ca"}, nil},
	{"Gandi", Mailbox, []string{"_mailcust.gandi.net"}, []string{"gm1", "gm2", "gm3"}},
	{"IONOS", Mailbox, []string{"_spf-eu.ionos.com", "_spf-us.ionos.com", "_spf.kundenserver.de", "_spf.perfora.net"}, []string{"s1-ionos", "s2-ionos"}},
	{"STRATO", Mailbox, []string{"_spf.strato.de", "_spf.strato.com", "smtp.rzone.de"}, nil},
	{"ALL-INKL", Hosting, []string{"spf.kasserver.com"}, nil},
	{"Hetzner", Hosting, []string{"spf.your-server.de"}, nil},
	{"Host Europe", Hosting, []string{"spf.hosteurope.de", "_spf.hosteurope.de"}, nil},
	{"domainfactory", Hosting, []string{"spf.ispgateway.de", "_spf.df.eu"}, nil},
	{"one.com", Mailbox, []string{"_custspf.one.com"}, nil},
	{"Loopia", Mailbox, []string{"spf.loopia.se"}, nil},
	{"Aruba", Mailbox, []string{"_spf.aruba.it"}, nil},
	{"Register.it", Mailbox, []string{"spf.register.it", "_spf.register.it"}, nil},
	{"TransIP", Mailbox, []string{"_spf.transip.email"}, []string{"transip-a", "transip-b", "transip-c"}},
	{"Hostpoint", Mailbox, []string{"spf.mail.hostpoint.ch", "spf.hostpoint.ch"}, nil},
	{"Locaweb", Mailbox, []string{"_spf.locaweb.com.br"}, nil},
	{"KingHost", Mailbox, []string{"_spf.kinghost.net"}, nil},
	{"Mimecast", Gateway, []string{"_netblocks.mimecast.com", "eu._netblocks.mimecast.com", "us._netblocks.mimecast.com",
		"de._netblocks.mimecast.com", "au._netblocks.mimecast.com", "za._netblocks.mimecast.com", "mimecast.com"}, nil},
	{"Proofpoint", Gateway, []string{"pphosted.com", "spf-a.proofpoint.com", "proofpoint.com"}, nil},
	{"Proofpoint Essentials", Gateway, []string{"ppe-hosted.com", "dispatch-us.ppe-hosted.com"}, nil},
	{"Barracuda", Gateway, []string{"spf.ess.barracudanetworks.com", "spf.ess.uk.barracudanetworks.com",
		"spf.ess.de.barracudanetworks.com", "barracudanetworks.com"}, nil},
	{"Cisco Secure Email", Gateway, []string{"iphmx.com"}, nil},
	{"Trend Micro", Gateway, []string{"spf.hes.trendmicro.com", "spf.hes.trendmicro.eu", "trendmicro.com", "trendmicro.eu"}, nil},
	{"Sophos Email", Gateway, []string{"_spf.prod.hydra.sophos.com", "sophos.com", "spf.sophosemail.com"}, nil},
	{"Symantec Email Security.cloud", Gateway, []string{"spf.messagelabs.com"}, nil},
	{"Forcepoint", Gateway, []string{"mailcontrol.com"}, nil},
	{"Hornetsecurity", Gateway, []string{"spf.hornetsecurity.com", "antispameurope.com", "hornetsecurity.com"}, nil},
	{"Trellix (FireEye)", Gateway, []string{"_spf.fireeyecloud.com"}, nil},
	{"Check Point Harmony Email", Gateway, []string{"spf.checkpoint-spf.com", "checkpoint-spf.com", "spfa.cpmails.com"}, nil},
	{"SpamExperts / N-able", Gateway, []string{"spf.antispamcloud.com", "spamexperts.com", "mtaroutes.com"}, nil},
	{"Mailprotect", Gateway, []string{"spf.mailprotect.be"}, nil},
	{"AppRiver / Zix", Gateway, []string{"spf.appriver.com", "zixmail.net"}, nil},
	{"MailRoute", Gateway, []string{"_spf.mailroute.net"}, nil},
	{"SpamTitan", Gateway, []string{"spamtitan.com"}, nil},
	{"NoSpamProxy", Gateway, []string{"spf.cloud.nospamproxy.com", "nospamproxy.com"}, nil},
	{"SEPPmail.cloud", Gateway, []string{"spf.seppmail.cloud", "seppmail.cloud"}, nil},
	{"Retarus", Gateway, []string{"_spf.retarus.com", "retarus.com"}, nil},
	{"Vade / Vaderetro", Gateway, []string{"spf.vadesecure.com", "vadesecure.com"}, nil},
	{"MailChannels", Relay, []string{"relay.mailchannels.net", "spf.mailchannels.net"}, nil},
	{"Twilio SendGrid", Relay, []string{"sendgrid.net"}, []string{"s1", "s2"}},
	{"Mailgun", Relay, []string{"mailgun.org", "eu.mailgun.org"}, []string{"k1", "mx", "pic", "smtp"}},
	{"Amazon SES", Relay, []string{"amazonses.com"}, nil},
	{"Postmark", Relay, []string{"spf.mtasv.net"}, nil},
	{"SparkPost (Bird)", Relay, []string{"sparkpostmail.com", "_spf.sparkpostmail.com", "_spf.eu.sparkpostmail.com"}, nil},
	{"SMTP2GO", Relay, []string{"spf.smtp2go.com"}, nil},
	{"SMTP.com", Relay, []string{"_spf.smtp.com"}, nil},
	{"SocketLabs", Relay, []string{"email-od.com"}, nil},
	{"Elastic Email", Relay, []string{"_spf.elasticemail.com"}, []string{"api"}},
	{"Mailjet", Relay, []string{"spf.mailjet.com"}, []string{"mailjet"}},
	{"Mandrill (Mailchimp Transactional)", Relay, []string{"spf.mandrillapp.com"}, []string{"mandrill", "mte1", "mte2"}},
	{"MailerSend", Relay, []string{"_spf.mailersend.net"}, []string{"mlsend", "mlsend2"}},
	{"Resend", Relay, []string{"resend.com"}, []string{"resend"}},
	{"turboSMTP", Relay, []string{"spf.turbo-smtp.com"}, nil},
	{"Mailchimp", Bulk, []string{"servers.mcsv.net"}, []string{"k1", "k2", "k3"}},
	{"Brevo (Sendinblue)", Bulk, []string{"spf.sendinblue.com", "spf.brevo.com"}, []string{"mail", "brevo1", "brevo2"}},
	{"Constant Contact", Bulk, []string{"spf.constantcontact.com"}, []string{"ctct1", "ctct2"}},
	{"Campaign Monitor", Bulk, []string{"_spf.createsend.com", "cmail1.com", "cmail2.com"}, []string{"cm"}},
	{"ActiveCampaign", Bulk, []string{"emsd1.com", "acems1.com"}, []string{"acdkim1", "acdkim2"}},
	{"MailerLite", Bulk, []string{"_spf.mlsend.com"}, []string{"litesrv", "ml"}},
	{"GetResponse", Bulk, []string{"spf.getresponse.com", "getresponse-mail.com"}, nil},
	{"AWeber", Bulk, []string{"send.aweber.com"}, []string{"aweber_key_a", "aweber_key_b", "aweber_key_c"}},
	{"Klaviyo", Bulk, []string{"_spf.klaviyo.com"}, []string{"kl", "kl2"}},
	{"CleverReach", Bulk, []string{"spf.crsend.com"}, nil},
	{"rapidmail", Bulk, []string{"spf.emailsys.net", "rapidmail.de"}, nil},
	{"Cyberimpact", Bulk, []string{"spf.cyberimpact.com"}, nil},
	{"Dotdigital", Bulk, []string{"spf.dotmailer.com", "_spf.dotdigital-email.com"}, nil},
	{"Emma", Bulk, []string{"e2ma.net"}, nil},
	{"Granicus govDelivery", Bulk, []string{"spf.govdelivery.com"}, nil},
	{"Everbridge", Business, []string{"_spf.everbridge.net", "everbridge.net"}, nil},
	{"Adobe Marketo", Bulk, []string{"mktomail.com"}, []string{"m1"}},
	{"Oracle Eloqua", Bulk, []string{"en25.com", "_spf.eloqua.com"}, nil},
	{"Salesforce", CRM, []string{"_spf.salesforce.com"}, nil},
	{"Salesforce Marketing Cloud", Bulk, []string{"cust-spf.exacttarget.com"}, nil},
	{"Salesforce Pardot", Bulk, []string{"aspmx.pardot.com", "et._spf.pardot.com"}, nil},
	{"HubSpot", CRM, []string{"_spf.hubspot.net", "_spf.hubspotemail.net", "hubspotemail.net", "hubspot.com"}, []string{"hs1", "hs2"}},
	{"Zendesk", Helpdesk, []string{"mail.zendesk.com", "zendesk.com"}, []string{"zendesk1", "zendesk2"}},
	{"Freshworks", Helpdesk, []string{"email.freshdesk.com", "fdspfus.freshemail.io", "fdspfeuc.freshemail.io",
		"freshservice.com", "freshemail.io", "emailus.freshservice.com"}, nil},
	{"Help Scout", Helpdesk, []string{"helpscoutemail.com"}, []string{"strong1", "strong2"}},
	{"Intercom", Helpdesk, []string{"_spf.intercom.io"}, []string{"intercom"}},
	{"Atlassian", Helpdesk, []string{"_spf.atlassian.net"}, []string{"s1-atlassian", "s2-atlassian"}},
	{"TOPdesk", Helpdesk, []string{"_spf.topdesk.net"}, nil},
	{"ServiceNow", Helpdesk, []string{"service-now.com", "b.spf.service-now.com"}, nil},
	{"Zoho CRM", CRM, []string{"_spf.zohocrm.com", "zcrmspf.zohosites.com"}, nil},
	{"Workday", Business, []string{"_spf.workday.com", "workday.com"}, nil},
	{"Oracle NetSuite", Business, []string{"mailsenders.netsuite.com", "sent-via.netsuite.com"}, nil},
	{"SAP SuccessFactors", Business, []string{"spf.successfactors.com", "_spf-dc2.successfactors.com", "successfactors.com"}, nil},
	{"DocuSign", Business, []string{"spf.docusign.net", "_spf.docusign.net"}, nil},
	{"Shopify", Business, []string{"shops.shopify.com"}, nil},
	{"Qualtrics", Business, []string{"_spf.qualtrics.com"}, nil},
	{"SurveyMonkey", Business, []string{"surveymonkey.com"}, nil},
	{"KnowBe4", Business, []string{"_spf.psm.knowbe4.com", "psm.knowbe4.com"}, nil},
	{"Exclaimer", Signature, []string{"spf.exclaimer.net", "exclaimer.net"}, nil},
	{"CodeTwo", Signature, []string{"spf-us.emailsignatures365.com", "spf-de.emailsignatures365.com", "emailsignatures365.com"}, nil},
	{"Crossware", Signature, []string{"spf.crossware365.com", "crossware365.com"}, nil},
	{"Letsignit", Signature, []string{"spf.letsignit.com", "letsignit.com"}, nil},
	{"Valimail", SPFHost, []string{"vali.email"}, nil},
	{"EasyDMARC", SPFHost, []string{"spf.easydmarc.com", "easydmarc.pro"}, nil},
	{"dmarcian", SPFHost, []string{"dmarcian.com"}, nil},
	{"PowerDMARC", SPFHost, []string{"powerspf.com"}, nil},
	{"Red Sift OnDMARC", SPFHost, []string{"spf.ondmarc.com", "ondmarc.com"}, nil},
	{"Sendmarc", SPFHost, []string{"spf.sendmarc.com", "sendmarc.com"}, nil},
	{"AutoSPF", SPFHost, []string{"autospf.com", "autospf.email"}, nil},
}

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

// under reports whether name is zone or lies under it.
func under(name, zone string) bool {
	return name == zone ||
		len(name) > len(zone) && name[len(name)-len(zone)-1] == '.' && strings.HasSuffix(name, zone)
}

// Senders returns the table of well-known senders.
func Senders() []Sender { return senders }

// senders lists operators whose include names are well known; most of the names
// were met in the records of public bodies of 2026. Selectors stand only where
// every customer gets the same.
var senders = []Sender{
	{"Microsoft 365", Mailbox, []string{"spf.protection.outlook.com", "spf.protection.office365.us",
		"spf.protection.partner.outlook.cn"}, []string{"selector1", "selector2"}},
	{"Outlook.com", Mailbox, []string{"outlook.com", "hotmail.com"}, nil},
	{"Google Workspace", Mailbox, []string{"_spf.google.com", "aspmx.googlemail.com", "_netblocks.google.com"},
		[]string{"google"}},
	{"Zoho Mail", Mailbox, []string{"zoho.com", "zoho.eu", "zohomail.com", "one.zoho.com", "zoho.in",
		"zohomail.eu"}, []string{"zmail"}},
	{"Zoho ZeptoMail", Relay, []string{"zeptomail.net", "zeptomail.com", "transmail.net"}, nil},
	{"Zoho Campaigns", Bulk, []string{"zcsend.net", "zohocampaigns.com"}, nil},
	{"Fastmail", Mailbox, []string{"spf.messagingengine.com"}, []string{"fm1", "fm2", "fm3"}},
	{"Proton Mail", Mailbox, []string{"_spf.protonmail.ch"}, []string{"protonmail", "protonmail2", "protonmail3"}},
	{"Apple iCloud Mail", Mailbox, []string{"icloud.com"}, []string{"sig1"}},
	{"Yandex 360", Mailbox, []string{"_spf.yandex.net", "yandex.net"}, []string{"mail"}},
	{"VK WorkSpace (Mail.ru)", Mailbox, []string{"_spf.mail.ru"}, []string{"mailru"}},
	{"Rackspace Email", Mailbox, []string{"emailsrvr.com"}, nil},
	{"Intermedia", Mailbox, []string{"intermedia.net"}, nil},
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
	{"Hostinger", Mailbox, []string{"hostinger.com"}, []string{"hostingermail1", "hostingermail2",
		"hostingermail3"}},
	{"SiteGround", Hosting, []string{"mailspamprotection.com"}, nil},
	{"OVHcloud", Mailbox, []string{"mx.ovh.com", "mx.ovh.ca"}, nil},
	{"Gandi", Mailbox, []string{"_mailcust.gandi.net"}, []string{"gm1", "gm2", "gm3"}},
	{"IONOS", Mailbox, []string{"_spf-eu.ionos.com", "_spf-us.ionos.com", "_spf.kundenserver.de",
		"_spf.perfora.net"}, []string{"s1-ionos", "s2-ionos"}},
	{"STRATO", Mailbox, []string{"_spf.strato.com", "_spf.strato.de"}, nil},
	{"ALL-INKL", Hosting, []string{"spf.kasserver.com"}, nil},
	{"Hetzner", Hosting, []string{"your-server.de"}, nil},
	{"domainfactory", Hosting, []string{"ispgateway.de"}, nil},
	{"one.com", Mailbox, []string{"_custspf.one.com"}, nil},
	{"Loopia", Mailbox, []string{"spf.loopia.se"}, nil},
	{"Aruba", Mailbox, []string{"_spf.aruba.it"}, nil},
	{"Mittwald", Hosting, []string{"agenturserver.de"}, nil},
	{"Cloudflare Email Routing", Hosting, []string{"_spf.mx.cloudflare.net"}, nil},
	{"TransIP", Mailbox, []string{"_spf.transip.email"}, []string{"transip-a", "transip-b", "transip-c"}},
	{"Hostpoint", Mailbox, []string{"spf.mail.hostpoint.ch", "spf.hostpoint.ch"}, nil},
	{"Locaweb", Mailbox, []string{"locaweb.com.br"}, nil},
	{"KingHost", Mailbox, []string{"_spf.kinghost.net"}, nil},
	{"Mimecast", Gateway, []string{"mimecast.com"}, nil},
	{"Proofpoint", Gateway, []string{"pphosted.com"}, nil},
	{"Proofpoint Essentials", Gateway, []string{"ppe-hosted.com"}, nil},
	{"Barracuda", Gateway, []string{"barracudanetworks.com"}, nil},
	{"Cisco Secure Email", Gateway, []string{"iphmx.com"}, nil},
	{"Trend Micro", Gateway, []string{"trendmicro.com", "trendmicro.eu"}, nil},
	{"Sophos Email", Gateway, []string{"sophos.com"}, nil},
	{"Symantec Email Security.cloud", Gateway, []string{"spf.messagelabs.com"}, nil},
	{"Forcepoint", Gateway, []string{"mailcontrol.com"}, nil},
	{"Hornetsecurity", Gateway, []string{"hornetsecurity.com", "antispameurope.com"}, nil},
	{"Trellix (FireEye)", Gateway, []string{"_spf.fireeyecloud.com"}, nil},
	{"Check Point Harmony Email", Gateway, []string{"checkpoint-spf.com", "cpmails.com"}, nil},
	{"SpamExperts / N-able", Gateway, []string{"antispamcloud.com", "mtaroutes.com"}, nil},
	{"MailRoute", Gateway, []string{"mailroute.net"}, nil},
	{"SpamTitan", Gateway, []string{"spamtitan.com"}, nil},
	{"NoSpamProxy", Gateway, []string{"nospamproxy.com"}, nil},
	{"SEPPmail.cloud", Gateway, []string{"seppmail.cloud"}, nil},
	{"Retarus", Gateway, []string{"retarus.com"}, nil},
	{"Vade / Vaderetro", Gateway, []string{"vadesecure.com"}, nil},
	{"Fortinet FortiMail Cloud", Gateway, []string{"fortimailcloud.com"}, nil},
	{"Zivver", Gateway, []string{"zivver.com"}, nil},
	{"Flowmailer", Relay, []string{"flowmailer.net"}, nil},
	{"MailBaby", Relay, []string{"mailbaby.net"}, nil},
	{"Oracle Cloud Email Delivery", Relay, []string{"oraclecloud.com"}, nil},
	{"Oracle Dyn Email Delivery", Relay, []string{"spf.dynect.net"}, nil},
	{"MailChannels", Relay, []string{"mailchannels.net"}, nil},
	{"Twilio SendGrid", Relay, []string{"sendgrid.net"}, []string{"s1", "s2"}},
	{"Mailgun", Relay, []string{"mailgun.org"}, []string{"k1", "mx", "pic", "smtp"}},
	{"Amazon SES", Relay, []string{"amazonses.com"}, nil},
	{"Postmark", Relay, []string{"spf.mtasv.net"}, nil},
	{"SparkPost (Bird)", Relay, []string{"sparkpostmail.com"}, nil},
	{"SMTP2GO", Relay, []string{"spf.smtp2go.com"}, nil},
	{"SMTP.com", Relay, []string{"_spf.smtp.com"}, nil},
	{"SocketLabs", Relay, []string{"email-od.com"}, nil},
	{"Elastic Email", Relay, []string{"_spf.elasticemail.com"}, []string{"api"}},
	{"Mailjet", Relay, []string{"spf.mailjet.com"}, []string{"mailjet"}},
	{"Mandrill (Mailchimp Transactional)", Relay, []string{"spf.mandrillapp.com"}, []string{"mandrill", "mte1",
		"mte2"}},
	{"MailerSend", Relay, []string{"_spf.mailersend.net"}, []string{"mlsend", "mlsend2"}},
	{"turboSMTP", Relay, []string{"spf.turbo-smtp.com"}, nil},
	{"Mailchimp", Bulk, []string{"servers.mcsv.net"}, []string{"k1", "k2", "k3"}},
	{"Brevo (Sendinblue)", Bulk, []string{"spf.sendinblue.com", "spf.brevo.com"}, []string{"mail", "brevo1",
		"brevo2"}},
	{"Constant Contact", Bulk, []string{"constantcontact.com"}, []string{"ctct1", "ctct2"}},
	{"Campaign Monitor", Bulk, []string{"_spf.createsend.com", "cmail1.com", "cmail2.com"}, []string{"cm"}},
	{"ActiveCampaign", Bulk, []string{"emsd1.com", "acems1.com"}, []string{"acdkim1", "acdkim2"}},
	{"MailerLite", Bulk, []string{"_spf.mlsend.com"}, []string{"litesrv", "ml"}},
	{"GetResponse", Bulk, []string{"spf.getresponse.com", "getresponse-mail.com"}, nil},
	{"AWeber", Bulk, []string{"send.aweber.com"}, []string{"aweber_key_a", "aweber_key_b", "aweber_key_c"}},
	{"CleverReach", Bulk, []string{"spf.crsend.com"}, nil},
	{"rapidmail", Bulk, []string{"spf.emailsys.net", "rapidmail.de"}, nil},
	{"Flexmail", Bulk, []string{"spf.flexmail.eu"}, nil},
	{"LianaMailer", Bulk, []string{"spf.lianamailer.com"}, nil},
	{"Mailrelay", Bulk, []string{"ipzmarketing.com"}, nil},
	{"Cyberimpact", Bulk, []string{"spf.cyberimpact.com"}, nil},
	{"Emma", Bulk, []string{"e2ma.net"}, nil},
	{"Granicus govDelivery", Bulk, []string{"govdelivery.com"}, nil},
	{"Everbridge", Business, []string{"everbridge.net"}, nil},
	{"Adobe Marketo", Bulk, []string{"mktomail.com"}, []string{"m1"}},
	{"Salesforce", CRM, []string{"_spf.salesforce.com"}, nil},
	{"Salesforce Marketing Cloud", Bulk, []string{"cust-spf.exacttarget.com"}, nil},
	{"Salesforce Pardot", Bulk, []string{"aspmx.pardot.com", "et._spf.pardot.com"}, nil},
	{"HubSpot", CRM, []string{"hubspotemail.net", "_spf.hubspot.net"}, []string{"hs1", "hs2"}},
	{"Zendesk", Helpdesk, []string{"mail.zendesk.com", "zendesk.com"}, []string{"zendesk1", "zendesk2"}},
	{"Freshworks", Helpdesk, []string{"freshemail.io", "freshservice.com", "freshdesk.com"}, nil},
	{"Help Scout", Helpdesk, []string{"helpscoutemail.com"}, []string{"strong1", "strong2"}},
	{"Atlassian", Helpdesk, []string{"_spf.atlassian.net"}, []string{"s1-atlassian", "s2-atlassian"}},
	{"TOPdesk", Helpdesk, []string{"topdesk.net"}, nil},
	{"ServiceNow", Helpdesk, []string{"service-now.com"}, nil},
	{"Oracle NetSuite", Business, []string{"netsuite.com"}, nil},
	{"SAP SuccessFactors", Business, []string{"successfactors.com"}, nil},
	{"Axiell", Business, []string{"axiell.com"}, nil},
	{"OCLC", Business, []string{"oclc.org"}, nil},
	{"DocuSign", Business, []string{"docusign.net"}, nil},
	{"Shopify", Business, []string{"shops.shopify.com"}, nil},
	{"Qualtrics", Business, []string{"_spf.qualtrics.com"}, nil},
	{"KnowBe4", Business, []string{"_spf.psm.knowbe4.com", "psm.knowbe4.com"}, nil},
	{"Exclaimer", Signature, []string{"exclaimer.net"}, nil},
	{"CodeTwo", Signature, []string{"emailsignatures365.com"}, nil},
	{"Letsignit", Signature, []string{"letsignit.com"}, nil},
	{"Valimail", SPFHost, []string{"vali.email"}, nil},
	{"EasyDMARC", SPFHost, []string{"easydmarc.pro"}, nil},
	{"PowerDMARC", SPFHost, []string{"powerspf.com"}, nil},
	{"Red Sift OnDMARC", SPFHost, []string{"ondmarc.com"}, nil},
	{"Sendmarc", SPFHost, []string{"sendmarc.com"}, nil},
	{"AutoSPF", SPFHost, []string{"autospf.com", "autospf.email"}, nil},
}

package checks

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"maildiag/dnsrec"
)

// mxKind is what kind of host an MX record points at.
type mxKind string

const (
	mxNull      mxKind = "null"      // RFC 7505
	mxMicrosoft mxKind = "microsoft" // Exchange Online
	mxConsumer  mxKind = "consumer"  // Outlook.com's own
	mxRetired   mxKind = "retired"   // a Microsoft name that is no longer supported
	mxGateway   mxKind = "gateway"   // a filter that passes mail on to the mailboxes
	mxProvider  mxKind = "provider"  // another mailbox provider
	mxSender    mxKind = "sender"    // the bounce host of a sending service, no mailbox
	mxSuffixed  mxKind = "suffixed"  // an Exchange Online host with another domain appended
	mxLiteral   mxKind = "literal"   // an IP address, which is no host name
	mxInvalid   mxKind = "invalid"   // not a host name
	mxVerify    mxKind = "verify"    // proves ownership to Microsoft, receives nothing
	mxOther     mxKind = "other"
)

// mxTarget is one MX record, classified by its text alone.
type mxTarget struct {
	Preference int
	Host       string // canonical; "." for the null MX
	Kind       mxKind
	Cloud      *Cloud // for mxMicrosoft and mxSuffixed
	Name       string // of the gateway or provider; for mxSuffixed the host that was meant
	DANE       bool   // a family whose zone is signed: *.mx.microsoft
}

// String gives the record's value in presentation form.
func (m mxTarget) String() string { return strconv.Itoa(m.Preference) + " " + fqdn(m.Host) }

// Label is the part of a Microsoft host before the suffix of its family: the
// token of a domain.
func (m mxTarget) Label() string {
	label, _, _ := strings.Cut(m.Host, ".")
	return label
}

func fqdn(host string) string {
	if host == "." {
		return host
	}
	return host + "."
}

// readMX classifies the value of an MX record.
func readMX(value string) mxTarget {
	pref, host, _ := strings.Cut(value, " ")
	m := mxTarget{Host: dnsrec.Canonical(host), Kind: mxOther}
	m.Preference, _ = strconv.Atoi(pref)
	m.classify()
	return m
}

func (m *mxTarget) classify() {
	below := "x." + m.Host // so that a suffix fits the host itself too
	switch {
	case m.Host == "." || m.Host == "":
		m.Host, m.Kind = ".", mxNull
		return
	case isAddress(m.Host):
		m.Kind = mxLiteral
		return
	case strings.HasSuffix(m.Host, verifyMX), strings.Contains(m.Host, verifyMX+"."): // also with a zone appended
		m.Kind = mxVerify
		return
	case !validHost(m.Host):
		m.Kind = mxInvalid
		return
	case hasSuffix(m.Host, consumerMX):
		m.Kind, m.Name = mxConsumer, "Outlook.com (consumer)"
		return
	case hasSuffix(below, retiredMX):
		m.Kind = mxRetired
		return
	}
	for i := range clouds {
		if hasSuffix(m.Host, clouds[i].MX) {
			m.Kind, m.Cloud = mxMicrosoft, &clouds[i]
			m.DANE = strings.HasSuffix(m.Host, ".mx.microsoft")
			return
		}
		for _, zone := range clouds[i].MX {
			label, rest, found := strings.Cut(m.Host, zone)
			if found && label != "" && strings.HasPrefix(rest, ".") {
				m.Kind, m.Cloud, m.Name = mxSuffixed, &clouds[i], label+zone
				return
			}
		}
	}
	for _, k := range knownMX {
		if hasSuffix(below, k.suffixes) {
			m.Kind, m.Name = k.kind, k.name
			return
		}
	}
}

// isAddress tells whether an MX target is an IP address written as a name.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// filterWords are parts of names that filters are called by.
var filterWords = []string{"filter", "spam", "securemail", "emailsecurity", "mailsecurity", "mailgate", "mailwall",
	"mailscan", "scanner", "cleanmail", "firewall", "ironport", "fortimail"}

// likelyFilter tells that an unknown host is called like a filter.
func likelyFilter(m mxTarget) bool {
	return m.Kind == mxOther && slices.ContainsFunc(filterWords, func(w string) bool { return strings.Contains(m.Host, w) })
}

const maxLabel = 63 // RFC 1035 2.3.4

// validHost tells whether name can be a host's: letters, digits, hyphens, and
// the underscore that is met though no host may have it.
func validHost(name string) bool { // RFC 1123 2.1
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) { // '_' is judged later: such names exist and resolve
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	return true
}

// verifyMX ends the target of the MX form of Microsoft's proof of ownership,
// ms12345678.msv1.invalid.
const verifyMX = ".msv1.invalid"

// consumerMX are the hosts of Outlook.com, which serve no custom domains.
var consumerMX = []string{".olc.protection.outlook.com", ".hotmail.com"}

// retiredMX are names of Exchange Online's forerunners, and of the closed
// German cloud; Microsoft asks to delete them ("Configure in-region routing",
// 2025-09-26; "Mail flow best practices", 2018-05-29).
var retiredMX = []string{
	".mail.eo.outlook.com", ".mail.protection.outlook.de", ".mail.outlook.com",
	".mail.messaging.microsoft.com", ".mail.global.frontbridge.com", ".mail.global.bigfish.com",
	".messaging.microsoft.com", ".frontbridge.com", ".bigfish.com",
}

// knownMX names the hosts of filters and of other mailbox providers by the
// suffix of their MX targets. As of 2026-11; a new one is one row.
var knownMX = []struct {
	kind     mxKind
	name     string
	suffixes []string
}{
	{mxGateway, "Proofpoint", []string{".pphosted.com", ".ppe-hosted.com", ".gpphosted.com"}},
	{mxGateway, "Mimecast", []string{".mimecast.com", ".mimecast.co.za", ".mimecast-offshore.com"}},
	{mxGateway, "Barracuda", []string{".barracudanetworks.com", ".cudamail.com"}},
	{mxGateway, "Cisco Secure Email", []string{".iphmx.com"}},
	{mxGateway, "Broadcom Email Security.cloud", []string{".messagelabs.com", ".symanteccloud.com"}},
	{mxGateway, "Sophos Email", []string{".hydra.sophos.com", ".sophos.com", ".reflexion.net"}},
	{mxGateway, "Trend Micro", []string{".trendmicro.com", ".trendmicro.eu", ".trendmicro.co.jp", ".tmes.trendmicro.com"}},
	{mxGateway, "Forcepoint", []string{".mailcontrol.com"}},
	{mxGateway, "Hornetsecurity", []string{".hornetsecurity.com", ".antispameurope.com", ".hornetdmarc.com"}},
	{mxGateway, "Fortinet FortiMail Cloud", []string{".fortimailcloud.com", ".fortimail.com"}},
	{mxGateway, "Cloudflare Email Security", []string{".mxrecord.io", ".mxrecord.mx", ".cf-emailsecurity.net"}},
	{mxGateway, "Cloudflare Email Routing", []string{".mx.cloudflare.net"}},
	{mxGateway, "SpamExperts", []string{".antispamcloud.com", ".spamexperts.com", ".spamexperts.eu", ".spamexperts.net"}},
	{mxGateway, "AppRiver", []string{".arsmtp.com"}},
	{mxGateway, "Retarus", []string{".retarus.com"}},
	{mxGateway, "NoSpamProxy Cloud", []string{".nospamproxy.com", ".nospamproxy.de"}},
	{mxGateway, "Libraesva", []string{".esvacloud.com", ".libraesva.com"}},
	{mxGateway, "Trellix", []string{".fireeyecloud.com", ".fireeyegov.com", ".mx.trellix.com"}},
	{mxGateway, "Vade", []string{".vadesecure.com", ".vade-retro.com"}},
	{mxGateway, "Mailinblack", []string{".mailinblack.com"}},
	{mxGateway, "SEPPmail.cloud", []string{".seppmail.cloud"}},
	{mxGateway, "MailRoute", []string{".mailroute.net"}},
	{mxGateway, "MX Guarddog", []string{".mxguarddog.com"}},
	{mxGateway, "Zivver", []string{".zivver.com"}},
	{mxGateway, "Mailprotector", []string{".emailservice.io", ".emailservice.cc", ".emailservice.co"}},
	{mxGateway, "Check Point", []string{".checkpointcloudsec.com", ".mail-security.checkpoint.com"}},
	{mxGateway, "Jellyfish", []string{".jellyfish.systems"}},
	{mxGateway, "N-able Mail Assure", []string{".mtaroutes.com"}},
	{mxGateway, "VIPRE Email Security", []string{".mailanyone.net", ".electric.net", ".mx25.net"}},
	{mxGateway, "SpamTitan", []string{".spamtitan.com", ".titanhq.com"}},
	{mxGateway, "Altospam", []string{".altospam.net", ".altospam.com"}},
	{mxGateway, "ZEROSPAM", []string{".zerospam.ca"}},
	{mxGateway, "Topsec", []string{".topsec.com"}},
	{mxGateway, "Centera Security", []string{".centerasecurity.dk"}},
	{mxGateway, "SYNAQ Securemail", []string{".synaq.com"}},
	{mxGateway, "FirstWave", []string{".firstcloudsecurity.net"}},
	{mxGateway, "Mailwall", []string{".mymailwall.com", ".mymailwall.at"}},
	{mxGateway, "Telefónica Correo Limpio", []string{".correolimpio.telefonica.es"}},
	{mxGateway, "Trustwave MailMarshal", []string{".mailmarshal.cloud"}},
	{mxGateway, "MailChannels", []string{".mailchannels.net"}},
	{mxGateway, "SiteGround SpamExperts", []string{".mailspamprotection.com"}},
	{mxProvider, "Google", []string{".google.com", ".googlemail.com", ".psmtp.com"}},
	{mxProvider, "Zoho", []string{".zoho.com", ".zoho.eu", ".zoho.in", ".zohomail.com"}},
	{mxProvider, "Yandex", []string{".yandex.net", ".yandex.ru"}},
	{mxProvider, "Proton", []string{".protonmail.ch"}},
	{mxProvider, "Fastmail", []string{".messagingengine.com"}},
	{mxProvider, "Apple iCloud", []string{".mail.icloud.com"}},
	{mxProvider, "Amazon", []string{".amazonaws.com", ".awsapps.com"}},
	{mxProvider, "Rackspace", []string{".emailsrvr.com"}},
	{mxProvider, "GoDaddy", []string{".secureserver.net"}},
	{mxProvider, "IONOS", []string{".ionos.com", ".ionos.de", ".ionos.co.uk", ".ionos.es", ".ionos.fr", ".schlund.de", ".kundenserver.de", ".1and1.com", ".1and1.co.uk"}},
	{mxProvider, "Strato", []string{".rzone.de"}},
	{mxProvider, "OVH", []string{".ovh.net", ".mail.ovh.ca"}},
	{mxProvider, "Gandi", []string{".gandi.net"}},
	{mxProvider, "Infomaniak", []string{".infomaniak.ch", ".infomaniak.com"}},
	{mxProvider, "Hetzner", []string{".your-server.de"}},
	{mxProvider, "Hostinger", []string{".hostinger.com"}},
	{mxProvider, "Namecheap", []string{".privateemail.com", ".registrar-servers.com"}},
	{mxProvider, "Aruba", []string{".aruba.it"}},
	{mxProvider, "mailbox.org", []string{".mailbox.org"}},
	{mxProvider, "Tuta", []string{".tutanota.de"}},
	{mxProvider, "Migadu", []string{".migadu.com"}},
	{mxProvider, "T-Systems", []string{".t-systems.com"}},
	{mxProvider, "Mail.ru", []string{".mail.ru"}},
	{mxProvider, "Seznam", []string{".seznam.cz"}},
	{mxProvider, "one.com", []string{".one.com"}},
	{mxProvider, "domainFactory", []string{".ispgateway.de"}},
	{mxProvider, "All-Inkl", []string{".kasserver.com"}},
	{mxProvider, "HostPoint", []string{".hostpoint.ch"}},
	{mxProvider, "home.pl", []string{".home.pl"}},
	{mxProvider, "Titan", []string{".titan.email"}},
	{mxProvider, "Jimdo", []string{".jimdo.com"}},
	{mxProvider, "KingHost", []string{".kinghost.net", ".uni5.net"}},
	{mxProvider, "Mailgun", []string{".mailgun.org"}},
	{mxSender, "Amazon SES", []string{".amazonses.com"}},
	{mxSender, "Salesforce Marketing Cloud", []string{".exacttarget.com"}},
	{mxProvider, "T-Online", []string{".t-online.de"}},
	{mxProvider, "netcup", []string{".netcup.net"}},
	{mxProvider, "Locaweb", []string{".locaweb.com.br"}},
	{mxProvider, "OpenSRS", []string{".hostedemail.com"}},
	{mxProvider, "united-domains", []string{".udag.de"}},
	{mxProvider, "Loopia", []string{".loopia.se"}},
}

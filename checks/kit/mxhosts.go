package kit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/nearmiss"
)

// MXKind is what kind of host an MX record points at.
type MXKind string

const (
	MXNull       MXKind = "null"       // RFC 7505
	MXMicrosoft  MXKind = "microsoft"  // Exchange Online
	MXConsumer   MXKind = "consumer"   // Outlook.com's own
	MXRetired    MXKind = "retired"    // a Microsoft name that is no longer supported
	MXGateway    MXKind = "gateway"    // a filter that passes mail on to the mailboxes
	MXProvider   MXKind = "provider"   // another mailbox provider
	MXSender     MXKind = "sender"     // the bounce host of a sending service, no mailbox
	MXParking    MXKind = "parking"    // of a domain-parking service: it takes mail for domains without mailboxes
	MXSuffixed   MXKind = "suffixed"   // an Exchange Online host with another domain appended
	MXMisspelled MXKind = "misspelled" // an Exchange Online host with a slip in its zone
	MXMistaken   MXKind = "mistaken"   // a name of Microsoft 365 that receives no mail for domains
	MXLiteral    MXKind = "literal"    // an IP address, which is not a host name
	MXInvalid    MXKind = "invalid"    // not a host name
	MXVerify     MXKind = "verify"     // proves ownership to Microsoft, receives nothing
	MXOther      MXKind = "other"      // nothing known
)

// MXTarget is one MX record, classified by its text alone.
type MXTarget struct {
	Preference int
	Host       string // canonical; "." for the null MX
	Kind       MXKind
	Cloud      *Cloud // for MXMicrosoft, MXSuffixed, MXMisspelled and MXMistaken
	Name       string // of the gateway or provider; for MXSuffixed and MXMisspelled the host that was meant
	Alias      string // the host of Microsoft that Host, in the domain's own name, is an alias of
	DANE       bool   // a family whose zone is signed: *.mx.microsoft
}

// String returns the record's value in presentation form.
func (m MXTarget) String() string { return strconv.Itoa(m.Preference) + " " + FQDN(m.Host) }

// MostPreferred returns the hosts that senders try first: several, if they have the
// same preference (RFC 5321 5.1). Targets are in order of preference.
func MostPreferred(targets []MXTarget) []MXTarget {
	hosts := slices.DeleteFunc(slices.Clone(targets), func(m MXTarget) bool { return m.Kind == MXNull || m.Kind == MXVerify })
	i := slices.IndexFunc(hosts, func(m MXTarget) bool { return m.Preference > hosts[0].Preference })
	if i < 0 {
		return hosts
	}
	return hosts[:i]
}

// TriedFirst returns the hosts that get mail first: of those that exist, if any does.
func TriedFirst(targets []MXTarget, dead func(MXTarget) bool) []MXTarget {
	if living := slices.DeleteFunc(slices.Clone(targets), dead); len(living) > 0 {
		targets = living
	}
	return MostPreferred(targets)
}

// Share returns how many of the hosts that are tried first some are, and which part of
// the mail they get: senders choose among those at random (RFC 5321 5.1).
func Share(first []MXTarget, some func(MXTarget) bool) (n int, part string) {
	for _, m := range first {
		if some(m) {
			n++
		}
	}
	switch all := len(first); n {
	case 0:
		return 0, ""
	case all:
		return n, "nearly all mail"
	default:
		if 2*n == all {
			return n, "about half of all mail"
		}
		return n, fmt.Sprintf("about %d of %d messages", n, all)
	}
}

// Target returns the host behind the record: Host, or what it is an alias of.
func (m MXTarget) Target() string { return cmp.Or(m.Alias, m.Host) }

// Label returns the part of a Microsoft host before the suffix of its family:
// the token of a domain.
func (m MXTarget) Label() string {
	label, _, _ := strings.Cut(m.Target(), ".")
	return label
}

// FQDN returns a host name with its final dot.
func FQDN(host string) string {
	if host == "." {
		return host
	}
	return host + "."
}

// OnlyReceives reports whether a host is one of Microsoft that receives mail and
// sends none: those that send are behind the cloud's include.
func OnlyReceives(host string) bool { return ReadMX("0 "+host).Kind == MXMicrosoft }

// Inbound reports whether a host of a known operator is known to receive mail only:
// mail that the operator sends leaves by other hosts.
func Inbound(host string) bool {
	switch m := ReadMX("0 " + host); m.Kind {
	case MXMicrosoft:
		return true
	case MXGateway, MXProvider:
		return HasSuffix("x."+m.Host, inboundMX) || strings.Contains(m.Host, "inbound")
	}
	return false
}

// inboundMX are hosts that only receive, by what their operators publish. Clusters
// that send by their MX hosts too, such as those of pphosted.com, are not among them.
var inboundMX = []string{
	".aspmx.l.google.com", ".googlemail.com", ".smtp.google.com",
	".in.tmes.trendmicro.com", ".in.tmes.trendmicro.eu", ".in.hes.trendmicro.com", ".in.hes.trendmicro.eu",
	".ess.barracudanetworks.com", ".mx.cloudflare.net",
	".in1-smtp.messagingengine.com", ".in2-smtp.messagingengine.com", ".smtpin.rzone.de", ".mail.icloud.com",
	".mx.yandex.net", ".mx.yandex.ru", ".emx.mail.ru", ".mx.zoho.com", ".mx2.zoho.com", ".mx3.zoho.com", ".mx.zoho.eu", ".mx2.zoho.eu", ".mx3.zoho.eu",
	".mail.protonmail.ch", ".mailsec.protonmail.ch",
}

// ReadMX classifies the value of an MX record.
func ReadMX(value string) MXTarget {
	pref, host, _ := strings.Cut(value, " ")
	m := MXTarget{Host: dnsrec.Canonical(host), Kind: MXOther}
	m.Preference, _ = strconv.Atoi(pref)
	m.classify()
	return m
}

func (m *MXTarget) classify() {
	below := "x." + m.Host // so that a suffix fits the host itself too
	switch {
	case m.Host == "." || m.Host == "":
		m.Host, m.Kind = ".", MXNull
		return
	case dnsrec.IsAddress(m.Host):
		m.Kind = MXLiteral
		return
	case strings.HasSuffix(m.Host, verifyMX), strings.Contains(m.Host, verifyMX+"."): // also with a zone appended
		m.Kind = MXVerify
		return
	case !ValidHost(m.Host):
		m.Kind = MXInvalid
		return
	case HasSuffix(m.Host, consumerMX):
		m.Kind, m.Name = MXConsumer, "Outlook.com (consumer)"
		return
	case HasSuffix(below, retiredMX):
		m.Kind = MXRetired
		return
	}
	for i := range clouds {
		if HasSuffix(m.Host, clouds[i].MX) {
			m.Kind, m.Cloud = MXMicrosoft, &clouds[i]
			m.DANE = strings.HasSuffix(m.Host, ".mx.microsoft")
			return
		}
		for _, zone := range clouds[i].MX {
			label, rest, found := strings.Cut(m.Host, zone)
			if found && label != "" && strings.HasPrefix(rest, ".") {
				m.Kind, m.Cloud, m.Name = MXSuffixed, &clouds[i], label+zone
				return
			}
		}
	}
	if m.mistaken() {
		return
	}
	for _, k := range knownMX {
		if HasSuffix(below, k.suffixes) {
			m.Kind, m.Name = k.kind, k.name
			return
		}
	}
	m.misspelled()
}

// ParkedBy returns the domain-parking service that name servers belong to; "": none.
func ParkedBy(nameServers []string) string {
	for _, ns := range nameServers {
		if m := ReadMX("0 " + ns); m.Kind == MXParking {
			return m.Name
		}
	}
	return ""
}

// Meant reports whether an MX record was meant for Microsoft 365: it names one of
// its hosts, or one that was to be.
func (m MXTarget) Meant() bool {
	switch m.Kind {
	case MXMicrosoft, MXRetired, MXSuffixed, MXMisspelled, MXMistaken:
		return true
	}
	return false
}

// Microsoft reports whether a host is one of Microsoft that receives mail for domains,
// by a name of today or by one that it has retired.
func (m MXTarget) Microsoft() bool { return m.Kind == MXMicrosoft || m.Kind == MXRetired }

// mistaken recognizes a name that a cloud has for something else than mail to
// domains: for its clients, for SPF, an initial domain, or the zone of its MX
// hosts without a label of it.
func (m *MXTarget) mistaken() bool {
	for i := range clouds {
		c := &clouds[i]
		_, clients, _ := strings.Cut(c.Submission, ".")
		wrong := m.Host == c.Autodiscover || m.Host == clients || HasSuffix(m.Host, []string{"." + clients, c.Initial})
		for _, zone := range c.MX {
			label, rest, _ := strings.Cut(m.Host, ".")
			short, inMail := strings.CutPrefix(zone, ".mail.")
			wrong = wrong || m.Host == zone[1:] || inMail && label != "" && rest == short
		}
		if wrong {
			m.Kind, m.Cloud = MXMistaken, c
			return true
		}
	}
	return false
}

// misspelled recognizes a host of Exchange Online with a slip in its zone, which
// begins behind one label or, in mx.microsoft, behind two.
func (m *MXTarget) misspelled() {
	_, zone, _ := strings.Cut(m.Host, ".")
	_, rest, _ := strings.Cut(zone, ".")
	for i := range clouds {
		for _, known := range clouds[i].MX {
			for _, part := range [...]string{zone, rest} {
				if meant, ok := nearmiss.Of(part, []string{known[1:]}); ok {
					m.Kind, m.Cloud, m.Name = MXMisspelled, &clouds[i], strings.TrimSuffix(m.Host, part)+meant
					return
				}
			}
		}
	}
}

// filterWords are parts of names that filters are called by.
var filterWords = []string{"filter", "spam", "securemail", "emailsecurity", "mailsecurity", "mailgate", "mailwall",
	"mailscan", "scanner", "cleanmail", "firewall", "ironport", "fortimail", "cleanmx", "mailguard", "sophosmail"}

// LikelyFilter reports whether an unknown host is called like a filter.
func LikelyFilter(m MXTarget) bool {
	return m.Kind == MXOther && slices.ContainsFunc(filterWords, func(w string) bool { return strings.Contains(m.Host, w) })
}

// verifyMX ends the target of the MX form of Microsoft's proof of ownership,
// ms12345678.msv1.invalid.
const verifyMX = ".msv1.invalid"

// consumerMX are the hosts of Outlook.com, which serve no custom domains.
var consumerMX = []string{".olc.protection.outlook.com", ".hotmail.com"}

// ConsumerMX is a mail server of Microsoft for consumers, which is always there.
const ConsumerMX = "outlook-com.olc.protection.outlook.com"

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
	kind     MXKind
	name     string
	suffixes []string
}{
	// Domain parking: the name servers of misp-warninglists (parking-domain-ns,
	// 2022-10-24), as far as they serve nothing else; a bounce from Dynadot's; and hosts
	// that many parked domains share (disposable-email-domains#818).
	{MXParking, "Sedo", []string{".sedoparking.com", ".sedo.com"}},
	{MXParking, "ParkingCrew", []string{".parkingcrew.net"}},
	{MXParking, "Bodis", []string{".bodis.com"}},
	{MXParking, "Above.com", []string{".above.com"}},
	{MXParking, "ParkLogic", []string{".parklogic.com"}},
	{MXParking, "Afternic", []string{".afternic.com"}},
	{MXParking, "Dan.com", []string{".dan.com"}},
	{MXParking, "DomainMarket", []string{".domainmarket.com"}},
	{MXParking, "Uniregistry Market", []string{".uniregistrymarket.link"}},
	{MXParking, "OVHcloud parking", []string{".parking1.ovh.net", ".parking2.ovh.net"}},
	{MXParking, "Dynadot parking", []string{".parkmail.dynadot.com"}},
	{MXParking, "a parking service", []string{".h-email.net", ".mailerhost.net", ".mxproc.com", ".pickelhost.com", ".b-io.co"}},
	{MXGateway, "Proofpoint", []string{".pphosted.com", ".ppe-hosted.com", ".gpphosted.com"}},
	{MXGateway, "Mimecast", []string{".mimecast.com", ".mimecast.co.za", ".mimecast-offshore.com"}},
	{MXGateway, "Barracuda", []string{".barracudanetworks.com", ".cudamail.com"}},
	{MXGateway, "Cisco Secure Email", []string{".iphmx.com"}},
	{MXGateway, "Broadcom Email Security.cloud", []string{".messagelabs.com", ".symanteccloud.com"}},
	{MXGateway, "Sophos Email", []string{".hydra.sophos.com", ".sophos.com", ".reflexion.net"}},
	{MXGateway, "Trend Micro", []string{".trendmicro.com", ".trendmicro.eu", ".trendmicro.co.jp", ".tmes.trendmicro.com"}},
	{MXGateway, "Forcepoint", []string{".mailcontrol.com"}},
	{MXGateway, "Hornetsecurity", []string{".hornetsecurity.com", ".antispameurope.com", ".hornetdmarc.com"}},
	{MXGateway, "Fortinet FortiMail Cloud", []string{".fortimailcloud.com", ".fortimail.com"}},
	{MXGateway, "Cloudflare Email Security", []string{".mxrecord.io", ".mxrecord.mx", ".cf-emailsecurity.net"}},
	{MXGateway, "Cloudflare Email Routing", []string{".mx.cloudflare.net"}},
	{MXGateway, "SpamExperts", []string{".antispamcloud.com", ".spamexperts.com", ".spamexperts.eu", ".spamexperts.net"}},
	{MXGateway, "AppRiver", []string{".arsmtp.com"}},
	{MXGateway, "Retarus", []string{".retarus.com"}},
	{MXGateway, "NoSpamProxy Cloud", []string{".nospamproxy.com", ".nospamproxy.de"}},
	{MXGateway, "Libraesva", []string{".esvacloud.com", ".libraesva.com"}},
	{MXGateway, "Trellix", []string{".fireeyecloud.com", ".fireeyegov.com", ".mx.trellix.com"}},
	{MXGateway, "Vade", []string{".vadesecure.com", ".vade-retro.com"}},
	{MXGateway, "Mailinblack", []string{".mailinblack.com"}},
	{MXGateway, "SEPPmail.cloud", []string{".seppmail.cloud"}},
	{MXGateway, "MailRoute", []string{".mailroute.net"}},
	{MXGateway, "MX Guarddog", []string{".mxguarddog.com"}},
	{MXGateway, "Zivver", []string{".zivver.com"}},
	{MXGateway, "Mailprotector", []string{".emailservice.io", ".emailservice.cc", ".emailservice.co"}},
	{MXGateway, "Check Point", []string{".checkpointcloudsec.com", ".mail-security.checkpoint.com"}},
	{MXGateway, "Jellyfish", []string{".jellyfish.systems"}},
	{MXGateway, "N-able Mail Assure", []string{".mtaroutes.com"}},
	{MXGateway, "VIPRE Email Security", []string{".mailanyone.net", ".electric.net", ".mx25.net"}},
	{MXGateway, "SpamTitan", []string{".spamtitan.com", ".titanhq.com"}},
	{MXGateway, "Altospam", []string{".altospam.net", ".altospam.com"}},
	{MXGateway, "ZEROSPAM", []string{".zerospam.ca"}},
	{MXGateway, "Topsec", []string{".topsec.com"}},
	{MXGateway, "Centera Security", []string{".centerasecurity.dk"}},
	{MXGateway, "SYNAQ Securemail", []string{".synaq.com"}},
	{MXGateway, "FirstWave", []string{".firstcloudsecurity.net"}},
	{MXGateway, "Mailwall", []string{".mymailwall.com", ".mymailwall.at"}},
	{MXGateway, "Telefónica Correo Limpio", []string{".correolimpio.telefonica.es"}},
	{MXGateway, "Trustwave MailMarshal", []string{".mailmarshal.cloud"}},
	{MXGateway, "MailChannels", []string{".mailchannels.net"}},
	{MXGateway, "SiteGround SpamExperts", []string{".mailspamprotection.com"}},
	{MXGateway, "MailGuard", []string{".mailguard.com.au"}},
	{MXGateway, "SecureMX", []string{".securemx.biz"}},
	{MXGateway, "emailsecurity.app", []string{".emailsecurity.app"}},
	{MXGateway, "Clean MX", []string{".cleanmx.pt"}},
	{MXGateway, "Lapit FortiMail", []string{".fortimail.lapit.fi"}},
	{MXGateway, "ESI FortiMail", []string{".fortimail.esicloud.be"}},
	{MXGateway, "Managed Protect FortiMail", []string{".fortimail.managedprotect.com.au"}},
	{MXGateway, "Fieldtrust SpamTitan", []string{".spamtitan.fieldtrust.be"}},
	{MXGateway, "EZORG mail filter", []string{".spamfilter.ezorg.nl", ".mailfilter01.ezorg.nl", ".mailfilter02.ezorg.nl"}},
	{MXGateway, "Techquity mail filter", []string{".filter.techquity.com.au"}},
	{MXProvider, "Google", []string{".google.com", ".googlemail.com", ".psmtp.com"}},
	{MXProvider, "Zoho", []string{".zoho.com", ".zoho.eu", ".zoho.in", ".zohomail.com"}},
	{MXProvider, "Yandex", []string{".yandex.net", ".yandex.ru"}},
	{MXProvider, "Proton", []string{".protonmail.ch"}},
	{MXProvider, "Fastmail", []string{".messagingengine.com"}},
	{MXProvider, "Apple iCloud", []string{".mail.icloud.com"}},
	{MXProvider, "Amazon", []string{".amazonaws.com", ".awsapps.com"}},
	{MXProvider, "Rackspace", []string{".emailsrvr.com"}},
	{MXProvider, "GoDaddy", []string{".secureserver.net"}},
	{MXProvider, "IONOS", []string{".ionos.com", ".ionos.de", ".ionos.co.uk", ".ionos.es", ".ionos.fr", ".schlund.de", ".kundenserver.de", ".1and1.com", ".1and1.co.uk"}},
	{MXProvider, "Strato", []string{".rzone.de"}},
	{MXProvider, "OVH", []string{".ovh.net", ".mail.ovh.ca"}},
	{MXProvider, "Gandi", []string{".gandi.net"}},
	{MXProvider, "Infomaniak", []string{".infomaniak.ch", ".infomaniak.com"}},
	{MXProvider, "Hetzner", []string{".your-server.de"}},
	{MXProvider, "Hostinger", []string{".hostinger.com"}},
	{MXProvider, "Namecheap", []string{".privateemail.com", ".registrar-servers.com"}},
	{MXProvider, "Aruba", []string{".aruba.it"}},
	{MXProvider, "mailbox.org", []string{".mailbox.org"}},
	{MXProvider, "Tuta", []string{".tutanota.de"}},
	{MXProvider, "Migadu", []string{".migadu.com"}},
	{MXProvider, "T-Systems", []string{".t-systems.com"}},
	{MXProvider, "Mail.ru", []string{".mail.ru"}},
	{MXProvider, "Seznam", []string{".seznam.cz"}},
	{MXProvider, "one.com", []string{".one.com"}},
	{MXProvider, "domainFactory", []string{".ispgateway.de"}},
	{MXProvider, "All-Inkl", []string{".kasserver.com"}},
	{MXProvider, "HostPoint", []string{".hostpoint.ch"}},
	{MXProvider, "home.pl", []string{".home.pl"}},
	{MXProvider, "Titan", []string{".titan.email"}},
	{MXProvider, "Jimdo", []string{".jimdo.com"}},
	{MXProvider, "KingHost", []string{".kinghost.net", ".uni5.net"}},
	{MXProvider, "Mailgun", []string{".mailgun.org"}},
	{MXSender, "Amazon SES", []string{".amazonses.com"}},
	{MXSender, "Salesforce Marketing Cloud", []string{".exacttarget.com"}},
	{MXProvider, "T-Online", []string{".t-online.de"}},
	{MXProvider, "netcup", []string{".netcup.net"}},
	{MXProvider, "Locaweb", []string{".locaweb.com.br"}},
	{MXProvider, "OpenSRS", []string{".hostedemail.com"}},
	{MXProvider, "united-domains", []string{".udag.de"}},
	{MXProvider, "Loopia", []string{".loopia.se"}},
}

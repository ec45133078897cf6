package migrate

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
)

// OriginKind is what kind of mail system a domain comes from.
type OriginKind string

// The kinds of origins.
const (
	FromGoogle  OriginKind = "google"
	FromOnPrem  OriginKind = "onpremises" // servers of the organization's own
	FromHosting OriginKind = "hosting"    // the mail service of a web host: cPanel, Plesk
	FromHoster  OriginKind = "provider"   // a mailbox provider
	FromGateway OriginKind = "gateway"    // hidden behind a filter
	FromTenant  OriginKind = "tenant"     // another tenant of Microsoft 365
	FromParking OriginKind = "parking"    // a domain-parking service: no mailboxes
	FromNothing OriginKind = "none"       // no mail yet
	FromMoved   OriginKind = "moved"      // the records no longer show it
	FromUnknown OriginKind = "unknown"
)

// Origin is where the mail of a domain was before the move.
type Origin struct {
	Kind  OriginKind `json:"kind"`
	Name  string     `json:"name"` // for people
	Hosts []string   `json:"hosts,omitempty"`
}

// origin recognizes the mail system by the MX records, and what stands beside
// them.
func (inv *Inventory) origin(domain string, tenant bool) Origin {
	old := inv.Old()
	o := Origin{Kind: FromUnknown, Name: "not known"}
	for _, m := range old {
		o.Hosts = append(o.Hosts, m.Host)
	}
	switch {
	case inv.MX.Err != nil:
		return o
	case len(old) == 0 && tenant:
		return Origin{FromTenant, "another Microsoft 365 tenant", nil}
	case len(old) == 0 && (slices.ContainsFunc(inv.Targets, kit.MXTarget.Microsoft) || len(inv.Misspelt) > 0):
		return inv.leftBehind()
	case len(old) == 0 && kit.ParkedBy(inv.NS.Values) != "":
		return Origin{FromParking, "a domain-parking service (" + kit.ParkedBy(inv.NS.Values) + ")", nil}
	case len(inv.MX.Values) == 0 && len(inv.Apex.Values) > 0: // RFC 5321 5.1
		return Origin{FromUnknown, "a mail server at the address of " + domain + ", if one runs there (no MX record)", nil}
	case len(old) == 0:
		return Origin{FromNothing, "no mail system (" + domain + " receives no mail today)", nil}
	}
	o.Kind, o.Name = inv.originOf(old[0], domain)
	return o
}

// otherTenant reports whether the records are of another tenant than the one that
// the domain moves to: DKIM targets name the tenant, and each tenant has its own
// proof of ownership.
func (inv *Inventory) otherTenant(expected []Expected) bool {
	tenants := map[string]bool{}
	add := func(target string) {
		if _, zone, ok := strings.Cut(strings.ToLower(target), "._domainkey."); ok && atMicrosoft([]string{strings.TrimSuffix(target, ".")}) {
			tenant, _, _ := strings.Cut(zone, ".")
			tenants[tenant] = true
		}
	}
	for _, s := range inv.Selectors {
		for _, target := range s.Answer.CNAMEs {
			add(target)
		}
	}
	proof := inv.Verified() && inv.TXT.Err == nil
	for _, e := range expected {
		add(e.Value)
		if v := strings.ToLower(e.Value); strings.HasPrefix(v, "ms=ms") && proof &&
			!slices.ContainsFunc(inv.TXT.Values, func(t string) bool { return strings.EqualFold(t, v) }) {
			return true
		}
	}
	return len(tenants) > 1
}

// leftBehind recognizes the mail system before the move by what its provider left
// in the SPF record.
func (inv *Inventory) leftBehind() Origin {
	services, _ := inv.Senders()
	for _, s := range spf.Senders() {
		if s.Kind != spf.Mailbox || s.Name == "Microsoft 365" || s.Name == "Outlook.com" || !slices.Contains(services, s.Name) {
			continue
		}
		if s.Name == "Google Workspace" {
			return Origin{FromGoogle, s.Name, nil}
		}
		return Origin{FromHoster, s.Name, nil}
	}
	return Origin{FromMoved, "a mail system that is not known (the MX records no longer name it)", nil}
}

func (inv *Inventory) originOf(m kit.MXTarget, domain string) (OriginKind, string) {
	switch {
	case m.Kind == kit.MXParking:
		return FromParking, "a domain-parking service (" + m.Host + ")"
	case m.Kind == kit.MXProvider && m.Name == "Google":
		return FromGoogle, "Google Workspace"
	case m.Kind == kit.MXProvider:
		return FromHoster, m.Name
	case m.Kind == kit.MXGateway:
		return FromGateway, "the mail system behind " + m.Name
	case !dnsrec.Within(m.Host, domain):
		return FromHoster, registered(m.Host)
	case inv.sharedHosting(m, domain):
		return FromHosting, "web hosting (" + m.Host + ")"
	}
	return FromOnPrem, "your own server (" + m.Host + ")"
}

// sharedHosting reports whether a mail host in the domain's own name is the web
// server's, as with cPanel and Plesk.
func (inv *Inventory) sharedHosting(m kit.MXTarget, domain string) bool {
	if slices.ContainsFunc(inv.AutoSRV.Values, func(v string) bool { return strings.Contains(v, "cpanel") }) {
		return true
	}
	return m.Host == domain || share(inv.Addresses[m.Host].Values, inv.Apex.Values)
}

// registered returns the part of a host name that its operator registered.
func registered(host string) string {
	if name, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return name
	}
	return host
}

// dnsHosts names DNS providers by the suffix of their name servers. A new one is
// one row.
var dnsHosts = []struct{ name, suffix string }{
	{"Cloudflare", ".ns.cloudflare.com"}, {"GoDaddy", ".domaincontrol.com"}, {"Azure DNS", ".azure-dns.com"}, {"Azure DNS", ".azure-dns.net"},
	{"Azure DNS", ".azure-dns.org"}, {"Azure DNS", ".azure-dns.info"}, {"Google Cloud DNS", ".googledomains.com"}, {"Namecheap", ".registrar-servers.com"},
	{"IONOS", ".ui-dns.com"}, {"IONOS", ".ui-dns.de"}, {"IONOS", ".ui-dns.org"}, {"IONOS", ".ui-dns.biz"}, {"OVHcloud", ".ovh.net"}, {"OVHcloud", ".anycast.me"},
	{"Gandi", ".gandi.net"}, {"Hetzner", ".hetzner.com"}, {"Hetzner", ".hetzner.de"}, {"Hetzner", ".first-ns.de"}, {"DigitalOcean", ".digitalocean.com"},
	{"DNSimple", ".dnsimple.com"}, {"DNS Made Easy", ".dnsmadeeasy.com"}, {"NS1", ".nsone.net"}, {"Akamai", ".akam.net"}, {"UltraDNS", ".ultradns.net"},
	{"Network Solutions", ".worldnic.com"}, {"Wix", ".wixdns.net"}, {"Squarespace", ".squarespacedns.com"}, {"STRATO", ".rzone.de"}, {"Infomaniak", ".infomaniak.ch"},
	{"Hostinger", ".dns-parking.com"}, {"Bluehost", ".bluehost.com"}, {"DreamHost", ".dreamhost.com"}, {"TransIP", ".transip.net"}, {"INWX", ".inwx.de"},
}

// DNSHost names who runs name servers, by their names: the provider where it is
// known, otherwise the registered domain. It is empty without name servers.
func DNSHost(servers []string) string {
	var names []string
	for _, s := range servers {
		name := registered(s)
		if strings.Contains(s, ".awsdns-") {
			name = "Amazon Route 53"
		}
		for _, h := range dnsHosts {
			if strings.HasSuffix(s, h.suffix) {
				name = h.name
			}
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

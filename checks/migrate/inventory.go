package migrate

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
)

// Inventory is what the records say about the mail of a domain: who receives,
// who sends, who signs, and where programs find their settings.
type Inventory struct {
	MX           kit.Answer
	Targets      []kit.MXTarget
	Misspelt     []kit.MXTarget          // hosts of Microsoft 365 with a name added or a slip in them, which do not exist
	Dead         []kit.MXTarget          // old servers without an address
	Gone         []string                // hosts that Misspelt were meant to be, and that do not exist either
	Addresses    map[string]kit.Answer   // A records of the MX hosts in the domain's own name
	Hosts        map[string][]netip.Addr // of the old servers, IPv4 and IPv6; those of whom both are known
	TXT          kit.Answer
	Apex         kit.Answer // A records of the domain itself
	NS           kit.Answer
	SOA          kit.Answer
	SPF          *spf.Tree
	Selectors    []Selector
	DMARC        kit.Answer
	MTASTS       kit.Answer
	Autodiscover kit.Answer // A, which shows the alias as well
	AutoAAAA     kit.Answer
	AutoSRV      kit.Answer
	Wildcard     kit.Answer // A of a name that nobody uses
	WildcardMX   kit.Answer // MX of a name that nobody uses
	Candidate    Candidate
	Own          Candidate // with the domain's own label, where the published host has another one
	Clients      []Client
	Pinned       []Client // TLSA records of hosts that mail programs are set up with
	Subdomains   []Subdomain
}

// Selector is a DKIM selector under which something is published.
type Selector struct {
	Name      string
	Answer    kit.Answer
	Microsoft bool // an alias for a name in a zone of Microsoft
}

// Client is a record by which mail programs find a server.
type Client struct {
	Name   string
	Type   dnsrec.Type
	Answer kit.Answer
}

// Candidate is the MX host of the domain at Microsoft 365, as far as it can be
// known without a login.
type Candidate struct {
	Host   string
	Source string // "given", "published" or "derived"
	Answer kit.Answer
}

// Exists reports whether the host has an address.
func (c Candidate) Exists() bool { return c.Answer.Err == nil && len(c.Answer.Values) > 0 }

// clientHosts are the host names that mail programs are set up with.
var clientHosts = []string{"mail", "imap", "pop", "smtp", "webmail", "autoconfig"}

// clientServices are the SRV records of mail programs (RFC 6186 3).
var clientServices = []string{"_imaps._tcp", "_imap._tcp", "_pop3s._tcp", "_submission._tcp", "_submissions._tcp"}

// gather asks for the inventory. It is a plain function over what is known.
func gather(k *kit.Known, given string, names []string) Inventory {
	inv := Inventory{Addresses: map[string]kit.Answer{}, Hosts: map[string][]netip.Addr{}}
	inv.MX, _ = k.Need(k.Domain, dnsrec.TypeMX)
	inv.TXT, _ = k.Need(k.Domain, dnsrec.TypeTXT)
	inv.Apex, _ = k.Need(k.Domain, dnsrec.TypeA)
	inv.DMARC, _ = k.Need(dmarc.Name(k.Domain), dnsrec.TypeTXT)
	inv.MTASTS, _ = k.Need("_mta-sts."+k.Domain, dnsrec.TypeTXT)
	inv.Autodiscover, _ = k.Need("autodiscover."+k.Domain, dnsrec.TypeA)
	inv.AutoAAAA, _ = k.Need("autodiscover."+k.Domain, dnsrec.TypeAAAA)
	inv.AutoSRV, _ = k.Need("_autodiscover._tcp."+k.Domain, dnsrec.TypeSRV)
	inv.Wildcard, _ = k.Need(dkim.Probe(k.Domain)+"."+k.Domain, dnsrec.TypeA)
	inv.SPF, _ = k.SPF()
	inv.Targets = slices.Clone(k.MXTargets())
	inv.gatherZone(k)
	inv.gatherHosts(k)
	inv.gatherSelectors(k)
	inv.gatherClients(k)
	inv.gatherSubdomains(k, names)
	inv.Candidate = candidate(k, inv.Targets, given)
	if t, ok := inv.published(); ok && inv.Candidate.Source == "published" && (otherLabel(k.Domain, t) != "" || t.Cloud.SPF != cloudOf(k).SPF) {
		inv.Own = candidate(k, nil, "")
	}
	return inv
}

// gatherZone finds the zone that the domain is in.
func (inv *Inventory) gatherZone(k *kit.Known) {
	inv.NS, _ = k.Need(k.Domain, dnsrec.TypeNS)
	inv.SOA, _ = k.Need(k.Domain, dnsrec.TypeSOA)
	own, err := publicsuffix.EffectiveTLDPlusOne(k.Domain)
	if err != nil || own == k.Domain {
		return
	}
	if parent, ok := k.Need(own, dnsrec.TypeNS); ok && len(inv.NS.Values) == 0 {
		inv.NS = parent
		inv.SOA, _ = k.Need(own, dnsrec.TypeSOA)
	}
}

const mostHosts = 10 // MX hosts that are looked up

// gatherHosts asks for the addresses of the hosts in the domain's own name, and for
// those of old servers: whether they exist.
func (inv *Inventory) gatherHosts(k *kit.Known) {
	for _, m := range inv.Targets[:min(len(inv.Targets), mostHosts)] {
		own, meant := dnsrec.Within(m.Host, k.Domain), meantHost(m, k.Domain)
		if !own && (!receives(m) || isMicrosoft(m)) {
			continue
		}
		a, ok := k.Need(m.Host, dnsrec.TypeA)
		if own {
			inv.Addresses[m.Host] = a
		}
		switch {
		case isMicrosoft(m):
		case ok && a.Err == nil && len(a.Values) == 0 && meant != "":
			if len(a.CNAMEs) > 0 {
				continue
			}
			inv.Misspelt = append(inv.Misspelt, m)
			if right, ok := k.Need(meant, dnsrec.TypeA); ok && right.Err == nil && len(right.Values) == 0 {
				inv.Gone = append(inv.Gone, meant)
			}
		default:
			if six, known := k.Need(m.Host, dnsrec.TypeAAAA); ok && known && a.Err == nil && six.Err == nil {
				inv.addHost(m, slices.Concat(a.Values, six.Values))
			}
		}
	}
}

// addHost notes the addresses of an old server; without any, it is dead.
func (inv *Inventory) addHost(m kit.MXTarget, values []string) {
	if len(values) == 0 {
		inv.Dead = append(inv.Dead, m)
	}
	inv.Hosts[m.Host] = []netip.Addr{}
	for _, v := range values {
		if a, err := netip.ParseAddr(v); err == nil {
			inv.Hosts[m.Host] = append(inv.Hosts[m.Host], a)
		}
	}
}

// first returns the hosts that senders try first: those of the lowest preference of
// which any exists.
func (inv *Inventory) first() []kit.MXTarget {
	all := slices.DeleteFunc(slices.Clone(inv.Targets), func(m kit.MXTarget) bool { return !receives(m) })
	return kit.TriedFirst(all, inv.dead)
}

// dead reports whether an old MX host has no address.
func (inv *Inventory) dead(m kit.MXTarget) bool { return has(inv.Dead, m) }

// has reports whether a host is in a list.
func has(list []kit.MXTarget, m kit.MXTarget) bool {
	return slices.ContainsFunc(list, func(x kit.MXTarget) bool { return x.Host == m.Host })
}

// silent reports whether no MX host receives mail, and the SPF record says that none is
// sent.
func (inv *Inventory) silent() bool {
	null := slices.ContainsFunc(inv.Targets, func(m kit.MXTarget) bool { return m.Kind == kit.MXNull })
	none := func(txt string) bool { return kit.NamesNoSender(txt, null) }
	return !slices.ContainsFunc(inv.Targets, receives) && slices.ContainsFunc(inv.TXT.Values, none)
}

// parked reports whether a silent domain receives no mail at its own address either.
func (inv *Inventory) parked() bool {
	return inv.silent() && inv.MX.Err == nil && (len(inv.MX.Values) > 0 || inv.Apex.Err == nil && len(inv.Apex.Values) == 0)
}

// meantHost returns the host of Microsoft 365 that an MX record was to name; "": it
// was not to name one.
func meantHost(m kit.MXTarget, domain string) string {
	if m.Kind == kit.MXSuffixed || m.Kind == kit.MXMisspelled {
		return m.Name
	}
	if host, ok := strings.CutSuffix(m.Host, "."+domain); ok && isMicrosoft(kit.ReadMX("0 "+host)) {
		return host
	}
	return ""
}

func (inv *Inventory) gatherSelectors(k *kit.Known) {
	includes, _ := k.Includes()
	wild, _ := k.Need(dkim.Name(dkim.Probe(k.Domain), k.Domain), dnsrec.TypeTXT)
	names := slices.Concat(dkim.Core(), dkim.Suggested(k.MXHosts(), includes), k.Selectors)
	if !k.List && slices.ContainsFunc(inv.Targets, isMicrosoft) { // nothing else shows where mail was before
		names = append(names, dkim.Mailboxes()...)
	}
	for _, s := range unique(names) {
		a, ok := k.Need(dkim.Name(s, k.Domain), dnsrec.TypeTXT)
		if !ok || a.Err != nil || len(a.Values)+len(a.CNAMEs) == 0 || sameData(a, wild) {
			continue
		}
		inv.Selectors = append(inv.Selectors, Selector{Name: s, Answer: a, Microsoft: atMicrosoft(a.CNAMEs)})
	}
}

// sameData reports whether a wildcard record of the zone explains an answer. An
// alias explains the answers of all types.
func sameData(a, wild kit.Answer) bool {
	if wild.Err != nil || len(wild.Values)+len(wild.CNAMEs) == 0 || !slices.Equal(a.CNAMEs, wild.CNAMEs) {
		return false
	}
	return len(wild.CNAMEs) > 0 || slices.Equal(a.Values, wild.Values)
}

// atMicrosoft reports whether an alias leads to a DKIM zone of Microsoft.
func atMicrosoft(chain []string) bool {
	return slices.ContainsFunc(kit.Clouds(), func(c kit.Cloud) bool {
		return slices.ContainsFunc(chain, func(t string) bool { return kit.HasSuffix(t, c.DKIM) })
	})
}

func (inv *Inventory) gatherClients(k *kit.Known) {
	add := func(name string, t dnsrec.Type) {
		a, ok := k.Need(name+"."+k.Domain, t)
		if ok && a.Err == nil && len(a.Values)+len(a.CNAMEs) > 0 && !sameData(a, inv.Wildcard) {
			inv.Clients = append(inv.Clients, Client{name + "." + k.Domain, t, a})
		}
	}
	for _, h := range clientHosts {
		add(h, dnsrec.TypeA)
	}
	for _, s := range clientServices {
		add(s, dnsrec.TypeSRV)
	}
	var hosts []string
	for _, c := range inv.Clients {
		if c.Type == dnsrec.TypeA {
			hosts = append(hosts, c.Name)
		}
	}
	for host := range inv.Addresses {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	for _, host := range slices.Compact(hosts) {
		if a, ok := k.Need("_25._tcp."+host, dnsrec.TypeTLSA); ok && a.Err == nil && len(a.Values) > 0 {
			inv.Pinned = append(inv.Pinned, Client{a.Name, dnsrec.TypeTLSA, a})
		}
	}
}

// candidate finds the MX host of Microsoft 365: the one that is given, the one
// that is published, or else the one whose name follows from the domain, if it
// exists. The letter in a name under mx.microsoft is never computed.
func candidate(k *kit.Known, targets []kit.MXTarget, given string) Candidate {
	c := Candidate{Host: given, Source: "given"}
	if i := slices.IndexFunc(targets, isMicrosoft); given == "" && i >= 0 {
		c = Candidate{Host: targets[i].Host, Source: "published"}
	}
	if c.Host == "" {
		cloud := cloudOf(k)
		if cloud.TenantMX {
			return Candidate{}
		}
		c = Candidate{Host: kit.MXToken(k.Domain) + cloud.MX[0], Source: "derived"}
	}
	c.Answer, _ = k.Need(c.Host, dnsrec.TypeA)
	if c.Answer.Err == nil && len(c.Answer.Values) == 0 {
		if six, ok := k.Need(c.Host, dnsrec.TypeAAAA); ok {
			c.Answer = six
		}
	}
	return c
}

// published returns the first host of Microsoft 365 among the MX records.
func (inv *Inventory) published() (t kit.MXTarget, ok bool) {
	i := slices.IndexFunc(inv.Targets, isMicrosoft)
	if i < 0 {
		return t, false
	}
	return inv.Targets[i], true
}

// cloudOf returns the cloud that the domain is to be in.
func cloudOf(k *kit.Known) *kit.Cloud {
	if c := kit.CloudByID(k.Cloud); c != nil {
		return c
	}
	if p, _ := k.Profile(); p.Cloud != nil {
		return p.Cloud
	}
	return &kit.Clouds()[0]
}

func isMicrosoft(m kit.MXTarget) bool { return m.Kind == kit.MXMicrosoft }

// receives reports whether an MX record names a server that takes mail.
func receives(m kit.MXTarget) bool {
	return !slices.Contains([]kit.MXKind{kit.MXNull, kit.MXVerify, kit.MXInvalid, kit.MXLiteral}, m.Kind)
}

// Old returns the MX hosts that receive mail before the move.
func (inv *Inventory) Old() (old []kit.MXTarget) {
	for _, m := range inv.Targets {
		if receives(m) && !m.Microsoft() && !inv.misspelt(m) {
			old = append(old, m)
		}
	}
	return old
}

// misspelt reports whether an MX record means a host of Microsoft 365, and names
// one that does not exist.
func (inv *Inventory) misspelt(m kit.MXTarget) bool { return has(inv.Misspelt, m) }

// Verified reports whether the domain's proof of ownership is published.
func (inv *Inventory) Verified() bool {
	return slices.ContainsFunc(inv.TXT.Values, func(v string) bool { return strings.HasPrefix(strings.ToLower(v), "ms=ms") })
}

// Senders names the services that the SPF record allows, each once, and the
// terms that name servers without a service.
func (inv *Inventory) Senders() (services, terms []string) {
	if inv.SPF == nil {
		return nil, nil
	}
	for _, b := range inv.SPF.Root.Branches {
		switch {
		case b.Kind == spf.Include || b.Kind == spf.Redirect:
			name := b.Target
			if s := spf.SenderOf(b.Target); s != nil {
				name = s.Name
			}
			if name != "" && !slices.Contains(services, name) {
				services = append(services, name)
			}
		case b.Kind != spf.All:
			terms = append(terms, b.Text)
		}
	}
	return services, terms
}

// AllowsMicrosoft reports whether the SPF record lets the servers of a cloud
// send.
func (inv *Inventory) AllowsMicrosoft(c *kit.Cloud) bool {
	if inv.SPF == nil || inv.SPF.Result() == spf.PermError {
		return false
	}
	ways := inv.SPF.Reaches(c.SPF)
	return len(ways) > 0 && ways[0].Result == spf.Pass
}

// AutodiscoverAtMicrosoft reports whether autodiscover points to a cloud.
func (inv *Inventory) AutodiscoverAtMicrosoft(c *kit.Cloud) bool {
	return slices.Contains(inv.Autodiscover.CNAMEs, c.Autodiscover)
}

package migrate

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/spf"
)

// Subdomain is a name below the domain that carries mail of its own. The steps of
// the domain do not move it.
type Subdomain struct {
	Name    string
	Targets []kit.MXTarget
	Sends   bool // it has an SPF record that allows somebody
	Records int  // of SPF
	terms   []string
	Err     error // why its mail is not known; only for a name that was given
}

// usualNames are subdomains that often carry mail. A domain has them or not: only
// what is found is told.
var usualNames = []string{"news", "newsletter", "info", "lists", "bounce", "marketing", "support", "helpdesk", "email", "crm"}

// gatherSubdomains asks for the mail of the names that the user gave, and of usual
// ones unless the domain is one of many.
func (inv *Inventory) gatherSubdomains(k *kit.Known, given []string) {
	wild, _ := k.Need(dkim.Probe(k.Domain)+"."+k.Domain, dnsrec.TypeMX)
	if !slices.Contains(wild.CNAMEs, k.Domain) { // what is an alias of the domain moves with it
		inv.WildcardMX = wild
	}
	for _, name := range given {
		inv.addSubdomain(k, name, wild, true)
	}
	if k.List {
		return
	}
	for _, label := range usualNames {
		if name := label + "." + k.Domain; !slices.Contains(given, name) {
			inv.addSubdomain(k, name, wild, false)
		}
	}
}

func (inv *Inventory) addSubdomain(k *kit.Known, name string, wild kit.Answer, given bool) {
	mx, ok := k.Need(name, dnsrec.TypeMX)
	if !ok {
		return
	}
	s := Subdomain{Name: name}
	if mx.Err == nil && !sameData(mx, wild) {
		s.Targets = slices.DeleteFunc(kit.ReadMXs(mx.Values), func(t kit.MXTarget) bool { return !receives(t) })
	}
	if !given && len(s.Targets) == 0 {
		return
	}
	txt, ok := k.Need(name, dnsrec.TypeTXT)
	if !ok {
		return
	}
	s.Sends = txt.Err == nil && slices.ContainsFunc(txt.Values, allowsSomebody)
	for _, v := range txt.Values {
		if spf.Ours(v) {
			s.Records, s.terms = s.Records+1, append(s.terms, termsOf([]string{v})...)
		}
	}
	if given {
		s.Err = mx.Err
		if s.Err == nil {
			s.Err = txt.Err
		}
	}
	if len(s.Targets) > 0 || s.Sends || s.Err != nil {
		inv.Subdomains = append(inv.Subdomains, s)
	}
}

// allowsSomebody reports whether a TXT record is an SPF record with more than all.
func allowsSomebody(txt string) bool {
	return spf.Ours(txt) && !slices.Contains([]string{"v=spf1 -all", "v=spf1 ~all"}, txt)
}

// watchSubdomains names the subdomains that stay where they are.
func (m *mover) watchSubdomains(r *Report) {
	for _, s := range m.inv.Subdomains {
		if s.Records > 1 {
			r.Watch = append(r.Watch, fmt.Sprintf("%s has %d SPF records, and receivers treat this as an error (permerror): run maildiag %[1]s.", s.Name, s.Records))
		}
		switch {
		case s.Err != nil:
			r.Watch = append(r.Watch, "Could not check whether "+s.Name+" carries mail. Run again.")
		case slices.ContainsFunc(s.Targets, func(t kit.MXTarget) bool { return !isMicrosoft(t) }):
			r.Watch = append(r.Watch, s.Name+" receives mail at "+s.Targets[0].Host+". The steps here do not move it: run maildiag migrate "+s.Name+
				", or keep that server.")
		}
	}
}

// usedBelow reports whether a name below the domain that stays uses a host for its mail:
// by its MX records, or by its SPF record.
func (inv *Inventory) usedBelow(host string, addresses []string) bool {
	allows := func(term string) bool {
		network, ok := networkOf(term)
		_, arg, _ := strings.Cut(term, ":")
		name, _, _ := strings.Cut(arg, "/")
		return dnsrec.Canonical(name) == host || ok && slices.ContainsFunc(addresses, func(v string) bool {
			a, err := netip.ParseAddr(v)
			return err == nil && network.Contains(a)
		})
	}
	return slices.ContainsFunc(inv.Subdomains, func(s Subdomain) bool {
		return slices.ContainsFunc(s.Targets, func(t kit.MXTarget) bool { return t.Host == host }) || slices.ContainsFunc(s.terms, allows)
	})
}

// uses reports whether a record of mail programs, or the key of a host, stays for a name
// below the domain.
func (inv *Inventory) uses(c Client) bool {
	host := strings.TrimPrefix(c.Name, "_25._tcp.")
	addresses := inv.Addresses[host].Values
	for _, o := range inv.Clients {
		if o.Name == host {
			addresses = o.Answer.Values
		}
	}
	return inv.usedBelow(host, addresses)
}

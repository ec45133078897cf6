// Package mxserver checks the servers behind the MX records of a domain by a
// conversation with each: greeting, STARTTLS, certificate, the TLSA records
// against the certificate, and the names of the addresses.
//
// Many networks block port 25. So before a server is judged, another host is
// asked for: what fails with both fails on our side, and says nothing about the
// domain.
package mxserver

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/tlsa"
	"maildiag/smtpprobe"
)

// What one run may cost.
const (
	maxHosts     = 10
	maxAddresses = 10 // connections to mail servers: others are named, not checked
	atOnce       = 2
	Port         = 25 // RFC 5321 4.5.4.2

	// Fresh is how long a reference shows that port 25 is open: a later one may be
	// needed to blame a server that refuses.
	Fresh = 10 * time.Minute
)

// limits are shorter than a sender's: somebody waits.
var limits = smtpprobe.Limits{Connect: 8 * time.Second, Banner: 20 * time.Second, Command: 10 * time.Second,
	TLS: 10 * time.Second, Session: 30 * time.Second}

// references are mail servers of two owners that are always there.
var references = []string{"gmail-smtp-in.l.google.com", kit.ConsumerMX}

// Options say how to talk to the servers.
type Options struct {
	Hello        string // name to give in EHLO; empty: our address
	NoComparison bool   // connect to no other host
	Port         int    // 0: 25
}

// facts are all that was learned about the servers of a domain.
type facts struct {
	Options
	domain   string
	list     bool // the domain is one of many
	now      time.Time
	certDays kit.CertDays
	trustAD  bool
	mx       dnsrec.Answer
	err      error
	hosts    []host
	compared []*smtpprobe.Session // with references, until one worked
	leftOut  int                  // addresses that were not connected to
}

// host is one MX host.
type host struct {
	kit.MXTarget
	names     []kit.Answer // its addresses, by family
	tlsa      kit.Answer
	addresses []address
}

// address is one address of a host.
type address struct {
	ip      string
	session *smtpprobe.Session // nil: not connected to
	ptr     kit.Answer
	names   map[string][]string // the addresses of the names that ptr has
}

func gather(k *kit.Known, o Options) facts {
	if o.Port == 0 {
		o.Port = Port
	}
	f := facts{Options: o, domain: k.Domain, list: k.List, now: k.Now, certDays: k.CertDays, trustAD: k.TrustAD}
	mx, ok := k.Need(k.Domain, dnsrec.TypeMX)
	f.mx, f.err = mx.Answer, mx.Err
	if !ok || f.err != nil {
		return f
	}
	for _, m := range targets(k.Domain, mx.Answer) {
		f.hosts = append(f.hosts, gatherHost(k, m))
	}
	if k.Missing() {
		return f
	}
	if !f.compare(k) || f.list && f.shut() != "" { // for a single domain, its first server is one more comparison
		return f
	}
	f.connect(k)
	return f
}

// shut says why nothing can be learned on this network, as the references show;
// empty: something can.
func (f *facts) shut() string {
	switch last := f.reference(); {
	case last == nil:
		return ""
	case !f.open():
		return fmt.Sprintf("port %d is blocked on your network: mail servers of other organizations cannot be reached either", f.Port)
	case altered(last):
		return fmt.Sprintf("a device on your network changes SMTP on port %d: %s shows no valid TLS here", f.Port, last.Host)
	}
	return ""
}

// Shut says why nothing can be learned about mail servers on this network, as it says
// for each domain of a list; empty: something can, or that is not known.
func Shut(ctx context.Context, w kit.World) string {
	env := &kit.Env{World: w, List: true}
	f := kit.Gather(ctx, env, func(k *kit.Known) facts {
		f := facts{Options: Options{Port: Port}}
		f.compare(k)
		return f
	})
	return f.shut()
}

// IsReference reports whether other servers are compared with that host.
func IsReference(host string) bool { return slices.Contains(references, host) }

// targets returns the hosts to look at, the most preferred first. Without MX
// records the domain itself is the host (RFC 5321 5.1).
func targets(domain string, mx dnsrec.Answer) (out []kit.MXTarget) {
	for _, v := range mx.Values {
		out = append(out, kit.ReadMX(v))
	}
	if len(mx.Values) == 0 && !mx.NXDomain() {
		out = []kit.MXTarget{kit.ReadMX("0 " + domain + ".")}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Preference < out[j].Preference })
	var hosts []kit.MXTarget
	for _, m := range out {
		known := slices.ContainsFunc(hosts, func(h kit.MXTarget) bool { return h.Host == m.Host })
		if !known && kit.ValidHost(m.Host) && m.Kind != kit.MXVerify && len(hosts) < maxHosts {
			hosts = append(hosts, m)
		}
	}
	return hosts
}

// gatherHost asks the DNS about a host.
func gatherHost(k *kit.Known, m kit.MXTarget) host {
	h := host{MXTarget: m}
	for _, family := range k.Families() {
		a, _ := k.Need(m.Host, family)
		h.names = append(h.names, a)
		for _, ip := range a.Values {
			h.addresses = append(h.addresses, gatherAddress(k, ip))
		}
	}
	h.tlsa, _ = k.Need(tlsa.RecordName(m.Host), dnsrec.TypeTLSA)
	return h
}

// maxPTR is how many names of an address are looked at. RFC 7208 4.6.4 has the
// same bound.
const maxPTR = 10

// gatherAddress asks for the names of an address, and for their addresses.
func gatherAddress(k *kit.Known, ip string) address {
	a := address{ip: ip, names: map[string][]string{}}
	parsed, err := netip.ParseAddr(ip)
	if err != nil || !kit.Public(parsed) {
		return a
	}
	a.ptr, _ = k.Need(dnsrec.ReverseName(parsed), dnsrec.TypePTR)
	family := dnsrec.TypeA
	if parsed.Is6() {
		family = dnsrec.TypeAAAA
	}
	for _, name := range a.ptr.Values[:min(len(a.ptr.Values), maxPTR)] {
		forward, _ := k.Need(name, family)
		a.names[name] = forward.Values
	}
	return a
}

// compare talks to the references until one works; it reports whether it is
// known how they are. The first server of the domain comes last: in some
// networks it is the only one that may be reached.
func (f *facts) compare(k *kit.Known) bool {
	if f.NoComparison {
		return true
	}
	for _, name := range references {
		a, ok := k.Need(name, k.Families()[0])
		if !ok {
			return false
		}
		if len(a.Values) == 0 {
			continue
		}
		s, ok := k.Talk(f.config(name, a.Values[0]))
		if !ok {
			return false
		}
		if f.compared = append(f.compared, s); greets(s) {
			return true
		}
	}
	return true
}

func (f *facts) config(host, ip string) smtpprobe.Config {
	return smtpprobe.Config{Host: host, Address: ip, Port: f.Port, Hello: f.Hello, Until: smtpprobe.PhaseStartTLS, Limits: limits}
}

// open reports whether a comparison proved that port 25 is open from here.
func (f *facts) open() bool {
	return slices.ContainsFunc(f.compared, greets)
}

// greets reports whether a server, and not only something in between that accepts
// every connection, was reached.
func greets(s *smtpprobe.Session) bool {
	st := s.Find(smtpprobe.PhaseGreeting)
	return st != nil && st.Reply != nil
}

// connect talks to the addresses of the hosts, at most two at once. Where no
// reference can be reached, only the first is tried.
func (f *facts) connect(k *kit.Known) {
	most, waiting, done := maxAddresses, 0, 0
	if len(f.compared) > 0 && !f.open() {
		most = 1
	}
	for i := range f.hosts {
		for j := range f.hosts[i].addresses {
			a := &f.hosts[i].addresses[j]
			if !public(a.ip) {
				continue
			}
			if done+waiting == most {
				f.leftOut++
				continue
			}
			var ok bool
			if a.session, ok = k.Talk(f.config(f.hosts[i].Host, a.ip)); !ok {
				if waiting++; waiting == atOnce {
					return
				}
				continue
			}
			if done++; greets(a.session) {
				most = maxAddresses
			}
		}
	}
}

func public(ip string) bool {
	a, err := netip.ParseAddr(ip)
	return err == nil && kit.Public(a)
}

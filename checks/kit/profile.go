package kit

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/dnsrec"
	"maildiag/dnsrec/nearmiss"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// Profile is what kind of domain this is, as far as its DNS tells. Several
// checks judge by it. Whatever could not be asked counts as not there.
type Profile struct {
	// Microsoft reports whether the Microsoft 365 checks apply: something points
	// there, or the user said so with --expect m365.
	Microsoft bool
	Signs     []string // what points at Microsoft, as far as it was needed to know: "MX", "SPF", "DKIM", "autodiscover"
	Cloud     *Cloud   // nil: not on Microsoft 365
	Receives  bool     // has an MX that is not null
	Parked    bool     // sends and receives nothing by its own word: null MX or none, and SPF that names no sender
	Begins    bool     // receives nothing today, and is about to get mailboxes that send
	Initial   bool     // *.onmicrosoft.com and its kin: Microsoft owns the zone
	Routing   bool     // *.mail.onmicrosoft.com: a hybrid routing domain, other rules again
}

// profile is the Profile of a domain. The MX records decide alone where they
// can; only if they do not point at Microsoft are the other signs waited for.
var profile = NewFact(func(k *Known) Profile {
	p := k.NamedProfile()
	mx, ok := k.Need(k.Domain, dnsrec.TypeMX)
	records, ok2 := k.ApexSPF()
	if !ok || !ok2 {
		return p
	}
	targets := k.MXTargets()
	p.Receives = slices.ContainsFunc(targets, func(m MXTarget) bool { return m.Kind != MXNull && m.Kind != MXVerify })
	null := slices.ContainsFunc(targets, func(m MXTarget) bool { return m.Kind == MXNull })
	p.Begins = k.Moving && mx.Err == nil && !p.Receives
	p.Parked = mx.Err == nil && !p.Receives && !p.Begins && slices.ContainsFunc(records, func(r string) bool { return NamesNoSender(r, null) })
	k.readSigns(&p, targets, records)
	p.Microsoft = k.Expect == ExpectM365 || k.Expect == ExpectAuto && len(p.Signs) > 0 || p.Initial
	if !p.Microsoft {
		p.Cloud = nil
		return p
	}
	if c := CloudByID(k.Cloud); c != nil {
		p.Cloud = c
	}
	if p.Cloud == nil {
		p.Cloud = &clouds[0]
	}
	return p
}).Compared(Profile.same)

// same reports whether two profiles are equal.
func (p Profile) same(o Profile) bool {
	return slices.Equal(p.Signs, o.Signs) && p.Cloud == o.Cloud && p.Microsoft == o.Microsoft && p.Receives == o.Receives &&
		p.Parked == o.Parked && p.Begins == o.Begins && p.Initial == o.Initial && p.Routing == o.Routing
}

// NamesNoSender reports whether an SPF record refuses every server. ~all is taken for
// that beside a null MX: the domain says then that it has no mail (RFC 7505 4.2).
func NamesNoSender(record string, nullMX bool) bool {
	rec, ours, err := spf.Parse(record)
	if !ours || err != nil {
		return false
	}
	live := rec.Live()
	return len(live) == 1 && live[0].Kind == spf.All && (live[0].Qualifier == '-' || live[0].Qualifier == '~' && nullMX)
}

// Profile returns what kind of domain this is. While that is missing, ok is
// false and the Profile is that of the name alone.
func (k *Known) Profile() (p Profile, ok bool) {
	if p, ok = profile.Of(k); ok {
		return p, true
	}
	return k.NamedProfile(), false
}

// SetProfile says what kind of domain this is, where that is not to be found out.
func (k *Known) SetProfile(p Profile) { profile.Set(k, p) }

// Pointing says in words what points at Microsoft. An MX record can be one that
// Microsoft has retired.
func (p Profile) Pointing() string {
	switch {
	case slices.Contains(p.Signs, "MX"):
		return "it also has a Microsoft record"
	case len(p.Signs) == 1:
		return "its " + p.Signs[0] + " points there"
	}
	return "its " + strings.Join(p.Signs, " and ") + " point there"
}

// NamedProfile is what the name alone shows.
func (e *Env) NamedProfile() (p Profile) {
	for i := range clouds {
		if HasSuffix(e.Domain, []string{clouds[i].Initial}) {
			p.Initial, p.Cloud = true, &clouds[i]
			p.Routing = strings.HasSuffix(e.Domain, ".mail"+clouds[i].Initial)
			return p
		}
	}
	return p
}

// readSigns looks for what points at Microsoft, the surest and fastest first.
func (k *Known) readSigns(p *Profile, mx []MXTarget, records []string) {
	sign := func(name string, c *Cloud) {
		p.Signs = append(p.Signs, name)
		if p.Cloud == nil {
			p.Cloud = c
		}
	}
	for _, m := range mx {
		if m.Meant() && m.Cloud != nil {
			sign("MX", m.Cloud)
			break
		}
		if m.Kind == MXRetired {
			sign("MX", &clouds[0])
			break
		}
	}
	if c := cloudOfSPF(records); c != nil {
		sign("SPF", c)
	}
	if len(p.Signs) == 0 {
		c, ok := k.cloudOfOwnTree(records)
		if !ok {
			return
		}
		if c != nil {
			sign("SPF", c)
		}
	}
	if len(p.Signs) > 0 {
		k.tellGovernment(p)
		return
	}
	selector, _ := k.Need(k.Under("selector1._domainkey"), dnsrec.TypeTXT)
	autodiscover, _ := k.Need(k.Under("autodiscover"), dnsrec.TypeA)
	if c := cloudOfName(selector, func(c *Cloud) []string { return c.DKIM }); c != nil {
		sign("DKIM", c)
	} else if c := cloudMeant(selector.CNAMEs); c != nil && selector.Err == nil {
		sign("DKIM", c)
	}
	if c := k.cloudOfAutodiscover(autodiscover, mx); c != nil {
		sign("autodiscover", c)
	}
	k.tellGovernment(p)
}

// cloudOfAutodiscover finds the cloud that autodiscover points to, or was meant
// to. The SRV record is asked only where mail is received in the domain's own
// name, and nothing else is published.
func (k *Known) cloudOfAutodiscover(a Answer, mx []MXTarget) *Cloud {
	if c := cloudOfName(a, func(c *Cloud) []string { return []string{"." + c.Autodiscover} }); c != nil || a.Err != nil {
		return c
	}
	targets := a.CNAMEs
	own := slices.ContainsFunc(mx, func(m MXTarget) bool { return HasSuffix(m.Host, []string{"." + k.Domain}) })
	if len(a.CNAMEs)+len(a.Values) == 0 && own {
		srv, _ := k.Need(k.Under("_autodiscover._tcp"), dnsrec.TypeSRV)
		for _, v := range srv.Values {
			targets = append(targets, dnsrec.Canonical(v[strings.LastIndexByte(v, ' ')+1:]))
		}
	}
	for i := range clouds {
		for _, t := range targets {
			if _, near := nearmiss.Of(t, []string{clouds[i].Autodiscover}); near || t == clouds[i].Autodiscover {
				return &clouds[i]
			}
		}
	}
	return nil
}

// tellGovernment distinguishes GCC High and DoD, which share MX and SPF names, by the
// records in which they differ.
func (k *Known) tellGovernment(p *Profile) {
	if p.Cloud == nil || p.Cloud.ID != "gcc-high" || CloudByID(k.Cloud) != nil {
		return
	}
	high, dod := CloudByID("gcc-high"), CloudByID("dod")
	a, _ := k.Need(k.Under("autodiscover"), dnsrec.TypeA)
	for _, t := range a.CNAMEs {
		for _, c := range []*Cloud{dod, high} {
			if _, near := nearmiss.Of(t, []string{c.Autodiscover}); a.Err == nil && (near || t == c.Autodiscover) {
				p.Cloud = c
				return
			}
		}
	}
	srv, _ := k.Need(k.Under("_sipfederationtls._tcp"), dnsrec.TypeSRV)
	p.Cloud = &government
	for _, v := range srv.Values {
		switch t := dnsrec.Canonical(v[strings.LastIndexByte(v, ' ')+1:]); t {
		case dod.Federation:
			p.Cloud = dod
		case high.Federation:
			p.Cloud = high
		}
	}
}

// cloudOfName finds the cloud whose suffixes the CNAME target of a name has.
func cloudOfName(a Answer, suffixes func(*Cloud) []string) *Cloud {
	if a.Err != nil {
		return nil
	}
	for i := range clouds {
		for _, target := range a.CNAMEs {
			if HasSuffix("x."+target, suffixes(&clouds[i])) {
				return &clouds[i]
			}
		}
	}
	return nil
}

// cloudMeant finds the cloud whose zone of DKIM targets is misspelled in one of
// the targets.
func cloudMeant(targets []string) *Cloud {
	for i := range clouds {
		for _, zone := range clouds[i].DKIM {
			for _, tail := range targets {
				for range strings.Count(tail, ".") - strings.Count(zone, ".") + 1 {
					_, tail, _ = strings.Cut(tail, ".")
				}
				if _, near := nearmiss.Of(tail, []string{zone[1:]}); near {
					return &clouds[i]
				}
			}
		}
	}
	return nil
}

// cloudOfSPF finds the cloud whose include stands in one of the records.
func cloudOfSPF(records []string) *Cloud {
	for _, r := range records {
		for term := range strings.FieldsSeq(strings.ToLower(r)) {
			term = strings.TrimLeft(term, "+~?-")
			name, ok := strings.CutPrefix(term, "include:")
			if !ok {
				name, ok = strings.CutPrefix(term, "redirect=")
			}
			for i := range clouds {
				if ok && name == clouds[i].SPF {
					return &clouds[i]
				}
			}
		}
	}
	return nil
}

// cloudOfOwnTree finds the cloud whose include is reached through records of
// the domain's own, such as redirect=_spf.contoso.com. What a provider's record
// includes says nothing about this domain. ok is false while the tree is
// missing.
func (k *Known) cloudOfOwnTree(records []string) (c *Cloud, ok bool) {
	own, err := publicsuffix.EffectiveTLDPlusOne(k.Domain)
	if err != nil || !slices.ContainsFunc(records, func(r string) bool { return strings.Contains(r, own) }) {
		return nil, true
	}
	tree, ok := k.SPF()
	if !ok {
		return nil, false
	}
	for i := range clouds {
		for _, way := range tree.Reaches(clouds[i].SPF) {
			between := way.Path[:len(way.Path)-1]
			if !slices.ContainsFunc(between, func(b *spf.Branch) bool { return !HasSuffix("x."+b.Target, []string{"." + own}) }) {
				return &clouds[i], true
			}
		}
	}
	return nil, true
}

// spfWalk is the SPF record of a domain with all that it leads to.
var spfWalk = NewFact(func(k *Known) *treeWalk { return &treeWalk{Walk: spf.NewWalk(k.Domain, k.RecordCache)} })

// SPF returns the SPF record of the domain with all that it leads to; ok is
// false while a part of it is missing.
func (k *Known) SPF() (tree *spf.Tree, ok bool) {
	w, _ := spfWalk.Of(k) // it notes what a walk used that is done
	if w.done {
		return w.Tree(), true
	}
	before := len(k.missed.used)
	w.done = w.Advance(context.Background(), k)
	w.used = append(w.used, k.missed.used[before:]...)
	k.missed.used = append(k.missed.used[:before], w.used...)
	if !w.done {
		return nil, false
	}
	k.fact(spfWalk).used = w.used
	return w.Tree(), true
}

// WholeSPF is SPF for a run that left it out: it asks what is missing, and waits
// for it. A gather must not call it.
func (k *Known) WholeSPF() (tree *spf.Tree, ok bool) {
	for range MaxRounds {
		k.missed.Reset()
		if tree, ok = k.SPF(); ok || !k.missed.Any() {
			return tree, ok
		}
		k.await(k.missed)
	}
	return nil, false
}

// treeWalk is the walk of a tree, with the answers that it used.
type treeWalk struct {
	*spf.Walk
	used []uint16
	done bool
}

var apexSPF = NewFact(func(k *Known) (records []string) {
	a, ok := k.Need(k.Domain, dnsrec.TypeTXT)
	if !ok || a.Err != nil {
		return nil
	}
	for _, v := range a.Values {
		if v = strings.ToLower(v); v == "v=spf1" || strings.HasPrefix(v, "v=spf1 ") { // RFC 7208 4.5
			records = append(records, strings.TrimSpace(v))
		}
	}
	return records
})

// ApexSPF returns the SPF records at the domain itself, in lower case.
func (k *Known) ApexSPF() (records []string, ok bool) { return apexSPF.Of(k) }

// Includes returns the names that the domain's own SPF records include or
// redirect to.
func (k *Known) Includes() (names []string, ok bool) {
	records, ok := k.ApexSPF()
	for _, record := range records {
		for term := range strings.FieldsSeq(record) {
			if _, name, ok := strings.Cut(term, "include:"); ok {
				names = append(names, name)
			} else if name, ok := strings.CutPrefix(term, "redirect="); ok {
				names = append(names, name)
			}
		}
	}
	return names, ok
}

var mxTargets = NewFact(func(k *Known) []MXTarget {
	a, ok := k.Need(k.Domain, dnsrec.TypeMX)
	if !ok || a.Err != nil {
		return nil
	}
	targets := ReadMXs(a.Values)
	for i := range targets[:min(len(targets), maxAliases)] {
		k.readOwnHost(&targets[i])
	}
	return targets
})

// maxAliases is how many hosts are checked for an alias.
const maxAliases = 10

// readOwnHost classifies a host that says nothing by its name: one that the
// user named as a gateway, or an alias in the domain's own name for a host of
// Microsoft, be it one that receives no mail.
func (k *Known) readOwnHost(m *MXTarget) {
	if m.Kind != MXOther {
		return
	}
	for _, g := range k.Gateways {
		if HasSuffix("x."+m.Host, []string{"." + strings.ToLower(strings.Trim(g, "."))}) {
			m.Kind, m.Name = MXGateway, m.Host
			return
		}
	}
	if !HasSuffix(m.Host, []string{"." + k.Domain}) {
		return
	}
	a, _ := k.Need(m.Host, dnsrec.TypeA)
	if n := len(a.CNAMEs); a.Err == nil && n > 0 {
		if end := ReadMX("0 " + a.CNAMEs[n-1]); end.Kind == MXMicrosoft {
			m.Kind, m.Cloud, m.Alias, m.DANE = end.Kind, end.Cloud, end.Host, end.DANE
			return
		}
		for _, host := range a.CNAMEs { // Microsoft's names are aliases themselves
			if via := ReadMX("0 " + host); via.Kind == MXMistaken {
				m.Kind, m.Cloud, m.Alias = via.Kind, via.Cloud, via.Host
				return
			}
		}
	}
}

// MXTargets returns the MX records of the domain, classified, the most
// preferred first; none while they are missing. The list is shared and must not
// be changed.
func (k *Known) MXTargets() []MXTarget {
	targets, _ := mxTargets.Of(k)
	return targets
}

// MXHosts returns the hosts of [Known.MXTargets].
func (k *Known) MXHosts() []string {
	targets := k.MXTargets()
	hosts := make([]string, 0, len(targets))
	for _, m := range targets {
		hosts = append(hosts, m.Host)
	}
	return hosts
}

// ReadMXs classifies the values of MX records, the most preferred first.
func ReadMXs(values []string) []MXTarget {
	targets := make([]MXTarget, len(values))
	for i, v := range values { // answers are in this order already
		m := ReadMX(v)
		for ; i > 0 && targets[i-1].Preference > m.Preference; i-- {
			targets[i] = targets[i-1]
		}
		targets[i] = m
	}
	return targets
}

// NotMicrosoft returns the one Skip finding of a check that is about Microsoft
// 365 only, or nil if the check applies.
func NotMicrosoft(p Profile, check string) []report.Finding {
	if p.Microsoft {
		return nil
	}
	why := "does not apply: no record of this domain points to Microsoft 365"
	if len(p.Signs) > 0 {
		why = "does not apply: any provider is accepted (--expect any)"
	}
	return []report.Finding{Find(report.Skip, check+".skipped", "", why)}
}

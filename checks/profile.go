package checks

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
)

// Profile is what kind of domain this is, as far as its DNS tells. Several
// checks judge by it. Whatever could not be asked counts as not there.
type Profile struct {
	// Microsoft tells that the Microsoft 365 checks apply: something points
	// there, or the user said so with --expect m365.
	Microsoft bool
	Signs     []string // what points at Microsoft, as far as it was needed to know: "MX", "SPF", "DKIM", "autodiscover"
	Cloud     *Cloud   // nil: not on Microsoft 365
	Receives  bool     // has an MX that is not null
	Parked    bool     // sends and receives nothing by its own word: null MX or none, and "v=spf1 -all"
	Initial   bool     // *.onmicrosoft.com and its kin: Microsoft owns the zone
	Routing   bool     // *.mail.onmicrosoft.com: a hybrid routing domain, other rules again
}

// Profile tells what kind of domain this is. It is worked out once. The MX
// records decide alone where they can; only if they do not point at Microsoft
// are the other signs waited for.
func (e *Env) Profile(ctx context.Context) Profile {
	return e.memo.profile.get(func() Profile {
		p := e.namedProfile()
		mx := e.mxTargets(ctx)
		records := e.apexSPF(ctx)
		p.Receives = slices.ContainsFunc(mx, func(m mxTarget) bool { return m.Kind != mxNull && m.Kind != mxVerify })
		_, err := e.Lookup(ctx, e.Domain, dnsrec.TypeMX)
		p.Parked = err == nil && !p.Receives && slices.Contains(records, "v=spf1 -all")
		e.readSigns(ctx, &p, mx, records)
		p.Microsoft = e.Expect == ExpectM365 || e.Expect == ExpectAuto && len(p.Signs) > 0 || p.Initial
		if !p.Microsoft {
			p.Cloud = nil
			return p
		}
		if c := CloudByID(e.Cloud); c != nil {
			p.Cloud = c
		}
		if p.Cloud == nil {
			p.Cloud = &clouds[0]
		}
		return p
	})
}

// pointing says in words what points at Microsoft. An MX record can be one that
// Microsoft has retired.
func (p Profile) pointing() string {
	switch {
	case slices.Contains(p.Signs, "MX"):
		return "a record of Microsoft stands beside it"
	case len(p.Signs) == 1:
		return "its " + p.Signs[0] + " points there"
	}
	return "its " + strings.Join(p.Signs, " and ") + " point there"
}

// namedProfile tells what the name alone tells.
func (e *Env) namedProfile() (p Profile) {
	for i := range clouds {
		if hasSuffix(e.Domain, []string{clouds[i].Initial}) {
			p.Initial, p.Cloud = true, &clouds[i]
			p.Routing = strings.HasSuffix(e.Domain, ".mail"+clouds[i].Initial)
			return p
		}
	}
	return p
}

// readSigns looks for what points at Microsoft, the surest and fastest first.
func (e *Env) readSigns(ctx context.Context, p *Profile, mx []mxTarget, records []string) {
	sign := func(name string, c *Cloud) {
		p.Signs = append(p.Signs, name)
		if p.Cloud == nil {
			p.Cloud = c
		}
	}
	for _, m := range mx {
		if m.Kind == mxMicrosoft || m.Kind == mxSuffixed {
			sign("MX", m.Cloud)
			break
		}
		if m.Kind == mxRetired {
			sign("MX", &clouds[0])
			break
		}
	}
	if c := cloudOfSPF(records); c != nil {
		sign("SPF", c)
	}
	if len(p.Signs) == 0 {
		if c := e.cloudOfOwnTree(ctx, records); c != nil {
			sign("SPF", c)
		}
	}
	if len(p.Signs) > 0 {
		e.tellGovernment(ctx, p)
		return
	}
	if c := e.cloudOfName(ctx, "selector1._domainkey."+e.Domain, dnsrec.TypeTXT, func(c *Cloud) []string { return c.DKIM }); c != nil {
		sign("DKIM", c)
	}
	if c := e.cloudOfName(ctx, "autodiscover."+e.Domain, dnsrec.TypeA, func(c *Cloud) []string { return []string{"." + c.Autodiscover} }); c != nil {
		sign("autodiscover", c)
	}
}

// tellGovernment tells GCC High and DoD apart, which share MX and SPF names,
// by the autodiscover record.
func (e *Env) tellGovernment(ctx context.Context, p *Profile) {
	if p.Cloud == nil || p.Cloud.ID != "gcc-high" {
		return
	}
	dod := CloudByID("dod")
	if a, err := e.Lookup(ctx, "autodiscover."+e.Domain, dnsrec.TypeA); err == nil && slices.Contains(a.CNAMEs, dod.Autodiscover) {
		p.Cloud = dod
	}
}

// cloudOfName finds the cloud whose suffixes a name's CNAME target has.
func (e *Env) cloudOfName(ctx context.Context, name string, t dnsrec.Type, suffixes func(*Cloud) []string) *Cloud {
	a, err := e.Lookup(ctx, name, t)
	if err != nil {
		return nil
	}
	for i := range clouds {
		for _, target := range a.CNAMEs {
			if hasSuffix("x."+target, suffixes(&clouds[i])) {
				return &clouds[i]
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
// includes says nothing about this domain.
func (e *Env) cloudOfOwnTree(ctx context.Context, records []string) *Cloud {
	own, err := publicsuffix.EffectiveTLDPlusOne(e.Domain)
	if err != nil || !slices.ContainsFunc(records, func(r string) bool { return strings.Contains(r, own) }) {
		return nil
	}
	for i := range clouds {
		for _, way := range e.spfTree(ctx).Reaches(clouds[i].SPF) {
			between := way.Path[:len(way.Path)-1]
			if !slices.ContainsFunc(between, func(b *spf.Branch) bool { return !hasSuffix("x."+b.Target, []string{"." + own}) }) {
				return &clouds[i]
			}
		}
	}
	return nil
}

// apexSPF gives the SPF records at the domain itself, in lower case.
func (e *Env) apexSPF(ctx context.Context) []string {
	return e.memo.apexSPF.get(func() (records []string) {
		a, err := e.Lookup(ctx, e.Domain, dnsrec.TypeTXT)
		if err != nil {
			return nil
		}
		for _, v := range a.Values {
			if v = strings.ToLower(v); v == "v=spf1" || strings.HasPrefix(v, "v=spf1 ") { // RFC 7208 4.5
				records = append(records, strings.TrimSpace(v))
			}
		}
		return records
	})
}

// includes gives the names that the domain's own SPF records include or
// redirect to.
func (e *Env) includes(ctx context.Context) (names []string) {
	for _, record := range e.apexSPF(ctx) {
		for term := range strings.FieldsSeq(record) {
			if _, name, ok := strings.Cut(term, "include:"); ok {
				names = append(names, name)
			} else if name, ok := strings.CutPrefix(term, "redirect="); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// mxTargets gives the MX records of the domain, classified, the most preferred
// first. The list is shared and must not be changed.
func (e *Env) mxTargets(ctx context.Context) []mxTarget {
	return e.memo.mx.get(func() []mxTarget {
		a, err := e.Lookup(ctx, e.Domain, dnsrec.TypeMX)
		if err != nil {
			return nil
		}
		return readMXs(a.Values)
	})
}

func readMXs(values []string) []mxTarget {
	targets := make([]mxTarget, len(values))
	for i, v := range values {
		targets[i] = readMX(v)
	}
	slices.SortStableFunc(targets, func(a, b mxTarget) int { return a.Preference - b.Preference })
	return targets
}

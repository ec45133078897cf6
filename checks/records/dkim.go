package records

import (
	"context"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/report"
)

const dkimArticle = "https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure"

// DKIMDoc explains the check.
var DKIMDoc = kit.Doc{
	Means: "The public keys that receivers use to verify the domain's signatures. A " +
		"Microsoft 365 domain publishes two CNAME records, selector1 and " +
		"selector2, which point to keys at Microsoft. One key signs, the other " +
		"takes over when keys are rotated. DNS cannot list other selectors: " +
		"maildiag checks common names and those given with --selector.",
	Why: "Without a signature of the domain itself, forwarded mail fails " +
		"DMARC, and large receivers reject it or send it to junk. " +
		"Until DKIM is enabled for the domain, Microsoft 365 signs with the " +
		"tenant's onmicrosoft.com domain, which does not count for DMARC.",
	Fix: "Publish both CNAME records with the targets that Get-DkimSigningConfig shows, wait until they are " +
		"visible, then run " +
		"Set-DkimSigningConfig -Identity DOMAIN -Enabled $true. Rotate short keys with " +
		"Rotate-DkimSigningConfig -KeySize 2048.",
	Sources: []string{dkimArticle, "RFC 6376 3.6", "RFC 8301 3.2", "RFC 8463 4.2"},
}

// maxSuggested bounds the selectors that MX and SPF suggest, asked beside the
// core ones.
const maxSuggested = 3

// dkimFacts is what the DNS says of a domain's selectors.
type dkimFacts struct {
	domain  string
	parent  string // of all names of keys
	expect  kit.Expectation
	profile kit.Profile
	direct  bool // its MX is Microsoft's own: nothing stands between it and the world
	named   []string
	results dkimResults       // of the selectors that were asked for, in this order
	probe   *dkim.Result      // of a selector that nobody uses; nil: no wildcard is possible
	empty   bool              // the domain has neither MX nor SPF records
	alias   bool              // the domain is one
	silent  bool              // its SPF record says that it sends none, although it receives mail
	nothing bool              // _domainkey does not exist, so nothing below it does (RFC 8020)
	doubled dkimResults       // found with the domain appended twice
	labeled []string          // targets with the domain's own label that have a key, where the published ones have another's
	aliases map[string]string // by selector: its CNAME, where the TXT question failed
	own     dkimResults       // Microsoft's keys for selectors that do not lead to them

	dangling []dangling // guessed selectors with an alias and no key
}

// dkimResults are the results of selectors, a few.
type dkimResults []*dkim.Result

// of returns that of a selector, or nil.
func (rs dkimResults) of(selector string) *dkim.Result {
	for _, r := range rs {
		if r.Selector == selector {
			return r
		}
	}
	return nil
}

func (rs dkimResults) selectors() (names []string) {
	for _, r := range rs {
		names = append(names, r.Selector)
	}
	return names
}

// usualKeys is how many selectors are looked at on most domains.
const usualKeys = 12

// dkimKeys keeps the results of all selectors that a run needed.
var dkimKeys = kit.NewFact(func(k *kit.Known) *keptKeys {
	return &keptKeys{results: make(dkimResults, 0, usualKeys), below: belowParent{k, "_domainkey." + k.Domain}}
})

type keptKeys struct {
	results dkimResults
	room    []dkim.Result // for the next results
	below   belowParent
}

// roomForKeys is for how many keys room is made at once.
const roomForKeys = 4

// add adds the result of a selector that was not asked for yet.
func (ks *keptKeys) add(selector string) *dkim.Result {
	if len(ks.room) == 0 {
		ks.room = make([]dkim.Result, roomForKeys)
	}
	r := &ks.room[0]
	ks.room = ks.room[1:]
	*r = dkim.At(ks.below.Domain, selector)
	ks.results = append(ks.results, r)
	return r
}

// DKIM checks the DKIM keys.
func DKIM(k *kit.Known) []report.Finding { return kit.Judge(k, gatherDKIM(k), judgeDKIM) }

func gatherDKIM(k *kit.Known) dkimFacts {
	kept, _ := dkimKeys.Of(k)
	f := dkimFacts{domain: k.Domain, parent: kept.below.parent, expect: k.Expect, profile: k.NamedProfile(),
		results: make(dkimResults, 0, usualKeys)}
	if f.profile.Routing {
		return f
	}
	for _, s := range k.Selectors {
		f.named = append(f.named, dnsrec.Canonical(s))
	}
	f.look(k, f.named...)
	if f.profile.Initial {
		f.look(k, initialSelectors(k.Domain)...)
		f.profile, _ = k.Profile()
		return f
	}
	k.Want(f.parent, dnsrec.TypeTXT) // askMore may need it
	core := dkim.Core()
	f.look(k, core[0]) // in a list it decides whether the rest is worth a question
	var ok bool
	f.profile, ok = k.Profile()
	f.direct = slices.ContainsFunc(k.MXTargets(), kit.MXTarget.Meant)
	f.lookWorthy(k, core)
	suggested, _ := suggestedSelectors.Of(k)
	f.lookWorthy(k, suggested)
	if ok && !k.Missing() {
		f.askMore(k)
	}
	return f
}

// initialSelectors are the names under which Microsoft signs for a tenant's
// initial domain.
func initialSelectors(domain string) []string {
	return []string{"selector1-" + kit.MXToken(domain), "selector2-" + kit.MXToken(domain)}
}

// suggestedSelectors are those of the providers that MX and SPF point at; none
// while these are missing.
var suggestedSelectors = kit.NewFact(func(k *kit.Known) []string {
	_, ok := k.Need(k.Domain, dnsrec.TypeMX)
	includes, ok2 := k.Includes()
	if !ok || !ok2 {
		return nil
	}
	s := dkim.Suggested(k.MXHosts(), includes)
	return s[:min(len(s), maxSuggested)]
})

// lookWorthy needs the keys of selectors: in a list only where they may exist.
func (f *dkimFacts) lookWorthy(k *kit.Known, selectors []string) {
	for _, s := range selectors {
		if !k.List && k.Want(dkim.Name(s, k.Domain), dnsrec.TypeTXT) || f.worthy(k, s, dkim.Follows(s, selectors)) {
			f.look(k, s)
		}
	}
}

// worthy reports whether a selector may exist: nothing does below _domainkey
// where that does not exist (RFC 8020 2), nor another of a series without its
// first, but for Microsoft's second where that has to be.
func (f *dkimFacts) worthy(k *kit.Known, selector string, other bool) bool {
	core := f.results.of(dkim.Likeliest)
	if core == nil {
		return false // not known yet
	}
	if absent(core) {
		if _, ok := k.Need(f.parent, dnsrec.TypeTXT); !ok {
			return false
		}
	}
	if !other {
		return true
	}
	if p, ok := k.Profile(); selector == pairSelectors[1] && ok && p.Microsoft {
		return true
	}
	i := slices.IndexFunc(f.results, func(r *dkim.Result) bool { return dkim.IsFirstOf(r.Selector, selector) })
	return i >= 0 && (f.results[i].Err != nil || f.results[i].Exists())
}

// look needs the keys of selectors. Below a name that is known not to exist
// nothing is asked.
func (f *dkimFacts) look(k *kit.Known, selectors ...string) {
	kept, _ := dkimKeys.Of(k)
	for _, s := range selectors {
		if f.results.of(s) != nil {
			continue
		}
		r := kept.results.of(s)
		fresh := r == nil
		if fresh {
			r = kept.add(s)
		}
		if fresh || kit.IsMissing(r.Err) {
			var keys dnsrec.Resolver = k
			if first := f.results.of(dkim.Likeliest); first != nil && absent(first) {
				keys = &kept.below
			}
			if r.Ask(context.Background(), keys); kit.IsMissing(r.Err) {
				continue
			}
		}
		k.Uses(r.Name, dnsrec.TypeTXT)
		f.results = append(f.results, r)
	}
}

// belowParent answers for names below _domainkey: if that is known not to exist,
// nothing below it does (RFC 8020 2).
type belowParent struct {
	*kit.Known
	parent string
}

// Lookup implements [dnsrec.Resolver].
func (k belowParent) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	none, known := k.Peek(k.parent, dnsrec.TypeTXT)
	if known && none.Err == nil && none.NXDomain() && len(none.CNAMEs) == 0 {
		none.Query, none.Cached = q, true
		return none.Answer, nil
	}
	return k.Known.Lookup(ctx, q)
}

// askMore asks what only some answers make worth asking.
func (f *dkimFacts) askMore(k *kit.Known) {
	if f.askProbe(k); f.probe != nil && kit.IsMissing(f.probe.Err) {
		return
	}
	f.gatherDangling(k)
	if !f.profile.Microsoft {
		if f.all(absent) {
			a, _ := k.Need(f.parent, dnsrec.TypeTXT)
			f.nothing = a.Err == nil && a.NXDomain()
			f.empty, f.alias = !f.profile.Microsoft && publishesNoMail(k), isAlias(k)
		}
		return
	}
	tree, ok := k.SPF()
	f.silent = ok && spfFacts{tree: tree, profile: f.profile}.sendsNone()
	for _, s := range pairSelectors {
		f.askAround(k, s)
	}
	f.askOwn(k)
}

// askProbe asks for a selector that nobody uses, where a wildcard is possible: a
// selector that does not exist rules it out.
func (f *dkimFacts) askProbe(k *kit.Known) {
	if f.all((*dkim.Result).Exists) {
		f.probe = dkim.Lookup(context.Background(), k, k.Domain, dkim.Probe(k.Domain))
	}
}

// askAround looks where else one of Microsoft's selectors may be.
func (f *dkimFacts) askAround(k *kit.Known, selector string) {
	r := f.results.of(selector)
	switch kind := dnsrec.KindOf(r.Err); {
	case kind == "" && !f.real(r):
		twice := k.Domain + "." + k.Domain
		if !k.Want(dkim.Name(selector, twice), dnsrec.TypeTXT) && f.vain(selector) {
			return
		}
		if d := dkim.Lookup(context.Background(), k, twice, selector); !kit.IsMissing(d.Err) && !f.everywhere(k, twice, d) {
			f.doubled = append(f.doubled, d)
		}
	case slices.Contains([]dnsrec.Kind{dnsrec.KindServFail, dnsrec.KindTimeout, dnsrec.KindBogus, dnsrec.KindChain}, kind):
		if a, ok := k.Need(r.Name, dnsrec.TypeCNAME); ok && a.Err == nil && len(a.Values) > 0 {
			if f.aliases == nil {
				f.aliases = map[string]string{}
			}
			f.aliases[selector] = a.Values[0]
		}
	}
}

// everywhere reports whether a key below the doubled domain is the one that every
// name has: a wildcard, or a resolver that makes it up. A random label tells.
func (f *dkimFacts) everywhere(k *kit.Known, twice string, d *dkim.Result) bool {
	if !d.Exists() {
		return false
	}
	if f.probe != nil && d.SameAs(f.probe) {
		return true
	}
	random := dkim.Lookup(context.Background(), k, twice, dkim.Probe(k.Domain))
	return kit.IsMissing(random.Err) || random.SameAs(d)
}

// vain reports whether it is not worth a question, or not yet, to look for a
// selector with the domain appended twice: who does that does it with both of
// Microsoft's.
func (f *dkimFacts) vain(selector string) bool {
	first := pairSelectors[0]
	if selector == first || f.results.of(first).Err != nil || f.real(f.results.of(first)) {
		return false
	}
	d := f.doubled.of(first)
	return d == nil || d.Err == nil && !d.Exists()
}

// absent reports whether a selector's name does not exist.
func absent(r *dkim.Result) bool { return r.Err == nil && r.Answer.NXDomain() && !r.Exists() }

// all reports whether every result so far has a property.
func (f *dkimFacts) all(is func(*dkim.Result) bool) bool {
	for _, r := range f.results {
		if !is(r) {
			return false
		}
	}
	return true
}

// wildcard reports whether all selectors exist, because of a wildcard record.
func (f *dkimFacts) wildcard() bool { return f.probe != nil && f.probe.Exists() }

// real reports whether a selector was published as such, not by a wildcard.
func (f *dkimFacts) real(r *dkim.Result) bool {
	return r != nil && r.Exists() && !(f.wildcard() && r.SameAs(f.probe))
}

// aimed reports whether one of the two selectors was meant for Microsoft, though
// nothing else of the domain may point there and the target may be damaged.
func (f *dkimFacts) aimed() bool {
	return leadsToMicrosoft(f.results.of("selector1")) || leadsToMicrosoft(f.results.of("selector2"))
}

// judgeDKIM judges the selectors.
func judgeDKIM(f dkimFacts) []report.Finding {
	switch {
	case f.profile.Routing:
		return []report.Finding{kit.Find(report.Info, "dkim.initial", f.domain,
			"a hybrid routing domain. Microsoft owns its zone, and nobody sends from it")}
	case f.profile.Initial:
		return judgeInitialDKIM(f)
	}
	var fs []report.Finding
	for _, s := range f.named {
		fs = append(fs, judgeNamed(f, s))
	}
	switch {
	case f.profile.Parked:
		return append(fs, judgeParkedDKIM(f)...)
	case f.profile.Microsoft, f.expect != kit.ExpectAny && f.aimed():
		fs = append(fs, f.ifItSends(judgePair(f))...)
		return append(fs, judgeOthers(f, pairSelectors[:]...)...)
	}
	return append(fs, judgeElsewhereDKIM(f)...)
}

// judgeInitialDKIM judges a domain whose keys Microsoft publishes by itself.
func judgeInitialDKIM(f dkimFacts) []report.Finding {
	for _, r := range f.results {
		if r.Found() {
			x := kit.Find(report.Pass, "dkim.initial", r.Name, "%s; Microsoft publishes and signs for its own "+
				"domains", describeKey(r.Keys()[0]))
			x.Evidence = kit.Shown(r.Answer)
			return []report.Finding{x}
		}
	}
	r := f.results[len(f.results)-1]
	if r.Err != nil {
		return []report.Finding{kit.Undecided("dkim.initial", r.Name, r.Err)}
	}
	x := kit.Find(report.Info, "dkim.initial", f.domain, "no key found at %s; Microsoft manages the keys of its "+
		"own domains, so there is nothing to publish", strings.Join(f.results.selectors(), " or "))
	x.Evidence = kit.Shown(r.Answer)
	return []report.Finding{x}
}

// judgeNamed judges a selector that the user says exists.
func judgeNamed(f dkimFacts, selector string) report.Finding {
	r := f.results.of(selector)
	if r.Err != nil {
		return kit.Undecided("dkim.selector", r.Name, r.Err)
	}
	if keys := r.Keys(); len(keys) > 0 && f.real(r) {
		x := judgeKeys(f, r, "dkim.selector", report.Fail)
		if x.Status == report.Unset {
			x = kit.Find(report.Pass, "dkim.selector", r.Name, "%s", describeKey(keys[0]))
			x.Evidence = kit.Shown(r.Answer)
		}
		return x
	}
	x := kit.Find(report.Fail, "dkim.selector", r.Name, "no key found, although --selector %s says "+
		"that mail is signed with it", selector)
	x.Evidence = kit.Shown(r.Answer)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6376 3.6.1"},
		Text: "At this name, publish the TXT or CNAME record that the signing service shows. " +
			"The selector is the s= tag in the DKIM-Signature header of a message."}
	return x
}

// judgeParkedDKIM judges a domain that says it sends nothing.
func judgeParkedDKIM(f dkimFacts) []report.Finding {
	if live := f.live(); len(live) > 0 {
		names := strings.Join(live.selectors(), ", ")
		x := kit.Find(report.Warn, "dkim.parked", f.domain, "the domain publishes that it sends no mail, but has DKIM keys at %s: it may send all the same", names)
		x.Evidence = kit.Shown(live[0].Answer)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: mailQuestion(f.domain), Links: []string{"RFC 6376 3.6.1"},
			Alternatives: mailOrKeys(f.domain, "List its senders in the SPF record, in place of -all alone.")}
		parked := &x.Fix.Alternatives[1]
		parked.Text += " Delete the DKIM keys, too: " + names + "."
		for _, r := range live {
			parked.Edits = append(parked.Edits, withdrawn(r)...)
		}
		return []report.Finding{x}
	}
	x := kit.Find(report.Pass, "dkim.parked", f.domain, "no DKIM key. This is correct for a domain that sends no mail")
	if f.wildcard() && f.probe.Found() && f.probe.Keys()[0].Revoked() {
		x.Summary = "a wildcard record revokes all DKIM keys. This is correct for a domain that sends no mail"
		x.Evidence = kit.Shown(f.probe.Answer)
	}
	return []report.Finding{x}
}

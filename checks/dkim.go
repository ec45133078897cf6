package checks

import (
	"context"
	"slices"
	"strings"
	"sync"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/report"
)

const dkimArticle = "https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure"

var dkimDoc = Doc{
	Means: "The public keys with which receivers verify the domain's signatures. A Microsoft 365 domain " +
		"publishes two CNAME records, " +
		"selector1 and selector2, behind which Microsoft keeps the keys; one signs, the other takes over " +
		"when keys are rotated. " +
		"Other selectors can only be guessed: the usual ones are asked for, and those named with --selector.",
	Why: "Without a signature of its own domain, mail that is forwarded fails DMARC, and large receivers " +
		"put it into junk or refuse it. " +
		"Until DKIM is switched on for a domain, Microsoft 365 signs with the tenant's onmicrosoft.com " +
		"name, which does not count for DMARC.",
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
	expect  Expectation
	profile Profile
	direct  bool // its MX is Microsoft's own: nothing stands between it and the world
	named   []string
	results map[string]*dkim.Result // by selector
	order   []string                // of the selectors that were asked for
	probe   *dkim.Result            // of a selector that nobody uses; nil: no wildcard is possible
	nothing bool                    // _domainkey does not exist, so nothing below it does (RFC 8020)
	doubled map[string]*dkim.Result // by selector: found with the domain appended twice
	aliases map[string]string       // by selector: its CNAME, where the TXT question failed
}

func runDKIM(ctx context.Context, env *Env) []report.Finding { return judgeDKIM(fetchDKIM(ctx, env)) }

func fetchDKIM(ctx context.Context, env *Env) dkimFacts {
	f := dkimFacts{domain: env.Domain, expect: env.Expect, profile: env.namedProfile(),
		results: map[string]*dkim.Result{}, doubled: map[string]*dkim.Result{}, aliases: map[string]string{}}
	if f.profile.Routing {
		return f
	}
	for _, s := range env.Selectors {
		f.named = append(f.named, dnsrec.Canonical(s))
	}
	guesses, initial := dkim.Core(), f.profile.Initial
	if initial {
		guesses = initialSelectors(env.Domain)
	}
	if env.Thrift {
		f.fetchInTurn(ctx, env, guesses)
		return f
	}
	first := unique(append(slices.Clone(f.named), guesses...))
	var more []string
	var found []*dkim.Result
	profiled, suggested := dnsrec.NewGroup(ctx), dnsrec.NewGroup(ctx) // at once: each is a round trip or two of its own
	profiled.Go(func() {
		f.profile = env.Profile(ctx)
		f.direct = slices.ContainsFunc(env.mxTargets(ctx), isMicrosoft)
	})
	if !initial {
		suggested.Go(func() { _, _ = env.Lookup(ctx, "_domainkey."+env.Domain, dnsrec.TypeTXT) }) // askMore may want to know
		suggested.Go(func() {
			more = slices.DeleteFunc(env.suggestedSelectors(ctx), func(s string) bool { return slices.Contains(first, s) })
			found = dkim.All(ctx, env.DNS, env.Domain, more...)
		})
	}
	f.take(first, dkim.All(ctx, env.DNS, env.Domain, first...))
	profiled.Wait()
	if !initial {
		f.askMore(ctx, env)
	}
	suggested.Wait()
	f.take(more, found)
	return f
}

// initialSelectors are the names under which Microsoft signs for a tenant's
// initial domain.
func initialSelectors(domain string) []string {
	return []string{"selector1-" + MXToken(domain), "selector2-" + MXToken(domain)}
}

// suggestedSelectors are those of the providers that MX and SPF point at.
func (e *Env) suggestedSelectors(ctx context.Context) []string {
	var mx []string
	for _, m := range e.mxTargets(ctx) {
		mx = append(mx, m.Host)
	}
	s := dkim.Suggested(mx, e.includes(ctx))
	return s[:min(len(s), maxSuggested)]
}

// take notes the results of selectors.
func (f *dkimFacts) take(selectors []string, results []*dkim.Result) {
	for i, s := range selectors {
		f.results[s], f.order = results[i], append(f.order, s)
	}
}

// unique drops what was there before.
func unique(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// askMore asks what only some answers make worth asking.
func (f *dkimFacts) askMore(ctx context.Context, env *Env) {
	if f.all(func(r *dkim.Result) bool { return r.Exists() }) { // one that does not exist rules a wildcard out
		f.probe = dkim.Lookup(ctx, env.DNS, env.Domain, dkim.Probe(env.Domain))
	}
	if !f.profile.Microsoft {
		if f.all(absent) {
			a, err := env.Lookup(ctx, "_domainkey."+env.Domain, dnsrec.TypeTXT)
			f.nothing = err == nil && a.NXDomain()
		}
		return
	}
	var mu sync.Mutex
	dnsrec.Each(ctx, len(pairSelectors), func(i int) { f.askAround(ctx, env, pairSelectors[i], &mu) })
}

// askAround looks where else one of Microsoft's selectors may be.
func (f *dkimFacts) askAround(ctx context.Context, env *Env, selector string, mu *sync.Mutex) {
	r := f.results[selector]
	mu.Lock()
	vain := f.vain(env, selector)
	mu.Unlock()
	switch kind := dnsrec.KindOf(r.Err); {
	case kind == "" && !f.real(r) && vain:
	case kind == "" && !f.real(r):
		found := dkim.Lookup(ctx, env.DNS, env.Domain+"."+env.Domain, selector)
		mu.Lock()
		f.doubled[selector] = found
		mu.Unlock()
	case kind == dnsrec.KindServFail || kind == dnsrec.KindTimeout || kind == dnsrec.KindBogus:
		if a, err := env.Lookup(ctx, r.Name, dnsrec.TypeCNAME); err == nil && len(a.Values) > 0 {
			mu.Lock()
			f.aliases[selector] = a.Values[0]
			mu.Unlock()
		}
	}
}

// absent tells that a selector's name does not exist.
func absent(r *dkim.Result) bool { return r.Err == nil && r.Answer.NXDomain() && !r.Exists() }

// all tells whether every result so far has a property.
func (f *dkimFacts) all(is func(*dkim.Result) bool) bool {
	for _, r := range f.results {
		if !is(r) {
			return false
		}
	}
	return true
}

// wildcard tells that all selectors exist, because of a wildcard record.
func (f *dkimFacts) wildcard() bool { return f.probe != nil && f.probe.Exists() }

// real tells that a selector was published as such, not by a wildcard.
func (f *dkimFacts) real(r *dkim.Result) bool {
	return r != nil && r.Exists() && !(f.wildcard() && r.SameAs(f.probe))
}

// aimed tells that one of the two selectors was meant for Microsoft, though
// nothing else of the domain may point there and the target may be damaged.
func (f *dkimFacts) aimed() bool {
	return leadsToMicrosoft(f.results["selector1"]) || leadsToMicrosoft(f.results["selector2"])
}

// judgeDKIM judges the selectors.
func judgeDKIM(f dkimFacts) []report.Finding {
	switch {
	case f.profile.Routing:
		return []report.Finding{find(report.Info, "dkim.initial", f.domain,
			"a hybrid routing domain: Microsoft owns its zone, and nobody sends from it")}
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
	case f.profile.Microsoft, f.expect != ExpectAny && f.aimed():
		fs = append(fs, judgePair(f)...)
		return append(fs, judgeOthers(f, pairSelectors[:]...)...)
	}
	return append(fs, judgeElsewhereDKIM(f)...)
}

// judgeInitialDKIM judges a domain whose keys Microsoft publishes by itself.
func judgeInitialDKIM(f dkimFacts) []report.Finding {
	for _, s := range f.order {
		if r := f.results[s]; r.Found() {
			x := find(report.Pass, "dkim.initial", r.Name, "%s; Microsoft publishes and signs for its own "+
				"domains", describeKey(r.Keys()[0]))
			x.Evidence = []report.Evidence{seen(r.Answer)}
			return []report.Finding{x}
		}
	}
	r := f.results[f.order[len(f.order)-1]]
	if r.Err != nil {
		return []report.Finding{undecided("dkim.initial", r.Name, r.Err)}
	}
	x := find(report.Info, "dkim.initial", f.domain, "no key seen at %s; Microsoft manages the keys of its "+
		"own domains, there is nothing to publish", strings.Join(f.order, " or "))
	x.Evidence = []report.Evidence{seen(r.Answer)}
	return []report.Finding{x}
}

// judgeNamed judges a selector that the user says exists.
func judgeNamed(f dkimFacts, selector string) report.Finding {
	r := f.results[selector]
	if r.Err != nil {
		return undecided("dkim.selector", r.Name, r.Err)
	}
	if keys := r.Keys(); len(keys) > 0 && f.real(r) {
		x := judgeKeys(f, r, "dkim.selector", report.Fail)
		if x.Status == report.Unset {
			x = find(report.Pass, "dkim.selector", r.Name, "%s", describeKey(keys[0]))
			x.Evidence = []report.Evidence{seen(r.Answer)}
		}
		return x
	}
	x := find(report.Fail, "dkim.selector", r.Name, "no key here, though --selector %s says that mail is "+
		"signed with it", selector)
	x.Evidence = []report.Evidence{seen(r.Answer)}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6376 3.6.1"},
		Text: "Publish at this name the TXT or CNAME record that the signing service gives out. The " +
			"selector is the s= of the DKIM-Signature header of a message."}
	return x
}

// judgeParkedDKIM judges a domain that says it sends nothing.
func judgeParkedDKIM(f dkimFacts) []report.Finding {
	var live []string
	for _, s := range f.order {
		if r := f.results[s]; f.real(r) && slices.ContainsFunc(r.Keys(),
			func(t dkim.Text) bool { return !t.Revoked() }) {
			live = append(live, s)
		}
	}
	if len(live) > 0 {
		x := find(report.Info, "dkim.parked", f.domain, "the domain says that it sends nothing, yet keys "+
			"are published at %s", strings.Join(live, ", "))
		x.Evidence = []report.Evidence{seen(f.results[live[0]].Answer)}
		return []report.Finding{x}
	}
	x := find(report.Pass, "dkim.parked", f.domain, "no DKIM key, as befits a domain that sends nothing")
	if f.wildcard() && f.probe.Found() && f.probe.Keys()[0].Revoked() {
		x.Summary = "a wildcard revokes all DKIM keys, as befits a domain that sends nothing"
		x.Evidence = []report.Evidence{seen(f.probe.Answer)}
	}
	return []report.Finding{x}
}

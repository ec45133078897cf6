package checks

import (
	"context"
	"slices"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
)

// aheadDKIM names the selectors that are asked for in any case.
func aheadDKIM(_ context.Context, env *Env) []dnsrec.Query {
	switch p := env.namedProfile(); {
	case p.Routing:
		return nil
	case p.Initial:
		return dkim.Queries(env.Domain, initialSelectors(env.Domain)...)
	}
	return dkim.Queries(env.Domain, append(env.Selectors[:len(env.Selectors):len(env.Selectors)], dkim.Core()[0])...)
}

// thenDKIM names what the first selector makes worth a question.
func thenDKIM(ctx context.Context, env *Env) []dnsrec.Query {
	if p := env.namedProfile(); p.Initial {
		return nil
	}
	mx, _ := env.Lookup(ctx, env.Domain, dnsrec.TypeMX)
	core := dkim.Core()
	switch first, err := env.Lookup(ctx, dkim.Name(core[0], env.Domain), dnsrec.TypeTXT); {
	case err != nil, mx.NXDomain():
		return nil
	case first.NXDomain() && len(first.CNAMEs) == 0:
		return dnsrec.Queries(dnsrec.TypeTXT, "_domainkey."+env.Domain)
	}
	return dkim.Queries(env.Domain, append(env.firsts(ctx), core[1])...)
}

// lastDKIM names the others where the first selector is not there, but others
// may be.
func lastDKIM(ctx context.Context, env *Env) []dnsrec.Query {
	if p := env.namedProfile(); p.Initial {
		return nil
	}
	first, err := env.Lookup(ctx, dkim.Name(dkim.Core()[0], env.Domain), dnsrec.TypeTXT)
	if err != nil || !first.NXDomain() || len(first.CNAMEs) > 0 {
		return nil
	}
	var qs []dnsrec.Query
	if env.Profile(ctx).Microsoft {
		qs = dkim.Queries(env.Domain+"."+env.Domain, dkim.Core()[0])
	}
	if parent, err := env.Lookup(ctx, "_domainkey."+env.Domain, dnsrec.TypeTXT); err != nil || parent.NXDomain() {
		return qs
	}
	return append(qs, dkim.Queries(env.Domain, env.firsts(ctx)...)...)
}

// firsts gives the selectors that are asked for where there are any.
func (e *Env) firsts(ctx context.Context) []string {
	firsts, _ := dkim.Firsts(append(dkim.Core(), e.suggestedSelectors(ctx)...))
	return firsts
}

// fetchInTurn does the work of fetchDKIM with fewer questions: none below
// _domainkey where that does not exist (RFC 8020), and none for the second of a
// pair of selectors without its first.
func (f *dkimFacts) fetchInTurn(ctx context.Context, env *Env, guesses []string) {
	dns := dnsrec.NewCut(env.DNS, "_domainkey."+env.Domain)
	f.lookup(ctx, dns, f.named)
	firsts, others := dkim.Firsts(guesses)
	f.lookup(ctx, dns, firsts[:1]) // tells whether the rest is worth a question
	f.lookup(ctx, dns, firsts)
	f.profile = env.Profile(ctx)
	f.direct = slices.ContainsFunc(env.mxTargets(ctx), isMicrosoft)
	f.lookupOthers(ctx, dns, others)
	if !f.profile.Initial {
		firsts, others = dkim.Firsts(env.suggestedSelectors(ctx))
		f.lookup(ctx, dns, firsts)
		f.lookupOthers(ctx, dns, others)
		f.askMore(ctx, env)
	}
}

// lookup asks for the selectors that were not asked for yet.
func (f *dkimFacts) lookup(ctx context.Context, dns dnsrec.Resolver, selectors []string) {
	fresh := slices.DeleteFunc(unique(selectors), func(s string) bool { return f.results[s] != nil })
	f.take(fresh, dkim.All(ctx, dns, f.domain, fresh...))
}

// lookupOthers asks for those selectors of a series whose first is there; and
// always for Microsoft's second, where that has to be.
func (f *dkimFacts) lookupOthers(ctx context.Context, dns dnsrec.Resolver, selectors []string) {
	f.lookup(ctx, dns, slices.DeleteFunc(selectors, func(s string) bool {
		first := f.results[dkim.FirstOf(s)]
		missing := first != nil && first.Err == nil && !first.Exists()
		return missing && !(f.profile.Microsoft && s == "selector2")
	}))
}

// vain tells that it is not worth to look for a selector with the domain
// appended twice: who does that does it with both of Microsoft's.
func (f *dkimFacts) vain(env *Env, selector string) bool {
	d := f.doubled["selector1"]
	return env.Thrift && selector == "selector2" && d != nil && d.Err == nil && !d.Exists()
}

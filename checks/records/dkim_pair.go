package records

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/report"
)

// pairState is how far one of the two selectors of Microsoft 365 is.
type pairState string

const (
	pairUnknown pairState = "unknown" // could not be asked
	pairMissing pairState = "missing" // nothing published, or only a wildcard
	pairText    pairState = "text"    // the CNAME's content published as TXT
	pairCopied  pairState = "copied"  // a key published as TXT
	pairBroken  pairState = "broken"  // a CNAME with a damaged target
	pairForeign pairState = "foreign" // a CNAME to someone else who holds a key there
	pairNoKey   pairState = "no-key"  // a good CNAME, and no key behind it
	pairKey     pairState = "key"     // a good CNAME, and a key behind it
)

// pairSelectors are the selectors of a Microsoft 365 domain.
var pairSelectors = kit.Selectors()

// pairHalf is one of the two selectors.
type pairHalf struct {
	number, selector string
	r                *dkim.Result
	alias            string     // what the CNAME record names
	target           dkimTarget // that, or what of Microsoft's the chain leads to
	state            pairState
	text             string // for pairText: the TXT record
	own              ownKey // Microsoft's key for it
}

// elsewhere reports whether the selector is an alias for the key of another signer,
// with which Microsoft 365 cannot sign.
func (h *pairHalf) elsewhere() bool { return h.state == pairForeign && h.target.Form == targetElse }

// ofDomain reports whether the target is not known to be of another domain: each has
// keys of its own.
func (h *pairHalf) ofDomain() bool { return h.target.of(h.r.Domain) }

// of is [pairHalf.ofDomain] for a target.
func (t dkimTarget) of(domain string) bool {
	return t.Token == "" || t.Token == kit.MXToken(domain) || !kit.TokenSure(domain)
}

// meant returns the target of a selector as it was meant, also where it is damaged, or
// published at the doubled name. ok is false if it does not show.
func (p *pair) meant(h *pairHalf) (t dkimTarget, ok bool) {
	t = h.target
	switch d := p.f.doubled.of(h.selector); {
	case t.Repaired != "":
		t = readDKIMTarget(t.Repaired)
	case h.state == pairMissing && leadsToMicrosoft(d):
		t = readDKIMTarget(d.Answer.CNAMEs[0])
	}
	return t, t.Good() && t.Number == h.number && t.of(p.f.domain)
}

// works reports whether receivers can get a key through this selector, with which
// Microsoft 365 may sign for the domain.
func (h *pairHalf) works() bool { return h.leads() && h.ofDomain() }

// leads reports whether receivers can get a key through this selector, with which
// Microsoft 365 may sign.
func (h *pairHalf) leads() bool {
	if h.elsewhere() || h.own == ownOther || h.state != pairKey && h.state != pairCopied && h.state != pairForeign || h.target.Good() && h.target.Number != h.number {
		return false
	}
	keys := h.r.Keys()
	return len(keys) == 1 && keys[0].Fault() == nil && !keys[0].Revoked() && keys[0].Record.Key.Size() != dkim.SizeForbidden
}

// signable reports whether somebody may sign with a key that is published here,
// even if it should be replaced: one that is not revoked (RFC 6376 3.6.1).
func signable(r *dkim.Result) bool {
	return slices.ContainsFunc(r.Keys(), func(t dkim.Text) bool { return !t.Revoked() })
}

func readHalf(f *dkimFacts, number string) *pairHalf {
	h := &pairHalf{number: number, selector: "selector" + number}
	h.r = f.results.of(h.selector)
	if chain := h.r.Answer.CNAMEs; len(chain) > 0 {
		h.alias, h.target = chain[0], readDKIMTarget(chain[0])
		for _, next := range chain[1:] {
			if t := readDKIMTarget(next); !h.target.Good() && t.Good() {
				h.target = t
			}
		}
	}
	h.state = h.read(f)
	h.own = f.ownKeyOf(h)
	return h
}

func (h *pairHalf) read(f *dkimFacts) pairState {
	switch {
	case h.r.Err != nil:
		return pairUnknown
	case !f.real(h.r):
		return pairMissing
	case h.target.Good() && h.r.Found():
		return pairKey
	case h.target.Good():
		return pairNoKey
	case (h.target.Form == targetSuffixed || h.target.Form == targetDamaged) && !signable(h.r):
		return pairBroken
	case h.r.Found() && h.target.Form == targetNone:
		return pairCopied
	case h.r.Found():
		return pairForeign
	}
	if t, text, ok := cnameText(h.r.Answer.Values); ok {
		h.target, h.text = t, text
		return pairText
	}
	return pairMissing // a CNAME or TXT that has nothing to do with DKIM, such as a wildcard of the whole zone
}

// judgePair judges selector1 and selector2 of a Microsoft 365 domain.
func judgePair(f dkimFacts) []report.Finding {
	one, two := readHalf(&f, "1"), readHalf(&f, "2")
	p := &pair{f: f, halves: [2]*pairHalf{one, two}}
	fs := []report.Finding{p.judge(one, two), p.judge(two, one)}
	fs = append(fs, p.enabled()...)
	fs = append(fs, p.keys()...)
	fs = append(fs, p.token()...)
	return append(fs, p.tenant()...)
}

type pair struct {
	f      dkimFacts
	halves [2]*pairHalf
}

// severity of a selector that does not work: with the other one working mail
// is signed today; without, it is not, unless someone else signs behind
// Exchange Online.
func (p *pair) severity(h, other *pairHalf) report.Status {
	if other.works() || other.state == pairNoKey && h.own != ownOther || other.elsewhere() {
		return report.Warn
	}
	if p.f.expect != kit.ExpectM365 && !p.f.direct {
		return report.Warn
	}
	return report.Fail
}

// judge judges whether one selector is published as it should be.
func (p *pair) judge(h, other *pairHalf) report.Finding {
	code := "dkim." + h.selector
	var x report.Finding
	switch h.state {
	case pairUnknown:
		return p.unknown(h, other)
	case pairMissing:
		return p.missing(h, other)
	case pairText:
		return p.asText(h, other)
	case pairBroken:
		return p.broken(h, other)
	case pairCopied:
		x = kit.Find(report.Warn, code, h.r.Name, "%s", h.copied(other))
		if h.own == ownOther {
			x.Status = p.severity(h, other)
		}
		x.Fix = p.takenFix(h, other, "Replace the TXT record with the CNAME record of Microsoft 365.")
	case pairForeign:
		x = p.foreign(h, other)
	default:
		return p.published(h, other)
	}
	x.Evidence = kit.Shown(h.r.Answer)
	return x
}

// foreign judges an alias for a key that is not known to be of Microsoft. Behind a
// filter, the other signer may be the one that signs all mail.
func (p *pair) foreign(h, other *pairHalf) report.Finding {
	code := "dkim." + h.selector
	switch {
	case !h.elsewhere():
		return kit.Find(report.Info, code, h.r.Name, "points to a key at %s, although Microsoft is not known to assign names of this form", h.target.Host)
	case p.f.expect != kit.ExpectM365 && !p.f.direct:
		return kit.Find(report.Info, code, h.r.Name, "belongs to another signer: %s", h.target.Host)
	}
	x := kit.Find(report.Warn, code, h.r.Name, "belongs to another signer: %s; %s", h.target.Host, p.consequence(h, other))
	x.Fix = p.takenFix(h, other, "Replace the CNAME record with that of Microsoft 365.")
	return x
}

// takenFix returns the decision about a selector of Microsoft 365 that another key
// has taken. Somebody may sign with it today: then all of that mail fails when the
// record is replaced.
func (p *pair) takenFix(h, other *pairHalf, how string) *report.Fix {
	fix := p.cnameFix(h, other, "")
	replace := report.Choice{Label: "if no other service signs with " + h.selector, Text: strings.TrimSpace(how + fix.Text), Edits: fix.Edits}
	if h.elsewhere() && len(fix.Edits) > 0 && len(fix.Edits[0].New) > 0 {
		replace.Edits[0].Old = kit.Absolute(h.alias)
	}
	if !signable(h.r) || h.own == ownSame {
		fix.Text = replace.Text
		return fix
	}
	keep := report.Choice{Label: "if another service signs with " + h.selector,
		Text: "Keep the record. Give that service a selector of its own, wait until its new signatures pass, and then replace the record."}
	fix.Text = "Find out who signs with " + h.selector + " (s= in the DKIM-Signature header of messages). " +
		"Mail signed with this key fails as soon as the record is replaced. " + h.inUse() +
		"The command that shows the targets of Microsoft 365: " + showDKIM(p.f.domain) + "."
	fix.Edits, fix.Alternatives = nil, []report.Choice{replace, keep}
	if other.state != pairKey && !slices.Contains(fix.Commands, kit.EnableDKIM(p.f.domain)) { // no key of Microsoft's is published
		fix.Commands = append(fix.Commands, kit.EnableDKIM(p.f.domain))
	}
	return fix
}

// published judges a selector whose target has the right form.
func (p *pair) published(h, other *pairHalf) report.Finding {
	code := "dkim." + h.selector
	if h.target.Number != h.number {
		x := kit.Find(p.severity(h, other), code, h.r.Name, "points to the key of selector%s: %s", h.target.Number,
			h.target.Host)
		x.Evidence = kit.Shown(h.r.Answer)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{dkimArticle},
			Text: "Signatures made with " + h.selector + " cannot be verified with the other selector's key. " +
				"Point the CNAME to its own key.",
			Edits: []report.Edit{kit.Replace(h.r.Name, dnsrec.TypeCNAME, kit.Absolute(h.alias),
				kit.Absolute(h.target.With(h.number)))}}
		return x
	}
	x := kit.Find(report.Pass, code, h.r.Name, "CNAME → %s", h.target.Host)
	if h.alias != h.target.Host {
		x.Summary = fmt.Sprintf("CNAME → %s → %s", h.alias, h.target.Host)
	}
	x.Evidence = kit.Shown(h.r.Answer)
	x.Data = map[string]any{"target": h.target.Host, "form": string(h.target.Form), "tenant": h.target.Tenant,
		"token": h.target.Token}
	return x
}

func (p *pair) unknown(h, other *pairHalf) report.Finding {
	x := kit.Undecided("dkim."+h.selector, h.r.Name, h.r.Err)
	if x.Status == report.Fail { // known to be broken: a loop, say
		x.Status = p.severity(h, other)
		if dnsrec.KindOf(h.r.Err) == dnsrec.KindChain {
			x.Fix = p.instead(h, other, p.f.aliases[h.selector], "Replace the CNAME record: receivers find no key behind it.")
		}
	}
	if alias := p.f.aliases[h.selector]; alias != "" {
		x.Summary += "; the CNAME itself is published, to " + alias
	}
	return x
}

func (p *pair) missing(h, other *pairHalf) report.Finding {
	if d := p.f.doubled.of(h.selector); d != nil && d.Exists() && (d.Found() || leadsToMicrosoft(d)) {
		return p.doubled(h, other, d)
	}
	x := kit.Find(p.severity(h, other), "dkim."+h.selector, h.r.Name, "is missing: %s", p.consequence(h, other))
	x.Evidence = kit.Shown(h.r.Answer)
	why := ""
	switch {
	case p.f.real(h.r):
		why = "Replace the record at this name, which has no key. "
	case h.r.Exists():
		why = "The current answer is not meant for DKIM (probably a wildcard " +
			"record of the zone). A separate record overrides it. "
	}
	x.Fix = p.cnameFix(h, other, why+"Publish the CNAME record.")
	return x
}

// leadsToMicrosoft reports whether a selector's CNAME is meant for Microsoft.
func leadsToMicrosoft(r *dkim.Result) bool {
	return r != nil && len(r.Answer.CNAMEs) > 0 && readDKIMTarget(r.Answer.CNAMEs[0]).Form != targetElse
}

// doubled judges a selector that was entered with its whole name into an
// editor that appends the zone.
func (p *pair) doubled(h, other *pairHalf, d *dkim.Result) report.Finding {
	x := kit.Find(p.severity(h, other), "dkim.suffix", d.Name, "was published with the domain appended twice")
	x.Evidence = []report.Evidence{kit.Seen(h.r.Answer), kit.Seen(d.Answer)}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{dkimArticle},
		Text: "The zone editor appends the domain automatically. Enter only " + h.selector + "._domainkey as the name, and delete the record with the doubled domain."}
	if len(d.Answer.CNAMEs) > 0 {
		t := kit.Absolute(d.Answer.CNAMEs[0])
		x.Fix.Edits = []report.Edit{kit.Remove(d.Name, dnsrec.TypeCNAME, t), kit.Add(h.r.Name, dnsrec.TypeCNAME, t)}
	}
	if !other.works() {
		x.Fix.Commands = []string{kit.EnableDKIM(p.f.domain)}
	}
	return x
}

func (p *pair) asText(h, other *pairHalf) report.Finding {
	x := kit.Find(p.severity(h, other), "dkim.as-txt", h.r.Name, "the CNAME target was published as a TXT "+
		"record, which receivers cannot use")
	x.Evidence = kit.Shown(h.r.Answer)
	x.Fix = p.cnameFix(h, other, "Publish a CNAME record with the same content instead of the TXT record.")
	x.Fix.Edits = append([]report.Edit{kit.Remove(h.r.Name, dnsrec.TypeTXT, h.text)}, x.Fix.Edits...)
	return x
}

func (p *pair) broken(h, other *pairHalf) report.Finding {
	var x report.Finding
	text := "Replace the CNAME record."
	if h.target.Form == targetSuffixed {
		x = kit.Find(p.severity(h, other), "dkim.suffix", h.r.Name, "the target has %s appended: %s", h.target.Fault,
			h.target.Host)
		text = "The zone editor appends the zone to a target without a final dot. End the " +
			"target with a dot, or use the editor's option for full names."
	} else {
		x = kit.Find(p.severity(h, other), "dkim."+h.selector, h.r.Name, "the target is not valid (%s): %s",
			h.target.Fault, h.target.Host)
	}
	x.Evidence = kit.Shown(h.r.Answer)
	x.Fix = p.instead(h, other, h.alias, text)
	return x
}

// instead is [pair.cnameFix] where the selector has a CNAME record, to alias.
func (p *pair) instead(h, other *pairHalf, alias, text string) *report.Fix {
	fix := p.cnameFix(h, other, text)
	for i := range fix.Edits {
		if fix.Edits[i].New != "" && alias != "" { // else Microsoft assigns what takes its place
			fix.Edits[i].Old = kit.Absolute(alias)
		}
	}
	return fix
}

// cnameFix reports how to publish a selector: with the target where the DNS
// already shows it, and else where to read it. Tenant and partition are never
// made up.
func (p *pair) cnameFix(h, other *pairHalf, text string) *report.Fix {
	fix := &report.Fix{Owner: report.OwnerDNS, Text: text, Links: []string{dkimArticle},
		Commands: []string{showDKIM(p.f.domain)}}
	var target string
	theirs, shows := p.meant(other)
	switch {
	case h.target.Good() && h.target.Number == h.number && h.ofDomain():
		target = h.target.With(h.number)
	case h.target.Repaired != "" && h.target.Number == h.number:
		target = h.target.Repaired
		fix.Text += " Compare the target with the output of the command."
	case p.labeled(h) != "":
		target = p.labeled(h)
		fix.Text += " Microsoft has a key for " + p.f.domain + " at this target: compare it with the output."
	case shows:
		target = theirs.With(h.number)
		fix.Text += " The target follows from that of " + other.selector + ": compare it with the output."
	default:
		fix.Text += " Microsoft assigns the target, and the command shows it. (If it " +
			"returns nothing, first run New-DkimSigningConfig -DomainName " +
			p.f.domain + " -KeySize 2048 -Enabled $false.)"
	}
	fix.Edits = []report.Edit{kit.Assigned(h.r.Name, dnsrec.TypeCNAME)}
	if target != "" {
		fix.Edits = []report.Edit{kit.Add(h.r.Name, dnsrec.TypeCNAME, kit.Absolute(target))}
	}
	if !other.works() || other.state == pairCopied && other.own != ownSame { // it may not sign yet
		fix.Commands = append(fix.Commands, kit.EnableDKIM(p.f.domain))
	}
	return fix
}

// showDKIM is the command that shows the targets to publish.
func showDKIM(domain string) string {
	return "Get-DkimSigningConfig -Identity " + domain + " | Format-List Selector1CNAME, Selector2CNAME"
}

// enabled judges selectors that lead to Microsoft, but to no key.
func (p *pair) enabled() []report.Finding {
	var empty []*pairHalf
	works, elsewhere, unpublished := false, false, ""
	for _, h := range p.halves {
		elsewhere = elsewhere || h.elsewhere()
		switch {
		case h.state == pairNoKey:
			empty = append(empty, h)
		case h.own == ownOther:
			unpublished = h.selector
		}
		works = works || h.works()
	}
	if len(empty) == 0 {
		return nil
	}
	if works || unpublished != "" {
		h := empty[0]
		text := "no key at the target of " + h.selector + " yet; the other selector has one. This is normal until the first key rotation"
		switch {
		case unpublished != "":
			text = "no key at the target of " + h.selector + ". Microsoft 365 has one for " + unpublished + ", whose record does not lead to it"
		case p.differ(): // see tenant
			text = "no key at the target of " + h.selector + "; the other selector has another target, and a key there"
		}
		x := kit.Find(report.Info, "dkim.enabled", h.r.Name, "%s", text)
		x.Evidence = kit.Shown(h.r.Answer)
		return []report.Finding{x}
	}
	status := report.Fail
	if p.f.expect != kit.ExpectM365 && !p.f.direct || elsewhere {
		status = report.Warn
	}
	x := kit.Find(status, "dkim.enabled", p.f.domain, "DKIM is published but not enabled: the target of %s has no "+
		"key, so Microsoft 365 does not sign for this domain", names(empty))
	if !slices.ContainsFunc(empty, (*pairHalf).ofDomain) { // see token
		x.Summary = "DKIM does not work: receivers find no key at the target of " + names(empty)
	}
	for _, h := range empty {
		x.Evidence = append(x.Evidence, kit.Seen(h.r.Answer))
	}
	x.Fix = &report.Fix{Owner: report.OwnerM365, Links: []string{dkimArticle},
		Text: "Enable DKIM for the domain. The key appears within minutes, at first at one selector. If " +
			"DKIM is already enabled, the targets belong to another domain: compare them.",
		Commands: []string{kit.EnableDKIM(p.f.domain),
			"Get-DkimSigningConfig -Identity " + p.f.domain + " | Format-List Enabled, Status, " +
				"Selector1CNAME, Selector2CNAME"}}
	return []report.Finding{x}
}

func names(hs []*pairHalf) string {
	out := make([]string, len(hs))
	for i, h := range hs {
		out[i] = h.selector
	}
	return strings.Join(out, " and ")
}

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

// describeKey says in a few words what a key is.
func describeKey(t dkim.Text) string {
	fault := t.Fault()
	switch {
	case fault != nil:
		return "unusable: " + fault.Text
	case t.Revoked():
		return "revoked (p= is empty)"
	case t.Record.Type() == dkim.TypeEd25519:
		return "Ed25519"
	}
	return fmt.Sprintf("RSA %d bits", t.Record.Key.Bits)
}

// judgeKeys judges what is published at one selector. The Status is Unset if
// there is nothing to say against it. worst is the status of a key that cannot
// be used.
func judgeKeys(f dkimFacts, r *dkim.Result, code string, worst report.Status) report.Finding {
	keys := r.Keys()
	k := keys[0]
	var x report.Finding
	switch fault := k.Fault(); {
	case len(keys) > 1:
		x = kit.Find(worst, "dkim.several", r.Name, "%d keys at one selector: it is not "+
			"defined which one receivers use", len(keys))
		x.Fix = &report.Fix{Text: "Keep the key that the signing service shows. Delete the others.",
			Links: []string{"RFC 6376 3.6.2.2"}}
	case fault != nil:
		x = kit.Find(worst, code, r.Name, "the key cannot be used (at character %d): %s", fault.Pos+1, fault.Text)
		x.Fix = &report.Fix{Text: "Publish the record again as the signing service shows it.",
			Links: []string{"RFC 6376 3.6.1"}}
		if fault.Want != "" {
			x.Fix.Text = "Replace the record. If in doubt, compare it with the record that the signing service shows."
			x.Fix.Edits = []report.Edit{kit.Replace(r.Name, dnsrec.TypeTXT, k.Value, fault.Want)}
		}
	case k.Revoked():
		x = kit.Find(worst, code, r.Name, "the key is revoked (p= is empty): receivers ignore its signatures")
		x.Fix = &report.Fix{Text: "If mail is still signed with this selector, publish " +
			"its key. If not, you need not do anything.", Links: []string{"RFC 6376 3.6.1"}}
	case k.Record.Key.Size() == dkim.SizeForbidden:
		x = kit.Find(worst, code, r.Name, "RSA %d bits: receivers must not accept keys of less than %d",
			k.Record.Key.Bits, dkim.MinRSABits)
		x.Fix = &report.Fix{Text: newKey, Links: []string{"RFC 8301 3.2"}}
	case k.Record.Key.Size() == dkim.SizeAbsurd:
		x = kit.Find(worst, code, r.Name, "RSA %d bits: unreasonably large, receivers ignore the key",
			k.Record.Key.Bits)
		x.Fix = &report.Fix{Text: newKey, Links: []string{"RFC 8301 3.2"}}
	default:
		x = judgeWeak(r, k, code)
	}
	if x.Status == report.Unset {
		return x
	}
	x.Evidence = kit.Shown(r.Answer)
	if x.Fix.Owner = keyOwner(r); x.Fix.Owner != report.OwnerM365 { // who rotates keys by a command
		kit.Behind(r.Answer, f.domain, x.Fix)
	}
	return x
}

// newKey is what to do about a key of the wrong size.
const newKey = "Create a new key of 2048 bits in the service that signs with it, and publish the record that it shows."

// judgeWeak judges a key that works, but could be better.
func judgeWeak(r *dkim.Result, k dkim.Text, code string) (x report.Finding) {
	switch {
	case k.Record.Testing():
		x = kit.Find(report.Warn, code, r.Name, "t=y: the key is marked as a test, so "+
			"receivers may ignore the signature")
		x.Fix = &report.Fix{Text: "Remove t=y from the record at " + r.Name + ".", Links: []string{"RFC 6376 3.6.1"}}
	case k.Record.Key.Size() == dkim.SizeShort:
		x = kit.Find(report.Warn, code, r.Name, "RSA %d bits: still accepted, but %d bits are expected",
			k.Record.Key.Bits, dkim.GoodRSABits)
		x.Fix = &report.Fix{Text: newKey, Links: []string{"RFC 8301 3.2"}}
	case k.Record.Key.Size() == dkim.SizeLarge:
		x = kit.Find(report.Warn, code, r.Name, "RSA %d bits: receivers are not required to support more than %d bits",
			k.Record.Key.Bits, dkim.CommonRSABits)
		x.Fix = &report.Fix{Text: newKey, Links: []string{"RFC 8301 3.2"}}
	case slices.ContainsFunc(k.Problems,
		func(p dkim.Problem) bool { return p.Kind != dkim.KindUnknown && p.Kind != dkim.KindBlank }):
		p := k.Problems[0]
		x = kit.Find(report.Info, code, r.Name, "works, but at character %d: %s", p.Pos+1, p.Text)
		x.Fix = &report.Fix{Text: "Correct this when you next change the record.", Links: []string{"RFC 6376 3.6.1"}}
	}
	return x
}

// keyOwner reports who can change a key: the owner of the zone it is in.
func keyOwner(r *dkim.Result) string {
	switch {
	case len(r.Answer.CNAMEs) == 0, kit.SameOwner(r.Answer.CNAMEs[len(r.Answer.CNAMEs)-1], r.Domain):
		return report.OwnerDNS
	case slices.ContainsFunc(r.Answer.CNAMEs, func(c string) bool { return readDKIMTarget(c).Good() }):
		return report.OwnerM365
	}
	return report.OwnerRemote
}

// keys judges the keys behind selector1 and selector2.
func (p *pair) keys() []report.Finding {
	var fs []report.Finding
	var good []string
	works := p.halves[0].works() || p.halves[1].works()
	for _, h := range p.halves {
		if h.state != pairKey && h.state != pairCopied && h.state != pairForeign {
			continue
		}
		worst := report.Fail
		if works {
			worst = report.Warn
		}
		x := judgeKeys(p.f, h.r, "dkim.key", worst)
		if k := h.r.Keys()[0]; x.Status == report.Unset || h.own == ownSame && k.Fault() == nil && k.Record.Testing() { // which goes with the copy
			good = append(good, h.selector+" "+describeKey(k))
			continue
		}
		if h.state == pairKey {
			p.rotate(&x)
		}
		if n := len(fs); n > 0 && fs[n-1].Summary == x.Summary && fs[n-1].Fix.Text == x.Fix.Text {
			fs[n-1].Subject, fs[n-1].Summary = p.f.domain, "both selectors: "+x.Summary
			fs[n-1].Evidence = append(fs[n-1].Evidence, x.Evidence...)
			continue
		}
		fs = append(fs, x)
	}
	if len(good) > 0 {
		fs = append(fs, kit.Find(report.Pass, "dkim.key", p.f.domain, "%s", strings.Join(good, ", ")))
	}
	return fs
}

// rotate returns the commands that make a new key in Microsoft 365.
func (p *pair) rotate(x *report.Finding) {
	x.Fix.Owner = report.OwnerM365
	x.Fix.Links = append(x.Fix.Links, dkimArticle)
	x.Fix.Commands = []string{"Rotate-DkimSigningConfig -Identity " + p.f.domain + " -KeySize 2048"}
	x.Fix.Text = "Rotate the keys in Microsoft 365. The change takes effect after four days. " +
		"Then rotate a second time, so that both selectors have new keys."
}

// judgeOthers reports the keys at selectors that were guessed. What was
// guessed and not found is one line, and no fault.
func judgeOthers(f dkimFacts, judged ...string) []report.Finding {
	fs, found, guessed := f.survey(judged)
	switch {
	case f.wildcard():
		return append(fs, f.wildcardFinding())
	case len(found) > 0:
		x := kit.Find(report.Info, "dkim.others", f.domain, "more keys: %s", strings.Join(found, ", "))
		x.Data = map[string]any{"found": len(found), "asked": guessed}
		return append(fs, x)
	case len(fs) == 0 && guessed > 0:
		x := kit.Find(report.Info, "dkim.others", f.domain, "no keys at %d other common selectors. (DNS cannot "+
			"list selectors, so others may exist.)", guessed)
		x.Data = map[string]any{"found": 0, "asked": guessed}
		return append(fs, x)
	}
	return fs
}

// survey judges what was found at guessed selectors, and describes the rest.
func (f *dkimFacts) survey(judged []string) (fs []report.Finding, found []string, guessed int) {
	for _, r := range f.results {
		s := r.Selector
		if slices.Contains(judged, s) || slices.Contains(f.named, s) {
			continue
		}
		guessed++
		if !r.Found() || !f.real(r) {
			continue
		}
		if x, is := f.leftoverKey(s, r); is {
			fs = append(fs, x)
			continue
		}
		x := judgeKeys(*f, r, "dkim.key", report.Warn)
		keys := r.Keys()
		foreign := keyOwner(r) == report.OwnerRemote
		unclear := len(keys) > 1 || keys[0].Fault() != nil
		if x.Status == report.Warn && (unclear || !foreign && !keys[0].Revoked()) {
			if x.Fix.Text == newKey && !foreign {
				f.keyOrNone(&x, r)
			}
			fs = append(fs, x)
			continue
		}
		text := s + " (" + describeKey(keys[0])
		if foreign {
			text += " of " + r.Answer.CNAMEs[len(r.Answer.CNAMEs)-1]
		}
		found = append(found, text+")")
	}
	return append(fs, f.judgeDangling(judged)...), found, guessed
}

// keyOrNone asks whether anyone signs with a key that is too small or too large: at
// guessed selectors, it is often left over from a service of years ago.
func (f *dkimFacts) keyOrNone(x *report.Finding, r *dkim.Result) {
	x.Fix.Text = "Find out whether a service still signs mail of " + f.domain + " with " + r.Selector + " (s= in the DKIM-Signature header of messages)."
	x.Fix.Alternatives = []report.Choice{
		{Label: "if no service has signed with " + r.Selector + " for a week", Text: "Delete the record " + r.Name + ".", Edits: withdrawn(r)},
		{Label: "if one signs with " + r.Selector, Text: newKey},
	}
}

func (f *dkimFacts) wildcardFinding() report.Finding {
	x := kit.Find(report.Info, "dkim.wildcard", f.domain, "a wildcard record answers for every selector, so "+
		"unknown selectors cannot be found")
	x.Evidence = kit.Shown(f.probe.Answer)
	return x
}

// judgeElsewhereDKIM judges a domain that is not on Microsoft 365: any usable
// key will do.
func judgeElsewhereDKIM(f dkimFacts) []report.Finding {
	fs, found, guessed := f.survey(nil)
	if len(found) > 0 {
		x := kit.Find(report.Pass, "dkim.key", f.domain, "%s", strings.Join(found, ", "))
		x.Data = map[string]any{"found": len(found), "asked": guessed}
		return append([]report.Finding{x}, fs...)
	}
	if len(fs) > 0 {
		return fs
	}
	if r := f.failed(); r != nil {
		x := kit.Undecided("dkim.none", f.domain, r.Err)
		x.Optional = true // they were only guesses
		return []report.Finding{x}
	}
	switch {
	case f.wildcard():
		return []report.Finding{f.wildcardFinding()}
	case f.nothing:
		x := kit.Find(report.Warn, "dkim.none", f.domain, "no DKIM key: no name exists below "+
			"_domainkey.%s", f.domain)
		x.Evidence = []report.Evidence{kit.AnswerTo(dnsrec.Q("_domainkey."+f.domain, dnsrec.TypeTXT), "",
			"_domainkey."+f.domain+" TXT → NXDOMAIN (no such name)")}
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 8020 2", "RFC 6376 3.6.2.1"},
			Text: "In the service that sends the domain's mail, enable DKIM with the domain's own key, and " +
				"publish the record that it shows. Large receivers require an aligned signature."}
		if f.empty {
			x.Fix.Alternatives = mailOrAlias(f.alias, f.domain, x.Fix.Text)
			x.Fix.Text = mailQuestion(f.domain)
		}
		return []report.Finding{x}
	}
	if len(f.named) > 0 {
		return nil
	}
	x := kit.Find(report.Info, "dkim.none", f.domain, "no keys at %d common selectors. (DNS cannot list selectors, so others may exist.) If you "+
		"know the selector (s= in a DKIM-Signature header), give it with --selector", guessed)
	return []report.Finding{x}
}

// failed returns one of the results if none of the guesses could be asked.
func (f *dkimFacts) failed() *dkim.Result {
	if f.all(func(r *dkim.Result) bool { return r.Err != nil }) && len(f.results) > 0 {
		return f.results[0]
	}
	return nil
}

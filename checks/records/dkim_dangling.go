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

// This file judges aliases at common selectors that lead to no key. Somebody
// published them on purpose: a service signs with the selector, or once did.

// dangling is an alias at a selector with no key behind it.
type dangling struct {
	r     *dkim.Result
	text  string // the TXT record that names the target; "" if it is an alias
	meant string // the target without the domain that the zone editor appended, or that a TXT record names; "" if it has none
	key   bool   // there is a key at meant
	used  string // why it is likely that mail is signed with the selector; "" if nothing shows it
	free  string // the domain of the target that does not exist, so that anyone may register it; "" if it exists
}

// gatherDangling looks at the aliases among the guessed selectors.
func (f *dkimFacts) gatherDangling(k *kit.Known) {
	for _, r := range f.results {
		if d := f.asText(k, r); d != nil {
			f.dangling = append(f.dangling, *d)
			continue
		}
		if r.Err != nil || len(r.Answer.CNAMEs) == 0 || r.Found() || !f.real(r) || slices.Contains(f.named, r.Selector) || leadsToMicrosoft(r) {
			continue
		}
		d := dangling{r: r, used: f.usedBy(k, r)}
		if before, ok := strings.CutSuffix(r.Answer.CNAMEs[0], "."+f.domain); ok && strings.Contains(before, ".") {
			d.meant = before
			a, _ := k.Need(d.meant, dnsrec.TypeTXT)
			d.key = a.Err == nil && slices.ContainsFunc(a.Values, isKey)
		}
		if r.Answer.NXDomain() {
			d.free = k.FreeDomain(r.Answer.CNAMEs[len(r.Answer.CNAMEs)-1])
		}
		f.dangling = append(f.dangling, d)
	}
}

// asText returns a selector at which the name of a key was published as text, not as
// an alias; nil if it is none.
func (f *dkimFacts) asText(k *kit.Known, r *dkim.Result) *dangling {
	if r.Err != nil || len(r.Answer.CNAMEs) > 0 || len(r.Answer.Values) != 1 || r.Found() || !f.real(r) || slices.Contains(pairSelectors[:], r.Selector) {
		return nil
	}
	d := dangling{r: r, text: r.Answer.Values[0], meant: dnsrec.Canonical(r.Answer.Values[0])}
	if !kit.ValidHost(d.meant) || !strings.Contains(d.meant, ".") {
		return nil
	}
	a, _ := k.Need(d.meant, dnsrec.TypeTXT)
	if d.key = a.Err == nil && slices.ContainsFunc(a.Values, isKey); !d.key {
		return nil
	}
	return &d
}

// isKey reports whether receivers can use a text as a key.
func isKey(text string) bool {
	rec, problems := dkim.Examine(text)
	t := dkim.Text{Value: text, Record: rec, Problems: problems}
	return rec != nil && t.Fault() == nil && !t.Revoked()
}

// usedBy says what shows that somebody signs with a selector: a key at another one
// of its series, or records that allow a service which gives it to its customers.
func (f *dkimFacts) usedBy(k *kit.Known, r *dkim.Result) string {
	for _, o := range f.results {
		if o != r && dkim.FirstOf(o.Selector) == dkim.FirstOf(r.Selector) && o.Found() && f.real(o) && signable(o) {
			return o.Selector + " has a key"
		}
	}
	includes, _ := k.Includes()
	if name := dkim.Giver(r.Selector, k.MXHosts(), includes); name != "" {
		return "the domain uses " + name
	}
	return ""
}

// judgeDangling judges the aliases without a key, but for those of selectors that
// are judged already.
func (f *dkimFacts) judgeDangling(judged []string) (fs []report.Finding) {
	for _, d := range f.dangling {
		if !slices.Contains(judged, d.r.Selector) {
			fs = append(fs, d.judge(f.domain))
		}
	}
	return fs
}

func (d dangling) judge(domain string) report.Finding {
	if d.text != "" {
		x := kit.Find(report.Warn, "dkim.as-txt", d.r.Name, "names the key at %s in a TXT record, which receivers cannot use: signatures made with %s fail", d.meant, d.r.Selector)
		x.Evidence = kit.Shown(d.r.Answer)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish a CNAME record with the same content instead of the TXT record.", Links: []string{"RFC 6376 3.6.1"},
			Edits: []report.Edit{kit.Remove(d.r.Name, dnsrec.TypeTXT, d.text), kit.Add(d.r.Name, dnsrec.TypeCNAME, kit.Absolute(d.meant))}}
		return x
	}
	target := d.r.Answer.CNAMEs[0]
	x := kit.Find(report.Warn, "dkim.dangling", d.r.Name, "points to %s, which has no key: signatures made with %s fail", target, d.r.Selector)
	switch {
	case d.free != "":
		x.Summary += fmt.Sprintf(". The domain %s does not exist: anyone who registers it can sign mail as %s, and pass DMARC", d.free, domain)
	case d.meant != "":
		x.Summary += fmt.Sprintf(". The target has %s appended", domain)
	case d.used != "":
		x.Summary += ". It is probably in use: " + d.used
	default:
		x.Status = report.Info
		x.Summary += ". It is probably left over"
	}
	x.Evidence = kit.Shown(d.r.Answer)
	x.Data = map[string]any{"target": target}
	x.Fix = d.fix(target)
	return x
}

// fix returns how the alias is corrected, where its target is known, or who knows it.
func (d dangling) fix(target string) *report.Fix {
	fix := &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6376 3.6.1"}}
	if d.key {
		fix.Text = "The zone editor appends the zone to a target without a final dot. End the target with a dot, or use the editor's option for full names. " +
			"The key is at " + d.meant + "."
		fix.Edits = []report.Edit{kit.Replace(d.r.Name, dnsrec.TypeCNAME, kit.Absolute(target), kit.Absolute(d.meant))}
		return fix
	}
	fix.Text = "Find out whether a service signs mail with " + d.r.Selector + " (s= in the DKIM-Signature header of messages)."
	fix.Alternatives = []report.Choice{
		{Label: "if a service signs with " + d.r.Selector, Text: "Publish the target that the service shows for " + d.r.Name + "."},
		{Label: "if none does", Text: "Delete the record. No signature passes with it today.",
			Edits: []report.Edit{kit.Remove(d.r.Name, dnsrec.TypeCNAME, kit.Absolute(target))}},
	}
	return fix
}

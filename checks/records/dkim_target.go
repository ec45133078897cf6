package records

import (
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/nearmiss"
	"maildiag/report"
)

// targetForm is what the target of a selector's CNAME looks like.
type targetForm string

const (
	targetNone     targetForm = ""         // there is no CNAME
	targetOld      targetForm = "old"      // selectorN-TOKEN._domainkey.TENANT.onmicrosoft.com
	targetNew      targetForm = "new"      // selectorN-TOKEN._domainkey.TENANT.x-v1.dkim.mail.microsoft
	targetSuffixed targetForm = "suffixed" // a good one with another domain behind it
	targetDamaged  targetForm = "damaged"  // meant for Microsoft, but misspelled
	targetElse     targetForm = "else"     // someone else's
)

const (
	domainkeyLabel = "._domainkey."
	newDKIMZone    = ".dkim.mail.microsoft" // custom domains added since May 2025
)

// dkimTarget is the target of a selector's CNAME, taken apart.
type dkimTarget struct {
	Host      string
	Form      targetForm
	Number    string // "1" or "2"
	Token     string // the domain, by the rule of MXToken
	Tenant    string // first label of the initial domain
	Partition string // "y-v1" in the new form; assigned by Microsoft
	Zone      string // the initial domain's parent, or the new zone, with its leading dot
	Repaired  string // for suffixed and damaged ones: what it was meant to be, where that can be told
	Fault     string // for damaged ones: what is wrong
}

// Good reports whether the target is one that Microsoft assigns, in its form.
func (t dkimTarget) Good() bool { return t.Form == targetOld || t.Form == targetNew }

// With returns the target of the other selector: all but the number is the same.
func (t dkimTarget) With(number string) string {
	return t.selector(number) + domainkeyLabel + t.parent()
}

// selector returns the first label of the target of a selector.
func (t dkimTarget) selector(number string) string { return "selector" + number + "-" + t.Token }

// parent returns the domain that Microsoft's keys for the tenant are of.
func (t dkimTarget) parent() string {
	if t.Form == targetNew {
		return t.Tenant + "." + t.Partition + t.Zone
	}
	return t.Tenant + t.Zone
}

// readDKIMTarget takes a CNAME target apart.
func readDKIMTarget(host string) dkimTarget {
	host = strings.TrimSuffix(host, ".")
	if t := parseDKIMTarget(host); t.Good() {
		return t
	}
	if good, rest, ok := cutDKIMTarget(host); ok {
		t := good
		t.Host, t.Form, t.Repaired, t.Fault = host, targetSuffixed, good.Host, rest
		if rest == "com" && good.Form == targetNew {
			t.Form, t.Fault = targetDamaged, "it ends in .microsoft, without .com"
		}
		return t
	}
	return repairDKIMTarget(host)
}

// parseDKIMTarget takes a well-formed target apart.
func parseDKIMTarget(host string) dkimTarget {
	t := dkimTarget{Host: host, Form: targetElse}
	left, right, ok := strings.Cut(host, domainkeyLabel)
	number, token, ok2 := strings.Cut(strings.TrimPrefix(left, "selector"), "-")
	if !ok || !ok2 || !strings.HasPrefix(left,
		"selector") || number != "1" && number != "2" || !plainLabel(token) {
		return t
	}
	t.Number, t.Token = number, token
	if before, isNew := strings.CutSuffix(right, newDKIMZone); isNew {
		tenant, partition, ok := strings.Cut(before, ".")
		if ok && plainLabel(tenant) && plainLabel(partition) {
			t.Form, t.Tenant, t.Partition, t.Zone = targetNew, tenant, partition, newDKIMZone
		}
		return t
	}
	for i := range kit.Clouds() {
		if tenant, isOld := strings.CutSuffix(right, kit.Clouds()[i].Initial); isOld && plainLabel(tenant) {
			t.Form, t.Tenant, t.Zone = targetOld, tenant, kit.Clouds()[i].Initial
			return t
		}
	}
	return t
}

// plainLabel reports whether s is one label of letters, digits and hyphens, as
// all those are that Microsoft assigns.
func plainLabel(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && kit.ValidHost(s)
}

// cutDKIMTarget finds a well-formed target with other labels behind it, which
// zone editors append to names that do not end in a dot.
func cutDKIMTarget(host string) (good dkimTarget, rest string, ok bool) {
	zones := []string{newDKIMZone}
	for i := range kit.Clouds() {
		zones = append(zones, kit.Clouds()[i].Initial)
	}
	for _, zone := range zones {
		before, after, found := strings.Cut(host, zone+".")
		if good = parseDKIMTarget(before + zone); found && good.Good() {
			return good, after, true
		}
	}
	return dkimTarget{}, "", false
}

// repairDKIMTarget recognizes the misspellings that are met in the wild.
func repairDKIMTarget(host string) dkimTarget {
	t := dkimTarget{Host: host, Form: targetElse}
	try := func(fixed, fault string) bool {
		good := parseDKIMTarget(fixed)
		if t.Form == targetElse && good.Good() {
			t = good
			t.Host, t.Form, t.Fault, t.Repaired = host, targetDamaged, fault, fixed
		}
		return t.Form == targetDamaged
	}
	trimmed := strings.TrimRight(strings.ReplaceAll(host, `\032`, " "), " .")
	switch {
	case try(trimmed, "there is a space after the name"),
		try(strings.Replace(host, "_domainkey.", domainkeyLabel[:1]+"_domainkey.", 1),
			"the dot before _domainkey is missing"),
		try("s"+host, "the first letter is missing"),
		try(dotPartition(host), "the dot after the tenant is missing"),
		try(strings.Replace(host, ".domainkey.", domainkeyLabel, 1), "the underscore of _domainkey is missing"),
		try(spelledZone(host), "Microsoft's zone is misspelled"):
	case strings.HasPrefix(host, "selector") && strings.HasSuffix(host, "._domainkey"):
		t.Form, t.Fault = targetDamaged, "the name ends after _domainkey; the tenant's part is missing"
	case strings.HasSuffix(host, ".onmicrosoft.de"):
		t.Form, t.Fault = targetDamaged, "onmicrosoft.de belonged to Microsoft Cloud Germany, which closed in 2021"
	case strings.Contains(host, "onmicrosoft") || strings.Contains(host, "dkim.mail.microsoft"):
		t.Form, t.Fault = targetDamaged, "Microsoft does not assign names of this form"
	case strings.HasPrefix(host, "selector1-") || strings.HasPrefix(host, "selector2-"):
		t.Form, t.Fault = targetDamaged, "the name is not in a Microsoft zone"
	}
	return t
}

// spelledZone corrects a slip in the zone at the end of a target.
func spelledZone(host string) string {
	zones := []string{newDKIMZone}
	for _, c := range kit.Clouds() {
		zones = append(zones, c.Initial)
	}
	for _, zone := range zones {
		tail := host
		for range strings.Count(host, ".") - strings.Count(zone, ".") + 1 {
			_, tail, _ = strings.Cut(tail, ".")
		}
		if meant, ok := nearmiss.Of(tail, []string{zone[1:]}); ok && tail != host {
			return strings.TrimSuffix(host, tail) + meant
		}
	}
	return host
}

// dotPartition puts a dot in place of the hyphen in TENANT-x-v1, and takes off
// the .com that is added to .microsoft with it.
func dotPartition(host string) string {
	before, after, ok := strings.Cut(host, "-v1"+newDKIMZone)
	i := strings.LastIndexByte(before, '-')
	if !ok || i < 0 || after != "" && after != ".com" {
		return host
	}
	return before[:i] + "." + before[i+1:] + "-v1" + newDKIMZone
}

// cnameText finds the content of a CNAME record that was published as TXT.
func cnameText(values []string) (target dkimTarget, text string, ok bool) {
	for _, v := range values {
		name := dnsrec.Canonical(strings.Trim(v, " \t\""))
		name = strings.TrimPrefix(name, "cname ")
		if t := readDKIMTarget(name); t.Form != targetElse && len(name) < 255 {
			return t, v, true
		}
	}
	return dkimTarget{}, "", false
}

// tenant compares the two targets with one another.
func (p *pair) tenant() []report.Finding {
	if !p.differ() {
		return nil
	}
	one, two := p.halves[0].target, p.halves[1].target
	x := kit.Find(report.Warn, "dkim.tenant", p.f.domain, "the targets of the two selectors differ by "+
		"more than the number: %s and %s", one.Host, two.Host)
	for _, h := range p.halves {
		x.Evidence = append(x.Evidence, kit.Seen(h.r.Answer))
	}
	x.Data = map[string]any{"selector1": one.Host, "selector2": two.Host}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{dkimArticle},
		Text:     "Compare both with the output of the command, and correct the one that differs.",
		Commands: []string{showDKIM(p.f.domain)}}
	for i, h := range p.halves {
		if h.state == pairNoKey && p.halves[1-i].works() {
			x.Fix.Text += " There is no key at that of " + h.selector + "."
			p.misspelled(&x, h, p.halves[1-i])
		}
	}
	if _, slip := nearmiss.Of(two.Host, []string{one.With("2")}); slip && one.Tenant != two.Tenant && len(x.Fix.Edits) == 0 {
		x.Summary = "the targets of the two selectors name the tenants " + one.Tenant + " and " + two.Tenant + ", which differ by one slip: one of them is probably misspelled"
	}
	return []report.Finding{x}
}

// misspelled names the tenant that a target without a key misspells: that of the other
// selector, whose target has one.
func (p *pair) misspelled(x *report.Finding, h, other *pairHalf) {
	meant, slip := nearmiss.Of(h.target.Host, []string{other.target.With(h.number)})
	if !slip || h.target.Tenant == other.target.Tenant {
		return
	}
	x.Summary = "the target of " + h.selector + " names the tenant " + h.target.Tenant + ", probably a misspelling of " + other.target.Tenant +
		", the tenant of " + other.selector + ": signatures made with " + h.selector + " fail"
	x.Fix.Text = "There is no key at the target of " + h.selector + ". Replace the tenant in it with " + other.target.Tenant +
		", and compare the new target with the output of the command."
	x.Fix.Edits = []report.Edit{kit.Replace(h.r.Name, dnsrec.TypeCNAME, kit.Absolute(h.alias), kit.Absolute(meant))}
}

// differ reports whether the targets are of Microsoft, and differ by more than the
// number.
func (p *pair) differ() bool {
	one, two := p.halves[0].target, p.halves[1].target
	return one.Good() && two.Good() && (one.Tenant != two.Tenant || one.Partition != two.Partition || one.Zone != two.Zone || one.Token != two.Token)
}

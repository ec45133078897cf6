package records

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/nearmiss"
	"maildiag/report"
)

// AutodiscoverDoc explains the check.
var AutodiscoverDoc = kit.Doc{
	Means: "Where Outlook and phones look for the mailbox: the CNAME autodiscover.DOMAIN must point to Microsoft's autodiscover host.",
	Why:   "Outlook that finds the old server keeps connecting to it after the migration, keeps asking for the password, or sets up the wrong mailbox.",
	Fix:   "Publish autodiscover as a CNAME to the host of the domain's cloud, once no mailbox is left on premises. In a hybrid organization it stays on premises until then.",
	Sources: []string{
		"https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records",
		"https://learn.microsoft.com/exchange/client-developer/exchange-web-services/autodiscover-for-exchange",
	},
}

type autodiscoverFacts struct {
	domain   string
	expect   kit.Expectation
	profile  kit.Profile
	migrated bool // mail is received by Microsoft 365 or by a filter in front of it
	host     dnsrec.Answer
	err      error
	receives bool          // an MX record names the host
	aaaa     dnsrec.Answer // asked if it has an IPv4 address
	free     string        // the domain that does not exist, and that the alias leads to
	freeSRV  string        // as free, of the only SRV record
	doubled  dnsrec.Answer // the name with the domain appended twice, where it is missing; not in a list
	srv      dnsrec.Answer // in a list asked only if the name does not point to the cloud
}

// Autodiscover checks the autodiscover record.
func Autodiscover(k *kit.Known) []report.Finding {
	return kit.Judge(k, gatherAutodiscover(k), judgeAutodiscover)
}

// gatherAutodiscover needs the host, which also shows whether a domain is on
// Microsoft 365 where nothing else does.
func gatherAutodiscover(k *kit.Known) (f autodiscoverFacts) {
	f.domain, f.expect = k.Domain, k.Expect
	name := k.Under("autodiscover")
	if k.Expect != kit.ExpectAny {
		k.Need(name, dnsrec.TypeA)
	}
	var ok bool
	if f.profile, ok = k.Profile(); !ok || !f.profile.Microsoft {
		return f
	}
	host, ok := k.Need(name, dnsrec.TypeA)
	f.host, f.err = host.Answer, host.Err
	f.migrated = slices.ContainsFunc(k.MXTargets(), func(m kit.MXTarget) bool { return m.Kind == kit.MXMicrosoft || m.Kind == kit.MXGateway })
	f.receives = slices.ContainsFunc(k.MXTargets(), func(m kit.MXTarget) bool { return m.Host == name })
	if !isCloudAutodiscover(f.host.CNAMEs) {
		f.free = k.FreeEnd(f.host)
	}
	right := slices.Contains(f.host.CNAMEs, f.profile.Cloud.Autodiscover)
	if !ok || f.err != nil || right && k.List && k.Expect != kit.ExpectM365 { // in a list, a leftover beside the right name is not looked for
		return f
	}
	srv, _ := k.Need(k.Under("_autodiscover._tcp"), dnsrec.TypeSRV)
	f.srv = srv.Answer
	if len(f.srv.Values) == 1 && len(f.srv.CNAMEs) == 0 {
		if to := dnsrec.Canonical(srvTarget(f.srv.Values[0])); kit.ValidHost(to) {
			a, _ := k.Need(to, dnsrec.TypeA)
			f.freeSRV = k.FreeEnd(a.Answer)
		}
	}
	if len(f.host.CNAMEs) == 0 && len(f.host.Values) > 0 {
		aaaa, _ := k.Need(name, dnsrec.TypeAAAA)
		f.aaaa = aaaa.Answer
	}
	if f.missing() && !k.List {
		twice, _ := k.Need(name+"."+k.Domain, dnsrec.TypeA)
		f.doubled = twice.Answer
	}
	return f
}

// missing reports whether there is no record of the name.
func (f autodiscoverFacts) missing() bool { return len(f.host.CNAMEs)+len(f.host.Values) == 0 }

func judgeAutodiscover(f autodiscoverFacts) []report.Finding {
	if skip := kit.NotMicrosoft(f.profile, "autodiscover"); skip != nil {
		return skip
	}
	name := "autodiscover." + f.domain
	want := f.profile.Cloud.Autodiscover
	if f.err != nil {
		return []report.Finding{kit.Mild(kit.Undecided("autodiscover.target", name, f.err))}
	}
	x := f.target(name, want)
	x.Evidence = kit.Shown(f.host)
	if f.misnamed() {
		x.Evidence = append(x.Evidence, kit.Seen(f.doubled))
	}
	if len(f.srv.Values) > 0 {
		x.Evidence = append(x.Evidence, kit.Seen(f.srv))
	}
	switch {
	case f.profile.Initial || !f.profile.Receives:
		if x.Status != report.Pass {
			x.Status = report.Info // Microsoft's zone, or no mailbox to find
		}
	case x.Status != report.Pass:
		x.Fix = f.fix(name, want)
	}
	return append([]report.Finding{x}, f.leftoverSRV()...)
}

// misnamed reports whether the record was published with the domain appended twice. What
// else stands there may be somebody's.
func (f autodiscoverFacts) misnamed() bool { return isCloudAutodiscover(f.doubled.CNAMEs) }

// target judges where the name points.
func (f autodiscoverFacts) target(name, want string) report.Finding {
	const code = "autodiscover.target"
	switch {
	case slices.Contains(f.host.CNAMEs, want):
		return kit.Find(report.Pass, code, name, "points to %s", want)
	case len(f.host.CNAMEs) > 0 && isCloudAutodiscover(f.host.CNAMEs):
		return kit.Find(report.Warn, code, name, "points to %s, the host of another Microsoft cloud", f.host.CNAMEs[0])
	case len(f.host.CNAMEs) > 0 && misspelledAutodiscover(f.host.CNAMEs[0]):
		return kit.Find(report.Warn, code, name, "points to %s, a misspelling of %s: Outlook cannot find its mailbox", f.host.CNAMEs[0], want)
	case f.free != "":
		return kit.Find(report.Warn, code, name, "points to %s, which does not exist%s", f.host.CNAMEs[0], kit.Anyone(f.free, asksPasswords))
	case len(f.host.CNAMEs) > 0:
		return kit.Find(report.Warn, code, name, "points to %s, not to %s: Outlook looks for its mailbox there", f.host.CNAMEs[0], want)
	case len(f.host.Values) > 0:
		return kit.Find(report.Warn, code, name, "points to the address %s, not to Microsoft 365", kit.ShortList(f.host.Values, 2))
	case f.misnamed():
		return kit.Find(report.Warn, code, name, "is missing: it was published with the domain appended twice. Phones, and Outlook where it relies on this record, cannot find their settings")
	case len(f.srv.Values) > 0:
		return kit.Find(report.Warn, code, name, "is missing; an SRV record sends Outlook to %s instead", srvTarget(f.srv.Values[0]))
	}
	return kit.Find(report.Warn, code, name, "is missing: phones, and Outlook where it relies on this record, cannot find their settings")
}

// asksPasswords is what the host of autodiscover can do: programs sign in there.
const asksPasswords = "collect the passwords that Outlook and phones send there"

// fix returns what to do about the name: nothing is published before the
// mailboxes have moved, unless it was meant for Microsoft already.
func (f autodiscoverFacts) fix(name, want string) *report.Fix {
	fix := &report.Fix{Owner: report.OwnerDNS, Links: AutodiscoverDoc.Sources[:1]}
	if c := f.profile.Cloud; c.Other != nil {
		want = fmt.Sprintf("the host that the admin center shows (%s in GCC High, %s in DoD)", c.Autodiscover, c.Other.Autodiscover)
	}
	meant := len(f.host.CNAMEs) > 0 && (isCloudAutodiscover(f.host.CNAMEs) || misspelledAutodiscover(f.host.CNAMEs[0]))
	if !f.migrated && f.free != "" {
		fix.Text = "Delete the CNAME record of " + name + ". No program finds a mailbox through it today. When the mailboxes have moved, publish the CNAME to " + want + "."
		fix.Edits = []report.Edit{kit.Remove(name, dnsrec.TypeCNAME, kit.Absolute(f.host.CNAMEs[0]))}
		return fix
	}
	if !f.migrated && !meant {
		fix.Text = "When the mailboxes have moved, publish the CNAME to " + want + ". Until then, leave it as it is."
		return fix
	}
	fix.Text = "Publish the CNAME record of " + name + " to " + want + "."
	if f.profile.Cloud.Other != nil { // no record tells which
		return fix
	}
	if f.receives { // mail would go to a host of Microsoft that receives none
		fix.Text = "An MX record of " + f.domain + " names " + name + ". When all mailboxes are in Microsoft 365, first delete that record, or let it name another host. " +
			"Then publish the CNAME record of " + name + " to " + want + "."
		return fix
	}
	var edits []report.Edit
	switch {
	case len(f.host.CNAMEs) > 0:
		edits = []report.Edit{kit.Replace(name, dnsrec.TypeCNAME, f.host.CNAMEs[0]+".", want+".")}
	default:
		for _, v := range f.host.Values {
			edits = append(edits, kit.Remove(name, dnsrec.TypeA, v)) // a CNAME stands alone (RFC 1034 3.6.2)
		}
		for _, v := range f.aaaa.Values {
			edits = append(edits, kit.Remove(name, dnsrec.TypeAAAA, v))
		}
		edits = append(edits, kit.Add(name, dnsrec.TypeCNAME, want+"."))
	}
	if f.misnamed() {
		fix.Text += " The zone editor appends the domain automatically: enter only autodiscover as the name. Delete the record with the doubled domain."
		edits = append(edits, kit.Remove(f.doubled.Name, dnsrec.TypeCNAME, kit.Absolute(f.doubled.CNAMEs[0])))
	}
	if meant || f.free != "" || f.expect == kit.ExpectM365 || f.missing() && len(f.srv.Values) == 0 {
		fix.Edits = edits
		return fix
	}
	fix.Text, fix.Alternatives = "Decide whether Outlook should find all mailboxes of "+f.domain+" in Microsoft 365.", allMoved(fix.Text, edits)
	return fix
}

// allMoved returns the decision about where Outlook looks for mailboxes: in a
// hybrid organization it stays on premises until the last has moved.
func allMoved(text string, edits []report.Edit) []report.Choice {
	return []report.Choice{
		{Label: "if all mailboxes are in Microsoft 365", Text: text, Edits: edits},
		{Label: "until the last mailbox has moved", Text: "Leave the records as they are.", Stay: true},
	}
}

// leftoverSRV judges the SRV record of the server before the migration, which
// Outlook uses where it does not find the CNAME.
func (f autodiscoverFacts) leftoverSRV() []report.Finding {
	if !f.migrated || !f.profile.Receives || len(f.srv.Values) == 0 {
		return nil
	}
	var gone []report.Edit
	target := ""
	for _, v := range f.srv.Values {
		t := dnsrec.Canonical(srvTarget(v))
		if !isCloudAutodiscover([]string{t}) && t != "" && t != "." {
			target, gone = cmp.Or(target, t), append(gone, kit.Remove(f.srv.Name, dnsrec.TypeSRV, v))
		}
	}
	if target == "" {
		return nil
	}
	x := kit.Find(report.Warn, "autodiscover.srv", f.srv.Name, "still sends Outlook to %s, probably left over from before the migration", target)
	x.Evidence = kit.Shown(f.srv)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: AutodiscoverDoc.Sources[1:],
		Text: "Decide whether Outlook should find all mailboxes of " + f.domain + " in Microsoft 365."}
	remove := "Delete the SRV record of " + f.srv.Name + "."
	if f.freeSRV != "" {
		x.Summary = "still sends Outlook to " + target + ", which does not exist" + kit.Anyone(f.freeSRV, asksPasswords)
	}
	if f.freeSRV != "" || f.expect == kit.ExpectM365 { // the migration is finished, or nothing is found there
		x.Fix.Text, x.Fix.Edits = remove, gone
	} else {
		x.Fix.Alternatives = allMoved(remove, gone)
	}
	return []report.Finding{x}
}

// misspelledAutodiscover reports whether a target is a near miss of the host of a
// cloud.
func misspelledAutodiscover(target string) bool {
	var known []string
	for _, c := range kit.Clouds() {
		if !slices.Contains(known, c.Autodiscover) {
			known = append(known, c.Autodiscover)
		}
	}
	_, ok := nearmiss.Of(target, known)
	return ok
}

func isCloudAutodiscover(chain []string) bool {
	return slices.ContainsFunc(kit.Clouds(), func(c kit.Cloud) bool { return slices.Contains(chain, c.Autodiscover) })
}

func srvTarget(value string) string {
	if i := strings.LastIndexByte(value, ' '); i >= 0 {
		return value[i+1:]
	}
	return value
}

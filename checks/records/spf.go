package records

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// SPFDoc explains the check.
var SPFDoc = kit.Doc{
	Means: "Which servers may send mail for the domain: its SPF record with " +
		"everything it includes, counted and evaluated as receivers do. " +
		"Pass means one valid record, within the limits, that allows the servers of Microsoft 365 to send.",
	Why: "Gmail, Yahoo and Outlook.com reject mail from domains without SPF or send it to junk. Receivers treat a record " +
		"that is not valid, exists twice or needs more than ten lookups as an error (permerror) and ignore it.",
	Fix: "Publish exactly one TXT record at the domain that starts with v=spf1, holds " +
		"include:spf.protection.outlook.com (or that of your cloud) " +
		"and one term for each other service that sends for you, and ends in -all or ~all. maildiag spf DOMAIN " +
		"shows what each term costs; maildiag spf DOMAIN --add TERM shows what a change would do.",
	Sources: []string{
		"RFC 7208", "https://learn.microsoft.com/defender-office-365/email-authentication-spf-configure",
		"https://support.google.com/a/answer/14229414",
		"https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records",
	},
}

// The sources that SPF findings cite.
const (
	linkSPFMicrosoft = "https://learn.microsoft.com/defender-office-365/email-authentication-spf-configure"
	linkSPFGoogle    = "https://support.google.com/a/answer/14229414"
)

// spfFacts are the SPF records of a domain and what its other records say.
type spfFacts struct {
	domain    string
	expect    kit.Expectation
	alone     bool // no list: all terms are shown
	profile   kit.Profile
	tree      *spf.Tree
	mx        []kit.MXTarget
	mxErr     error             // the MX records could not be asked
	free      map[string]string // by target of a term that finds nothing: its domain, which anyone can register
	hosts     map[string]bool   // targets of own includes without an SPF record that are hosts with an address
	misplaced *misplacedSPF     // the record that the domain lacks, at another name
	mxAddrs   []netip.Addr      // of the hosts that receive mail, asked if there is no SPF record

	// enforced is the DMARC policy in force, which makes receivers reject or junk
	// mail that fails SPF; empty if there is none. Asked only if the tree lets
	// everyone send.
	enforced dmarc.Policy

	// Asked only if the tree does not lead to the cloud's include.
	cloud   *spf.Tree     // the record of the cloud's include
	sampled []spf.Outcome // what check_host says to some of the cloud's hosts
	open    bool          // it lets a host pass that is nobody's, by a term that is evaluated for each message
}

// SPF checks the SPF record.
func SPF(k *kit.Known) []report.Finding { return kit.Judge(k, gatherSPF(k), judgeSPF) }

func gatherSPF(k *kit.Known) (f spfFacts) {
	f.domain, f.expect, f.alone = k.Domain, k.Expect, !k.List
	p, ok := k.Profile()
	tree, ok2 := k.SPF()
	mx, _ := k.Need(k.Domain, dnsrec.TypeMX)
	f.profile, f.tree, f.mx, f.mxErr = p, tree, k.MXTargets(), mx.Err
	if ok && ok2 && p.Microsoft && tree.Root.Err == nil && len(tree.Root.Records) == 0 {
		f.mxAddrs = addressesOfMX(k)
	}
	if ok2 && tree.Root.Err == nil && len(tree.Root.Records) == 0 && !k.List {
		f.misplaced = gatherMisplacedSPF(k)
	}
	if ok && ok2 && p.Microsoft && len(tree.Root.Records) > 0 && len(tree.Reaches(p.Cloud.SPF)) == 0 {
		f.sampleCloud(k)
	}
	if ok2 {
		f.free = freeTargets(k, tree)
		f.hosts = f.hostTargets(k)
	}
	if ok2 && len(tree.Everyone()) > 0 {
		f.enforced = enforcedPolicy(k)
	}
	return f
}

// enforcedPolicy returns the DMARC policy by which mail that fails is rejected or
// sent to junk; empty if there is none. A policy that is not known is taken to be
// the strictest.
func enforcedPolicy(k *kit.Known) dmarc.Policy {
	res, ok := discovered.Of(k)
	switch {
	case ok && res.Tree.Err != nil:
		return dmarc.Reject
	case ok && res.Tree.Found() && res.Tree.Declared != dmarc.None:
		return res.Tree.Declared
	}
	return ""
}

// addressesOfMX returns the IPv4 addresses of the MX hosts that say nothing by
// their names.
func addressesOfMX(k *kit.Known) (addrs []netip.Addr) {
	targets := k.MXTargets()
	for _, m := range targets[:min(len(targets), maxMXHosts)] {
		if m.Kind != kit.MXOther {
			continue
		}
		a, _ := k.Need(m.Host, dnsrec.TypeA)
		for _, v := range a.Values {
			if ip, err := netip.ParseAddr(v); err == nil && a.Err == nil {
				addrs = append(addrs, ip)
			}
		}
	}
	return addrs
}

// nobodysAddress is an address that no host has (RFC 5737).
const nobodysAddress = "198.51.100.77"

// sampleCloud reports whether the cloud's hosts may send although the tree does
// not show its include: flattened, or hidden behind macros.
func (f *spfFacts) sampleCloud(k *kit.Known) {
	var ok bool
	if f.cloud, ok = k.About(f.profile.Cloud.SPF).SPF(); !ok {
		return
	}
	dynamic := false
	f.tree.Walk(func(b *spf.Branch) bool {
		dynamic = dynamic || b.State == spf.StateDynamic && b.Kind != spf.PTR
		return !dynamic
	})
	if !dynamic {
		return
	}
	nets, _ := f.cloud.Networks()
	for _, v4 := range []bool{true, false} {
		i := slices.IndexFunc(nets, func(n spf.Network) bool { return n.Prefix.Addr().Is4() == v4 })
		if i >= 0 {
			c := spf.Checker{Resolver: k.InTurn(), Now: k.Now}
			host := nets[i].Prefix.Addr().Next()
			f.sampled = append(f.sampled, c.Check(context.Background(), host, strings.TrimPrefix(f.profile.Cloud.MX[0], "."), "postmaster@"+k.Domain))
		}
	}
	if len(f.sampled) > 0 && f.sampled[0].Result == spf.Pass {
		c := spf.Checker{Resolver: k.InTurn(), Now: k.Now}
		f.open = c.Check(context.Background(), netip.MustParseAddr(nobodysAddress), "nobody.example", "postmaster@"+k.Domain).Result == spf.Pass
	}
}

const usualSPF = 8 // findings

// judgeSPF judges the SPF record of a domain.
func judgeSPF(f spfFacts) []report.Finding {
	root := f.tree.Root
	if root.Err != nil {
		return []report.Finding{kit.Undecided("spf.record", f.domain, root.Err)}
	}
	if len(root.Records) == 0 {
		return judgeNoSPF(f)
	}
	fs := make([]report.Finding, 0, usualSPF)
	if len(root.Records) == 1 {
		fs = append(fs, spfPresent(f))
	} else {
		fs = append(fs, judgeManySPF(f))
	}
	if f.alone {
		fs[0].Terms = f.terms()
	}
	fs = append(fs, judgeAlike(f)...)
	fs = append(fs, judgeSyntax(f)...)
	fs = append(fs, judgeSPFCloud(f)...)
	fs = append(fs, judgeIncludes(f)...)
	fs = append(fs, judgeFree(f)...)
	fs = append(fs, judgeWithheld(f)...)
	fs = append(fs, judgeLookups(f), judgeVoids(f))
	fs = append(fs, judgeAll(f))
	fs = append(fs, judgeTerms(f)...)
	fs = append(fs, judgeLeftoverSPF(f)...)
	fs = append(fs, judgeCutover(f), tellSenders(f), judgeSize(f))
	return slices.DeleteFunc(fs, func(x report.Finding) bool { return x.Status == report.Unset })
}

// maxSPFShown is how much of a record a summary shows.
const maxSPFShown = 100

func spfPresent(f spfFacts) report.Finding {
	rec := f.tree.Root.Records[0]
	x := kit.Find(report.Pass, "spf.record", f.domain, "%s", kit.Clip(spf.Visible(rec.Text), maxSPFShown))
	if f.profile.Parked && rec.String() == parkedSPF {
		x.Summary = "v=spf1 -all: no server may send mail for this domain. This is correct for a parked domain"
	}
	if len(rec.Faults) > 0 {
		x.Status = report.Info
	}
	x.Evidence = []report.Evidence{spfSeen(f.tree.Root)}
	x.Data = map[string]any{"lookups": f.tree.Lookups, "voids": f.tree.Voids}
	return x
}

const parkedSPF = "v=spf1 -all"

// spfSeen shows the SPF records among the TXT records of a name.
func spfSeen(n *spf.Node) report.Evidence {
	a := n.Answer
	a.Values = nil
	for _, r := range n.Records {
		a.Values = append(a.Values, kit.Clip(r.Text, maxSPFEvidence))
	}
	for _, l := range n.Alike {
		a.Values = append(a.Values, kit.Clip(spf.Visible(l.Text), maxSPFEvidence))
	}
	if len(a.Values) == 0 && len(n.Answer.Values) > 0 {
		e := kit.Seen(dnsrec.Answer{Query: n.Answer.Query, Rcode: n.Answer.Rcode, CNAMEs: n.Answer.CNAMEs,
			Server: n.Answer.Server})
		e.Text = fmt.Sprintf("%s → %d TXT records, none of them SPF", n.Answer.Query, len(n.Answer.Values))
		return e
	}
	return kit.Seen(a)
}

const maxSPFEvidence = 4096

// fix returns a Fix whose edits change the record that the owner edits.
func (f spfFacts) fix(text string, edits []report.Edit, links ...string) *report.Fix {
	return &report.Fix{Owner: f.owner(), Text: text, Edits: edits, Links: links}
}

// owned returns the name whose SPF record the domain's owner edits.
func (f spfFacts) owned() string { return f.tree.Owned().Domain }

// discarded returns the code of the finding that says why receivers discard the
// domain's record, whatever it says; "" if they read it.
func (f spfFacts) discarded() string {
	switch records := f.tree.Root.Records; {
	case len(records) > 1:
		return "spf.multiple" // RFC 7208 4.5
	case len(records) == 1 && len(records[0].Faults) > 0:
		return "spf.syntax" // RFC 7208 4.6
	}
	return ""
}

// unlessDiscarded makes a skip of a pass by a record that receivers discard.
func (f spfFacts) unlessDiscarded(x report.Finding) report.Finding {
	if code := f.discarded(); code != "" && x.Status == report.Pass {
		x.Status, x.Fix = report.Skip, nil
		x.Summary = "skipped: receivers ignore the whole record (see " + code + ")"
	}
	return x
}

// owner is who can change the domain's SPF record.
func (f spfFacts) owner() string {
	if f.profile.Initial {
		return report.OwnerMicrosoft
	}
	return report.OwnerDNS
}

// advice is how the record may be shortened.
func (f spfFacts) advice() spf.Advice {
	a := spf.Advice{Receives: kit.OnlyReceives}
	for i := range kit.Clouds() {
		a.Keep = append(a.Keep, kit.Clouds()[i].SPF)
	}
	if f.migrated() {
		a.Leftover = isLeftover
	}
	for _, b := range f.ownBranches() {
		if f.receivesAt(b.Target) {
			a.Keep = append(a.Keep, b.Target)
		}
	}
	return a
}

// receivesAt reports whether a target belongs to the operator of a mail server that
// receives the domain's mail: who has mailboxes there sends from there, too.
func (f spfFacts) receivesAt(target string) bool {
	s := spf.SenderOf(target)
	org, err := publicsuffix.EffectiveTLDPlusOne(target)
	return slices.ContainsFunc(f.mx, func(m kit.MXTarget) bool {
		switch m.Kind {
		case kit.MXMicrosoft, kit.MXNull, kit.MXVerify:
			return false
		case kit.MXProvider:
			if s != nil && named(*s, m.Name) {
				return true
			}
		}
		return err == nil && org != f.domain && dnsrec.Within(m.Host, org)
	})
}

// migrated reports whether all mail arrives at Microsoft 365 first; records of the old
// host may be left behind it.
func (f spfFacts) migrated() bool {
	first := kit.MostPreferred(f.mx)
	return f.profile.Microsoft && len(first) > 0 && !slices.ContainsFunc(first, func(m kit.MXTarget) bool { return !m.Microsoft() })
}

// isLeftover reports whether a sender is a mailbox provider other than Microsoft.
func isLeftover(s *spf.Sender) bool {
	return s.Kind == spf.Mailbox && s.Name != "Microsoft 365" && s.Name != "Outlook.com"
}

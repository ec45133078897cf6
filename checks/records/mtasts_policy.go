package records

import (
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// judgeSTSPolicy judges what came of fetching the policy.
func judgeSTSPolicy(f mtastsFacts) []report.Finding {
	untimely, wrongClock := clockFault(f)
	if x, ok := fetchFault(f.policy, "mtasts.policy", "mtasts.certificate", mtasts.PolicyHost(f.domain)); !ok {
		switch {
		case inspected(f.policy, f.compared):
			x = inspectedFinding(f.policy, f.compared, mtasts.PolicyHost(f.domain))
		case wrongClock:
			x = untimely
		case hostGone(f.policy):
			askIfUsed(f, x.Fix)
			x.Summary += kit.Anyone(f.free, "publish a policy that keeps mail away from "+f.domain)
		}
		return []report.Finding{x}
	}
	var fs []report.Finding
	switch {
	case wrongClock:
		fs = append(fs, untimely)
	case f.policy.TLS != nil && f.policy.TLS.Leaf != nil:
		fs = append(fs, judgeExpiry(f))
	}
	p, problems := mtasts.ParsePolicy(f.policy.Body)
	fs = append(fs, judgePolicyFile(f, p, problems))
	if !mtasts.Valid(problems) {
		return fs
	}
	if x, odd := judgeContentType(f.policy); odd {
		fs = append(fs, x)
	}
	fs = append(fs, judgeMode(f, p))
	if p.Mode == mtasts.None {
		return fs
	}
	fs = append(fs, judgeCovers(f, p)...)
	if x, odd := judgeMaxAge(f, p); odd {
		fs = append(fs, x)
	}
	return fs
}

// hostGone reports whether the host of the policy has no address: MTA-STS may
// have been given up.
func hostGone(r *httpsget.Response) bool {
	return r.Err != nil && (r.Err.Kind == httpsget.KindNXDomain || r.Err.Kind == httpsget.KindNoAddress)
}

// askIfUsed makes a decision of what is asked for a policy without a host. A policy that senders have
// stays in force without the record, too (RFC 8461 3.3).
func askIfUsed(f mtastsFacts, fix *report.Fix) {
	host, unused := mtasts.PolicyHost(f.domain), unusedSTS(f)
	used := report.Choice{Label: "if it does", Text: fmt.Sprintf("Publish an A, AAAA or CNAME record for %s that points to the web server with the policy.", host)}
	used.Edits, fix.Edits = fix.Edits, nil
	gone := "the host of the policy does not exist."
	if n := len(f.aliases); n > 0 {
		gone = host + " is an alias of " + f.aliases[n-1] + ", which does not exist."
		used.Text = "Point the CNAME record of " + host + " to the web server with the policy."
		unused.Text += " Delete the CNAME record of " + host + " as well."
		unused.Edits = append(unused.Edits, kit.Remove(host, dnsrec.TypeCNAME, kit.FQDN(f.aliases[0])))
	}
	fix.Text, fix.Alternatives = "Decide whether "+f.domain+" uses MTA-STS: its TXT record says so, but "+gone, []report.Choice{used, unused}
}

// unusedSTS is the way to give MTA-STS up.
func unusedSTS(f mtastsFacts) report.Choice {
	unused := report.Choice{Label: "if " + f.domain + " no longer uses MTA-STS", Text: "Delete the TXT record " + f.txt.Name + ".",
		Caution: "Senders that have a policy from before apply it until its max_age has passed."}
	meant, _ := stsRecords(f.txt.Values)
	for _, v := range meant {
		unused.Edits = append(unused.Edits, kit.Remove(f.txt.Name, dnsrec.TypeTXT, v))
	}
	return unused
}

// askIfWanted makes a decision of the change that leaves one record of several: the
// policy, which senders ignore today, comes into force by it.
func askIfWanted(f mtastsFacts, fix *report.Fix) {
	one := report.Choice{Label: "if " + f.domain + " uses MTA-STS", Edits: fix.Edits,
		Text: fix.Text + " Senders then apply the policy at " + mtasts.PolicyURL(f.domain) + ", which must list every MX host."}
	fix.Text, fix.Edits = "Decide whether "+f.domain+" uses MTA-STS: it has several TXT records, and the policy is not in force.", nil
	fix.Alternatives = []report.Choice{one, unusedSTS(f)}
}

// refuses reports whether the policy that is served, if it were in force, would keep senders
// from an MX host of the domain (RFC 8461 5).
func refuses(f mtastsFacts) bool {
	if f.policy == nil {
		return false
	}
	p, ok := kit.STSPolicy(f.policy)
	return ok && p.Mode == mtasts.Enforce && (f.mxErr != nil || slices.ContainsFunc(f.hosts, func(m kit.MXTarget) bool { return !p.Allows(m.Host) }))
}

// policyFirst takes the records out of what mends the record of a policy that refuses: it is
// the damage which keeps the policy from stopping mail.
func policyFirst(f mtastsFacts, fix *report.Fix, several bool) {
	first := "First correct the policy: it is in mode enforce and does not list every MX host of " + f.domain + ". The damaged record keeps it out of force, so mail arrives today."
	fix.Text, fix.Edits = first+" Then replace the record.", nil
	if several {
		askIfWanted(f, fix)
	}
}

// judgePolicyFile reports what is wrong with the file, line by line.
func judgePolicyFile(f mtastsFacts, p mtasts.Policy, problems []mtasts.Problem) report.Finding {
	subject := mtasts.PolicyHost(f.domain)
	evidence := []report.Evidence{shown(f.policy), shownPolicy(f.policy)}
	if len(problems) == 0 {
		x := kit.Find(report.Pass, "mtasts.policy", subject, "the policy exists and is valid")
		x.Evidence = evidence
		x.Data = map[string]any{"mode": string(p.Mode), "max_age": int(p.MaxAge / time.Second),
			"mx": strings.Join(p.MX[:min(len(p.MX), 10)], " ")}
		return x
	}
	x := kit.Find(report.Warn, "mtasts.policy", subject, "senders accept the policy, but %s", problems[0])
	if worst := firstFatal(problems); worst != nil {
		x.Status = report.Fail
		x.Summary = fmt.Sprintf("senders reject the policy, so it is not in force: %s", *worst)
	}
	if len(problems) > 1 {
		x.Summary += fmt.Sprintf(" (%d problems)", len(problems))
	}
	x.Cause, x.Evidence = report.CauseDomain, evidence
	for _, problem := range problems {
		text := problem.String()
		if problem.Text != "" {
			text += "\n  " + problem.Text
		}
		x.Evidence = append(x.Evidence, report.Evidence{Kind: "rule", Text: text, Link: "RFC 8461 3.2"})
	}
	x.Fix = policyFix(f, p, "Serve this file in its place, then change the id in the TXT record.")
	return x
}

func firstFatal(problems []mtasts.Problem) *mtasts.Problem {
	for i := range problems {
		if problems[i].Fatal {
			return &problems[i]
		}
	}
	return nil
}

// maxPolicyShown is how many bytes of a policy evidence shows.
const maxPolicyShown = 2000

func shownPolicy(r *httpsget.Response) report.Evidence {
	body := strings.ReplaceAll(string(r.Body), "\r\n", "\n")
	return report.Evidence{Kind: "https", Text: kit.Clip(kit.FirstLines(body, kit.MaxShown), maxPolicyShown), From: r.URL}
}

// judgeContentType: a sender may insist on text/plain. RFC 8461 3.2, 3.3
func judgeContentType(r *httpsget.Response) (x report.Finding, odd bool) {
	kind, _, err := mime.ParseMediaType(r.ContentType)
	if err == nil && kind == "text/plain" {
		return report.Finding{}, false
	}
	x = kit.Find(report.Warn, "mtasts.content-type", r.URL,
		"the policy is served as %q; some senders accept text/plain only", kit.Clip(r.ContentType, 60))
	if r.ContentType == "" {
		x.Summary = "the policy is served without a Content-Type; some senders accept text/plain only"
	}
	x.Evidence = []report.Evidence{shown(r)}
	x.Fix = &report.Fix{Owner: OwnerWeb, Text: "Serve it with Content-Type: text/plain.",
		Links: []string{"RFC 8461 3.3"}}
	return x, true
}

// judgeMode reports how far the policy goes, and the next step.
func judgeMode(f mtastsFacts, p mtasts.Policy) report.Finding {
	x := kit.Find(report.Pass, "mtasts.mode", f.domain, "enforce: senders deliver only over verified TLS")
	x.Data = map[string]any{"mode": string(p.Mode)}
	switch p.Mode {
	case mtasts.Testing:
		x.Status = report.Info
		x.Summary = "testing: senders report TLS failures and still deliver"
		p.Mode = mtasts.Enforce
		x.Fix = policyFix(f, p, "After a few weeks of TLS reports without failures, move to "+
			"enforce: serve this file, then change the id.")
		x.Fix.Links = []string{"RFC 8461 5"}
	case mtasts.None:
		x.Status = report.Info
		x.Summary = "none: the policy is turned off"
		x.Fix = &report.Fix{Owner: OwnerWeb, Links: []string{"RFC 8461 8.3"},
			Text: "To use MTA-STS, set mode: testing and change the id. To end it, " +
				"keep mode: none until the max_age of the previous policy has " +
				"passed. Then delete the record, and after that the file."}
	}
	return x
}

// maxSTSHosts is how many MX hosts are compared with a policy.
const maxSTSHosts = 100

// judgeCovers compares the policy with the MX records.
func judgeCovers(f mtastsFacts, p mtasts.Policy) []report.Finding {
	if f.mxErr != nil {
		return []report.Finding{kit.Undecided("mtasts.mx", f.domain, f.mxErr)}
	}
	if len(f.hosts) == 0 {
		return []report.Finding{kit.Find(report.Info, "mtasts.mx", f.domain, "no MX host to compare with the policy")}
	}
	hosts := f.hosts[:min(len(f.hosts), maxSTSHosts)]
	var missed []kit.MXTarget
	for _, m := range hosts {
		if !p.Allows(m.Host) {
			missed = append(missed, m)
		}
	}
	if len(missed) > 0 {
		return []report.Finding{judgeMissed(f, p, hosts, missed)}
	}
	x := kit.Find(report.Pass, "mtasts.mx", f.domain, "the policy covers all MX hosts (%d)", len(hosts))
	x.Evidence = kit.Shown(f.mx)
	fs := []report.Finding{x}
	if y, odd := judgeUnused(f, p, hosts); odd {
		fs = append(fs, y)
	}
	return fs
}

// judgeMissed judges MX hosts that the policy does not name.
func judgeMissed(f mtastsFacts, p mtasts.Policy, hosts, missed []kit.MXTarget) report.Finding {
	x := kit.Find(report.Warn, "mtasts.mx", f.domain, "")
	x.Cause = report.CauseDomain
	names := make([]string, len(missed))
	for i, m := range missed {
		names[i] = m.Host
	}
	x.Summary = fmt.Sprintf("the policy does not cover %s", kit.ShortList(names, 4))
	switch {
	case p.Mode == mtasts.Enforce && len(missed) == len(hosts):
		x.Status = report.Fail
		x.Summary += ": senders that use MTA-STS cannot deliver to this domain at all"
	case p.Mode == mtasts.Enforce:
		x.Status = report.Fail
		x.Summary += ": senders that use MTA-STS do not deliver there"
	default:
		x.Summary += "; in mode enforce senders would not deliver there"
	}
	if trap := shortStar(p, missed); trap != "" {
		x.Summary += fmt.Sprintf(". The * in %s matches one label only", trap)
	}
	x.Evidence = []report.Evidence{kit.Seen(f.mx), shownPolicy(f.policy)}
	text := fmt.Sprintf("If these MX records are right, serve this policy, then change the id. Until then, senders keep the old policy for up to %s.", kit.Spell(p.MaxAge))
	if before := f.before(p); len(before) > 0 {
		f.today = slices.Concat(f.today, before)
		text += " It still lists the other servers of the old policy: senders may have old MX records. Take them out when these servers no longer receive mail."
	}
	x.Fix = policyFix(f, p, text)
	x.Fix.Links = []string{"RFC 8461 4.1"}
	x.Data = map[string]any{"missed": strings.Join(names[:min(len(names), 10)], " ")}
	return x
}

// before returns a host for each pattern that no MX record fits, and that may be of the
// mail system before a move. A slip in a name of Microsoft is none.
func (f *mtastsFacts) before(p mtasts.Policy) (hosts []kit.MXTarget) {
	for _, pattern := range p.MX {
		host := kit.ReadMX("0 " + strings.Replace(pattern, "*", "mx", 1))
		own := []kit.MXKind{kit.MXNull, kit.MXLiteral, kit.MXInvalid, kit.MXMicrosoft, kit.MXRetired, kit.MXSuffixed, kit.MXMisspelled, kit.MXMistaken}
		if !matchesAny(pattern, f.hosts) && !slices.Contains(own, host.Kind) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// shortStar finds a pattern that would match if a star stood for several
// labels, as in *.mx.microsoft; "" if there is none.
func shortStar(p mtasts.Policy, missed []kit.MXTarget) string {
	for _, pattern := range p.MX {
		zone, wild := strings.CutPrefix(pattern, "*")
		for _, m := range missed {
			if wild && strings.HasSuffix(m.Host, zone) {
				return pattern
			}
		}
	}
	return ""
}

// judgeUnused names the patterns that fit no MX host.
func judgeUnused(f mtastsFacts, p mtasts.Policy, hosts []kit.MXTarget) (x report.Finding, odd bool) {
	var unused []string
	for _, pattern := range p.MX {
		if !matchesAny(pattern, hosts) {
			unused = append(unused, pattern)
		}
	}
	if len(unused) == 0 {
		return report.Finding{}, false
	}
	x = kit.Find(report.Info, "mtasts.unused", f.domain,
		"the policy also lists %s, which is not an MX host of this domain", kit.ShortList(unused, 4))
	x.Evidence = kit.Shown(f.mx)
	x.Fix = policyFix(f, p, "This is correct during a migration. Afterwards, serve this file, then change the "+
		"id: a name that you no longer own should not stay in the policy.")
	return x, true
}

const (
	shortMaxAge = 24 * time.Hour     // under it, an attacker need only wait a night
	goodMaxAge  = 7 * 24 * time.Hour // RFC 8461 3.2: in the range of weeks
)

func judgeMaxAge(f mtastsFacts, p mtasts.Policy) (x report.Finding, odd bool) {
	if p.MaxAge >= goodMaxAge || p.Mode != mtasts.Enforce {
		return report.Finding{}, false
	}
	x = kit.Find(report.Info, "mtasts.max-age", f.domain,
		"senders keep the policy for %s only; several weeks are usual", kit.Spell(p.MaxAge))
	if p.MaxAge < shortMaxAge {
		x.Status, x.Cause = report.Warn, report.CauseDomain
		x.Summary = fmt.Sprintf("senders keep the policy for %s only: an attacker only has to "+
			"block the policy host that long for the policy to expire", kit.Spell(p.MaxAge))
	}
	x.Data = map[string]any{"max_age": int(p.MaxAge / time.Second)}
	p.MaxAge = usualMaxAge
	x.Fix = policyFix(f, p, "Serve this file, then change the id.")
	return x, true
}

// hasSTS reports whether the domain has an MTA-STS record that senders take.
// The question is the one of the check, and is asked once.
func hasSTS(a dnsrec.Answer) bool {
	_, ours := stsRecords(a.Values)
	return len(ours) == 1
}

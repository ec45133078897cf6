package records

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// MTASTSDoc explains the check.
var MTASTSDoc = kit.Doc{
	Means: "Whether the domain has an MTA-STS policy, whether senders can fetch and read it, and whether " +
		"it covers every MX host. " +
		"Pass means that senders that use MTA-STS deliver to this domain, and only over verified TLS.",
	Why: "Without MTA-STS or DANE, an attacker on the network between " +
		"two mail servers can turn off their encryption. " +
		"If a policy in mode enforce does not list an MX host (for example after a " +
		"migration), senders hold mail back and then bounce it (4.4.8, 5.4.8).",
	Fix: "Exchange Online does not host the policy. Serve it at " +
		"https://mta-sts.DOMAIN/.well-known/mta-sts.txt with a valid certificate and without a redirect. Start in mode " +
		"testing, and publish the TXT record at _mta-sts.DOMAIN. After each " +
		"change to the policy, change the id in the record.",
	Sources: []string{"RFC 8461", "https://learn.microsoft.com/purview/enhancing-mail-flow-with-mta-sts"},
}

// OwnerWeb is who runs the web server of a policy or a logo.
const OwnerWeb = "web server administrator"

// mtastsFacts are the halves of MTA-STS and the MX records they speak of.
type mtastsFacts struct {
	domain    string
	now       time.Time
	days      kit.CertDays
	profile   kit.Profile
	txt       dnsrec.Answer
	err       error
	policy    *httpsget.Response // nil: not fetched
	compared  *httpsget.Response // of another host, asked if the issuer or the time of the policy host's certificate is in doubt
	mx        dnsrec.Answer
	mxErr     error
	hosts     []kit.MXTarget // of mx, those that can have a certificate, for the judges
	published []string       // the MX records that are published, if those of mx are changed ones
	today     []kit.MXTarget // the same of them
	aliases   []string       // of the policy's host, if that does not exist
	free      string         // the domain to which they lead, if anyone can register it
	wild      bool           // the alias of the record's name comes from a wildcard record
	freeTXT   string         // as free, of the alias of the record's name
}

// MTASTS checks the MTA-STS record and policy.
func MTASTS(k *kit.Known) []report.Finding { return kit.Judge(k, gatherMTASTS(k), judgeMTASTS) }

func gatherMTASTS(k *kit.Known) mtastsFacts {
	f := mtastsFacts{domain: k.Domain, now: k.Now, days: k.CertDays}
	if !k.List { // beside the record and not after it: a round trip less
		for _, t := range k.Families() {
			k.Want(mtasts.PolicyHost(k.Domain), t)
		}
	}
	f.profile, _ = k.Profile()
	mx, _ := k.Need(k.Domain, dnsrec.TypeMX)
	f.mx, f.mxErr = mx.Answer, mx.Err
	published, _ := k.Published(k.Domain, dnsrec.TypeMX)
	f.published = published.Values
	txt, ok := k.Need(k.Under(mtasts.Label), dnsrec.TypeTXT)
	f.txt, f.err = txt.Answer, txt.Err
	if !ok {
		return f
	}
	if len(f.txt.CNAMEs) > 0 {
		f.freeTXT = k.FreeEnd(f.txt)
	}
	if f.wild = k.WildAlias(f.txt); k.Missing() {
		return f
	}
	if meant, _ := stsRecords(f.txt.Values); len(meant) > 0 && k.HTTPS != nil {
		f.policy, _ = k.Get(mtasts.PolicyURL(k.Domain))
	}
	if f.policy != nil && hostGone(f.policy) {
		if a, ok := k.Need(mtasts.PolicyHost(k.Domain), dnsrec.TypeA); ok && len(a.CNAMEs) > 0 {
			f.aliases, f.free = a.CNAMEs, k.FreeDomain(a.CNAMEs[len(a.CNAMEs)-1])
		}
	}
	if unknownIssuer(f.policy) || clockDoubted(f.policy) {
		f.compared, _ = k.Get(comparisonURL())
	}
	return f
}

// stsRecords picks the records that are meant as MTA-STS, and of them those
// that senders take as such.
func stsRecords(values []string) (meant, ours []string) {
	return meantAs(values, func(v string) bool { _, is, _ := mtasts.Parse(v); return is }, mtasts.Resembles)
}

// meantAs picks the records that are of a kind or resemble it, and of them those that are of it.
func meantAs(values []string, of func(string) bool, resembles func(string) (why string, yes bool)) (meant, ours []string) {
	for _, v := range values {
		is := of(v)
		if is {
			ours = append(ours, v)
		}
		if _, like := resembles(v); is || like {
			meant = append(meant, v)
		}
	}
	return meant, ours
}

func judgeMTASTS(f mtastsFacts) []report.Finding {
	fs := judgeSTS(f)
	for i := range fs {
		if meant, _ := stsRecords(f.txt.Values); len(meant) > 0 && kit.Changes(fs[i].Fix, f.txt) {
			kit.Behind(f.txt, f.domain, fs[i].Fix)
		}
	}
	return fs
}

func judgeSTS(f mtastsFacts) []report.Finding {
	f.hosts = mailHosts(kit.ReadMXs(f.mx.Values))
	if f.today = f.hosts; !slices.Equal(f.published, f.mx.Values) {
		f.today = mailHosts(kit.ReadMXs(f.published))
	}
	switch meant, _ := stsRecords(f.txt.Values); {
	case f.err != nil:
		return []report.Finding{kit.Mild(kit.Undecided("mtasts.record", f.domain, f.err))}
	case f.profile.Initial && len(meant) == 0:
		return []report.Finding{kit.Find(report.Skip, "mtasts.record", f.domain,
			"the zone belongs to Microsoft; MTA-STS is for domains of your own")}
	case len(meant) == 0:
		return []report.Finding{judgeNoSTS(f)}
	}
	fs := []report.Finding{judgeSTSRecord(f)}
	switch _, ours := stsRecords(f.txt.Values); {
	case fs[0].Fix != nil && f.policy != nil && hostGone(f.policy):
		askIfUsed(f, fs[0].Fix)
	case fs[0].Fix != nil && refuses(f):
		policyFirst(f, fs[0].Fix, len(ours) > 1)
	case len(ours) > 1:
		askIfWanted(f, fs[0].Fix)
	}
	if fs[0].Status != report.Pass && f.policy != nil { // not in force: only what else has to be mended
		return append(fs, outOfForce(fs[0], slices.DeleteFunc(judgeSTSPolicy(f), harmless))...)
	}
	if f.policy == nil {
		return append(fs, kit.Find(report.Skip, "mtasts.policy", f.domain,
			"not fetched: this run does not contact web servers"))
	}
	return append(fs, judgeSTSPolicy(f)...)
}

// outOfForce returns the findings about a policy that no sender fetches, because its
// record is damaged: what the policy would do, it does not do yet. Both are mended
// together, the policy first.
func outOfForce(record report.Finding, policy []report.Finding) []report.Finding {
	for i := range policy {
		x := &policy[i]
		if x.Code != "mtasts.mx" || x.Status != report.Fail {
			continue
		}
		x.Status = report.Warn
		x.Summary = strings.NewReplacer("that use MTA-STS cannot deliver to this domain at all", "that use MTA-STS cannot deliver to this domain at all once the record is valid",
			"that use MTA-STS do not deliver there", "that use MTA-STS do not deliver there once the record is valid").Replace(x.Summary)
		if record.Fix != nil && len(record.Fix.Edits)+len(record.Fix.Alternatives) == 0 { // see policyFirst
			x.Fix.Text = record.Fix.Text
			*record.Fix = *x.Fix
		}
	}
	return policy
}

func harmless(x report.Finding) bool { return x.Status == report.Pass || x.Status == report.Info }

// judgeNoSTS judges a domain without a record.
func judgeNoSTS(f mtastsFacts) report.Finding {
	x := kit.Find(report.Info, "mtasts.record", f.domain,
		"no MTA-STS: an attacker on the network can make senders deliver without encryption")
	x.Evidence = kit.Shown(f.txt)
	switch {
	case f.mxErr == nil && !f.profile.Receives:
		x.Summary = "no MTA-STS. This is correct for a domain that receives no mail"
		return x
	case len(f.txt.CNAMEs) > 0 && !f.wild:
		x.Status, x.Cause = report.Warn, report.CauseDomain
		x.Summary = fmt.Sprintf("%s is an alias of %s, which has no MTA-STS record", f.txt.Name,
			f.txt.CNAMEs[len(f.txt.CNAMEs)-1])
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 8461 8.2"},
			Text: "Ask the operator of " + f.txt.CNAMEs[len(f.txt.CNAMEs)-1] + " for the correct target of the alias " + f.txt.Name + ", or delete the alias."}
		if f.freeTXT != "" {
			x.Summary += kit.Anyone(f.freeTXT, "say that "+f.domain+" uses MTA-STS")
			x.Fix.Text, x.Fix.Edits = "Delete the alias "+f.txt.Name+". No sender finds a record through it today.", []report.Edit{kit.Remove(f.txt.Name, dnsrec.TypeCNAME, kit.Absolute(f.txt.CNAMEs[0]))}
		}
		return x
	}
	x.Fix = policyFix(f, mtasts.Policy{}, "Optional: to use MTA-STS, serve this file at "+mtasts.PolicyURL(f.domain)+
		", then publish the record. Mode testing does not affect delivery.")
	return x
}

func judgeSTSRecord(f mtastsFacts) report.Finding {
	meant, ours := stsRecords(f.txt.Values)
	x := kit.Find(report.Fail, "mtasts.record", f.domain, "")
	x.Evidence = kit.Shown(f.txt)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 8461 3.1"}}
	switch {
	case len(ours) > 1:
		x.Summary = fmt.Sprintf("%d MTA-STS records; only one is allowed. Senders ignore all of them, so the policy is not in force",
			len(ours))
		x.Fix.Text = "Keep one of the MTA-STS records at " + f.txt.Name + " and delete the others."
		x.Fix.Edits = keepOne(f, ours)
	case len(ours) == 0:
		why, _ := mtasts.Resembles(meant[0])
		x.Summary = "a record meant as MTA-STS is not recognized, so the policy is not in force: " + why
		x.Fix.Text = "Replace the record."
		x.Fix.Edits = []report.Edit{kit.Replace(f.txt.Name, dnsrec.TypeTXT, meant[0], nextRecord(f.now))}
	default:
		rec, _, err := mtasts.Parse(ours[0])
		if err == nil {
			x.Status, x.Fix = report.Pass, nil
			x.Summary = "one record, id " + rec.ID
			x.Data = map[string]any{"id": rec.ID}
			return x
		}
		why := strings.TrimPrefix(err.Error(), "mtasts: ")
		x.Summary = "the record is not valid, so the policy is not in force: " + why
		x.Fix.Text = "Replace the record."
		x.Fix.Edits = []report.Edit{kit.Replace(f.txt.Name, dnsrec.TypeTXT, ours[0], nextRecord(f.now))}
	}
	return x
}

// keepOne returns the changes that leave one of several records: the newest that is valid.
func keepOne(f mtastsFacts, ours []string) (edits []report.Edit) {
	var kept mtasts.Record
	keep := ""
	for _, v := range ours {
		if rec, _, err := mtasts.Parse(v); err == nil && (keep == "" || rec.ID > kept.ID) {
			kept, keep = rec, v
		}
	}
	for _, v := range ours {
		if v != keep {
			edits = append(edits, kit.Remove(f.txt.Name, dnsrec.TypeTXT, v))
		}
	}
	if keep == "" {
		edits = append(edits, kit.Add(f.txt.Name, dnsrec.TypeTXT, nextRecord(f.now)))
	}
	return edits
}

// nextRecord is a record with an id of now, which is new in any case.
func nextRecord(now time.Time) string {
	return mtasts.Record{ID: now.UTC().Format("20060102150405")}.String()
}

// changeID is the change of the record that makes senders fetch the policy
// again. RFC 8461 3.1
func changeID(f mtastsFacts) report.Edit {
	if _, ours := stsRecords(f.txt.Values); len(ours) == 1 {
		return kit.Replace(mtasts.RecordName(f.domain), dnsrec.TypeTXT, ours[0], nextRecord(f.now))
	}
	return kit.Add(mtasts.RecordName(f.domain), dnsrec.TypeTXT, nextRecord(f.now))
}

// The shell's words around a policy that is to be written to its file. No line
// of a policy is policyEnd, and in quotes it keeps the shell off the lines.
const (
	policyEnd   = "END"
	writePolicy = "cat > .well-known/mta-sts.txt <<'" + policyEnd + "'"
)

// maxPatterns is how many mx lines a proposed policy has at most.
const maxPatterns = 20

// policyFix proposes a policy: p, with patterns for every MX of the domain, and
// with what it lacks. It keeps what covers a host that is published today: the
// policy changes before the MX records (RFC 8461 8.1).
func policyFix(f mtastsFacts, p mtasts.Policy, text string) *report.Fix {
	stray := func(pattern string) bool { return !matchesAny(pattern, f.hosts) && !matchesAny(pattern, f.today) }
	p.MX, p.Extensions = slices.DeleteFunc(slices.Clone(p.MX), stray), nil
	for _, m := range f.hosts {
		if !p.Allows(m.Host) && len(p.MX) < maxPatterns {
			p.MX = append(p.MX, patternFor(m))
		}
	}
	if p.Mode == "" {
		p.Mode = mtasts.Testing
	}
	if p.MaxAge == 0 {
		p.MaxAge = usualMaxAge
	}
	fix := &report.Fix{Owner: OwnerWeb, Text: text, Links: []string{"RFC 8461 3.2"},
		Edits: []report.Edit{changeID(f)}}
	if len(p.MX) > 0 { // else the MX records are not known, and so not what to write
		fix.Commands = WritePolicy(p)
	}
	return fix
}

// WritePolicy returns the commands that write a policy file.
func WritePolicy(p mtasts.Policy) []string {
	lines := strings.Split(strings.TrimSuffix(p.String(), "\r\n"), "\r\n")
	return slices.Concat([]string{writePolicy}, lines, []string{policyEnd})
}

// usualMaxAge is what is proposed: RFC 8461 3.2 expects weeks, and a week is
// short enough to get out of a mistake.
const usualMaxAge = 7 * 24 * time.Hour

// mailHosts reads the MX records that name a host.
func mailHosts(targets []kit.MXTarget) []kit.MXTarget {
	no := func(m kit.MXTarget) bool {
		return m.Kind == kit.MXNull || m.Kind == kit.MXLiteral || m.Kind == kit.MXInvalid
	}
	if !slices.ContainsFunc(targets, no) {
		return slices.Clip(targets)
	}
	return slices.DeleteFunc(slices.Clone(targets), no)
}

func matchesAny(pattern string, hosts []kit.MXTarget) bool {
	for _, m := range hosts {
		if mtasts.Match(pattern, m.Host) {
			return true
		}
	}
	return false
}

// patternFor is the pattern that covers an MX host. For Microsoft's it is the
// whole zone of its family, so that it still fits if the label changes; the
// star covers one label only, so *.mx.microsoft would not do.
func patternFor(m kit.MXTarget) string {
	if m.Kind == kit.MXMicrosoft {
		return "*." + family(m)
	}
	return m.Host
}

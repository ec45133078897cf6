package refusal

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// confirmSPF reports whether the address that sent may send for the sender, and
// if not, what to add to the record.
func confirmSPF(k *kit.Known, r Refusal) []report.Finding {
	ip, how := r.address(k)
	if !ip.IsValid() {
		return []report.Finding{r.missingIP("explain.spf")}
	}
	sender := r.sender()
	if sender == "" && r.HELO == "" && r.From != "" {
		sender = "postmaster@" + r.From
	}
	domain := domainOf(sender)
	if domain == "" {
		domain = domainOf(r.HELO)
	}
	if domain == "" {
		return []report.Finding{missing("explain.spf", "the sender",
			"Paste the whole bounce, or use --from DOMAIN.")}
	}
	c := spf.Checker{Resolver: k.InTurn(), Now: k.Now}
	out := c.Check(context.Background(), ip, r.HELO, sender)
	if out.LocalPart && sender != r.Sender {
		return []report.Finding{needsLocalPart(domain)}
	}
	f := judgeSPFOf(k, out, domain, ip)
	if how != "" {
		f.Summary += fmt.Sprintf(" (%s is %s)", ip, how)
	}
	return []report.Finding{f}
}

// sender returns the envelope sender for SPF. A record may ask for the local part
// (%{l}, RFC 7208 7.2), which would tell it to the name servers on the way.
func (r Refusal) sender() string {
	if _, domain, ok := strings.Cut(r.Sender, "@"); ok && !r.WithLocalPart {
		return testLocalPart + domain
	}
	return r.Sender
}

// needsLocalPart is the finding about a record that says nothing of the sender without
// the local part, which is not sent to the DNS unasked.
func needsLocalPart(domain string) report.Finding {
	f := kit.Find(report.Unknown, "explain.spf", domain, "the SPF record of %s depends on the mailbox of the sender, which was not sent to the DNS", domain)
	f.Cause = report.CauseInput
	f.Fix = &report.Fix{Owner: report.OwnerYou, Text: "Run again with --with-local-part: it sends the mailbox to the name servers of the sender.", Links: []string{"RFC 7208 7.2"}}
	return f
}

// testLocalPart stands for the sender's. RFC 7208 4.3
const testLocalPart = "postmaster@"

// sampleAddress returns one of the addresses of the cloud that a host belongs
// to.
func sampleAddress(k *kit.Known, host string) netip.Addr {
	cloud := cmp.Or(kit.CloudOfServer(host), &kit.Clouds()[0])
	tree, ok := k.About(cloud.SPF).SPF()
	if !ok {
		return netip.Addr{}
	}
	nets, _ := tree.Networks()
	i := slices.IndexFunc(nets, func(n spf.Network) bool { return n.Prefix.Addr().Is4() && n.Result == spf.Pass })
	if i < 0 {
		return netip.Addr{}
	}
	return nets[i].Prefix.Addr().Next()
}

func judgeSPFOf(k *kit.Known, out spf.Outcome, domain string, ip netip.Addr) report.Finding {
	const code = "explain.spf"
	switch out.Result {
	case spf.Pass:
		f := kit.Find(report.Pass, code, domain, "the SPF record of %s allows %s now (%s)", domain, ip, out.Term)
		f.Evidence = decided(out)
		return f
	case spf.TempError:
		return kit.Undecided(code, domain, out.Err)
	case spf.PermError:
		f := kit.Find(report.Fail, code, domain, "the SPF record of %s is not valid: %s", domain, out.Problem)
		f.Evidence = decided(out)
		f.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Correct the record: maildiag spf " + domain +
			" shows where and how.",
			Links: []string{"RFC 7208 8.7"}}
		return f
	}
	return judgeUnlisted(k, out, domain, ip)
}

// decided shows the term that decided.
func decided(out spf.Outcome) []report.Evidence {
	var path []string
	for _, s := range out.Path {
		path = append(path, s.String())
	}
	return []report.Evidence{{Kind: "rule", Text: strings.Join(path, " → "), From: out.Domain,
		Note: "the term that matched: " + out.Term, Link: "RFC 7208 4"}}
}

// judgeUnlisted reports what to add so that the address may send.
func judgeUnlisted(k *kit.Known, out spf.Outcome, domain string,
	ip netip.Addr) report.Finding {
	f := kit.Find(report.Fail, "explain.spf", domain, "")
	f.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 7208 4.6"},
		Text: "If that server sends for you, publish this record. If not, " +
			"someone forges your domain, and the rejection is correct."}
	term := termFor(k, ip)
	p := spf.Fetch(context.Background(), k, domain)
	if p.Err != nil {
		return kit.Undecided("explain.spf", domain, p.Err)
	}
	if len(p.Records) != 1 {
		return noSPF(k, f, domain, ip, term)
	}
	before := p.Records[0].Text
	after, place := withTerm(p.Records[0], term)
	f.Summary = fmt.Sprintf("your SPF (%s) does not list %s; add %s %s", domain, ip, term, place)
	f.Evidence = append(decided(out), kit.Seen(p.Answer))
	f.Fix.Edits = []report.Edit{kit.Replace(domain, dnsrec.TypeTXT, before, after)}
	return f
}

// noSPF completes the finding about a domain without a record. A record that
// lists one address alone would forbid all others, so only that of a cloud,
// which serves all of its customers, is proposed.
func noSPF(k *kit.Known, f report.Finding, domain string, ip netip.Addr, term string) report.Finding {
	if x, ok := unsure(k, f.Code, domain); ok {
		return x
	}
	f.Summary = fmt.Sprintf("%s has no SPF record, so nothing authorizes %s to send; publish one with %s", domain, ip, term)
	if strings.HasPrefix(term, "include:") {
		f.Fix.Edits = []report.Edit{kit.Add(domain, dnsrec.TypeTXT, "v=spf1 "+term+" -all")}
		return f
	}
	f.Fix.Text = "If that server sends for you, publish an SPF record that contains " + term + " and lists all your other sending servers " +
		"too. If not, someone forges your domain, and the rejection is correct."
	return f
}

// termFor is the term that lists an address: the include of a Microsoft cloud
// if it is one of theirs.
func termFor(k *kit.Known, ip netip.Addr) string {
	c := spf.Checker{Resolver: k.InTurn(), Now: k.Now}
	var asked []string
	for _, cloud := range kit.Clouds() {
		if slices.Contains(asked, cloud.SPF) {
			continue
		}
		asked = append(asked, cloud.SPF)
		if c.Check(context.Background(), ip, "", "postmaster@"+cloud.SPF).Result == spf.Pass {
			return "include:" + cloud.SPF
		}
	}
	if ip.Is4() {
		return "ip4:" + ip.String()
	}
	return "ip6:" + ip.String()
}

// withTerm puts a term before the all of a record, or else at its start.
func withTerm(r *spf.Record, term string) (after, place string) {
	all := r.All()
	if all == nil {
		rest := r.Text[min(len("v=spf1"), len(r.Text)):]
		return strings.TrimSpace("v=spf1 " + term + rest), "at the start of the record"
	}
	return r.Text[:all.Offset] + term + " " + r.Text[all.Offset:], "before " + all.Text
}

// maxSignings bounds the keys that are asked for.
const maxSignings = 10

// confirmDKIM asks for the keys of the signatures that the message carried.
func confirmDKIM(k *kit.Known, r Refusal) []report.Finding {
	if len(r.Signed) == 0 {
		return notSigned(r)
	}
	var fs []report.Finding
	for _, s := range r.Signed[:min(len(r.Signed), maxSignings)] {
		domain := domainOf(s.Domain)
		if domain == "" || s.Selector == "" {
			continue
		}
		f := judgeSigning(dkim.Lookup(context.Background(), k, domain, s.Selector))
		if x, ok := unsure(k, f.Code, domain); ok && f.Status == report.Fail {
			f = x
		}
		fs = append(fs, f)
	}
	return fs
}

func notSigned(r Refusal) []report.Finding {
	if !r.Header {
		return []report.Finding{missing("explain.dkim", "whether the message was signed",
			"Paste the whole bounce with the header of the message that failed.")}
	}
	f := kit.Find(report.Fail, "explain.dkim", r.From, "the rejected message had no DKIM signature")
	f.Fix = &report.Fix{Owner: report.OwnerM365, Text: "Enable DKIM for the domain, and in every " +
		"service that sends in its name.",
		Commands: []string{"Get-DkimSigningConfig -Identity " + psDomain(r.From) +
			" | Format-List Enabled,Status,Selector*CNAME"},
		Links: []string{"RFC 6376 5"}}
	return []report.Finding{f}
}

func psDomain(d string) string {
	if d == "" {
		return "contoso.com"
	}
	return d
}

func judgeSigning(k *dkim.Result) report.Finding {
	const code = "explain.dkim"
	if k.Err != nil {
		return kit.Undecided(code, k.Name, k.Err)
	}
	f := kit.Find(report.Fail, code, k.Name, "")
	f.Evidence = kit.Shown(k.Answer)
	f.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6376 3.6.1"},
		Text: "Publish the key, or the CNAME that points to it, as the signing service " +
			"shows it. Until then, its signatures cannot be verified."}
	keys := k.Keys()
	switch {
	case len(keys) == 0:
		f.Summary = fmt.Sprintf("the message was signed with the key %s, which is missing in the DNS", k.Name)
	case len(keys) > 1:
		f.Summary = fmt.Sprintf("%s contains %d keys; receivers use none of them", k.Name, len(keys))
	case keys[0].Revoked():
		f.Summary = fmt.Sprintf("the key %s was revoked (p= is empty)", k.Name)
	case keys[0].Fault() != nil:
		f.Summary = fmt.Sprintf("the key %s is not valid: %s", k.Name, keys[0].Fault().Text)
	default:
		f.Status, f.Fix = report.Pass, nil
		f.Summary = fmt.Sprintf("the key of the signature, %s, is in the DNS", k.Name)
	}
	return f
}

// confirmDMARC asks for the policy of From, and whether sender and signatures
// are aligned with it.
func confirmDMARC(k *kit.Known, r Refusal) []report.Finding {
	from := domainOf(r.From)
	if from == "" {
		return []report.Finding{missing("explain.dmarc", "the domain in From",
			"Paste the whole bounce, or use --from DOMAIN.")}
	}
	found := dmarc.Discover(context.Background(), k, from)
	t := &found.Tree
	if t.Err != nil {
		return []report.Finding{kit.Undecided("explain.dmarc", from, t.Err)}
	}
	if t.Record == nil || !t.Found() {
		if x, ok := unsure(k, "explain.dmarc", from); ok {
			return []report.Finding{x}
		}
		return []report.Finding{noDMARC(from)}
	}
	f := kit.Find(report.Info, "explain.dmarc", from, "DMARC of %s says %s (found at %s)", from, t.Policy,
		dmarc.Name(t.At))
	f.Data = map[string]any{"policy": string(t.Policy)}
	return append([]report.Finding{f}, judgeAlignment(k, found, r, from)...)
}

func noDMARC(from string) report.Finding {
	f := kit.Find(report.Fail, "explain.dmarc", from, "%s has no DMARC record with a policy", from)
	f.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish a policy. p=none does not change anything for your " +
		"mail and meets the requirement of large receivers.",
		Edits: []report.Edit{kit.Add(dmarc.Name(from), dnsrec.TypeTXT,
			"v=DMARC1; p=none; rua=mailto:dmarc@"+from)},
		Links: []string{"RFC 9989 4.7"}}
	return f
}

// judgeAlignment reports whether anything that could pass is aligned with From.
func judgeAlignment(k *kit.Known, found *dmarc.Result, r Refusal,
	from string) []report.Finding {
	var signed []string
	for _, s := range r.Signed[:min(len(r.Signed), maxSignings)] {
		if d := domainOf(s.Domain); d != "" && !slices.Contains(signed, d) {
			signed = append(signed, d)
		}
	}
	sender := domainOf(r.Sender)
	if len(signed) == 0 && sender == "" {
		return nil
	}
	var aligned, foreign []string
	for _, id := range found.Evaluate(context.Background(), k, signed, sender).Identifiers {
		name := fmt.Sprintf("%s %s", strings.ToUpper(id.Method), id.Domain)
		switch {
		case id.Err != nil && !id.Tree:
			return []report.Finding{kit.Undecided("explain.alignment", id.Domain, id.Err)}
		case id.Tree:
			aligned = append(aligned, name)
		default:
			foreign = append(foreign, name)
		}
	}
	if len(aligned) > 0 {
		f := kit.Find(report.Info, "explain.alignment", from, "aligned with From %s, if it passes: %s", from, strings.Join(aligned, ", "))
		f.Data = map[string]any{"aligned": aligned}
		return []report.Finding{f}
	}
	f := kit.Find(report.Fail, "explain.alignment", from,
		"no identifier of the message is aligned with From %s: %s", from, strings.Join(foreign, ", "))
	f.Fix = &report.Fix{Owner: "sender's administrator",
		Text: "Configure the sending service to sign with DKIM as d=" + from +
			", or use an envelope sender in " + from + ".", Links: []string{"RFC 9989 4.4"}}
	return []report.Finding{f}
}

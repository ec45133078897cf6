package records

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/mtasts"
	"maildiag/dnsrec/tlsrpt"
	"maildiag/report"
)

// TLSRPTDoc explains the check.
var TLSRPTDoc = kit.Doc{
	Means: "Whether the domain publishes where senders should report " +
		"TLS failures, and whether the record is valid.",
	Why: "With MTA-STS and DANE, senders hold mail back instead of delivering it " +
		"without verified TLS. These reports (one a day from each large sender) " +
		"are the only way to notice it before senders complain.",
	Fix: "Publish one TXT record at _smtp._tls.DOMAIN: v=TLSRPTv1; rua=mailto:ADDRESS. Microsoft's " +
		"reports come from tlsrpt-noreply@microsoft.com.",
	Sources: []string{"RFC 8460 3", "https://learn.microsoft.com/purview/enhancing-mail-flow-with-mta-sts"},
}

// tlsrptFacts are the record, and what makes it needed.
type tlsrptFacts struct {
	domain  string
	initial bool
	txt     dnsrec.Answer
	err     error
	sts     bool   // there is an MTA-STS record, and a policy that can be read in another mode than none
	dane    bool   // there are TLSA records for an MX host
	noMail  bool   // the domain names no MX host
	wild    bool   // the alias of the record's name comes from a wildcard record
	free    string // the domain that does not exist, and that the alias leads to
}

// TLSRPT checks the TLS-RPT record.
func TLSRPT(k *kit.Known) []report.Finding { return kit.Judge(k, gatherTLSRPT(k), judgeTLSRPT) }

func gatherTLSRPT(k *kit.Known) tlsrptFacts {
	f := tlsrptFacts{domain: k.Domain, initial: k.NamedProfile().Initial}
	sts, _ := k.Need(k.Under(mtasts.Label), dnsrec.TypeTXT)
	if f.sts = hasSTS(sts.Answer); f.sts && k.HTTPS != nil {
		policy, ok := k.Get(mtasts.PolicyURL(k.Domain))
		f.sts = !ok || inUse(policy) // it may be given up: see askIfUsed
	}
	if d, ok := dane.Of(k); ok {
		f.dane, f.noMail = d.on(), d.err == nil && len(d.hosts) == 0
	}
	txt, _ := k.Need(k.Under(tlsrpt.Label), dnsrec.TypeTXT)
	f.txt, f.err = txt.Answer, txt.Err
	f.wild = k.WildAlias(f.txt)
	if len(f.txt.CNAMEs) > 0 && !f.wild {
		f.free = k.FreeEnd(f.txt)
	}
	return f
}

// inUse reports whether senders can read a policy that does not ask them to do without
// MTA-STS (RFC 8461 5, 8.3): else they hold no mail back that a report would tell of.
func inUse(r *httpsget.Response) bool {
	p, ok := kit.STSPolicy(r)
	return ok && p.Mode != mtasts.None
}

func judgeTLSRPT(f tlsrptFacts) []report.Finding {
	meant, ours := meantAs(f.txt.Values, func(v string) bool { _, is, _ := tlsrpt.Parse(v); return is }, tlsrpt.Resembles)
	var x report.Finding
	switch {
	case f.err != nil:
		return []report.Finding{kit.Lesser(kit.Undecided("tlsrpt.record", f.domain, f.err))}
	case len(meant) == 0 && f.initial:
		return []report.Finding{kit.Find(report.Skip, "tlsrpt.record", f.domain,
			"the zone belongs to Microsoft; TLS-RPT is for domains of your own")}
	case f.free != "":
		x = freeTLSReports(f)
	case len(meant) == 0:
		x = judgeNoReports(f)
	case len(ours) == 1:
		x = judgeTLSReports(f, ours[0])
	default:
		x = judgeReportRecords(f, meant, ours)
	}
	x.Evidence = append(x.Evidence, kit.Seen(f.txt))
	if f.free == "" && (!f.wild || len(meant) > 0) {
		kit.Behind(f.txt, f.domain, x.Fix)
	}
	return []report.Finding{x}
}

// freeTLSReports judges an alias for a name in a domain that anyone can register.
func freeTLSReports(f tlsrptFacts) report.Finding {
	x := kit.Find(report.Warn, "tlsrpt.record", f.domain, "%s is an alias of %s, which does not exist%s", f.txt.Name, f.txt.CNAMEs[0],
		kit.Anyone(f.free, "have the TLS reports about "+f.domain+" sent to them"))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 8460 3"}, Text: "Delete the alias " + f.txt.Name + ". No sender finds a record through it today.",
		Edits: []report.Edit{kit.Remove(f.txt.Name, dnsrec.TypeCNAME, kit.Absolute(f.txt.CNAMEs[0]))}}
	return x
}

// judgeNoReports judges a domain without a record.
func judgeNoReports(f tlsrptFacts) report.Finding {
	x := kit.Find(report.Info, "tlsrpt.record", f.domain,
		"no TLS-RPT record: senders do not report TLS failures for this domain")
	if f.noMail {
		x.Summary = "no TLS-RPT record. This is correct for a domain that receives no mail"
		return x
	}
	var demands []string
	if f.sts {
		demands = append(demands, "MTA-STS")
	}
	if f.dane {
		demands = append(demands, "DANE")
	}
	if len(demands) > 0 {
		x.Status, x.Cause = report.Warn, report.CauseDomain
		x.Summary = fmt.Sprintf("%s is in use without a TLS-RPT record: you do not learn "+
			"when senders hold mail back because of it", strings.Join(demands, " and "))
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 8460 3"},
		Text:  "Publish a TLS-RPT record. First create the mailbox " + usualTLSMailbox + f.domain + ", or use the address of a service that evaluates the reports.",
		Edits: []report.Edit{kit.Add(tlsrpt.RecordName(f.domain), dnsrec.TypeTXT, usualReports(f.domain))}}
	return x
}

// usualTLSMailbox is the local part and the sign of the address that is proposed
// for reports.
const usualTLSMailbox = "tls-reports@"

func usualReports(domain string) string {
	return tlsrpt.Record{RUA: []string{"mailto:" + usualTLSMailbox + domain}}.String()
}

// judgeTLSReports judges the one record.
func judgeTLSReports(f tlsrptFacts, txt string) report.Finding {
	rec, _, err := tlsrpt.Parse(txt)
	if err != nil {
		x := kit.Find(report.Warn, "tlsrpt.record", f.domain,
			"the record is not valid, so senders send no reports: %s", strings.TrimPrefix(err.Error(), "tlsrpt: "))
		x.Cause = report.CauseDomain
		x.Fix = mendReports(f, txt)
		return x
	}
	x := kit.Find(report.Pass, "tlsrpt.record", f.domain, "reports go to %s", kit.ShortList(rec.RUA, 3))
	x.Data = map[string]any{"uris": len(rec.RUA)}
	return x
}

// judgeReportRecords judges several records, or one that is not taken as such.
func judgeReportRecords(f tlsrptFacts, meant, ours []string) report.Finding {
	x := kit.Find(report.Warn, "tlsrpt.record", f.domain,
		"%d TLS-RPT records; only one is allowed. Senders ignore all of them and send no reports", len(ours))
	x.Cause = report.CauseDomain
	if len(ours) == 0 {
		why, _ := tlsrpt.Resembles(meant[0])
		x.Summary = "a record meant as TLS-RPT is not recognized, so senders send no reports: " + why
		x.Fix = mendReports(f, meant[0])
		return x
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 8460 3"},
		Text: "Combine the TLS-RPT records at " + f.txt.Name + " into one with the addresses of all."}
	merged := tlsrpt.Merge(ours)
	merged.RUA = slices.DeleteFunc(merged.RUA, unreachable)
	if len(merged.RUA) == 0 {
		merged.RUA = []string{"mailto:" + usualTLSMailbox + f.domain}
		x.Fix.Text += " None of them has a valid address: first create the mailbox " + usualTLSMailbox + f.domain + ", or use another address."
	}
	one := merged.String()
	for _, v := range ours {
		if v != one {
			x.Fix.Edits = append(x.Fix.Edits, kit.Remove(f.txt.Name, dnsrec.TypeTXT, v))
		}
	}
	if !slices.Contains(ours, one) {
		x.Fix.Edits = append(x.Fix.Edits, kit.Add(f.txt.Name, dnsrec.TypeTXT, one))
	}
	return x
}

// unreachable reports whether no sender on the Internet can reach a reporting
// address: a record with it is not proposed. RFC 6761 6
func unreachable(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil {
		return true
	}
	host := u.Hostname()
	if u.Opaque != "" {
		host = strings.Trim(u.Opaque[strings.LastIndexByte(u.Opaque, '@')+1:], "[]")
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return !dnsrec.Public(addr)
	}
	name := dnsrec.Canonical(host)
	last := name[strings.LastIndexByte(name, '.')+1:]
	return last == name || slices.Contains([]string{"localhost", "local", "internal", "invalid", "onion"}, last)
}

// mendReports proposes a record in place of a broken one, to the same
// addresses if they can be made out.
func mendReports(f tlsrptFacts, txt string) *report.Fix {
	rec := tlsrpt.Record{RUA: slices.DeleteFunc(tlsrpt.Addresses(txt), unreachable)}
	after := usualReports(f.domain)
	if len(rec.RUA) > 0 {
		after = rec.String()
	}
	return &report.Fix{Owner: report.OwnerDNS, Text: "Replace the TLS-RPT record at " + f.txt.Name + ", with the address of a mailbox " +
		"or service that evaluates the reports.",
		Links: []string{"RFC 8460 3"}, Edits: []report.Edit{kit.Replace(f.txt.Name, dnsrec.TypeTXT, txt, after)}}
}

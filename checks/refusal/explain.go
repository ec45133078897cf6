// Package refusal confirms or refutes the cause of a refusal by what the world
// says now. The packages below it read and explain the refusal itself.
package refusal

import (
	"context"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/replies"
	"maildiag/checks/submission"
	"maildiag/dnsrec"
	"maildiag/report"
)

// Refusal is what is known of a message that was refused, taken from its
// bounce. Any field may be empty.
type Refusal struct {
	Row       string        // ID of the row of the catalog that explains it
	Recipient string        // address
	Server    string        // host that refused
	Reporter  string        // host that wrote the bounce: it tried to deliver, so it sent
	IP        string        // address that sent; if empty, that of Reporter is taken
	HELO      string        // name it gave
	Sender    string        // envelope sender
	From      string        // domain of the From field
	Signed    []DKIMSigning // signatures that the message carried
	Header    bool          // the message's header is known, so Signed is all there was

	WithLocalPart bool // ask the DNS with the sender's local part, where an SPF record wants it

	rows []kit.Check // the table
}

// DKIMSigning names the key of a signature.
type DKIMSigning struct{ Domain, Selector string }

// topic is one thing that can be looked at, for the replies that it may confirm
// or refute.
type topic struct {
	confirms replies.Confirmation
	run      func(k *kit.Known, r Refusal) []report.Finding
}

// topics lists what to look at, the likeliest cause first.
func topics() []topic {
	return []topic{
		{replies.ConfirmSPF, confirmSPF},
		{replies.ConfirmDKIM, confirmDKIM},
		{replies.ConfirmDMARC, confirmDMARC},
		{replies.ConfirmPTR, confirmPTR},
		{replies.ConfirmMX, confirmMX},
		{replies.ConfirmMTASTS, rowsOf("mtasts", "mx")},
		{replies.ConfirmDANE, rowsOf("dane", "mx")},
		{replies.ConfirmSenderDomain, confirmSenderDomain},
		{replies.ConfirmSubmission, confirmSubmission},
	}
}

// Confirm looks at just those things in the world that can confirm or refute
// the cause of a refusal, and returns what it found, problems first. It is empty
// if nothing can be looked at from outside. rows is the table of checks.
func Confirm(ctx context.Context, env *kit.Env, rows []kit.Check, r Refusal) []report.Finding {
	r.rows = rows
	row, _ := replies.ByID(r.Row)
	fs := kit.Gather(ctx, env, func(k *kit.Known) (fs []report.Finding) {
		for _, t := range topics() {
			if row.Confirm.Has(t.confirms) {
				fs = append(fs, t.run(k, r)...)
			}
		}
		return fs
	})
	sort.SliceStable(fs, func(i, j int) bool { return urgency(fs[i].Status) < urgency(fs[j].Status) })
	fs = today(&row, domainOf(r.From), fs)
	for i := range fs {
		kit.Complete(&fs[i], kit.Check{ID: "explain"})
	}
	return fs
}

// Confirmed reports whether one of the findings for a row of the catalog is the
// cause that the row names. A problem of the recipient's domain that is beside
// the cause is not.
func Confirmed(row *replies.Row, fs []report.Finding) bool {
	return slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Status == report.Fail && confirms(row, &f) })
}

func confirms(row *replies.Row, f *report.Finding) bool {
	switch f.Check {
	case "mtasts":
		return row.Confirm.Has(replies.ConfirmMTASTS)
	case "dane":
		return row.Confirm.Has(replies.ConfirmDANE)
	case "domain", "mx":
		return row.Confirm.Has(replies.ConfirmSenderDomain) || row.Confirm.Has(replies.ConfirmMX) && aboutDelivery(row)
	}
	return f.Check == "explain" && about(row, f.Code)
}

// aboutDelivery reports whether a row says that the recipient's server was not
// found or not reached, which the MX explains. A server that refuses was.
func aboutDelivery(row *replies.Row) bool {
	return slices.ContainsFunc([]string{"domain-not-found", "nonexistent-domain", "dns", "null-mx", "timeout", "expired", "connection",
		"loop", "rfc.x.1.2", "rfc.x.1.10", "rfc.x.4.", "smtp.521", "smtp.556", "without-mail", "wrong-region"},
		func(part string) bool { return strings.Contains(row.ID, part) })
}

func urgency(s report.Status) int {
	order := []report.Status{report.Fail, report.Warn, report.Unknown, report.Pass, report.Info, report.Skip}
	return slices.Index(order, s)
}

// missing is the finding for a fact that the bounce does not tell.
func missing(code, what, next string) report.Finding {
	f := kit.Find(report.Unknown, code, "", "not checked: the input does not contain %s", what)
	f.Cause = report.CauseInput
	f.Fix = &report.Fix{Owner: report.OwnerYou, Text: next}
	return f
}

// domainOf returns the domain of an address, "" if it has none that can be
// asked about.
func domainOf(address string) string {
	_, d, ok := strings.Cut(address, "@")
	if !ok {
		d = address
	}
	ascii, _, err := dnsrec.ParseDomain(d)
	if err != nil {
		return ""
	}
	return ascii
}

// runRows runs rows of the table for a domain. Passes and remarks of rows
// that were only needed are left out.
func runRows(k *kit.Known, r Refusal, domain string, ids ...string) []report.Finding {
	rows, _ := kit.Select(r.rows, ids, nil)
	return slices.DeleteFunc(kit.RunOver(k.About(domain), rows), func(f report.Finding) bool {
		return !slices.Contains(ids, f.Check) && (f.Status == report.Pass || f.Status == report.Info) ||
			f.Status == report.Skip
	})
}

// rowsOf looks at the recipient's domain with rows of the table.
func rowsOf(ids ...string) func(*kit.Known, Refusal) []report.Finding {
	return func(k *kit.Known, r Refusal) []report.Finding {
		domain := domainOf(r.Recipient)
		if domain == "" {
			return []report.Finding{missing("explain.recipient", "the recipient",
				"Paste the whole bounce, or run maildiag DOMAIN for the recipient's domain.")}
		}
		return runRows(k, r, domain, ids...)
	}
}

// confirmMX looks at the MX of the recipient's domain, and whether the host
// that refused is one of them.
func confirmMX(k *kit.Known, r Refusal) []report.Finding {
	fs := rowsOf("mx")(k, r)
	domain := domainOf(r.Recipient)
	if domain == "" || r.Server == "" {
		return fs
	}
	a, err := k.Lookup(context.Background(), dnsrec.Q(domain, dnsrec.TypeMX))
	if err != nil || len(a.Values) == 0 {
		return fs
	}
	row, _ := replies.ByID(r.Row)
	return append(fs, judgeServer(domain, r.Server, a, deniesDomain(&row)))
}

// deniesDomain reports whether a reply says that the server does not host the
// recipient's domain.
func deniesDomain(row *replies.Row) bool {
	return row.Confirm.Has(replies.ConfirmMX) && (strings.Contains(row.ID, "relay") || strings.Contains(row.ID, "not-hosted"))
}

// stale is the finding about an MX that does not host the domain.
func stale(domain, server string, a dnsrec.Answer) report.Finding {
	f := kit.Find(report.Fail, "explain.server", domain, "the MX of %s still points to %s, which does not host the domain", domain, server)
	f.Evidence = kit.Shown(a)
	f.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 5321 5.1"},
		Text: "Publish the MX record that the new provider shows (Microsoft 365 admin center: Settings > Domains), then delete this one."}
	for _, v := range a.Values {
		if _, h, _ := strings.Cut(v, " "); len(a.Values) > 1 && h == server { // the others stay
			f.Fix.Text = "Delete this record: mail that arrives there is rejected."
			f.Fix.Edits = []report.Edit{kit.Remove(domain, dnsrec.TypeMX, v)}
		}
	}
	return f
}

// judgeServer compares the host that refused with the MX of the recipient's
// domain; denies is whether it said that it does not host the domain.
func judgeServer(domain, server string, a dnsrec.Answer, denies bool) report.Finding {
	server = dnsrec.Canonical(server)
	var hosts []string
	for _, v := range a.Values {
		_, h, _ := strings.Cut(v, " ")
		hosts = append(hosts, h)
	}
	names := strings.Join(hosts[:min(len(hosts), 5)], ", ")
	if denies && slices.Contains(hosts, server) && !microsoftHost(server) {
		return stale(domain, server, a)
	}
	ours := func(h string) bool { return h == server || microsoftHost(h) && microsoftHost(server) }
	if slices.ContainsFunc(hosts, ours) {
		f := kit.Find(report.Info, "explain.server", domain,
			"the host that rejected the message, %s, is the MX of %s", server, domain)
		f.Evidence = kit.Shown(a)
		return f
	}
	if !microsoftHost(server) && !slices.ContainsFunc(hosts, microsoftHost) {
		f := kit.Find(report.Info, "explain.server", domain, "%s rejected the message; the MX of %s is %s", server, domain,
			names)
		f.Evidence = kit.Shown(a)
		return f
	}
	f := kit.Find(report.Fail, "explain.server", domain, "the message went to %s, but the MX of %s is %s", server,
		domain, names)
	f.Cause = report.CauseInput
	f.Evidence = kit.Shown(a)
	f.Fix = &report.Fix{Owner: "sender's administrator",
		Text: "Configure the sending server to deliver by MX: remove the " +
			"smart host, connector or route with a fixed host for this " +
			"domain, and clear its DNS cache. If a gateway is in front on " +
			"purpose, its connector must allow the sender."}
	return f
}

// microsoftHost reports whether a name is one of Exchange Online.
func microsoftHost(h string) bool {
	for i := range kit.Clouds() {
		if kit.HasSuffix(h, kit.Clouds()[i].MX) {
			return true
		}
	}
	return kit.CloudOfServer(h) != nil
}

// confirmSenderDomain reports whether the sender's domain exists and takes
// mail.
func confirmSenderDomain(k *kit.Known, r Refusal) []report.Finding {
	domain := domainOf(r.Sender)
	if domain == "" {
		domain = r.From
	}
	if domain == "" {
		return []report.Finding{missing("explain.sender", "the sender",
			"Paste the whole bounce, or use --from DOMAIN.")}
	}
	return runRows(k, r, domain, "domain", "mx")
}

// confirmSubmission looks at the submission server: whether its port is
// reachable, and AUTH offered inside TLS.
func confirmSubmission(k *kit.Known, r Refusal) []report.Finding {
	if k.SMTP == nil {
		return nil
	}
	o := submission.SMTPOptions{Host: submissionHost(r.Server), NoComparison: true}
	fs := kit.RunOver(k.About(o.Host), submission.SMTPChecks(o))
	return append(fs, kit.Find(report.Info, "explain.login", o.Host,
		"only a sign-in test shows whether the account may send: maildiag smtp %s --user ADDRESS", o.Host))
}

// submissionHost returns the host to look at: that of the cloud of the server
// that refused.
func submissionHost(server string) string {
	server = dnsrec.Canonical(server)
	if c := kit.CloudOfServer(server); c != nil {
		return c.Submission
	}
	if server == "" || microsoftHost(server) {
		return kit.Clouds()[0].Submission
	}
	return server
}

// confirmPTR looks at the reverse DNS of the sending address: a name, and the
// name leading back.
func confirmPTR(k *kit.Known, r Refusal) []report.Finding {
	ip, _ := r.address(k)
	if !ip.IsValid() || microsoftHost(dnsrec.Canonical(r.Reporter)) {
		return []report.Finding{r.missingIP("explain.ptr")}
	}
	a, err := k.Lookup(context.Background(), dnsrec.Q(dnsrec.ReverseName(ip), dnsrec.TypePTR))
	if err != nil {
		return []report.Finding{kit.Undecided("explain.ptr", ip.String(), err)}
	}
	if len(a.Values) == 0 {
		if x, ok := unsure(k, "explain.ptr", ""); ok {
			return []report.Finding{x}
		}
		return []report.Finding{noPTR(ip.String(), a)}
	}
	return []report.Finding{leadsBack(k, ip, a)}
}

func noPTR(ip string, a dnsrec.Answer) report.Finding {
	f := kit.Find(report.Fail, "explain.ptr", ip, "%s has no reverse DNS name", ip)
	f.Evidence = kit.Shown(a)
	f.Fix = &report.Fix{Owner: report.OwnerNetwork,
		Text: "Ask the provider of the address to publish a PTR record with the " +
			"server's host name, and publish an A or AAAA record for that name.", Links: []string{"RFC 1912 2.1"}}
	return f
}

// maxPTRNames is how many names of one address are followed.
const maxPTRNames = 5

func leadsBack(k *kit.Known, ip netip.Addr, ptr dnsrec.Answer) report.Finding {
	t := dnsrec.TypeA
	if ip.Is6() {
		t = dnsrec.TypeAAAA
	}
	evidence := kit.Shown(ptr)
	for _, name := range ptr.Values[:min(len(ptr.Values), maxPTRNames)] {
		a, err := k.Lookup(context.Background(), dnsrec.Q(name, t))
		if err != nil {
			return kit.Undecided("explain.ptr", name, err)
		}
		evidence = append(evidence, kit.Seen(a))
		if slices.Contains(a.Values, ip.String()) {
			f := kit.Find(report.Pass, "explain.ptr", ip.String(), "%s is %s, and that name points back to the address", ip, name)
			f.Evidence = evidence
			return f
		}
	}
	f := kit.Find(report.Fail, "explain.ptr", ip.String(),
		"the reverse DNS name of %s, %s, does not point back to it", ip, ptr.Values[0])
	f.Evidence = evidence
	f.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish the address at the reverse DNS " +
		"name, or change the PTR record to the " +
		"server's real name.", Edits: []report.Edit{kit.Add(ptr.Values[0], t, ip.String())},
		Links: []string{"RFC 1912 2.1"}}
	return f
}

// address returns the address that sent, and how it is known if the input does
// not tell it: a message that Exchange Online reports on left through one of
// Microsoft's addresses, which SPF treats alike; another reporter is looked up.
func (r Refusal) address(k *kit.Known) (ip netip.Addr, how string) {
	if ip, err := netip.ParseAddr(r.IP); err == nil {
		return ip, ""
	}
	reporter := dnsrec.Canonical(r.Reporter)
	if microsoftHost(reporter) {
		return sampleAddress(k, reporter), "an address of Microsoft 365, which sent this"
	}
	if !strings.Contains(reporter, ".") {
		return ip, ""
	}
	a, err := k.Lookup(context.Background(), dnsrec.Q(reporter, dnsrec.TypeA))
	if err != nil || len(a.Values) != 1 {
		return ip, ""
	}
	ip, _ = netip.ParseAddr(a.Values[0])
	if !kit.Public(ip) {
		return netip.Addr{}, ""
	}
	return ip, "the address of " + reporter + ", which wrote the bounce"
}

func (r Refusal) missingIP(code string) report.Finding {
	what := "the address that sent"
	if r.Reporter != "" {
		what += " (Reporting-MTA " + r.Reporter + " has no single public address in the DNS)"
	}
	return missing(code, what, "Paste the whole bounce with the message's header, or use --ip ADDRESS.")
}

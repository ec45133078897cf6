// Package submission checks the server through which users and devices submit
// mail: its addresses, the conversation up to AUTH, the sign-in, and whose fault
// a failure is.
package submission

import (
	"crypto/x509"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// SubmissionDoc explains the check.
var SubmissionDoc = kit.Doc{
	Means: "Whether mail can be submitted from here. The submission host " +
		"of the domain's Microsoft cloud must resolve, answer on port " +
		"587 over IPv4 and IPv6, send Microsoft's greeting, offer " +
		"STARTTLS, present a trusted certificate for its name, and " +
		"offer LOGIN and XOAUTH2 inside TLS only.",
	Why: "Scanners, printers and programs send through this host. Some firewalls block " +
		"the port, and some inspection devices remove STARTTLS or replace the " +
		"certificate. The device then often reports a password problem.",
	Fix: "The domain's DNS does not affect this. Allow TCP 587 to the host in " +
		"the firewall, and exempt it from SMTP and TLS inspection.",
	Sources: []string{
		"RFC 6409 3.1", "RFC 3207 4", "RFC 8314 3.3",
		"https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365",
		"https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission",
	},
}

// The well-known ports.
const (
	portSMTP        = 25  // RFC 5321 4.5.4.2, between servers
	portSubmission  = 587 // RFC 6409 3.1
	portSubmissions = 465 // RFC 8314 3.3, TLS from the first byte
)

// certificateWarning is how long before its end a certificate is warned of.
const certificateWarning = 14 * 24 * time.Hour

// SMTPOptions say which server to examine and how far to go. The zero value
// means the submission host of the domain's cloud, without logging in.
type SMTPOptions struct {
	Host     string // DNS name or IP literal; empty: the cloud's submission host
	Port     int    // 0: 587; 465 means TLS from the first byte
	Address  string // connect to this IP address instead of asking the DNS
	Roots    *x509.CertPool
	Insecure bool // a certificate that does not verify is only warned of; no secret is sent then either

	Hello        string                   // name to give in EHLO; empty: our address
	Auth         *smtpprobe.Auth          // nil: no login
	Inspected    func(issuer string) bool // asked before a secret is sent inside TLS that someone on the way can read; nil: no
	From, To     string                   // MAIL FROM and RCPT TO; no message is sent
	Device       *Device                  // also act like this device; nil: none
	NoComparison bool                     // make no further connections to find out whose fault a failure is
}

// target is a server to examine.
type target struct {
	SMTPOptions
	cloud    *kit.Cloud   // whose submission host this is; nil: another server
	special  *specialHost // nil: a host without rules of its own
	hopeless bool         // the token cannot be accepted; it is not sent
}

func (t target) subject() string { return fmt.Sprintf("%s:%d", t.Host, t.Port) }

// submission reports whether clients log in here; port 25 is for other servers.
func (t target) submission() bool { return t.Port != portSMTP }

// target completes the options: the host by the domain's cloud.
func (o SMTPOptions) target(c *kit.Cloud) target {
	t := target{SMTPOptions: o}
	if t.Host == "" {
		if c == nil {
			c = &kit.Clouds()[0]
		}
		t.Host = c.Submission
	}
	if t.Port == 0 {
		t.Port = portSubmission
	}
	for i := range kit.Clouds() {
		if t.cloud == nil && strings.EqualFold(t.Host, kit.Clouds()[i].Submission) {
			t.cloud = &kit.Clouds()[i]
		}
	}
	if t.special = special(t.Host); t.special != nil {
		t.cloud = kit.CloudByID(t.special.cloud)
	}
	return t
}

// submissionFacts are all that was asked about a submission server.
type submissionFacts struct {
	target
	skip     []report.Finding // why nothing was asked
	now      time.Time
	certDays kit.CertDays
	families []familyFacts
}

// familyFacts are the addresses of one family and the conversation with the
// first of them.
type familyFacts struct {
	name    string // "IPv4", "IPv6"
	answer  dnsrec.Answer
	err     error
	session *smtpprobe.Session // nil: there is no address to talk to
}

// connected reports whether a conversation began with any of the families.
func (f submissionFacts) connected() bool {
	return slices.ContainsFunc(f.families, func(x familyFacts) bool {
		return x.session != nil &&
			x.session.Connected()
	})
}

// Submission checks the submission host of the domain's cloud.
func Submission(k *kit.Known) []report.Finding {
	return kit.Judge(k, gatherSubmission(k), judgeSubmission)
}

func gatherSubmission(k *kit.Known) submissionFacts {
	p, ok := k.Profile()
	if !ok || !p.Microsoft {
		return submissionFacts{skip: kit.NotMicrosoft(p, "submission")}
	}
	return converse(k, SMTPOptions{}.target(p.Cloud))
}

// converse needs the addresses of both families, and a conversation with the
// first of each.
func converse(k *kit.Known, t target) submissionFacts {
	f := submissionFacts{target: t, now: k.Now, certDays: k.CertDays}
	t.hopeless = t.Auth != nil && t.Auth.Token && t.tokenHopeless(k.Now)
	if t.Address != "" || dnsrec.IsAddress(t.Host) {
		f.families = []familyFacts{literalFamily(t)}
	} else {
		for _, rr := range k.Families() {
			a, _ := k.Need(t.Host, rr)
			f.families = append(f.families, familyFacts{name: familyName(rr), answer: a.Answer, err: a.Err})
		}
	}
	for i := range f.families {
		x := &f.families[i]
		if x.err == nil && len(x.answer.Values) > 0 {
			x.session, _ = k.Talk(t.config(x.answer.Values[0]))
		}
	}
	return f
}

// config asks for the conversation with one address.
func (t target) config(address string) smtpprobe.Config {
	cfg := smtpprobe.Config{Host: t.Host, Address: address, Port: t.Port, Roots: t.Roots,
		Hello: t.Hello, Auth: t.Auth, From: t.From, To: t.To, Recognize: t.recognize}
	if t.hopeless {
		cfg.Auth, cfg.From, cfg.To = nil, "", ""
	}
	if t.Port == portSubmissions {
		cfg.Mode = smtpprobe.Implicit
	}
	return cfg
}

// literalFamily stands for an address that need not be asked for.
func literalFamily(t target) familyFacts {
	address := t.Address
	if address == "" {
		address = strings.Trim(t.Host, "[]")
	}
	rr := dnsrec.TypeA
	if ip, err := netip.ParseAddr(address); err == nil && ip.Unmap().Is6() {
		rr = dnsrec.TypeAAAA
	}
	return familyFacts{name: familyName(rr), answer: dnsrec.Answer{
		Query: dnsrec.Q(t.Host, rr), Rcode: "NOERROR", Values: []string{address}, Server: "the command line"}}
}

func familyName(t dnsrec.Type) string {
	if t == dnsrec.TypeAAAA {
		return "IPv6"
	}
	return "IPv4"
}

// judgeSubmission reports what the conversations mean. The families are judged
// each for itself; what holds for both is said once.
func judgeSubmission(f submissionFacts) []report.Finding {
	if f.skip != nil {
		return f.skip
	}
	var all []claim
	for _, x := range f.families {
		for _, y := range f.judgeFamily(x) {
			all = append(all, claim{x, y})
		}
	}
	if len(all) == 0 {
		all = append(all, claim{Finding: noAddress(f)})
	}
	out := f.doubted(f.merge(all))
	if y := f.about(); y.Code != "" {
		out = append(out, y)
	}
	return out
}

// claim is a finding about one family.
type claim struct {
	family familyFacts
	report.Finding
}

// submissionOrder is the order of the findings of one conversation.
var submissionOrder = []string{"clock", "dns", "tcp", "greeting", "ehlo", "starttls", "injection", "tls", "certificate",
	"auth", "protocol"}

// merge puts the claims of both families in order and joins those that say the
// same.
func (f submissionFacts) merge(all []claim) (out []report.Finding) {
	rank := func(c claim) int {
		return slices.Index(submissionOrder, strings.TrimPrefix(c.Code, "submission."))
	}
	sort.SliceStable(all, func(i, j int) bool { return rank(all[i]) < rank(all[j]) })
	for len(all) > 0 {
		first := all[0]
		same := func(c claim) bool {
			return c.Code == first.Code && c.Status == first.Status && (c.Status == report.Pass ||
				c.Summary == first.Summary)
		}
		out = append(out, f.join(slices.Collect(filter(all, same))))
		all = slices.DeleteFunc(all, same)
	}
	return out
}

// join makes one finding of claims that agree.
func (f submissionFacts) join(same []claim) report.Finding {
	x := same[0].Finding
	x.Subject = f.subject()
	if x.Data == nil {
		x.Data = map[string]any{}
	}
	if len(same) == 1 && len(f.families) > 1 && x.Status != report.Pass {
		x.Subject += " " + same[0].family.name
	}
	if x.Code == "submission.tcp" && x.Fix != nil && (len(same) > 1 || len(f.families) == 1) {
		names := make([]string, len(same))
		for i, c := range same {
			names[i] = c.family.name
		}
		x.Summary = strings.Join(names, " and ") + ": " + x.Summary
	}
	for _, c := range same[1:] {
		if c.Summary != same[0].Summary {
			x.Summary += "; " + c.Summary
		}
		x.Evidence = append(x.Evidence, c.Evidence...)
		maps.Copy(x.Data, c.Data)
	}
	return x
}

func filter(all []claim, keep func(claim) bool) func(yield func(claim) bool) {
	return func(yield func(claim) bool) {
		for _, c := range all {
			if keep(c) && !yield(c) {
				return
			}
		}
	}
}

// judgeFamily goes through one family's conversation until a step failed.
func (f submissionFacts) judgeFamily(x familyFacts) (out []report.Finding) {
	if dns := f.judgeAddresses(x); dns.Code != "" {
		out = append(out, dns)
	}
	if x.session == nil || len(out) > 0 { // or with a machine that is not the host
		return out
	}
	v := verdict{f, x.name, x.session}
	for _, stage := range []func() (report.Finding, bool){v.tcp, v.greeting, v.ehlo, v.starttls, v.tls,
		v.certificate, v.auth} {
		y, further := stage()
		if y.Code != "" {
			out = append(out, y)
		}
		if !further {
			break
		}
	}
	if s := x.session.Injected; s != "" {
		out = append(out, v.injection())
	}
	if y, bad := v.protocol(); bad {
		out = append(out, y)
	}
	return out
}

// judgeAddresses reports what is wrong with the addresses of a family; the zero
// Finding means nothing.
func (f submissionFacts) judgeAddresses(x familyFacts) report.Finding {
	const code = "submission.dns"
	if x.err != nil {
		y := kit.Undecided(code, f.Host, x.err)
		y.Optional = f.connected()
		return y
	}
	if x.answer.NXDomain() {
		return noAddress(f)
	}
	for _, v := range x.answer.Values {
		if ip, err := netip.ParseAddr(v); f.cloud != nil && err == nil && f.Address == "" && !kit.Public(ip) {
			y := kit.Find(report.Unknown, code, f.Host, "%s resolves to %s, which is not a public "+
				"address: its DNS is being redirected", f.Host, v)
			y.Cause, y.Evidence = report.CauseResolver, kit.Shown(x.answer)
			y.Fix = &report.Fix{Owner: report.OwnerNetwork, Text: "Find out why the resolver (a filter, a captive " +
				"portal, a hosts file) returns this address, or use " +
				"another resolver: --resolver https://URL."}
			return y
		}
	}
	return report.Finding{}
}

// noAddress is the finding for a host without any address that may be used.
func noAddress(f submissionFacts) report.Finding {
	y := kit.Find(report.Fail, "submission.dns", f.Host, "%s does not exist or has no address", f.Host)
	y.Cause = report.CauseInput
	y.Fix = &report.Fix{Owner: report.OwnerYou, Text: "Check the spelling of the host name."}
	if len(f.families) == 1 && f.families[0].answer.NoData() {
		y.Summary = fmt.Sprintf("%s has no %s address", f.Host, f.families[0].name)
		y.Fix.Text = "Check the spelling of the host name, and run again without -4 and -6."
	}
	if f.cloud.IsUnsure("Submission") {
		y = kit.Find(report.Unknown, "submission.dns", f.Host, "%s does not exist or has no address", f.Host)
		y.Cause = report.CauseLocal
		y.Fix = &report.Fix{Owner: report.OwnerYou, Text: "Look up the host in the tenant's " +
			"settings: Outlook on the web > Settings > Mail > Forwarding and IMAP."}
	} else if f.cloud != nil {
		y = kit.Find(report.Unknown, "submission.dns", f.Host, "your resolver returns no address for %s, "+
			"although one exists publicly", f.Host)
		y.Cause = report.CauseResolver
		y.Fix = &report.Fix{Owner: report.OwnerNetwork, Text: "The resolver filters the name or cannot reach the Internet. Allow the " +
			"name, or use another resolver: --resolver https://URL."}
	}
	for _, x := range f.families {
		if x.answer.Rcode != "" {
			y.Evidence = append(y.Evidence, kit.Seen(x.answer))
		}
	}
	return y
}

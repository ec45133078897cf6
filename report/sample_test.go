package report

import (
	"fmt"
	"testing"
	"time"
)

// The runs that the goldens are made of. They are written as checks would
// write them, so that a look at the goldens is a look at the real report.

func sampleStart(domains int) Event {
	return Event{Start: &Start{
		Schema: StreamSchema, Version: "0.1.0", FailOn: Fail, Domains: domains,
		Started: time.Date(2026, 11, 23, 10, 31, 7, 0, time.UTC),
		Checks: []CheckInfo{
			{"domain", "DOMAIN"}, {"mx", "MX"}, {"spf", "SPF"}, {"dkim", "DKIM"}, {"dmarc", "DMARC"},
			{"autodiscover", "AUTODISCOVER"}, {"submission", "SUBMISSION"},
		},
	}}
}

func sampleBegin(domain string) Event {
	return Event{Begin: &Begin{
		Domain: domain, Started: time.Date(2026, 11, 23, 10, 31, 7, 0, time.UTC),
		Resolver: "192.0.2.53", Expect: "auto",
	}}
}

func found(f Finding) Event { return Event{Finding: &f} }

func pass(check, code, subject, summary string) Event {
	return found(Finding{Check: check, Code: code, Status: Pass, Subject: subject, Summary: summary, Elapsed: 21 * time.Millisecond})
}

func sampleEnd(domain, cloud string, ms, queries int) Event {
	return Event{End: &End{Domain: domain, Cloud: cloud, Elapsed: time.Duration(ms) * time.Millisecond, Queries: queries}}
}

func sampleStop(ms int) Event {
	return Event{Stop: &Stop{Elapsed: time.Duration(ms) * time.Millisecond}}
}

func dnsAnswer(text string) Evidence {
	return Evidence{Kind: "answer", Text: text, From: "192.0.2.53:53/udp"}
}

func goodDomain(d, label string) []Event {
	return []Event{
		sampleBegin(d),
		pass("domain", "domain.exists", d, "delegated to ns1.dns.example and ns2.dns.example"),
		found(Finding{Check: "mx", Code: "mx.m365", Status: Pass, Subject: label + ".mail.protection.outlook.com",
			Summary:  label + ".mail.protection.outlook.com, priority 0, TTL 1 h",
			Evidence: []Evidence{dnsAnswer(d + " MX\n  0 " + label + ".mail.protection.outlook.com")},
			Data:     map[string]any{"hosts": 1, "ttl_seconds": 3600}}),
		found(Finding{Check: "spf", Code: "spf.record", Status: Pass, Summary: "one record, syntax right, ends in -all",
			Evidence: []Evidence{dnsAnswer(d + " TXT\n  v=spf1 include:spf.protection.outlook.com -all")}}),
		found(Finding{Check: "spf", Code: "spf.lookups", Status: Pass, Summary: "4 of 10 DNS lookups, 0 of 2 void lookups",
			Data: map[string]any{"lookups": 4, "voids": 0}}),
		pass("dkim", "dkim.selector1", "selector1._domainkey."+d, "2048-bit RSA key through "+label+"._domainkey.contoso.n-v1.dkim.mail.microsoft"),
		pass("dkim", "dkim.selector2", "selector2._domainkey."+d, "2048-bit RSA key through "+label+"._domainkey.contoso.n-v1.dkim.mail.microsoft"),
		found(Finding{Check: "dkim", Code: "dkim.others", Status: Info,
			Summary: "12 common selectors of other senders were tried and none exists; --selector NAME asks for one that was not tried"}),
		found(Finding{Check: "dmarc", Code: "dmarc.policy", Status: Pass, Summary: "p=reject, applies to subdomains too; reports go to dmarc@" + d,
			Data: map[string]any{"policy": "reject", "pct": 100}}),
		pass("autodiscover", "autodiscover.cname", "autodiscover."+d, "autodiscover.outlook.com"),
		found(Finding{Check: "autodiscover", Code: "autodiscover.msoid", Status: Skip, Summary: "msoid is for the cloud in China only"}),
		pass("submission", "submission.tcp", "smtp.office365.com", "connected over IPv4 in 21 ms and over IPv6 in 24 ms"),
		found(Finding{Check: "submission", Code: "submission.certificate", Status: Pass, Summary: "TLS 1.3; certificate for outlook.com is valid for 212 more days",
			Data: map[string]any{"days_left": 212, "tls": "1.3"}}),
		sampleEnd(d, "worldwide", 912, 41),
	}
}

func goodRun() []Event {
	return join([]Event{sampleStart(1)}, goodDomain("contoso.com", "contoso-com"), []Event{sampleStop(934)})
}

func brokenDomain(d string) []Event {
	return []Event{
		sampleBegin(d),
		pass("domain", "domain.exists", d, "delegated to ns1.dns.example and ns2.dns.example"),
		pass("mx", "mx.m365", "", "contoso-com.mail.protection.outlook.com, priority 0"),
		found(Finding{Check: "mx", Code: "mx.leftover", Status: Fail, Cause: CauseDomain, Subject: "mail.oldhost.example",
			Summary: "mail.oldhost.example still accepts mail for this domain (priority 10)",
			Evidence: []Evidence{
				{Kind: "rule", Text: "A sender that cannot reach the first host at once tries the next, and delivers into the old mailbox.", Link: "RFC 5321 5.1"},
				dnsAnswer(d + " MX\n  0 contoso-com.mail.protection.outlook.com\n  10 mail.oldhost.example"),
			},
			Fix: &Fix{Owner: OwnerDNS, Text: "Remove the old host once its queue is empty.",
				Edits: []Edit{{Name: d + ".", Type: "MX", Old: "10 mail.oldhost.example."}},
				Links: []string{"https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records"}}}),
		found(Finding{Check: "spf", Code: "spf.several", Status: Fail, Cause: CauseDomain, Subject: d,
			Summary: "two SPF records: receivers treat this as an error and use neither",
			Evidence: []Evidence{
				dnsAnswer(d + " TXT\n  v=spf1 include:spf.protection.outlook.com -all\n  v=spf1 a mx ip4:198.51.100.0/24 include:_spf.oldhost.example include:mail.newsletter.example ~all\n  MS=ms12345678"),
				{Kind: "rule", Text: "More than one record is permerror.", Link: "RFC 7208 4.5"},
			},
			Fix: &Fix{Owner: OwnerDNS, Text: "Publish one record that names all senders, and remove the other. Leave out what no longer sends for you.",
				Edits: []Edit{
					{Name: d + ".", Type: "TXT", TTL: 3600, Old: "v=spf1 include:spf.protection.outlook.com -all",
						New: "v=spf1 ip4:198.51.100.0/24 include:spf.protection.outlook.com include:mail.newsletter.example -all"},
					{Name: d + ".", Type: "TXT", Old: "v=spf1 a mx ip4:198.51.100.0/24 include:_spf.oldhost.example include:mail.newsletter.example ~all"},
				}}}),
		found(Finding{Check: "dkim", Code: "dkim.selector1", Status: Pass, Subject: "selector1._domainkey." + d, Summary: "2048-bit RSA key"}),
		found(Finding{Check: "dkim", Code: "dkim.selector2", Status: Warn, Cause: CauseDomain, Subject: "selector2._domainkey." + d,
			Summary:  "does not exist, so the next key rotation breaks the signatures",
			Evidence: []Evidence{dnsAnswer("selector2._domainkey." + d + " CNAME → NXDOMAIN (no such name)")},
			Fix: &Fix{Owner: OwnerDNS, Text: "Publish the CNAME that Microsoft shows for this domain. The command prints it; the one below is derived from selector1.",
				Edits:    []Edit{{Name: "selector2._domainkey." + d + ".", Type: "CNAME", New: "selector2-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft.", TTL: 3600}},
				Commands: []string{"Get-DkimSigningConfig -Identity " + d + " | Format-List Selector1CNAME, Selector2CNAME"},
				Links:    []string{"https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure"}}}),
		found(Finding{Check: "dmarc", Code: "dmarc.missing", Status: Fail, Cause: CauseDomain, Subject: "_dmarc." + d,
			Summary:  "no DMARC record here or above, so forged mail is not rejected and large receivers refuse bulk mail",
			Evidence: []Evidence{dnsAnswer("_dmarc." + d + " TXT → NXDOMAIN (no such name)")},
			Fix: &Fix{Owner: OwnerDNS, Text: "Start with a policy that only collects reports, and go on to quarantine and reject when they are clean.",
				Edits: []Edit{{Name: "_dmarc." + d + ".", Type: "TXT", New: "v=DMARC1; p=none; rua=mailto:dmarc@" + d, TTL: 3600}},
				Links: []string{"RFC 9989 4.7"}}}),
		pass("autodiscover", "autodiscover.cname", "autodiscover."+d, "autodiscover.outlook.com"),
		found(Finding{Check: "submission", Code: "submission.skipped", Status: Skip, Summary: "not looked at, because of --skip submission"}),
		plannedEnd(d, "worldwide", 1340, 44, brokenPlan(d)),
	}
}

func plannedEnd(domain, cloud string, ms, queries int, p *Plan) Event {
	e := sampleEnd(domain, cloud, ms, queries)
	e.End.Plan = p
	return e
}

// brokenPlan has a step of each kind but a decision: a record that goes, two
// that become one, a command that others wait for.
func brokenPlan(d string) *Plan {
	return &Plan{Proven: true,
		Result: PlanResult{Verdict: ReadyWarned, Warn: 1, Remaining: []string{"dmarc.policy"}},
		Steps: []Step{
			{Step: 1, Owner: OwnerDNS, Action: ActionRemove, Name: d + ".", Type: "MX", TTL: 3600,
				Keep: []string{"0 contoso-com.mail.protection.outlook.com."}, Remove: []string{"10 mail.oldhost.example."},
				Text: "Delete the record of the old mail server.", Caution: "Wait until its queue is empty.", Fixes: []string{"mx.leftover"}, About: []string{"mail.old.example: still receives mail"}},
			{Step: 2, Owner: OwnerDNS, Action: ActionChange, Name: d + ".", Type: "TXT", TTL: 3600,
				Keep: []string{"MS=ms12345678"},
				Remove: []string{"v=spf1 include:spf.protection.outlook.com -all",
					"v=spf1 a mx ip4:198.51.100.0/24 include:_spf.oldhost.example include:mail.newsletter.example ~all"},
				Add:  []string{"v=spf1 ip4:198.51.100.0/24 include:spf.protection.outlook.com include:mail.newsletter.example -all"},
				Text: "Publish one SPF record that lists all senders.", Fixes: []string{"spf.several"}, Verify: "maildiag spf " + d},
			{Step: 3, Owner: OwnerM365, Action: ActionRun, Text: "Read the target of the next step.",
				Commands: []string{"Get-DkimSigningConfig -Identity " + d + " | Format-List Selector1CNAME, Selector2CNAME"}},
			{Step: 4, Owner: OwnerDNS, After: []int{3}, Action: ActionAdd, Name: "selector2._domainkey." + d + ".", Type: "CNAME", TTL: 3600,
				Add:  []string{"selector2-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft."},
				Text: "The target is derived from selector1; compare it with what step 3 shows.", Fixes: []string{"dkim.selector2"}},
			{Step: 5, Owner: OwnerDNS, Action: ActionAdd, Name: "_dmarc." + d + ".", Type: "TXT", TTL: 3600,
				Add: []string{"v=DMARC1; p=none; rua=mailto:dmarc@" + d}, Text: "Start with a policy that only collects reports.",
				Caution: "The mailbox dmarc@" + d + " must exist.", Fixes: []string{"dmarc.missing"}},
		}}
}

// decidedPlan is not proven and asks for a decision.
func decidedPlan(d string) *Plan {
	return &Plan{Result: PlanResult{Verdict: NotReady, Fail: 1, Remaining: []string{"mx.missing"}},
		Steps: []Step{{Step: 1, Owner: OwnerYou, Action: ActionDecide, Name: d + ".", Type: "MX",
			Text: "It is unknown whether " + d + " should receive mail.", Fixes: []string{"mx.missing"}, About: []string{d + ": no MX record"},
			Alternatives: []Alternative{
				{Label: "if it should receive mail", Text: "Mail arrives in Microsoft 365.", Commands: []string{"Get-AcceptedDomain " + d}},
				{Label: "if it should not", Text: "Senders are told at once.", Remove: []string{"0 gone.example."}, Add: []string{"0 ."}},
			}}}}
}

// undecidedRun is a domain without MX that has more than one way out.
func undecidedRun() []Event {
	d := "adatum.example"
	return []Event{sampleStart(1), sampleBegin(d),
		found(Finding{Check: "mx", Code: "mx.missing", Status: Fail, Cause: CauseDomain, Subject: d,
			Summary: d + " has no MX record that leads anywhere", Fix: &Fix{Owner: OwnerYou, Text: "Decide whether it receives mail."}}),
		plannedEnd(d, "", 120, 12, decidedPlan(d)), sampleStop(130)}
}

func brokenRun() []Event {
	return join([]Event{sampleStart(1)}, brokenDomain("contoso.com"), []Event{sampleStop(1351)})
}

// blockedRun is a site whose firewall drops port 587: nothing is known of the
// service, and that is not the domain's fault.
func blockedRun() []Event {
	ev := goodDomain("fabrikam.example", "fabrikam-example")
	ev = append(ev[:len(ev)-3:len(ev)-3],
		found(Finding{Check: "submission", Code: "submission.tcp", Status: Unknown, Cause: CauseNetwork, Subject: "smtp.office365.com",
			Summary: "port 587 of smtp.office365.com does not answer over IPv4, and there is no route over IPv6: a firewall on the way drops it",
			Evidence: []Evidence{
				{Kind: "smtp", Text: "connect 198.51.100.25:587: timed out after 10 s\nconnect 198.51.100.26:587: timed out after 10 s\nconnect [2001:db8::25]:587: network is unreachable"},
				{Kind: "answer", Text: "smtp.office365.com A → CNAME outlook.ha.office365.com\n  198.51.100.25\n  198.51.100.26", From: "192.0.2.53:53/udp"},
			},
			Fix: &Fix{Owner: OwnerNetwork, Text: "Allow outgoing TCP to port 587 of smtp.office365.com. To see whether it is this site, run the same from another network.",
				Commands: []string{"Test-NetConnection smtp.office365.com -Port 587"},
				Links:    []string{"https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges"}},
			Elapsed: 10012 * time.Millisecond}),
		found(Finding{Check: "submission", Code: "submission.starttls", Status: Skip, Summary: "not looked at, because of submission.tcp above"}),
		sampleEnd("fabrikam.example", "worldwide", 10034, 39))
	return join([]Event{sampleStart(1)}, ev, []Event{sampleStop(10051)})
}

// servfailRun is a resolver that cannot resolve.
func servfailRun() []Event {
	d := "tailspin.example"
	ev := []Event{sampleStart(1), sampleBegin(d)}
	ask := func(check, code, name, typ string) {
		ev = append(ev, found(Finding{Check: check, Code: code, Status: Unknown, Cause: CauseResolver, Subject: name,
			Summary:  name + " " + typ + ": the resolver could not get an answer (SERVFAIL); whether the record exists is not known",
			Evidence: []Evidence{dnsAnswer(name + " " + typ + " → SERVFAIL; extended error 22 (No Reachable Authority)")},
			Fix: &Fix{Owner: OwnerDNS, Links: []string{"RFC 1035 4.1.1"},
				Text: "Run again in some minutes. If it stays, the domain's name servers do not answer this resolver: ask another one with --resolver, and have the DNS administrator look at the delegation."}}))
	}
	ask("mx", "mx.lookup", d, "MX")
	ask("spf", "spf.lookup", d, "TXT")
	ask("dmarc", "dmarc.lookup", "_dmarc."+d, "TXT")
	return append(ev, sampleEnd(d, "", 6021, 9), sampleStop(6023))
}

func severalRun() []Event {
	return join([]Event{sampleStart(3)}, goodDomain("contoso.com", "contoso-com"), brokenDomain("fabrikam.example"),
		goodDomain("xn--mnchen-3ya.example", "xn--mnchen-3ya-example"), []Event{sampleStop(2210)})
}

// halfRun is a domain in the middle of its migration.
func halfRun() []Event {
	d := "fabrikam.com"
	warn := func(check, code, subject, summary string) Event {
		return found(Finding{Check: check, Code: code, Status: Warn, Cause: CauseDomain, Subject: subject, Summary: summary,
			Fix: &Fix{Owner: OwnerDNS, Text: "See the step."}})
	}
	note := func(check, code, summary string) Event {
		return found(Finding{Check: check, Code: code, Status: Info, Summary: summary})
	}
	start := sampleStart(1)
	start.Start.Checks = append(start.Start.Checks, []CheckInfo{{"mtasts", "MTA-STS"}, {"tlsrpt", "TLS-RPT"},
		{"dane", "DANE"}, {"bimi", "BIMI"}, {"clients", "CLIENT RECORDS"}}...)
	return []Event{start, sampleBegin(d),
		pass("domain", "domain.exists", d, "exists"),
		pass("mx", "mx.m365", "fabrikam-com.mail.protection.outlook.com", "preference 0"),
		found(Finding{Check: "mx", Code: "mx.leftover", Status: Fail, Cause: CauseDomain, Subject: "aspmx.l.google.com",
			Summary: "aspmx.l.google.com (Google) still receives mail for this domain (preference 10); mail that fails over to it lands in the old mailbox",
			Fix:     &Fix{Owner: OwnerDNS, Text: "Delete it.", Edits: []Edit{{Name: d + ".", Type: "MX", Old: "10 aspmx.l.google.com."}}}}),
		pass("spf", "spf.m365", "", "include:spf.protection.outlook.com allows Microsoft 365 to send"),
		warn("spf", "spf.leftover", "", "include:_spf.google.com still allows Google Workspace to send. It is probably left over from before the migration."),
		pass("dkim", "dkim.selector1", "selector1._domainkey."+d, "CNAME → selector1-fabrikam-com._domainkey.fabrikam.onmicrosoft.com"),
		warn("dkim", "dkim.selector2", "selector2._domainkey."+d, "not published, so signing breaks at the next key rotation"),
		warn("dmarc", "dmarc.policy", "", "p=none: receivers deliver mail that fails DMARC (monitoring only)"),
		note("mtasts", "mtasts.record", "not used"), note("tlsrpt", "tlsrpt.record", "not used"),
		note("dane", "dane.possible", "not used"), note("bimi", "bimi.record", "not used"),
		warn("autodiscover", "autodiscover.target", "autodiscover."+d, "points to 203.0.113.25, not to Microsoft 365"),
		pass("clients", "clients.registration", "enterpriseregistration."+d, "points to enterpriseregistration.windows.net"),
		pass("submission", "submission.tcp", "smtp.office365.com:587", "IPv4 in 21 ms; IPv6 in 24 ms"),
		plannedEnd(d, "worldwide", 900, 40, halfPlan(d)), sampleStop(910)}
}

func halfPlan(d string) *Plan {
	step := func(n int, a Action, name, kind string, remove, add []string, text, code string) Step {
		return Step{Step: n, Owner: OwnerDNS, Action: a, Name: name + d + ".", Type: kind, Remove: remove, Add: add, TTL: 3600, Text: text, Fixes: []string{code}}
	}
	return &Plan{Proven: true, Result: PlanResult{Verdict: Ready}, Steps: []Step{
		step(1, ActionRemove, "", "MX", []string{"10 aspmx.l.google.com."}, nil, "Delete it when no mailbox is left there.", "mx.leftover"),
		step(2, ActionChange, "", "TXT", []string{"v=spf1 include:spf.protection.outlook.com include:_spf.google.com ~all"},
			[]string{"v=spf1 include:spf.protection.outlook.com ~all"}, "Delete the include when nobody sends through Google.", "spf.leftover"),
		step(3, ActionAdd, "selector2._domainkey.", "CNAME", nil, []string{"selector2-fabrikam-com._domainkey.fabrikam.onmicrosoft.com."},
			"Publish the second key of Microsoft 365.", "dkim.selector2"),
		step(4, ActionChange, "_dmarc.", "TXT", []string{"v=DMARC1; p=none; rua=mailto:dmarc@reports.example"},
			[]string{"v=DMARC1; p=quarantine; rua=mailto:dmarc@reports.example"}, "After a few weeks of clean reports.", "dmarc.policy"),
		step(5, ActionRemove, "autodiscover.", "A", []string{"203.0.113.25"}, nil, "The name can have an address or a CNAME, not both.", "autodiscover.target"),
		{Step: 6, Owner: OwnerDNS, After: []int{5}, Action: ActionAdd, Name: "autodiscover." + d + ".", Type: "CNAME",
			Add: []string{"autodiscover.outlook.com."}, Fixes: []string{"autodiscover.target"}},
	}}
}

// hostile is what an attacker might publish.
const hostile = "\x1b[2J\x1b]8;;http://evil.example\a\r\n# EOF\n::error::x\u202e\u200b\xff\U000e0041<script>alert(1)</script>&'\"|`*_[x](y)@all =cmd|'/C calc'!A0 ]]> \ufffe\u009b31m"

func hostileRun() []Event { return runWith("evil.example", hostile) }

// runWith has the payload in every string that the network can fill.
func runWith(domain, payload string) []Event {
	h := func(n int) string { return fmt.Sprintf("%s#%d", payload, n) }
	return []Event{
		sampleStart(1),
		{Begin: &Begin{Domain: domain, Unicode: h(1), Started: time.Date(2026, 11, 23, 10, 31, 7, 0, time.UTC), Resolver: h(2), Expect: "auto"}},
		found(Finding{Check: "mx", Code: "mx.name", Status: Fail, Cause: CauseDomain, Subject: h(3), Summary: h(4),
			Evidence: []Evidence{
				{Kind: "answer", Text: h(5), From: h(6), Note: h(7)}, {Kind: "smtp", Text: h(8)}, {Kind: "rule", Text: h(9), Link: h(10)}},
			Fix: &Fix{Owner: OwnerDNS, Text: h(11), Edits: []Edit{{Name: h(12), Type: "TXT", Old: h(13), New: h(14)}},
				Commands: []string{h(15)}, Links: []string{h(16)}},
			Data: map[string]any{"answer": h(17), "lookups": 11, "host": h(49), "gateway": h(50), "preference": 5}}),
		found(Finding{Check: "spf", Code: "spf.x", Status: Warn, Summary: "=1+1", Subject: "@SUM(1)"}),
		found(Finding{Check: "spf", Code: "spf.y", Status: Pass, Summary: h(18), Evidence: []Evidence{{Kind: "https", Text: h(19)}},
			Terms: []Term{{Text: h(51), First: 1, Lookups: 2, Note: h(52)}, {Depth: 1, Text: h(53), First: 2, Lookups: 1, Fault: true, Note: h(54)}}}),
		found(Finding{Check: "submission", Code: "submission.starttls", Status: Pass, Subject: h(55), Summary: h(56), Data: map[string]any{"version": h(57)}}),
		found(Finding{Check: "dkim", Code: "dkim.z", Status: Unknown, Optional: true, Summary: h(20), Cause: CauseRemote}),
		{End: &End{Domain: domain, Cloud: h(21), Elapsed: 1500 * time.Microsecond, Queries: 1, Plan: planWith(h)}},
		sampleStop(3),
	}
}

// planWith has a payload in every string of a plan.
func planWith(h func(int) string) *Plan {
	step := func(n int, a Action) Step {
		return Step{Step: n, Owner: h(30), Action: a, Name: h(31), Type: h(32), Keep: []string{h(33)}, Remove: []string{h(34)}, Add: []string{h(35)},
			After: []int{n}, Commands: []string{h(36)}, Text: h(37), Fixes: []string{h(38)}, Caution: h(39), Verify: h(40), About: []string{h(41)}}
	}
	decide := step(3, ActionDecide)
	decide.Alternatives = []Alternative{
		{Label: h(41), Text: h(42), Remove: []string{h(43)}, Add: []string{h(44)}, Commands: []string{h(45)}}, {Label: h(46), Text: h(47)}}
	return &Plan{Steps: []Step{step(1, ActionChange), step(2, ActionRun), decide},
		Result: PlanResult{Verdict: ReadyWarned, Warn: 1, Remaining: []string{h(48)}}}
}

func join(lists ...[]Event) []Event {
	var all []Event
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// runs names the samples.
func runs() map[string][]Event {
	return map[string][]Event{
		"good": goodRun(), "broken": brokenRun(), "blocked": blockedRun(),
		"servfail": servfailRun(), "several": severalRun(), "hostile": hostileRun(), "undecided": undecidedRun(),
		"half": halfRun(),
	}
}

// emit hands events to a sink.
func emit(t testing.TB, s Sink, events []Event) {
	t.Helper()
	for _, e := range events {
		if err := s.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
}

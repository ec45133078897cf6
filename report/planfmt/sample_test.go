package planfmt

import (
	"strings"

	"maildiag/report"
)

// longSPF is a record of 400 bytes.
func longSPF() string {
	s := "v=spf1 include:spf.protection.outlook.com include:_spf.mailer.example"
	for _, net := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"} {
		s += " ip4:" + net
	}
	for i := 0; len(s) < 350; i++ {
		s += " ip6:2001:db8:" + strings.Repeat(string(rune('a'+i%6)), 4) + "::/48"
	}
	s += " "
	return s + "exists:" + strings.Repeat("x", 400-len(s)-len("exists: ~all")) + " ~all"
}

const (
	hostileText  = "a\"b\\c;d'e$(id)`id`${f}%{g}$h%i \u2019$(x)\u2019 \u202eevil\u202c <!--\x1b[31m é"
	hostileBytes = "bytes \xff\xfe\x00 and\r\nEND\nsend\n"
)

// samplePlan is what the goldens are made of: a long text beside others, a mail
// server that goes, names that wait for a command, a decision, hostile values.
func samplePlan() report.Plan {
	const dns, m365 = report.OwnerDNS, report.OwnerM365
	return report.Plan{Proven: true,
		Result: report.PlanResult{Verdict: report.ReadyWarned, Warn: 1, Remaining: []string{"dmarc.policy"}},
		Steps: []report.Step{
			{Step: 1, Owner: dns, Action: report.ActionChange, Name: "contoso.com.", Type: "TXT", TTL: 3600,
				Keep:   []string{"MS=ms12345678", "google-site-verification=abc\"def"},
				Remove: []string{"v=spf1 include:spf.protecton.outlook.com -all"}, Add: []string{longSPF()},
				Text:   "Publish one SPF record that includes Microsoft 365 and your other senders.",
				Fixes:  []string{"spf.syntax", "spf.m365"},
				Verify: "maildiag spf contoso.com"},
			{Step: 2, Owner: dns, Action: report.ActionRemove, Name: "contoso.com.", Type: "MX", TTL: 3600,
				Keep: []string{"0 contoso-com.mail.protection.outlook.com."}, Remove: []string{"10 mail.oldhost.example."},
				Text:    "Remove the old mail server.",
				Caution: "Wait until its queue is empty.", Fixes: []string{"mx.leftover"},
				About: []string{"mail.old.example: still receives mail"}},
			{Step: 3, Owner: dns, Action: report.ActionAdd, Name: "news.contoso.com.", Type: "MX", TTL: 3600,
				Add:  []string{"0 news-contoso-com.mail.protection.outlook.com."},
				Text: "Add the mail server of Microsoft 365.", Fixes: []string{"mx.missing"}},
			{Step: 4, Owner: m365, Action: report.ActionRun,
				Commands: []string{"Get-DkimSigningConfig -Identity contoso.com | Format-List Selector1CNAME, Selector2CNAME"},
				Text:     "Compare the two targets with those of the next two steps."},
			{Step: 5, Owner: dns, After: []int{4}, Action: report.ActionAdd, Name: "selector1._domainkey.contoso.com.", Type: "CNAME",
				Add: []string{"selector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft."}, TTL: 3600,
				Text: "Publish the first DKIM name.", Fixes: []string{"dkim.selector1"}},
			{Step: 6, Owner: dns, After: []int{4}, Action: report.ActionAdd, Name: "selector2._domainkey.contoso.com.", Type: "CNAME",
				Text: "Publish the second DKIM name with the target that step 4 shows.", Fixes: []string{"dkim.selector2"}},
			{Step: 7, Owner: m365, After: []int{5, 6}, Action: report.ActionRun,
				Commands: []string{"Set-DkimSigningConfig -Identity contoso.com -Enabled $true"}, Text: "Switch DKIM on."},
			{Step: 8, Owner: report.OwnerYou, Action: report.ActionDecide, Name: "shop.contoso.com.", Type: "MX",
				Text: "It is unknown whether shop.contoso.com should receive mail.",
				Alternatives: []report.Alternative{
					{Label: "if it should receive mail", Text: "Mail arrives in Microsoft 365.", Remove: []string{"0 gone.example."},
						Commands: []string{"Get-MxRecordReport -Domain shop.contoso.com"}},
					{Label: "if it should not", Text: "Senders are told at once.", Remove: []string{"0 gone.example."}, Add: []string{"0 ."}},
				}},
			{Step: 9, Owner: dns, Action: report.ActionChange, Name: "odd.contoso.com.", Type: "TXT", TTL: 300,
				Keep: []string{hostileText}, Remove: []string{"old " + hostileText}, Add: []string{"new " + hostileText},
				Text: "A record with " + hostileText + " in it."},
			{Step: 10, Owner: dns, Action: report.ActionChange, Name: "bytes.contoso.com.", Type: "TXT",
				Remove: []string{hostileBytes}, Add: []string{"new " + hostileBytes}, Text: "A record with\nline breaks."},
			{Step: 11, Owner: dns, Action: report.ActionRemove, Name: "_autodiscover._tcp.contoso.com.", Type: "SRV", TTL: 3600,
				Remove: []string{"0 0 443 mail.oldhost.example."}, Text: "Remove the old service record.", Fixes: []string{"autodiscover.srv"}},
			{Step: 12, Owner: dns, Action: report.ActionRemove, Name: "autodiscover.contoso.com.", Type: "A", TTL: 3600,
				Remove: []string{"203.0.113.25"}, Text: "Remove the address of the old server."},
			{Step: 13, Owner: dns, After: []int{12}, Action: report.ActionAdd, Name: "autodiscover.contoso.com.", Type: "CNAME", TTL: 3600,
				Add: []string{"autodiscover.outlook.com."}, Text: "Point autodiscover to Microsoft 365.", Fixes: []string{"autodiscover.cname"}},
		}}
}

func sampleMeta() Meta { return Meta{Domain: "contoso.com", Version: "0.1.0"} }

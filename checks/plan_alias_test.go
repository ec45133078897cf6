package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// A fault behind an alias is corrected where the record is: by a step in the zones of
// the domain's owner, and elsewhere by its operator, whom the advice names.
func TestPlanFollowsAliases(t *testing.T) {
	t.Parallel()
	const (
		twoPolicies = `TXT "v=DMARC1; p=reject; rua=mailto:d@contoso.com"|TXT "v=DMARC1; p=none; rua=mailto:e@contoso.com"`
		badPolicy   = `TXT "v=DMARC1; p=rejct; rua=mailto:d@contoso.com"`
		twoSTS      = `TXT "v=STSv1; id=1"|TXT "v=STSv1; id=2"`
		badSTS      = `TXT "v=STSv1; id=1-2"`
		twoReports  = `TXT "v=TLSRPTv1; rua=mailto:a@contoso.com"|TXT "v=TLSRPTv1; rua=mailto:b@contoso.com"`
		cutKey      = `TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"`
		badSPF      = `TXT "v=spf1 ip4:198.51.100.7, -all"`
	)
	for _, c := range []struct{ name, records, code string }{
		{"_dmarc.contoso.com.", twoPolicies, "dmarc.multiple"},
		{"_dmarc.contoso.com.", badPolicy, "dmarc.syntax"},
		{"_mta-sts.contoso.com.", twoSTS, "mtasts.record"},
		{"_mta-sts.contoso.com.", badSTS, "mtasts.record"},
		{"_smtp._tls.contoso.com.", twoReports, "tlsrpt.record"},
		{"k1._domainkey.contoso.com.", cutKey, "dkim.key"},
		{"_spf.contoso.com.", badSPF, "spf.include"},
	} {
		for _, way := range []struct{ chain, end string }{
			{"END", "at.contoso.com."},
			{"mid.contoso.com.\nmid.contoso.com. CNAME END", "_policy.central.contoso.com."},
			{"END", "at.vendor.example."},
			{"mid.contoso.com.\nmid.contoso.com. CNAME END", "at.vendor.example."},
		} {
			zone := aliasZone + c.name + " CNAME " + strings.ReplaceAll(way.chain, "END", way.end) + "\n"
			for r := range strings.SplitSeq(c.records, "|") {
				zone += way.end + " " + r + "\n"
			}
			if c.name != "_dmarc.contoso.com." {
				zone += "_dmarc.contoso.com. TXT \"v=DMARC1; p=none; rua=mailto:d@contoso.com\"\n"
			}
			if c.name != "_smtp._tls.contoso.com." {
				zone += "_smtp._tls.contoso.com. TXT \"v=TLSRPTv1; rua=mailto:t@contoso.com\"\n"
			}
			env, _ := kittest.NewEnv(t, "contoso.com", zone)
			p := planFor(t, cached(env, false))
			p.hold(t)
			own, end := strings.HasSuffix(way.end, "contoso.com."), strings.TrimSuffix(way.end, ".")
			if !slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool {
				if own && (s.HasValues() || s.Action == report.ActionDecide) { // two policies of MTA-STS
					return s.Name == way.end && slices.Contains(s.Fixes, c.code)
				}
				return !s.ChangesRecords() && !own && slices.Contains(s.Fixes, c.code) && strings.Contains(s.Text, end) && strings.Contains(s.Text, "vendor.example")
			}) {
				t.Errorf("%s → %s: %s is not corrected there: %+v", c.name, way.end, c.code, p.plan.Steps)
			}
			for _, s := range p.plan.Steps {
				if s.HasValues() && s.Name == c.name {
					t.Errorf("%s → %s: step %d changes the alias", c.name, way.end, s.Step)
				}
			}
		}
	}
}

// aliasZone is a domain at Microsoft 365 without policies.
const aliasZone = `contoso.com. MX 0 contoso-com.mail.protection.outlook.com.
contoso-com.mail.protection.outlook.com. A 192.0.2.11
contoso.com. TXT "v=spf1 include:_spf.contoso.com include:spf.protection.outlook.com -all"
spf.protection.outlook.com. TXT "v=spf1 ip4:192.0.2.0/28 -all"
`

// A wildcard record is no record of a name: nothing asks to delete or change the
// alias that it makes, and what is published at the name is added.
func TestPlanLeavesWildcards(t *testing.T) {
	t.Parallel()
	key := `TXT "` + liveKey + `"`
	for _, wildcard := range []string{
		"*.contoso.com. CNAME web.hoster.example.\nweb.hoster.example. A 203.0.113.5",
		"*.contoso.com. CNAME web.hoster.example.\nweb.hoster.example. TXT \"v=spf1 -all\"",
		"*.contoso.com. CNAME www.contoso.com.\nwww.contoso.com. A 203.0.113.5",
		"*.contoso.com. CNAME gone.hoster.example.",
		"*.contoso.com. CNAME contoso.com.",
		"*.contoso.com. A 203.0.113.5",
		"*.contoso.com. TXT \"v=spf1 -all\"",
		"*.contoso.com. TXT \"v=spf1 -all\"\n*.contoso.com. MX 10 web.hoster.example.\nweb.hoster.example. A 203.0.113.5",
		"*._domainkey.contoso.com. TXT \"" + revokedKey + "\"",
		"*._domainkey.contoso.com. " + key,
		"*._domainkey.contoso.com. CNAME key.signer.example.\nkey.signer.example. " + key,
		"*._domainkey.contoso.com. CNAME gone.signer.example.",
	} {
		for _, more := range []string{"", "_mta-sts.contoso.com. TXT \"v=STSv1; id=1\"\n", "_dmarc.contoso.com. TXT \"v=DMARC1; p=reject\"\n"} {
			env, _ := kittest.NewEnv(t, "contoso.com", aliasZone+"_spf.contoso.com. TXT \"v=spf1 -all\"\n"+wildcard+"\n"+more)
			p := planFor(t, cached(env, false))
			p.hold(t)
			for _, s := range p.plan.Steps {
				removes := s.Remove
				for _, a := range s.Alternatives {
					removes = append(removes, a.Remove...)
					for _, set := range a.Sets {
						removes = append(removes, set.Remove...)
					}
				}
				if slices.ContainsFunc(removes, func(v string) bool { return strings.Contains(wildcard, v) }) {
					t.Errorf("%q: step %d deletes what the wildcard record answers: %+v", wildcard, s.Step, s)
				}
			}
			for _, f := range p.findings {
				if f.Code == "mtasts.record" && more == "" && f.Status != report.Info {
					t.Errorf("%q: %+v", wildcard, f)
				}
			}
		}
	}
}

package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// A loop through an alias of the domain is mended where the record stands.
func TestPlanMendsLoopsThroughAliases(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"www.contoso.com", "a.b.contoso.com"} {
		p := orderPlan(t, ourMX+someDMARC+at+". CNAME contoso.com.\ncontoso.com. TXT \"v=spf1 include:"+at+" include:spf.protection.outlook.com -all\"\n")
		if s := stepOf(p.plan, "spf.loop"); !s.HasValues() || !slices.Equal(s.Published(), []string{"v=spf1 include:spf.protection.outlook.com -all"}) {
			t.Errorf("%s: %+v", at, s)
		}
	}
}

// A term for servers that an earlier one does not allow has no effect, and is told.
func TestTermsBehindRefusals(t *testing.T) {
	t.Parallel()
	for terms, want := range map[string]string{
		"-ip4:198.51.0.0/16 ip4:198.51.100.20 ~all":    "ip4:198.51.100.20",
		"~ip4:198.51.100.20 ip4:198.51.100.20/32 ~all": "ip4:198.51.100.20/32",
		"?ip6:2a00:1::/32 ip6:2a00:1:2::/48 -all":      "ip6:2a00:1:2::/48",
		"ip4:198.51.100.20 -ip4:198.51.0.0/16 ~all":    "",
		"-ip4:198.51.100.20 ip4:198.51.0.0/24 ~all":    "", // some of them
		"-ip4:203.0.113.0/24 ip4:198.51.100.20 ~all":   "",
		"-ip6:2a00:1::/32 ip4:198.51.100.20 ~all":      "",
		"-a:backup.example ip4:198.51.100.99 ~all":     "", // addresses change
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", orderZone+ourMX+someDMARC+"contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com "+terms+"\"\n")
		p := planFor(t, env)
		p.hold(t)
		s := stepOf(p.plan, "spf.order")
		if (s.Step > 0) != (want != "") || want != "" && strings.Contains(s.Alternatives[1].Added()[0], want+" ") {
			t.Errorf("%s: %+v", terms, s)
		}
	}
}

// Decisions about several keys are several decisions.
func TestUselessKeysAreDecidedOneByOne(t *testing.T) {
	t.Parallel()
	const short = "TXT \"v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL3vdJCfrX1XPRzpHfJ9EBUpoz/QydtnHo1RtN9jz1RRwEJppgEPDq1yq9TRggwnoxga8qBZJi/4qQdiPTPD6SsCAwEAAQ==\"\n"
	p := orderPlan(t, ourMX+ourSPF+someDMARC+"default._domainkey.contoso.com. "+short+"mail._domainkey.contoso.com. "+short)
	deleted := map[string]bool{}
	for _, s := range p.plan.Steps {
		if slices.Contains(s.Fixes, "dkim.key") {
			deleted[s.Name] = s.Action == report.ActionDecide && len(s.Alternatives) == 2
		}
	}
	if len(deleted) != 2 || !deleted["default._domainkey.contoso.com."] || !deleted["mail._domainkey.contoso.com."] {
		t.Errorf("%v: %+v", deleted, p.plan)
	}
}

// Where nobody knows what a term was meant to be, the record without it is shown: it is
// valid, keeps the other terms, and does not let everyone send.
func TestPlanShowsTheRestOfARecord(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for terms, want := range map[string]string{
		"ip4:300.1.1.1 " + cloud + " -all":            cloud + " -all",
		cloud + " ip4:198.51.100.1 foo:bar ~all":      cloud + " ip4:198.51.100.1 ~all",
		cloud + " ip4:300.1.1.1 +all":                 cloud + " ~all",
		cloud + " ip4:300.1.1.1 all":                  cloud + " ~all",
		cloud + " ip:198.51.100.7 ip4:300.1.1.1 -all": cloud + " ip4:198.51.100.7 -all",
		"ip4:300.1.1.1":                               "",
		"ip:198.51.100.7 " + cloud + " -all":          "", // it shows what was meant
	} {
		p := orderPlan(t, ourMX+someDMARC+"contoso.com. TXT \"v=spf1 "+terms+"\"\n")
		s, got := stepOf(p.plan, "spf.syntax"), ""
		if len(s.Alternatives) == 2 {
			got = strings.TrimPrefix(strings.Join(s.Alternatives[1].Added(), "|"), "v=spf1 ")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q: %+v", terms, got, want, s)
		}
	}
}

// The name behind a foreign alias is its operator's: only one's own is replaced.
func TestPlanKeepsForeignAliasesOfMX(t *testing.T) {
	t.Parallel()
	for zone, changes := range map[string]bool{
		"contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. CNAME backup.example.\n":                                        true,
		"contoso.com. MX 10 mx.hoster.example.\nmx.hoster.example. CNAME backup.example.\n":                                      false,
		"contoso.com. MX 10 mx.hoster.example.\nmx.hoster.example. CNAME b.hoster.example.\nb.hoster.example. A 198.51.100.98\n": false,
	} {
		p := orderPlan(t, zone+ourSPF+someDMARC)
		if s := stepOf(p.plan, "mx.cname"); s.Step == 0 || s.HasValues() != changes {
			t.Errorf("%s: %+v", zone, s)
		}
	}
}

// If all senders pass, a policy for subdomains is what was meant, too.
func TestPlanAppliesWhatWasMeantForSubdomains(t *testing.T) {
	t.Parallel()
	for sp, want := range map[string]string{"quarentine": "quarantine", "rejct": "reject", "nnone": "none", "foo": ""} {
		p := orderPlan(t, ourMX+ourSPF+goodKeys+tenantKeys+"_dmarc.contoso.com. TXT \"v=DMARC1; p=reject; sp="+sp+"; rua=mailto:d@contoso.com\"\n")
		s := stepOf(p.plan, "dmarc.syntax")
		got := ""
		for _, a := range s.Alternatives {
			if strings.HasPrefix(a.Label, "if all your senders pass") {
				got = strings.Join(a.Added(), "|")
			}
		}
		if want != "" && !strings.Contains(got, "sp="+want) || strings.Contains(got, "sp="+sp) {
			t.Errorf("sp=%s: %q: %+v", sp, got, s)
		}
	}
}

// Where a selector points to the label of another domain, and Microsoft has a key at the
// domain's own in the same tenant, that is what to publish.
func TestPlanFindsKeysAtTheOwnLabel(t *testing.T) {
	t.Parallel()
	for label, finds := range map[string]bool{"contoso-net": true, "fabrikam-com": true} {
		zone := ""
		for _, n := range []string{"1", "2"} {
			zone += "selector" + n + "._domainkey.contoso.com. CNAME selector" + n + "-" + label + "._domainkey.fabrikam.onmicrosoft.com.\n"
		}
		for keys, has := range map[string]bool{tenantKeys: finds, "": false} {
			p := orderPlan(t, ourMX+ourSPF+someDMARC+zone+keys)
			s := stepOf(p.plan, "dkim.token")
			for _, o := range p.plan.Steps {
				if o.Name == "selector1._domainkey.contoso.com." {
					s = o
				}
			}
			if got := slices.Equal(s.Published(), []string{"selector1-contoso-com._domainkey.fabrikam.onmicrosoft.com."}); got != has {
				t.Errorf("%s, %v: %+v", label, keys != "", s)
			}
		}
	}
}

// Names of internal networks have no operator who could publish a record.
func TestPlanKnowsInternalNames(t *testing.T) {
	t.Parallel()
	for name, inside := range map[string]bool{
		"spf.contoso.local": true, "mail.corp": true, "relay.office.lan": true, "a.localdomain": true,
		"spf.dead.example": false, "spf.corp.contoso.net": false, "local.example": false,
	} {
		p := orderPlan(t, ourMX+someDMARC+"contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com include:"+name+" -all\"\n")
		asks := slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool {
			return slices.ContainsFunc(s.Alternatives, func(a report.Alternative) bool { return strings.Contains(a.Text, "Ask the operator of "+name) })
		})
		if told := strings.Contains(stepOf(p.plan, "spf.include").Text, "internal network"); told != inside || asks && inside {
			t.Errorf("%s: inside %v, asks %v: %+v", name, told, asks, stepOf(p.plan, "spf.include"))
		}
	}
}

package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// freeWays are the ways in which a domain may hand over to a name: where %s stands.
var freeWays = map[string]string{
	"include":          "contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com include:%s -all\"\n",
	"redirect":         "contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com redirect=%s\"\n",
	"a":                "contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com a:%s -all\"\n",
	"mx of":            "contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com mx:%s -all\"\n",
	"mx host of":       "contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com mx:eu.contoso.com -all\"\neu.contoso.com. MX 5 %s.\n",
	"MX":               "contoso.com. MX 10 %s.\n",
	"DKIM":             "k1._domainkey.contoso.com. CNAME %s.\n",
	"DMARC":            "_dmarc.contoso.com. CNAME %s.\n",
	"MTA-STS record":   "_mta-sts.contoso.com. CNAME %s.\n",
	"MTA-STS host":     "_mta-sts.contoso.com. TXT \"v=STSv1; id=1\"\nmta-sts.contoso.com. CNAME %s.\n",
	"TLS-RPT":          "_smtp._tls.contoso.com. CNAME %s.\n",
	"autodiscover":     "autodiscover.contoso.com. CNAME %s.\n",
	"autodiscover SRV": "_autodiscover._tcp.contoso.com. SRV 0 0 443 %s.\n",
}

// freeWorld is a domain of which only the way is wrong.
func freeWorld(t *testing.T, way, target, aliases string) planned {
	t.Helper()
	zone := "contoso.com. MX 0 " + cloudMX + "\n" + cloudMX + " A 192.0.2.11\nspf.protection.outlook.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"\n" +
		"autodiscover.outlook.com. A 192.0.2.3\n" + fmt.Sprintf(freeWays[way], target) + aliases
	for name, record := range map[string]string{"contoso.com. TXT": "\"v=spf1 include:spf.protection.outlook.com -all\"", "_dmarc.contoso.com. ": "TXT \"v=DMARC1; p=none; rua=mailto:d@contoso.com\"",
		"autodiscover.contoso.com. ": "CNAME autodiscover.outlook.com."} {
		if !strings.Contains("\n"+zone, "\n"+name) {
			zone += name + " " + record + "\n"
		}
	}
	env, _ := kittest.NewEnv(t, "contoso.com", zone)
	env.HTTPS = func(_ context.Context, url string) *httpsget.Response {
		return &httpsget.Response{URL: url, Err: &httpsget.Error{Kind: httpsget.KindNXDomain, Phase: httpsget.PhaseDNS}}
	}
	return planFor(t, env)
}

// toldFree lists the codes of findings that say who can register what.
func (p planned) toldFree() (codes []string) {
	for _, f := range p.findings {
		if strings.Contains(f.Statement(), "anyone who registers") && strings.Contains(f.Statement(), "gone-service.net") && f.Status > report.Info {
			codes = append(codes, f.Code+" "+f.Status.String())
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// What anyone can register is found as well behind aliases of the domain's own, and what is
// advised can be done: nothing is published beside an alias.
func TestAliasesToWhatAnyoneCanRegister(t *testing.T) {
	t.Parallel()
	for way := range freeWays {
		direct := freeWorld(t, way, "x.gone-service.net", "")
		want := direct.toldFree()
		if len(want) == 0 {
			t.Errorf("%s: not told: %v", way, problems(direct.findings))
		}
		for _, aliases := range []string{"relay.contoso.com. CNAME x.gone-service.net.\n", "relay.contoso.com. CNAME r2.contoso.com.\nr2.contoso.com. CNAME x.gone-service.net.\n"} {
			p := freeWorld(t, way, "relay.contoso.com", aliases)
			if got := p.toldFree(); !slices.Equal(got, want) {
				t.Errorf("%s, by an alias: %q, directly %q: %v", way, got, want, problems(p.findings))
			}
			p.hold(t)
			if p.plan == nil {
				continue
			}
			for _, s := range p.plan.Steps {
				texts := s.Text
				for _, a := range s.Alternatives {
					texts += " " + a.Text
				}
				for _, name := range []string{"relay.contoso.com", "r2.contoso.com", "_dmarc.contoso.com", "mta-sts.contoso.com"} {
					alias, err := p.env.DNS.Lookup(t.Context(), dnsrec.Q(name, "CNAME"))
					for _, typ := range []string{"TXT", "A", "AAAA", "A, AAAA or CNAME"} {
						if err == nil && len(alias.Values) > 0 && (strings.Contains(texts, "Publish a "+typ+" record at "+name) || strings.Contains(texts, "Publish an "+typ+" record for "+name)) {
							t.Errorf("%s: step %d publishes beside an alias: %s", way, s.Step, texts)
						}
					}
				}
			}
		}
	}
}

// Names that nobody can register are never said to be for registration.
func TestNamesThatNobodyRegisters(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"spf.foo_bar.com", "mail.corp.local", "host.internal", "co.uk", "x.lan", "a.b-.com", "-x.com", "x.localhost", "com", "host.contoso.com", "x.test",
		strings.Repeat("a", 64) + ".com", "x.onion", "1.168.192.in-addr.arpa"} {
		for way := range freeWays {
			for _, alias := range []string{"", "relay.contoso.com. CNAME " + target + ".\n"} {
				to := target
				if alias != "" {
					to = "relay.contoso.com"
				}
				if strings.Contains(target, strings.Repeat("a", 64)) && (alias != "" || !strings.Contains(freeWays[way], "v=spf1")) || way == "mx host of" && len(target) > 63 {
					continue
				}
				for _, f := range freeWorld(t, way, to, alias).findings {
					if strings.Contains(f.Statement(), "registers") {
						t.Errorf("%s %s: %s", way, target, f.Statement())
					}
				}
			}
		}
	}
}

package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
)

// decisionOf returns the decision of a plan about a finding, and fails without one.
func decisionOf(t *testing.T, name string, p planned, code string) report.Step {
	t.Helper()
	p.hold(t)
	if p.plan == nil {
		t.Fatalf("%s: no plan", name)
	}
	s := stepOf(p.plan, code)
	if s.Action != report.ActionDecide || len(s.Alternatives) < 2 {
		t.Fatalf("%s: no decision for %s: %+v", name, code, p.plan.Steps)
	}
	return s
}

// The include of a cloud that the domain is not on lets every customer there send: it
// is never kept without a question, wherever it stands, and its own cloud's stays.
func TestPlanAsksAboutOtherClouds(t *testing.T) {
	t.Parallel()
	const ours = "spf.protection.outlook.com"
	for _, other := range []string{"spf.protection.office365.us", "spf.protection.partner.outlook.cn"} {
		below := other + ". TXT \"v=spf1 ip4:192.0.2.64/28 -all\"\n"
		for record, own := range map[string]string{
			"include:" + other + " -all":                       "",
			"include:" + ours + " include:" + other + " -all":  "",
			"include:" + other + " include:" + ours + " ~all":  "",
			"ip4:203.0.113.9 ?all include:" + other:            "quiet", // receivers never read it
			"redirect=" + other:                                "",
			"include:" + ours + " redirect=" + other:           "",
			"include:" + ours + " include:_s.contoso.com -all": "_s.contoso.com. TXT \"v=spf1 include:" + other + " -all\"\n",
			"include:" + ours + " -include:" + other + " -all": "quiet",
			"include:" + ours + " include:app.example -all":    "quiet",
			"include:" + ours + " ip4:203.0.113.9 -all":        "quiet",
		} {
			quiet := own == "quiet"
			zone := "contoso.com. MX 0 " + cloudMX + "\n" + besideCloudMX + below + "contoso.com. TXT \"v=spf1 " + record + "\"\n" +
				"app.example. TXT \"v=spf1 include:" + other + " -all\"\n"
			if !quiet {
				zone += own
			}
			env, _ := kittest.NewEnv(t, "contoso.com", zone)
			p := planFor(t, env)
			asks := slices.ContainsFunc(p.findings, func(f report.Finding) bool { return f.Code == "spf.leftover" })
			if asks == quiet {
				t.Errorf("%s: asks %v", record, asks)
			}
			if quiet {
				p.hold(t)
				continue
			}
			s := decisionOf(t, record, p, "spf.leftover")
			gone, stays := s.Alternatives[0], s.Alternatives[1]
			added, after := strings.Join(gone.Added(), " "), ""
			for _, v := range append(slices.Clone(gone.Added()), s.Keep...) {
				after += " " + v
			}
			if own == "" && (strings.Contains(added, other) || !strings.Contains(added, "include:"+ours)) || len(gone.Removed()) == 0 || strings.Contains(after, "include:"+other) || !stays.Stay {
				t.Errorf("%s: %+v", record, s.Alternatives)
			}
		}
	}
}

// A policy in mode none holds no mail back: nothing asks for reports. Where they are asked
// for, what ends that mail is lost comes before.
func TestPlanAsksForTLSReportsLast(t *testing.T) {
	t.Parallel()
	for mode, asked := range map[string]bool{"none": false, "testing": true, "enforce": true} {
		for _, patterns := range [][]string{{"*.mail.protection.outlook.com"}, {"mail.contoso.com"}} {
			env, _ := stsWorld(t, mode, "0 "+cloudMX, patterns...)
			p := planFor(t, env)
			if p.plan == nil {
				if asked {
					t.Errorf("%s %v: no plan", mode, patterns)
				}
				continue
			}
			p.hold(t)
			i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, "tlsrpt.record") })
			if i >= 0 != asked || i >= 0 && slices.ContainsFunc(p.plan.Steps[i:], func(s report.Step) bool {
				return slices.ContainsFunc(s.Fixes, func(c string) bool { return strings.HasPrefix(c, "mtasts.") })
			}) {
				t.Errorf("%s %v: TLS-RPT is step %d of %d", mode, patterns, i+1, len(p.plan.Steps))
			}
		}
	}
}

// A domain whose only mail servers do not exist has no filter: it is asked which server
// should receive, once, and Microsoft's record is shown if that exists.
func TestPlanAsksWhoReceivesForDeadHosts(t *testing.T) {
	t.Parallel()
	const selectors = "selector1._domainkey.contoso.com. CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com.\n" +
		"selector2._domainkey.contoso.com. CNAME selector2-contoso-com._domainkey.contoso.onmicrosoft.com.\nautodiscover.contoso.com. CNAME autodiscover.outlook.com.\n"
	for _, mx := range []string{"10 mail.contoso.com.", "10 mail.contoso.com., 20 mail2.contoso.com.", "10 filter.contoso.com.", "10 mx.hoster.example.", "10 text.contoso.com."} {
		for _, exists := range []bool{true, false} {
			for _, beside := range []string{selectors, ""} {
				zone := "contoso.com. TXT \"MS=ms1\"\ncontoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\ntext.contoso.com. TXT x\n" + beside
				cloud := besideCloudMX
				if !exists {
					_, cloud, _ = strings.Cut(besideCloudMX, "\n")
				}
				hosts := 0
				for record := range strings.SplitSeq(mx, ", ") {
					zone, hosts = zone+"contoso.com. MX "+record+"\n", hosts+1
				}
				env, _ := kittest.NewEnv(t, "contoso.com", zone+cloud)
				p := planFor(t, env)
				s := decisionOf(t, mx, p, "mx.address")
				for _, f := range p.findings {
					if f.Code == "mx.m365" {
						t.Errorf("%s: %s", mx, f.Summary)
					}
				}
				moves := s.Alternatives[0]
				if shown := len(moves.Added()) == 1 && len(moves.Removed()) == hosts; shown != exists || len(s.Alternatives[1].Added())+len(s.Alternatives[1].Removed()) > 0 {
					t.Errorf("%s, exists %v: %+v", mx, exists, s)
				}
			}
		}
	}
}

// Several MTA-STS records are a decision with records: one that is valid stays, or none. No
// policy comes into force that does not list the mail servers.
func TestPlanAsksAboutSeveralSTSRecords(t *testing.T) {
	t.Parallel()
	const newer, older = "v=STSv1; id=20260101T000000", "v=STSv1; id=20230101"
	for _, txt := range [][]string{{older, newer}, {newer, older}, {newer, "v=STSv1; id=a-b;"}, {"v=STSv1;", newer, older}} {
		for _, covered := range []bool{true, false} {
			pattern := "mail.contoso.com"
			if covered {
				pattern = "*.mail.protection.outlook.com"
			}
			for _, reports := range []bool{true, false} {
				env, _ := stsWorld(t, "enforce", "0 "+cloudMX, pattern)
				changes := []dnsrec.Change{{Name: "_mta-sts.contoso.com", Type: dnsrec.TypeTXT, Values: txt}}
				if reports {
					changes = append(changes, dnsrec.Change{Name: "_smtp._tls.contoso.com", Type: dnsrec.TypeTXT, Values: []string{"v=TLSRPTv1; rua=mailto:t@contoso.com"}})
				}
				env.DNS = dnsrec.NewChanged(env.DNS, changes...)
				s := decisionOf(t, strings.Join(txt, " "), planFor(t, env), "mtasts.record")
				one, none := s.Alternatives[0], s.Alternatives[1]
				left := slices.DeleteFunc(slices.Clone(txt), func(v string) bool {
					return slices.ContainsFunc(one.Removed(), func(r string) bool { return strings.HasSuffix(r, v) })
				})
				if covered != slices.Equal(left, []string{newer}) || len(one.Added()) > 0 || covered && len(none.Removed()) != len(txt) {
					t.Errorf("%q, covered %v, reports %v: %+v", txt, covered, reports, s.Alternatives)
				}
			}
		}
	}
}

// An include of a host without an SPF record was probably meant to be its address: that
// is one way, and never taken without a question.
func TestPlanOffersAddressesOfHosts(t *testing.T) {
	t.Parallel()
	for host, c := range map[string]struct {
		zone   string
		offers bool
	}{
		"mail.hoster.example": {"mail.hoster.example. A 203.0.113.70\n", true},
		"web.contoso.com":     {"web.contoso.com. A 203.0.113.71\n", true},
		"alias.example":       {"alias.example. CNAME real.example.\nreal.example. A 203.0.113.72\n", true},
		"inside.example":      {"inside.example. A 10.0.0.1\n", false},
		"text.example":        {"text.example. TXT \"hello\"\n", false},
		"gone.example":        {"example. SOA ns.example. h.example. 1 1 1 1 1\n", false},
		"sendgrid.net":        {"sendgrid.net. A 203.0.113.73\n", false}, // they have an include of their own
	} {
		for _, record := range []string{"include:" + host + " include:spf.protection.outlook.com -all", "include:spf.protection.outlook.com redirect=" + host} {
			env, _ := kittest.NewEnv(t, "contoso.com", mailAtMicrosoft+c.zone+"contoso.com. TXT \"v=spf1 "+record+"\"\n")
			p := planFor(t, env)
			p.hold(t)
			offered := false
			for _, s := range p.plan.Steps {
				if strings.Contains(strings.Join(s.Add, " "), "a:"+host) {
					t.Errorf("%s: taken without a question: %+v", record, s)
				}
				offered = offered || slices.ContainsFunc(s.Alternatives, func(a report.Alternative) bool {
					text := strings.Join(a.Added(), " ")
					return strings.Contains(text, "a:"+host) && strings.Contains(text, "include:spf.protection.outlook.com") && strings.HasSuffix(text, "all")
				})
			}
			if offered != c.offers {
				t.Errorf("%s: offers its address: %v: %+v", record, offered, p.plan.Steps)
			}
		}
	}
}

// A DMARC record with a slip in its version is corrected by an exact record: with p=none, for
// no policy is applied today, and with the addresses for reports.
func TestPlanCorrectsVersionsOfDMARC(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v=DMARC", "v=DMARC2", "v=dmarc1", "v=DMARC 1", "v:DMARC1", "v=DMARC-1", "DMARC1", "v=DMARCI", "v = DMARC"} {
		for _, policy := range []string{"reject", "quarantine", "none"} {
			zone := strings.Replace(mailAtMicrosoft, "\"v=DMARC1; p=reject;", "\""+version+"; p="+policy+";", 1)
			env, _ := kittest.NewEnv(t, "contoso.com", zone+"contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n")
			p := planFor(t, env)
			p.hold(t)
			if s := stepOf(p.plan, "dmarc.syntax"); !slices.Equal(s.Add, []string{"v=DMARC1; p=none; rua=mailto:d@contoso.com"}) || len(s.Remove) != 1 {
				t.Errorf("%s %s: %+v", version, policy, p.plan.Steps)
			}
		}
	}
}

// The damage of a record may be all that keeps a policy from stopping mail: no record is
// mended before the policy lists the mail servers.
func TestPlanKeepsRefusingPoliciesOutOfForce(t *testing.T) {
	t.Parallel()
	for _, txt := range [][]string{{"v=STSv1"}, {"v=STSv1; id=a-b;"}, {"v=STSv1 id=1"}, {"STSv1; id=1"}, {"v=STSv1; id=1", "v=STSv1; id=2"}} {
		for _, mode := range []string{"enforce", "testing"} {
			for _, mx := range []string{"0 " + cloudMX, "0 " + cloudMX + ", 10 mail.contoso.com."} {
				env, _ := stsWorld(t, mode, mx, "mail.contoso.com")
				env.DNS = dnsrec.NewChanged(env.DNS, dnsrec.Change{Name: "_mta-sts.contoso.com", Type: dnsrec.TypeTXT, Values: txt})
				p := planFor(t, env)
				p.hold(t)
				inForce := false
				for _, s := range p.plan.Steps {
					puts := func(added, kept []string) bool {
						return slices.ContainsFunc(slices.Concat(added, kept), func(v string) bool { return strings.HasPrefix(v, "v=STSv1; id=") })
					}
					inForce = inForce || strings.HasPrefix(s.Name, "_mta-sts.") && puts(s.Add, nil)
					for _, a := range s.Alternatives {
						inForce = inForce || strings.HasPrefix(s.Name, "_mta-sts.") && len(a.Remove) > 0 && puts(a.Add, s.Keep)
						for _, set := range a.Sets {
							inForce = inForce || strings.HasPrefix(set.Name, "_mta-sts.") && puts(set.Add, set.Keep)
						}
					}
				}
				if inForce != (mode == "testing") {
					t.Errorf("%q, %s, %s: in force %v: %+v", txt, mode, mx, inForce, p.plan.Steps)
				}
			}
		}
	}
}

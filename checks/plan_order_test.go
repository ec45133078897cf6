package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// orderZone is what the domains of this file have in common.
const orderZone = `contoso-com.mail.protection.outlook.com. A 192.0.2.11
autodiscover.outlook.com. A 192.0.2.12
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 -all"
live.example. TXT "v=spf1 ip4:198.51.100.15 -all"
_spf.google.com. TXT "v=spf1 include:g1.google.com include:g2.google.com include:g3.google.com ~all"
g1.google.com. TXT "v=spf1 ip4:198.51.100.1 -all"
g2.google.com. TXT "v=spf1 ip4:198.51.100.2 -all"
g3.google.com. TXT "v=spf1 ip4:198.51.100.3 -all"
four.example. TXT "v=spf1 include:g1.google.com include:g2.google.com include:g3.google.com -all"
three.example. TXT "v=spf1 include:g1.google.com include:g2.google.com -all"
deep.example. TXT "v=spf1 include:dead.example -all"
backup.example. A 198.51.100.99
key.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
contoso.com. A 198.51.100.10
`

// The records of a domain that a test changes.
const (
	ourMX     = "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\n"
	ourSPF    = "contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n"
	someKey   = "TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
	someDMARC = "_dmarc.contoso.com. TXT \"v=DMARC1; p=none; rua=mailto:d@contoso.com\"\n"
)

func orderPlan(t *testing.T, zone string) planned {
	t.Helper()
	env, _ := kittest.NewEnv(t, "contoso.com", orderZone+zone)
	p := planFor(t, cached(env, false))
	p.hold(t)
	return p
}

// stepOf returns the step about a code; its number is 0 if there is none.
func stepOf(p *report.Plan, code string) report.Step {
	if p != nil {
		if i := slices.IndexFunc(p.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, code) }); i >= 0 {
			return p.Steps[i]
		}
	}
	return report.Step{}
}

// A step that claims to fix spf.m365 lets mail from Microsoft 365 pass: where
// receivers give up at another term, the include comes before it.
func TestPlanPutsIncludeWhereReceiversReadIt(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for _, c := range []struct{ record, want string }{
		{"include:dead.example -all", cloud + " include:dead.example -all"},
		{"ip4:198.51.100.14 include:dead.example include:live.example -all", cloud + " ip4:198.51.100.14 include:dead.example include:live.example -all"},
		{"include:deep.example ~all", cloud + " include:deep.example ~all"},
		{"include:live.example ?include:dead.example ?all", "include:live.example ?include:dead.example ?all"}, // a term that does not authorize stays first
		{"include:dead.example " + cloud + " -all", cloud + " include:dead.example -all"},
		{"include:deep.example include:live.example " + cloud + " ~all", cloud + " include:deep.example include:live.example ~all"},
		{cloud + " include:dead.example -all", cloud + " include:dead.example -all"},
		{"include:live.example redirect=dead.example", "include:live.example " + cloud + " redirect=dead.example"}, // read before it
		{"include:live.example include:contoso.com -all", "include:live.example " + cloud + " -all"},               // what goes stops nobody
	} {
		p := orderPlan(t, ourMX+someDMARC+"contoso.com. TXT \"v=spf1 "+c.record+"\"\n")
		record := "v=spf1 " + c.record
		s := stepOf(p.plan, "spf.m365")
		if s.HasValues() {
			record = s.Published()[0]
		}
		if record != "v=spf1 "+c.want {
			t.Errorf("%q: got %q, want %q", c.record, record, c.want)
		}
		if s.HasValues() && strings.Index(record, cloud) > strings.Index(record+" include:d", "include:d") {
			t.Errorf("%q: %q is claimed to fix spf.m365", c.record, record)
		}
	}
}

// Decisions about one RRset wait for one another, and only the first of them shows
// records; one that makes room for the include shows the whole record.
func TestPlanOrdersDecisionsAboutOneRecord(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for _, c := range []struct {
		records []string
		offers  string // a record that the first decision about them shows
	}{
		{[]string{"include:_spf.google.com include:four.example include:three.example include:live.example ~all"}, cloud + " include:four.example include:three.example include:live.example ~all"},
		{[]string{"include:_spf.google.com include:four.example include:three.example " + cloud + " -all"}, "include:four.example include:three.example " + cloud + " -all"},
		{[]string{"include:four.example include:three.example include:live.example ~all", "include:_spf.google.com " + cloud + " -all"}, "include:four.example include:three.example include:live.example " + cloud + " ~all"},
		{[]string{"ptr include:_spf.google.com " + cloud + " -all"}, "include:_spf.google.com " + cloud + " -all"},
		{[]string{"include:dead.example include:_spf.google.com " + cloud + " -all"}, ""},
		{[]string{"include:dead.example include:gone.example ptr include:_spf.google.com " + cloud + " -all"}, ""},
		{[]string{"include:dead.example include:_spf.google.com include:four.example include:three.example ~all"}, ""},
	} {
		zone := ourMX + someDMARC
		for _, r := range c.records {
			zone += "contoso.com. TXT \"v=spf1 " + r + "\"\n"
		}
		p := orderPlan(t, zone)
		var decisions []report.Step
		for _, s := range p.plan.Steps {
			if s.Action == report.ActionDecide && slices.ContainsFunc(s.Fixes, func(code string) bool { return strings.HasPrefix(code, "spf.") }) {
				decisions = append(decisions, s)
			}
		}
		if len(decisions) == 0 || c.offers != "" && !offers(decisions[0], "v=spf1 "+c.offers) {
			t.Errorf("%q: %q is not offered: %+v", c.records, c.offers, decisions)
			continue
		}
		for i, s := range decisions[1:] {
			if !slices.Contains(s.After, decisions[i].Step) || slices.ContainsFunc(s.Alternatives, func(a report.Alternative) bool { return len(a.Added())+len(a.Removed()) > 0 }) {
				t.Errorf("%q: step %d does not wait for step %d: %+v", c.records, s.Step, decisions[i].Step, s)
			}
		}
	}
}

// offers reports whether an alternative of a decision publishes a value, or one of
// the same terms.
func offers(s report.Step, value string) bool {
	terms := func(v string) []string { return slices.Sorted(strings.FieldsSeq(v)) }
	return slices.ContainsFunc(s.Alternatives, func(a report.Alternative) bool {
		return slices.ContainsFunc(a.Added(), func(v string) bool {
			return slices.Equal(terms(v), terms(value)) || strings.HasSuffix(v, value)
		})
	})
}

// A stricter policy waits for what makes the domain's own mail pass; a policy that
// rejects it today waits for nothing.
func TestPlanDecidesPolicyLast(t *testing.T) {
	t.Parallel()
	broken := "contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com ip4:192.0.2.1/33 -all\"\n"
	for _, dmarc := range []string{"p=none", "p=none; t=y", "p=quarantine; pct=20", "p=none; sp=reject", "p=quarantine; sp=none"} {
		for _, c := range []struct{ zone, code string }{
			{ourSPF, "dkim.selector1"},
			{broken, "spf.syntax"},
			{"contoso.com. TXT \"v=spf1 include:dead.example include:spf.protection.outlook.com -all\"\n", "spf.include"},
			{ourSPF + "mail._domainkey.contoso.com. " + strings.Replace(someKey, "k=", "t=y; k=", 1), "dkim.key"},
			{ourSPF + "selector1._domainkey.contoso.com. " + someKey + "selector2._domainkey.contoso.com. CNAME key.example.\n", "dkim.selector2"},
		} {
			p := orderPlan(t, ourMX+c.zone+fmt.Sprintf("_dmarc.contoso.com. TXT \"v=DMARC1; rua=mailto:d@contoso.com; %s\"\n", dmarc))
			needed := stepOf(p.plan, c.code)
			for _, s := range p.plan.Steps {
				about := s.Name == "_dmarc.contoso.com." && s.Action == report.ActionDecide
				switch {
				case about && slices.Contains(s.Fixes, "dmarc.m365"):
					if s.Step != 1 || len(s.After) > 0 {
						t.Errorf("%s, %s: %+v", dmarc, c.code, s)
					}
				case about && (needed.Step == 0 || s.Step < needed.Step):
					t.Errorf("%s: step %d comes before %s in step %d", dmarc, s.Step, c.code, needed.Step)
				}
			}
		}
	}
}

// Where selectors of another key may become those of Microsoft 365, signing is
// enabled in one step behind all of them.
func TestPlanEnablesSigningBehindTakenSelectors(t *testing.T) {
	t.Parallel()
	const taken, alias, ours = someKey, "CNAME key.example.\n", "CNAME %s-contoso-com._domainkey.contoso.onmicrosoft.com.\n"
	for _, one := range []string{taken, alias, ours, ""} {
		for _, two := range []string{taken, alias, ours, ""} {
			zone := ourMX + ourSPF + someDMARC
			for selector, record := range map[string]string{"selector1": one, "selector2": two} {
				if record != "" {
					zone += selector + "._domainkey.contoso.com. " + strings.ReplaceAll(record, "%s", selector)
				}
			}
			p := orderPlan(t, zone)
			var enable []report.Step
			about := 0
			for _, s := range p.plan.Steps {
				if slices.ContainsFunc(s.Commands, func(c string) bool { return strings.HasPrefix(c, "Set-DkimSigningConfig") }) {
					enable = append(enable, s)
				} else if strings.Contains(strings.Join(s.Fixes, " "), "dkim.selector") {
					about = s.Step
				}
			}
			if len(enable) != 1 || enable[0].Step < about {
				t.Errorf("%q, %q: %d steps enable signing, records in step %d: %+v", one, two, len(enable), about, enable)
			}
		}
	}
}

// An MX record beside Microsoft's: what a backup is, is asked; what receives no mail
// goes; and a name that receives mail does not become an alias.
func TestPlanOfMXBesideMicrosoft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, code string
		action     report.Action
		removes    string // in a step, or in an alternative; empty: none
		choices    int
	}{
		{"contoso.com. MX 50 backup.example.\n", "mx.leftover", report.ActionDecide, "50 backup.example.", 4},
		{"contoso.com. MX 0 backup.example.\n", "mx.leftover", report.ActionDecide, "0 backup.example.", 3}, // no backup
		{"contoso.com. MX 10 198.51.100.42.\n", "mx.literal", report.ActionRemove, "10 198.51.100.42.", 0},
		{"contoso.com. MX 10 autodiscover.outlook.com.\n", "mx.host", report.ActionRemove, "10 autodiscover.outlook.com.", 0},
		{"contoso.com. MX 10 smtp.office365.com.\nsmtp.office365.com. A 192.0.2.13\n", "mx.host", report.ActionRemove, "10 smtp.office365.com.", 0},
		{"contoso.com. MX 10 autodiscover.contoso.com.\nautodiscover.contoso.com. CNAME autodiscover.outlook.com.\n", "mx.host", report.ActionRemove, "10 autodiscover.contoso.com.", 0},
		{"contoso.com. MX 10 autodiscover.contoso.com.\nautodiscover.contoso.com. A 198.51.100.36\n", "autodiscover.target", report.ActionRun, "", 0},
	} {
		p := orderPlan(t, ourMX+ourSPF+someDMARC+c.zone)
		s := stepOf(p.plan, c.code)
		removed := s.Remove
		for _, a := range s.Alternatives {
			removed = append(removed, a.Removed()...)
		}
		has := slices.ContainsFunc(removed, func(v string) bool { return c.removes != "" && strings.HasSuffix(v, c.removes) })
		if s.Action != c.action || len(s.Alternatives) != c.choices || has != (c.removes != "") {
			t.Errorf("%q: %+v", c.zone, s)
		}
	}
	only := orderPlan(t, "contoso.com. MX 10 198.51.100.42.\nautodiscover.contoso.com. CNAME autodiscover.outlook.com.\n"+ourSPF+someDMARC+
		"selector1._domainkey.contoso.com. CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com.\n"+
		"selector1-contoso-com._domainkey.contoso.onmicrosoft.com. "+someKey+
		"selector2._domainkey.contoso.com. CNAME selector2-contoso-com._domainkey.contoso.onmicrosoft.com.\n")
	if s := stepOf(only.plan, "mx.literal"); s.Action != report.ActionDecide || !offers(s, "0 contoso-com.mail.protection.outlook.com.") {
		t.Errorf("%+v", s)
	}
}

// What rejects the domain's own mail is decided in one step with the other changes of
// that record, which comes first.
func TestPlanDecidesRejectionInOneStep(t *testing.T) {
	t.Parallel()
	for _, record := range []string{"p=reject", "p=reject; rua=dmarc@contoso.com", "p=quarantine; foo=bar", "p=reject; rua=mailto:d@contoso.com"} {
		for _, spf := range []string{"v=spf1 ip4:192.0.2.1/33 -all", "v=spf1 include:spf.protection.outlook.com foo: -all"} {
			published := "v=DMARC1; " + record
			p := orderPlan(t, ourMX+fmt.Sprintf("contoso.com. TXT %q\n_dmarc.contoso.com. TXT %q\n", spf, published))
			about := 0
			for _, s := range p.plan.Steps {
				if s.Name == "_dmarc.contoso.com." {
					about++
				}
			}
			s := stepOf(p.plan, "dmarc.m365")
			if s.Step != 1 || about != 1 || len(s.Alternatives) != 2 {
				t.Errorf("%q, %q: %d steps, %+v", record, spf, about, s)
				continue
			}
			for i, policy := range []string{"p=none", strings.Split(record, ";")[0]} {
				removed, added := s.Alternatives[i].Removed(), s.Alternatives[i].Added()
				unchanged := i == 1 && len(added) == 0
				if !unchanged && (len(added) != 1 || !strings.Contains(added[0], "; "+policy) || !slices.Equal(removed, []string{published})) {
					t.Errorf("%q: %+v", record, s.Alternatives[i])
				}
			}
		}
	}
}

// The corrected record of a subdomain takes the place of the policy that it inherits:
// where they differ, that is a decision, and one way keeps what applies today.
func TestPlanComparesInheritedPolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		parent string
		own    []string
		keeps  string // the policy of the first way; empty: no decision
	}{
		{"p=reject", []string{"v=DMARC1 p=none"}, "p=reject"},
		{"p=reject; sp=quarantine", []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}, "p=quarantine"},
		{"p=quarantine", []string{"v=DMARC1 p=reject"}, "p=quarantine"},
		{"p=none", []string{"v=DMARC1; p=none", "v=DMARC1; p=none; rua=mailto:x@contoso.com"}, ""},
	} {
		zone := orderZone + "sub.contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\nsub.contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n" +
			fmt.Sprintf("_dmarc.contoso.com. TXT \"v=DMARC1; %s; rua=mailto:d@contoso.com\"\n", c.parent)
		for _, own := range c.own {
			zone += fmt.Sprintf("_dmarc.sub.contoso.com. TXT %q\n", own)
		}
		env, _ := kittest.NewEnv(t, "sub.contoso.com", zone)
		p := planFor(t, cached(env, false))
		p.hold(t)
		var first report.Step
		for _, s := range p.plan.Steps {
			if first.Step == 0 && slices.ContainsFunc(s.Fixes, func(code string) bool { return code == "dmarc.syntax" || code == "dmarc.multiple" }) {
				first = s
			}
		}
		if decides := first.Action == report.ActionDecide; decides != (c.keeps != "") || decides && !strings.Contains(first.Alternatives[0].Added()[0], c.keeps) {
			t.Errorf("%q, %q: %+v", c.parent, c.own, first)
		}
	}
}

// No step is lost where a decision waits for advice about a record that it changes.
func TestPlanLosesNoAdvice(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"v=spf1include:%%% include:!! -all", "v=spf10 a:(((x -all", "\u200bv=spf1 ip4:1.2.3 include:_ -all"} {
		p := orderPlan(t, "contoso.com. TXT \""+text+"\"\n")
		for _, code := range []string{"spf.lookalike", "dmarc.record"} {
			if s := stepOf(p.plan, code); s.Step == 0 {
				t.Errorf("%q: no step for %s", text, code)
			}
		}
	}
}

// DKIM is enabled behind the records, also where they are moved to the right name, and
// where Microsoft first has to show what takes the place of a target.
func TestPlanEnablesDKIMBehindTheRecords(t *testing.T) {
	t.Parallel()
	for _, pair := range []string{
		"._domainkey.contoso.com.contoso.com. CNAME selector%[1]d-contoso-com._domainkey.d.onmicrosoft.com.\n",
		"._domainkey.contoso.com. CNAME selector%[1]d-contoso-com.d.onmicrosoft.com.\n",
		"._domainkey.contoso.com. CNAME selector%[1]d-contoso-com._domainkey\n",
		"._domainkey.contoso.com. CNAME selector%[1]d-contoso-com._domainkey.d.onmicrosoft.com.contoso.com.\n",
		"._domainkey.contoso.com. TXT \"CNAME selector%[1]d-contoso-com._domainkey.d.onmicrosoft.com\"\n",
	} {
		p := orderPlan(t, ourMX+ourSPF+someDMARC+fmt.Sprintf("selector%[1]d"+pair+"selector%[2]d"+strings.ReplaceAll(pair, "[1]", "[2]"), 1, 2))
		enable := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return kit.EnablesDKIM(s.Commands) })
		if enable < 0 {
			t.Errorf("%q: DKIM is not enabled", pair)
			continue
		}
		last := 0
		for _, s := range p.plan.Steps {
			if strings.HasPrefix(s.Name, "selector") && strings.HasSuffix(s.Name, "_domainkey.contoso.com.") && s.Action != report.ActionRemove {
				last = s.Step
			}
		}
		if s := p.plan.Steps[enable]; s.Owner != report.OwnerM365 || last == 0 || !slices.Contains(s.After, last) {
			t.Errorf("%q: enabled after %v, the last record is step %d", pair, s.After, last)
		}
	}
}

// A decision waits for what it depends on: the reports for a stricter policy, and
// whether a service still sends for its key.
func TestPlanDecidesInOrder(t *testing.T) {
	t.Parallel()
	p := orderPlan(t, ourMX+"contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all\"\n"+
		"google._domainkey.contoso.com. "+someKey+"_dmarc.contoso.com. TXT \"v=DMARC1; p=none; rua=mailto:x@reports.example\"\n")
	for code, before := range map[string]string{"dmarc.policy": "dmarc.rua-auth", "dkim.leftover": "spf.leftover"} {
		s, o := stepOf(p.plan, code), stepOf(p.plan, before)
		if o.Step == 0 || !slices.Contains(s.After, o.Step) {
			t.Errorf("%s comes after %v, %s is step %d", code, s.After, before, o.Step)
		}
	}
}

// The organization's record keeps an address for reports, whatever a name below it
// receives.
func TestPlanKeepsReportsOfTheOrganization(t *testing.T) {
	t.Parallel()
	env, _ := kittest.NewEnv(t, "sub.contoso.com", orderZone+"sub.contoso.com. MX 0 .\nsub.contoso.com. TXT \"v=spf1 -all\"\n"+
		"_dmarc.contoso.com. TXT \"v=DMARC1; p=reject; rua=mailto:x@gonereporter.com,mailto:y@gone-as-well.com\"\n")
	p := planFor(t, cached(env, false))
	s := stepOf(p.plan, "dmarc.rua-auth")
	if s.Name != "_dmarc.contoso.com." || strings.Join(s.Published(), "") != "v=DMARC1; p=reject; rua=mailto:dmarc-reports@contoso.com" {
		t.Errorf("%+v", s)
	}
}

package planfmt

import (
	"encoding/json"
	"strings"
	"testing"

	"maildiag/report"
)

// aliasPlan has a name that becomes an alias, and one that is an alias no longer.
func aliasPlan() report.Plan {
	selector, policy := "selector2.contoso.com.", "_dmarc.contoso.com."
	return report.Plan{Proven: true, Result: report.PlanResult{Verdict: report.Ready}, Steps: []report.Step{
		{Step: 1, Owner: report.OwnerDNS, Action: report.ActionChange, Name: selector, Type: "CNAME", TTL: 3600, Add: []string{"selector2-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft."},
			Sets: []report.Set{{Name: selector, Type: "TXT", Remove: []string{"selector2-contoso-com"}, TTL: 3600}, {Name: selector, Type: "A", Remove: []string{"203.0.113.25"}, TTL: 3600}},
			Text: "Publish the CNAME record."},
		{Step: 2, Owner: report.OwnerDNS, Action: report.ActionChange, Name: policy, Type: "TXT", TTL: 3600, Add: []string{"v=DMARC1; p=none"},
			Sets: []report.Set{{Name: policy, Type: "CNAME", Remove: []string{"gone.example."}, TTL: 3600}}, Text: "Publish the TXT record."},
		{Step: 3, Owner: report.OwnerYou, Action: report.ActionRun, Text: "Wait."},
		{Step: 4, Owner: report.OwnerDNS, After: []int{3}, Action: report.ActionChange, Name: "autodiscover.contoso.com.", Type: "CNAME", TTL: 3600, Add: []string{"autodiscover.outlook.com."},
			Sets: []report.Set{{Name: "autodiscover.contoso.com.", Type: "A", Remove: []string{"203.0.113.26"}, TTL: 3600}}, Text: "Publish the CNAME record."},
	}}
}

// What makes room for an alias, or for what stands in its place, is one change with it in
// every format that can write it.
func TestAliasesAreOneChange(t *testing.T) {
	p := aliasPlan()
	code := func(format, sign string) (lines []string) {
		for l := range strings.Lines(written(t, format, p, sampleMeta())) {
			if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, sign) {
				lines = append(lines, l)
			}
		}
		return lines
	}
	at := func(lines []string, part string) int {
		t.Helper()
		for i, l := range lines {
			if strings.Contains(l, part) {
				return i
			}
		}
		t.Fatalf("no %s in\n%s", part, strings.Join(lines, "\n"))
		return -1
	}
	count := func(lines []string, line string) (n int) {
		for _, l := range lines {
			if l == line {
				n++
			}
		}
		return n
	}
	if lines := code("nsupdate", ";"); count(lines, "send") != 1 || at(lines, "delete "+p.Steps[0].Name+" IN TXT") > at(lines, "add "+p.Steps[0].Name) ||
		at(lines, "delete "+p.Steps[0].Name+" IN A") > at(lines, "add "+p.Steps[0].Name) || at(lines, "delete "+p.Steps[1].Name+" IN CNAME") > at(lines, "add "+p.Steps[1].Name) {
		t.Errorf("nsupdate:\n%s", strings.Join(lines, "\n"))
	}
	waiting := written(t, "nsupdate", p, sampleMeta())
	if waiting = waiting[strings.Index(waiting, "Step 4"):]; strings.Count(waiting, "send") != 1 {
		t.Errorf("what waits is not one update:\n%s", waiting)
	}
	if lines := code("cloudflare", "#"); count(lines, "END") != 1 {
		t.Errorf("cloudflare:\n%s", strings.Join(lines, "\n"))
	}
	var batch route53Batch
	if err := json.Unmarshal([]byte(written(t, "route53", p, sampleMeta())), &batch); err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, c := range batch.Changes {
		actions = append(actions, c.Action+" "+c.ResourceRecordSet.Type)
	}
	if got := strings.Join(actions, ", "); got != "DELETE TXT, DELETE A, CREATE CNAME, DELETE CNAME, CREATE TXT" {
		t.Errorf("route53: %s", got)
	}
	if lines := code("azure", "#"); at(lines, "delete 'contoso.com/TXT/selector2") > at(lines, "create 'contoso.com/CNAME/selector2") {
		t.Errorf("azure:\n%s", strings.Join(lines, "\n"))
	}
	if lines := code("ticket", "\x00"); count(lines, "1. CHANGE "+p.Steps[0].Name+" CNAME") != 1 || at(lines, "Delete too:") < 0 || at(lines, "3. CHANGE") < 0 {
		t.Errorf("ticket:\n%s", strings.Join(lines, "\n"))
	}
	if text := written(t, "text", p, sampleMeta()); strings.Count(text, "change "+p.Steps[0].Name) != 1 || !strings.Contains(text, p.Steps[0].Name+" A 203.0.113.25") {
		t.Errorf("text:\n%s", text)
	}
	if text := written(t, "terraform", p, sampleMeta()); strings.Contains(text, "\nresource") {
		t.Errorf("terraform does both in one run:\n%s", text)
	}
}

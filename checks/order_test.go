package checks

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// besides are records that stand beside others of their name and type, in no order.
var besides = []worldFault{
	{name: "Google beside", add: "contoso.com. MX 0 aspmx.l.google.com.\naspmx.l.google.com. A 192.0.2.90"},
	{name: "own server beside", add: "contoso.com. MX 0 alpha.contoso.com.\nalpha.contoso.com. A 192.0.2.91"},
	{name: "two filters", add: "contoso.com. MX 0 eu-smtp-inbound-2.mimecast.com.\ncontoso.com. MX 0 eu-smtp-inbound-1.mimecast.com.\n" +
		"eu-smtp-inbound-1.mimecast.com. A 192.0.2.92\neu-smtp-inbound-2.mimecast.com. A 192.0.2.93"},
	{name: "dead hosts", add: "contoso.com. MX 5 b.gone.example.\ncontoso.com. MX 5 a.gone.example.\ncontoso.com. MX 5 c.gone.example."},
	{name: "DANE beside", add: "contoso.com. MX 0 contoso-com.p-v1.mx.microsoft.\ncontoso-com.p-v1.mx.microsoft. A 192.0.2.94"},
	{name: "senders left", drop: `contoso.com. TXT "v=spf1`,
		add: `contoso.com. TXT "v=spf1 include:_spf.google.com include:sendgrid.net mx a include:spf.protection.outlook.com ~all"` + "\ncontoso.com. A 192.0.2.95\ncontoso.com. A 192.0.2.96"},
	{name: "three SPF", add: `contoso.com. TXT "v=spf1 mx -all"` + "\n" + `contoso.com. TXT "v=spf1 include:sendgrid.net ?all"`},
	{name: "three DMARC", add: `_dmarc.contoso.com. TXT "v=DMARC1; p=none; rua=mailto:b@contoso.com"` + "\n" + `_dmarc.contoso.com. TXT "v=DMARC1; p=quarantine; sp=none"`},
	{name: "two keys", add: `google._domainkey.contoso.com. TXT "v=DKIM1; p="` + "\n" + `google._domainkey.contoso.com. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`},
	{name: "two SRV", add: "_autodiscover._tcp.contoso.com. SRV 10 0 443 mail.contoso.com.\n_autodiscover._tcp.contoso.com. SRV 0 0 443 autodiscover.outlook.com."},
	{name: "own autodiscover", drop: "autodiscover.contoso.com.", add: "autodiscover.contoso.com. A 192.0.2.97\nautodiscover.contoso.com. A 192.0.2.98\nautodiscover.contoso.com. A 192.0.2.100"},
}

// said is all that a run says, but for the times and addresses of the test.
func said(t *testing.T, p planned) string {
	t.Helper()
	for i := range p.findings {
		p.findings[i].Elapsed = 0
		for j := range p.findings[i].Evidence {
			p.findings[i].Evidence[j].From = ""
		}
	}
	text, err := json.MarshalIndent(struct {
		Findings []report.Finding
		Plan     *report.Plan
	}{p.findings, p.plan}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`127\.0\.0\.1:[0-9]+`).ReplaceAllString(string(text), "the server")
}

// The order in which a server sends the records of an RRset means nothing (RFC 1034
// 3.6): the report and the plan are the same in each.
func TestOrderOfRecordsMeansNothing(t *testing.T) {
	t.Parallel()
	all := slices.Concat(worldFaults(), besides, besides)
	rng := rand.New(rand.NewPCG(12, 4))
	for range 15 {
		var faults []worldFault
		var names []string
		for range 2 + rng.IntN(3) {
			f := all[rng.IntN(len(all))]
			if !slices.Contains(names, f.name) {
				faults, names = append(faults, f), append(names, f.name)
			}
		}
		var want string
		lines := strings.Split(faultyZone(t, faults...), "\n")
		for i, l := range lines {
			if strings.HasPrefix(l, "$") {
				lines[i] = ""
			}
		}
		for round := range 3 {
			p := planFor(t, cached(worldOf(t, "$TTL 3600\n"+strings.Join(lines, "\n"), faults...), false))
			got := said(t, p)
			if round == 0 {
				want = got
			} else if got != want {
				t.Errorf("%q: %s", names, firstDifference(want, got))
				break
			}
			rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		}
	}
}

// firstDifference returns the lines at which two texts part.
func firstDifference(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return strings.Join(la[max(0, i-3):i+1], "\n") + "\nnot\n" + lb[i]
		}
	}
	return "one is longer"
}

package records

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// mapDNS is a zone in memory; what it does not hold does not exist.
type mapDNS map[dnsrec.Query][]string

func (m mapDNS) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: m[q], Server: "map"}
	if len(a.Values) == 0 {
		a.Rcode = "NXDOMAIN"
	}
	return a, nil
}

// TestSPFOfPublicBodies judges the records of 12,319 real domains. Whatever
// they hold, the findings are complete, every record in a Fix parses, and the
// record that a Fix gives for a broken one works better than it.
func TestSPFOfPublicBodies(t *testing.T) {
	zone := mapDNS{}
	targets := map[string]string{}
	readTargets(t, targets)
	for name, txt := range targets {
		zone[dnsrec.Q(name, dnsrec.TypeTXT)] = []string{txt}
	}
	codes := map[string]int{}
	n := 0
	for sc := kittest.Gunzip(t, kittest.Corpus(t, "dns/public-bodies.jsonl.gz")); sc.Scan(); {
		var b kittest.Body
		if err := json.Unmarshal(sc.Bytes(), &b); err != nil {
			t.Fatal(err)
		}
		n++
		domain := dnsrec.Canonical(b.Domain)
		own := withBody(zone, domain, b)
		env := &kit.Env{Domain: domain, Expect: kit.ExpectAuto, Cloud: "auto", Now: kittest.TestDay, World: kit.World{DNS: own}}
		fs := kit.Gather(context.Background(), env, SPF)
		soundSPF(t, fs)
		for _, f := range fs {
			codes[f.Code+" "+f.Status.String()]++
			if f.Status == report.Unknown {
				t.Errorf("%s: %s is unknown: %s", domain, f.Code, f.Summary)
			}
			if f.Code == "spf.lookups" && f.Status == report.Fail && f.Fix != nil && len(f.Fix.Edits) > 0 {
				fixWorks(t, own, domain, f)
			}
		}
	}
	t.Logf("%d domains: %v", n, codes)
	for _, code := range []string{"spf.record pass", "spf.record fail", "spf.m365 pass", "spf.syntax fail", "spf.lookups fail", "spf.leftover warn"} {
		if codes[code] == 0 {
			t.Errorf("no domain has %s", code)
		}
	}
}

func readTargets(t *testing.T, targets map[string]string) {
	t.Helper()
	sc := kittest.Gunzip(t, kittest.Corpus(t, "dns/spf-include-targets.json.gz"))
	var raw strings.Builder
	for sc.Scan() {
		raw.WriteString(sc.Text())
	}
	if err := json.Unmarshal([]byte(raw.String()), &targets); err != nil {
		t.Fatal(err)
	}
}

// withBody is the zone with the records of one domain.
func withBody(zone mapDNS, domain string, b kittest.Body) dnsrec.Resolver {
	own := mapDNS{}
	if b.SPF != "" {
		own[dnsrec.Q(domain, dnsrec.TypeTXT)] = []string{b.SPF}
	}
	own[dnsrec.Q(domain, dnsrec.TypeA)] = []string{"192.0.2.80"}
	for _, mx := range b.MX {
		host := dnsrec.Canonical(mx)
		q := dnsrec.Q(domain, dnsrec.TypeMX)
		own[q] = append(own[q], "10 "+host)
		own[dnsrec.Q(host, dnsrec.TypeA)] = []string{"192.0.2.25"}
	}
	return twoZones{own, zone}
}

type twoZones [2]mapDNS

func (z twoZones) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	if len(z[0][q]) > 0 {
		return z[0].Lookup(ctx, q)
	}
	return z[1].Lookup(ctx, q)
}

// fixWorks holds that the record in a Fix for too many lookups has fewer.
func fixWorks(t *testing.T, dns dnsrec.Resolver, domain string, f report.Finding) {
	t.Helper()
	before := spf.Load(context.Background(), dns, domain)
	r := f.Fix.Edits[0]
	after := spf.Load(context.Background(), spf.Overlay{Resolver: dns, Name: dnsrec.Canonical(r.Name), Text: r.New}, domain)
	if after.Lookups >= before.Lookups && after.Result() != spf.Pass {
		t.Errorf("%s: %d lookups before, %d after %q", domain, before.Lookups, after.Lookups, r.New)
	}
	if os.Getenv("MAILDIAG_SHOW") != "" {
		t.Logf("%s: %d → %d: %s", domain, before.Lookups, after.Lookups, f.Fix.Text)
	}
}

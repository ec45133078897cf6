package checks

import (
	"fmt"
	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// worldFault is one thing that is wrong in the world of a domain where all else
// is right: lines of its zone that are missing (those that begin with one of drop) or
// too many (add), or a server that misbehaves for one name.
type worldFault struct {
	name string
	drop string
	add  string

	at    string
	fault dnstest.Fault
}

func worldFaults() []worldFault {
	return []worldFault{
		{name: "no MX", drop: "contoso.com. MX"},
		{name: "leftover MX", add: "contoso.com. MX 10 mail.oldhost.example.\nmail.oldhost.example. A 192.0.2.77"},
		{name: "null MX beside", add: "contoso.com. MX 0 ."},
		{name: "MX without address", drop: "contoso-com.mail.protection.outlook.com."},
		{name: "MX is an address", add: "contoso.com. MX 20 192.0.2.9."},
		{name: "MX is an alias", add: "contoso.com. MX 30 mx.contoso.com.\nmx.contoso.com. CNAME contoso-com.mail.protection.outlook.com."},
		{name: "no SPF", drop: `contoso.com. TXT "v=spf1`},
		{name: "two SPF", add: `contoso.com. TXT "v=spf1 -all"`},
		{name: "SPF without Microsoft", drop: `contoso.com. TXT "v=spf1`, add: `contoso.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"`},
		{name: "SPF for all", drop: `contoso.com. TXT "v=spf1`, add: `contoso.com. TXT "v=spf1 include:spf.protection.outlook.com +all"`},
		{name: "SPF with a dead include", drop: `contoso.com. TXT "v=spf1`,
			add: `contoso.com. TXT "v=spf1 include:spf.protection.outlook.com include:gone.example -all"`},
		{name: "SPF in a circle", drop: `contoso.com. TXT "v=spf1`, add: `contoso.com. TXT "v=spf1 include:spf.protection.outlook.com include:contoso.com -all"`},
		{name: "SPF misspelt", drop: `contoso.com. TXT "v=spf1`, add: `contoso.com. TXT "v=spf1 includ:spf.protection.outlook.com -all"`},
		{name: "no selector1", drop: "selector1._domainkey.contoso.com."},
		{name: "no selectors", drop: "selector"},
		{name: "DKIM off", drop: "selector1-contoso-com.|selector2-contoso-com."},
		{name: "selector as TXT", drop: "selector2._domainkey.contoso.com.",
			add: `selector2._domainkey.contoso.com. TXT "selector2-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft"`},
		{name: "no DMARC", drop: "_dmarc.contoso.com."},
		{name: "DMARC p=none", drop: "_dmarc.contoso.com.", add: `_dmarc.contoso.com. TXT "v=DMARC1; p=none"`},
		{name: "two DMARC", add: `_dmarc.contoso.com. TXT "v=DMARC1; p=none"`},
		{name: "DMARC misspelt", drop: "_dmarc.contoso.com.", add: `_dmarc.contoso.com. TXT "v=DMARC1 p=reject"`},
		{name: "DMARC at the wrong name", drop: "_dmarc.contoso.com.", add: `_dmarc.contoso.com.contoso.com. TXT "v=DMARC1; p=reject"`},
		{name: "TLS-RPT broken", drop: "_smtp._tls.contoso.com.", add: `_smtp._tls.contoso.com. TXT "v=TLSRPTv1; rua=x"`},
		{name: "no autodiscover", drop: "autodiscover.contoso.com."},
		{name: "autodiscover elsewhere", drop: "autodiscover.contoso.com.", add: "autodiscover.contoso.com. A 192.0.2.99"},
		{name: "MX SERVFAIL", at: "contoso.com MX", fault: dnstest.Fault{Rcode: "SERVFAIL"}},
		{name: "TXT refused", at: "contoso.com TXT", fault: dnstest.Fault{Rcode: "NOTIMP"}}, // REFUSED is asked again, after a pause
		{name: "include SERVFAIL", at: "spf.protection.outlook.com TXT", fault: dnstest.Fault{Rcode: "SERVFAIL"}},
		{name: "DMARC SERVFAIL", at: "_dmarc.contoso.com TXT", fault: dnstest.Fault{Rcode: "SERVFAIL"}},
		{name: "selector1 bogus", at: "selector1._domainkey.contoso.com TXT",
			fault: dnstest.Fault{Rcode: "SERVFAIL", Extended: []dnstest.Extended{{Code: 6}}}},
		{name: "MX host SERVFAIL", at: "contoso-com.mail.protection.outlook.com ", fault: dnstest.Fault{Rcode: "SERVFAIL"}},
	}
}

// faultyWorld is the domain in a world with these faults.
func faultyWorld(t *testing.T, faults ...worldFault) *kit.Env {
	return worldOf(t, faultyZone(t, faults...), faults...)
}

func faultyZone(t *testing.T, faults ...worldFault) string {
	var zone strings.Builder
	for _, file := range []string{"common", "finished"} {
		text, err := os.ReadFile("../cmd/maildiag/demo/" + file + ".zone")
		if err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(string(text)) {
			gone := strings.HasPrefix(line, "_mta-sts.") // its policy is beyond the DNS
			for _, f := range faults {
				for prefix := range strings.SplitSeq(f.drop, "|") {
					gone = gone || prefix != "" && strings.HasPrefix(line, prefix)
				}
			}
			if !gone {
				zone.WriteString(line)
			}
		}
	}
	for _, f := range faults {
		zone.WriteString(f.add + "\n")
	}
	return zone.String()
}

func worldOf(t *testing.T, zone string, faults ...worldFault) *kit.Env {
	env, srv := kittest.NewEnv(t, "contoso.com", zone)
	env.Expect = kit.ExpectM365
	server, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Error(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server}, Timeout: 10 * time.Second}) // nothing is dropped here
	t.Cleanup(client.Close)
	env.DNS = client
	for _, f := range faults {
		if name, typ, ok := strings.Cut(f.at, " "); ok {
			srv.Fault(name, typ, f.fault)
		}
	}
	return env
}

// outcome is what a run says of a domain.
type outcome struct {
	verdict report.Verdict
	claims  []string // code, status and subject, in its order
	queries int
}

// lookAtAll runs all checks but that of the submission host.
func lookAtAll(t *testing.T, env *kit.Env) outcome {
	t.Helper()
	var o outcome
	var tally report.Tally
	rows, _ := kit.Select(All(), nil, []string{"submission"})
	err := Run(t.Context(), env, rows, report.Tee(&tally, kittest.SinkFunc(func(e report.Event) error {
		if f := e.Finding; f != nil {
			o.claims = append(o.claims, fmt.Sprintf("%s %s %s", f.Code, f.Status, f.Subject))
		}
		if e.End != nil {
			o.queries = e.End.Queries
		}
		return nil
	})))
	if err != nil {
		t.Error(err)
	}
	o.verdict = tally.Verdict()
	return o
}

// rank orders verdicts for what faults do to one another: a fault that keeps
// another one from being seen makes "not ready" a "could not tell".
func rank(v report.Verdict) int {
	return slices.Index([]report.Verdict{report.Ready, report.ReadyWarned, report.CouldNotTell, report.NotReady}, v)
}

// Two faults together are not told as less than the worse of them, say nothing
// that is nobody's fault, and are told alike by a run over a list.
func TestFault_238_PairsOfFaults(t *testing.T) {
	t.Parallel()
	all := worldFaults()
	if good := lookAtAll(t, cached(faultyWorld(t), false)); good.verdict != report.Ready {
		t.Fatalf("a world without a fault: %s %v", good.verdict, good.claims)
	}
	single := make([]outcome, len(all))
	kittest.AtOnce(len(all), func(i int) {
		single[i] = lookAtAll(t, cached(faultyWorld(t, all[i]), false))
		if single[i].verdict == report.Ready {
			t.Errorf("%s: ready\n%s", all[i].name, strings.Join(single[i].claims, "\n"))
		}
	})
	var pairs [][2]int
	for i := range all {
		for j := range i {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	rng := rand.New(rand.NewPCG(2, 38))
	rng.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	for sample := range slices.Chunk(pairs[:200], 50) { // they wait more than they work
		kittest.AtOnce(len(sample), func(i int) {
			a, b := sample[i][0], sample[i][1]
			name := all[a].name + " and " + all[b].name
			both := lookAtAll(t, cached(faultyWorld(t, all[a], all[b]), false))
			worse := max(rank(single[a].verdict), rank(single[b].verdict))
			hidden := (all[a].at != "" || all[b].at != "") && both.verdict == report.CouldNotTell
			// Where all other records are Microsoft's, one unknown MX host may be a filter: that is a question.
			hidden = hidden || name == "leftover MX and no MX"
			if rank(both.verdict) < worse && !hidden {
				t.Errorf("%s: %s, but %s and %s alone\n%s", name, both.verdict, single[a].verdict, single[b].verdict, strings.Join(both.claims, "\n"))
			}
			if slices.ContainsFunc(both.claims, func(c string) bool { return strings.Contains(c, ".internal ") }) {
				t.Errorf("%s: %v", name, both.claims)
			}
			if list := lookAtAll(t, cached(faultyWorld(t, all[a], all[b]), true)); !slices.Equal(list.claims, both.claims) {
				t.Errorf("%s, in a list:\n%s\nalone:\n%s", name, strings.Join(list.claims, "\n"), strings.Join(both.claims, "\n"))
			}
		})
	}
}

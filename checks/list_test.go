package checks

import (
	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"slices"
	"strings"
	"testing"
)

// claims returns what a run says, in its order: code, status and subject.
func claims(t *testing.T, env *kit.Env) (out []string, queries int) {
	t.Helper()
	o := lookAtAll(t, env)
	return o.claims, o.queries
}

// cached is an environment with an empty cache of its own.
func cached(env *kit.Env, list bool) *kit.Env {
	return &kit.Env{Domain: env.Domain, Expect: env.Expect, Cloud: env.Cloud, Now: env.Now, TrustAD: env.TrustAD, List: list,
		World: kit.World{DNS: dnsrec.NewCache(env.DNS, dnsrec.CacheOptions{}), HTTPS: env.HTTPS}}
}

const listZone = `. SOA ns.test. h.test. 1 3600 600 86400 60
full.example. MX 0 full-example.mail.protection.outlook.com.
full.example. TXT "v=spf1 include:spf.protection.outlook.com include:sendgrid.net include:servers.mcsv.net -all"
full-example.mail.protection.outlook.com. A 192.0.2.1
full-example.mail.protection.outlook.com. AAAA 2001:db8::1
selector1._domainkey.full.example. CNAME selector1-full-example._domainkey.full.onmicrosoft.com.
selector2._domainkey.full.example. CNAME selector2-full-example._domainkey.full.onmicrosoft.com.
s1._domainkey.full.example. TXT "v=DKIM1; p="
s2._domainkey.full.example. TXT "v=DKIM1; p="
k1._domainkey.full.example. TXT "v=DKIM1; p="
k2._domainkey.full.example. TXT "v=DKIM1; p="
_dmarc.full.example. TXT "v=DMARC1; p=reject"
default._bimi.full.example. TXT "v=BIMI1; l=https://x.example/l.svg"
sip.full.example. CNAME sipdir.online.lync.com.
lyncdiscover.full.example. CNAME webdir.online.lync.com.
_sip._tls.full.example. SRV 100 1 443 sipdir.online.lync.com.
autodiscover.full.example. CNAME autodiscover.outlook.com.
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 -all"
sendgrid.net. TXT "v=spf1 ip4:192.0.2.8 ~all"
servers.mcsv.net. TXT "v=spf1 ip4:192.0.2.9 ?all"

doubled.example. MX 0 doubled-example.mail.protection.outlook.com.
selector1._domainkey.doubled.example.doubled.example. CNAME selector1-doubled-example._domainkey.d.onmicrosoft.com.
selector2._domainkey.doubled.example.doubled.example. CNAME selector2-doubled-example._domainkey.d.onmicrosoft.com.

second.example. MX 0 second-example.mail.protection.outlook.com.
selector2._domainkey.second.example. CNAME selector2-second-example._domainkey.s.onmicrosoft.com.

google.example. MX 1 smtp.google.com.
google.example. TXT "v=spf1 include:_spf.google.com ~all"
google._domainkey.google.example. TXT "v=DKIM1; p="
smtp.google.com. AAAA 2001:db8::2
_spf.google.com. TXT "v=spf1 ip4:192.0.2.7 ~all"

inside.example. MX 1 mail.inside.example.
mail.inside.example. A 10.0.0.1
mail.inside.example. AAAA 2001:db8::3
wild.example. MX 1 mail.wild.example.
*.wild.example. TXT "v=spf1 -all"
bare.example. A 192.0.2.1
`

func listDomains() []string {
	return []string{"full.example", "doubled.example", "second.example", "google.example", "inside.example",
		"wild.example", "bare.example", "missing.example", "full.onmicrosoft.com"}
}

// A listy run makes the same claims as one that asks all at once, with fewer
// questions.
func TestList(t *testing.T) {
	for _, domain := range listDomains() {
		t.Run(domain, func(t *testing.T) {
			env, _ := kittest.NewEnv(t, domain, listZone)
			env.HTTPS = kittest.NoHTTPS
			want, all := claims(t, cached(env, false))
			got, fewer := claims(t, cached(env, true))
			kittest.EqualLines(t, got, want...)
			if slices.ContainsFunc(want, func(c string) bool { return strings.HasPrefix(c, "domain.exists fail") }) {
				return // both stop as soon as that is known, and how far they got by then is chance
			}
			if fewer > all || fewer == all && domain != "full.example" { // which has all there is
				t.Errorf("%d questions, %d alone", fewer, all)
			}
		})
	}
}

// Faults of the resolver are told alike, and hold only up what needs them.
func TestListFaults(t *testing.T) {
	t.Parallel()
	servfail := func(env *kit.Env, srv *dnstest.Server, names []string) {
		for _, name := range names {
			srv.Fault(name, "", dnstest.Fault{Rcode: "SERVFAIL"})
		}
	}
	dropped := func(env *kit.Env, _ *dnstest.Server, names []string) { env.DNS = kittest.Silent(env.DNS, names...) }
	for name, spoil := range map[string]func(*kit.Env, *dnstest.Server, []string){"servfail": servfail, "dropped": dropped} {
		for _, at := range []string{"_domainkey.full.example", "selector1._domainkey.full.example", "_dmarc.full.example", "full.example",
			"_dmarc.full.example _mta-sts.full.example selector1._domainkey.full.example _smtp._tls.full.example"} {
			t.Run(name+" "+at, func(t *testing.T) {
				t.Parallel()
				env, srv := kittest.NewEnv(t, "full.example", listZone)
				env.HTTPS = kittest.NoHTTPS
				spoil(env, srv, strings.Fields(at))
				want, _ := claims(t, cached(env, false))
				got, _ := claims(t, cached(env, true))
				if strings.HasPrefix(at, "_dmarc.full.example") { // BIMI rests on it
					drop := func(l string) bool { return strings.HasPrefix(l, "bimi.") }
					want, got = slices.DeleteFunc(want, drop), slices.DeleteFunc(got, drop)
				}
				kittest.EqualLines(t, got, want...)
			})
		}
	}
}

// On real domains too.
func TestListCorpus(t *testing.T) {
	var b strings.Builder
	b.WriteString(". SOA ns.test. h.test. 1 3600 600 86400 60\n")
	bodies := kittest.ReadBodies(t)[:1500]
	kittest.IncludeZone(t, &b)
	for i := range bodies {
		bodies[i].Zone(&b)
	}
	cache := dnsrec.NewCache(corpusClient(t, b.String()), dnsrec.CacheOptions{Entries: 1 << 17, Bytes: 1 << 28})
	for _, d := range bodies {
		env := &kit.Env{Domain: d.Domain, Expect: kit.ExpectAuto, Cloud: "auto", Now: kittest.TestDay, World: kit.World{DNS: cache, HTTPS: kittest.NoHTTPS}}
		want, _ := claims(t, env)
		env.List = true
		if got, _ := claims(t, env); !slices.Equal(got, want) {
			t.Errorf("%s: got\n  %s\nwant\n  %s", d.Domain, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
	}
}

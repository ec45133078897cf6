package records

import (
	"context"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// Without an MX record mail goes to the address of the domain itself, of
// either family; whether there is one is not known if nobody says.
func TestFault_001_NoMXAndNoAnswerOnAddress(t *testing.T) {
	const six = "contoso.com. AAAA 2001:db8::1"
	env, _ := kittest.NewEnv(t, "contoso.com", six)
	fs := kit.Gather(t.Context(), env, MX)
	kittest.EqualLines(t, kittest.Verdicts(fs, true), "mx.none warn")
	if !strings.Contains(fs[0].Summary, "2001:db8::1") {
		t.Errorf("its IPv6 address is not told: %s", fs[0].Summary)
	}
	for _, typ := range []string{"A", "AAAA"} {
		env, srv := kittest.NewEnv(t, "contoso.com", `contoso.com. TXT "x"`)
		srv.Fault("contoso.com", typ, dnstest.Fault{Rcode: "SERVFAIL"})
		fs := kit.Gather(t.Context(), env, MX)
		kittest.EqualLines(t, kittest.Verdicts(fs, true), "mx.none unknown")
		if fs[0].Cause != report.CauseResolver {
			t.Errorf("%s: cause %q, want resolver", typ, fs[0].Cause)
		}
	}
}

// A host that no sender can reach by any of its addresses loses all mail, or
// delays it where another host is left. An internal resolver may see it so.
func TestMXUnreachable(t *testing.T) {
	server := func(t *testing.T, addresses ...string) *kit.Env {
		zone := "contoso.com. MX 10 mail.contoso.com.\n"
		for _, a := range addresses {
			typ := "A"
			if strings.Contains(a, ":") {
				typ = "AAAA"
			}
			zone += "mail.contoso.com. " + typ + " " + a + "\n"
		}
		env, _ := kittest.NewEnv(t, "contoso.com", zone)
		return env
	}
	for _, a := range []string{"0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.254", "127.0.0.1", "169.254.9.9", "172.31.0.1",
		"192.0.0.5", "192.168.1.1", "198.18.0.1", "198.19.255.255", "224.0.0.5", "240.0.0.1", "255.255.255.255",
		"::1", "::", "fe80::1", "fc00::1", "fd12::1", "64:ff9b:1::1", "100::1", "ff02::1", "2001::1", "5f00::1"} {
		got := kittest.Verdicts(kit.Gather(t.Context(), server(t, a), MX), false)
		if len(got) != 1 || got[0] != "mx.unreachable fail" {
			t.Errorf("%s: %q", a, got)
		}
	}
	for _, as := range [][]string{{"192.0.2.1"}, {"10.0.0.1", "192.0.2.1"}, {"10.0.0.1", "2001:db8::1"}, {"100.128.0.1"}, {"172.32.0.1"}} {
		if got := kittest.Verdicts(kit.Gather(t.Context(), server(t, as...), MX), false); len(got) != 0 {
			t.Errorf("%v: %q", as, got)
		}
	}
	env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 10.0.0.1\n"+
		"contoso.com. MX 20 mx2.contoso.com.\nmx2.contoso.com. A 192.0.2.1")
	kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, MX), false), "mx.unreachable warn")
}

// What a resolver in an internal network says of private addresses may be true
// of that network alone.
func TestMXPrivateInside(t *testing.T) {
	for server, want := range map[string]string{"10.0.0.53:53/udp": "mx.private warn", "[fd00::53]:53/tcp": "mx.private warn",
		"127.0.0.53:53/udp": "mx.unreachable fail", "9.9.9.9:53/udp": "mx.unreachable fail", "https://dns.example/": "mx.unreachable fail"} {
		for _, a := range []string{"10.0.0.1", "169.254.0.1"} {
			env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A "+a)
			next := env.DNS
			env.DNS = kit.ResolverFunc(func(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
				answer, err := next.Lookup(ctx, q)
				answer.Server = server
				return answer, err
			})
			expect := want
			if a != "10.0.0.1" {
				expect = "mx.unreachable fail"
			}
			kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, MX), false), expect)
		}
	}
}

// The addresses of a domain without MX records take the place of one (RFC 5321
// 5.1): where none of them is on the Internet, no mail arrives.
func TestMXImplicitUnreachable(t *testing.T) {
	for records, want := range map[string]string{
		"A 127.0.0.1":   "mx.unreachable fail",
		"A 0.0.0.0":     "mx.unreachable fail",
		"A 10.0.0.1":    "mx.unreachable fail",
		"A 169.254.0.1": "mx.unreachable fail",
		"A 100.64.0.1":  "mx.unreachable fail",
		"A 240.0.0.1":   "mx.unreachable fail",
		"AAAA ::1":      "mx.unreachable fail",
		"AAAA fd00::1":  "mx.unreachable fail",
		"AAAA fe80::1":  "mx.unreachable fail",
		"A 127.0.0.1\ncontoso.com. A 192.168.0.1\ncontoso.com. AAAA ::1": "mx.unreachable fail",
		"A 127.0.0.1\ncontoso.com. A 192.0.2.1":                          "mx.none warn",
		"A 127.0.0.1\ncontoso.com. AAAA 2001:db8::1":                     "mx.none warn",
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. "+records)
		fs := kit.Gather(t.Context(), env, MX)
		kittest.EqualLines(t, kittest.Verdicts(fs, false), want)
		if fs[0].Fix == nil || len(fs[0].Fix.Alternatives) < 2 {
			t.Errorf("%s: it is no decision: %+v", records, fs[0].Fix)
		}
	}
	for private, other := range map[string]string{"A 127.0.0.1": "AAAA", "AAAA ::1": "A"} {
		env, srv := kittest.NewEnv(t, "contoso.com", "contoso.com. "+private)
		srv.Fault("contoso.com", other, dnstest.Fault{Rcode: "SERVFAIL"})
		kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, MX), false), "mx.none unknown")
	}
}

package dnsrec

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"maildiag/dnsrec/dnstest"
)

func TestDirect(t *testing.T) {
	long := "contoso.test. TXT \"" + strings.Repeat("a", 250) + "\" \"" + strings.Repeat("b", 250) + "\"\n"
	zone := "contoso.test. 900 SOA ns.contoso.test. h. 5 1 1 1 60\ncontoso.test. MX 0 mx.contoso.test.\nsub.contoso.test. NS ns.sub.contoso.test.\nns.sub.contoso.test. A 192.0.2.7\n" +
		strings.Repeat(long, 1) + strings.ReplaceAll(long, "aaaa", "cccc") + strings.ReplaceAll(long, "aaaa", "dddd")
	srv := dnstest.New(t, zone, dnstest.Authoritative())
	at := netip.MustParseAddrPort(srv.Addr)
	ask := func(name string, typ Type) Reply {
		t.Helper()
		r, err := Direct(t.Context(), at, Q(name, typ))
		if err != nil {
			t.Fatalf("%s %s: %v", name, typ, err)
		}
		return r
	}
	if r := ask("contoso.test", TypeMX); !r.Authoritative || len(r.Answer) != 1 || r.Answer[0].Value != "0 mx.contoso.test" {
		t.Errorf("%+v", r)
	}
	if r := ask("contoso.test", TypeTXT); len(r.Answer) != 3 || len(r.Answer[0].Value) != 500 || !strings.HasSuffix(r.Server, "/tcp") {
		t.Errorf("truncated: %d from %s", len(r.Answer), r.Server)
	}
	if r := ask("x.sub.contoso.test", TypeA); r.Authoritative || len(r.Authority) != 1 || len(r.Additional) != 1 || r.Additional[0].Value != "192.0.2.7" {
		t.Errorf("referral: %+v", r)
	}
	if r := ask("other.test", TypeA); r.Rcode != "REFUSED" {
		t.Errorf("refused: %+v", r)
	}
	if r := ask("no.contoso.test", TypeA); r.Rcode != "NXDOMAIN" || len(r.Authority) != 1 || r.Authority[0].Type != TypeSOA {
		t.Errorf("nxdomain: %+v", r)
	}
}

func TestDirectFaults(t *testing.T) {
	srv := dnstest.New(t, "contoso.test. SOA ns. h. 5 1 1 1 60\ncontoso.test. MX 0 mx.contoso.test.\n", dnstest.Authoritative())
	at := netip.MustParseAddrPort(srv.Addr)
	forge := func(_, reply []byte) [][]byte {
		forged := append([]byte(nil), reply...)
		forged[0] ^= 0xFF
		return [][]byte{forged, reply}
	}
	srv.Fault("contoso.test", "MX", dnstest.Fault{Edit: forge})
	if r, err := Direct(t.Context(), at, Q("contoso.test", TypeMX)); err != nil || len(r.Answer) != 1 {
		t.Errorf("a forged reply comes first: %+v %v", r, err)
	}
	srv.Heal()
	srv.Fault("contoso.test", "", dnstest.Fault{Edit: func(_, reply []byte) [][]byte { return [][]byte{reply[:len(reply)-9]} }})
	if _, err := Direct(t.Context(), at, Q("contoso.test", TypeMX)); KindOf(err) != KindMalformed {
		t.Errorf("cut: %v", err)
	}
	for _, q := range []Query{Q("a..b", TypeMX), Q("contoso.test", "NONE")} {
		if _, err := Direct(t.Context(), at, q); KindOf(err) != KindName || errors.Unwrap(err) == nil {
			t.Errorf("%s: %v", q, err)
		}
	}
}

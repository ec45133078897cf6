//go:build integration && linux

package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

const inPortal = "MAILDIAG_TEST_IN_PORTAL"

// A captive portal takes all that goes to 53, 80, 443 and 587, wherever it goes,
// and answers itself. Nothing that it says is the domain's fault: FAULTS 236.
func TestFault_236_CaptivePortal(t *testing.T) {
	if os.Getenv(inPortal) != "" {
		behindPortal(t)
		return
	}
	again := exec.Command("unshare", "-rn", os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), inPortal+"=1")
	out, err := again.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("in a namespace of its own: %v", err)
	}
}

// portal starts a host that answers all names and all connections, and leads
// everything there.
func portal(t *testing.T) {
	sh := func(script string) {
		if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	sh("ip link set lo up; ip addr add 198.51.100.2/32 dev lo; ip route add default dev lo src 198.51.100.2")
	dns := dnstest.New(t, ". SOA ns.test. h.test. 1 3600 600 86400 60\n. NS ns.test.\n*. A 192.0.2.80\n*. AAAA 2001:db8::80\n")
	login := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Please sign in") })
	web, secure := httptest.NewServer(login), httptest.NewTLSServer(login)
	t.Cleanup(web.Close)
	t.Cleanup(secure.Close)
	port := func(addr string) string {
		_, p, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	sh(fmt.Sprintf(`nft -f - <<END
table ip portal {
	chain out {
		type nat hook output priority -100;
		udp dport 53 redirect to :%[1]s
		tcp dport { 53, 853 } redirect to :%[1]s
		tcp dport { 80, 587, 25 } redirect to :%[2]s
		tcp dport 443 redirect to :%[3]s
	}
}
END`, port(dns.Addr), port(web.Listener.Addr().String()), port(secure.Listener.Addr().String())))
}

func behindPortal(t *testing.T) {
	portal(t)
	for _, args := range []string{
		"contoso.com --resolver 203.0.113.53",
		"contoso.com --resolver 203.0.113.53 --expect m365",
		"contoso.com --resolver https://203.0.113.53/dns-query",
		"contoso.com --resolver tls://203.0.113.53",
		"contoso.com --resolver 203.0.113.53 --only submission",
		"smtp --resolver 203.0.113.53",
		"smtp 203.0.113.25",
	} {
		out, errs, code := maildiag(t, "", append(strings.Fields(args), "--format", "ndjson", "--timeout", "8s")...)
		if code != exitUnknown {
			t.Errorf("%s: exit code %d\n%s%s", args, code, out, errs)
		}
		err := report.Replay(strings.NewReader(out), portalSink(func(e report.Event) {
			f := e.Finding
			if f == nil {
				return
			}
			t.Logf("%s: %s %s/%s %s", args, f.Code, f.Status, f.Cause, f.Summary)
			if f.Status == report.Fail || f.Status == report.Warn || f.Cause == report.CauseDomain {
				t.Errorf("%s: %s %s/%s: %s", args, f.Code, f.Status, f.Cause, f.Summary)
			}
		}))
		if err != nil && out != "" {
			t.Errorf("%s: %v", args, err)
		}
	}
	code, out, errs := bulk(t, "contoso.com\nfabrikam.com\n", "--resolver", "203.0.113.53")
	if code != exitUnknown || out != "" || !strings.Contains(errs, "invents answers") {
		t.Errorf("bulk: code %d, %q, %q", code, out, errs)
	}
}

// portalSink makes a sink of what looks at events.
type portalSink func(report.Event)

func (s portalSink) Emit(e report.Event) error { s(e); return nil }

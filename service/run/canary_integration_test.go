//go:build integration

package run

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/service/guard"
)

// inside marks the process that runs in the namespace.
const inside = "MAILDIAG_CANARY"

// world makes every address one of this machine, and counts the packets that
// leave for the ports of mail and HTTPS.
const worldSetup = `set -e
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo
nft add table inet canary
nft add chain inet canary out '{ type filter hook output priority 0; }'
nft add rule inet canary out tcp dport '{ 25, 443, 465, 587 }' tcp flags syn counter
exec "$0" "$@"`

// TestCanary checks domains whose mail server and policy host are on every kind of
// address that must not be reached, in a network where each of them would answer:
// no packet leaves. A public address is connected to, so the canary lives.
func TestCanary(t *testing.T) {
	if os.Getenv(inside) == "" {
		if exec.Command("unshare", "-rn", "nft", "list", "tables").Run() != nil {
			t.Skip("no network namespaces, or no nft")
		}
		c := exec.CommandContext(t.Context(), "unshare", "-rn", "sh", "-c", worldSetup, os.Args[0], "-test.run=^TestCanary$", "-test.v")
		c.Env = append(os.Environ(), inside+"=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	accepted := listenEverywhere(t)
	for i, addr := range forbidden() {
		checkDomainAt(t, fmt.Sprintf("d%d.example", i), addr)
	}
	if n, p := accepted.Load(), packets(t); n != 0 || p != 0 {
		t.Errorf("%d connections, %d packets to forbidden addresses", n, p)
	}
	checkDomainAt(t, "public.example", "9.9.9.9")
	if n, p := accepted.Load(), packets(t); n == 0 || p == 0 {
		t.Errorf("the canary is dead: %d connections, %d packets", n, p)
	}
}

// forbidden lists addresses of the IANA special-purpose registries, and those that
// carry an IPv4 address in them.
func forbidden() []string {
	return []string{"0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1",
		"198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1",
		"2001:0:7f00:1::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::1", "2620:4f:8000::1", "3fff::1",
		"5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "2a01::5efe:127.0.0.1", "2a01::200:5efe:10.0.0.1"}
}

// listenEverywhere counts the connections to any address.
func listenEverywhere(t *testing.T) *atomic.Int64 {
	t.Helper()
	n := new(atomic.Int64)
	for _, port := range guard.Ports {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				n.Add(1)
				c.Close()
			}
		}()
	}
	return n
}

// checkDomainAt runs all checks over a domain whose hosts have that address,
// Microsoft's submission host as well.
func checkDomainAt(t *testing.T, domain, addr string) {
	t.Helper()
	typ := "A"
	if a := netip.MustParseAddr(addr); a.Is6() {
		typ = "AAAA"
	}
	var zone strings.Builder
	for _, host := range []string{"mail." + domain, "mta-sts." + domain, "logo." + domain, "autodiscover." + domain, "smtp.office365.com"} {
		fmt.Fprintf(&zone, "%s. %s %s\n", host, typ, addr)
	}
	fmt.Fprintf(&zone, "%[1]s. MX 10 mail.%[1]s.\n%[1]s. TXT \"v=spf1 mx ~all\"\n_mta-sts.%[1]s. TXT \"v=STSv1; id=1\"\n"+
		"_dmarc.%[1]s. TXT \"v=DMARC1; p=reject\"\ndefault._bimi.%[1]s. TXT \"v=BIMI1; l=https://logo.%[1]s/a.svg; a=https://logo.%[1]s/a.pem\"\n", domain)
	srv := dnstest.New(t, zone.String())
	server, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	live := NewLive(dnsrec.Options{Servers: []dnsrec.Server{server}}, &guard.Dialer{})
	defer live.Close()
	r := New(Config{World: live.World, Timeout: 10 * time.Second, Slots: 1, Places: 1})
	defer r.Close(context.Background())
	req, err := ParseRequest(domain, "m365", "")
	if err != nil {
		t.Fatal(err)
	}
	one, err := r.Start(req, false)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Release()
	if rep, err := one.Wait(t.Context()); err != nil || len(rep.Findings) == 0 {
		t.Errorf("%s at %s: %v", domain, addr, err)
	}
	if srv.Count("mta-sts."+domain, typ) == 0 || srv.Count("smtp.office365.com", typ) == 0 {
		t.Errorf("%s: nobody wanted to connect to %s", domain, addr)
	}
}

// packets reads the counter.
func packets(t *testing.T) int {
	t.Helper()
	out, err := exec.Command("nft", "-j", "list", "chain", "inet", "canary", "out").Output()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Nftables []struct {
			Rule *struct {
				Expr []struct{ Counter *struct{ Packets int } }
			}
		}
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	for _, n := range doc.Nftables {
		if n.Rule == nil {
			continue
		}
		for _, e := range n.Rule.Expr {
			if e.Counter != nil {
				return e.Counter.Packets
			}
		}
	}
	t.Fatal("no counter")
	return 0
}

//go:build integration

package authority_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
)

// The tests below ask programs that others wrote: NSD and BIND as the name servers
// of a domain under a local root and TLD, and unbound as the resolver with a real
// cache (Debian packages nsd, bind9, unbound). They listen on port 53 of loopback
// addresses of their own.

const (
	rootAddr    = "127.77.18.10"
	nsdOne      = "127.77.18.11"
	nsdTwo      = "127.77.18.12"
	nsdThree    = "127.77.18.13"
	bindAddr    = "127.0.0.1" // BIND listens only at addresses that an interface has
	bindPort    = 53918
	unboundAddr = "127.77.18.20"
)

// program starts a server, and returns when it says that it is ready.
func program(t *testing.T, ready string, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	out, in := io.Pipe()
	c.Stdout, c.Stderr = in, in
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Signal(syscall.SIGTERM); c.Wait(); in.Close() }) // NSD ends its children
	lines := bufio.NewScanner(out)
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), ready) {
			go io.Copy(io.Discard, out)
			return
		}
	}
	t.Fatalf("%s does not run:\n%s", name, said.String())
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// nsd starts NSD with zones at an address.
func nsd(t *testing.T, addr string, zones map[string]string) {
	t.Helper()
	dir := t.TempDir()
	conf := fmt.Sprintf("server:\n ip-address: %s\n port: 53\n username: \"\"\n chroot: \"\"\n zonesdir: %q\n pidfile: %q\n database: \"\"\n xfrdfile: %q\n zonelistfile: %q\n server-count: 1\n verbosity: 1\nremote-control:\n control-enable: no\n",
		addr, dir, filepath.Join(dir, "pid"), filepath.Join(dir, "xfrd"), filepath.Join(dir, "list"))
	for name, zone := range zones {
		file := strings.Trim(strings.ReplaceAll(name, ".", "_"), "_") + "_.zone"
		write(t, dir, file, zone)
		conf += fmt.Sprintf("zone:\n name: %q\n zonefile: %q\n", name, file)
	}
	program(t, "nsd started", "nsd", "-d", "-c", write(t, dir, "nsd.conf", conf))
}

// bind starts BIND with a zone at an address.
func bind(t *testing.T, addr, name, zone string) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "zone", zone)
	conf := fmt.Sprintf(`options { directory %q; listen-on port %d { %s; }; listen-on-v6 { none; }; pid-file "named.pid"; session-keyfile "session.key"; recursion no; dnssec-validation no; };
controls { };
zone %q { type primary; file "zone"; };
`, dir, bindPort, addr, name)
	program(t, " running", "named", "-g", "-n", "1", "-c", write(t, dir, "named.conf", conf))
}

// unbound starts a resolver that begins at the local root.
func unbound(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	hints := write(t, dir, "hints", ". 3600 NS a.root.\na.root. 3600 A "+rootAddr+"\n")
	conf := fmt.Sprintf("server:\n interface: %s\n port: 53\n do-daemonize: no\n username: \"\"\n chroot: \"\"\n directory: %q\n pidfile: \"\"\n use-syslog: no\n logfile: \"\"\n root-hints: %q\n do-not-query-localhost: no\n module-config: iterator\n local-zone: \"test.\" nodefault\n access-control: 127.0.0.0/8 allow\n num-threads: 1\n verbosity: 1\nremote-control:\n control-enable: no\n",
		unboundAddr, dir, hints)
	program(t, "start of service", "unbound", "-d", "-c", write(t, dir, "unbound.conf", conf))
}

func soaOf(zone string, serial int) string {
	return fmt.Sprintf("%s 3600 SOA ns1.contoso.test. h.contoso.test. %d 7200 900 1209600 900\n", zone, serial)
}

// apexOf returns the zone of contoso.test with an MX record.
func apexOf(serial int, mx string) string {
	zone := soaOf("contoso.test.", serial)
	for i, addr := range []string{nsdOne, nsdTwo, nsdThree} {
		zone += fmt.Sprintf("contoso.test. 3600 NS ns%d.contoso.test.\nns%d.contoso.test. 3600 A %s\n", i+1, i+1, addr)
	}
	long := strings.Repeat("x", 240)
	for i := range 8 { // more than UDP takes
		zone += fmt.Sprintf("contoso.test. 3600 TXT \"%d%s\" \"%s\"\n", i, long, long)
	}
	return zone + "contoso.test. 900 MX 0 " + mx + ".\nautodiscover.contoso.test. 7200 CNAME autodiscover.outlook.com.\n"
}

// livingRoot starts the root and the TLD.
func livingRoot(t *testing.T) {
	t.Helper()
	if l, err := net.Listen("tcp", rootAddr+":53"); err != nil {
		t.Skipf("port 53 of loopback addresses is needed: %v", err)
	} else {
		l.Close()
	}
	test := "test. 3600 SOA a.root. h.root. 1 7200 900 1209600 900\ntest. 3600 NS a.root.\n"
	for i, addr := range []string{nsdOne, nsdTwo, nsdThree} {
		test += fmt.Sprintf("contoso.test. 3600 NS ns%d.contoso.test.\nns%d.contoso.test. 3600 A %s\n", i+1, i+1, addr)
	}
	nsd(t, rootAddr, map[string]string{
		".":     ". 3600 SOA a.root. h.root. 1 7200 900 1209600 900\n. 3600 NS a.root.\na.root. 3600 A " + rootAddr + "\ntest. 3600 NS a.root.\n",
		"test.": test,
	})
}

func lookAtReal(t *testing.T, also ...string) *authority.Report {
	t.Helper()
	s, err := dnsrec.ParseServer(unboundAddr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}})
	t.Cleanup(client.Close)
	ask := func(ctx context.Context, addr netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
		port := uint16(53)
		if addr.String() == bindAddr {
			port = bindPort
		}
		return dnsrec.Direct(ctx, netip.AddrPortFrom(addr, port), q)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return authority.Look(ctx, client, ask, "contoso.test", authority.Options{Also: also, Families: []dnsrec.Type{dnsrec.TypeA},
		Resolvers: []authority.Resolver{{Name: "unbound", Resolver: client}},
		Questions: []dnsrec.Query{dnsrec.Q("contoso.test", dnsrec.TypeMX), dnsrec.Q("contoso.test", dnsrec.TypeTXT), dnsrec.Q("autodiscover.contoso.test", dnsrec.TypeA)}})
}

// Three NSD that agree, asked under a real root, over UDP and TCP.
func TestRealServersAgree(t *testing.T) {
	livingRoot(t)
	for _, addr := range []string{nsdOne, nsdTwo, nsdThree} {
		nsd(t, addr, map[string]string{"contoso.test.": apexOf(7, "mx.contoso.test")})
	}
	unbound(t)
	r := lookAtReal(t)
	if working, all := r.Working(); r.Err != nil || working != 3 || all != 3 || len(r.Problems) > 0 || r.Parent != "test" {
		t.Errorf("%d of %d below %q: %v %+v", working, all, r.Parent, r.Err, r.Problems)
	}
	for _, s := range r.Sets {
		if s.Type == dnsrec.TypeTXT && (len(s.Views) != 1 || len(s.Views[0].Values) != 8) {
			t.Errorf("TXT: %d versions", len(s.Views))
		}
	}
	if ttl, _ := r.TTL(dnsrec.Q("contoso.test", dnsrec.TypeMX)); ttl != 15*time.Minute {
		t.Errorf("TTL %v", ttl)
	}
}

// A stale NSD, one that does not have the zone, and a BIND with another zone, at
// which the change was made.
func TestRealServersDiffer(t *testing.T) {
	livingRoot(t)
	nsd(t, nsdOne, map[string]string{"contoso.test.": apexOf(7, "mx.contoso.test")})
	nsd(t, nsdTwo, map[string]string{"contoso.test.": apexOf(6, "old.contoso.test")})
	nsd(t, nsdThree, map[string]string{"other.test.": soaOf("other.test.", 1) + "other.test. NS ns1.contoso.test.\n"})
	bind(t, bindAddr, "contoso.test", apexOf(9, "new.contoso.test")+"$TTL 60\n")
	unbound(t)
	r := lookAtReal(t, bindAddr)
	if got := kinds(r); !slices.Equal(got, []string{"lame", "stale", "wrong-host"}) || r.Err != nil || r.Agree() {
		t.Errorf("%v: %v %+v %+v", got, r.Err, r.Problems, r.Servers)
	}
}

// The cache of unbound has the old record, and says how long.
func TestRealCache(t *testing.T) {
	livingRoot(t)
	unbound(t)
	serve := func(t *testing.T, serial int, mx string) {
		for _, addr := range []string{nsdOne, nsdTwo, nsdThree} {
			nsd(t, addr, map[string]string{"contoso.test.": apexOf(serial, mx)})
		}
	}
	t.Run("before the change", func(t *testing.T) {
		serve(t, 7, "old.contoso.test")
		if r := lookAtReal(t); len(r.Problems) > 0 {
			t.Errorf("%+v", r.Problems)
		}
	})
	t.Run("after the change", func(t *testing.T) {
		serve(t, 8, "new.contoso.test")
		r := lookAtReal(t)
		if got := kinds(r); !slices.Equal(got, []string{"cached"}) || r.Problems[0].For <= 0 || r.Problems[0].For > 900 {
			t.Errorf("%v %+v", got, r.Problems)
		}
	})
}

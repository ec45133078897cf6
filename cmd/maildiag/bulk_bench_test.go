package main

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"maildiag/dnsrec/dnstest"
)

// BenchmarkBulk examines domains in bulk, with a DNS server in the same
// process; an iteration is one domain with its share of everything.
func BenchmarkBulk(b *testing.B) {
	const zone = `. 300 SOA ns.test. h.test. 1 3600 600 86400 60
. NS ns.test.
*.example. MX 10 mx.host.example.
*.example. TXT "v=spf1 include:spf.host.example -all"
spf.host.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
mx.host.example. A 192.0.2.1
`
	srv := dnstest.New(b, zone, dnstest.Unlogged())
	var list strings.Builder
	for i := range b.N {
		fmt.Fprintf(&list, "d%d.example\n", i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	if code := run(b.Context(), []string{"bulk", "-", "-q", "--resolver", srv.Addr}, strings.NewReader(list.String()), io.Discard, io.Discard); code == exitUsage {
		b.Fatal("the run failed")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "domains/s")
}

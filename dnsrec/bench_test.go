package dnsrec_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// echo answers every query with the same two records of the question's name,
// as cheaply as a server can, so that a benchmark shows the client's cost.
func echo(b *testing.B) string {
	b.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	conn.SetReadBuffer(4 << 20)
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 4096)
		rr := []byte{0xC0, 12, 0, 16, 0, 1, 0, 0, 1, 44, 0, 12, 11}
		rr = append(rr, "v=spf1 -all"...)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			buf[2], buf[3], buf[7], buf[11] = 0x81, 0xA0, 2, 0
			msg := append(append(buf[:n-11], rr...), rr...)
			conn.WriteToUDPAddrPort(msg, from)
		}
	})
	b.Cleanup(func() { conn.Close(); wg.Wait() })
	return conn.LocalAddr().String()
}

// inFlight runs lookups of names that are all different, many at once.
func inFlight(b *testing.B, r dnsrec.Resolver, workers int) {
	names := make([]string, 1<<16)
	for i := range names {
		names[i] = fmt.Sprintf("_dmarc.domain%d.example", i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(b.N) {
					return
				}
				q := dnsrec.Query{Name: names[i&(1<<16-1)], Type: dnsrec.TypeTXT}
				if _, err := r.Lookup(context.Background(), q); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "queries/s")
}

func BenchmarkClient(b *testing.B) {
	for _, workers := range []int{1, 64, 1000} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			inFlight(b, client(b, dnsrec.Options{Timeout: 3 * time.Second}, echo(b)), workers)
		})
	}
}

func BenchmarkCacheMiss(b *testing.B) {
	c := client(b, dnsrec.Options{Timeout: 3 * time.Second}, echo(b))
	inFlight(b, dnsrec.NewCache(c, dnsrec.CacheOptions{}), 64)
}

// BenchmarkDomains is the whole stack as bulk runs use it: twenty questions a
// domain under a budget, new to the cache, waited for one by one or sent ahead.
func BenchmarkDomains(b *testing.B) {
	b.Run("one by one", func(b *testing.B) { domains(b, b.Context(), 20) })
	b.Run("ahead", func(b *testing.B) { domains(b, b.Context(), 20) })
}

// domains asks so many questions a domain, for 64 domains at once.
func domains(b *testing.B, ctx context.Context, questions int) {
	c := client(b, dnsrec.Options{Timeout: 3 * time.Second}, echo(b))
	cache := dnsrec.NewCache(c, dnsrec.CacheOptions{})
	b.ReportAllocs()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			names := make([]string, questions)
			for i := next.Add(int64(questions)); i <= int64(b.N); i = next.Add(int64(questions)) {
				for j := range names {
					names[j] = fmt.Sprintf("n%d.domain%d.example", j, i)
				}
				budget := dnsrec.NewBudget(ctx, cache, 0, 0)
				budget.Ask(dnsrec.Queries(dnsrec.TypeTXT, names...)...)
				for _, name := range names {
					if _, err := budget.Lookup(ctx, dnsrec.Q(name, dnsrec.TypeTXT)); err != nil {
						b.Error(err)
						return
					}
				}
				budget.Close()
			}
		})
	}
	wg.Wait()
}

func BenchmarkCacheHit(b *testing.B) {
	c := client(b, dnsrec.Options{Timeout: 3 * time.Second}, echo(b))
	cache := dnsrec.NewCache(c, dnsrec.CacheOptions{})
	q := dnsrec.Q("spf.protection.outlook.com", "TXT")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cache.Lookup(context.Background(), q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOverTCP(b *testing.B) {
	srv := dnstest.New(b, "*.example. TXT x", dnstest.Unlogged())
	inFlight(b, client(b, dnsrec.Options{Timeout: 3 * time.Second}, "tcp://"+srv.Addr), 64)
}

// BenchmarkFirst is what a single run pays before its first answer.
func BenchmarkFirst(b *testing.B) {
	addr := echo(b)
	for b.Loop() {
		c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server(b, addr)}})
		if _, err := ask(c, "example.com", "TXT"); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

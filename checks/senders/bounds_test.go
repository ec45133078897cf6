package senders

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"maildiag/checks/senders/dmarcreport"
)

// Rows that are all different, with names as long as they may be, cost bounded
// memory and lose no message.
func TestBounded(t *testing.T) {
	c := NewCollector(time.Time{}, time.Time{})
	long := strings.Repeat("x", 900)
	const rows = 60_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var rep dmarcreport.Report
	var batch *Batch
	for i := range rows {
		if i%100 == 0 {
			begin := time.Unix(1_600_000_000+int64(i)*1000, 0)
			rep = dmarcreport.Report{Org: fmt.Sprint(i) + long, ID: fmt.Sprint(i), Begin: begin, End: begin,
				Policy: dmarcreport.Policy{Domain: fmt.Sprintf("d%d.example", i%5000), P: "none"}}
			var err error
			if batch, err = c.Open(&rep); err != nil {
				t.Fatal(err)
			}
		}
		name := fmt.Sprintf("s%d.%s", i, rep.Policy.Domain)
		batch.Add(&dmarcreport.Row{Source: netip.AddrFrom4([4]byte{1, byte(i >> 16), byte(i >> 8), byte(i)}), Count: 1, HeaderFrom: name,
			DKIMResults: []dmarcreport.DKIMResult{{Domain: name, Selector: fmt.Sprint(i) + long, Result: "pass"}},
			SPFResults:  []dmarcreport.SPFResult{{Domain: name, Result: fmt.Sprint(i) + long}}})
		if i%100 == 99 {
			if err := batch.Count("f", true); err != nil {
				t.Fatal(err)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 48<<20 {
		t.Errorf("%d MiB", used>>20)
	}
	var sum int64
	domains, err := c.Judge(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range domains {
		for _, s := range d.Sources {
			sum += s.Messages
		}
	}
	if sum+c.Unusable != rows {
		t.Errorf("%d and %d of %d messages", sum, c.Unusable, rows)
	}
}

// However many servers there are, the sources are bounded, and what fails is not
// hidden behind what passes.
func TestManySources(t *testing.T) {
	m := newMonth(1)
	m.microsoft(20)
	for i := range maxSources + 500 {
		a := netip.AddrFrom4([4]byte{45, byte(i >> 8), byte(i), 7})
		m.row(i%days, i, own, dmarcreport.Row{Source: a, Count: 1, SPFResults: spfOf("contoso.com", "pass")})
		if i >= maxSources {
			m.row(i%days, i, own, dmarcreport.Row{Source: a, Count: 1, SPFResults: spfOf("contoso.com", "temperror")})
		}
	}
	d := m.judged(t, Options{})
	var sum int64
	for _, s := range d.Sources {
		sum += s.Messages
	}
	if len(d.Sources) > maxSources+4 || sum != d.Messages || d.Verdict.Answer != NotSafe || d.Verdict.Lost < 490 {
		t.Errorf("%d sources, %d of %d messages, %+v", len(d.Sources), sum, d.Messages, d.Verdict)
	}
}

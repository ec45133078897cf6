package spf

import (
	"context"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
)

// hostile are records of the size of the largest TXT answer that are made to
// be slow to read.
var hostile = map[string]string{
	"digits":     "v=spf1" + strings.Repeat(" ip4:1.1.1.11.1.1.11.1.1.11.1.1.11.1.1.11.1.1.11.1.1.1x", 1100),
	"run":        "v=spf1" + strings.Repeat(" ip4:"+strings.Repeat("1.1.1.11.1.1.1", 35), 130),
	"glued":      "v=spf1" + strings.Repeat(" "+strings.Repeat("include:", 63), 125),
	"lists":      "v=spf1" + strings.Repeat(" ip4:"+strings.Repeat("a,;", 160), 130),
	"characters": "v=spf1" + strings.Repeat(" "+strings.Repeat("\u200b\u2013", 80), 130),
	"one term":   "v=spf1 " + strings.Repeat("a", 65000),
	"macros":     "v=spf1 exists:" + strings.Repeat("%{l1r-}", 9000) + ".x.test",
	"all":        "v=spf1" + strings.Repeat(" all", 16000),
	"modifiers":  "v=spf1" + strings.Repeat(" a=%{d}", 8000),
	"networks":   "v=spf1" + strings.Repeat(" ip4:192.0.2.1", 4600),
	"names":      "v=spf1" + strings.Repeat(" a:x:y.test", 5900),
	"one string": "v=spf1" + strings.Repeat("x", 65000),
}

// TestHostileRecordsAreRead holds that no record takes long: a quadratic step
// would take seconds.
func TestHostileRecordsAreRead(t *testing.T) {
	for name, txt := range hostile {
		began := time.Now()
		f := newFake()
		f.add("d.test", dnsrec.TypeTXT, txt)
		rec, _, _ := Parse(txt)
		LookAlike(txt)
		if rec != nil {
			rec.Lint()
			rec.Corrected()
		}
		tree := Load(context.Background(), f, "d.test")
		tree.Plan(Advice{})
		tree.Reaches("x.test")
		tree.Everyone()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: took %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	const txt = "v=spf1 a mx include:spf.protection.outlook.com include:_spf.google.com ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Parse(txt); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	f := fakeZone(`
		d.test TXT v=spf1 include:a.test include:b.test mx -all
		d.test MX 10 mx.d.test
		mx.d.test A 192.0.2.2
		a.test TXT v=spf1 include:c.test ip4:198.51.100.0/24 ~all
		b.test TXT v=spf1 ip4:198.51.100.0/24 ip4:198.51.100.0/24 ip4:198.51.100.0/24 -all
		c.test TXT v=spf1 ip6:2001:db8:1::/48 -all`)
	b.ReportAllocs()
	for b.Loop() {
		Load(context.Background(), f, "d.test")
	}
}

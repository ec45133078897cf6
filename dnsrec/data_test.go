package dnsrec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// chainZone has a chain of n aliases from c1 to an address.
func chainZone(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "c%d.example.com. CNAME c%d.example.com.\n", i+1, i+2)
	}
	fmt.Fprintf(&b, "c%d.example.com. A 192.0.2.1\n", n+1)
	return b.String()
}

func TestFault_018_Chains(t *testing.T) {
	for _, partial := range []bool{false, true} {
		for _, tc := range []struct {
			length int
			want   dnsrec.Kind
		}{{3, ""}, {8, ""}, {9, dnsrec.KindChain}, {100, dnsrec.KindChain}} {
			srv := dnstest.New(t, chainZone(tc.length))
			srv.Fault("", "", dnstest.Fault{Partial: partial})
			a, err := ask(client(t, dnsrec.Options{}, srv.Addr), "c1.example.com", "A")
			if dnsrec.KindOf(err) != tc.want || err == nil && (len(a.CNAMEs) != tc.length || len(a.Values) != 1) {
				t.Errorf("chain of %d, partial %v: %s %v", tc.length, partial, show(a, err), err)
			}
			if e, ok := err.(*dnsrec.Error); ok && len(e.CNAMEs) != dnsrec.MaxChain+1 {
				t.Errorf("chain of %d: error shows %d", tc.length, len(e.CNAMEs))
			}
			if n := len(srv.Queries()); n > 16 {
				t.Errorf("chain of %d: %d queries", tc.length, n)
			}
		}
	}
}

func TestFault_019_Loops(t *testing.T) {
	const loops = `
		$ORIGIN example.com.
		a    CNAME b
		b    CNAME a
		self CNAME self
		d    DNAME d.d
		in   CNAME a
	`
	for _, partial := range []bool{false, true} {
		srv := dnstest.New(t, loops)
		srv.Fault("", "", dnstest.Fault{Partial: partial})
		c := client(t, dnsrec.Options{}, srv.Addr)
		for _, name := range []string{"a", "self", "x.d", "in"} {
			srv.Forget()
			_, err := ask(c, name+".example.com", "A")
			e, ok := err.(*dnsrec.Error)
			if !ok || e.Kind != dnsrec.KindChain || len(e.CNAMEs) == 0 {
				t.Errorf("%s, partial %v: %v", name, partial, err)
			}
			if n := len(srv.Queries()); n > 16 {
				t.Errorf("%s: %d queries", name, n)
			}
		}
	}
}

// Many resolvers answer SERVFAIL where aliases loop or the chain is long.
func TestFault_019_LoopBehindServFail(t *testing.T) {
	srv := dnstest.New(t, chainZone(9)+`
a.example.com. CNAME b.example.com.
b.example.com. CNAME a.example.com.
d1.example.com. CNAME d2.example.com.
`)
	srv.Fault("", "A", dnstest.Fault{Rcode: "SERVFAIL"})
	c := client(t, dnsrec.Options{}, srv.Addr)
	for name, want := range map[string]dnsrec.Kind{
		"a.example.com": dnsrec.KindChain, "c1.example.com": dnsrec.KindChain,
		"c2.example.com": dnsrec.KindServFail, "d1.example.com": dnsrec.KindServFail,
		"e.example.com": dnsrec.KindServFail,
	} {
		srv.Forget()
		a, err := ask(c, name, "A")
		if dnsrec.KindOf(err) != want || a.Rcode != "SERVFAIL" {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(srv.Queries()); n > 16 {
			t.Errorf("%s: %d queries", name, n)
		}
	}
}

func TestFault_020_AliasBesideMX(t *testing.T) {
	srv := dnstest.New(t, `
		example.com.      MX    10 mail.example.com.
		mail.example.com. CNAME host.example.com.
		host.example.com. A     192.0.2.1
	`)
	c := client(t, dnsrec.Options{}, srv.Addr)
	if a, err := ask(c, "mail.example.com", "A"); show(a, err) != "NOERROR|host.example.com|192.0.2.1" {
		t.Error(show(a, err))
	}
	srv.Fault("example.com", "MX", dnstest.Fault{Records: `
		example.com. CNAME other.example.
		example.com. MX 10 mail.example.com.
	`})
	if a, err := ask(c, "example.com", "MX"); show(a, err) != "NOERROR|10 mail.example.com" {
		t.Errorf("alias and MX at one name: %s", show(a, err))
	}
}

func TestFault_021_ForeignRecords(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("example.com", "MX", dnstest.Fault{Records: `
		evil.test.        MX    1 evil.test.
		example.com.      TXT   "v=spf1 +all"
		mail.example.com. A     6.6.6.6
		example.com.      MX    10 mail.example.com.
		xample.com.       MX    2 evil.test.
		www.example.com.  CNAME evil.test.
	`})
	cache := dnsrec.NewCache(client(t, dnsrec.Options{}, srv.Addr), dnsrec.CacheOptions{})
	for _, tc := range []struct {
		name string
		typ  dnsrec.Type
		want string
	}{
		{"example.com", "MX", "NOERROR|10 mail.example.com"},
		{"mail.example.com", "A", "NOERROR|192.0.2.1"},
		{"example.com", "TXT", "NOERROR|other|v=spf1 -all"},
		{"evil.test", "MX", "NXDOMAIN"},
	} {
		if a, err := ask(cache, tc.name, tc.typ); show(a, err) != tc.want || a.Cached {
			t.Errorf("%s %s: %s, want %s", tc.name, tc.typ, show(a, err), tc.want)
		}
	}
}

func TestFault_022_TTL(t *testing.T) {
	for _, tc := range []struct {
		ttl  uint32
		want time.Duration
	}{
		{0, 0}, {1<<31 - 1, (1<<31 - 1) * time.Second}, {1 << 31, 0}, {0xFFFFFFFF, 0},
	} {
		srv := dnstest.New(t, zone)
		srv.Fault("", "", dnstest.Fault{Records: fmt.Sprintf("example.com. %d A 192.0.2.1", tc.ttl)})
		a, err := ask(client(t, dnsrec.Options{}, srv.Addr), "example.com", "A")
		if err != nil || a.TTL != tc.want {
			t.Errorf("TTL %d: %v, %v", tc.ttl, a.TTL, err)
		}
	}
	srv := dnstest.New(t, "example.com. 315360000 SOA ns. root. 1 2 3 4 315360000")
	a, err := ask(client(t, dnsrec.Options{}, srv.Addr), "none.example.com", "A")
	if err != nil || a.TTL != 315360000*time.Second {
		t.Errorf("negative TTL of ten years: %v, %v", a.TTL, err)
	}
}

func TestFault_023_LargeTXT(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "many.example.com. TXT \"%03d%s\"\n", i, strings.Repeat("x", 250))
	}
	b.WriteString("one.example.com. TXT")
	for range 250 {
		b.WriteString(` "` + strings.Repeat("y", 250) + `"`)
	}
	c := client(t, dnsrec.Options{Timeout: 3 * time.Second}, dnstest.New(t, b.String()).Addr)
	a, err := ask(c, "many.example.com", "TXT")
	if err != nil || len(a.Values) != 200 || !strings.HasPrefix(a.Values[199], "199x") {
		t.Errorf("64 KiB of records: %d values, %v", len(a.Values), err)
	}
	a, err = ask(c, "one.example.com", "TXT")
	if err != nil || len(a.Values) != 1 || len(a.Values[0]) != 250*250 || len(a.Strings[0]) != 250 {
		t.Errorf("one record of 250 strings: %v, %v", len(a.Values), err)
	}
}

func TestFault_024_ManyTXT(t *testing.T) {
	var b strings.Builder
	for i := range 499 {
		fmt.Fprintf(&b, "example.com. TXT \"verification=%d\"\n", i)
	}
	b.WriteString(`example.com. TXT "v=spf1 -all"`)
	c := client(t, dnsrec.Options{Timeout: 3 * time.Second}, dnstest.New(t, b.String()).Addr)
	a, err := ask(c, "example.com", "TXT")
	if err != nil || len(a.Values) != 500 || !slices.Contains(a.Values, "v=spf1 -all") {
		t.Errorf("%d values, %v", len(a.Values), err)
	}
}

func TestFault_025_ManyMX(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "example.com. MX 10 mx%d.example.com.\n", i)
	}
	for i := range 1000 {
		fmt.Fprintf(&b, "mx0.example.com. A 192.0.%d.%d\n", i/256, i%256)
	}
	c := client(t, dnsrec.Options{Timeout: 3 * time.Second}, dnstest.New(t, b.String()).Addr)
	if a, err := ask(c, "example.com", "MX"); err != nil || len(a.Values) != 2000 {
		t.Errorf("%d MX, %v", len(a.Values), err)
	}
	if a, err := ask(c, "mx0.example.com", "A"); err != nil || len(a.Values) != 1000 {
		t.Errorf("%d addresses, %v", len(a.Values), err)
	}
}

func TestFault_026_Redirection(t *testing.T) {
	honest := client(t, dnsrec.Options{}, dnstest.New(t, zone).Addr)
	if to, err := dnsrec.Redirected(t.Context(), honest, "seed"); err != nil || to != nil {
		t.Errorf("honest resolver: %v, %v", to, err)
	}
	srv := dnstest.New(t, "*. A 192.0.2.66")
	to, err := dnsrec.Redirected(t.Context(), client(t, dnsrec.Options{}, srv.Addr), "seed")
	if err != nil || !slices.Equal(to, []string{"192.0.2.66"}) {
		t.Errorf("redirecting resolver: %v, %v", to, err)
	}
	srv.Fault("", "", dnstest.Fault{Drop: true})
	to, err = dnsrec.Redirected(t.Context(), client(t, dnsrec.Options{Timeout: 20 * time.Millisecond}, srv.Addr), "seed")
	if err == nil || to != nil {
		t.Errorf("silent resolver: %v, %v", to, err)
	}
}

func TestFault_041_OddNames(t *testing.T) {
	srv := dnstest.New(t, `
		$ORIGIN example.com.
		@ MX 1 a\.b.example.com.
		@ MX 2 nul\000.example.com.
		@ MX 3 blank\032here.example.com.
		@ MX 4 x\255y.example.com.
		@ MX 5 _under.example.com.
		@ MX 6 -dash.example.com.
		@ MX 7 \(\;\".example.com.
		a\.b TXT "found"
	`)
	c := client(t, dnsrec.Options{}, srv.Addr)
	a, err := ask(c, "example.com", "MX")
	want := []string{`1 a\.b.example.com`, `2 nul\000.example.com`, `3 blank\032here.example.com`,
		`4 x\255y.example.com`, `5 _under.example.com`, `6 -dash.example.com`, `7 \(\;\".example.com`}
	if err != nil || !slices.Equal(a.Values, want) {
		t.Errorf("%q, %v", a.Values, err)
	}
	if a, err := ask(c, `a\.b.example.com`, "TXT"); show(a, err) != "NOERROR|found" {
		t.Errorf("escaped name asked: %s", show(a, err))
	}
}

func TestFault_033_TXTStrings(t *testing.T) {
	srv := dnstest.New(t, `
		$ORIGIN example.com.
		empty  TXT ""
		two    TXT "" ""
		mixed  TXT "" "a" "" "b"
		cut    TXT "v=spf1 include:spf.protec" "tion.outlook.com -all"
		joint  TXT "v=spf1 a" "mx -all"
		bytes  TXT "\000\255\\\""
		blank  TXT " a " " b "
		full   TXT "`+strings.Repeat("x", 255)+`" "`+strings.Repeat("y", 255)+`" "z"
	`)
	c := client(t, dnsrec.Options{}, srv.Addr)
	for _, tc := range []struct {
		name, want string
		lengths    []int
	}{
		{"empty", "", []int{0}},
		{"two", "", []int{0, 0}},
		{"mixed", "ab", []int{0, 1, 0, 1}},
		{"cut", "v=spf1 include:spf.protection.outlook.com -all", []int{25, 21}},
		{"joint", "v=spf1 amx -all", []int{8, 7}},
		{"bytes", "\x00\xff\\\"", []int{4}},
		{"blank", " a  b ", []int{3, 3}},
		{"full", strings.Repeat("x", 255) + strings.Repeat("y", 255) + "z", []int{255, 255, 1}},
	} {
		a, err := ask(c, tc.name+".example.com", "TXT")
		if err != nil || !slices.Equal(a.Values, []string{tc.want}) || !slices.Equal(a.Strings[0], tc.lengths) {
			t.Errorf("%s: %q %v, %v", tc.name, a.Values, a.Strings, err)
		}
	}
}

func TestUnaskable(t *testing.T) {
	srv := dnstest.New(t, zone)
	c := client(t, dnsrec.Options{}, srv.Addr)
	for _, name := range []string{
		"", "a..b", ".a", strings.Repeat("x", 64) + ".test", strings.Repeat("abc.", 70) + "test", `a\`, `a\25`, `a\999`,
	} {
		if _, err := ask(c, name, "A"); dnsrec.KindOf(err) != dnsrec.KindName {
			t.Errorf("%q: %v", name, err)
		}
	}
	if n := len(srv.Queries()); n != 0 {
		t.Errorf("%d queries were sent", n)
	}
	if _, err := ask(client(t, dnsrec.Options{}), "example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindNetwork {
		t.Errorf("no server: %v", err)
	}
}

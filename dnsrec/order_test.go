package dnsrec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// An answer is the same in whatever order a server sends its records, those of MX by
// preference; each text keeps its strings.
func TestAnswersHaveOneOrder(t *testing.T) {
	t.Parallel()
	records := []string{
		"a.test. MX 10 z.test.", "a.test. MX 10 b.test.", "a.test. MX 9 y.test.", "a.test. MX 100 a.test.", "a.test. MX 65535 a.test.",
		"a.test. TXT \"one\" \"two\"", "a.test. TXT \"a\"", "a.test. TXT \"v=spf1 -all\"", "a.test. TXT \"o\" \"n\" \"e\"",
		"a.test. A 192.0.2.10", "a.test. A 192.0.2.9", "_x._tcp.a.test. SRV 1 2 3 b.test.", "_x._tcp.a.test. SRV 1 2 30 a.test.",
	}
	var want string
	for round := range 20 {
		r := rand.New(rand.NewPCG(22, uint64(round)))
		r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		c := client(t, dnsrec.Options{Timeout: 3 * time.Second}, dnstest.New(t, strings.Join(records, "\n")+"\n").Addr)
		var got strings.Builder
		for _, q := range []dnsrec.Query{{Name: "a.test", Type: "MX"}, {Name: "a.test", Type: "TXT"}, {Name: "a.test", Type: "A"}, {Name: "_x._tcp.a.test", Type: "SRV"}} {
			a, err := c.Lookup(t.Context(), q)
			fmt.Fprintf(&got, "%q %v %v\n", a.Values, a.Strings, err)
			for i, v := range a.Values {
				if q.Type == dnsrec.TypeTXT && sum(a.Strings[i]) != len(v) {
					t.Errorf("%q has strings of %v", v, a.Strings[i])
				}
			}
			if q.Type == dnsrec.TypeMX && !slices.Equal(a.Values, []string{"9 y.test", "10 b.test", "10 z.test", "100 a.test", "65535 a.test"}) {
				t.Errorf("MX: %q", a.Values)
			}
		}
		if want == "" {
			want = got.String()
		}
		if got.String() != want {
			t.Fatalf("got\n%swant\n%s", got.String(), want)
		}
	}
}

func sum(list []int) (n int) {
	for _, v := range list {
		n += v
	}
	return n
}

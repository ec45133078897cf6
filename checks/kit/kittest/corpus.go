package kittest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

// Corpus returns the path of a file of the real data, or skips the test where
// there is none.
func Corpus(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set: no real data here")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Gunzip reads the lines of a compressed file.
func Gunzip(t *testing.T, path string) *bufio.Scanner {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 64<<20)
	return sc
}

// Body is one real domain as it was recorded.
type Body struct {
	Domain       string
	MX           []string
	SPF          string
	Chain        []string `json:"spf_chain"`
	Autodiscover map[string]string
	DKIM         map[string]string
	Verify       map[string]string `json:"txt_verifications"`
}

// QuoteTXT writes a TXT record as the quoted strings of a zone file.
func QuoteTXT(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		n := min(len(s), 250)
		b.WriteString(`"`)
		for _, c := range []byte(s[:n]) {
			switch {
			case c == '"' || c == '\\':
				b.WriteString(`\` + string(rune(c)))
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, `\%03d`, c)
			default:
				b.WriteByte(c)
			}
		}
		b.WriteString(`" `)
		s = s[n:]
	}
	return b.String()
}

// Zone writes the records of one domain as zone-file text.
func (d *Body) Zone(b *strings.Builder) {
	fmt.Fprintf(b, "%s. A 192.0.2.1\n", d.Domain)
	for i, mx := range d.MX {
		host := strings.TrimSuffix(mx, ".") + "."
		fmt.Fprintf(b, "%s. MX %d %s\n", d.Domain, 10*i, host)
		if host != "." && kit.ValidHost(strings.ToLower(strings.TrimSuffix(host, "."))) {
			fmt.Fprintf(b, "%s A 192.0.2.2\n", host)
		}
	}
	if d.SPF != "" {
		fmt.Fprintf(b, "%s. TXT %s\n", d.Domain, QuoteTXT(d.SPF))
	}
	if ms := d.Verify["microsoft"]; ms != "" {
		fmt.Fprintf(b, "%s. TXT \"MS=%s\"\n", d.Domain, ms)
	}
	for _, sel := range slices.Sorted(maps.Keys(d.DKIM)) {
		fmt.Fprintf(b, "%s._domainkey.%s. CNAME %s.\n", sel, d.Domain, strings.TrimSuffix(d.DKIM[sel], "."))
	}
	if target := d.Autodiscover["autodiscover_cname"]; target != "" {
		fmt.Fprintf(b, "autodiscover.%s. CNAME %s.\n", d.Domain, strings.TrimSuffix(target, "."))
	}
}

// ReadBodies reads the real domains of public bodies.
func ReadBodies(t *testing.T) (bodies []Body) {
	sc := Gunzip(t, Corpus(t, "dns/public-bodies.jsonl.gz"))
	for sc.Scan() {
		var d Body
		if err := json.Unmarshal(sc.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		ascii, _, err := dnsrec.ParseDomain(d.Domain)
		if err != nil {
			t.Errorf("%s: %v", d.Domain, err)
			continue
		}
		d.Domain = ascii
		bodies = append(bodies, d)
	}
	return bodies
}

// IncludeZone writes the records of all real include targets as zone-file text.
func IncludeZone(t *testing.T, b *strings.Builder) {
	sc := Gunzip(t, Corpus(t, "dns/spf-include-targets.json.gz"))
	var all []byte
	for sc.Scan() {
		all = append(all, sc.Bytes()...)
	}
	targets := map[string]string{}
	if err := json.Unmarshal(all, &targets); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		if !strings.ContainsAny(name, `%{}/;()"\ @`) && !strings.Contains(name, "..") {
			fmt.Fprintf(b, "%s. TXT %s\n", name, QuoteTXT(targets[name]))
		}
	}
}

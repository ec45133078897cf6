package spf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"maildiag/dnsrec"
)

const suiteFile = "../../testdata/conformance/rfc7208-tests.yml"

// suiteCases is the number of cases in the suite; a fall would mean that some
// are not read.
const suiteCases = 203

// scenario is one document of the suite: cases and the zone they run in.
type scenario struct {
	Description string
	Tests       map[string]suiteCase
	Zonedata    map[string][]yaml.Node
}

type suiteCase struct {
	Helo, Host, Mailfrom string
	Result               yaml.Node
	Explanation          string
}

func readSuite(t testing.TB) []scenario {
	raw, err := os.ReadFile(suiteFile)
	if err != nil {
		t.Fatal(err)
	}
	var all []scenario
	for d := yaml.NewDecoder(bytes.NewReader(raw)); ; {
		var s scenario
		if err := d.Decode(&s); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if len(s.Tests) > 0 {
			all = append(all, s)
		}
	}
}

// TestFault_043_Suite runs the openspf suite for RFC 7208 and counts its cases.
func TestFault_043_Suite(t *testing.T) {
	passed := 0
	for _, s := range readSuite(t) {
		zone := s.zone(t)
		for name, c := range s.Tests {
			t.Run(s.Description+"/"+name, func(t *testing.T) {
				if c.run(t, zone) {
					passed++
				}
			})
		}
	}
	fmt.Printf("openspf RFC 7208 suite: %d of %d cases pass\n", passed, suiteCases)
	if passed != suiteCases {
		t.Errorf("%d cases passed, want %d", passed, suiteCases)
	}
}

func (c suiteCase) run(t *testing.T, zone dnsrec.Resolver) bool {
	checker := Checker{Resolver: zone}
	got := checker.Check(context.Background(), netip.MustParseAddr(c.Host), c.Helo, c.Mailfrom)
	var want []string
	if c.Result.Decode(&want) != nil {
		want = []string{c.Result.Value}
	}
	ok := true
	if !slices.Contains(want, string(got.Result)) {
		t.Errorf("result %s, want %v (%s)", got.Result, want, got.Problem)
		ok = false
	}
	if c.Explanation != "" {
		want := c.Explanation
		if want == "DEFAULT" {
			want = ""
		}
		if got.Explanation != want {
			t.Errorf("explanation %q, want %q", got.Explanation, want)
			ok = false
		}
	}
	return ok
}

// zone makes a resolver of the zone data: SPF entries count as TXT unless the
// name has TXT, and TIMEOUT is no answer to anything else.
func (s scenario) zone(t *testing.T) *fakeDNS {
	f := newFake()
	for name, entries := range s.Zonedata {
		var spf, txt []string
		hasTXT := false
		for _, node := range entries {
			if node.Kind == yaml.ScalarNode {
				f.timeout(name)
				continue
			}
			kind, value := node.Content[0].Value, node.Content[1]
			switch kind {
			case "SPF":
				spf = append(spf, joined(value))
			case "TXT":
				hasTXT = true
				if value.Value != "NONE" {
					txt = append(txt, joined(value))
				}
			case "MX":
				f.add(name, dnsrec.TypeMX, value.Content[0].Value+" "+dotted1(value.Content[1].Value))
			case "CNAME":
				f.cname(name, value.Value)
			default:
				f.add(name, dnsrec.Type(kind), value.Value)
			}
		}
		if !hasTXT {
			txt = spf
		}
		for _, v := range txt {
			f.add(name, dnsrec.TypeTXT, v)
		}
		f.exists(name)
	}
	return f
}

// dotted1 returns the canonical form of an MX host, "." for the null MX.
func dotted1(host string) string {
	if host == "" {
		return "."
	}
	return dnsrec.Canonical(host)
}

// joined returns the bytes of one or several strings; the suite writes bytes as
// characters below U+0100.
func joined(n *yaml.Node) string {
	var parts []string
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			parts = append(parts, c.Value)
		}
	} else {
		parts = []string{n.Value}
	}
	var b strings.Builder
	for _, r := range strings.Join(parts, "") {
		b.WriteByte(byte(r))
	}
	return b.String()
}

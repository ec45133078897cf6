package spf

import (
	"context"
	"net/netip"
	"testing"
)

func TestCompare(t *testing.T) {
	zone := fakeZone("a.test TXT v=spf1 ip4:192.0.2.0/24 include:b.test -all\nb.test TXT v=spf1 ip4:198.51.100.7 -all")
	load := func(text string) *Tree {
		return Load(context.Background(), Overlay{Resolver: zone, Name: "a.test", Text: text}, "a.test")
	}
	before := Load(context.Background(), zone, "a.test")
	for text, want := range map[string][2]int{
		"v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.7 ~all":            {0, 0},
		"v=spf1 ip4:192.0.2.0/24 ~all":                             {1, 0},
		"v=spf1 include:b.test -all":                               {2, 0},
		"v=spf1 ip4:192.0.2.0/24 mx:x -all":                        {3, 0},
		"v=spf1 ip4:192.0.2.0/24 include:b.test ip4:10.1.1.1 ~all": {0, 1},
	} {
		lost, gained := Compare(before, load(text))
		if len(lost) != want[0] || len(gained) != want[1] {
			t.Errorf("%q: lost %v, gained %v; want %v", text, lost, gained, want)
		}
	}
}

func TestKnownNetwork(t *testing.T) {
	for text, want := range map[string]bool{
		"40.92.0.0/15": true, "52.100.0.0/15": true, "52.101.3.0/24": true, "2a01:111:f403:8000::/51": true,
		"40.0.0.0/8": false, "192.0.2.0/24": false, "0.0.0.0/0": false,
	} {
		if got := KnownNetwork(netip.MustParsePrefix(text)); got != want {
			t.Errorf("KnownNetwork(%s) = %v", text, got)
		}
	}
}

// Terms that list no hosts count, and so does what receivers no longer come to.
func TestCompareUnlisted(t *testing.T) {
	zone := fakeZone("b.test TXT v=spf1 ip4:198.51.100.7 -all\nhere.x.test A 127.0.0.2")
	load := func(text string) *Tree {
		return Load(context.Background(), Overlay{Resolver: zone, Name: "a.test", Text: text}, "a.test")
	}
	for _, c := range []struct {
		before, after string
		lost          int
	}{
		{"v=spf1 ptr -all", "v=spf1 -all", 1},
		{"v=spf1 ptr -all", "v=spf1 PTR ~all", 0},
		{"v=spf1 -ptr -all", "v=spf1 -all", 0},
		{"v=spf1 ptr:x.test -all", "v=spf1 ptr -all", 1},
		{"v=spf1 exists:%{i}.x.test -all", "v=spf1 -all", 1},
		{"v=spf1 exists:gone.test -all", "v=spf1 -all", 0},
		{"v=spf1 include:%{d}.x.test -all", "v=spf1 redirect=%{d}.x.test", 0},
		{"v=spf1 +all", "v=spf1 ~all", 1},
		{"v=spf1 +all", "v=spf1 ip4:0.0.0.0/0 ip6:::/0 -all", 0},
		{"v=spf1 ip4:192.0.2.1 include:gone.test ptr -all", "v=spf1 -all", 1},                                    // ptr was not reached
		{"v=spf1 ip4:192.0.2.1 ptr -all", "v=spf1 include:gone.test ptr -all", 2},                                // nothing is reached any more
		{"v=spf1 ip4:192.0.2.1 foo:bar -all", "v=spf1 -all", 0},                                                  // receivers read none of it
		{"v=spf1 include:b.test ptr -all", "v=spf1 a:1.x.test a:2.x.test a:3.x.test include:b.test ptr -all", 2}, // voids
	} {
		if lost, _ := Compare(load(c.before), load(c.after)); len(lost) != c.lost {
			t.Errorf("%q → %q: lost %v, want %d", c.before, c.after, lost, c.lost)
		}
	}
}

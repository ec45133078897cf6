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

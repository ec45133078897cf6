package spf

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec"
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

// What an include takes from others when it moves to the front, is what passes today,
// in no other way, and comes after the tenth lookup then.
func TestCutOff(t *testing.T) {
	zone := fakeZone("m.test TXT v=spf1 ip4:203.0.113.0/24 -all\nl.test TXT v=spf1 ip4:198.51.100.7 -all\nsame.test TXT v=spf1 ip4:203.0.113.9 -all\n" +
		"private.test TXT v=spf1 ip4:10.0.0.1 -all\ngone.test TXT v=spf1 -all\nx.test A 192.0.2.1")
	nine := strings.Repeat("a:x.test ", 9)
	for _, c := range []struct {
		record string
		gone   int // leading terms that go
		want   string
	}{
		{nine + "include:l.test include:m.test -all", 0, "ip4:198.51.100.7"},
		{nine + "include:same.test include:m.test -all", 0, ""},
		{nine + "include:private.test include:m.test -all", 0, ""},
		{nine + "-include:l.test include:m.test -all", 0, ""},
		{nine + "include:l.test include:m.test -all", 1, ""},
		{nine + "ip4:198.51.100.0/24 include:l.test include:m.test -all", 0, ""},
		{nine + "a:x.test include:l.test include:m.test -all", 0, ""}, // it passes no mail today
		{nine + "include:none.test include:l.test include:m.test -all", 0, ""},
		{nine + "exists:%{i}.x.test include:m.test -all", 0, "exists:%{i}.x.test"},
		{"exists:%{i}.x.test " + nine + "exists:%{i}.x.test include:m.test -all", 0, ""},
		{"foo:bar " + nine + "include:l.test include:m.test -all", 0, ""},
	} {
		tree := Load(context.Background(), Overlay{Resolver: zone, Name: "a.test", Text: "v=spf1 " + c.record}, "a.test")
		branches := tree.Root.Branches
		first := branches[slices.IndexFunc(branches, func(b *Branch) bool { return b.Target == "m.test" })]
		var got []string
		for _, b := range tree.CutOff(first, branches[:c.gone]...) {
			got = append(got, b.Text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q, want %q", c.record, got, c.want)
		}
	}
}

// Thousands of networks cost no more than the lengths of their prefixes, each.
func TestManyNetworks(t *testing.T) {
	zone, record := fakeZone("m.test TXT v=spf1 ip4:203.0.113.0/24 -all"), "v=spf1"
	for i := range 10 {
		text := "v=spf1"
		for n := range 1200 {
			text += fmt.Sprintf(" ip4:%d.%d.%d.0/%d", 11+i, n>>8, n&255, 25+n%8)
		}
		zone.add(fmt.Sprintf("i%d.test", i), dnsrec.TypeTXT, text)
		record += fmt.Sprintf(" include:i%d.test", i)
	}
	tree := Load(context.Background(), Overlay{Resolver: zone, Name: "a.test", Text: record + " include:m.test -all"}, "a.test")
	if cut := tree.CutOff(tree.Root.Branches[10]); len(cut) != 1200 {
		t.Errorf("%d terms are cut off, want those of the last include", len(cut))
	}
	if lost, gained := Compare(tree, tree); len(lost)+len(gained) > 0 {
		t.Errorf("a tree and itself differ: %v %v", lost, gained)
	}
	list, _ := tree.Networks()
	if x := newNetIndex(list, func(Network) bool { return true }); len(x.lengths) != 9 {
		t.Errorf("%d lengths for %d networks", len(x.lengths), len(list))
	}
}

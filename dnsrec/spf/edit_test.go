package spf

import (
	"errors"
	"strings"
	"testing"
)

func TestApply(t *testing.T) {
	for _, tt := range []struct {
		in    string
		edits []Edit
		want  string
	}{
		{"v=spf1 MX  -ALL", []Edit{AddTerm("include:y.test")}, "v=spf1 MX include:y.test -ALL"},
		{"v=spf1 a redirect=x.test", []Edit{AddTerm("mx")}, "v=spf1 a mx redirect=x.test"},
		{"v=spf1 a redirect=x.test", []Edit{SetAll('~')}, "v=spf1 a include:x.test ~all"},
		{"v=spf1 exp=e.test a -all", []Edit{AddTerm("mx"), SetAll('~')}, "v=spf1 exp=e.test a mx ~all"},
		{"v=spf1 -all include:x.test", []Edit{AddTerm("include:x.test")}, "v=spf1 include:x.test -all"},
		{"v=spf1 a -all", []Edit{AddTerm("a")}, "v=spf1 a -all"},
		{"v=spf1 ?a -all", []Edit{AddTerm("a")}, "v=spf1 a -all"},
		{"v=spf1 a mx -all", []Edit{ReplaceTerm("A", "ip4:192.0.2.1 mx")}, "v=spf1 ip4:192.0.2.1 mx -all"},
		{"v=spf1 exists:%{i}.x.test -all", []Edit{RemoveTerm("mx")}, "v=spf1 exists:%{i}.x.test -all"},
		{"v=spf1 a -allv=spf1 include:x.test ~all", RepairSyntax(), "v=spf1 a include:x.test ~all"},
		{"v=spf1 a -all v=sp f1 include:x.test ~all", RepairSyntax(), "v=spf1 a include:x.test ~all"},
		{"v=spf1 av=spf1 mx -all", RepairSyntax(), "v=spf1 a mx -all"},
		{"v=spf1 a -all", []Edit{MergeRecord("v=spf1 a include:x.test ~all")}, "v=spf1 a include:x.test ~all"},
		{"", []Edit{AddTerm("mx")}, "v=spf1 mx ~all"},
		{"", []Edit{WholeRecord("v=spf1 -all")}, "v=spf1 -all"},
		{"v=spf1 ip:192.0.2.1 -al", append(RepairSyntax(), AddTerm("mx")), "v=spf1 ip4:192.0.2.1 mx -all"},
	} {
		got, err := Apply(tt.in, tt.edits...)
		if err != nil || got != tt.want {
			t.Errorf("%q with %v = %q, %v; want %q", tt.in, tt.edits, got, err, tt.want)
		}
		if again, err := Apply(got, tt.edits...); err != nil || again != got {
			t.Errorf("again: %q with %v = %q, %v", got, tt.edits, again, err)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	for _, tt := range []struct {
		edits []Edit
		want  error
	}{
		{[]Edit{RemoveTerm("a"), ReplaceTerm("a", "mx")}, ErrConflict},
		{[]Edit{RemoveTerm("a"), AddTerm("+A")}, ErrConflict},
		{[]Edit{SetAll('-'), SetAll('~')}, ErrConflict},
		{[]Edit{WholeRecord("v=spf1 -all"), AddTerm("mx")}, ErrConflict},
		{[]Edit{RemoveTerm("a")}, ErrEmpty},
		{[]Edit{AddTerm("moo")}, ErrTerm},
		{[]Edit{ReplaceTerm("a", "")}, ErrTerm},
	} {
		if got, err := Apply("v=spf1 a", tt.edits...); !errors.Is(err, tt.want) {
			t.Errorf("%v = %q, %v; want %v", tt.edits, got, err, tt.want)
		}
	}
}

// A repair keeps private networks: a server inside the network may check the record,
// so whether they go is a decision of its own.
func TestRepairsKeepPrivateNetworks(t *testing.T) {
	for _, network := range []string{"ip4:10.0.0.0/8", "ip4:192.168.1.7", "ip4:127.0.0.1", "ip6:fd00::/8", "ip4:100.64.0.0/10"} {
		for _, form := range []string{
			"v=spf1 a NET -al", "v=spf1 ip4:192.0.2.1 v=spf1 NET mx -all", "v=spf1 NET v=spf1 mx ~all", "v=spf1 -all NET mx", "v=spf1 include=x.test NET -all", "v=spf1 NET ipv4:192.0.2.1 ~all",
		} {
			text := strings.Replace(form, "NET", network, 1)
			after, err := Apply(text, RepairSyntax()...)
			if err != nil || !strings.Contains(after, network) {
				t.Errorf("%q became %q, %v", text, after, err)
			}
			if joined, err := Apply("v=spf1 a -all", MergeRecord(text)); err == nil && !strings.Contains(joined, network) {
				t.Errorf("%q joins %q", joined, text)
			}
		}
	}
}

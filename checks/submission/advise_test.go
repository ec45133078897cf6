package submission

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// works lists the ways that work, in order.
func works(s Setting) (ids []string) {
	for _, a := range Advise(s) {
		if a.Why == "" {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// Each leaf of the table: a setting in which the way works, and for each reason
// against it one in which that reason alone stops it.
func TestEveryWay(t *testing.T) {
	best := Setting{OAuth: true, API: true, StaticIP: true, IP: netip.MustParseAddr("203.0.113.7")}
	worse := map[string]func(s *Setting){
		"no sign-in":    func(s *Setting) { s.NoSignIn = true },
		"no OAuth":      func(s *Setting) { s.OAuth = false },
		"old TLS":       func(s *Setting) { s.OldTLS = true },
		"old TLS, GCC":  func(s *Setting) { s.OldTLS, s.Government = true, true },
		"bulk":          func(s *Setting) { s.Bulk = true },
		"external":      func(s *Setting) { s.External = true },
		"no fixed IP":   func(s *Setting) { s.StaticIP, s.IP = false, netip.Addr{} },
		"private IP":    func(s *Setting) { s.IP = netip.MustParseAddr("192.168.1.50") },
		"shared IP":     func(s *Setting) { s.IP = netip.MustParseAddr("100.64.0.9") },
		"IPv6":          func(s *Setting) { s.IP = netip.MustParseAddr("2a01:111:f400::1") },
		"fixed program": func(s *Setting) { s.API = false },
	}
	stopped := map[string][]string{
		"no sign-in": {"oauth", "password", "hve", "azure"}, "no OAuth": {"oauth"}, "old TLS": {"oauth", "hve", "azure"},
		"old TLS, GCC": {"oauth", "password", "hve", "azure"}, "bulk": {"oauth", "password", "graph"}, "external": {"direct", "hve"},
		"no fixed IP": {"connector"}, "private IP": {"connector"}, "shared IP": {"connector"}, "IPv6": {"connector"}, "fixed program": {"graph"},
	}
	var all []string
	for _, w := range ways {
		all = append(all, w.ID)
	}
	if got := works(best); !slices.Equal(got, all) {
		t.Fatalf("the best setting: %v", got)
	}
	reasons := map[string]bool{}
	for name, change := range worse {
		s := best
		change(&s)
		want := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return slices.Contains(stopped[name], id) })
		if got := works(s); !slices.Equal(got, want) {
			t.Errorf("%s: %v work, want %v", name, got, want)
		}
		for _, a := range Advise(s) {
			reasons[a.ID+a.Why] = true
		}
	}
	for _, w := range ways {
		if len(w.Type) == 0 || w.December == "" || w.Title == "" {
			t.Errorf("%s is not complete", w.ID)
		}
		for _, c := range w.stops {
			if !reasons[w.ID+c.text] {
				t.Errorf("%s: no setting is stopped by %q", w.ID, c.text)
			}
		}
	}
}

// An address that only examples use is shown as one where it is to be entered, and
// no other address is.
func TestAddressOfExamples(t *testing.T) {
	for ip, want := range map[string][]string{"203.0.113.7": {"connector", "direct"}, "::ffff:192.0.2.1": {"connector", "direct"},
		"2001:db8::1": {"direct"}, "8.8.8.8": nil, "2a01:111:f400::1": nil} {
		var got []string
		for _, a := range Advise(Setting{StaticIP: true, IP: netip.MustParseAddr(ip)}) {
			if slices.Contains(a.Risks, anExample) {
				got = append(got, a.ID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", ip, got, want)
		}
	}
}

// What is printed fits the setting: an address that is nobody's own never gets into
// an SPF record, and an old device is never sent to the host that rejects it.
func TestAdviceFitsTheSetting(t *testing.T) {
	for ip, want := range map[string]string{"203.0.113.7": "add ip4:203.0.113.7", "2001:db8::7": "add ip6:2001:db8::7", "::ffff:203.0.113.7": "add ip4:203.0.113.7",
		"10.0.0.7": "", "100.64.0.1": "", "fe80::1": "", "127.0.0.1": ""} {
		text := ""
		for _, a := range Advise(Setting{StaticIP: true, IP: netip.MustParseAddr(ip)}) {
			if a.ID == "direct" {
				text = strings.Join(a.Type, "\n")
			}
		}
		if strings.Contains(text, "add ip") != (want != "") || !strings.Contains(text, want) {
			t.Errorf("%s: %s", ip, text)
		}
	}
	for _, a := range Advise(Setting{OldTLS: true}) {
		if a.Why == "" && strings.Contains(strings.Join(a.Type, "\n"), "smtp.office365.com") {
			t.Errorf("%s: %v", a.ID, a.Type)
		}
	}
}

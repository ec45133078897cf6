package spf

import (
	"net/netip"
	"strings"
	"testing"
)

// An outcome says whether it holds for the local part of its sender only: not where
// a term before decides, nor where only an explanation asks for it.
func TestLocalPart(t *testing.T) {
	for record, want := range map[string]bool{
		"v=spf1 exists:%{l}.x.example.com -all": true, "v=spf1 exists:%{L}.x.example.com -all": true, "v=spf1 exists:%{s}.x.example.com -all": true,
		"v=spf1 include:%{l2r-}.x.example.com -all": true, "v=spf1 redirect=%{l}.x.example.com": true, "v=spf1 include:_b.example.com -all": true,
		"v=spf1 ip4:192.0.2.1 exists:%{l}.x.example.com -all": false, "v=spf1 exists:%{i}.%{o}.%{d}.x.example.com -all": false,
		"v=spf1 -all exp=%{d}._why.example.com": false, "v=spf1 -all": false,
	} {
		dns := fakeZone("example.com TXT " + record + "\n_b.example.com TXT v=spf1 exists:%{l}.y.example.com -all\nexample.com._why.example.com TXT %{s} may not send")
		out := (&Checker{Resolver: dns}).Check(t.Context(), netip.MustParseAddr("192.0.2.1"), "", "alice@example.com")
		if out.LocalPart != want {
			t.Errorf("%s: %v", record, out.LocalPart)
		}
		dns = fakeZone("example.com TXT " + strings.NewReplacer("{l", "{h", "{L", "{H", "{s", "{h").Replace(record) +
			"\n_b.example.com TXT v=spf1 exists:%{h}.y.example.com -all")
		if out := (&Checker{Resolver: dns}).Check(t.Context(), netip.MustParseAddr("192.0.2.1"), "mail.example.com", "alice@example.com"); out.Helo != want || out.LocalPart {
			t.Errorf("%s for the HELO name: %v", record, out.Helo)
		}
	}
}

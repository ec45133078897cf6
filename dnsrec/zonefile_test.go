package dnsrec

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// elsewhere is a live DNS that knows everything, so that what comes from it shows.
type elsewhere struct{}

func (elsewhere) Lookup(_ context.Context, q Query) (Answer, error) {
	return Answer{Query: q, Rcode: "NOERROR", Values: []string{"live"}}, nil
}

const exported = `$ORIGIN contoso.com.
$TTL 300
@	IN SOA ns1 hostmaster 1 7200 900 1209600 3600
@	IN NS ns1.dns.example.
@	IN MX 0 contoso-com.mail.protection.outlook.com.
@	IN TXT ( "v=spf1 include:spf.protection.outlook.com"
         " -all" )
autodiscover 600 IN CNAME autodiscover.outlook.com.
*.web	IN A 192.0.2.1
a.b	IN A 192.0.2.2
lab	IN NS ns1.lab.example.
`

func TestZoneFile(t *testing.T) {
	z, err := ReadZone(strings.NewReader(exported), "")
	if err != nil || z.Apex != "contoso.com" {
		t.Fatalf("%+v %v", z, err)
	}
	r := z.Over(elsewhere{})
	for _, c := range []struct {
		name   string
		typ    Type
		values string
		nx     bool
	}{
		{"contoso.com", TypeMX, "0 contoso-com.mail.protection.outlook.com", false},
		{"contoso.com", TypeTXT, "v=spf1 include:spf.protection.outlook.com -all", false},
		{"contoso.com", TypeAAAA, "", false},
		{"_dmarc.contoso.com", TypeTXT, "", true},
		{"autodiscover.contoso.com", TypeA, "live", false}, // the target is outside
		{"x.web.contoso.com", TypeA, "192.0.2.1", false},
		{"b.contoso.com", TypeA, "", false}, // an empty non-terminal
		{"mail.lab.contoso.com", TypeA, "live", false},
		{"spf.protection.outlook.com", TypeTXT, "live", false},
	} {
		a, err := r.Lookup(t.Context(), Q(c.name, c.typ))
		if got := strings.Join(a.Values, "|"); err != nil || got != c.values || a.NXDomain() != c.nx {
			t.Errorf("%s %s: %q %s %v", c.name, c.typ, got, a.Rcode, err)
		}
	}
}

// A part of a zone is laid over the published one.
func TestZoneFilePart(t *testing.T) {
	z, err := ReadZone(strings.NewReader("@ MX 0 mx\nselector1._domainkey CNAME t.example.\n"), "contoso.com")
	if err != nil || z.Apex != "" {
		t.Fatalf("%+v %v", z, err)
	}
	for name, want := range map[string][]string{"contoso.com": {"0 mx.contoso.com"}, "other.contoso.com": {"live"}} {
		if a, err := z.Over(elsewhere{}).Lookup(t.Context(), Q(name, TypeMX)); err != nil || !slices.Equal(a.Values, want) {
			t.Errorf("%s: %v %v", name, a.Values, err)
		}
	}
}

func TestZoneFileFaults(t *testing.T) {
	for _, text := range []string{"", "; nothing\n", "contoso.com. MX ten mx\n", "$INCLUDE /etc/passwd\n", "contoso.com. TXT \"open\n"} {
		if z, err := ReadZone(strings.NewReader(text), "contoso.com"); err == nil {
			t.Errorf("%q: read %+v", text, z)
		}
	}
}

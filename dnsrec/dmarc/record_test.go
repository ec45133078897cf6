package dmarc

import (
	"reflect"
	"strings"
	"testing"
)

func TestFault_065_Records(t *testing.T) {
	tests := []struct {
		txt   string
		ours  bool
		kinds string // of all problems; fatal ones in capitals
		want  string // the record that was meant, or the normal form of a good one
	}{
		{"v=DMARC1; p=none", true, "", "v=DMARC1; p=none"},
		{"v=DMARC1;p=reject;sp=quarantine;np=reject;psd=n;t=y;adkim=s;aspf=r;fo=1:d:s;ruf=mailto:f@example.com", true, "",
			"v=DMARC1; p=reject; sp=quarantine; np=reject; psd=n; t=y; adkim=s; aspf=r; ruf=mailto:f@example.com; fo=1:d:s"},
		{"v=DMARC1; rua=mailto:a@example.com", true, "MISSING", ""},
		{"v=DMARC1", true, "MISSING", ""},
		{"v=DMARC1; ruf=mailto:a@example.com; p=none", true, "order", "v=DMARC1; p=none; ruf=mailto:a@example.com"},
		{"v=DMARC1; p=nope", true, "POLICY", ""},
		{"v=DMARC1; p=", true, "POLICY", ""},
		{"v=DMARC1; p=none; sp=strict", true, "POLICY", ""},
		{"v=DMARC1; p=none; np=all", true, "POLICY", ""},
		{"v=DMARC1; p=Reject", true, "case", "v=DMARC1; p=reject"},
		{"v=DMARC1; P=reject", true, "case", "v=DMARC1; p=reject"},
		{"V=DMARC1; p=none", true, "", "v=DMARC1; p=none"},
		{"v = DMARC1 ; p = none ;", true, "", "v=DMARC1; p=none"},
		{"v=dmarc1; p=none", true, "VERSION", "v=DMARC1; p=none"},
		{"v=DMARC2; p=none", true, "VERSION", ""},
		{"v=DMARC1 p=none", true, "VERSION", "v=DMARC1; p=none"},
		{"v=DMARC1 p=none sp=reject rua=mailto:a@example.com", true, "VERSION", "v=DMARC1; p=none; sp=reject; rua=mailto:a@example.com"},
		{"v=DMARC1, p=none", true, "VERSION", "v=DMARC1; p=none"},
		{"v=DMARC1; p=none sp=reject", true, "POLICY", "v=DMARC1; p=none; sp=reject"},
		{" v=DMARC1; p=none", true, "VERSION", "v=DMARC1; p=none"},
		{"\"v=DMARC1; p=none\"", true, "VERSION", "v=DMARC1; p=none"},
		{`v=DMARC1\; p=none\;`, true, "VERSION", "v=DMARC1; p=none"},
		{"\u200bv=DMARC1; p=none", true, "VERSION", "v=DMARC1; p=none"},
		{"v=DMARC1;\u00a0p=none", true, "syntax MISSING", "v=DMARC1; p=none"},
		{"“v=DMARC1; p=none”", true, "VERSION", "v=DMARC1; p=none"},
		{"DMARC1; p=none", true, "VERSION", "v=DMARC1; p=none"},
		{"v:DMARC1; p:none", true, "VERSION", "v=DMARC1; p=none"},
		{"p=none; v=DMARC1", true, "VERSION", ""},
		{"nv=DMARC1; p=reject; pct=100", true, "VERSION", "v=DMARC1; p=reject; pct=100"}, // met in a real zone
		{"see the dmarc1 note", false, "", ""},
		{"v=DMARC1; p=none; p=reject", true, "DUPLICATE", ""},
		{"v=DMARC1; p=none; pct=50; rf=afrf; ri=86400", true, "removed removed removed", "v=DMARC1; p=none; pct=50; rf=afrf; ri=86400"},
		{"v=DMARC1; p=none; pct=101", true, "removed value", ""},
		{"v=DMARC1; p=none; pct=-1", true, "removed value", ""},
		{"v=DMARC1; p=none; adkim=strict; aspf=x; t=yes; psd=maybe", true, "value value value value", "v=DMARC1; p=none"},
		{"v=DMARC1; p=none; fo=1:x; ruf=mailto:a@b.example", true, "value", "v=DMARC1; p=none; ruf=mailto:a@b.example; fo=1"},
		{"v=DMARC1; p=none; fo=1", true, "useless", ""},
		{"v=DMARC1; p=none; xyz=1; foo", true, "unknown-tag syntax", ""},
		{"v=DMARC1; p=none; rua=a@example.com", true, "uri", "v=DMARC1; p=none; rua=mailto:a@example.com"},
		{"v=DMARC1; p=none; rua=mailto:a@example.com; mailto:b@example.com", true, "syntax", "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com"},
		{"v=DMARC1; p=none; rua=mailto:a@example.com mailto:b@example.com", true, "uri", ""},
		{"v=DMARC1; p=none; rua=mailto:a@example.com!10m", true, "size", "v=DMARC1; p=none; rua=mailto:a@example.com!10m"},
		{"v=DMARC1; p=none; rua=mailto:a!b@example.com", true, "uri", ""},
		{"v=DMARC1; p=none; rua=https://example.com/r", true, "scheme", ""},
		{"v=DMARC1; p=none; rua=mailto:@example.com, ,mailto:x", true, "uri uri uri", ""},
		{"v=DMARC1; p=none; rua=", true, "value", ""},
		{"v=spf1 -all", false, "", ""},
		{"v=DKIM1; p=", false, "", ""},
		{"dmarc=pass", false, "", ""},
		{"google-site-verification=x", false, "", ""},
		{"", false, "", ""},
	}
	for _, tt := range tests {
		rec, problems := Examine(tt.txt)
		if ours := rec != nil || len(problems) > 0; ours != tt.ours {
			t.Errorf("%q: ours %v", tt.txt, ours)
			continue
		}
		if got := kinds(problems); got != tt.kinds {
			t.Errorf("%q: problems %q, want %q (%+v)", tt.txt, got, tt.kinds, problems)
		}
		if tt.want != "" && wanted(rec, problems) != tt.want {
			t.Errorf("%q: should be\n%q, want\n%q", tt.txt, wanted(rec, problems), tt.want)
		}
	}
}

// wanted is what the problems say should be published, or the record itself.
func wanted(rec *Record, ps []Problem) string {
	for _, p := range ps {
		if p.Want != "" {
			return p.Want
		}
	}
	if rec == nil {
		return ""
	}
	return rec.String()
}

func kinds(ps []Problem) string {
	var out []string
	for _, p := range ps {
		k := string(p.Kind)
		if p.Fatal {
			k = strings.ToUpper(k)
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

func TestPositions(t *testing.T) {
	for txt, want := range map[string]int{
		"v=DMARC1 p=none":                   8,
		"v=DMARC1; p=nope":                  12,
		"v=DMARC1; p=none; p=none":          18,
		"v=DMARC1;  sp = bad; p=none":       16,
		"v=DMARC1; rua=mailto:a@b.example;": 33,
		"p=none":                            -1,
		"v=dmarc1; p=none":                  2,
	} {
		_, _, err := Parse(txt)
		p, _ := err.(*Problem)
		if want < 0 && p == nil {
			continue
		}
		if p == nil || p.Pos != want {
			t.Errorf("%q: %+v, want position %d", txt, p, want)
		}
	}
}

func TestStanding(t *testing.T) {
	for txt, want := range map[string]Standing{
		"v=DMARC1; p=none":                                     Applied,
		"v=DMARC1; rua=mailto:a@example.com":                   Monitoring,
		"v=DMARC1; p=bad; rua=mailto:a@example.com":            Monitoring,
		"v=DMARC1; p=reject; sp=bad; rua=mailto:a@example.com": Monitoring,
		"v=DMARC1; p=reject; sp=bad":                           Ignored,
		"v=DMARC1; p=reject; np=bad; rua=a@example.com":        Ignored,
		"v=DMARC1": Ignored,
	} {
		if rec, _ := Examine(txt); rec.Standing() != want {
			t.Errorf("%q: %s, want %s", txt, rec.Standing(), want)
		}
	}
}

func TestURI(t *testing.T) {
	for in, want := range map[string]struct{ scheme, host string }{
		"mailto:a@Example.COM":             {"mailto", "example.com"},
		"MAILTO:a@example.com?subject=x@y": {"mailto", "example.com"},
		"mailto:a%40b@example.com":         {"mailto", "example.com"},
		"mailto:a@b@example.com":           {"mailto", ""},
		"https://r.example.com:8443/x":     {"https", "r.example.com"},
		"mailto:a@":                        {"mailto", ""},
		"1x:y":                             {"", ""},
	} {
		u := URI{Address: in}
		if u.Scheme() != want.scheme || u.Host() != want.host {
			t.Errorf("%q: %q %q, want %+v", in, u.Scheme(), u.Host(), want)
		}
	}
}

// FuzzParse: what parses is written so that it parses to the same again, and
// so does what is offered as a repair.
func FuzzParse(f *testing.F) {
	f.Add("v=DMARC1; p=reject; sp=none; np=quarantine; psd=u; t=y; adkim=s; aspf=r; fo=1:d; rua=mailto:a@b.example!10m,https://x.example/; pct=50; rf=afrf; ri=1; foo=bar")
	f.Add("v=DMARC1 p=none rua=a@b.example")
	f.Add("“v=dmarc1;P=None；sp=reject”")
	f.Fuzz(func(t *testing.T, txt string) {
		rec, problems := Examine(txt)
		fatal := false
		for _, p := range problems {
			fatal = fatal || p.Fatal
			if p.Pos < 0 || p.Pos > len(txt) {
				t.Errorf("%q: %s at %d", txt, p.Kind, p.Pos)
			}
			if p.Want != "" {
				same(t, p.Want)
			}
		}
		if rec != nil && !fatal {
			same(t, rec.String())
			if again, _, _ := Parse(rec.String()); !reflect.DeepEqual(rec, again) {
				t.Errorf("%q → %q\n%+v\n%+v", txt, rec.String(), rec, again)
			}
		}
	})
}

// same checks that a text we wrote parses and is written the same again.
func same(t *testing.T, txt string) {
	rec, ours, err := Parse(txt)
	if !ours || err != nil || rec.String() != txt {
		t.Errorf("%q: ours %v, %v, written %q", txt, ours, err, rec)
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = Parse("v=DMARC1; p=reject; sp=reject; rua=mailto:dmarc-rua@dmarc.service.gov.uk;")
	}
}

package bimi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	const logo = "https://example.com/logo.svg"
	for _, test := range []struct {
		txt  string
		want Record
		ours bool
		pos  int // of the error; -1: none
	}{
		{"v=BIMI1; l=" + logo, Record{Logo: logo}, true, -1},
		{"v=BIMI1;l=" + logo + ";a=" + logo + "; avp=personal; lps=brand, sales; x=1;",
			Record{logo, logo, "personal", []string{"brand", "sales"}, []Field{{"x", "1"}}}, true, -1},
		{"v = BIMI1 ; l = " + logo, Record{Logo: logo}, true, -1},
		{"v=BIMI1; l=; a=;", Record{}, true, -1},
		{"v=BIMI1; l=" + logo + "; a=self", Record{Logo: logo, Authority: "self"}, true, -1},
		{"v=BIMI1", Record{}, true, 7},
		{"v=BIMI1; l=http://example.com/logo.svg", Record{}, true, 11},
		{"v=BIMI1; l=" + logo + " a=" + logo, Record{}, true, 11},
		{"v=BIMI1; l=; l=", Record{}, true, 13},
		{"v=BIMI1; l=; avp=mine", Record{}, true, 17},
		{"v=BIMI1; junk; l=", Record{}, true, 9},
		{"v=BIMI2; l=" + logo, Record{}, false, -1},
		{"l=" + logo + "; v=BIMI1", Record{}, false, -1},
		{"v=spf1 -all", Record{}, false, -1},
		{"", Record{}, false, -1},
	} {
		rec, ours, err := Parse(test.txt)
		pos := -1
		var syntax *SyntaxError
		if errors.As(err, &syntax) {
			pos = syntax.Pos
		}
		if !reflect.DeepEqual(rec, test.want) || ours != test.ours || pos != test.pos {
			t.Errorf("Parse(%q) = %+v, %v, %v at %d; want %+v, %v, at %d", test.txt, rec, ours, err, pos, test.want, test.ours, test.pos)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=BIMI1; l=https://a.b/c.svg; a=self; avp=brand; lps=x,y", "v=BIMI1; l=; a=;", "v=BIMI1;l", "v=BIMI1;l=;z=q=r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, txt string) {
		rec, ours, err := Parse(txt)
		if !ours || err != nil {
			var syntax *SyntaxError
			if errors.As(err, &syntax) && (syntax.Pos < 0 || syntax.Pos > len(txt)) {
				t.Errorf("%q: position %d", txt, syntax.Pos)
			}
			return
		}
		again, ours, err := Parse(rec.String())
		if !ours || err != nil || !reflect.DeepEqual(again, rec) {
			t.Errorf("%q: %+v became %+v, %v, %v", txt, rec, again, ours, err)
		}
	})
}

// upstream translates the verdicts of the test vectors into our rules.
var upstream = map[string][]Rule{
	"INVALID_XML_FILE":        {RuleXML, RuleSVG},
	"INVALID_SVG_FILE":        {RuleSVG, RuleXML},
	"INVALID_BASE_PROFILE":    {RuleProfile},
	"LOGO_MISSING_TITLE":      {RuleTitle},
	"LOGO_INVALID_ROOT_ATTRS": {RuleRoot},
	"LOGO_INVALID_ELEMENT":    {RuleElement},
	"LOGO_INCLUDES_REFERENCE": {RuleReference},
}

type vector struct {
	Title string
	Calls []struct{ Input []string }
	// Expect has a verdict in args, or, where several would do, in subject.
	Expect []struct {
		Subject any
		Check   string
		Args    []any
	}
}

// rules returns the rules of which one must be broken; nil if the logo is good.
func (v vector) rules(t *testing.T) (want []Rule) {
	e := v.Expect[0]
	if e.Check == "to.be.true" {
		return nil
	}
	verdicts := e.Args
	if several, is := e.Subject.([]any); is {
		verdicts = several
	}
	for _, verdict := range verdicts {
		name, _ := verdict.(string)
		if upstream[name] == nil {
			t.Fatalf("%s: unknown verdict %v", v.Title, verdict)
		}
		want = append(want, upstream[name]...)
	}
	return want
}

// TestVectors runs the SVG cases of postalsys/mailauth.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/svg-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		problems := CheckSVG([]byte(v.Calls[0].Input[0]))
		want := v.rules(t)
		hit := slices.ContainsFunc(problems, func(p Problem) bool { return p.Fatal && slices.Contains(want, p.Rule) })
		if Shown(problems) != (want == nil) || want != nil && !hit {
			t.Errorf("%s: %v, want %v", v.Title, problems, want)
		}
	}
	if len(vectors) != 35 {
		t.Errorf("%d vectors, want 35", len(vectors))
	}
}

const goodLogo = `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64"><title>Contoso</title><rect width="64" height="64"/></svg>`

func TestFault_087_SVG(t *testing.T) {
	in := func(s string) string { return strings.Replace(goodLogo, "<rect", s+"<rect", 1) }
	for _, test := range []struct {
		name, image string
		want        Rule // "": none
		fatal       bool
	}{
		{"good", goodLogo, "", false},
		{"script", in("<script>alert(1)</script>"), RuleElement, true},
		{"foreignObject", in("<foreignObject/>"), RuleElement, true},
		{"remote image", in(`<image href="https://evil.example/x.png"/>`), RuleReference, true},
		{"protocol-relative", in(`<use href="//evil.example/x"/>`), RuleReference, true},
		{"remote style", in(`<g style="fill: URL( 'https://evil.example/')"/>`), RuleReference, true},
		{"second url", in(`<g fill="url(#a)" style="a:url(#b);b:url(x)"/>`), RuleReference, true},
		{"local style", in(`<g fill="url(#a)" style="fill:url('#b')"/>`), "", false},
		{"event handler", in(`<g onload="x()"/>`), RuleEvent, true},
		{"DTD with entities", `<!DOCTYPE svg [<!ENTITY a "` + strings.Repeat("x", 999) + `"><!ENTITY b "&a;&a;&a;">]>` + in("&b;"), RuleDoctype, true},
		{"20 MiB", strings.Repeat(" ", 20<<20), RuleSize, true},
		{"40 KiB", in("<!--" + strings.Repeat("x", 40<<10) + "-->"), RuleSize, false},
		{"svgz", "\x1f\x8b\x08\x00", RuleCompressed, true},
		{"depth 100,000", in(strings.Repeat("<g>", 100_000) + strings.Repeat("</g>", 100_000)), RuleDepth, true},
		{"Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + goodLogo, RuleXML, true},
		{"cut", goodLogo[:len(goodLogo)-4], RuleXML, true},
		{"crossed", in("<g><path></g></path>"), RuleXML, true},
		{"empty title", strings.Replace(goodLogo, "Contoso", " ", 1), RuleTitle, true},
		{"title of a part", strings.Replace(goodLogo, "<title>Contoso</title>", "<g><title>Contoso</title></g>", 1), RuleTitle, true},
		{"version", strings.Replace(goodLogo, `version="1.2"`, "", 1), RuleVersion, false},
		{"oblong", strings.Replace(goodLogo, "64 64", "64 32", 1), RuleSquare, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			problems := CheckSVG([]byte(test.image))
			if test.want == "" {
				if len(problems) != 0 {
					t.Errorf("%v", problems)
				}
				return
			}
			if Shown(problems) == test.fatal || !slices.ContainsFunc(problems, func(p Problem) bool { return p.Rule == test.want && p.Fatal == test.fatal }) {
				t.Errorf("%v, want %s", problems, test.want)
			}
		})
	}
}

// FuzzCheckSVG: bounded, and what is shown holds none of the words that make
// an image dangerous.
func FuzzCheckSVG(f *testing.F) {
	f.Add([]byte(goodLogo))
	f.Add([]byte(`<svg><script>x</script></svg>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><svg>&b;</svg>`))
	f.Fuzz(func(t *testing.T, image []byte) {
		problems := CheckSVG(image)
		if len(problems) > maxProblems {
			t.Errorf("%d problems", len(problems))
		}
		lower := strings.ToLower(string(image))
		if Shown(problems) && (strings.Contains(lower, "<script") && !strings.Contains(lower, "<!") && !strings.Contains(lower, "<?") || !strings.Contains(lower, "<svg") && !strings.Contains(lower, ":svg")) {
			t.Errorf("%q is taken as good", image)
		}
	})
}

func markFile(t *testing.T, n int, change func(*x509.Certificate)) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Contoso Ltd"},
		DNSNames: []string{"contoso.com", "default._bimi.contoso.net"}, NotBefore: time.Now(), NotAfter: time.Now().AddDate(1, 0, 0),
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{oidBrandIndicator},
		ExtraExtensions:    []pkix.Extension{{Id: oidLogotype, Value: []byte{0x30, 0}}}}
	if change != nil {
		change(tmpl)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return slices.Repeat(block, n)
}

func TestParseMark(t *testing.T) {
	m, err := ParseMark(append([]byte("some text\n"), markFile(t, 3, nil)...))
	if err != nil || !m.ForMarks || !m.Logo || m.Certificates != 3 || m.Subject != "CN=Contoso Ltd" {
		t.Fatalf("%+v, %v", m, err)
	}
	for domain, want := range map[string]bool{"contoso.com": true, "mail.contoso.com": true, "contoso.net": true,
		"x.contoso.net": true, "notcontoso.com": false, "contoso.org": false, "com": false} {
		if m.Covers(domain) != want {
			t.Errorf("Covers(%s) = %v", domain, !want)
		}
	}
	m, err = ParseMark(markFile(t, 1, func(c *x509.Certificate) { c.UnknownExtKeyUsage, c.ExtraExtensions = nil, nil }))
	if err != nil || m.ForMarks || m.Logo {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestFault_088_Marks(t *testing.T) {
	for name, file := range map[string][]byte{
		"empty": nil, "no PEM": []byte("<html>"), "5 MiB": make([]byte, 5<<20),
		"a key":   []byte("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"),
		"garbage": []byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
	} {
		if m, err := ParseMark(file); err == nil {
			t.Errorf("%s: %+v", name, m)
		}
	}
	if m, err := ParseMark(markFile(t, 300, nil)); err != nil || m.Certificates != maxCertificates {
		t.Errorf("300 certificates: %+v, %v", m, err)
	}
	if _, err := ParseMark(markFile(t, 10_000, nil)); err == nil {
		t.Error("10,000 certificates: no error")
	}
	many := make([]string, 2000)
	for i := range many {
		many[i] = strings.Repeat("a", 60) + ".example"
	}
	if m, err := ParseMark(markFile(t, 1, func(c *x509.Certificate) { c.DNSNames = many })); err != nil || len(m.Names) != maxNames {
		t.Errorf("2,000 names: %v", err)
	}
}

func FuzzParseMark(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if m, err := ParseMark(file); err == nil && (m.Certificates < 1 || m.Certificates > maxCertificates || len(m.Names) > maxNames) {
			t.Errorf("%+v", m)
		}
	})
}

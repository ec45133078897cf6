package authres

import (
	"fmt"
	"strings"
	"testing"
)

func summary(f Field) string {
	var s []string
	for _, r := range f.Results {
		s = append(s, r.Method+"="+r.Value)
	}
	return f.ID + ": " + strings.Join(s, " ")
}

func TestParse(t *testing.T) {
	for v, want := range map[string]string{
		"mx.fabrikam.com; spf=pass smtp.mailfrom=me@contoso.com; dkim=none": "mx.fabrikam.com: spf=pass dkim=none",
		"mx.fabrikam.com 1; none":                       "mx.fabrikam.com: ",
		"mx.fabrikam.com":                               "mx.fabrikam.com: ",
		"mx (by (us)); DKIM/1 = PASS (good) header.d=a": "mx: dkim=pass",
		"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=contoso.com; dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=contoso.com;compauth=pass reason=102": ": spf=pass dkim=none dmarc=none compauth=pass",
		`mx; spf=fail smtp.mailfrom="a;dmarc=pass header.from=contoso.com"@evil.example`:                                                                                                    "mx: spf=fail",
		`mx; spf=fail smtp.mailfrom="a\";dmarc=pass"@evil.example; dmarc=fail`:                                                                                                              "mx: spf=fail dmarc=fail",
		`mx; spf=fail (domain of "x;dmarc=pass" (y;dmarc=pass)); dmarc=fail`:                                                                                                                "mx: spf=fail dmarc=fail",
		`mx; spf=fail (\); dmarc=pass \(); dmarc=fail`:                                                                                                                                      "mx: spf=fail dmarc=fail",
		`mx; spf=fail smtp.mailfrom=dmarc=pass@evil.example`:                                                                                                                                "mx: spf=fail",
		`mx; spf=fail (unclosed; dmarc=pass`:                                                                                                                                                ": ",
		`mx; spf=fail "unclosed; dmarc=pass`:                                                                                                                                                ": ",
		`mx; dmarc pass; =pass; dmarc=; dmarc==pass`:                                                                                                                                        "mx: ",
		"": ": ",
	} {
		if got := summary(Parse(v)); got != want {
			t.Errorf("%s: %q, want %q", v, got, want)
		}
	}
}

func TestProps(t *testing.T) {
	f := Parse(`mx; dkim=pass (1024-bit key) reason="good" header.d=contoso.com header.i=@contoso.com header.b="abc/+"; ` +
		`spf=pass (google.com: domain of x) smtp.mailfrom="odd user"@contoso.com smtp.helo=mail; dkim=pass header.b=ab== header.d=z`)
	for i, want := range []string{
		"good|1024-bit key|contoso.com|@contoso.com|abc/+||",
		"|google.com: domain of x||||odd user@contoso.com|mail",
		"||z||ab==||",
	} {
		r := f.Results[i]
		got := fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s", r.Reason, r.Comment, r.Props["header.d"], r.Props["header.i"], r.Props["header.b"],
			r.Props["smtp.mailfrom"], r.Props["smtp.helo"])
		if got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
}

// FuzzParse sees that nothing within quotes or comments becomes a result.
func FuzzParse(f *testing.F) {
	f.Add("a;dmarc=pass")
	f.Add(`"a\";dmarc=pass"`)
	f.Fuzz(func(t *testing.T, s string) {
		comment := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(s)
		quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
		if len(s) > 1000 {
			return
		}
		got := Parse(`mx; spf=fail (` + comment + `) smtp.mailfrom="` + quote + `"@evil.example; dmarc=fail`)
		if summary(got) != "mx: spf=fail dmarc=fail" {
			t.Errorf("%q: %s", s, summary(got))
		}
	})
}

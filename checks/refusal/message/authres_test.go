package message

import (
	"strings"
	"testing"
)

// TestContradictions reads several fields of one server: where they exclude
// each other, neither counts, whatever name the user trusts.
func TestContradictions(t *testing.T) {
	const top = "Received: from mail.contoso.com (mail.contoso.com [203.0.113.9]) by mx.fabrikam.com (Postfix) with ESMTPS id 4QXXXXXXXX" + date
	const mail, signed, passed = "spf=pass smtp.mailfrom=me@contoso.com", "dkim=pass header.d=contoso.com", "dmarc=pass header.from=contoso.com"
	field := func(results string) string { return "Authentication-Results: mx.fabrikam.com; " + results + "\r\n" }
	for name, c := range map[string]struct {
		fields  []string
		verdict Verdict
	}{
		"the same twice":                 {[]string{mail + "; " + signed, mail + "; " + signed}, Authentic},
		"one a method":                   {[]string{mail, signed, passed}, Authentic},
		"none beside results":            {[]string{"none", mail + "; " + passed}, Authentic},
		"HELO beside the sender":         {[]string{mail, "spf=none smtp.helo=mail.contoso.com"}, Authentic},
		"two signatures in one":          {[]string{signed + "; dkim=fail header.d=contoso.com"}, Authentic},
		"two signatures, by selector":    {[]string{signed + " header.s=a", "dkim=fail header.d=contoso.com header.s=b"}, Authentic},
		"two signatures, by b=":          {[]string{signed + " header.b=abcd", "dkim=fail header.d=contoso.com header.b=abce"}, Authentic},
		"a broken one of a list":         {[]string{signed, "dkim=fail header.d=lists.example"}, Authentic},
		"SPF":                            {[]string{mail, "spf=fail smtp.mailfrom=me@contoso.com"}, Undecided},
		"SPF of another sender":          {[]string{mail, "spf=softfail smtp.mailfrom=x@evil.example"}, Undecided},
		"SPF, HELO added":                {[]string{mail + " smtp.helo=x", "spf=fail smtp.mailfrom=contoso.com"}, Undecided},
		"SPF in one":                     {[]string{mail + "; spf=neutral smtp.mailfrom=contoso.com"}, Undecided},
		"signed, not signed":             {[]string{signed, "dkim=none"}, Undecided},
		"not signed, signed":             {[]string{"dkim=none (message not signed) header.d=none", signed + " header.s=a"}, Undecided},
		"signature, no selector":         {[]string{signed, "dkim=fail header.d=contoso.com header.s=a"}, Undecided},
		"signature, part of b=":          {[]string{signed + " header.b=abcdefgh", "dkim=permerror header.d=contoso.com header.b=ABCD"}, Undecided},
		"signature, d= and i=":           {[]string{signed, "dkim=neutral header.i=@contoso.com"}, Undecided},
		"DMARC":                          {[]string{mail + "; " + passed, "dmarc=fail header.from=contoso.com"}, Undecided},
		"DMARC of another From":          {[]string{mail + "; " + passed, "dmarc=fail header.from=evil.example"}, Undecided},
		"DMARC in one":                   {[]string{mail + "; dmarc=temperror; " + passed}, Undecided},
		"DMARC in a comment, and beside": {[]string{mail + "; dmarc=fail (dmarc=pass)", passed}, Undecided},
	} {
		text := ""
		for _, f := range c.fields {
			text += field(f)
		}
		folded := strings.NewReplacer("; ", "\r\n\t; (a;b=c (d))\r\n ", "=", " =\r\n ").Replace(text)
		for form, in := range map[string]string{"above": text + top, "above, folded": folded + top, "directly below": top + text} {
			for _, id := range []string{"", "mx.fabrikam.com", "MX.Fabrikam.com."} {
				want := c.verdict
				if form == "directly below" && id == "" && want == Authentic {
					continue // not trusted without the user's word
				}
				a := Analyse(t.Context(), []byte(in+ownLetter), Options{AuthservID: id})
				if a.Answer.Verdict != want {
					t.Errorf("%s, %s, trusting %q: %+v", name, form, id, a.Answer)
				}
				for _, r := range a.AuthResults {
					if want == Undecided && r.Trusted {
						t.Errorf("%s, %s: trusted: %s", name, form, r.Raw)
					}
				}
			}
		}
	}
}

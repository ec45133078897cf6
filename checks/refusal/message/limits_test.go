package message

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
)

// claims are results that speak for contoso.com.
var claims = map[string]string{
	"DKIM":           " spf=none smtp.mailfrom=bounce.example; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com",
	"DKIM by i=":     " dkim=pass header.i=@news.contoso.com; dmarc=pass header.from=contoso.com",
	"DKIM alone":     " dkim=pass header.d=contoso.com",
	"DKIM and SPF":   " spf=pass smtp.mailfrom=contoso.com; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com",
	"SPF":            " spf=pass smtp.mailfrom=contoso.com; dkim=none; dmarc=pass header.from=contoso.com",
	"SPF, subdomain": " spf=pass smtp.mailfrom=b.contoso.com; dmarc=pass header.from=contoso.com",
}

// fresh writes the fields of Postfix for a message that came just now.
func fresh(results string) string {
	top := receivers[3].write("mail.contoso.com", "203.0.113.9", results)
	return strings.ReplaceAll(top, date, "; "+today.Add(time.Minute).Format(time.RFC1123Z)+"\r\n")
}

// TestClaimsWithoutSignature holds that a result that DKIM passed is limited
// where the message has no signature that it can be about.
func TestClaimsWithoutSignature(t *testing.T) {
	other := "DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=s1; h=from:to; bh=AAAA; b=AAAA\r\n"
	for _, r := range receivers {
		for claim, results := range claims {
			for signer, limited := range map[string]bool{"": true, "esp.example": true, "notcontoso.com": true, "mail.contoso.com": true,
				"contoso.com.evil.example": true, "contoso.com": false, "CONTOSO.COM": false} {
				text := r.writeAll("mail.contoso.com", "203.0.113.9", results)
				if signer != "" {
					text += strings.Replace(other, "%s", signer, 1)
				}
				a := Analyse(t.Context(), []byte(text+"From: me@contoso.com\r\n\r\n"), Options{}).Answer
				if limited = limited && strings.HasPrefix(claim, "DKIM"); a.Verdict != Authentic || limited != (a.Limits != "") {
					t.Errorf("%s, %s, signed by %q: %+v", r.name, claim, signer, a)
				}
			}
		}
	}
}

// TestClaimsAgainstDNS holds that a result does not stand against the current
// DNS: of a fresh message it is not known, unless a key or the message changed.
func TestClaimsAgainstDNS(t *testing.T) {
	k, pub := key(t)
	const letter = "From: Me <me@contoso.com>\r\nTo: you@fabrikam.com\r\nSubject: x\r\n\r\nx\r\n"
	signed := sign(t, k, letter)
	elsewhere := world{"contoso.com": "v=spf1 -all", "b.contoso.com": "v=spf1 -all", "_dmarc.contoso.com": "v=DMARC1; p=reject",
		"s1._domainkey.contoso.com": "v=DKIM1; p=" + pub}
	without := world{"contoso.com": "v=spf1 -all", "b.contoso.com": "v=spf1 -all"}
	allows := world{"contoso.com": "v=spf1 ip4:203.0.113.9 -all", "b.contoso.com": "v=spf1 ip4:203.0.113.9 -all", "_dmarc.contoso.com": "v=DMARC1; p=reject"}
	for name, c := range map[string]struct {
		text        string
		dns         dnsrec.Resolver
		dkim, spf   Verdict // for a result of DKIM, and of SPF alone
		dkimLimited bool
		spfLimited  bool
	}{
		"not signed":          {letter, elsewhere, Undecided, Undecided, false, false},
		"no records at all":   {letter, without, Undecided, Undecided, false, false},
		"signed, key gone":    {signed, without, Authentic, Undecided, true, false},
		"signed and whole":    {signed, elsewhere, Authentic, Authentic, false, false},
		"body changed":        {signed + "footer\r\n", elsewhere, Authentic, Undecided, true, false},
		"Subject changed":     {strings.Replace(signed, "Subject: x", "Subject: [EXT] x", 1), elsewhere, Authentic, Undecided, true, false},
		"SPF passes now":      {letter, allows, Authentic, Authentic, true, false}, // for an address of the same header
		"DNS does not answer": {letter, noAnswers{}, Authentic, Authentic, true, false},
	} {
		for claim, results := range claims {
			if claim == "DKIM by i=" || claim == "DKIM alone" || claim == "DKIM" && name == "SPF passes now" {
				continue // the envelope sender is not known, or another one
			}
			text := "Return-Path: <me@contoso.com>\r\n" + fresh(results) + c.text
			a := Analyse(t.Context(), []byte(text), Options{DNS: c.dns, Replay: true, Now: today}).Answer
			want, limited := c.spf, c.spfLimited
			if strings.HasPrefix(claim, "DKIM") {
				want, limited = c.dkim, c.dkimLimited
			}
			if a.Verdict != want || want == Authentic && limited != (a.Limits != "") {
				t.Errorf("%s, %s: %+v", name, claim, a)
			}
			old := Analyse(t.Context(), []byte(text), Options{DNS: c.dns, Replay: true, Now: today.AddDate(1, 0, 0)}).Answer
			if old.Verdict != Authentic || want == Undecided && old.Limits == "" {
				t.Errorf("%s, %s, a year later: %+v", name, claim, old)
			}
		}
	}
}

// noAnswers is a resolver that does not answer.
type noAnswers struct{}

func (noAnswers) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return dnsrec.Answer{Query: q}, errors.New("no answer")
}

// TestChangedBody holds that the answer says so if the body is not the one that
// was signed, whether or not the key is known.
func TestChangedBody(t *testing.T) {
	k, pub := key(t)
	letter := "From: Me <me@contoso.com>\r\nTo: you@fabrikam.com\r\nSubject: x\r\n\r\nx\r\n"
	signed := sign(t, k, letter)
	top := fresh(claims["DKIM and SPF"])
	for form, c := range map[string]struct {
		text    string
		changed bool
	}{
		"whole": {signed, false}, "appended": {signed + "pay\r\n", true}, "cut": {strings.TrimSuffix(signed, "x\r\n") + "\r\ny\r\n", true},
		"header alone": {strings.TrimSuffix(signed, "x\r\n"), false}, "trailing blank lines": {signed + "\r\n\r\n", false},
		"signed again": {strings.TrimSuffix(sign(t, k, signed+"footer\r\n"), "\r\n") + "\r\n", false},
	} {
		for name, o := range map[string]Options{"offline": {}, "key": {DNS: world{"s1._domainkey.contoso.com": "v=DKIM1; p=" + pub}},
			"no key": {DNS: world{}}, "no answer": {DNS: noAnswers{}}} {
			if form == "signed again" && name != "key" {
				continue // which of the two is whole is not known
			}
			o.Now = today
			a := Analyse(t.Context(), []byte(top+c.text), o)
			if a.Answer.Verdict != Authentic || c.changed != (a.Answer.Limits != "") {
				t.Errorf("%s, %s: %+v %+v", form, name, a.Answer, a.DKIM)
			}
			for _, x := range a.DMARC.Aligned {
				if name == "no key" && x.Source == verified && x.Method == "dkim" {
					t.Errorf("%s: a signature without a key counts as verified: %+v", form, x)
				}
			}
		}
	}
}

// TestUnsignedFields holds that the answer names what a reader sees and the
// signature does not cover, unless SPF says that the message came from the domain.
func TestUnsignedFields(t *testing.T) {
	k, pub := key(t)
	dns := world{"s1._domainkey.contoso.com": "v=DKIM1; p=" + pub, "contoso.com": "v=spf1 ip4:203.0.113.9 -all"}
	letter := "From: Me <me@contoso.com>\r\nTo: you@fabrikam.com\r\nSubject: x\r\nDate: x\r\nX-Note: x\r\n\r\nx\r\n"
	all := sign(t, k, letter, "From", "To", "Subject", "Date")
	few := sign(t, k, letter, "From", "Date")
	for text, open := range map[string]string{
		all: "", few: "Subject To", "Reply-To: x@evil.example\r\n" + all: "Reply-To", "CC: a@b.example\r\n" + all: "Cc",
		"content-type: text/html\r\nContent-Transfer-Encoding: base64\r\n" + all: "Content-Type Content-Transfer-Encoding", "Sender: x@evil.example\r\n" + few: "Subject Sender To",
		"X-Mailer: x\r\nMessage-ID: <1@x>\r\n" + all: "",
	} {
		for client, fromDomain := range map[string]bool{"203.0.113.66": false, "203.0.113.9": true} {
			top := "Return-Path: <me@contoso.com>\r\nReceived: from mail.contoso.com (unknown [" + client + "]) by mx.fabrikam.com (Postfix) with ESMTPS id E237A208C2; " +
				today.Format(time.RFC1123Z) + "\r\n"
			a := Analyse(t.Context(), []byte(top+text), Options{DNS: dns, Replay: true, Now: today})
			if a.Answer.Verdict != Authentic || (open == "" || fromDomain) != (a.Answer.Limits == "") {
				t.Errorf("%q from %s: %+v", text[:40], client, a.Answer)
			}
			for _, name := range strings.Fields(open) {
				if !fromDomain && !strings.Contains(strings.ReplaceAll(a.Answer.Limits, ",", " "), " "+name) {
					t.Errorf("%q is not named: %s", name, a.Answer.Limits)
				}
			}
		}
	}
}

// TestFirstSentence holds that the first sentence of an answer never says more
// than the rest: what the signature leaves open stands in it.
func TestFirstSentence(t *testing.T) {
	k, pub := key(t)
	dns := world{"s1._domainkey.contoso.com": "v=DKIM1; p=" + pub, "contoso.com": "v=spf1 -all"}
	letter := "From: Me <me@contoso.com>\r\nTo: sales@fabrikam.com\r\nSubject: x\r\nDate: x\r\n\r\nx\r\n"
	all := sign(t, k, letter, "From", "To", "Subject", "Date")
	for text, names := range map[string]string{
		all:                                      "",
		sign(t, k, letter, "From", "To", "Date"): "Subject", sign(t, k, letter, "From", "Subject"): "To Date",
		"Reply-To: x@evil.example\r\n" + all: "Reply-To", "Sender: x@evil.example\r\n" + all: "Sender", "Cc: x@evil.example\r\n" + all: "Cc",
		"Content-Type: text/html\r\n" + all: "", all + "more\r\n": "changed",
		sign(t, k, strings.Replace(letter, "fabrikam.com", "example.org", 1), "From", "To", "Subject", "Date"):                      "somebody",
		strings.Replace(sign(t, k, letter, "From", "Subject", "Date"), "To: sales@fabrikam.com\r\n", "", 1):                         "somebody",
		sign(t, k, strings.Replace(letter, "To: sales@fabrikam.com\r\n", "", 1), "From", "To", "Subject", "Date"):                   "",
		sign(t, k, strings.Replace(letter, "Subject", "Cc: you@fabrikam.com\r\nSubject", 1), "From", "To", "Cc", "Subject", "Date"): "",
	} {
		for _, border := range []string{"Delivered-To: you@fabrikam.com\r\n" + fresh(""), fresh(claims["DKIM"]), fresh("")} {
			if names == "somebody" && !strings.HasPrefix(border, "Delivered") {
				continue // the recipient is not known
			}
			a := Analyse(t.Context(), []byte(border+text), Options{DNS: dns, Now: today}).Answer
			first, _, _ := strings.Cut(a.Text, ": ")
			if a.Verdict != Authentic && names != "changed" || (names == "") != strings.HasPrefix(first, "Not spoofed") && names != "changed" {
				t.Errorf("%q: %+v", names, a)
			}
			for _, name := range strings.Fields(names) {
				if a.Verdict == Authentic && !strings.Contains(first, name) {
					t.Errorf("%s is missing in: %s", name, first)
				}
			}
		}
	}
}

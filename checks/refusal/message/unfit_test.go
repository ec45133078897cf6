package message

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
)

// weakKey is an RSA key of 512 bits.
const weakKey = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMaUOt83ZquT7aCYET02x7WQ/Xpb6aOfRyZHZe8M5b/ZixVNCXYCqrLByUjwKowTxEFUbxs8IwLlrK7UPRED8bUCAwEAAQ=="

// signatureOf writes a field that no key made, with the given tags first.
func signatureOf(tags string) string {
	return "DKIM-Signature: v=1; " + tags + "d=contoso.com; s=s1; bh=AAAA; b=lhk5qU4zAAAA\r\n"
}

const fitTags = "a=rsa-sha256; c=relaxed/relaxed; h=from:to:subject; "

// unfitTags are the signatures that vouch for nothing, whatever a server found.
var unfitTags = map[string]string{
	"From not signed":        "a=rsa-sha256; h=to:subject:date; ",
	"a field like From":      "a=rsa-sha256; h=x-from:resent-from:sender; ",
	"h= empty":               "a=rsa-sha256; h=; ",
	"nothing of the body":    "l=0; " + fitTags,
	"a part of the body":     "l=2; " + fitTags,
	"identity of another":    "i=me@evil.example; " + fitTags,
	"identity with a suffix": "i=@evilcontoso.com; " + fitTags,
	"identity above":         "i=@com; " + fitTags,
	"SHA-1":                  "a=rsa-sha1; h=from:to; ",
	"expired":                "t=1000000000; x=1000000600; " + fitTags,
	"expired a second early": "x=1795435202; " + fitTags, // the border took it at 12:00:03
	"tags twice":             "h=to; " + fitTags,
}

// passAt are the results of receivers that took the signature.
var passAt = map[string]string{
	"DKIM and DMARC": " spf=none smtp.mailfrom=bounce.example; dkim=pass (signature was verified) header.d=contoso.com; dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100",
	"DKIM alone":     " spf=pass smtp.mailfrom=bounce.example; dkim=pass header.d=contoso.com",
	"by i=":          " dkim=pass header.i=@contoso.com; dmarc=pass header.from=contoso.com",
	"by s= and b=":   " dkim=pass header.i=@contoso.com header.s=s1 header.b=lhk5qU4z; dmarc=pass header.from=contoso.com",
	"DMARC, SPF not": " spf=fail smtp.mailfrom=contoso.com; dkim=pass header.d=contoso.com header.s=S1; dmarc=pass header.from=contoso.com",
}

// writeAll also writes the results that Gmail adds below its Received field.
func (r *receiver) writeAll(helo, ip, results string) string {
	top := r.write(helo, ip, results)
	if r.name == "Gmail" {
		top += "Authentication-Results: mx.google.com;" + results + "\r\n"
	}
	return top
}

// TestUnfitSignatures holds that the headline does not rest on a signature
// that vouches for nothing, although the receiving server let it pass; beside
// it a decoy that nobody verified changes nothing.
func TestUnfitSignatures(t *testing.T) {
	decoy := signatureOf(fitTags)
	for _, r := range receivers {
		for found, results := range passAt {
			top := r.writeAll("mail.bounce.example", "203.0.113.9", results)
			for name, tags := range unfitTags {
				for form, text := range map[string]string{
					"": signatureOf(tags) + ownLetter, "header": strings.TrimSuffix(signatureOf(tags)+ownLetter, "\r\nx\r\n"),
					"decoy": decoy + signatureOf(tags) + ownLetter,
				} {
					a := Analyse(t.Context(), []byte(top+text), Options{})
					if a.Answer.Verdict == Authentic || a.Answer.Verdict == FailsDMARC || a.DMARC.Alignment == yes {
						t.Errorf("%s, %s, %s %s: %+v %+v", r.name, found, name, form, a.Answer, a.DKIM)
					}
				}
			}
			for form, fields := range map[string]string{"fit": decoy, "cut out": "", "blacked out": "DKIM-Signature: v=1; d=contoso.com; b=...\r\n",
				"of another": decoy + strings.Replace(signatureOf(unfitTags["SHA-1"]), "d=contoso.com", "d=esp.example", 1)} {
				if a := Analyse(t.Context(), []byte(top+fields+ownLetter), Options{}); a.Answer.Verdict != Authentic {
					t.Errorf("%s, %s, %s: %+v", r.name, found, form, a.Answer)
				}
			}
		}
		both := " spf=pass smtp.mailfrom=contoso.com; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com"
		top := r.writeAll("mail.contoso.com", "203.0.113.9", both)
		if a := Analyse(t.Context(), []byte(top+signatureOf(unfitTags["SHA-1"])+ownLetter), Options{}); a.Answer.Verdict != Authentic ||
			!strings.Contains(a.Answer.Text, "SPF") {
			t.Errorf("%s: SPF vouches for it: %+v", r.name, a.Answer)
		}
	}
}

// TestDoubledFields holds that a signature which covers one of two fields does
// not vouch for what the reader sees, verified or by the border's word.
func TestDoubledFields(t *testing.T) {
	k, pub := key(t)
	dns := world{"s1._domainkey.contoso.com": "v=DKIM1; p=" + pub, "_dmarc.contoso.com": "v=DMARC1; p=reject"}
	signed := sign(t, k, "From: me@contoso.com\r\nTo: you@fabrikam.com\r\nSubject: hello\r\nDate: x\r\nContent-Type: text/plain\r\n\r\nHello\r\n",
		"From", "To", "Subject", "Content-Type", "Received", "Comments")
	top := receivers[0].write("mail.bounce.example", "203.0.113.9", passAt["DKIM and DMARC"])
	for added, want := range map[string]Verdict{
		"": Authentic, "X-Note: 1\r\n": Authentic, "Comments: 1\r\n": Authentic, "Subject: pay\r\n": Undecided, "subject : pay\r\n": Undecided,
		"Date: y\r\n": Undecided, "Content-Type: text/html\r\n": Undecided, "To: ceo@fabrikam.com\r\n": Undecided, "Reply-To: x@evil.example\r\n": Authentic,
		"Reply-To: x@evil.example\r\nReply-To: y@evil.example\r\n": Undecided, "From: ceo@contoso.com\r\n": AmbiguousWho,
	} {
		for name, o := range map[string]Options{"reported": {}, "verified": {DNS: dns, Now: time.Now()}, "checked": {DNS: dns, Now: time.Now(), Replay: true}} {
			if a := Analyse(t.Context(), []byte(top+added+signed), o); a.Answer.Verdict != want {
				t.Errorf("%q, %s: %+v %+v", added, name, a.Answer, a.DKIM)
			}
		}
	}
}

// TestUnfitKeys is the same for what only the key shows.
func TestUnfitKeys(t *testing.T) {
	k, pub := key(t)
	signed := sign(t, k, ownLetter)
	head, _, _ := strings.Cut(signed, "\r\n\r\n")
	top := receivers[0].write("mail.bounce.example", "203.0.113.9", passAt["DKIM and DMARC"])
	for name, c := range map[string]struct {
		record  string
		verdict Verdict
	}{
		"plain": {"v=DKIM1; p=" + pub, Authentic}, "test": {"v=DKIM1; t=y; p=" + pub, Undecided}, "test, strict": {"v=DKIM1; t=s:y; p=" + pub, Undecided},
		"512 bits": {"v=DKIM1; p=" + weakKey, Undecided}, "gone since": {"v=DKIM1; p=", Authentic}, "another since": {"v=DKIM1; k=ed25519; p=" + strings.Repeat("A", 43) + "=", Authentic},
	} {
		dns := world{"s1._domainkey.contoso.com": c.record, "_dmarc.contoso.com": "v=DMARC1; p=reject"}
		for form, text := range map[string]string{"": signed, "body changed since": signed + "footer\r\n", "header": head} {
			for _, replay := range []bool{false, true} {
				if form == "header" && !replay {
					continue // its key is not asked for
				}
				a := Analyse(t.Context(), []byte(top+text), Options{DNS: dns, Now: time.Now(), Replay: replay})
				if a.Answer.Verdict != c.verdict {
					t.Errorf("%s %s, replay %v: %+v %+v", name, form, replay, a.Answer, a.DKIM)
				}
			}
		}
	}
}

// The header of an attached message says nothing for it: the sender can
// have written every field. Only a signature that was verified does.
func TestAttached(t *testing.T) {
	header := "Received: from EUR01.mail.protection.outlook.com (2603:10a6::2) by DB9PR01.eurprd01.prod.outlook.com with HTTPS; " +
		"Thu, 12 Nov 2026 10:00:04 +0000\r\n" +
		"Authentication-Results: spf=pass (sender IP is 198.51.100.10) smtp.mailfrom=contoso.com; dkim=pass (signature was verified) " +
		"header.d=contoso.com;dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100\r\n" +
		"Received: from mx.contoso.com (198.51.100.10) by EUR01.mail.protection.outlook.com (10.167.16.1) with Microsoft SMTP Server id 15.20.1.1; " +
		"Thu, 12 Nov 2026 10:00:03 +0000\r\n" +
		"From: CEO <ceo@contoso.com>\r\nSubject: please pay\r\n"
	allowed := world{"contoso.com": "v=spf1 ip4:198.51.100.10 -all", "_dmarc.contoso.com": "v=DMARC1; p=reject"}
	internal := "X-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-CrossTenant-AuthAs: Internal\r\n"
	for _, text := range []string{header + "\r\npay", header + internal + "\r\npay",
		"From: CEO <ceo@contoso.com>\r\n" + internal + "Received: from DB9.eurprd01.prod.outlook.com by DB9.eurprd01.prod.outlook.com with mapi id 15.20.1; " +
			"Thu, 12 Nov 2026 10:00:03 +0000\r\n\r\npay"} {
		for _, server := range []string{"", "EUR01.mail.protection.outlook.com"} {
			o := Options{AuthservID: server, Now: time.Date(2026, 11, 13, 0, 0, 0, 0, time.UTC)}
			o.Attached = true
			for _, o.DNS = range []dnsrec.Resolver{nil, allowed} {
				o.Replay = o.DNS != nil
				a := Analyse(t.Context(), []byte("Return-Path: <ceo@contoso.com>\r\n"+text), o)
				if a.Answer.Verdict.Known() || a.Answer.Condition != "" || a.SPF != nil || a.DMARC.Alignment == yes || a.result("dmarc", true) != nil ||
					slices.ContainsFunc(a.Microsoft, func(m Mark) bool { return m.Trusted }) {
					t.Errorf("attached, trusting %q, replay %v: %+v", server, o.Replay, a)
				}
			}
		}
	}
	if got := Analyse(t.Context(), []byte(header+"\r\npay"), Options{}).Answer; got.Verdict != Authentic {
		t.Errorf("not attached: %+v", got)
	}
}

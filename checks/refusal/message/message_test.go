package message

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// resolver starts a DNS server with the zone.
func resolver(t *testing.T, zone string) (dnsrec.Resolver, *dnstest.Server) {
	t.Helper()
	srv := dnstest.New(t, zone)
	s, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	return dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}, Timeout: 500 * time.Millisecond}), srv
}

// today is the real one: signatures that the tests make carry it.
var today = time.Now().UTC()

// key is a signing key and its record.
func key(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return k, base64.StdEncoding.EncodeToString(der)
}

// sign signs a message with CRLF.
func sign(t *testing.T, signer crypto.Signer, msg string, headers ...string) string {
	t.Helper()
	if headers == nil {
		headers = []string{"From", "To", "Subject"}
	}
	var b bytes.Buffer
	err := dkim.Sign(&b, strings.NewReader(msg), &dkim.SignOptions{Domain: "contoso.com", Selector: "s1",
		Signer: signer,
		Hash:   crypto.SHA256, HeaderKeys: headers, HeaderCanonicalization: "relaxed",
		BodyCanonicalization: "relaxed"})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const letter = "From: Me <me@contoso.com>\r\nTo: you@fabrikam.com\r\nSubject: hello\r\n\r\nHello,\r\nworld.\r\n"

func results(a *Analysis) string {
	var s []string
	for _, x := range a.DKIM {
		s = append(s, x.Result)
	}
	return strings.Join(s, " ")
}

// TestFault_174_forms verifies one signed message in the forms in which
// messages are saved.
func TestFault_174_forms(t *testing.T) {
	k, pub := key(t)
	dns, _ := resolver(t, `s1._domainkey.contoso.com. TXT "v=DKIM1; p=`+pub+`"`)
	signed := sign(t, k, letter)
	for name, in := range map[string]string{
		"CRLF": signed, "LF": strings.ReplaceAll(signed, "\r\n", "\n"), "BOM": "\xef\xbb\xbf" + signed,
		"mbox":  "From me@contoso.com Mon Nov 23 12:00:00 2026\n" + strings.ReplaceAll(signed, "\r\n", "\n"),
		"mixed": strings.Replace(signed, "\r\n", "\n", 3), "no last line end": strings.TrimSuffix(signed,
			"\r\n"),
	} {
		a := Analyse(t.Context(), []byte(in), Options{DNS: dns, Now: today})
		if results(a) != "pass" {
			t.Errorf("%s: %+v", name, a.DKIM)
		}
		if a.DMARC.Alignment != yes || a.Answer.Verdict != Authentic {
			t.Errorf("%s: DMARC %+v, %+v", name, a.DMARC, a.Answer)
		}
	}
	for name, in := range map[string]string{
		"body changed": strings.Replace(signed, "world", "World", 1), "header changed": strings.Replace(signed,
			"hello", "Hello", 1),
		"bare CR": strings.Replace(signed, "world", "wo\rrld", 1),
	} {
		if a := Analyse(t.Context(), []byte(in), Options{DNS: dns, Now: today}); results(a) != "fail" ||
			a.DMARC.Alignment == yes {
			t.Errorf("%s: %+v", name, a.DKIM)
		}
	}
	head, _, _ := strings.Cut(signed, "\r\n\r\n")
	if a := Analyse(t.Context(), []byte(head), Options{DNS: dns, Now: today}); results(a) != "neutral" ||
		a.DMARC.Alignment != unknown {
		t.Errorf("a header without its body: %+v %+v", a.DKIM, a.DMARC)
	}
}

// TestFault_170_flags sees that signatures with a flaw are flagged and are no
// plain pass.
func TestFault_170_flags(t *testing.T) {
	k, pub := key(t)
	dns, _ := resolver(t, `s1._domainkey.contoso.com. TXT "v=DKIM1; p=`+pub+`"`)
	signed := sign(t, k, letter)
	edit := func(old, new string) string { return strings.Replace(signed, old, new, 1) }
	for name, c := range map[string]struct{ in, flag, result string }{
		"l= changed":       {edit("v=1;", "v=1; l=0;"), "l=0", "fail"},
		"l more than body": {edit("v=1;", "v=1; l=5000;"), "l=5000", "permerror"},
		"x= before t=":     {edit("v=1;", "v=1; x=1000000000;"), "x=", "neutral"},
		"h= without From":  {edit("h=From:", "h=Date:"), "h= does not name From", "permerror"},
		"oversigned From":  {sign(t, k, letter, "From", "From", "To", "Subject"), "oversigned", "pass"},
	} {
		a := Analyse(t.Context(), []byte(c.in), Options{DNS: dns, Now: today})
		if len(a.DKIM) != 1 || a.DKIM[0].Result != c.result ||
			!slices.ContainsFunc(a.DKIM[0].Flags, func(f string) bool { return strings.Contains(f, c.flag) }) {
			t.Errorf("%s: %+v", name, a.DKIM)
		}
		if c.result != "pass" && (a.DMARC.Alignment == yes || a.Answer.Verdict == Authentic) {
			t.Errorf("%s: aligned", name)
		}
	}
}

// TestExpired judges x= by the time of receipt at the border.
func TestExpired(t *testing.T) {
	k, pub := key(t)
	dns, _ := resolver(t, `s1._domainkey.contoso.com. TXT "v=DKIM1; p=`+pub+`"`)
	var b bytes.Buffer
	err := dkim.Sign(&b, strings.NewReader(letter), &dkim.SignOptions{Domain: "contoso.com", Selector: "s1", Signer: k, Hash: crypto.SHA256,
		HeaderKeys: []string{"From"}, Expiration: today.Add(7 * 24 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	later := today.Add(60 * 24 * time.Hour)
	received := func(at time.Time) string {
		return "Received: from mail.contoso.com (mail.contoso.com [203.0.113.9]) by mx.fabrikam.com (Postfix) with ESMTP id 4; " + at.Format(time.RFC1123Z) + "\r\n"
	}
	for name, c := range map[string]struct{ in, want string }{
		"in time": {received(today.Add(time.Minute)) + b.String(), "pass"}, "late": {received(later) + b.String(), "policy"}, "not known": {b.String(), "policy"},
		"the sender's word": {"Received: by mx.fabrikam.com with LMTP; " + today.Format(time.RFC1123Z) + "\r\n" + b.String(), "policy"},
	} {
		a := Analyse(t.Context(), []byte(c.in), Options{DNS: dns, Now: later})
		if results(a) != c.want || (a.Answer.Verdict == Authentic) != (c.want == "pass") {
			t.Errorf("%s: %+v %+v", name, a.DKIM, a.Answer)
		}
	}
}

func TestEd25519AndMissingKeys(t *testing.T) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed := sign(t, priv, letter)
	record := base64.StdEncoding.EncodeToString(pub)
	for zone, want := range map[string]string{
		`s1._domainkey.contoso.com. TXT "v=DKIM1; k=ed25519; p=` + record + `"`: "pass",
		`contoso.com. TXT "x"`:                         "permerror",
		`s1._domainkey.contoso.com. TXT "v=DKIM1; p="`: "permerror",
		`s1._domainkey.contoso.com. TXT "v=DKIM1; k=ed25519; p=` +
			base64.StdEncoding.EncodeToString(make([]byte, 32)) + `"`: "fail",
	} {
		dns, _ := resolver(t, zone)
		if a := Analyse(t.Context(), []byte(signed), Options{DNS: dns, Now: today}); results(a) != want {
			t.Errorf("%s: %+v, want %s", zone, a.DKIM, want)
		}
	}
	dns, srv := resolver(t, `contoso.com. TXT "x"`)
	srv.Fault("s1._domainkey.contoso.com", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	a := Analyse(t.Context(), []byte(signed), Options{DNS: dns, Now: today})
	if results(a) != "temperror" || a.DMARC.Alignment != unknown {
		t.Errorf("SERVFAIL: %+v %+v", a.DKIM, a.DMARC)
	}
}

func TestFault_171_manySignatures(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "DKIM-Signature: v=1; a=rsa-sha256; d=d%d.example; s=s; h=from; bh=eA==; b=eA==\r\n", i)
	}
	dns, srv := resolver(t, `x.example. A 192.0.2.1`)
	a := Analyse(t.Context(), []byte(b.String()+letter), Options{DNS: dns, Now: today})
	skipped := 0
	for _, s := range a.DKIM {
		if s.Result == "neutral" && !s.Verified && strings.Contains(s.Reason, "only the first") {
			skipped++
		}
	}
	if len(a.DKIM) != 100 || skipped != 90 {
		t.Errorf("%d signatures, %d skipped", len(a.DKIM), skipped)
	}
	if n := len(srv.Queries()); n > MaxSignatures {
		t.Errorf("%d lookups", n)
	}
}

const receivedLines = "Received: from inner.fabrikam.com (inner.fabrikam.com [10.0.0.2]) by " +
	"store.fabrikam.com with LMTP; " +
	"Mon, 23 Nov 2026 12:00:05 +0000\r\n" +
	"Received: from mail.contoso.com (mail.contoso.com [203.0.113.9]) by mx.fabrikam.com (Postfix) with " +
	"ESMTPS id 4 " +
	"for <you@fabrikam.com>; Mon, 23 Nov 2026 12:00:03 +0000 (UTC)\r\n"

const olderLine = "Received: from desk (unknown [192.168.1.5]) by mail.contoso.com with ESMTPA; Mon, 23 Nov " +
	"2026 11:50:00 +0000\r\n"

// TestFault_172_forged puts results of others above and below the real ones.
func TestFault_172_forged(t *testing.T) {
	real := "Authentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=me@contoso.com; dkim=none\r\n"
	forged := "Authentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=ceo@contoso.com; dmarc=pass " +
		"header.from=contoso.com\r\n"
	other := "Authentication-Results: evil.example; dkim=pass header.d=contoso.com\r\n"
	for name, c := range map[string]struct {
		in, id string
		want   []bool
	}{
		"forged below":    {real + receivedLines + forged + olderLine, "", []bool{true, false}},
		"another's below": {real + receivedLines + other + olderLine, "", []bool{true, false}},
		"another's above, by id": {other + real + receivedLines + olderLine, "mx.fabrikam.com", []bool{false,
			true}},
		"above and below, by id": {other + real + receivedLines + forged + other, "MX.fabrikam.com",
			[]bool{false, true, false, false}},
	} {
		a := Analyse(t.Context(), []byte(c.in+letter), Options{AuthservID: c.id, Now: today})
		var got []bool
		for _, r := range a.AuthResults {
			got = append(got, r.Trusted)
			if r.Trusted == (r.Why != "") {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestMicrosoftHeaders(t *testing.T) {
	in := "Received: from AM0PR01MB0001.eurprd01.prod.outlook.com (2603:10a6::1) by " +
		"AM0PR01MB0002.eurprd01.prod.outlook.com " +
		"with HTTPS; Mon, 23 Nov 2026 12:00:05 +0000\r\n" +
		"Authentication-Results: spf=fail (sender IP is 203.0.113.9; really) smtp.mailfrom=fabrikam.com; " +
		"dkim=none (message not " +
		"signed) header.d=none;dmarc=fail action=oreject header.from=fabrikam.com;compauth=fail " +
		"reason=010\r\n" +
		"Received: from printer (203.0.113.9) by AM0EUR01FT001.mail.protection.outlook.com (10.152.0.1) with " +
		"Microsoft SMTP " +
		"Server id 15.20.1; Mon, 23 Nov 2026 12:00:03 +0000\r\n" +
		"X-Forefront-Antispam-Report: CIP:203.0.113.9;CTRY:DE;SCL:5;IPV:NLI;SFV:SPM;H:printer;PTR:InfoDomainNonexistent;CAT:SPOOF;DIR:INB;\r\n" +
		"X-Microsoft-Antispam: BCL:0;ARA:1\r\nX-MS-Exchange-Organization-AuthAs: Anonymous\r\n" +
		"X-MS-Exchange-Organization-AuthSource: AM0EUR01FT001.eop-EUR01.prod.protection.outlook.com\r\n" +
		"From: printer@fabrikam.com\r\nTo: you@fabrikam.com\r\nSubject: scan\r\n\r\nx\r\n"
	a := Analyse(t.Context(), []byte(in), Options{Now: today})
	if len(a.AuthResults) != 1 || !a.AuthResults[0].Trusted || a.trusted("spf") != "fail" {
		t.Fatalf("%+v", a.AuthResults)
	}
	if a.Border == nil || a.Border.IP != "203.0.113.9" || a.Border.HELO != "printer" {
		t.Errorf("border %+v", a.Border)
	}
	var got []string
	for _, m := range a.Microsoft {
		got = append(got, m.Key+"="+m.Value)
	}
	for _, want := range []string{"compauth=fail reason=010", "SCL=5", "CAT=SPOOF", "DIR=INB", "BCL=0",
		"=Anonymous", "=fabrikam.com"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in %q", want, got)
		}
	}
}

func TestHops(t *testing.T) {
	a := Analyse(t.Context(), []byte(receivedLines+olderLine+letter), Options{Now: today})
	if len(a.Hops) != 3 || a.Hops[1].IP != "203.0.113.9" || a.Hops[1].By != "mx.fabrikam.com" ||
		a.Hops[1].For != "you@fabrikam.com" {
		t.Fatalf("%+v", a.Hops)
	}
	if d := a.Hops[1].Delay; d == nil || *d != 603 || a.Hops[1].Note == "" {
		t.Errorf("delay %v, note %q", d, a.Hops[1].Note)
	}
	if a.Border == nil || a.Border.Hop != 1 || a.Border.HELO != "mail.contoso.com" {
		t.Errorf("border %+v", a.Border)
	}
}

func TestFault_179_received(t *testing.T) {
	many := strings.Repeat("Received: from a by b; Mon, 23 Nov 2026 12:00:00 +0000\r\n", 1000)
	a := Analyse(t.Context(), []byte(many+letter), Options{Now: today})
	if len(a.Hops) != MaxHops || a.HopsCut != 900 {
		t.Errorf("%d hops, %d cut", len(a.Hops), a.HopsCut)
	}
	odd := "Received: from x ([IPv6:2001:db8::1]) by y; Fri, 31 Dec 9999 23:59:59 +0000\r\n" +
		"Received: from [2001:db8::2] by z; Mon, 23 Nov 2026 12:00:00 +9999\r\n" +
		"Received: from a (HELO b) (192.0.2.1) by c; Tue, 24 Nov 2026 12:00:00 +0000\r\n" +
		"Received: by d with ((((( ; not a date\r\nReceived: ;\r\nReceived:\r\n"
	a = Analyse(t.Context(), []byte(odd+letter), Options{Now: today})
	if len(a.Hops) != 6 || a.Hops[0].IP != "2001:db8::1" || a.Hops[0].Time != nil || a.Hops[2].From != "b" {
		t.Errorf("%+v", a.Hops)
	}
	back := "Received: from a by b; Mon, 23 Nov 2026 11:00:00 +0000\r\nReceived: from c by a; Mon, 23 Nov " +
		"2026 12:00:00 +0000\r\n"
	a = Analyse(t.Context(), []byte(back+letter), Options{Now: today})
	if d := a.Hops[0].Delay; d == nil || *d >= 0 || !strings.Contains(a.Hops[0].Note, "disagree") {
		t.Errorf("%+v", a.Hops[0])
	}
}

func TestAmbiguousFrom(t *testing.T) {
	for from, domain := range map[string]string{
		"From: a@contoso.com\r\nFrom: b@fabrikam.com\r\n": "", "From: a@contoso.com, b@fabrikam.com\r\n": "",
		"From: <a@contoso.com> <b@fabrikam.com>\r\n": "", "X-From: a@contoso.com\r\n": "",
		"From: nobody\r\n":                         "",
		"From: a@contoso.com <b@fabrikam.com>\r\n": "", "From: a@b c\r\n": "",
		"From: \"a@evil.example\" <b@fabrikam.com>\r\n":    "fabrikam.com",
		"From: b@fabrikam.com (a@evil.example)\r\n":        "fabrikam.com",
		"From: =?utf-8?q?x?= <b@M\u00fcnchen.example>\r\n": "xn--mnchen-3ya.example",
	} {
		a := Analyse(t.Context(), []byte(from+"To: you@fabrikam.com\r\n\r\nx\r\n"), Options{Now: today})
		if domain == "" && (a.From.Ambiguous == "" || a.DMARC.Result != "ambiguous") {
			t.Errorf("%q: %+v %+v", from, a.From, a.DMARC)
		}
		if domain != "" && (a.From.Ambiguous != "" || a.From.Domain != domain) {
			t.Errorf("%q: %+v", from, a.From)
		}
	}
}

func TestFault_167_addresses(t *testing.T) {
	for _, v := range []string{
		strings.Repeat("(", 1_000_000), strings.Repeat("\"", 1_000_000), strings.Repeat("a@b,", 250_000),
		"<" + strings.Repeat("[", 1_000_000), strings.Repeat("\\", 1_000_000), strings.Repeat("<>", 500_000),
	} {
		began := time.Now()
		addresses(v)
		fromOf(Parsed("From: " + v))
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("%.10q: %v", v, d)
		}
	}
}

// TestReplay repeats SPF and DMARC with the DNS.
func TestReplay(t *testing.T) {
	zone := `
contoso.com. TXT "v=spf1 ip4:203.0.113.9 -all"
_dmarc.contoso.com. TXT "v=DMARC1; p=reject"
bounce.example. TXT "v=spf1 ip4:203.0.113.9 -all"
`
	dns, srv := resolver(t, zone)
	in := "Return-Path: <me@contoso.com>\r\n" + receivedLines + letter
	a := Analyse(t.Context(), []byte(in), Options{DNS: dns, Replay: true, Now: today})
	if a.SPF == nil || a.SPF.Result != "pass" || a.SPF.Term != "ip4:203.0.113.9" || a.DMARC.Result != "pass" ||
		a.DMARC.Policy != "reject" {
		t.Errorf("%+v %+v", a.SPF, a.DMARC)
	}
	other := strings.Replace(in, "me@contoso.com>\r\nReceived", "x@bounce.example>\r\nReceived", 1)
	a = Analyse(t.Context(), []byte(other), Options{DNS: dns, Replay: true, Now: today})
	if a.SPF.Result != "pass" || a.DMARC.Result != "fail" || len(a.DMARC.Aligned) != 1 ||
		a.DMARC.Aligned[0].Relaxed {
		t.Errorf("%+v %+v", a.SPF, a.DMARC)
	}
	srv.Fault("contoso.com", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	a = Analyse(t.Context(), []byte(in), Options{DNS: dns, Replay: true, Now: today})
	if a.SPF.Result != "temperror" || a.DMARC.Result == "fail" || a.DMARC.Result == "pass" {
		t.Errorf("SERVFAIL: %+v %+v", a.SPF, a.DMARC)
	}
}

// TestFromForms reads From in the forms that RFC 5322 allows or allowed, and
// those that real programs write: what names one address in one way is clear,
// also on the first line of a file.
func TestFromForms(t *testing.T) {
	for from, clear := range map[string]bool{
		"From : me@contoso.com": true, "From\t: me@contoso.com": true, "FROM:me@contoso.com": true, "From: < me@contoso.com >": true,
		"From: me@contoso.com <Me@contoso.com>": true, "From: \"Sales: EU\" <me@contoso.com>": true, "From: Doe, John <me@contoso.com>": true,
		"From: M\xe9 <me@contoso.com>": true, "From: \xb0\xa1 <me@contoso.com>": true, "From: Mé\r\n <me@contoso.com>": true, "From: \"me too\"@contoso.com": true,
		"From: me@contoso.com <me@contoso.com.evil.example>": false, "From: me@contoso.com me@contoso.org": false, "From: Team: me@contoso.com;": false,
		"From: me @ contoso . com": false, "From: me(x)@contoso(y).com": false, "From: me@contoso\u200b.com": false, "From: me\u00ad@contoso.com": false,
		"From: m\xe9@contoso.com": false, "From: me@contoso.com\rX: y": false, "From: me@contoso.com\x00": false, "From: me@contoso.com@evil.example": false,
		"From: <mailto:me@contoso.com>": false, "From: me@contoso\u2028.com": false, "From: me@[192.0.2.1]": false,
	} {
		for _, in := range []string{from + "\r\nTo: you@fabrikam.com\r\n\r\nx\r\n", "To: you@fabrikam.com\r\n" + from + "\r\n\r\nx\r\n"} {
			a := Analyse(t.Context(), []byte(in), Options{Now: today})
			if (a.From.Ambiguous == "") != clear || clear && a.From.Domain != "contoso.com" {
				t.Errorf("%q: %+v", from, a.From)
			}
		}
	}
}

// TestShownName finds the address of another organization in a name in any
// charset, one that nobody knows included.
func TestShownName(t *testing.T) {
	for _, name := range []string{"ceo@fabrikam.com", "=?utf-8?q?ceo=40fabrikam=2Ecom?=", "=?GB2312?q?ceo=40fabrikam=2Ecom?=", "=?x-unknown?b?Y2VvQGZhYnJpa2FtLmNvbQ==?=",
		"=?iso-2022-jp?b?GyRCJUYbKEIgY2VvQGZhYnJpa2FtLmNvbQ==?=", "=?windows-1251?q?=D2=E5 ceo=40fabrikam.com?=", "=?us-ascii?q?ceo=40?= =?koi8-r?q?fabrikam.com?="} {
		a := Analyse(t.Context(), []byte("From: \""+name+"\" <me@contoso.com>\r\nTo: you@fabrikam.com\r\n\r\nx\r\n"), Options{Now: today})
		b := Analyse(t.Context(), []byte("From: "+strings.ReplaceAll(name, "ceo@", "\"ceo@\"")+" <me@contoso.com>\r\nTo: you@fabrikam.com\r\n\r\nx\r\n"), Options{Now: today})
		if a.From.Shown != "ceo@fabrikam.com" || !strings.HasPrefix(name, "ceo") && b.From.Shown != "ceo@fabrikam.com" {
			t.Errorf("%s: %+v %+v", name, a.From, b.From)
		}
	}
}

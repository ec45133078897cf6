package message

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"maildiag/dnsrec"
)

// world answers TXT lookups: contoso.com authorizes 192.0.2.10 alone and has
// p=reject; evil.example belongs to the attacker, who sends from 203.0.113.66.
type world map[string]string

func (w world) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR"}
	if v, ok := w[q.Name]; ok && q.Type == dnsrec.TypeTXT {
		a.Values = []string{v}
	} else {
		a.Rcode = "NXDOMAIN"
	}
	return a, nil
}

func spoofWorld(pub string) world {
	return world{
		"contoso.com": "v=spf1 ip4:192.0.2.10 -all", "_dmarc.contoso.com": "v=DMARC1; p=reject",
		"evil.example": "v=spf1 ip4:203.0.113.66 -all", "_dmarc.evil.example": "v=DMARC1; p=reject",
		"s._domainkey.evil.example": "v=DKIM1; p=" + pub, "contoso.com.evil.example": "v=spf1 +all",
	}
}

// doors are the Received fields of receivers; %s is what the attacker says
// with HELO.
var doors = []struct{ name, received, id string }{
	{"Postfix", "from %s (unknown [203.0.113.66]) by mx.fabrikam.com (Postfix) with ESMTP id 4Q for <you@fabrikam.com>", "mx.fabrikam.com"},
	{"Postfix, rdns", "from %s (mx.fabrikam.com.evil.example [203.0.113.66]) by mx.fabrikam.com (Postfix) with ESMTP id 4Q", "mx.fabrikam.com"},
	{"Exchange Online", "from %s (203.0.113.66) by AM7EUR06FT036.mail.protection.outlook.com (10.233.255.73) with Microsoft SMTP Server id 15.20.1", ""},
	{"Exchange", "from %s (203.0.113.66) by EX01.fabrikam.com (10.0.0.5) with Microsoft SMTP Server id 15.2.1", "EX01.fabrikam.com"},
	{"Exim", "from [203.0.113.66] (helo=%s) by mx.fabrikam.com with esmtp (Exim 4.96) id 1q", "mx.fabrikam.com"},
	{"qmail", "from unknown (HELO %s) (203.0.113.66) by mx.fabrikam.com with SMTP", "mx.fabrikam.com"},
	{"Sendmail", "from %s (mail.contoso.com [203.0.113.66] (may be forged)) by mx.fabrikam.com (8.17.1/8.17.1) with ESMTP id 3A", "mx.fabrikam.com"},
	{"Gmail", "from %s ([203.0.113.66]) by mx.google.com with ESMTP id a1", "mx.google.com"},
	{"no address", "from %s by mx.fabrikam.com with SMTP", "mx.fabrikam.com"},
	{"NAT", "from %s (unknown [172.17.0.1]) by mx.fabrikam.com (Postfix) with ESMTP id 4Q", "mx.fabrikam.com"},
}

var spoofHELO = []string{"mail.contoso.com", "[192.0.2.10]", "[10.0.0.5]", "192.0.2.10", "[IPv6:::ffff:192.0.2.10]",
	"x.(mail.contoso.com.[192.0.2.10])", "[192.0.2.10].(helo=x)"}

// below are the fields that the attacker puts on top of his message; %[1]s is
// the name of the receiver.
var below = map[string]string{
	"nothing":         "",
	"results":         "X-First: 1\r\nAuthentication-Results: %[1]s; spf=pass smtp.mailfrom=ceo@contoso.com; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com\r\n",
	"results, direct": "Authentication-Results: %[1]s; spf=pass smtp.mailfrom=ceo@contoso.com; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com\r\n",
	"results twice":   "Authentication-Results: %[1]s; dmarc=pass header.from=contoso.com\r\nAuthentication-Results: %[1]s; dkim=pass header.d=contoso.com\r\n",
	"no name":         "Authentication-Results: spf=pass (sender IP is 192.0.2.10) smtp.mailfrom=contoso.com; dkim=pass header.d=contoso.com; dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100\r\n",
	"other name":      "Authentication-Results: mx.evil.example; dmarc=pass header.from=contoso.com\r\n",
	"second chain":    "Received: from mail.contoso.com (mail.contoso.com [192.0.2.10]) by %[1]s (Postfix) with ESMTPS id 5; Mon, 23 Nov 2026 12:00:02 +0000\r\nAuthentication-Results: %[1]s; dmarc=pass header.from=contoso.com\r\n",
	"results, chain": "Authentication-Results: %[1]s; dmarc=pass header.from=contoso.com; spf=pass smtp.mailfrom=contoso.com\r\nReceived: from mail.contoso.com (mail.contoso.com [192.0.2.10]) by %[1]s with ESMTPS; Mon, 23 Nov 2026 12:00:02 +0000\r\n" +
		"Return-Path: <ceo@contoso.com>\r\n",
	"Microsoft chain": "Received: from AM0PR01MB0001.eurprd01.prod.outlook.com (2603:10a6:208::1) by AM0PR01MB0002.eurprd01.prod.outlook.com with HTTPS; Mon, 23 Nov 2026 12:00:02 +0000\r\n" +
		"Authentication-Results: spf=pass (sender IP is 192.0.2.10) smtp.mailfrom=contoso.com; dmarc=pass header.from=contoso.com;compauth=pass reason=100\r\n" +
		"Received: from mail.contoso.com (192.0.2.10) by AM7EUR06FT036.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server; Mon, 23 Nov 2026 12:00:01 +0000\r\n",
	"Received-SPF": "Received-SPF: Pass (protection.outlook.com: domain of contoso.com designates 192.0.2.10) receiver=protection.outlook.com; client-ip=192.0.2.10; envelope-from=\"ceo@contoso.com\"; helo=mail\r\nReturn-Path: <ceo@contoso.com>\r\n",
	"forged ARC": "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=contoso.com; s=s; t=1; b=eA==\r\nARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=contoso.com; s=s; h=from; bh=eA==; b=eA==\r\n" +
		"ARC-Authentication-Results: i=1; %[1]s; dmarc=pass header.from=contoso.com; spf=pass; dkim=pass header.d=contoso.com\r\n",
	"forged signature": "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=contoso.com; s=s; h=from:from; bh=eA==; b=eA==\r\n",
	"Microsoft marks":  "X-Forefront-Antispam-Report: CIP:192.0.2.10;SCL:-1;SFV:SKN;CAT:NONE;DIR:INT;\r\nX-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-Organization-SCL: -1\r\n",
	"long name":        "X-" + strings.Repeat("a", 300) + ": 1\r\nAuthentication-Results: %[1]s; dmarc=pass header.from=contoso.com\r\n",
	"folded":           "Authentication-Results:\r\n %[1]s\r\n\t;\r\n dmarc=pass\r\n header.from=contoso.com\r\n",
	"bare CR":          "X-A: 1\rReceived: from mail.contoso.com ([192.0.2.10]) by %[1]s; Mon, 23 Nov 2026 12:00:02 +0000\r\n",
}

// froms are the ways in which the attacker writes contoso.com.
var froms = map[string]string{
	"plain":          "From: CEO <ceo@contoso.com>\r\n",
	"own below":      "From: CEO <ceo@contoso.com>\r\nFrom: x@evil.example\r\n",
	"own above":      "From: x@evil.example\r\nFrom: CEO <ceo@contoso.com>\r\n",
	"two":            "From: ceo@contoso.com, x@evil.example\r\n",
	"group":          "From: contoso: ceo@contoso.com, x@evil.example;\r\n",
	"route":          "From: <@evil.example:ceo@contoso.com>\r\n",
	"name is one":    "From: ceo@contoso.com <x@evil.example>\r\n",
	"encoded":        "From: =?utf-8?q?ceo=40contoso.com?=\r\n",
	"encoded inside": "From: <=?utf-8?q?ceo?=@contoso.com>\r\n",
	"NUL":            "From: CEO <ceo@contoso.com\x00.evil.example>\r\n",
	"NUL in name":    "From\x00: x@evil.example\r\nFrom: ceo@contoso.com\r\n",
	"blank line":     "From: ceo@contoso.com\r\n \r\nFrom: x@evil.example\r\n",
	"no field":       "From: ceo@contoso.com\r\njunk\r\nFrom: x@evil.example\r\n",
	"case":           "fROM : CEO <ceo@CONTOSO.com>\r\n",
	"comment":        "From: ceo@contoso.com (x@evil.example)\r\n",
	"bare CR":        "From: ceo@contoso.com\rX: <x@evil.example>\r\n",
	"subdomain":      "From: ceo@mail.contoso.com\r\n",
	"sender":         "From: ceo@contoso.com\r\nSender: x@evil.example\r\nResent-From: x@evil.example\r\n",
}

const date = "; Mon, 23 Nov 2026 12:00:03 +0000\r\n"

// forgery is one message of the suite.
type forgery struct{ name, text string }

func forgeries(t *testing.T) (list []forgery) {
	t.Helper()
	k, _ := spoofKey(t)
	for _, d := range doors {
		for i, h := range spoofHELO {
			for b, fields := range below {
				if i > 1 && b != "results" && b != "second chain" && b != "Microsoft chain" {
					continue
				}
				if strings.Contains(fields, "%[1]s") {
					fields = fmt.Sprintf(fields, d.id)
				}
				list = append(list, forgery{d.name + ", HELO " + h + ", " + b, door(d.received, h) + fields + froms["plain"] + rest})
			}
		}
		for f, from := range froms {
			list = append(list, forgery{d.name + ", From " + f, door(d.received, "mail.contoso.com") + from + rest})
			list = append(list, forgery{d.name + ", signed, From " + f, door(d.received, "mail.contoso.com") + signedBy(t, k, from+rest)})
		}
	}
	return list
}

const rest = "To: you@fabrikam.com\r\nSubject: pay\r\n\r\nPlease pay.\r\n"

func door(form, helo string) string {
	return "Return-Path: <x@evil.example>\r\nReceived: " + fmt.Sprintf(form, helo) + date
}

// signedBy signs with the attacker's own domain, as far as that can be done.
func signedBy(t *testing.T, k crypto.Signer, msg string) string {
	var b bytes.Buffer
	err := dkim.Sign(&b, strings.NewReader(msg), &dkim.SignOptions{Domain: "evil.example", Selector: "s", Signer: k,
		Hash: crypto.SHA256, HeaderKeys: []string{"From"}, HeaderCanonicalization: "relaxed", BodyCanonicalization: "relaxed"})
	if err != nil {
		return msg // its header cannot be signed by this library
	}
	return b.String()
}

func spoofKey(t *testing.T) (crypto.Signer, string) {
	t.Helper()
	return key(t)
}

// TestSpoofs is the suite of forged messages: none of them passes, by whatever
// way it is checked.
func TestSpoofs(t *testing.T) {
	_, pub := spoofKey(t)
	dns := spoofWorld(pub)
	list := forgeries(t)
	for _, f := range list {
		for _, genuine := range []string{"", "Authentication-Results: mx.fabrikam.com; spf=fail smtp.mailfrom=evil.example; dmarc=fail header.from=contoso.com\r\n"} {
			for _, o := range []Options{{}, {DNS: dns}, {DNS: dns, Replay: true}} {
				o.Now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
				a := Analyse(t.Context(), []byte(genuine+f.text), o)
				if why := fooled(a); why != "" {
					t.Errorf("%s (genuine result: %v, replay: %v): %s: %+v", f.name, genuine != "", o.Replay, why, a.Answer)
				}
			}
		}
	}
	t.Logf("%d forgeries", len(list))
	if len(list) < 200 {
		t.Errorf("only %d forgeries", len(list))
	}
}

// fooled reports what a forgery made the analysis say, "" if nothing.
func fooled(a *Analysis) string {
	switch {
	case a.Answer.Verdict == Authentic || a.Answer.Verdict == Accepted:
		return "taken for authentic"
	case a.DMARC.Result == "pass" || a.DMARC.Alignment == yes:
		return "DMARC passes"
	case a.Border != nil && a.Border.IP == "192.0.2.10" && a.Border.Uncertain == "":
		return "the client is the wrong one"
	case slices.ContainsFunc(a.AuthResults, func(r AuthResult) bool { return r.Trusted && slices.ContainsFunc(r.Results, vouches) }):
		return "a forged result is trusted"
	case slices.ContainsFunc(a.Microsoft, func(m Mark) bool { return m.Trusted && m.Value == "-1" }) && !a.Border.microsoft():
		return "a forged mark is trusted"
	case a.ARC != nil && a.ARC.State == "pass":
		return "a forged chain is valid"
	}
	return ""
}

// vouches reports whether a result speaks for contoso.com.
func vouches(m MethodResult) bool {
	return m.Value == "pass" && (m.Method == "dmarc" || m.Method == "compauth" || sameOrg(m.domain(), "contoso.com"))
}

// FuzzAbove holds that no bytes around the border's own header let a forged
// message pass: neither fields below it, nor fields above it that leave the
// border where it is.
func FuzzAbove(f *testing.F) {
	const own = "Authentication-Results: mx.fabrikam.com; spf=fail smtp.mailfrom=evil.example; dmarc=fail header.from=contoso.com\r\n" +
		"Received: from [192.0.2.10] (unknown [203.0.113.66]) by mx.fabrikam.com (Postfix) with ESMTP id 4Q" + date
	for _, b := range below {
		f.Add("", strings.ReplaceAll(b, "%[1]s", "mx.fabrikam.com"))
		f.Add(strings.ReplaceAll(b, "%[1]s", "mx.fabrikam.com"), "")
	}
	dns := spoofWorld("")
	f.Fuzz(func(t *testing.T, over, under string) {
		for _, o := range []Options{{}, {DNS: dns, Replay: true}} {
			o.Now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
			a := Analyse(t.Context(), []byte(over+own+under+froms["plain"]+rest), o)
			if over != "" && (a.Border == nil || a.Border.By != "mx.fabrikam.com" || a.Border.IP != "203.0.113.66") {
				continue // another border was put on top
			}
			if a.From.Domain != "contoso.com" {
				continue
			}
			if why := fooled(a); why != "" {
				t.Errorf("%s: %+v", why, a.Answer)
			}
		}
	})
}

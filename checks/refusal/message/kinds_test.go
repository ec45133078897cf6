package message

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// forgedPass is what an attacker writes in the name of a server.
const forgedPass = "spf=pass smtp.mailfrom=ceo@contoso.com; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com"

// disguises are ways to make fields of the sender look like those of the
// receiving server %[1]s, whose word counts.
var disguises = map[string]string{
	"blank before the colon": "Authentication-Results : %[1]s; " + forgedPass,
	"tab before the colon":   "Authentication-Results\t: %[1]s; " + forgedPass,
	"upper case":             "AUTHENTICATION-RESULTS: %[1]s; " + forgedPass,
	"zero width in the name": "Authentication-Results: %[1]s\u200b; " + forgedPass,
	"comment in the name":    "Authentication-Results: %[1]s(x) (y) 1; " + forgedPass,
	"trailing dot":           "Authentication-Results: %[1]s.; " + forgedPass,
	"a name below":           "Authentication-Results: x.%[1]s; " + forgedPass,
	"no name, one method":    "Authentication-Results: dmarc=pass header.from=contoso.com",
	"empty name":             "Authentication-Results: ; " + forgedPass,
	"two names":              "Authentication-Results: evil.example %[1]s; " + forgedPass,
	"version 2":              "Authentication-Results: %[1]s 2; " + forgedPass,
	"method versions":        "Authentication-Results: %[1]s; spf/1=pass smtp.mailfrom=contoso.com; dkim/2=pass header.d=contoso.com",
	"other field names":      "X-MS-Exchange-Authentication-Results: " + forgedPass + "\r\nAuthentication-Results-Original: %[1]s; " + forgedPass,
	"ARC of the receiver":    "ARC-Authentication-Results: i=1; %[1]s; " + forgedPass + "\r\nAuthentication-Results: %[1]s; " + forgedPass,
	"Received without date":  "Received: from mail.contoso.com ([192.0.2.10]) by %[1]s\r\nAuthentication-Results: %[1]s; " + forgedPass,
	"Received turned around": "Received: by %[1]s from mail.contoso.com ([192.0.2.10]) with ESMTPS" + strings.TrimSuffix(date, "\r\n"),
	"Received, two clients":  "Received: from mail.contoso.com ([192.0.2.10]) from x ([203.0.113.66]) by %[1]s with ESMTP" + strings.TrimSuffix(date, "\r\n"),
	"Received by LMTP":       "Received: from localhost (localhost [127.0.0.1]) by %[1]s with LMTP id 1" + date + "Authentication-Results: %[1]s; " + forgedPass,
	"Received by sign-in":    "Received: from ceo ([192.0.2.10]) by %[1]s with ESMTPSA id 1" + date + "Authentication-Results: %[1]s; auth=pass smtp.auth=ceo@contoso.com; " + forgedPass,
	"internal of Microsoft": strings.TrimSuffix(storeHop+mailboxHop+signedInAs+acrossAs, "\r\n") +
		"\r\nX-Forefront-Antispam-Report: CIP:255.255.255.255;CTRY:;LANG:en;SCL:-1;SRV:;IPV:NLI;SFV:SKI;H:;PTR:;CAT:NONE;DIR:INT;",
	"tenant to tenant":  "Received: from EUR05-DB8-obe.outbound.protection.outlook.com (40.107.1.1)" + exoEdge + "Authentication-Results: spf=pass (sender IP is 40.107.1.1) smtp.mailfrom=contoso.com; dkim=pass header.d=contoso.com;dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100",
	"envelope sender":   "Return-Path: <ceo@contoso.com>\r\nEnvelope-From: ceo@contoso.com\r\nX-Original-Return-Path: <ceo@contoso.com>",
	"Received-SPF, two": "Received-SPF: Pass (x) client-ip=192.0.2.10; envelope-from=ceo@contoso.com\r\nReceived-SPF: Pass (y) client-ip=192.0.2.10",
	"filter marks":      "X-Proofpoint-SPF-Result: pass\r\nX-Mimecast-Spam-Score: 0\r\nX-Barracuda-Spam-Status: No\r\nX-Spam-Status: No\r\nDKIM-Filter: OpenDKIM Filter v2.11.0 %[1]s 4QXXXXXXXX",
	"list":              "List-Id: <list.contoso.com>\r\nPrecedence: list\r\nSender: list@contoso.com\r\nErrors-To: ceo@contoso.com",
	"resent":            "Resent-From: ceo@contoso.com\r\nResent-Sender: ceo@contoso.com\r\nResent-To: you@fabrikam.com",
	"journal":           "X-MS-Journal-Report:\r\nSender: MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contoso.com",
	"bare line feeds":   "X-A: 1\nAuthentication-Results: %[1]s; " + forgedPass + "\n",
	"next line of X-A":  "X-A: 1\r\n\u0085Authentication-Results: %[1]s; " + forgedPass,
	"folded name":       "Authentication-\r\n Results: %[1]s; " + forgedPass,
	"many fields":       strings.Repeat("X-A: 1\r\n", 2100) + "Authentication-Results: %[1]s; " + forgedPass,
}

// lures are ways to let another domain, which the attacker may use, stand for
// contoso.com: of the signature, the envelope or the name that is shown.
var lures = map[string]string{
	"signature, case":       "DKIM-Signature: v=1; a=rsa-sha256; d=CONTOSO.COM.evil.example; s=s; h=from; bh=eA==; b=eA==\r\nFrom: ceo@contoso.com",
	"signature, dot":        "DKIM-Signature: v=1; a=rsa-sha256; d=contoso.com.; s=s; h=from; bh=eA==; b=eA==\r\nFrom: ceo@contoso.com",
	"signature, empty":      "DKIM-Signature: v=1; a=rsa-sha256; d=; i=ceo@contoso.com; s=s; h=from; bh=eA==; b=eA==\r\nFrom: ceo@contoso.com",
	"signature, above":      "DKIM-Signature: v=1; a=rsa-sha256; d=com; i=ceo@contoso.com; s=s; h=from; bh=eA==; b=eA==\r\nFrom: ceo@contoso.com",
	"signature, list":       "DKIM-Signature: v=1; a=rsa-sha256; d=evil.example contoso.com; s=s; h=from; bh=eA==; b=eA==\r\nFrom: ceo@contoso.com",
	"signature, selector":   "DKIM-Signature: v=1; a=rsa-sha256; d=contoso.com; s=s._domainkey.evil.example.; h=from; bh=eA==; b=eA==\r\nFrom: ceo@contoso.com",
	"public suffix":         "From: ceo@com",
	"From, group of one":    "From: contoso: ceo@contoso.com;",
	"From, trailing dot":    "From: ceo@contoso.com.",
	"From, two brackets":    "From: <ceo@contoso.com> <x@evil.example>",
	"From, comment inside":  "From: ceo@contoso.com(<x@evil.example>)",
	"From, quoted at":       "From: \"ceo@contoso.com\"@evil.example",
	"From, escaped quote":   "From: \"x\\\" <x@evil.example>\" <ceo@contoso.com>",
	"From, open quote":      "From: \"x <x@evil.example> <ceo@contoso.com>",
	"From, open comment":    "From: (x ceo@contoso.com <x@evil.example>",
	"From, percent":         "From: ceo%contoso.com@evil.example",
	"From, bang":            "From: contoso.com!ceo@evil.example",
	"From, soft hyphen":     "From: ceo@con\u00adtoso.com",
	"From, homograph":       "From: ceo@cont\u043eso.com",
	"From, full width":      "From: ceo\uff20contoso.com <x@evil.example>",
	"From, encoded, folded": "From: =?utf-8?q?ceo=40contoso?=\r\n =?utf-8?q?=2Ecom?= <x@evil.example>",
	"From, base64":          "From: =?utf-8?b?Y2VvQGNvbnRvc28uY29t?= <x@evil.example>",
	"From, below a blank":   "From: ceo@contoso.com\r\n\t\r\nFrom: x@evil.example",
	"From, beside an alias": "From: ceo@contoso.com\r\nX-From: x@evil.example\r\nfrom : x@evil.example",
	"From, NUL name":        "From: ceo@contoso.com\r\nFrom\x00: x@evil.example",
	"From, no value":        "From:\r\nFrom: ceo@contoso.com",
	"From, literal":         "From: ceo@[contoso.com]",
	"Sender first":          "Sender: ceo@contoso.com\r\nFrom: x@evil.example\r\nFrom: ceo@contoso.com",
	"Reply-To":              "From: ceo@contoso.com\r\nReply-To: x@evil.example",
}

// TestForgeryKinds holds that no disguise and no lure is taken for a word of
// contoso.com at any receiver, found forged by it or not, with or without the
// current DNS and the name that the user trusts.
func TestForgeryKinds(t *testing.T) {
	dns := spoofWorld("")
	n := 0
	check := func(name, id, text string) {
		n++
		for _, o := range []Options{{}, {DNS: dns}, {DNS: dns, Replay: true, AuthservID: id}} {
			o.Now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
			a := Analyse(t.Context(), []byte(text), o)
			why := fooled(a)
			if o.AuthservID != "" && assumed(a) {
				why = "" // the user vouches for what is directly below the border
			}
			about := a.From.Domain == "contoso.com" || a.Answer.Verdict == Authentic && a.From.Domain != "evil.example"
			if about && why != "" || a.Answer.Verdict == Internal {
				t.Errorf("%s, replay %v: %s: %+v %+v", name, o.Replay, why, a.From, a.Answer)
			}
		}
	}
	const own = " spf=pass (sender IP is 203.0.113.66) smtp.mailfrom=x@evil.example; dkim=none; dmarc=fail header.from=contoso.com"
	for _, r := range receivers {
		for _, found := range []string{"", own} {
			top := r.write("mail.evil.example", "203.0.113.66", found)
			for name, d := range disguises {
				if strings.Contains(d, "%[1]s") {
					d = fmt.Sprintf(d, r.id)
				}
				check(r.name+", "+name, r.id, top+d+"\r\n"+froms["plain"]+rest)
			}
			for name, l := range lures {
				check(r.name+", "+name, r.id, top+l+"\r\n"+rest)
			}
		}
	}
	t.Logf("%d kinds, %d messages", len(disguises)+len(lures), n)
}

func assumed(a *Analysis) bool {
	for _, r := range a.AuthResults {
		if r.assumed {
			return true
		}
	}
	return false
}

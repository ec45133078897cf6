package message

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
)

// exo writes the fields of Exchange Online for a message from a client.
func exo(helo, ip, results string) string {
	return exoTop + "Authentication-Results: " + results + "\r\nReceived-SPF: None (protection.outlook.com: x) receiver=protection.outlook.com; client-ip=" + ip +
		"; helo=" + helo + ";\r\nReceived: from " + helo + " (" + ip + ")" + exoEdge
}

func gmail(results string) string {
	return googleTop + "ARC-Authentication-Results: i=1; mx.google.com;" + results + "\r\nReturn-Path: <b@bounce.example>\r\nReceived: from mail.example.net (mail.example.net. [203.0.113.9])\r\n        by mx.google.com with ESMTPS id d71si833482jab.10" + date +
		"Authentication-Results: mx.google.com;" + results + "\r\n"
}

// postfix writes the fields of Postfix, with the results of a milter above.
func postfix(results string) string {
	return "Return-Path: <b@bounce.example>\r\nAuthentication-Results: mx.fabrikam.com; " + results + "\r\n" + postfixReceived[strings.Index(postfixReceived, "Delivered-To"):]
}

const (
	exoPass   = "spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=pass (signature was verified) header.d=contoso.com;dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100"
	espSigned = "spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=bounce.esp.example; dkim=pass (signature was verified) header.d=esp.example;dkim=pass (signature was verified) header.d=contoso.com;dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100"
	ownSigned = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=contoso.com; s=s1; h=from:to:subject:date:message-id; bh=AAAA; b=AAAA\r\n"
	onmsAlone = "spf=pass (sender IP is 40.107.1.1) smtp.mailfrom=contoso.com; dkim=pass (signature was verified) header.d=contoso.onmicrosoft.com;dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100"
)

// genuine are messages that were sent by whom From names, by the way they went.
var genuine = map[string]string{
	"direct":                        exo("mail.contoso.com", "203.0.113.9", exoPass) + ownSigned,
	"direct, SPF alone":             exo("mail.contoso.com", "203.0.113.9", "spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=none (message not signed) header.d=none;dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100"),
	"direct, no DMARC record":       exo("mail.contoso.com", "203.0.113.9", "spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=none (message not signed) header.d=none;dmarc=bestguesspass action=none header.from=contoso.com;compauth=pass reason=109"),
	"direct, IPv6":                  exo("mail.contoso.com", "2001:470::9", strings.ReplaceAll(exoPass, "203.0.113.9", "2001:470::9")) + ownSigned,
	"direct, two signatures":        exo("mail.contoso.com", "203.0.113.9", strings.Replace(exoPass, "dkim=pass", "dkim=fail (unsupported algorithm) header.d=contoso.com;dkim=pass", 1)) + ownSigned,
	"subdomain":                     exo("mail.contoso.com", "203.0.113.9", strings.ReplaceAll(exoPass, "smtp.mailfrom=contoso.com", "smtp.mailfrom=bounce.news.contoso.com")) + ownSigned,
	"tenant to tenant":              exo("EUR05-DB8-obe.outbound.protection.outlook.com", "40.107.1.1", strings.ReplaceAll(exoPass, "203.0.113.9", "40.107.1.1")) + mailboxHop + ownSigned,
	"tenant to tenant, onmicrosoft": exo("EUR05-DB8-obe.outbound.protection.outlook.com", "40.107.1.1", onmsAlone) + mailboxHop,
	"within the tenant":             storeHop + mailboxHop + signedInAs + innerAR,
	"within the tenant, SMTP":       storeHop + submitHop + signedInAs,
	"hybrid, from the own server":   exo("ex01.fabrikam.com", "203.0.113.9", "spf=none (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=contoso.com;compauth=pass reason=403"),
	"hybrid, connector":             exo("ex01.contoso.com", "203.0.113.9", "spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=none (message not signed) header.d=none;dmarc=pass action=none header.from=contoso.com") + "X-MS-Exchange-Organization-AuthAs: Internal\r\n",
	"ESP, both signatures":          exo("o1.esp.example", "203.0.113.9", espSigned) + strings.Replace(ownSigned, "d=contoso.com", "d=esp.example", 1) + ownSigned,
	"ESP, envelope of ours":         exo("o1.esp.example", "203.0.113.9", strings.ReplaceAll(exoPass, "smtp.mailfrom=contoso.com", "smtp.mailfrom=em123.contoso.com")),
	"calendar":                      exo("mail-yw1-f1.google.com", "209.85.128.1", strings.NewReplacer("203.0.113.9", "209.85.128.1", "smtp.mailfrom=contoso.com", "smtp.mailfrom=calendar-server.bounces.google.com").Replace(exoPass)) + "Sender: Google Calendar <calendar-notification@google.com>\r\n" + ownSigned,
	"Mimecast with Enhanced Filtering": exo("eu-smtp-inbound-1.mimecast.com", "195.130.217.1",
		strings.Replace(exoPass, "compauth", "compauth", 1)) + "Received: from mail.contoso.com (mail.contoso.com [203.0.113.9]) by relay.mimecast.com with ESMTP id 1" + date + ownSigned,
	"Mimecast, trusted sealer": exo("eu-smtp-inbound-1.mimecast.com", "195.130.217.1", "spf=fail (sender IP is 195.130.217.1) smtp.mailfrom=contoso.com; dkim=fail (body hash did not verify) header.d=contoso.com;dmarc=fail action=none header.from=contoso.com;compauth=pass reason=130") + ownSigned,
	"Proofpoint, DKIM whole":   exo("mx0a-001.pphosted.com", "148.163.1.1", strings.NewReplacer("spf=pass (sender IP is 203.0.113.9)", "spf=softfail (sender IP is 148.163.1.1)").Replace(exoPass)) + ownSigned,
	"Barracuda, SPF of it":     exo("d1.ess.barracudanetworks.com", "209.222.82.1", "spf=pass (sender IP is 209.222.82.1) smtp.mailfrom=contoso.com; dkim=none (message not signed) header.d=none;dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100"),
	"list, From rewritten":     exo("lists.contoso.com", "203.0.113.9", exoPass) + "List-Id: <dev.contoso.com>\r\nSender: dev-bounces@contoso.com\r\n" + ownSigned,
	"list, footer, ARC": exo("lists.example.org", "203.0.113.9", "spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=lists.example.org; dkim=fail (body hash did not verify) header.d=contoso.com;dmarc=fail action=none header.from=contoso.com;compauth=pass reason=130") +
		"List-Id: <dev.lists.example.org>\r\n" + ownSigned,
	"list, unchanged":               exo("lists.example.org", "203.0.113.9", strings.Replace(exoPass, "smtp.mailfrom=contoso.com", "smtp.mailfrom=lists.example.org", 1)) + "List-Id: <dev.lists.example.org>\r\n" + ownSigned,
	"forward with SRS":              exo("fwd.example.net", "203.0.113.9", strings.Replace(exoPass, "smtp.mailfrom=contoso.com", "smtp.mailfrom=fwd.example.net", 1)) + ownSigned,
	"forward without SRS":           exo("fwd.example.net", "203.0.113.9", strings.Replace(exoPass, "spf=pass", "spf=fail", 1)) + ownSigned,
	"forward from Gmail":            exo("mail-wm1-f1.google.com", "209.85.128.1", strings.NewReplacer("203.0.113.9", "209.85.128.1", "smtp.mailfrom=contoso.com", "smtp.mailfrom=gmail.com").Replace(exoPass)) + "X-Forwarded-To: you@fabrikam.com\r\n" + ownSigned,
	"known good sender":             exo("mail.contoso.com", "203.0.113.9", "spf=none (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=contoso.com;compauth=softpass reason=201"),
	"at Gmail":                      gmail(" dkim=pass header.i=@contoso.com header.s=s1 header.b=AAAA; spf=pass (google.com: x) smtp.mailfrom=me@contoso.com; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=contoso.com") + ownSigned,
	"at Gmail, ESP":                 gmail(" dkim=pass header.i=@contoso.com header.s=s1 header.b=AAAA; dkim=pass header.i=@esp.example header.s=e header.b=BBBB; spf=pass (google.com: x) smtp.mailfrom=b@bounce.example; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=contoso.com") + ownSigned,
	"at Gmail, forwarded":           gmail(" dkim=pass header.i=@contoso.com header.s=s1 header.b=AAAA; arc=pass (i=1); spf=fail (google.com: x) smtp.mailfrom=me@contoso.com; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=contoso.com") + ownSigned,
	"at Postfix":                    postfix("dkim=pass (2048-bit key) header.d=contoso.com header.i=@contoso.com header.b=AAAA; dkim-atps=neutral; spf=pass smtp.mailfrom=me@contoso.com; dmarc=pass (p=reject) header.from=contoso.com") + ownSigned,
	"at Postfix, several fields":    strings.Replace(postfix("dmarc=pass (p=reject dis=none) header.from=contoso.com"), "Authentication-Results:", "Authentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=contoso.com\r\nAuthentication-Results: mx.fabrikam.com; dkim=pass header.d=contoso.com\r\nAuthentication-Results:", 1) + ownSigned,
	"at Postfix, nothing found out": postfix("none") + ownSigned,
	"at Postfix, foreign results":   postfix("dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com") + ownSigned + "Authentication-Results: mail.contoso.com; auth=pass smtp.auth=me\r\n",
	"sign-in at the own server":     "Return-Path: <me@contoso.com>\r\nReceived: from desk (p1.isp.example [198.51.100.7]) by mail.contoso.com (Postfix) with ESMTPSA id 4QXXXXXXXX" + date,
	"from a phone, by Gmail":        gmail(" dkim=pass header.i=@contoso.com header.s=s1 header.b=AAAA; spf=pass (google.com: x) smtp.mailfrom=me@contoso.com; dmarc=pass header.from=contoso.com") + "Received: from smtpclient.apple ([192.168.1.5]) by smtp.gmail.com with ESMTPSA id 1" + date + ownSigned,
	"sent item":                     "Thread-Topic: x\r\n",
	"header without its border":     storeHop + storeHop,
	"DNS was down":                  exo("mail.contoso.com", "203.0.113.9", "spf=temperror (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=temperror (key query timed out) header.d=contoso.com;dmarc=temperror action=none header.from=contoso.com;compauth=pass reason=112") + ownSigned,
	"bounce":                        exo("mail.contoso.com", "203.0.113.9", strings.Replace(exoPass, "smtp.mailfrom=contoso.com", "smtp.helo=mail.contoso.com", 1)) + ownSigned,
	"ESP, by sign-in":               exo("o1.esp.example", "203.0.113.9", espSigned) + "Received: from app (cloud.example [198.51.100.7]) by o1.esp.example with ESMTPSA id 1" + date + ownSigned,
}

// keyless does not answer about keys.
type keyless struct{ world }

func (k keyless) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	if strings.Contains(q.Name, "._domainkey.") {
		return dnsrec.Answer{Query: q}, errors.New("no answer")
	}
	return k.world.Lookup(ctx, q)
}

// TestGenuineWays holds that no message that was sent by whom From names is
// called spoofed, without the DNS or with one that does not answer about its keys.
func TestGenuineWays(t *testing.T) {
	dns := keyless{world{"_dmarc.contoso.com": "v=DMARC1; p=reject", "contoso.com": "v=spf1 ip4:203.0.113.9 ip4:40.107.1.1 ip4:209.85.128.1 ip4:209.222.82.1 -all"}}
	for name, top := range genuine {
		for _, o := range []Options{{}, {DNS: dns}, {DNS: dns, Replay: true}} {
			o.Now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
			a := Analyse(t.Context(), []byte(top+"From: Me <me@contoso.com>\r\nTo: you@fabrikam.com\r\nSubject: x\r\nDate: x\r\n\r\nx\r\n"), o)
			switch v := a.Answer.Verdict; {
			case v == FailsDMARC, v == AmbiguousWho, v == Unproven:
				t.Errorf("%s, replay %v: %+v", name, o.Replay, a.Answer)
			}
		}
	}
	if len(genuine) < 40 {
		t.Errorf("%d messages", len(genuine))
	}
}

// TestOldMessage holds that the records of today do not decide about a message
// of long ago, and do about one of this week.
func TestOldMessage(t *testing.T) {
	dns := world{"_dmarc.contoso.com": "v=DMARC1; p=reject", "contoso.com": "v=spf1 -all"}
	in := "Return-Path: <me@contoso.com>\r\n" + postfixReceived + ownSigned + ownLetter
	received := time.Date(2026, 11, 23, 12, 0, 8, 0, time.UTC)
	for after, want := range map[time.Duration]Verdict{time.Hour: FailsDMARC, oldAfter - time.Minute: FailsDMARC, oldAfter + time.Minute: Undecided} {
		if a := Analyse(t.Context(), []byte(in), Options{DNS: dns, Replay: true, Now: received.Add(after)}); a.Answer.Verdict != want {
			t.Errorf("%v later: %+v", after, a.Answer)
		}
	}
}

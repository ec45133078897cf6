package message

import (
	"strings"
	"testing"
)

// The pieces of headers as Exchange Online, Gmail and others write them; the
// names and addresses are made up.
const (
	exoTop = "Received: from AM0PR01MB0001.eurprd01.prod.outlook.com (2603:10a6:208:1::9) by AM0PR01MB0002.eurprd01.prod.outlook.com with HTTPS; Mon, 23 Nov 2026 12:00:09 +0000\r\n" +
		"Received: from DB8PR04CA0001.EURPR04.PROD.OUTLOOK.COM (2603:10a6:10:1::27) by AM0PR01MB0001.eurprd01.prod.outlook.com (2603:10a6:208:1::9) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.9; Mon, 23 Nov 2026 12:00:08 +0000\r\n" +
		"Received: from DB8EUR05FT038.eop-eur05.prod.protection.outlook.com (2603:10a6:10:1:cafe::92) by DB8PR04CA0001.outlook.office365.com (2603:10a6:10:1::27) with Microsoft SMTP Server (version=TLS1_3, cipher=X) id 15.20.9 via Frontend Transport; Mon, 23 Nov 2026 12:00:07 +0000\r\n"
	exoEdge   = " by DB8EUR05FT038.mail.protection.outlook.com (10.233.238.1) with Microsoft SMTP Server (version=TLS1_3, cipher=X) id 15.20.9 via Frontend Transport; Mon, 23 Nov 2026 12:00:06 +0000\r\n"
	exoSender = "Received: from ZR0P278MB1218.CHEP278.PROD.OUTLOOK.COM (2603:10a6:910:80::5) by GV1PPF532F3E036.CHEP278.PROD.OUTLOOK.COM (2603:10a6:718::213) with Microsoft SMTP Server id 15.20.9; Mon, 23 Nov 2026 12:00:05 +0000\r\n"
	ownLetter = "From: me@contoso.com\r\nTo: you@fabrikam.com\r\nSubject: x\r\n\r\nx\r\n"
)

func exoResults(ip, rest string) string {
	return "Authentication-Results: spf=pass (sender IP is " + ip + ")\r\n smtp.mailfrom=contoso.com; fabrikam.com; dkim=pass (signature was verified)\r\n header.d=contoso.com;" + rest + "\r\n" +
		"Received-SPF: Pass (protection.outlook.com: domain of contoso.com designates " + ip + " as permitted sender)\r\n receiver=protection.outlook.com; client-ip=" + ip + "; helo=x; pr=C\r\n"
}

const gmailResults = "mx.google.com;\r\n       dkim=pass header.i=@contoso.com header.s=s1 header.b=lhk5qU4z;\r\n       spf=pass (google.com: domain of me@contoso.com designates 203.0.113.9 as permitted sender) smtp.mailfrom=me@contoso.com;\r\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=contoso.com\r\n"

const gmailReceived = "Return-Path: <me@contoso.com>\r\nReceived: from mail.contoso.com (mail.contoso.com. [203.0.113.9])\r\n        by mx.google.com with ESMTPS id d71si833482jab.10\r\n        for <you@gmail.com>\r\n        (version=TLS1_2 cipher=X bits=128/128);\r\n        Mon, 23 Nov 2026 12:00:08 +0000\r\n" +
	"Received-SPF: pass (google.com: domain of me@contoso.com designates 203.0.113.9 as permitted sender) client-ip=203.0.113.9;\r\n"

const postfixReceived = "Return-Path: <me@contoso.com>\r\nDelivered-To: you@fabrikam.com\r\nReceived: from mail.contoso.com (mail.contoso.com [203.0.113.9])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\t(No client certificate requested)\r\n\tby mx.fabrikam.com (Postfix) with ESMTPS id 4Q\r\n\tfor <you@fabrikam.com>; Mon, 23 Nov 2026 12:00:08 +0000 (UTC)\r\n"

// TestBorders reads headers of real shapes offline: the address that SPF is
// about, the verdict, and who is believed.
func TestBorders(t *testing.T) {
	dmarc := "dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100"
	none := "dmarc=none action=none header.from=contoso.com;compauth=pass reason=109"
	for name, c := range map[string]struct {
		in, ip, from string
		verdict      Verdict
	}{
		"Exchange Online": {exoTop + exoResults("203.0.113.9", dmarc) + "Received: from mail.contoso.com (203.0.113.9)" + exoEdge, "203.0.113.9", "contoso.com", Authentic},
		"Exchange Online, older": {"Received: from SG2APC01FT133.eop-APC01.prod.protection.outlook.com (10.152.250.58) by SG2APC01HT040.eop-APC01.prod.protection.outlook.com (10.152.251.162) with Microsoft SMTP Server id 15.20.696.11; Wed, 23 May 2018 08:15:49 +0000\r\n" +
			exoResults("203.0.113.9", dmarc) + "Received: from mail.contoso.com (203.0.113.9)" + strings.ReplaceAll(exoEdge, "DB8EUR05FT038", "SG2APC01FT133"), "203.0.113.9", "contoso.com", Authentic},
		"edge field of another server": {"Received: from SG2APC01FT133.eop-APC01.prod.protection.outlook.com (10.152.250.58) by SG2APC01HT040.eop-APC01.prod.protection.outlook.com (10.152.251.162) with Microsoft SMTP Server id 15.20.696.11; Wed, 23 May 2018 08:15:49 +0000\r\n" +
			exoResults("203.0.113.9", dmarc) + "Received: from mail.contoso.com (203.0.113.9)" + exoEdge, "203.0.113.9", "", Unconfirmed},
		"Exchange Online, by itself": {"Received: from AM0PR01MB0001.eurprd01.prod.outlook.com (::1) by AM0PR01MB0002.eurprd01.prod.outlook.com with HTTPS; Mon, 23 Nov 2026 12:00:09 +0000\r\n" + exoTop + exoResults("203.0.113.9", dmarc) +
			"Received: from mail.contoso.com (203.0.113.9)" + exoEdge, "203.0.113.9", "contoso.com", Authentic},
		"no DMARC record": {exoTop + exoResults("203.0.113.9", none) + "Received: from mail.contoso.com (203.0.113.9)" + exoEdge, "203.0.113.9", "contoso.com", Authentic},
		"tenant to tenant": {exoTop + exoResults("40.107.20.100", dmarc) +
			"Received: from EUR05-DB8-obe.outbound.protection.outlook.com (40.107.20.100)" + exoEdge + exoSender, "40.107.20.100", "contoso.com", Authentic},
		"tenant to tenant, IPv6": {exoTop + exoResults("2a01:111:f403:c201::3", dmarc) +
			"Received: from GVAP278CU002.outbound.protection.outlook.com (2a01:111:f403:c201::3)" + exoEdge + exoSender, "2a01:111:f403:c201::3", "contoso.com", Authentic},
		"enhanced filtering": {exoTop + exoResults("203.0.113.9", dmarc) + "Received: from gate.filter.example (198.51.100.7)" + exoEdge +
			"Received: from mail.contoso.com (mail.contoso.com [203.0.113.9]) by gate.filter.example (Postfix) with ESMTPS; Mon, 23 Nov 2026 12:00:05 +0000\r\n", "203.0.113.9", "contoso.com", Authentic},
		"a trusted ARC sealer": {exoTop + strings.Replace(exoResults("198.51.100.7", "dmarc=fail action=none header.from=contoso.com;compauth=pass reason=130"), "dkim=pass", "dkim=fail", 1) +
			"Received: from list.forwarder.example (198.51.100.7)" + exoEdge, "198.51.100.7", "contoso.com", Accepted},
		"border without a client": {"Received: by mx.fabrikam.com with ESMTP id 1; Mon, 23 Nov 2026 12:00:08 +0000\r\nAuthentication-Results: mx.fabrikam.com; dmarc=pass header.from=contoso.com\r\n" +
			postfixReceived, "", "", Undecided},
		"edge field cut out": {exoTop + exoResults("203.0.113.9", dmarc) +
			"Received: from desk (10.1.1.1) by mail.contoso.com with ESMTP; Mon, 23 Nov 2026 12:00:05 +0000\r\n", "203.0.113.9", "contoso.com", Undecided},
		"edge field cut out, no results": {exoTop + "Received: from desk (192.0.2.10) by mail.contoso.com with ESMTP; Mon, 23 Nov 2026 12:00:05 +0000\r\n", "", "", Undecided},
		"within a tenant":                {exoSender + "Authentication-Results: dkim=none (message not signed)\r\n header.d=none;dmarc=none action=none header.from=contoso.com;\r\n", "", "", Undecided},
		"Gmail": {"Delivered-To: you@gmail.com\r\nReceived: by 2002:a24:9a01:: with SMTP id l1mr1134825ite; Mon, 23 Nov 2026 12:00:09 +0000\r\n" +
			"ARC-Authentication-Results: i=1; " + gmailResults + gmailReceived + "Authentication-Results: " + gmailResults, "203.0.113.9", "me@contoso.com", Authentic},
		"Gmail before ARC":      {gmailReceived + "Authentication-Results: " + gmailResults, "203.0.113.9", "me@contoso.com", Unconfirmed},
		"Gmail, another in ARC": {"ARC-Authentication-Results: i=1; mx.google.com; dmarc=fail header.from=contoso.com\r\n" + gmailReceived + "Authentication-Results: " + gmailResults, "203.0.113.9", "me@contoso.com", Unconfirmed},
		"Postfix milters": {postfixReceived + "DMARC-Filter: OpenDMARC Filter v1.4.2 mx.fabrikam.com 4Q\r\nAuthentication-Results: mx.fabrikam.com; dmarc=pass (p=reject dis=none) header.from=contoso.com\r\n" +
			"Authentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=me@contoso.com\r\n", "203.0.113.9", "me@contoso.com", Unconfirmed},
		"Postfix milters with the queue ID": {strings.Replace(postfixReceived, "id 4Q", "id E237A208C2", 1) + "DMARC-Filter: OpenDMARC Filter v1.4.2 mx.fabrikam.com E237A208C2\r\n" +
			"Authentication-Results: mx.fabrikam.com; dmarc=pass (p=reject dis=none) header.from=contoso.com\r\nAuthentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=me@contoso.com\r\n", "203.0.113.9", "me@contoso.com", Authentic},
		"Postfix milters with another queue ID": {strings.Replace(postfixReceived, "id 4Q", "id E237A208C2", 1) + "DMARC-Filter: OpenDMARC Filter v1.4.2 mx.fabrikam.com E237A208C3\r\n" +
			"Authentication-Results: mx.fabrikam.com; dmarc=pass (p=reject dis=none) header.from=contoso.com\r\n", "203.0.113.9", "me@contoso.com", Unconfirmed},
		"results above": {"Authentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=me@contoso.com; dmarc=pass header.from=contoso.com\r\n" + postfixReceived, "203.0.113.9", "me@contoso.com", Authentic},
		"Proton": {"Authentication-Results: mailin036.protonmail.ch; dmarc=fail (p=none dis=none) header.from=contoso.com\r\nAuthentication-Results: mailin036.protonmail.ch; spf=pass smtp.mailfrom=x@evil.example\r\n" +
			strings.ReplaceAll(postfixReceived, "mx.fabrikam.com", "mailin036.protonmail.ch"), "203.0.113.9", "x@evil.example", FailsDMARC},
	} {
		a := Analyse(t.Context(), []byte(c.in+ownLetter), Options{Now: today})
		ip, from := "", ""
		if a.Border != nil {
			ip, from = a.Border.IP, a.Border.MailFrom
		}
		if ip != c.ip || from != c.from || a.Answer.Verdict != c.verdict {
			t.Errorf("%s: client %s, sender %s, %+v, no border: %s, %+v", name, ip, from, a.Answer, a.NoBorder, a.AuthResults)
		}
		if (a.Border == nil) != (a.NoBorder != "") {
			t.Errorf("%s: border %+v, none because %q", name, a.Border, a.NoBorder)
		}
	}
}

// TestAuthservID lets the user vouch for a server whose results stand below.
func TestAuthservID(t *testing.T) {
	in := postfixReceived + "Authentication-Results: mx.fabrikam.com; spf=pass smtp.mailfrom=me@contoso.com; dmarc=pass header.from=contoso.com\r\n" + ownLetter
	for id, want := range map[string]Verdict{"": Unconfirmed, "MX.fabrikam.com": Authentic, "other.example": Undecided} {
		if a := Analyse(t.Context(), []byte(in), Options{AuthservID: id, Now: today}); a.Answer.Verdict != want {
			t.Errorf("%q: %+v", id, a.Answer)
		}
	}
	for name, in := range map[string]string{
		"behind a proxy":  strings.Replace(in, "[203.0.113.9]", "[10.1.2.3]", 1),
		"from itself":     strings.Replace(in, "[203.0.113.9]", "[127.0.0.1]", 1),
		"its name below":  strings.Replace(in, "From: ", "Received: from mail.contoso.com (mail.contoso.com [192.0.2.10]) by mx.fabrikam.com (Postfix) with ESMTPS id 5\r\nFrom: ", 1),
		"another's below": strings.Replace(in, "Results: mx.", "Results: mx2.", 1),
	} {
		if a := Analyse(t.Context(), []byte(in), Options{AuthservID: "mx.fabrikam.com", Now: today}); a.Answer.Verdict == Authentic {
			t.Errorf("%s: %+v", name, a.Answer)
		}
	}
}

// TestUnknownSender sees that a message without its envelope sender is not
// judged as if it were a bounce, and that a bounce is.
func TestUnknownSender(t *testing.T) {
	dns := world{"contoso.com": "v=spf1 -all", "_dmarc.contoso.com": "v=DMARC1; p=reject", "mail.contoso.com": "v=spf1 ip4:203.0.113.9 -all"}
	_, without, _ := strings.Cut(postfixReceived, "\r\n")
	a := Analyse(t.Context(), []byte(without+"Return-Path: <ceo@contoso.com>\r\n"+ownLetter), Options{DNS: dns, Replay: true, Now: today})
	if a.SPF != nil || a.DMARC.Result == "fail" || a.DMARC.Alignment != unknown {
		t.Errorf("no Return-Path: %+v %+v", a.SPF, a.DMARC)
	}
	a = Analyse(t.Context(), []byte("Return-Path: <>\r\n"+without+ownLetter), Options{DNS: dns, Replay: true, Now: today})
	if a.SPF == nil || a.SPF.Domain != "mail.contoso.com" || a.DMARC.Result != "pass" {
		t.Errorf("a bounce: %+v %+v", a.SPF, a.DMARC)
	}
}

// TestCompauthCodes sees that every reason has a meaning.
func TestCompauthCodes(t *testing.T) {
	for reason, sure := range map[string]bool{"000": true, "001": true, "002": true, "010": true, "100": false, "130": true, "199": true,
		"201": true, "300": true, "451": true, "601": true, "650": true, "701": false, "799": true, "905": false, "999": true} {
		in := exoTop + exoResults("203.0.113.9", "dmarc=none header.from=contoso.com;compauth=fail reason="+reason) + "Received: from mail.contoso.com (203.0.113.9)" + exoEdge
		a := Analyse(t.Context(), []byte(in+ownLetter), Options{Now: today})
		if len(a.Microsoft) == 0 || a.Microsoft[0].Key != "compauth" || a.Microsoft[0].Meaning == "not known" || a.Microsoft[0].Sure != sure {
			t.Errorf("%s: %+v", reason, a.Microsoft)
		}
	}
	for _, reason := range []string{"", "8xx", "12", "1a2", "abc"} {
		in := exoTop + exoResults("203.0.113.9", "compauth=fail reason="+reason) + "Received: from mail.contoso.com (203.0.113.9)" + exoEdge
		a := Analyse(t.Context(), []byte(in+ownLetter), Options{Now: today})
		if len(a.Microsoft) == 0 || a.Microsoft[0].Meaning != "not known" {
			t.Errorf("%q: %+v", reason, a.Microsoft)
		}
	}
}

// TestBlame finds who changed the body of a forwarded message.
func TestBlame(t *testing.T) {
	set := func(changed ...bool) (list []ARCSet) {
		for i, c := range changed {
			list = append(list, ARCSet{Instance: i + 1, Domain: string(rune('a'+i)) + ".example", Changed: c})
		}
		return list
	}
	for _, c := range []struct {
		sets   []ARCSet
		signed bool // the sender's own signature broke by the body
		want   string
	}{
		{set(false, false), false, ""},
		{set(false, false), true, "by forwarder 1 (a.example), or before it"},
		{set(true, false), true, "between forwarder 1 (a.example) and forwarder 2 (b.example)"},
		{set(true, true, false), true, "between forwarder 2 (b.example) and forwarder 3 (c.example)"},
		{set(false, true, false), true, "between forwarder 2 (b.example) and forwarder 3 (c.example)"},
	} {
		a := &Analysis{ARC: &ARC{State: "pass", Sets: c.sets}, DKIM: []Signature{{Changed: c.signed}}}
		a.blame()
		if !strings.Contains(a.ARC.Broken, c.want) || (c.want == "") != (a.ARC.Broken == "") {
			t.Errorf("%+v: %q, want %q", c.sets, a.ARC.Broken, c.want)
		}
	}
}

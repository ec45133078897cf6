package message

import (
	"strings"
	"testing"
	"time"
)

const (
	mailboxHop = "Received: from AM0PR01MB0001.eurprd01.prod.outlook.com ([fe80::1c2b:3d4e%4]) by AM0PR01MB0001.eurprd01.prod.outlook.com ([fe80::1c2b:3d4e%4]) with mapi id 15.20.9087.010" + date
	storeHop   = "Received: from AM0PR01MB0001.eurprd01.prod.outlook.com (2603:10a6:208:1::9) by AM0PR01MB0002.eurprd01.prod.outlook.com (2603:10a6:208:1::1) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.9" + date
	submitHop  = "Received: from laptop (203.0.113.9) by AM0PR01MB0001.eurprd01.prod.outlook.com (2603:10a6:208:1::9) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20.9" + date
	edgeHop    = "Received: from mail.evil.example (203.0.113.66)" + exoEdge
	signedInAs = "X-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-Organization-AuthMechanism: 04\r\nX-MS-Exchange-Organization-SCL: -1\r\n"
	acrossAs   = "X-MS-Exchange-CrossTenant-AuthAs: Internal\r\n"
	innerAR    = "Authentication-Results: dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=contoso.com;\r\n"
)

// TestInternal tells messages that did not come from outside from those whose
// sender only writes so, and from headers of which a part is missing.
func TestInternal(t *testing.T) {
	dns := spoofWorld("")
	for name, c := range map[string]struct {
		in      string
		verdict Verdict
	}{
		"mailbox":                     {storeHop + mailboxHop + signedInAs, Internal},
		"mailbox, across tenants":     {storeHop + mailboxHop + innerAR + signedInAs + acrossAs, Internal},
		"mailbox, the same server":    {mailboxHop + signedInAs, Internal},
		"mailbox, signed":             {storeHop + mailboxHop + signedInAs + signatureOf(fitTags), Internal},
		"journal":                     {storeHop + mailboxHop + signedInAs + "X-MS-Journal-Report:\r\n", Internal},
		"signed in by SMTP":           {storeHop + submitHop + signedInAs, Internal},
		"no sign-in":                  {storeHop + mailboxHop, Undecided},
		"anonymous":                   {storeHop + mailboxHop + strings.Replace(signedInAs, "Internal", "Anonymous", 1), Undecided},
		"both":                        {storeHop + mailboxHop + signedInAs + "X-MS-Exchange-Organization-AuthAs: Anonymous\r\n", Undecided},
		"both, across tenants":        {storeHop + mailboxHop + signedInAs + "X-MS-Exchange-CrossTenant-AuthAs: Anonymous\r\n", Undecided},
		"header cut":                  {storeHop + signedInAs, Undecided},
		"no Received":                 {signedInAs, Undecided},
		"from outside":                {storeHop + edgeHop + mailboxHop + signedInAs, FailsDMARC},
		"from outside, edge alone":    {edgeHop + storeHop + mailboxHop + signedInAs, FailsDMARC},
		"to another server":           {postfixReceived + mailboxHop + signedInAs, FailsDMARC},
		"behind a proxy":              {"Received: from x (unknown [172.17.0.1]) by mx.fabrikam.com (Postfix) with ESMTP id 4Q" + date + storeHop + mailboxHop + signedInAs, Undecided},
		"by LMTP of another server":   {"Received: from localhost by mx.fabrikam.com with LMTP id 4Q" + date + storeHop + mailboxHop + signedInAs, Undecided},
		"between tenants":             {storeHop + "Received: from EUR05-DB8-obe.outbound.protection.outlook.com (40.107.1.1)" + exoEdge + mailboxHop + signedInAs, FailsDMARC},
		"signed in, no word of it":    {storeHop + submitHop, FailsDMARC},
		"signed in at another server": {"Received: from laptop (unknown [203.0.113.9]) by mx.fabrikam.com (Postfix) with ESMTPSA id 4Q" + date + signedInAs, Undecided},
	} {
		in := "Return-Path: <x@evil.example>\r\n" + c.in + "From: ceo@contoso.com\r\n" + rest
		for _, o := range []Options{{}, {DNS: dns, Replay: true}} {
			o.Now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
			want := c.verdict
			if o.DNS == nil && want == FailsDMARC {
				want = Undecided
			}
			a := Analyse(t.Context(), []byte(in), o)
			if a.Answer.Verdict != want || want == Internal && a.Answer.Condition == "" {
				t.Errorf("%s, replay %v: %+v", name, o.Replay, a.Answer)
			}
		}
	}
}

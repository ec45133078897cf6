package message

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// receiver writes the fields of a true receiver: its own hops, and the border
// with what it found. %[1]s is what the client calls itself, %[2]s its address
// and %[3]s the results, in the form that the receiver has.
type receiver struct {
	name, id string
	fields   string
	results  func(string) string
}

func above(id string) func(string) string {
	return func(r string) string { return "Authentication-Results: " + id + ";" + r + "\r\n" }
}

const (
	googleTop = "Delivered-To: you@gmail.com\r\nReceived: by 2002:a24:9a01:: with SMTP id l1mr1134825ite; Mon, 23 Nov 2026 12:00:09 +0000\r\n"
	edgeBy    = " by DB8EUR05FT038.mail.protection.outlook.com (10.233.238.1) with Microsoft SMTP Server (version=TLS1_3, cipher=X) id 15.20.9 via Frontend Transport"
)

// receivers are the servers whose users read forged mail.
var receivers = []receiver{
	{"Exchange Online", "", exoTop + "%[3]sReceived: from %[1]s (%[2]s)" + edgeBy + date,
		func(r string) string { return "Authentication-Results:" + r + "\r\n" }},
	{"Exchange Online, edge alone", "", "%[3]sReceived: from %[1]s (%[2]s)" + edgeBy + date,
		func(r string) string { return "Authentication-Results:" + r + "\r\n" }},
	{"Gmail", "mx.google.com", googleTop + "%[3]sReceived: from %[1]s ([%[2]s])\r\n        by mx.google.com with ESMTPS id d71si833482jab.10" + date,
		func(r string) string {
			return "ARC-Authentication-Results: i=1; mx.google.com;" + r + "\r\nReturn-Path: <x@evil.example>\r\n"
		}},
	{"Postfix", "mx.fabrikam.com", "Return-Path: <x@evil.example>\r\n%[3]sReceived: from %[1]s (unknown [%[2]s])\r\n\tby mx.fabrikam.com (Postfix) with ESMTPS id E237A208C2" + date,
		above("mx.fabrikam.com")},
	{"Exim", "mx.fabrikam.com", "Return-path: <x@evil.example>\r\n%[3]sReceived: from [%[2]s] (helo=%[1]s)\r\n\tby mx.fabrikam.com with esmtp (Exim 4.96)\r\n\tid 1qEabc-0001" + date,
		above("mx.fabrikam.com")},
	{"Proton", "mail.protonmail.ch", "Return-Path: <x@evil.example>\r\n%[3]sReceived: from %[1]s (unknown [%[2]s]) (using TLSv1.3) by mailin036.protonmail.ch (Postfix) with ESMTPS id 4QXXXXXXXX" + date,
		func(r string) string {
			var b strings.Builder
			parts := strings.Split(r, ";")
			if strings.Contains(r, `"`) {
				parts = []string{r}
			}
			for _, part := range parts {
				b.WriteString("Authentication-Results: mail.protonmail.ch;" + part + "\r\n")
			}
			return b.String()
		}},
}

// write returns the fields of a receiver; without results it found out nothing.
func (r *receiver) write(helo, ip, results string) string {
	if results != "" {
		results = r.results(results)
	}
	return fmt.Sprintf(r.fields, helo, ip, results)
}

// findings are what an honest receiver may write of a forged message.
var findings = map[string]string{
	"nothing":             "",
	"fail":                " spf=fail (sender IP is 203.0.113.66) smtp.mailfrom=contoso.com; dkim=none header.d=none; dmarc=fail action=oreject header.from=contoso.com",
	"own SPF":             " spf=pass (sender IP is 203.0.113.66) smtp.mailfrom=x@evil.example; dkim=none; dmarc=fail header.from=contoso.com",
	"own DKIM":            " spf=none smtp.mailfrom=evil.example; dkim=pass header.d=evil.example header.i=@evil.example; dmarc=fail header.from=contoso.com",
	"no DMARC":            " spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example",
	"HELO":                " spf=pass smtp.helo=mail.contoso.com",
	"HELO beside":         " spf=pass smtp.mailfrom=x@evil.example smtp.helo=contoso.com; dmarc=none header.from=contoso.com",
	"bare DMARC":          " dmarc=pass header.from=contoso.com",
	"unaligned DMARC":     " spf=pass smtp.mailfrom=evil.example; dkim=none; dmarc=pass header.from=contoso.com",
	"other From":          " spf=pass smtp.mailfrom=evil.example; dmarc=pass header.from=evil.example",
	"two at":              " spf=pass smtp.mailfrom=x@evil.example@contoso.com; dkim=pass header.i=a@evil.example@contoso.com; dmarc=pass header.from=contoso.com",
	"identity":            " dkim=pass header.d=evil.example header.i=@contoso.com; dmarc=pass header.from=contoso.com",
	"identity, other way": " dkim=pass header.d=contoso.com header.i=@evil.example; dmarc=pass header.from=contoso.com",
	"twice":               " dkim=pass header.d=evil.example header.d=contoso.com; dmarc=pass header.from=contoso.com",
	"comment":             " dkim=pass header.d=evil.example (header.d=contoso.com); dmarc=pass (header.from=contoso.com) header.from=contoso.com",
	"quotes":              " spf=pass smtp.mailfrom=\"x; dkim=pass header.d=contoso.com; dmarc=pass\"@evil.example",
	"above a label":       " dkim=pass header.d=com; spf=pass smtp.mailfrom=com; dmarc=pass header.from=contoso.com",
	"longer":              " dkim=pass header.d=contoso.com.evil.example; spf=pass smtp.mailfrom=notcontoso.com; dmarc=pass header.from=contoso.com",
	"SPF of a path":       " spf=pass smtp.mailfrom=<@contoso.com:x@evil.example>; dmarc=pass header.from=contoso.com",
	"temperror":           " spf=temperror smtp.mailfrom=contoso.com; dmarc=temperror header.from=contoso.com",
	"against itself":      " spf=pass smtp.mailfrom=contoso.com; spf=fail smtp.mailfrom=contoso.com; dmarc=pass header.from=contoso.com",
	"DMARC twice":         " dkim=pass header.d=contoso.com; dmarc=fail header.from=contoso.com; dmarc=pass header.from=contoso.com",
}

// clients are addresses from which the attacker may seem to come: a proxy, a
// container and networks of Exchange Online hide the true one.
var clients = []string{"203.0.113.66", "10.1.2.3", "127.0.0.1", "172.17.0.1", "100.64.1.2", "2603:10a6:9999::1", "2a01:111:f400:7e00::1", "2001:db8::66"}

var forgedHELO = []string{"mail.contoso.com", "localhost", "[192.0.2.10]", "[127.0.0.1]", "mx.fabrikam.com", "mailin036.protonmail.ch",
	"DB8EUR05FT038.eop-eur05.prod.protection.outlook.com", "AM0PR01MB0001.eurprd01.prod.outlook.com", "EUR05-DB8-obe.outbound.protection.outlook.com"}

// moreBelow are further fields of the attacker.
var moreBelow = map[string]string{
	"amavis": "Received: from mx.fabrikam.com ([127.0.0.1]) by localhost (amavisd-new, port 10024) with ESMTP id a; Mon, 23 Nov 2026 12:00:02 +0000\r\n" +
		"Authentication-Results: %[1]s; spf=pass smtp.mailfrom=ceo@contoso.com; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com\r\n" +
		"Received: from mail.contoso.com (mail.contoso.com [192.0.2.10]) by %[1]s (Postfix) with ESMTPS id 5; Mon, 23 Nov 2026 12:00:01 +0000\r\n",
	"edge results": "Authentication-Results: spf=pass (sender IP is 192.0.2.10) smtp.mailfrom=contoso.com; dkim=pass header.d=contoso.com; dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100\r\n" +
		"Received: from mail.contoso.com (192.0.2.10)" + edgeBy + "; Mon, 23 Nov 2026 12:00:01 +0000\r\n",
	"edge chain": exoTop + "Authentication-Results: spf=pass (sender IP is 192.0.2.10) smtp.mailfrom=contoso.com; dkim=pass header.d=contoso.com; dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100\r\n" +
		"Received: from mail.contoso.com (192.0.2.10)" + edgeBy + "; Mon, 23 Nov 2026 12:00:01 +0000\r\n",
	"Gmail chain":  googleTop + "ARC-Authentication-Results: i=1; " + gmailResults + gmailReceived + "Authentication-Results: " + gmailResults,
	"filter":       "DKIM-Filter: OpenDKIM Filter v2.11.0 %[1]s AAAAAAAAAA\r\nAuthentication-Results: %[1]s; dkim=pass header.d=contoso.com; spf=pass smtp.mailfrom=contoso.com; dmarc=pass header.from=contoso.com\r\n",
	"quoted id":    "Authentication-Results: (x) \"%[1]s\" 1; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com\r\n",
	"AuthAs twice": "X-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-Organization-AuthAs: Anonymous\r\nX-MS-Exchange-CrossTenant-AuthAs: Internal\r\nX-MS-Exchange-Organization-SCL: -1\r\n",
	"broken chain": "Received: from localhost (localhost [127.0.0.1]) by localhost with LMTP id 1; Mon, 23 Nov 2026 12:00:02 +0000\r\nReceived: by %[1]s with SMTP\r\n" +
		"Authentication-Results: %[1]s; dkim=pass header.d=contoso.com; dmarc=pass header.from=contoso.com\r\n",
}

// forge writes the messages of the suite: every receiver, client, HELO and
// finding with every field of the attacker, and the pairs of these fields.
func forge(yield func(name, id, text string) bool) {
	all := maps.Clone(below)
	maps.Copy(all, moreBelow)
	names := slices.Sorted(maps.Keys(all))
	chains := append(slices.Sorted(maps.Keys(moreBelow)), "results, direct", "results, chain", "second chain", "Microsoft chain")
	for _, r := range receivers {
		id := r.id
		fill := func(name string) string {
			if strings.Contains(all[name], "%[1]s") {
				return fmt.Sprintf(all[name], id)
			}
			return all[name]
		}
		for _, f := range slices.Sorted(maps.Keys(findings)) {
			for _, b := range chains {
				if !yield(r.name+", found "+f+", "+b, id, r.write("mail.contoso.com", "203.0.113.66", findings[f])+fill(b)+froms["plain"]+rest) {
					return
				}
			}
		}
		for _, ip := range clients {
			for _, helo := range forgedHELO {
				for _, b := range chains {
					if !yield(r.name+", from "+ip+", HELO "+helo+", "+b, id, r.write(helo, ip, findings["nothing"])+fill(b)+froms["plain"]+rest) {
						return
					}
				}
			}
		}
		for _, b := range names {
			for _, c := range names {
				if !yield(r.name+", "+b+", "+c, id, r.write("mail.contoso.com", "203.0.113.66", "")+fill(b)+fill(c)+froms["plain"]+rest) {
					return
				}
			}
		}
	}
}

// TestForgeries is the generated suite: no forged message passes at any
// receiver, offline or with the current DNS, whatever name the user trusts.
func TestForgeries(t *testing.T) {
	dns := spoofWorld("")
	n, failed := 0, 0
	for name, text := range func(yield func(string, string) bool) {
		forge(func(name, id, text string) bool { return yield(name+"\x00"+id, text) })
	} {
		name, id, _ := strings.Cut(name, "\x00")
		n++
		for _, o := range []Options{{}, {DNS: dns, Replay: true, AuthservID: id}} {
			o.Now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
			a := Analyse(t.Context(), []byte(text), o)
			why := fooled(a)
			if o.AuthservID != "" && slices.ContainsFunc(a.AuthResults, func(r AuthResult) bool { return r.assumed }) {
				why = "" // the user vouches for what is directly below the border
			}
			if a.From.Domain == "contoso.com" && why != "" && !honest(name, why) {
				if failed++; failed < 40 {
					t.Errorf("%s (replay %v, trusting %q): %s: %+v", name, o.Replay, o.AuthservID, why, a.Answer)
				}
			}
		}
	}
	t.Logf("%d forgeries, %d not seen through", n, failed)
	if n < 1000 {
		t.Errorf("only %d forgeries", n)
	}
}

// honest reports whether the receiver itself wrote what is held against a
// message: a result that speaks for the domain, beside one that refutes it.
func honest(name, why string) bool {
	return why == "a forged result is trusted" && strings.Contains(name, ", found ")
}

// TestGenuine is the counterpart: what the sender's domain vouches for passes
// at every receiver, whatever stands in the fields below the border.
func TestGenuine(t *testing.T) {
	const found = " spf=pass (sender IP is 192.0.2.10) smtp.mailfrom=contoso.com; dkim=pass (signature was verified) header.d=contoso.com; dmarc=pass action=none header.from=contoso.com"
	for _, r := range receivers {
		text := r.write("mail.contoso.com", "192.0.2.10", found)
		if r.name == "Gmail" {
			text += "Authentication-Results: mx.google.com;" + found + "\r\n"
		}
		for b, fields := range below {
			if strings.Contains(fields, "%[1]s") {
				fields = fmt.Sprintf(fields, "relay.example.net")
			}
			if b == "bare CR" || b == "long name" {
				continue // readers differ in where this header ends
			}
			a := Analyse(t.Context(), []byte(text+"DKIM-Signature: v=1; d=contoso.com\r\n"+fields+froms["plain"]+rest), Options{})
			if a.Answer.Verdict != Authentic || a.Answer.Condition == "" {
				t.Errorf("%s, %s: %+v", r.name, b, a.Answer)
			}
		}
	}
}

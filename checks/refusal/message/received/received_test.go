package received

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// forms are the Received fields of mail servers, as each writes them; %[1]s is
// what the client said, %[2]s the address the server saw, and %[3]s that
// address as a literal of RFC 5321 4.1.3.
var forms = map[string]string{
	"Postfix":           "from %[1]s (unknown [%[2]s]) by mx.fabrikam.com (Postfix) with ESMTPS id 4QrQb for <you@fabrikam.com>; %[4]s",
	"Postfix TLS":       "from %[1]s (host.example.net [%[2]s])\n (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n key-exchange X25519 server-signature RSA-PSS (4096 bits) server-digest SHA256)\n (Client CN \"[192.0.2.10]\", Issuer \"x\" (not verified))\n by mx.fabrikam.com (Postfix) with ESMTPS id 4Q; %[4]s",
	"Postfix SASL":      "from %[1]s (unknown [%[2]s]) (Authenticated sender: [192.0.2.10]) by mx.fabrikam.com (Postfix) with ESMTPSA id 4Q; %[4]s",
	"Exchange Online":   "from %[1]s (%[2]s) by AM7EUR06FT036.mail.protection.outlook.com (10.233.255.73) with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9253.7 via Frontend Transport; %[4]s",
	"Exchange 2019":     "from %[1]s (%[2]s) by EX01.fabrikam.com (10.0.0.5) with Microsoft SMTP Server id 15.2.1118.7; %[4]s",
	"Exchange 2003":     "from %[1]s ([%[2]s]) by mx.fabrikam.com with Microsoft SMTPSVC(6.0.3790.4675); %[4]s",
	"Exim":              "from [%[2]s] (helo=%[1]s)\n\tby mx.fabrikam.com with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\n\t(Exim 4.96)\n\t(envelope-from <a;b@contoso.com>)\n\tid 1qEabc-0001; %[4]s",
	"Exim port":         "from [%[2]s] (port=41234 helo=%[1]s) by mx.fabrikam.com with esmtp (Exim 4.94.2) (envelope-from <x@y>) id 1q; %[4]s",
	"Exim rdns":         "from host.example.net ([%[2]s] helo=%[1]s) by mx.fabrikam.com with esmtp (Exim 4.92) id 1q; %[4]s",
	"Exim rdns port":    "from host.example.net ([%[2]s]:41234 helo=%[1]s) by mx.fabrikam.com with esmtp (Exim 4.92) id 1q; %[4]s",
	"Sendmail":          "from %[1]s (host.example.net [%[2]s]) by mx.fabrikam.com (8.17.1/8.17.1) with ESMTPS id 3AB (version=TLSv1.3 cipher=TLS_AES verify=NO) for <you@fabrikam.com>; %[4]s",
	"Sendmail forged":   "from %[1]s (host.example.net [%[2]s] (may be forged)) by mx.fabrikam.com (8.14.7/8.14.7) with ESMTP id 3A; %[4]s",
	"Sendmail ident":    "from %[1]s (IDENT:root@host.example.net [%[2]s]) by mx.fabrikam.com (8.11.6/8.11.6) with ESMTP id 3A; %[4]s",
	"qmail":             "from unknown (HELO %[1]s) (%[2]s)\n  by mx.fabrikam.com with SMTP; %[4]s",
	"qmail ident":       "from host.example.net (HELO %[1]s) (root@%[2]s)\n  by 0 with SMTP; %[4]s",
	"qmail-ldap":        "from %[1]s ([%[2]s]) (envelope-sender <x@contoso.com>) by mx.fabrikam.com (qmail-ldap-1.03) with SMTP for <you@fabrikam.com>; %[4]s",
	"Gmail":             "from %[1]s (host.example.net. [%[2]s])\n        by mx.google.com with ESMTPS id a1-20020a.1.2023.11.26\n        for <you@gmail.com>\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); %[4]s",
	"Gmail no rdns":     "from %[1]s ([%[2]s]) by mx.google.com with ESMTP id a1; %[4]s",
	"Proton":            "from %[1]s\n (host.example.net [%[2]s]) (using TLSv1.3 with cipher\n TLS_AES_256_GCM_SHA384 (256/256 bits)) (No\n client certificate requested) by mailin036.protonmail.ch (Postfix) with ESMTPS id 4Q for <you@proton.me>; %[4]s",
	"mox":               "from %[1]s (host.example.net [%[3]s]) by mx.fabrikam.com ([10.0.0.3]) via tcp with ESMTPS id abc (TLS1.3 TLS_AES_128_GCM_SHA256) for <you@fabrikam.com>; %[4]s",
	"Haraka":            "from %[1]s (host.example.net [%[2]s])\n\tby mx.fabrikam.com (Haraka/2.8.28) with ESMTPS id 1A2B envelope-from <x@contoso.com>; %[4]s",
	"OpenSMTPD":         "from %[1]s (<unknown> [%[2]s])\n\tby mx.fabrikam.com (OpenSMTPD) with ESMTPS id 5f (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO)\n\tfor <you@fabrikam.com>;\n\t%[4]s",
	"Courier":           "from %[1]s (host.example.net [::ffff:%[2]s])\n  (TLS: TLSv1.2,256bits,ECDHE)\n  by mx.fabrikam.com with ESMTPS; %[4]s",
	"MDaemon":           "from %[1]s ([%[2]s]) by fabrikam.com (MDaemon PRO v20.0.1) with ESMTP id md50; %[4]s",
	"Halon":             "from %[1]s (host.example.net [%[2]s]) by mx.fabrikam.com (Halon) with ESMTPS id 9a; %[4]s",
	"IronPort":          "from unknown (HELO %[1]s) ([%[2]s]) by esa1.fabrikam.com with ESMTP/TLS/TLS_AES_256_GCM_SHA384; %[4]s",
	"Barracuda":         "from %[1]s (host.example.net [%[2]s]) by barracuda.fabrikam.com with ESMTP id X (version=TLSv1.2) for <you@fabrikam.com>; %[4]s",
	"Zimbra":            "from %[1]s (unknown [%[2]s]) by zimbra.fabrikam.com (Postfix) with ESMTP id 6; %[4]s",
	"Yahoo":             "from 127.0.0.1 (EHLO %[1]s) (%[2]s) by 10.197.38.71 with SMTPs (version=TLS1_2); %[4]s",
	"GMX":               "from %[1]s ([%[2]s]) by mx-ha.gmx.net (mxgmx016 [212.227.15.9]) with ESMTPS (Nemesis) id 1M; %[4]s",
	"CommuniGate":       "from [%[2]s] (HELO %[1]s) by fabrikam.com (CommuniGate Pro SMTP 6.1.4) with ESMTPS id 12; %[4]s",
	"CommuniGate login": "from [%[2]s] (account bob HELO %[1]s) by fabrikam.com (CommuniGate Pro SMTP 6.1.4) with ESMTPSA id 12; %[4]s",
	"Domino":            "from %[1]s ([%[2]s]) by mail.fabrikam.com (IBM Domino Release 9.0.1FP8) with ESMTP id 2; %[4]s",
	"IMail":             "from %[1]s [%[2]s] by mail.fabrikam.com with ESMTP (SMTPD-9.03) id A1; %[4]s",
	"XMail":             "from %[1]s (%[2]s:4711) by fabrikam.com with [XMail 1.27 ESMTP Server] id <S1> for <you@fabrikam.com>; %[4]s",
	"MailMarshal":       "from %[1]s (Not Verified[%[2]s]) by mail.fabrikam.com with MailMarshal (v6,8) id <B5>; %[4]s",
	"Mimecast":          "from %[1]s (host.example.net [%[2]s]) by relay.mimecast.com with ESMTP with STARTTLS (version=TLSv1.3) id de-mta-1; %[4]s",
	"Cyrus":             "from %[1]s ([%[2]s]) by store.fabrikam.com (Cyrus v2.4.17) with LMTPA; %[4]s",
	"PowerMTA":          "from %[1]s (%[2]s) by mx.fabrikam.com id h1 for <you@fabrikam.com>; %[4]s",
}

// lies are what a client may say with HELO to be taken for 192.0.2.10.
var lies = []string{
	"mail.contoso.com", "[192.0.2.10]", "192.0.2.10", "[IPv6:2001:db8::10]", "[10.0.0.5]", "[127.0.0.1]", "localhost",
	"mx.fabrikam.com", "unknown", "contoso.com.", "[192.0.2.10", "192.0.2.10]", "[192.0.2.10]:25", "helo=[192.0.2.10]",
	"ehlo", "with", "id", "for", "via", "x@192.0.2.10", "[[192.0.2.10]]", "mail[192.0.2.10]", "xn--mnchen-3ya.example",
	strings.Repeat("a", 255), "\"[192.0.2.10]\"", "<192.0.2.10>", "=192.0.2.10", "?192.0.2.10?",
}

const when = "Mon, 23 Nov 2026 12:00:03 +0000 (UTC)"

func write(form, helo, ip string) string {
	literal := ip
	if strings.Contains(ip, ":") {
		literal = "IPv6:" + ip
	}
	return fmt.Sprintf(form, helo, ip, literal, when)
}

func TestClientIsWhatTheServerSaw(t *testing.T) {
	for name, form := range forms {
		for _, ip := range []string{"203.0.113.66", "2001:db8:66::1", "10.9.8.7"} {
			if name == "XMail" && strings.Contains(ip, ":") || name == "Courier" && strings.Contains(ip, ":") {
				continue // not written so
			}
			for _, helo := range lies {
				for _, v := range folds(write(form, helo, ip)) {
					h := Parse(v)
					if h.IP != netip.MustParseAddr(ip) || h.Time == nil || h.By == "" {
						t.Errorf("%s, HELO %.30s: client %v, by %q, time %v, fault %q, in %q", name, helo, h.IP, h.By, h.Time, h.Fault, v)
					}
				}
			}
		}
	}
	if len(forms) < 12 {
		t.Errorf("only %d forms", len(forms))
	}
}

// folds writes a field in the ways in which it may be folded.
func folds(v string) []string {
	return []string{v, strings.ReplaceAll(v, " ", "\r\n\t"), strings.Join(strings.Fields(v), " ")}
}

// injections are HELO names that only a server without manners takes, for they
// hold what structures the field. Such a field may be unreadable, but never
// yields the address that the client wants.
var injections = []string{
	"mail.contoso.com (mail.contoso.com [192.0.2.10])", "x (192.0.2.10)", "x ([192.0.2.10] helo=y)", "x ([192.0.2.10])",
	"x (x (nested [192.0.2.10]))", "x (", "x )", "x ((([192.0.2.10]", "x \\(", "x) ([192.0.2.10]", "[192.0.2.10] (helo=x)",
	"[192.0.2.10] (HELO x)", "x [192.0.2.10]", "x (unknown [192.0.2.10]) by mx.fabrikam.com (Postfix) with ESMTP id 1",
	"x (unknown [192.0.2.10]) by mx.fabrikam.com (Postfix) with ESMTP id 1; Mon, 23 Nov 2026 12:00:03 +0000",
	"x (unknown [192.0.2.10]) by mx.fabrikam.com; Mon, 23 Nov 2026 12:00:03 +0000 (", "x from [192.0.2.10]",
	"x by y ([192.0.2.10])", "x (HELO y) (192.0.2.10)", "x (unknown [192.0.2.10] (may be forged))",
	"x (root@192.0.2.10)", "x (192.0.2.10:25)", "x (Not Verified[192.0.2.10])", "x (IPv6:::ffff:192.0.2.10)",
	"x) (192.0.2.10) (", "x) (unknown [192.0.2.10]", "x ([192.0.2.10] helo=y) (",
}

func TestInjectedHELO(t *testing.T) {
	wrong := netip.MustParseAddr("192.0.2.10")
	for name, form := range forms {
		for _, helo := range injections {
			for _, v := range folds(write(form, helo, "203.0.113.66")) {
				if h := Parse(v); h.IP == wrong {
					t.Errorf("%s, HELO %s: the client's word is taken in %q", name, helo, v)
				}
			}
		}
	}
}

func TestNames(t *testing.T) {
	for v, want := range map[string][3]string{
		"from mail.contoso.com (host.example.net [203.0.113.9]) by mx.fabrikam.com with ESMTP":       {"mail.contoso.com", "host.example.net", "mx.fabrikam.com"},
		"from host.example.net (HELO mail.contoso.com) (203.0.113.9) by mx.fabrikam.com with SMTP":   {"mail.contoso.com", "host.example.net", "mx.fabrikam.com"},
		"from host.example.net ([203.0.113.9] helo=mail.contoso.com) by mx.fabrikam.com with esmtp":  {"mail.contoso.com", "host.example.net", "mx.fabrikam.com"},
		"from [203.0.113.9] (helo=mail.contoso.com) by mx.fabrikam.com with esmtp":                   {"mail.contoso.com", "", "mx.fabrikam.com"},
		"from mail.contoso.com (unknown [203.0.113.9]) by mx.fabrikam.com. (Postfix)":                {"mail.contoso.com", "", "mx.fabrikam.com"},
		"from 127.0.0.1 (EHLO mail.contoso.com) (203.0.113.9) by 10.0.0.1 with SMTPs":                {"mail.contoso.com", "", "10.0.0.1"},
		"by 2002:a05:6a10:1234 with SMTP id abc; Mon, 23 Nov 2026 12:00:03 +0000":                    {"", "", "2002:a05:6a10:1234"},
		"(qmail 2345 invoked from network); 23 Nov 2026 12:00:00 -0000":                              {"", "", ""},
		"from mail by mx.fabrikam.com with local (Exim 4.96) (envelope-from <x@contoso.com>) id 1qE": {"mail", "", "mx.fabrikam.com"},
	} {
		h := Parse(v)
		if got := [3]string{h.HELO, h.RDNS, h.By}; got != want {
			t.Errorf("%q: %q, want %q", v, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, form := range forms {
		f.Add(write(form, "mail.contoso.com", "203.0.113.66"))
	}
	f.Fuzz(func(t *testing.T, v string) {
		h := Parse(v)
		if h.Fault != "" && h.IP.IsValid() {
			t.Errorf("a client %v in spite of %q", h.IP, h.Fault)
		}
		if h.IP.IsValid() && h.IP.Zone() != "" {
			t.Errorf("zone in %v", h.IP)
		}
	})
}

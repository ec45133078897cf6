package explain

import (
	"context"
	"strings"
	"testing"

	"maildiag/checks/refusal/message"
)

// TestHeaderNotices holds that a ticket calls a sender confirmed only as far as
// the message shows it, in every language.
func TestHeaderNotices(t *testing.T) {
	results := func(s string) string {
		return "Authentication-Results: " + s + "\nReceived: from mail.contoso.com (203.0.113.9) by AM7EUR06FT036.mail.protection.outlook.com " +
			"(10.233.255.73) with Microsoft SMTP Server id 15.20.1; Mon, 23 Nov 2026 12:00:03 +0000\n"
	}
	pass := results("spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=none; dmarc=pass header.from=contoso.com")
	postfix := func(id string) string {
		return "Authentication-Results: " + id + "; spf=pass smtp.mailfrom=contoso.com; dmarc=pass header.from=contoso.com\n"
	}
	received := "Received: from mail.contoso.com (unknown [203.0.113.9]) by mx.fabrikam.com (Postfix) with ESMTPS id E237A208C2; Mon, 23 Nov 2026 12:00:03 +0000\n"
	for header, want := range map[string]headerNotice{
		pass: noticeLikely, postfix("mx.fabrikam.com") + received: noticeLikely,
		results("spf=fail (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dmarc=fail header.from=contoso.com"): noticeDoubtful,
		results("spf=none (sender IP is 203.0.113.9) smtp.mailfrom=esp.example; dkim=pass header.d=contoso.com"):     noticeUnclear, // not signed
		received + postfix("mx.fabrikam.com"): noticeUnclear,
		results("spf=softfail smtp.mailfrom=contoso.com; dmarc=none header.from=contoso.com;compauth=pass reason=703"): noticeUnclear,
	} {
		x, err := Explain(context.Background(), "m.eml", []byte(header+"From: me@contoso.com\nTo: you@fabrikam.com\nSubject: x\n\nx\n"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := noticeOf(&x.message.Answer); got != want {
			t.Errorf("%s: %s, %+v", header, got, x.message.Answer)
		}
		english, _ := newWording("en").header(want)
		for _, lang := range Languages() {
			var b strings.Builder
			title, sentences := newWording(lang).header(want)
			if err := x.WriteTicket(&b, lang); err != nil || !strings.HasPrefix(b.String(), "Subject: "+title+"\n") || title == "" ||
				strings.Contains(sentences, "%") || lang != "en" && title == english {
				t.Errorf("%s, %s: %v %q", lang, want, err, b.String()[:80])
			}
		}
	}
	confirmed := message.Answer{Verdict: message.Authentic}
	limited := message.Answer{Verdict: message.Authentic, Limits: "the body was changed"}
	if noticeOf(&confirmed) != noticeConfirmed || noticeOf(&limited) != noticeUnclear {
		t.Errorf("%s, limited %s", noticeOf(&confirmed), noticeOf(&limited))
	}
}

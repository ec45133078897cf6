package message

import (
	"strings"
	"testing"
	"time"
)

// Tenants of Microsoft 365 are different organizations, in each cloud and however
// their names are written; other names are as the Public Suffix List says.
func TestRelated(t *testing.T) {
	for pair, want := range map[string]bool{
		"contoso.onmicrosoft.com evil.onmicrosoft.com": false, "contoso.onmicrosoft.com onmicrosoft.com": false, "onmicrosoft.com evil.onmicrosoft.com": false,
		"contoso.onmicrosoft.us evil.onmicrosoft.us": false, "contoso.partner.onmschina.cn evil.partner.onmschina.cn": false,
		"contoso.mail.onmicrosoft.com evil.mail.onmicrosoft.com": false, "contoso.mail.onmicrosoft.com contoso.onmicrosoft.com": true,
		"contoso.onmicrosoft.com CONTOSO.onmicrosoft.com.": true, "mail.contoso.onmicrosoft.com contoso.onmicrosoft.com": true,
		"contoso.com mail.contoso.com": true, "contoso.com fabrikam.com": false, "contoso.co.uk fabrikam.co.uk": false, "onmicrosoft.com.evil.example contoso.onmicrosoft.com": false,
	} {
		from, other, _ := strings.Cut(pair, " ")
		a := &Analysis{}
		a.From.Domain = from
		if got := a.related(other); got != want {
			t.Errorf("%s: %v", pair, got)
		}
	}
}

// With the record at hand, strict alignment decides, for DKIM as for SPF; without
// it, relaxed alignment is the default.
func TestStrictAlignment(t *testing.T) {
	k, pub := key(t)
	text := "Return-Path: <x@bounce.example>\r\n" + sign(t, k, strings.Replace(ownLetter, "@contoso.com", "@mail.contoso.com", 1))
	for record, want := range map[string]Verdict{
		"v=DMARC1; p=reject; adkim=s": FailsDMARC, "v=DMARC1; p=reject": Authentic, "v=DMARC1; p=reject; adkim=r; aspf=s": Authentic, "": Authentic,
	} {
		dns := world{"s1._domainkey.contoso.com": "v=DKIM1; p=" + pub}
		if record != "" {
			dns["_dmarc.contoso.com"] = record
		}
		a := Analyse(t.Context(), []byte(text), Options{DNS: dns, Now: time.Now(), Replay: true})
		if strict := want == FailsDMARC; strict == (a.Answer.Verdict == Authentic) {
			t.Errorf("%q: %+v %+v", record, a.Answer, a.DMARC)
		}
	}
}

// A record that depends on the sender's mailbox says nothing without it.
func TestLocalPartMacro(t *testing.T) {
	for record, known := range map[string]bool{
		"v=spf1 exists:%{l}.ok.contoso.com -all": false, "v=spf1 exists:%{L}.ok.contoso.com -all": false, "v=spf1 exists:%{s}.ok.contoso.com -all": false,
		"v=spf1 include:%{l2r}._spf.contoso.com -all": false, "v=spf1 ip4:203.0.113.9 exists:%{l}.ok.contoso.com -all": true, "v=spf1 exists:%{i}.ok.contoso.com -all": true,
	} {
		for _, from := range []string{"postmaster@contoso.com", "ceo@contoso.com"} {
			text := strings.Replace(postfixReceived, "<me@contoso.com>", "<"+from+">", 1) + ownLetter
			dns := world{"contoso.com": record, "_dmarc.contoso.com": "v=DMARC1; p=reject"}
			a := Analyse(t.Context(), []byte(text), Options{DNS: dns, Replay: true, Now: today})
			if a.SPF == nil || (a.SPF.Result != "temperror") != (known || strings.HasPrefix(from, "postmaster@")) { // that is sent in any case
				t.Errorf("%q: %+v", record, a.SPF)
			}
			if a = Analyse(t.Context(), []byte(text), Options{DNS: dns, Replay: true, Now: today, WithLocalPart: true}); a.SPF == nil || a.SPF.Result == "temperror" {
				t.Errorf("%q with the mailbox: %+v", record, a.SPF)
			}
		}
	}
}

package replies

import (
	"slices"
	"strings"
)

// mark is a text that only one provider writes.
type mark struct {
	text string
	who  Provider
}

// marks returns the marks of all providers, in lower case.
func marks() []mark { return speakerMarks }

var speakerMarks = []mark{
	{".prod.outlook.com", ExchangeOnline}, {".protection.outlook.com", ExchangeOnline},
	{"aka.ms/", ExchangeOnline}, {"sender.office.com", ExchangeOnline},
	{"delist@microsoft.com", ExchangeOnline}, {"delist@messaging.microsoft.com", ExchangeOnline},
	{"tenantinboundattribution", ExchangeOnline}, {"tenantattribution", ExchangeOnline},
	{".outlook.office365.com", ExchangeOnline}, {".mail.protection.partner.outlook.cn", ExchangeOnline},
	{"smtp.office365.com", ExchangeOnline}, {".mx.microsoft", ExchangeOnline},
	{".prod.exchangelabs.com", ExchangeOnline},
	{".office365.us", ExchangeOnline}, {"go.microsoft.com/fwlink", ExchangeOnline},
	{"storedrv.", ExchangeOnline}, {"resolver.rst.", ExchangeOnline}, {"resolver.adr.", ExchangeOnline},
	{"postmaster.live.com", OutlookConsumer}, {"mail.live.com", OutlookConsumer},
	{"gsmtp", Gmail}, {"support.google.com", Gmail}, {"gmail requires", Gmail}, {"gmail users", Gmail}, {"mail.google.com", Gmail},
	{"aspmx.l.google.com", Gmail}, {"gmail-smtp-in", Gmail}, {"smtp.gmail.com", Gmail},
	{"yahooinc.com", Yahoo}, {"verizonmedia.com", Yahoo}, {"postmaster.yahoo.com", Yahoo},
	{".yahoodns.net", Yahoo}, {"yahoo requires", Yahoo}, {"[tss0", Yahoo}, {"[ts0", Yahoo},
	{"postmaster.aol.com", Yahoo}, {"postmaster.info.aol.com", Yahoo}, {".mx.aol.com", Yahoo}, {".mail.bf1.yahoo.com", Yahoo},
	{"support.apple.com", Apple}, {".me.com", Apple}, {"icloud.com/", Apple}, {"mail.icloud.com", Apple}, {"[hm08]", Apple},
	{"[cs01]", Apple}, {"[bs01]", Apple},
	{"mimecast.com", Mimecast}, {"mimecast.org", Mimecast},
	{"support.proofpoint.com", Proofpoint}, {".pphosted.com", Proofpoint}, {"ppe-hosted.com", Proofpoint},
	{"prs.proofpoint.com", Proofpoint}, {"ipcheck.proofpoint.com", Proofpoint},
	{"postmaster.gmx.", GMX}, {".gmx.net", GMX}, {"postmaster.web.de", GMX}, {".web.de", GMX}, {".kundenserver.de", GMX},
	{"postmaster.1und1.", GMX}, {"postmaster.1and1.", GMX}, {"postmaster.ionos.", GMX}, {"www.ionos.com/help", GMX}, {"nemesis esmtp", GMX},
	{"secureserver.net", GoDaddy}, {"cuda_nsu", Barracuda}, {"barracudanetworks.com", Barracuda},
	{"messagelabs.com", Symantec}, {"symanteccloud.com", Symantec}, {"knowledge.broadcom.com", Symantec},
	{".iphmx.com", Cisco}, {"in.hes.trendmicro", TrendMicro}, {"postmaster.comcast.net", Comcast},
	{".comcast.net ", Comcast}, {"qq.com", Tencent}, {"zoho.com", Zoho}, {"zoho.eu", Zoho}, {".zohomail.", Zoho},
	{"t-online.de", TOnline}, {"csi.cloudmark.com", Any}, {"cox.net", Cox}, {"cox.com", Cox}, {"mail.163.com", NetEase}, {"mail.126.com", NetEase},
	{"charter.net", Charter}, {"spectrum.net", Charter},
	{"emailsrvr.com", Rackspace}, {"support.titan.email", Titan}, {".titan.email", Titan},
	{"lpn007_", LaPoste}, {"ofr_", Orange}, {"ofr0", Orange}, {"wanadoo", Orange}, {"help.mail.ru", MailRu},
	{"yandex.", Yandex}, {"ya.cc/", Yandex}, {"amazonses.com", AmazonSES}, {"sophos.com", Sophos},
}

// Providers returns who speaks in a reply, or whom the name of a host belongs
// to; nil if nothing shows it.
func Providers(text string) []Provider {
	text = strings.ToLower(text[:min(len(text), maxText)])
	var found []Provider
	for _, m := range marks() {
		if m.who != Any && strings.Contains(text, m.text) && !slices.Contains(found, m.who) {
			found = append(found, m.who)
		}
	}
	return found
}

// microsoftSpeaks reports whether something shows that a refused sign-in is one of
// Microsoft's: the replies of RFC 4954 6, and words without a code, are anybody's.
func microsoftSpeaks(q Query) bool { return slices.ContainsFunc(q.speakers(), Provider.microsoft) }

// microsoftMaySpeak reports whether a refused sign-in whose speaker is not known has a
// code that Exchange uses for it: 550 with one of security.
func microsoftMaySpeak(q Query) bool {
	return len(q.speakers()) == 0 && q.Code == 550 && strings.HasPrefix(q.Enhanced, "5.7.") && !q.Other
}

// speakers returns who is known to speak.
func (q Query) speakers() []Provider {
	speakers := Providers(q.Text)
	if q.Provider != Any {
		speakers = append(speakers, q.Provider)
	}
	return speakers
}

// kin reports whether a reply of speaker s may be explained by rows of p: the
// two Exchanges share their words, and Outlook.com runs on the same servers.
func (p Provider) kin(s Provider) bool {
	return p == s || p.microsoft() && s.microsoft()
}

func (p Provider) microsoft() bool {
	return p == ExchangeOnline || p == ExchangeServer || p == OutlookConsumer
}

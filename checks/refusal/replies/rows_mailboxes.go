package replies

// mailboxes holds the replies of mailbox providers that have no file of their
// own, one block a provider.
var mailboxes = []saying{
	// GMX, Web.de, IONOS (1&1, kundenserver).
	{"common.ptr", "gmx.ptr", GMX, "bad dns ptr resource record\ninvalid dns ptr resource record"},
	{"common.ip-reputation", "gmx.ip-blocked", GMX, "address is block listed\nip address is block listed\npolicy restrictions ip based\n?no smtp service\n?nemesis esmtp service not available"},
	{"common.domain-listed", "gmx.domain-listed", GMX, "policy restrictions domain based"},
	{"common.policy", "gmx.policy", Any, "!reject due to policy restrictions domain based\n!reject due to policy restrictions * domain based"},
	{"common.spam", "gmx.spam", GMX, "spam message rejected"},
	{"common.sender-domain", "gmx.sender-domain", GMX, "invalid dns mx or a aaaa resource record"},
	{"common.spf", "gmx.spf", GMX, "reject due to spf policy"},
	{"common.rate", "gmx.rate", GMX, "mail sending limit exceeded\ntoo many * messages"},

	// Outlook.com: two letters and a number name the rule.
	{"common.ip-reputation", "outlook.ip-reputation", OutlookConsumer, "!sc 001\n!sc 002\n!sc 003\n!sc 004\n!ou 001\n!ou 002\n!dy 001\n!dy 002"},
	{"common.rate", "outlook.rate", OutlookConsumer, "!rp 001\n!rp 002\n!rp 003"},

	// GoDaddy: the letters IB and a number name the rule.
	{"common.too-many-connections", "godaddy.too-many-connections", GoDaddy, "!ib007\nplease lower the number of concurrent sessions"},
	{"common.temporary", "godaddy.temporary", GoDaddy, "!ib101"},
	{"common.ptr", "godaddy.ptr", GoDaddy, "!ib108"},
	{"common.spf", "godaddy.spf", GoDaddy, "!ib508"},
	{"common.rate", "godaddy.rate", GoDaddy, "!ib504\n!ib510\n!ib401\n!ib607"},
	{"common.spam", "godaddy.spam", GoDaddy, "!ib212\n!ib701\n!ib703\n!ib704"},
	{"common.domain-listed", "godaddy.spam-url", GoDaddy, "!ib302\n!ib702"},
	{"common.virus", "godaddy.virus", GoDaddy, "!ib705"},
	{"common.ip-reputation", "godaddy.ip-reputation", GoDaddy, "!ib103\n!ib110\n!ib111\n!ib112\n!ib113\n!ib115\n!ib116"},
	{"common.dnsbl", "godaddy.dnsbl", GoDaddy, "!ib104\n!ib105\n!ib106\n!ib107"},
	{"common.helo", "godaddy.helo", GoDaddy, "!ib301"},
	{"common.relay-denied", "godaddy.relay-denied", GoDaddy, "!ib501\n!ib504 relay"},

	// Comcast, Cox.
	{"common.ip-reputation", "comcast.ip-blocked", Comcast, "comcast block for spam\n!bl000000\n!bl000001\n!bl000002\n!bl000010"},
	{"common.ptr", "comcast.ptr", Comcast, "must have a ptr record with a valid reverse dns"},
	{"common.rate", "comcast.rate", Comcast, "!rl000001\n!rl000002\n!rl000003\n!rl000010"},
	{"common.user-unknown", "comcast.user-unknown", Comcast, "recipient mailbox unallocated\nnot our customer"},
	{"common.ip-reputation", "cox.ip-blocked", Cox, "!cxbl\n!cxcnct\n!cxrbl\n!csi\n!cxdns ip rejected"},
	{"common.ptr", "cox.ptr", Cox, "!cxdns"},
	{"common.rate", "cox.rate", Cox, "!cxthrt\n!cxmxrt\n!cxsndr rate"},
	{"common.spam", "cox.spam", Cox, "!aup~\n!cxspam"},

	// Charter (Spectrum).
	{"common.ip-reputation", "charter.ip-blocked", Charter, "ip blocked\naup in 1310\naup in 1320\naup in 1330"},
	{"common.too-many-connections", "charter.too-many-connections", Charter, "!aup cxn"},

	// T-Online, La Poste, Orange.
	{"common.ip-reputation", "tonline.ip-blocked", TOnline, "a problem occurred * ask your postmaster for help\nip * no mail accepted\nask your postmaster for help or to contact"},
	{"common.spam", "tonline.spam", TOnline, "message considered as spam or virus"},
	{"common.ip-reputation", "laposte.ip-blocked", LaPoste, "!lpn007 102\n!lpn007 103"},
	{"common.spam", "laposte.spam", LaPoste, "!lpn007 510\n?lpn007 5~"},
	{"common.rate", "laposte.rate", LaPoste, "?lpn007 2~\n!lpn007 201"},
	{"common.dkim", "laposte.dkim", LaPoste, "!lpn007 402"},
	{"common.spf", "laposte.spf", LaPoste, "!lpn007 401"},
	{"common.dmarc", "laposte.dmarc", LaPoste, "!lpn007 403\n!lpn007 517"},
	{"common.ip-reputation", "orange.ip-blocked", Orange, "adresse ip source bloquee\n!ofr006 102\n!ofr004 102\n!ofr005 102\n!ofr 999"},
	{"common.too-many-connections", "orange.too-many-connections", Orange, "trop de connexions\n!ofr004 104\n!ofr005 104"},
	{"common.mailbox-full", "orange.mailbox-full", Orange, "boite du destinataire pleine\n!ofr 417"},
	{"common.user-unknown", "orange.user-unknown", Orange, "adresse * destinataire invalide\n!ofr 416"},
	{"common.policy", "orange.policy", Orange, "!ofr 506\nmail rejete"},
	{"common.rate", "orange.rate", Orange, "!ofr 108\n!ofr 109\n!ofr004 108\n!ofr005 108"},
	{"common.sender-rejected", "orange.sender-rejected", Orange, "emetteur invalide\n!ofr004 405"},

	// Zoho, Titan, QQ, Mail.ru, Yandex.
	{"common.policy", "zoho.policy", Zoho, "mailpolicy violation\nmailbox delivery restricted by policy error\nmailbox delivery failure policy error"},
	{"common.relay-denied", "zoho.relay-denied", Zoho, "relaying disallowed"},
	{"common.sender-login-mismatch", "zoho.sender-mismatch", Zoho, "relaying disallowed as\ninvalid domain"},
	{"common.rate", "titan.rate", Titan, "domains daily quota exceeded\ndomains hourly quota exceeded\nrecipient quota exceeded"},
	{"common.rate", "qq.rate", Tencent, "sender frequency limited\nip frequency limited"},
	{"common.sender-domain", "qq.sender-domain", Tencent, "domain may not exist\ndomain may not exist or dns check failed"},
	{"common.spam", "qq.content", Tencent, "mail content denied\nsuspected spam sender"},
	{"common.ip-reputation", "qq.ip-blocked", Tencent, "connection denied\nip is blocked"},
	{"common.blocked-by-recipient", "qq.blocked-by-recipient", Tencent, "mail is rejected by recipients"},
	{"common.spam", "mailru.spam", MailRu, "spam message rejected\nspam message discarded"},
	{"common.spam", "yandex.spam", Yandex, "message rejected under suspicion of spam"},
	{"common.sending-suspended", "yandex.sending-suspended", Yandex, "!need to use web for sending\n!prove you are not a robot"},
	{"common.auth-app-password", "yandex.auth-app-password", Yandex, "!user does not have access rights to this service"},

	{"common.user-unknown", "gmx.user-unknown", GMX, "requested action not taken mailbox unavailable for explanation"},

	// NetEase (163, 126): two letters for who refused, three for why.
	{"common.spf", "netease.spf", NetEase, "!mi spf\n!dt spf"},
	{"common.dmarc", "netease.dmarc", NetEase, "!mi dma\n!dt dma"},
	{"common.dkim", "netease.dkim", NetEase, "!mi dkm\n!dt dkm"},
	{"common.spam", "netease.spam", NetEase, "!dt spm"},
	{"common.rate", "netease.rate", NetEase, "!rp qrc\n!rp rcl\n!rp trc\n!rp drc\n!rp cql\n!mi dmc\n!hl ifc\n!hl icc\n!mi sfq"},
	{"common.too-many-errors", "netease.too-many-errors", NetEase, "!rp cel"},
	{"common.helo", "netease.helo", NetEase, "!mi nhd"},
	{"common.ip-reputation", "netease.ip-blocked", NetEase, "!hl rep\n!dt rbl\n!mi rbl\n!hl ihu\n!wm bli"},
	{"common.sender-rejected", "netease.sender-syntax", NetEase, "!mi imf"},
	{"common.spoof", "netease.spoof", NetEase, "!dt sum\n!hl mep"},
	{"common.blocked-by-recipient", "netease.sender-blocked", NetEase, "!mi spb"},

	// Postfix: what its submission service says to a client that did not sign in.
	{"common.auth-required", "postfix.client-not-authenticated", Any, "!client host rejected access denied"},
}

// ownMailboxes are those of them that say more than another wording.
var ownMailboxes = []Row{
	{common: "common.policy", ID: "gmx.policy-rule", Provider: GMX, Text: []string{"reject due to policy restrictions"},
		Fix: []string{"Open the link in the reply: it names the rule. Then correct what it names."}},
	{common: "common.format", ID: "gmx.format", Provider: GMX, Codes: []uint16{554},
		Text:    []string{"policy restrictions header based\n!policy restrictions * c hi\n!policy restrictions * c hd\n!policy restrictions * c r0701\n!policy restrictions * c r0735"},
		Meaning: "The header of the message breaks RFC 5322: Date, From, Sender or To is missing, doubled or malformed.",
		Causes:  []string{"The program that wrote the message leaves out one of these fields, or writes it twice."},
		Fix:     []string{"Correct the program that writes the message: one Date and one From field, and well-formed addresses. The link in the reply names the field."},
		Source:  "https://postmaster.gmx.net/en/error-messages"},
	{common: "common.rate", ID: "zoho.rate", Provider: Zoho, Codes: []uint16{550}, Enhanced: []string{"5.4.6"},
		Text: []string{"unusual sending activity detected"}, Meaning: "Zoho blocked outgoing mail of the account because of unusual activity."},
}

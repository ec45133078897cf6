package replies

import "slices"

// variant returns a provider's row for a cause that all servers speak of: what
// r leaves open is that of the common row.
func variant(commonID string, r Row) Row {
	i := slices.IndexFunc(common, func(c Row) bool { return c.ID == commonID })
	c := common[i]
	c.ID, c.Provider, c.Codes, c.Enhanced, c.Text, c.Weak = r.ID, r.Provider, r.Codes, r.Enhanced, r.Text, r.Weak
	c.Stage = ""
	if r.Meaning != "" {
		c.Meaning = r.Meaning
	}
	if r.Causes != nil {
		c.Causes = r.Causes
	}
	if r.Fix != nil {
		c.Fix = r.Fix
	}
	if r.Duration != "" {
		c.Duration = r.Duration
	}
	c.Source = fieldManuals
	if r.Source != "" {
		c.Source = r.Source
	}
	return c
}

// say is a variant that only differs in its phrases.
func say(commonID, id string, p Provider, phrases string) Row {
	return variant(commonID, Row{ID: id, Provider: p, Text: lines(phrases)})
}

// mailboxes holds the replies of mailbox providers other than Microsoft,
// Google, Yahoo and Apple, one block a provider.
var mailboxes = []Row{
	// Gmail, beside the rows of its own guidelines.
	say("common.too-large", "gmail.too-large", Gmail, "exceeded google's message size limits\np maxsizeerror"),
	say("common.attachment", "gmail.attachment", Gmail, "illegal attachment\ncontent presents a potential security\np blockedmessage"),
	say("common.mailbox-full", "gmail.mailbox-full", Gmail, "email account that you tried to reach is over quota\nout of storage space\np overquotatemp\np overquotaperm"),
	say("common.mailbox-disabled", "gmail.mailbox-disabled", Gmail, "account that you tried to reach is disabled\naccount that you tried to reach is inactive\np disableduser"),
	say("common.user-unknown", "gmail.user-unknown", Gmail, "account that you tried to reach does not exist\np nosuchuser"),
	say("common.recipient-rate", "gmail.recipient-rate", Gmail, "receiving mail at a rate\nreceiving mail too quickly\np receivingrate~"),
	variant("common.rate", Row{ID: "gmail.sending-limit", Provider: Gmail, Codes: []int{550}, Enhanced: []string{"5.4.5"},
		Text:    lines("daily user sending limit exceeded\ndaily sending quota exceeded\ndaily smtp relay * limit exceeded\nsending limits"),
		Meaning: "The Google account sent more messages in a day than Gmail allows."}),
	say("common.too-many-recipients", "gmail.too-many-recipients", Gmail, "too many recipients"),
	say("common.recipient-syntax", "gmail.recipient-syntax", Gmail, "is not a valid rfc-5321 address"),
	say("common.temporary", "gmail.temporary", Gmail, "mail server temporarily rejected message\ntemporary system problem\nserver busy"),
	say("common.domain-listed", "gmail.domain-reputation", Gmail, "low reputation of the sending domain\nsuspicious due to the nature of the content"),
	say("common.dmarc", "gmail.dmarc-alignment", Gmail, "there is no dmarc alignment"),
	variant("common.auth-failed", Row{ID: "gmail.login-bad", Provider: Gmail, Codes: []int{535, 534}, Enhanced: []string{"5.7.8", "5.7.9"},
		Text: lines("p badcredentials\np invalidsecondfactor"),
		Fix: []string{"Sign in at https://mail.google.com with the same user name and password.",
			"With 2-Step Verification, create an app password at https://myaccount.google.com/apppasswords, or use OAuth."}}),
	say("common.internal-only", "gmail.group-restricted", Gmail, "group you tried to contact * may not exist\nyou may not have permission to post messages to the group"),

	// Yahoo and AOL.
	say("common.format", "yahoo.format", Yahoo, "headers are not rfc compliant"),
	say("common.policy", "yahoo.message-not-allowed", Yahoo, "message not allowed 299\n[ph01]\nemail not accepted for policy reasons"),
	say("common.ip-reputation", "yahoo.ip-blocked", Yahoo, "[ts03] * permanently deferred\n[ts01]\n[ts02]"),

	// Apple.
	say("common.domain-listed", "apple.domain-listed", Apple, "domain present in the spamhaus dbl"),
	say("common.recipient-rate", "apple.recipient-rate", Apple, "deferred due to excessive volume"),
	say("common.policy", "apple.local-policy-code", Apple, "[cs01] message rejected due to local policy\n[bs01] message rejected due to local policy\n[hm07]"),

	// GMX, Web.de, IONOS (1&1, kundenserver).
	say("common.ptr", "gmx.ptr", GMX, "bad dns ptr resource record"),
	say("common.ip-reputation", "gmx.ip-blocked", GMX, "address is block listed\nip address is block listed\npolicy restrictions ip based\nno smtp service"),
	say("common.domain-listed", "gmx.domain-listed", GMX, "policy restrictions domain based"),
	say("common.policy", "gmx.policy", Any, "!reject due to policy restrictions domain based\n!reject due to policy restrictions * domain based"),
	say("common.spam", "gmx.spam", GMX, "transaction failed reject due to policy restrictions\nspam message rejected"),
	say("common.sender-domain", "gmx.sender-domain", GMX, "invalid dns mx or a aaaa resource record"),
	say("common.spf", "gmx.spf", GMX, "reject due to spf policy"),
	say("common.rate", "gmx.rate", GMX, "mail sending limit exceeded\ntoo many * messages"),
	say("common.format", "gmx.format", GMX, "policy restrictions header based"),

	// GoDaddy: the letters IB and a number name the rule.
	say("common.too-many-connections", "godaddy.too-many-connections", GoDaddy, "!ib007\nplease lower the number of concurrent sessions"),
	say("common.temporary", "godaddy.temporary", GoDaddy, "!ib101"),
	say("common.ptr", "godaddy.ptr", GoDaddy, "!ib108"),
	say("common.spf", "godaddy.spf", GoDaddy, "!ib508"),
	say("common.rate", "godaddy.rate", GoDaddy, "!ib504\n!ib510\n!ib401\n!ib607"),
	say("common.spam", "godaddy.spam", GoDaddy, "!ib212\n!ib701\n!ib703\n!ib704"),
	say("common.domain-listed", "godaddy.spam-url", GoDaddy, "!ib302\n!ib702"),
	say("common.virus", "godaddy.virus", GoDaddy, "!ib705"),
	say("common.ip-reputation", "godaddy.ip-reputation", GoDaddy, "!ib103\n!ib110\n!ib111\n!ib112\n!ib113\n!ib115\n!ib116"),
	say("common.dnsbl", "godaddy.dnsbl", GoDaddy, "!ib104\n!ib105\n!ib106\n!ib107"),
	say("common.helo", "godaddy.helo", GoDaddy, "!ib301"),
	say("common.relay-denied", "godaddy.relay-denied", GoDaddy, "!ib501\n!ib504 relay"),

	// Comcast, Cox.
	say("common.ip-reputation", "comcast.ip-blocked", Comcast, "comcast block for spam\n!bl000000\n!bl000001\n!bl000002\n!bl000010"),
	say("common.ptr", "comcast.ptr", Comcast, "must have a ptr record with a valid reverse dns"),
	say("common.rate", "comcast.rate", Comcast, "!rl000001\n!rl000002\n!rl000003\n!rl000010"),
	say("common.user-unknown", "comcast.user-unknown", Comcast, "recipient mailbox unallocated\nnot our customer"),
	say("common.ip-reputation", "cox.ip-blocked", Cox, "!cxbl\n!cxcnct\n!cxrbl\n!csi\n!cxdns ip rejected"),
	say("common.ptr", "cox.ptr", Cox, "!cxdns"),
	say("common.rate", "cox.rate", Cox, "!cxthrt\n!cxmxrt\n!cxsndr rate"),
	say("common.spam", "cox.spam", Cox, "!aup~\n!curl~\n!cxspam"),

	// T-Online, La Poste, Orange.
	say("common.ip-reputation", "tonline.ip-blocked", TOnline, "a problem occurred * ask your postmaster for help\nip * no mail accepted\nask your postmaster for help or to contact"),
	say("common.spam", "tonline.spam", TOnline, "message considered as spam or virus"),
	say("common.ip-reputation", "laposte.ip-blocked", LaPoste, "!lpn007 102\n!lpn007 103"),
	say("common.spam", "laposte.spam", LaPoste, "!lpn007 510\n!lpn007 5~"),
	say("common.rate", "laposte.rate", LaPoste, "!lpn007 2~\n!lpn007 201"),
	say("common.dkim", "laposte.dkim", LaPoste, "!lpn007 402"),
	say("common.spf", "laposte.spf", LaPoste, "!lpn007 401"),
	say("common.dmarc", "laposte.dmarc", LaPoste, "!lpn007 403"),
	say("common.ip-reputation", "orange.ip-blocked", Orange, "adresse ip source bloquee\n!ofr006 102\n!ofr004 102\n!ofr005 102"),
	say("common.too-many-connections", "orange.too-many-connections", Orange, "trop de connexions\n!ofr004 104\n!ofr005 104"),
	say("common.mailbox-full", "orange.mailbox-full", Orange, "boite du destinataire pleine\n!ofr 417"),
	say("common.user-unknown", "orange.user-unknown", Orange, "adresse * destinataire invalide\n!ofr 416"),
	say("common.policy", "orange.policy", Orange, "!ofr 506\nmail rejete"),
	say("common.sender-rejected", "orange.sender-rejected", Orange, "emetteur invalide\n!ofr004 405"),

	// Zoho, Titan, QQ, Mail.ru, Yandex.
	say("common.policy", "zoho.policy", Zoho, "mailpolicy violation\nmailbox delivery restricted by policy error\nmailbox delivery failure policy error"),
	say("common.relay-denied", "zoho.relay-denied", Zoho, "relaying disallowed"),
	variant("common.rate", Row{ID: "zoho.rate", Provider: Zoho, Codes: []int{550}, Enhanced: []string{"5.4.6"},
		Text: lines("unusual sending activity detected"), Meaning: "Zoho blocked outgoing mail of the account because of unusual activity."}),
	say("common.rate", "titan.rate", Titan, "domains daily quota exceeded\ndomains hourly quota exceeded\nrecipient quota exceeded"),
	say("common.rate", "qq.rate", Tencent, "sender frequency limited\nip frequency limited"),
	say("common.spam", "qq.content", Tencent, "mail content denied\nsuspected spam sender"),
	say("common.blocked-by-recipient", "qq.blocked-by-recipient", Tencent, "mail is rejected by recipients"),
	say("common.spam", "mailru.spam", MailRu, "spam message rejected\nspam message discarded"),
	say("common.spam", "yandex.spam", Yandex, "message rejected under suspicion of spam"),
}

package replies

import (
	"strings"

	"maildiag/checks/kit"
	"maildiag/report"
)

// results matches what Outlook.com writes after 5.7.515 of SPF, DKIM and DMARC.
var results = kit.Lazily(`(?i)\bspf\s*=\s*(\w+)\W+dkim\s*=\s*(\w+)\W+dmarc\s*=\s*(\w+)`)

// noDomain matches what says that a domain does not exist, or has no mail server, rather
// than that it was not found out.
var noDomain = kit.Lazily(`(?i)\b(?:nxdomain|does ?n.t exist|does not exist|not exist|no such (?:domain|host)|(?:host|domain)(?: name)? not found|(?:unknown|invalid) (?:host|domain)|(?:host|domain) unknown|no (?:mail|mx) (?:hosts?|exchangers?|records?)|no (?:mx|dns (?:entry|records?))|could ?n.t be found|unrouteable|find the (?:recipient|destination)(?:.?s)? (?:mail )?domain|non-?existent domain)\b`)

// noAnswer matches what says that DNS gave no answer about a domain, which may exist.
var noAnswer = kit.Lazily(`(?i)\b(?:try again|unexpected name ?server reply|serv ?fail|server fail(?:ed|ure)|host name lookup failure|no (?:answer|response)|did not complete|tim(?:ed? ?out|eout)|temporar(?:y|ily))\b`)

// unanswered is what a row about a domain says if DNS gave no answer about it.
var unanswered = Elsewhere{
	Owner:   report.OwnerRecipient,
	Meaning: "DNS gave the sending server no answer about the recipient's domain.",
	Causes: []string{
		"The name servers of that domain do not answer, or its DNSSEC signatures are not valid.",
		"The DNS resolver of the sending server does not answer, or cannot reach the Internet.",
	},
	Fix: []string{
		"Look up the MX of that domain from another network: if that fails, too, its DNS admin corrects the name servers or DNSSEC.",
		"If only the sending server gets no answer, or none for other domains, correct its DNS resolver.",
	},
}

// lasting matches a domain whose name servers answer, so that the resolver does not.
var lasting = kit.Lazily(`(?i)\b(?:gmail|googlemail|google|outlook|hotmail|live|microsoft|office365|yahoo|icloud|me|aol|gmx|web|t-online|qq|163|yandex|mail|orange|free)\.(?:com|de|net|fr|ru|co\.\w+)\b|name server: `)

// resolverSilent matches what programs say if a DNS server gave no answer, so that the name
// may be right.
var resolverSilent = kit.Lazily(`(?i)\bEAI_AGAIN\b|\berrno -3\b|\bno dns server|\bdns server (?:not|un)|:53: (?:read|write|i/o|dial)|\bserver misbehaving\b`)

// mistyped is what a name means that DNS says not to exist.
var mistyped = Elsewhere{
	Owner:   report.OwnerUser,
	Meaning: "The mail server that is set in the device or program is not found in DNS.",
	Causes: []string{
		"There is a typing error in the server name in its settings, or the setting is empty.",
		"The DNS server of the device or container knows no public names.",
	},
	Fix: []string{
		"Check the server name in the settings: smtp.office365.com for Microsoft 365.",
		"If the name is right, check the DNS server of the device. Run \"maildiag smtp\" on the same network.",
	},
}

// port25 matches port 25 as the target of a program, and submissionHost the servers of
// large providers to which programs sign in.
var (
	port25         = kit.Lazily(`(?i)[\w\])]:25\b|\bport\W{1,5}25\b|:25\s*\(|\(25\)`)
	submissionHost = kit.Lazily(`(?i)\b(?:smtp\.(?:office365|outlook|gmail|googlemail|live|mail\.yahoo|ionos|strato|sendgrid|mailgun|zoho|yandex)|smtp-mail\.outlook|smtp-relay\.\w+|email-smtp\.[\w-]+\.amazonaws)\.(?:com|net|org|de|ru|eu)\b`)
)

// port25Closed is what a program's connection to port 25 means that gets no answer.
var port25Closed = Elsewhere{
	Owner:   report.OwnerNetwork,
	Meaning: "No connection to port 25 could be made: most hosting, cloud and Internet providers block it.",
	Causes: []string{
		"The provider or a firewall of the machine that sends blocks outgoing port 25.",
		"The server does not answer on port 25, or its name is wrong.",
	},
	Fix: []string{
		"Send through the submission server of your mail provider: port 587 with STARTTLS, user name and password (smtp.office365.com, smtp.gmail.com).",
		"If you must deliver to the recipient's server yourself, ask the provider to open outgoing port 25; \"maildiag smtp --mx DOMAIN\" shows whether it is open.",
	},
}

// dynamic matches what says that an address is one of a line of a home or office.
var dynamic = kit.Lazily(`(?i)\bdynamic/|\bdynamic(?:ally)?[ -](?:ip\b|ips\b|address|assigned|allocated|host|range|client|user|or residential|pool)|\bresidential\b|\b(?:rtr:|ers-)du|\bdial-?up\b|\bdyn:t1\b|\bdsl (?:line|address|range)|\bhome connection`)

// dynamicAddress is what such an address means to receivers.
var dynamicAddress = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The receiver accepts no mail directly from this IP address: it is one of a home, office or dynamic line.",
	Causes:  []string{"The address is assigned dynamically, or its provider registered it as one that sends no mail."},
	Fix:     []string{"Send through the relay (smart host) of your provider or mail service, not directly to recipients."},
	Confirm: ConfirmPTR,
}

// remoteFault is what a fault of a server means that is not the reader's.
var remoteFault = Elsewhere{
	Owner:   report.OwnerRecipient,
	Meaning: "The receiving server has a fault of its own: its configuration, a file or a service that it needs.",
	Causes:  []string{"A setting, a permission or a stopped service there, often after an update."},
	Fix:     []string{"Send the whole reply to the recipient's administrator by other means: it names what fails there."},
}

// localSender matches a rejected sender address without a domain that receives mail.
var localSender = kit.Lazily(`(?i)^[^@]*@localhost(?:\.localdomain)?>?: sender address`)

// senderLocal is what that means.
var senderLocal = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The server rejects the sender's address: its domain is localhost, which receives no mail.",
	Causes:  []string{"The program or server has no sender address set, so it uses the name of the machine."},
	Fix:     []string{"Set a sender address of a domain that receives mail, in the form name@contoso.com."},
}

// ownLoop matches how the sending server itself says that it is the MX of a domain which it
// does not know.
var ownLoop = kit.Lazily(`(?i)\bloops back to my?(?:self| own)?\b|\bbest-preference MX\b|\bMX list for \S+ points back\b|\blowest numbered MX record points to local host\b`)

// ownDomain is what that means.
var ownDomain = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The sending server is itself the MX of the recipient's domain, but does not treat the domain as its own.",
	Causes: []string{
		"The domain is missing in the list of domains for which the server accepts and stores mail.",
		"The MX record points to this server by mistake, or the domain has moved to another provider.",
	},
	Fix: []string{
		"Add the domain to the server's own domains (Postfix: mydestination or virtual_mailbox_domains; for a gateway relay_domains and transport_maps; Exim: local_domains or relay_to_domains).",
		"If the mail belongs elsewhere, correct the MX record.",
	},
	Confirm: ConfirmMX,
}

// ownName matches a name in an answer of DNS that is one of the own network: one label, or
// one under a domain that is not public.
var ownName = kit.Lazily(`(?i)\bname=(?:[a-z\d_-]+|[\w.-]+\.(?:local|lan|internal|intern|localdomain|home|corp|svc|docker|test))[\s,;)]|\(expanded from <root>\)`)

// ownHost is what it means to look up such a name.
var ownHost = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The sending server looks up a name of its own network that DNS does not know.",
	Causes: []string{
		"A host, container or service that the mail server uses (relay host, LMTP, filter) is stopped or has another name.",
		"The message is for a local user such as root, and the server's own host name is not in DNS.",
	},
	Fix: []string{
		"Correct the name in the settings of the mail server, or in its DNS or hosts file.",
		"For a local user, set an alias with a complete address, and a domain of yours as origin.",
	},
}

// ownRoute matches what names the host to which the sending server hands all mail.
var ownRoute = kit.Lazily(`(?i)\b(?:relay ?host|smart ?host)\b`)

// ownRule matches what says that the rule which rejects a message is one of the sender's
// organization: it is about what leaves it.
var ownRule = kit.Lazily(`(?i)\b(?:dlp|data loss prevention|sensitive (?:information|data)|sensitivity label|sender's (?:own )?organization|your (?:own )?organization)\b`)

// narrow keeps of the causes and steps of a row about all three those for what failed,
// if the reply says so. What passes for another domain than that of the From field
// does not count for DMARC, RFC 7489 3.1.
func (r *Row) narrow(q Query) {
	text, near := q.Text, q.Near || q.Path == ""
	if r.ID == "common.domain-not-found" {
		switch text := text[:min(len(text), maxText)]; {
		case ownName().MatchString(text):
			r.take(&ownHost)
		case ownRoute().MatchString(text):
			r.Owner = OwnerSender
		case noAnswer().MatchString(text):
			r.take(&unanswered)
			if lasting().MatchString(text) {
				r.Owner, r.Fix = OwnerSender, []string{"Correct the DNS resolver or the network of the sending server: the name servers of this domain do answer."}
			}
		case noDomain().MatchString(text):
			r.Owner = report.OwnerUser // a typing error is likelier than a domain that was lost
		}
	}
	text = text[:min(len(text), maxText)]
	switch {
	case strings.HasPrefix(r.cause(), "ip-") && dynamic().MatchString(text), r.cause() == "ip-direct":
		r.take(&dynamicAddress)
	case strings.HasPrefix(r.ID, "common.own-") && q.Path == PathDelivery && !q.Near:
		r.take(&remoteFault)
	case r.cause() == "blocked-by-recipient" && localSender().MatchString(text):
		r.take(&senderLocal)
	case r.ID == "common.loop" && ownLoop().MatchString(text) && near:
		r.take(&ownDomain)
	case r.ID == "common.client-dns" && !(noAnswer().MatchString(text) || resolverSilent().MatchString(text)):
		r.take(&mistyped)
	case r.ID == "common.temporary" && q.deferredHere():
		r.take(&ownDeferral)
	case r.ID == "common.timeout" && q.Path != PathDelivery && port25().MatchString(text) && !turnedAway().MatchString(text) && !loopback().MatchString(text):
		r.take(&port25Closed)
		if submissionHost().MatchString(text) {
			r.Owner, r.Fix = report.OwnerUser, r.Fix[:1]
		}
	}
	if r.cause() == "rule-rejected" && ownRule().MatchString(text) {
		r.Owner = report.OwnerM365
	}
	if r.ID != "outlook.auth-level" {
		return
	}
	found := results().FindStringSubmatch(text[:min(len(text), maxText)])
	if found == nil {
		return
	}
	passed := func(i int) bool { return strings.EqualFold(found[i], "pass") }
	var causes, fix []string
	if !passed(1) {
		causes = append(causes, "SPF does not pass: the record does not list the server that sent this.")
		fix = append(fix, r.Fix[0])
	}
	if !passed(2) {
		causes = append(causes, "DKIM does not pass: the message is not signed, or was changed on its way.")
		fix = append(fix, r.Fix[1])
	}
	if !passed(3) {
		if passed(1) || passed(2) {
			causes = append(causes, "DMARC fails although "+named(passed(1), passed(2))+" passed: the domain that passed is not that of the From address.")
			fix = append(fix, "Sign with a DKIM key of the From domain (d=), or send with an envelope sender in that domain.")
		}
		fix = append(fix, r.Fix[2])
	}
	if len(fix) > 0 {
		r.Causes, r.Fix = causes, fix
	}
}

// named names the ways of authentication that passed.
func named(spf, dkim bool) string {
	switch {
	case spf && dkim:
		return "SPF and DKIM"
	case spf:
		return "SPF"
	}
	return "DKIM"
}

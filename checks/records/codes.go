package records

import (
	"slices"

	"maildiag/checks/kit"
)

// Codes returns the pages of the codes of all checks of records.
func Codes() []kit.CodeDoc {
	return slices.Concat(domainCodes, mxCodes, spfCodes, spfTermCodes, dkimCodes, dmarcCodes, mtastsCodes, caaCodes, tlsrptCodes,
		daneCodes, bimiCodes, autodiscoverCodes, clientsCodes)
}

var domainCodes = []kit.CodeDoc{
	{
		Code:  "domain.exists",
		Means: "Whether the domain exists in the DNS.",
		Why:   "Nobody can send mail to a domain that does not exist, and receivers reject mail from it.",
		Wrong: "The name may be misspelled, or so new that the registry does not publish it yet.",
		Fix:   "Check the spelling. Register or renew the domain, and publish its name servers at the registrar.",
	},
	{
		Code:  "domain.kind",
		Means: "What the records say about the domain: on Microsoft 365, moving to it, elsewhere, or parked. Other checks follow from it.",
		Wrong: "This is information. Nothing needs to be fixed if it describes the domain correctly.",
		Fix:   "If it is not what you expect, name the expectation: --expect m365, --expect any, --cloud or --gateway.",
	},
	{
		Code:  "domain.script",
		Means: "The name mixes letters of several scripts in one label, and many of them look alike.",
		Why:   "Browsers and mail programs may show the name in its xn-- form or warn, because such names are used for phishing.",
		Wrong: "The name may be correct in its language. Then nothing can be changed.",
		Fix:   "Check that the name was typed and not copied from an untrusted message.",
	},
	{
		Code: "domain.resolver",
		Means: "The resolver gives answers that are not those of the DNS, for example an address for names that do not exist, or its DNSSEC " +
			"validation fails for every name.",
		Why:   "Findings based on such a resolver can be wrong, so maildiag does not judge the domain by them.",
		Wrong: "Do not change the domain because of this finding.",
		Fix:   "Ask another resolver: --resolver ADDR, --resolver tls://ADDR or --resolver https://URL.",
	},
	{
		Code:  "domain.view",
		Means: "The resolver serves an internal view of the domain, with private addresses or Active Directory records.",
		Why:   "Senders on the Internet see other records than the ones that were checked.",
		Wrong: "Do not copy public records into the internal zone only to clear this finding.",
		Fix:   "Ask a public resolver with --resolver.", Sources: []string{"RFC 6890 2.2.2"},
	}}

// publishMX is how to publish the MX record of Microsoft 365.
const publishMX = "Publish the MX record that the admin center shows for the domain (Settings > Domains > the domain > DNS records)."

var mxCodes = []kit.CodeDoc{
	{
		Code:  "mx.record",
		Means: "Whether the MX records of the domain could be read.",
		Wrong: "While the answer is unknown, change nothing.",
		Fix:   "Run again, or ask another resolver with --resolver. If it stays, have the DNS admin look at the name servers.",
	},
	{
		Code:    "mx.none",
		Means:   "The domain has no MX record.",
		Why:     "Senders then try the address of the domain itself, often a web server. Without an address they return the mail.",
		Wrong:   "A domain that should receive no mail does not need one. A null MX (MX 0 .) says so clearly.",
		Fix:     publishMX,
		Sources: []string{"RFC 5321 5.1", "RFC 7505 3"},
	},
	{
		Code:  "mx.null",
		Means: "The domain publishes a null MX: it receives no mail.",
		Why:   "Senders return mail at once. Beside other MX records a null MX is an error, and some senders deliver nothing.",
		Wrong: "It is correct for a parked domain. Do not delete it there.",
		Fix:   "If the domain should receive mail, delete the null MX and keep the other records.", Sources: []string{"RFC 7505 3"},
	},
	{
		Code:  "mx.m365",
		Means: "Whether an MX record points to Microsoft 365.",
		Why:   "Only then is mail delivered to Exchange Online directly.",
		Wrong: "Behind a mail filter the MX points to the filter. Name it with --gateway.",
		Fix:   publishMX,
	},
	{
		Code:  "mx.leftover",
		Means: "An MX record still points to another provider or to a server of the old mail system, beside the one of Microsoft 365.",
		Why:   "Senders that cannot reach the first host use the next. Mail that arrives there lands in the old mailbox or is lost.",
		Wrong: "Keep the record while mailboxes are still on that system, in a hybrid organization, or if the host is your mail filter (name it with --gateway).",
		Fix:   "Delete the record when no mailbox is left there. To accept it for a while, use --accept.",
	},
	{
		Code:  "mx.bypass",
		Means: "A mail filter receives mail, but another MX record leads past it to the mailboxes.",
		Why:   "Spammers choose the record that avoids the filter.",
		Wrong: "Keep both during the days in which the filter is being introduced or removed.",
		Fix:   "Keep the filter's records only, and accept mail in Exchange Online only from the filter (a connector).",
	},
	{
		Code:  "mx.gateway",
		Means: "A mail filter in front of the mailboxes receives the mail.",
		Wrong: "Nothing needs to be fixed if the filter is yours.",
		Fix:   "If the filter is no longer used, publish the MX record of Microsoft 365 instead.",
	},
	{
		Code:  "mx.connector",
		Means: "A filter is in front of Microsoft 365. The DNS cannot show whether Exchange Online accepts mail only from the filter.",
		Why:   "If it accepts mail from everywhere, spammers can deliver past the filter.",
		Wrong: "Do not restrict the connector before all addresses of the filter are listed: mail would be rejected.",
		Fix:   "In the Exchange admin center, add an inbound connector that accepts mail only from the filter's addresses.",
	},
	{
		Code:  "mx.provider",
		Means: "Which provider receives mail for the domain.",
		Wrong: "Nothing needs to be fixed if the domain should be there.",
		Fix:   "If the domain should be on Microsoft 365, run with --expect m365.",
	},
	{
		Code:  "mx.parking",
		Means: "A domain-parking service receives mail for the domain.",
		Why:   "Nobody reads mail there, or a stranger does. Senders are not told.",
		Wrong: "If the domain is parked and nobody writes to it, this is as it should be.",
		Fix:   "If the domain should have mail, publish the MX record of its mail server. If not, a null MX tells senders so.",
	},
	{
		Code:  "mx.cloud",
		Means: "The MX host belongs to a different Microsoft cloud than expected.",
		Why:   "Clouds are separate. The other one does not know the domain and rejects its mail.",
		Wrong: "If the domain really is on that cloud, --cloud was wrong.",
		Fix:   publishMX,
	},
	{
		Code:  "mx.several",
		Means: "Several MX records point to Microsoft 365.",
		Why:   "One is enough. The others are often left from another domain or tenant, where mail is rejected.",
		Wrong: "During a change from one Microsoft host name to another, both may exist for some days.",
		Fix:   "Keep the one that the admin center shows, and delete the others.",
	},
	{
		Code:  "mx.label",
		Means: "The first label of the MX host is that of another domain.",
		Why:   "It works only while the other domain is in the same tenant.",
		Wrong: "The admin center may show exactly this value. Then keep it.",
		Fix:   publishMX,
	},
	{
		Code:  "mx.retired",
		Means: "The MX record has a host name that Microsoft has retired.",
		Why:   "Some of these names still answer. When one stops, its mail is lost or delayed.",
		Wrong: "If it is the only record, publish the new one first.",
		Fix:   publishMX + " Then delete the old one.",
	},
	{
		Code:  "mx.verify",
		Means: "The MX record proves to Microsoft that you own the domain. It receives no mail.",
		Wrong: "Do not delete it before the admin center shows the domain as verified.",
		Fix:   "Delete it when the domain is verified.",
	},
	{
		Code:  "mx.misspelled",
		Means: "The MX host looks like one of Microsoft 365 with a spelling error.",
		Why:   "Mail does not reach Microsoft 365, and the owner of the misspelled name could receive it.",
		Wrong: "If the host is really yours, the guess is wrong.",
		Fix:   publishMX,
	},
	{
		Code:  "mx.host",
		Means: "The MX record names a host of Microsoft 365 that receives no mail for domains, such as smtp.office365.com or contoso.onmicrosoft.com.",
		Why:   "Mail to the domain does not arrive.",
		Wrong: "Never: Microsoft 365 receives mail only at the host that the admin center shows for the domain.",
		Fix:   publishMX,
	},
	{
		Code:  "mx.suffix",
		Means: "The MX host is a Microsoft 365 host with the domain appended.",
		Why:   "The name does not exist, so no mail arrives.",
		Wrong: "Never: the zone editor added the domain because the final dot was missing.",
		Fix:   "Enter the host with a final dot, or as the editor of your DNS provider expects it.",
	},
	{
		Code:  "mx.literal",
		Means: "The MX record holds an IP address, where only a host name is allowed.",
		Why:   "Most senders cannot deliver to it.",
		Wrong: "Never: an MX record cannot hold an address.",
		Fix:   "Give the server a name with an address record, and publish that name.", Sources: []string{"RFC 5321 5.1", "RFC 1035 3.3.9"},
	},
	{
		Code:  "mx.name",
		Means: "The MX host is not a valid host name, or has an underscore.",
		Why:   "Some senders refuse to look it up.",
		Wrong: "If only your resolver returns the wrong name, ask another one first.",
		Fix:   "Correct the name. Host names have letters, digits and hyphens.", Sources: []string{"RFC 1123 2.1"},
	},
	{
		Code:  "mx.cname",
		Means: "The MX host is an alias (CNAME).",
		Why:   "An MX record must name the host itself. Some senders refuse an alias.",
		Wrong: "Do not remove the alias if other services use it. Change the MX record instead.",
		Fix:   "Put the target of the alias into the MX record.", Sources: []string{"RFC 2181 10.3"},
	},
	{
		Code:  "mx.beside-cname",
		Means: "The domain is an alias (CNAME) and has other records beside it.",
		Why: "A CNAME excludes all other records of its name. Some resolvers follow it and then see neither the MX nor the SPF record " +
			"of the domain.",
		Wrong:   "Do not delete the CNAME before the addresses of its target are published: the website stops.",
		Fix:     "Replace the CNAME with the addresses of its target, or with the ALIAS feature of the DNS provider.",
		Sources: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
	},
	{
		Code:  "mx.private",
		Means: "The MX host has an address that is not reachable on the Internet, beside others that are.",
		Why:   "Senders that try it first are delayed.",
		Wrong: "Your resolver may serve an internal view. Ask a public one with --resolver first.",
		Fix:   "Publish only public addresses.", Sources: []string{"RFC 6890 2.2.2"},
	},
	{
		Code:  "mx.unreachable",
		Means: "The MX host has only addresses that no sender on the Internet can reach.",
		Why:   "No mail can be delivered there.",
		Wrong: "Your resolver may serve an internal view. Ask a public one with --resolver first.",
		Fix:   "Publish a public address for the host, or delete its MX record.", Sources: []string{"RFC 6890 2.2.2"},
	},
	{
		Code:  "mx.address",
		Means: "The MX host has no address, or it could not be looked up.",
		Why:   "No mail can be delivered to a host without an address.",
		Wrong: "If the result is unknown (the resolver did not answer), change nothing.",
		Fix:   "Publish an address for the host, or delete its MX record.", Sources: []string{"RFC 5321 5.1"},
	},
	{
		Code:  "mx.duplicate",
		Means: "Several MX records name the same host.",
		Wrong: "It is harmless. Change it when you edit the records anyway.",
		Fix:   "Keep one of them.",
	},
	{
		Code:  "mx.many",
		Means: "The domain has so many MX records that maildiag did not look at all hosts.",
		Wrong: "The hosts that were not checked may be fine.",
		Fix:   "Delete records that are no longer needed.",
	},
	{
		Code:  "mx.ttl",
		Means: "Resolvers may keep the MX records for a long time.",
		Why:   "A change takes as long to reach all senders.",
		Wrong: "A long TTL is fine while no change is planned.",
		Fix:   "Before a migration, lower the TTL to an hour and wait for the old one to pass.",
	}}

var caaCodes = []kit.CodeDoc{
	{
		Code:    "caa.issuers",
		Means:   "The certification authorities that may issue a certificate for the host of the MTA-STS policy.",
		Why:     "A CAA record that allows none, or not yours, stops the renewal of that certificate; senders can then no longer read the policy.",
		Wrong:   "Where the policy host belongs to a service, its own CAA records decide, and that service renews the certificate.",
		Fix:     "Add an issue record for the authority that you use.",
		Sources: []string{"RFC 8659 3"},
	},
}

var mtastsCodes = []kit.CodeDoc{
	{
		Code:  "mtasts.record",
		Means: "Whether a valid MTA-STS record is published at _mta-sts.",
		Wrong: "MTA-STS is optional. Do not publish the record before the policy file is served.",
		Fix:   "Serve the policy first, then publish v=STSv1; id=... with a new id after each change of the policy.", Sources: []string{"RFC 8461 3.1"},
	},
	{
		Code:  "mtasts.policy",
		Means: "Whether the policy file can be fetched and is well-formed.",
		Why:   "Senders that cannot fetch it use the one that they know, or none.",
		Wrong: "If only this machine cannot reach the web server, the domain is not at fault.",
		Fix:   "Serve the file at https://mta-sts.DOMAIN/.well-known/mta-sts.txt, without a redirect.", Sources: []string{"RFC 8461 3.2", "RFC 8461 3.3"},
	},
	{
		Code:  "mtasts.certificate",
		Means: "Whether senders accept the certificate of the policy's web server, and how long it is valid.",
		Why:   "With a bad certificate, senders do not read the policy.",
		Wrong: "If a device in your network inspects TLS, the certificate that you see is not the one of the server. With a wrong clock, " +
			"this computer takes valid certificates for expired ones.",
		Fix: "Install a certificate for mta-sts.DOMAIN from a public authority, and renew it automatically.", Sources: []string{"RFC 8461 3.3"},
	},
	{
		Code:  "mtasts.content-type",
		Means: "The policy is not served as text/plain.",
		Why:   "Some senders ignore it then.",
		Wrong: "Nothing else needs to change: the file itself is fine.",
		Fix:   "Serve it with Content-Type: text/plain.", Sources: []string{"RFC 8461 3.3"},
	},
	{
		Code:  "mtasts.mode",
		Means: "The mode of the policy: enforce, testing or none.",
		Why:   "Only enforce protects mail. With testing, senders report failures and deliver all the same.",
		Wrong: "Do not move to enforce before the TLS reports have shown no failures for some weeks, or during a migration.",
		Fix:   "Set the mode in the policy, then change the id of the record.", Sources: []string{"RFC 8461 5"},
	},
	{
		Code:  "mtasts.mx",
		Means: "Whether the policy covers all MX hosts of the domain.",
		Why:   "In mode enforce, senders that honor MTA-STS do not deliver to hosts that the policy does not name.",
		Wrong: "If the MX host itself is left over, delete that record instead of adding it to the policy.",
		Fix:   "Add the missing hosts to the policy, then change the id. Do this before the MX records change.", Sources: []string{"RFC 8461 4.1"},
	},
	{
		Code:  "mtasts.unused",
		Means: "The policy names hosts to which no MX record points.",
		Wrong: "It is correct during a migration, when the new or the old host is about to be used.",
		Fix:   "Remove the names when the migration is finished, then change the id.", Sources: []string{"RFC 8461 3.2"},
	},
	{
		Code:  "mtasts.max-age",
		Means: "Senders keep the policy for a short time only.",
		Why:   "An attacker only has to block the policy host that long for the policy to expire.",
		Wrong: "A short time is useful while the policy is being tested or changed.",
		Fix:   "Set max_age to a week or more (604800 seconds), then change the id.", Sources: []string{"RFC 8461 3.2"},
	}}

var tlsrptCodes = []kit.CodeDoc{{
	Code:  "tlsrpt.record",
	Means: "Whether a valid TLS reporting record is published at _smtp._tls.",
	Why:   "Without reports you do not learn that senders fail to deliver over TLS.",
	Wrong: "TLS reporting is optional. Mail works without it.",
	Fix:   "Publish one TXT record: v=TLSRPTv1; rua=mailto:ADDRESS.", Sources: []string{"RFC 8460 3"},
}}

var daneCodes = []kit.CodeDoc{
	{
		Code:  "dane.tlsa",
		Means: "Whether the MX hosts have TLSA records, and whether DNSSEC proves them.",
		Why:   "Senders ignore TLSA records that DNSSEC does not prove. Senders that honor DANE do not deliver to a host whose TLSA records do not match.",
		Wrong: "DANE is optional. TLSA records of a Microsoft host are Microsoft's; you cannot change them.",
		Fix:   "Have the operator of the MX host publish correct TLSA records, or sign the zone.", Sources: []string{"RFC 7672 2.2"},
	},
	{
		Code:  "dane.partial",
		Means: "Some MX hosts have TLSA records, others have none.",
		Why:   "An attacker can steer mail to the hosts without.",
		Wrong: "During the change to a new MX host this is expected.",
		Fix:   "Have TLSA records published for every MX host, or delete the MX records of the hosts without.", Sources: []string{"RFC 7672 2.2.1"},
	},
	{
		Code:  "dane.possible",
		Means: "The domain could use DANE, but it is not enabled or DNSSEC is missing.",
		Why:   "Without DANE or MTA-STS, an attacker in the network can read mail on its way to you.",
		Wrong: "DANE is optional. Do not sign the zone if your DNS provider cannot keep the signatures current: expired signatures stop all mail.",
		Fix:   "Sign the zone with DNSSEC, then enable DANE for the domain in Exchange Online.", Sources: []string{"RFC 7672"},
	}}

var bimiCodes = []kit.CodeDoc{
	{
		Code:  "bimi.record",
		Means: "Whether a valid BIMI record is published.",
		Wrong: "BIMI is optional. It shows a logo and does not affect delivery.",
		Fix:   "Publish one TXT record at default._bimi with the address of the logo.",
	},
	{
		Code:  "bimi.dmarc",
		Means: "The DMARC policy is not strict enough for BIMI.",
		Why:   "Receivers show no logo without p=quarantine or p=reject.",
		Wrong: "Never tighten DMARC only to show a logo: first make sure that all your senders pass.",
		Fix:   "Move DMARC to quarantine or reject when the reports show that all senders pass.",
	},
	{
		Code:  "bimi.logo",
		Means: "Whether the logo can be fetched and has the form that receivers want.",
		Why:   "With a faulty logo, receivers show none.",
		Wrong: "Mail is delivered either way.",
		Fix:   "Serve an SVG file of the profile SVG Tiny PS over HTTPS.",
	},
	{
		Code:  "bimi.certificate",
		Means: "Whether there is a mark certificate for the logo, and whether it is valid.",
		Why:   "Several large receivers show only logos with a certificate.",
		Wrong: "Mail is delivered either way. A certificate costs money every year.",
		Fix:   "Order a mark certificate (VMC or CMC) and publish its address with a=.",
	}}

var autodiscoverCodes = []kit.CodeDoc{
	{
		Code:  "autodiscover.target",
		Means: "Whether autodiscover.DOMAIN points to Microsoft 365.",
		Why:   "Outlook and phones set up accounts through it. A wrong target sends them to the old server.",
		Wrong: "Leave it as it is while mailboxes are still on your own servers, or in a hybrid organization.",
		Fix:   "Publish the CNAME that the admin center shows. Delete address records of the same name.",
	},
	{
		Code:  "autodiscover.srv",
		Means: "A service record (_autodiscover._tcp) sends Outlook to another server.",
		Why:   "Outlook may use it where the CNAME does not answer.",
		Wrong: "Keep it while mailboxes are still on that server.",
		Fix:   "Delete the SRV record when the mailboxes have moved.",
	}}

var clientsCodes = []kit.CodeDoc{
	{
		Code:  "clients.registration",
		Means: "Whether enterpriseregistration points to Microsoft, so that devices register with Entra.",
		Wrong: "Only organizations that register devices need it. Mail works without it.",
		Fix:   "Publish the CNAME that the admin center shows.",
	},
	{
		Code:  "clients.enrollment",
		Means: "Whether enterpriseenrollment points to Microsoft, so that Windows devices enroll in Intune.",
		Wrong: "Only organizations that use Intune need it. Mail works without it.",
		Fix:   "Publish the CNAME that the admin center shows.",
	},
	{
		Code:  "clients.msoid",
		Means: "Whether the msoid record is as the domain's cloud needs it. In most clouds it must not exist.",
		Why:   "Where it must not exist, it prevents Office from activating.",
		Wrong: "The cloud in China needs the record. Check --cloud first.",
		Fix:   "Delete the msoid record. In the cloud in China, publish the one that the admin center shows.",
	},
	{
		Code:  "clients.skype",
		Means: "Records of Skype for Business are left. The service was retired in July 2021.",
		Wrong: "Keep _sipfederationtls._tcp: Teams uses it for federation.",
		Fix:   "Delete the sip, lyncdiscover and _sip._tls records.",
	},
	{
		Code:  "clients.verification",
		Means: "Whether a TXT record (MS=...) proves to Microsoft that you own the domain.",
		Wrong: "It does not affect mail. It may be deleted once the domain is verified.",
		Fix:   "If the admin center asks for verification, publish the value that it shows.",
	}}

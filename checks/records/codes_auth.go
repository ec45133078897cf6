package records

import "maildiag/checks/kit"

func spfCodes() []kit.CodeDoc {
	return []kit.CodeDoc{
		{
			Code:  "spf.record",
			Means: "Whether the domain has a valid SPF record.",
			Why:   "Without it, receivers cannot tell your servers from forgers, and many send the mail to junk.",
			Wrong: "While the answer is unknown, change nothing. List all servers that send before you publish a record.",
			Fix:   "Publish one TXT record that starts with v=spf1.", Sources: []string{"RFC 7208 3.1"},
		},
		{
			Code:  "spf.multiple",
			Means: "The domain has several SPF records; only one is allowed.",
			Why:   "Receivers treat this as an error (permerror) and ignore all of them.",
			Wrong: "Do not simply delete one: the terms of both may be needed.",
			Fix:   "Merge the terms into one record and delete the others.", Sources: []string{"RFC 7208 4.5"},
		},
		{
			Code:  "spf.syntax",
			Means: "The SPF record has a syntax error.",
			Why:   "Receivers treat this as an error (permerror) and ignore the whole record.",
			Wrong: "The proposed correction is a guess where the intention is not clear. Compare it with what you meant.",
			Fix:   "Correct the term that the finding shows.", Sources: []string{"RFC 7208 4.6"},
		},
		{
			Code:  "spf.lookalike",
			Means: "A TXT record looks like an SPF record but does not count as one.",
			Why:   "Receivers do not see it, so the domain has no SPF record or not the one that you meant.",
			Wrong: "If another service owns the record, leave it.",
			Fix:   "Write it exactly: it starts with v=spf1 and a space.", Sources: []string{"RFC 7208 4.5"},
		},
		{
			Code:  "spf.senderid",
			Means: "A Sender ID record (spf2.0/...) is left over.",
			Why:   "Receivers no longer read it.",
			Wrong: "It is harmless. Delete it when you edit the records anyway.",
			Fix:   "Delete the record.", Sources: []string{"RFC 6686"},
		},
		{
			Code:  "spf.m365",
			Means: "Whether the SPF record allows Microsoft 365 to send.",
			Why:   "If not, mail sent from Exchange Online fails SPF.",
			Wrong: "If all mail leaves through a filter or an own server, the record must allow that one instead.",
			Fix:   "Add include:spf.protection.outlook.com (or the include of your cloud) before the term all.",
		},
		{
			Code:  "spf.all",
			Means: "What the record says about servers that are not listed (the term all).",
			Why:   "+all or a missing all allows everyone to send as you. ~all and -all mark such mail.",
			Wrong: "Do not move to -all before all senders are listed. With DMARC, ~all is equally good.",
			Fix:   "End the record with ~all or -all.", Sources: []string{"RFC 7208 5.1"},
		},
		{
			Code:  "spf.leftover",
			Means: "The record still allows a mail provider from before the migration.",
			Why:   "Everyone with an account there may be able to send as your domain.",
			Wrong: "Keep it while mail is still sent from there: by mailboxes not yet moved, forms, or devices.",
			Fix:   "Remove the include when nothing sends from there. The DMARC reports show whether something does.",
		},
		{
			Code:  "spf.cutover",
			Means: "The term mx allows the servers that receive mail today. This changes on the day the MX record changes.",
			Why:   "From that day the old servers fail SPF.",
			Wrong: "If these servers do not send mail after the switch, only remove the term.",
			Fix:   "Replace mx by the addresses of the servers before the switch.", Sources: []string{"RFC 7208 5.4"},
		},
		{
			Code:  "spf.senders",
			Means: "Which other services the record allows to send.",
			Why:   "Each of them can send mail as your domain.",
			Wrong: "This is information. Services that you use are fine.",
			Fix:   "Remove services that you no longer use.",
		},
		{
			Code:  "spf.size",
			Means: "The record is so long that the DNS answer may not fit into one UDP packet.",
			Why:   "Some resolvers fail to fetch it.",
			Wrong: "It works for most receivers. Do not remove terms that are needed.",
			Fix:   "Remove terms that are not needed, and unneeded other TXT records at the same name.", Sources: []string{"RFC 7208 3.4"},
		},
	}
}

func spfTermCodes() []kit.CodeDoc {
	return []kit.CodeDoc{
		{
			Code:  "spf.lookups",
			Means: "How many DNS lookups the record costs. Ten are allowed.",
			Why:   "Above ten, receivers treat the record as an error (permerror).",
			Wrong: "Do not replace the include of a provider by its addresses: they change without notice.",
			Fix:   "Remove includes that are not needed, or give services a subdomain of their own as sender.", Sources: []string{"RFC 7208 4.6.4"},
		},
		{
			Code:  "spf.voids",
			Means: "Terms of the record lead to names without records. Two such lookups are allowed.",
			Why:   "Above two, receivers treat the record as an error (permerror).",
			Wrong: "If the name is missing for a short time only, wait and run again.",
			Fix:   "Remove or correct the terms that find nothing.", Sources: []string{"RFC 7208 4.6.4"},
		},
		{
			Code:  "spf.include",
			Means: "An include or redirect leads to a name without a usable SPF record.",
			Why:   "Receivers treat the whole record as an error (permerror).",
			Wrong: "If the answer is unknown (the resolver failed), do not remove it. The record may belong to a provider that only it can fix.",
			Fix:   "Correct the name, or remove the term.", Sources: []string{"RFC 7208 5.2"},
		},
		{
			Code:  "spf.loop",
			Means: "Includes lead back to a record that is being evaluated.",
			Why:   "Receivers treat the record as an error (permerror).",
			Wrong: "Never correct: a loop is an error in every case.",
			Fix:   "Remove the include that closes the loop.", Sources: []string{"RFC 7208 4.6.4"},
		},
		{
			Code:  "spf.mx",
			Means: "A term mx leads to more than ten MX hosts.",
			Why:   "Receivers treat the record as an error (permerror).",
			Wrong: "Do not delete MX records only for SPF.",
			Fix:   "Replace mx by the addresses of the servers that send.", Sources: []string{"RFC 7208 4.6.4"},
		},
		{
			Code:  "spf.glued",
			Means: "The record contains v=spf1 twice: two records were written into one.",
			Why:   "Receivers ignore or reject part of it.",
			Wrong: "Do not delete the second half: its terms may be needed.",
			Fix:   "Remove the second v=spf1, keep its terms, and move all to the end.", Sources: []string{"RFC 7208 4.5"},
		},
		{
			Code:  "spf.modifier",
			Means: "A term is written with an equals sign, so that it counts as an unknown modifier.",
			Why:   "Receivers ignore it.",
			Wrong: "If it really is a modifier of another standard, leave it.",
			Fix:   "Write it with a colon, for example include:example.com.", Sources: []string{"RFC 7208 6"},
		},
		{
			Code:  "spf.order",
			Means: "Terms follow after all, or a redirect is beside it.",
			Why:   "Receivers ignore them.",
			Wrong: "If the terms are not needed, delete them instead of moving them.",
			Fix:   "Move all to the end, or delete the terms that have no effect.", Sources: []string{"RFC 7208 5.1", "RFC 7208 6.1"},
		},
		{
			Code:  "spf.ptr",
			Means: "The record uses ptr, which should not be used.",
			Why:   "It is slow and unreliable, and some receivers skip it.",
			Wrong: "Do not delete it before the addresses of the servers it covers are listed.",
			Fix:   "Replace it by the addresses (ip4:, ip6:).", Sources: []string{"RFC 7208 5.5"},
		},
		{
			Code:  "spf.duplicate",
			Means: "A term stands in the record twice.",
			Why:   "It may cost a DNS lookup twice.",
			Wrong: "It is harmless as long as the lookup limit is kept.",
			Fix:   "Delete the second one.", Sources: []string{"RFC 7208 4.6.4"},
		},
		{
			Code:  "spf.name",
			Means: "A term has a name that cannot exist in the DNS.",
			Why:   "The term never matches, so the server it was meant for fails SPF.",
			Wrong: "If the term is not needed, delete it instead.",
			Fix:   "Correct the name.", Sources: []string{"RFC 7208 7.1"},
		},
		{
			Code:  "spf.range",
			Means: "A term allows a very large range of addresses.",
			Why:   "Strangers in this range can send as your domain.",
			Wrong: "A large range is fine if all of it is yours.",
			Fix:   "List only the addresses of your own servers.", Sources: []string{"RFC 7208 11.1"},
		},
		{
			Code:  "spf.private",
			Means: "A term lists private addresses, which no receiver on the Internet ever sees.",
			Wrong: "It is harmless. Receivers inside your network may use it.",
			Fix:   "List the public addresses of your servers instead.", Sources: []string{"RFC 1918"},
		},
	}
}

func dkimCodes() []kit.CodeDoc {
	selector := kit.CodeDoc{
		Why:   "Without a working selector, Exchange Online cannot sign with the key, and at the next key rotation signatures fail.",
		Wrong: "If another service uses this selector name, replacing the record breaks its signatures. If the answer is unknown, change nothing.",
		Fix:   "Publish the CNAME record that the Defender portal or Get-DkimSigningConfig shows for the domain.",
	}
	one, two := selector, selector
	one.Code, one.Means = "dkim.selector1", "Whether selector1._domainkey is the CNAME record to the key of Microsoft 365."
	two.Code, two.Means = "dkim.selector2", "Whether selector2._domainkey is the CNAME record to the key of Microsoft 365."
	return append([]kit.CodeDoc{one, two}, dkimOtherCodes()...)
}

func dkimOtherCodes() []kit.CodeDoc {
	const show = "Compare both targets with Get-DkimSigningConfig and correct the one that differs."
	return []kit.CodeDoc{
		{
			Code:  "dkim.selector",
			Means: "Whether the selector that --selector names has a usable key.",
			Why:   "Signatures with a missing or broken key fail.",
			Wrong: "If nothing signs with this selector, leave out --selector.",
			Fix:   "Publish the key that the signing service shows.", Sources: []string{"RFC 6376 3.6.1"},
		},
		{
			Code:  "dkim.as-txt",
			Means: "The content of the CNAME record was published as a TXT record.",
			Why:   "Receivers find no key, so signatures fail.",
			Wrong: "Never correct for Microsoft 365: its selectors are CNAME records.",
			Fix:   "Delete the TXT record and publish a CNAME record.",
		},
		{
			Code:  "dkim.suffix",
			Means: "The record or its target has the domain appended twice.",
			Why:   "Receivers look at the correct name and find nothing.",
			Wrong: "Never correct: the zone editor appends the domain by itself.",
			Fix:   "Enter only selector1._domainkey as the name, and the target with a final dot or as the editor wants it.",
		},
		{
			Code:  "dkim.enabled",
			Means: "Whether there is a key behind the published selectors, so that signing can be enabled.",
			Why:   "Without it, Exchange Online signs with the domain of the tenant, which does not match for DMARC.",
			Wrong: "A new selector may have no key until the first rotation. If mail is signed by another service, it is not needed.",
			Fix:   "In the Defender portal (Email authentication settings > DKIM), enable signing for the domain.",
		},
		{
			Code:  "dkim.token",
			Means: "The selector points to the key of another domain.",
			Why:   "Each domain has keys of its own, so signatures may not verify.",
			Wrong: "If Get-DkimSigningConfig shows exactly this target, keep it.",
			Fix:   "Compare the target with Get-DkimSigningConfig and correct it.",
		},
		{
			Code:  "dkim.tenant",
			Means: "The targets of the two selectors differ in more than the number.",
			Why:   "One of them probably belongs to another tenant. Signatures fail when Exchange Online switches to it.",
			Wrong: "If Get-DkimSigningConfig shows exactly these targets, keep them.",
			Fix:   show,
		},
		{
			Code:  "dkim.key",
			Means: "Whether the published keys are usable and strong enough.",
			Why:   "Receivers ignore signatures of weak, broken or revoked keys.",
			Wrong: "A revoked key (empty p=) is correct for a selector that is no longer used.",
			Fix:   "Rotate the key. For Microsoft 365: Rotate-DkimSigningConfig -KeySize 2048.", Sources: []string{"RFC 6376 3.6.1", "RFC 8301 3.2"},
		},
		{
			Code:  "dkim.several",
			Means: "A selector has several keys.",
			Why:   "Which one a receiver uses is not defined, so some signatures fail.",
			Wrong: "Do not delete the key that is in use.",
			Fix:   "Keep the key that the signing service uses.", Sources: []string{"RFC 6376 3.6.2.2"},
		},
		{
			Code:  "dkim.none",
			Means: "No DKIM key was found at the selectors that are commonly used.",
			Why:   "Mail without a signature fails DMARC when it is forwarded.",
			Wrong: "The DNS cannot list selectors: a key may exist under another name. Give it with --selector.",
			Fix:   "Enable DKIM at every service that sends for the domain.",
		},
		{
			Code:  "dkim.others",
			Means: "Which further common selectors have keys.",
			Wrong: "This is information. Keys of services that you use are fine. Other selectors may exist.",
			Fix:   "Delete keys of services that you no longer use.",
		},
		{
			Code:  "dkim.leftover",
			Means: "The key of a former mail provider still exists.",
			Why:   "That provider can still sign mail as your domain.",
			Wrong: "Keep it while the provider still sends mail for you, and about a week longer for mail on its way.",
			Fix:   "Delete the record when nothing is sent from there.",
		},
		{
			Code:  "dkim.wildcard",
			Means: "A wildcard record answers for every selector.",
			Why:   "It hides missing keys, and receivers may read a wrong record.",
			Wrong: "Do not delete the wildcard if other names depend on it; restrict it instead.",
			Fix:   "Remove the wildcard below _domainkey.", Sources: []string{"RFC 6376 3.6.2.1"},
		},
		{
			Code:  "dkim.parked",
			Means: "Whether a domain that sends no mail has DKIM keys.",
			Why:   "Whoever has the private key can sign as the domain.",
			Wrong: "If the domain does send mail, its SPF record is wrong instead.",
			Fix:   "Delete the keys.",
		},
		{
			Code:  "dkim.initial",
			Means: "The state of the keys of the initial domain (onmicrosoft.com).",
			Wrong: "Microsoft manages these keys. You cannot change them in the DNS.",
			Fix:   "Nothing needs to be fixed. Send from a domain of your own.",
		},
	}
}

func dmarcCodes() []kit.CodeDoc {
	return []kit.CodeDoc{
		{
			Code:  "dmarc.record",
			Means: "Whether a DMARC record applies to the domain.",
			Why:   "Without it, anyone can forge mail from the domain, and large receivers reject or junk bulk mail.",
			Wrong: "If the answer is unknown, change nothing. Start with p=none, not with p=reject.",
			Fix:   "Publish a TXT record at _dmarc: v=DMARC1; p=none; rua=mailto:ADDRESS.", Sources: []string{"RFC 9989 4.7"},
		},
		{
			Code:  "dmarc.multiple",
			Means: "Several DMARC records exist at one name; only one is allowed.",
			Why:   "Receivers ignore all of them.",
			Wrong: "Do not delete the one with the report addresses that you use.",
			Fix:   "Keep one record.", Sources: []string{"RFC 9989 4.10"},
		},
		{
			Code:  "dmarc.syntax",
			Means: "The DMARC record has an error.",
			Why:   "Receivers ignore the tag or the whole record.",
			Wrong: "The proposed correction is a guess where the intention is not clear.",
			Fix:   "Correct the tag that the finding shows.", Sources: []string{"RFC 9989 4.7"},
		},
		{
			Code:  "dmarc.place",
			Means: "A DMARC record is published at the wrong name.",
			Why:   "Receivers look only at _dmarc below the domain.",
			Wrong: "If a correct record exists too, only delete the misplaced one.",
			Fix:   "Move the record to _dmarc.DOMAIN.", Sources: []string{"RFC 9989 4.10"},
		},
		{
			Code:  "dmarc.policy",
			Means: "What the policy asks receivers to do with mail that fails DMARC.",
			Why:   "With p=none receivers deliver forged mail. With quarantine or reject they send it to junk or reject it.",
			Wrong: "Do not tighten the policy before the reports show, for some weeks, that all your senders pass.",
			Fix:   "Move from p=none to p=quarantine, later to p=reject.", Sources: []string{"RFC 9989 4.7"},
		},
		{
			Code:  "dmarc.subdomains",
			Means: "Whether subdomains, existing or not, are protected like the domain.",
			Why:   "Forgers use the weakest name, including names that do not exist.",
			Wrong: "Do not tighten sp= while a subdomain still has senders that fail.",
			Fix:   "Remove sp= and np=, or set them to the policy of the domain.", Sources: []string{"RFC 9989 4.7"},
		},
		{
			Code:  "dmarc.test",
			Means: "The record asks for test mode (t=y).",
			Why:   "Receivers that implement RFC 9989 then apply a milder policy.",
			Wrong: "It is correct while you test a stricter policy.",
			Fix:   "Remove t=y when the reports show that all your senders pass.", Sources: []string{"RFC 9989 4.7"},
		},
		{
			Code:  "dmarc.removed",
			Means: "The record has tags that were removed from DMARC.",
			Why:   "Receivers that implement RFC 9989 ignore them.",
			Wrong: "Older receivers still apply some of them. Read the finding before you delete pct=.",
			Fix:   "Delete the tags.", Sources: []string{"RFC 9989 4.7"},
		},
		{
			Code:  "dmarc.rua",
			Means: "Whether aggregate reports are requested, and whether their addresses can receive mail.",
			Why:   "Without reports you do not see which of your senders fail.",
			Wrong: "A parked domain with p=reject works without reports.",
			Fix:   "Add rua=mailto:ADDRESS, with an address that is read.", Sources: []string{"RFC 9989 4.7"},
		},
		{
			Code:  "dmarc.rua-auth",
			Means: "Whether an external address for reports has authorized reports about the domain.",
			Why:   "Without it, receivers send no reports there.",
			Wrong: "If the answer is unknown, change nothing. Only the operator of the address can publish the record.",
			Fix:   "Ask the operator of the address to publish the authorization, or use an address of your own.", Sources: []string{"RFC 9990 4"},
		},
		{
			Code:  "dmarc.readings",
			Means: "Receivers by RFC 9989 and receivers by RFC 7489 find different policies for the domain.",
			Why:   "The same mail is rejected by one receiver and delivered by another.",
			Wrong: "It is harmless if both policies are acceptable to you.",
			Fix:   "Publish a record at the organizational domain, and one at each name that needs another policy.", Sources: []string{"RFC 9989 4.10", "RFC 7489 6.6.3"},
		},
		{
			Code:  "dmarc.m365",
			Means: "Mail from Microsoft 365 passes neither SPF nor DKIM for the domain, and the policy asks to reject or junk it.",
			Why:   "Receivers reject the mail of your users or send it to junk.",
			Wrong: "If all mail leaves through a filter that signs it, check the filter instead.",
			Fix:   "Allow Microsoft 365 in the SPF record and enable DKIM. Until then, set p=none.",
		},
	}
}

package replies

import "maildiag/report"

// commonAuthentication are the rows of any server about SPF, DKIM and DMARC.
var commonAuthentication = []Row{
	{
		ID: "common.unauthenticated", Codes: []uint16{550, 554, 421}, Enhanced: []string{"5.7.26", "4.7.26", "5.7.1"},
		Text: []string{`
			authentication failed * spf
			authentication failed * dkim
			authentication failed * dmarc
			!message failed authentication
			unauthenticated sender not permitted
			sender is unauthenticated
			neither spf nor dkim
			must pass either spf or dkim
			either spf or dkim
			spf and dkim * failed
			failing both spf and dkim
			spf or dkim
			does not have authentication information
			multiple authentication checks failed
			not authenticated by spf or dkim
			required authentication level
			no spf + no dkim
			no spf pass
			not authenticated * spf
			spf * dkim * missing
			neither spf
			either has spf
			either + spf + dkim
			message lacks authentication
			lacks spf
			`},
		Meaning: "The message passed neither SPF nor DKIM, which the receiver requires.",
		Causes: []string{
			"SPF of the sender's domain does not include the sending server.",
			"The sending server does not sign with DKIM for the sender's domain.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Add the sending server or service to the SPF record of the sender's domain.",
			"Turn on DKIM signing for the sender's domain.",
		},
		Duration: Permanent, Confirm: ConfirmAuthentication, Source: fieldManuals,
	},
	{
		ID: "common.dmarc-temporary", Codes: []uint16{450, 451}, Enhanced: []string{"4.4.0", "4.7.0", "4.4.3"},
		Text: []string{`
			temporary dmarc dns lookup failure
			dmarc * lookup failure
			dmarc * temporary
			dmarc * temperror
			temporary * dmarc
			`},
		Meaning:  "The receiver could not look up the DMARC record of the sender's domain.",
		Causes:   []string{"The DNS servers of the sender's domain did not answer in time."},
		Owner:    OwnerSender,
		Waits:    true,
		Fix:      []string{waitRetry, "If it lasts, check the DNS servers of the sender's domain."},
		Duration: Temporary, Confirm: ConfirmDMARC, Source: fieldManuals,
	},
	{
		ID:      "common.verdict", // of [verdict]
		Text:    []string{"opendmarc * spf mailfrom + fail"},
		Meaning: "The receiving server notes how SPF, DKIM or DMARC of the sender's domain came out. This is a verdict, not a refusal: nothing here says that the message was rejected.",
		Causes: []string{
			"A service or server sends for the domain without being in its SPF record and without its DKIM signature.",
			"The message was forwarded or changed on the way, or somebody forged the sender.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"If the domain is yours, have the service sign with DKIM for the From domain, or add it to SPF with an aligned return path.",
			"If you received the message and do not expect it, treat it as forged: nothing needs to be changed.",
		},
		Next:    []string{"SPF, DKIM and DMARC of the sender's domain"},
		Confirm: ConfirmAuthentication,
	},
	{
		ID: "common.dmarc", Codes: []uint16{550, 554, 551, 421, 553},
		Enhanced: []string{"5.7.1", "5.7.0", "5.7.26", "5.7.9", "5.2.0"},
		Text: []string{`
			rejected per dmarc policy
			owner dmarc policy
			dmarc policy
			domain's dmarc policy
			sender's dmarc policy
			dmarc verification failed
			dmarc reject
			dmarc check failed
			dmarc failure
			dmarc failed
			due to dmarc
			failed dmarc
			not pass dmarc
			did not pass dmarc
			dmarc alignment
			no dmarc alignment
			there is no dmarc alignment
			dmarc sender invalid
			dmarc evaluation
			dmarc authentication
			dmarc
			p reject
			not aligned
			neither aligned
			owner policy
			domain owner policy
			alignment + fail
			`},
		Meaning: "The message failed DMARC, and the policy of the sender's domain asks receivers to reject it.",
		Causes: []string{
			"A service or server sends for the domain without being in its SPF record and without its DKIM signature.",
			"The message was forwarded or changed on the way.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Have the service sign with DKIM for the From domain, or add it to SPF with an aligned return path.",
		},
		Next:     []string{"SPF, DKIM and DMARC of the sender's domain"},
		Duration: Permanent, Confirm: ConfirmAuthentication,
	},
	{
		ID: "common.spf", Codes: []uint16{550, 554, 553, 451, 421},
		Enhanced: []string{"5.7.1", "5.7.23", "5.7.0", "5.7.26", "5.7.24", "4.7.23", "5.7.27"},
		Unless: []string{`
			dmarc
			`},
		Text: []string{`
			spf check failed
			sender id + not permitted
			mail from + mismatch~ client ip
			spf check result
			by spf
			spf failed
			spf failure
			spf hardfail
			failed spf
			spf validation failed
			spf authentication failed
			spf does not pass
			spf did not pass
			not pass spf
			spf mail from check failed
			due to spf
			spf policy
			spf record
			spf sender invalid
			spf not authorized
			message rejected due to spf fail
			not allowed to send mail for
			is not allowed to send mail from
			is not allowed to send from
			not allowed to send from * per its spf
			does not allow sending mails from
			does not allow sending mail from
			not permitted by the domain owner
			not authorized to send mail from
			not authorized to send on behalf
			openspf.org
			openspf.net
			spf.pobox.com
			sender policy framework
			domain owner discourages
			domain owner does not permit
			does not designate
			bad spf record
			spf unauthorized
			spf error
			spf permerror
			spf + <fail>
			<fail> + spf
			spf * fail
			spf + not + pass
			spf + unsuccessful
			spf + reject
			not authorized + by + spf
			spf + violation
			failed * spf
			spf + not + authorized
			spf + not + allowed
			spf + denied
			<blocked> spf
			rejected spf
			rejected by spf
			spf not permitted
			spf + not permitted sender
			may not send for + spf
			!by spf policy
			not allowed by spf
			`},
		Meaning: "SPF of the sender's domain does not allow the server that sent the message.",
		Causes: []string{
			"The SPF record lacks the server or service that sent this.",
			"The SPF record has an error (two records, more than 10 lookups).",
			"The message was forwarded.",
		},
		Owner: OwnerSender,
		Fix: []string{"If the domain's owner sends through that server or service, add it to the SPF record; if not, the sender is forged, or the mail " +
			"was forwarded: add nothing."},
		Next:     []string{"SPF of the sender's domain for the sending address"},
		Duration: Permanent, Confirm: ConfirmSPF,
	},
	{
		ID: "common.dkim", Codes: []uint16{550, 554, 451, 421},
		Enhanced: []string{"5.7.1", "5.7.20", "5.7.0", "5.7.21", "5.7.22", "4.7.30"},
		Unless: []string{`
			dmarc
			`},
		Text: []string{`
			dkim verification failed
			dkim signature * invalid
			invalid dkim signature
			dkim validation failed
			bad dkim signature
			no passing dkim signature
			dkim failed
			dkim check failed
			dkim signature * not valid
			dkim sender invalid
			dkim is not configured
			dkim n'est pas configure
			no dkim signature
			missing dkim
			dkim authentication
			dkim authentication did not pass
			dkim signature required
			not signed with dkim
			dkim did not pass
			dkim does not pass
			not pass dkim
			dkim + <fail>
			<fail> + dkim
			dkim + not + verify
			dkim + not + valid
			dkim + not + pass
			dkim + reject
			dkim signature
			not dkim signed
			dkim verification + <fail>
			`},
		Meaning: "The DKIM signature of the message is missing or cannot be verified.",
		Causes: []string{
			"The sending server does not sign, or its key is missing in DNS or another one.",
			"The message was changed on the way, for example by a disclaimer.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Turn on DKIM signing for the sender's domain, and publish its key.",
			"Let nothing change the message after it is signed.",
		},
		Next:     []string{"the DKIM keys of the sender's domain"},
		Duration: Permanent, Confirm: ConfirmDKIM,
	},
	{
		ID: "common.spoof", Codes: []uint16{550, 554}, Enhanced: []string{"5.7.1"},
		Text: []string{`
			spoofed message
			rejecting spoofed
			spoofing
			anti-spoofing
			impersonat~
			forged sender
			sender is forged
			internal domain used from outside
			claims to be from
			pretends to come from
			pretends to be from
			`},
		Meaning: "The recipient's filter takes the message for a forgery: it claims to come from the recipient's own domain or a protected sender.",
		Causes: []string{
			"A service outside the organization sends with the organization's own address.",
			"The display name or domain resembles one that the filter protects.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"The recipient's administrator allows the sending service in the anti-spoofing policy.",
			"The sender makes the message pass SPF and DKIM.",
		},
		Duration: Permanent, Confirm: ConfirmAuthentication, Source: fieldManuals,
	},
}

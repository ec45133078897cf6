package replies

import "maildiag/report"

// exchange4 holds the temporary refusals and delays of Exchange Online and
// Exchange Server, with the permanent forms they take once time has run out.
var exchange4 = []Row{
	{
		ID: "exo.recipient-threads", Provider: ExchangeOnline,
		Codes: []uint16{432}, Enhanced: []string{"4.3.2"},
		Text:    []string{"storedrv.deliver*recipient thread limit exceeded"},
		Meaning: "The recipient's mailbox gets mail faster than Exchange Online lets in.",
		Causes:  []string{"A flood of messages to one mailbox, often alerts or a mail storm."},
		Owner:   OwnerSender,
		Fix: []string{
			"Send less to this mailbox at a time; the messages in the queue arrive by themselves.",
		},

		Duration: Temporary, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.resources", Provider: ExchangeServer,
		Codes: []uint16{452, 431}, Enhanced: []string{"4.3.1"},
		Text:    []string{"insufficient system resources"},
		On:      &Readings{Submitted: &serviceStopped},
		Meaning: "The receiving server is short of memory or disk and takes no new mail for now.",
		Causes:  []string{"Disk with the queue or the databases nearly full.", "Memory pressure."},
		Owner:   report.OwnerRecipient,
		Waits:   true,
		Fix: []string{
			waitRetry,
			"Free disk space or memory on the receiving server.",
		},

		Duration: Temporary, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exchange.not-available", Provider: ExchangeServer,
		Codes: []uint16{421, 451, 453}, Enhanced: []string{"4.3.2"},
		Text: []string{
			"?service not available", "service not active", "system not accepting network messages",
		},
		On:      &Readings{Submitted: &serviceStopped},
		Meaning: "The mail service of the receiving server is stopped or in maintenance.",
		Causes:  []string{"A component of Exchange is inactive.", "Maintenance or a restart."},
		Owner:   report.OwnerRecipient,
		Waits:   true,
		Fix: []string{
			waitRetry,
			"If it lasts, check the state of the server's components.",
		},
		Commands: []string{
			"Get-ServerComponentState -Identity SERVER",
		},
		Duration: Temporary, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.attribution-temporary", Provider: ExchangeOnline,
		Codes: []uint16{451}, Enhanced: []string{"4.3.2", "4.4.3"},
		Text:    []string{"temporary server error. please try again later*attr~"},
		Meaning: "Exchange Online could not determine at the moment which organization the message belongs to.",
		Causes: []string{
			"A passing fault inside Microsoft 365, sometimes while a domain is being added or moved.",
		},
		Owner: report.OwnerMicrosoft,
		Waits: true,
		Fix: []string{
			waitRetry,
			"If it lasts over some hours for one domain, check its setup in the admin center and " +
				"ask Microsoft.",
		},
		Portal: portalDomains, Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.connection-timeout", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{441, 451}, Enhanced: []string{"4.4.1", "4.4.315", "5.4.315"},
		Unless:  []string{"587", "465", "open socket", "socket timed out", "socket timeout", "socket connection", "smtp.office365.com", "smtp connect", "exception", "starttls"},
		Text:    []string{"connection timed out", "451 4.4.0 primary target ip address responded with"},
		Meaning: "The receiving server could not be reached: no connection in time.",
		Causes: []string{
			"The receiving server or its network is down.",
			"A firewall drops port 25 between the two.",
			"The MX record points at the wrong address.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Check that the MX host of the recipient's domain answers on port 25 from the Internet.",
		},
		Next:     []string{"MX and address records of the recipient's domain"},
		Duration: Either, Source: exchangeNDR, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exchange.tls-certificate", Provider: ExchangeServer, Codes: []uint16{454}, Enhanced: []string{"4.7.5"},
		Text:    []string{"certificate specified in tlscertificatename", "tlscertificatename of the sendconnector could not be found", "!tlscertificatename"},
		Meaning: "The certificate that a send connector of your own Exchange Server names is not installed there.",
		Causes:  []string{"The certificate was renewed, so that the name in the connector is that of the old one.", "It was removed from one of the servers."},
		Owner:   OwnerSender,
		Fix: []string{"Find the installed certificate, and enter its issuer and subject in the connector as <I>ISSUER<S>SUBJECT.",
			"Do this for each server that the connector lists as a source."},
		Commands: []string{"Get-ExchangeCertificate | Format-List Subject,Issuer,NotAfter,Services",
			"Get-SendConnector | Format-List Name,TlsCertificateName,SourceTransportServers"},
		Duration: Either, Source: fieldManuals, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exchange.connection-dropped", Provider: ExchangeServer,
		Codes: []uint16{421, 442, 451}, Enhanced: []string{"4.4.2"},
		Text:    []string{"connection dropped"},
		Meaning: "The connection broke while the message was being sent.",
		Causes: []string{
			"A firewall or mail filter on the way cuts the connection.",
			"The message is large, or a limit on time or rate was met.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Turn off SMTP inspection on the firewalls between the servers, and try a small message.",
		},
		Duration: Temporary, Source: exchangeNDR, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.tenant-without-mail", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{451, 550}, Enhanced: []string{"x.4.4"},
		Text: []string{
			"hosted tenant which has no mail-enabled subscriptions",
			"mail received as unauthenticated, incoming to a recipient domain configured in a hosted tenant",
		},
		Meaning: "The recipient's domain is registered in a Microsoft 365 organization that has no " +
			"Exchange Online license.",
		Causes: []string{
			"A migration that is not finished: the MX was moved before licenses were assigned.",
			"The domain was added to the organization, but not set up for mail.",
			"The domain's MX points to Microsoft 365 though its mail is elsewhere.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Assign at least one license with Exchange Online, and finish the domain's setup.",
			"Or point the MX at the server that holds the mailboxes.",
		},
		Commands: []string{"Get-AcceptedDomain | Format-Table DomainName,DomainType"},
		Portal:   portalDomains, Next: []string{"the MX records of the recipient's domain"}, Duration: Either,
		Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.expired", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{550}, Enhanced: []string{"4.4.7", "5.4.300"},
		Text:    []string{"message expired", "queue.expired"},
		Wraps:   true,
		Meaning: "The message was tried for about a day and never got through, so it was given up.",
		Causes: []string{
			"The receiving server is down, overloaded or rejects the sender for now.",
			"The recipient domain's MX or address records are wrong.",
			"A connector of the sender points to a host that does not answer.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Read the last error in the bounce's details: it is the real cause, and can be explained too.",
			"Check that the MX host of the recipient's domain answers on port 25.",
			"Send again once it does.",
		},
		Portal: portalTrace,
		Next:   []string{"the last error (LastError, LED) in the same bounce"}, Duration: Permanent, Stays: true,
		Source: ndrBase + "fix-error-code-550-4-4-7-in-exchange-online", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.mtasts-mx", Confirm: ConfirmMTASTS, Provider: ExchangeOnline,
		Enhanced: []string{"4.4.8", "5.4.8"},
		Text:     []string{"mx hosts of*failed mta-sts validation"},
		Meaning: "The MX host of the recipient's domain is not named in the domain's own MTA-STS policy, " +
			"so Exchange Online does not deliver to it.",
		Causes: []string{
			"The MX was changed, but the policy file was not.",
			"The pattern mx: *.mx.microsoft does not cover contoso-com.e-v1.mx.microsoft: a wildcard " +
				"stands for one label only.",
			"The MX answer was tampered with.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"List every MX host in https://mta-sts.DOMAIN/.well-known/mta-sts.txt.",
			"Then change the id in the _mta-sts TXT record, so that senders fetch the policy anew.",
			"Until then, set mode: testing in the policy.",
		},
		Next:     []string{"the MTA-STS policy and the MX records of the recipient's domain"},
		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.replication", Provider: ExchangeOnline,
		Codes: []uint16{451}, Enhanced: []string{"4.4.24", "4.4.25", "4.4.28"},
		Text:    []string{"message failed to be replicated"},
		Meaning: "Exchange Online could not make its safety copy of the message.",
		Causes:  []string{"A passing fault inside Microsoft 365."},
		Owner:   report.OwnerMicrosoft,
		Waits:   true,
		Fix:     []string{waitRetry},

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.wrong-region", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{451}, Enhanced: []string{"4.4.62"},
		Text: []string{"mail sent to the wrong office 365 region"},
		Meaning: "The message reached a Microsoft 365 region that does not hold the recipient's " +
			"organization.",
		Causes: []string{
			"The sender has an old MX target or a fixed IP address for this domain.",
			"The organization was moved, and stale DNS answers are still in use.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Send to the MX host that the DNS gives now; remove smart hosts and host files with " +
				"fixed addresses.",
			"Clear the DNS cache of the sending server.",
		},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Temporary,
		Source:   "https://go.microsoft.com/fwlink/?linkid=865268", Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.domain-not-found", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{450, 550}, Enhanced: []string{"x.4.310"},
		Text:    []string{"dns domain*does not exist"},
		Meaning: "The recipient's domain does not exist in the DNS.",
		Causes:  []string{"There is a typing error in the address.", "The domain's registration has ended."},
		Owner:   report.OwnerUser,
		Fix: []string{
			"Check the part of the address after the @.",
			"If it is right, tell the recipient by telephone: their domain is gone.",
		},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.dns-failed", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{450, 550}, Enhanced: []string{"x.4.312"},
		Text:    []string{"dns query failed"},
		Meaning: "The DNS of the recipient's domain did not give a usable answer.",
		Causes: []string{
			"The domain's name servers do not answer or answer with SERVFAIL.",
			"DNSSEC of the domain is broken (expired signatures, wrong DS).",
			"The MX record points at a name that does not exist.",
		},
		Owner: report.OwnerRecipient,
		Fix:   []string{"Check delegation, name servers and DNSSEC of the domain, then its MX record."},
		Next:  []string{"maildiag on the recipient's domain"},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.connection-refused", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{450, 451, 550}, Enhanced: []string{"x.4.316"},
		Text:    []string{"connection refused"},
		Meaning: "The receiving server's address answered, but nothing accepts mail there on port 25.",
		Causes: []string{
			"The mail service is stopped, or a firewall rejects the connection.",
			"The MX record points to a host that is not a mail server.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Check that the MX host listens on port 25 and accepts connections from Exchange Online."},
		Next:     []string{"MX and address records of the recipient's domain"},
		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.connect-failed", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{450, 451, 550}, Enhanced: []string{"x.4.317"},
		Text: []string{
			"!cannot connect to remote server failed to connect", "!cannot establish session with remote server + failed to connect",
			"!cannot connect to remote server + connection timed out", "!cannot establish session with remote server + connection timed out",
			"!cannot connect to remote server + connection refused", "!cannot establish session with remote server + connection refused",
			"!remote server + winsock error code 100~", "!remote server + win32 error code 100~", "!cannot establish session with remote server + socket error code 100~",
		},
		Wraps:   true,
		Meaning: "Exchange Online could not open a connection to the receiving server.",
		Causes: []string{
			"The receiving server or its network is down, or a firewall blocks port 25.",
			"The MX record, or the smart host of a connector, points to the wrong address.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Check that the server at the address after LastAttemptedIP= answers on port 25 from the Internet.",
			"If the smart host of a connector of yours is at that address, correct the connector.",
		},
		Next:     []string{"MX and address records of the recipient's domain"},
		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.cannot-connect", Provider: ExchangeOnline,
		Codes: []uint16{450, 451, 550}, Enhanced: []string{"x.4.317"},
		Text:  []string{"cannot connect to remote server", "cannot establish session with remote server"},
		Wraps: true,
		Meaning: "Exchange Online reached the receiving server, but could not make the session that its " +
			"connector asks for.",
		Causes: []string{
			"The receiver's certificate is not trusted, has expired or carries another name " +
				"(UntrustedRoot, SubjectMismatch).",
			"The receiver demands or lacks STARTTLS (451 5.7.3 in the details).",
			"The connector's TLS setting is stricter than the receiver can meet.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Read the text after Message= in the bounce: it names the fault.",
			"Install a certificate of a public authority with the MX host's name, or repair STARTTLS.",
			"If the connector is yours: correct the name or level in its TLS settings.",
		},
		Commands: []string{"Get-OutboundConnector | Format-List Name,SmartHosts,TlsSettings,TlsDomain"},
		Portal:   portalConnectors, Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.connection-closed", Confirm: ConfirmMX, Provider: ExchangeOnline,
		Codes: []uint16{450, 550}, Enhanced: []string{"x.4.318"},
		Text:    []string{"suspiciousremoteservererror"},
		Meaning: "The receiving side cut the connection without a word.",
		Causes: []string{
			"A firewall or TLS inspection on the receiver's side breaks the session.",
			"The receiving server drops senders that it does not like.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Check the log of the receiving server and its firewall for connections of Exchange Online.",
		},

		Duration: Either, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.too-many-recipients", Provider: ExchangeOnline,
		Codes: []uint16{452, 451}, Enhanced: []string{"4.5.3"},
		Text:    []string{"too many recipients"},
		Meaning: "The message has more than 200 recipients in one domain at once.",
		Causes:  []string{"A mailing with very many recipients in one message."},
		Owner:   OwnerSender,
		Fix:     []string{"Send in portions of at most 200 recipients a domain, or to a distribution group."},

		Duration: Temporary, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.message-rate-pair", Provider: ExchangeOnline,
		Codes: []uint16{450, 452}, Enhanced: []string{"4.5.127"},
		Text:    []string{"excessive message rate from sender to recipient"},
		Meaning: "This sender writes to this recipient too often.",
		Causes:  []string{"A loop between automatic replies, or a flood of alerts."},
		Owner:   OwnerSender,
		Fix:     []string{"Find what sends so often and stop it, then wait an hour."},

		Duration: Temporary, Source: ndrPage, Date: readOn, Confidence: Unconfirmed,
	},
	{
		ID: "exo.mtasts-certificate", Confirm: ConfirmMTASTS, Provider: ExchangeOnline,
		Enhanced: []string{"4.7.5", "5.7.5"},
		Text:     []string{"remote certificate failed mta-sts validation", "!mta-sts validation failed certificate"},
		Meaning: "The certificate of the recipient's MX host does not hold up to the domain's MTA-STS " +
			"policy.",
		Causes: []string{
			"The certificate has expired, is self-signed, or its chain is incomplete.",
			"It does not carry the MX host's name.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Install a valid certificate with the MX host's name and its whole chain.",
			"Until then, set mode: testing in the policy and change the id in the TXT record.",
		},
		Next:     []string{"STARTTLS and the certificate of each MX host of the recipient's domain"},
		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.ipv6-unauthenticated", Confirm: ConfirmAuthentication, Provider: ExchangeOnline,
		Codes: []uint16{450}, Enhanced: []string{"4.7.26", "5.7.26"},
		Text:    []string{"sent over ipv6*must pass either spf or dkim validation"},
		Meaning: "Mail that comes over IPv6 must pass SPF or be signed with DKIM, and this one did neither.",
		Causes: []string{
			"SPF does not list the server's IPv6 address.",
			"The message is not signed.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Add the IPv6 address to SPF with ip6:, or sign with DKIM.",
			"Or let the server send over IPv4.",
		},
		Next:     []string{"SPF of the sending domain for the IPv6 address"},
		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.dane-no-starttls", Confirm: ConfirmDANE, Provider: ExchangeOnline,
		Enhanced: []string{"x.7.321"},
		Text: []string{
			"starttls-not-supported",
			"destination mail server must support tls to receive mail",
		},
		Meaning: "The recipient's domain demands TLS by DANE, but its mail server offers no STARTTLS.",
		Causes: []string{
			"STARTTLS is off on the MX host.",
			"A firewall in front strips it.",
		},
		Owner: report.OwnerRecipient,
		Fix:   []string{"Switch STARTTLS on at every MX host, or remove the TLSA records until it works."},
		Next:  []string{"STARTTLS and TLSA of each MX host of the recipient's domain"},

		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.dane-expired", Confirm: ConfirmDANE, Provider: ExchangeOnline,
		Enhanced: []string{"x.7.322"},
		Text:     []string{"certificate-expired"},
		Meaning: "The certificate of the recipient's mail server has expired, and the domain demands TLS " +
			"by DANE.",
		Causes: []string{"The renewal of the certificate failed or was forgotten."},
		Owner:  report.OwnerRecipient,
		Fix:    []string{"Renew the certificate; if its key changes, publish the new TLSA record first."},
		Next:   []string{"certificate and TLSA of each MX host of the recipient's domain"},

		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.dane-tlsa-invalid", Confirm: ConfirmDANE, Provider: ExchangeOnline,
		Enhanced: []string{"x.7.323"},
		Text:     []string{"tlsa-invalid", "the domain failed dane validation"},
		Meaning: "The certificate of the recipient's mail server does not match the TLSA record that the " +
			"domain publishes.",
		Causes: []string{
			"The certificate was renewed with a new key, but the TLSA record was not.",
			"The TLSA record is malformed.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Publish a TLSA record for the certificate in use at _25._tcp.MXHOST, and remove the old one.",
		},
		Next: []string{"certificate and TLSA of each MX host of the recipient's domain"},

		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.dnssec-invalid", Confirm: ConfirmDANE, Provider: ExchangeOnline,
		Enhanced: []string{"x.7.324"},
		Text:     []string{"dnssec-invalid", "destination domain returned invalid dnssec records"},
		Meaning: "DNSSEC of the recipient's domain does not validate, so its mail routing cannot be " +
			"trusted.",
		Causes: []string{
			"Signatures have expired.",
			"The DS record at the registrar belongs to an old key.",
		},
		Owner: report.OwnerRecipient,
		Fix:   []string{"Sign the zone anew, or correct or remove the DS record at the registrar."},
		Next:  []string{"DNSSEC of the recipient's domain and of its MX host"},

		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.dane-name-mismatch", Confirm: ConfirmDANE, Provider: ExchangeOnline,
		Enhanced: []string{"x.7.325"},
		Text:     []string{"certificate-host-mismatch"},
		Meaning: "The certificate of the recipient's mail server does not carry the MX host's name, which " +
			"its DANE record demands.",
		Causes: []string{"The certificate was issued for another name of the server."},
		Owner:  report.OwnerRecipient,
		Fix: []string{
			"Install a certificate that names the MX host, or publish a DANE-EE (usage 3) record, " +
				"which needs no name.",
		},
		Next: []string{"certificate and TLSA of each MX host of the recipient's domain"},

		Duration: Either, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.server-busy", Provider: ExchangeOnline,
		Codes: []uint16{451}, Enhanced: []string{"4.7.500-649", "4.7.651-699"},
		Text: []string{"server busy. please try again later", "access denied, please try again later"},
		Meaning: "Exchange Online slows down mail from this IP address, because its pattern of sending " +
			"has changed.",
		Causes: []string{
			"A new server or address, for instance just after a migration.",
			"Much more mail than usual.",
			"An account or machine behind the address that sends spam.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Let the server keep trying; the limit rises by itself within hours or days.",
			"For a server of your own organization: create an inbound connector of the type \"Your " +
				"organization's email server\".",
			"Check that nothing behind the address sends spam.",
		},
		Portal: portalConnectors, Duration: Temporary,
		Source: ndrBase + "fix-error-code-451-4-7-500-699-asxxx-in-exchange-online",
		Date:   readOn, Confidence: Confirmed,
	},
	{
		ID: "exo.agent-busy", Provider: ExchangeOnline,
		Codes: []uint16{451}, Enhanced: []string{"4.7.700"},
		Text:    []string{"pfa agent busy"},
		Meaning: "A part of Exchange Online is overloaded at the moment.",
		Causes:  []string{"A passing fault inside Microsoft 365."},
		Owner:   report.OwnerMicrosoft,
		Waits:   true,
		Fix:     []string{waitRetry},

		Duration: Temporary, Source: sisimai, Date: readOn, Confidence: ThirdParty,
	},
	{
		ID: "exo.ip-suspicious", Provider: ExchangeOnline,
		Codes: []uint16{451}, Enhanced: []string{"4.7.850-899"},
		Text:    []string{"access denied, please try again later"},
		Meaning: "Exchange Online holds mail from this IP address back, because it looks suspicious.",
		Causes: []string{
			"A new address without a history.",
			"Spam from the address.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Let the server keep trying.",
			"Check reverse DNS, SPF and DKIM of the server, and that nothing behind it sends spam.",
		},
		Duration: Temporary, Source: ndrPage, Date: readOn, Confidence: Confirmed,
	},
}

package replies

import "maildiag/report"

// commonTLS are the rows of any server and program about TLS: what the text says of
// the handshake, or else that there was no agreement.
var commonTLS = []Row{
	{
		ID: "common.tls", Codes: []uint16{550, 530, 554, 454},
		Enhanced: []string{"5.7.10", "5.7.0", "5.7.1", "4.7.0", "5.7.3", "5.7.5", "4.7.5", "5.7.11", "4.7.4"},
		Text: []string{`
			!dropped due to tlsfailed
			tls negotiation failed
			!can not start tls handshake
			!can not starttls
			failed to enable crypto
			<tls> + communication error
			communication error + <tls>
			can not start tls
			could not start tls
			starttls failed
			tls handshake
			tls handshake failed
			ssl negotiation failed
			ssl handshake
			sslhandshakeexception
			handshake failure
			ssl routines
			authentication failed because the remote party
			remote party has closed the transport stream
			could not convert socket to tls
			could not connect to smtp host * ssl
			ssl connection error
			ssl error
			cipher
			tls error
			secure connection
			ssl exception
			authenticationexception
			schannel
			ssl_connect
			!0x800ccc1a
			!0x800ccc7d
			starttls negotiation failed
			starttls + broken
			tls alert
			secure channel
			handshake error
			handshake failed
			establish a secure link
			encryption type specified
			eof occurred in violation of protocol
			unexpected eof while reading
			unexpected_eof_while_reading
			due to security error
			tls_failed
			disconnected before secure tls connection
			`},
		On:      &tlsReadings,
		Meaning: "The two sides could not agree on an encrypted connection (TLS), or one of them requires it.",
		Causes: []string{
			"The device or program uses TLS 1.0 or 1.1, no TLS at all, or the wrong mode (implicit TLS belongs to port 465, STARTTLS to 587).",
			"The certificate of the server is not trusted, expired or for another name.",
			"A firewall or virus scanner in between intercepts the connection.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Run \"maildiag smtp\" on the network that sends: it shows the TLS versions and the certificate.",
			"Update the device or program so that it supports TLS 1.2, and set port 587 with STARTTLS.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission,
	},
	{
		ID: "common.tls-required", Codes: []uint16{550, 530, 554, 523},
		Enhanced: []string{"5.7.10", "5.7.0", "5.7.1", "5.7.3", "5.7.11"},
		Text: []string{`
			requires encryption
			without + <tls> + not <allowed>
			without encryption
			only over + <tls>
			not <allowed> without + <tls>
			requires tls
			tls required
			encryption required
			encryption is required
			tls is required
			must issue a starttls
			must issue starttls
			issue a starttls command first
			starttls is required
			starttls required
			use starttls
			requires a secure connection
			<tls> + <required>
			<required> + <tls>
			<tls> is mandatory
			encryption needed
			not sent over a tls
			must be encrypted
			unencrypted
			plaintext + not
			tls is mandatory
			encrypted connection + <required>
			use encryption
			only + encrypted
			use tls
			start tls before
			cleartext + not <allowed>
			plaintext + not <allowed>
			`},
		On:      &Readings{Delivered: &tlsRequiredDelivered},
		Meaning: "The server accepts the message only over an encrypted connection (TLS), and the client did not start one.",
		Causes: []string{
			"TLS is off in the settings of the program or device, or it does not support STARTTLS.",
			"A firewall or virus scanner in between removes STARTTLS from what the server offers.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Turn on TLS in the program or device: port 587 with STARTTLS, or port 465 with implicit TLS.",
			"If it is on, run \"maildiag smtp\" on the network that sends: it shows whether STARTTLS arrives there.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 3207 4",
	},
	{
		ID: "common.dane", Codes: []uint16{450, 451, 454, 550}, Enhanced: []string{"4.7.5", "5.7.5"},
		Text: []string{`
			no tlsa records
			tlsa record~ + <fail>
			tlsa record~ + <not>
			tlsa lookup
			dane + <fail>
			dane + <not>
			dane validation
			non dnssec destination
			dnssec validation + <fail>
			`},
		Meaning: "The certificate of the recipient's mail server does not match its DANE (TLSA) records, or these could not be looked up securely.",
		Causes: []string{
			"The certificate was renewed, and the TLSA records were not.",
			"The DNSSEC signatures of the domain or of the mail server's domain are not valid.",
			"The sending server demands DANE (dane-only) of a domain that does not publish it.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Run \"maildiag smtp --mx DOMAIN\" with the recipient's domain: it compares the certificates with the TLSA records.",
			"The recipient's administrator corrects the TLSA records or the DNSSEC signatures.",
			"If the domain publishes no TLSA records, the administrator of the sending server stops demanding DANE of it.",
		},
		Duration: Either, Confirm: ConfirmMX | ConfirmDANE, Source: "RFC 7672 2.2",
	},
	{
		ID: "common.tls-client-config", Codes: []uint16{454, 451}, Enhanced: []string{"4.7.5"},
		Text: []string{`
			client tls configuration problem
			tls engine unavailable
			?tls library problem
			tls is required but our tls engine is unavailable
			!no tlsa records found
			`},
		Meaning: "The sending server cannot use TLS itself: its own TLS settings, policy table or certificate store are broken.",
		Causes:  []string{"A TLS setting, policy map or file of the sending server is wrong or cannot be read, often after a change or an update."},
		Owner:   OwnerSender,
		Fix:     []string{"The administrator of the sending server reads its log just before this line: it names the table, file or setting that fails."},
	},
	{
		ID: "common.tls-local", Codes: []uint16{454}, Enhanced: []string{"4.7.0", "4.3.0"},
		Text: []string{`
			tls not available due to local problem
			tls not available due to temporary reason
			<tls> not available
			<tls> + not available
			<tls> is not available
			<tls> + unavailable
			<tls> + nicht verfuegbar
			<tls> + local problem
			!starttls smtp * wrong version number
			!starttls smtp * no peer certificate available
			`},
		Meaning: "The server offers TLS (STARTTLS) but cannot start it: its own TLS setup failed.",
		Causes:  []string{"The server cannot read its certificate or its private key, or the two do not match."},
		Owner:   report.OwnerRemote,
		Fix: []string{
			"The server's operator reads its log at the time of the reply: it names the file or the setting that fails.",
			"If the server is yours, correct the certificate and key in its configuration, and restart it.",
		},
		Source: "RFC 3207 4",
	},
	{
		ID: "common.tls-not-offered", Codes: []uint16{502, 500, 503}, Enhanced: []string{"4.7.0", "5.5.1", "4.7.4"},
		Text: []string{`
			unencrypted connection
			not find starttls
			no starttls in + response
			starttls not found
			tls not available
			tls + not available
			tls not supported
			tls is not supported
			tls + unavailable
			starttls + unavailable
			encryption not available
			<tls> * not offered
			<tls> * not offer
			<tls> * not advertised
			<tls> + not <allowed> by
			<tls> extension not <allowed>
			<not> <allowed> starttls
			server does not support <tls>
			not support + <tls>
			<tls> command not
			<tls> + nicht verfuegbar
			<tls> + indisponible
			<tls> + no disponible
			does not advertise that feature
			not advertise starttls
			not advertise that feature
			starttls * nicht anbietet
			starttls * nicht unterstuetzt
			starttls * niet ondersteunt
			starttls * no anuncia
			starttls * non supporta
			starttls * ne propose pas
			starttls * pas cette fonctionnalite
			`},
		On:      &tlsReadings,
		Meaning: "The sender wants an encrypted connection (STARTTLS), and the server offers none.",
		Causes: []string{
			"A firewall or virus scanner in between removes STARTTLS from what the server offers.",
			"The server has no TLS on this port, or its certificate could not be loaded.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Run \"maildiag smtp\" on the network that sends: it shows whether the server offers STARTTLS there.",
			"Turn off SMTP inspection on the firewall. If the server offers no TLS anywhere, tell its operator.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 3207 4",
	},
	{
		ID: "common.tls-version", Codes: []uint16{421, 451, 454, 554}, Enhanced: []string{"4.7.0", "5.7.0", "4.7.5"},
		Text: []string{`
			unsupported ssl version
			protocol version + <not> supported
			no appropriate protocol
			unsupported protocol
			unsupported + ssl tls version
			protocol version
			protocol is disabled
			version too low
			tls version
			ssl version
			tls 1 0
			tls 1 1
			tlsv1 0
			tlsv1 1
			deprecated tls
			outdated tls
			no shared cipher
			no cipher~ in common
			no common cipher
			no matching cipher
			cipher suites are inappropriate
			common algorithm
			inappropriate fallback
			dh key too small
			key too small
			md too weak
			unsafe legacy renegotiation
			!0x80090331
			tls 1 2 or newer
			tls 1 2 or higher
			tls 1 2 or later
			requires tls 1 2
			`},
		On:      &tlsReadings,
		Meaning: "The two sides have no TLS version or cipher in common: one of them is too old.",
		Causes: []string{
			"The device, program or its operating system supports only TLS 1.0 or 1.1, which servers have turned off.",
			"The other server is old, and the sending system no longer accepts its TLS version or keys.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Update the device, program or runtime (Java, .NET, OpenSSL) so that it supports TLS 1.2 or 1.3; turn that on in its settings.",
			"Run \"maildiag smtp\" on the same network: it shows which TLS versions the server accepts.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 8996",
	},
	{
		ID: "common.tls-mode", Codes: []uint16{500, 421}, Enhanced: []string{"5.5.1"},
		Text: []string{`
			wrong version number
			unrecognized ssl message
			plaintext connection
			first record does not look like a tls
			not look like a tls
			unexpected packet format
			ssl routines * unknown protocol
			unknown protocol ssl
			packet length too long
			record layer failure
			record overflow
			not an ssl tls record
			tls packet with unexpected length
			received record with version
			oversized record
			ssl_error_rx_record_too_long
			!0x80090308
			!invalidcontenttype
			`},
		Meaning: "The program started TLS at once, and the server on this port starts without it (or the other way round).",
		Causes: []string{
			"Implicit TLS (\"SSL\", \"SMTPS\", secure: true) is set for port 587 or 25, where STARTTLS belongs.",
			"The server name leads to another service, or a proxy answers in its place.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Set STARTTLS for port 587 and 25, implicit TLS (SSL) for port 465. For smtp.office365.com: port 587 with STARTTLS.",
			"If the settings are right, run \"maildiag smtp\" on the same network: it shows what answers on the port.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 8314 3.3",
	},
	{
		ID: "common.tls-certificate", Codes: []uint16{454, 451, 550, 421}, Enhanced: []string{"4.7.5", "5.7.5", "4.7.0"},
		Text: []string{`
			invalid peer certificate
			unsupportedcertversion
			bad certificate
			certificate + <fail>
			can not verify server identity
			identity of * can not be verified
			peer certificate * not ok
			peer certificate + not
			certificate verification failed
			certificate verify failed
			certificate is invalid
			remote certificate is invalid
			remote certificate was rejected
			the remote certificate
			certificate not verified
			certificate could not be verified
			certificate that can not be verified
			certificate + <fail>
			certificate + <not> + <exist>
			certificate + could not
			certificate + can not
			certificate validation failure
			certificate + not accepted
			certificate + revoked
			certificate + rejected
			certificate + problem
			bad certificate
			certificate unknown
			x509
			zertifikat + <not>
			zertifikat + <wrong>
			zertifikat + ungueltig
			certificat + non valide
			certificat + invalide
			certificado + no + valido
			certificato + non valido
			`},
		On:      &tlsReadings,
		Meaning: "The certificate of the mail server could not be verified.",
		Causes: []string{
			"It has expired, is for another name, or its issuer is not known to the sending system.",
			"A firewall or virus scanner in between presents a certificate of its own.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Run \"maildiag smtp\" on the network that sends: it shows the certificate, its names, its dates and its issuer.",
			"If the certificate is right, update the trusted authorities of the program or system (PHP: openssl.cafile; Java: its trust store).",
			"Do not turn verification off: then anyone in between can read the password.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 8314 5.2",
	},
	{
		ID: "common.tls-certificate-expired", Codes: []uint16{454, 451}, Enhanced: []string{"4.7.5", "5.7.5"},
		Text: []string{`
			certificate has expired
			certificate + expired
			expired certificate
			cert has expired
			cert expired
			certexpired
			certificate is not yet valid
			certificate + not yet valid
			validity check failed
			certificate is no longer valid
			certificate + validity period
			not within its validity
			notafter
			zertifikat + abgelaufen
			certificado + caducado
			certificado + vencido
			certificado + expirado
			certificato + scaduto
			certificaat + verlopen
			!0x800b0101
			`},
		On:      &tlsReadings,
		Meaning: "The certificate of the mail server has expired, or is not valid yet.",
		Causes: []string{
			"It was not renewed, or the server still uses the old one.",
			"The clock of the sending system is wrong.",
		},
		Owner: report.OwnerRemote,
		Fix: []string{
			"Check the date and time of the sending device or server.",
			"If they are right, the operator of the mail server renews the certificate and restarts the service. Waiting or turning verification off is no fix.",
		},
		Next:     []string{"maildiag smtp HOST: the dates of the certificate"},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 5280 4.1.2.5",
	},
	{
		ID: "common.tls-certificate-name", Codes: []uint16{454, 451}, Enhanced: []string{"4.7.5", "5.7.5"},
		Text: []string{`
			target principal name
			principal name is incorrect
			certificate + mismatch
			hostname mismatch
			!host name did not match the name + certificate
			!host name + not match + name + certificate
			hostname not verified
			hostname verification
			ip address mismatch
			host name mismatch
			certificatenamemismatch
			remotecertificatenamemismatch
			cert altname invalid
			certificate's altnames
			subject alternative
			no name matching
			certificate + name + not match
			certificate + not match + name
			certificate + not match + host
			certificate + does not match
			certificate + did not match
			certificate is valid for
			certificate is not valid for
			certificate + not valid for
			name on the security certificate
			bad cert domain
			not match target host
			name does not match + certificate
			zertifikat + name + <not>
			zertifikat + anderen namen
			!0x800b010f
			hostname + <not> match the server certificate
			<not> match the server certificate
			`},
		On:      &tlsReadings,
		Meaning: "The certificate of the mail server is for another name than the one that is set in the program.",
		Causes: []string{
			"The program has an IP address, an old name or an alias (CNAME) of the server, and the certificate has its real name.",
			"A firewall, or the server of a hosting provider, answers under this name with its own certificate.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Set the server name that the certificate has, for example smtp.office365.com: no IP address and no alias of your own.",
			"If the name is right, the operator of the mail server installs a certificate that has it.",
		},
		Next:     []string{"maildiag smtp HOST: the names in the certificate"},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 7817 3",
	},
	{
		ID: "common.tls-certificate-untrusted", Codes: []uint16{454, 451}, Enhanced: []string{"4.7.5", "5.7.5"},
		Text: []string{`
			certificate not trusted
			certificate + not + trusted
			certificate + untrusted
			untrusted certificate
			self signed certificate
			self signed cert
			certificate + self signed
			unable to get local issuer certificate
			unable to get issuer certificate
			unable to verify the first certificate
			unable to verify leaf signature
			unable to find valid certification path
			pkix path building failed
			certificate signed by unknown
			signed by unknown authority
			unknown ca
			unknown issuer
			issuer + unknown
			issuer + not trusted
			issuer is not
			not issued by a trusted
			untrusted root
			untrustedroot
			partialchain
			certificatechainerrors
			not trusted by the trust provider
			trustanchors
			certificate chain + <not>
			certificate chain + <fail>
			zertifikat + nicht vertrauenswuerdig~
			zertifikat + selbstsigniert~
			zertifizierungsstelle
			certificat + auto-signe
			certificado + autofirmado
			certificato + autofirmato
			!0x800b0109
			!0x800b010a
			`},
		On:      &tlsReadings,
		Meaning: "The sending system does not trust the issuer of the mail server's certificate.",
		Causes: []string{
			"The list of trusted authorities of the device or program is too old.",
			"The server has a self-signed certificate, or does not send the certificates in between.",
			"A firewall or virus scanner in between presents a certificate of its own.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Run \"maildiag smtp\" on the network that sends: it shows the issuer, and whether something in between intercepts TLS.",
			"Update the trusted authorities of the device or program (for Java, its trust store). Do not turn verification off.",
			"If the issuer is wrong everywhere, the operator of the mail server installs a certificate of a public authority with its chain.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission, Source: "RFC 8314 5.2",
	},
	{
		ID: "common.mta-sts", Codes: []uint16{451, 550, 421}, Enhanced: []string{"4.7.5", "5.7.5", "4.4.0"},
		Text: []string{`
			mta-sts
			mtasts
			sts policy
			sts-policy-fetch-error
			not + in + sts policy
			`},
		Meaning: "The mail server or its certificate does not match the MTA-STS policy of the recipient's domain.",
		Causes: []string{
			"The policy lists other mail servers than the MX records, often after a migration.",
			"The certificate of the mail server has expired or is for another name.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient's administrator corrects the mx lines of the policy (and its id in DNS), or the certificate."},
		Next:     []string{"maildiag --only mtasts DOMAIN, for the recipient's domain"},
		Duration: Either, Confirm: ConfirmMX | ConfirmMTASTS, Source: "RFC 8461 4.1",
	},
}

// tlsDelivered is what a failure of TLS means to a mail server that delivers: the
// certificate, the versions and STARTTLS are those of the recipient's MX.
var tlsDelivered = Elsewhere{
	Owner: report.OwnerRecipient,
	Causes: []string{
		"The recipient's mail server has a certificate that does not match, has expired or is not trusted, or it offers no TLS or only old versions.",
		"The sending server demands more of TLS than usual for this domain: by its own settings, DANE or MTA-STS.",
	},
	Fix: []string{
		"Run \"maildiag smtp --mx DOMAIN\" with the recipient's domain: it shows TLS and the certificate of each of its mail servers.",
		"The recipient's administrator corrects the certificate or the TLS settings of the server that it names.",
		"If all of them are right, the administrator of the sending server checks its TLS policy for that domain and its own TLS library.",
	},
	Confirm: ConfirmMX | ConfirmMTASTS | ConfirmDANE,
}

var tlsReadings = Readings{Delivered: &tlsDelivered}

// tlsRequiredDelivered is what a server that demands TLS means to one that delivers.
var tlsRequiredDelivered = Elsewhere{
	Owner:   OwnerSender,
	Meaning: "The recipient's server accepts mail only over TLS, and the sending server did not start it.",
	Causes: []string{
		"TLS is off for outgoing mail on the sending server.",
		"A firewall or virus scanner between the two servers removes STARTTLS.",
	},
	Fix: []string{
		"Turn on TLS for outgoing mail on the sending server (Postfix: smtp_tls_security_level = may).",
		"If it is on, turn off SMTP inspection on the firewall of the sending server.",
	},
	Confirm: ConfirmMX,
}

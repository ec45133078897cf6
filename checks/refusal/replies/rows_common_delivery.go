package replies

import "maildiag/report"

// commonDelivery are the rows of any server about addresses, DNS, connections and the protocol.
var commonDelivery = []Row{
	{
		ID: "common.sender-domain", Codes: []uint16{550, 553, 554, 450, 451, 501},
		Enhanced: []string{"5.1.8", "4.1.8", "5.7.1", "5.1.0", "5.0.0", "5.7.27", "5.5.2"},
		Unless: []string{`
			recipient address
			recipient domain
			recipient s domain
			domain of the recipient
			`},
		Text: []string{`
			domain must resolve
			sender address rejected domain not found
			sender address rejected * domain
			sender domain not valid
			sender domain not resolvable
			sender domain * not exist
			sender domain * not found
			sender domain must
			<domain> + <sender> * <existiert>
			sender domain * resolve
			sender's domain * not
			domain of sender address * does not resolve
			domain of sender address * does not exist
			domain of sender * not
			invalid sender domain
			sender domain has no
			unresolvable * from domain
			sender address rejected domain * does not accept mail nullmx
			sender + domain * does not accept mail
			null mx
			nullmx
			invalid dns mx or a aaaa resource record
			mx or a aaaa
			sender's mx record
			mx record not allowed
			no mx record for sender
			mx for sender
			return address domain
			sender + no + mx
			sender domain has no valid mx
			mail from domain does not exist
			from domain does not exist
			mail from domain + not
			sender + domain + not + exist
			return path + domain
			your domain does not have an mx
			your domain + mx
			your domain + not + exist
			your domain + not + resolve
			?sender's domain
			neither mx nor
			no mx nor
			from domain + not
			mx or a record
			neither + mx
			<sender> & <not> + mx record
			sender + no valid dns
			`},
		Meaning: "The domain of the sender's address does not exist in DNS or cannot receive replies.",
		Causes: []string{
			"The sender's domain has neither an MX nor an address record, or a null MX.",
			"There is a typing error in the sender's address of a device or application.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Use a sender address of a domain that receives mail.",
			"Publish an MX record for the sender's domain.",
		},
		Next:     []string{"MX and address records of the sender's domain"},
		Duration: Either, Confirm: ConfirmSenderDomain,
	},
	{
		ID: "common.sender-rejected", Codes: []uint16{550, 553, 554, 501, 450}, Enhanced: []string{"5.1.0", "5.1.7", "5.7.1", "5.1.8"},
		Unless: []string{`
			from unknown
			from the receiver
			`},
		Text: []string{`
			sender address was rejected by the server
			sender address must contain a domain
			sender address is invalid
			sender address was invalid
			sender + not in my domain
			verify mailfrom <fail>
			sender domain not allowed
			sender address too long
			sender is unvalidated
			sender verification failed
			sender verify callout
			could not verify sender
			unable to verify sender
			unverified sender
			sender unknown
			unknown sender
			invalid sender
			invalid sender address
			?sender rejected
			?<sender> + <blocked>
			?sender address rejected
			sender not allowed
			sender not authorized
			sender is not authorized
			sender is not allowed
			?sender refused
			bad sender
			bad sender address
			bad sender's mailbox address
			sender address rejected need fully-qualified address
			emetteur invalide
			absender * abgelehnt
			remitente * rechazado
			malformed sender
			sender * does not exist
			from address * not allowed
			sender's address was syntactically invalid
			?<sender> address + invalid
			sender address + syntactically
			sender address rejected improper use of 8-bit data
			<sender> + verification
			sender address not found
			sender + not found
			sender + not valid
			?sender + invalid
			<sender> + unknown
			<sender> + not + exist
			!sender verify failed
			!sender verification failed
			!verification failed for * account or domain may not exist
			!postmaster verification failed
			return address + <blocked>
			return path + <blocked>
			return path + <not> + <exist>
			return path + invalid
			envelope sender + <blocked>
			?mail from + <blocked>
			fake sender
			forged sender
			domain name required for sender
			need fully-qualified sender
			sender syntax
			?<denies> + <sender>
			mail from invalid
			mail from is invalid
			mail from address invalid
			?mail from & invalid
			not verify your address
			bad return address
			invalid return address
			sender address must contain a domain
			sender address rejected need fully-qualified
			`},
		Meaning: "The server rejects the sender's address (the return path).",
		Causes: []string{
			"The sender's address does not exist, is malformed, or its server does not confirm it.",
			"The address is blocked by the receiver.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Use a sender address that exists and receives mail, in the form name@contoso.com."},
		Duration: Either, Confirm: ConfirmSenderDomain,
	},
	{
		ID: "common.domain-not-found", Codes: []uint16{550, 512, 450, 451, 554, 553},
		Enhanced: []string{"5.1.2", "5.4.4", "4.4.3", "5.4.0", "4.4.0", "5.1.1", "5.0.0", "4.1.2"},
		Unless: []string{`
			reverse
			ptr
			rdns
			hostname
			sender
			helo
			ehlo
			mail from
			from domain
			return path
			`},
		Text: []string{`
			not have any mail exchanger
			no mail exchanger
			host name lookup failure
			find a mail server for
			unknown mail server
			?dns query error
			host or domain name not found
			domain not found
			!recipient address rejected domain not found
			host unknown
			unknown host
			name service error
			name service error for
			no such domain
			nxdomain
			no mx records
			does not resolve
			dns error
			dns query failed
			!dns type + lookup of
			!nomxhostfoundexception
			dns lookup failed
			host lookup did not complete
			dns lookup failure
			dns failure
			dns resolution
			could not find any host
			unresolvable
			domain does not exist
			domain is not reachable
			domain name does not exist
			domain has no mail exchangers
			all relevant mx records point to non-existent hosts
			nonexistentdomain
			nonexistent domain
			host not found
			no route found to domain
			unable to resolve
			mx lookup
			no mx or a
			no mx
			<not> + mx + domain
			unable to resolve the mx
			no valid mx
			can not resolve + mx
			domain * does not exist
			no dns record
			no dns entry
			no mail hosts for domain
			no mail host~ for
			no mail exchanger~ for
			unable to route
			no route to domain
			rcpt + non existant domain
			rcpt + non existent domain
			recipient + non existent domain
			recipient + nonexistent domain
			rcpt + nonexistent domain
			recipient domain + mx record~ + missing
			recipient domain's mx
			!<not> able to find the recipient domain
			!<not> find + recipient domain
			!<not> find + recipient's domain
			!<not> find + destination domain
			!recipient domain + <not> <exist>
			!domain + of the recipient + <not> <exist>
			mx record~ missing
			mx record~ + missing or invalid
			dns lookup of
			cname lookup failed
			`},
		Meaning: "The DNS lookup for the recipient's domain or server failed.",
		Causes: []string{
			"There is a typing error in the domain, or the domain expired.",
			"The domain's DNS servers do not answer, or its MX points to a name without an address.",
			"With \"try again\": the DNS resolver of the sending server does not answer.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Check the part of the address after the @, or the server name in the settings of the program.",
			"The recipient's administrator checks the domain's name servers and MX records.",
		},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Either, Confirm: ConfirmMX,
	},
	{
		ID: "common.route-domino",
		Text: []string{`
			!no route found to domain * from server
			!no route found to server * from server
			!domain documents in domino
			`},
		Meaning: "The sender's own Domino server has no route for this message.",
		Causes: []string{
			"No Connection or Domain document leads to that Domino domain or server.",
			"The part of the address after the @ is a Domino domain that no longer exists.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"In the Domino Directory, check the Server, Connection and Domain documents for that domain; then run \"tell router update config\"."},
		Duration: Permanent,
	},
	{
		ID: "common.mailer-local",
		Text: []string{`
			!not instantiate mail function
			!disabled the mail function
			`},
		Meaning: "The web server cannot hand mail to a mail program of its own: PHP's mail() function failed.",
		Causes: []string{
			"No mail program (sendmail) is installed, or sendmail_path in php.ini is wrong.",
			"The hosting provider has turned mail() off.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Let the application send by SMTP with a sign-in, not with mail(): for Microsoft 365 smtp.office365.com, port 587, STARTTLS.",
			"Or ask the hosting provider to turn mail() on.",
		},
		Duration: Permanent, Source: "https://github.com/PHPMailer/PHPMailer/wiki/Troubleshooting",
	},
	{
		ID: "common.own-dkim-key",
		Text: []string{`
			!key data is not secure
			!error loading key
			!can be read or written by other users
			!opendkim * key + permission denied
			`},
		Meaning: "The DKIM signer of the own mail server refuses or cannot read its key file, so the server takes no mail.",
		Causes: []string{
			"Owner or mode of the key file, or of a directory above it, lets other users read or write it.",
			"The key file is missing, or the signer runs as a user that may not read it.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Give the key file to the user of the signer, with mode 600, and let nobody but root write to the directories above it. The log names the path.",
			"Restart the signer (OpenDKIM), and send again.",
		},
		Duration: Temporary, Stays: true, Source: "https://github.com/LukeSmithxyz/emailwiz/issues/186",
	},
	{
		ID: "common.own-files",
		Text: []string{`
			!tainted + filename
			!tainted + name
			!tainted + path
			!failed to expand
			!unable to create lock file
			!can not update mailbox
			!cannot update mail file
			!has wrong uid
			!has wrong mode
			!permission denied euid
			!local_delivery defer + permission denied
			!mail_spool defer + permission denied
			!can not create maildir
			!can not create user output file
			!can not access mailbox
			!maildir delivery failed
			!unsafe map file
			!world writable directory
			!group writable directory
			!failed to open * permission denied
			`},
		Meaning: "The mail server that logs this cannot use one of its own files: a setting, a table or a mailbox.",
		Causes: []string{
			"The mail program runs as a user that may not read or write the file or a directory above it.",
			"A new version of the mail program is stricter than the setting expects, such as Exim with names that come from outside (tainted).",
		},
		Owner: OwnerSender,
		Fix: []string{
			"On the server that logs this, correct the owner and the mode of the file that the log names, or the setting that names it.",
			"Then let the server try again.",
		},
		Duration: Temporary, Stays: true, Source: "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-string_expansions.html",
	},
	{
		ID: "common.own-milter",
		Text: []string{`
			!connect to milter service
			!milter service * connection refused
			!milter service * permission denied
			!milter service * no such file
			`},
		Meaning: "The own mail server cannot reach a filter (milter) that it is set to use, so it defers or rejects mail.",
		Causes: []string{
			"The filter, such as OpenDKIM, Rspamd or ClamAV, is stopped.",
			"The socket or port in the settings of the mail server is wrong, or its permissions forbid the access.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Start the filter on the mail server, and compare its socket and permissions with smtpd_milters. Then send again."},
		Duration: Temporary, Stays: true, Source: "https://www.postfix.org/MILTER_README.html",
	},
	{
		ID: "common.own-sasl",
		Text: []string{`
			!saslauthd
			!sasl + generic failure
			!authdaemon~
			!auth socket
			!connect to private auth
			!no sasl authentication mechanisms
			!per-process initialization failed
			!sasl connect to failed
			!sasl * connection lost to authentication server
			`},
		Meaning: "The own mail server cannot check passwords, so it refuses every sign-in: its SASL service is not reached.",
		Causes: []string{
			"The service (saslauthd, Dovecot) is stopped, or its socket is at another place, for example outside of Postfix's chroot.",
			"The mail server may not read the socket, or its SASL settings are wrong.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Start the SASL service on the mail server, and let the mail server's user read its socket: the log names the path or the service."},
		Duration: Temporary, Stays: true, Source: "https://www.postfix.org/SASL_README.html",
	},
	{
		ID: "common.own-config",
		Text: []string{`
			!rbl lookup error
			!dnsblog_query lookup error
			!dnsblog reply timeout
			!do not list domain
			!fatal open * no such file
			!fatal bad numerical configuration
			!fatal parameter
			!unsupported dictionary type
			!noconnectorforaddresstype
			!unable to proxy authenticated session
			!fatal bind * address already in use
			!connect to no such file
			!connect to permission denied
			!private * no such file
			!private * permission denied
			!command died with
			!command output
			!mail transport unavailable
			!unknown mail transport error
			!table lookup problem
			!d2i_privatekey_bio
			`},
		Meaning:  "The own mail server has an error in its configuration, or cannot read a file or ask a list that it uses.",
		Causes:   []string{"A setting, a lookup, the DNS resolver or the owner of a file is wrong, often after an update or a restore."},
		Owner:    OwnerSender,
		Fix:      []string{"Correct the setting or the permissions of the file that the log names, then let the server try again."},
		Duration: Temporary, Stays: true, Source: "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-string_expansions.html",
	},
	{
		ID: "common.null-mx", Codes: []uint16{556, 550}, Enhanced: []string{"5.1.10"},
		Text: []string{`
			nullmx
			domain * not accept mail nullmx
			recipient * null mx
			recipient * nullmx
			recipient * domain does not accept mail
			domain + null mx
			domain accepts no mail
			`},
		Unless: []string{`
			sender
			`},
		Meaning:  "The recipient's domain says in DNS that it accepts no mail at all (null MX).",
		Causes:   []string{"There is a typing error in the domain, or the domain is not meant for mail."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Check the part of the address after the @ with the recipient by other means."},
		Duration: Permanent, Confirm: ConfirmMX, Source: "RFC 7505 4.2",
	},
	{
		ID: "common.client-dns",
		Text: []string{`
			mail server + can not be found
			smtp server not found
			!dial tcp lookup
			mail server not found
			smtp server name + incorrect
			not find + smtp server
			not find + mail server
			smtp server + can not be found
			resolve + smtp server
			resolve + mail server
			smtp server name + resolve
			failed to get smtp server ip
			enotfound
			eai_again
			getaddrinfo
			php_network_getaddresses
			name or service not known
			temporary failure in name resolution
			no such host is known
			no such host
			remote name could not be resolved
			could not resolve host
			unknownhostexception
			hostname nor servname
			gaierror
			smtp server + is unknown
			outgoing server + is unknown
			can not find the message server
			!0x800ccc0d
			unable to resolve host
			`},
		Meaning: "The device or program that sends cannot look up the name of its mail server in DNS.",
		Causes: []string{
			"There is a typing error in the server name in its settings.",
			"The device has no DNS server, or its DNS server does not answer.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Check the server name in the settings: smtp.office365.com for Microsoft 365.",
			"Check the DNS server of the device. Run \"maildiag smtp\" on the same network.",
		},
		Duration: Permanent, Confirm: ConfirmSubmission,
	},
	{
		ID: "common.loop", Codes: []uint16{554, 550, 552}, Enhanced: []string{"5.4.6", "5.4.0", "4.4.6", "5.0.0", "5.4.14", "5.4.12"},
		Text: []string{`
			mx list for * points back
			points back to
			too many hops
			listed as a best-preference mx
			mail loop
			mail loop detected
			loop detected
			loops back to myself
			loops back to me
			mx record points to local host
			routing loop
			routing loop detected
			hop count exceeded
			mail forwarding loop
			forwarding loop
			delivery loop
			too many received headers
			possible loop
			mx loop
			maximum hop count
			looping
			message is looping
			loop suspected
			hop limit
			passed through * servers
			went through * servers
			been through * servers
			too many servers
			delivered-to header
			already seen
			in a circle
			?circular
			passed through too many
			number of received
			too many received
			received headers
			received lines
			best-preference mx
			`},
		Meaning: "The message goes round in a circle between servers.",
		Causes: []string{
			"Two servers each think that the other one hosts the domain, often during a migration.",
			"Two mailboxes forward to one another.",
		},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient's administrator checks MX records, connectors, accepted domains and forwarding."},
		Next:     []string{"the MX records of the recipient's domain"},
		Duration: Permanent, Confirm: ConfirmMX,
	},
	{
		ID: "common.expired", Weak: true, Codes: []uint16{550, 554}, Enhanced: []string{"4.4.7", "5.4.7", "5.0.0", "4.0.0"},
		Text: []string{`
			delivery time expired
			message expired
			envelope expired
			message * expired
			queue.expired
			in the queue too long
			too old
			retry timeout exceeded
			retry timeout
			long failure period
			could not deliver for the last
			could not be delivered for
			could not be delivered for more than
			has been in the queue
			maximum time in queue
			maximum queue time
			message timed out
			delivery timed out
			?giving up
			delivery failed * attempts
			all hosts have been failing
			tried all mxs
			delivery expired
			message too old
			expired * timeout
			queue + expired
			expired * queue
			delivery attempts have expired
			attempts + expired
			expired after
			held for + days
			could not be handed over
			stopped trying
			tried for * days
			tried for * hours
			gave up after
			given up after
			not deliverable within
			after * days
			after * hours
			have been failing for a long time
			failing for a long time
			tried all mxs
			!despite repeated attempts to contact
			`},
		Meaning: "The sending server gave up after retrying for a long time; an earlier error is the cause.",
		Causes: []string{
			"The recipient's server was down, unreachable or kept deferring the message.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Look for the last temporary error in the bounce or the log, and explain that one.",
			"Then send again.",
		},
		Next:     []string{"whether the recipient's MX can be reached"},
		Duration: Permanent, Stays: true, Confirm: ConfirmMX,
	},
	{
		ID: "common.delayed", Weak: true,
		Text: []string{`
			retry time not reached
			delivery is delayed
			delivery incomplete
			delivery delayed
			delivery + has been delayed
			message + has been delayed
			not been delivered yet
			not yet been delivered
			still undelivered
			will keep trying
			continue to be attempted
			will retry for + more
			`},
		Unless: []string{`
			expired
			`},
		Meaning:  "The message is not delivered yet, and the sending server keeps trying; the text does not show why.",
		Causes:   []string{"The recipient's server was unreachable, or it put the message off."},
		Owner:    OwnerSender,
		Waits:    true,
		Fix:      []string{waitRetry, "To see the cause, look for the last temporary error of this message in the log of the sending server."},
		Duration: Temporary, Confirm: ConfirmMX,
	},
	{
		ID: "common.timeout", Codes: []uint16{421, 441, 451},
		Enhanced: []string{"4.4.1", "4.4.2", "4.0.0", "5.4.1", "5.0.0"},
		Unless: []string{`
			failed to authenticate
			certificate
			abuse
			reputation
			spam
			<listname>
			`},
		Text: []string{`
			dial tcp * connection refused
			expected response code * but got code with message
			expected response code * but got empty code
			expected response code * but got an empty response
			connection refused + connect
			connection was closed & transport connection
			?unable to read data from the transport connection
			?smtp server + not available
			not accept our requests to connect
			smtp server + unavailable
			outgoing server + not available
			connection + is broken
			can not be contacted on port
			can not be contacted
			not accepting smtp connections
			connect to unreachable
			opentimeout
			readtimeout
			execution expired
			lost incoming connection
			communication error + server
			communicating with + smtp
			communicating with + mail server
			communication with + mail server
			communication with + smtp
			connection with the destination has failed
			failed to connect smtp server
			refused connect by smtp server
			connect to * connection refused
			connection to * refused
			connection timed out
			connection timeout
			?operation timed out
			?timed out while
			?timed out
			?timeout exceeded
			timeout expired
			could not find a gateway
			?idle timeout
			?timeout
			conversation with * timed out
			no answer from host
			?connection refused
			connection was refused
			actively refused
			network is unreachable
			network unreachable
			no route to host
			?lost connection
			?connection lost
			?connection reset
			connection reset by peer
			?connection closed
			connection unexpectedly closed
			?connection was closed
			connection was forcibly closed
			?connection dropped
			?could not connect
			?can not connect
			?could not connect to
			?failed to connect
			?primary target ip address
			?unable to connect
			?not been able to connect
			connection could not be established
			could not open socket
			smtp connect failed
			connection to * failed
			?host unreachable
			?host not reachable
			?not reachable
			?did not accept our requests to connect
			deferred connection
			econnrefused
			etimedout
			econnreset
			esocket
			econnection
			ehostunreach
			enetunreach
			could not establish connection
			no connection could be made
			unexpected eof
			can not connect to smtp server
			unable to connect to the remote server
			verbindung abgelehnt
			zeitueberschreitung
			connexion refusee
			connected party did not properly respond
			did not properly respond after a period of time
			established connection failed
			connection attempt failed
			did not respond
			!0x800ccc0e
			!0x800ccc0f
			!0x800ccc19
			!0x80042109
			!0x8004210b
			connection to the server was interrupted
			connection attempt timed out
			connection to the server has failed
			i/o timeout
			connect timed out
			connection reset by
			broken pipe
			connect failed
			?connection failed
			connection refused port
			no response from
			server did not answer
			nicht innerhalb der zeit
			verbindung + abgelehnt
			verbindung + fehlgeschlagen
			connexion + echoue
			conexion + rechazada
			connessione + rifiutata
			closed connection while
			remote end & closed connection
			rcpt + timeout
			establish an smtp connection
			establish a smtp connection
			connecting to outgoing server
			connecting to + smtp server + failed
			refusing smtp connections
			refusing connections
			connection to + was lost
			lost in the middle of the transaction
			terminated the connection
			terminated the network connection
			unexpectedly disconnected
			greeting never received
			mail server is not responding
			mail server + is not responding
			outgoing server is not responding
			?got an empty response
			smtpsendfailedexception eof
			could not read from socket
			?but got code with message
			?server connection error
			not open connection to server
			exchange server is down
			invalid outgoing mail server or port
			ssmtp can not open
			network error on destination
			connection died
			?read operation timed out
			`},
		Meaning: "The connection to the server could not be made, or broke off.",
		Causes: []string{
			"The server is down, or a firewall or provider in between blocks the port (25, 465 or 587).",
			"The server name or port in the settings is wrong.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Run \"maildiag smtp\" on the network that sends: it shows which port is blocked and by whom.",
			"Check the server name and port in the settings of the program or device.",
		},
		Next:     []string{"whether the recipient's MX can be reached"},
		Duration: Temporary, Confirm: ConfirmMX, On: &Readings{Delivered: &unreachedServer},
	},
	{
		ID: "common.timeout-port25", Codes: []uint16{421, 441, 451}, Enhanced: []string{"4.4.1", "4.4.2", "4.0.0", "5.4.1", "5.0.0"},
		Text: []string{`
			connect to 25 connection timed out
			connect to 25 connection refused
			connect to 25 operation timed out
			connect to 25 no route to host
			connect to 25 network is unreachable
			connection to 25 timed out
			connection to 25 refused
			`},
		Meaning: "No connection to port 25 of the recipient's mail server could be made.",
		Causes: []string{
			"A firewall or the provider of the sending server blocks outgoing port 25, as most Internet and cloud providers do.",
			"The recipient's mail server or its network is down.",
		},
		Owner: report.OwnerNetwork,
		Fix: []string{
			"Run \"maildiag smtp --mx DOMAIN\" on that machine with the recipient's domain: it shows whether port 25 is blocked, and by whom.",
			"Allow outgoing TCP 25 in the firewall, and ask the provider to open it.",
			"If the provider keeps it closed, send through a smart host on port 587.",
		},
		Next:     []string{"whether the recipient's MX can be reached"},
		Duration: Temporary, Confirm: ConfirmMX,
	},
	{
		ID: "common.disk-full", Codes: []uint16{452, 552, 451, 431}, Enhanced: []string{"4.3.1", "5.3.1"},
		Text: []string{`
			insufficient system storage
			insufficient disk space
			not enough disk space
			not enough space
			disk full
			disk space
			no space left on device
			out of disk
			out of memory
			insufficient system resources
			insufficient resources
			insufficient queue space
			insufficient storage
			system storage
			mail system full
			disk + full
			storage + full
			out of space
			spool + full
			partition + full
			spazio esaurito
			no space left
			spazio insufficiente
			kein speicherplatz
			espacio insuficiente
			espace insuffisant
			brak miejsca
			`},
		Meaning:  "The receiving server is out of disk space or memory (not the mailbox).",
		Causes:   []string{"A disk of the server is full, or it is overloaded."},
		Owner:    report.OwnerRecipient,
		Waits:    true,
		Fix:      []string{waitRetry, "The administrator of the receiving server frees disk space."},
		Duration: Temporary, Source: "RFC 3463 3.4",
	},
	{
		ID: "common.recipient-syntax", Codes: []uint16{501, 553, 550, 555}, Enhanced: []string{"5.1.3", "5.5.4", "5.1.2", "5.5.2"},
		Unless: []string{`
			sender address
			`},
		Text: []string{`
			angle brackets
			recipient address must contain a domain
			not a valid rfc-5321 address
			bad address syntax
			bad recipient address syntax
			address syntax
			syntax error in address
			malformed address
			invalid address
			invalid address syntax
			illegal address
			address is not valid
			mailbox name not allowed
			syntax error in parameters
			syntax error in arguments
			invalid mail address
			must be fully qualified
			illegal characters in
			syntax error in parameters or arguments
			recipient address * not valid
			recipient address rejected need fully-qualified address
			need fully-qualified address
			local address contains control or whitespace
			?unbalanced
			domain missing or malformed
			missing or malformed
			can not parse
			recipient syntax
			recipient + syntax error
			syntax error + recipient
			rcpt to + syntax
			syntax + address
			illegal whitespace in address
			addressexception
			local address contains
			domain contains illegal character
			domain contains control or whitespace
			missing final domain
			!errorinvalidrecipients
			is not resolved + recipients must be resolved
			address in mailbox given + not comply
			is not a valid address
			unbalanced angle
			unexpected end of address
			form required for an
			invalid character was found in the mail header
			recipient address must contain a domain
			address must contain a domain
			!can not be matched to a name in the address list
			`},
		Meaning:  "An address or a parameter of the command is not well-formed.",
		Causes:   []string{"There is a space, a missing domain or a forbidden character in the address."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Type the address again, or correct it in the settings of the program."},
		Duration: Permanent, Source: "RFC 5321 4.1.2",
	},
	{
		ID: "common.no-recipient", Codes: []uint16{503, 554, 501}, Enhanced: []string{"5.5.1"},
		Text: []string{`
			no recipients defined
			no recipient addresses
			no recipients were specified
			at least one recipient
			recipient must be specified
			recipient list is empty
			no recipients specified
			no valid recipients specified
			!0x800ccc78 * no recipient
			rcpt first
			need rcpt
			without computed recipients
			`},
		Meaning:  "The program handed over the message without any recipient.",
		Causes:   []string{"The field of the recipient's address is empty in the form, the device or the program."},
		Owner:    OwnerSender,
		Fix:      []string{"Enter the recipient's address in the settings of the program, or correct the code that fills it in."},
		Duration: Permanent, Source: "RFC 5321 3.3",
	},
	{
		ID: "common.null-sender", Codes: []uint16{550, 553, 554, 501}, Enhanced: []string{"5.7.1", "5.1.0"},
		Text: []string{`
			!null sender is not <allowed>
			!empty sender is not <allowed>
			null sender + not <allowed>
			null sender + <denies>
			empty sender + not <allowed>
			not accept bounces
			bounces not accepted
			bounces are not accepted
			no bounces
			backscatter
			null sender
			null return path
			empty sender
			empty envelope sender
			empty return path
			null reverse path
			`},
		Meaning: "The server accepts no bounces or automatic answers (mail with an empty envelope sender) for this address.",
		Causes: []string{
			"The bounce or answer was for mail that the address never sent: its sender was forged.",
			"The server refuses all of them, although RFC 5321 forbids that.",
		},
		Owner: report.OwnerRecipient,
		Fix: []string{
			"Nothing for a bounce or an automatic answer. To avoid answers to forged mail, reject bad recipients during the session instead of bouncing.",
			"For other mail: the sending program must use a sender address.",
		},
		Duration: Permanent, Source: "RFC 5321 4.5.5",
	},
	{
		ID:      "common.protocol-pipelining",
		Text:    []string{"!improper command pipelining"},
		Meaning: "The server notes that a client sent something before it was its turn. The note alone rejects nothing.",
		Causes: []string{
			"A monitoring check, a script or a scanner sends its commands at once and does not wait for the answers.",
			`After CONNECT: the first bytes were no SMTP but those of a browser, of TLS, or of Telnet (\377\373), as PuTTY sends them.`,
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"If the client is not yours, nothing needs to be done: no message is affected.",
			"If it is a check or test of yours, let it wait for each answer, or exempt it from the ban. In PuTTY, choose the connection type Raw.",
		},
		Duration: Permanent, Source: "https://www.postfix.org/postconf.5.html#reject_unauth_pipelining",
	},
	{
		ID:       "common.summary",
		Text:     []string{"!message reject detail", "!message reject warning detail"},
		Meaning:  "This is a summary of what the own server rejected (pflogsumm). No message that it sent failed.",
		Causes:   []string{"Most of what a server rejects is unwanted."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Nothing needs to be done. If a wanted sender is in the list, look up its whole line in the log: it has the reason."},
		Duration: Permanent, Source: "https://jimsun.linxnet.com/postfix_contrib.html",
	},
	{
		ID: "common.protocol", Codes: []uint16{500, 501, 502, 503, 550, 554}, Enhanced: []string{"5.5.1", "5.5.0", "5.5.2", "5.5.4"},
		Text: []string{`
			unsupported option
			error bad syntax
			sequence error
			please say helo
			please say ehlo
			please say mail first
			please say rcpt first
			bad sequence of commands
			protocol error
			protocol violation
			command not implemented
			command not recognized
			unrecognized command
			command unrecognized
			command out of sequence
			nested mail command
			sender already specified
			valid rcpt command must precede data
			no valid recipients
			need rcpt
			need mail command
			pipelining
			early talker
			talk first
			before greeting
			synchronization error
			invalid command
			syntax error
			say helo first
			say helo ehlo first
			say hello first
			say ehlo first
			send helo
			send ehlo
			helo first
			ehlo first
			helo required
			must say helo
			must issue helo
			`},
		Meaning: "The two servers do not understand one another: a command came in the wrong order or form.",
		Causes: []string{
			"The sending program has an error, or an earlier command was refused.",
			"A firewall in between changes SMTP commands.",
		},
		Owner:    OwnerSender,
		Fix:      []string{"Look for an earlier reply in the same session: it names the cause.", "Turn off SMTP inspection on firewalls in between."},
		Duration: Permanent, Source: "RFC 5321 4.2.4",
	},
	{
		ID: "common.submission-recipient", Codes: []uint16{550, 553, 554},
		Text: []string{`
			!0x800ccc79
			`},
		Meaning: "The sender's own outgoing server rejected a recipient: the program did not sign in, or the address does not exist.",
		Causes: []string{
			"The program does not sign in to the outgoing server (SMTP AUTH is off in its settings).",
			"The recipient's address is misspelled or does not exist.",
		},
		Owner: report.OwnerUser,
		Fix: []string{
			"Read the server response in the same dialog: it names which of the two it is.",
			"Turn on authentication for the outgoing server in the settings of the account, and use port 587.",
			"Check the spelling of the recipient's address.",
		},
		Duration: Permanent,
	},
	{
		ID: "common.server-misconfigured", Codes: []uint16{451, 554, 550}, Enhanced: []string{"4.3.5", "5.3.5"},
		Text: []string{`
			system config error
			server configuration error
			server configuration problem
			server misconfiguration
			local configuration error
			infinite loop in ruleset
			loop in ruleset
			rewriting loop
			`},
		Meaning: "The configuration of the server that says this is broken.",
		Causes:  []string{"A setting, a lookup table or a rule of the mail program there is wrong, often after a change."},
		Owner:   report.OwnerRemote,
		Fix: []string{
			"Send the reply to the administrator of that server by other means: its log names the setting.",
			"If the server is yours, read its log at the time of the reply.",
		},
	},
	{
		ID: "common.forwarding-misconfigured", Codes: []uint16{550, 551, 554}, Enhanced: []string{"5.7.1", "5.3.5"},
		Text: []string{`
			unable to correctly read the forwarding recipient
			invalid pieces of information about the requested recipient
			system incorrectly configured
			configuration error
			?misconfigured
			unknown mailer error
			mail server configuration
			alias * loop
			`},
		Meaning:  "The receiving server is misconfigured.",
		Causes:   []string{"Forwarding, an alias or the domain's settings are wrong on the receiving side."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Send the reply to the recipient's administrator by other means."},
		Duration: Permanent, Source: fieldManuals,
	},
}

// unreachedServer is what a connection that failed means between two mail servers.
var unreachedServer = Elsewhere{
	Owner:   report.OwnerNetwork,
	Meaning: "The sending server could not connect to the recipient's server, or the connection broke off.",
	Causes: []string{
		"The recipient's server is down, overloaded, or does not accept connections from this address.",
		"A firewall or provider in between blocks port 25, or breaks long connections (MTU, SMTP inspection).",
	},
	Fix: []string{
		"On the sending server, run \"maildiag smtp --mx\" with the recipient's domain: it shows whether its servers can be reached.",
		"If they can, retry. If other domains can be reached and this one cannot, tell the recipient's administrator.",
	},
}

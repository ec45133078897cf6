package replies

import "maildiag/report"

// commonContent are the rows of any server about the sender, the content and the size.
var commonContent = []Row{
	{
		ID: "common.blocked-by-recipient", Codes: []uint16{550, 554, 553}, Enhanced: []string{"5.7.1", "5.7.0", "5.2.0", "5.1.8"},
		Unless: []string{`
			list only
			this list
			members
			group
			recipient + gateway
			recipient + server
			recipient + system
			recipient + provider
			`},
		Text: []string{`
			<blocked> & sender filter agent
			sender is blocked
			user reject the message
			user reject the mail
			your address has been <blocked>
			your address is <blocked>
			<mailbox> + refused to receive
			<mailbox> does not want
			!ip not in whitelist for rcpt domain
			no access for this user
			blocked by this recipient
			recipient has blocked your
			recipient has blocked you
			blocked by the recipient
			blocked by recipient
			rejected by the recipient
			rejected by this user
			sender address rejected access denied
			rejected by this recipient
			rejected by recipients
			recipient * blocked * sender
			blocked senders
			sender blocked
			sender has been blocked
			sender address blocked
			manually blocked senders
			block-send-er
			recipient address rejected block-send-er
			envelope blocked
			blocked by user
			in the recipient's blacklist
			customer block list
			you have been blocked
			sender address * blacklisted
			sender blacklisted
			sender * is blacklisted
			?sender denied
			rejected by destination domain
			mail rejected by destination domain
			not accept messages from you
			not accept mail from you
			does not accept mail from
			does not want to receive
			blocked by your organization
			on the user's block list
			user's blacklist
			recipient's blocklist
			sender is on the
			personal blacklist
			sender + <blocked> by
			blocked by the user
			only accepts mail from
			approved senders
			only accepts messages from
			allowed senders
			safe senders
			?whitelist
			allow list
			recipient blocked your
			recipient + blocked + address
			recipient blocked you
			not want message from you
			not want mail from you
			does not want mail
			not wish to receive
			refuses mail from
			refuses messages from
			no mail from you
			blocks mail from
			blocks messages from
			you are blocked
			blocked you
			deny list by the <mailbox>
			<listname> + by the <mailbox>
			<listname> + of the <mailbox>
			recipient + <not> want
			recipient + <not> wish
			addressee + <not> want
			user + <not> want + message
			user + <not> wish to receive
			recipient + refuses
			recipient + declined
			<not> + accept~ mail from this sender
			not accepting message from this sender
			from this sender & <not>
			sender is on + <listname>
			sender is in + <listname>
			sender is listed in
			badmailfrom
			sender is on domain's blacklist
			user defined policy matched
			!recipient rejected gl bl
			recipient has <blocked>
			user has <blocked>
			blacklisted your
			not take mail from
			not take messages from
			`},
		Meaning:  "The recipient or its organization blocks this sender.",
		Causes:   []string{"The sender's address or domain is on the block list of the recipient or its administrator."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Reach the recipient by other means, and ask that the sender is removed from the block list."},
		Duration: Permanent, Source: fieldManuals,
	},
	{
		ID: "common.recipient-blocked", Codes: []uint16{550, 554, 540}, Enhanced: []string{"5.7.1"},
		Text: []string{`
			recipient address rejected blocked
			block-rcpt
			recipient is blocked
			recipient blocked
			blocked recipient
			banned recipient
			recipient has been blocked
			recipient is not allowed to receive
			recipient is not authorized to receive
			recipient * blocked
			rejected for policy reasons recipient
			delivery to this address is restricted
			recipient address rejected access denied
			target address
			policy rejection on the target address
			delivery is not allowed to this address
			delivery + not allowed + to this address
			not allowed to this address
			recipient prohibited
			prohibited recipient
			recipient + prohibited
			`},
		Meaning:  "The recipient's side does not accept mail for this recipient.",
		Causes:   []string{"A rule blocks the recipient, or the recipient may only receive mail from inside."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"The recipient's administrator allows mail for the recipient."},
		Duration: Permanent, Source: fieldManuals,
	},
	{
		ID: "common.virus", Codes: []uint16{550, 554, 552},
		Enhanced: []string{"5.7.1", "5.7.0", "5.6.1", "5.6.0", "5.3.0"},
		Unless: []string{`
			malware protection
			virus protection
			spam and virus
			virus and spam
			virus firewall
			virus gateway
			virus filter
			`},
		Text: []string{`
			virus found
			virus
			virus detected
			virus infected
			virus infected message
			viral traffic
			malware
			detected malware
			infected
			infected message
			phishing
			is a phish
			virenverdacht
			virus signature
			header contenttype 1
			mcspamsignature
			rejected due to security policies
			email rejected due to security policies
			malicious code
			malicious content
			malicious file
			malicious attachment
			ransomware
			worm
			computer worm
			?infection
			virus + found
			malware + found
			trojan
			`},
		Meaning:  "The receiver found malware or phishing in the message.",
		Causes:   []string{"An attachment or link is infected, or is taken for it.", "The sending computer or account is compromised."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Scan the sending computer.", "Send the file another way if it is harmless, and report the false alarm to the receiver."},
		Duration: Permanent,
	},
	{
		ID: "common.attachment", Codes: []uint16{550, 552, 554}, Enhanced: []string{"5.7.1", "5.7.0", "5.6.1", "5.6.0"},
		Unless: []string{`
			spam
			auth
			starttls
			smtputf8
			smtp extension
			`},
		Text: []string{`
			!password protected + <attachment>
			password protected file
			disallowed attach~
			banned + <extension>
			blocked + <extension> file
			!banned exe
			attachment type not allowed
			attachment * not allowed
			attachments are not allowed
			prohibited attachment
			blocked attachment
			banned attachment
			illegal attachment
			forbidden attachment
			dangerous attachment
			unsafe attachment
			not allowed attachment
			executable attachment
			suspicious attachment
			attachment blocked
			attachment rejected
			attachment * blocked
			banned file
			banned file attachment
			mime banned file
			file type * not allowed
			file type not allowed
			file extension * not allowed
			file extensions are dangerous
			file attachment is not allowed
			file name * not allowed
			filename * not allowed
			content presents a potential security
			anhang * nicht erlaubt
			piece jointe * interdite
			archivo adjunto * no permitido
			macros
			password protected archive
			encrypted attachment
			encrypted archive
			<attachment> + <forbidden>
			<forbidden> + <attachment>
			<attachment> + not <allowed>
			attachment of type
			<not> + <allowed> + <attachment>
			executables are not accepted
			<attachment> + rejected
			<attachment> + not permitted
			disallowed attachment
			files may not be sent
			files are not <allowed>
			files + not <allowed>
			files + <blocked>
			archive + <blocked>
			archives + refused
			<attachment> + can not be scanned
			file types + not
			scripts + not
			macro + not
			macro-enabled
			attachment filter~
			attachment & policy
			attachment count
			number of attachments
			too many attachments
			unacceptable attachment
			<attachment> & unacceptable
			with attachments
			`},
		Meaning:  "The receiver does not accept the type of an attachment.",
		Causes:   []string{"The message has an executable, script, archive or Office file that the receiver blocks."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Share the file by a link, for example with OneDrive, or send it in an allowed format."},
		Duration: Permanent, Source: fieldManuals,
	},
	{
		ID: "common.spam", Codes: []uint16{550, 554, 552, 553, 571, 450},
		Enhanced: []string{"5.7.1", "5.7.0", "5.6.0", "5.3.0", "5.0.0", "5.2.0", "5.7.7"},
		Unless: []string{`
			greylist~
			blacklisted
			blocklisted
			rbl
			dnsbl
			`},
		Text: []string{`
			rejected as spam
			classified as rspam
			recognized as spam
			prohibited domain in + body
			spam message rejected
			bulkmail
			antispam check~
			anti-spam check~
			antyspam~
			spamtrap
			spam trap
			rejected by rspamd
			messagescoringupperlimit
			mail score
			message scored
			spamassassin point~
			message header rejected
			forbidden word~
			banned word~
			prohibited word~
			considered spam
			considered as spam
			identified as spam
			classified as spam
			looks like spam
			spam message rejected
			spam detected
			appears to be spam
			message refused by * spam
			content rejected
			message content rejected
			content denied
			content * denied
			banned content
			detected as spam
			tagged as spam
			flagged as spam
			marked as spam
			recognized as spam
			judged to be spam
			is spam
			spamscore
			spam score
			spam scale
			scored too high
			rejected by spam filter
			spam filters
			spam content
			spam-like
			spamming not allowed
			suspected spam
			suspicion of spam
			probability of spam
			probable spam
			likely spam
			likely unsolicited
			unsolicited
			unsolicited mail
			unsolicited bulk
			message content * spam
			scored as spam
			spam classification
			may consider spam
			seems to be spam
			as spam
			spam message
			spam rejected
			spam
			junk mail
			junkmail
			junk message
			bulk mail
			message filtered
			message * filtered
			suspicion de contenu non sollicite
			contenu non sollicite
			non sollicite
			als spam
			spamverdacht
			correo no deseado
			posta indesiderata
			content restrictions
			content filter
			rejected by content filter
			blocked by content
			blocked by filter
			rejected by filter
			a url in this message * listed on
			listed on https://spamrl.com
			unsolicited commercial
			spam rating
			content unacceptable
			spamrl
			no spam please
			content + unwanted
			unwanted content
			unwanted mail
			says junk
			junk
			looks spammy
			unsolicited message
			spam suspected
			too spammy
			by dcc
			dcc
			as bulk
			sensitive word~
			unacceptable content
			unacceptable + content
			inappropriate content
			offensive content
			word~ + message + blocked
			html tag
			spam bomb
			spam block
			gtube
			content policy
			content blocked
			rejected by google groups
			antispam engine
			by antispam
			by anti-spam
			because of its content
			because of its contents
			advertising + not
			suspicious content
			score + required
			rejected due to content
			rejected because of its content
			`},
		Meaning: "The receiver's filter takes the message for spam.",
		Causes: []string{
			"Text, links or attachments resemble spam.",
			"The sender's domain or address has a poor reputation, or the message is not authenticated.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Check SPF, DKIM and DMARC of the sender's domain, and the links in the message.",
			"Ask the recipient's administrator to allow the sender, or report the false positive at the link in the reply.",
		},
		Next:     []string{"SPF, DKIM and DMARC of the sender's domain"},
		Duration: Permanent, Confirm: ConfirmAuthentication,
	},
	{
		ID: "common.format", Codes: []uint16{550, 554, 552}, Enhanced: []string{"5.6.0", "5.7.1", "5.7.0", "5.6.2"},
		Text: []string{`
			empty subject
			missing subject
			parse failed
			parsing failed
			mime reject
			message decode failed
			improper use of 8-bit
			unqualified address not permitted
			header error
			headers are not rfc compliant
			not rfc compliant
			rfc compliant
			rfc 5322 compliant
			not rfc 5322 compliant
			rfc 2822
			rfc 5322
			missing a valid address in from
			no from header
			missing from header
			missing * header
			invalid from header
			invalid header
			headers * invalid
			malformed header
			duplicate headers
			duplicate * headers
			multiple from
			multiple addresses in from
			messages missing + header
			header syntax
			policy restrictions header based
			reject due to policy restrictions header based
			multi-part mime messages are rejected
			mime * malformed
			malformed message
			malformed mime
			invalid mime
			bare lf
			bare line feed
			bare linefeed
			message format
			message rejected * missing message-id
			header contenttype 2
			8bit mime
			lone cr
			lone lf
			cr or lf in headers
			one or no subject headers
			no subject headers
			multiple * headers
			<header> + not + rfc
			no valid date header
			valid * header
			no date header
			<header> + invalid
			invalid + <header>
			missing + header
			header too large
			header size
			bare cr
			bare carriage return
			two from
			raw 8-bit
			8-bit characters
			8bit characters
			non-ascii characters in header
			unencoded
			from lines
			several from
			more than one from
			no from
			without a from
			message-id missing
			missing message-id
			missing date
			?malformed
			from header + invalid
			invalid from
			invalid from field
			comply with + standards
			not conform to standard
			not comply with + standard
			not + compliant
			resent-from
			field given
			header from missing
			from header + missing
			bad mime
			mime structure
			no to header
			no body
			`},
		Meaning:  "The header or structure of the message breaks a rule of RFC 5322.",
		Causes:   []string{"The program that wrote the message sets From, Date or Message-ID twice, wrongly or not at all."},
		Owner:    OwnerSender,
		Fix:      []string{"Correct the program or device that creates the message: exactly one From, Date and Message-ID each."},
		Duration: Permanent, Source: "RFC 5322 3.6",
	},
	{
		ID: "common.format-line", Codes: []uint16{500, 550, 552, 554}, Enhanced: []string{"5.6.0", "5.5.2"},
		Text: []string{`
			line too long
			lines too long
			lines are too long
			too long line
			line is too long
			lines longer than
			line longer than
			line + exceeds
			lines + exceed
			line length
			line size + <exceed>
			<exceed> + line limit
			overlong line
			maximum line
			`},
		Meaning:  "A line of the message is longer than mail allows: 998 characters.",
		Causes:   []string{"The program that wrote the message puts a text, an HTML part or an attachment on one line, without an encoding."},
		Owner:    OwnerSender,
		Fix:      []string{"Have the program encode the part as quoted-printable or base64, or break its lines.", "If the line is one of the header, such as To or References, have the program fold it."},
		Duration: Permanent, Source: "RFC 5322 2.1.1",
	},
	{
		ID: "common.too-large", Codes: []uint16{552, 550, 554, 523},
		Enhanced: []string{"5.3.4", "5.2.3", "5.0.0", "5.7.1"},
		Unless: []string{`
			mailbox <exceed>
			mailbox has <exceed>
			mailbox has been <exceed>
			`},
		Text: []string{`
			message too large
			taille limite du message
			maximum size of the message reached
			taille maximale du message
			taille du message + <exceed>
			content filter size
			filter size
			max message size
			mailsize limit
			length of data + maximum
			data content + maximum
			message size exceeds
			message size exceeds fixed
			message size exceeds maximum permitted
			message too big
			message is too big
			message is too large
			message size limits
			exceeded * message size limits
			exceeded google's message size limits
			message larger than
			more than + bytes long
			message + more than + bytes
			message is more than + mb
			larger than the current system limit
			exceeds the maximum size
			exceeds the size limit
			exceeds size limit
			exceeds maximum size
			exceeds maximum message size
			exceeds fixed limit
			exceeded maximum
			exceeded the maximum message size
			size limit exceeded
			size limit
			too large for
			message length exceeds
			message exceeds * limit
			nachricht zu gross
			message trop volumineux
			mensaje demasiado grande
			maximum message size
			message + <exceed> + size
			message + <exceed> + mb
			maximum allowed size
			size + <exceed> + limit
			message + too <large>
			<exceed> + maximum + size
			message file too big
			only take + mb
			only accept + mb
			larger than + mb
			bigger than
			mb + limit
			limit + mb
			maximum + mb
			more than + mb
			taille du message
			taille maximale
			tamano del mensaje
			tamano maximo
			dimensione del messaggio
			dimensioni massime
			tamanho da mensagem
			tamanho maximo
			nachrichtengroesse
			maximale groesse
			te groot
			message too long
			message is too long
			too many bytes
			exceeds * bytes
			maximum of + bytes
			message size + violation
			size violation
			<attachment> + too <large>
			attachment is too long
			attachments too long
			size of the message you are trying to send
			exceeds the global size limit
			temporary size limit
			<exceed> + allowed size
			larger than we
			larger than the limit
			larger than the maximum
			larger than <allowed>
			too large a message
			messages up to + <size>
			mail too long
			attachments over + mb
			over + mb + not accepted
			stream is more than * bytes
			rejected + because it is too large
			`},
		Meaning:  "The message is larger than the receiver accepts.",
		Causes:   []string{"Attachments grow by a third when they are sent."},
		Owner:    report.OwnerUser,
		Fix:      []string{"Share large files by a link instead, for example with OneDrive."},
		Duration: Permanent,
	},
}

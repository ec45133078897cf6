package replies

import "maildiag/report"

// commonLimits are the rows of any server about limits of rates and numbers.
var commonLimits = []Row{
	{
		ID: "common.recipient-rate", Codes: []uint16{450, 452, 550, 421}, Enhanced: []string{"4.2.1", "5.2.1", "4.7.1", "4.2.2"},
		Text: []string{`
			too many messages mail bomb
			message bomb
			mail bomb
			receiving mail at a rate
			receiving mail too quickly
			receiving too many messages
			receiving mail too fast
			user is receiving mail too quickly
			recipient has exceeded message rate limit
			recipient has exceeded * rate
			recipient rate limit
			received too much message in a short period
			recipient * too many messages
			mailbox * too many messages
			too many recent messages
			recipients domain daily quota exceeded
			recipients domain hourly quota exceeded
			recipient quota exceeded
			messages to * deferred due to excessive volume
			recipient has exceeded * limit
			exceeded * messages they can receive
			receiving rate
			receiving message at a rate
			receiving too much mail
			receiving messages too quickly
			recipient gets too many
			recipient gets too much
			<mailbox> gets too many
			receives too much
			inbound rate
			too many messages for this recipient
			recipient has too much
			user has too much mail
			`},
		Unless: []string{`
			from ip
			from your
			untrusted ip
			`},
		Meaning:  "The recipient receives more mail than its server allows in this time.",
		Causes:   []string{"Many senders, a mail loop or a flood of messages reach the same mailbox."},
		Owner:    report.OwnerRecipient,
		Fix:      []string{"Wait some hours, then send again, with fewer messages to this recipient.", "If it lasts, the recipient's administrator looks for a loop or a flood."},
		Duration: Either, Source: fieldManuals,
	},
	{
		ID: "common.rate", Codes: []uint16{421, 450, 451, 452, 550, 554},
		Enhanced: []string{"4.7.0", "4.7.1", "4.3.2", "4.4.5", "4.2.1", "5.7.1", "4.7.28", "5.4.5", "5.4.6", "4.7.28"},
		Unless: []string{`
			recipient + <exceed> + quota
			`},
		Text: []string{`
			rate limit exceeded
			<clock> + quota
			quota per <clock>
			limit + outgoing messages
			due to rate limiting
			try again slower
			retry slower
			sender limit + <exceed>
			password rate limit
			too many messages
			maximum number of messages
			?rate limited
			rate has exceeded
			ratelimit
			too much mail
			sending too fast
			sending too many
			sent too many messages
			has sent too many messages
			received too many messages
			exceeded the rate
			exceeded * messages per hour
			max messages per hour
			maximum messages per hour
			exceeded the max messages
			messages per hour
			messages per day
			hourly limit
			daily limit
			daily quota exceeded
			hourly quota exceeded
			domains daily quota exceeded
			domains hourly quota exceeded
			hourly sending limit
			daily sending limit
			daily user sending limit exceeded
			sending limit exceeded
			sending quota
			exceeded * sending limit
			exceeded * sending quota
			outgoing * limit
			sender frequency limited
			frequency limited
			sender rate
			?throttling
			reduce your sending rate
			reduce * rate
			slow down
			?excessive volume
			unexpected volume
			deferred due to * volume
			unusual rate
			exceeded * message limit
			queue quota exceeded
			organization queue quota exceeded
			too many requests
			per hour exceeded
			envoi * trop
			zu viele nachrichten
			demasiados mensajes
			<exceed> + per <period>
			too many + per <period>
			messages + per <period>
			limit + per <period>
			<exceed> + sending
			outgoing + quota
			sending + quota
			outbound + quota
			outgoing + limit
			outbound + limit
			messaging limits
			<exceed> + messaging limit
			message quota
			sent + <exceed>
			too many + sent
			?limit + <exceed>
			too fast
			sending limit
			rate control
			rate controlled
			?rate control
			quota exceeded for sending
			quota + outbound
			quota + outgoing
			quota + sending
			quota + envoi
			quota + invio
			relay quota
			smtp quota
			message count quota
			email quota + <exceed>
			<exceed> + email quota
			monthly * quota
			weekly * quota
			cuota + envio
			cota + envio
			maximum sending rate
			too many spam from
			receiving rate limit
			cap is
			hourly cap
			daily cap
			in the last hour
			in the last day
			last 24 hours
			within the last hour
			reached + hourly
			reached + daily
			?flooding
			sending rate
			rate of sending
			message cap
			over the limit of messages
			too many recipients + <clock>
			too many recipients per <clock>
			recipients received this
			limits for your account
			account limits + <exceed>
			too many same
			trop de messages
			trop de mails
			reached + limit
			daily maximum
			hourly maximum
			quota of + messages
			quota of + mails
			maximum + reached + day
			on probation + limited
			probation + messages
			user-rate limit exceeded
			userratelimitexceeded
			dailylimitexceeded
			?throttled
			exceeded rate limit
			`},
		Meaning: "The server limits how much mail it accepts from this sender in this time.",
		Causes: []string{
			"More messages were sent at once, in an hour or a day, than the server or the plan allows.",
			"A compromised account or a form on a website is sending spam.",
		},
		Owner: OwnerSender,
		Fix: []string{
			"Check that the volume is yours: look for compromised accounts and open web forms.",
			"Send more slowly, in smaller batches, or use a bulk mail service.",
		},
		Duration: Temporary,
	},
	{
		ID: "common.rate-session", Codes: []uint16{421, 451, 452}, Enhanced: []string{"4.7.0", "4.5.3", "4.3.2"},
		Text: []string{`
			messages + per <connection>
			messages + in + <connection>
			messages per + <connection>
			too many messages + <connection>
			too many transactions
			too much mail + <connection>
			maximum number of messages + <connection>
			`},
		Meaning:  "The server accepts only so many messages over one connection.",
		Causes:   []string{"The sending server delivers more messages over one connection than this server allows."},
		Owner:    OwnerSender,
		Fix:      []string{"Nothing if the server opens a new connection by itself: the rest follows. Otherwise lower the number of messages per connection for this destination."},
		Duration: Either, Source: "RFC 5321 4.5.3.1",
	},
	{
		ID: "common.credits", Codes: []uint16{451, 535, 550, 452}, Enhanced: []string{"4.7.0", "5.7.0"},
		Text: []string{`
			!maximum credits
			credits + <exceed>
			<not> + enough credits
			insufficient credits
			no credits
			no + credits left
			out of credits
			credits exhausted
			account balance
			insufficient balance
			trial + expired
			trial period
			free plan
			plan limit
			upgrade your plan
			upgrade your account
			unpaid invoice
			`},
		Meaning:  "The account at the sending service has used up its credits or its plan.",
		Causes:   []string{"The number of messages that the plan allows was sent, or the plan has ended."},
		Owner:    OwnerSender,
		Fix:      []string{"Sign in at the sending service and renew or enlarge the plan; look for a program that sends too much."},
		Duration: Permanent, Source: "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/smtp-errors-and-troubleshooting",
	},
	{
		ID: "common.too-many-connections", Codes: []uint16{421, 450, 451, 452, 554}, Enhanced: []string{"4.7.0", "4.3.2", "4.4.5", "4.7.1"},
		Text: []string{`
			connection slots
			too many connections
			too many concurrent
			too many concurrent connections
			too many concurrent smtp connections
			too many sessions
			too many simultaneous
			maximum number of concurrent connections
			concurrent connections
			concurrent sessions
			connection rate
			connection rate limit
			connection limit exceeded
			connections limit
			too many connection attempts
			connection frequency
			connecting too frequently
			too many sessions open
			sessions open from
			concurrent + connections
			number of + connections
			concurrent server connections
			parallel connections
			simultaneous connections
			simultaneous sessions
			connection concurrency limit
			connection concurrency + <exceed>
			connection rate limit exceeded
			`},
		Meaning:  "The sending server opened more connections than the server allows.",
		Causes:   []string{"The sending server delivers with too many connections at once."},
		Owner:    OwnerSender,
		Fix:      []string{"Lower the number of parallel connections to this destination. The queue is delivered later."},
		Duration: Temporary, Source: fieldManuals,
	},
	{
		ID: "common.too-many-recipients", Codes: []uint16{452, 550, 552, 554}, Enhanced: []string{"4.5.3", "5.5.3"},
		Text: []string{`
			number of rcpts
			rcpts + over
			too many recipients
			maximum number of recipients
			recipients limit exceeded
			too many rcpts
			recipient limit
			recipients per message
			number of recipients exceeds
			out of allow rcpt numbers
			`},
		Meaning:  "The message has more recipients than the server accepts at once.",
		Causes:   []string{"The message goes to more recipients than one connection or message may have."},
		Owner:    OwnerSender,
		Fix:      []string{"Split the recipients over several messages, or use a distribution list."},
		Duration: Either, Source: "RFC 5321 4.5.3.1.10",
	},
	{
		ID: "common.too-many-errors", Codes: []uint16{421, 450, 550, 554}, Enhanced: []string{"4.7.0"},
		Text: []string{`
			error too many errors
			too many erroneous commands
			too many invalid recipients
			too many unknown recipients
			too many syntax errors
			too many errors
			too many failed
			too many unknown
			too many invalid
			too many bad recipients
			too many bad commands
			too many non-existent
			`},
		Meaning:  "The server closed the session after too many errors, usually unknown recipients.",
		Causes:   []string{"The message goes to many addresses that do not exist."},
		Owner:    OwnerSender,
		Fix:      []string{"Remove addresses that bounced before from the list, then send again."},
		Duration: Either, Source: fieldManuals,
	},
}

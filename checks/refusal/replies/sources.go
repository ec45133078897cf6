package replies

// The addresses of the sources that many rows share, and the day they were
// read.
const (
	readOn = "2026-11-23"

	ndrBase = "https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/"
	ndrPage = ndrBase + "non-delivery-reports-in-exchange-online"
	devices = "https://learn.microsoft.com/exchange/troubleshoot/email-delivery/" +
		"fix-issues-with-printers-scanners-and-lob-applications-that-send-email-using-off"
	smtpAuth = "https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/" +
		"authenticated-client-smtp-submission"
	exchangeNDR = "https://learn.microsoft.com/exchange/mail-flow/non-delivery-reports-and-bounce-messages/" +
		"non-delivery-reports-and-bounce-messages"
	multifunction = "https://learn.microsoft.com/exchange/mail-flow-best-practices/" +
		"how-to-setup-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365"
	basicEnds = "https://techcommunity.microsoft.com/blog/exchange/" +
		"updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835"
	sisimai    = "https://github.com/sisimai/p5-sisimai"
	gmailRules = "https://support.google.com/a/answer/14229414"
)

package bounce

import (
	"strings"

	"maildiag/checks/kit"
)

// maxLogLine is how much of a line of a log is read for what it says of a delivery.
const maxLogLine = 1000

// Uneventful reports whether a line of a log says that nothing failed: a connection that
// came or went, its encryption, a message that was taken, sent or delivered. What it
// says of names and lists is no refusal: that would be a line of its own.
func Uneventful(line string) bool {
	line = line[:min(len(line), maxLogLine)]
	return ofLog().MatchString(line) && !refuses().MatchString(line) && (uneventful().MatchString(line) || passed().MatchString(line)) ||
		informs().MatchString(line) && (!fails().MatchString(line) || checks().MatchString(line)) || tracked().MatchString(line)
}

var (
	// ofLog matches what a line of a log starts with: a time, a program, the ID of a message.
	ofLog = kit.Lazily(`^\W*(?:\w{3} [ \d]\d \d\d:|\d{4}-\d\d-\d\d|\d{1,2}[./-]\w{2,3}[./-]\d{2,4}\b|@4[0-9a-f]{15})|^\W*[\w./-]+\[\d+\]: |^\W*\w{6}-\w{6,11}-\w{2,4} |^\W*(?:new|info|end) msg \d|^\W*(?:starting )?delivery \d+: `)

	// refuses matches what a server logs where it turned something away.
	refuses = kit.Lazily(`(?i)\breject(?:ed)?\b|status=(?:bounced|deferred|expired|undeliverable)|stat=(?:def|user|host|service|data|can|unk|i/o|name)|\brejected by\b|\bdefer\b|\bwarning: (?:tls|ssl|sasl)|\bfatal:|\bpanic:|\berror\b`)

	// uneventful matches what servers log of connections and messages that were taken or delivered:
	// Postfix, Exim, Sendmail, qmail, OpenSMTPD, Dovecot and Haraka.
	uneventful = kit.Lazily(`(?:: |\| |^)(?:(?:dis)?connect from |lost connection after |warning: hostname \S+ does not resolve to |(?:Anonymous|Untrusted|Trusted|Verified) TLS connection (?:established|reused)|setting up TLS connection|SSL_accept:|` +
		`addr \S+ listed by domain |CONNECT from |DISCONNECT |PASS (?:NEW|OLD) |DNSBL rank |(?:WHITE|ALLOW)LISTED |statistics: |initializing the |daemon started|(?:\w+: )?(?:client=|message-id=|removed\b|from=<|sender (?:non-delivery|delivery status) notification)|\w+: (?:from|ctladdr)=)` +
		`|\bstatus=sent\b|\bstat=Sent\b|\bSTARTTLS=(?:client|server),.* verify=(?:OK|NO|NOT|FAIL)\b|\bAUTH=server,|\bresult="?Ok"?(?:\W|$)|\bsmtp (?:(?:dis)?connected|tls|authentication|message|envelope)\b|\bmta (?:connecting|connected|disconnected|tls|server-cert-check)\b` +
		`|\b\w{6}-\w{6,11}-\w{2,4} (?:(?:<=|=>|->|>>|\*>) \S|Completed\b)|\bno (?:host name|IP address) found for |\bSMTP connection (?:from|identification|count)\b|\b(?:Start|End) queue run\b` +
		`|\b(?:new|info|end) msg \d+|\bstarting delivery \d+: |\bstatus: (?:local|exiting)|\bdelivery \d+: success: |\bLogin: user=|\bLogged out\b|\bDisconnected(?:: Logged out|: Connection closed|$)|\bsaved mail to\b|\bstored mail into mailbox\b|\bdelivered (?:file|to)\b|\bqueued (?:as|file)\b|\[core\] (?:dis)?connect\b`)

	// informs matches the level of a line that programs log for information only.
	informs = kit.Lazily(`^\W*(?:[\dTZ:.,+-]{8,35}[\s|]+){0,2}\W*(?i:info|notice|debug|trace|protocol|verbose)\b(?:\W|$)`)

	// fails matches the words that tell of a failure in such a line, and replies.
	fails = kit.Lazily(`(?i)fail|err(?:or)?\b|reject|refus|den(?:y|ied)|time?d? ?-?out|unable|cannot|can't|could ?n.t|bounc|defer|invalid|unreach|not (?:found|exist|allowed|permitted|supported|available)|expired|blocked|exceed|lost|abort|clos(?:ed|ing)|warn|exception|not have|\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b`)

	// checks matches what Haraka logs of what it found out about a client.
	checks = kit.Lazily(`^\W*\w+\] \[\S+\] \[(?:helo\.checks|fcrdns|karma|asn|geoip|p0f|spf|dkim\S*|tls)\] `)

	// tracked matches a line of Exchange's message tracking or of a message trace, which is
	// divided by commas, of a message that arrived or moved on.
	tracked = kit.Lazily(`(?i)^[^,]*\d{4}[^,]*,.*,\W*(?:deliver|delivered|send|receive|submit|expand|expanded|resolve|resolved|redirect|haredirect|hareceive|transfer|gettingstatus|pending|filteredasspam|quarantined)\W*,`)
)

// passed matches what filters and policy services log of a message that they let through.
var passed = kit.Lazily(`(?i): action=(?:pass|dunno|permit\w*|prepend|ok|accept)\b|\bopendmarc\[\d+\]: \w+: (?:\S+ (?:pass|fail|none)|(?:SPF|DKIM|DMARC)\b[^:]*: \w+)\s*$|\bopendkim\[\d+\]: \w+: (?:s=\S+ d=\S+ SSL\s*$|DKIM-Signature field added|DKIM verification successful)|: prepend received-spf: pass\b`)

// Dialogue reports whether a line is one of a dialogue that a program logs: what it sent,
// what the server accepted, or that the connection began or ended.
func Dialogue(line string) bool {
	return inDialogue().MatchString(line[:min(len(line), maxLogLine)])
}

var inDialogue = kit.Lazily(`(?i)^(?:[\[\]\d:.,TZ/ +-]{8,40}(?:DEBUG|INFO|TRACE)?)?(?:\[\d\d-\w{3}-\d{4}[^\]]*\]:? )?[\s\[\]<>\w]{0,16}?(?:(?:client|server) -> |smtp ?(?:<<|>>|->)|[cs]: |send: |sent: |recv: |reply: |got: |data: |->|<-|~>|<~|=== |2\d\d[ -]|354 |(?:ehlo|helo|mail from|rcpt to|auth (?:login|plain)|quit|data|rset|starttls)\b)`)

// hasOutcome reports whether the line of the text that holds i says something else than
// that nothing failed.
func (s *scanner) hasOutcome(i int) bool {
	low := max(0, i-maxLogLine)
	start := low + strings.LastIndexByte(s.text[low:i], '\n') + 1
	if start == low && low > 0 {
		return true // too long for a log
	}
	line, _, _ := strings.Cut(s.text[start:min(len(s.text), start+maxLogLine)], "\n")
	return !Uneventful(line)
}

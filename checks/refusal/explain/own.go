package explain

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
)

// ownLog matches a line in which a mail server or its filter logs a fault of its own.
var ownLog = kit.Lazily(`(?i)\b(?:opendkim|opendmarc|openarc|dkim\S*|rspamd|postfix[\w/-]*)\[\d+\]: (.*(?:\bkey\b|\bmilter service\b|saslauthd|generic failure|lost to authentication server|private/auth|lookup problem|d2i_PrivateKey|do not list domain|authdaemon|\bfatal: ).*)|(?i)\b(?:procmail|maildrop): (.*(?:quota|no space|disk full).*)`)

// maxOwnLines bounds the lines that are searched for one.
const maxOwnLines = 2000

// ofEntra matches the code of a sign-in that Microsoft Entra refused.
var ofEntra = kit.Lazily(`\bAADSTS\d{4,7}\b`)

// ofExchange matches what a receive connector of Exchange Server logs of a refused sign-in.
var ofExchange = kit.Lazily(`(?i)\bInbound (?:AUTH \w+|authentication) failed\b`)

// setHost matches the server that a program is set to use, and eximBanner the greeting of
// one that web hosts run.
var (
	setHost    = kit.Lazily(`(?i)\b(?:host|server|smtp_?host|smtp_?server)\b["'\])]*\s*(?:=>|[=:,(])\s*["']?(?:ssl://|tls://)?([\w-]+(?:\.[\w-]+)+)`)
	eximBanner = kit.Lazily(`\b220[- ]\S+ ESMTP Exim\b`)
)

// intercepted returns the greeting of a server that answers in the place of the provider's
// to which a program is set, or "".
func intercepted(input string) string {
	input = input[:min(len(input), maxPlain)]
	banner := eximBanner().FindString(input)
	host := setHost().FindStringSubmatch(input)
	if banner == "" || host == nil || len(replies.Providers(host[1])) == 0 || len(replies.Providers(banner)) > 0 {
		return ""
	}
	return "Another server answers: 220 " + banner[4:]
}

// withOwnFault puts what a log says of the sender's own side, a fault of the own server or
// a refused sign-in to Microsoft Entra, in the place of the replies that it causes: those
// that pass, that are about signing in, or that are not known.
func withOwnFault(input string, rs []reply) []reply {
	fault := ownFault(input)
	if fault == nil {
		return rs
	}
	rs = slices.DeleteFunc(rs, func(r reply) bool {
		return !r.known() || r.rows[0].Row.Duration == replies.Temporary || reasonOf(&r) == causeSignIn ||
			outcomeOf(&r.Reply).delivered() || strings.Contains(fault.Text, "do not list") // a server that does not know its domain knows no user
	})
	return slices.Insert(rs, 0, *fault)
}

// ownFault returns the first such fault of a log.
func ownFault(input string) *reply {
	n := 0
	for line := range strings.Lines(intercepted(input) + "\n" + input) {
		if n++; n > maxOwnLines {
			return nil
		}
		line = line[:min(len(line), maxPlain)]
		said, prefix := line, "entra."
		if m := ownLog().FindStringSubmatch(line); m != nil {
			said, prefix = m[1], "common.own-"
			if m[2] != "" {
				said, prefix = m[2], "common.mailbox-full"
			}
		} else if ofExchange().MatchString(line) {
			prefix = "exchange.auth-"
		} else if n == 1 {
			prefix = "common.intercepted"
		} else if !ofEntra().MatchString(line) {
			continue
		}
		rows := replies.Explain(replies.Query{Text: said})
		if len(rows) > 0 && strings.HasPrefix(rows[0].Row.ID, prefix) {
			return &reply{bounce.Reply{Text: strings.TrimSpace(said), Source: bounce.FromReason}, rows[:1]}
		}
	}
	return nil
}

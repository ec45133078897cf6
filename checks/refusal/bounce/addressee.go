package bounce

import (
	"regexp"
	"strings"

	"maildiag/checks/kit"
)

// role says whose an address is, by the words or the name of a field before it.
type role int

// The roles.
const (
	roleOpen      role = iota // nothing says whose it is
	roleRecipient             // it is in a field of recipients
	roleOriginal              // what the sender wrote, before an alias or a forwarding changed it
	roleOther                 // of a sender, of the user who handed in the message, or a message ID
)

// addressed is a mail address in a text.
type addressed struct {
	address    string
	start, end int
	role       role
	list       int // number of the list that it is in
}

// maxBeforeAddress is how far before an address the words are read that say whose it is.
const maxBeforeAddress = 120

// addresses returns the mail addresses of a text, in order. Those of a list share the
// role of the first.
func addresses(s string) (all []addressed) {
	for at := strings.IndexByte(s, '@'); at >= 0; {
		next := strings.IndexByte(s[at+1:], '@')
		if address, start := addressAt(s, at); address != "" {
			a := addressed{address: address, start: start, end: start + len(address), list: len(all)}
			if n := len(all); n > 0 && inList().MatchString(s[min(all[n-1].end, start):start]) {
				a.role, a.list = all[n-1].role, all[n-1].list
			} else {
				a.role = roleOf(s[max(0, start-maxBeforeAddress):start])
			}
			all = append(all, a)
		}
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return all
}

// inList matches what stands between two addresses of one list.
var inList = kit.Lazily(`^[>"'\])]{0,2}[,;]\s*[<"'\[(]{0,2}$`)

// quotesBefore is what may stand between the name of a field and an address in it.
const quotesBefore = `["']?\s*(?:[=:]|=>)[\s\[{(<"']*$`

// The words before an address that say whose it is.
var (
	// original: Postfix, Sendmail, Exim, OpenSMTPD, RFC 3464 2.3.1.
	original = kit.Lazily(`(?i)(?:\borig_to=<?|\b(?:expanded|generated) from:?\s+<?|\boriginal[-_ ]?recipient(?:: *(?:rfc822;)?|=)[ <]*|\borcpt=(?:rfc822;)?<?|(?:\*\*|==) \S+ (?:\(\S+\) )?<|\bto=<[^>]*> rcpt=<)$`)

	// ofRecipients: the fields of logs, of Exchange's tracking, of programs' objects, and
	// RCPT TO.
	ofRecipients = kit.Lazily(`(?i)(?:^|[^\w-])(?:to|rcpt(?:s|[_-]?to)?|mime_rcpts|(?:final-)?recipients?|recipient[-_ ]?address(?:es)?|addr|arg1|rejected|envelope[-_]to)` + quotesBefore)

	// ofOthers: of who sent or handed in the message, and its ID. RFC 5321 3.3
	ofOthers = kit.Lazily(`(?i)(?:^|[^\w-])(?:check_(?:mail|relay|compat), arg1=<?$|(?-i:[FPUS])=<?$|(?-i:A)=\w+:$|(?:ctladdr|(?:sasl_)?user(?:[_-]?name)?|login|auth\w*|account|identity|owner|mid|msgid|(?:resent-)?message[-_ ]?id|internet message id|id|mail[_-]?from|(?:envelope|header|resent|mime)[-_ ]?(?:from|sender)|(?:from|sender|originator)(?:[-_ ]?(?:e-?mail)?[-_ ]?address)?|return[-_ ]?path|reply[-_ ]?to|postmaster|contact|name)` + quotesBefore + `)`)
)

func roleOf(before string) role {
	if i := strings.LastIndexByte(strings.TrimRight(before, " \t\n(<"), '\n'); i >= 0 {
		before = before[i:]
	}
	for _, r := range []struct {
		words func() *regexp.Regexp
		role  role
	}{{original, roleOriginal}, {ofOthers, roleOther}, {ofRecipients, roleRecipient}} {
		if r.words().MatchString(before) {
			return r.role
		}
	}
	if senderBefore(before) {
		return roleOther
	}
	return roleOpen
}

// addressee is whom a reply is about.
type addressee struct {
	to       string   // "" if it is not told
	also     []string // others in the same list
	original string   // what the sender wrote, if that was another address
}

// recipient finds whom a reply is about: the last address before it that is not said to
// be a sender's, one in a field of recipients before others in its line, or else one in
// its text, or in such a field after it.
func recipient(before, text, after string) addressee {
	all := addresses(before)
	best := -1
	for i, a := range all {
		if a.role > roleRecipient {
			continue
		}
		if best >= 0 && all[best].role == roleRecipient && a.role == roleOpen && !strings.Contains(before[all[best].end:a.start], "\n") {
			continue
		}
		best = i
	}
	if best >= 0 {
		return addresseeOf(all, best)
	}
	if address, start := lastAddress(text); address != "" && start <= 1 && !ofSender().MatchString(text[start+len(address):]) {
		return addressee{to: address}
	}
	all = addresses(after)
	for i, a := range all {
		if a.role == roleRecipient && fieldOfProgram().MatchString(after[:a.start]) {
			return addresseeOf(all, i)
		}
	}
	return addressee{}
}

// fieldOfProgram matches the end of a field that a program writes, and not a line of the
// header of a message, which may name whom a list stands for.
var fieldOfProgram = kit.Lazily(`(?i)(?:[=<"'{\[]|recipients?:?|address\s*:)\s*$`)

// addresseeOf returns the address at i with those of its list, and the original one that
// stands near.
func addresseeOf(all []addressed, i int) addressee {
	who := addressee{}
	for _, a := range all {
		switch {
		case a.list == all[i].list && who.to == "":
			who.to = a.address
		case a.list == all[i].list && a.role == roleRecipient:
			who.also = append(who.also, a.address)
		case a.role == roleOriginal && a.start > all[i].start && !strings.EqualFold(a.address, all[i].address):
			who.original = a.address
		}
	}
	if all[i].role == roleOpen {
		who.to, who.also = all[i].address, nil
	}
	return who
}

// ofSender matches what follows an address in a reply that rejects it as the sender's:
// "<a@contoso.com>: Sender address rejected". Words such as "sender not allowed" may be
// about who writes to that address.
var ofSender = kit.Lazily(`(?i)^>?[\s:.,-]*(?:sender(?:'s)? (?:address|domain|mailbox|verif|rejected|unknown)|(?:unknown|invalid|bad|unverified) sender\b|domain of (?:the )?sender|return[ -]path|mail from\b|from address)`)

// senders are the words before an address that is not a recipient's.
var senders = []string{"from", "sender", "postmaster", "contact", "mailto:", "forward this message to", "account:", "task",
	"sender's e-mail address was", "sender's email address was", "by"}

func senderBefore(before string) bool {
	if senderField().MatchString(before[strings.LastIndexByte(before, '\n')+1:]) {
		return true
	}
	b := strings.ToLower(strings.TrimRight(before[max(0, len(before)-30):], " <\t\"'(=:"))
	for _, s := range senders {
		if strings.HasSuffix(b, strings.TrimRight(s, ":")) {
			return true
		}
	}
	return false
}

// senderField matches a field of a header that holds a sender's address, up to it.
var senderField = kit.Lazily(`(?i)^\W*(?:from|sender|reply-to|return-path):[^<@]*<?$`)

// maxAddress is the longest address. RFC 5321 4.5.3.1
const maxAddress = 254

// lastAddress finds the last mail address of s and where it starts.
func lastAddress(s string) (string, int) {
	for at := strings.LastIndexByte(s, '@'); at > 0; at = strings.LastIndexByte(s[:at], '@') {
		if address, start := addressAt(s, at); address != "" {
			return address, start
		}
	}
	return "", -1
}

// addressAt returns the address around the "@" at that place, "" if there is none. An
// underscore in the domain is a typing error that a reply may be about.
func addressAt(s string, at int) (address string, start int) {
	i, j := at, at+1
	for i > 0 && at-i < maxAddress && addressByte(s[i-1]) {
		i--
	}
	for j < len(s) && j-at < maxAddress && (domainByte(s[j]) || s[j] == '_') {
		j++
	}
	i += len(beforeAddress().FindString(s[i:at]))
	address = strings.TrimRight(s[i:j], ".-:")
	if inner, ok := strings.CutPrefix(address, "_"); ok && strings.HasSuffix(inner, "_") { // emphasis
		address, i = strings.TrimRight(inner, "_"), i+1
	}
	if i >= at || !strings.Contains(address[strings.IndexByte(address, '@'):], ".") {
		return "", -1
	}
	return address, i
}

// beforeAddress matches what stands before an address without being part of it: a
// stray quote, and the name of a field, such as "user=".
var beforeAddress = kit.Lazily("(?i)^(?:(?:to|o?rcpt|rcptto|orig_to|ctladdr|addr|from|mail|(?:sasl_)?user(?:name)?|sender|recipients?|email|address|mailbox|account|login|[FPUS])=)?['`*]*")

func addressByte(c byte) bool {
	return domainByte(c) || strings.IndexByte("_+=~/!#$%&*?^`|", c) >= 0 || c == '\''
}

func domainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || digit(c) || c == '-' || c == '.' || c >= 0x80
}

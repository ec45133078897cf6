package bounce

import (
	"strings"

	"maildiag/checks/kit"
)

// openers start a line that is not part of the reply before it, whatever that
// one looks like.
var openers = []string{
	"<<<", ">>>", "---", "===", "***", "...", "giving up", "i'm not going",
	"message will be retried", "original message", "diagnostic information", "generating server", "this is ",
	"the original message", "remote server returned", "stack trace", "- ",
	"how to fix", "more info", "kind regards", "regards,", "thanks,", "hi ",
	"was this helpful", "-----", "out: ", "in: ", "s: ", "c: ", "<- ", "<--",
	"-> ", "client ->", "server ->", "smtp ->", "smtp error", "client:", "server:", "traceback",
}

// dialogue are what programs write before each line of a dialogue that they log.
var dialogue = []string{"smtp<<", "smtp>>", "smtp <<", "smtp >>", "client ->", "server ->", "send:", "sent:", "recv:", "reply:", "got:", "received:", "<~", "~>", "<** ", "<= recv", "=> send"}

// sentences start a sentence that servers and people write after a reply. They
// may also stand within it, so that they only end a reply that has ended.
var sentences = []string{
	"for further", "for more information, ", "please ", "thanks", "hello", "received ", "subject ", "regards",
	"error: ", "at ",
}

func hasPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// recipientLine reports whether a line starts with an address and holds a code
// of its own.
func recipientLine(line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	if !strings.Contains(word, "@") {
		return false
	}
	for i := range rest {
		if i > 0 && opens(rest, i) {
			if _, n := enhancedAt(rest, i); n > 0 {
				return true
			}
		}
	}
	return false
}

// command reports whether a line, in lower case, is a command of a client. RFC 5321 4.1.1
func command(low string) bool {
	switch strings.TrimSpace(low) {
	case "data", "quit", "rset", "noop", "starttls", "exit", "auth login", "auth plain":
		return true
	}
	return hasPrefix(low, []string{"mail from:", "rcpt to:", "mail from ", "ehlo ", "helo "})
}

// stackFrame reports whether a line is one of a stack trace: "at Class.Method(".
func stackFrame(low string) bool {
	rest, ok := strings.CutPrefix(low, "at ")
	if !ok {
		return false
	}
	word, _, _ := strings.Cut(rest, " ")
	return strings.ContainsAny(word, "(.:/") && !strings.HasSuffix(word, ".")
}

// label reports whether a line starts with a label such as "Diagnostic-Code:"
// or "Error Code:", which begins something new.
func label(line string) bool {
	i := strings.IndexByte(line[:min(len(line), 40)], ':')
	if i <= 0 || i+1 < len(line) && line[i+1] != ' ' && line[i+1] != '\t' && line[i+1] != '<' {
		return false
	}
	name := line[:i]
	if strings.Count(name, " ") > 2 || strings.Trim(name, " -_") == "" {
		return false
	}
	for _, c := range []byte(name) {
		if !letter(c) && !digit(c) && c != '-' && c != '_' && c != ' ' {
			return false
		}
	}
	return name[0] >= 'A' && name[0] <= 'Z' || strings.Contains(name, "-") || knownLabel(name)
}

// knownLabel reports whether a name in lower case is a field of a header or a
// log: in a sentence a colon may follow any word.
func knownLabel(name string) bool {
	switch name {
	case "from", "to", "subject", "date", "received", "status", "action", "sent", "cc", "relay", "dsn":
		return true
	}
	return false
}

// starts reports whether a line begins something new.
func starts(line string) bool {
	low := strings.ToLower(line[:min(len(line), 40)])
	bare := strings.TrimLeft(low, "0123456789 \t[]:") // behind the number of a process, or a time
	if hasPrefix(low, openers) || stackFrame(low) || command(low) || hasPrefix(bare, dialogue) {
		return true
	}
	if line[0] == '<' && strings.Contains(line[:min(len(line), 120)], ">:") {
		return true // the next recipient
	}
	if recipientLine(line) || dialogField().MatchString(line) {
		return true
	}
	if _, ok := headAt(line, 0); ok {
		return true
	}
	return logLine(line)
}

// dialogField matches a line of a mail program's dialog, in any language: "Servidor: 'mail.contoso.com'".
var dialogField = kit.Lazily(`^\pL[\pL ().-]{2,45}: ?(?:'[^'\n]*'|0x[0-9A-Fa-f]{8}|SMTP|\d{1,5})\s*$`)

// prose matches how people begin a sentence below a reply, which ended without a full
// stop; servers do not begin one so.
var prose = kit.Lazily(`^(?:I|It|We|My|Here|There|When|Since|Does|Do|Did|Anyone|Anybody|Any|Has|Have|Can|Could|What|Why|How|Nothing|So|But|And|Is|Are|Am|Maybe|Also|However|Same|Hello|Hi|Hey|Dear|Kind|Best|Cheers|Greetings|` +
	`Ich|Wir|Es|Bei|Kann|Hat|Habt|Woran|Warum|Wieso|Weshalb|Was|Wie|Wo|Unser|Unsere|Mein|Meine|Mit|Vielen|Danke|Seit|Wenn|Leider|leider|Hallo|Guten|Gruß|Grüße|Viele|Liebe|Gestern|Heute|Hier|Auch|Aber|Und|Nun|Jetzt)[ ,!?]|^(?:This (?:happens|started|worked|only|has been|is (?:on|with|my|our|the))|The (?:same|port|server is|log|logs)|Our (?:provider|server|admin|isp|hoster|host)|See (?:the )?attached|(?:Das|Der|Die) [A-ZÄÖÜ]?[\pL]+ (?:ist|sind|sagt|geht|funktioniert|war)\b)`)

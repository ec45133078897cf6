package bounce

import (
	"strings"

	"maildiag/checks/kit"
)

// How far before and behind a number its place in the line is read.
const (
	placeBack  = 80
	placeAhead = 80
)

// placed reports whether the three digits at i are another number than a reply code,
// which their place in the line shows: a process, a line of a program, a port, the
// value of a field, a count. enhanced says that an enhanced code follows them.
func placed(s string, i int, enhanced bool) bool {
	if i > 0 && strings.IndexByte("#<>*|{", s[i-1]) >= 0 && (i < 2 || !letter(s[i-2]) && s[i-2] != ' ') {
		return false // marks of programs that quote a reply
	}
	line := strings.LastIndexByte(s[max(0, i-placeBack):i], '\n') + 1
	before := s[max(0, i-placeBack)+line : i]
	after := s[i+3 : min(len(s), i+3+placeAhead)]
	after, _, _ = strings.Cut(after, "\n")
	last := byte(' ')
	if before != "" {
		last = before[len(before)-1]
	}
	switch {
	case last == '[' && process(before, after):
		return true
	case strings.IndexByte(":(", last) >= 0 || strings.HasSuffix(before, "line "):
		if inSource().MatchString(before) {
			return true
		}
	case last == ' ' && strings.TrimLeft(before, " ") == "" && numberedLine().MatchString(after):
		return true
	}
	if enhanced {
		return false
	}
	switch last {
	case ':':
		return counted().MatchString(before) || portOf(before, after)
	case '=', '"', '\'':
		return counted().MatchString(before) || ofField(before, after)
	case ' ', '#':
		n := len(strings.TrimRight(before, " =#:"))
		if n > 0 && (letter(before[n-1]) || last == ' ' && digit(before[n-1])) && counted().MatchString(before) {
			return true
		}
	}
	return after != "" && strings.IndexByte("siSIbBgG", after[min(1, len(after)-1)]) >= 0 && ofHTTP().MatchString(after)
}

// process reports whether a number in brackets is that of the process which a log names
// before it, or of the thread behind the time: "postfix/smtp[550]: ".
func process(before, after string) bool {
	if !strings.HasPrefix(strings.TrimLeft(after, "0123456789"), "]") || after == "" || after[0] != ']' && !digit(after[0]) {
		return false
	}
	name, ok := strings.CutSuffix(before, "[")
	if !ok {
		return false
	}
	if stamp().MatchString(name) {
		return true
	}
	return runs().MatchString(name) && !saysCode().MatchString(name)
}

var (
	// runs matches the name of a program right before a bracket.
	runs = kit.Lazily(`[\w./)-]$`)
	// saysCode matches the words after which a number in brackets is a code.
	saysCode = kit.Lazily(`(?i)(?:code|error|err|status|reply|response|stat)$`)
	// stamp matches a line that holds nothing but a date and a time so far.
	stamp = kit.Lazily(`^\W*(?:\w{3},? )?(?:\d{4}-\d\d-\d\d|\w{3} +\d{1,2}|\d{1,2}[ ./-]\w{2,3}[ ./-]\d{2,4})[ T]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?: ?[+-]\d{4}|Z)?\W?\s*$`)
	// inSource matches the name of a file of a program, or the word line, before its number.
	inSource = kit.Lazily(`(?i)(?:\.(?:[cm]?[jt]sx?|vue|py|java|kt|scala|cs|vb|go|rb|rs|php\d?|phtml|inc|dart|swift|p[lm]|ps[dm]?1|h|hpp|cc?|cpp|cxx|lua|erl|exs?|sh|cgi|xml|html?|ya?ml|conf|cf|cfg|ini|json|log|txt|m?vm|mc|tpl)|\bnode:[\w/]+)"?,?(?: line | on line |[:(]|:line )$|\bline:? $`)
	// numberedLine matches a line of a log, or of Exim's dialogue, behind its own number.
	numberedLine = kit.Lazily(`^(?:[:\t |-]{1,3}(?:\w{3} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d)| +(?:SMTP[<>]{2}|LOG: |Connecting to |\d{3}[ -]))`)
	// counted matches the words after which a number counts or names something else.
	counted = kit.Lazily(`(?i)(?:^|[^\w-])(?:(?:pid|port|line|size|bytes|uid|gid|thread|process|child|tid)[ =:#]{0,3}|(?:msg|delivery|qp|id|attempt|job|queue|row|seq|length|session|worker|http(?:/\d(?:\.\d)?)?(?: status)?(?: code)?)[ =#]{1,2})$`)
	// ofHTTP matches the words behind a status of HTTP, RFC 9110 15.
	ofHTTP = kit.Lazily(`(?i)^ (?:status code\b|internal server error|bad gateway\b|gateway time-?out)`)
	// hostBefore matches an address of a host right before its port.
	hostBefore = kit.Lazily(`(?i)(?:[\da-f:.]\]|\d\.\d{1,3}|[a-z\d]\.[a-z]{2,}|\blocalhost):$`)
	// fieldBefore matches the name of a field before its value.
	fieldBefore = kit.Lazily(`([\w.-]+)=["']?$`)
	// onlyValue matches the end of a value that is nothing but a number.
	onlyValue = kit.Lazily(`^["']?(?:$|[,;)}\]]|\s+(?:$|\(|[\w.-]+=))`)
	// codeField matches the names of fields that hold codes.
	codeField = kit.Lazily(`(?i)(?:code|stat|status|dsn|err\w*|reply|response|result|reason|smtp\w*|msg|message|led|diag\w*|text)$`)
	// sizeField matches the names of fields that hold numbers, whatever follows.
	sizeField = kit.Lazily(`(?i)(?:size|bytes|delays?|nrcpts?|pri|pid|uid|gid|port|line|len|length|count|id|time|ms|session|qp|took|seq|thread|l?rport|s|qt|dt)$`)
)

// portOf reports whether a number right behind the address of a host is its port.
func portOf(before, after string) bool {
	return hostBefore().MatchString(before) && !strings.HasPrefix(after, "-") && (before[len(before)-2] == ']' || !textFollows(strings.TrimLeft(after, " "), 0))
}

// ofField reports whether a number is the value of a field that holds no code.
func ofField(before, after string) bool {
	name := fieldBefore().FindStringSubmatch(before)
	if name == nil || codeField().MatchString(name[1]) {
		return false
	}
	return sizeField().MatchString(name[1]) || onlyValue().MatchString(after)
}

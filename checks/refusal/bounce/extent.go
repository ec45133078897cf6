package bounce

import (
	"strings"

	"maildiag/checks/kit"
)

// The limits of one reply.
const (
	maxReply = 2000 // bytes
	maxLines = 60
	widest   = 80  // columns of a screen
	maxLoose = 600 // bytes of a reply that goes on without a code or an indent
	maxLead  = 100 // bytes before a reply that show whether a sentence names it
)

// extent returns the text of a reply whose codes are at i, over all the lines
// that it was broken into, and its end.
func extent(s string, i int, h head) (raw string, end int) {
	var b strings.Builder
	limit := min(len(s), i+maxReply)
	closer, prose := closes(s, i), inProse(s, i)
	h.lead = dialog(s, i)
	at := h.text
	var open depth
	for n := 0; n < maxLines && at < limit; n++ {
		line := s[at:limit]
		if j := strings.IndexByte(line, '\n'); j >= 0 {
			line = line[:j]
		}
		part, closed := open.cut(line, closer)
		if prose {
			part, closed = cutNext(s[:at+len(part)], at, h, closed)
		}
		b.WriteString(part)
		at += len(part)
		if next := s[at:limit]; closed && closer != 0 {
			if n := nextOfList(next, closer, h); n > 0 {
				b.WriteByte(' ')
				at += n
				continue
			}
		}
		if closed {
			return b.String(), at
		}
		next, ok := continues(s, at, limit, line, h)
		if !ok {
			break
		}
		b.WriteByte(' ')
		at = next
	}
	return b.String(), at
}

// maxDialog is the length of what a program writes before the lines of a dialogue, as in
// a log with times and IDs.
const maxDialog = 160

// dialog returns what stands in the line before the codes of a reply of several lines, if a
// program writes it before each line: "S: 550-first", "S: 550 last".
func dialog(s string, i int) string {
	if i+3 >= len(s) || s[i+3] != '-' {
		return ""
	}
	before := s[max(0, i-maxDialog):i]
	line := strings.LastIndexByte(before, '\n')
	if line < 0 && i > maxDialog {
		return ""
	}
	return before[line+1:]
}

// cutLead cuts from a line what stood before the first line of a reply. Its digits may
// differ, as those of times do.
func cutLead(line, lead string) (string, bool) {
	if lead == "" || len(line) < len(lead) {
		return "", false
	}
	for i := range len(lead) {
		if line[i] != lead[i] && !(digit(line[i]) && digit(lead[i])) {
			return "", false
		}
	}
	return line[len(lead):], true
}

// closes returns the quote that ends a reply which stands in quotes, 0 if none.
func closes(s string, i int) byte {
	for i > 0 && (s[i-1] == '#' || s[i-1] == '<') {
		i--
	}
	if i == 0 {
		return 0
	}
	switch c := s[i-1]; c {
	case '\'', '"', '`':
		return c
	}
	return 0
}

// depth counts the brackets that are open: ( [ {. A screen may have broken the line
// between them.
type depth [3]int

// cutClosed cuts a line where the quotes or brackets end that were opened before it.
func cutClosed(line string, quote byte) (string, bool) {
	var open depth
	return open.cut(line, quote)
}

// cut cuts a line of a reply where the quotes or brackets end that were opened before
// the reply.
func (d *depth) cut(line string, quote byte) (string, bool) {
	for i := range len(line) {
		c := line[i]
		if c == quote && quote != 0 && !wordAt(line, i+1) && !(i > 0 && line[i-1] == '\\') {
			return line[:i], true
		}
		if k := strings.IndexByte("([{", c); k >= 0 {
			d[k]++
		}
		if k := strings.IndexByte(")]}", c); k >= 0 {
			d[k]--
			if d[k] < 0 {
				return line[:i], true
			}
		}
	}
	return line, false
}

// wordAt reports whether a letter stands at i: then the quote before it is an
// apostrophe.
func wordAt(s string, i int) bool {
	return i < len(s) && letter(s[i])
}

// continues reports whether the reply goes on after the line that ends at at,
// and returns the index of what to add.
func continues(s string, at, limit int, line string, h head) (int, bool) {
	if at >= limit || s[at] != '\n' {
		return 0, false
	}
	start := at + 1
	next := lineAt(s, start, limit)
	if blank(next) { // of a reply that was pasted with an empty line between its lines
		if start += len(next) + 1; start >= limit {
			return 0, false
		}
		if next = lineAt(s, start, limit); blank(next) || !unfinished(line, next, h) {
			return 0, false
		}
	}
	trimmed := strings.TrimLeft(next, " \t>|")
	body := strings.TrimPrefix(strings.TrimPrefix(trimmed, "<<< "), "<<<")
	if n := sameCodes(body, h); n > 0 {
		return start + len(next) - len(body) + n, true
	}
	if rest, ok := cutLead(next, h.lead); ok {
		if n := sameCodes(rest, h); n > 0 {
			return start + len(h.lead) + n, true
		}
	}
	if h.accepts() {
		return 0, false // what is accepted is said in a line
	}
	only := strings.TrimSpace(line) == "" // the codes stand alone, and what follows is theirs
	if _, said, ok := strings.Cut(next, ": "); only && ok && sameCodes(said, h) > 0 {
		return 0, false // "Server error: 454", "Server response: 454 4.7.1 Relay access denied"
	}
	if !(only && trimmed[0] == '<') && starts(trimmed) || at-h.text > maxLoose && !indented(next) || !wrapped(s[strings.LastIndexByte(s[:at], '\n')+1:at], line, next, h) {
		return 0, false
	}
	return start + len(next) - len(trimmed), true
}

// lineAt returns the line of s that starts at i, up to limit.
func lineAt(s string, i, limit int) string {
	line, _, _ := strings.Cut(s[i:limit], "\n")
	return line
}

func blank(line string) bool { return strings.Trim(line, " \t>|") == "" }

// unfinished reports whether a reply whose last line is given goes on behind an empty
// line: with its own code, or in the middle of a sentence.
func unfinished(line, next string, h head) bool {
	body := strings.TrimLeft(next, " \t>|")
	if sameCodes(body, h) > 0 {
		return true
	}
	end := strings.TrimRight(line, " \t")
	if end == "" || strings.IndexByte(".!?:)\"'", end[len(end)-1]) >= 0 || strings.HasSuffix(strings.TrimRight(body, " \t"), ":") {
		return false
	}
	return body[0] >= 'a' && body[0] <= 'z' || strings.IndexByte("(<[", body[0]) >= 0 && !label(body)
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

func indented(line string) bool { return line[0] == ' ' || line[0] == '\t' || line[0] == '[' }

// sameCodes returns the length of the codes with which a line continues a reply
// of several lines: "550-5.7.1 ", "550 5.7.1 ", "550 ".
func sameCodes(line string, h head) int {
	if e, n := enhancedAt(line, 0); n > 0 && e == h.enhanced {
		return n
	}
	if h.code == 0 {
		return 0
	}
	code, ok := codeAt(line, 0)
	if !ok || code != h.code {
		return 0
	}
	j := skipBetween(line, 3)
	if e, n := enhancedAt(line, j); n > 0 {
		if h.enhanced != "" && e != h.enhanced {
			return 0
		}
		return j + n
	}
	return min(4, len(line))
}

var months = "jan feb mar apr may jun jul aug sep oct nov dec"

// logLine reports whether a line starts with a date, as those of logs do.
func logLine(line string) bool {
	if len(line) < 10 {
		return false
	}
	if line[3] == ' ' && strings.Contains(months, strings.ToLower(line[:3])) && (digit(line[4]) || digit(line[5])) {
		return true
	}
	return digit(line[0]) && digit(line[1]) && digit(line[2]) && digit(line[3]) && line[4] == '-' && digit(line[5])
}

// wrapped reports whether a line was broken in the middle of a reply and next
// goes on: text of the reply that a screen or program wrapped with or without
// an indent. line is what whole holds of the reply.
func wrapped(whole, line, next string, h head) bool {
	end := strings.TrimRight(line, " \t")
	if prose().MatchString(next) {
		return false
	}
	if end == "" {
		return h.code != 0 || h.enhanced != ""
	}
	if n := indent(next); strings.HasSuffix(end, `\n`) || n > 0 && n == indent(whole) && next[n] >= 'a' && next[n] <= 'z' && label(next[n:]) {
		return false // the end of what a program shows, or the next line of a quoted log
	}
	if next[0] == ' ' || next[0] == '\t' || next[0] == '[' && onlyTrailer(next) {
		return true
	}
	last := end[len(end)-1]
	if strings.IndexByte(";,:-=(", last) >= 0 || strings.IndexByte(".,)#", next[0]) >= 0 {
		return true
	}
	body := strings.TrimLeft(next, " \t>|")
	full := fills(strings.TrimRight(whole, " \t"), body)
	if label(body) && (!full || strings.IndexByte(".!?", last) >= 0) {
		return false
	}
	if strings.IndexByte(".!?", last) < 0 || full {
		return true
	}
	return !capital(body) && !hasPrefix(strings.ToLower(body[:min(len(body), 40)]), sentences)
}

func capital(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }

// fills reports whether the first word of the next line had no room left on a
// line of the usual widths of a screen, so that the break was the screen's.
func fills(line, next string) bool {
	word, _, _ := strings.Cut(next, " ")
	for _, width := range []int{34, 40, 50} {
		if len(line) <= width && len(line)+1+len(word) > width {
			return true
		}
	}
	return len(line) <= widest && len(line)+1+len(word) > widest-20
}

// finish turns the raw text of a reply into its Text: on one line, without
// repeated codes, without the trailer and what the reporter added.
func (f *found) finish(raw string) {
	raw = strings.Join(strings.Fields(raw), " ")
	if at := nextRecord().FindStringIndex(raw); at != nil {
		raw = raw[:at[0]]
	}
	raw = dropCodes(raw, f.Code, f.Enhanced)
	for range maxTrailers { // each server that passed it on may have added its own; the first said it
		rest, t := cutTrailer(raw)
		if t == nil {
			break
		}
		raw, f.Trailer = rest, t
	}
	if i := strings.Index(raw, "(in reply to "); i >= 0 {
		f.SignIn = strings.HasPrefix(raw[i:], "(in reply to AUTH")
		if strings.HasPrefix(raw[i:], "(in reply to MAIL") {
			f.Command = "MAIL"
		}
		raw = raw[:i]
	}
	if at := logFields().FindStringIndex(raw); at != nil {
		raw = raw[:at[0]]
	}
	raw = f.logText(raw)
	raw = strings.TrimLeft(raw, " ,")
	if strings.HasPrefix(raw, "b'") || strings.HasPrefix(raw, `b"`) {
		raw = raw[1:] // bytes of Python
	}
	raw = strings.TrimSuffix(strings.TrimRight(raw, " \"'"), `\n`) // as a program shows the end of a line
	f.Text = strings.Trim(strings.TrimSuffix(raw, `\r`), " \t-;:,'\"`")
	f.Text = strings.TrimSuffix(strings.TrimSuffix(f.Text, "##"), "#")
	f.Text = strings.TrimSpace(f.Text)
}

// nextRecord matches where another line of a log begins, whose break was lost.
var nextRecord = kit.Lazily(` (?:\w{3} +\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\S+) \S+ [\w./-]+\[\d+\]: `)

// logFields matches where the fields begin that Postfix's smtpd and cleanup write after
// a reply: they are about the client, and no words of the server.
var logFields = kit.Lazily(`;\s*(?:(?:from|to|helo|client|orig_client)=<|proto=E?SMTP\b|sasl_\w+=)`)

// logText takes the reason out of the rest of a log line: "stat=User unknown"
// of Sendmail, "status=bounced (reason)" of Postfix.
func (f *found) logText(raw string) string {
	rest := strings.TrimLeft(raw, ", ")
	if s, ok := strings.CutPrefix(rest, "stat="); ok {
		return f.sent(s, strings.HasPrefix(s, "Sent"))
	}
	if status, ok := strings.CutPrefix(rest, "status="); ok {
		if _, s, ok := strings.Cut(rest, "("); ok {
			reason, _ := cutClosed(s, 0) // the next line of the log may follow
			return f.sent(reason, strings.HasPrefix(status, "sent"))
		}
	}
	return raw
}

// sent notes what the log says of a message that left: the next server accepted
// it, or it is in a mailbox here. The reply of that server is not its text.
func (f *found) sent(reason string, ok bool) string {
	if !ok {
		return reason
	}
	f.Action = "relayed"
	if strings.HasPrefix(reason, "delivered to ") {
		f.Action = "delivered"
	}
	if h, ok := headAt(reason, 0); ok && h.code/100 == 2 && (h.enhanced == "" || h.enhanced == f.Enhanced) {
		f.Code, reason = h.code, reason[h.text:]
	}
	return reason
}

// dropCodes removes the codes that stand at the start of each line of a reply
// of several lines, once the lines are joined.
func dropCodes(raw string, code int, enhanced string) string {
	if code == 0 || enhanced == "" {
		return raw
	}
	digits := string([]byte{byte('0' + code/100), byte('0' + code/10%10), byte('0' + code%10)})
	for _, sep := range []string{"-", " "} {
		raw = strings.ReplaceAll(raw, " "+digits+sep+enhanced+" ", " ")
	}
	return raw
}

package smtpprobe

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on what a server may send. RFC 5321 4.5.3.1.5 allows a reply line
// 512 bytes; real servers write longer ones.
const (
	maxLine       = 2048      // bytes of a line with its end
	maxReplyLines = 128       // lines of a reply
	maxReply      = 64 * 1024 // bytes of a reply
)

// Reply is a server's answer.
type Reply struct {
	Code     int    `json:"code"`               // 0: no reply could be read
	Enhanced string `json:"enhanced,omitempty"` // RFC 3463, e.g. "5.7.139"

	// Lines holds all lines verbatim with their codes, without line ends.
	// Bytes that are not UTF-8 are written \xNN. After an error it holds what
	// came before it.
	Lines []string `json:"lines"`

	// Withheld reports whether Lines holds a placeholder, because the text may
	// have repeated the secret. Known is what Config.Recognize said of the text.
	Withheld bool   `json:"withheld,omitempty"`
	Known    string `json:"known,omitempty"`
}

// Text returns what the reply says without the codes, its lines joined by blanks.
func (r *Reply) Text() string {
	if r == nil {
		return ""
	}
	var out []string
	for _, line := range r.Lines {
		_, _, text := splitLine(line)
		if r.Enhanced != "" {
			text = strings.TrimPrefix(text, r.Enhanced)
		}
		out = append(out, strings.TrimSpace(text))
	}
	return strings.TrimSpace(strings.Join(out, " "))
}

// String returns the lines as they came.
func (r *Reply) String() string { return strings.Join(r.Lines, "\n") }

// Contradiction reports how the codes of a reply contradict one another; empty if
// they do not. Each line has the same enhanced code, and its class is that of
// the reply (RFC 2034 4).
func (r *Reply) Contradiction() string {
	var first string
	for _, line := range r.Lines {
		code, _, text := splitLine(line)
		word, _, _ := strings.Cut(text, " ")
		class, _, dotted := strings.Cut(word, ".")
		if code/100 < 2 || !dotted || enhancedCode(int(word[0]-'0')*100, word) == "" {
			continue
		}
		switch {
		case class != strconv.Itoa(code/100):
			return fmt.Sprintf("%d with %s", code, word)
		case first != "" && word != first:
			return first + " and " + word
		}
		first = word
	}
	return ""
}

// splitLine cuts a reply line into its code, whether more lines follow, and
// its text. A line that is not one of a reply has code 0 and is all text.
func splitLine(line string) (code int, more bool, text string) {
	if len(line) < 3 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return 0, false, line
	}
	// RFC 5321 4.2: the first digit is 2 to 5, the second 0 to 5.
	if line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '5' || line[2] < '0' || line[2] > '9' {
		return 0, false, line
	}
	code, _ = strconv.Atoi(line[:3])
	if len(line) == 3 { // RFC 5321 4.2: a code without text is to be accepted
		return code, false, ""
	}
	return code, line[3] == '-', line[4:]
}

// enhancedCode finds the enhanced status code at the start of a reply's text
// (RFC 2034 4); its class must be that of the reply code.
func enhancedCode(code int, text string) string {
	word, _, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 || parts[0] != strconv.Itoa(code/100) {
		return ""
	}
	for _, p := range parts[1:] { // RFC 3463 2: subject and detail have 1 to 3 digits
		if len(p) < 1 || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return ""
		}
	}
	return word
}

// reader reads replies within the limits. It keeps what it read too much in
// buf, so that the conversation can see it.
type reader struct {
	src io.Reader
	buf []byte // read and not yet used

	bareLF bool // a line ended without CR
}

// reply reads one reply. The Reply is never nil: with an error it holds what
// came before it.
func (r *reader) reply() (*Reply, error) {
	rep := &Reply{}
	size := 0
	for {
		line, err := r.line()
		if line != "" || err == nil {
			rep.Lines = append(rep.Lines, clean(line))
		}
		if err != nil {
			return rep, err
		}
		code, more, text := splitLine(line)
		size += len(line)
		switch {
		case code == 0:
			return rep, fail(ClassProtocol, "the line is not an SMTP reply")
		case rep.Code == 0:
			rep.Code, rep.Enhanced = code, enhancedCode(code, text)
		case code != rep.Code: // RFC 5321 4.2.1: the codes must be the same
			return rep, fail(ClassProtocol, fmt.Sprintf("one reply has two codes, %d and %d", rep.Code, code))
		}
		if !more {
			return rep, nil
		}
		if len(rep.Lines) == maxReplyLines || size > maxReply-maxLine {
			return rep, fail(ClassTooLong, fmt.Sprintf("the reply goes on after %d lines (%d bytes)",
				len(rep.Lines), size))
		}
	}
}

// line reads one line and cuts its end, CRLF or a bare LF. With an error it
// gives what came so far.
func (r *reader) line() (string, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(r.buf[seen:], '\n'); i >= 0 && seen+i < maxLine {
			line, whole := strings.CutSuffix(string(r.buf[:seen+i]), "\r")
			r.bareLF = r.bareLF || !whole
			r.buf = r.buf[seen+i+1:]
			return line, nil
		}
		if len(r.buf) >= maxLine {
			line := string(r.buf[:maxLine])
			r.buf = r.buf[maxLine:]
			return line, fail(ClassTooLong, fmt.Sprintf("a line is longer than %d bytes", maxLine))
		}
		seen = len(r.buf)
		if err := r.fill(); err != nil {
			line := string(r.buf)
			r.buf = nil
			return line, err
		}
	}
}

// fill reads what there is, up to one line's limit.
func (r *reader) fill() error {
	chunk := make([]byte, maxLine)
	n, err := r.src.Read(chunk)
	r.buf = append(r.buf, chunk[:n]...)
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// clean makes valid UTF-8 of hostile bytes: what is not is written \xNN.
func clean(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, c := range s {
		if c == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				fmt.Fprintf(&b, `\x%02x`, s[i])
				continue
			}
		}
		b.WriteRune(c)
	}
	return b.String()
}

package smtptest

import (
	"crypto/tls"
	"strconv"
	"strings"
	"time"
)

// Script is a server that says and expects fixed lines, in the notation of
// transcripts. Each line is one of:
//
//	S: 220 hello         send the line with CRLF; "S: " may be left out
//	C: EHLO              wait for a line that starts so, in either case
//	# a comment
//	!tls                 shake hands (needs TLS)
//	!sleep 50ms          pause
//	!await               wait until the other end has sent something
//	!drip 5ms 250 hello  send the line with CRLF, byte by byte, with a pause before each
//	!raw "250 a\r\n"     send exactly these bytes (a Go string)
//	!flood 250-x         send the line with CRLF until the other end closes, at most 1 GiB
//	!trickle 14s 250-x   send the line with CRLF after each pause until the other end closes
//	!stall               read on and say nothing until the other end closes
//	!deaf                neither read nor say anything for an hour
//	!fin                 end our direction
//	!rst                 break the connection
//	!close               close the connection
//
// Lines that follow one another go out in one piece. After the last line the
// connection is closed.
type Script struct {
	Text string
	TLS  *tls.Config
}

// Serve plays the script.
func (s Script) Serve(c *Conn) { c.Play(s.Text, s.TLS) }

// Play plays a script; false means that the conversation is over.
func (c *Conn) Play(text string, cfg *tls.Config) bool {
	out := ""
	flush := func() bool { t := out; out = ""; return t == "" || c.Send(t) }
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "!raw "): // joins the lines around it
			raw, err := strconv.Unquote(strings.TrimPrefix(line, "!raw "))
			if err != nil {
				return false
			}
			out += raw
		case line[0] == '!':
			if !flush() || !c.direct(line[1:], cfg) {
				return false
			}
		case strings.HasPrefix(line, "C: "):
			if !flush() || !c.expect(line[3:]) {
				return false
			}
		default:
			out += strings.TrimPrefix(line, "S: ") + "\r\n"
		}
	}
	return flush()
}

func (c *Conn) expect(prefix string) bool {
	got, ok := c.Line()
	return ok && len(got) >= len(prefix) && strings.EqualFold(got[:len(prefix)], prefix)
}

// direct obeys one directive; false ends the conversation.
func (c *Conn) direct(line string, cfg *tls.Config) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "tls":
		return cfg != nil && c.StartTLS(cfg)
	case "sleep":
		d, err := time.ParseDuration(rest)
		time.Sleep(d)
		return err == nil
	case "await":
		_, err := c.in.Peek(1)
		return err == nil
	case "drip":
		pause, text, _ := strings.Cut(rest, " ")
		d, err := time.ParseDuration(pause)
		return err == nil && c.Drip(d, text+"\r\n")
	case "flood":
		c.flood(rest + "\r\n")
	case "trickle":
		pause, text, _ := strings.Cut(rest, " ")
		d, err := time.ParseDuration(pause)
		for err == nil && c.Send(text+"\r\n") {
			time.Sleep(max(d, time.Microsecond))
		}
	case "stall":
		c.Drain()
	case "deaf":
		time.Sleep(time.Hour)
	case "fin":
		c.CloseWrite()
		return true
	case "rst":
		c.Reset()
	}
	return false
}

// maxFlood bounds what a flood sends: it is a test, not a weapon.
const maxFlood = 1 << 30

func (c *Conn) flood(line string) {
	block := strings.Repeat(line, max(1, 32*1024/len(line)))
	for sent := 0; sent < maxFlood && c.Send(block); sent += len(block) {
	}
}

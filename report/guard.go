package report

import (
	"bytes"
	"io"
)

// CI systems read the log of a job line by line and obey what looks like a command:
//
//	GitHub Actions    a line that starts with "::name" after blanks; "##[name" anywhere
//	Azure Pipelines   "##vso[" anywhere in a line
//	TeamCity          "##teamcity[" anywhere in a line
//	GitLab            "section_start:…\r\x1b[0K", which needs bytes that [Clean] escapes
//
// Sources: actions/runner ActionCommand.cs, microsoft/azure-pipelines-agent
// Command.cs, TeamCity "Service Messages", GitLab "Custom collapsible sections".

// Escapes are how a format writes the two characters that make a command.
type Escapes struct{ Colon, Bracket string }

// The escapes of the formats. The zero value leaves the start of lines alone,
// for a format that is made of such commands.
var (
	PlainEscapes = Escapes{`\u003a`, `\u005b`} // of text, JSON, HCL and JavaScript
	PageEscapes  = Escapes{"&#58;", "&#91;"}   // of HTML and XML
	ZoneEscapes  = Escapes{`\058`, `\091`}     // RFC 1035 5.1
	ownCommands  = Escapes{"", `\u005b`}       // of annotations
)

// Guard is a writer that breaks whatever a CI system would obey, in any piece
// and across pieces. Everything else passes through unchanged.
//
// It follows two patterns: blanks and ':' since the start of the line, and '#',
// '#', letters. Bytes that some runner skips or trims count as blanks.
type Guard struct {
	w       io.Writer
	escapes Escapes

	inLine bool // something other than a blank came before in this line
	colon  bool // a ':' came first in this line, and nothing since
	hashes int  // of the run of '#', letters after which are part of the name
	named  bool // letters came after the '#'
	color  bool // within one of our own color sequences
	err    error
	b      []byte
}

// NewGuard returns a guard before w.
func NewGuard(w io.Writer, e Escapes) *Guard { return &Guard{w: w, escapes: e} }

// Unwrap returns the writer behind the guard.
func (g *Guard) Unwrap() io.Writer { return g.w }

// Err returns the last error of a write; callers that print help see none.
func (g *Guard) Err() error { return g.err }

// Write implements [io.Writer].
func (g *Guard) Write(p []byte) (int, error) {
	g.b = g.b[:0]
	for rest := p; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
		}
		rest = rest[len(line):]
		if g.harmless(line) {
			g.b = append(g.b, line...)
			g.inLine = line[len(line)-1] != '\n'
			continue
		}
		for _, c := range line {
			g.next(c)
		}
	}
	if _, err := g.w.Write(g.b); err != nil {
		g.err = err
		return 0, err
	}
	return len(p), nil
}

// harmless reports whether a line, or the rest of one, can be passed on without
// a look at each byte.
func (g *Guard) harmless(line []byte) bool {
	if g.colon || g.hashes > 0 || bytes.IndexByte(line, '#') >= 0 || bytes.IndexByte(line, '\r') >= 0 || g.color {
		return false
	}
	return g.inLine || line[0] > ' ' && line[0] < 0x7f && line[0] != ':'
}

func (g *Guard) next(c byte) {
	switch {
	case g.color || c == 0x1b: // ECMA-48 5.4: up to the final byte
		g.color = c == 0x1b || c == '[' || c < '@'
	case c == '\n' || c == '\r':
		g.inLine, g.colon, g.hashes, g.named = false, false, 0, false
	case c <= ' ' || c >= 0x7f: // RFC 20; what .NET trims or ignores lies within
		if c == ' ' || c == '\t' {
			g.hashes, g.colon = 0, false
		}
	case c == ':' && g.colon && g.escapes.Colon != "":
		g.colon, g.hashes = false, 0
		g.b = append(g.b, g.escapes.Colon...)
		return
	case c == '[' && g.hashes >= 2:
		g.hashes = 0
		g.b = append(g.b, g.escapes.Bracket...)
		return
	default:
		g.colon = c == ':' && !g.inLine
		g.inLine = true
		g.follow(c)
	}
	g.b = append(g.b, c)
}

// follow notes a character that may belong to "##name".
func (g *Guard) follow(c byte) {
	letter := c|0x20 >= 'a' && c|0x20 <= 'z'
	switch {
	case c == '#' && !g.named:
		g.hashes++
	case c == '#':
		g.hashes, g.named = 1, false
	case letter && g.hashes > 0:
		g.named = true
	default:
		g.hashes, g.named = 0, false
	}
}

package mtasts

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"maildiag/dnsrec/taglist"
)

// Mode is how far a policy goes. RFC 8461 5
type Mode string

// The modes.
const (
	Enforce Mode = "enforce" // senders do not deliver where the policy is not met
	Testing Mode = "testing" // senders report, and deliver all the same
	None    Mode = "none"    // as if there was no policy
)

// MaxAge is the longest time that a policy may ask to be kept. RFC 8461 3.2
const MaxAge = 31557600 * time.Second

// Policy is the file.
type Policy struct {
	Mode       Mode
	MX         []string // patterns, lower case: a host name, or "*." and a name
	MaxAge     time.Duration
	Extensions []Field
}

// usualPolicy is how long most policies are.
const usualPolicy = 128

// String returns the file as it is served, with CRLF at each line's end.
func (p Policy) String() string {
	var b strings.Builder
	b.Grow(usualPolicy)
	line := func(name, value string) {
		for _, s := range [...]string{name, ": ", value, "\r\n"} {
			b.WriteString(s)
		}
	}
	line("version", Version)
	line("mode", string(p.Mode))
	for _, mx := range p.MX {
		line("mx", mx)
	}
	line("max_age", strconv.FormatInt(int64(p.MaxAge/time.Second), 10))
	for _, f := range p.Extensions {
		line(f.Name, f.Value)
	}
	return b.String()
}

// Allows reports whether a sender that obeys the policy delivers to host.
func (p Policy) Allows(host string) bool {
	return slices.ContainsFunc(p.MX, func(pattern string) bool { return Match(pattern, host) })
}

// Match reports whether an mx pattern matches a host. The star stands for
// exactly one label, the left-most: *.mx.example does not match
// a.b.mx.example. RFC 8461 4.1
func Match(pattern, host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	parent, wild := strings.CutPrefix(strings.ToLower(pattern), "*.")
	if !wild {
		return parent == host
	}
	label, rest, _ := strings.Cut(host, ".")
	return label != "" && rest != "" && rest == parent
}

// Problem is one thing that is wrong with a policy file.
type Problem struct {
	Line  int    // counted from 1; 0: of the file as a whole
	Text  string // the line as it is, bounded
	Fault string // what is wrong, in plain words
	Want  string // the line as it should be, where that can be told
	Fatal bool   // a sender that goes by the RFC does not accept the policy
}

func (p Problem) String() string {
	s := p.Fault
	if p.Line > 0 {
		s = fmt.Sprintf("line %d: %s", p.Line, s)
	}
	if p.Want != "" {
		s += "; write " + p.Want
	}
	return s
}

// Valid reports whether senders accept a policy with these problems.
func Valid(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return p.Fatal })
}

// maxProblems is how many problems of one file are told.
const maxProblems = 20

// ParsePolicy reads a policy file and lists all that is wrong with it, in the
// order of the lines. The policy holds whatever could be read.
func ParsePolicy(body []byte) (Policy, []Problem) {
	p := policyParser{seen: map[string]int{}}
	if p.alien(body) {
		return Policy{}, p.problems
	}
	body = bytes.TrimPrefix(body, []byte(bom))
	for i, line := range p.lines(string(body)) {
		p.line(i+1, line)
	}
	p.finish()
	return p.policy, p.problems
}

const bom = "\uFEFF"

type policyParser struct {
	policy   Policy
	problems []Problem
	seen     map[string]int // field → line of the first
	more     int            // fatal problems beyond maxProblems
}

func (p *policyParser) say(line int, text string, fatal bool, want, format string, args ...any) {
	if len(p.problems) >= maxProblems {
		if fatal && Valid(p.problems) {
			p.problems[maxProblems-1].Fatal = true
		}
		p.more++
		return
	}
	p.problems = append(p.problems, Problem{line, taglist.Clip(text), fmt.Sprintf(format, args...), want, fatal})
}

// alien recognizes what is no policy at all, so that one problem is told and
// not one for each line.
func (p *policyParser) alien(body []byte) bool {
	start := strings.ToLower(string(bytes.TrimLeft(body[:min(len(body), 512)], " \t\r\n\xEF\xBB\xBF")))
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		p.say(0, "", true, "", "the file is empty")
	case bytes.HasPrefix(body, []byte("\xFF\xFE")), bytes.HasPrefix(body, []byte("\xFE\xFF")):
		p.say(0, "", true, "", "the file is in UTF-16; save it as plain ASCII or UTF-8")
	case strings.HasPrefix(start, "<"):
		p.say(1, start[:min(len(start), 60)], true, "", "this is a web page, not a policy")
	case strings.HasPrefix(start, "{"):
		p.say(1, start[:min(len(start), 60)], true, "", "this is JSON, not a policy")
	default:
		if bytes.HasPrefix(body, []byte(bom)) {
			p.say(1, "", true, "", "the file starts with a byte order mark; save it as UTF-8 without BOM")
		}
		return false
	}
	return true
}

// lines splits at LF or CRLF, both of which the grammar of RFC 8461 3.2 takes.
func (p *policyParser) lines(body string) []string {
	end := "\n"
	if !strings.Contains(body, "\n") && strings.Contains(strings.TrimRight(body, "\r"), "\r") {
		p.say(0, "", true, "", "the lines end in CR alone; save the file with CRLF or LF")
		end = "\r"
	}
	lines := strings.Split(strings.TrimSuffix(body, end), end)
	for i := range lines {
		lines[i] = strings.TrimRight(strings.TrimSuffix(lines[i], "\r"), " \t")
	}
	return lines
}

// line reads one line, without its end and the blanks before it.
func (p *policyParser) line(n int, line string) {
	name, value, colon := strings.Cut(line, ":")
	value = strings.TrimLeft(value, " \t")
	switch {
	case line == "":
		p.say(n, line, false, "", "an empty line; not every sender skips it")
	case !utf8.ValidString(line):
		p.say(n, line, true, "", "bytes that are not UTF-8")
	case strings.ContainsFunc(line, isControl):
		p.say(n, line, true, "", "control characters")
	case strings.TrimLeft(line, " \t") != line:
		p.say(n, line, true, strings.TrimLeft(line, " \t"), "spaces at the start of the line")
	case !colon:
		p.say(n, line, true, guessLine(line), "not of the form name: value")
	case strings.TrimRight(name, " \t") != name:
		p.say(n, line, true, strings.TrimRight(name, " \t")+": "+value, "spaces before the colon")
	case !taglist.ValidField(name):
		p.say(n, line, true, "", "%q is not a field name; a policy has no comments", taglist.Clip(name))
	default:
		p.field(n, line, name, value)
	}
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }

// guessLine turns "mode=testing" and "mode testing" into "mode: testing".
func guessLine(line string) string {
	name, value, found := strings.Cut(line, "=")
	if !found {
		name, value, found = strings.Cut(line, " ")
	}
	if known := knownName(strings.TrimSpace(name)); found && known != "" {
		return known + ": " + strings.TrimSpace(value)
	}
	return ""
}

// knownName returns the field that a misspelled name means; "" if none.
func knownName(name string) string {
	letters := func(r rune) rune {
		if strings.ContainsRune("_-.", r) {
			return -1
		}
		return r
	}
	switch strings.Map(letters, strings.ToLower(name)) {
	case "version", "v":
		return "version"
	case "mode":
		return "mode"
	case "mx", "mxs":
		return "mx"
	case "maxage":
		return "max_age"
	}
	return ""
}

func (p *policyParser) field(n int, line, name, value string) {
	first, again := p.seen[name]
	known := name == knownName(name)
	if known && !again {
		p.seen[name] = n
	}
	switch {
	case known && again && name != "mx": // RFC 8461 3.2: the first counts
		p.say(n, line, false, "", "a second %s; senders take that of line %d", name, first)
	case name == "version" && value != Version:
		p.say(n, line, true, "version: "+Version, "unknown version")
	case name == "version":
	case name == "mode":
		p.mode(n, line, value)
	case name == "mx":
		p.mx(n, line, value)
	case name == "max_age":
		p.maxAge(n, line, value)
	default:
		p.extension(n, line, name, value)
	}
}

func (p *policyParser) mode(n int, line, value string) {
	p.policy.Mode = Mode(value)
	switch p.policy.Mode {
	case Enforce, Testing, None:
		return
	}
	p.policy.Mode = ""
	want := ""
	switch guess := strings.ToLower(strings.Trim(value, " []\"'<>.;")); Mode(guess) {
	case Enforce, Testing, None:
		want = "mode: " + guess
	}
	p.say(n, line, true, want, "the mode must be enforce, testing or none")
}

func (p *policyParser) mx(n int, line, value string) {
	name := strings.ToLower(strings.TrimPrefix(value, "*."))
	switch {
	case validDomain(name):
		p.policy.MX = append(p.policy.MX, strings.ToLower(value))
	case strings.HasSuffix(name, ".") && validDomain(strings.TrimRight(name, ".")):
		p.say(n, line, true, "mx: "+strings.TrimRight(value, "."), "a host name here has no dot at its end")
	case strings.ContainsAny(value, ", ;"):
		p.say(n, line, true, "", "one host name a line; write an mx line for each")
	case strings.Contains(name, "*"):
		p.say(n, line, true, "", "a star may only be the whole first label, as in *.example.com")
	case value == "":
		p.say(n, line, true, "", "no host name")
	default:
		p.say(n, line, true, "", "%q is not a host name (letters, digits, hyphens and dots)", taglist.Clip(value))
	}
}

const (
	maxAgeDigits = 10     // RFC 8461 3.2
	goodAge      = 604800 // what is proposed in place of something broken: a week
)

func (p *policyParser) maxAge(n int, line, value string) {
	digits := value != "" && strings.Trim(value, "0123456789") == ""
	seconds, err := strconv.ParseInt(value, 10, 64)
	want := fmt.Sprintf("max_age: %d", goodAge)
	switch {
	case !digits:
		p.say(n, line, true, want, "max_age must be a number of seconds, digits only")
	case err != nil || len(value) > maxAgeDigits:
		p.say(n, line, true, fmt.Sprintf("max_age: %d", MaxAge/time.Second), "max_age has more than 10 digits")
	default:
		p.policy.MaxAge = time.Duration(seconds) * time.Second
		if p.policy.MaxAge > MaxAge {
			p.say(n, line, false, fmt.Sprintf("max_age: %d", MaxAge/time.Second), "max_age is over a year; "+
				"senders cut it")
		}
	}
}

func (p *policyParser) extension(n int, line, name, value string) {
	if known := knownName(name); known != "" {
		p.say(n, line, false, known+": "+value, "%q is not the name of a field", name)
		return
	}
	if value == "" {
		p.say(n, line, false, "", "%q has no value", name)
		return
	}
	p.policy.Extensions = append(p.policy.Extensions, Field{name, value})
}

// finish looks for what is missing. RFC 8461 3.2
func (p *policyParser) finish() {
	for _, f := range []struct{ name, want string }{
		{"version", "version: " + Version},
		{"mode", "mode: testing"},
		{"mx", ""},
		{"max_age", fmt.Sprintf("max_age: %d", goodAge)},
	} {
		if _, found := p.seen[f.name]; found || f.name == "mx" && p.policy.Mode == None {
			continue
		}
		p.say(0, "", true, f.want, "the field %s is missing", f.name)
	}
	if p.more > 0 {
		last := &p.problems[maxProblems-1]
		last.Fault += fmt.Sprintf(" (and %d problems more)", p.more)
	}
}

const (
	maxDomain = 253 // characters of a name; RFC 1035 2.3.4
	maxLabel  = 63
)

// validDomain reports whether s, in lower case, is a Domain of RFC 5321 4.1.2.
func validDomain(s string) bool {
	if len(s) > maxDomain {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxLabel || !taglist.Alnum(label[0]) || !taglist.Alnum(label[len(label)-1]) ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

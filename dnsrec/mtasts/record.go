// Package mtasts reads and writes the two halves of MTA-STS (RFC 8461).
//
// STARTTLS alone protects mail against nobody who can change packets: whoever
// removes the offer of TLS from the dialogue, or answers for the MX host with
// a certificate of his own, gets the mail in the clear. With MTA-STS a domain
// says beforehand, over HTTPS, which names its MX hosts bear and that they
// speak TLS with a valid certificate; a sender that has seen this delivers
// nowhere else.
//
// The first half is a [Record], a TXT record at _mta-sts.DOMAIN, which tells
// that there is a policy and, by its id, when it has changed. The second half
// is the [Policy], a text file at
// https://mta-sts.DOMAIN/.well-known/mta-sts.txt, which a sender keeps for
// max_age seconds.
package mtasts

import (
	"fmt"
	"strings"

	"maildiag/dnsrec/dkim/taglist"
)

// Version is the only one there is. RFC 8461 3.1
const Version = "STSv1"

const maxID = 32 // characters of an id; RFC 8461 3.1

// RecordName gives the name at which a domain publishes its record.
func RecordName(domain string) string { return "_mta-sts." + domain }

// PolicyHost gives the host that serves a domain's policy. RFC 8461 3.3
func PolicyHost(domain string) string { return "mta-sts." + domain }

// PolicyURL gives the place of a domain's policy. RFC 8461 3.3
func PolicyURL(domain string) string {
	return "https://" + PolicyHost(domain) + "/.well-known/mta-sts.txt"
}

// Record is the TXT record.
type Record struct {
	ID         string // changes whenever the policy does
	Extensions []Field
}

// Field is a field of a record or a policy that the RFC does not define.
type Field struct{ Name, Value string }

// SyntaxError tells where a record is broken.
type SyntaxError struct {
	Pos  int    // byte offset in the record
	Text string // what is wrong, and what is right
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("mtasts: byte %d: %s", e.Pos+1, e.Text) }

// String gives the record as it is published.
func (r Record) String() string {
	s := "v=" + Version + "; id=" + r.ID
	for _, f := range r.Extensions {
		s += "; " + f.Name + "=" + f.Value
	}
	return s
}

// Parse reads a TXT record. If it does not start with "v=STSv1;" it is not
// ours, and senders ignore it (RFC 8461 3.1); see [Resembles]. The error is a
// [*SyntaxError]: senders act as if there was no record.
func Parse(txt string) (rec Record, ours bool, err error) {
	rest, found := strings.CutPrefix(txt, "v="+Version)
	if rest = strings.TrimLeft(rest, " \t"); !found || rest != "" && rest[0] != ';' {
		return Record{}, false, nil
	}
	id := false
	for i, tag := range taglist.Split(txt) {
		if err := checkTag(txt, tag); err != nil {
			return Record{}, true, err
		}
		switch {
		case i == 0: // the version
		case tag.Name != "id":
			rec.Extensions = append(rec.Extensions, Field{tag.Name, tag.Value})
		case !id: // RFC 8461 3.2: of duplicates the first counts
			rec.ID, id = tag.Value, true
			if err := checkID(tag); err != nil {
				return Record{}, true, err
			}
		}
	}
	if !id {
		return Record{}, true, &SyntaxError{len(txt), "the id is missing; write for example v=STSv1; " +
			"id=20260131120000"}
	}
	return rec, true, nil
}

func checkTag(txt string, t taglist.Tag) error {
	switch {
	case !t.Equals:
		return &SyntaxError{t.Pos, fmt.Sprintf("%q is not of the form name=value", clip(t.Name))}
	case !validName(t.Name):
		return &SyntaxError{t.Pos, fmt.Sprintf("%q is not a field name", clip(t.Name))}
	case t.ValuePos != t.Pos+len(t.Name)+1:
		return &SyntaxError{t.Pos + len(t.Name), fmt.Sprintf("no blank may stand around the = of %q", clip(t.Name))}
	case t.Value == "":
		return &SyntaxError{t.ValuePos, fmt.Sprintf("%q has no value", clip(t.Name))}
	}
	for i := range len(t.Value) {
		if c := t.Value[i]; c <= ' ' || c >= 0x7F || c == '=' { // RFC 8461 3.1 sts-ext-value
			return &SyntaxError{t.ValuePos + i, fmt.Sprintf("the character %q may not stand in a value; is a "+
				"semicolon missing?", c)}
		}
	}
	return nil
}

func checkID(t taglist.Tag) error {
	for i := range len(t.Value) {
		if !alnum(t.Value[i]) {
			return &SyntaxError{t.ValuePos + i, fmt.Sprintf(
				"the id may hold letters and digits only, not %q; write for example id=20260131120000", t.Value[i])}
		}
	}
	if len(t.Value) > maxID {
		return &SyntaxError{t.ValuePos + maxID, "the id is longer than 32 characters"}
	}
	return nil
}

// Resembles tells whether a TXT record that is not ours looks as if it was
// meant to be, and why senders ignore it.
func Resembles(txt string) (why string, yes bool) {
	plain := strings.ToLower(strings.Trim(txt, "\"' \t\r\n\u00a0\u200b\ufeff"))
	version := strings.ToLower("v=" + Version)
	switch {
	case strings.HasPrefix(txt, "v="+Version):
		return `after v=STSv1 a semicolon must follow`, true
	case strings.HasPrefix(strings.ToLower(txt), version):
		return `the version must be written exactly v=STSv1`, true
	case strings.HasPrefix(plain, version):
		return `something stands before v=STSv1`, true
	case strings.HasPrefix(strings.ReplaceAll(plain, " ", ""), version):
		return `no blank may stand in v=STSv1`, true
	case strings.HasPrefix(plain, "stsv1"), strings.HasPrefix(plain, "version:"):
		return `it does not start with v=STSv1;`, true
	}
	return "", false
}

const maxName = 32 // characters of a field name; RFC 8461 3.1 and 3.2

// validName tells whether s is a field name: a letter or digit, then up to 31
// letters, digits, underscores, hyphens and dots.
func validName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !alnum(c) && (i == 0 || c != '_' && c != '-' && c != '.') {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

func alnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// clip bounds a piece of a hostile text for a message.
func clip(s string) string {
	const most = 60
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

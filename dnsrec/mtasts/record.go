// Package mtasts reads and writes the two halves of MTA-STS (RFC 8461).
//
// STARTTLS alone protects mail against nobody who can change packets: anyone who
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
	"time"

	"maildiag/dnsrec/taglist"
)

// Version is the only one there is. RFC 8461 3.1
const Version = "STSv1"

const maxID = 32 // characters of an id; RFC 8461 3.1

// Label is the name of the record below its domain.
const Label = "_mta-sts"

// RecordName returns the name at which a domain publishes its record.
func RecordName(domain string) string { return Label + "." + domain }

// PolicyHost returns the host that serves a domain's policy. RFC 8461 3.3
func PolicyHost(domain string) string { return "mta-sts." + domain }

// PolicyURL returns the place of a domain's policy. RFC 8461 3.3
func PolicyURL(domain string) string {
	return "https://" + PolicyHost(domain) + "/.well-known/mta-sts.txt"
}

// Record is the TXT record.
type Record struct {
	ID         string // changes whenever the policy does
	Extensions []Field
}

// Time reads the id where it is a time, as in the example of RFC 8461 3.1; zero: it is
// none.
func (r Record) Time() time.Time {
	for _, layout := range []string{"20060102T150405", "20060102150405", "20060102150405Z", "20060102T150405Z"} {
		if t, err := time.Parse(layout, strings.ToUpper(r.ID)); err == nil {
			return t
		}
	}
	return time.Time{}
}

// Announced returns the first record among TXT values that says that there is a
// policy.
func Announced(values []string) (rec Record, ok bool) {
	for _, v := range values {
		if r, ours, err := Parse(v); ours && err == nil {
			return r, true
		}
	}
	return rec, false
}

// Field is a field of a record or a policy that the RFC does not define.
type Field struct{ Name, Value string }

// SyntaxError reports where a record is broken.
type SyntaxError struct {
	Pos  int    // byte offset in the record
	Text string // what is wrong, and what is right
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("mtasts: byte %d: %s", e.Pos+1, e.Text) }

// String returns the record as it is published.
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
		if pos, fault := tag.Field(""); fault != "" {
			return Record{}, true, &SyntaxError{pos, fault}
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

func checkID(t taglist.Tag) error {
	for i := range len(t.Value) {
		if !taglist.Alnum(t.Value[i]) {
			return &SyntaxError{t.ValuePos + i, fmt.Sprintf(
				"the id may hold letters and digits only, not %q; write for example id=20260131120000", t.Value[i])}
		}
	}
	if len(t.Value) > maxID {
		return &SyntaxError{t.ValuePos + maxID, "the id is longer than 32 characters"}
	}
	return nil
}

// Resembles reports whether a TXT record that is not ours looks as if it was
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
	if _, slipped := taglist.Slipped(txt, Version); slipped {
		return `the version is misspelled: it must be v=STSv1`, true
	}
	return "", false
}

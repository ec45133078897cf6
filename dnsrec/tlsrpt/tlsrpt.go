// Package tlsrpt reads and writes the records of SMTP TLS Reporting (RFC 8460).
//
// Senders that could not use TLS as a domain's MTA-STS policy or TLSA records
// demand can tell the domain so, once a day, in a small JSON report. The domain
// says where to in a TXT record at _smtp._tls.DOMAIN: a mail address or an
// https URL. Without it a domain that demands TLS does not learn that mail is
// held back.
package tlsrpt

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Version is the only one there is. RFC 8460 3
const Version = "TLSRPTv1"

// Label is the name of the record below its domain.
const Label = "_smtp._tls"

// RecordName returns the name at which a domain publishes its record.
func RecordName(domain string) string { return Label + "." + domain }

// Record is the TXT record.
type Record struct {
	RUA        []string // where reports go: mailto: and https: URIs, encoded as in the record
	Extensions []Field
}

// Field is a field that the RFC does not define.
type Field struct{ Name, Value string }

// SyntaxError reports where a record is broken.
type SyntaxError struct {
	Pos  int    // byte offset in the record
	Text string // what is wrong, and what is right
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("tlsrpt: byte %d: %s", e.Pos+1, e.Text) }

// String returns the record as it is published.
func (r Record) String() string {
	s := "v=" + Version + "; rua=" + strings.Join(r.RUA, ",")
	for _, f := range r.Extensions {
		s += "; " + f.Name + "=" + f.Value
	}
	return s
}

// Parse reads a TXT record. If it does not start with "v=TLSRPTv1;" it is not
// ours, and reporters ignore it (RFC 8460 3); see [Resembles]. The error is a
// [*SyntaxError]: reporters act as if there was no record.
func Parse(txt string) (rec Record, ours bool, err error) {
	rest, found := strings.CutPrefix(txt, "v="+Version)
	if rest = strings.TrimLeft(rest, " \t"); !found || rest != "" && rest[0] != ';' {
		return Record{}, false, nil
	}
	for i, tag := range taglist.Split(txt) {
		also := ""
		if tag.Name == "rua" {
			also = " \t=" // blanks around commas, see parseURIs; = in a URI
		}
		if pos, fault := tag.Field(also); fault != "" {
			return Record{}, true, &SyntaxError{pos, fault}
		}
		switch {
		case i == 0: // the version
		case tag.Name != "rua":
			rec.Extensions = append(rec.Extensions, Field{tag.Name, tag.Value})
		case rec.RUA == nil: // as with MTA-STS, of duplicates the first counts
			if rec.RUA, err = parseURIs(tag.Value, tag.ValuePos); err != nil {
				return Record{}, true, err
			}
		}
	}
	if rec.RUA == nil {
		return Record{}, true, &SyntaxError{len(txt), "rua is missing; write for example " +
			"rua=mailto:tls-reports@example.com"}
	}
	return rec, true, nil
}

// parseURIs reads the value of rua, which starts at pos.
func parseURIs(value string, pos int) (uris []string, err error) {
	for piece, more := "", true; more; {
		piece, value, more = strings.Cut(value, ",")
		uri := strings.Trim(piece, " \t")
		at := pos + len(piece) - len(strings.TrimLeft(piece, " \t"))
		if text := checkURI(uri); text != "" {
			return nil, &SyntaxError{min(at, pos+len(piece)), text}
		}
		uris = append(uris, uri)
		pos += len(piece) + 1
	}
	return uris, nil
}

// checkURI says what is wrong with a reporting address; "" if nothing.
func checkURI(uri string) string {
	scheme, rest, _ := strings.Cut(uri, ":")
	u, err := url.Parse(uri)
	switch {
	case uri == "":
		return "an empty address in rua"
	case strings.ContainsAny(uri, " \t"):
		return "addresses in rua are separated by commas, not by spaces"
	case !strings.Contains(uri, ":") && strings.Contains(uri, "@"):
		return fmt.Sprintf("mailto: is missing before the address; write rua=mailto:%s", taglist.Clip(uri))
	case err != nil:
		return fmt.Sprintf("%q is not a URI", taglist.Clip(uri))
	case strings.EqualFold(scheme, "mailto"):
		return checkMail(rest)
	case strings.EqualFold(scheme, "https"):
		if u.Hostname() == "" {
			return fmt.Sprintf("%q has no host", taglist.Clip(uri))
		}
		return ""
	}
	return fmt.Sprintf("%q is neither a mailto: nor an https: URI", taglist.Clip(uri)) // RFC 8460 3
}

func checkMail(rest string) string {
	addr, _, _ := strings.Cut(rest, "?")
	addr, err := url.PathUnescape(addr)
	at := strings.LastIndexByte(addr, '@')
	switch {
	case err != nil || at <= 0 || at == len(addr)-1:
		return fmt.Sprintf("%q is not a mail address", taglist.Clip(rest))
	case strings.Contains(rest, "!"):
		return "a ! in an address must be written %21, and no size limit is allowed here (that is DMARC)" // RFC 8460 3
	}
	return ""
}

// Resembles reports whether a TXT record that is not ours looks as if it was
// meant to be, and why reporters ignore it.
func Resembles(txt string) (why string, yes bool) {
	plain := strings.ToLower(strings.Trim(txt, "\"' \t\r\n\u00a0\u200b\ufeff"))
	version := strings.ToLower("v=" + Version)
	switch {
	case strings.HasPrefix(txt, "v="+Version):
		return `after v=TLSRPTv1 a semicolon must follow`, true
	case strings.HasPrefix(strings.ToLower(txt), version):
		return `the version must be written exactly v=TLSRPTv1`, true
	case strings.HasPrefix(plain, version):
		return `something stands before v=TLSRPTv1`, true
	case strings.HasPrefix(strings.ReplaceAll(plain, " ", ""), version):
		return `no blank may stand in v=TLSRPTv1`, true
	case strings.HasPrefix(plain, "v=tlsrpt"), strings.HasPrefix(plain, "tlsrpt"), strings.HasPrefix(plain, "rua="):
		return `it does not start with v=TLSRPTv1;`, true
	}
	if _, slipped := taglist.Slipped(txt, Version); slipped {
		return `the version is misspelled: it must be v=TLSRPTv1`, true
	}
	return "", false
}

// Merge makes one record of several, with the addresses of all. Those of a
// broken record count too, as far as they can be made out.
func Merge(texts []string) (one Record) {
	for _, txt := range slices.Sorted(slices.Values(texts)) {
		rec, _, err := Parse(txt)
		if err != nil {
			rec = Record{RUA: Addresses(txt)}
		}
		for _, uri := range rec.RUA {
			if !slices.Contains(one.RUA, uri) {
				one.RUA = append(one.RUA, uri)
			}
		}
		for _, f := range rec.Extensions {
			if !slices.ContainsFunc(one.Extensions, func(o Field) bool { return o.Name == f.Name }) {
				one.Extensions = append(one.Extensions, f)
			}
		}
	}
	return one
}

// maxAddresses bounds what Addresses finds.
const maxAddresses = 10

// Addresses finds the reporting addresses that a broken record probably means,
// as proper URIs.
func Addresses(txt string) (uris []string) {
	pieces := strings.FieldsFunc(txt, func(r rune) bool { return strings.ContainsRune(" \t;,=\"'<>!", r) })
	for _, piece := range pieces {
		if strings.Contains(piece, "@") && !strings.Contains(piece, ":") {
			piece = "mailto:" + piece
		}
		scheme, _, found := strings.Cut(strings.ToLower(piece), ":")
		if found && (scheme == "mailto" || scheme == "https") && checkURI(piece) == "" && printable(piece) {
			uris = append(uris, piece)
		}
		if len(uris) == maxAddresses {
			break
		}
	}
	return uris
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7F })
}

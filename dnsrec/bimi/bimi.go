// Package bimi reads the three parts of BIMI, Brand Indicators for Message
// Identification (draft-brand-indicators-for-message-identification): the
// record, the logo and the mark certificate.
//
// A domain whose DMARC policy is quarantine or reject may publish, at
// default._bimi.DOMAIN, where its logo lies and where a certificate lies that
// says who owns it. Some mailbox providers show the logo beside messages that
// pass DMARC. The logo is an SVG image of a small profile, Tiny Portable/Secure
// (draft-svg-tiny-ps-abrotman); the certificate is a VMC (for a registered
// trade mark) or a CMC (for a mark in common use).
package bimi

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/dnsrec/taglist"
)

// Draft is where the rules are; there is no RFC.
const Draft = "https://datatracker.ietf.org/doc/draft-brand-indicators-for-message-identification/"

// Version is the only one there is.
const Version = "BIMI1"

// Label is the name of the record below its domain.
const Label = "default._bimi"

// RecordName returns the name of a domain's record for the usual selector.
func RecordName(domain string) string { return Label + "." + domain }

// Record is the TXT record.
type Record struct {
	Logo       string   // l=: https URL of the SVG; empty in a record that declines
	Authority  string   // a=: https URL of the certificate, or "self", or empty
	Preference string   // avp=: "brand" or "personal"; empty stands for brand
	Prefixes   []string // lps=: local parts with a logo of their own
	Extensions []Field
}

// Field is a tag that this package does not know.
type Field struct{ Name, Value string }

// Declines reports whether the domain wants no logo shown.
func (r Record) Declines() bool { return r.Logo == "" && r.Authority == "" }

// SyntaxError reports where a record is broken.
type SyntaxError struct {
	Pos  int    // byte offset in the record
	Text string // what is wrong, and what is right
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("bimi: byte %d: %s", e.Pos+1, e.Text) }

// String returns the record as it is published.
func (r Record) String() string {
	s := "v=" + Version + "; l=" + r.Logo + ";"
	if r.Authority != "" || r.Declines() {
		s += " a=" + r.Authority + ";"
	}
	if r.Preference != "" {
		s += " avp=" + r.Preference + ";"
	}
	if len(r.Prefixes) > 0 {
		s += " lps=" + strings.Join(r.Prefixes, ",") + ";"
	}
	for _, f := range r.Extensions {
		s += " " + f.Name + "=" + f.Value + ";"
	}
	return s
}

// Parse reads a TXT record. If it does not start with v=BIMI1 it is not ours.
// The error is a [*SyntaxError].
func Parse(txt string) (rec Record, ours bool, err error) {
	tags := taglist.Split(txt)
	if len(tags) == 0 || tags[0].Name != "v" || tags[0].Value != Version {
		return Record{}, false, nil
	}
	var known []string
	for _, t := range tags {
		switch {
		case !t.Equals:
			return Record{}, true, &SyntaxError{t.Pos, fmt.Sprintf("%q is not of the form name=value", taglist.Clip(t.Name))}
		case !taglist.ValidName(t.Name):
			return Record{}, true, &SyntaxError{t.Pos, fmt.Sprintf("%q is not a tag name", taglist.Clip(t.Name))}
		case slices.Contains(known, t.Name):
			return Record{}, true, &SyntaxError{t.Pos, fmt.Sprintf("the tag %s stands twice", taglist.Clip(t.Name))}
		}
		known = append(known, t.Name)
		if text := rec.set(t.Name, t.Value); text != "" {
			return Record{}, true, &SyntaxError{t.ValuePos, text}
		}
	}
	if !slices.Contains(known, "l") {
		return Record{}, true, &SyntaxError{len(txt), "the tag l is missing; write l=https://... for a " +
			"logo, or l=; a=; to decline"}
	}
	return rec, true, nil
}

// set takes over one tag, and says what is wrong with its value.
func (r *Record) set(name, value string) string {
	switch name {
	case "v":
	case "l":
		r.Logo = value
		return checkURL(value, "")
	case "a":
		r.Authority = value
		return checkURL(value, "self")
	case "avp":
		if r.Preference = value; value != "brand" && value != "personal" {
			return fmt.Sprintf("avp must be brand or personal, not %q", taglist.Clip(value))
		}
	case "lps":
		r.Prefixes = taglist.ListValue(value, ",")
	default:
		if value == "" {
			return fmt.Sprintf("the tag %s has no value", taglist.Clip(name))
		}
		r.Extensions = append(r.Extensions, Field{name, value})
	}
	return ""
}

// checkURL says what is wrong with a location; "" if nothing. word is another
// value that is allowed.
func checkURL(value, word string) string {
	const scheme = "https://"
	switch {
	case value == "" || value == word:
	case len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme):
		return fmt.Sprintf("%q does not start with https://", taglist.Clip(value))
	case strings.ContainsFunc(value, func(c rune) bool { return c <= ' ' || c == 0x7F }):
		return "a URL cannot contain spaces; a semicolon is probably missing"
	}
	return ""
}

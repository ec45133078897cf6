package dkim

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"maildiag/dnsrec/taglist"
)

// Tags is a tag list of a signature (RFC 6376 3.2), without the white space
// around names and values.
type Tags map[string]string

// ParseTags reads the value of a field. A tag may stand only once.
func ParseTags(value string) (Tags, error) {
	tags := Tags{}
	pieces := strings.Split(value, ";")
	if n := len(pieces) - 1; strings.Trim(pieces[n], taglist.WSP) == "" {
		pieces = pieces[:n] // one semicolon may stand at the end
	}
	for _, piece := range pieces {
		name, v, ok := strings.Cut(piece, "=")
		name = strings.Trim(name, taglist.WSP)
		switch _, twice := tags[name]; {
		case !ok || !taglist.ValidName(name):
			return nil, errors.New("a piece of the signature is not of the form tag=value")
		case twice:
			return nil, errors.New("the tag " + taglist.Clip(name) + "= stands twice")
		}
		tags[name] = strings.Trim(v, taglist.WSP)
	}
	return tags, nil
}

// Squeezed returns a tag without any white space, as base64 and names are read.
func (t Tags) Squeezed(name string) string { return strings.Join(strings.Fields(t[name]), "") }

// List returns the items of a tag between colons.
func (t Tags) List(name string) []string {
	v := t.Squeezed(name)
	if v == "" {
		return nil
	}
	return strings.Split(v, ":")
}

// Base64 decodes a tag.
func (t Tags) Base64(name string) ([]byte, error) {
	return base64.StdEncoding.Strict().DecodeString(t.Squeezed(name))
}

// maxEpoch is far enough in the future for any date.
const maxEpoch = 1 << 40

// Time reads a tag of seconds since 1970; ok is false if it is absent.
func (t Tags) Time(name string) (at time.Time, ok bool, err error) {
	v, ok := t[name]
	if !ok {
		return time.Time{}, false, nil
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil || n > maxEpoch {
		return time.Time{}, true, errors.New(name + "= is not a time")
	}
	return time.Unix(int64(n), 0).UTC(), true, nil
}

// WithoutSignature returns a field as it was when it was signed: with the value
// of b= empty (RFC 6376 3.5). Signers differ in whether white space behind the
// value goes with it, so there may be a second form.
func WithoutSignature(raw string) []string {
	start := strings.IndexByte(raw, ':') + 1
	var all, kept strings.Builder
	all.WriteString(raw[:start])
	kept.WriteString(raw[:start])
	for i, piece := range strings.Split(raw[start:], ";") {
		if i > 0 {
			all.WriteByte(';')
			kept.WriteByte(';')
		}
		name, value, ok := strings.Cut(piece, "=")
		if !ok || strings.Trim(name, taglist.WSP) != "b" {
			all.WriteString(piece)
			kept.WriteString(piece)
			continue
		}
		all.WriteString(name + "=")
		kept.WriteString(name + "=" + value[len(strings.TrimRight(value, taglist.WSP)):])
	}
	if all.String() == kept.String() {
		return []string{all.String()}
	}
	return []string{all.String(), kept.String()}
}
